"""Sentences on choosing a provider: lowest price, largest limits, strictest policy. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pricing.headline import BLEND, blended
from web.format.figures import money_exact, plain
from web.text.facts import (
    EndpointFacts,
    Facts,
    Sentence,
    alike,
    amount_of,
    conditions,
    endpoint_names,
    sentence,
)
from web.text.prices import announced_in_full


def choosing(facts: Facts) -> list[Sentence]:
    """The lowest price, the largest limits, cheaper tiers and the strictest data policy.

    Direct providers are compared; where there is none, all that bill by use.
    """
    endpoints, noun = compared(facts)
    texts = (
        _cheapest(endpoints, noun),
        _free(endpoints),
        *_announced(endpoints),
        _longest(endpoints, noun, "context", "the context window is largest"),
        _longest(endpoints, noun, "max_output", "answers may be longest"),
        _tier(endpoints, "batch", "Batch requests cost"),
        _tier(endpoints, "flex", "The flex tier costs"),
        _web_search(endpoints, noun),
        _zero_retention(facts.endpoints),
        _no_training(facts.endpoints),
    )
    return [sentence(text) for text in texts if text]


DIRECTLY = "direct provider"


def compared(facts: Facts) -> tuple[list[EndpointFacts], str]:
    at_once = [endpoint for endpoint in facts.endpoints if endpoint.billed and not endpoint.apart]
    direct = [endpoint for endpoint in at_once if endpoint.direct]
    return (direct, DIRECTLY) if direct else (at_once, "provider")


def _begun(noun: str, what: str) -> str:
    """A gateway may have less or more, so the start names the direct providers."""
    return f"Bought directly, {what}" if noun == DIRECTLY else f"{what[:1].upper()}{what[1:]}"


def _priced(endpoints: Iterable[EndpointFacts], meter: str) -> list[tuple[Decimal, EndpointFacts]]:
    pairs = ((amount_of(endpoint, meter), endpoint) for endpoint in endpoints)
    return [(amount, endpoint) for amount, endpoint in pairs if amount]


def _about(priced: Sequence[tuple[Decimal, EndpointFacts]], amount: Decimal) -> tuple[str, str]:
    """A price near an amount, and its endpoints' names; the first one's price if they differ."""
    near = [(own, endpoint) for own, endpoint in priced if alike(own, amount)]
    first = near[0][0]
    exact = all(own == first for own, _ in near)
    figure = f"{'' if exact else 'about '}{money_exact(first)}"
    return figure, endpoint_names(endpoint for _, endpoint in near)


# An endpoint's prices of input and of output, the latter None where it has none.
Row = tuple[Decimal, Decimal | None]


def _cheapest(endpoints: Sequence[EndpointFacts], noun: str) -> str:
    """The cheapest and the dearest whole row; without prices of output, by input alone."""
    rows = [
        ((put_in, amount_of(endpoint, "output")), endpoint)
        for put_in, endpoint in _priced(endpoints, "input")
    ]
    whole = [(row, endpoint) for row, endpoint in rows if row[1]]
    if whole:
        rows = whole
    if not rows:
        return ""
    count = len({endpoint.provider for _, endpoint in rows})
    least = min((row for row, _ in rows), key=lambda row: blended(*row))
    most = max((row for row, _ in rows), key=lambda row: blended(*row))
    figure, where = _alike_rows(rows, least)
    if alike(blended(*least), blended(*most)):
        at = f"{where}, the only {noun} with a price" if count == 1 else ""
        at = at or f"each of the {count} {noun}s that state a price"
        return f"{figure[:1].upper()}{figure[1:]} per million tokens at {at}."
    highest, there = _alike_rows(rows, most)
    scope = f" of {count} {noun}s" if count > 1 else ""
    blend = f" by the blend of {BLEND}," if whole else ""
    return (
        f"{_begun(noun, 'it costs least')}{blend} at {where}: {figure} per million tokens; the "
        f"highest price{scope} is {highest}, at {there}."
    )


def _alike_rows(rows: Sequence[tuple[Row, EndpointFacts]], wanted: Row) -> tuple[str, str]:
    """A row near another in words, and its endpoints' names; the first one's if they differ."""
    near = [(row, endpoint) for row, endpoint in rows if alike(blended(*row), blended(*wanted))]
    first = near[0][0]
    same = [(row, endpoint) for row, endpoint in near if alike(row[0], first[0])]
    about = "" if all(row == first for row, _ in same) else "about "
    words = f"input {about}{money_exact(first[0])}"
    if first[1]:
        words += f" and output {about}{money_exact(first[1])}"
    return words, endpoint_names(endpoint for _, endpoint in same)


def _free(endpoints: Sequence[EndpointFacts]) -> str:
    free = endpoint_names(filter(_is_free, endpoints))
    return f"Input and output are stated to be free of charge at {free}." if free else ""


def _announced(endpoints: Sequence[EndpointFacts]) -> Iterator[str]:
    """A sentence for each endpoint and tier with other prices to come."""
    for endpoint in endpoints:
        for tier, prices in (("", endpoint.prices), *endpoint.tiers.items()):
            coming = (prices.get(meter) for meter in ("input", "output"))
            texts = [
                f"{price.unit.name.lower()} {announced_in_full(price)}"
                for price in coming
                if price and price.announced
            ]
            if texts:
                where = ", ".join(filter(None, (endpoint.name, tier)))
                yield f"Announced at {where}: {'; '.join(texts)}."


def _is_free(endpoint: EndpointFacts) -> bool:
    prices = [endpoint.prices.get(meter) for meter in ("input", "output")]
    return all(price is not None and price.state == "free" for price in prices)


def _longest(endpoints: Sequence[EndpointFacts], noun: str, field: str, what: str) -> str:
    stated = [
        (getattr(endpoint, field), endpoint) for endpoint in endpoints if getattr(endpoint, field)
    ]
    values = {value for value, _ in stated}
    if len(values) < 2:
        return ""
    most, least = max(values), min(values)
    largest = endpoint_names(endpoint for value, endpoint in stated if value == most)
    smallest = endpoint_names(endpoint for value, endpoint in stated if value == least)
    return (
        f"{_begun(noun, what)} at {largest}: {most:,} tokens; "
        f"the smallest limit stated is {least:,}, at {smallest}."
    )


def _tier(endpoints: Sequence[EndpointFacts], tier: str, what: str) -> str:
    cheaper = []
    for endpoint in endpoints:
        pairs = [
            (amount_of(endpoint, meter), amount_of(endpoint, meter, tier))
            for meter in ("input", "output")
        ]
        savings = [(base, lower) for base, lower in pairs if base and lower and lower < base]
        if len(savings) == 2:
            cheaper.append((savings, endpoint))
    if not cheaper:
        return ""
    lowest = min(tuple(lower for _, lower in savings) for savings, _ in cheaper)
    best = next(
        savings
        for savings, _ in cheaper
        if all(alike(lower, least) for (_, lower), least in zip(savings, lowest, strict=True))
    )
    where = endpoint_names(endpoint for savings, endpoint in cheaper if savings == best)
    (input_base, input_lower), (output_base, output_lower) = best
    return (
        f"{what} {money_exact(input_lower)} for input and {money_exact(output_lower)} for output "
        f"per million tokens at {where}, which saves {money_exact(input_base - input_lower)} and "
        f"{money_exact(output_base - output_lower)}{_share(best)}."
    )


def _share(savings: Sequence[tuple[Decimal, Decimal]]) -> str:
    """The saving in per cent, where input and output share one of at most one decimal."""
    shares = {100 - 100 * lower / base for base, lower in savings}
    share = shares.pop()
    short = share.quantize(Decimal("0.1"))
    return f" ({plain(short)}\u00a0%)" if not shares and short == share else ""


def _web_search(endpoints: Sequence[EndpointFacts], noun: str) -> str:
    """A sentence per billing unit: calls, queries and prompts do not compare."""
    by_unit: dict[tuple[str, str, str], list[tuple[Decimal, EndpointFacts]]] = defaultdict(list)
    for amount, endpoint in _priced(endpoints, "web_search"):
        price = endpoint.prices["web_search"]
        by_unit[price.unit.unit, price.unit.units, conditions(price)].append((amount, endpoint))
    return " ".join(_searches(priced, noun, *unit) for unit, priced in by_unit.items())


def _searches(
    priced: Sequence[tuple[Decimal, EndpointFacts]], noun: str, unit: str, units: str, under: str
) -> str:
    least, most = min(amount for amount, _ in priced), max(amount for amount, _ in priced)
    amount, where = _about(priced, least)
    searches = f"web searches by the {unit}{under}"
    price = f"{amount} per 1,000 {units}, at {where}"
    on_top = _on_top([endpoint for own, endpoint in priced if alike(own, least)])
    if alike(least, most):
        return f"{searches[:1].upper()}{searches[1:]} cost {price}{on_top}."
    return f"{_begun(noun, searches)} cost least, {price}{on_top}."


def _on_top(endpoints: Sequence[EndpointFacts]) -> str:
    billed = [
        endpoint
        for endpoint in endpoints
        if endpoint.prices["web_search"].content_billed_as_input is True
    ]
    if not billed:
        return ""
    where = "" if len(billed) == len(endpoints) else f" at {endpoint_names(billed)}"
    return f"; what they find is billed as input too{where}"


def _zero_retention(endpoints: Sequence[EndpointFacts]) -> str:
    ways = (("Yes", "by default"), ("On request", "on request"), ("By contract", "by contract"))
    clauses = []
    for answer, how in ways:
        names = endpoint_names(endpoint for endpoint in endpoints if endpoint.zdr == answer)
        if names:
            clauses.append(f"{how} at {names}")
    return f"Nothing is kept (zero data retention) {'; '.join(clauses)}." if clauses else ""


def _no_training(endpoints: Sequence[EndpointFacts]) -> str:
    stated = [endpoint for endpoint in endpoints if endpoint.no_training.startswith("Yes")]
    return f"No training on what you send is stated for {endpoint_names(stated)}." if stated else ""
