"""A comparison's query string as an object: models, providers, mix, workload. Pure."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from web.format.figures import plain
from web.params.values import Query, last_value, read_search, shown
from web.params.workload import Workload

FEWEST, MOST = 2, 8
# Read of a longer list: some of its names may not be comparable.
MOST_READ = 24
LONGEST = 300
DIFFERENCES = "differences"
_PART = r"(\d{1,6}(?:\.\d{1,3})?)"
_MIX = re.compile(rf"{_PART} ?[:/] ?{_PART}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mix:
    """Ratio of input to output tokens."""

    input: Decimal
    output: Decimal

    def __str__(self) -> str:
        return f"{plain(self.input)}:{plain(self.output)}"


# The custom of blended prices.
USUAL_MIX = Mix(Decimal(3), Decimal(1))


@dataclass(frozen=True, slots=True)
class CompareQuery:
    """`asked` holds creator/model, creator/model@provider, or aliases of these.

    `workload` is the estimate's, if any of it is stated. `complaints` are clauses on bad values.
    """

    asked: tuple[str, ...] = ()
    q: str = ""
    only_differences: bool = False
    mix: Mix = USUAL_MIX
    workload: Workload | None = None
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Query) -> "CompareQuery":
        """Ignore unknown parameters; a bad value falls back and adds a complaint."""
        complaints: list[str] = []
        workload = Workload.from_query(query)
        return cls(
            asked=_asked(query.getlist("m"), complaints),
            q=read_search(last_value(query, "q"), complaints),
            only_differences=_only_differences(last_value(query, "only"), complaints),
            mix=_mix(last_value(query, "mix"), complaints),
            workload=workload if workload.is_stated else None,
            complaints=tuple(complaints),
        )

    def pairs(
        self, *, adding: str = "", removing: str = "", **changes: Any
    ) -> list[tuple[str, str]]:
        """The shortest query with changes, pair by pair; with one model more or less."""
        wanted = replace(self, **changes)
        asked = [spelled for spelled in wanted.asked if spelled != removing]
        asked += [adding] if adding else []
        stated = (
            *(("m", spelled) for spelled in asked),
            ("q", wanted.q),
            ("only", DIFFERENCES if wanted.only_differences else ""),
            ("mix", str(wanted.mix) if wanted.mix != USUAL_MIX else ""),
            *(wanted.workload.pairs() if wanted.workload else ()),
        )
        return [(name, value) for name, value in stated if value]

    def query(self, **changes: Any) -> str:
        """The query string; commas, slashes and the like stay readable."""
        return urlencode(self.pairs(**changes), safe="/@:,")

    def complaining(self, *complaints: str) -> "CompareQuery":
        return replace(self, complaints=(*self.complaints, *complaints))


def _asked(values: list[str], complaints: list[str]) -> tuple[str, ...]:
    stated = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
    if len(stated) > MOST_READ:
        complaints.append(f"only the first {MOST_READ} models were looked at")
    return stated[:MOST_READ]


def _only_differences(value: str, complaints: list[str]) -> bool:
    if value not in ("", DIFFERENCES):
        complaints.append(f"only is “{DIFFERENCES}” or left out, not {shown(value)}")
    return value == DIFFERENCES


def _mix(value: str, complaints: list[str]) -> Mix:
    match = _MIX.fullmatch(value)
    if match and (Decimal(match[1]) or Decimal(match[2])):
        return Mix(Decimal(match[1]).normalize(), Decimal(match[2]).normalize())
    if value:
        complaints.append(f"{shown(value)} is no mix of input and output, such as 3:1")
    return USUAL_MIX


def readable(spelled: str) -> bool:
    """Whether a text may be a name: no id holds control characters, nor PostgreSQL a NUL."""
    return spelled.isprintable() and len(spelled) <= LONGEST
