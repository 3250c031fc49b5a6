"""A creator's models, which the page of each of them reads, and their direct prices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from catalog.lifecycle import in_lists_sql, model_stage_sql
from catalog.lineage import Relative
from catalog.provider_kinds import DIRECT
from catalog.sql import rows
from pricing.headline import SOLD
from web.http.page_cache import cached_read
from web.reads.listed_models import RowKey
from web.reads.prices import AnnouncedPrice, next_other
from web.reads.rates import announced_anywhere


@dataclass(frozen=True, slots=True)
class CreatorModel:
    """A model and its headline's endpoint. Its lists are words separated by spaces.

    There may be hundreds: reading arrays would take longer than the query. `sold` is whether that
    endpoint has a priced input, `listed` whether lists show the model, `place` its place in the
    order Top, after which comes what lists fold away.
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
    floating: bool
    endpoint_id: int | None
    sold: bool
    listed: bool
    place: int


@dataclass(frozen=True, slots=True)
class DirectPrices:
    """Base prices of a model's plain endpoint at a direct provider, in US dollars.

    What is announced of them is None where no other price is.
    """

    input: Decimal
    output: Decimal
    input_announced: AnnouncedPrice | None
    output_announced: AnnouncedPrice | None


@dataclass(frozen=True, slots=True)
class _DirectRow:
    model_id: int
    endpoint_id: int
    provider_slug: str
    input: Decimal
    output: Decimal


# By model, then by the provider's slug.
PricesByModel = Mapping[int, Mapping[str, DirectPrices]]


@dataclass(frozen=True, slots=True)
class CreatorModels:
    """A creator's models: `sold` have a priced input at an endpoint in use, `released` are all that
    are out, retired ones too, `top` the first few in the order Top.
    """

    sold: tuple[CreatorModel, ...]
    released: tuple[Relative, ...]
    top: tuple[RowKey, ...]
    prices: PricesByModel


# A model's page shows one less: all but itself.
TOP = 9
NO_MODELS = CreatorModels((), (), (), {})

_MODELS = f"""
SELECT model.id, model.slug, model.name, model.family, model.mode,
       array_to_string(model.modalities_in, ' ') AS modalities_in,
       array_to_string(model.modalities_out, ' ') AS modalities_out,
       array_to_string(model.capabilities, ' ') AS capabilities,
       model.released, model.context_window AS context, {model_stage_sql()} AS stage,
       model.provider_count, model.floating, headline.endpoint_id,
       coalesce(headline.standing = ANY(%(sold)s) AND price.input_state = 'priced', false)
           AND {in_lists_sql("model")} AS sold,
       {in_lists_sql("model")} AS listed,
       row_number() OVER (
           ORDER BY coalesce(headline.folded, '-') <> '', headline.top NULLS LAST, model.slug
       ) AS place
FROM catalog_model model
LEFT JOIN pricing_headline headline ON headline.model_id = model.id
LEFT JOIN pricing_pricerow price ON price.endpoint_id = headline.endpoint_id
WHERE model.creator_id = %(creator_id)s AND model.provider_count > 0
ORDER BY model.slug
"""  # noqa: S608 - put together from fixed words alone
# Endpoints in their plain form: like beside like; the plainest of a provider first.
_DIRECT = """
SELECT endpoint.model_id, endpoint.id AS endpoint_id, provider.slug AS provider_slug,
       price.input, price.output
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
    models = rows(CreatorModel, _MODELS, creator_id=creator_id, sold=list(SOLD), today=today)
    listed = sorted((model for model in models if model.listed), key=attrgetter("place"))
    direct: list[_DirectRow] = []
    if len(models) > 1:  # they are for comparison alone
        direct = rows(_DirectRow, _DIRECT, creator_id=creator_id, direct=list(DIRECT))
    return CreatorModels(
        sold=tuple(model for model in models if model.sold),
        released=tuple(
            Relative(model.id, model.slug, model.name, model.family, model.released)
            for model in models
            if not model.floating and "" < model.released <= today
        ),
        top=tuple(RowKey(model.id, model.endpoint_id) for model in listed[:TOP]),
        prices=_plainest(direct),
    )


creator_models = cached_read(read_creator_models, most=256)


def _plainest(prices: Iterable[_DirectRow]) -> PricesByModel:
    plainest: dict[int, dict[str, DirectPrices]] = defaultdict(dict)
    anywhere = announced_anywhere()
    for row in prices:
        if row.provider_slug in plainest[row.model_id]:
            continue
        put_in, put_out = (
            next_other(anywhere.get((row.endpoint_id, meter), ()), "priced", amount, "USD")
            for meter, amount in (("input", row.input), ("output", row.output))
        )
        plainest[row.model_id][row.provider_slug] = DirectPrices(
            row.input, row.output, put_in, put_out
        )
    return dict(plainest)
