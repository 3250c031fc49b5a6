"""What a request costs under a rate card.

Every tariff is written out, per meter's unit, in US dollars.
"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pricing.price import Cost, UnknownTier, price
from pricing.rates import RateCard, StatedRate, stated
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.usage import MOST, Usage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BATCH = Terms(tier="batch")
PAST_200K = Terms(band=Band(200_000))
PAST_272K = Terms(band=Band(272_000))


def rates(terms=BASE, **amounts):
    return tuple(stated(meter, Decimal(amount), terms=terms) for meter, amount in amounts.items())


def card(*parts, **amounts):
    """A card of base rates by name, and of further rates or groups of them."""
    grouped = (part if isinstance(part, tuple) else (part,) for part in parts)
    return RateCard((*rates(**amounts), *(rate for group in grouped for rate in group)))


def in_state(meter, state, terms=BASE):
    return StatedRate(meter, None, state, terms)


def cost(card, *, at=NOW, tier="", region="", options=None, **quantities):
    return price(card, Usage.of(**quantities), at=at, tier=tier, region=region, options=options)


def total(card, **asked):
    found = cost(card, **asked).total
    return None if found is None else f"{found:f}"


def lines(found):
    return {line.meter: (f"{line.quantity:f}", f"{line.rate.amount:f}") for line in found.lines}


def missing(found):
    return [(missed.meter, missed.state) for missed in found.unpriced]


GPT_5_4 = card(
    rates(PAST_272K, input="5", cache_read="0.5", output="22.5"),
    input="2.5",
    cache_read="0.25",
    output="15",
)


# What a line says


def test_a_request_is_itemised_by_meter_in_the_order_in_which_it_goes():
    found = cost(GPT_5_4, input=10_000, cache_read=4_000, output=500)
    assert [(line.meter, f"{line.quantity:f}", f"{line.amount:f}") for line in found.lines] == [
        ("cache_read", "4000", "0.001"),
        ("input", "6000", "0.015"),
        ("output", "500", "0.0075"),
    ]
    assert (found.total, found.currency, found.state) == (Decimal("0.0235"), "USD", "priced")


def test_a_line_names_the_rate_that_applied():
    (line,) = cost(GPT_5_4, input=300_000).lines
    assert line.rate == stated("input", 5, terms=PAST_272K)
    assert not line.inherited


def test_nothing_used_costs_nothing():
    found = cost(GPT_5_4)
    assert (found.lines, found.unpriced, found.total) == ((), (), 0)


# The five states


@pytest.mark.parametrize("state", ["unknown", "dynamic", "included", "not_offered"])
def test_a_meter_without_an_amount_leaves_no_total_and_is_named(state):
    found = cost(card(in_state("output", state), input="2"), input=1_000_000, output=5)
    assert missing(found) == [("output", state)]
    assert (found.total, found.state) == (None, state)
    assert [line.amount for line in found.lines] == [2]


def test_a_meter_that_nobody_states_is_unknown():
    found = cost(card(input="2"), input=10, output=5, web_search=1)
    assert missing(found) == [("output", "unknown"), ("web_search", "unknown")]
    assert found.total is None


def test_an_endpoint_without_a_rate_has_no_total():
    found = cost(RateCard(()), input=10)
    assert (missing(found), found.total) == ([("input", "unknown")], None)


def test_a_meter_that_is_not_used_needs_no_price():
    assert total(card(in_state("output", "unknown"), input="2"), input=1_000_000) == "2"


def test_free_is_a_total_of_zero_and_said_apart():
    found = cost(card(input="0", output="0"), input=10, output=5)
    assert (found.total, found.state) == (0, "free")
    assert cost(card(input="0", output="1"), input=10, output=5).state == "priced"


def test_a_plan_is_not_free():
    plan = card(in_state("input", "included"), in_state("output", "included"))
    found = cost(plan, input=10, output=5)
    assert (found.total, found.state, missing(found)) == (
        None,
        "included",
        [("input", "included"), ("output", "included")],
    )


def test_what_is_not_offered_comes_before_what_is_unknown():
    both = card(in_state("web_search", "not_offered"), input="1")
    assert cost(both, input=1, output=1, web_search=1).state == "not_offered"


# Context bands


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(271_999, "0.6949975"), (272_000, "0.695"), (272_001, "1.382505"), (272_002, "1.38251")],
)
def test_one_token_past_272_000_prices_the_whole_request_anew(tokens, expected):
    assert total(GPT_5_4, input=tokens, output=1_000) == expected


@pytest.mark.parametrize(
    ("operator", "at_the_threshold", "one_more"),
    [("gt", "0.6", "1.200006"), ("gte", "1.2", "1.200006")],
)
def test_a_band_begins_past_its_threshold_or_at_it(operator, at_the_threshold, one_more):
    grok = card(rates(Terms(band=Band(200_000, operator)), input="6"), input="3")
    assert total(grok, input=199_999) == "0.599997"
    assert total(grok, input=200_000) == at_the_threshold
    assert total(grok, input=200_001) == one_more


@pytest.mark.parametrize(
    ("tokens", "cached", "rate"), [(200_000, 150_000, "3"), (200_001, 150_000, "6")]
)
def test_cached_tokens_count_towards_the_threshold(tokens, cached, rate):
    sonnet = card(rates(PAST_200K, input="6", cache_read="0.6"), input="3", cache_read="0.3")
    found = lines(cost(sonnet, input=tokens, cache_read=cached))
    assert found["input"] == (str(tokens - cached), rate)


def test_output_does_not_count_towards_a_threshold_of_the_input():
    assert lines(cost(GPT_5_4, input=272_000, output=300_000))["output"] == ("300000", "15")


@pytest.mark.parametrize(("output", "rate"), [(999, "4"), (1_000, "4"), (1_001, "8")])
def test_a_band_may_count_another_meter(output, rate):
    long_answers = Terms(band=Band(1_000, basis="output"))
    found = cost(card(rates(long_answers, output="8"), output="4"), output=output)
    assert lines(found)["output"] == (str(output), rate)


@pytest.mark.parametrize(
    ("tokens", "rate"),
    [
        *((31_999, "1"), (32_000, "1"), (32_001, "2")),
        *((127_999, "2"), (128_000, "2"), (128_001, "4")),
        *((255_999, "4"), (256_000, "8"), (256_001, "8")),
    ],
)
def test_of_several_bands_the_highest_that_is_passed_applies(tokens, rate):
    qwen = card(
        rates(Terms(band=Band(128_000)), input="4"),
        rates(Terms(band=Band(256_000, "gte")), input="8"),
        rates(Terms(band=Band(32_000)), input="2"),
        input="1",
    )
    assert lines(cost(qwen, input=tokens))["input"] == (str(tokens), rate)


@pytest.mark.parametrize(
    ("operator", "tokens", "expected"),
    [
        ("gt", 199_999, "0.199999"),
        ("gt", 200_000, "0.2"),
        ("gt", 200_001, "0.200003"),
        ("gt", 300_000, "0.5"),
        ("gte", 199_999, "0.199999"),
        ("gte", 200_000, "0.200002"),
        ("gte", 200_001, "0.200005"),
    ],
)
def test_a_marginal_band_prices_only_what_is_past_it(operator, tokens, expected):
    marginal = Terms(band=Band(200_000, operator, applies="marginal"))
    assert total(card(rates(marginal, input="3"), input="1"), input=tokens) == expected


def test_marginal_bands_follow_one_another_like_steps():
    steps = [Terms(band=Band(at, applies="marginal")) for at in (100, 200, 300)]
    stairs = card(*(rates(terms, input=str(n + 2)) for n, terms in enumerate(steps)), input="1")
    found = cost(stairs, input=350)
    assert [(int(line.quantity), int(line.rate.amount)) for line in found.lines] == [
        *((50, 4), (100, 3), (100, 2), (100, 1))
    ]


def test_what_was_cached_leads_the_prompt_and_is_below_a_marginal_band_first():
    marginal = Terms(band=Band(200_000, applies="marginal"))
    both = card(rates(marginal, input="3", cache_read="0.3"), input="1", cache_read="0.1")
    found = cost(both, input=250_000, cache_read=180_000)
    assert [(line.meter, int(line.quantity), str(line.rate.amount)) for line in found.lines] == [
        ("cache_read", 180_000, "0.1"),
        ("input", 50_000, "3"),
        ("input", 20_000, "1"),
    ]


def test_the_answer_comes_after_the_whole_prompt_of_a_marginal_band():
    marginal = Terms(band=Band(200_000, applies="marginal"))
    both = card(rates(marginal, input="3", output="9"), input="1", output="5")
    assert lines(cost(both, input=200_001, output=10))["output"] == ("10", "9")
    assert lines(cost(both, input=200_000, output=10))["output"] == ("10", "5")


def test_the_usage_of_many_requests_is_priced_under_the_bands_that_each_is_past():
    marginal = Terms(band=Band(200_000, applies="marginal"))
    both = card(rates(marginal, input="3"), rates(PAST_272K, input="4"), input="1")
    usage = Usage.of(input=1_000_000)
    for passed, dollars in (
        ([], 1),
        ([marginal.band], 3),
        ([PAST_272K.band], 4),
        ([marginal.band, PAST_272K.band], 4),
    ):
        assert price(both, usage, at=NOW, passed=passed).total == dollars


def test_a_marginal_band_of_the_output_counts_the_output():
    marginal = Terms(band=Band(100, basis="output", applies="marginal"))
    both = card(rates(marginal, output="9"), output="5")
    assert total(both, output=150) == "0.00095"


def test_below_a_marginal_band_without_a_base_rate_the_price_is_unknown():
    only = card(rates(Terms(band=Band(200_000, applies="marginal")), input="3"))
    found = cost(only, input=200_001)
    assert lines(found) == {"input": ("1", "3")}
    assert [(missed.meter, missed.quantity, missed.state) for missed in found.unpriced] == [
        ("input", 200_000, "unknown")
    ]


def test_below_a_marginal_band_the_base_may_be_in_another_state():
    marginal = rates(Terms(band=Band(200_000, applies="marginal")), input="3")
    found = cost(card(marginal, in_state("input", "included")), input=200_001)
    assert (missing(found), found.state) == ([("input", "included")], "included")


def test_below_the_marginal_band_of_a_tier_the_base_card_applies():
    marginal = Terms(tier="batch", band=Band(200_000, applies="marginal"))
    both = card(rates(marginal, input="2"), rates(Terms(band=Band(100_000)), input="3"), input="1")
    assert total(both, tier="batch", input=200_001) == "0.600002"


def test_a_band_alone_leaves_what_is_below_it_unknown():
    found = cost(card(rates(PAST_200K, input="6")), input=200_000)
    assert missing(found) == [("input", "unknown")]


# Tiers, and what is inherited


CLAUDE = card(rates(BATCH, input="1.5", output="7.5"), input="3", output="15", web_search="10")


def test_batch_halves_the_tokens_and_inherits_the_searches():
    found = cost(CLAUDE, tier="batch", input=1_000_000, output=1_000_000, web_search=1_000)
    assert [(line.meter, line.amount, line.inherited) for line in found.lines] == [
        ("input", Decimal("1.5"), False),
        ("output", Decimal("7.5"), False),
        ("web_search", Decimal(10), True),
    ]


@pytest.mark.parametrize("standard", ["", "standard", "default"])
def test_the_standard_tier_has_several_names(standard):
    assert total(CLAUDE, tier=standard, input=1_000_000) == "3"


@pytest.mark.parametrize("tier", ["flex", "Batch", "priority", " "])
def test_an_unknown_tier_is_refused_and_never_priced_as_standard(tier):
    with pytest.raises(UnknownTier, match="batch") as refusal:
        cost(CLAUDE, tier=tier, input=1)
    assert refusal.value.tier == tier


def test_a_tier_is_unknown_before_it_begins_and_after_it_ends():
    begins, ends = NOW, NOW + timedelta(days=1)
    flex = StatedRate(
        "input", Decimal(1), terms=Terms(tier="flex"), valid_from=begins, valid_to=ends
    )
    both = card(flex, input="2")
    assert total(both, tier="flex", at=begins, input=1_000_000) == "1"
    for at in (begins - timedelta(microseconds=1), ends):
        with pytest.raises(UnknownTier):
            cost(both, tier="flex", at=at, input=1)


def test_the_flat_rate_of_a_tier_outranks_the_band_of_the_base_card():
    both = card(
        rates(PAST_200K, input="6", output="30"), rates(BATCH, input="1.5"), input="3", output="15"
    )
    found = cost(both, tier="batch", input=300_000, output=10)
    assert [(line.meter, line.rate.amount, line.inherited) for line in found.lines] == [
        ("input", Decimal("1.5"), False),
        ("output", Decimal(30), True),
    ]


def test_what_a_tier_names_is_not_inherited_because_the_base_card_has_a_band_of_something_else():
    both = card(
        rates(PAST_200K, input="6"), rates(BATCH, input="1.5", output="7"), input="3", output="15"
    )
    found = cost(both, tier="batch", input=300_000, output=10)
    assert [line.inherited for line in found.lines] == [False, False]


@pytest.mark.parametrize(("tokens", "rate"), [(199_999, "1.5"), (200_000, "1.5"), (200_001, "3")])
def test_a_tier_has_bands_of_its_own(tokens, rate):
    banded = Terms(tier="batch", band=Band(200_000))
    both = card(
        rates(PAST_200K, input="6"), rates(banded, input="3"), rates(BATCH, input="1.5"), input="2"
    )
    assert lines(cost(both, tier="batch", input=tokens))["input"] == (str(tokens), rate)


def test_a_meter_that_a_band_does_not_name_is_inherited_for_itself():
    both = card(rates(PAST_200K, input="6"), input="3", cache_read="0.3", output="15")
    found = cost(both, input=200_001, cache_read=1, output=1)
    assert {line.meter: (str(line.rate.amount), line.inherited) for line in found.lines} == {
        "cache_read": ("0.3", True),
        "input": ("6", False),
        "output": ("15", True),
    }
    assert not any(line.inherited for line in cost(both, input=200_000, output=1).lines)


def test_an_unknown_rate_of_a_tier_is_not_replaced_by_the_base_card():
    both = card(in_state("input", "unknown", BATCH), input="3")
    assert missing(cost(both, tier="batch", input=1)) == [("input", "unknown")]


# Regions and options


def test_a_region_has_its_own_rates_and_inherits_the_rest():
    both = card(rates(Terms(region="eu"), input="3.3"), input="3", output="15")
    assert total(both, region="eu", input=1_000_000, output=1_000_000) == "18.3"
    assert total(both, input=1_000_000) == total(both, region="us", input=1_000_000) == "3"


def test_the_rate_of_a_tier_comes_before_the_rate_of_a_region():
    both = card(rates(Terms(region="eu"), input="3.3"), rates(BATCH, input="1.5"), input="3")
    assert total(both, region="eu", tier="batch", input=1_000_000) == "1.5"


def test_an_image_has_the_price_of_its_size_and_quality():
    def option(**options):
        return Terms(options=tuple(sorted(options.items())))

    images = card(
        rates(option(size="1024x1024"), image="0.04"),
        rates(option(size="1024x1024", quality="hd"), image="0.08"),
    )
    assert total(images, options={"size": "1024x1024"}, image=3) == "0.12"
    assert total(images, options={"quality": "hd", "size": "1024x1024"}, image=3) == "0.24"
    (missed,) = cost(images, image=3).unpriced
    assert (missed.state, missed.depends_on) == ("unknown", ("quality", "size"))
    (missed,) = cost(images, options={"size": "64x64", "quality": "hd"}, image=3).unpriced
    assert (missed.state, missed.depends_on) == ("unknown", ())


def test_the_rate_of_an_option_comes_before_the_band_of_the_base_card():
    slow = Terms(options=(("speed", "slow"),))
    both = card(rates(slow, input="1"), rates(PAST_200K, input="6"), input="3")
    assert total(both, options={"speed": "slow"}, input=1_000_000) == "1"
    assert total(both, input=1_000_000) == "6"


def test_of_rates_that_say_the_same_the_same_one_is_named_whatever_their_order():
    two = (
        *rates(Terms(options=(("size", "1k"),)), image="1"),
        *rates(Terms(options=(("q", "hd"),)), image="1"),
    )
    named = [
        cost(RateCard(order), options={"size": "1k", "q": "hd"}, image=1)
        for order in (two, two[::-1])
    ]
    assert named[0] == named[1]
    assert named[0].total == 1


def test_rates_that_nothing_asked_tells_apart_give_no_price_whatever_their_order():
    two = (
        *rates(Terms(options=(("size", "1k"),)), image="1"),
        *rates(Terms(options=(("q", "hd"),)), image="2"),
    )
    for order in (two, two[::-1]):
        found = cost(RateCard(order), options={"size": "1k", "q": "hd"}, image=1)
        assert missing(found) == [("image", "unknown")]


def test_rates_that_say_the_same_in_two_currencies_are_not_the_same():
    two = card(StatedRate("page", Decimal(1), currency="EUR"), page="1")
    assert missing(cost(two, page=1)) == [("page", "unknown")]


def test_what_reasoning_depends_on_is_what_the_output_depends_on():
    by_quality = card(rates(Terms(options=(("quality", "hd"),)), output="4"))
    found = cost(by_quality, output=2, reasoning=1)
    assert {missed.depends_on for missed in found.unpriced} == {("quality",)}


# Caches, reasoning, media


def test_cache_reads_and_writes_of_either_life_have_their_own_prices():
    claude = card(input="3", cache_read="0.3", cache_write="3.75", cache_write_1h="6")
    found = cost(claude, input=10_000, cache_read=5_000, cache_write=2_000, cache_write_1h=1_000)
    assert lines(found) == {
        "cache_read": ("5000", "0.3"),
        "cache_write": ("2000", "3.75"),
        "cache_write_1h": ("1000", "6"),
        "input": ("2000", "3"),
    }
    assert found.total == Decimal("0.021")


@pytest.mark.parametrize(
    "part", ["cache_read", "cache_write", "cache_write_1h", "input_audio", "input_video"]
)
def test_no_price_of_a_part_of_the_input_is_derived(part):
    found = cost(card(input="3"), input=100, **{part: 40})
    assert missing(found) == [(part, "unknown")]
    assert lines(found) == {"input": ("60", "3")}


def test_an_hour_of_cache_is_not_priced_as_five_minutes():
    found = cost(card(input="3", cache_write="3.75"), input=10, cache_write_1h=4)
    assert missing(found) == [("cache_write_1h", "unknown")]


def test_a_free_cache_is_free_and_not_full_price():
    assert total(card(input="3", cache_read="0"), input=1_000_000, cache_read=1_000_000) == "0"


def test_an_endpoint_that_keeps_no_cache_reads_these_tokens_as_any_others():
    plain = card(
        in_state("cache_read", "not_offered"), in_state("cache_write", "not_offered"), input="3"
    )
    found = cost(plain, input=1_000_000, cache_read=500_000, cache_write=100_000)
    assert (found.total, missing(found)) == (3, [])
    assert {line.rate.meter for line in found.lines} == {"input"}


@pytest.mark.parametrize("life", ["cache_write_1h", "cache_write_12h"])
def test_an_endpoint_that_writes_no_cache_writes_none_for_longer_either(life):
    plain = card(in_state("cache_write", "not_offered"), input="3")
    assert cost(plain, input=1_000_000, **{life: 400_000}).total == 3
    never = card(in_state(life, "not_offered"), input="3", cache_write="4")
    assert cost(never, input=1_000_000, **{life: 400_000}).total == 3


def test_an_endpoint_that_keeps_no_cache_reads_cached_audio_and_images_as_audio_and_images():
    plain = card(
        in_state("cache_read", "not_offered"), input="1", input_audio="10", input_image="5"
    )
    quantities = {
        "input": 1_000_000,
        "cache_read": 500_000,
        "input_audio": 200_000,
        "input_image": 300_000,
    }
    found = cost(plain, **quantities, cache_read_audio=200_000, cache_read_image=300_000)
    assert found.total == Decimal("0.5") + 2 + Decimal("1.5")


def test_reasoning_has_its_own_price_or_that_of_the_output():
    assert total(card(output="2", reasoning="3"), output=1_000_000, reasoning=400_000) == "2.4"
    found = cost(card(output="2"), output=1_000_000, reasoning=400_000)
    assert found.total == 2
    assert lines(found)["reasoning"] == ("400000", "2")
    assert {line.rate.meter for line in found.lines} == {"output"}


def test_reasoning_billed_as_output_follows_the_output_past_a_band_and_into_a_tier():
    both = card(rates(PAST_200K, output="4"), rates(BATCH, output="1"), input="0", output="2")
    assert lines(cost(both, input=200_001, output=9, reasoning=9))["reasoning"] == ("9", "4")
    assert lines(cost(both, tier="batch", output=9, reasoning=9))["reasoning"] == ("9", "1")


def test_audio_and_images_have_prices_of_their_own():
    realtime = card(input="4", output="16", input_audio="32", output_audio="64", input_image="5")
    found = cost(
        realtime, input=1000, input_audio=600, input_image=300, output=500, output_audio=400
    )
    assert lines(found) == {
        "input": ("100", "4"),
        "input_audio": ("600", "32"),
        "input_image": ("300", "5"),
        "output": ("100", "16"),
        "output_audio": ("400", "64"),
    }


WRITTEN_IMAGES = ("input", "input_image", "cache_write", "cache_write_image")


def test_an_image_that_a_model_reads_is_counted_in_tokens_of_its_input():
    both = card(input="3", cache_read="0.3")
    found = cost(both, input=1000, input_image=600, cache_read=500, cache_read_image=400)
    assert total(card(cache_write="2"), **dict.fromkeys(WRITTEN_IMAGES, 1_000_000)) == "2"
    assert lines(found) == {
        "cache_read": ("100", "0.3"),
        "cache_read_image": ("400", "0.3"),
        "input": ("300", "3"),
        "input_image": ("200", "3"),
    }


@pytest.mark.parametrize(
    ("meter", "amount", "quantity", "expected"),
    [
        ("image", "0.04", 3, "0.12"),
        ("video_second", "0.5", 8, "4"),
        ("audio_second", "0.0001", Decimal("12.5"), "0.00125"),
        ("audio_hour", "0.36", Decimal("0.5"), "0.18"),
        ("page", "2", 500, "1"),
        ("input_character", "15", 2_000, "0.03"),
        ("query", "2", 1, "0.002"),
        ("gpu_hour", "2", 3, "6"),
    ],
)
def test_every_meter_is_priced_per_its_own_unit(meter, amount, quantity, expected):
    assert total(card(**{meter: amount}), **{meter: quantity}) == expected


# Searches and requests


@pytest.mark.parametrize("unit", ["call", "query", "prompt", "request"])
def test_a_search_is_priced_in_the_unit_that_it_is_billed_by(unit):
    grounded = card(rates(Terms(options=(("billed_by", unit),)), web_search="14"), input="1")
    found = cost(grounded, input=1_000_000, web_search=3)
    assert found.total == Decimal("1.042")
    assert dict(found.lines[1].rate.terms.options) == {"billed_by": unit}
    assert total(grounded, options={"billed_by": unit}, web_search=3) == "0.042"


def test_searches_counted_in_another_unit_than_they_are_billed_by_have_no_price():
    grounded = card(rates(Terms(options=(("billed_by", "prompt"),)), web_search="35"))
    assert missing(cost(grounded, options={"billed_by": "query"}, web_search=3)) == [
        ("web_search", "unknown")
    ]


def test_two_units_of_search_are_told_apart_by_asking():
    by_query, by_prompt = (Terms(options=(("billed_by", unit),)) for unit in ("query", "prompt"))
    both = card(rates(by_query, web_search="14"), rates(by_prompt, web_search="35"))
    (missed,) = cost(both, web_search=1).unpriced
    assert missed.depends_on == ("billed_by",)
    assert total(both, options={"billed_by": "prompt"}, web_search=1_000) == "35"


def test_a_larger_search_context_costs_more_and_the_base_rate_is_the_usual_one():
    high = Terms(options=(("billed_by", "request"), ("search_context", "high")))
    sonar = card(
        rates(high, web_search="12"), rates(Terms(options=high.options[:1]), web_search="8")
    )
    assert total(sonar, web_search=1) == "0.008"
    assert total(sonar, web_search=1, options={"search_context": "high"}) == "0.012"


def test_the_unit_of_a_search_makes_no_rate_more_specific():
    unit, high = (
        Terms(options=(option,)) for option in (("billed_by", "prompt"), ("search_context", "high"))
    )
    sonar = card(rates(unit, web_search="8"), rates(high, web_search="12"))
    assert total(sonar, web_search=1, options={"search_context": "high"}) == "0.012"


def test_a_fee_for_the_request_is_charged_if_it_is_stated():
    assert total(card(input="1", request="5"), input=1_000_000) == "1.005"
    assert total(card(input="1", request="5"), input=1_000_000, request=1_000) == "6"
    found = cost(card(input="1"), input=1_000_000)
    assert (found.total, [line.meter for line in found.lines]) == (1, ["input"])


def test_a_fee_whose_amount_is_unknown_or_depends_on_an_option_is_not_passed_over():
    assert missing(cost(card(in_state("request", "unknown")))) == [("request", "unknown")]
    by_context = card(rates(Terms(options=(("search_context", "low"),)), request="5"))
    (missed,) = cost(by_context).unpriced
    assert (missed.meter, missed.depends_on) == ("request", ("search_context",))
    assert missing(cost(by_context, options={"search_context": "high"})) == [("request", "unknown")]
    assert total(by_context, options={"search_context": "low"}) == "0.005"


def test_a_fee_of_another_tier_or_hour_is_none():
    night = Terms(schedules=(Schedule((("22:00", "06:00"),)),))
    assert total(card(rates(BATCH, request="5"), rates(night, request="7"))) == "0"


def finding(content, **amounts):
    search = StatedRate("web_search", Decimal(10), content_billed_as_input=content)
    return card(search, **{"input": "2", **amounts})


def test_what_a_search_finds_is_billed_as_input_where_that_is_stated():
    asked = {"input": 1_000_000, "search_content": 400_000, "web_search": 1}
    billed = cost(finding(True), **asked)
    assert lines(billed)["search_content"] == ("400000", "2")
    assert billed.total == Decimal("2.01")
    included = cost(finding(False), **asked)
    assert lines(included) == {"input": ("600000", "2"), "web_search": ("1", "10")}
    assert missing(cost(finding(None), **asked)) == [("search_content", "unknown")]
    assert missing(cost(card(input="2"), input=9, search_content=5)) == [
        ("search_content", "unknown")
    ]


def test_a_stated_price_of_search_content_comes_first():
    own = finding(False, search_content="1")
    assert total(own, input=1_000_000, search_content=1_000_000) == "1"


def test_what_several_searches_find_is_priced_where_they_agree():
    maps = StatedRate("maps_search", Decimal(5), content_billed_as_input=False)
    both = card(finding(True).rates, maps)
    asked = {"input": 9, "search_content": 5}
    assert missing(cost(both, maps_search=1, **asked)) == []
    assert missing(cost(both, maps_search=1, web_search=1, **asked)) == [
        ("search_content", "unknown")
    ]


# Schedules: DeepSeek, and the clocks of the world


BEFORE = datetime(2026, 8, 16, 16, tzinfo=UTC)
WEEKENDS = datetime(2026, 8, 22, 16, tzinfo=UTC)
PEAK = (("01:00", "04:00"), ("06:00", "10:00"))
# The same hours read in Beijing, on its weekdays.
BEIJING_PEAK = (("09:00", "12:00"), ("14:00", "18:00"))
EVERY_DAY = Terms(schedules=(Schedule(PEAK),))
WEEKDAYS = Terms(schedules=(Schedule(BEIJING_PEAK, (1, 2, 3, 4, 5), "Asia/Shanghai"),))
DEEPSEEK = card(
    StatedRate("input", Decimal("0.44"), terms=EVERY_DAY, valid_from=BEFORE, valid_to=WEEKENDS),
    StatedRate("input", Decimal("0.44"), terms=WEEKDAYS, valid_from=WEEKENDS),
    StatedRate("input", Decimal("0.14"), valid_to=BEFORE),
    StatedRate("input", Decimal("0.22"), valid_from=BEFORE),
    output="0.3",
)


def deepseek(moment):
    return total(DEEPSEEK, at=datetime.fromisoformat(moment), input=1_000_000)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-08-16T15:59:59.999999+00:00", "0.14"),
        ("2026-08-16T16:00:00+00:00", "0.22"),
        ("2026-08-15T02:00:00+00:00", "0.14"),
        ("2026-08-17T00:59:59.999999+00:00", "0.22"),
        ("2026-08-17T01:00:00+00:00", "0.44"),
        ("2026-08-17T03:59:59.999999+00:00", "0.44"),
        ("2026-08-17T04:00:00+00:00", "0.22"),
        ("2026-08-17T05:59:59.999999+00:00", "0.22"),
        ("2026-08-17T06:00:00+00:00", "0.44"),
        ("2026-08-17T09:59:59.999999+00:00", "0.44"),
        ("2026-08-17T10:00:00+00:00", "0.22"),
    ],
)
def test_deepseeks_peak_hours_begin_and_end_to_the_microsecond(moment, expected):
    assert deepseek(moment) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-08-22T02:00:00+00:00", "0.44"),  # a Saturday before the new rule
        ("2026-08-22T09:59:59+00:00", "0.44"),
        ("2026-08-22T15:59:59.999999+00:00", "0.22"),
        ("2026-08-22T16:00:00+00:00", "0.22"),  # Sunday begins in Beijing
        ("2026-08-23T02:00:00+00:00", "0.22"),
        ("2026-08-23T06:00:00+00:00", "0.22"),
        ("2026-08-23T16:00:00+00:00", "0.22"),  # Monday in Beijing, before its peak
        ("2026-08-24T00:59:59.999999+00:00", "0.22"),
        ("2026-08-24T01:00:00+00:00", "0.44"),
        ("2026-08-24T10:00:00+00:00", "0.22"),
        ("2026-08-28T09:59:59.999999+00:00", "0.44"),  # Friday
        ("2026-08-28T16:00:00+00:00", "0.22"),  # Saturday in Beijing, still Friday in UTC
        ("2026-08-29T01:00:00+00:00", "0.22"),
        ("2026-08-29T06:00:00+00:00", "0.22"),
        ("2026-08-31T06:00:00+00:00", "0.44"),
    ],
)
def test_deepseeks_weekends_are_off_peak_by_the_calendar_of_beijing(moment, expected):
    assert deepseek(moment) == expected


def test_an_instant_is_the_same_in_every_zone():
    edge = datetime(2026, 8, 24, 1, tzinfo=UTC)
    for zone in (
        ZoneInfo("Asia/Shanghai"),
        ZoneInfo("America/New_York"),
        timezone(timedelta(hours=-12)),
    ):
        assert total(DEEPSEEK, at=edge.astimezone(zone), input=1_000_000) == "0.44"
        before = (edge - timedelta(microseconds=1)).astimezone(zone)
        assert total(DEEPSEEK, at=before, input=1_000_000) == "0.22"


def test_hours_inherit_the_meters_that_they_do_not_name():
    at = datetime(2026, 8, 24, 1, tzinfo=UTC)
    found = cost(DEEPSEEK, at=at, input=1, output=1)
    assert {line.meter: line.inherited for line in found.lines} == {"input": False, "output": True}


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        cost(DEEPSEEK, at=datetime(2026, 8, 24, 1), input=1)


# History


OLD, CUT = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 10, tzinfo=UTC)
O3 = card(
    StatedRate("input", Decimal(10), valid_from=OLD, valid_to=CUT),
    StatedRate("input", Decimal(2), valid_from=CUT),
)


def test_a_rate_holds_from_its_first_instant_until_just_before_its_last():
    moment = timedelta(microseconds=1)
    assert missing(cost(O3, at=OLD - moment, input=1)) == [("input", "unknown")]
    assert total(O3, at=OLD, input=1_000_000) == "10"
    assert total(O3, at=CUT - moment, input=1_000_000) == "10"
    assert total(O3, at=CUT, input=1_000_000) == "2"


def test_an_announced_price_does_not_hold_yet():
    tomorrow = NOW + timedelta(days=1)
    both = card(stated("input", 1, valid_to=tomorrow), stated("input", 9, valid_from=tomorrow))
    assert total(both, input=1_000_000) == "1"
    assert total(both, at=tomorrow, input=1_000_000) == "9"


def test_a_card_of_an_instant_prices_usage_of_another_time():
    then = O3.at(OLD)
    assert total(then, at=NOW, input=1_000_000) == "10"
    assert {(rate.valid_from, rate.valid_to) for rate in then.rates} == {(None, None)}


def test_the_tiers_of_a_card_are_named_in_order():
    assert card(
        rates(Terms(tier="priority"), input="2"), rates(BATCH, input="1"), input="3"
    ).tiers == (
        "batch",
        "priority",
    )


# Currencies and digits


def test_a_cost_is_in_the_currency_as_published():
    euros = RateCard((StatedRate("input", Decimal("1.5"), currency="EUR"),))
    found = cost(euros, input=2_000_000)
    assert (found.total, found.currency) == (3, "EUR")


def test_two_currencies_give_no_total():
    both = card(StatedRate("output", Decimal(1), currency="CNY"), input="1")
    found = cost(both, input=1_000_000, output=1_000_000)
    assert (found.total, found.currency, len(found.lines)) == (None, "", 2)
    assert cost(both, input=1_000_000).currency == "USD"


def test_a_sum_of_money_is_exact_to_the_last_digit():
    cheap = card(input="0.000000000001", output="123456.123456789")
    found = cost(cheap, input=MOST, output=MOST - 1)
    assert f"{found.total:f}" == "123456123456789000.876543876543211"


def test_what_a_token_costs_is_not_rounded():
    assert total(card(input="0.000000000001"), input=1) == "0.000000000000000001"


def test_many_alike_requests_cost_so_many_times_one_exactly():
    found = cost(card(input="0.1"), input=3, web_search=1).times(MOST)
    assert [(line.quantity, line.amount) for line in found.lines] == [(3 * MOST, Decimal("3e11"))]
    assert [missed.quantity for missed in found.unpriced] == [MOST]
    assert cost(card(input="0.1"), input=10).times(0).total == 0


def test_a_sum_that_would_have_to_be_rounded_is_an_error():
    with pytest.raises(ArithmeticError):
        cost(card(input="0.000123"), input=123_457).times(Decimal("0." + "3" * 79))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1"])
def test_a_cost_is_not_multiplied_by_what_is_no_number_of_requests(number):
    with pytest.raises(ValueError, match="requests"):
        cost(card(input="1"), input=1).times(Decimal(number))


def test_a_cost_of_nothing_is_in_dollars():
    assert (Cost(()).currency, Cost(()).total) == ("USD", 0)


# Seconds and hours of audio ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "seconds", "expected"),
    [
        ({"audio_hour_in": "0.36"}, {"audio_second_in": 3600}, "0.36"),
        ({"audio_hour_in": "0.36"}, {"audio_second_in": 60}, "0.006"),
        ({"audio_hour_in": "0.36"}, {"audio_second_in": Decimal("0.5")}, "0.00005"),
        ({"audio_hour": "1.02"}, {"audio_second_in": 1}, "0.000283333333"),
        ({"audio_hour_out": "3"}, {"audio_second": 90}, "0.075"),
        ({"audio_second_in": "0.0001"}, {"audio_second_in": 5400}, "0.54"),
        # A price by the second that was rounded gives way to the one by the hour.
        (
            {"audio_hour_in": "0.04", "audio_second_in": "0.00001111"},
            {"audio_second_in": 3600},
            "0.04",
        ),
    ],
)
def test_seconds_of_audio_are_priced_by_the_second_or_by_the_hour(amounts, seconds, expected):
    assert total(card(**amounts), **seconds) == expected


def test_an_hour_is_not_rounded_second_by_second():
    by_the_hour = cost(card(audio_hour_in="0.04"), audio_second_in=60)
    assert f"{by_the_hour.total:f}" == "0.000666666667"
    assert by_the_hour.times(60_000).total == 40
    assert by_the_hour.times(1000).total == Decimal("0.666666666667")


def test_of_seconds_and_hours_the_rate_of_the_tier_applies():
    both = card(rates(BATCH, audio_hour_in="0.02"), audio_hour_in="0.04", audio_second_in="0.00001")
    assert total(both, tier="batch", audio_second_in=3600) == "0.02"
    assert total(both, audio_second_in=3600) == "0.04"
    seconds = card(rates(BATCH, audio_second_in="0.000005"), audio_hour_in="0.04")
    assert total(seconds, tier="batch", audio_second_in=3600) == "0.018"
    nothing = card(in_state("audio_hour_in", "unknown"), audio_second_in="0.00001")
    assert total(nothing, audio_second_in=3600) == "0.036"
