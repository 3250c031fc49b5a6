"""Live figures in words: the amount, its source and window, and all of it. Pure."""

from decimal import Decimal
from functools import lru_cache

from telemetry.origins import LEAST_SAMPLES
from web.format.figures import partial_date
from web.reads.live import LiveFigure, Measurement, TooFew

UNMEASURED = "No traffic measured yet"
NOT_ENOUGH = "not enough traffic"
# The same in a cell, on one line as wide as a trend.
FEW = "few calls"
_WINDOWS = {
    "5m": "5 min",
    "15m": "15 min",
    "30m": "30 min",
    "1h": "1 h",
    "1d": "24 h",
    "": "now",
}
_UNITS = {
    "latency": "s to the first token",
    "throughput": "tokens a second after the first token",
    "uptime": "% of requests succeeded",
}


def amount(figure: LiveFigure) -> str:
    """0.82 s, 93 tps, 99.97 %; never rounded up to 100 %, nor down to nothing."""
    return amount_of(figure.metric, figure.value)


def amount_of(metric: str, value: Decimal | float) -> str:
    if metric == "uptime":
        percent = value * 100
        shown = f"{percent:.2f}"
        if shown == "100.00" and percent < 100:
            shown = "99.99"
        return f"{shown.removesuffix('.00')} %"
    if metric == "throughput":
        return f"{value:,.0f} tps" if value >= 10 else f"{value:.1f} tps"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def in_short(measurement: Measurement | None) -> str:
    """OpenRouter, 30 min"""
    return "" if measurement is None else _taken(measurement.source, measurement.window)


@lru_cache
def _taken(source: str, window: str) -> str:
    return f"{source}, {window_in_words(window)}"


def window_in_words(window: str) -> str:
    return _WINDOWS.get(window, window)


def in_full(measurement: Measurement) -> str:
    """0.817 s to the first token, the median (P50). Vercel, 1 h, as of Nov 30, 2026 14:05 UTC"""
    if isinstance(measurement, TooFew):
        return too_few(measurement)
    figure, metric = measurement, measurement.metric
    median = ", the median (P50)" if figure.percentile == 50 else ""
    tail = "" if figure.p95 is None else f"; P95 {_amount(metric, figure.p95)}"
    bucket = "" if figure.low is None else _bucket(metric, figure.low, figure.high)
    samples = figure.samples
    counted = "" if samples is None else f" of {_requests(samples)}"
    definition = f" {figure.definition}" if figure.definition else ""
    taken = _taken(figure.source, figure.window)
    return (
        f"{_exact(metric, figure.value)}{median}{tail}{bucket}. {taken}"
        f"{counted}, as of {_instant(figure.as_of)}.{definition}"
    )


# Figures have three digits, so that the same ones come again and again.
_amount = lru_cache(maxsize=16384)(amount_of)


@lru_cache(maxsize=16384)
def _exact(metric: str, value: Decimal) -> str:
    exact = value * 100 if metric == "uptime" else value
    return f"{exact.normalize():f} {_UNITS[metric]}"


def _bucket(metric: str, low: Decimal, high: Decimal | None) -> str:
    """Between which bounds a median lies that comes out of a histogram's buckets."""
    above = amount_of(metric, low)
    if high is None:
        return f"; out of buckets, above {above}"
    return f"; out of buckets, between {above} and {amount_of(metric, high)}"


def too_few(measured: TooFew) -> str:
    """Not enough traffic: 3 requests in 1 h, of 5 that it takes. Own traffic, newest Dec 1, …"""
    return (
        f"{NOT_ENOUGH.capitalize()}: {_requests(measured.samples)} in"
        f" {window_in_words(measured.window)}, of {LEAST_SAMPLES} that it takes."
        f" {measured.source}, newest {_instant(measured.as_of)}."
    )


def _requests(count: int) -> str:
    return f"{count:,} request{'' if count == 1 else 's'}"


@lru_cache
def _instant(iso: str) -> str:
    day, _, time = iso.partition("T")
    return f"{partial_date(day)} {time.removesuffix('Z')} UTC"
