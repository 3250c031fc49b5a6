"""Common questions about a model, where its facts answer them. Pure."""

from dataclasses import dataclass

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date
from web.reads.prices import Price
from web.text.facts import (
    Facts,
    Sentence,
    conditions,
    dated,
    distinct_name,
    endpoint_names,
    link,
    listed,
    providers_by_answer,
    release_clause,
    sentence,
)
from web.text.prices import counted, then

DIRECT_NAMED = 10
_CAPABILITIES = ("tool-use", "vision", "reasoning", "structured-output", "web-search")


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    answer: Sentence


def faq(facts: Facts) -> list[Question]:
    name = facts.name
    was = "was" if facts.released <= facts.today else "is"
    questions = [
        Question(f"What context window does {name} support?", sentence(_context(facts))),
        Question(f"How much does {name} cost?", sentence(_cost(facts))),
        Question(f"Which providers serve {name}?", sentence(_providers(facts))),
        *(_supports(facts, slug) for slug in _CAPABILITIES),
        Question(f"When {was} {name} released?", sentence(_released(facts))),
        Question(f"What is {name}’s knowledge cut-off?", sentence(_knowledge(facts))),
        Question(f"Is {name} deprecated?", _deprecation(facts)),
    ]
    return [question for question in questions if question.answer]


def _context(facts: Facts) -> str:
    if not facts.context:
        return ""
    answer = f"{facts.name} is stated to have a context window of {facts.context:,} tokens"
    if facts.max_output:
        answer += f" and to put out at most {facts.max_output:,} tokens in one answer"
    windows = _at_providers(facts, "context", facts.context, "window")
    answers = _at_providers(facts, "max_output", facts.max_output, "answer limit")
    return " ".join(filter(None, (f"{answer}.", windows, answers)))


def _at_providers(facts: Facts, field: str, own: int | None, what: str) -> str:
    stated = [
        (getattr(endpoint, field), endpoint)
        for endpoint in facts.endpoints
        if getattr(endpoint, field)
    ]
    if not own or not stated:
        return ""
    least, most = min(value for value, _ in stated), max(value for value, _ in stated)
    if least >= own >= most:
        return ""
    at = endpoint_names(endpoint for value, endpoint in stated if value == most)
    if least >= own:
        return f"The largest {what} that a provider states is {most:,} tokens, at {at}."
    if most <= own:
        return f"The smallest {what} that a provider states is {least:,} tokens."
    return f"Providers state {what}s from {least:,} to {most:,} tokens, the largest at {at}."


def _cost(facts: Facts) -> str:
    row = facts.headline
    if row is None:
        return ""
    sold = [price for price in row.prices if price.state == "priced"]
    at = f"at {', '.join(filter(None, (row.provider, row.role)))}"
    if not sold:
        return f"{facts.name} is free of charge {at}."
    parts = "; ".join(f"{price.unit.name.lower()} {_exact(price)}" for price in sold)
    lower = f" {_lower(row.lower)}" if row.lower else ""
    return f"The price of {facts.name} {at}: {parts}.{lower}"


def _lower(price: Price) -> str:
    return f"A lower one is {price.unit.name.lower()} {_exact(price)} at {price.where}."


def _exact(price: Price) -> str:
    assert price.amount is not None
    amount = money_exact(price.amount, price.currency)
    return f"{amount} per {counted(price)}{conditions(price)}{then(price.announced)}"


def _providers(facts: Facts) -> str:
    direct = list(
        dict.fromkeys(endpoint.provider for endpoint in facts.endpoints if endpoint.direct)
    )
    through = {endpoint.provider for endpoint in facts.endpoints} - set(direct)
    kinds = "gateway, reseller or plan" if len(through) == 1 else "gateways, resellers and plans"
    ways = (
        f"directly by {listed(direct, DIRECT_NAMED)}" if direct else "",
        f"through {len(through)} {kinds}" if through else "",
    )
    served = ", and ".join(filter(None, ways))
    return f"{facts.name} is served {served}." if served else ""


def _supports(facts: Facts, slug: str) -> Question:
    return Question(
        f"Does {facts.name} support {_named(facts, slug)}?", sentence(_support(facts, slug))
    )


def _named(facts: Facts, slug: str) -> str:
    return facts.vocabulary.get(slug, slug.replace("-", " ")).lower()


def _support(facts: Facts, slug: str) -> str:
    """Yes where stated, with the providers where most deny it; no only where all deny it."""
    name = _named(facts, slug)
    has, lacks = providers_by_answer(facts, slug)
    if has and len(lacks) > len(has):
        many = f"{len(lacks)} other provider{'s' if len(lacks) > 1 else ''}"
        return f"At {listed(has)}, as stated; it is stated to be absent at {many}."
    if slug in facts.capabilities and (has or not lacks):
        without = f" It is stated to be absent at {listed(lacks)}." if lacks else ""
        return f"Yes, {facts.name} supports {name}.{without}"
    if lacks and not has:
        return f"No, {facts.name} is stated to come without {name}."
    return ""


def _released(facts: Facts) -> str:
    return f"{facts.name} {release_clause(facts)}" if facts.released else ""


def _knowledge(facts: Facts) -> str:
    until = partial_date(facts.knowledge_cutoff)
    return f"The knowledge cut-off of {facts.name} is {until}." if until else ""


def _deprecation(facts: Facts) -> Sentence:
    retired, going = facts.retired_on or facts.ends_on, facts.deprecated_on
    ended = retired and retired <= facts.today and facts.stage != Lifecycle.RETIRED
    if ended:
        elsewhere = facts.ends_on and f" {dated('The last stated end elsewhere is', facts.ends_on)}"
        answer = f"Yes, {dated(f'{facts.creator} ended it', retired)}"
        answer += f" Other providers still list it.{elsewhere}"
    elif facts.stage == Lifecycle.RETIRED:
        answer = f"It {_stage_since('retired', retired, facts.today)}"
    elif facts.stage == Lifecycle.DEPRECATED:
        answer = f"Yes, {facts.name} {_stage_since('deprecated', going, facts.today)}"
        answer += f" {dated('It will be retired', retired)}" if retired else ""
    elif going or retired:
        coming = (dated("It will be deprecated", going), dated("It will be retired", retired))
        answer = " ".join(filter(None, ("Not yet.", *coming)))
    else:
        return ()
    if not facts.successor:
        return sentence(answer)
    slug, name = facts.successor
    return sentence(
        f"{answer} Its successor is ", link(slug, distinct_name(facts, slug, name)), "."
    )


def _stage_since(how: str, since: str, today: str) -> str:
    """A source may state a stage before its date."""
    if not since:
        return f"is {how}."
    if since <= today:
        return f"has been {how} since {partial_date(since)}."
    return f"is stated to be {how}; the date stated for that is {partial_date(since)}."
