"""Dates and times as people, spreadsheets and mail write them. Pure.

Whether 11/12/2026 is in November or in December is read off the other dates of the column. Where
none shows it, it must be written otherwise.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_CLOCK = (
    r"(?:(?:[ T]+|,\s*)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<part>\d+))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\s+)?"
_FORMS = tuple(
    re.compile(form + _CLOCK)
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
        r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)",
        _WEEKDAY + r"(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4}|\d\d)",
        _WEEKDAY + r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4}|\d\d)",
    )
)
_EITHER = _FORMS[1]


def order_of(cells: Iterable[str]) -> tuple[str, str]:
    """Whether the dates of a column have the day or the month first, and one that may be either.

    The order is empty where no date shows it; the cell is empty where it makes no difference.
    """
    shown: set[str] = set()
    unclear = ""
    dates = [found for found in map(_EITHER.fullmatch, map(str.strip, cells)) if found]
    short = [found for found in dates if len(found["year"]) == 2]
    if short and _may_begin_with_years(short):
        return "", short[0][0]
    for found in dates:
        one, two = int(found["one"]), int(found["two"])
        if found["mark"] == ".":
            continue
        if one > 12 or two > 12:
            shown.add(DAY_FIRST if one > 12 else MONTH_FIRST)
        elif one != two:
            unclear = found[0]
    if len(shown) == 1:
        return shown.pop(), ""
    return "", unclear


def _may_begin_with_years(dates: Sequence[re.Match[str]]) -> bool:
    """Whether dates as 26-11-30 may begin with the year: all with one first number, and hyphens, or
    fewer first numbers than last ones."""
    first, last = ({found[name] for found in dates} for name in ("one", "year"))
    could = all(int(found["two"]) <= 12 for found in dates) and len(first) == 1
    return could and (len(last) > 1 or dates[0]["mark"] == "-") and _is_year(first.pop())


def _is_year(digits: str) -> bool:
    """Whether two digits may be a year of which there are logs."""
    return int(digits) >= 15


def date_of(text: str, order: str = "") -> datetime | None:
    """The instant that a text means, in UTC where it names no zone; None for any other text.

    With points the day is first, as everywhere that writes dates so.
    """
    found = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if found is None:
        return None
    part = found.groupdict()
    if "one" in part:
        day, month = _day_and_month(int(part["one"]), int(part["two"]), part["mark"], order)
    else:
        day = int(part["day"])
        month = int(part["month"]) if "month" in part else _month(part["name"])
    hour = _hour(int(part["hour"] or 0), (part["half"] or "").lower())
    micros = (part["part"] or "")[:6].ljust(6, "0")
    try:
        at = datetime(
            int(part["year"]) + (2000 if len(part["year"]) == 2 else 0),
            month,
            day,
            hour,
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int(micros),
        )
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{part['zone'] or 'Z'}").tzinfo
        return at.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day_and_month(one: int, two: int, mark: str, order: str) -> tuple[int, int]:
    if mark == "." or one == two:
        return one, two
    order = order or (DAY_FIRST if one > 12 else MONTH_FIRST if two > 12 else "")
    # No month: the cell means no date that is known.
    return {DAY_FIRST: (one, two), MONTH_FIRST: (two, one)}.get(order, (0, 0))


def _month(name: str) -> int:
    names = _MONTHS.split()
    short = name[:3].lower()
    return names.index(short) + 1 if short in names else 0


def _hour(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half.startswith("p") else 0)
