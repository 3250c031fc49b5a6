"""A workload's query string as an object: quantities, how often, when, in which tier. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pricing.request import Request
from pricing.terms import STANDARD
from pricing.usage import OddUsage, Usage
from web.format.figures import thousands
from web.params.values import Query, last_value

# Beyond what any bill has, and far below what a sum of money can hold exactly.
MOST_REQUESTS = 10**12
MOST_TOKENS = 10**9
LONGEST_KEPT = 40
PERIODS = ("month", "day")
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_TIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_NUMBER = re.compile(r"(\d+(?:\.\d{1,9})?) ?([km]?)", re.ASCII | re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?) ?%", re.ASCII)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Field:
    """A number that a workload states. `whole` is the field that it counts a part of.

    `meter` is what it counts, per request; searches are stated per 1,000 requests.
    """

    name: str
    label: str
    meter: str = ""
    whole: str = ""
    per: int = 1
    most: int = MOST_TOKENS
    slide: int = 0  # how far its slider goes; none if 0


FIELDS = (
    Field("requests", "Requests", most=MOST_REQUESTS, slide=10_000_000),
    Field("input", "Input tokens per request", "input", slide=1_000_000),
    Field("cached", "of which cached", "cache_read", "input"),
    Field("output", "Output tokens per request", "output", slide=100_000),
    Field("reasoning", "of which reasoning", "reasoning", "output"),
    Field("cache_write", "Input that is written to the cache", "cache_write", "input"),
    Field("image_input", "Input that is images, in tokens", "input_image", "input"),
    Field("audio_input", "Input that is audio, in tokens", "input_audio", "input"),
    Field("audio_output", "Output that is audio, in tokens", "output_audio", "output"),
    Field("web_search", "Web searches per 1,000 requests", "web_search", per=1000, most=1_000_000),
    Field("images", "Images made per 1,000 requests", "image", per=1000, most=1_000_000),
)
BY_NAME = {each.name: each for each in FIELDS}
# The workload of an empty query: a support chatbot's month.
USUAL = {"requests": 30_000, "input": 3_000, "output": 600}


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests, and what each of them uses: numbers by the names of FIELDS, those that were stated.

    `every` is the time in which all the requests are made. `written` is what the visitor wrote in
    each field, and `complaints` are why fields were not understood: then there is no `usage`.
    `uncached` has cached tokens billed as plain input where no price is stated for them.
    """

    numbers: Mapping[str, int]
    every: str = "month"
    tier: str = ""
    at: datetime | None = None
    uncached: bool = False
    written: Mapping[str, str] = field(default_factory=dict)
    complaints: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Query) -> "Workload":
        """Read a query string; what it does not state is the usual workload, or nothing of it."""
        written = {each.name: last_value(query, each.name) for each in FIELDS}
        complaints: dict[str, str] = {}
        stated = {name: text for name, text in written.items() if text}
        usual = USUAL if stated.keys() <= {"requests"} else {"requests": USUAL["requests"]}
        read = _numbers(stated, complaints)
        numbers = {**{name: n for name, n in usual.items() if name not in complaints}, **read}
        tier, at = last_value(query, "tier"), last_value(query, "at")
        every = last_value(query, "every")
        workload = cls(
            numbers=numbers,
            every=every if every in PERIODS else "month",
            tier=read_tier(tier, complaints),
            at=read_instant(at, complaints),
            uncached=last_value(query, "uncached") == "1",
            written={
                **stated,
                **{name: text for name, text in (("tier", tier), ("at", at)) if text},
            },
            complaints=complaints,
        )
        return workload if complaints else workload._checked()

    def _checked(self) -> "Workload":
        """The workload, complaining of parts that are more than their whole."""
        for each in FIELDS:
            if each.whole and self.number(each.name) > self.number(each.whole):
                of = f"{thousands(self.number(each.whole))} {_lower(BY_NAME[each.whole].label)}"
                return self.complaining(each.name, f"That is more than the {of} it is a part of.")
        for whole in ("input", "output"):
            parts = [each for each in FIELDS if each.whole == whole and self.number(each.name)]
            if sum(self.number(each.name) for each in parts) > self.number(whole):
                complaint = f"Together, its parts are more than {thousands(self.number(whole))}."
                return self.complaining(parts[-1].name, complaint)
        if not any(self.number(each.name) for each in FIELDS if each.meter):
            return self.complaining("input", "Enter at least one quantity.")
        return self

    def complaining(self, name: str, complaint: str) -> "Workload":
        """The workload with a complaint on one of its fields."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return Workload(**{**kept, "complaints": {**self.complaints, name: complaint}})

    def number(self, name: str) -> int:
        return self.numbers.get(name, 0)

    @property
    def is_stated(self) -> bool:
        """Whether a query states any of it."""
        return bool(self.written or self.uncached or self.every != PERIODS[0])

    @property
    def requests(self) -> int:
        return self.number("requests")

    def usage(self) -> Usage:
        """What one request uses. Raises OddUsage where there are complaints."""
        if self.complaints:
            raise OddUsage(*next(iter(self.complaints.items())))
        counted = {
            each.meter: Decimal(self.number(each.name)) / each.per
            for each in FIELDS
            if each.meter and self.number(each.name)
        }
        return Usage.of(**counted)

    def request(self, now: datetime) -> Request:
        """One of the requests, at the stated time or now. Raises OddUsage like `usage`."""
        return Request(self.usage(), self.at or now, self.tier, self.uncached)

    def states(self, pairs: Sequence[tuple[str, str]]) -> bool:
        """Whether this is the workload that a query of these pairs states, whenever its prices
        hold."""
        return {pair for pair in self.pairs() if pair[0] != "at"} == set(pairs)

    def pairs(self) -> list[tuple[str, str]]:
        """The workload as a query states it: what was not understood as it was written."""
        numbers = [
            (name, self.written[name] if name in self.complaints else str(self.number(name)))
            for name in BY_NAME
            if name in self.numbers or (name in self.complaints and name in self.written)
        ]
        rest = [("every", self.every)] if self.every != "month" else []
        rest += [("uncached", "1")] if self.uncached else []
        tier = self.written.get("tier", "") if "tier" in self.complaints else self.tier
        return (
            numbers
            + rest
            + [(n, v) for n, v in (("tier", tier), ("at", self.written.get("at", ""))) if v]
        )


def _numbers(stated: Mapping[str, str], complaints: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, text in stated.items():
        each = BY_NAME[name]
        try:
            found[name] = (
                _share(text, found.get(each.whole)) if each.whole and "%" in text else _whole(text)
            )
            if found[name] > each.most:
                raise ValueError(f"At most {thousands(each.most)}.")
        except ValueError as error:
            found.pop(name, None)
            complaints[name] = str(error)
    return found


def _whole(text: str) -> int:
    """A whole number as people write it: 3000, 3,000, 3 000, 3k, 1.5M.

    Raises ValueError with a sentence.
    """
    plain = re.sub(r"(?<=\d)[,\u00a0\u202f_' ](?=\d{3}(?!\d))", "", text)
    found = _NUMBER.fullmatch(plain)
    if plain.startswith(("-", "−")):
        raise ValueError("A number from 0 up, please: less than nothing is not used.")
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        raise ValueError("Is the dot for thousands? Write 3,000 or 3000, please.")
    if not found or len(plain) > LONGEST_KEPT:
        raise ValueError("A number, please, such as 3000 or 1.5M.")
    number = Decimal(found[1]) * _UNITS[found[2].lower()]
    if number != number.to_integral_value():
        raise ValueError("A whole number, please: there is no part of one.")
    return int(number)


def _share(text: str, whole: int | None) -> int:
    """A share of the whole, such as 40 %, to the nearest token."""
    found = _SHARE.fullmatch(text)
    if not found or Decimal(found[1]) > 100:
        raise ValueError("A share from 0 % to 100 %, please.")
    if whole is None:
        raise ValueError("A share of what? State the number that it is a part of.")
    return int((Decimal(found[1]) * whole / 100).to_integral_value(ROUND_HALF_EVEN))


def read_tier(text: str, complaints: dict[str, str]) -> str:
    tier = text.lower()
    if tier in STANDARD:
        return ""
    if not _TIER.fullmatch(tier):
        complaints["tier"] = "No service tier is called so."
        return ""
    return tier


def read_instant(text: str, complaints: dict[str, str]) -> datetime | None:
    """A date (its first instant, UTC) or an instant; without a zone it is UTC."""
    if not text:
        return None
    try:
        # A plus that a query string does not escape arrives as a blank.
        read = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", text[:LONGEST_KEPT]))
        at = read if read.tzinfo else datetime.combine(read.date(), read.time() or time(), UTC)
        if EARLIEST <= at < LATEST:
            return at
    except (ValueError, OverflowError):
        pass
    complaints["at"] = (
        "A date between 2020 and 2099, please, such as 2026-08-22 or 2026-08-22T16:00Z."
    )
    return None


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:].removesuffix(" per request")


def as_written(workload: Workload) -> dict[str, Any]:
    """What each field of the form holds:

    the number with its thousands, or what was not understood.
    """
    return {
        name: workload.written.get(name, "")
        if name in workload.complaints
        else _shown(workload, name)
        for name in (*BY_NAME, "tier", "at")
    }


def _shown(workload: Workload, name: str) -> str:
    if name in BY_NAME:
        return thousands(workload.numbers[name]) if name in workload.numbers else ""
    return workload.tier if name == "tier" else workload.written.get(name, "")
