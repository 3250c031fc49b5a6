"""Which endpoint's row stands for a model."""

from decimal import Decimal

import pytest

from pricing.headline import (
    BaseRate,
    HeadlineCandidate,
    Standing,
    blended,
    by_cost,
    in_order,
    lower_than,
)


def test_a_blend_is_three_of_input_to_one_of_output():
    assert blended(Decimal("1.1"), Decimal("4.4")) == Decimal("1.925")
    assert blended(Decimal("1.1")) == Decimal("1.1")


def candidate(provider="azure", kind="cloud", *, rates=None, variant="", **fields):
    """An endpoint that sells input and output at these prices."""
    stated = {
        slug: BaseRate("priced" if Decimal(amount) else "free", Decimal(amount))
        for slug, amount in ({"input": "1", "output": "4"} if rates is None else rates).items()
    }
    facts = {
        "endpoint": 1,
        "upstream_id": "o4-mini",
        "own": False,
        "domestic": False,
        "region": "",
        "snapshot": "",
        "floating": False,
        "missing": False,
        "writes": True,
        **fields,
    }
    words = frozenset(variant.split(",") if variant else ())
    return HeadlineCandidate(provider=provider, kind=kind, variant=words, rates=stated, **facts)


OWN = candidate("openai", "first-party", own=True, rates={"input": "5", "output": "30"})


def first(*candidates):
    return in_order(candidates)[0].provider


def test_the_creators_own_api_stands_before_cheaper_providers():
    assert first(candidate("azure"), OWN, candidate("kilo", "gateway")) == "openai"


def test_of_direct_providers_the_cheapest_by_the_blend_stands():
    dear_input = candidate("groq", "inference-host", rates={"input": "2", "output": "2"})
    dear_output = candidate("azure", rates={"input": "1", "output": "4.99"})
    assert first(dear_input, dear_output) == "azure"
    assert first(dear_input, candidate("azure", rates={"input": "1", "output": "5.01"})) == "groq"


def test_equal_prices_go_to_the_more_direct_provider_and_dust_does_not_count():
    dust = candidate("aws", "cloud", rates={"input": "0.99998", "output": "4.00001"})
    host = candidate("groq", "inference-host", rates={"input": "0.99997", "output": "4"})
    assert first(host, dust) == "aws"
    assert first(dust, candidate("zeta", "cloud")) == "zeta"


@pytest.mark.parametrize(
    ("worse", "standing"),
    [
        (candidate("kilo", "gateway", rates={"input": "0.1", "output": "0.1"}), "gateway"),
        (candidate("nvidia", "inference-host", rates={"input": "0", "output": "0"}), "free"),
        (candidate("grey", "reseller", rates={"input": "0.1", "output": "0.1"}), "reseller"),
        (candidate(variant="free", rates={"input": "0", "output": "0"}), "trial"),
        (candidate(variant="batch"), "deferred"),
        (candidate(variant="flex"), "deferred"),
        (candidate(variant="ft"), "fine_tuned"),
        (candidate(variant="contributor"), "conditional"),
        (candidate(variant="coding"), "conditional"),
        (candidate(floating=True), "floating"),
        (candidate("copilot", "plan"), "plan"),
        (candidate("lmstudio", "local"), "local"),
        (candidate(rates={}), "unpriced"),
        (candidate(missing=True), "missing"),
    ],
)
def test_what_is_no_sale_of_this_model_to_everybody_never_stands_before_a_direct_provider(
    worse, standing
):
    assert worse.standing == standing
    direct = candidate("zeta", "inference-host", rates={"input": "9", "output": "9"})
    assert first(worse, direct) == "zeta"
    assert first(worse) == worse.provider  # and alone it stands, with its standing named


def test_a_free_api_of_the_creator_stands_as_its_own():
    free = candidate("google", "first-party", own=True, rates={"input": "0", "output": "0"})
    assert free.standing == Standing.OWN
    assert first(candidate("azure"), free) == "google"


@pytest.mark.parametrize(
    "other",
    [
        {"variant": "fast"},
        {"region": "eu"},
        {"snapshot": "2026-04-23"},
        {"domestic": True},
        {"kind": "cloud"},
    ],
)
def test_of_the_creators_endpoints_the_plainest_stands_even_if_it_is_dearer(other):
    plain = candidate("zai", "first-party", own=True, rates={"input": "2", "output": "8"})
    rest = candidate(**{"provider": "abc", "kind": "first-party", "own": True, **other})
    assert first(rest, plain) == "zai"


@pytest.mark.parametrize("speed", ["fast", "priority", "spot", "fast,fp8"])
def test_another_speed_is_no_standard_term(speed):
    cheap = candidate(
        "refuse", "inference-host", variant=speed, rates={"input": "0.1", "output": "1"}
    )
    assert first(cheap, candidate("zeta", "inference-host")) == "zeta"
    assert first(cheap, candidate("kilo", "gateway")) == "refuse"
    assert by_cost([candidate("zeta", "inference-host"), cheap])[0] == cheap


def test_an_output_that_is_unknown_makes_no_cheap_row():
    half = candidate("half", rates={"input": "0.1"})
    assert half.blend is None
    assert first(half, candidate("whole", rates={"input": "3", "output": "3"})) == "whole"


def test_without_output_input_alone_is_the_blend():
    assert candidate(rates={"input": "0.1"}, writes=False).blend == Decimal("0.1")


def test_a_row_without_token_prices_has_a_unit_of_its_own():
    image = candidate(rates={"image": "0.04", "image_in": "0.001"})
    assert image.own_unit == "image"
    cheaper = candidate("fal", rates={"image": "0.03"})
    assert first(image, cheaper) == "fal"
    assert lower_than(image, by_cost([image, cheaper])).amount == Decimal("0.03")
    assert candidate().own_unit == ""


def test_ties_are_broken_by_name_then_id():
    same = [candidate("b", endpoint=1), candidate("a", endpoint=3), candidate("a", endpoint=2)]
    assert [row.endpoint for row in in_order(same)] == [2, 3, 1]
    assert in_order(same) == in_order(reversed(same))


def test_a_cheaper_endpoint_elsewhere_is_named_with_its_ratio():
    gateway = candidate(
        "qihang", "gateway", rates={"input": "0.43", "output": "2"}, endpoint=7, upstream_id="x"
    )
    lower = lower_than(OWN, by_cost([OWN, candidate(), gateway]))
    assert (lower.endpoint, lower.meter, lower.amount) == (7, "input", Decimal("0.43"))
    assert round(lower.ratio, 2) == Decimal("11.63")


@pytest.mark.parametrize(
    "other",
    [
        candidate(variant="free", rates={"input": "0", "output": "0"}),
        candidate(kind="plan", rates={"input": "0.1", "output": "0.1"}),
        candidate(variant="batch", rates={"input": "0.1", "output": "0.1"}),
        candidate(floating=True, rates={"input": "0.1", "output": "0.1"}),
        candidate(rates={"input": "5", "output": "1"}),  # its input is no lower
        candidate(rates={"input": "4.99999", "output": "30"}),  # dust
    ],
)
def test_what_is_not_sold_to_everybody_or_not_lower_is_no_lower_price(other):
    assert lower_than(OWN, by_cost([OWN, other])) is None
