"""model-prices: dated prices of the makers' own APIs, compiled from models.dev's history.

Corrections and prices first seen on a provider's page carry their address. Its snapshot is
{prices: {provider: {id: {mode: [interval]}}}}; an interval holds from its start to that of the
next. US dollars per million tokens; a tier re-prices the whole request past its size.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from catalog.dated_names import release_in_name
from catalog.known_providers import slug_of
from pricing.rates import StatedRate
from pricing.terms import BASE, Band, Terms
from sources.base import Answer, Evidence, Http, Listing, Parsed, Source, WrongShape
from sources.reading import (
    FieldReader,
    is_provider_slug,
    is_upstream_id,
    read_json,
    with_own_bands,
    without_blanks,
)
from sources.stated_zeros import without_unstated_zeros
from sources.upstreams.model_prices.fields import (
    GONE,
    METERS,
    NOT_A_RATE,
    OF_NO_TEXT,
    PICKERS,
    RATE_FIELDS,
    READ_ITSELF,
    ROOT_FIELDS,
    SCHEMA,
    STANDARD,
    STATUSES,
)

Interval = Mapping[str, Any]


class ModelPrices(Source):
    slug = "model-prices"
    name = "model-prices"
    url = "https://raw.githubusercontent.com/wakamex/model-prices/data/v1/latest.json"
    licence = "MIT"

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        """Get the snapshot that the page at the address names by its SHA-256."""
        try:
            latest = json.loads(http.get())
            name = str(latest["sha256"])
            published = datetime.fromisoformat(latest["published_at"])
            bytes.fromhex(name)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise WrongShape(f"{self.name} gave no name of a snapshot ({error!r}).") from error
        body = http.get(f"{name}.json")
        if sha256(body).hexdigest() != name:
            raise WrongShape(f"{self.name} gave a snapshot with another checksum than its name.")
        return Answer(published if published.tzinfo else published.replace(tzinfo=UTC), {"": body})

    def parse(self, answer: Answer) -> Parsed:
        root = read_json(answer.body, self.name)
        prices = root.get("prices") if isinstance(root, dict) else None
        if not isinstance(prices, dict) or root.get("schema") != SCHEMA:
            raise WrongShape(f"{self.name} gave JSON that is no snapshot of form {SCHEMA}.")
        reading = FieldReader()
        reading.rest(root, ROOT_FIELDS)
        listings: list[Listing] = []
        for name in prices:
            slug = slug_of(name, {})
            if not is_provider_slug(slug):
                reading.odd("provider")
                continue
            status = reading.table(reading.table(root, "status"), name)
            scheduled = _scheduled(name, root, reading)
            models = reading.table(prices, name)
            for upstream_id in models:
                if not is_upstream_id(upstream_id):
                    reading.odd("id")
                elif status.get(upstream_id) == GONE:
                    reading.miss("id that models.dev lists no longer")
                elif (slug, upstream_id) in PICKERS:
                    reading.miss("not a model: picker")
                else:
                    modes = reading.table(models, upstream_id)
                    has_hours = scheduled == [] or upstream_id in (scheduled or ())
                    rates = () if has_hours else _rates(upstream_id, modes, reading)
                    facts = {
                        "lifecycle": STATUSES.get(str(status.get(upstream_id))),
                        "released": release_in_name(upstream_id) or None,
                    }
                    if has_hours:
                        reading.miss("prices with hours")
                    card = with_own_bands(slug, rates)
                    evidence = _evidence(modes, answer.as_of) if card else {}
                    listings.append(
                        Listing(slug, upstream_id, without_blanks(facts), card, evidence=evidence)
                    )
        if not listings:
            raise WrongShape(f"{self.name} gave a snapshot without a single price.")
        stated = without_unstated_zeros(listings, trust_direct=False)
        return Parsed(self.slug, answer.as_of, stated, not_expressed=reading.not_expressed)


def _evidence(modes: Mapping[str, Any], as_of: datetime) -> dict[str, Evidence]:
    """The page of today's prices, where it was read itself: a commit of models.dev is none."""
    match modes.get(STANDARD):
        case [*_, {"rates": {"source": str(page), "valid_from_basis": basis, **rates}}]:
            if basis in READ_ITSELF and page.startswith("https://"):
                on = as_of.date().isoformat()
                return {f"rate.{meter}": (page, on) for meter in METERS if meter in rates}
    return {}


def _scheduled(provider: str, root: Mapping[str, Any], reading: FieldReader) -> list[str] | None:
    """The ids of a provider with prices by the hour today; empty for all of them.

    The recorded price is one of the two, and the other a multiple of it.
    """
    rules = [
        rule
        for rule in reading.tables(reading.table(root, "schedules"), "schedule")
        if rule.get("provider") == provider and "valid_until" not in rule
    ]
    if not rules:
        return None
    multiples = [rule.get("off_peak_multiplier") for rule in rules]
    if all(isinstance(ids, dict) for ids in multiples):
        return [id_ for ids in multiples if isinstance(ids, dict) for id_ in ids]
    return []


def _rates(
    upstream_id: str, modes: Mapping[str, Any], reading: FieldReader
) -> Iterator[StatedRate]:
    for mode in modes:
        if mode != STANDARD:
            reading.miss(f"mode {mode}")
    if OF_NO_TEXT.search(upstream_id.lower()):
        reading.miss("price of an uncertain modality")
        return
    intervals = reading.tables(modes, STANDARD)
    try:
        starts = [_start(interval) for interval in intervals]
    except (ValueError, TypeError, KeyError):
        reading.odd("start")
        return
    series: list[StatedRate] = []
    for interval, start, end in zip(intervals, starts, [*starts[1:], None], strict=True):
        if start and end and start >= end:
            # models.dev recorded the first price after the provider had changed it.
            continue
        card = reading.table(interval, "rates") if interval.get("rates") is not None else {}
        for rate in _card(card, BASE, start, end, reading):
            series.append(rate)
        for tier in reading.tables(card, "tiers"):
            if above := reading.tokens(tier, "above"):
                series += _card(tier, Terms(band=Band(above)), start, end, reading)
            else:
                reading.odd("tiers")
    yield from _without_repeats(series)


def _start(interval: Interval) -> datetime | None:
    """The start of an interval; of the first, which has none, since when its price is recorded."""
    stated = interval["start"] or (interval["rates"] or {}).get("valid_from")
    return datetime.fromisoformat(stated) if stated else None


def _card(
    card: Mapping[str, Any],
    terms: Terms,
    start: datetime | None,
    end: datetime | None,
    reading: FieldReader,
) -> Iterator[StatedRate]:
    for field in card:
        if field in NOT_A_RATE:
            reading.miss(NOT_A_RATE[field])
        elif field not in RATE_FIELDS and field != "above":
            reading.miss(f"field {field}")
    for meter in METERS:
        rate = reading.rate(card, meter, meter, terms=terms, valid_from=start, valid_to=end)
        if rate and rate.state == "priced":
            yield rate
        elif rate:
            reading.miss("price of zero")


def _without_repeats(rates: Sequence[StatedRate]) -> Iterator[StatedRate]:
    """The rates with intervals of the same price as one."""
    joined: dict[tuple[str, Terms], list[StatedRate]] = {}
    for rate in rates:
        series = joined.setdefault((rate.meter, rate.terms), [])
        if series and series[-1].amount == rate.amount and series[-1].valid_to == rate.valid_from:
            before = series.pop()
            rate = StatedRate(
                rate.meter,
                rate.amount,
                terms=rate.terms,
                valid_from=before.valid_from,
                valid_to=rate.valid_to,
            )
        series.append(rate)
    for series in joined.values():
        yield from series
