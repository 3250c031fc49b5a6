"""What a model's endpoints cost over time:

the published rates of the base card that moved, and how.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from catalog.sql import ask
from pricing.meters import METERS, amount_per_unit, meter
from pricing.models import Rate
from pricing.rate_cards import holds_sql
from web.charts.price_history import Chart, Line, Step, day, draw
from web.reads.prices import Price
from web.text.prices import counted

MOST_LINES = 8
_PLACES = {slug: place for place, slug in enumerate(METERS)}

# The cheaper tiers are asked for with the base card: what they save is said where both are known;
# and so are the rates of a size, a resolution or whatever a search is billed by: some meters have
# no others. Of the meters that are not named, what moved is enough: a rate that ended, and one that
# is not the first.
_RATES = f"""
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       coalesce(rate.terms->>'tier', '') AS tier, rate.terms ? 'options' AS optional,
       rate.terms::text AS terms, rate.content_billed_as_input, rate.valid_from::text, rate.valid_to::text,
       rate.observed_at::text, rate.origin, rate.announced, {holds_sql()} AS holds,
       source.name AS source
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%(ids)s) AND NOT rate.held
  AND (rate.meter = ANY(%(meters)s) OR rate.valid_to IS NOT NULL OR rate.origin <> 'first')
  AND (rate.terms = ANY('{{"{{}}", "{{\\"tier\\": \\"batch\\"}}", "{{\\"tier\\": \\"flex\\"}}"}}'::jsonb[])
       OR rate.terms - 'options' = '{{}}'::jsonb)
  AND (rate.valid_to IS NULL OR rate.valid_from IS NULL OR rate.valid_to > rate.valid_from)
ORDER BY rate.valid_from NULLS FIRST, rate.id
"""  # noqa: S608 - put together from fixed words alone


@dataclass(frozen=True, slots=True)
class Dated:
    """A rate that held, holds or will hold, in words:

    `start` and `end` say what is known of both.
    """

    seller: str
    upstream_id: str
    start: str
    end: str
    price: Price
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class MeterHistory:
    """How the price of one meter moved: the drawing, who its lines are, and every rate behind them.

    `unit` is what an amount buys. `corrected`: the drawing marks a correction.
    """

    meter: str
    name: str
    unit: str
    drawing: SafeString
    lines: tuple[str, ...]
    rates: tuple[Dated, ...]
    corrected: bool


def read_rates(endpoint_ids: Sequence[int], meters: Sequence[str], now: datetime) -> list[Any]:
    """The published rates of these endpoints' base cards, options and cheaper tiers, by time.

    All of these meters, and of every other one those that moved; `holds` is whether one holds now.
    Instants are text: hundreds of rates share a few of them, which are read once.
    """
    return ask(_RATES, ids=list(endpoint_ids), meters=list(meters), at=now)


@lru_cache(maxsize=4096)
def instant(text: str) -> datetime:
    """An instant as PostgreSQL writes it."""
    return datetime.fromisoformat(text)


def _instant(text: str | None) -> datetime | None:
    return instant(text) if text else None


def recorded_since(rates: Iterable[Any]) -> str:
    """The day of the oldest data that states one of these rates; empty where there is none."""
    first = min((instant(text) for text in {rate.observed_at for rate in rates}), default=None)
    return day(first) if first else ""


def histories(endpoints: Sequence[Any], rates: Iterable[Any], now: datetime) -> list[MeterHistory]:
    """The meters that changed at some endpoint, or will. `endpoints` in the order of the table."""
    base: dict[str, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for rate in rates:
        if not rate.tier and not rate.optional:
            base[rate.meter][rate.endpoint_id].append(rate)
    slugs = sorted(base, key=lambda slug: (_PLACES.get(slug, len(_PLACES)), slug))
    found = (_history(slug, endpoints, base[slug], now) for slug in slugs)
    return [history for history in found if history]


def _history(
    slug: str, endpoints: Sequence[Any], rates: Mapping[int, list[Any]], now: datetime
) -> MeterHistory | None:
    """One line a provider, by the first of its endpoints that moved; the table has them all."""
    moved = [
        (endpoint, rates[endpoint.id])
        for endpoint in endpoints
        if _moved(rates.get(endpoint.id, ()))
    ]
    if not moved:
        return None
    first = {endpoint.provider_slug: (endpoint, series) for endpoint, series in reversed(moved)}
    lines = tuple(
        _line(endpoint, series) for endpoint, series in list(reversed(first.values()))[:MOST_LINES]
    )
    of = meter(slug)
    unit = f"per {counted(Price(slug, 'unknown'))}"
    chart = Chart(f"history-{slugify(slug)}", f"{of.name} prices over time", unit, lines)
    return MeterHistory(
        meter=slug,
        name=of.name,
        unit=unit,
        drawing=_drawing(chart, now.replace(hour=0, minute=0, second=0, microsecond=0)),
        lines=tuple(line.name for line in lines),
        rates=tuple(_dated(endpoint, rate) for endpoint, series in moved for rate in series),
        corrected=any(
            step.corrected and step.amount is not None for line in lines for step in line.steps
        ),
    )


def _moved(series: Sequence[Any]) -> bool:
    return (
        len(series) > 1 and len({(rate.state, amount(rate), rate.currency) for rate in series}) > 1
    )


def _line(endpoint: Any, series: Sequence[Any]) -> Line:
    steps = (
        Step(
            start=_instant(rate.valid_from),
            end=_instant(rate.valid_to),
            amount=amount(rate) if rate.currency == "USD" else None,
            announced=rate.announced,
            corrected=rate.origin == Rate.Origin.CORRECTION.value,
        )
        for rate in series
    )
    return Line(endpoint.provider_name, tuple(steps))


@lru_cache(maxsize=512)
def _drawing(chart: Chart, today: datetime) -> SafeString:
    """Drawn again when a price or the day is another one."""
    return mark_safe(draw(chart, today))  # noqa: S308 - escaped by the drawing


def _dated(endpoint: Any, rate: Any) -> Dated:
    return Dated(
        seller=endpoint.provider_name,
        upstream_id=endpoint.upstream_id,
        start=_start(rate),
        end=day(instant(rate.valid_to)) if rate.valid_to else "",
        price=Price(rate.meter, rate.state, amount(rate), currency=rate.currency),
        source=rate.source,
        why=_ORIGINS.get(rate.origin, "") if not rate.announced else "announced",
    )


_ORIGINS = {Rate.Origin.CHANGE.value: "change", Rate.Origin.CORRECTION.value: "correction"}


def _start(rate: Any) -> str:
    """Since when:

    not known, or the date; a first price that nobody dates was seen then, not set.
    """
    if rate.valid_from is None:
        return ""
    seen = rate.origin == Rate.Origin.FIRST and rate.valid_from == rate.observed_at
    began = day(instant(rate.valid_from))
    return f"seen {began}" if seen else began


def amount(rate: Any) -> Decimal | None:
    """What the meter's own number of units costs, where an editor stated it for another."""
    return amount_per_unit(rate.amount, rate.meter, rate.per)
