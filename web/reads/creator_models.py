"""A creator's models: those that are sold, those of the same name, and their direct prices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.lifecycle import in_lists_sql, model_stage_sql
from catalog.lineage import Relative
from catalog.provider_kinds import DIRECT
from catalog.sql import rows
from pricing.headline import SOLD
from web.http.page_cache import cached_read


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


@dataclass(frozen=True, slots=True)
class DirectPrices:
    """Base prices of a model's plain endpoint at a direct provider, in US dollars."""

    model_id: int
    provider_slug: str
    input: Decimal
    output: Decimal


# By model, then by the provider's slug.
PricesByModel = Mapping[int, Mapping[str, DirectPrices]]


@dataclass(frozen=True, slots=True)
class CreatorModels:
    """A creator's models: `sold` have a priced input at an endpoint in use, `released` are all that
    are out, retired ones too.
    """

    sold: tuple[OtherModel, ...]
    released: tuple[Relative, ...]
    prices: PricesByModel


NO_MODELS = CreatorModels((), (), {})

_SOLD = f"""
SELECT model.id, model.slug, model.name, model.family, model.mode,
       array_to_string(model.modalities_in, ' ') AS modalities_in,
       array_to_string(model.modalities_out, ' ') AS modalities_out,
       array_to_string(model.capabilities, ' ') AS capabilities,
       model.released, model.context_window AS context, {model_stage_sql()} AS stage,
       model.provider_count
FROM pricing_headline headline
JOIN catalog_model model ON model.id = headline.model_id
JOIN pricing_pricerow price ON price.endpoint_id = headline.endpoint_id
WHERE model.creator_id = %(creator_id)s
  AND headline.standing = ANY(%(sold)s) AND price.input_state = 'priced'
  AND {in_lists_sql("model")}
ORDER BY model.slug
"""  # noqa: S608 - put together from fixed words alone
_RELEASED = """
SELECT id, slug, name, family, released FROM catalog_model
WHERE creator_id = %(creator_id)s AND NOT floating AND released <> '' AND released <= %(today)s
  AND provider_count > 0
ORDER BY slug
"""
# Endpoints in their plain form: like beside like; the plainest of a provider first.
_DIRECT = """
SELECT endpoint.model_id, provider.slug AS provider_slug, price.input, price.output
FROM catalog_model model
JOIN catalog_endpoint endpoint ON endpoint.model_id = model.id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
WHERE model.creator_id = %(creator_id)s AND provider.kind = ANY(%(direct)s)
  AND endpoint.variant = '' AND endpoint.region = '' AND NOT endpoint.floating
  AND endpoint.missing_since IS NULL
  AND price.input_state = 'priced' AND price.output_state = 'priced'
ORDER BY endpoint.snapshot <> '', length(endpoint.upstream_id), endpoint.upstream_id
"""


def read_creator_models(creator_id: int, now: datetime) -> CreatorModels:
    today = now.date().isoformat()
    sold = rows(OtherModel, _SOLD, creator_id=creator_id, sold=list(SOLD), today=today)
    released = rows(Relative, _RELEASED, creator_id=creator_id, today=today)
    direct = rows(DirectPrices, _DIRECT, creator_id=creator_id, direct=list(DIRECT))
    return CreatorModels(tuple(sold), tuple(released), _plainest(direct))


creator_models = cached_read(read_creator_models, most=256)


def _plainest(prices: Iterable[DirectPrices]) -> PricesByModel:
    plainest: dict[int, dict[str, DirectPrices]] = defaultdict(dict)
    for row in prices:
        plainest[row.model_id].setdefault(row.provider_slug, row)
    return dict(plainest)
