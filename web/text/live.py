"""Live figures in words: the amount, its source and window, and all of it. Pure."""

from decimal import Decimal

from web.format.figures import partial_date
from web.reads.live import LiveFigure

UNMEASURED = "No traffic measured yet"
_WINDOWS = {
    "5m": "5 min",
    "15m": "15 min",
    "30m": "30 min",
    "1h": "1 h",
    "1d": "24 h",
    "": "now",
}
_NAMES = {
    "latency": "to the first token",
    "throughput": "after the first token",
    "uptime": "of requests succeeded",
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


def in_short(figure: LiveFigure | None) -> str:
    """OpenRouter, 30 min"""
    if figure is None:
        return ""
    return f"{figure.source}, {_WINDOWS.get(figure.window, figure.window)}"


def in_full(figure: LiveFigure) -> str:
    """0.817 s to the first token, the median (P50). Vercel, 1 h, as of Nov 30, 2026 14:05 UTC"""
    exact = figure.value * 100 if figure.metric == "uptime" else figure.value
    unit = {"latency": "s", "throughput": "tokens a second", "uptime": "%"}[figure.metric]
    median = ", the median (P50)" if figure.percentile == 50 else ""
    counted = "" if figure.samples is None else f" of {figure.samples:,} requests"
    day, _, time = figure.as_of.partition("T")
    return (
        f"{_digits(exact)} {unit} {_NAMES[figure.metric]}{median}. {in_short(figure)}{counted},"
        f" as of {partial_date(day)} {time.removesuffix('Z')} UTC. {figure.definition}"
    ).strip()


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}"
