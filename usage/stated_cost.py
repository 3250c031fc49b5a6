"""A cost that a response states, beside what its usage costs by the rate card. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pricing.endpoint import PricedEndpoint
from pricing.meters import SEARCHES
from pricing.price import Cost
from pricing.ranking import cost_or_reason
from pricing.request import Request
from pricing.usage import Usage
from usage.response_context import StatedCost

# Costs come as floats of a few digits: beyond this share, two of them differ.
_SAME = Decimal("0.0005")
_DUST = Decimal("0.00000001")
_A_FEE = Decimal("0.35")


@dataclass(frozen=True, slots=True)
class ComparedCost:
    """A stated cost beside ours; `why` is the likely reason of a difference, if one is found."""

    stated: Decimal
    field: str
    priced: Decimal
    why: str = ""

    @property
    def plain(self) -> str:
        return f"{self.stated:f}"

    @property
    def is_same(self) -> bool:
        return is_same(self.stated, self.priced)


def is_same(
    one: Decimal, other: Decimal, *, share: Decimal = _SAME, slack: Decimal = _DUST
) -> bool:
    """Whether two costs differ by no more than a share of the larger, or than a fixed amount."""
    return abs(one - other) <= max(slack, share * max(abs(one), abs(other)))


def compared_cost(
    stated: StatedCost,
    priced: Decimal,
    request: Request,
    endpoint: PricedEndpoint,
    others: Sequence[tuple[str, Decimal]],
) -> ComparedCost:
    """`others` are the names and costs of the model's other endpoints, the likeliest first."""
    compared = ComparedCost(stated.amount, stated.field, priced)
    if compared.is_same:
        why = "It is what the provider charged: the caller's own key." if stated.own_key else ""
    else:
        why = _why(stated, priced, request, endpoint, others)
    return replace(compared, why=why)


def _why(
    cost: StatedCost,
    priced: Decimal,
    request: Request,
    endpoint: PricedEndpoint,
    others: Sequence[tuple[str, Decimal]],
) -> str:
    stated = cost.amount
    for other, sentence in _variations(request, endpoint):
        found = cost_or_reason(endpoint.card, other)
        if isinstance(found, Cost) and found.total is not None and is_same(stated, found.total):
            return sentence
    for name, amount in cost.parts:
        if is_same(stated - priced, amount):
            return f"It has {amount:f} of “{name}”, for which no source states a price."
    for name, amount in others:
        if is_same(stated, amount):
            return f"It is the price of {name}."
    if not stated:
        return "It was not billed: a free variant, a credit, or another's key."
    if endpoint.provider == "openrouter":
        return (
            "OpenRouter bills the price of the provider behind it, which may differ from the one "
            "that it lists for the model."
        )
    if priced and abs(stated / priced - 1) < _A_FEE:
        percent = f"{abs(stated / priced - 1) * 100:.1f} %"
        return f"It is {percent} {'more' if stated > priced else 'less'}: a fee or a discount."
    return "No tier, cache price or other endpoint of the model explains it."


def _variations(request: Request, endpoint: PricedEndpoint) -> Iterator[tuple[Request, str]]:
    """Other readings of a request, and the sentence for each where it is what was billed."""
    for tier in ("", *endpoint.card.tiers):
        if tier != request.tier:
            name = tier or "standard"
            yield replace(request, tier=tier), f"It is the price of the {name} tier."
    counted = request.usage.counted
    for left_out, sentence in (
        (_is_cached, "It is the price with all cached tokens billed as input."),
        (_is_search, "It leaves out the searches."),
        (_is_part, "It is the price of plain tokens of input and output."),
    ):
        plain = {slug: number for slug, number in counted.items() if not left_out(slug)}
        if len(plain) < len(counted):
            yield replace(request, usage=Usage.of(**plain)), sentence


def _is_cached(slug: str) -> bool:
    return slug.startswith("cache_")


def _is_search(slug: str) -> bool:
    return slug in SEARCHES


def _is_part(slug: str) -> bool:
    return slug not in ("request", "input", "output")
