"""A report on a usage log as JSON: amounts are strings. Pure."""

from decimal import Decimal
from typing import Any

from pricing.bulk import Total
from pricing.endpoint import PricedEndpoint
from pricing.price import exact_sum
from usage.report import CostSum, LogReport, Move, OwnerCost, Share
from usage.requests import REPEATED
from usage.split import split_of

# Of a split by owner, model and day.
MOST_OWNER_ROWS = 20_000


def report_json(report: LogReport, most: int = 500) -> dict[str, Any]:
    """The report as JSON, with at most `most` shares and models each.

    Of the endpoints it has the first `most`, and the first `most` of those that are offered.
    """
    added = report.aggregates
    first, last = added.frame["day"].min(), added.frame["day"].max()
    ranked = report.ranked()
    offered = [pair for pair in ranked if report.is_offered(pair[0])]
    offered_ids = {one.endpoint_id for one, _ in offered}
    kept = {one.endpoint_id for one, _ in (*ranked[:most], *offered[:most])}
    return {
        "log": report.seen.to_json(),
        "rows": added.rows,
        "requests": added.requests,
        "sums": added.sums,
        "unread": [
            {"path": one.path, "rows": one.rows, "total": _number(one.total)}
            for one in report.unread[:most]
        ],
        "billed": _billed_json(report, most),
        "owners": [_owner_json(one) for one in report.owners[:MOST_OWNER_ROWS]],
        "owners_in_all": len(report.owners),
        "split": _split_json(report),
        "unbilled": [
            {
                "model": part.model,
                "provider": part.provider,
                "meter": part.meter,
                "quantity": _exact(part.quantity),
            }
            for part in report.unbilled[:most]
        ],
        "sharing": report.sharing,
        "failed": report.failed,
        "repeated": report.bad.counts.get(REPEATED, 0),
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
        "as_run": _sum_json(report.as_run),
        "shares": [_share_json(share) for share in report.shares[:most]],
        "unresolved": [
            {
                "name": share.name,
                "provider": share.called,
                "rows": share.rows,
                "requests": share.requests,
                "why": share.placement.why,
            }
            for share in report.shares
            if share.placement.endpoint is None
        ][:most],
        "by_own_api": [
            {
                "name": share.name,
                "model": share.placement.model,
                "provider": share.placement.provider,
                "rows": share.rows,
                "requests": share.requests,
            }
            for share in report.by_own_api
        ][:most],
        "by_choice": [
            {
                "name": share.name,
                "model": share.placement.model,
                "provider": share.placement.provider,
                "rows": share.rows,
            }
            for share in report.shares
            if share.placement.chosen
        ][:most],
        "days": [_sum_json(row) for row in report.days],
        "models": [_sum_json(row) for row in report.models[:most]],
        "compared": {
            "rows": report.compared.rows,
            "requests": report.compared.requests,
            "amount": _exact(report.compared.amount),
        },
        "endpoints": [
            {
                **_endpoint_json(one, cost),
                "compared": _exact(report.compared.elsewhere.get(one.endpoint_id)),
                "offered": one.endpoint_id in offered_ids,
            }
            for one, cost in ranked
            if one.endpoint_id in kept
        ],
        "endpoints_priced": len(ranked),
        "endpoints_offered": len(offered),
        "of_the_class_of": list(report.rated_models),
        "endpoints_not_priced": report.reasons(),
        "moves": [_move_json(move) for move in report.moves],
        "moves_anywhere": [_move_json(move) for move in report.moves_anywhere],
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _number(total: float) -> int | float:
    return int(total) if total == int(total) else total


def _billed_json(report: LogReport, most: int) -> dict[str, Any] | None:
    """What the log states to have cost, over all of it and by share; None where it states none."""
    amount, rows = report.aggregates.billed
    if not rows:
        return None
    compared = report.billed
    keys = {(part.name, part.called, part.tier) for part in compared}
    apart: dict[str, list[Share]] = {"price": [], "cost": []}
    for share in report.shares:
        if (share.name, share.called, share.tier) not in keys:
            is_priced = share.cost.priced == share.rows and "USD" in share.cost.amounts
            apart["cost" if is_priced else "price"].append(share)
    return {
        "amount": _exact(amount),
        "rows": rows,
        "compared_rows": sum(part.rows for part in compared),
        "compared_billed": _exact(exact_sum(part.billed for part in compared)),
        "compared_priced": _exact(exact_sum(part.priced for part in compared)),
        "compared_most": _exact(exact_sum(part.most for part in compared)),
        "apart": [
            {
                "why": why,
                "rows": sum(share.rows for share in shares),
                "amount": _exact(exact_sum(share.billed for share in shares)),
            }
            for why, shares in apart.items()
            if shares
        ],
        "differing": sum(not part.same for part in compared),
        "parts": [
            {
                "name": part.name,
                "called": part.called,
                "tier": part.tier,
                "model": part.model,
                "rows": part.rows,
                "billed": _exact(part.billed),
                "priced": _exact(part.priced),
                "most": _exact(part.most),
                "difference": _exact(part.difference),
                "same": part.same,
                "reason": part.reason,
            }
            for part in compared[:most]
        ],
    }


def _sum_json(row: CostSum) -> dict[str, Any]:
    amounts = {currency: _exact(amount) for currency, amount in row.amounts.items()}
    return {
        "key": row.key,
        "rows": row.rows,
        "priced": row.priced,
        "assumed": row.assumed,
        "amounts": amounts,
        "most": {currency: _exact(amount) for currency, amount in row.most.items()},
        "requests": row.requests,
        "priced_requests": row.priced_requests,
    }


def _owner_json(one: OwnerCost) -> dict[str, Any]:
    return {"owner": one.owner, "model": one.model, **_sum_json(one.cost)}


def _split_json(report: LogReport) -> dict[str, Any] | None:
    """Totals of the split, which are whole however many rows `owners` has; None without one."""
    if not report.owners:
        return None
    split = split_of(report.owners)
    return {
        "owners": [_sum_json(one) for one in split.owners],
        "models": [_owner_json(one) for one in split.models],
        "drawn": list(split.drawn),
        "days": [_owner_json(one) for one in split.days],
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
        "most": _exact(cost.most),
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {
        "name": share.name,
        "called": share.called,
        "tier": share.tier,
        "model": share.placement.model,
        "provider": share.placement.provider,
        "endpoint": share.placement.endpoint,
        "why": share.placement.why,
        "by": share.placement.by,
        "rows": share.rows,
        "requests": share.requests,
        "sums": share.sums,
        "billed": _exact(share.billed) if share.billed_rows else None,
        "billed_rows": share.billed_rows,
        "largest": share.largest,
        "cost": _sum_json(share.cost),
        "now": _total_json(share.now),
    }


def _endpoint_json(one: PricedEndpoint, cost: Total) -> dict[str, Any]:
    return {
        "endpoint": one.endpoint_id,
        "model": one.model,
        "provider": one.provider,
        "kind": one.kind,
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
        "requests": move.share.requests,
        "tier": move.share.tier,
        "model": move.share.placement.model,
        "provider": move.share.placement.provider,
        "to": _endpoint_json(move.to, Total(move.then, "priced", move.currency)),
        "now": _exact(move.now),
        "then": _exact(move.then),
        "saving": _exact(move.saving),
        "currency": move.currency,
        "same_model": move.same_model,
        "changes": [list(change) for change in move.changes],
    }
