"""Sentences on other models of the same creator: newer, cheaper, larger. Pure."""

from decimal import Decimal
from functools import lru_cache

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date
from web.text.facts import (
    Facts,
    OtherModelFacts,
    ProviderPrices,
    Sentence,
    at_one_provider,
    distinct_name,
    is_less,
    is_trial,
    link,
    listed,
    sentence,
)


def alternatives(facts: Facts) -> list[Sentence]:
    """The successor of a deprecated model; then one newer, one cheaper and one larger model.

    Alternatives take the same inputs, have the same capabilities and make the same output. Cheaper
    means lower input and output prices at the same direct provider; a higher price is named too.
    """
    sentences = [_successor(facts)] if facts.successor and facts.stage in _GOING else []
    named = {facts.successor[0]} if sentences and facts.successor else set()
    able = [
        (other, tuple(gains(facts, other) for gains, _ in _GAINS))
        for other in facts.others
        if _is_substitute(facts, other)
    ]
    since = _recent_since(facts) if able else ""
    for place, (_, rank) in enumerate(_GAINS):
        better = [pair for pair in able if pair[1][place] and pair[0].slug not in named]
        if better:
            other, gains = max(
                better, key=lambda pair: (*_preferred(pair[0], since), *rank(facts, *pair))
            )
            sentences.append(_alternative(facts, other, gains))
            named.add(other.slug)
    return sentences


_GOING = (Lifecycle.DEPRECATED, Lifecycle.RETIRED)


def _successor(facts: Facts) -> Sentence:
    assert facts.successor
    slug, name = facts.successor
    return sentence(
        f"{facts.name} is {facts.stage}; its successor is ",
        link(slug, distinct_name(facts, slug, name)),
        ".",
    )


# Purposes in a model's name: a model with another purpose is no alternative.
_PURPOSES = frozenset(
    {
        *("ocr", "asr", "tts", "stt", "mt", "translate", "livetranslate", "transcribe"),
        *("transcription", "guard", "safeguard", "safety", "moderation", "intent", "router"),
        *("search", "research", "math", "coder", "code", "codex", "embed", "embedding", "rerank"),
        *("reranker", "reward", "medical", "med", "cybersecurity", "cyber", "roleplay"),
        *("character", "her", "omni", "live", "realtime", "audio", "gte", "bge", "e5"),
    }
)
# Purposes that names join to other words too.
_PURPOSES_WITHIN = ("ocr", "asr", "tts", "guard", "embed", "rerank")


def _is_substitute(facts: Facts, other: OtherModelFacts) -> bool:
    """Whether another model can do the same work; unknown facts count as no.

    A model at a single provider that does not serve this model is likely a fine-tune. Only a
    preview replaces a preview.
    """
    known = facts.makes and (facts.takes or not facts.sells_text)
    does = facts.takes <= other.takes and facts.does <= other.does and facts.makes == other.makes
    if (
        not known
        or not does
        or (facts.sells_text and _purposes(facts.slug) != _purposes(other.slug))
    ):
        return False
    if is_trial(other.stage, other.slug) and not is_trial(facts.stage, facts.slug):
        return False
    return other.served > 1 or at_one_provider(facts, other) is not None


@lru_cache(maxsize=4096)
def _purposes(slug: str) -> frozenset[str]:
    name = slug.partition("/")[2]
    return _PURPOSES.intersection(name.split("-")).union(
        word for word in _PURPOSES_WITHIN if word in name
    )


def _is_newer(facts: Facts, other: OtherModelFacts) -> bool:
    """Released, and later by what both dates state: 2026 is not later than 2026-03."""
    known = min(len(facts.released), len(other.released))
    out = other.released <= facts.today
    return known > 0 and out and other.released[:known] > facts.released[:known]


def _is_cheaper(facts: Facts, other: OtherModelFacts) -> bool:
    pair = at_one_provider(facts, other)
    return bool(pair and all(is_less(theirs, own) for own, theirs in _meters(*pair)))


def _meters(
    own: ProviderPrices, theirs: ProviderPrices
) -> tuple[tuple[Decimal, Decimal], tuple[Decimal, Decimal]]:
    return (own.input, theirs.input), (own.output, theirs.output)


def _is_larger(facts: Facts, other: OtherModelFacts) -> bool:
    return bool(facts.context and other.context and other.context > facts.context)


# A model this many months older than its creator's newest is still current.
_RECENT_MONTHS = 18


def _recent_since(facts: Facts) -> str:
    """First month of the creator's current generation; empty where no release date is known."""
    out = (other.released for other in facts.others if other.released <= facts.today)
    newest = max(out, default="")
    newest = max(newest, facts.released if facts.released <= facts.today else "")
    if not newest:
        return ""
    months = 12 * int(newest[:4]) + int(newest[5:7] or 12) - 1 - _RECENT_MONTHS
    return f"{months // 12:04}-{months % 12 + 1:02}"


def _preferred(other: OtherModelFacts, since: str) -> tuple[bool, bool]:
    """Rank before all else: neither preview nor experiment, and of the current generation."""
    recent = bool(other.released) and other.released >= since[: len(other.released)]
    return not is_trial(other.stage, other.slug), recent


# Up to this factor two prices count as about the same.
_COMPARABLE = Decimal("1.5")


def _newest_first(
    facts: Facts, other: OtherModelFacts, gains: tuple[bool, ...]
) -> tuple[bool, bool, bool, str, bool, int, str]:
    """Rank: no dearer or about as dear; same family; sold at the same provider; newest."""
    pair, related = at_one_provider(facts, other), _is_related(facts, other)
    fair = bool(pair and all(theirs <= own * _COMPARABLE for own, theirs in _meters(*pair)))
    kin = related and not fair
    return fair, kin, pair is not None, other.released, related, sum(gains), other.slug


def _closest_first(
    facts: Facts, other: OtherModelFacts, gains: tuple[bool, ...]
) -> tuple[bool, bool, int, str, str]:
    here = at_one_provider(facts, other) is not None
    return _is_related(facts, other), here, sum(gains), other.released, other.slug


def _is_related(facts: Facts, other: OtherModelFacts) -> bool:
    return bool(facts.family) and other.family == facts.family


_GAINS = ((_is_newer, _newest_first), (_is_cheaper, _closest_first), (_is_larger, _newest_first))


def _alternative(facts: Facts, other: OtherModelFacts, gains: tuple[bool, ...]) -> Sentence:
    newer, _, larger = gains
    less, more = _cost(facts, other)
    clauses = [
        f"is newer ({partial_date(other.released)})" if newer else "",
        less,
        f"has a larger context window ({other.context:,} tokens)" if larger else "",
    ]
    name = distinct_name(facts, other.slug, other.name)
    return sentence(link(other.slug, name), f" {listed(filter(None, clauses))}{more}.")


def _cost(facts: Facts, other: OtherModelFacts) -> tuple[str, str]:
    """(costs less, costs more) at one provider, in words; both empty where not comparable."""
    pair = at_one_provider(facts, other)
    if not pair:
        return "", ""
    amounts = zip(("input", "output"), _meters(*pair), strict=True)
    dearer = [meter for meter, (own, theirs) in amounts if is_less(own, theirs)]
    if dearer:
        which = f" for {dearer[0]}" if len(dearer) == 1 else ""
        return "", f", but costs more{which} ({_beside(*pair)})"
    return (f"costs less ({_beside(*pair)})" if _is_cheaper(facts, other) else ""), ""


def _beside(own: ProviderPrices, theirs: ProviderPrices) -> str:
    return (
        f"input {money_exact(theirs.input)}{theirs.input_then} instead of "
        f"{money_exact(own.input)}{own.input_then} and output "
        f"{money_exact(theirs.output)}{theirs.output_then} instead of "
        f"{money_exact(own.output)}{own.output_then} per million tokens, both at {own.provider}"
    )
