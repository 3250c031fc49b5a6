"""Curated prices: of searches, with their unit, and of writing to a cache. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from pricing.meters import METERS, meter
from pricing.rates import StatedRate, stated
from pricing.terms import Terms
from sources.base import EndpointRule
from sources.upstreams.curated.policy import RULE_FIELDS, endpoint_rule
from sources.upstreams.curated.rows import CuratedRow

# Whether what a search finds is billed as input on top.
_CONTENT = {"": None, "billed": True, "not billed": False}
_METERS = ("web_search", "social_search", "file_search", "maps_search", "request")
_CACHE_WRITES = ("cache_write", "cache_write_1h")


def search_prices(row: CuratedRow) -> Iterator[EndpointRule]:
    """A price in US dollars per 1,000 of a unit; `until` is the day on which it ended."""
    row.rest(
        (
            *(*RULE_FIELDS, "meter", "price", "unit", "content", "content_tokens"),
            *("free_allowance", "engine", "search_context", "until", "note"),
        )
    )
    row.text("note")
    slug = row.text("meter", required=True)
    if slug not in _METERS:
        row.complain(f"meter is “{slug}”, and not one of {', '.join(_METERS)}")
        return
    content = row.text("content")
    if content not in _CONTENT:
        row.complain(f"content is “{content}”, and neither billed nor not billed")
    ended = row.day("until")
    if ended and len(ended) != len("2026-10-23"):
        row.complain(f"until is “{ended}”, and no day such as 2026-10-23")
        return
    price = _amount(row, "price")
    if price is None:
        row.complain("price is missing")
        return
    rate = stated(slug, price * meter(slug).per / 1000, terms=Terms(options=_options(row, slug)))
    yield _rule(
        row,
        StatedRate(
            rate.meter,
            rate.amount,
            rate.state,
            rate.terms,
            valid_to=datetime.combine(date.fromisoformat(ended), datetime.min.time(), UTC)
            if ended
            else None,
            content_billed_as_input=_CONTENT.get(content),
        ),
    )


def cache_writes(row: CuratedRow) -> Iterator[EndpointRule]:
    """Prices in US dollars per million tokens, of a model that the source names."""
    row.rest((*RULE_FIELDS, *_CACHE_WRITES, "note"))
    row.text("note")
    amounts = {slug: _amount(row, slug) for slug in _CACHE_WRITES}
    rates = [stated(slug, amount) for slug, amount in amounts.items() if amount is not None]
    if not rates:
        row.complain("it has no price")
    yield _rule(row, *rates)


def _rule(row: CuratedRow, *rates: StatedRate) -> EndpointRule:
    at = row.evidence()
    evidence = {f"rate.{rate.meter}": at for rate in rates} if at else {}
    return endpoint_rule(row, {}, evidence, rates)


def _amount(row: CuratedRow, name: str) -> Decimal | None:
    """An amount as its source writes it, in quotes so that it stays exact; None where absent."""
    written = row.text(name)
    try:
        amount = Decimal(written) if written else None
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is None or (amount.is_finite() and amount >= 0):
        return amount
    row.complain(f"{name} is “{written}”, and no amount such as 2.50")
    return None


def _options(row: CuratedRow, slug: str) -> tuple[tuple[str, str], ...]:
    """What is counted, where that is not the meter's unit, and under which options it holds."""
    unit = row.text("unit", required=True)
    tokens = row.record.get("content_tokens", 0)
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
        row.complain("content_tokens is no number of tokens")
        tokens = 0
    options = {
        "billed_by": unit if unit != METERS[slug].unit else "",
        "content": f"{tokens:,} tokens a {unit}" if tokens else "",
        "free_allowance": row.text("free_allowance"),
        "engine": row.text("engine"),
        "search_context": row.text("search_context"),
    }
    return tuple(sorted((name, word) for name, word in options.items() if word))
