import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from pricing.terms import Band, Terms
from sources.base import Answer, Parsed, WrongShape
from sources.upstreams.model_prices.read import ModelPrices

AS_OF = datetime(2026, 10, 26, tzinfo=UTC)
CUT = "2026-08-21T00:00:00Z"


def interval(start: str | None, valid_from: str, **rates: Any) -> dict[str, Any]:
    fixed = {"source": "https://example.org", "valid_from_basis": "documented"}
    return {"start": start, "rates": {**fixed, "valid_from": valid_from, **rates}}


SOL = {
    "standard": [
        interval(None, "2026-07-09T18:00:00Z", input=5.0, output=30.0, cache_read=0.5),
        interval(CUT, CUT, input=4.0, output=20.0, cache_read=0.5)
        | {"recorded": {"input": 5.0, "output": 30.0}},
        interval("2026-08-25T00:00:00Z", "2026-08-25T00:00:00Z", input=4.0, output=20.0),
    ],
    "batch": [interval(None, CUT, input=2.0, output=10.0)],
}


def snapshot(prices: Any, **more: Any) -> bytes:
    return json.dumps({"schema": 1, "prices": prices, **more}).encode()


def parse(prices: Any, **more: Any) -> Parsed:
    return ModelPrices().parse(Answer(AS_OF, {"": snapshot(prices, **more)}))


def series(parsed: Parsed, meter: str, **terms: Any) -> list[tuple[str, str, str]]:
    (listing,) = parsed.listings
    return [
        (
            str(rate.amount),
            rate.valid_from.date().isoformat() if rate.valid_from else "",
            rate.valid_to.date().isoformat() if rate.valid_to else "",
        )
        for rate in listing.rates
        if rate.meter == meter and rate.terms == Terms(**terms)
    ]


def test_prices_have_dates_and_equal_intervals_are_one() -> None:
    parsed = parse({"openai": {"gpt-5.6-sol": SOL}})
    assert series(parsed, "input") == [("5", "2026-07-09", "2026-08-21"), ("4", "2026-08-21", "")]
    assert series(parsed, "cache_read") == [("0.5", "2026-07-09", "2026-08-25")]


def test_a_first_price_that_was_recorded_after_its_end_is_left_out() -> None:
    late = interval(None, "2026-09-01T00:00:00Z", input=5.0, output=30.0)
    cut = interval(CUT, CUT, input=4.0, output=20.0)
    parsed = parse({"openai": {"gpt-5.6-sol": {"standard": [late, cut]}}})
    assert series(parsed, "input") == [("4", "2026-08-21", "")]


def test_multiples_of_a_price_are_counted_and_no_prices() -> None:
    parsed = parse({"openai": {"gpt-5.6-sol": SOL}})
    assert {rate.terms.tier for rate in parsed.listings[0].rates} == {""}
    assert parsed.not_expressed == {"mode batch": 1}
    writes = interval(None, CUT, input=1.0, output=2.0, cache_write_1h_multiple=2.0)
    parsed = parse({"anthropic": {"claude": {"standard": [writes]}}})
    assert {rate.meter for rate in parsed.listings[0].rates} == {"input", "output"}
    assert parsed.not_expressed == {"multiple: longer cache writes": 1}


def test_a_tier_is_a_band_past_its_size() -> None:
    tier = {"above": 272000, "input": 5.0, "output": 22.5}
    card = interval(None, CUT, input=2.5, output=15.0, tiers=[tier])
    parsed = parse({"openai": {"gpt-5.4": {"standard": [card]}}})
    assert series(parsed, "input", band=Band(272_000)) == [("5", "2026-08-21", "")]


def test_a_zero_and_a_price_of_sound_or_images_state_nothing() -> None:
    free = {"standard": [interval(None, CUT, input=0.0, output=0.0)]}
    image = {"standard": [interval(None, CUT, input=2.0, output=120.0)]}
    parsed = parse({"google": {"gemma-4": free, "gemini-3-pro-image": image}})
    assert [listing.rates for listing in parsed.listings] == [(), ()]
    assert parsed.not_expressed == {"price of zero": 2, "price of an uncertain modality": 1}


def test_prices_with_hours_are_not_given_as_prices_of_the_whole_day() -> None:
    card = {"standard": [interval(None, CUT, input=0.5, output=1.0)]}
    rules = [
        {"provider": "deepseek", "peak_multiplier": 2.0},
        {"provider": "alibaba", "off_peak_multiplier": {"resold": 0.5}},
        {"provider": "zai", "peak_multiplier": 2.0, "valid_until": CUT},
    ]
    parsed = parse(
        {"deepseek": {"a": card}, "alibaba": {"resold": card, "own": card}, "zai": {"z": card}},
        schedules={"schedule": rules},
    )
    priced = {listing.upstream_id for listing in parsed.listings if listing.rates}
    assert priced == {"own", "z"}
    assert parsed.not_expressed == {"prices with hours": 2}


def test_an_id_that_is_gone_is_left_out_and_a_deprecated_one_is_so() -> None:
    card = {"standard": [interval(None, CUT, input=0.5, output=1.0)]}
    parsed = parse(
        {"openai": {"old": card, "older": card}},
        status={"openai": {"old": "deprecated", "older": "removed"}},
    )
    (listing,) = parsed.listings
    assert (listing.upstream_id, listing.facts) == ("old", {"lifecycle": "deprecated"})
    assert parsed.not_expressed == {"id that models.dev lists no longer": 1}


def test_a_price_that_was_read_on_a_page_has_its_evidence() -> None:
    read = interval(None, CUT, input=0.5, output=1.0)
    copied = interval(None, CUT, input=0.5, output=1.0)
    copied["rates"]["valid_from_basis"] = "models.dev commit"
    parsed = parse({"openai": {"a": {"standard": [read]}, "b": {"standard": [copied]}}})
    page = ("https://example.org", "2026-10-26")
    assert [listing.evidence for listing in parsed.listings] == [
        {"rate.input": page, "rate.output": page},
        {},
    ]


def test_a_dated_id_states_the_date_of_its_snapshot() -> None:
    card = {"standard": [interval(None, CUT, input=0.5, output=1.0)]}
    (listing,) = parse({"alibaba": {"qwen3.7-max-2026-05-20": card}}).listings
    assert listing.facts == {"released": "2026-05-20"}


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"schema": 2, "prices": {}}', snapshot({})])
def test_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(WrongShape):
        ModelPrices().parse(Answer(AS_OF, {"": body}))


class Pages:
    def __init__(self, **pages: bytes) -> None:
        self.pages = pages

    def get(self, path: str = "") -> bytes:
        return self.pages[path.partition(".")[0][:6] if path else "latest"]

    def get_each(self, paths: Any) -> dict[str, bytes]:
        raise NotImplementedError


def latest(name: str) -> bytes:
    return json.dumps({"sha256": name, "published_at": "2026-10-27T02:00:00Z"}).encode()


def test_the_snapshot_that_the_address_names_is_fetched_and_checked() -> None:
    body = snapshot({"openai": {"gpt-5.6-sol": SOL}})
    name = sha256(body).hexdigest()
    pages = Pages(latest=latest(name), **{name[:6]: body})
    answer = ModelPrices().fetch(pages, now=datetime(2026, 11, 30, tzinfo=UTC))
    assert answer.as_of == datetime(2026, 10, 27, 2, tzinfo=UTC)
    assert ModelPrices().parse(answer).listings
    with pytest.raises(WrongShape, match="another checksum"):
        ModelPrices().fetch(Pages(latest=latest(name), **{name[:6]: body + b" "}), now=AS_OF)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"sha256": "../x", "published_at": "2026-10-27"}'])
def test_a_page_that_names_no_snapshot_is_refused(body: bytes) -> None:
    with pytest.raises(WrongShape, match="no name of a snapshot"):
        ModelPrices().fetch(Pages(latest=body), now=AS_OF)
