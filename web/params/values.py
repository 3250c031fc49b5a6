"""Single values of query strings: read, or replaced by a default with a complaint. Pure.

A complaint is a clause for the visitor: “nope” is no column to sort by.
"""

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from web.format.figures import plain

LONGEST_SEARCH = 200
# No value of use is longer, and pages repeat a bad one in each of their links.
LONGEST_VALUE = 500
# Of unknown parameters so many are named.
MOST_NAMED = 3
# Control characters, and bytes that were not UTF-8: PostgreSQL refuses them, and no name has them.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff]+")
# As pages write it: $1, $1/M.
_AMOUNT = re.compile(r"\$?(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})(?:/M)?", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"0*[1-9]\d{0,11}", re.ASCII)
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3}){1,3}", re.ASCII)
_SHORT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?([KM])", re.ASCII | re.IGNORECASE)
_THOUSANDS = {"k": 1_000, "m": 1_000_000}
# As pages write them: 0.82 s, 93 tps, 99.97 %.
_FIGURE = re.compile(r"(\d{1,7}(?:\.\d{1,6})?|\.\d{1,6}) ?([a-z%]*)", re.ASCII)
_YES, _NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)


class Query(Protocol):
    """A parsed query string, such as Django's QueryDict."""

    def getlist(self, name: str, /) -> list[str]: ...


class NamedQuery(Query, Protocol):
    """A query string that lists the names of its parameters."""

    def __iter__(self) -> Iterator[str]: ...


def last_value(query: Query, name: str) -> str:
    """The last value of a name; of one that is too long its beginning, which no reader accepts."""
    values = query.getlist(name)
    value = values[-1].strip() if values else ""
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"


def shown(value: str) -> str:
    readable = _UNREADABLE.sub("�", value)
    return f"“{readable[:40]}{'…' if len(readable) > 40 else ''}”"


def unknown_names(query: NamedQuery, known: Collection[str]) -> str:
    """A sentence that names parameters that are not among the known ones; "" if there are none."""
    names = [name for name in query if name not in known]
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    words = ", ".join(map(shown, names[:MOST_NAMED]))
    what = "a parameter that is" if len(names) == 1 else "parameters that are"
    return f"The address has {what} not known here, and ignored: {words}{more}."


def read_search(value: str, complaints: list[str]) -> str:
    readable = " ".join(_UNREADABLE.sub(" ", value).split())
    if _UNREADABLE.search(value):
        complaints.append("the search held characters that are no text")
    if len(readable) > LONGEST_SEARCH:
        complaints.append(f"the search was cut to {LONGEST_SEARCH} characters")
    return readable[:LONGEST_SEARCH].strip()


def read_sort(value: str, columns: Container[str], default: str, complaints: list[str]) -> str:
    sign = "-" if value.startswith("-") else ""
    column = _underscored(value.removeprefix("-"))
    if not value or column in columns:
        return f"{sign}{column}" or default
    complaints.append(f"{shown(value)} is no column to sort by")
    return default


def read_slug(value: str, what: str, complaints: list[str]) -> str:
    """A well-formed slug from any spelling; the catalog may not hold it."""
    slug = value.lower().replace("_", "-").replace(" ", "-")
    if not value or _SLUG.fullmatch(slug):
        return slug
    complaints.append(f"{shown(value)} is no {what}")
    return ""


def read_slugs(values: Sequence[str], most: int, what: str, complaints: list[str]) -> list[str]:
    slugs = [read_slug(value.strip(), what, complaints) for value in values[:most]]
    return list(dict.fromkeys(filter(None, slugs)))


def read_choice(value: str, choices: Container[str], what: str, complaints: list[str]) -> str:
    if not value or value.lower() in choices:
        return value.lower()
    complaints.append(f"{shown(value)} is no {what}")
    return ""


def read_flag(value: str, name: str, complaints: list[str]) -> bool:
    if value.lower() not in (*_YES, *_NO):
        complaints.append(f"{name} is 1 or left out, not {shown(value)}")
    return value.lower() in _YES


def read_amount(value: str, what: str, complaints: list[str]) -> Decimal | None:
    if amount := _AMOUNT.fullmatch(value):
        return Decimal(amount[1])
    if value:
        complaints.append(f"{shown(value)} is no {what}")
    return None


def read_count(value: str, what: str, complaints: list[str]) -> int | None:
    if _COUNT.fullmatch(value):
        return int(value)
    if value:
        complaints.append(f"{shown(value)} is no {what}")
    return None


def read_seconds(value: str, what: str, complaints: list[str]) -> Decimal | None:
    """0.8, 0.8 s or 800 ms."""
    factors = {"": Decimal(1), "s": Decimal(1), "ms": Decimal("0.001")}
    return _read_figure(value, factors, f"{what} in seconds", complaints)


def read_speed(value: str, what: str, complaints: list[str]) -> Decimal | None:
    """50 or 50 tps: tokens a second."""
    factors = dict.fromkeys(("", "tps"), Decimal(1))
    return _read_figure(value, factors, f"{what} in tokens a second", complaints)


def read_percent(value: str, what: str, complaints: list[str]) -> Decimal | None:
    """99.5 or 99.5 %, as pages write it. 0.995 could be meant as a ratio: it is no such figure."""
    what = f"{what} in percent, from 1 to 100"
    percent = _read_figure(value, dict.fromkeys(("", "%"), Decimal(1)), what, complaints)
    if percent is None or 1 <= percent <= 100:
        return percent
    complaints.append(f"{shown(value)} is no {what}")
    return None


def _read_figure(
    value: str, factors: Mapping[str, Decimal], what: str, complaints: list[str]
) -> Decimal | None:
    written = _FIGURE.fullmatch(value.lower())
    if written and written[2] in factors and (figure := Decimal(written[1]) * factors[written[2]]):
        return figure.normalize() + 0
    if value:
        complaints.append(f"{shown(value)} is no {what}")
    return None


def read_tokens(value: str, complaints: list[str]) -> int | None:
    """A number of tokens, also as pages write it: 128000, 128,000, 128K, 1.05M. A K is 1,000."""
    digits = re.sub(r" ?tokens?$", "", value)
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif short := _SHORT.fullmatch(digits):
        digits = plain(Decimal(short[1]) * _THOUSANDS[short[2].lower()])
    return read_count(digits if _COUNT.fullmatch(digits) else value, "number of tokens", complaints)


def read_days(value: str, most: int, complaints: list[str]) -> int | None:
    digits = re.sub(r" ?days?$", "", value)
    days = read_count(digits if _COUNT.fullmatch(digits) else value, "number of days", complaints)
    return min(days, most) if days else None


def read_columns(
    values: Sequence[str], known: Sequence[str], complaints: list[str]
) -> tuple[str, ...]:
    """Columns in the table's order; () for the usual table: none stated, or all."""
    stated = [
        name.strip() for value in values[: len(known)] for name in value.split(",")[: len(known)]
    ]
    unknown = [name for name in stated if name and _underscored(name) not in known]
    complaints += [f"{shown(name)} is no column" for name in unknown[:3]]
    spelled = {_underscored(name) for name in stated}
    columns = tuple(name for name in known if name in spelled)
    return columns if len(columns) < len(known) else ()


def _underscored(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
