"""The rows that stand for models: one endpoint's prices each, and a cheaper endpoint elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.sql import rows
from pricing.headline import SOLD
from pricing.meters import HEADLINE, Meter, meter, not_sold
from pricing.rates import State
from web.reads.live import METRICS, Measurement, live_figures
from web.reads.prices import Price
from web.reads.rates import Announced, announced_anywhere, with_announced

# From this ratio on a row shows by how many times another endpoint is cheaper.
WORTH_A_RATIO = 2


@dataclass(frozen=True, slots=True)
class LowerPrice:
    """The price of a meter at a cheaper endpoint; `ratio` is the headline's price by it."""

    meter: Meter
    amount: Decimal
    ratio: Decimal
    provider_slug: str
    provider: str
    kind: str

    @property
    def times(self) -> str:
        """By how many times it is cheaper; empty below `WORTH_A_RATIO`."""
        return f"÷ {self.ratio:.0f}" if self.ratio >= WORTH_A_RATIO else ""


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """One endpoint's whole row. `standing` is the endpoint's for this model.

    `prices` are those of input, output and cache reads; `own` is the price of another unit where
    input or output has none.
    """

    model_id: int
    endpoint_id: int
    upstream_id: str
    region: str
    variant: str
    provider_slug: str
    provider: str
    kind: str
    standing: str
    context: int | None
    max_input: int | None
    max_output: int | None
    capabilities: tuple[str, ...]
    lacks: tuple[str, ...]
    prices: tuple[Price, ...]
    own: Price | None
    lower: LowerPrice | None
    latency: Measurement | None = None
    throughput: Measurement | None = None
    uptime: Measurement | None = None

    @property
    def sold(self) -> bool:
        """Whether it is sold by use, at once and to everybody."""
        return self.standing in SOLD


@dataclass(frozen=True, slots=True)
class _Record:
    model_id: int
    endpoint_id: int
    upstream_id: str
    region: str
    variant: str
    mode: str
    capabilities: list[str]
    lacks: list[str]
    provider_slug: str
    provider: str
    kind: str
    standing: str
    context: int | None
    max_input: int | None
    max_output: int | None
    input: Decimal | None
    input_state: State
    output: Decimal | None
    output_state: State
    cache_read: Decimal | None
    cache_read_state: State
    own_meter: str
    own_amount: Decimal | None
    lower_meter: str
    lower_amount: Decimal | None
    lower_ratio: Decimal | None
    lower_slug: str | None
    lower_provider: str | None
    lower_kind: str | None
    latency: Decimal | None
    throughput: Decimal | None
    uptime: Decimal | None
    live: str | None


_ROWS = """
SELECT price.model_id, price.endpoint_id, endpoint.upstream_id, endpoint.region, endpoint.variant,
       coalesce(nullif(endpoint.mode, ''), model.mode) AS mode, endpoint.capabilities,
       endpoint.lacks,
       provider.slug AS provider_slug, provider.name AS provider, provider.kind, price.standing,
       endpoint.context_window AS context, endpoint.max_input, endpoint.max_output,
       price.input, price.input_state, price.output, price.output_state,
       price.cache_read, price.cache_read_state, price.own_meter, price.own_amount,
       coalesce(headline.lower_meter, '') AS lower_meter, headline.lower_amount,
       headline.lower_ratio, lower_provider.slug AS lower_slug,
       lower_provider.name AS lower_provider, lower_provider.kind AS lower_kind,
       live.latency, live.throughput, live.uptime, live.details AS live
FROM pricing_pricerow price
JOIN catalog_endpoint endpoint ON endpoint.id = price.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = price.model_id
LEFT JOIN telemetry_liverow live ON live.endpoint_id = price.endpoint_id
LEFT JOIN pricing_headline headline ON headline.endpoint_id = price.endpoint_id
LEFT JOIN catalog_endpoint lower_endpoint ON lower_endpoint.id = headline.lower_endpoint_id
LEFT JOIN catalog_provider lower_provider ON lower_provider.id = lower_endpoint.provider_id
"""
# Behind a query of its own the planner does not see the ids. Where it does, it makes a plan for
# each list, which looks cheaper than one plan for all: 1 ms for what then takes 0.05 ms.
_IDS = "ANY(ARRAY(SELECT unnest(%(ids)s::bigint[])))"
_OF_MODELS = f"{_ROWS} WHERE price.place = 1 AND price.model_id = {_IDS}"
_OF_ENDPOINTS = f"{_ROWS} WHERE price.endpoint_id = {_IDS}"


def headlines(model_ids: Sequence[int]) -> dict[int, HeadlineRow]:
    """The headlines of these models; a model without endpoints on sale has none."""
    records = rows(_Record, _OF_MODELS, ids=list(model_ids))
    anywhere = announced_anywhere()
    return {record.model_id: _row(record, anywhere) for record in records}


def rows_of_endpoints(endpoint_ids: Sequence[int | None]) -> dict[int, HeadlineRow]:
    """The rows of these endpoints by model, whether they are headlines or not; None has no row."""
    records = rows(_Record, _OF_ENDPOINTS, ids=[id_ for id_ in endpoint_ids if id_])
    anywhere = announced_anywhere()
    return {record.model_id: _row(record, anywhere) for record in records}


def _row(record: _Record, anywhere: Announced) -> HeadlineRow:
    lower = None
    if record.lower_amount is not None and record.lower_ratio is not None:
        lower = LowerPrice(
            meter=meter(record.lower_meter),
            amount=record.lower_amount,
            ratio=record.lower_ratio,
            provider_slug=record.lower_slug or "",
            provider=record.lower_provider or "",
            kind=record.lower_kind or "",
        )
    own = None
    if record.own_meter:
        state: State = "priced" if record.own_amount else "free"
        own = Price(record.own_meter, state, record.own_amount, where=record.provider)
    measured = {metric: getattr(record, metric) for metric in METRICS}
    figures = live_figures(measured, record.live)
    return HeadlineRow(
        model_id=record.model_id,
        endpoint_id=record.endpoint_id,
        upstream_id=record.upstream_id,
        region=record.region,
        variant=record.variant,
        provider_slug=record.provider_slug,
        provider=record.provider,
        kind=record.kind,
        standing=record.standing,
        context=record.context,
        max_input=record.max_input,
        max_output=record.max_output,
        capabilities=tuple(record.capabilities),
        lacks=tuple(record.lacks),
        prices=tuple(_price(record, slug, anywhere) for slug in HEADLINE),
        own=own,
        lower=lower,
        latency=figures["latency"],
        throughput=figures["throughput"],
        uptime=figures["uptime"],
    )


def _price(record: _Record, slug: str, anywhere: Announced) -> Price:
    amount, state = getattr(record, slug), getattr(record, f"{slug}_state")
    if state == "unknown" and not_sold(slug, record.mode, record.lacks):
        state = "not_offered"
    where = "" if state in ("unknown", "not_offered") else record.provider
    price = Price(slug, state, amount, where=where)
    return with_announced(price, record.endpoint_id, anywhere)
