"""Live figures in words: rounded without a lie."""

from decimal import Decimal

import pytest

from web.reads.live import LiveFigure
from web.text.live import amount, in_full, in_short


def figure(metric, value, **more):
    stated = {"source": "Vercel", "window": "1h", "percentile": 50, "samples": None}
    return LiveFigure(metric, Decimal(value), **{**stated, "as_of": "2026-11-30T14:05Z", **more})


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("latency", "0.8172", "0.82 s"),
        ("latency", "12.04", "12.0 s"),
        ("throughput", "93.5", "94 tps"),
        ("throughput", "3.42", "3.4 tps"),
        ("uptime", "1", "100 %"),
        ("uptime", "0.99997", "99.99 %"),
        ("uptime", "0.5", "50 %"),
        ("uptime", "0", "0 %"),
    ],
)
def test_amounts(metric, value, text):
    assert amount(figure(metric, value)) == text


def test_the_whole_figure_names_source_window_samples_and_time():
    told = in_full(figure("latency", "0.8172", samples=1234, definition="Its own words."))
    assert told == (
        "0.8172 s to the first token, the median (P50). Vercel, 1 h of 1,234 requests,"
        " as of Nov 30, 2026 14:05 UTC. Its own words."
    )
    assert in_short(figure("uptime", "1", window="")) == "Vercel, now"


def test_a_median_of_buckets_states_the_bounds_of_its_bucket():
    told = in_full(figure("latency", "0.8", low=Decimal("0.5"), high=Decimal(1)))
    assert "the median (P50); out of buckets, between 0.50 s and 1.00 s. Vercel" in told
    told = in_full(figure("latency", "12", low=Decimal(10)))
    assert "; out of buckets, above 10.0 s." in told
