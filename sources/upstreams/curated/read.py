"""Ratecard's curated facts: files of this folder, each fact with its source and date.

Their form is in docs/curated-facts.md; `manage.py check_facts` names what is wrong with them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sources.base import (
    Answer,
    EndpointRule,
    FetchFailed,
    Http,
    ModelRule,
    Parsed,
    ProviderListing,
    Source,
    WrongShape,
)
from sources.upstreams.curated.lifecycle import lifecycle_rules
from sources.upstreams.curated.models import model_facts
from sources.upstreams.curated.policy import endpoint_policy_rules, provider_facts
from sources.upstreams.curated.prices import cache_writes, search_prices
from sources.upstreams.curated.rows import CuratedRow, is_day

FOLDER = Path(__file__).parent

Stated = ProviderListing | EndpointRule | ModelRule

# The reader of each file's rows. What a file states of an endpoint comes after the files above it.
SUBJECTS: Mapping[str, Callable[[CuratedRow], Iterable[Stated]]] = {
    "providers.json": provider_facts,
    "endpoint_policy.json": endpoint_policy_rules,
    "models.json": model_facts,
    "search_prices.json": search_prices,
    "cache_writes.json": cache_writes,
    "lifecycle.json": lifecycle_rules,
}


@dataclass(frozen=True, slots=True)
class CuratedFacts:
    """What the files state, by file and row, with a sentence for every mistake."""

    as_of: str
    stated: Mapping[str, Stated]
    complaints: tuple[str, ...]


class Curated(Source):
    slug = "curated"
    name = "Ratecard's curated facts"
    url = ""
    licence = "MIT"
    is_local = True

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        return self.answer(now=now)

    def answer(self, *, now: datetime) -> Answer:
        """The files as they are here. Raises FetchFailed."""
        try:
            pages = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}
        except OSError as error:
            raise FetchFailed(f"{self.name} cannot be read: {error}.") from error
        return Answer(as_of=now, pages=pages)

    def parse(self, answer: Answer) -> Parsed:
        facts = read_facts(answer.pages)
        if facts.complaints:
            count = len(facts.complaints)
            more = f" manage.py check_facts names all {count} mistakes." if count > 1 else ""
            raise WrongShape(f"{facts.complaints[0]}{more}")
        stated = facts.stated.values()
        return Parsed(
            source=self.slug,
            as_of=datetime.combine(date.fromisoformat(facts.as_of), datetime.min.time(), UTC),
            listings=(),
            providers=tuple(row for row in stated if isinstance(row, ProviderListing)),
            rules=tuple(row for row in stated if isinstance(row, EndpointRule)),
            models=tuple(row for row in stated if isinstance(row, ModelRule)),
            only_known=True,
        )


def read_facts(pages: Mapping[str, bytes]) -> CuratedFacts:
    complaints: list[str] = []
    stated: dict[str, Stated] = {}
    dates = [""]
    complaints += [f"{name}: there is no such file." for name in SUBJECTS.keys() - pages.keys()]
    unknown = sorted(pages.keys() - SUBJECTS.keys())
    complaints += [f"{name}: no reader of it is known." for name in unknown]
    for name in [name for name in SUBJECTS if name in pages]:
        as_of, records = _file(name, pages[name], complaints)
        dates.append(as_of)
        for number, record in enumerate(records, 1):
            row = CuratedRow(_place(name, number, record), record, as_of, complaints)
            for part, statement in enumerate(SUBJECTS[name](row)):
                stated[f"{row.place}, {part}" if part else row.place] = statement
    complaints += _twice(stated)
    return CuratedFacts(max(dates), stated, tuple(complaints))


def _file(name: str, body: bytes, complaints: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """The date and the rows of a file: {"as_of": …, "about": …, "rows": […]}."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        complaints.append(f"{name}: this is no JSON: {error}.")
        return "", []
    match content:
        case {"as_of": str(as_of), "about": str(), "rows": [*rows], **more} if not more:
            if len(as_of) != len("2026-11-30") or not is_day(as_of):
                complaints.append(f"{name}: as_of is “{as_of}”, and no date such as 2026-11-30.")
                return "", []
            bad = [n for n, row in enumerate(rows, 1) if not isinstance(row, dict)]
            complaints += [f"{name}, row {number}: this is no JSON object." for number in bad]
            return as_of, [row for row in rows if isinstance(row, dict)]
    complaints.append(f"{name}: it is an object of as_of, about and rows, and of nothing else.")
    return "", []


def _place(name: str, number: int, record: Mapping[str, Any]) -> str:
    models = record.get("models")
    listed = ", ".join(map(str, models)) if isinstance(models, list) else ""
    return f"{name}, row {number} ({str(record.get('provider') or listed or None)[:60]})"


def _twice(stated: Mapping[str, Stated]) -> Iterator[str]:
    places: dict[str, str] = {}
    for place, row in stated.items():
        if isinstance(row, ProviderListing):
            if row.slug in places:
                yield f"{place}: {row.slug} has a row already, {places[row.slug]}."
            places.setdefault(row.slug, place)
