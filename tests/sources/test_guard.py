"""What an answer may change unseen, and from where on it waits for an editor."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pricing.rates import StatedRate, stated
from pricing.terms import BASE, Band, Terms
from sources.guard import Difference, EndpointKey, compare

NOW = datetime(2026, 11, 12, tzinfo=UTC)
Catalog = dict[EndpointKey, list[StatedRate]]


def catalog(count: int, amount: str = "1.5", provider: str = "azure") -> Catalog:
    """So many endpoints with one price each."""
    return {(provider, f"m-{n}"): [stated("input", Decimal(amount))] for n in range(count)}


def moved(before: Catalog, count: int, by: str) -> Catalog:
    """The first prices of a catalog times a factor, the others as they are."""
    factor = Decimal(by)
    return {
        key: [stated("input", (rate.amount or 0) * (factor if place < count else 1))]
        for place, (key, (rate,)) in enumerate(before.items())
    }


def without(before: Catalog, count: int) -> Catalog:
    return dict([*before.items()][count:])


def difference(before: Catalog, after: Catalog) -> Difference:
    return compare(before, after, at=NOW)


@pytest.mark.parametrize(
    ("endpoints", "gone", "held"),
    [
        (100, 10, False),
        (100, 11, True),
        (20, 2, False),
        (20, 3, True),
        (19, 2, False),
        (2, 2, True),
    ],
)
def test_more_than_a_tenth_of_the_endpoints_does_not_go_unseen(endpoints, gone, held):
    before = catalog(endpoints)
    reasons = difference(before, without(before, gone)).reasons
    assert bool(reasons) is held
    assert not held or reasons == [f"it lacks {gone} of {endpoints} endpoints"]


@pytest.mark.parametrize(("size", "held"), [(20, False), (21, True)])
def test_a_large_provider_does_not_go_unseen(size, held):
    others, provider = catalog(1000), catalog(size, provider="groq")
    reasons = difference(others | provider, others).reasons
    assert reasons == ([f"it lacks all {size} endpoints of groq"] if held else [])
    assert difference(others | provider, others | without(provider, size - 1)).reasons == []


@pytest.mark.parametrize(
    ("prices", "changed", "held"),
    [(100, 20, False), (100, 21, True), (5, 5, True), (4, 4, False)],
)
def test_more_than_a_fifth_of_the_prices_does_not_change_unseen(prices, changed, held):
    before = catalog(prices)
    after = {
        key: [stated("input", Decimal(place + 2))] if place < changed else rates
        for place, (key, rates) in enumerate(before.items())
    }
    reasons = difference(before, after).reasons
    assert reasons == ([f"{changed} of {prices} prices differ"] if held else [])


@pytest.mark.parametrize(
    ("prices", "alike", "held"), [(100, 5, False), (100, 6, True), (10, 4, False), (99, 5, True)]
)
def test_more_than_a_twentieth_of_the_prices_does_not_move_by_one_factor(prices, alike, held):
    before = catalog(prices)
    found = difference(before, moved(before, alike, "0.001"))
    assert (found.factor, found.alike) == (Decimal("0.001"), alike)
    words = f"{alike} of {prices} prices are 1/1,000 of what they were"
    assert (words in found.reasons) is held


def test_a_twentieth_that_becomes_zero_is_a_factor_too():
    before = catalog(100)
    assert difference(before, moved(before, 6, "0")).reasons == [
        "6 of 100 prices fell to zero or to none"
    ]
    assert difference(before, moved(before, 5, "0")).reasons == []


def test_a_factor_survives_the_rounding_of_amounts():
    before = {("azure", str(n)): [stated("input", Decimal(n) / 7)] for n in range(7, 107)}
    after = {
        key: [stated("input", round((rate.amount or 0) * Decimal("1.0837"), 6))]
        for key, (rate,) in before.items()
    }
    assert "prices are 1.084 × what they were" in "".join(difference(before, after).reasons)


def test_the_order_of_an_answer_and_what_is_new_change_nothing():
    before = catalog(50)
    after = dict(reversed(before.items())) | catalog(200, provider="groq")
    found = difference(before, after)
    assert (found.reasons, len(found.added), found.moves) == ([], 200, [])


def test_a_price_that_is_no_longer_stated_is_a_change_and_a_new_one_is_none():
    before = catalog(100)
    assert difference(before, {key: [] for key in before}).reasons == ["100 of 100 prices differ"]
    more = {key: [*rates, stated("output", Decimal(9))] for key, rates in before.items()}
    assert difference(before, more).moves == []
    unknown = {key: [stated("input", None)] for key in before}
    assert difference(unknown, before).moves == []


def test_terms_that_end_change_no_price_of_those_that_stay():
    batch = Terms(tier="batch")
    before = {
        key: [*rates, stated("input", Decimal(1), terms=batch)]
        for key, rates in catalog(100).items()
    }
    assert difference(before, catalog(100)).moves == []


def test_an_announced_price_that_begins_is_no_change():
    yesterday = NOW - timedelta(days=1)
    dated = [
        stated("input", Decimal(2), valid_to=yesterday),
        stated("input", Decimal(4), valid_from=yesterday),
    ]
    before = {("deepseek", f"m-{n}"): dated for n in range(50)}
    assert difference(before, before).moves == []
    settled = {key: [stated("input", Decimal(4))] for key in before}
    assert difference(before, settled).moves == []


def test_terms_and_currencies_are_told_apart():
    long = Terms(band=Band(200_000))
    before = {
        ("azure", "m"): [stated("input", Decimal(1)), stated("input", Decimal(2), terms=long)]
    }
    after = {
        ("azure", "m"): [
            StatedRate("input", Decimal(1), currency="EUR"),
            stated("input", Decimal(4), terms=long),
        ]
    }
    first, second = difference(before, after).moves
    assert (first.terms, first.factor) == (BASE, None)
    assert (second.terms, second.factor) == (long, 2)


def test_a_difference_is_kept_as_counts_and_samples():
    before = catalog(300) | catalog(30, provider="groq")
    found = difference(before, moved(catalog(300), 300, "0.001")).to_json()
    assert (found["endpoints"], found["removed"], found["changed"]) == (330, 30, 300)
    assert (found["factor"], found["alike"]) == ("0.001", 300)
    assert (len(found["samples"]), len(found["removed_samples"])) == (50, 30)
    assert found["samples"][0] == {
        "provider": "azure",
        "id": "m-0",
        "meter": "input",
        "terms": {},
        "before": {"state": "priced", "amount": "1.5"},
        "after": {"state": "priced", "amount": "0.0015"},
    }
    assert found["providers"]["groq"] == {
        "endpoints": 30,
        "removed": 30,
        "added": 0,
        "prices": 0,
        "changed": 0,
        "facts": 0,
    }
