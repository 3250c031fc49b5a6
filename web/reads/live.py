"""Live figures as pages show them: one source's, with its window, percentile and samples. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Raw, Struct
from msgspec.json import Decoder
from msgspec.structs import astuple

METRICS = ("latency", "throughput", "uptime")


# Structs, not dataclasses: a list makes 150 of them anew each minute, three times as fast. They are
# in no cycles.
class LiveFigure(Struct, frozen=True, gc=False):
    """`value` is seconds (latency), tokens a second (throughput) or a ratio (uptime).

    `percentile` is None for a ratio, `window` "" for a current value, `samples` None where the
    source states none. `as_of` is an instant in ISO 8601, UTC. `trend` is a list in JSON: the
    last 24 hours, oldest first, of what is measured here. `origin` is where its calls come from, ""
    for what a source states. `low` and `high` are the bounds of the bucket that a median of buckets
    lies in.
    `beside` is the same value where it is made up, and is shown beside real ones.
    """

    metric: str
    value: Decimal
    source: str
    window: str
    percentile: int | None
    samples: int | None
    as_of: str
    definition: str = ""
    p95: Decimal | None = None
    origin: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    beside: Decimal | None = None
    trend: bytes = b""


class TooFew(Struct, frozen=True, gc=False):
    """Fewer samples than a figure takes; `as_of` is when the newest call was."""

    metric: str
    source: str
    window: str
    samples: int
    as_of: str


Measurement = LiveFigure | TooFew
_NO_TREND = Raw(b"")


class _Details(Struct, gc=False):
    """What JSON holds of a figure: the fields of LiveFigure but its metric and value."""

    source: str
    window: str
    percentile: int | None
    samples: int | None
    as_of: str
    definition: str = ""
    p95: Decimal | None = None
    origin: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    beside: Decimal | None = None
    trend: Raw = _NO_TREND


class _DetailsByMetric(Struct, gc=False):
    latency: _Details | None = None
    throughput: _Details | None = None
    uptime: _Details | None = None


_details = Decoder(_Details).decode
_details_by_metric = Decoder(_DetailsByMetric).decode


def value_of(measurement: Measurement | None) -> Decimal | None:
    """What tables sort by: a figure that is made up and beside real ones counts as unknown."""
    if not isinstance(measurement, LiveFigure) or measurement.beside is not None:
        return None
    return measurement.value


def live_figures(
    values: Mapping[str, Decimal | None], details: str | None
) -> dict[str, Measurement | None]:
    """The figures of a row of telemetry_liverow, by metric; None where there is none.

    `details` is JSON, as the driver gives it.
    """
    if not details:
        return dict.fromkeys(METRICS)
    stated = _details_by_metric(details)
    return {
        "latency": _measurement("latency", values["latency"], stated.latency),
        "throughput": _measurement("throughput", values["throughput"], stated.throughput),
        "uptime": _measurement("uptime", values["uptime"], stated.uptime),
    }


def measurement(metric: str, value: Decimal | None, details: str) -> Measurement | None:
    """A figure with its details, as `telemetry.live` states them; of too few samples, without."""
    return _measurement(metric, value, _details(details))


def _measurement(metric: str, value: Decimal | None, stated: _Details | None) -> Measurement | None:
    if stated is None:
        return None
    value = stated.beside if value is None else value
    if value is None:
        return TooFew(metric, stated.source, stated.window, stated.samples or 0, stated.as_of)
    fields: list[Any] = [metric, value.normalize(), *astuple(stated)]
    fields[-1] = bytes(stated.trend)
    return LiveFigure(*fields)
