"""What a history records of the prices of endpoints, before any install saw them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pricing.terms import BASE, Terms


@dataclass(frozen=True, slots=True)
class PastRate:
    """A price in US dollars per the meter's unit over `[begin, end)`.

    `end` is None if the price holds on the last day of the history. `evidence` is the address of
    the change that made it. A slip of the record, a price that never held, ends where it begins;
    `why` is its reason in a sentence.
    """

    meter: str
    amount: Decimal
    begin: datetime
    end: datetime | None
    origin: str
    evidence: str
    terms: Terms = BASE
    why: str = ""

    @property
    def is_slip(self) -> bool:
        return self.end == self.begin

    def to_json(self) -> dict[str, Any]:
        stated: dict[str, Any] = {
            "meter": self.meter,
            "amount": str(self.amount),
            "from": self.begin.date().isoformat(),
        }
        if self.end:
            stated["to"] = self.end.date().isoformat()
        stated |= {"origin": self.origin, "evidence": self.evidence}
        if self.terms != BASE:
            stated["terms"] = self.terms.to_json()
        if self.why:
            stated["why"] = self.why
        return stated

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "PastRate":
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on another shape."""
        return cls(
            meter=stated["meter"],
            amount=Decimal(stated["amount"]),
            begin=_midnight(stated["from"]),
            end=_midnight(stated["to"]) if "to" in stated else None,
            origin=stated["origin"],
            evidence=stated["evidence"],
            terms=Terms.from_json(stated["terms"]) if "terms" in stated else BASE,
            why=stated.get("why", ""),
        )


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The recorded prices of one endpoint, oldest first in each meter and terms.

    Since `listed`, by the change at `evidence`, the history's source lists the endpoint without
    interruption. Prices that `rates` does not name are unchanged since then, but for those of the
    meters in `moved`; "*" is every meter that is not one of tokens.
    """

    provider: str
    upstream_id: str
    rates: tuple[PastRate, ...]
    listed: datetime
    evidence: str
    moved: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        stated: dict[str, Any] = {
            "provider": self.provider,
            "id": self.upstream_id,
            "listed": self.listed.date().isoformat(),
            "evidence": self.evidence,
            "past": [rate.to_json() for rate in self.rates],
        }
        if self.moved:
            stated["moved"] = sorted(self.moved)
        return stated

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "PriceHistory":
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on another shape."""
        return cls(
            provider=stated["provider"],
            upstream_id=stated["id"],
            rates=tuple(PastRate.from_json(rate) for rate in stated["past"]),
            listed=_midnight(stated["listed"]),
            evidence=stated["evidence"],
            moved=frozenset(stated.get("moved", ())),
        )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
