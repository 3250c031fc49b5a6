import pytest

from tests.web.known import card, endpoint, facts, headline, priced
from web.text.facts import Piece, words
from web.text.faq import faq


def answers(**stated):
    return {question.title: words(question.answer) for question in faq(facts(**stated))}


def test_there_is_no_question_that_the_facts_do_not_answer():
    assert faq(facts()) == []


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        ({"context": 200_000}, "o4-mini is stated to have a context window of 200,000 tokens."),
        (
            {"context": 200_000, "max_output": 100_000},
            "o4-mini is stated to have a context window of 200,000 tokens "
            "and to put out at most 100,000 tokens in one answer.",
        ),
        (
            {"context": 200_000, "endpoints": (endpoint(context=128_000), endpoint("Azure"))},
            "o4-mini is stated to have a context window of 200,000 tokens. "
            "The smallest window that a provider states is 128,000 tokens.",
        ),
        (
            {
                "context": 200_000,
                "endpoints": (endpoint(context=400_000), endpoint("Azure", context=200_000)),
            },
            "o4-mini is stated to have a context window of 200,000 tokens. "
            "The largest window that a provider states is 400,000 tokens, at OpenAI.",
        ),
        (
            {
                "context": 200_000,
                "max_output": 128_000,
                "endpoints": (
                    endpoint(max_output=64_000),
                    endpoint("Deep", max_output=1_000_000),
                    endpoint("Deep", name="Deep (eu)", max_output=1_000_000),
                ),
            },
            "o4-mini is stated to have a context window of 200,000 tokens "
            "and to put out at most 128,000 tokens in one answer. "
            "Providers state answer limits from 64,000 to 1,000,000 tokens, the largest at Deep.",
        ),
        (
            {"context": 200_000, "endpoints": (endpoint(context=200_000, max_output=9),)},
            "o4-mini is stated to have a context window of 200,000 tokens.",
        ),
    ],
)
def test_the_context_window(stated, answer):
    result = answers(**stated)
    assert result["What context window does o4-mini support?"] == answer


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (
            headline(
                priced("input", "1.1"), priced("output", "4.4"), priced("cache_read", "0.275")
            ),
            "The price of o4-mini at OpenAI, its creator’s own API: input $1.10 per million "
            "tokens; output $4.40 per million tokens; cache read $0.275 per million tokens.",
        ),
        (
            headline(
                priced("input", "1.1"),
                priced("output", "0", "free"),
                provider="Poe",
                role="the cheapest gateway",
                lower=priced("input", "0.5", where="Grey (reseller)"),
            ),
            "The price of o4-mini at Poe, the cheapest gateway: input $1.10 per million tokens. "
            "A lower one is input $0.50 per million tokens at Grey (reseller).",
        ),
        (
            headline(priced("query", "4"), provider="A"),
            "The price of o4-mini at A, its creator’s own API: queries $4.00 per 1,000 queries.",
        ),
        (
            headline(priced("input", "0", "free"), provider="Nvidia", role=""),
            "o4-mini is free of charge at Nvidia.",
        ),
        (None, None),
    ],
)
def test_the_price_is_one_endpoints_whole_row(row, answer):
    assert answers(headline=row).get("How much does o4-mini cost?") == answer


@pytest.mark.parametrize(
    ("endpoints", "answer"),
    [
        ((endpoint(), endpoint(name="OpenAI (ft)")), "o4-mini is served directly by OpenAI."),
        (
            (endpoint(), endpoint("Azure"), endpoint("G", direct=False)),
            "o4-mini is served directly by OpenAI and Azure, and through 1 gateway, reseller or "
            "plan.",
        ),
        (
            (endpoint("G", direct=False), endpoint("H", direct=False)),
            "o4-mini is served through 2 gateways, resellers and plans.",
        ),
    ],
)
def test_the_providers_that_serve_a_model(endpoints, answer):
    assert answers(endpoints=endpoints) == {"Which providers serve o4-mini?": answer}


def has(name, *slugs):
    return endpoint(name, has=frozenset(slugs))


def lacks(name, *slugs):
    return endpoint(name, lacks=frozenset(slugs))


@pytest.mark.parametrize(
    ("capabilities", "endpoints", "answer"),
    [
        (("vision",), (), "Yes, o4-mini supports vision."),
        (("vision",), (has("A", "vision"), endpoint("B")), "Yes, o4-mini supports vision."),
        (
            ("vision",),
            (has("A", "vision"), has("B", "vision"), lacks("C", "vision")),
            "Yes, o4-mini supports vision. It is stated to be absent at C.",
        ),
        (
            ("vision",),
            (has("A", "vision"), lacks("B", "vision"), lacks("C", "vision")),
            "At A, as stated; it is stated to be absent at 2 other providers.",
        ),
        (
            (),
            (lacks("A", "vision"), endpoint("B")),
            "No, o4-mini is stated to come without vision.",
        ),
        ((), (endpoint("A"),), None),
        ((), (has("A", "vision"), lacks("A", "vision")), None),
    ],
)
def test_a_capability_is_yes_no_or_left_out(capabilities, endpoints, answer):
    result = answers(capabilities=capabilities, endpoints=endpoints)
    assert result.get("Does o4-mini support vision?") == answer
    assert "Does o4-mini support tool use?" not in result


@pytest.mark.parametrize(
    ("stated", "asked", "answer"),
    [
        (
            {"released": "2025-04-16"},
            "When was o4-mini released?",
            "o4-mini was released on Apr 16, 2025.",
        ),
        ({"released": "2025"}, "When was o4-mini released?", "o4-mini was released in 2025."),
        (
            {"knowledge_cutoff": "2024-05"},
            "What is o4-mini’s knowledge cut-off?",
            "The knowledge cut-off of o4-mini is May 2024.",
        ),
        (
            {"released": "2026-11-23"},
            "When is o4-mini released?",
            "o4-mini is to be released on Nov 23, 2026.",
        ),
        (
            {"released": "2026-11-22"},
            "When was o4-mini released?",
            "o4-mini was released on Nov 22, 2026.",
        ),
    ],
)
def test_dates_are_as_precise_as_they_are_known(stated, asked, answer):
    assert answers(**stated) == {asked: answer}


@pytest.mark.parametrize(
    ("stated", "answer"),
    [
        ({"stage": "active"}, None),
        ({"stage": "deprecated"}, "Yes, o4-mini is deprecated."),
        (
            {"stage": "deprecated", "deprecated_on": "2026-10-23", "retired_on": "2027-01"},
            "Yes, o4-mini has been deprecated since Oct 23, 2026. It will be retired in Jan 2027.",
        ),
        (
            {"stage": "retired", "retired_on": "2026-10-23"},
            "It has been retired since Oct 23, 2026.",
        ),
        ({"stage": "retired"}, "It is retired."),
        (
            {"stage": "deprecated", "deprecated_on": "2027-03-15"},
            "Yes, o4-mini is stated to be deprecated; the date stated for that is Mar 15, 2027.",
        ),
        (
            {"stage": "retired", "retired_on": "2027-03"},
            "It is stated to be retired; the date stated for that is Mar 2027.",
        ),
        (
            {"deprecated_on": "2027-01-01", "retired_on": "2027-07"},
            "Not yet. It will be deprecated on Jan 1, 2027. It will be retired in Jul 2027.",
        ),
        ({"deprecated_on": "2027-01-01"}, "Not yet. It will be deprecated on Jan 1, 2027."),
        ({"retired_on": "2027"}, "Not yet. It will be retired in 2027."),
    ],
)
def test_deprecation_is_answered_where_it_is_stated(stated, answer):
    assert answers(**stated).get("Is o4-mini deprecated?") == answer


def test_the_successor_is_a_link():
    known = facts(stage="deprecated", successor=("openai/o5-mini", "o5-mini"))
    (question,) = faq(known)
    assert words(question.answer) == "Yes, o4-mini is deprecated. Its successor is o5-mini."
    assert Piece("o5-mini", "/models/openai/o5-mini/") in question.answer


def test_a_successor_of_the_same_name_is_called_by_its_id():
    (question,) = faq(facts(stage="deprecated", successor=("openai/o4-mini-2", "o4-mini")))
    assert words(question.answer) == "Yes, o4-mini is deprecated. Its successor is o4-mini-2."


def test_prices_in_a_plan_or_without_an_amount_are_no_prices():
    plan = endpoint(
        "Plan", direct=False, billed=False, prices=card(input="included", output="included")
    )
    assert list(answers(endpoints=(plan,))) == ["Which providers serve o4-mini?"]
