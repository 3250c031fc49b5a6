"""Histograms beside sorted lists of the same values."""

from contextlib import suppress
from math import ceil, log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.histograms import Histogram, at_scale_6, bucket, estimate

BOUND = 0.00542
VALUES = st.floats(min_value=-3, max_value=5).map(lambda power: 10**power)
LISTS = st.lists(VALUES, min_size=1, max_size=300)


def nearest_rank(values: list[float], percent: int) -> float:
    return sorted(values)[max(1, -(-len(values) * percent // 100)) - 1]


@given(LISTS, st.integers(0, 100))
def test_a_quantile_is_the_nearest_rank_within_the_bound(values, percent):
    quantile = Histogram.of(values).quantile(percent)
    assert quantile == pytest.approx(nearest_rank(values, percent), rel=BOUND)


@given(LISTS)
def test_several_quantiles_are_each_as_alone(values):
    histogram = Histogram.of(values)
    assert histogram.quantiles(5, 50, 95) == [histogram.quantile(each) for each in (5, 50, 95)]
    assert histogram.samples == len(values)


@given(st.lists(LISTS, min_size=2, max_size=6), st.randoms())
def test_any_order_of_merging_gives_the_same_bytes(lists, random):
    whole = Histogram.of(value for values in lists for value in values)
    random.shuffle(lists)
    merged = Histogram()
    for values in lists:
        merged.merge(Histogram.from_bytes(Histogram.of(values).to_bytes()))
    assert merged.to_bytes() == whole.to_bytes()


@given(
    st.dictionaries(st.integers(-2000, 2000), st.integers(1, 2**63), max_size=50),
)
def test_bytes_are_read_as_they_were_written(counts):
    packed = Histogram(counts).to_bytes()
    assert Histogram.from_bytes(packed) == Histogram(counts)
    assert Histogram.from_bytes(memoryview(packed)).to_bytes() == packed


@given(LISTS, st.integers(7, 20))
def test_a_finer_histogram_becomes_the_one_of_the_values(values, scale):
    fine = [(int(bucket_at(value, scale)), 1) for value in values]
    whole, own = at_scale_6(fine, scale), Histogram.of(values)
    # A value within an ulp of a bound may be on either side of it.
    assert abs(sum(whole.counts) - sum(own.counts)) <= len(values)
    assert whole.quantile(50) == pytest.approx(nearest_rank(values, 50), rel=BOUND * 1.01)


@given(LISTS, st.integers(0, 5))
@settings(max_examples=60)
def test_a_coarser_histogram_keeps_its_own_error(values, scale):
    base = 2 ** (2.0**-scale)
    coarse = at_scale_6([(int(bucket_at(value, scale)), 1) for value in values], scale)
    bound = (base - 1) / (base + 1) + 0.012
    assert coarse.samples == len(values)
    for percent in (50, 95):
        assert coarse.quantile(percent) == pytest.approx(nearest_rank(values, percent), rel=bound)


def bucket_at(value: float, scale: int) -> int:

    return ceil(log2(value) * 2**scale) - 1


def test_the_bound_holds_at_both_ends_of_a_bucket():
    for index in (-700, -1, 0, 1, 64, 900):
        low, high = 2 ** (index / 64), 2 ** ((index + 1) / 64)
        assert bucket(high * 0.999999) == index
        assert abs(estimate(index) / low - 1) <= BOUND
        assert abs(estimate(index) / high - 1) <= BOUND


def test_nothing_is_a_histogram_without_quantiles():
    assert Histogram.from_bytes(None).quantiles(50, 95) == [None, None]
    assert Histogram().to_bytes() == b""
    assert not Histogram.from_bytes(b"")


@pytest.mark.parametrize(
    "broken", [b"\x01", b"\x03\x00\x00\x01\x00\x01", b"\x01" * 9, b"\xff" * 9, b"\0\0"]
)
def test_other_bytes_are_refused(broken):
    with pytest.raises(ValueError, match="no histogram"):
        Histogram.from_bytes(broken)


def test_deflated_bytes_that_are_cut_or_changed_are_refused_or_read_as_others():
    packed = Histogram({index: 300 + index % 7 for index in range(200)}).to_bytes()
    for cut in range(1, len(packed)):
        with pytest.raises(ValueError, match="no histogram"):
            Histogram.from_bytes(packed[:cut])
    for place in range(len(packed)):
        changed = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
        with suppress(ValueError):
            Histogram.from_bytes(changed)


def test_a_histogram_is_small():
    spread = Histogram.of(10 ** (number / 5000 - 1) for number in range(5000))
    assert len(spread.to_bytes()) < 1.1 * len(spread.counts)
    chance = Random(26)
    for calls, most in ((5, 15), (1200, 200), (14_400, 400), (345_600, 600)):
        usual = Histogram.of(chance.lognormvariate(0, 0.6) for _ in range(calls))
        assert len(usual.to_bytes()) < most


def test_bytes_that_are_not_deflated_are_read():
    """As all were written at first, and as short ones are."""
    packed = bytes.fromhex("01bfff03007f7f010201")
    assert Histogram.from_bytes(packed).counts == {-65: 1, 63: 2, 191: 1}
