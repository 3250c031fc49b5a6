"""The moves that save most: parts of a usage log at another endpoint. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.provider_kinds import DIRECT
from catalog.rating_class import Intervals, is_at_least
from pricing.aggregates import Aggregates
from pricing.bulk import totals
from pricing.endpoint import PricedEndpoint, PricedEndpoints
from pricing.media import Needs, lacking, needs, needs_at
from pricing.usage import Usage
from usage.report import Move, Share

# A move saves at least half a cent (or half of a hundredth of another currency), and so much of
# what is spent.
LEAST_SAVING = Decimal("0.005")
LEAST_PART = Decimal("0.001")


def needs_of(part: Aggregates, here: PricedEndpoint | None) -> Needs:
    """What the requests of a part of a log, made at an endpoint if that is known, need of one."""
    usage = Usage({slug: number for slug, number in part.used.items() if number})
    return needs_at(usage, here) if here else needs(usage)


@dataclass(frozen=True, slots=True)
class BestMoves:
    """The moves that save most: to direct providers, and to any provider that bills by use."""

    direct: tuple[Move, ...]
    anywhere: tuple[Move, ...]


def best_moves(
    added: Aggregates,
    shares: Sequence[Share],
    endpoints: PricedEndpoints,
    *,
    at: datetime | None = None,
    ratings: Mapping[str, Intervals] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
    most: int = 10,
) -> BestMoves:
    """For each share of the log the endpoint that saves most; of these, the largest savings.

    A candidate has the same tier and currency, and room for the longest request. It serves the same
    model, or another of at least its class by `ratings`: that one at the endpoint that stands for
    it, without a capability less, and marked as another. Free endpoints, plans, local runtimes and
    answers later than the logged ones are none, nor are those that cannot make, take or read what
    the requests have (`pricing.media`), nor savings of next to nothing.
    """
    able: dict[Needs, _Served] = {}
    by_id = endpoints.by_id
    parts = added.split("model", "provider", "tier")
    direct: list[Move] = []
    anywhere: list[Move] = []
    # No share saves more than it costs: those that cost less than what is found are not looked at.
    for share in sorted(shares, key=_cost, reverse=True):
        if not (share.now and share.now.amount and share.placement.model):
            continue
        if share.placement.endpoint is None:
            continue
        if all(
            len(some) >= most and some[-1].saving >= _cost(share) for some in (direct, anywhere)
        ):
            break
        here = by_id[share.placement.endpoint]
        part = parts[share.name, share.called, share.tier]
        needed = needs_of(part, here)
        if needed not in able:
            able[needed] = _served(endpoints.in_use, needed)
        served = able[needed]
        others = _of_class(here, served.headlines, ratings or {})
        same = served.by_model.get(here.model, [])
        moves = [*_moves(share, here, [*same, *others], part, at, live or {})]
        to_direct = _best([move for move in moves if move.to.kind in DIRECT])
        direct = sorted([*direct, *to_direct], key=_gain, reverse=True)[:most]
        anywhere = sorted([*anywhere, *_best(moves)], key=_gain, reverse=True)[:most]
    return BestMoves(tuple(direct), tuple(anywhere))


@dataclass(frozen=True, slots=True)
class _Served:
    """Endpoints that meet some needs, by model, and the first of each model."""

    by_model: Mapping[str, list[PricedEndpoint]]
    headlines: Sequence[PricedEndpoint]


def _served(endpoints: Sequence[PricedEndpoint], needed: Needs) -> _Served:
    by_model: dict[str, list[PricedEndpoint]] = defaultdict(list)
    for endpoint in endpoints:
        if not endpoint.aside and not lacking(endpoint, needed):
            by_model[endpoint.model].append(endpoint)
    return _Served(by_model, [min(some, key=_place) for some in by_model.values()])


def _cost(share: Share) -> Decimal:
    return (share.now and share.now.amount) or Decimal(0)


def _place(endpoint: PricedEndpoint) -> tuple[bool, int]:
    """The order of a model's headlines; a place of 0 is not known."""
    return not endpoint.place, endpoint.place


def _of_class(
    here: PricedEndpoint, others: Sequence[PricedEndpoint], ratings: Mapping[str, Intervals]
) -> list[PricedEndpoint]:
    own = ratings.get(here.model)
    if not own:
        return []
    return [
        other
        for other in others
        if other.model != here.model
        and is_at_least(ratings.get(other.model, {}), own)
        and here.stated_capabilities <= other.capabilities
    ]


def _best(moves: Sequence[Move]) -> list[Move]:
    """The best move of the same model, and the best one to another."""
    apart = ([m for m in moves if m.same_model], [m for m in moves if not m.same_model])
    return [max(same, key=_gain) for same in apart if same]


def _gain(move: Move) -> tuple[Decimal, int]:
    return move.saving, -move.to.endpoint_id


def _moves(
    share: Share,
    here: PricedEndpoint,
    candidates: Sequence[PricedEndpoint],
    part: Aggregates,
    at: datetime | None,
    live: Mapping[int, Mapping[str, str]],
) -> Iterator[Move]:
    assert share.now and share.now.amount is not None
    able = {
        one.endpoint_id: one
        for one in candidates
        if one.context is None or one.context >= share.largest
    }
    costs = totals({key: one.card for key, one in able.items()}, part, at=at)
    for key, cost in costs.items():
        alike = cost.state == "priced" and cost.currency == share.now.currency
        least = max(LEAST_SAVING, LEAST_PART * share.now.amount)
        if alike and cost.amount and share.now.amount - cost.amount >= least:
            changes = _changes(here, able[key], live)
            same = able[key].model == here.model
            yield Move(
                share, able[key], share.now.amount, cost.amount, cost.currency, same, changes
            )


def _changes(
    here: PricedEndpoint, there: PricedEndpoint, live: Mapping[int, Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    changes = []
    for what, old, new in (
        ("model", here.model, there.model),
        ("provider", here.provider, there.provider),
        ("id", here.upstream_id, there.upstream_id),
        ("variant", _words(here.variant), _words(there.variant)),
    ):
        if old != new:
            changes.append((what, f"{old or 'none'} → {new or 'none'}"))
    if here.context != there.context:
        changes.append(("context", f"{_tokens(here.context)} → {_tokens(there.context)}"))
    changes += _skills(here, there)
    old_live, new_live = live.get(here.endpoint_id, {}), live.get(there.endpoint_id, {})
    changes += [
        (what, f"{old_live[what]} → {new_live[what]}") for what in old_live if what in new_live
    ]
    return tuple(changes)


def _skills(here: PricedEndpoint, there: PricedEndpoint) -> Iterator[tuple[str, str]]:
    """Capabilities gained and lost.

    An endpoint that states some capabilities lacks the others; one that states none may have any
    that it does not deny.
    """
    lost = (
        here.stated_capabilities - there.stated_capabilities
        if there.stated_capabilities
        else here.stated_capabilities & there.lacks
    )
    gained = (
        there.stated_capabilities - here.stated_capabilities
        if here.stated_capabilities
        else frozenset[str]()
    )
    if lost:
        yield "loses", _words(lost)
    if here.stated_capabilities - lost and not there.stated_capabilities:
        yield "capabilities", "not stated there"
    if gained:
        yield "gains", _words(gained)


def _words(words: frozenset[str]) -> str:
    return ", ".join(sorted(word for word in words if word))


def _tokens(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"
