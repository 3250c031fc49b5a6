"""A report on a usage log as JSON: amounts are strings. Pure."""

from decimal import Decimal
from typing import Any

from pricing.bulk import Total
from pricing.endpoint import PricedEndpoint
from usage.report import CostSum, LogReport, Move, Share


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
            {"name": s.name, "provider": s.called, "rows": s.rows, "why": s.placement.why}
            for s in report.shares
            if s.placement.endpoint is None
        ][:most],
        "by_own_api": [
            {
                "name": share.name,
                "model": share.placement.model,
                "provider": share.placement.provider,
                "rows": share.rows,
            }
            for share in report.by_own_api
        ][:most],
        "days": [_sum_json(row) for row in report.days],
        "models": [_sum_json(row) for row in report.models[:most]],
        "compared": {"rows": report.compared.rows, "amount": _exact(report.compared.amount)},
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


def _sum_json(row: CostSum) -> dict[str, Any]:
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
        "model": share.placement.model,
        "provider": share.placement.provider,
        "endpoint": share.placement.endpoint,
        "why": share.placement.why,
        "by": share.placement.by,
        "rows": share.rows,
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
