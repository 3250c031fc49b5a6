"""genai-prices: prices kept by hand, with their dates, hours and service tiers.

Its v2 data.json is [{id, models: [{id, match, prices, price_variants}]}]. Prices are US dollars per
million tokens, per thousand calls or pages, or per hour; a price with tiers re-prices the whole
request past a start.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from catalog.known_providers import GENAI_PARTS, GENAI_PRICES, kind_of, slug_of
from catalog.provider_kinds import UNBILLED
from pricing.rates import StatedRate
from pricing.terms import Band, Schedule, Terms
from sources.base import Answer, Listing, Parsed, ProviderListing, Source, WrongShape
from sources.match_logic import understood
from sources.reading import (
    FieldReader,
    included,
    is_provider_slug,
    is_upstream_id,
    newest,
    read_json,
    with_own_bands,
    without_blanks,
)
from sources.upstreams.genai_prices.fields import (
    METERS,
    MODEL_FIELDS,
    PROVIDER_FIELDS,
    TIER_WORDS,
)

Span = tuple[datetime | None, datetime | None]
Card = Mapping[str, Any]


class GenaiPrices(Source):
    slug = "genai-prices"
    name = "genai-prices"
    url = (
        "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/"
        "prices/new_data/v2/data.json"
    )
    licence = "MIT"
    covers_others = True

    def parse(self, answer: Answer) -> Parsed:
        root = read_json(answer.body, self.name)
        if not isinstance(root, list) or not any(_is_provider(provider) for provider in root):
            raise WrongShape(f"{self.name} gave JSON without a single provider in it.")
        reading = FieldReader()
        providers: dict[str, ProviderListing] = {}
        listings: list[Listing] = []
        parts: list[Listing] = []
        for provider in root:
            slug = slug_of(provider["id"], GENAI_PRICES) if _is_provider(provider) else ""
            if not is_provider_slug(slug):
                reading.odd("provider")
                continue
            reading.rest(provider, PROVIDER_FIELDS, "provider.")
            if part := GENAI_PARTS.get(provider["id"]):
                parts += _of_part(*part, _listings(slug, provider, reading))
                continue
            facts = without_blanks({"name": reading.text(provider, "name", longest=200)})
            providers[slug] = ProviderListing(slug, facts)
            listings += _listings(slug, provider, reading)
        starts = [rate.valid_from for listing in listings for rate in listing.rates]
        return Parsed(
            source=self.slug,
            as_of=newest(starts, answer.as_of),
            listings=_joined(listings, parts, reading),
            providers=tuple(providers.values()),
            not_expressed=reading.not_expressed,
            unread=reading.unread,
        )


def _is_provider(provider: Any) -> bool:
    return (
        isinstance(provider, dict)
        and isinstance(provider.get("id"), str)
        and isinstance(provider.get("models"), list)
    )


def _listings(slug: str, provider: Mapping[str, Any], reading: FieldReader) -> Iterator[Listing]:
    first: dict[str, Any] = {}
    for model in reading.tables(provider, "models"):
        upstream_id = model.get("id")
        if not is_upstream_id(upstream_id):
            reading.odd("id")
        elif upstream_id in first:
            reading.repeats(slug, upstream_id, differs=first[upstream_id] != model)
        else:
            first[upstream_id] = model
            reading.row = slug, upstream_id
            yield _listing(slug, upstream_id, model, reading)


def _of_part(slug: str, ending: str, tier: str, listings: Iterable[Listing]) -> Iterator[Listing]:
    """Listings of a part of a provider under the ids and terms that tell it from the rest.

    The match logic is about ids without the ending: it covers none of these.
    """
    for listing in listings:
        rates = tuple(
            replace(rate, terms=replace(rate.terms, tier=tier or rate.terms.tier))
            for rate in listing.rates
        )
        yield Listing(slug, f"{listing.upstream_id}{ending}", listing.facts, rates)


def _joined(
    listings: Sequence[Listing], parts: Sequence[Listing], reading: FieldReader
) -> tuple[Listing, ...]:
    """All listings, with the rates of a part at the listing of the same id."""
    joined = {(listing.provider, listing.upstream_id): listing for listing in listings}
    for part in parts:
        whole = joined.get(key := (part.provider, part.upstream_id), part)
        rates = reading.distinct([*whole.rates, *part.rates]) if whole is not part else part.rates
        joined[key] = replace(whole, rates=rates)
    return tuple(joined.values())


def _listing(
    slug: str, upstream_id: str, model: Mapping[str, Any], reading: FieldReader
) -> Listing:
    reading.rest(model, MODEL_FIELDS)
    facts = {
        "name": reading.text(model, "name"),
        "context_window": reading.tokens(model, "context_window"),
        "lifecycle": "deprecated" if reading.flag(model, "deprecated") else None,
    }
    rates = reading.distinct([*_standard(model, reading), *_variants(model, reading)])
    if kind_of(slug) in UNBILLED:
        rates = included(rates)
    rates = with_own_bands(slug, rates)
    matches = None
    if "match" in model:
        # Match logic of which nothing is understood covers no id.
        matches, odd = understood(model["match"])
        matches = matches or {}
        for _ in range(odd):
            reading.odd("match")
    return Listing(slug, upstream_id, without_blanks(facts), rates, matches)


@dataclass(frozen=True, slots=True)
class DatedCard:
    """A card, with the instant from which or the daily hours (UTC) in which it holds."""

    prices: Card
    starts: datetime | None = None
    hours: tuple[str, str] | None = None

    def active(self, at: datetime | None) -> bool:
        return self.starts is None or (at is not None and self.starts <= at)


def _standard(model: Mapping[str, Any], reading: FieldReader) -> Iterator[StatedRate]:
    """The prices without a request's context: the last active row counts, else the first."""
    prices = model.get("prices")
    records = [{"prices": prices}] if isinstance(prices, dict) else reading.tables(model, "prices")
    rows = [*_rows(records, reading)]
    dated = [*(DatedCard(row.prices) for row in rows[:1]), *(row for row in rows if not row.hours)]
    for span in _spans(dated):
        row = next(row for row in reversed(dated) if row.active(span[0]))
        yield from _rates(row.prices, Terms(), span, reading)
    yield from _hourly(rows, Terms(), reading)


def _variants(model: Mapping[str, Any], reading: FieldReader) -> Iterator[StatedRate]:
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


def _terms(when: Mapping[str, Any], reading: FieldReader) -> Terms | None:
    words = {
        name: word
        for name, word in when.items()
        if isinstance(word, str) and word.isprintable() and word
    }
    tiers = [word for name, word in words.items() if name in TIER_WORDS]
    if not words or len(words) < len(when) or len(tiers) > 1:
        reading.odd_price("when")
        return None
    options = sorted((name, word) for name, word in words.items() if name not in TIER_WORDS)
    return Terms(tier=tiers[0] if tiers and tiers[0] != "default" else "", options=tuple(options))


def _rows(records: Iterable[Mapping[str, Any]], reading: FieldReader) -> Iterator[DatedCard]:
    for record in records:
        reading.rest(record, {"prices", "constraint", "when"}, "prices.")
        prices = reading.table(record, "prices")
        try:
            yield _row(prices, record.get("constraint") or {})
        except (TypeError, ValueError):
            reading.odd_price("constraint")


def _row(prices: Card, constraint: Any) -> DatedCard:
    match constraint:
        case {"start_date": day, **rest} if not rest:
            return DatedCard(
                prices, starts=datetime.combine(date.fromisoformat(day), time(tzinfo=UTC))
            )
        case {"start_time": start, "end_time": end, **rest} if not rest and _clock(start) != _clock(
            end
        ):
            return DatedCard(prices, hours=(_clock(start), _clock(end)))
        case dict() if not constraint:
            return DatedCard(prices)
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


def _spans(rows: Sequence[DatedCard]) -> list[Span]:
    if not rows:
        return []
    starts = sorted({row.starts for row in rows if row.starts})
    return list(zip([None, *starts], [*starts, None], strict=True))


def _hourly(rows: Sequence[DatedCard], terms: Terms, reading: FieldReader) -> Iterator[StatedRate]:
    """The rows with hours; those of equal prices share a schedule.

    They have no dates: they follow the dated rows that they divide, and hold from the newest start
    above them until a row below them starts.

    """
    groups: dict[Any, list[DatedCard]] = defaultdict(list)
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


def _rates(card: Card, terms: Terms, span: Span, reading: FieldReader) -> Iterator[StatedRate]:
    for key, value in card.items():
        if key not in METERS:
            reading.miss(f"price {key}")
        elif key == "audio_hours" and value in (
            card.get("input_audio_hours"),
            card.get("output_audio_hours"),
        ):
            continue  # the same price as that of its meter's only direction
        else:
            yield from _meter_rates(key, value, terms, span, reading)


def _meter_rates(
    key: str, value: Any, terms: Terms, span: Span, reading: FieldReader
) -> Iterator[StatedRate]:
    """A price and its tiers: a tier holds past its start, in input tokens with cached ones."""
    meter, larger = METERS[key]
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
            reading.odd_price("tiers")
    for band, record, field in steps:
        rate = reading.rate(
            *(record, field, meter),
            shift=-larger,
            terms=replace(terms, band=band),
            valid_from=span[0],
            valid_to=span[1],
        )
        if rate:
            yield rate
