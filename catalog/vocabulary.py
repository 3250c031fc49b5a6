"""Closed vocabularies: words that a column may hold, each with a label. Pure."""

from enum import StrEnum
from typing import Self


class Vocabulary(StrEnum):
    """A word is its value; a second value is its label, else the label is made of its name.

    As Django's TextChoices, for modules that import no Django.
    """

    label: str

    def __new__(cls, word: str, label: str = "") -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.label = label or word.replace("_", " ").title()
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]
