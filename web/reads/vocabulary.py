"""Meters and service tiers of the rates on record: both vocabularies are open."""

from dataclasses import dataclass

from catalog.sql import rows


@dataclass(frozen=True, slots=True)
class RecordedWord:
    word: str


_METERS = "SELECT DISTINCT meter AS word FROM pricing_rate ORDER BY 1"
_TIERS = """
SELECT DISTINCT terms ->> 'tier' AS word FROM pricing_rate WHERE terms ? 'tier' ORDER BY 1
"""


def meters_on_record() -> list[str]:
    return [row.word for row in rows(RecordedWord, _METERS)]


def tiers_on_record() -> list[str]:
    return [row.word for row in rows(RecordedWord, _TIERS)]
