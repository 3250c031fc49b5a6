"""Quantities as people write them: numbers, shares of a number, lengths of time. Pure."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

LONGEST_KEPT = 40
_NUMBER = re.compile(r"(\d+(?:\.\d{1,9})?) ?([km]?)", re.ASCII | re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_DURATION = re.compile(
    r"(\d+(?:\.\d{1,9})?) ?(?:(s|sec|seconds?)|(m|min|minutes?)|(h|hours?))?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):([0-5]\d(?:\.\d{1,3})?)", re.ASCII)


def milliseconds(text: str) -> int:
    """A duration: 90, 90 s, 1.5 min, 2 h or 1:30. Raises ValueError with a sentence."""
    plain_text = _ungrouped(text)
    if clock := _CLOCK.fullmatch(plain_text):
        hours, minutes, seconds = (Decimal(part or 0) for part in clock.groups())
        exact = (hours * 3600 + minutes * 60 + seconds) * 1000
    elif (length := _DURATION.fullmatch(plain_text)) and len(plain_text) <= LONGEST_KEPT:
        unit = 3600 if length[4] else 60 if length[3] else 1
        exact = Decimal(length[1]) * unit * 1000
    elif plain_text.startswith(("-", "−")):
        raise ValueError("A length from 0 up, please.")
    else:
        raise ValueError("A length of time, please, such as 90, 90 s, 1.5 min or 1:30.")
    if exact != exact.to_integral_value():
        raise ValueError("To the millisecond, please: 0.001 s is the least.")
    return int(exact)


def whole_number(text: str) -> int:
    """A whole number in any usual notation: 3000, 3,000, 3 000, 3k, 1.5M.

    Raises ValueError with a sentence.
    """
    plain_text = _ungrouped(text)
    match = _NUMBER.fullmatch(plain_text)
    if plain_text.startswith(("-", "−")):
        raise ValueError("A number from 0 up, please: less than nothing is not used.")
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", plain_text):
        raise ValueError("Is the dot for thousands? Write 3,000 or 3000, please.")
    if not match or len(plain_text) > LONGEST_KEPT:
        raise ValueError("A number, please, such as 3000 or 1.5M.")
    number = Decimal(match[1]) * _UNITS[match[2].lower()]
    if number != number.to_integral_value():
        raise ValueError("A whole number, please: there is no part of one.")
    return int(number)


def _ungrouped(text: str) -> str:
    """A number without the separators of its thousands."""
    return re.sub(r"(?<=\d)[,\u00a0\u202f_' ](?=\d{3}(?!\d))", "", text)


def share_of(text: str, whole: int | None) -> int:
    """A share of the whole, such as 40 %, to the nearest token.

    Raises ValueError with a sentence.
    """
    match = _SHARE.fullmatch(text)
    if not match or Decimal(match[1]) > 100:
        raise ValueError("A share from 0 % to 100 %, please.")
    if whole is None:
        raise ValueError("A share of what? State the number that it is a part of.")
    return int((Decimal(match[1]) * whole / 100).to_integral_value(ROUND_HALF_EVEN))
