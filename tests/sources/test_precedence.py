from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricing.price import price
from pricing.rates import RateCard, StatedRate
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.usage import Usage
from sources.model_facts import model_columns
from sources.precedence import (
    OWN_API,
    endpoint_columns,
    in_own_tier,
    rate_card,
    winning_facts,
)
from sources.statement import Fact, Statement

MAY, NOVEMBER = datetime(2026, 5, 21, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)
CROWD, CURATED = 1, 2
BATCH = Terms(tier="batch")


def states(source: str, trust: int = CROWD, as_of: datetime = NOVEMBER, **given: Any) -> Statement:
    rates = given.pop("rates", ())
    marks = {mark: given.pop(mark) for mark in ("missing", "vague") if mark in given}
    return Statement(source, trust, as_of, as_of, given, rates, **marks)


def rate(meter: str, amount: str, terms: Terms = BASE, **dates: Any) -> StatedRate:
    return StatedRate(meter, Decimal(amount), terms=terms, **dates)


def card(*statements: Statement) -> dict[tuple[str, Terms], tuple[str, str]]:
    return {(r.meter, r.terms): (s.source, str(r.amount)) for r, s in rate_card(statements)}


def test_the_more_trusted_source_wins_over_the_fresher_one() -> None:
    facts = winning_facts(
        [
            states("new", CROWD, NOVEMBER, context_window=1),
            states("sure", CURATED, MAY, context_window=2),
        ]
    )
    assert facts["context_window"] == Fact(2, "sure", "2026-05-21")


def test_of_equally_trusted_sources_the_fresher_wins_whatever_the_order() -> None:
    old, new = states("old", as_of=MAY, max_output=1), states("new", as_of=NOVEMBER, max_output=2)
    assert (
        winning_facts([old, new])
        == winning_facts([new, old])
        == {"max_output": Fact(2, "new", "2026-11-12")}
    )


def test_a_provider_s_own_api_knows_its_limits_better_than_the_source_that_knows_best() -> None:
    copied = states("models-dev", name="o4-mini", context_window=1)
    dated = states("litellm", retired_on="2027-06-30")
    own = states(
        "account-openai", OWN_API, MAY, name="O4", context_window=2, retired_on="2027-01-31"
    )
    facts = winning_facts([copied, dated, own])
    assert [facts[name].value for name in ("name", "context_window", "retired_on")] == [
        *("o4-mini", 2, "2027-01-31")
    ]


def test_a_claim_that_is_no_longer_made_loses_to_one_that_is() -> None:
    gone = states("sure", CURATED, NOVEMBER, max_output=1, missing=True)
    assert winning_facts([gone, states("crowd", as_of=MAY, max_output=2)])["max_output"].value == 2


def test_a_field_that_only_the_loser_states_is_taken_from_it() -> None:
    facts = winning_facts(
        [states("sure", CURATED, context_window=1), states("crowd", max_output=2)]
    )
    assert (facts["context_window"].source, facts["max_output"].source) == ("sure", "crowd")


def test_names_are_taken_from_models_dev_when_it_states_one() -> None:
    facts = winning_facts(
        [states("models-dev", as_of=MAY, name="GPT-5.4 mini"), states("other", name="gpt 5.4 mini")]
    )
    assert facts["name"].value == "GPT-5.4 mini"


def test_a_source_that_knows_best_counts_while_it_lists_the_endpoint() -> None:
    gone = states("litellm", retired_on="2026-10-01", missing=True)
    curated = states("curated", CURATED, as_of=MAY, retired_on="2027-01-01")
    assert winning_facts([gone, curated])["retired_on"].value == "2027-01-01"
    listed = replace(gone, missing=False)
    assert winning_facts([listed, curated])["retired_on"].value == "2026-10-01"
    gone_too = replace(curated, missing=True)
    assert winning_facts([gone, gone_too])["retired_on"].value == "2026-10-01"


def test_capabilities_are_settled_one_by_one_and_a_stated_no_is_kept() -> None:
    facts = winning_facts(
        [
            states("old", as_of=MAY, capabilities={"vision": True, "tool-use": True}),
            states("new", capabilities={"vision": False}),
        ]
    )
    columns, provenance = endpoint_columns(facts)
    assert (columns["capabilities"], columns["lacks"]) == (["tool-use"], ["vision"])
    assert provenance["capability.vision"] == ["new", "2026-11-12"]


def test_the_creators_own_row_gives_a_models_facts_not_the_majority() -> None:
    window = Fact(200_000, "models-dev", "d")
    own = [{"released": Fact("2025-04-16", "s", "d"), "context_window": window}]
    others = [
        {"released": Fact("2026-01-01", "s", "d"), "context_window": Fact(128_000, "s", "d")}
    ] * 3
    columns, _ = model_columns(own, others, fallback_name="o4-mini")
    assert (columns["released"], columns["context_window"]) == ("2025-04-16", 200_000)


@pytest.mark.parametrize(
    ("own", "others", "released"),
    [
        ("2026-09-10", ["2026-04-24"] * 5, "2026-04-24"),
        ("2026-09-10", ["2026-04-24"] * 4, "2026-09-10"),
        ("2026-04", ["2026-04-24"] * 5, "2026-04"),
        ("2026-03-10", ["2026-04-24"] * 5, "2026-03-10"),
        ("2026-03-09", ["2026-04-24"] * 5, "2026-04-24"),
        ("2024", ["2026-04-24"] * 4 + ["2026-02-30"], "2026-04-24"),
        ("2024", ["2026-04-24"] * 3 + ["2025-04-24"] * 2 + ["1970-01-01"], "2024"),
    ],
)
def test_a_creators_date_stands_unless_five_others_agree_on_another_season(
    own, others, released
) -> None:
    def stated(day: str) -> dict[str, Fact]:
        return {"released": Fact(day, "s", "d")}

    columns, _ = model_columns([stated(own)], list(map(stated, others)), fallback_name="x")
    assert columns["released"] == released


@pytest.mark.parametrize(
    ("own", "others", "name"),
    [
        ([("genai-prices", "GPT-5")], [("models-dev", "GPT-5-Codex")], "GPT-5 Codex"),
        ([("models-dev", "GPT-5")], [("litellm", "GPT 5 Codex")], "GPT-5 Codex"),
        ([("genai-prices", "GPT-5")], [], "GPT-5 Codex"),
        ([("models-dev", "gpt-5-codex")], [("models-dev", "OpenAI: GPT-5-Codex")], "GPT-5 Codex"),
    ],
)
def test_a_name_that_covers_several_models_gives_way_to_one_that_says_which(
    own, others, name
) -> None:
    own, others = (
        [{"name": Fact(text, source, "d")} for source, text in row] for row in (own, others)
    )
    assert model_columns(own, others, fallback_name="gpt-5-codex")[0]["name"] == name


def test_where_the_creator_is_silent_the_middle_date_and_the_commonest_value_hold() -> None:
    dates = ["1970-01-01", "2025-04-16", "2026-02-28"]
    others = [{"released": Fact(day, "s", "d"), "family": Fact(day[:1], "s", "d")} for day in dates]
    columns, _ = model_columns([], others, fallback_name="x")
    assert (columns["released"], columns["family"]) == ("2025-04-16", "2")


def test_a_hosts_deprecation_is_not_the_models() -> None:
    columns, _ = model_columns([], [{"lifecycle": Fact("deprecated", "s", "d")}], fallback_name="x")
    assert "lifecycle" not in columns


def test_a_model_without_a_stated_name_is_named_by_its_slug() -> None:
    columns, provenance = model_columns([], [], fallback_name="gpt-6-astra")
    assert (columns["name"], provenance) == ("GPT-6 Astra", {})


def test_one_source_wins_a_meter_and_the_others_tiers_stay() -> None:
    sure = states("sure", CURATED, MAY, rates=[rate("input", "1.1")])
    crowd = states(
        "crowd", rates=[rate("input", "1.2"), rate("input", "0.55", BATCH), rate("output", "4.4")]
    )
    assert card(sure, crowd) == {
        ("input", BASE): ("sure", "1.1"),
        ("input", BATCH): ("crowd", "0.55"),
        ("output", BASE): ("crowd", "4.4"),
    }


def test_the_bands_of_two_sources_never_mix() -> None:
    at_200k, at_272k = Terms(band=Band(200_000)), Terms(band=Band(272_000))
    sure = states("sure", CURATED, rates=[rate("input", "2"), rate("input", "4", at_200k)])
    crowd = states("crowd", rates=[rate("input", "2"), rate("input", "5", at_272k)])
    assert card(sure, crowd) == {("input", BASE): ("sure", "2"), ("input", at_200k): ("sure", "4")}


def test_bands_that_two_equal_sources_state_count_before_a_fresher_card_without_them() -> None:
    at_200k = Terms(band=Band(200_000))
    banded = [rate("input", "2"), rate("input", "4", at_200k)]
    plain = states("plain", rates=[rate("input", "2")])
    one, other = (states(name, as_of=MAY, rates=banded) for name in ("one", "other"))
    flat = {("input", BASE): ("plain", "2")}
    assert card(plain, one) == flat
    assert card(plain, one, other)["input", at_200k][1] == "4"
    sure = states("plain", CURATED, rates=[rate("input", "2")])
    dearer = states("plain", rates=[rate("input", "3")])
    apart = states("apart", as_of=MAY, rates=[rate("input", "2"), rate("input", "5", at_200k)])
    assert card(sure, one, other) == card(plain, one, apart) == flat
    assert card(dearer, one, other) == {("input", BASE): ("plain", "3")}


def test_a_pattern_does_not_price_a_region_that_another_source_names() -> None:
    pattern = states("sure", CURATED, rates=[rate("input", "1.1")], vague=True)
    named = states("crowd", as_of=MAY, rates=[rate("input", "1.21")])
    assert card(pattern, named) == {("input", BASE): ("crowd", "1.21")}


def test_an_unknown_amount_does_not_hide_a_known_one() -> None:
    silent = states("sure", CURATED, rates=[StatedRate("input", None, "unknown")])
    assert card(silent, states("crowd", rates=[rate("input", "3")])) == {
        ("input", BASE): ("crowd", "3")
    }


def test_a_date_on_which_a_price_did_not_move_is_no_change() -> None:
    then = datetime(2025, 6, 10, tzinfo=UTC)
    dated = [rate("cache_read", "0.5", valid_to=then), rate("cache_read", "0.5", valid_from=then)]
    assert rate_card([states("s", rates=dated)])[0][0] == rate("cache_read", "0.5")
    moved = [rate("input", "10", valid_to=then), rate("input", "2", valid_from=then)]
    assert [r for r, _ in rate_card([states("s", rates=moved)])] == moved


MORNING, ALL_WEEK = (("01:00", "04:00"),), (1, 2, 3, 4, 5, 6, 7)
PEAK = Terms(schedules=(Schedule(MORNING, ALL_WEEK),))
WEEKDAYS_PEAK = Terms(schedules=(Schedule(MORNING, (1, 2, 3, 4, 5)),))
OFF_PEAK = Terms(
    schedules=(
        Schedule((("00:00", "01:00"), ("04:00", "00:00")), (1, 2, 3, 4, 5)),
        Schedule((("00:00", "00:00"),), (6, 7)),
    )
)
FRIDAY, SATURDAY = datetime(2026, 11, 13, 2, tzinfo=UTC), datetime(2026, 11, 14, 2, tzinfo=UTC)


def dollars(*statements: Statement, at: datetime) -> Decimal | None:
    """What a million output tokens cost at an instant."""
    merged = RateCard(tuple(rate for rate, _ in rate_card(statements)))
    return price(merged, Usage({"output": 1_000_000}), at=at).total


def daily(**dates: Any) -> list[StatedRate]:
    """$2, and $4 each morning."""
    return [rate("output", "2", **dates), rate("output", "4", PEAK, **dates)]


def weekly(low: str = "2", terms: Terms = OFF_PEAK) -> list[StatedRate]:
    """$4, and less outside of the mornings and on weekends."""
    return [rate("output", "4"), rate("output", low, terms)]


def test_who_says_the_same_and_tells_weekdays_apart_refines_the_winner() -> None:
    sure, crowd = states("sure", CURATED, rates=daily()), states("crowd", as_of=MAY, rates=weekly())
    assert card(sure, crowd) == {
        ("output", BASE): ("crowd", "4"),
        ("output", OFF_PEAK): ("crowd", "2"),
    }
    assert (dollars(sure, crowd, at=FRIDAY), dollars(sure, crowd, at=SATURDAY)) == (4, 2)


def test_a_refinement_begins_with_the_prices_that_it_refines() -> None:
    then = datetime(2026, 8, 17, tzinfo=UTC)
    sure = states(
        "sure", CURATED, rates=[rate("output", "1", valid_to=then), *daily(valid_from=then)]
    )
    merged = rate_card([sure, states("crowd", rates=weekly())])
    assert [(r.amount, r.valid_from, r.valid_to, s.source) for r, s in merged] == [
        (1, None, then, "sure"),
        (4, then, None, "crowd"),
        (2, then, None, "crowd"),
    ]


def test_the_same_hours_in_a_named_zone_are_a_refinement() -> None:
    beijing = Terms(schedules=(Schedule((("09:00", "12:00"),), ALL_WEEK, "Asia/Shanghai"),))
    named = states("crowd", rates=[rate("output", "2"), rate("output", "4", beijing)])
    assert card(states("sure", CURATED, rates=daily()), named)["output", beijing] == ("crowd", "4")


@pytest.mark.parametrize(
    "rates",
    [
        weekly(low="1"),
        weekly(
            terms=Terms(schedules=(Schedule((("00:00", "02:00"), ("05:00", "00:00")), (1, 2, 3)),))
        ),
        [*weekly(), rate("output", "3", Terms(band=Band(200_000)))],
        [rate("output", "4", valid_from=MAY), rate("output", "2", OFF_PEAK, valid_from=MAY)],
        [rate("output", "2"), rate("output", "4", replace(PEAK, schedules=PEAK.schedules * 2))],
    ],
    ids=["another amount", "other hours", "a band", "dates of its own", "no more of when"],
)
def test_what_says_something_else_is_no_refinement(rates: list[StatedRate]) -> None:
    merged = card(states("sure", CURATED, rates=daily()), states("crowd", rates=rates))
    assert {source for source, _ in merged.values()} == {"sure"}


@pytest.mark.parametrize("mark", ["missing", "vague"])
def test_a_claim_that_would_lose_anyway_refines_nothing(mark: str) -> None:
    crowd = states("crowd", rates=weekly(), **{mark: True})
    assert card(states("sure", CURATED, rates=daily()), crowd)["output", PEAK] == ("sure", "4")


def test_who_tells_weekdays_apart_and_is_more_trusted_wins_as_ever() -> None:
    sure = states("sure", CURATED, rates=[rate("output", "2"), rate("output", "4", WEEKDAYS_PEAK)])
    assert card(sure, states("crowd", rates=daily()))["output", WEEKDAYS_PEAK] == ("sure", "4")


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("reasoning", "output"),
        ("input_image", "input"),
        ("cache_read_image", "cache_read"),
        ("cache_write_image", "cache_write"),
    ],
)
def test_what_is_billed_as_another_meter_comes_from_nobody_who_disagrees_on_that(
    part, whole
) -> None:
    sure = states("sure", CURATED, rates=[rate(whole, "1.98")])
    stale = states("stale", as_of=MAY, rates=[rate(whole, "0.87"), rate(part, "0.87")])
    alone = states("stale", as_of=MAY, rates=[rate(part, "0.87")])
    assert card(sure, stale) == card(sure, alone) == {(whole, BASE): ("sure", "1.98")}


def test_who_agrees_on_output_may_add_a_price_for_reasoning() -> None:
    sure = states("sure", CURATED, rates=[rate("output", "1.2")])
    other = states("other", rates=[rate("output", "1.2"), rate("reasoning", "4")])
    assert card(sure, other)["reasoning", BASE] == ("other", "4")


def test_one_hour_or_one_date_of_output_more_is_no_agreement() -> None:
    other = states("other", rates=[rate("output", "2"), rate("reasoning", "2")])
    moved = [rate("output", "2", valid_to=NOVEMBER), rate("output", "4", valid_from=NOVEMBER)]
    for rates in (daily(), moved, [*daily()[:1], rate("output", "3", Terms(band=Band(200_000)))]):
        merged = card(states("sure", CURATED, rates=rates), other)
        assert ("reasoning", BASE) not in merged


def test_reasoning_of_a_tier_goes_by_the_output_of_that_tier() -> None:
    sure = states("sure", CURATED, rates=[rate("output", "2")])
    other = states("other", rates=[rate("output", "1", BATCH), rate("reasoning", "1", BATCH)])
    assert card(sure, other)["reasoning", BATCH] == ("other", "1")


def test_a_zero_for_reasoning_beside_a_priced_output_is_no_price() -> None:
    zero = StatedRate("reasoning", Decimal(0), "free")
    assert card(states("s", rates=[rate("output", "2"), zero])) == {("output", BASE): ("s", "2")}
    free = StatedRate("output", Decimal(0), "free")
    assert len(card(states("s", rates=[free, zero]))) == 2
    cache = StatedRate("cache_read", Decimal(0), "free")
    assert len(card(states("s", rates=[rate("input", "2"), cache]))) == 2


def test_a_zero_for_reasoning_does_not_hide_the_price_that_another_source_has() -> None:
    zero = states(
        "sure", CURATED, rates=[rate("output", "2"), StatedRate("reasoning", Decimal(0), "free")]
    )
    other = states("other", rates=[rate("output", "2"), rate("reasoning", "3")])
    assert card(zero, other)["reasoning", BASE] == ("other", "3")


def test_the_prices_of_an_id_that_is_sold_in_one_tier_are_of_that_tier() -> None:
    flex, past = Terms(tier="flex"), Band(200_000)
    stated = [rate("input", "1"), rate("input", "2", Terms(band=past)), rate("output", "9", flex)]
    assert in_own_tier([*stated, rate("output", "10")], "flex") == (
        rate("input", "1", flex),
        rate("input", "2", Terms(tier="flex", band=past)),
        rate("output", "9", flex),
    )
    assert in_own_tier(stated, "") == tuple(stated)


def test_a_source_that_states_what_content_costs_refines_a_fresher_one_of_the_same_price() -> None:
    fresh = states("fresh", CURATED, rates=[rate("web_search", "10")])
    fuller = states(
        "fuller", CROWD, MAY, rates=[rate("web_search", "10", content_billed_as_input=True)]
    )
    other = states(
        "other", CROWD, MAY, rates=[rate("web_search", "12", content_billed_as_input=True)]
    )
    ((found, by),) = rate_card([fresh, fuller, other])
    assert (found.amount, found.content_billed_as_input, by.source) == (10, True, "fuller")
    ((found, by),) = rate_card([fresh, other])
    assert (found.amount, found.content_billed_as_input, by.source) == (10, None, "fresh")


def test_of_equal_trust_a_source_that_dates_the_end_of_a_price_wins() -> None:
    ended = states("old", CURATED, MAY, rates=[rate("request", "12", valid_to=MAY)])
    fresh = states("fresh", CURATED, rates=[rate("request", "12")])
    assert [by.source for _, by in rate_card([ended, fresh])] == ["old"]
    crowd = states("crowd", CROWD, MAY, rates=[rate("request", "12", valid_to=MAY)])
    assert [by.source for _, by in rate_card([crowd, fresh])] == ["fresh"]
    dated = states("fresh", CURATED, rates=[rate("request", "9", valid_from=MAY)])
    assert [by.source for _, by in rate_card([ended, dated])] == ["fresh"]


def test_a_price_under_options_gives_way_to_the_same_with_its_allowance() -> None:
    query, allowance = ("billed_by", "query"), ("free_allowance", "5,000 a month")
    base = rate("web_search", "14")
    short = rate("web_search", "14", Terms(options=(query,)))
    full = rate("web_search", "14", Terms(options=(query, allowance)))
    found = rate_card([states("a", rates=[base, short]), states("b", rates=[full])])
    assert {rate.terms for rate, _ in found} == {BASE, full.terms}
    dearer = rate("web_search", "35", Terms(options=(query, allowance)))
    found = rate_card([states("a", rates=[base, short]), states("b", rates=[dearer])])
    assert {rate.terms for rate, _ in found} == {BASE, short.terms, dearer.terms}


@pytest.mark.parametrize(
    ("released", "taken"),
    [
        ("2026-11-11", True),
        ("2026-11-12", True),
        ("2026-11-13", False),
        ("2026-11", True),
        ("2026-12", False),
        ("2026-01-01", False),  # a year, filled up
    ],
)
def test_a_release_date_after_its_data_or_of_no_known_day_is_not_taken(
    released: str, taken: bool
) -> None:
    facts = winning_facts([states("models-dev", released=released, max_output=1)])
    assert ("released" in facts) is taken
    assert "max_output" in facts


def test_an_endpoint_makes_no_images_if_its_model_makes_none() -> None:
    facts = winning_facts([states("s", capabilities={"image-generation": True, "vision": True})])
    assert endpoint_columns(facts, ["text"])[0]["capabilities"] == ["vision"]
    assert endpoint_columns(facts, ["image", "text"])[0]["capabilities"] == [
        "image-generation",
        "vision",
    ]
    assert len(endpoint_columns(facts)[0]["capabilities"]) == 2


def test_the_length_of_a_vector_is_no_output_limit() -> None:
    vectors = winning_facts([states("s", mode="embedding", max_output=1536, context_window=8192)])
    columns, provenance = endpoint_columns(vectors)
    assert columns["context_window"] == 8192
    assert "max_output" not in columns.keys() | provenance.keys()
