from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.http import QueryDict

from pricing.usage import OddUsage
from web.params.workload import USUAL, Workload, as_written
from web.params.workload_fields import FIELDS


def read(query):
    return Workload.from_query(QueryDict(query))


def test_what_nobody_states_is_the_usual_workload():
    assert read("").numbers == USUAL
    assert read("requests=5").numbers == {**USUAL, "requests": 5}
    assert read("tier=batch&at=2026-01-01&every=day").numbers == USUAL


def test_a_workload_of_which_anything_is_stated_has_nothing_else_in_it():
    assert read("output=7").numbers == {"requests": USUAL["requests"], "output": 7}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_read_and_written_back(field):
    whole = f"&{field.whole}=900" if field.whole else ""
    extra = "" if field.meter else "&input=1"
    workload = read(f"{field.name}=321{whole}{extra}")
    assert workload.complaints == {}
    assert workload.number(field.name) == (321_000 if field.duration else 321)
    assert (field.name, "321") in workload.pairs()
    assert as_written(workload)[field.name] == "321"


def test_a_request_uses_what_the_fields_say_by_meter():
    workload = read(
        "requests=9&input=10000&cached=4000&cache_write=1000&image_input=300&audio_input=200"
        "&output=500&reasoning=100&audio_output=50&web_search=250&search_content=700&images=1500"
    )
    assert workload.requests == 9
    assert workload.usage().counted == {
        "request": 1,
        "input": 10_000,
        "cache_read": 4_000,
        "cache_write": 1_000,
        "input_image": 300,
        "input_audio": 200,
        "output": 500,
        "reasoning": 100,
        "output_audio": 50,
        "web_search": Decimal("0.25"),
        "search_content": 700,
        "image": Decimal("1.5"),
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3000", 3_000),
        ("3,000", 3_000),
        ("3 000", 3_000),
        ("3_000", 3_000),
        ("3'000", 3_000),
        ("3\u00a0000", 3_000),
        ("1,234,567", 1_234_567),
        ("3k", 3_000),
        ("1.5K", 1_500),
        ("1.5 M", 1_500_000),
        ("0", 0),
        ("007", 7),
        ("2.0", 2),
        ("1000000000", 10**9),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    query = QueryDict(mutable=True)
    query.update({"input": text, "output": "1"})
    workload = Workload.from_query(query)
    assert (workload.complaints, workload.number("input")) == ({}, number)


NEGATIVE = "A number from 0 up, please: less than nothing is not used."
WORDS = "A number, please, such as 3000 or 1.5M."
PART = "A whole number, please: there is no part of one."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-1", NEGATIVE),
        ("−1", NEGATIVE),
        ("-1.5M", NEGATIVE),
        ("1.5", PART),
        ("0.0001k", PART),
        ("3.000", "Is the dot for thousands? Write 3,000 or 3000, please."),
        ("1.234.567", "Is the dot for thousands? Write 3,000 or 3000, please."),
        ("1." + "0" * 34 + "1", WORDS),
        ("1000000001", "At most 1,000,000,000."),
        ("1000000000000000000", "At most 1,000,000,000."),
        ("9" * 40, "At most 1,000,000,000."),
        ("9" * 400, WORDS),
        ("abc", WORDS),
        ("1e3", WORDS),
        ("NaN", WORDS),
        ("Infinity", WORDS),
        ("0x10", WORDS),
        ("1,00", WORDS),
        ("1,5", WORDS),
        ("12,3456", WORDS),
        ("1..5", WORDS),
        ("１", WORDS),
        ("٣", WORDS),
        ("1\x00", WORDS),
        ("3G", WORDS),
        ("+1", WORDS),
    ],
)
@pytest.mark.parametrize("name", ["input", "output"])
def test_a_number_that_is_none_is_complained_of_beside_its_field(name, text, said):
    query = QueryDict(mutable=True)
    query.update({name: text, "requests": "12", "web_search": "5", "tier": "batch"})
    workload = Workload.from_query(query)
    assert workload.complaints == {name: said}
    assert workload.number(name) == 0
    with pytest.raises(OddUsage):
        workload.usage()


def test_nothing_of_the_form_is_lost_by_a_complaint():
    workload = read("requests=12&input=abc&output=3000&cached=4&tier=batch&at=2026-01-01&every=day")
    assert workload.complaints == {"input": WORDS}
    written = as_written(workload)
    assert written["requests"] == "12"
    assert written["input"] == "abc"
    assert written["output"] == "3,000"
    assert written["cached"] == "4"
    assert written["tier"] == "batch"
    assert written["at"] == "2026-01-01"
    assert dict(workload.pairs()) == {
        "requests": "12",
        "input": "abc",
        "cached": "4",
        "output": "3000",
        "every": "day",
        "tier": "batch",
        "at": "2026-01-01",
    }


@pytest.mark.parametrize(
    ("query", "complaints"),
    [
        ("requests=1000000000001", {"requests": "At most 1,000,000,000,000."}),
        ("requests=-1", {"requests": NEGATIVE}),
        (
            "input=10&cached=11",
            {"cached": "That is more than the 10 input tokens it is a part of."},
        ),
        (
            "output=10&reasoning=11",
            {"reasoning": "That is more than the 10 output tokens it is a part of."},
        ),
        ("cached=1", {"cached": "That is more than the 0 input tokens it is a part of."}),
        (
            "input=10&cached=6&cache_write=5",
            {"cache_write": "Together, its parts are more than 10."},
        ),
        (
            "output=10&reasoning=6&audio_output=5",
            {"audio_output": "Together, its parts are more than 10."},
        ),
        ("input=0", {"input": "Enter at least one quantity."}),
        ("input=10&web_search=1000001", {"web_search": "At most 1,000,000."}),
        ("input=x&output=-1", {"input": WORDS, "output": NEGATIVE}),
        ("tier=a b", {"tier": "No service tier is called so."}),
        ("tier=%00", {"tier": "No service tier is called so."}),
        ("tier=" + "x" * 41, {"tier": "No service tier is called so."}),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(query, complaints):
    assert read(query).complaints == complaints


@pytest.mark.parametrize("text", ["40%", "40 %", "40.0 %"])
def test_a_part_may_be_a_share_of_its_whole(text):
    assert read(f"input=3000&cached={text.replace('%', '%25')}").number("cached") == 1_200


def test_a_share_is_rounded_to_the_nearest_token():
    assert read("input=3&cached=50%25").number("cached") == 2
    assert read("input=1&cached=33.3%25").number("cached") == 0
    assert read("input=7&cached=100%25").number("cached") == 7


@pytest.mark.parametrize(
    ("query", "name", "said"),
    [
        ("input=10&cached=101%25", "cached", "A share from 0 % to 100 %, please."),
        ("input=10&cached=-1%25", "cached", "A share from 0 % to 100 %, please."),
        ("input=10&cached=%25", "cached", "A share from 0 % to 100 %, please."),
        ("cached=40%25", "cached", "A share of what? State the number that it is a part of."),
        ("input=40%25", "input", WORDS),
    ],
)
def test_a_share_of_nothing_and_more_than_all_are_complained_of(query, name, said):
    assert read(query).complaints == {name: said}


@pytest.mark.parametrize("tier", ["", "standard", "Default", "STANDARD"])
def test_the_standard_tier_goes_by_three_names(tier):
    assert read(f"tier={tier}").tier == ""


def test_another_tier_is_kept_by_its_name():
    assert read("tier=Batch").tier == "batch"
    assert ("tier", "batch") in read("tier=Batch").pairs()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-08-22", datetime(2026, 8, 22, tzinfo=UTC)),
        ("2026-08-22T16:00Z", datetime(2026, 8, 22, 16, tzinfo=UTC)),
        ("2026-08-22T16:00", datetime(2026, 8, 22, 16, tzinfo=UTC)),
        ("2026-08-22 16:00", datetime(2026, 8, 22, 16, tzinfo=UTC)),
        ("2026-08-22T18:00+02:00", datetime(2026, 8, 22, 16, tzinfo=UTC)),
        ("2026-08-22T18:00%2B02:00", datetime(2026, 8, 22, 16, tzinfo=UTC)),
    ],
)
def test_a_date_is_its_first_instant_and_an_instant_without_a_zone_is_utc(text, at):
    assert read(f"at={text}").at == at
    assert read(f"at={text}").complaints == {}


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "1999-01-01",
        "2100-01-01",
        "0001-01-01T00:00%2B14:00",
        "9999-12-31",
        "1",
        "%00",
    ],
)
def test_a_date_that_is_none_is_complained_of(text):
    workload = read(f"at={text}")
    assert workload.at is None
    assert list(workload.complaints) == ["at"]


def test_any_workload_reads_the_same_from_what_it_writes():
    for query in (
        "",
        "input=5",
        "requests=2&input=1M&cached=40%25&output=1k&every=day&tier=flex&at=2026-08-22",
    ):
        first = read(query)
        again = QueryDict(mutable=True)
        again.update(dict(first.pairs()))
        second = Workload.from_query(again)
        assert (second.numbers, second.every, second.tier, second.at) == (
            first.numbers,
            first.every,
            first.tier,
            first.at,
        )


def test_seconds_minutes_characters_pages_and_queries_are_counted_by_their_meters():
    workload = read(
        "input=1000&cache_write=100&cache_write_1h=200&image_in=2&audio_second_in=1.5 min"
        "&audio_second=0:30&video_second_in=2.5&video_second=8&input_character=5000"
        "&output_character=50&pages=7&query=3"
    )
    assert workload.complaints == {}
    assert workload.usage().counted == {
        "request": 1,
        "input": 1_000,
        "cache_write": 100,
        "cache_write_1h": 200,
        "image_in": 2,
        "audio_second_in": 90,
        "audio_second": 30,
        "video_second_in": Decimal("2.5"),
        "video_second": 8,
        "input_character": 5_000,
        "output_character": 50,
        "page": 7,
        "query": 3,
    }
    assert ("audio_second_in", "90") in workload.pairs()
    assert ("video_second_in", "2.5") in workload.pairs()
    assert as_written(workload)["video_second_in"] == "2.5"


@pytest.mark.parametrize(
    ("query", "meter", "quantity"),
    [
        ("audio_minute_in=2", "audio_second_in", 120),
        ("audio_hour_in=0.5", "audio_second_in", 1800),
        ("audio_minute=2", "audio_second", 120),
        ("audio_hour_out=1", "audio_second", 3600),
        ("video_minute=1", "video_second", 60),
        ("video_minute_in=90 s", "video_second_in", 90),
        ("image=1500", "image", Decimal("1.5")),
        ("queries=4", "query", 4),
        ("input=9&input_audio=5", "input_audio", 5),
        ("input=10&cache_read=40%25", "cache_read", 4),
        ("pages=4&page=2", "page", 4),
    ],
)
def test_a_field_also_goes_by_the_name_of_its_meter_or_of_a_longer_time(query, meter, quantity):
    workload = read(query)
    assert workload.complaints == {}
    assert workload.usage()[meter] == quantity
    assert "page" not in dict(workload.pairs())


def test_options_are_part_of_a_request_and_are_written_back():
    workload = read("images=1&size=1024 × 1536&quality=low&resolution=720p&search_context=high")
    assert workload.request(datetime(2026, 11, 1, tzinfo=UTC)).options == (
        ("quality", "low"),
        ("resolution", "720p"),
        ("search_context", "high"),
        ("size", "1024x1536"),
    )
    assert ("size", "1024x1536") in workload.pairs()
    assert workload.is_stated


@pytest.mark.parametrize(
    ("query", "complaints"),
    [
        ("images=1&size=<b>", {"size": "No price depends on such a size."}),
        (
            "images=1&search_context=%00",
            {"search_context": "No price depends on such a search context."},
        ),
        ("audio_second=-1", {"audio_second": "A length from 0 up, please."}),
        ("audio_second=1000000001", {"audio_second": "At most 1,000,000,000."}),
        (
            "input=10&cache_write=6&cache_write_1h=5",
            {"cache_write_1h": "Together, its parts are more than 10."},
        ),
        ("pages=1.5", {"pages": PART}),
        ("pages=0&query=0", {"input": "Enter at least one quantity."}),
    ],
)
def test_what_cannot_be_beyond_tokens_is_said_beside_the_field(query, complaints):
    workload = read(query)
    assert workload.complaints == complaints
    again = QueryDict(mutable=True)
    again.update(dict(workload.pairs()))
    assert Workload.from_query(again).complaints == complaints
