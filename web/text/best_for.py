"""Sentences on uses of a model, by its stated facts alone. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from web.format.figures import money_exact
from web.text.choosing import compared
from web.text.facts import (
    Facts,
    ProviderPrices,
    Sentence,
    alike,
    amount_of,
    is_disputed,
    is_less,
    million,
    sentence,
)

# Uses by capability; none claims more than the capability does. Long prompts and low prices count
# only where at least half of the creator's other models have less, or cost more.
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
_PDF = "Prompts with files such as PDF documents (file input)"


def best_for(facts: Facts) -> list[Sentence]:
    uses = [
        _PDF if slug == "file-input" and "pdf" in facts.modalities_in else _USES[slug]
        for slug in facts.capabilities
        if slug in _USES and not is_disputed(facts, slug)
    ]
    uses += (_long_prompts(facts), _repeated_prompts(facts), _low_price(facts))
    return [sentence(f"{use}.") for use in uses if use]


def _long_prompts(facts: Facts) -> str:
    others = [other.context for other in facts.others if other.context]
    smaller = sum(context < facts.context for context in others) if facts.context else 0
    if not facts.context or len(others) < 2 or smaller * 2 < len(others):
        return ""
    rest = (
        f"the {len(others)} other {facts.creator} models in use that state theirs and a price "
        "for input"
    )
    than = f"any of {rest}" if smaller == len(others) else f"{smaller} of {rest}"
    return (
        f"Long prompts: its context window of {facts.context:,} tokens is larger than that of "
        f"{than}"
    )


def _repeated_prompts(facts: Facts) -> str:
    endpoints, _ = compared(facts)
    pairs = [
        (amount_of(endpoint, "cache_read"), amount_of(endpoint, "input"), endpoint.name)
        for endpoint in endpoints
    ]
    cheaper = [(read, full, at) for read, full, at in pairs if read and full and read < full]
    if not cheaper:
        return ""
    lowest = min(read for read, _, _ in cheaper)
    read, full, at = next(prices for prices in cheaper if alike(prices[0], lowest))
    return (
        f"Prompts that begin alike: input that is read from the cache costs {million(read)} tokens "
        f"at {at} instead of {money_exact(full)}"
    )


def _low_price(facts: Facts) -> str:
    for own in facts.direct_prices if facts.sells_text else ():
        rest = [
            prices.input
            for other in facts.others
            if other.sells_text
            for prices in other.direct_prices
            if prices.provider == own.provider
        ]
        if len(rest) >= 2:
            return _lower_than_half(facts, own, rest)
    return ""


def _lower_than_half(facts: Facts, own: ProviderPrices, rest: Sequence[Decimal]) -> str:
    dearer = sum(is_less(own.input, amount) for amount in rest)
    if dearer * 2 < len(rest):
        return ""
    than = f"any of the {len(rest)}" if dearer == len(rest) else f"{dearer} of the {len(rest)}"
    return (
        f"Low prices: its input, {million(own.input)} tokens at {own.provider}, costs less than "
        f"that of {than} other {facts.creator} text models in use that are sold there in their "
        "plain form"
    )
