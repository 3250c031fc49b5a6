from decimal import Decimal

import pytest

from pricing.meters import HEADLINE, METERS, amount_per_unit, meter


@pytest.mark.parametrize(
    ("slug", "unit", "per", "short"),
    [
        ("input", "token", 1_000_000, "/M"),
        ("cache_write_1h", "token", 1_000_000, "/M"),
        ("web_search", "call", 1000, "/K"),
        ("input_character", "character", 1_000_000, "/M characters"),
        ("query", "query", 1000, "/K queries"),
        ("image", "image", 1, "/image"),
        ("video_second", "second", 1, "/second"),
    ],
)
def test_a_meter_owns_its_unit_and_how_many_a_price_buys(slug, unit, per, short):
    assert (meter(slug).unit, meter(slug).per, meter(slug).short_unit) == (unit, per, short)


def test_a_meter_that_nobody_described_is_counted_singly_under_its_own_name():
    found = meter("gpu_hour")
    assert (found.slug, found.name, found.unit, found.per) == (
        "gpu_hour",
        "Gpu hour",
        "gpu hour",
        1,
    )


def test_no_two_meters_look_alike_and_each_is_per_something():
    assert len({(one.name, one.unit) for one in METERS.values()}) == len(METERS)
    assert all(one.per > 0 and one.unit and len(slug) <= 40 for slug, one in METERS.items())


def test_the_headline_meters_are_known():
    assert set(HEADLINE) <= METERS.keys()


def test_an_amount_for_another_number_of_units_is_turned_into_the_meters_own():
    assert amount_per_unit(Decimal("0.0011"), "input", 1000) == Decimal("1.1")
    assert amount_per_unit(Decimal("10"), "web_search", 1000) == 10
    assert amount_per_unit(Decimal("0.5"), "image", 1) == Decimal("0.5")
    assert amount_per_unit(None, "input", 1) is None
