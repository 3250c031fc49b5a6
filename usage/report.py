"""What a usage log cost, what it would cost elsewhere, and what to change. Pure:

no Django, no clock.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from catalog.names import Names
from pricing.aggregates import Aggregates, Plan, aggregate, merge, nothing
from pricing.bulk import Total, total, totals, totals_by
from pricing.endpoint import PricedEndpoint, PricedEndpoints
from pricing.price import exact_sum
from pricing.rates import RateCard
from usage.blocks import BadRows, LogError
from usage.placement import Placement, place
from usage.requests import MOST_BYTES, Cancelled, Every, Preview, preview, read

# So many sums are kept before they are joined, so that a log of any length takes the memory of a
# short one.
_JOINED_AT = 32
# A log that asks more models than there are, or has so many sums, has another column in place of
# its own.
_MOST_NAMES = 10_000
_MOST_SUMS = 1_000_000


@dataclass(frozen=True, slots=True)
class Daily:
    """A day's requests of one share, and what they cost at their own times.

    Where the prices of that day are not known, as before the catalog began, `cost` is at those that
    the report is for, and `assumed`.
    """

    day: date
    rows: int
    cost: Total | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """The requests of a log that went to one endpoint in one tier, or to a name that none goes by.

    `name` and `called` are the model and the provider as the log has them; `now` is what the share
    costs at the prices that the report is for.
    """

    name: str
    called: str
    tier: str
    meant: Placement
    rows: int
    largest: int
    daily: tuple[Daily, ...]
    now: Total | None

    @property
    def cost(self) -> "Row":
        return _row(self.name, self.daily)


@dataclass(frozen=True, slots=True)
class Move:
    """A share of the log somewhere else: what it costs there, and what is different there.

    `changes` are pairs of what and how: ("provider", "azure → deepinfra"), ("loses", "tools") …
    """

    share: Share
    to: PricedEndpoint
    now: Decimal
    then: Decimal
    currency: str
    same_model: bool
    changes: tuple[tuple[str, str], ...]

    @property
    def saving(self) -> Decimal:
        return exact_sum([self.now, self.then.copy_negate()])


@dataclass(frozen=True, slots=True)
class Row:
    """What a day or a model cost: the sum of what has a price, and how many requests that is of how
    many.

    `assumed` are those among the priced ones whose own time's prices are not known.
    """

    key: str
    rows: int
    priced: int
    assumed: int
    amounts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Compared:
    """The part of a log that has a price in US dollars as it was run: `rows` requests for `amount`.

    `elsewhere` is what the very same part would cost at each endpoint that has a price for it.
    """

    rows: int
    amount: Decimal
    elsewhere: Mapping[int, Decimal]


@dataclass(frozen=True)
class Report:
    """All that is said of a log.

    Amounts by currency; `at` is when the prices of `endpoints` and `moves` hold.
    """

    seen: Preview
    aggregates: Aggregates
    bad: BadRows
    at: datetime | None
    tier: str | None
    shares: tuple[Share, ...]
    days: tuple[Row, ...]
    models: tuple[Row, ...]
    endpoints: tuple[tuple[PricedEndpoint, Total], ...]
    compared: Compared
    moves: tuple[Move, ...]
    largest: int
    written: bool

    @property
    def as_run(self) -> Row:
        """What the log cost as it was run."""
        return _row("", [daily for share in self.shares for daily in share.daily])

    def fits(self, endpoint: PricedEndpoint) -> bool:
        """Whether the longest request has room in the endpoint's context, as far as that is known."""
        return endpoint.context is None or endpoint.context >= self.largest

    def ranked(self) -> list[tuple[PricedEndpoint, Total]]:
        """The endpoints that could take the whole log, the cheapest first; only those with a price."""
        able = [(one, cost) for one, cost in self.endpoints if not self.left_out(one, cost)]
        return sorted(able, key=lambda pair: (pair[1].currency != "USD", pair[1].amount))

    def left_out(self, one: PricedEndpoint, cost: Total) -> str:
        """Why an endpoint is not ranked, in a word or two; empty if it is.

        A lack of room comes last.
        """
        if one.aside or (self.written and not one.writes):
            return one.aside or "purpose"
        if cost.no_tier:
            return "no such tier"
        if cost.amount is None:
            return cost.state
        if not cost.amount:
            return "free"
        return "" if self.fits(one) else "context too small"

    def reasons(self) -> dict[str, int]:
        """How many endpoints are not ranked, by the reason."""
        found = Counter(self.left_out(one, cost) for one, cost in self.endpoints)
        return {why: count for why, count in sorted(found.items()) if why}

    def to_json(self, most: int = 500) -> dict[str, Any]:
        """The report as JSON:

        amounts are strings, and no more than so many endpoints are listed.
        """
        return _json(self, most)


def price_log(
    path: Path,
    endpoints: PricedEndpoints,
    names: Names,
    *,
    mapping: Mapping[str, str] | None = None,
    at: datetime | None = None,
    tier: str | None = None,
    every: Every | None = None,
    limit: int = MOST_BYTES,
    alternatives: Mapping[str, Sequence[str]] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
    progress: Callable[[float], None] = lambda part: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Read a log, and price it as it was run and on every endpoint in use.

    Each request is priced at its own time; with `at`, everything but what it cost as it was run is
    at the prices of then. `tier` asks for every request in that tier elsewhere; `every` is what is
    said of every row. `alternatives` are other models that may be proposed for one; `live` is what
    is known of endpoints' speed, by endpoint and by measure. `progress` is told parts of 1; where
    `cancelled` says so, Cancelled is raised. Raises LogError.
    """
    every = every or Every()
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
        by_model[share.meant.model or share.name] += share.daily
        for daily in share.daily:
            by_day[daily.day.isoformat()].append(daily)
    moves = best_moves(added, shares, endpoints, at=at, alternatives=alternatives, live=live)
    progress(1.0)
    return Report(
        seen=seen,
        aggregates=added,
        bad=bad,
        at=at,
        tier=tier,
        shares=tuple(shares),
        days=tuple(_row(day, by_day[day]) for day in sorted(by_day)),
        models=tuple(
            sorted(
                (_row(*model) for model in by_model.items()), key=lambda row: (-row.rows, row.key)
            )
        ),
        endpoints=tuple((endpoint, found[endpoint.endpoint_id]) for endpoint in endpoints.in_use),
        compared=_compared(added, shares, cards, found, at, tier),
        moves=tuple(moves),
        largest=added.largest,
        written=_is_written(added),
    )


def _compared(
    added: Aggregates,
    shares: Sequence[Share],
    cards: Mapping[int, RateCard],
    found: Mapping[int, Total],
    at: datetime | None,
    tier: str | None,
) -> Compared:
    """What can be held against the log as it was run; `found` is what all of it would cost
    elsewhere."""
    known = [share for share in shares if share.now and share.now.currency == "USD"]
    amounts = {
        (share.name, share.called, share.tier): share.now.amount
        for share in known
        if share.now and share.now.amount is not None
    }
    if amounts and len(amounts) < len(shares):
        parts = added.split("model", "provider", "tier")
        found = totals(cards, merge([parts[who] for who in amounts]), at=at, tier=tier)
    dollars = {key: cost for key, cost in found.items() if cost.currency == "USD"}
    return Compared(
        rows=sum(
            share.rows for share in known if (share.name, share.called, share.tier) in amounts
        ),
        amount=exact_sum(amounts.values()),
        elsewhere={key: cost.amount for key, cost in dollars.items() if cost.amount is not None},
    )


def _is_written(added: Aggregates) -> bool:
    """Whether the log has output: if so, it asks for endpoints that write."""
    return bool(added.used.get("output"))


def _added(
    path: Path,
    seen: Preview,
    plan: Plan,
    limit: int,
    every: Every,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> tuple[Aggregates, BadRows]:
    """The sums of a log, batch after batch, and the rows that were left out."""
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
    """Sums that can be priced in a reasonable time, as those of every real log. Raises LogError."""
    names = added.frame.select("model", "provider", "tier").n_unique()
    if names > _MOST_NAMES:
        raise LogError(
            f"The log names {names:,} models, providers and tiers, and {_MOST_NAMES:,} is the limit: "
            f"is “{seen.mapping['model']}” its model?"
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
    """Where the requests of each model, provider and tier were made.

    The sums are of the tiers that names name, as `gpt-5-batch` does.
    """
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
    """The requests of each model, provider and tier, and what each day of them cost."""
    by_id = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    shares = []
    for (model, provider, tier), part in added.split("model", "provider", "tier").items():
        meant = placements[model, provider, tier]
        card = None if meant.endpoint is None else by_id[meant.endpoint]
        now = total(card, part, at=at) if card else None
        daily = tuple(_days(part, card, at))
        shares.append(Share(model, provider, tier, meant, part.rows, part.largest, daily, now))
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


def _row(key: str, costs: Sequence[Daily]) -> Row:
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    priced = [daily for daily in costs if daily.cost and daily.cost.amount is not None]
    for daily in priced:
        if daily.cost and daily.cost.amount is not None:
            amounts[daily.cost.currency].append(daily.cost.amount)
    return Row(
        key,
        rows=sum(daily.rows for daily in costs),
        priced=sum(daily.rows for daily in priced),
        assumed=sum(daily.rows for daily in priced if daily.assumed),
        amounts={currency: exact_sum(some) for currency, some in amounts.items()},
    )


# ---- moves ----


def best_moves(
    added: Aggregates,
    shares: Sequence[Share],
    endpoints: PricedEndpoints,
    *,
    at: datetime | None = None,
    alternatives: Mapping[str, Sequence[str]] | None = None,
    live: Mapping[int, Mapping[str, str]] | None = None,
    most: int = 10,
) -> list[Move]:
    """For each share of the log the endpoint that saves most; of those the best, by what they save.

    An endpoint of the same model, in the same tier and currency, with room for the longest request.
    Another model only where `alternatives` names it, and marked so. What is free is no offer to
    move a workload to, nor is a plan, a machine of one's own, or what answers later than the
    request was answered.
    """
    written = _is_written(added)
    served: dict[str, list[PricedEndpoint]] = defaultdict(list)
    for endpoint in endpoints.in_use:
        if not endpoint.aside and (endpoint.writes or not written):
            served[endpoint.model].append(endpoint)
    by_id = {endpoint.endpoint_id: endpoint for endpoint in endpoints.all}
    parts = added.split("model", "provider", "tier")
    found = []
    for share in shares:
        if (
            share.now
            and share.now.amount
            and share.meant.endpoint is not None
            and share.meant.model
        ):
            models = (share.meant.model, *(alternatives or {}).get(share.meant.model, ()))
            part = parts[share.name, share.called, share.tier]
            here = by_id[share.meant.endpoint]
            moves = [
                move
                for model in models
                for move in _moves(share, here, served[model], part, at, live or {})
            ]
            found += [max(same, key=_gain) for same in _by_model(moves)]
    return sorted(found, key=_gain, reverse=True)[:most]


def _by_model(moves: Sequence[Move]) -> list[list[Move]]:
    """A move to another model is another decision: it stands beside the move within the model."""
    apart = [[m for m in moves if m.same_model], [m for m in moves if not m.same_model]]
    return [same for same in apart if same]


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
        if alike and cost.amount and cost.amount < share.now.amount:
            changes = _changes(here, able[key], live)
            same = able[key].model == here.model
            yield Move(
                share, able[key], share.now.amount, cost.amount, cost.currency, same, changes
            )


def _changes(
    here: PricedEndpoint, there: PricedEndpoint, live: Mapping[int, Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    """What is different: only what is known of both, and what a move loses or gains."""
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
    """What can be done there and not here, and the other way round.

    Who states some capabilities lacks the others; who states none may have all that are not denied.
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


# ---- JSON ----


def _json(report: Report, most: int) -> dict[str, Any]:
    added = report.aggregates
    first, last = added.frame["day"].min(), added.frame["day"].max()
    ranked = report.ranked()
    return {
        "log": report.seen.to_json(),
        "rows": added.rows,
        "used": {slug: _exact(number) for slug, number in added.used.items()},
        "first_day": str(first) if added.rows else None,
        "last_day": str(last) if added.rows else None,
        "largest": report.largest,
        "at": report.at.isoformat() if report.at else None,
        "tier": report.tier,
        "bad": [
            {"reason": reason, "rows": count, "lines": report.bad.lines[reason]}
            for reason, count in sorted(report.bad.counts.items(), key=lambda pair: -pair[1])
        ],
        "as_run": _row_json(report.as_run),
        "shares": [_share_json(share) for share in report.shares[:most]],
        "unresolved": [
            {"name": s.name, "provider": s.called, "rows": s.rows, "why": s.meant.why}
            for s in report.shares
            if s.meant.endpoint is None
        ][:most],
        "days": [_row_json(row) for row in report.days],
        "models": [_row_json(row) for row in report.models[:most]],
        "compared": {"rows": report.compared.rows, "amount": _exact(report.compared.amount)},
        "endpoints": [
            {
                **_endpoint_json(one, cost),
                "compared": _exact(report.compared.elsewhere.get(one.endpoint_id)),
            }
            for one, cost in ranked[:most]
        ],
        "endpoints_priced": len(ranked),
        "endpoints_not_priced": report.reasons(),
        "moves": [_move_json(move) for move in report.moves],
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _row_json(row: Row) -> dict[str, Any]:
    amounts = {currency: _exact(amount) for currency, amount in row.amounts.items()}
    return {
        "key": row.key,
        "rows": row.rows,
        "priced": row.priced,
        "assumed": row.assumed,
        "amounts": amounts,
    }


def _total_json(cost: Total | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    return {
        "amount": _exact(cost.amount),
        "currency": cost.currency,
        "state": cost.state,
        "missing": list(cost.missing),
        "no_tier": cost.no_tier,
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {
        "name": share.name,
        "called": share.called,
        "tier": share.tier,
        "model": share.meant.model,
        "provider": share.meant.provider,
        "endpoint": share.meant.endpoint,
        "why": share.meant.why,
        "by": share.meant.by,
        "rows": share.rows,
        "largest": share.largest,
        "cost": _row_json(share.cost),
        "now": _total_json(share.now),
    }


def _endpoint_json(one: PricedEndpoint, cost: Total) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint_id,
        "model": one.model,
        "provider": one.provider,
        "upstream_id": one.upstream_id,
        "context": one.context,
        "amount": _exact(cost.amount),
        "currency": cost.currency,
        "state": cost.state,
    }


def _move_json(move: Move) -> dict[str, Any]:
    return {
        "name": move.share.name,
        "rows": move.share.rows,
        "tier": move.share.tier,
        "model": move.share.meant.model,
        "provider": move.share.meant.provider,
        "to": _endpoint_json(move.to, Total(move.then, "priced", move.currency)),
        "now": _exact(move.now),
        "then": _exact(move.then),
        "saving": _exact(move.saving),
        "currency": move.currency,
        "same_model": move.same_model,
        "changes": [list(change) for change in move.changes],
    }
