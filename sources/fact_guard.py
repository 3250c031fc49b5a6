"""What an answer changes of facts that its source stated before, and what needs an editor. Pure.

Prices have their guard in sources.guard; the limits are those of docs/decisions/0024. Endpoints
that an answer no longer lists, or lists anew, are not compared here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.factors import factor_between, factor_words

# Shares in percent: beyond them an answer waits for an editor. Of limits and dates the share is of
# those stated before, of the rest it is of endpoints.
MOST_LIMITS = 20
MOST_LIMITS_ALIKE = 5
MOST_DATES = 20
MOST_ENDPOINTS = 10
# Fewer are no sign of anything.
FEWEST = 5

Facts = Mapping[str, Any]
EndpointKey = tuple[str, str]


class FactKind(StrEnum):
    LIMITS = "limits"
    DATES = "dates"
    LIFECYCLE = "lifecycle"
    CAPABILITIES = "capabilities"
    POLICY = "policy"


_FIELDS = {
    FactKind.LIMITS: ("context_window", "max_input", "max_output"),
    FactKind.DATES: ("released", "knowledge_cutoff"),
    FactKind.LIFECYCLE: ("lifecycle", "deprecated_on", "retired_on", "retired_not_before"),
    FactKind.POLICY: ("training", "retention", "retention_days", "zdr"),
}
_OF_VALUES = (FactKind.LIMITS, FactKind.DATES)


@dataclass(frozen=True, slots=True)
class FactMove:
    """A fact that an answer changes; None where it is not stated. Of capabilities, those lost."""

    provider: str
    upstream_id: str
    kind: FactKind
    field: str
    before: Any
    after: Any

    @property
    def factor(self) -> Decimal | None:
        """By what a limit was multiplied; None for other facts, and without one of the two."""
        if self.kind != FactKind.LIMITS or not (self.before and self.after):
            return None
        return factor_between(Decimal(self.before), Decimal(self.after))

    def to_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "id": self.upstream_id,
            "field": self.field,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class FactDifference:
    """What an answer changes of facts. `stated` is what a share is of, by kind."""

    stated: Mapping[FactKind, int] = field(default_factory=dict)
    moves: Sequence[FactMove] = ()

    def changed(self, kind: FactKind) -> int:
        """Limits and dates that differ; of other kinds the endpoints of which any fact does."""
        moves = [move for move in self.moves if move.kind == kind]
        if kind in _OF_VALUES:
            return len(moves)
        return len({(move.provider, move.upstream_id) for move in moves})

    @property
    def reasons(self) -> list[str]:
        """What needs an editor, as parts of a sentence."""
        reasons = []
        limits = self.stated.get(FactKind.LIMITS, 0)
        factors = Counter(move.factor for move in self.moves if move.factor is not None)
        factor, alike = factors.most_common(1)[0] if factors else (None, 0)
        if factor is not None and _is_more(alike, MOST_LIMITS_ALIKE, limits):
            words = f"{factor_words(factor)} what they were"
            reasons.append(f"{alike:,} of {limits:,} limits are {words}")
        for kind, most, words in (
            (FactKind.LIMITS, MOST_LIMITS, "limits differ"),
            (FactKind.DATES, MOST_DATES, "dates of release or knowledge differ"),
            (FactKind.LIFECYCLE, MOST_ENDPOINTS, "endpoints have another lifecycle"),
            (FactKind.CAPABILITIES, MOST_ENDPOINTS, "endpoints lose a capability"),
            (FactKind.POLICY, MOST_ENDPOINTS, "endpoints have another data policy"),
        ):
            changed, stated = self.changed(kind), self.stated.get(kind, 0)
            if _is_more(changed, most, stated):
                reasons.append(f"{changed:,} of {stated:,} {words}")
        return reasons


def compare_facts(
    before: Mapping[EndpointKey, Facts], after: Mapping[EndpointKey, Facts]
) -> FactDifference:
    """What `after` changes of `before`: facts by endpoint, of those that both have."""
    stated: Counter[FactKind] = Counter()
    moves: list[FactMove] = []
    for key in sorted(before.keys() & after.keys()):
        old, new = before[key], after[key]
        moves += _moves(key, old, new)
        for kind in _OF_VALUES:
            stated[kind] += sum(name in old for name in _FIELDS[kind])
        stated[FactKind.LIFECYCLE] += 1
        stated[FactKind.POLICY] += 1
        stated[FactKind.CAPABILITIES] += any((old.get("capabilities") or {}).values())
    return FactDifference(stated, moves)


def _moves(key: EndpointKey, old: Facts, new: Facts) -> Iterator[FactMove]:
    for kind, names in _FIELDS.items():
        for name in names:
            # A limit or a date that was unknown before is no change.
            if old.get(name) != new.get(name) and (name in old or kind not in _OF_VALUES):
                yield FactMove(*key, kind, name, old.get(name), new.get(name))
    had = {slug for slug, has in (old.get("capabilities") or {}).items() if has}
    has = {slug for slug, has in (new.get("capabilities") or {}).items() if has}
    if lost := sorted(had - has):
        yield FactMove(*key, FactKind.CAPABILITIES, "capabilities", ", ".join(lost), None)


def _is_more(part: int, percent: int, whole: int) -> bool:
    return part >= FEWEST and part * 100 > whole * percent
