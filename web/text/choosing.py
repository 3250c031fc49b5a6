"""Sentences on choosing a provider: lowest price, largest limits, strictest policy. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from web.format.figures import money_exact, plain
from web.text.facts import (
    EndpointFacts,
    Facts,
    Sentence,
    alike,
    amount_of,
    conditions,
    names_with,
    said,
)


def choosing(facts: Facts) -> list[Sentence]:
    """The lowest price, the largest limits, cheaper tiers and the strictest data policy.

    Direct providers are compared; where there is none, all that bill by use.
    """
    endpoints, who = compared(facts)
    found = (
        _cheapest(endpoints, who, "input"),
        _cheapest(endpoints, who, "output"),
        _free(endpoints),
        _longest(endpoints, who, "context", "the context window is largest"),
        _longest(endpoints, who, "max_output", "answers may be longest"),
        _tier(endpoints, "batch", "Batch requests cost"),
        _tier(endpoints, "flex", "The flex tier costs"),
        _web_search(endpoints, who),
        _zero_retention(facts.endpoints),
        _no_training(facts.endpoints),
    )
    return [said(sentence) for sentence in found if sentence]


DIRECTLY = "direct provider"


def compared(facts: Facts) -> tuple[list[EndpointFacts], str]:
    at_once = [endpoint for endpoint in facts.endpoints if endpoint.billed and not endpoint.apart]
    direct = [endpoint for endpoint in at_once if endpoint.direct]
    return (direct, DIRECTLY) if direct else (at_once, "provider")


def _begun(who: str, what: str) -> str:
    """Start of a sentence on direct providers alone: a gateway may have less or more."""
    return f"Bought directly, {what}" if who == DIRECTLY else f"{what[:1].upper()}{what[1:]}"


def _priced(endpoints: Iterable[EndpointFacts], meter: str) -> list[tuple[Decimal, EndpointFacts]]:
    found = ((amount_of(endpoint, meter), endpoint) for endpoint in endpoints)
    return [(amount, endpoint) for amount, endpoint in found if amount]


def _about(priced: Sequence[tuple[Decimal, EndpointFacts]], amount: Decimal) -> tuple[str, str]:
    """The price of endpoints near an amount, and their names; the first one's where they differ."""
    near = [(each, endpoint) for each, endpoint in priced if alike(each, amount)]
    first = near[0][0]
    exact = all(each == first for each, _ in near)
    said_amount = f"{'' if exact else 'about '}{money_exact(first)}"
    return said_amount, names_with(((True, endpoint) for _, endpoint in near), True)


def _cheapest(endpoints: Sequence[EndpointFacts], who: str, meter: str) -> str:
    priced = _priced(endpoints, meter)
    count = len({endpoint.provider for _, endpoint in priced})
    if not priced:
        return ""
    least, most = min(amount for amount, _ in priced), max(amount for amount, _ in priced)
    amount, where = _about(priced, least)
    if alike(least, most):
        at = f"{where}, the only {who} with a price" if count == 1 else ""
        at = at or f"each of the {count} {who}s that state a price"
        return f"{meter.capitalize()} costs {amount} per million tokens at {at}."
    highest, there = _about(priced, most)
    of = f" of {count} {who}s" if count > 1 else ""
    dearest = f"the highest{of} is {highest}, at {there}"
    return f"{_begun(who, meter)} costs least at {where}: {amount} per million tokens; {dearest}."


def _free(endpoints: Sequence[EndpointFacts]) -> str:
    free = [(_is_free(endpoint), endpoint) for endpoint in endpoints]
    found = names_with(free, True)
    return f"Input and output are stated to be free of charge at {found}." if found else ""


def _is_free(endpoint: EndpointFacts) -> bool:
    prices = [endpoint.prices.get(meter) for meter in ("input", "output")]
    return all(price is not None and price.state == "free" for price in prices)


def _longest(endpoints: Sequence[EndpointFacts], who: str, field: str, what: str) -> str:
    stated = [
        (getattr(endpoint, field), endpoint) for endpoint in endpoints if getattr(endpoint, field)
    ]
    values = {value for value, _ in stated}
    if len(values) < 2:
        return ""
    most, least = max(values), min(values)
    return (
        f"{_begun(who, what)} at {names_with(stated, most)}: {most:,} tokens; "
        f"the smallest limit stated is {least:,}, at {names_with(stated, least)}."
    )


def _tier(endpoints: Sequence[EndpointFacts], tier: str, what: str) -> str:
    found = []
    for endpoint in endpoints:
        pairs = [
            (amount_of(endpoint, meter), amount_of(endpoint, meter, tier))
            for meter in ("input", "output")
        ]
        cards = [(base, other) for base, other in pairs if base and other and other < base]
        if len(cards) == 2:
            found.append((tuple(other for _, other in cards), endpoint, cards))
    if not found:
        return ""
    lowest = min(amounts for amounts, _, _ in found)
    cards = next(cards for amounts, _, cards in found if all(map(alike, amounts, lowest)))
    sold = [(each, endpoint) for _, endpoint, each in found]
    (input_before, input_now), (output_before, output_now) = cards
    return (
        f"{what} {money_exact(input_now)} for input and {money_exact(output_now)} for output per "
        "million "
        f"tokens at {names_with(sold, cards)}, which saves {money_exact(input_before - input_now)} "
        "and "
        f"{money_exact(output_before - output_now)}{_share(cards)}."
    )


def _share(cards: Sequence[tuple[Decimal, Decimal]]) -> str:
    """The saving in per cent, where input and output share one of at most one decimal."""
    shares = {100 - 100 * now / before for before, now in cards}
    share = shares.pop()
    short = share.quantize(Decimal("0.1"))
    return f" ({plain(short)}\u00a0%)" if not shares and short == share else ""


def _web_search(endpoints: Sequence[EndpointFacts], who: str) -> str:
    """A sentence per billing unit: calls, queries and prompts do not compare."""
    by_unit: dict[tuple[str, str, str], list[tuple[Decimal, EndpointFacts]]] = defaultdict(list)
    for amount, endpoint in _priced(endpoints, "web_search"):
        price = endpoint.prices["web_search"]
        by_unit[price.unit.unit, price.units, conditions(price)].append((amount, endpoint))
    return " ".join(_searches(priced, who, *unit) for unit, priced in by_unit.items())


def _searches(
    priced: Sequence[tuple[Decimal, EndpointFacts]], who: str, unit: str, units: str, under: str
) -> str:
    least, most = min(amount for amount, _ in priced), max(amount for amount, _ in priced)
    amount, where = _about(priced, least)
    searches = f"web searches by the {unit}{under}"
    each = f"{amount} per 1,000 {units}, at {where}"
    on_top = _on_top([endpoint for own, endpoint in priced if alike(own, least)])
    if alike(least, most):
        return f"{searches[:1].upper()}{searches[1:]} cost {each}{on_top}."
    return f"{_begun(who, searches)} cost least, {each}{on_top}."


def _on_top(endpoints: Sequence[EndpointFacts]) -> str:
    """Whether search results are billed as input, and at which endpoints."""
    billed = [
        (endpoint.prices["web_search"].content_billed_as_input, endpoint) for endpoint in endpoints
    ]
    at = names_with(billed, True)
    if not at:
        return ""
    where = "" if all(content for content, _ in billed) else f" at {at}"
    return f"; what they find is billed as input too{where}"


def _zero_retention(endpoints: Sequence[EndpointFacts]) -> str:
    ways = (("Yes", "by default"), ("On request", "on request"), ("By contract", "by contract"))
    found = [
        f"{how} at {names_with(((endpoint.zdr, endpoint) for endpoint in endpoints), answer)}"
        for answer, how in ways
        if any(endpoint.zdr == answer for endpoint in endpoints)
    ]
    return f"Nothing is kept (zero data retention) {'; '.join(found)}." if found else ""


def _no_training(endpoints: Sequence[EndpointFacts]) -> str:
    stated = [(endpoint.no_training.startswith("Yes"), endpoint) for endpoint in endpoints]
    found = names_with(stated, True)
    return f"No training on what you send is stated for {found}." if found else ""
