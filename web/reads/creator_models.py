"""A creator's models: those that are sold, those of the same name, and their direct prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.lifecycle import in_lists_sql, model_stage_sql
from catalog.lineage import Relative
from catalog.sql import rows
from pricing.headline import SOLD


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A model that is sold for input. Its lists are words separated by spaces.

    There may be hundreds: reading arrays would take longer than the query.
    """

    id: int
    slug: str
    name: str
    family: str
    mode: str
    modalities_in: str
    modalities_out: str
    capabilities: str
    released: str
    context: int | None
    stage: str
    provider_count: int


_OTHERS = f"""
SELECT model.id, model.slug, model.name, model.family, model.mode,
       array_to_string(model.modalities_in, ' ') AS modalities_in,
       array_to_string(model.modalities_out, ' ') AS modalities_out,
       array_to_string(model.capabilities, ' ') AS capabilities,
       model.released, model.context_window AS context, {model_stage_sql()} AS stage,
       model.provider_count
FROM pricing_headline headline
JOIN catalog_model model ON model.id = headline.model_id
JOIN pricing_pricerow price ON price.endpoint_id = headline.endpoint_id
WHERE model.creator_id = %(creator_id)s AND model.id <> %(without)s
  AND headline.standing = ANY(%(sold)s) AND price.input_state = 'priced'
  AND {in_lists_sql("model")}
ORDER BY model.slug
"""  # noqa: S608 - put together from fixed words alone


def other_models(creator_id: int, *, without: int, now: datetime) -> list[OtherModel]:
    """A creator's models with a priced input at an endpoint in use, except one."""
    today = now.date().isoformat()
    return rows(
        OtherModel, _OTHERS, creator_id=creator_id, without=without, sold=list(SOLD), today=today
    )


@dataclass(frozen=True, slots=True)
class DirectPrices:
    """Base prices of a model's plain endpoint at a direct provider, in US dollars."""

    model_id: int
    provider_slug: str
    input: Decimal
    output: Decimal


# Endpoints in their plain form: like beside like.
_DIRECT = """
SELECT endpoint.model_id, provider.slug AS provider_slug, price.input, price.output
FROM catalog_model model
JOIN catalog_endpoint endpoint ON endpoint.model_id = model.id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
WHERE model.creator_id = %(creator_id)s AND provider.slug = ANY(%(providers)s)
  AND endpoint.variant = '' AND endpoint.region = '' AND NOT endpoint.floating
  AND endpoint.missing_since IS NULL
  AND price.input_state = 'priced' AND price.output_state = 'priced'
ORDER BY endpoint.snapshot <> '', length(endpoint.upstream_id), endpoint.upstream_id
"""


def direct_prices(creator_id: int, providers: Iterable[str]) -> list[DirectPrices]:
    return rows(DirectPrices, _DIRECT, creator_id=creator_id, providers=list(providers))


_RELATIVES = """
SELECT id, slug, name, family, released FROM catalog_model
WHERE creator_id = %(creator_id)s AND NOT floating AND released <> '' AND released <= %(today)s
  AND provider_count > 0
ORDER BY slug
"""


def relatives(creator_id: int, now: datetime) -> list[Relative]:
    """A creator's released models, retired ones too."""
    today = now.date().isoformat()
    return rows(Relative, _RELATIVES, creator_id=creator_id, today=today)
