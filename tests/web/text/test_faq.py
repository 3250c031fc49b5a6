import pytest

from tests.web.known import card, facts, offer, priced
from web.text.facts import Piece, words
from web.text.faq import faq


def answers(**stated):
    return {question.asked: words(question.answer) for question in faq(facts(**stated))}


def test_what_the_facts_do_not_answer_is_not_asked():
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
            {"context": 200_000, "offers": (offer(context=128_000), offer("Azure"))},
            "o4-mini is stated to have a context window of 200,000 tokens. "
            "The smallest window that a provider states is 128,000 tokens.",
        ),
        (
            {
                "context": 200_000,
                "offers": (offer(context=400_000), offer("Azure", context=200_000)),
            },
            "o4-mini is stated to have a context window of 200,000 tokens. "
            "The largest window that a provider states is 400,000 tokens, at OpenAI.",
        ),
        (
            {
                "context": 200_000,
                "max_output": 128_000,
                "offers": (
                    offer(max_output=64_000),
                    offer("Deep", max_output=1_000_000),
                    offer("Deep", seller="Deep (eu)", max_output=1_000_000),
                ),
            },
            "o4-mini is stated to have a context window of 200,000 tokens "
            "and to put out at most 128,000 tokens in one answer. "
            "Providers state answer limits from 64,000 to 1,000,000 tokens, the largest at Deep.",
        ),
        (
            {"context": 200_000, "offers": (offer(context=200_000, max_output=9),)},
            "o4-mini is stated to have a context window of 200,000 tokens.",
        ),
    ],
)
def test_the_context_window(stated, answer):
    found = answers(**stated)
    assert found["What context window does o4-mini support?"] == answer


@pytest.mark.parametrize(
    ("lowest", "answer"),
    [
        (
            {
                "web_search": priced("web_search", "10", seller="OpenAI"),
                "cache_read": priced("cache_read", "0.275", seller="OpenAI"),
                "input": priced("input", "1.1", seller="Poe"),
                "output": priced("output", "4.4", seller="Azure (eu)"),
            },
            "The lowest prices of o4-mini: input $1.10 per million tokens at Poe; "
            "output $4.40 per million tokens at Azure (eu); cache read $0.275 per million tokens at OpenAI.",
        ),
        (
            {"image": priced("image", "0.052", seller="Azure")},
            "The lowest prices of o4-mini: images made $0.052 per image at Azure.",
        ),
        (
            {
                "input": priced("input", "0", "free", seller="Nvidia"),
                "output": priced("output", None, "unknown"),
            },
            None,
        ),
    ],
)
def test_the_lowest_prices_name_who_sells_at_them(lowest, answer):
    assert answers(lowest=lowest).get("How much does o4-mini cost?") == answer


def test_the_lowest_prices_say_that_a_gateway_is_among_those_who_sell():
    found = answers(
        lowest={"input": priced("input", "1.1", seller="Poe")},
        offers=(offer(prices=card(input="2")), offer("Poe", direct=False)),
    )
    assert found["How much does o4-mini cost?"] == (
        "The lowest prices of o4-mini, gateways included: input $1.10 per million tokens at Poe."
    )


YUAN = priced("image", "0.01", currency="CNY")


def by_unit(provider, meter, amount, **stated):
    how = stated.pop("under", "")
    return offer(provider, per_unit=priced(meter, amount, under=how), **stated)


TOKENS = {"input": priced("input", "5", seller="OpenAI")}
HOUR = {"audio_hour_in": priced("audio_hour_in", "0.36", seller="OpenAI")}
SECOND = {"audio_second_in": priced("audio_second_in", "0.0001", seller="OpenAI")}
ABROAD = {"audio_second_in": priced("audio_second_in", "0.00005", seller="Abroad")}
PAGES = {
    "annotation_page": priced("annotation_page", "5", seller="B"),
    "page": priced("page", "4", seller="A"),
}


@pytest.mark.parametrize(
    ("lowest", "offers", "answer"),
    [
        (
            TOKENS,
            (
                by_unit("fal", "image", "0.06"),
                by_unit("BFL", "image", "0.05", under="Quality low, size 1x1"),
            ),
            "input $5.00 per million tokens at OpenAI; "
            "images made $0.05 per image (quality low, size 1x1) at BFL.",
        ),
        # The first door's unit counts, and what is no price in dollars is none.
        (
            {},
            (
                offer("Y", per_unit=YUAN),
                by_unit("A", "image", "0.06"),
                by_unit("B", "video_second", "0.01"),
            ),
            "images made $0.06 per image at A.",
        ),
        (
            {},
            (by_unit("A", "image", "0.06", seller="A (eu)"),),
            "images made $0.06 per image at A (eu).",
        ),
        (
            {**SECOND, **HOUR},
            (by_unit("OpenAI", "audio_hour_in", "0.36"),),
            "audio in $0.36 per hour at OpenAI.",
        ),
        (
            {**ABROAD, **HOUR},
            (by_unit("OpenAI", "audio_hour_in", "0.36"),),
            "audio in $0.00005 per second at Abroad.",
        ),
        (
            PAGES,
            (by_unit("OpenAI", "page", "4"),),
            "pages $4.00 per 1,000 pages at OpenAI; annotated pages $5.00 per 1,000 pages at B.",
        ),
    ],
)
def test_what_is_sold_by_another_unit_is_among_the_lowest_prices_once(lowest, offers, answer):
    found = answers(lowest=lowest, offers=offers)["How much does o4-mini cost?"]
    assert found == f"The lowest prices of o4-mini: {answer}"


@pytest.mark.parametrize(
    ("offers", "answer"),
    [
        ((offer(), offer(seller="OpenAI (ft)")), "o4-mini is served directly by OpenAI."),
        (
            (offer(), offer("Azure"), offer("G", direct=False)),
            "o4-mini is served directly by OpenAI and Azure, and through 1 gateway, reseller or plan.",
        ),
        (
            (offer("G", direct=False), offer("H", direct=False)),
            "o4-mini is served through 2 gateways, resellers and plans.",
        ),
    ],
)
def test_who_serves_it(offers, answer):
    assert answers(offers=offers) == {"Which providers serve o4-mini?": answer}


def has(name, *slugs):
    return offer(name, has=frozenset(slugs))


def lacks(name, *slugs):
    return offer(name, lacks=frozenset(slugs))


@pytest.mark.parametrize(
    ("capabilities", "offers", "answer"),
    [
        (("vision",), (), "Yes, o4-mini supports vision."),
        (("vision",), (has("A", "vision"), offer("B")), "Yes, o4-mini supports vision."),
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
        ((), (lacks("A", "vision"), offer("B")), "No, o4-mini is stated to come without vision."),
        ((), (offer("A"),), None),
        ((), (has("A", "vision"), lacks("A", "vision")), None),
    ],
)
def test_a_capability_is_yes_no_or_not_asked(capabilities, offers, answer):
    found = answers(capabilities=capabilities, offers=offers)
    assert found.get("Does o4-mini support vision?") == answer
    assert "Does o4-mini support tool use?" not in found


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
    plan = offer(
        "Plan", direct=False, billed=False, prices=card(input="included", output="included")
    )
    assert list(answers(offers=(plan,))) == ["Which providers serve o4-mini?"]
