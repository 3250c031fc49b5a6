"""Sentences on choosing a provider: lowest price, largest limits, strictest policy. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from web.format.figures import money_exact, plain
from web.text.facts import (
    Facts,
    Offer,
    Sentence,
    alike,
    amount_of,
    conditions,
    said,
    sellers,
)


def choosing(facts: Facts) -> list[Sentence]:
    """The lowest price, the largest limits, cheaper tiers and the strictest data policy.

    Direct providers are compared; where there is none, all that bill by use.
    """
    offers, who = compared(facts)
    found = (
        _cheapest(offers, who, "input"),
        _cheapest(offers, who, "output"),
        _free(offers),
        _longest(offers, who, "context", "the context window is largest"),
        _longest(offers, who, "max_output", "answers may be longest"),
        _tier(offers, "batch", "Batch requests cost"),
        _tier(offers, "flex", "The flex tier costs"),
        _web_search(offers, who),
        _zero_retention(facts.offers),
        _no_training(facts.offers),
    )
    return [said(sentence) for sentence in found if sentence]


DIRECTLY = "direct provider"


def compared(facts: Facts) -> tuple[list[Offer], str]:
    at_once = [offer for offer in facts.offers if offer.billed and not offer.apart]
    direct = [offer for offer in at_once if offer.direct]
    return (direct, DIRECTLY) if direct else (at_once, "provider")


def _begun(who: str, what: str) -> str:
    """Start of a sentence on direct providers alone: a gateway may have less or more."""
    return f"Bought directly, {what}" if who == DIRECTLY else f"{what[:1].upper()}{what[1:]}"


def _priced(offers: Iterable[Offer], meter: str) -> list[tuple[Decimal, Offer]]:
    found = ((amount_of(offer, meter), offer) for offer in offers)
    return [(amount, offer) for amount, offer in found if amount]


def _about(priced: Sequence[tuple[Decimal, Offer]], amount: Decimal) -> tuple[str, str]:
    """The price of endpoints near an amount, and their names; the first one's where they differ."""
    near = [(each, offer) for each, offer in priced if alike(each, amount)]
    first = near[0][0]
    exact = all(each == first for each, _ in near)
    said_amount = f"{'' if exact else 'about '}{money_exact(first)}"
    return said_amount, sellers(((True, offer) for _, offer in near), True)


def _cheapest(offers: Sequence[Offer], who: str, meter: str) -> str:
    priced = _priced(offers, meter)
    count = len({offer.provider for _, offer in priced})
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


def _free(offers: Sequence[Offer]) -> str:
    free = [(_is_free(offer), offer) for offer in offers]
    found = sellers(free, True)
    return f"Input and output are stated to be free of charge at {found}." if found else ""


def _is_free(offer: Offer) -> bool:
    prices = [offer.prices.get(meter) for meter in ("input", "output")]
    return all(price is not None and price.state == "free" for price in prices)


def _longest(offers: Sequence[Offer], who: str, field: str, what: str) -> str:
    stated = [(getattr(offer, field), offer) for offer in offers if getattr(offer, field)]
    values = {value for value, _ in stated}
    if len(values) < 2:
        return ""
    most, least = max(values), min(values)
    return (
        f"{_begun(who, what)} at {sellers(stated, most)}: {most:,} tokens; "
        f"the smallest limit stated is {least:,}, at {sellers(stated, least)}."
    )


def _tier(offers: Sequence[Offer], tier: str, what: str) -> str:
    found = []
    for offer in offers:
        pairs = [
            (amount_of(offer, meter), amount_of(offer, meter, tier))
            for meter in ("input", "output")
        ]
        cards = [(base, other) for base, other in pairs if base and other and other < base]
        if len(cards) == 2:
            found.append((tuple(other for _, other in cards), offer, cards))
    if not found:
        return ""
    lowest = min(amounts for amounts, _, _ in found)
    cards = next(cards for amounts, _, cards in found if all(map(alike, amounts, lowest)))
    sold = [(each, offer) for _, offer, each in found]
    (input_before, input_now), (output_before, output_now) = cards
    return (
        f"{what} {money_exact(input_now)} for input and {money_exact(output_now)} for output per "
        "million "
        f"tokens at {sellers(sold, cards)}, which saves {money_exact(input_before - input_now)} "
        "and "
        f"{money_exact(output_before - output_now)}{_share(cards)}."
    )


def _share(cards: Sequence[tuple[Decimal, Decimal]]) -> str:
    """The saving in per cent, where input and output share one of at most one decimal."""
    shares = {100 - 100 * now / before for before, now in cards}
    share = shares.pop()
    short = share.quantize(Decimal("0.1"))
    return f" ({plain(short)}\u00a0%)" if not shares and short == share else ""


def _web_search(offers: Sequence[Offer], who: str) -> str:
    """A sentence per billing unit: calls, queries and prompts do not compare."""
    by_unit: dict[tuple[str, str, str], list[tuple[Decimal, Offer]]] = defaultdict(list)
    for amount, offer in _priced(offers, "web_search"):
        price = offer.prices["web_search"]
        by_unit[price.unit.unit, price.units, conditions(price)].append((amount, offer))
    return " ".join(_searches(priced, who, *unit) for unit, priced in by_unit.items())


def _searches(
    priced: Sequence[tuple[Decimal, Offer]], who: str, unit: str, units: str, under: str
) -> str:
    least, most = min(amount for amount, _ in priced), max(amount for amount, _ in priced)
    amount, where = _about(priced, least)
    searches = f"web searches by the {unit}{under}"
    each = f"{amount} per 1,000 {units}, at {where}"
    on_top = _on_top([offer for own, offer in priced if alike(own, least)])
    if alike(least, most):
        return f"{searches[:1].upper()}{searches[1:]} cost {each}{on_top}."
    return f"{_begun(who, searches)} cost least, {each}{on_top}."


def _on_top(offers: Sequence[Offer]) -> str:
    """Whether search results are billed as input, and at which endpoints."""
    billed = [(offer.prices["web_search"].content_billed_as_input, offer) for offer in offers]
    at = sellers(billed, True)
    if not at:
        return ""
    where = "" if all(content for content, _ in billed) else f" at {at}"
    return f"; what they find is billed as input too{where}"


def _zero_retention(offers: Sequence[Offer]) -> str:
    ways = (("Yes", "by default"), ("On request", "on request"), ("By contract", "by contract"))
    found = [
        f"{how} at {sellers(((offer.zdr, offer) for offer in offers), answer)}"
        for answer, how in ways
        if any(offer.zdr == answer for offer in offers)
    ]
    return f"Nothing is kept (zero data retention) {'; '.join(found)}." if found else ""


def _no_training(offers: Sequence[Offer]) -> str:
    stated = [(offer.no_training.startswith("Yes"), offer) for offer in offers]
    found = sellers(stated, True)
    return f"No training on what you send is stated for {found}." if found else ""
