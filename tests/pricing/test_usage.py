"""What a request used. Pure."""

from decimal import Decimal

import pytest

from pricing.usage import MOST, PART_OF, OddUsage, Usage, counts, in_order, of_the_prompt


def own(**quantities):
    return {slug: int(number) for slug, number in Usage.of(**quantities).own.items()}


def test_a_usage_is_of_one_request_unless_it_says_otherwise():
    assert own() == {"request": 1}
    assert own(request=3) == {"request": 3}
    assert own(request=0, input=5) == {"input": 5}


def test_what_was_not_used_counts_nothing():
    assert Usage.of(input=5)["output"] == 0
    assert own(input=5, output=0) == {"input": 5, "request": 1}


def test_input_means_all_of_the_input_and_its_parts_are_taken_out_of_it():
    assert own(input=1000, cache_read=600, cache_write=100, cache_write_1h=50, input_audio=30) == {
        "cache_read": 600,
        "cache_write": 100,
        "cache_write_1h": 50,
        "input": 220,
        "input_audio": 30,
        "request": 1,
    }


def test_a_cached_audio_token_is_a_part_of_what_is_cached_and_of_the_audio():
    assert own(input=1000, cache_read=600, input_audio=300, cache_read_audio=200) == {
        "cache_read": 400,
        "cache_read_audio": 200,
        "input": 300,
        "input_audio": 100,
        "request": 1,
    }


def test_reasoning_and_media_are_parts_of_the_output():
    assert own(output=100, reasoning=60, output_audio=10) == {
        "output": 30,
        "output_audio": 10,
        "reasoning": 60,
        "request": 1,
    }


def test_a_page_with_annotations_is_one_of_the_pages():
    assert own(page=10, annotation_page=4) == {"page": 6, "annotation_page": 4, "request": 1}


def test_a_meter_that_nobody_described_is_counted_as_it_is():
    assert own(gpu_hour=2, web_search=3) == {"gpu_hour": 2, "request": 1, "web_search": 3}


def test_half_a_search_a_request_is_a_quantity():
    assert Usage.of(web_search=Decimal("0.5")).own["web_search"] == Decimal("0.5")


def test_quantities_of_eighteen_digits_lose_none():
    usage = Usage.of(input=MOST, cache_read=Decimal("0.000000001"))
    assert usage.own["input"] == Decimal("999999999999999999.999999999")


@pytest.mark.parametrize(
    "odd",
    [
        -1,
        MOST + 1,
        10**400,
        1.5,
        True,
        "5",
        None,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-0.1"),
        Decimal("1e-10"),
        Decimal("1e-999999"),
        Decimal("1e999999"),
    ],
)
def test_what_is_no_quantity_is_refused_by_its_meter(odd):
    with pytest.raises(OddUsage) as refusal:
        Usage.of(input=5, output=odd)
    assert refusal.value.meter == "output"
    assert str(refusal.value).startswith("output: ")


@pytest.mark.parametrize(
    ("quantities", "meter", "more"),
    [
        ({"input": 10, "cache_read": 11}, "input", "1 more"),
        ({"cache_read": 11}, "input", "11 more"),
        ({"input": 10, "cache_read": 6, "cache_write": 6}, "input", "2 more"),
        ({"input": 10, "cache_read_audio": 1}, "cache_read", "1 more"),
        ({"input": 10, "cache_read": 5, "cache_read_audio": 5}, "input_audio", "5 more"),
        ({"output": 10, "reasoning": 11}, "output", "1 more"),
        ({"reasoning": 1}, "output", "1 more"),
        ({"page": 1, "annotation_page": 2}, "page", "1 more"),
    ],
)
def test_parts_that_are_more_than_their_whole_are_refused(quantities, meter, more):
    with pytest.raises(OddUsage, match=more) as refusal:
        Usage.of(**quantities)
    assert refusal.value.meter == meter


def test_all_of_a_whole_may_be_one_part():
    assert own(input=7, cache_read=7, output=9, reasoning=9) == {
        "cache_read": 7,
        "reasoning": 9,
        "request": 1,
    }


def test_a_prompt_begins_with_what_was_cached():
    slugs = [
        "request",
        "output",
        "input",
        "web_search",
        "reasoning",
        "input_audio",
        "cache_write",
        "cache_read",
    ]
    assert in_order(slugs) == [
        *("cache_read", "cache_write", "input", "input_audio"),
        *("output", "reasoning", "request", "web_search"),
    ]


def test_every_part_knows_all_of_its_wholes():
    for part, wholes in PART_OF.items():
        assert all(set(PART_OF.get(whole, ())) <= set(wholes) for whole in wholes), part


def test_tokens_of_the_prompt_are_those_of_the_input():
    assert all(
        map(
            of_the_prompt,
            ("input", "cache_read", "cache_write_1h", "input_image", "cache_read_audio"),
        )
    )
    assert not any(
        map(of_the_prompt, ("output", "reasoning", "output_audio", "web_search", "page"))
    )
    assert counts("output_audio", "output") and not counts("output", "output_audio")
