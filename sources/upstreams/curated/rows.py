"""Rows of the curated files, read strictly: a mistake is a complaint with file and row. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.known_providers import PROVIDERS
from catalog.vocabulary import Vocabulary
from sources.base import Evidence

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")
_LONGEST_ADDRESS = 500
_LONGEST_SENTENCE = 1000


@dataclass(slots=True)
class CuratedRow:
    """A JSON object of a file. `complaints` collects what is wrong with it, for an editor."""

    place: str
    record: Mapping[str, Any]
    as_of: str
    complaints: list[str] = field(default_factory=list)

    def complain(self, reason: str) -> None:
        self.complaints.append(f"{self.place}: {reason}.")

    def text(self, name: str, *, required: bool = False) -> str:
        """A sentence or a word; "" where the field is absent."""
        value = self.record.get(name, "")
        if not isinstance(value, str) or value != " ".join(value.split()):
            self.complain(f"{name} is no text in one line without spaces around it")
        elif len(value) > _LONGEST_SENTENCE:
            self.complain(f"{name} has {len(value)} characters, and {_LONGEST_SENTENCE} fit")
        elif required and not value:
            self.complain(f"{name} is missing")
        else:
            return value
        return ""

    def texts(self, name: str) -> list[str]:
        values = self.record.get(name, [])
        if isinstance(values, list) and all(isinstance(value, str) and value for value in values):
            return values
        self.complain(f"{name} is no list of texts")
        return []

    def word(self, name: str, words: type[Vocabulary]) -> str:
        """A word of a vocabulary; "" where the field is absent."""
        value = self.text(name)
        if value and value not in list(words):
            self.complain(f"{name} is “{value}”, and not one of {', '.join(words)}")
            return ""
        return value

    def address(self, name: str, *, required: bool = False) -> str:
        value = self.text(name, required=required)
        if value and (not _ADDRESS.fullmatch(value) or len(value) > _LONGEST_ADDRESS):
            self.complain(f"{name} is “{value[:100]}”, and no address that begins with https://")
            return ""
        return value

    def day(self, name: str, *, required: bool = False) -> str:
        """A date as precise as it is known, 2026-11-30 or 2026-11; "" where it is absent."""
        value = self.text(name, required=required)
        if value and not is_day(value):
            self.complain(f"{name} is “{value}”, and no date such as 2026-11-30 or 2026-11")
            return ""
        return value

    def evidence(self) -> Evidence | None:
        """Where the row's facts are stated and when that was checked; both are required."""
        source, checked = self.address("source", required=True), self.day("checked", required=True)
        if checked > self.as_of:
            self.complain(f"checked is {checked}, after the file's as_of, {self.as_of}")
        return (source, checked) if source and checked else None

    def provider(self) -> str:
        slug = self.text("provider", required=True)
        if slug and slug not in PROVIDERS:
            self.complain(f"provider “{slug}” is not in catalog/known_providers.py")
        return slug

    def pattern(self, name: str) -> str:
        value = self.text(name)
        try:
            re.compile(value)
        except re.error as error:
            self.complain(f"{name} is no regular expression: {error}")
            return ""
        return value

    def part(self, name: str, known: Iterable[str]) -> "CuratedRow | None":
        """The object in a field, None where it is absent; its complaints are this row's."""
        if name not in self.record:
            return None
        part = self._part(f"{self.place}, {name}", self.record[name])
        part.rest(known)
        return part

    def parts(self, name: str, known: Sequence[str]) -> "list[CuratedRow]":
        records = self.record.get(name, [])
        if not isinstance(records, list):
            self.complain(f"{name} is no list")
            return []
        parts = [
            self._part(f"{self.place}, {name} {number}", record)
            for number, record in enumerate(records, 1)
        ]
        for part in parts:
            part.rest(known)
        return parts

    def _part(self, place: str, record: Any) -> "CuratedRow":
        part = CuratedRow(place, record if isinstance(record, dict) else {}, self.as_of)
        part.complaints = self.complaints
        if part.record is not record:
            part.complain("this is no JSON object")
        return part

    def rest(self, known: Iterable[str]) -> None:
        for name in sorted(self.record.keys() - set(known)):
            self.complain(f"there is no field {name}")


def is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        return date.fromisoformat(f"{text}{'-01-01'[len(text) - 4 :]}") is not None
    except ValueError:
        return False
