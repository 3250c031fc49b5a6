"""What an announced change of prices makes of a request's cost. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricing.price import UnknownTier
from pricing.rates import RateCard
from pricing.request import Request


@dataclass(frozen=True, slots=True)
class CostChange:
    """From `at` on a request costs `after` in place of `before`, in the card's currency."""

    at: datetime
    before: Decimal
    after: Decimal


def next_cost_change(card: RateCard, request: Request, now: datetime) -> CostChange | None:
    """The first change of a request's total by a dated rate, after its instant and after now.

    The hour of the day stays the request's: only dates change. None without such a change, or
    where a total is unknown before or after it.
    """
    since = max(request.at, now)
    dates = {at for rate in card.rates for at in (rate.valid_from, rate.valid_to) if at}
    coming = sorted(at for at in dates if at > since)
    before = _total(card.at(since), request) if coming else None
    for at in coming:
        after = _total(card.at(at), request)
        if before is None or after is None:
            return None
        if after != before:
            return CostChange(at, before, after)
    return None


def _total(undated: RateCard, request: Request) -> Decimal | None:
    try:
        cost = request.cost(undated)
    except UnknownTier:
        return None
    return cost.total
