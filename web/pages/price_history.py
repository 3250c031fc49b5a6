"""Price history of a model: one chart a meter, and every rate behind it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from pricing.meters import meter, meter_order
from pricing.models import Rate
from web.charts.price_history import PriceChart, PriceLine, PriceStep, day, draw
from web.reads.endpoints import EndpointRecord
from web.reads.price_history import DatedRate
from web.reads.prices import Price
from web.text.prices import counted

MOST_LINES = 8


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """A past, current or announced rate; `start` and `end` are in words, empty if unknown.

    `evidence` is the address of the change that made it, or "". A `slip` was listed by mistake, and
    never held.
    """

    provider: str
    upstream_id: str
    start: str
    end: str
    price: Price
    source: str
    evidence: str
    why: str
    slip: bool


@dataclass(frozen=True, slots=True)
class MeterHistory:
    """Price history of one meter: the chart, the names of its lines, and every rate behind them.

    Without a change there is no `drawing`, and the rates are those that were listed by mistake.
    `unit` is what an amount buys. `corrected` is whether the chart marks a correction.
    """

    meter: str
    name: str
    unit: str
    drawing: SafeString
    lines: tuple[str, ...]
    rates: tuple[DatedPrice, ...]
    corrected: bool


def histories(
    endpoints: Sequence[EndpointRecord], rates: Iterable[DatedRate], now: datetime
) -> list[MeterHistory]:
    """Meters with a past or announced change, or a mistake, at any endpoint.

    `endpoints` come in the table's order.
    """
    base: dict[str, dict[int, list[DatedRate]]] = defaultdict(lambda: defaultdict(list))
    for rate in rates:
        if rate.base:
            base[rate.meter][rate.endpoint_id].append(rate)
    slugs = sorted(base, key=meter_order)
    by_meter = (_history(slug, endpoints, base[slug], now) for slug in slugs)
    return [history for history in by_meter if history]


def _history(
    slug: str,
    endpoints: Sequence[EndpointRecord],
    rates: Mapping[int, list[DatedRate]],
    now: datetime,
) -> MeterHistory | None:
    held = {key: [rate for rate in series if not rate.is_slip] for key, series in rates.items()}
    moved = [
        (endpoint, held[endpoint.id]) for endpoint in endpoints if _moved(held.get(endpoint.id, ()))
    ]
    told = tuple(
        _dated(endpoint, rate)
        for endpoint in endpoints
        for rate in rates.get(endpoint.id, ())
        if rate.is_slip or _moved(held[endpoint.id])
    )
    if not told:
        return None
    first = {endpoint.provider_slug: (endpoint, series) for endpoint, series in reversed(moved)}
    lines = tuple(
        _line(endpoint, series) for endpoint, series in list(reversed(first.values()))[:MOST_LINES]
    )
    unit = f"per {counted(Price(slug, 'unknown'))}"
    title = f"{meter(slug).name} prices over time"
    chart = PriceChart(f"history-{slugify(slug)}", title, unit, lines)
    return MeterHistory(
        meter=slug,
        name=meter(slug).name,
        unit=unit,
        drawing=_drawing(chart, now.replace(hour=0, minute=0, second=0, microsecond=0))
        if moved
        else SafeString(""),
        lines=tuple(line.name for line in lines),
        rates=told,
        corrected=any(
            step.corrected and step.amount is not None for line in lines for step in line.steps
        ),
    )


def _moved(series: Sequence[DatedRate]) -> bool:
    if len(series) < 2:
        return False
    return len({(rate.state, rate.amount_per_unit, rate.currency) for rate in series}) > 1


def _line(endpoint: EndpointRecord, series: Sequence[DatedRate]) -> PriceLine:
    steps = (
        PriceStep(
            start=rate.start,
            end=rate.end,
            amount=rate.amount_per_unit if rate.currency == "USD" else None,
            announced=rate.announced,
            corrected=rate.origin == Rate.Origin.CORRECTION.value,
        )
        for rate in series
    )
    return PriceLine(endpoint.provider_name, tuple(steps))


@lru_cache(maxsize=512)
def _drawing(chart: PriceChart, today: datetime) -> SafeString:
    return mark_safe(draw(chart, today))  # noqa: S308 - escaped by the drawing


def _dated(endpoint: EndpointRecord, rate: DatedRate) -> DatedPrice:
    return DatedPrice(
        provider=endpoint.provider_name,
        upstream_id=endpoint.upstream_id,
        start=_start(rate),
        end=_end(rate),
        price=Price(rate.meter, rate.state, rate.amount_per_unit, currency=rate.currency),
        source=rate.source,
        evidence=rate.evidence,
        why=_why(rate),
        slip=rate.is_slip,
    )


_ORIGINS = {Rate.Origin.CHANGE.value: "change", Rate.Origin.CORRECTION.value: "correction"}


def _end(rate: DatedRate) -> str:
    if rate.is_slip:
        return "never held"
    return day(rate.end) if rate.end else ""


def _why(rate: DatedRate) -> str:
    if rate.announced:
        return "announced"
    return rate.why if rate.is_slip else _ORIGINS.get(rate.origin, "")


def _start(rate: DatedRate) -> str:
    """Start date, empty if unknown; a first price without a date was only seen then."""
    if rate.start is None:
        return ""
    first = rate.origin == Rate.Origin.FIRST and not rate.evidence
    undated = first and rate.valid_from == rate.observed_at
    return f"seen {day(rate.start)}" if undated else day(rate.start)
