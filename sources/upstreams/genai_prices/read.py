"""genai-prices: prices kept by hand, with the dates from which they hold, the hours, and the
service tiers.

Its v2 data.json is [{id, models: [{id, match, prices, price_variants}]}]. Prices are US dollars per
million tokens, per thousand calls or pages, or per hour; a price with tiers re-prices the whole
request past a start.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from catalog.known_providers import GENAI_PRICES, kind_of, slug_of
from pricing.rates import StatedRate, stated
from pricing.terms import Band, Schedule, Terms
from sources.base import Listing, Parsed, ProviderListing, WrongShape
from sources.reading import (
    Reading,
    included,
    is_provider_slug,
    is_upstream_id,
    read_json,
    without_blanks,
)

# Our meter of each price, and by which power of ten its unit is larger than ours.
_METERS = {
    "input_mtok": ("input", 0),
    "output_mtok": ("output", 0),
    "cache_read_mtok": ("cache_read", 0),
    "cache_write_mtok": ("cache_write", 0),
    "cache_write_5m_mtok": ("cache_write", 0),
    "cache_write_1h_mtok": ("cache_write_1h", 0),
    "output_reasoning_mtok": ("reasoning", 0),
    "output_citation_mtok": ("citation", 0),
    "input_mchars": ("input_character", 0),
    "input_gpixels": ("input_pixel", 3),
    "input_document_kpages": ("page", 0),
    "input_annotated_document_kpages": ("annotation_page", 0),
    "input_text_messages_kcount": ("message", 0),
    "requests_kcount": ("request", 0),
    "rerank_searches_kcount": ("query", 0),
    "web_searches_kcount": ("web_search", 0),
    "storage_searches_kcount": ("file_search", 0),
    "social_searches_kcount": ("social_search", 3),
    "code_executions_kcount": ("code_execution", 3),
    # An hour's price is seldom a whole number of any digits per second, so it stays a price per
    # hour.
    "audio_hours": ("audio_hour", 0),
    "input_audio_hours": ("audio_hour_in", 0),
    "output_audio_hours": ("audio_hour_out", 0),
    **{
        f"{theirs.format(kind)}_mtok": (ours.format(kind), 0)
        for kind in ("audio", "image", "video")
        for theirs, ours in (
            ("input_{}", "input_{}"),
            ("output_{}", "output_{}"),
            ("cache_{}_read", "cache_read_{}"),
            ("cache_{}_write", "cache_write_{}"),
        )
    },
}
_TIER_WORDS = ("processing", "service_tier", "speed")

# Prose, links to it, how a provider is told by an address, and how its answers report usage: not
# read.
_PROVIDER_FIELDS = {
    *("id", "name", "models", "api_pattern", "pricing_urls", "description", "price_comments"),
    *("model_match", "provider_match", "extractors"),
}
_MODEL_FIELDS = {
    *("id", "name", "match", "context_window", "deprecated", "prices", "price_variants"),
    *("description", "price_comments"),
}
_CLAUSES = ("equals", "starts_with", "ends_with", "contains", "regex")

Span = tuple[datetime | None, datetime | None]
Card = Mapping[str, Any]


class GenaiPrices:
    slug = "genai-prices"
    name = "genai-prices"
    url = "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json"
    licence = "MIT"

    def parse(self, body: bytes, *, as_of: datetime) -> Parsed:
        """Read v2 data.json.

        Raises WrongShape when it is something else; a single odd value is counted.
        """
        root = read_json(body, self.name)
        if not isinstance(root, list) or not any(_is_provider(provider) for provider in root):
            raise WrongShape(f"{self.name} gave JSON without a single provider in it.")
        reading = Reading()
        named = [(_slug(p), p) for p in root if _is_known(p, reading)]
        return Parsed(
            source=self.slug,
            as_of=as_of,
            listings=tuple(listing for slug, p in named for listing in _listings(slug, p, reading)),
            providers=tuple(
                ProviderListing(slug, _provider_facts(p, reading)) for slug, p in named
            ),
            not_expressed=reading.not_expressed,
        )


def speaks_for(matches: Mapping[str, Any], upstream_id: str) -> bool:
    """Whether match logic holds for an id, without regard to case; what is not understood holds for
    none.

    {"equals" | "starts_with" | "ends_with" | "contains": text}, {"regex": pattern} searched in the
    id in lower case, {"or" | "and": [logic, …]}. Of a provider's listings the first that speaks for
    an id counts.
    """
    text = upstream_id.lower()
    for clause, wanted in matches.items():
        if clause in ("or", "and") and isinstance(wanted, list):
            holds = any if clause == "or" else all
            return bool(wanted) and holds(
                isinstance(w, dict) and speaks_for(w, text) for w in wanted
            )
        if clause in _CLAUSES and isinstance(wanted, str):
            return _holds(clause, wanted, text)
    return False


def _holds(clause: str, wanted: str, text: str) -> bool:
    match clause:
        case "equals":
            return text == wanted.lower()
        case "starts_with":
            return text.startswith(wanted.lower())
        case "ends_with":
            return text.endswith(wanted.lower())
        case "contains":
            return wanted.lower() in text
    try:
        return re.search(wanted, text) is not None
    except re.error:
        return False


def _is_provider(provider: Any) -> bool:
    return (
        isinstance(provider, dict)
        and isinstance(provider.get("id"), str)
        and isinstance(provider.get("models"), list)
    )


def _slug(provider: Mapping[str, Any]) -> str:
    return slug_of(provider["id"], GENAI_PRICES)


def _is_known(provider: Any, reading: Reading) -> bool:
    if _is_provider(provider) and is_provider_slug(_slug(provider)):
        return True
    reading.odd("provider")
    return False


def _provider_facts(provider: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    reading.rest(provider, _PROVIDER_FIELDS, "provider.")
    return without_blanks({"name": reading.text(provider, "name", longest=200)})


def _listings(slug: str, provider: Mapping[str, Any], reading: Reading) -> Iterator[Listing]:
    seen: set[str] = set()
    for model in reading.tables(provider, "models"):
        upstream_id = model.get("id")
        if not is_upstream_id(upstream_id):
            reading.odd("id")
        elif upstream_id in seen:
            reading.miss("second listing of an id")
        else:
            seen.add(upstream_id)
            yield _listing(slug, upstream_id, model, reading)


def _listing(slug: str, upstream_id: str, model: Mapping[str, Any], reading: Reading) -> Listing:
    reading.rest(model, _MODEL_FIELDS)
    facts = {
        "name": reading.text(model, "name"),
        "context_window": reading.tokens(model, "context_window"),
        "lifecycle": "deprecated" if reading.flag(model, "deprecated") else None,
    }
    rates = reading.distinct([*_standard(model, reading), *_variants(model, reading)])
    if kind_of(slug) in ("plan", "local"):
        rates = included(rates)
    return Listing(slug, upstream_id, without_blanks(facts), rates, _matches(model, reading))


def _matches(model: Mapping[str, Any], reading: Reading) -> dict[str, Any] | None:
    """The match logic, or {} where nothing of it is understood, which speaks for no id."""
    return (_logic(model["match"], reading) or {}) if "match" in model else None


def _logic(logic: Any, reading: Reading, depth: int = 8) -> dict[str, Any] | None:
    """The part of it that can hold:

    an `or` does without what is not understood, an `and` does not.
    """
    clause, wanted = (
        next(iter(logic.items())) if isinstance(logic, dict) and len(logic) == 1 else ("", None)
    )
    if clause in ("or", "and") and isinstance(wanted, list) and wanted and depth:
        kept = [good for part in wanted if (good := _logic(part, reading, depth - 1))]
        whole = len(kept) == len(wanted)
        return {clause: kept} if whole or (kept and clause == "or") else None
    if clause in _CLAUSES and _holdable(clause, wanted):
        return {clause: wanted}
    reading.odd("match")
    return None


def _holdable(clause: str, wanted: Any) -> bool:
    if not isinstance(wanted, str) or not wanted.isprintable():
        return False
    try:
        return clause != "regex" or re.compile(wanted) is not None
    except (re.error, RecursionError, OverflowError):
        return False


@dataclass(frozen=True, slots=True)
class _Row:
    """Prices, with the instant from which or the daily hours (UTC) in which they hold."""

    prices: Card
    starts: datetime | None = None
    hours: tuple[str, str] | None = None

    def active(self, at: datetime | None) -> bool:
        """`at` None is before every date."""
        return self.starts is None or (at is not None and self.starts <= at)


def _standard(model: Mapping[str, Any], reading: Reading) -> Iterator[StatedRate]:
    """The prices without a request's context:

    of the active rows the last one counts, else the first.
    """
    prices = model.get("prices")
    records = [{"prices": prices}] if isinstance(prices, dict) else reading.tables(model, "prices")
    rows = [*_rows(records, reading)]
    dated = [*(_Row(row.prices) for row in rows[:1]), *(row for row in rows if not row.hours)]
    for span in _spans(dated):
        row = next(row for row in reversed(dated) if row.active(span[0]))
        yield from _rates(row.prices, Terms(), span, reading)
    yield from _hourly(rows, Terms(), reading)


def _variants(model: Mapping[str, Any], reading: Reading) -> Iterator[StatedRate]:
    """Prices by what a request says of itself:

    of the active rows, the first that names a price counts.
    """
    groups: dict[Terms, list[dict[str, Any]]] = defaultdict(list)
    for variant in reading.tables(model, "price_variants"):
        terms = _terms(reading.table(variant, "when"), reading)
        if terms is not None:
            groups[terms].append(variant)
    for terms, variants in groups.items():
        rows = [*_rows(variants, reading)]
        dated = [row for row in rows if not row.hours]
        for span in _spans(dated):
            card: dict[str, Any] = {}
            for row in reversed([row for row in dated if row.active(span[0])]):
                card |= row.prices
            yield from _rates(card, terms, span, reading)
        yield from _hourly(rows, terms, reading)


def _terms(when: Mapping[str, Any], reading: Reading) -> Terms | None:
    """A request's context as terms; `service_tier:

    default` is the standard tier, which has none.
    """
    words = {
        name: word
        for name, word in when.items()
        if isinstance(word, str) and word.isprintable() and word
    }
    tiers = [word for name, word in words.items() if name in _TIER_WORDS]
    if not words or len(words) < len(when) or len(tiers) > 1:
        reading.odd("when")
        return None
    options = sorted((name, word) for name, word in words.items() if name not in _TIER_WORDS)
    return Terms(tier=tiers[0] if tiers and tiers[0] != "default" else "", options=tuple(options))


def _rows(records: Iterable[Mapping[str, Any]], reading: Reading) -> Iterator[_Row]:
    for record in records:
        reading.rest(record, {"prices", "constraint", "when"}, "prices.")
        prices = reading.table(record, "prices")
        try:
            yield _row(prices, record.get("constraint") or {})
        except (TypeError, ValueError):
            reading.odd("constraint")


def _row(prices: Card, constraint: Any) -> _Row:
    """Raises TypeError or ValueError when the constraint is neither a start nor hours."""
    match constraint:
        case {"start_date": day, **rest} if not rest:
            return _Row(prices, starts=datetime.combine(date.fromisoformat(day), time(tzinfo=UTC)))
        case {"start_time": start, "end_time": end, **rest} if not rest and _clock(start) != _clock(
            end
        ):
            return _Row(prices, hours=(_clock(start), _clock(end)))
        case dict() if not constraint:
            return _Row(prices)
    raise ValueError("neither a start nor hours")


def _clock(text: str) -> str:
    """A time of day as HH:MM in UTC; one without an offset is in UTC already. Raises ValueError."""
    stated_time = time.fromisoformat(text)
    moment = datetime.combine(date(2000, 1, 1), stated_time)
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    if moment.second or moment.microsecond:
        raise ValueError("hours are kept to the minute")
    return f"{moment:%H:%M}"


def _spans(rows: Sequence[_Row]) -> list[Span]:
    """The times between the starts of the rows, the first and the last without a bound."""
    if not rows:
        return []
    starts = sorted({row.starts for row in rows if row.starts})
    return list(zip([None, *starts], [*starts, None], strict=True))


def _hourly(rows: Sequence[_Row], terms: Terms, reading: Reading) -> Iterator[StatedRate]:
    """The rows with hours; those of equal prices share a schedule.

    They have no dates of their own. They follow the dated rows whose hours they divide, so they
    hold from the newest start above them, until a row below them starts.
    """
    groups: dict[Any, list[_Row]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.hours:
            since = max((r.starts for r in rows[:place] if r.starts), default=None)
            until = min((r.starts for r in rows[place:] if r.starts), default=None)
            groups[since, until, str(row.prices)].append(row)
    for (since, until, _), alike in groups.items():
        if since and until and since >= until:
            continue
        windows = tuple(row.hours for row in alike if row.hours)
        timed = Terms(tier=terms.tier, options=terms.options, schedules=(Schedule(windows),))
        yield from _rates(alike[0].prices, timed, (since, until), reading)


def _rates(card: Card, terms: Terms, span: Span, reading: Reading) -> Iterator[StatedRate]:
    for key, value in card.items():
        if key not in _METERS:
            reading.miss(f"price {key}")
        elif key == "audio_hours" and value in (
            card.get("input_audio_hours"),
            card.get("output_audio_hours"),
        ):
            continue  # its meter's only direction says the same
        else:
            yield from _meter_rates(key, value, terms, span, reading)


def _meter_rates(
    key: str, value: Any, terms: Terms, span: Span, reading: Reading
) -> Iterator[StatedRate]:
    """A price and its tiers:

    one holds for requests of more input tokens than its start, cached included.
    """
    meter, larger = _METERS[key]
    tiered = value if isinstance(value, dict) else {"base": value}
    reading.rest(tiered, {"base", "tiers"}, f"{key}.")
    steps: list[tuple[Band | None, Mapping[str, Any], str]] = [
        (None, {key: tiered.get("base")}, key)
    ]
    for tier in reading.tables(tiered, "tiers"):
        start = tier.get("start")
        if isinstance(start, int) and 0 <= start < 2**31:
            steps.append((Band(start), tier, "price"))
        else:
            reading.odd("tiers")
    for band, record, field in steps:
        amount = reading.amount(record, field)
        if amount is not None:
            held = Terms(
                tier=terms.tier, band=band, schedules=terms.schedules, options=terms.options
            )
            try:
                exact = amount.scaleb(-larger)
                yield stated(meter, exact, terms=held, valid_from=span[0], valid_to=span[1])
            except ValueError:
                reading.odd(key)
