from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.rates import StatedRate
from pricing.terms import BASE, Band, Schedule, Terms
from web.reads.prices import Price
from web.reads.rates import CurrentRate
from web.tables.rate_card import claims_at, rate_card

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONG = Band(272_000)
BATCH, FLEX = Terms(tier="batch"), Terms(tier="flex")


def rate(meter, amount, terms=BASE, source="LiteLLM", state="priced"):
    price = Price(meter, state, None if amount is None else Decimal(amount))
    return CurrentRate(price, terms, source, "Nov 12, 2026")


def card(*rates, claims=()):
    return rate_card(rates, claims_at(NOW, claims))


def cells(result):
    """By meter, a list of conditions, each a list of (reach, amount, inherited)."""
    return {
        line.price.meter: [
            [(step.reach, str(step.price.amount), step.inherited) for step in cell]
            for cell in line.cells
        ]
        for line in result.lines
    }


def test_a_card_without_further_terms_has_one_column():
    result = card(rate("output", "15"), rate("input", "2.5"))
    assert [condition.terms for condition in result.conditions] == ["Standard"]
    assert [line.price.meter for line in result.lines] == ["input", "output"]
    assert cells(result)["input"] == [[("", "2.5", False)]]
    assert not result.banded
    assert not result.inherits


def test_a_band_shows_its_start_and_the_one_below_its_end():
    result = card(rate("input", "5", Terms(band=LONG)), rate("input", "2.5"))
    assert cells(result)["input"] == [[("up to 272K", "2.5", False), ("above 272K", "5", False)]]
    assert result.banded


@pytest.mark.parametrize(
    ("band", "below", "within"),
    [
        (Band(272_000), "up to 272K", "above 272K"),
        (Band(200_000, "gte"), "below 200K", "from 200K"),
        (Band(199_999), "below 200K", "from 200K"),  # one past it is the round number
        (Band(128_000, applies="marginal"), "up to 128K", "above 128K, for the tokens past it"),
    ],
)
def test_the_edge_of_a_band_belongs_to_the_side_of_its_rule(band, below, within):
    result = card(rate("input", "1"), rate("input", "2", Terms(band=band)))
    assert [reach for reach, _, _ in cells(result)["input"][0]] == [below, within]


def test_bands_stand_in_order_and_the_middle_ones_have_two_ends():
    result = card(
        rate("input", "3", Terms(band=Band(128_000))),
        rate("input", "1"),
        rate("input", "2", Terms(band=Band(32_000))),
    )
    assert [reach for reach, _, _ in cells(result)["input"][0]] == [
        "up to 32K",
        "32K–128K",
        "above 128K",
    ]


def test_a_tier_inherits_each_meter_that_it_does_not_name():
    result = card(rate("input", "2"), rate("web_search", "10"), rate("input", "1", BATCH))
    assert [condition.terms for condition in result.conditions] == ["Standard", "Batch"]
    assert cells(result) == {
        "input": [[("", "2", False)], [("", "1", False)]],
        "web_search": [[("", "10", False)], [("", "10", True)]],
    }
    assert result.inherits


def test_a_tier_that_names_only_a_band_inherits_what_is_below_it():
    result = card(
        rate("cache_read", "0.25"), rate("cache_read", "0.3", Terms(tier="flex", band=LONG))
    )
    assert cells(result)["cache_read"][1] == [
        ("up to 272K", "0.25", True),
        ("above 272K", "0.3", False),
    ]


def test_a_tier_alone_with_a_meter_leaves_the_standard_column_empty():
    assert cells(card(rate("input", "1", BATCH)))["input"] == [[], [("", "1", False)]]


def test_tiers_and_schedules_have_columns_in_a_usual_order():
    night = Terms(schedules=(Schedule((("00:30", "16:30"),)),))
    result = card(
        *(rate("input", "1", terms) for terms in (Terms(tier="turbo"), FLEX, night, BATCH, BASE))
    )
    assert [condition.terms for condition in result.conditions] == [
        *("Standard", "00:30–16:30 UTC", "Batch", "Flex", "Turbo"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("0.5", "1", "Off-peak"),
        ("1", "4", "Peak"),
        ("0.5", "4", "At set hours"),
        ("1", "2", "At set hours"),
    ],
)
def test_hours_are_named_by_what_they_do_to_the_price(first, second, name):
    night = Terms(schedules=(Schedule((("16:30", "00:30"),)),))
    result = card(
        *(rate("input", "1"), rate("output", "2")),
        *(rate("input", first, night), rate("output", second, night)),
    )
    assert [(each.name, each.hours) for each in result.conditions] == [
        ("Standard", ""),
        (name, "16:30–00:30 UTC"),
    ]


def test_hours_of_a_tier_are_compared_with_the_tier_at_all_times():
    night = Terms(tier="batch", schedules=(Schedule((("16:30", "00:30"),)),))
    result = card(rate("input", "2"), rate("input", "1", BATCH), rate("input", "1.5", night))
    assert [each.name for each in result.conditions] == ["Standard", "Batch", "Batch, peak"]
    assert [[condition.name for condition, _ in cells] for _, cells in result.rows] == [
        ["Standard", "Batch", "Batch, peak"]
    ]


def test_options_stand_aside_and_say_what_they_are_billed_by():
    result = card(
        rate("web_search", "35", Terms(options=(("billed_by", "prompt"),))),
        rate("image", "0.04", Terms(options=(("size", "1024x1024"),))),
    )
    assert result.lines == ()
    assert [(aside.terms, aside.steps[0].price.unit.unit) for aside in result.asides] == [
        ("Billed by prompt", "prompt"),
        ("Size 1024x1024", "image"),
    ]


def test_a_source_is_named_at_a_figure_where_most_of_its_column_is_anothers():
    result = card(
        rate("input", "1"), rate("output", "2"), rate("web_search", "10", source="genai-prices")
    )
    assert result.conditions[0].basis == "LiteLLM, Nov 12, 2026"
    assert [line.cells[0][0].basis for line in result.lines] == [
        "",
        "",
        "genai-prices, Nov 12, 2026",
    ]


def stated(meter, amount, terms=BASE, **dates):
    return StatedRate(meter, Decimal(amount), terms=terms, **dates).to_json()


def test_losing_claims_stand_beside_the_winner():
    result = card(
        rate("input", "0.28"),
        claims=[
            ("LiteLLM", [stated("input", "0.28")]),
            ("models.dev", [stated("input", "0.280")]),
            ("genai-prices", [stated("input", "0.25")]),
        ],
    )
    ((step,),) = result.lines[0].cells
    assert step.agreement == "2 of 3 agree"
    assert step.others == ("genai-prices says $0.25",)
    assert (result.figures, result.agreed, result.disputed) == (1, 0, 1)


def test_sources_with_the_data_of_one_are_one_witness():
    result = card(
        rate("input", "0.28", source="pi-ai"),
        claims=[
            ("LiteLLM", [stated("input", "0.30")]),
            ("model-prices", [stated("input", "0.28")]),
            ("models.dev", [stated("input", "0.25")]),
        ],
    )
    ((step,),) = result.lines[0].cells
    assert (step.agreement, step.others) == ("1 of 2 agree", ("LiteLLM says $0.30",))


def test_one_source_alone_agrees_with_nobody():
    result = card(rate("input", "1"), claims=[("LiteLLM", [stated("input", "1")])])
    ((step,),) = result.lines[0].cells
    assert (step.agreement, step.others) == ("", ())
    assert result.agreed == 0


def test_an_editors_figure_shows_beside_the_claims_of_sources():
    result = card(rate("input", "1", source="editor"), claims=[("LiteLLM", [stated("input", "2")])])
    ((step,),) = result.lines[0].cells
    assert (step.agreement, step.others) == ("1 of 2 agree", ("LiteLLM says $2.00",))


def test_a_claim_counts_only_while_it_holds_and_knows_a_price():
    later, earlier = datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    unknown = StatedRate("input", None, "unknown").to_json()
    for claim in (
        stated("input", "9", valid_from=later),
        stated("input", "9", valid_to=earlier),
        stated("input", "9", valid_to=NOW),
        unknown,
    ):
        result = card(rate("input", "1"), claims=[("models.dev", [claim])])
        assert result.lines[0].cells[0][0].agreement == ""
    result = card(
        rate("input", "1"), claims=[("models.dev", [stated("input", "9", valid_from=NOW)])]
    )
    assert result.lines[0].cells[0][0].others == ("models.dev says $9.00",)


def test_a_claim_without_a_price_beside_it_is_not_lost():
    result = card(
        rate("input", "1"), claims=[("models.dev", [stated("input", "2", Terms(band=LONG))])]
    )
    (lost,) = result.unused
    assert (lost.source, lost.terms, lost.price.amount) == (
        "models.dev",
        "Over 272,000 input tokens",
        Decimal(2),
    )


def test_a_free_claim_against_a_price_shows_in_words():
    free = StatedRate("input", Decimal(0), "free").to_json()
    result = card(rate("input", "1"), claims=[("models.dev", [free])])
    assert result.lines[0].cells[0][0].others == ("models.dev says free",)


def test_no_rates_make_an_empty_card():
    result = card()
    assert (result.lines, result.asides, result.figures) == ((), (), 0)


def test_a_source_that_all_columns_share_shows_once():
    result = card(
        rate("input", "1"), rate("input", "0.5", BATCH), rate("output", "2", source="models.dev")
    )
    assert result.shared == "LiteLLM, Nov 12, 2026"
    assert [condition.basis for condition in result.conditions] == ["", ""]
    assert [step.basis for line in result.lines for cell in line.cells for step in cell] == [
        *("", "", "models.dev, Nov 12, 2026", ""),
    ]
    apart = card(rate("input", "1"), rate("input", "0.5", BATCH, source="models.dev"))
    assert apart.shared == ""
    assert [condition.basis for condition in apart.conditions] == [
        *("LiteLLM, Nov 12, 2026", "models.dev, Nov 12, 2026"),
    ]
