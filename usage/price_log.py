"""Price a usage log as it was run, on every endpoint in use, and with the best moves. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from catalog.names import Names
from catalog.rating_class import Intervals
from pricing.aggregates import Aggregates, Plan, merge
from pricing.bulk import Total, total, totals, totals_by
from pricing.endpoint import PricedEndpoints
from pricing.price import exact_sum
from pricing.rates import RateCard
from usage.add_up import AddedLog, add_up
from usage.moves import best_moves, has_output
from usage.placement import USUAL, Placement, ProviderChoice, meaning_of, place
from usage.preview import MOST_BYTES, NO_DEFAULTS, EveryRow
from usage.report import ComparedPart, Daily, LogReport, Share, cost_sum


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
    log = add_up(path, plan, mapping, limit=limit, every=every)
    return price_added(
        log, endpoints, names, at=at, tier=tier, choice=choice, ratings=ratings, live=live
    )


def plan_of(endpoints: PricedEndpoints) -> Plan:
    return Plan.of(endpoint.card for endpoint in endpoints.all)


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
    added, placements = _placed(log.aggregates, endpoints, names, choice)
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.in_use}
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
        written=has_output(added),
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
    return ComparedPart(
        rows=sum(
            share.rows for share in known if (share.name, share.called, share.tier) in amounts
        ),
        amount=exact_sum(amounts.values()),
        elsewhere={key: cost.amount for key, cost in dollars.items() if cost.amount is not None},
    )


Key = tuple[str, str, str]


def _placed(
    added: Aggregates, endpoints: PricedEndpoints, names: Names, choice: ProviderChoice
) -> tuple[Aggregates, dict[Key, Placement]]:
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    keys = added.frame.select("model", "provider", "tier").unique(maintain_order=True)
    placements = {
        (model, provider, tier): place(meaning_of(names, model, provider, choice), cards, tier)
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
        shares.append(Share(model, provider, tier, placement, part.rows, part.largest, daily, now))
    return sorted(shares, key=lambda share: (-share.rows, share.name, share.called, share.tier))


def _days(part: Aggregates, card: RateCard | None, at: datetime | None) -> Iterator[Daily]:
    then = totals_by("day", card, part) if card else {}
    known = all(cost.amount is not None for cost in then.values())
    now = totals_by("day", card, part, at=at) if card and at and not known else {}
    for day, rows in part.rows_by("day").items():
        cost = then.get(day)
        assumed = (
            (cost is None or cost.amount is None) and day in now and now[day].amount is not None
        )
        yield Daily(day, rows, now[day] if assumed else cost, assumed)
