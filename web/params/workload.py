"""A workload's query string as an object: quantities, how often, when, in which tier. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """A number of a workload. `whole` is the field that it counts a part of.

    `meter` is counted per request; searches are stated per 1,000 requests.
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
    Field("search_content", "Input that searches find, in tokens", "search_content", "input"),
    Field("images", "Images made per 1,000 requests", "image", per=1000, most=1_000_000),
)
BY_NAME = {field.name: field for field in FIELDS}
# The default workload: a support chatbot's month.
USUAL = {"requests": 30_000, "input": 3_000, "output": 600}


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests, and the quantities of each: the stated numbers by the names of FIELDS.

    `every` is the time in which all the requests are made. `written` is the visitor's text of each
    field, `complaints` by field are reasons for bad values: with any there is no `usage`.
    `uncached` bills cached tokens as plain input where no source states a price for them.
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
        """Read a query string; without any quantity it is the usual workload."""
        written = {name: last_value(query, name) for name in BY_NAME}
        complaints: dict[str, str] = {}
        stated = {name: text for name, text in written.items() if text}
        usual = USUAL if stated.keys() <= {"requests"} else {"requests": USUAL["requests"]}
        read = _numbers(stated, complaints)
        defaults = {name: number for name, number in usual.items() if name not in complaints}
        tier, at = last_value(query, "tier"), last_value(query, "at")
        every = last_value(query, "every")
        workload = cls(
            numbers={**defaults, **read},
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
        for part in FIELDS:
            if part.whole and self.number(part.name) > self.number(part.whole):
                whole = f"{thousands(self.number(part.whole))} {_lower(BY_NAME[part.whole].label)}"
                return self.complaining(
                    part.name, f"That is more than the {whole} it is a part of."
                )
        for name in ("input", "output"):
            parts = [part for part in FIELDS if part.whole == name and self.number(part.name)]
            if sum(self.number(part.name) for part in parts) > self.number(name):
                complaint = f"Together, its parts are more than {thousands(self.number(name))}."
                return self.complaining(parts[-1].name, complaint)
        if not any(self.number(counted.name) for counted in FIELDS if counted.meter):
            return self.complaining("input", "Enter at least one quantity.")
        return self

    def complaining(self, name: str, complaint: str) -> "Workload":
        return replace(self, complaints={**self.complaints, name: complaint})

    def number(self, name: str) -> int:
        return self.numbers.get(name, 0)

    @property
    def is_stated(self) -> bool:
        return bool(self.written or self.uncached or self.every != PERIODS[0])

    @property
    def requests(self) -> int:
        return self.number("requests")

    def usage(self) -> Usage:
        """Usage of one request. Raises OddUsage if there are complaints."""
        if self.complaints:
            raise OddUsage(*next(iter(self.complaints.items())))
        quantities = {
            counted.meter: Decimal(self.number(counted.name)) / counted.per
            for counted in FIELDS
            if counted.meter and self.number(counted.name)
        }
        return Usage.of(**quantities)

    def request(self, now: datetime) -> Request:
        """One request, at the stated time or now. Raises OddUsage like `usage`."""
        return Request(self.usage(), self.at or now, self.tier, self.uncached)

    def states(self, pairs: Sequence[tuple[str, str]]) -> bool:
        return {pair for pair in self.pairs() if pair[0] != "at"} == set(pairs)

    def pairs(self) -> list[tuple[str, str]]:
        """The workload as a query; bad values as they were written."""
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
    numbers: dict[str, int] = {}
    for name, text in stated.items():
        whole, most = BY_NAME[name].whole, BY_NAME[name].most
        try:
            is_share = whole and "%" in text
            number = _share(text, numbers.get(whole)) if is_share else _whole(text)
            if number > most:
                raise ValueError(f"At most {thousands(most)}.")
            numbers[name] = number
        except ValueError as error:
            complaints[name] = str(error)
    return numbers


def _whole(text: str) -> int:
    """A whole number in any usual notation: 3000, 3,000, 3 000, 3k, 1.5M.

    Raises ValueError with a sentence.
    """
    plain = re.sub(r"(?<=\d)[,\u00a0\u202f_' ](?=\d{3}(?!\d))", "", text)
    match = _NUMBER.fullmatch(plain)
    if plain.startswith(("-", "−")):
        raise ValueError("A number from 0 up, please: less than nothing is not used.")
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        raise ValueError("Is the dot for thousands? Write 3,000 or 3000, please.")
    if not match or len(plain) > LONGEST_KEPT:
        raise ValueError("A number, please, such as 3000 or 1.5M.")
    number = Decimal(match[1]) * _UNITS[match[2].lower()]
    if number != number.to_integral_value():
        raise ValueError("A whole number, please: there is no part of one.")
    return int(number)


def _share(text: str, whole: int | None) -> int:
    """A share of the whole, such as 40 %, to the nearest token.

    Raises ValueError with a sentence.
    """
    match = _SHARE.fullmatch(text)
    if not match or Decimal(match[1]) > 100:
        raise ValueError("A share from 0 % to 100 %, please.")
    if whole is None:
        raise ValueError("A share of what? State the number that it is a part of.")
    return int((Decimal(match[1]) * whole / 100).to_integral_value(ROUND_HALF_EVEN))


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
