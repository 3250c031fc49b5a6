"""Estimates of quantiles, and the bounds of the buckets that hold them."""

import math
import random

import pytest

from telemetry.prometheus.buckets import Quantile, classic, inverted, merged, quantile, total

LE = {0.25: 30.0, 0.5: 30.0, 1.0: 80.0, 2.0: 95.0, math.inf: 100.0}


@pytest.mark.parametrize(
    ("share", "estimate"),
    [
        (0.1, Quantile(pytest.approx(0.25 / 3), 0, 0.25)),
        (0.3, Quantile(0.25, 0, 0.25)),
        (0.31, Quantile(pytest.approx(0.51), 0.5, 1)),
        (0.5, Quantile(pytest.approx(0.7), 0.5, 1)),
        (0.95, Quantile(2, 1, 2)),
        (0.96, Quantile(2, 2, None)),
    ],
)
def test_the_estimate_lies_in_the_bucket_of_its_rank(share, estimate):
    assert quantile(classic(LE), share) == estimate


def test_no_observations_give_no_estimate():
    assert quantile([], 0.5) is None
    assert quantile(classic({0.5: 0.0, math.inf: 0.0}), 0.5) is None


def test_counts_that_fall_by_their_extrapolation_never_make_a_bucket_negative():
    buckets = classic({0.5: 10.0, 1.0: 9.999, math.inf: 10.001})
    assert all(count >= 0 for _, _, count in buckets)
    assert total(buckets) == pytest.approx(10.001)


def test_seconds_a_token_become_tokens_a_second_with_open_ends():
    rates = inverted(classic({0.01: 6.0, 0.05: 9.0, math.inf: 10.0}))
    assert quantile(rates, 0.5) == Quantile(100, 100, None)  # at least 100
    assert quantile(rates, 0.3) == Quantile(pytest.approx(20 + 80 * 2 / 3), 20, 100)
    assert quantile(rates, 0.05) == Quantile(pytest.approx(10), 0, 20)


def test_the_true_median_is_always_within_the_bounds():
    random.seed(15)
    bounds = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, math.inf)
    for _ in range(200):
        values = sorted(random.lognormvariate(-0.5, 1) for _ in range(random.randint(1, 300)))
        found = quantile(
            classic({bound: float(sum(v <= bound for v in values)) for bound in bounds}), 0.5
        )
        true = values[math.ceil(len(values) / 2) - 1]
        assert found.low <= true <= (found.high or math.inf)


def test_histograms_add_up_by_bucket():
    first, second = classic({1.0: 2.0, 2.0: 5.0}), classic({1.0: 1.0, 2.0: 1.0})
    assert merged((first, second)) == [(0, 1, 3), (1, 2, 3)]
