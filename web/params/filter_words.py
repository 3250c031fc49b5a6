"""Words of a search that are filters of the model list: "vision <$1 200k zdr". Pure.

They are offered and never forced: "128k" is a word of names too.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from catalog.provider_kinds import DIRECT, ProviderKind
from web.params.models import ModelFilters, default_sort
from web.params.values import read_amount, read_tokens

# Patterns of what people write, the longer of two that begin alike first; a space in them is a
# space, a hyphen or an underscore. Capabilities go by their slugs and names too.
_CAPABILITIES = {
    "vision": "image inputs?|multimodal",
    "tool-use": "tool calls?|tool calling|function calls?|function calling|tools?",
    "reasoning": "thinking",
    "file-input": "files?|documents?",
    "web-search": "search|browsing|grounding",
    "structured-output": "structured outputs|json mode|json schema|json",
    "explicit-caching": "caching|prompt caching",
    "implicit-caching": "automatic caching",
    "image-generation": "image outputs?",
    "video-generation": "video outputs?",
}
_MODALITIES = {"audio": "audio|speech", "video": "videos?", "pdf": "pdfs?", "image": "images?"}
_FLAGS = {
    "zdr": "zdr|zero data retention|zero retention|no retention|no data retention",
    "no_training": "no training|not training|without training|not trained on",
    "open_weights": "open weights?|open source|open models?",
}
_REGIONS = {
    "eu": "eu|europe|european",
    "us": "us|usa|united states",
    "apac": "apac|asia pacific|asia",
    "jp": "jp|japan",
    "au": "au|australia",
}
_KINDS = {
    (*DIRECT, ProviderKind.GATEWAY): "(?:not|no|without)(?: an?| any)? resellers?",
    DIRECT: "direct providers?|direct|(?:not|no|without)(?: an?| any)? gateways?",
    (ProviderKind.FIRST_PARTY,): "first party",
    (ProviderKind.CLOUD,): "cloud providers?|clouds?",
    (ProviderKind.INFERENCE_HOST,): "inference hosts?",
    (ProviderKind.GATEWAY,): "gateways?|aggregators?",
    (ProviderKind.RESELLER,): "resellers?",
    (ProviderKind.PLAN,): "subscription plans?|subscriptions?|plans?",
    (ProviderKind.LOCAL,): "local",
}

_AT_MOST = "(?:(?:<=?|≤|under|below|up to|at most|less than|max) ?)"
_AT_LEAST = "(?:(?:>=?|≥|over|above|from|at least|more than|min) ?)"
_NUMBER = r"(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})"
_METER = "(input|output|in|out)"
_PER = "(?: ?(?:/|per) ?(?:1 ?)?(?:m|million|mtok)(?: tokens?)?)?"
_PRICE = rf"{_AT_MOST}?\$ ?{_NUMBER}{_PER}"
# Of the meter and the amount in either order the leftmost counts: "$1 input $4 output".
_PRICES = (
    f"{_METER} ?{_PRICE}|{_PRICE} {_METER}|{_METER} ?{_AT_MOST}{_NUMBER}{_PER}",
    _PRICE,
)
_TOKENS = rf"{_AT_LEAST}?(\d{{1,6}}(?:\.\d{{1,6}})? ?[km]|[1-9]\d{{0,2}}(?:,\d{{3}})+)\+?"
_CONTEXT = "(?:(?:context|ctx)(?: window| length)?|tokens?(?: of)?(?: context)?)"
_CONTEXTS = (f"{_CONTEXT} ?{_TOKENS}", f"{_TOKENS} {_CONTEXT}", _TOKENS)

# Words that join filters to each other and to names.
_JOINT = r"(?:\+|&|and|with|in|at|the|for|models?|that|has|have|supports?)"
_TAKEN = "\0"
_LOOSE_JOINT = re.compile(rf"(?<!\S){_JOINT} (?={_TAKEN})|(?<={_TAKEN}) {_JOINT}(?!\S)")

Rule = tuple[str, re.Pattern[str], Any]


def filter_words(
    search: str, capabilities: Mapping[str, str], onto: ModelFilters
) -> ModelFilters | None:
    """These filters with those that a search states, and its other words in `q`; None without.

    `capabilities` is the vocabulary, slug to name. Capabilities add up; of two values of another
    filter the last one wins.
    """
    stated: dict[str, Any] = {}
    text = _plain(search)
    for name, pattern, value in _rules(tuple(capabilities.items())):
        while found := pattern.search(text):
            _state(stated, name, value, found)
            text = f"{text[: found.start()]}{_TAKEN}{text[found.end() :]}"
    if not stated:
        return None
    joints = 1
    while joints:
        text, joints = _LOOSE_JOINT.subn("", text)
    q = " ".join(text.replace(_TAKEN, " ").split())
    if "capability" in stated:
        stated["capability"] = tuple(dict.fromkeys((*onto.capability, *stated["capability"])))
    return replace(onto, q=q, sort=default_sort(q), page=1, first=1, **stated)


def _plain(search: str) -> str:
    """Lower case, full-width signs as plain ones, and no commas but those within a number."""
    text = normalize("NFKC", search).lower().replace(_TAKEN, " ")
    return " ".join(re.sub(r"[,;](?!\d)|(?<!\d)[,;]", " ", text).split())


def _state(stated: dict[str, Any], name: str, value: Any, found: re.Match[str]) -> None:
    match name:
        case "capability":
            stated[name] = tuple(dict.fromkeys((*stated.get(name, ()), value)))
        case "price":
            groups = [group for group in found.groups() if group]
            (amount,) = (group for group in groups if not group.isalpha())
            meter = "output" if {"output", "out"} & set(groups) else "input"
            stated[f"{meter}_max"] = read_amount(amount, "price", [])
        case "context_min":
            if tokens := read_tokens(found[1], []):
                stated[name] = tokens
        case "kind":
            stated.setdefault(name, tuple(str(kind) for kind in value))
        case _:
            stated[name] = value


@lru_cache(maxsize=4)
def _rules(capabilities: tuple[tuple[str, str], ...]) -> tuple[Rule, ...]:
    spellings = {
        slug: "|".join((re.escape(slug), re.escape(name.lower()), _CAPABILITIES.get(slug, slug)))
        for slug, name in capabilities
    }
    return (
        *(("price", _whole(pattern), None) for pattern in _PRICES),
        *(("context_min", _whole(pattern), None) for pattern in _CONTEXTS),
        *(("capability", _phrases(words), slug) for slug, words in spellings.items()),
        *(("modality", _phrases(words), value) for value, words in _MODALITIES.items()),
        *((name, _phrases(words), True) for name, words in _FLAGS.items()),
        *(("region", _phrases(words), value) for value, words in _REGIONS.items()),
        *(("kind", _phrases(words), value) for value, words in _KINDS.items()),
    )


def _phrases(words: str) -> re.Pattern[str]:
    return _whole(words.replace("\\ ", " ").replace(" ", "[ _-]"))


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")
