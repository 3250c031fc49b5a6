"""Typical reasoning: how long a model thinks where a workload states no reasoning. Pure.

An assumption, not a measurement. Reasoning is billed as output, but its length depends on the
question, the effort and the model, and no source that the catalog reads states it. TIMES is low on
purpose: as many tokens as the answer, so that a model that reasons is not ranked as if it answered
at once, and not behind others because of a guess either. It applies to each endpoint with the
capability `reasoning`, since few sources state which models reason unless they are told not to.

It orders a ranking and is shown beside a total. It is never a part of a total, and a workload that
states its reasoning, 0 included, has none of it.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from pricing.choices import cost_range
from pricing.endpoint import PricedEndpoint
from pricing.price import Cost
from pricing.request import Request

# Reasoning tokens for each token of the answer, and the most that can be assumed.
TIMES = Decimal(1)
MOST_TIMES = Decimal(20)


def with_reasoning(request: Request, times: Decimal) -> Request | None:
    """The request with reasoning `times` as long as its answer; None where that adds nothing."""
    tokens = int((request.usage["output"] * times).to_integral_value(ROUND_HALF_EVEN))
    return request.adding(output=tokens, reasoning=tokens) if tokens else None


def reasons(endpoint: PricedEndpoint) -> bool:
    return "reasoning" in endpoint.capabilities


def typical_cost(endpoint: PricedEndpoint, thinking: Request | None) -> Cost | None:
    """What `with_reasoning` costs at an endpoint; None where it does not reason or has no price."""
    if thinking is None or not reasons(endpoint):
        return None
    cost = cost_range(endpoint.card, thinking).least
    return None if cost.total is None else cost
