"""What one source states of one endpoint, and the facts that win. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pricing.rates import StatedRate

Columns = dict[str, Any]
Provenance = dict[str, list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One source on one endpoint, with what decides between it and the others.

    `vague` is a rule's statement about a variant or a region that the rule does not name:
    genai-prices' pattern for o4-mini covers Azure's `eu/o4-mini` too, which costs more, and its
    pattern for Nova covers Bedrock's `eu.amazon.nova-pro-v1:0`.
    """

    source: str
    trust: int
    as_of: datetime
    facts: Mapping[str, Any]
    rates: Sequence[StatedRate] = ()
    missing: bool = False
    vague: bool = False
    by_rule: bool = False
    evidence: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def checked(self, name: str) -> datetime:
        """The date of a fact, or of a rate under `rate.<meter>`: of its evidence, or the data's."""
        if name not in self.evidence:
            return self.as_of
        year, month, day = (*map(int, self.evidence[name][1].split("-")), 1, 1)[:3]
        return datetime(year, month, day, tzinfo=self.as_of.tzinfo)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that won, with its source and date, and the address of its evidence."""

    value: Any
    source: str
    on: str
    url: str = ""

    @property
    def provenance(self) -> list[str]:
        return [self.source, self.on, self.url] if self.url else [self.source, self.on]


Facts = Mapping[str, Fact]
