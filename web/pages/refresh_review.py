"""A refresh as an editor reviews it: what its answer changes, by provider and by endpoint."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pricing.factors import factor_between, factor_words
from pricing.meters import meter
from pricing.terms import Terms
from sources.fact_guard import FactKind
from sources.guard import Difference
from sources.models import WAITING, Refresh, RefreshState
from sources.review import APPLIED, difference_of
from web.format.figures import money_exact
from web.format.terms import in_words

# Rows of one provider's page.
MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class ReviewedMove:
    """A price that an answer changes; `factor` is in words, "" where there is none."""

    provider: str
    upstream_id: str
    meter: str
    under: str
    before: str
    after: str
    factor: str


@dataclass(frozen=True, slots=True)
class ReviewedFact:
    """Another fact that an answer changes."""

    provider: str
    upstream_id: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ReviewedKind:
    """Facts of a kind: how many were stated, or of how many endpoints, and how many differ."""

    label: str
    stated: int
    changed: int


@dataclass(frozen=True, slots=True)
class ReviewedProvider:
    slug: str
    endpoints: int
    removed: int
    added: int
    prices: int
    changed: int
    facts: int = 0


@dataclass(frozen=True, slots=True)
class ReviewedEndpoint:
    """One endpoint of a provider that an answer changes, to be accepted alone."""

    provider: str
    upstream_id: str
    kind: str
    moves: tuple[ReviewedMove, ...] = ()
    facts: tuple[ReviewedFact, ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshReview:
    """`later` counts the applied refreshes of the source that a rollback would undo too."""

    reasons: Sequence[str]
    endpoints: int
    removed: int
    added: int
    prices: int
    changed: int
    factor: str
    alike: int
    moves: Sequence[ReviewedMove]
    kinds: Sequence[ReviewedKind]
    facts: Sequence[ReviewedFact]
    removed_samples: Sequence[tuple[str, str]]
    added_samples: Sequence[tuple[str, str]]
    providers: Sequence[ReviewedProvider]
    may_accept: bool
    may_reject: bool
    may_roll_back: bool
    later: int


_KINDS = {
    FactKind.LIMITS: "Other limits",
    FactKind.DATES: "Other dates",
    FactKind.LIFECYCLE: "Endpoints with another lifecycle",
    FactKind.CAPABILITIES: "Endpoints that lose a capability",
    FactKind.POLICY: "Endpoints with another data policy",
}


def refresh_review(refresh: Refresh) -> RefreshReview:
    found = refresh.difference
    state = RefreshState(refresh.state)
    providers = found.get("providers", {})
    factor = found.get("factor")
    return RefreshReview(
        reasons=found.get("reasons", []),
        endpoints=found.get("endpoints", 0),
        removed=found.get("removed", 0),
        added=found.get("added", 0),
        prices=found.get("prices", 0),
        changed=found.get("changed", 0),
        factor="" if factor is None else _factor(Decimal(factor)),
        alike=found.get("alike", 0),
        moves=_moves(found.get("samples", ())),
        kinds=[
            ReviewedKind(label, **found["facts"][kind])
            for kind, label in _KINDS.items()
            if kind in found.get("facts", {})
        ],
        facts=_facts(found.get("fact_samples", ())),
        removed_samples=found.get("removed_samples", ()),
        added_samples=found.get("added_samples", ()),
        providers=_providers(providers),
        may_accept=state in (*WAITING, RefreshState.REJECTED),
        may_reject=state in WAITING,
        may_roll_back=state in APPLIED,
        later=refresh.source.refreshes.filter(id__gt=refresh.id, state__in=APPLIED).count(),
    )


def endpoints_of_provider(difference: Difference, provider: str) -> list[ReviewedEndpoint]:
    """The endpoints of one provider that an answer changes, removed ones first."""
    moves: dict[str, list[dict[str, Any]]] = {}
    for move in difference.moves:
        if move.provider == provider:
            moves.setdefault(move.upstream_id, []).append(move.to_json())
    facts: dict[str, list[dict[str, Any]]] = {}
    for fact in difference.facts.moves:
        if fact.provider == provider:
            facts.setdefault(fact.upstream_id, []).append(fact.to_json())
    rows = [
        ReviewedEndpoint(slug, id_, kind)
        for kind, keys in (("no longer listed", difference.removed), ("new", difference.added))
        for slug, id_ in keys
        if slug == provider
    ]
    changed = (
        ReviewedEndpoint(
            *(provider, id_, "other"),
            tuple(_moves(moves.get(id_, ()))),
            tuple(_facts(facts.get(id_, ()))),
        )
        for id_ in sorted({*moves, *facts})
    )
    return [*rows, *changed][:MOST_ROWS]


def changed_keys(refresh: Refresh, providers: Iterable[str]) -> list[tuple[str, str]]:
    """Every endpoint of these providers that a waiting answer changes."""
    chosen = {*providers}
    if not chosen:
        return []
    difference = difference_of(refresh)
    prices = {(move.provider, move.upstream_id) for move in difference.moves}
    facts = {(move.provider, move.upstream_id) for move in difference.facts.moves}
    keys = {*difference.removed, *difference.added, *prices, *facts}
    return sorted(key for key in keys if key[0] in chosen)


def _providers(found: Mapping[str, Mapping[str, int]]) -> list[ReviewedProvider]:
    """Those that lose or change most first."""
    rows = [ReviewedProvider(slug, **counts) for slug, counts in found.items()]
    return sorted(
        rows, key=lambda row: (-row.removed, -row.changed, -row.facts, -row.added, row.slug)
    )


def _moves(found: Iterable[Mapping[str, Any]]) -> list[ReviewedMove]:
    return [
        ReviewedMove(
            move["provider"],
            move["id"],
            meter(move["meter"]).name,
            in_words(Terms.from_json(move["terms"])),
            _price(move["before"]),
            _price(move["after"]),
            _factor_of(move["before"], move["after"]),
        )
        for move in found
    ]


def _facts(found: Iterable[Mapping[str, Any]]) -> list[ReviewedFact]:
    return [
        ReviewedFact(
            *(fact["provider"], fact["id"], fact["field"].replace("_", " ")),
            *(_fact(fact["before"]), _fact(fact["after"])),
        )
        for fact in found
    ]


def _fact(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "none" if value is None else str(value)


def _price(price: Mapping[str, str] | None) -> str:
    if price is None:
        return "none"
    if "amount" not in price:
        return price["state"].replace("_", " ")
    return money_exact(Decimal(price["amount"]), price.get("currency", "USD"))


def _factor_of(before: Mapping[str, str], after: Mapping[str, str] | None) -> str:
    if not after or "amount" not in before or "amount" not in after:
        return ""
    old, new = Decimal(before["amount"]), Decimal(after["amount"])
    same = before.get("currency") == after.get("currency")
    return _factor(factor_between(old, new)) if same and old else ""


def _factor(factor: Decimal) -> str:
    if factor == 1:
        return ""
    return f"{factor_words(factor)} what it was" if factor else "to zero or none"
