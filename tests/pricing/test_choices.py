from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.choices import choice_order, choices, cost_range, unmet, without_other_words
from pricing.rates import RateCard, StatedRate
from pricing.request import Request
from pricing.terms import BASE, Terms
from pricing.usage import Usage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def rate(meter, amount, **options):
    terms = Terms(options=tuple(sorted(options.items()))) if options else BASE
    return StatedRate(meter, Decimal(amount), terms=terms)


def request(options=(), **quantities):
    return Request(Usage.of(**quantities), NOW, options=tuple(sorted(dict(options).items())))


DRAWN = RateCard(
    (
        rate("image", "0.005", size="1024x1024", quality="low"),
        rate("image", "0.006", size="1024x1536", quality="low"),
        rate("image", "0.04", size="1024x1024", quality="high"),
        rate("image", "0.06", size="1024x1536", quality="high"),
    )
)
# A base rate that is the 720p one, and one that is the rate of whatever is not named.
FILMED = RateCard(
    (
        rate("video_second", "0.10"),
        rate("video_second", "0.10", resolution="720p"),
        rate("video_second", "0.20", resolution="1080p"),
    )
)
FILMED_ELSE = RateCard(
    (rate("video_second", "0.05"), rate("video_second", "0.08", resolution="1080p"))
)
SEARCHED = RateCard(
    (
        rate("input", "1"),
        rate("output", "1"),
        *(
            rate("request", fee, search_context=size)
            for size, fee in (("low", "5"), ("medium", "8"), ("high", "12"))
        ),
    )
)


@pytest.mark.parametrize(
    ("card", "asked", "least", "most", "depends_on"),
    [
        (DRAWN, request(image=2), "0.01", "0.12", ("size", "quality")),
        (DRAWN, request({"quality": "low"}, image=2), "0.01", "0.012", ("size",)),
        (DRAWN, request({"size": "1024x1536"}, image=2), "0.012", "0.12", ("quality",)),
        (DRAWN, request({"size": "1024x1024", "quality": "high"}, image=2), "0.08", "0.08", ()),
        (FILMED, request(video_second=8), "0.8", "1.6", ("resolution",)),
        (FILMED, request({"resolution": "1080p"}, video_second=8), "1.6", "1.6", ()),
        (FILMED_ELSE, request({"resolution": "720p"}, video_second=8), "0.4", "0.4", ()),
        (SEARCHED, request(input=1000, output=0), "0.006", "0.013", ("search_context",)),
        (SEARCHED, request({"search_context": "medium"}, input=1000), "0.009", "0.009", ()),
        (
            RateCard((rate("image", "0.003"),)),
            request({"size": "1x1"}, image=2),
            "0.006",
            "0.006",
            (),
        ),
    ],
)
def test_a_cost_is_a_range_over_the_options_that_are_left_open(
    card, asked, least, most, depends_on
):
    found = cost_range(card, asked)
    assert (found.least.total, found.most.total) == (Decimal(least), Decimal(most))
    assert found.depends_on == depends_on
    assert found.request.cost(card).total == found.least.total


@pytest.mark.parametrize(
    ("card", "asked"),
    [
        (FILMED, request({"resolution": "4k"}, video_second=8)),
        (DRAWN, request({"size": "512x512"}, image=1)),
        (RateCard(()), request(image=1)),
    ],
)
def test_no_price_of_another_word_is_taken_for_the_stated_one(card, asked):
    assert cost_range(card, asked).least.total is None


def test_a_base_rate_that_is_no_word_s_own_holds_for_words_that_are_not_stated():
    asked = request({"resolution": "720p"}, video_second=1)
    assert unmet(FILMED_ELSE.rates, asked) == ("resolution",)
    assert without_other_words(FILMED_ELSE, asked) == FILMED_ELSE
    assert unmet(FILMED.rates, asked) == ()


def test_options_of_other_meters_and_other_kinds_leave_nothing_open():
    card = RateCard((*DRAWN.rates, rate("input", "1"), rate("web_search", "8", engine="exa")))
    found = cost_range(card, request(input=1_000_000))
    assert (found.least.total, found.depends_on) == (1, ())


DRAWN_AND_SEARCHED = (
    rate("image", "0.01", size="small"),
    rate("image", "0.04", size="large"),
    rate("web_search", "10", search_context="low"),
    rate("web_search", "20", search_context="high"),
)
# Of one option, the word at which one meter costs least is the one where another costs most.
FILMED_FROM = (
    rate("image_in", "0.01", resolution="720p"),
    rate("image_in", "0.09", resolution="1080p"),
    rate("video_second", "0.10", resolution="720p"),
    rate("video_second", "0.05", resolution="1080p"),
)


@pytest.mark.parametrize(
    ("rates", "quantities", "least", "most"),
    [
        (DRAWN_AND_SEARCHED, {"image": 1, "web_search": 1}, "0.02", "0.06"),
        (
            (*DRAWN_AND_SEARCHED, rate("image", "0.01"), rate("web_search", "10")),
            {"image": 1, "web_search": 1},
            *("0.02", "0.06"),
        ),
        (FILMED_FROM, {"image_in": 1, "video_second": 1}, "0.11", "0.14"),
    ],
)
def test_options_of_several_meters_are_combined(rates, quantities, least, most):
    found = cost_range(RateCard(rates), request(**quantities))
    assert (found.least.total, found.most.total) == (Decimal(least), Decimal(most))
    small = request({"size": "small", "search_context": "high"}, image=1, web_search=1)
    assert cost_range(RateCard(DRAWN_AND_SEARCHED), small).least.total == Decimal("0.03")


def test_combinations_are_bounded():
    rates = [
        rate(meter, "0.01", **{option: str(number)})
        for meter, option in (("image", "size"), ("web_search", "search_context"))
        for number in range(100)
    ]
    assert len(choices(rates, request(image=1, web_search=1))) < 600


def test_rates_of_another_time_leave_nothing_open():
    ended = (replace(one, valid_to=NOW) for one in DRAWN.rates[1:])
    found = cost_range(RateCard((DRAWN.rates[0], *ended)), request(image=1))
    assert (found.least.total, found.depends_on) == (Decimal("0.005"), ())


def test_words_of_another_time_take_no_base_rate_away():
    ended = replace(rate("image", "0.1", size="1k"), valid_to=NOW)
    asked = request({"size": "2k"}, image=1)
    card = RateCard((rate("image", "0.1"), ended))
    assert unmet(card.rates, asked) == ()
    assert cost_range(card, asked).least.total == Decimal("0.1")
    alive = RateCard((rate("image", "0.1"), replace(ended, valid_to=None)))
    assert cost_range(alive, asked).least.total is None


def test_words_are_in_the_order_of_their_size():
    sizes = ["3840x2160", "1K", "512", "1024x1536", "512x512", "2K", "1080p", "maxxmax", "4k"]
    assert sorted(sizes, key=choice_order) == [
        *("512", "512x512", "1K", "1080p", "1024x1536", "2K", "3840x2160", "4k", "maxxmax"),
    ]
    words = ["max", "high", "low", "hd", "standard", "medium", "other"]
    assert sorted(words, key=choice_order) == [
        *("low", "medium", "standard", "high", "hd", "max", "other"),
    ]
