"""Price a usage log as it was run, on every endpoint in use, and with the best moves. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl

from catalog.names import Names
from catalog.rating_class import Intervals
from pricing.aggregates import Aggregates, merge
from pricing.bulk import Total, total, totals, totals_by
from pricing.endpoint import PricedEndpoints
from pricing.media import Needs, all_needs
from pricing.meters import NO_OUTPUT
from pricing.price import exact_sum
from pricing.rates import RateCard
from pricing.regime_plan import Plan
from pricing.usage import counts
from usage.add_up import AddedLog, add_up
from usage.billed import billed_parts
from usage.formats import Shape
from usage.moves import best_moves, needs_of
from usage.placement import USUAL, Placement, ProviderChoice, meaning_of, place
from usage.preview import MOST_BYTES, NO_DEFAULTS, EveryRow
from usage.report import (
    ComparedPart,
    Daily,
    LogReport,
    OwnerCost,
    Share,
    UnbilledPart,
    cost_sum,
)
from usage.sizes import MOST, Sizes
from usage.spellings import is_seldom_billed

# A bill is split by so many owners; the others are one.
MOST_OWNERS = 200
OTHER_OWNERS = "(all others)"
_APART = "\x1f"
NO_NAMES: Mapping[str, str] = {}


def price_log(
    path: Path,
    endpoints: PricedEndpoints,
    names: Names,
    *,
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
    tier: str | None = None,
    every: EveryRow = NO_DEFAULTS,
    limit: int = MOST_BYTES,
    choice: ProviderChoice = USUAL,
    ratings: Mapping[str, Intervals] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
) -> LogReport:
    """Read a log and price it: `usage.add_up.add_up`, then `price_added`. Raises LogError."""
    plan = plan_of(endpoints)
    sizes = sizes_of(endpoints, choice.models)
    log = add_up(path, plan, mapping, limit=limit, every=every, sizes=sizes)
    return price_added(
        log, endpoints, names, at=at, tier=tier, choice=choice, ratings=ratings, live=live
    )


def plan_of(endpoints: PricedEndpoints) -> Plan:
    return Plan.of(endpoint.card for endpoint in endpoints.all)


def sizes_of(endpoints: PricedEndpoints, chosen: Mapping[str, str] = NO_NAMES) -> Sizes:
    """The most tokens that one request of a name has: of its model where it is served longest.

    A model of which some rate begins where its context ends takes more than is stated: at most what
    any model of its creator takes. `chosen` leads from further names to those of a model.
    """
    by_model: dict[str, int] = {}
    by_creator: dict[str, int] = {}
    bands: dict[str, int] = {}
    for one in endpoints.all:
        context, creator = one.context or 0, one.model.partition("/")[0]
        by_model[one.model] = max(by_model.get(one.model, 0), context)
        by_creator[creator] = max(by_creator.get(creator, 0), context)
        thresholds = [rate.terms.band.threshold for rate in one.card.rates if rate.terms.band]
        bands[one.model] = max([bands.get(one.model, 0), *thresholds])
    for model, most in by_model.items():
        if most <= bands[model]:
            widest = by_creator[model.partition("/")[0]]
            by_model[model] = widest if widest > bands[model] else MOST
    writing = {
        one.model
        for one in endpoints.all
        if one.mode not in NO_OUTPUT
        and any(rate.amount and counts(rate.meter, "output") for rate in one.card.rates)
    }
    by_name: dict[str, int] = {}
    writers: set[str] = set()
    for one in endpoints.all:
        for name in (one.upstream_id.lower(), one.model, one.model.partition("/")[2]):
            by_name[name] = max(by_name.get(name, 0), by_model[one.model])
            if one.model in writing:
                writers.add(name)
    for name, meant in chosen.items():
        if (most_tokens := by_name.get(meant.strip().lower())) is not None:
            by_name[name.lower()] = most_tokens
            if meant.strip().lower() in writers:
                writers.add(name.lower())
    known = [one.context for one in endpoints.all if one.context]
    return Sizes(by_name, max(known, default=MOST), frozenset(writers))


def price_added(
    log: AddedLog,
    endpoints: PricedEndpoints,
    names: Names,
    *,
    at: datetime | None = None,
    tier: str | None = None,
    choice: ProviderChoice = USUAL,
    ratings: Mapping[str, Intervals] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
    progress: Callable[[float], None] = lambda part: None,
) -> LogReport:
    """Price a log that was added up: as it was run, and on every endpoint in use.

    Each request is priced at its own time; with `at`, all but the cost as run is at the prices of
    then. `tier` prices every request in that tier elsewhere. `choice` is where names without a
    provider went. By `ratings` other models of at least
    the class of one are proposed for it; `live` is measured speed, by endpoint and by measure.
    `progress` is called with fractions of 1.
    """
    added, placements = _placed(log, endpoints, names, choice)
    added, unbilled = _as_billed(added, placements, endpoints, log.seen.mapping)
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.in_use}
    all_cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    found = totals(cards, added, at=at, tier=tier)
    shares = _shares(added, endpoints, placements, at, progress)
    by_day: dict[str, list[Daily]] = defaultdict(list)
    by_model: dict[str, list[Daily]] = defaultdict(list)
    for share in shares:
        by_model[share.placement.model or share.name] += share.daily
        for daily in share.daily:
            by_day[daily.day.isoformat()].append(daily)
    progress(1.0)
    moves = best_moves(added, shares, endpoints, at=at, ratings=ratings, live=live)
    return LogReport(
        seen=log.seen,
        aggregates=added,
        bad=log.bad,
        at=at,
        tier=tier,
        shares=tuple(shares),
        days=tuple(cost_sum(day, by_day[day]) for day in sorted(by_day)),
        models=tuple(
            sorted(
                (cost_sum(*model) for model in by_model.items()),
                key=lambda row: (-row.rows, row.key),
            )
        ),
        endpoints=tuple((endpoint, found[endpoint.endpoint_id]) for endpoint in endpoints.in_use),
        compared=_compared(added, shares, cards, found, at, tier),
        moves=moves.direct,
        moves_anywhere=moves.anywhere,
        ratings=ratings or {},
        largest=added.largest,
        needed=_needed(added, placements, endpoints),
        unread=log.unread,
        sharing=log.sharing,
        failed=log.failed,
        billed=billed_parts(shares, added.split("model", "provider", "tier"), all_cards),
        owners=_owners(added, all_cards, placements) if "owner" in log.seen.mapping else (),
        unbilled=unbilled,
    )


def _compared(
    added: Aggregates,
    shares: Sequence[Share],
    cards: Mapping[int, RateCard],
    found: Mapping[int, Total],
    at: datetime | None,
    tier: str | None,
) -> ComparedPart:
    known = [share for share in shares if share.now and share.now.currency == "USD"]
    amounts = {
        (share.name, share.called, share.tier): share.now.amount
        for share in known
        if share.now and share.now.amount is not None
    }
    if amounts and len(amounts) < len(shares):
        parts = added.split("model", "provider", "tier")
        found = totals(cards, merge([parts[key] for key in amounts]), at=at, tier=tier)
    dollars = {key: cost for key, cost in found.items() if cost.currency == "USD"}
    compared = [s for s in known if (s.name, s.called, s.tier) in amounts]
    return ComparedPart(
        rows=sum(share.rows for share in compared),
        requests=sum(share.requests for share in compared),
        amount=exact_sum(amounts.values()),
        elsewhere={key: cost.amount for key, cost in dollars.items() if cost.amount is not None},
    )


Key = tuple[str, str, str]
_KEYS = ("model", "provider", "tier")


def _needed(
    added: Aggregates, placements: Mapping[Key, Placement], endpoints: PricedEndpoints
) -> Needs:
    """What an endpoint of all of a log must be able to do."""
    each = set()
    for key, part in added.split("model", "provider", "tier").items():
        here = placements[key].endpoint
        each.add(needs_of(part, None if here is None else endpoints.by_id[here]))
    return all_needs(sorted(each, key=repr))


def _placed(
    log: AddedLog, endpoints: PricedEndpoints, names: Names, choice: ProviderChoice
) -> tuple[Aggregates, dict[Key, Placement]]:
    added, usual = log.aggregates, log.seen.kind.usual
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    keys = added.frame.select("model", "provider", "tier").unique(maintain_order=True)
    placements = {
        (model, provider, tier): _own_choice(log.seen.kind, model, tier)
        or place(meaning_of(names, model, provider, choice, usual), cards, tier)
        for model, provider, tier in keys.iter_rows()
    }
    renamed = {key: place.tier for key, place in placements.items() if place.tier != key[2]}
    if not renamed:
        return added, placements
    tiers = keys.with_columns(
        pl.Series("placed", [placements[key].tier for key in keys.iter_rows()], pl.String)
    )
    joined = added.frame.join(tiers, on=["model", "provider", "tier"], maintain_order="left")
    frame = joined.with_columns(tier=pl.col("placed")).select(added.frame.columns)
    placements |= {
        (model, provider, placed): placements[model, provider, tier]
        for (model, provider, tier), placed in renamed.items()
    }
    return merge([replace(added, frame=frame)]), placements


def _as_billed(
    added: Aggregates,
    placements: Mapping[Key, Placement],
    endpoints: PricedEndpoints,
    mapping: Mapping[str, Sequence[str]],
) -> tuple[Aggregates, tuple[UnbilledPart, ...]]:
    """The sums without what is seldom billed apart and their endpoints state no price of."""
    seldom = [
        slug
        for slug in added.meters
        if slug in mapping and all(map(is_seldom_billed, mapping[slug]))
    ]
    if not seldom:
        return added, ()
    frame = added.frame
    unbilled: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for key, part in added.split("model", "provider", "tier").items():
        place = placements[key]
        if place.endpoint is None or not place.model or not place.provider:
            continue
        stated = {rate.meter for rate in endpoints.by_id[place.endpoint].card.rates}
        is_own = pl.all_horizontal(
            pl.col(name) == word for name, word in zip(_KEYS, key, strict=True)
        )
        for slug in seldom:
            if slug not in stated and (quantity := part.used[slug]):
                unbilled[place.model, place.provider, slug] += quantity
                zero = pl.when(is_own).then(0).otherwise(slug)
                frame = frame.with_columns(zero.cast(frame.schema[slug]).alias(slug))
    parts = tuple(UnbilledPart(*label, quantity) for label, quantity in unbilled.items())
    return replace(added, frame=frame), parts


def _own_choice(shape: Shape, model: str, tier: str) -> Placement | None:
    """No placement, of a name by which a tool chose the model itself; None for any other name."""
    if model.strip().lower() not in shape.choices:
        return None
    tool = shape.name.partition(" ")[0]
    why = f"{tool}'s own choice of a model, which the export does not name: what it cost is"
    return Placement(None, None, tier, why=f"{why} in the export's own column of costs alone")


def _shares(
    added: Aggregates,
    endpoints: PricedEndpoints,
    placements: Mapping[Key, Placement],
    at: datetime | None,
    progress: Callable[[float], None],
) -> list[Share]:
    by_id = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    shares: list[Share] = []
    parts = added.split("model", "provider", "tier")
    for (model, provider, tier), part in parts.items():
        progress(len(shares) / len(parts))
        placement = placements[model, provider, tier]
        card = None if placement.endpoint is None else placement.card(by_id[placement.endpoint])
        now = total(card, part, at=at) if card else None
        daily = tuple(_days(part, card, at))
        billed, billed_rows = part.billed
        shares.append(
            Share(
                *(model, provider, tier, placement, part.rows, part.largest, daily, now),
                billed=billed,
                billed_rows=billed_rows,
                billed_searches=part.billed_searches,
                own_key=part.own_key,
                requests=part.requests,
                sums=part.sums,
            )
        )
    return sorted(shares, key=lambda share: (-share.rows, share.name, share.called, share.tier))


def _owners(
    added: Aggregates, cards: Mapping[int, RateCard], placements: Mapping[Key, Placement]
) -> tuple[OwnerCost, ...]:
    """The cost of each owner by model and day; of owners beyond the largest, together."""
    by_rows = sorted(added.rows_by("owner").items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [name for name, _ in by_rows[:MOST_OWNERS]]
    named = pl.when(pl.col("owner").is_in(kept)).then("owner").otherwise(pl.lit(OTHER_OWNERS))
    # One key for both, so that each share is priced once.
    key = pl.concat_str(named, pl.lit(_APART), pl.col("day").cast(pl.String))
    frame = added.frame.with_columns(key.alias("owner"))
    costs: dict[tuple[str, str], list[Daily]] = defaultdict(list)
    for label, part in replace(added, frame=frame).split("model", "provider", "tier").items():
        name, provider, tier = label
        placement = placements[name, provider, tier]
        card = None if placement.endpoint is None else placement.card(cards[placement.endpoint])
        then = totals_by("owner", card, part) if card else {}
        requests = part.requests_by("owner")
        for both, rows in part.rows_by("owner").items():
            owner, _, day = both.rpartition(_APART)
            daily = Daily(date.fromisoformat(day), rows, then.get(both), requests=requests[both])
            costs[owner, placement.model or name].append(daily)
    return tuple(
        OwnerCost(owner, model, cost_sum(day.isoformat(), same_day))
        for (owner, model), daily in sorted(costs.items())
        for day, same_day in sorted(_by_day(daily).items())
    )


def _by_day(costs: Sequence[Daily]) -> dict[date, list[Daily]]:
    found: dict[date, list[Daily]] = defaultdict(list)
    for daily in costs:
        found[daily.day].append(daily)
    return found


def _days(part: Aggregates, card: RateCard | None, at: datetime | None) -> Iterator[Daily]:
    then = totals_by("day", card, part) if card else {}
    known = all(cost.amount is not None for cost in then.values())
    now = totals_by("day", card, part, at=at) if card and at and not known else {}
    requests = part.requests_by("day")
    for day, rows in part.rows_by("day").items():
        cost = then.get(day)
        assumed = (
            (cost is None or cost.amount is None) and day in now and now[day].amount is not None
        )
        yield Daily(day, rows, now[day] if assumed else cost, assumed, requests[day])
