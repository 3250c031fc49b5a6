"""Price a usage log as it was run, on every endpoint in use, and with the best moves. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from catalog.names import Names
from pricing.aggregates import Aggregates, Plan, aggregate, merge, nothing
from pricing.bulk import Total, total, totals, totals_by
from pricing.endpoint import PricedEndpoints
from pricing.price import exact_sum
from pricing.rates import RateCard
from usage.blocks import BadRows, LogError
from usage.moves import best_moves, has_output
from usage.placement import Placement, place
from usage.preview import MOST_BYTES, EveryRow, Preview, preview
from usage.report import ComparedPart, Daily, LogReport, Share, cost_sum
from usage.requests import Cancelled, read

# So many sums are kept before they are joined, so that a log of any length takes the memory of a
# short one.
_JOINED_AT = 32
# A log with more models than there are, or with so many sums, has another column read as its model.
_MOST_NAMES = 10_000
_MOST_SUMS = 1_000_000


def price_log(
    path: Path,
    endpoints: PricedEndpoints,
    names: Names,
    *,
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
    tier: str | None = None,
    every: EveryRow | None = None,
    limit: int = MOST_BYTES,
    alternatives: Mapping[str, Sequence[str]] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
    progress: Callable[[float], None] = lambda part: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> LogReport:
    """Read a log; price it as it was run and on every endpoint in use.

    Each request is priced at its own time; with `at`, all but the cost as run is at the prices of
    then. `tier` prices every request in that tier elsewhere; `every` applies to every row.
    `alternatives` are other models that may be proposed for one; `live` is measured speed, by
    endpoint and by measure. `progress` is called with fractions of 1. Raises LogError, and
    Cancelled once `cancelled` is true.
    """
    every = every or EveryRow()
    seen = preview(path, mapping, limit=limit, every=every)
    plan = Plan.of(endpoint.card for endpoint in endpoints.all)
    added, bad = _added(path, seen, plan, limit, every, progress, cancelled)
    added, placements = _placed(added, endpoints, names)
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.in_use}
    found = totals(cards, added, at=at, tier=tier)
    shares = _shares(added, endpoints, placements, at)
    by_day: dict[str, list[Daily]] = defaultdict(list)
    by_model: dict[str, list[Daily]] = defaultdict(list)
    for share in shares:
        by_model[share.placement.model or share.name] += share.daily
        for daily in share.daily:
            by_day[daily.day.isoformat()].append(daily)
    moves = best_moves(added, shares, endpoints, at=at, alternatives=alternatives, live=live)
    progress(1.0)
    return LogReport(
        seen=seen,
        aggregates=added,
        bad=bad,
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
        moves=tuple(moves),
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


def _added(
    path: Path,
    seen: Preview,
    plan: Plan,
    limit: int,
    every: EveryRow,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> tuple[Aggregates, BadRows]:
    bad = BadRows()
    parts = [nothing(plan)]
    for batch in read(path, seen.mapping, limit=limit, every=every):
        if cancelled():
            raise Cancelled
        parts.append(aggregate(batch.rows, plan))
        bad.join(batch.bad)
        progress(0.95 * batch.progress)
        if len(parts) >= _JOINED_AT or sum(part.frame.height for part in parts) > _MOST_SUMS:
            parts = [_plausible(merge(parts), seen)]
    return _plausible(merge(parts), seen), bad


def _plausible(added: Aggregates, seen: Preview) -> Aggregates:
    names = added.frame.select("model", "provider", "tier").n_unique()
    if names > _MOST_NAMES:
        raise LogError(
            f"The log names {names:,} models, providers and tiers, and {_MOST_NAMES:,} is the "
            f"limit: is “{seen.mapping['model']}” its model?"
        )
    if added.frame.height > _MOST_SUMS:
        raise LogError(
            f"The log has more than {_MOST_SUMS:,} different days, models, providers and tiers."
        )
    return added


Key = tuple[str, str, str]


def _placed(
    added: Aggregates, endpoints: PricedEndpoints, names: Names
) -> tuple[Aggregates, dict[Key, Placement]]:
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    keys = added.frame.select("model", "provider", "tier").unique(maintain_order=True)
    placements = {
        (model, provider, tier): place(names.resolve(model, provider), cards, tier)
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
) -> list[Share]:
    by_id = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    shares = []
    for (model, provider, tier), part in added.split("model", "provider", "tier").items():
        placement = placements[model, provider, tier]
        card = None if placement.endpoint is None else by_id[placement.endpoint]
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
