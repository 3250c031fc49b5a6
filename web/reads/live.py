"""Live figures as pages show them: one source's, with its window, percentile and samples. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

METRICS = ("latency", "throughput", "uptime")


@dataclass(frozen=True, slots=True)
class LiveFigure:
    """`value` is seconds (latency), tokens a second (throughput) or a ratio (uptime).

    `percentile` is None for a ratio, `window` "" for a current value, `samples` None where the
    source states none. `as_of` is an instant in ISO 8601, UTC.
    """

    metric: str
    value: Decimal
    source: str
    window: str
    percentile: int | None
    samples: int | None
    as_of: str
    definition: str = ""


def live_figures(
    values: Mapping[str, Decimal | None], details: str | None
) -> dict[str, LiveFigure | None]:
    """The figures of a row of telemetry_liverow, by metric; None where there is none.

    `details` is JSON, as the driver gives it.
    """
    figures: dict[str, LiveFigure | None] = {}
    all_stated: dict[str, dict[str, Any]] = json.loads(details) if details else {}
    for metric in METRICS:
        value, stated = values[metric], all_stated.get(metric)
        figures[metric] = None
        if value is not None and stated:
            figures[metric] = LiveFigure(metric, value.normalize(), **stated)
    return figures
