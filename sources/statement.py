"""What one source states of one endpoint, and the facts that win. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from catalog.claim_dates import Family, began, first_instant, rate_claim
from pricing.rates import StatedRate

Columns = dict[str, Any]
Provenance = dict[str, list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One source on one endpoint, with what decides between it and the others.

    `vague` is a rule's statement about a variant or a region that the rule does not name:
    genai-prices' pattern for o4-mini covers Azure's `eu/o4-mini` too, which costs more, and its
    pattern for Nova covers Bedrock's `eu.amazon.nova-pro-v1:0`.

    `as_of` is the date of the source's data, or the one that no longer had this. `stated_at` and
    `since` date the claims as in catalog.Claims. `own_tier` is that of an id sold in one alone.
    """

    source: str
    trust: int
    as_of: datetime
    stated_at: datetime
    facts: Mapping[str, Any]
    rates: Sequence[StatedRate] = ()
    missing: bool = False
    vague: bool = False
    by_rule: bool = False
    evidence: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)
    own_tier: str = ""

    def checked(self, name: str) -> datetime:
        """The date of a fact, or of a rate under `rate.<meter>`: of its evidence, or the data's."""
        return first_instant(self.evidence[name][1]) if name in self.evidence else self.as_of

    def began(self, claim: str) -> datetime:
        """Since when the source has stated a claim; of one that is gone, since when it is."""
        if self.missing:
            return self.as_of
        return began(claim, stated_at=self.stated_at, since=self.since, evidence=self.evidence)

    def rates_began(self, meter: str, family: Family) -> datetime:
        claim = rate_claim(meter, family)
        if family[0] == self.own_tier and claim not in self.since:
            # The source may write the only tier of an id as its base card.
            claim = rate_claim(meter, ("", *family[1:]))
        return self.began(claim)


class Fact(NamedTuple):
    """A value that won, with its source and date, and the address of its evidence."""

    value: Any
    source: str
    on: str
    url: str = ""

    @property
    def provenance(self) -> list[str]:
        return [self.source, self.on, self.url] if self.url else [self.source, self.on]


Facts = Mapping[str, Fact]
