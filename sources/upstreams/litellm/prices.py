"""The prices of one row of LiteLLM's cost map. Pure.

They are US dollars per single token, image, second, …; a field's name carries its terms:

    <base>[_above_1hr|_above_12hr][_above_<N>k_tokens][_batches|_flex|_priority|...]

`_above_<N>k_tokens` is strictly greater, counts all input tokens, and re-prices the whole request.
So do the ranges of `tiered_pricing`; past the end of the last range its prices go on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from catalog.known_providers import kind_of
from catalog.provider_kinds import UNBILLED
from pricing.meters import meter as meter_of
from pricing.rates import State, StatedRate, rounded
from pricing.terms import BASE, Band, Schedule, Terms
from sources.reading import FieldReader, is_router, routed
from sources.upstreams.litellm.fields import (
    CACHE_LIFE,
    LEFT_OUT,
    LEGACY,
    MODIFIED,
    NO_DOLLAR_PRICE,
    NO_TEXT_OUT,
    OPTIONS,
    OWN_UNITS,
    PARTS,
    PRICES,
    SENSES,
    SIZE_OPTION,
    SIZED,
    Options,
)
from sources.upstreams.litellm.keys import MapKey

Fields = Mapping[str, Any]
RateKey = tuple[str, Terms]
Rates = dict[RateKey, StatedRate]


class Quote(NamedTuple):
    """A price as the map writes it: unchecked, per single unit."""

    meter: str
    terms: Terms
    amount: Any
    field: str


@lru_cache(maxsize=4096)
def price_of(field: str) -> tuple[str, Terms] | None:
    if sized := SIZED.fullmatch(field):
        base, size = sized["base"], sized["size"].replace("_", " ").removesuffix(" interval")
        return PRICES[base], Terms(options=((SIZE_OPTION[base], size),))
    modified = MODIFIED.fullmatch(field)
    if not modified or modified["base"] not in PRICES:
        return None
    meter = PRICES[modified["base"]]
    if modified["life"]:
        if meter != "cache_write":
            return None
        meter = CACHE_LIFE[modified["life"]]
    tier = {"batches": "batch"}.get(modified["tier"] or "", modified["tier"] or "")
    band = Band(int(modified["kilo"]) * 1000) if modified["kilo"] else None
    return meter, Terms(tier=tier, band=band, options=OPTIONS.get(modified["base"], ()))


def read_rates(row: Fields, mode: str, name: MapKey, reading: FieldReader) -> Rates:
    amounts: dict[RateKey, Decimal] = {}
    for quote in sorted(_quotes(row, name, reading), key=lambda quote: quote.field in LEGACY):
        try:
            meter = _meter(quote, mode, row)
            amount = _dollars(quote.amount, meter)
        except (ValueError, ArithmeticError):
            reading.odd_price(quote.field)
            continue
        key = meter, _with_options(quote.terms, name.options)
        if amounts.setdefault(key, amount) != amount:
            reading.miss(f"second price: {quote.field}")
    if name.upstream_id.replace("_", "-") == "model-router":
        # A router bills what the model behind it costs; the map has the router's fee on top.
        for _ in filter(None, amounts.values()):
            reading.miss("a router's fee")
        return {key: StatedRate(key[0], None, "dynamic", key[1]) for key in amounts}
    sells = kind_of(name.provider) not in UNBILLED
    if sells and not any(amounts.values()) and is_router(name.upstream_id):
        return {(rate.meter, rate.terms): rate for rate in routed(())}
    return _in_every_tier(_with_states(amounts, mode, name.provider))


def _quotes(row: Fields, name: MapKey, reading: FieldReader) -> Iterator[Quote]:
    for field, value in row.items():
        if price := price_of(field):
            yield Quote(*price, value, field)
        elif read := BLOCKS.get(field):
            try:
                yield from list(read(value, row, name, reading))
            except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, OSError):
                reading.odd_price(field)


def _dollars(amount: Any, meter: str) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise ValueError(f"{amount!r} is not a number")
    exact = rounded(Decimal(amount) * meter_of(meter).per)
    if exact < 0:
        raise ValueError(f"{amount} is below zero")
    return exact


def _meter(quote: Quote, mode: str, row: Fields) -> str:
    meter = quote.meter
    if mode == "image":
        # Older rows of image models write the price of the output as the price of an input.
        if meter == "image_in" and "output_cost_per_image" not in row:
            return "image"
        if not row.get("output_cost_per_pixel"):
            return {"input_pixel": "output_pixel", "output_pixel": "input_pixel"}.get(meter, meter)
        return meter
    if meter == "image" and row.get("supported_output_modalities") == ["audio"]:
        return "clip"
    if mode == "transcription" and meter in ("input_second", "output_second") and not quote.amount:
        # Sound is charged once, by either field; a zero in the other one is no second price.
        once = row.get("input_cost_per_second") or row.get("output_cost_per_second")
        return "audio_second" if once else "audio_second_in"
    return SENSES.get(mode, {}).get(meter, meter)


def _with_options(terms: Terms, options: Options) -> Terms:
    return replace(terms, options=tuple(sorted(terms.options + options))) if options else terms


def _with_states(amounts: Mapping[RateKey, Decimal], mode: str, provider: str) -> Rates:
    priced = {meter for (meter, _), amount in amounts.items() if amount}
    rates: Rates = {}
    for (meter, terms), amount in amounts.items():
        state = "priced" if amount else _meaning_of_zero(meter, mode, priced, provider)
        rates[meter, terms] = StatedRate(
            meter, amount if state in ("priced", "free") else None, state, terms
        )
    return rates


def _in_every_tier(rates: Rates) -> Rates:
    """The rates with those that a tier or band of the map leaves out, and does not inherit.

    A part that costs what its whole costs (reasoning as output) does so there too. Other tokens
    have no known price in a batch that leaves them out: LiteLLM's calculator halves the output,
    and charges a write to the cache as plain input. It bills cache reads at the standard price.
    """
    completed = dict(rates)
    for (whole, terms), rate in rates.items():
        base = replace(terms, tier="", band=None, schedules=())
        for part in PARTS.get(whole, ()) if terms != base else ():
            own, of_whole = rates.get((part, base)), rates.get((whole, base))
            if own and of_whole and own.amount == of_whole.amount:
                completed.setdefault((part, terms), replace(rate, meter=part))
    batches = {terms for meter, terms in rates if meter in PARTS and terms.tier == "batch"}
    named = {(meter, terms.family) for meter, terms in completed}
    for batch in {replace(terms, band=None) for terms in batches}:
        for meter, terms in rates:
            left_out = terms == replace(batch, tier="") and (meter, batch.family) not in named
            if left_out and meter in LEFT_OUT and rates[meter, terms].amount:
                completed[meter, batch] = StatedRate(meter, None, "unknown", batch)
    return completed


def _meaning_of_zero(meter: str, mode: str, priced: set[str], provider: str) -> State:
    """The state of a stated zero.

    A card of zeros from a plan or a local server is paid for elsewhere. The map also writes 0 for
    a meter that an endpoint does not have: the text output of an embedding, an output where only
    the input is charged, or tokens where pages are counted. Any other zero is a price: writing to
    DeepSeek's cache is free.
    """
    if not priced and kind_of(provider) in UNBILLED:
        return "included"
    if meter == "output" and (mode in NO_TEXT_OUT or priced & {"input", "output"} == {"input"}):
        return "not_offered"
    if not priced:
        return "unknown" if provider in NO_DOLLAR_PRICE else "free"
    if meter in ("input", "output") and priced & OWN_UNITS and not priced & {"input", "output"}:
        return "not_offered"
    if meter in ("input_pixel", "image_in") or (meter, mode) == ("audio_second", "transcription"):
        return "not_offered"
    return "free"


def _tiers(tiers: Any, row: Fields, name: MapKey, reading: FieldReader) -> Iterator[Quote]:
    """Context bands: `range` is [low, high], past low, up to high; from 0 on is the base card."""
    for tier in tiers:
        low, _ = tier["range"]
        if low < 0 or low != int(low):
            raise ValueError(f"{low} is not a number of tokens")
        for field, amount in tier.items():
            if price := price_of(field):
                meter, terms = price
                band = Band(int(low)) if low else terms.band
                yield Quote(meter, replace(terms, band=band), amount, field)
            elif field != "range":
                reading.miss(f"field tiered_pricing.{field}")


def _off_peak(block: Any, row: Fields, name: MapKey, reading: FieldReader) -> Iterator[Quote]:
    zone = block.get("weekday_timezone") or "UTC"
    rules = [*block.get("windows", ())]
    if "hours_utc" in block:
        rules.append({"hours_utc": block["hours_utc"]})
    schedules = tuple(_schedule(rule, zone) for rule in rules)
    if not schedules:
        raise ValueError("off-peak prices without hours")
    for field, amount in block.items():
        if price := price_of(field):
            meter, terms = price
            yield Quote(meter, replace(terms, schedules=schedules), amount, field)
        elif field not in ("windows", "hours_utc", "weekday_timezone"):
            reading.miss(f"field off_peak_pricing.{field}")


def _schedule(rule: Any, zone: str) -> Schedule:
    """A rule of LiteLLM as our schedule: its hours are UTC, its weekdays those of `zone`.

    Our windows belong to the weekday on which they start, in the schedule's own zone: they are
    moved there and cut at midnight. Raises ValueError where the zone has daylight saving time.
    """
    hours = rule["hours_utc"]
    weekdays = tuple(sorted(int(day) for day in rule.get("weekdays", range(1, 8))))
    if not weekdays or any(day not in range(1, 8) for day in weekdays):
        raise ValueError(f"{weekdays} are not weekdays")
    # More than one offset in a year is a ValueError.
    (offset,) = {ZoneInfo(zone).utcoffset(datetime(2026, month, 1)) for month in range(1, 13)}
    shift = int(offset.total_seconds()) // 60 if offset else 0
    windows: list[tuple[str, str]] = []
    for span in [hours] if isinstance(hours, str) else hours:
        windows += _windows(span, shift)
    return Schedule(tuple(sorted(windows)), weekdays, zone)


def _windows(span: str, shift: int) -> list[tuple[str, str]]:
    """`10:00-00:00`, moved by `shift` minutes, cut at midnight; equal ends are the whole day."""
    clocks = [datetime.strptime(clock.strip(), "%H:%M") for clock in span.split("-")]
    start, end = ((clock.hour * 60 + clock.minute + shift) % 1440 for clock in clocks)
    if start == end:
        return [("00:00", "00:00")]
    if start < end or end == 0:
        return [(_clock(start), _clock(end))]
    return [(_clock(start), "00:00"), ("00:00", _clock(end))]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _web_search(costs: Any, row: Fields, name: MapKey, reading: FieldReader) -> Iterator[Quote]:
    """Searches by the size of their context: medium is the default, so it is the base rate.

    Perplexity's Sonar models search at every request: there the price by size is a request's fee.
    Deep research, at one price for every size, is charged for each search that it makes.
    """
    field = "search_context_cost_per_query"
    terms = _billed_by(row, name, reading)
    by_size = {size.removeprefix("search_context_size_"): cost for size, cost in costs.items()}
    if name.provider == "perplexity" and len(set(by_size.values())) > 1:
        for size, cost in by_size.items():
            yield Quote("request", Terms(options=(("search_context", size),)), cost, field)
        return
    medium = by_size.pop("medium", None)
    if medium is not None:
        yield Quote("web_search", terms, medium, field)
    for size, cost in by_size.items():
        if cost is not None and cost != medium:
            sized = _with_options(terms, (("search_context", size),))
            yield Quote("web_search", sized, cost, field)


def _maps_search(cost: Any, row: Fields, name: MapKey, reading: FieldReader) -> Iterator[Quote]:
    terms = _billed_by(row, name, reading)
    yield Quote("maps_search", terms, cost, "google_maps_grounding_cost_per_query")


def _billed_by(row: Fields, name: MapKey, reading: FieldReader) -> Terms:
    """The unit of a search: of Gemini, as stated or a grounded prompt; of Claude, a call."""
    unit = (reading.text(row, "web_search_billing_unit", longest=40) or "").removeprefix("per_")
    own = name.provider in ("google", "google-vertex") and "claude" not in name.upstream_id
    if not unit and own:
        unit = "prompt"
    return Terms(options=(("billed_by", unit),)) if unit else BASE


BLOCKS: dict[str, Callable[[Any, Fields, MapKey, FieldReader], Iterator[Quote]]] = {
    "google_maps_grounding_cost_per_query": _maps_search,
    "off_peak_pricing": _off_peak,
    "search_context_cost_per_query": _web_search,
    "tiered_pricing": _tiers,
}
