import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.terms import BASE, Band, Schedule, Terms
from sources.base import Answer, WrongShape
from sources.bundle.literals import python_data_to_json
from sources.match_logic import covers
from sources.upstreams.genai_prices.read import GenaiPrices

PAYLOADS = Path(__file__).parents[2] / "payloads" / "genai-prices"
DATA = (PAYLOADS / "data.json").read_bytes()
AS_OF = datetime(2026, 11, 10, tzinfo=UTC)
INPUT = {"prices": {"input_mtok": 1}}


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read(body=DATA):
    return GenaiPrices().parse(Answer(AS_OF, {"": body}))


def listing(provider, upstream_id, body=DATA):
    return next(
        ls for ls in read(body).listings if (ls.provider, ls.upstream_id) == (provider, upstream_id)
    )


def rows(found, meter, terms=BASE):
    """The (amount, from, to) of a meter, as they stand."""
    return [
        (str(r.amount), r.valid_from, r.valid_to)
        for r in found.rates
        if (r.meter, r.terms) == (meter, terms)
    ]


def one_model(prices, **fields):
    model = {"id": "m", "match": {"equals": "m"}, "prices": prices, **fields}
    return json.dumps([{"id": "p", "models": [model]}]).encode()


def test_dated_prices_hold_from_their_day_until_the_next():
    o3 = listing("openai", "o3")
    cut = day("2025-06-10")
    assert rows(o3, "input") == [("10", None, cut), ("2", cut, None)]
    assert rows(o3, "output") == [("40", None, cut), ("8", cut, None)]


def test_a_price_is_rounded_once_after_its_unit_became_ours():
    (rate,) = read(one_model({"input_gpixels": 1.4999999e-9})).listings[0].rates
    assert (rate.meter, rate.amount) == ("input_pixel", Decimal("1e-12"))


def test_a_part_of_a_provider_has_ids_or_a_tier_of_its_own():
    def entry(name, upstream_id, price):
        logic = {"equals": upstream_id.lower()}
        model = {"id": upstream_id, "match": logic, "prices": {"input_mtok": price}}
        return {"id": name, "name": name, "models": [model]}

    found = read(
        json.dumps(
            [
                entry("huggingface_novita", "Qwen/Qwen7", 2),
                entry("huggingface_fireworks-ai", "Qwen/Qwen7", 3),
                entry("openai-decisions", "gpt-7", 4),
                entry("openai", "gpt-7", 5),
            ]
        ).encode()
    )
    cards = {
        (ls.provider, ls.upstream_id, ls.matches is None): [
            (r.terms.tier, str(r.amount)) for r in ls.rates
        ]
        for ls in found.listings
    }
    assert cards == {
        ("huggingface", "Qwen/Qwen7:novita", True): [("", "2")],
        ("huggingface", "Qwen/Qwen7:fireworks-ai", True): [("", "3")],
        ("openai", "gpt-7", False): [("", "5"), ("decisions", "4")],
    }
    assert [(provider.slug, provider.facts["name"]) for provider in found.providers] == [
        ("openai", "openai")
    ]


def test_a_single_price_has_no_dates():
    assert rows(listing("anthropic", "claude-fable-5"), "input") == [("10", None, None)]


def test_an_announced_price_starts_in_the_future():
    gemini = listing("google", "gemini-3.6-flash")
    starts = {rate.valid_from for rate in gemini.rates}
    assert day("2027-01-01") in starts
    batch = Terms(tier="batch")
    assert rows(gemini, "input", batch) == [
        ("0.375", day("2026-10-14"), day("2027-01-01")),
        ("0.75", day("2027-01-01"), None),
    ]


def test_tiers_are_bands_that_begin_past_their_start():
    sonnet = listing("anthropic", "claude-sonnet-4-5")
    band = Terms(band=Band(200_000, "gt", "total_input", "whole_request"))
    assert rows(sonnet, "input") == [("3", None, None)]
    assert rows(sonnet, "input", band) == [("6", None, None)]
    assert rows(sonnet, "cache_write_1h", band) == [("12", None, None)]


def test_a_variant_is_a_tier_of_the_meters_it_names():
    fable = listing("anthropic", "claude-fable-5")
    batch = Terms(tier="batch")
    assert rows(fable, "input", batch) == [("5", day("2026-10-14"), None)]
    assert rows(fable, "web_search") == [("10", None, None)]
    assert rows(fable, "web_search", batch) == []


@pytest.mark.parametrize(
    ("provider", "upstream_id", "terms"),
    [
        ("openai", "gpt-4.1", {"", "priority", "fast", "batch"}),
        ("openai", "o3", {"", "flex", "priority", "fast", "batch"}),
    ],
)
def test_the_service_tier_of_a_request_is_the_tier_and_default_is_none(
    provider, upstream_id, terms
):
    assert {rate.terms.tier for rate in listing(provider, upstream_id).rates} == terms


def test_another_word_of_a_request_is_an_option():
    large = listing("openrouter", "mistralai/mistral-large-4-0")
    route = Terms(options=(("route", "mistral/eu"),))
    assert rows(large, "input", route) == [
        ("0.748", None, day("2026-11-03")),
        ("0.77", day("2026-11-03"), None),
    ]


def test_hours_are_a_schedule_beside_the_base():
    chat = listing("deepseek", "deepseek-chat")
    day_time = Terms(schedules=(Schedule((("00:30", "16:30"),)),))
    assert rows(chat, "output") == [("0.55", None, None)]
    assert rows(chat, "output", day_time) == [("1.1", None, None)]


def test_hours_of_equal_prices_share_a_schedule_and_follow_the_newest_dated_row():
    flash = listing("deepseek", "deepseek-v4-flash")
    peak = Terms(schedules=(Schedule((("01:00", "04:00"), ("06:00", "10:00"))),))
    assert rows(flash, "input", peak) == [("0.3", day("2026-09-10"), None)]
    assert rows(flash, "input") == [
        ("0.14", None, day("2026-08-17")),
        ("0.22", day("2026-08-17"), day("2026-09-10")),
        ("0.15", day("2026-09-10"), None),
    ]


def test_hours_end_where_a_later_row_starts():
    hours = {"start_time": "22:00:00Z", "end_time": "06:00:00Z"}
    prices = [
        {"prices": {"input_mtok": 4}},
        {"constraint": hours, "prices": {"input_mtok": 2}},
        {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 3}},
    ]
    found = listing("p", "m", one_model(prices))
    night = Terms(schedules=(Schedule((("22:00", "06:00"),)),))
    assert rows(found, "input", night) == [("2", None, day("2026-01-01"))]


def test_hours_with_an_offset_are_read_in_utc():
    hours = {"start_time": "08:30:00+08:00", "end_time": "00:30:00+08:00"}
    found = listing(
        "p", "m", one_model([{"prices": {}}, {"constraint": hours, "prices": {"input_mtok": 2}}])
    )
    assert found.rates[0].terms.schedules == (Schedule((("00:30", "16:30"),)),)


@pytest.mark.parametrize(
    ("key", "amount", "meter", "expected"),
    [
        ("cache_write_5m_mtok", "1.25", "cache_write", "1.25"),
        ("cache_audio_read_mtok", "0.4", "cache_read_audio", "0.4"),
        ("output_reasoning_mtok", "3", "reasoning", "3"),
        ("requests_kcount", "5", "request", "5"),
        ("storage_searches_kcount", "2.5", "file_search", "2.5"),
        ("input_document_kpages", "1", "page", "1"),
        ("input_mchars", "15", "input_character", "15"),
        ("audio_hours", "0.111", "audio_hour", "0.111"),
        ("input_gpixels", "0.3", "input_pixel", "0.0003"),
        ("code_executions_kcount", "5", "code_execution", "0.005"),
    ],
)
def test_a_price_becomes_the_price_of_our_meters_unit(key, amount, meter, expected):
    body = one_model({key: "?"}).replace(b'"?"', amount.encode())
    assert rows(listing("p", "m", body), meter) == [(expected, None, None)]


def test_an_hour_of_audio_is_stated_once_where_it_has_one_direction():
    meters = {rate.meter for rate in listing("groq", "whisper-large-v3").rates}
    assert meters == {"audio_hour_in"}


def test_providers_have_our_slugs():
    slugs = {p.slug for p in read().providers}
    assert {"amazon-bedrock", "openai", "deepseek"} <= slugs
    assert "aws" not in slugs


def test_figures_are_taken_and_prose_is_not():
    found = listing(
        "p",
        "m",
        one_model(
            {"input_mtok": 1},
            name="M",
            context_window=9,
            deprecated=True,
            description="x",
            price_comments="y",
        ),
    )
    assert found.facts == {"name": "M", "context_window": 9, "lifecycle": "deprecated"}
    assert read(one_model({}, description="x")).not_expressed == {}


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"prices": {"input_mtok": 1, "output_smell": 2}}, "price output_smell"),
        ({"prices": {"input_mtok": 1, "output_mtok": "2"}}, "odd value of output_mtok"),
        ({"prices": {"input_mtok": 1, "output_mtok": -2}}, "odd value of output_mtok"),
        ({"prices": {"input_mtok": 1, "output_mtok": {"tiers": []}}}, "odd value of output_mtok"),
        (
            {"prices": [INPUT, {"constraint": {"moon": "full"}, "prices": {}}]},
            "odd value of constraint",
        ),
        ({"prices": [INPUT, {"constraint": "soon", "prices": {}}]}, "odd value of constraint"),
        (
            {"prices": [INPUT, {"constraint": {"start_date": "soon"}, "prices": {}}]},
            "odd value of constraint",
        ),
        ({**INPUT, "price_variants": [{"when": {}, "prices": {}}]}, "odd value of when"),
        ({**INPUT, "match": {"regex": "("}}, "odd value of match"),
        ({**INPUT, "colour": "blue"}, "field colour"),
    ],
)
def test_what_is_odd_or_new_is_counted_and_the_rest_stays(fields, counted):
    found = read(one_model(**fields))
    assert found.not_expressed == {counted: 1}
    assert rows(found.listings[0], "input") == [("1", None, None)]


def test_prices_of_a_fallback_provider_are_counted_as_not_expressed():
    assert read().not_expressed == {"field provider.fallback_model_providers": 2}


@pytest.mark.parametrize(
    ("matches", "upstream_id", "speaks"),
    [
        ({"equals": "o3"}, "o3", True),
        ({"equals": "o3"}, "O3", True),
        ({"equals": "o3"}, "o3-mini", False),
        ({"starts_with": "Claude-"}, "claude-3", True),
        ({"ends_with": ":FREE"}, "x:free", True),
        ({"contains": "us.anthropic"}, "bedrock/us.anthropic.claude", True),
        ({"regex": r"^gpt-5-\d{4}$"}, "GPT-5-2026", True),
        ({"regex": r"^gpt-5-\d{4}$"}, "gpt-5-2026-01", False),
        ({"regex": "("}, "(", False),
        ({"or": [{"equals": "a"}, {"equals": "b"}]}, "b", True),
        ({"and": [{"starts_with": "a"}, {"ends_with": "z"}]}, "abz", True),
        ({"and": [{"starts_with": "a"}, {"ends_with": "z"}]}, "ab", False),
        ({"or": [{"and": [{"contains": "x"}, {"sounds_like": "y"}]}]}, "xy", False),
        ({"and": []}, "a", False),
        ({"sounds_like": "a"}, "a", False),
        ({"equals": 3}, "3", False),
        ({}, "a", False),
    ],
)
def test_match_logic_says_for_which_ids_a_listing_speaks(matches, upstream_id, speaks):
    assert covers(matches, upstream_id) is speaks


def test_the_match_logic_comes_with_the_listing():
    o3 = listing("openai", "o3")
    assert o3.matches == {"or": [{"equals": "o3"}, {"equals": "o3-2025-04-16"}]}
    assert covers(o3.matches, "o3-2025-04-16")


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ({"or": [{"equals": "a"}, {"regex": "("}]}, {"or": [{"equals": "a"}]}),
        ({"and": [{"equals": "a"}, {"regex": "("}]}, {}),
        ({"or": [{"equals": 1.5}]}, {}),
        ({"equals": "nul\x00"}, {}),
        ("a", {}),
        (None, {}),
    ],
)
def test_logic_that_is_not_understood_holds_for_nothing(stated, kept):
    found = read(one_model({}, match=stated))
    assert found.listings[0].matches == kept
    assert found.not_expressed == {"odd value of match": 1}


def test_logic_that_is_nested_too_deep_is_not_read():
    deep = {"equals": "m"}
    for _ in range(300):
        deep = {"or": [deep]}
    assert listing("p", "m", one_model({}, match=deep)).matches == {}


def test_a_listing_may_be_a_rule_that_does_not_speak_for_its_own_id():
    regional = listing("amazon-bedrock", "regional.anthropic.claude-opus-4-8-v1:0")
    assert not covers(regional.matches, regional.upstream_id)
    assert covers(regional.matches, "eu.anthropic.claude-opus-4-8-v1:0")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        DATA[:-40],
        b"{}",
        b"[]",
        b"[1, 2]",
        b'[{"id": "p"}]',
        b'[{"models": []}]',
    ],
)
def test_another_body_is_refused_with_one_sentence(body):
    with pytest.raises(WrongShape) as refusal:
        read(body)
    assert str(refusal.value).startswith("genai-prices gave ")


def test_the_packages_python_says_the_same_as_the_json():
    converted = python_data_to_json((PAYLOADS / "data.py.txt").read_bytes())
    assert json.loads(converted, parse_float=Decimal) == json.loads(DATA, parse_float=Decimal)


def test_converting_keeps_every_digit():
    source = b"providers: list = [Provider(price=Decimal('0.08333333333333334'))]"
    assert python_data_to_json(source) == b'[{"price":0.08333333333333334}]'


@pytest.mark.parametrize(
    "source",
    [
        b"providers: list = [__import__('os').system('true')]",
        b"providers: list = [Provider(id=open('x').read())]",
        b"providers: list = [Provider(price=Decimal('NaN'))]",
        b"providers: list = [Provider(price=Decimal('abc'))]",
        b"providers: list = [Provider(price=1 + 1)]",
        b"providers: list = [Provider(at=datetime.time(1, 2))]",
        b"providers: list = [Provider(**other)]",
        b"providers: list = [*others]",
        b"models: list = []",
        b"",
    ],
)
def test_python_that_is_more_than_plain_data_is_refused(source):
    with pytest.raises(ValueError, match=r"."):
        python_data_to_json(source)


@pytest.mark.parametrize("start", [199_999, 200_000])
def test_xais_band_holds_from_its_threshold_on(start):
    price = {"input_mtok": {"base": 1, "tiers": [{"start": start, "price": 2}]}}
    body = one_model(price).replace(b'"p"', b'"x-ai"')
    band = Terms(band=Band(200_000, "gte"))
    assert rows(listing("xai", "m", body), "input", band) == [("2", None, None)]
