"""What follows from the facts of a model, in sentences. Pure: facts in, sentences out.

Every sentence is true for the data at hand, prices are exact, and what nobody states is left out:
it is never said to be zero or absent.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date, plain, tokens
from web.text.facts import (
    NAMED,
    NOBODY,
    Card,
    Facts,
    Offer,
    Other,
    Sentence,
    alike,
    amount_of,
    at_one_provider,
    called,
    came_out,
    conditions,
    is_disputed,
    is_trial,
    link,
    listed,
    million,
    said,
    sellers,
)

# Choosing a provider ----------------------------------------------------------------------------


def choosing(facts: Facts) -> list[Sentence]:
    """Who sells for the least, takes or puts out the most, and states the strictest data policy.

    Direct providers are compared; where there is none, everybody who bills by use.
    """
    offers, who = _compared(facts)
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


def _compared(facts: Facts) -> tuple[list[Offer], str]:
    at_once = [offer for offer in facts.offers if offer.billed and not offer.apart]
    direct = [offer for offer in at_once if offer.direct]
    return (direct, DIRECTLY) if direct else (at_once, "provider")


def _begun(who: str, what: str) -> str:
    """The beginning of a sentence that speaks of these providers alone: the least or the most of
    all may be a gateway's."""
    return f"Bought directly, {what}" if who == DIRECTLY else f"{what[:1].upper()}{what[1:]}"


def _priced(offers: Iterable[Offer], meter: str) -> list[tuple[Decimal, Offer]]:
    found = ((amount_of(offer, meter), offer) for offer in offers)
    return [(amount, offer) for amount, offer in found if amount]


def _about(priced: Sequence[tuple[Decimal, Offer]], amount: Decimal) -> tuple[str, str]:
    """What the offers near an amount cost, and whose they are; where they differ the first speaks
    for all."""
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
    """Who has the most of a limit, where the endpoints differ in it."""
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
    """What a cheaper tier costs where it costs least, and what exactly that saves there."""
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
        f"{what} {money_exact(input_now)} for input and {money_exact(output_now)} for output per million "
        f"tokens at {sellers(sold, cards)}, which saves {money_exact(input_before - input_now)} and "
        f"{money_exact(output_before - output_now)}{_share(cards)}."
    )


def _share(cards: Sequence[tuple[Decimal, Decimal]]) -> str:
    """How much cheaper in per cent, where that is the same for both and a number of at most one
    decimal."""
    shares = {100 - 100 * now / before for before, now in cards}
    share = shares.pop()
    short = share.quantize(Decimal("0.1"))
    return f" ({plain(short)}\u00a0%)" if not shares and short == share else ""


def _web_search(offers: Sequence[Offer], who: str) -> str:
    """A sentence for each unit that searches are billed by:

    calls, queries and prompts do not compare.
    """
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
    """That what searches find costs input too, and at which of these where it is not stated of all."""
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


# Best for ---------------------------------------------------------------------------------------

# What a capability is good for, in words that say no more than the capability does.
_USES = {
    "reasoning": "Problems that need thought before the answer (reasoning)",
    "tool-use": "Agents and programs that call functions (tool use)",
    "structured-output": "Programs that need answers in a JSON schema (structured output)",
    "vision": "Prompts with images in them (vision)",
    "file-input": "Prompts with files (file input)",
    "audio-input": "Listening to speech and sound (audio input)",
    "audio-output": "Answers as speech or sound (audio output)",
    "video-input": "Prompts with video in them (video input)",
    "image-generation": "Making images (image generation)",
    "video-generation": "Making video (video generation)",
    "web-search": "Answers that need the web (web search)",
    "computer-use": "Working a screen, a mouse and a keyboard (computer use)",
}


def best_for(facts: Facts) -> list[Sentence]:
    """Uses that the facts name: capabilities, a long context, repeated prompts, a low price."""
    uses = [
        _use(facts, slug)
        for slug in facts.capabilities
        if slug in _USES and not is_disputed(facts, slug)
    ]
    found = (*uses, _long_prompts(facts), _repeated_prompts(facts), _low_price(facts))
    return [said(f"{sentence}.") for sentence in found if sentence]


def _use(facts: Facts, slug: str) -> str:
    """A use; which files there may be is said where it is known."""
    documents = slug == "file-input" and "pdf" in facts.modalities_in
    return "Prompts with files such as PDF documents (file input)" if documents else _USES[slug]


def _long_prompts(facts: Facts) -> str:
    """Only where the context is larger than that of half of the creator's other models."""
    others = [other.context for other in facts.others if other.context]
    smaller = sum(context < facts.context for context in others) if facts.context else 0
    if not facts.context or len(others) < 2 or smaller * 2 < len(others):
        return ""
    rest = f"the {len(others)} other {facts.creator} models in use that state theirs and a price for input"
    than = f"any of {rest}" if smaller == len(others) else f"{smaller} of {rest}"
    return f"Long prompts: its context window of {facts.context:,} tokens is larger than that of {than}"


def _repeated_prompts(facts: Facts) -> str:
    """Where the lowest price of cached input is sold, and what input costs at the same endpoint."""
    offers, _ = _compared(facts)
    pairs = [
        (amount_of(offer, "cache_read"), amount_of(offer, "input"), offer.seller)
        for offer in offers
    ]
    cheaper = [(read, full, at) for read, full, at in pairs if read and full and read < full]
    if not cheaper:
        return ""
    lowest = min(read for read, _, _ in cheaper)
    read, full, at = next(each for each in cheaper if alike(each[0], lowest))
    return (
        f"Prompts that begin alike: input that is read from the cache costs {million(read)} tokens at {at} "
        f"instead of {money_exact(full)}"
    )


def _low_price(facts: Facts) -> str:
    """Only where at least half of the creator's other text models cost more at the same direct
    provider."""
    for own in facts.cards if facts.sells_text else ():
        cards = (card for other in facts.others if other.sells_text for card in other.cards)
        rest = [card.input for card in cards if card.provider == own.provider]
        if len(rest) >= 2:
            return _lower_than_half(facts, own, rest)
    return ""


def _lower_than_half(facts: Facts, own: Card, rest: Sequence[Decimal]) -> str:
    dearer = sum(_less(own.input, amount) for amount in rest)
    if dearer * 2 < len(rest):
        return ""
    than = f"any of the {len(rest)}" if dearer == len(rest) else f"{dearer} of the {len(rest)}"
    return (
        f"Low prices: its input, {million(own.input)} tokens at {own.provider}, costs less than that of "
        f"{than} other {facts.creator} text models in use that are sold there in their plain form"
    )


# Consider alternatives --------------------------------------------------------------------------


def alternatives(facts: Facts) -> list[Sentence]:
    """The successor of a model that is going, and the creator's models that are newer, cheaper or
    larger.

    They take and do no less than the model and make the same; where no model does, none is named.
    Cheaper is lower in both input and output at the same direct provider, and what costs more there
    is said to. For each of the three the best is named that is not named yet: see `_newest_first`
    and `_closest_first`.
    """
    found = [_successor(facts)] if facts.successor and facts.stage in _GOING else []
    named = {facts.successor[0]} if found and facts.successor else set()
    able = [(other, _gains(facts, other)) for other in facts.others if _stands_in(facts, other)]
    since = _recent_since(facts) if able else ""
    for place, (_, rank) in enumerate(_GAINS):
        better = [each for each in able if each[1][place] and each[0].slug not in named]
        if better:
            other, gains = max(
                better, key=lambda each: (*_preferred(each[0], since), *rank(facts, *each))
            )
            found.append(_alternative(facts, other, gains))
            named.add(other.slug)
    return found


_GOING = (Lifecycle.DEPRECATED, Lifecycle.RETIRED)


def _successor(facts: Facts) -> Sentence:
    assert facts.successor
    slug, name = facts.successor
    return said(
        f"{facts.name} is {facts.stage}; its successor is ",
        link(slug, called(facts, slug, name)),
        ".",
    )


# What a model may be made for, as it stands in its name: one of another trade is no alternative.
_TRADES = frozenset(
    {
        *(
            "ocr",
            "asr",
            "tts",
            "stt",
            "mt",
            "translate",
            "livetranslate",
            "transcribe",
            "transcription",
        ),
        *(
            "guard",
            "safeguard",
            "safety",
            "moderation",
            "intent",
            "router",
            "search",
            "research",
            "math",
        ),
        *(
            "coder",
            "code",
            "codex",
            "embed",
            "embedding",
            "rerank",
            "reranker",
            "reward",
            "medical",
            "med",
        ),
        *(
            "cybersecurity",
            "cyber",
            "roleplay",
            "character",
            "her",
            "omni",
            "live",
            "realtime",
            "audio",
        ),
        *("gte", "bge", "e5"),
    }
)
# These are run together with other words too.
_TRADES_WITHIN = ("ocr", "asr", "tts", "guard", "embed", "rerank")


def _stands_in(facts: Facts, other: Other) -> bool:
    """Whether another model can do the work of this one, as far as it is known; nothing known is no
    yes.

    What a single provider sells, and this model is not sold there, is what somebody made of another
    model. A preview or an experiment stands in for another one of them alone.
    """
    known = facts.makes and (facts.takes or not facts.sells_text)
    does = facts.takes <= other.takes and facts.does <= other.does and facts.makes == other.makes
    if not known or not does or (facts.sells_text and _trade(facts.slug) != _trade(other.slug)):
        return False
    if is_trial(other.stage, other.slug) and not is_trial(facts.stage, facts.slug):
        return False
    return other.served > 1 or at_one_provider(facts, other) is not None


@lru_cache(maxsize=4096)
def _trade(slug: str) -> frozenset[str]:
    name = slug.partition("/")[2]
    return _TRADES.intersection(name.split("-")).union(
        word for word in _TRADES_WITHIN if word in name
    )


def _is_newer(facts: Facts, other: Other) -> bool:
    """Out, and later by the part of the dates that both state:

    a year alone is not later than a day in it.
    """
    known = min(len(facts.released), len(other.released))
    out = other.released <= facts.today
    return known > 0 and out and other.released[:known] > facts.released[:known]


def _is_cheaper(facts: Facts, other: Other) -> bool:
    pair = at_one_provider(facts, other)
    return bool(pair and all(_less(theirs, own) for own, theirs in _meters(*pair)))


def _meters(own: Card, theirs: Card) -> tuple[tuple[Decimal, Decimal], tuple[Decimal, Decimal]]:
    return (own.input, theirs.input), (own.output, theirs.output)


def _less(amount: Decimal, other: Decimal) -> bool:
    return amount < other and not alike(amount, other)


def _is_larger(facts: Facts, other: Other) -> bool:
    return bool(facts.context and other.context and other.context > facts.context)


def _gains(facts: Facts, other: Other) -> tuple[bool, ...]:
    return tuple(gain(facts, other) for gain, _ in _GAINS)


# How many months before the newest of a creator's models another one is still of today.
_RECENT_MONTHS = 18


def _recent_since(facts: Facts) -> str:
    """The month since when models of this creator are of today; empty where no date is known."""
    out = (other.released for other in facts.others if other.released <= facts.today)
    newest = max(out, default="")
    newest = max(newest, facts.released if facts.released <= facts.today else "")
    if not newest:
        return ""
    months = 12 * int(newest[:4]) + int(newest[5:7] or 12) - 1 - _RECENT_MONTHS
    return f"{months // 12:04}-{months % 12 + 1:02}"


def _preferred(other: Other, since: str) -> tuple[bool, bool]:
    """What outdoes all else: that a model is neither preview nor experiment, and is of today."""
    recent = bool(other.released) and other.released >= since[: len(other.released)]
    return not is_trial(other.stage, other.slug), recent


# Up to this many times the price is about as much.
_COMPARABLE = Decimal("1.5")


def _newest_first(
    facts: Facts, other: Other, gains: tuple[bool, ...]
) -> tuple[bool, bool, bool, str, bool, int, str]:
    """The newest that costs no more or about as much. Where none does: one of the same family, then
    one that is sold where the model is, then the newest."""
    pair, related = at_one_provider(facts, other), _is_related(facts, other)
    fair = bool(pair and all(theirs <= own * _COMPARABLE for own, theirs in _meters(*pair)))
    kin = related and not fair
    return fair, kin, pair is not None, other.released, related, sum(gains), other.slug


def _closest_first(
    facts: Facts, other: Other, gains: tuple[bool, ...]
) -> tuple[bool, bool, int, str, str]:
    """One of the same family, one that is sold where the model is, then the one that has most of
    the three, the newest of equals."""
    here = at_one_provider(facts, other) is not None
    return _is_related(facts, other), here, sum(gains), other.released, other.slug


def _is_related(facts: Facts, other: Other) -> bool:
    return bool(facts.family) and other.family == facts.family


_GAINS = ((_is_newer, _newest_first), (_is_cheaper, _closest_first), (_is_larger, _newest_first))


def _alternative(facts: Facts, other: Other, gains: tuple[bool, ...]) -> Sentence:
    newer, _, larger = gains
    less, more = _cost(facts, other)
    told = [
        f"is newer ({partial_date(other.released)})" if newer else "",
        less,
        f"has a larger context window ({other.context:,} tokens)" if larger else "",
    ]
    name = called(facts, other.slug, other.name)
    return said(link(other.slug, name), f" {listed(filter(None, told))}{more}.")


def _cost(facts: Facts, other: Other) -> tuple[str, str]:
    """That a model costs less, or more, at one provider; neither where they cannot be compared."""
    pair = at_one_provider(facts, other)
    if not pair:
        return "", ""
    asked = zip(("input", "output"), _meters(*pair), strict=True)
    dearer = [meter for meter, (own, theirs) in asked if _less(own, theirs)]
    if dearer:
        which = f" for {dearer[0]}" if len(dearer) == 1 else ""
        return "", f", but costs more{which} ({_beside(*pair)})"
    return (f"costs less ({_beside(*pair)})" if _is_cheaper(facts, other) else ""), ""


def _beside(own: Card, theirs: Card) -> str:
    return (
        f"input {money_exact(theirs.input)} instead of {money_exact(own.input)} and output "
        f"{money_exact(theirs.output)} instead of {money_exact(own.output)} per million tokens, "
        f"both at {own.provider}"
    )


# About ------------------------------------------------------------------------------------------

_KINDS = {
    "text": "text",
    "image": "images",
    "audio": "audio",
    "video": "video",
    "pdf": "PDF documents",
}
# What comes out of these is numbers or labels, whatever modality is stated of them.
_COUNTING = ("embedding", "rerank", "moderation")


def about(facts: Facts) -> list[Sentence]:
    """Who made it and when, what goes in and comes out, and whether its weights are open."""
    by = f"{facts.name} is made by {facts.creator}" if facts.creator_slug != NOBODY else ""
    released = came_out(facts).rstrip(".")
    family = f"It belongs to the family {facts.family}." if facts.family else ""
    start = by or (facts.name if released else "")
    origin = f"{start}{' and' if by and released else ''} {released}".strip()
    weights: dict[bool | None, str] = {
        True: "Its weights are open",
        False: "Its weights are not open",
        None: "",
    }
    licence = f"its licence is {facts.licence}" if facts.licence else ""
    rights = ", ".join(filter(None, (weights[facts.open_weights], licence)))
    found = (
        f"{origin}." if origin else "",
        _in_and_out(facts),
        family,
        f"{rights[:1].upper()}{rights[1:]}." if rights else "",
    )
    return [said(sentence) for sentence in found if sentence]


def _in_and_out(facts: Facts) -> str:
    """Text is answered in, the rest is made: nobody answers in images."""
    out = () if facts.makes.startswith(_COUNTING) else facts.modalities_out
    into, made = _kinds(facts.modalities_in), _kinds(kind for kind in out if kind != "text")
    answers = "answers in text" if "text" in out else ""
    does = listed(
        filter(None, (f"takes {into}" if into else "", answers, f"makes {made}" if made else ""))
    )
    return f"It {does}." if does else ""


def _kinds(kinds: Iterable[str]) -> str:
    return listed((_KINDS.get(kind, kind) for kind in sorted(kinds, key=_usual)), len(_KINDS) + 4)


def _usual(kind: str) -> tuple[int, str]:
    return (list(_KINDS).index(kind) if kind in _KINDS else len(_KINDS)), kind


# In one line ------------------------------------------------------------------------------------

_SORTS_OF_MODEL = {
    "chat": "language model",
    "responses": "language model",
    "completion": "language model",
    "embedding": "embedding model",
    "image": "image model",
    "moderation": "moderation model",
    "ocr": "OCR model",
    "realtime": "realtime model",
    "rerank": "reranking model",
    "speech": "speech model",
    "transcription": "transcription model",
    "video": "video model",
}
# What is worth a line, the most asked for first.
_WORTH_SAYING = (
    *(
        "vision",
        "tool-use",
        "file-input",
        "audio-input",
        "video-input",
        "web-search",
        "audio-output",
    ),
    *("structured-output", "computer-use"),
)


def in_one_line(
    *,
    mode: str,
    modalities_out: Collection[str],
    stage: str,
    creator: str,
    open_weights: bool | None,
    capabilities: Mapping[str, str],
    context: int | None,
    providers: Iterable[str],
) -> str:
    """A model in one sentence:

    `creator` is empty where nobody knows it, `capabilities` are slug to name.
    """
    usual = "language model" if not mode and "text" in modalities_out else "model"
    noun = _SORTS_OF_MODEL.get(mode, usual)
    if "reasoning" in capabilities and noun in ("language model", "model"):
        noun = "reasoning model"
    parts = (
        stage if stage != Lifecycle.ACTIVE else "",
        "open-weight" if open_weights else "",
        noun,
    )
    what = " ".join(filter(None, parts))
    article = "An" if what[0].lower() in "aeio" else "A"
    can = [capabilities[slug].lower() for slug in _WORTH_SAYING if slug in capabilities]
    by = f" by {creator}" if creator else ""
    found = (
        f"{article} {what}{by}{f' with {listed(can[:NAMED])}' if can else ''}",
        f"{tokens(context)} context" if context else "",
        _served(set(providers)),
    )
    return f"{', '.join(filter(None, found))}."


def _served(providers: Collection[str]) -> str:
    who = listed(providers) if len(providers) == 1 else f"{len(providers)} providers"
    return f"served by {who}" if providers else ""


SECTIONS: tuple[tuple[str, str, Callable[[Facts], list[Sentence]]], ...] = (
    ("choosing", "Choosing a provider", choosing),
    ("best_for", "Best for", best_for),
    ("alternatives", "Consider alternatives", alternatives),
    ("about", "About", about),
)
