"""A workload's query string as an object: quantities, how often, when, in which tier. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from pricing.request import Request
from pricing.terms import STANDARD
from pricing.usage import OddUsage, Usage
from web.format.figures import thousands
from web.params.quantities import LONGEST_KEPT, milliseconds, share_of, whole_number
from web.params.values import Query, last_value
from web.params.workload_fields import ALSO, BY_NAME, FIELDS, OPTIONS

PERIODS = ("month", "day")
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_TIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_OPTION = re.compile(r"[a-z0-9][a-z0-9.x-]{0,19}", re.ASCII | re.IGNORECASE)


# The default workload: a support chatbot's month.
USUAL = {"requests": 30_000, "input": 3_000, "output": 600}


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests, and the quantities of each: the stated numbers by the names of FIELDS.

    `every` is the time in which all the requests are made. `written` is the visitor's text of each
    field, `complaints` by field are reasons for bad values: with any there is no `usage`.
    `uncached` bills cached tokens as plain input where no source states a price for them. `options`
    are the stated words of OPTIONS.
    """

    numbers: Mapping[str, int]
    every: str = "month"
    tier: str = ""
    at: datetime | None = None
    uncached: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    complaints: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_query(cls, query: Query) -> "Workload":
        """Read a query string; without any quantity it is the usual workload."""
        complaints: dict[str, str] = {}
        stated = {name: text for name in BY_NAME if (text := _stated(query, name))}
        usual = USUAL if stated.keys() <= {"requests"} else {"requests": USUAL["requests"]}
        read = _numbers(stated, complaints)
        defaults = {name: number for name, number in usual.items() if name not in complaints}
        tier, at = last_value(query, "tier"), last_value(query, "at")
        every = last_value(query, "every")
        options = {option.name: last_value(query, option.name) for option in OPTIONS}
        workload = cls(
            numbers={**defaults, **read},
            every=every if every in PERIODS else "month",
            tier=read_tier(tier, complaints),
            at=read_instant(at, complaints),
            uncached=last_value(query, "uncached") == "1",
            options=_options(options, complaints),
            written={
                **stated,
                **{
                    name: text
                    for name, text in (("tier", tier), ("at", at), *options.items())
                    if text
                },
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

    def option(self, name: str) -> str:
        """The word of an option, a bad one as it was written; "" where none is stated."""
        return self.written.get(name, "") if name in self.complaints else self.options.get(name, "")

    @property
    def is_stated(self) -> bool:
        return bool(self.written or self.uncached or self.every != PERIODS[0])

    @property
    def beyond_text(self) -> bool:
        """Whether it makes, hears or reads what is not counted in tokens of text."""
        return any(BY_NAME[name].beyond_text for name, number in self.numbers.items() if number)

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
        options = tuple(sorted(self.options.items()))
        return Request(self.usage(), self.at or now, self.tier, self.uncached, options)

    def states(self, pairs: Sequence[tuple[str, str]]) -> bool:
        return {pair for pair in self.pairs() if pair[0] != "at"} == set(pairs)

    def pairs(self) -> list[tuple[str, str]]:
        """The workload as a query; bad values as they were written."""
        numbers = [
            (
                name,
                self.written[name]
                if name in self.complaints
                else BY_NAME[name].text(self.number(name)),
            )
            for name in BY_NAME
            if name in self.numbers or (name in self.complaints and name in self.written)
        ]
        rest = [("every", self.every)] if self.every != "month" else []
        rest += [("uncached", "1")] if self.uncached else []
        rest += [(option.name, word) for option in OPTIONS if (word := self.option(option.name))]
        tier = self.written.get("tier", "") if "tier" in self.complaints else self.tier
        return (
            numbers
            + rest
            + [(n, v) for n, v in (("tier", tier), ("at", self.written.get("at", ""))) if v]
        )


def _stated(query: Query, name: str) -> str:
    """The text of a field by its own name, else by another of its names."""
    if text := last_value(query, name):
        return text
    for other, (field_name, seconds) in ALSO.items():
        if field_name == name and (text := last_value(query, other)):
            unit = {60: " min", 3600: " h"}.get(seconds, "")
            return f"{text}{unit}" if text[-1:].isdecimal() else text
    return ""


def _numbers(stated: Mapping[str, str], complaints: dict[str, str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, text in stated.items():
        of = BY_NAME[name]
        try:
            if of.duration:
                number = milliseconds(text)
            else:
                is_share = of.whole and "%" in text
                number = share_of(text, numbers.get(of.whole)) if is_share else whole_number(text)
            if number > of.most:
                raise ValueError(f"At most {of.shown(of.most)}.")
            numbers[name] = number
        except ValueError as error:
            complaints[name] = str(error)
    return numbers


def _options(written: Mapping[str, str], complaints: dict[str, str]) -> dict[str, str]:
    options = {}
    for name, text in written.items():
        word = re.sub(r" ?[x×] ?(?=\d)", "x", text)
        if word and _OPTION.fullmatch(word):
            options[name] = word
        elif word:
            complaints[name] = f"No price depends on such a {name.replace('_', ' ')}."
    return options


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
        for name in (*BY_NAME, *(option.name for option in OPTIONS), "tier", "at")
    }


def _shown(workload: Workload, name: str) -> str:
    if name in BY_NAME:
        numbers = workload.numbers
        return BY_NAME[name].shown(numbers[name]) if name in numbers else ""
    if name == "tier":
        return workload.tier
    return workload.options.get(name, "") or workload.written.get(name, "")
