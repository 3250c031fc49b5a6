"""Terms: the conditions under which a rate holds. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import gcd
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

_DAY = 24 * 60
# Options that describe a price, and are no condition of it: the unit that is counted, a free
# allowance before it, and a fixed number of tokens for what is found. A request need not state
# them; what it states must be the same.
DESCRIPTIVE = frozenset({"billed_by", "content", "free_allowance"})
# The names of the standard service tier.
STANDARD = ("", "standard", "default")


@dataclass(frozen=True, slots=True)
class Band:
    """A context band: its rates hold for requests that are past `threshold` input tokens.

    `basis` is what is counted against the threshold: `total_input` includes cached tokens.
    `applies` is `whole_request` (all tokens at the band's rate) or `marginal` (only those past it).
    """

    threshold: int
    operator: Literal["gt", "gte"] = "gt"
    basis: str = "total_input"
    applies: Literal["whole_request", "marginal"] = "whole_request"

    @property
    def meter(self) -> str:
        return "input" if self.basis == "total_input" else self.basis

    @property
    def below(self) -> int:
        return self.threshold if self.operator == "gt" else self.threshold - 1


@dataclass(frozen=True, slots=True)
class Schedule:
    """Recurring hours: ISO weekdays (1 is Monday) and half-open daily windows, read in `timezone`.

    A window is a pair of "HH:MM"; one that ends at or before its start runs past midnight, and
    belongs to the weekday it starts on.
    """

    windows: tuple[tuple[str, str], ...]
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    timezone: str = "UTC"

    def holds(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.timezone))
        return self.holds_within_week(local.isoweekday(), local.hour * 60 + local.minute)

    def holds_within_week(self, today: int, minute: int) -> bool:
        """Whether it holds in a minute of an ISO weekday, counted from midnight in its zone."""
        yesterday = (today - 2) % 7 + 1
        return any(
            (today in self.weekdays and start <= minute < end)
            or (yesterday in self.weekdays and start <= minute + _DAY < end)
            for start, end in map(_minutes, self.windows)
        )


def next_turn(schedules: Sequence[Schedule], *, after: datetime, until: datetime) -> datetime:
    """The first instant after `after` at which any schedule begins or ceases to hold.

    `until` if there is none before it.
    """
    if not schedules:
        return until
    windows = [_minutes(window) for schedule in schedules for window in schedule.windows]
    # Clocks change, and days begin, on some quarter of an hour.
    step = timedelta(minutes=gcd(15, *(edge for window in windows for edge in window)))
    holding = [schedule.holds(after) for schedule in schedules]
    after = after.astimezone(UTC)
    instant = after - (after - datetime.min.replace(tzinfo=UTC)) % step + step
    while instant < until:
        if [schedule.holds(instant) for schedule in schedules] != holding:
            return instant
        instant += step
    return until


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions under which a rate holds. Empty terms are the base card, the standard tier.

    `options` are further conditions by name, sorted: size, quality, resolution, search_context,
    billed_by …
    """

    tier: str = ""
    band: Band | None = None
    region: str = ""
    schedules: tuple[Schedule, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        stated: dict[str, Any] = {}
        if self.tier:
            stated["tier"] = self.tier
        if self.band:
            stated["band"] = {
                "threshold": self.band.threshold,
                "operator": self.band.operator,
                "basis": self.band.basis,
                "applies": self.band.applies,
            }
        if self.region:
            stated["region"] = self.region
        if self.schedules:
            stated["schedules"] = [
                {
                    "windows": [list(w) for w in s.windows],
                    "weekdays": list(s.weekdays),
                    "timezone": s.timezone,
                }
                for s in self.schedules
            ]
        if self.options:
            stated["options"] = dict(self.options)
        return stated

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "Terms":
        """Read what `to_json` wrote. Trusts it: `checked_terms` is for what a person wrote."""
        band = stated.get("band")
        return cls(
            tier=stated.get("tier", ""),
            band=Band(**band) if band else None,
            region=stated.get("region", ""),
            schedules=tuple(
                Schedule(
                    windows=tuple((start, end) for start, end in s["windows"]),
                    weekdays=tuple(s["weekdays"]),
                    timezone=s["timezone"],
                )
                for s in stated.get("schedules", ())
            ),
            options=tuple(sorted(stated.get("options", {}).items())),
        )

    @property
    def family(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """The key of what must come from one source: bands and schedules of two never mix."""
        return self.tier, self.region, self.options


BASE = Terms()


def _minutes(window: tuple[str, str]) -> tuple[int, int]:
    start, end = (int(time[:2]) * 60 + int(time[3:]) for time in window)
    return start, end if end > start else end + _DAY


# Names of time zones that are those of no place.
_NO_PLACES = {"Factory", "localtime"}
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def checked_terms(stated: object) -> Terms:
    """Terms as a person wrote them, in the form of `Terms.to_json`; defaults may be left out.

    Raises ValueError for anything that Terms cannot hold: a misspelt word would otherwise price the
    base card.
    """
    if not isinstance(stated, dict):
        raise ValueError("terms are an object")
    try:
        terms = Terms.from_json(stated)
        known = stated.keys() <= {"tier", "band", "region", "schedules", "options"}
        sound = (
            known
            and _are_words(terms)
            and _is_band(terms.band)
            and all(map(_recurs, terms.schedules))
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("terms of another shape") from error
    if not sound:
        raise ValueError("terms of another shape")
    return terms


def _are_words(terms: Terms) -> bool:
    words = [terms.tier, terms.region, *(word for option in terms.options for word in option)]
    return all(isinstance(word, str) and word.isprintable() for word in words)


def _is_band(band: Band | None) -> bool:
    return band is None or (
        type(band.threshold) is int
        and 0 < band.threshold < 2**31
        and band.operator in ("gt", "gte")
        and band.basis.isidentifier()
        and band.applies in ("whole_request", "marginal")
    )


def _recurs(schedule: Schedule) -> bool:
    times = [time for window in schedule.windows for time in window]
    return (
        all(map(_TIME.fullmatch, times))
        and bool(schedule.weekdays)
        and all(type(day) is int and 1 <= day <= 7 for day in schedule.weekdays)
        and (schedule.timezone == "UTC" or schedule.timezone in available_timezones() - _NO_PLACES)
    )
