"""The live figures of some endpoints."""

from collections.abc import Sequence
from typing import Any

from catalog.sql import rows
from web.reads.live import Measurement, live_figures

_ROWS = """
SELECT endpoint_id, latency, throughput, uptime, details FROM telemetry_liverow
WHERE endpoint_id = ANY(%(ids)s)
"""


def live_of(endpoint_ids: Sequence[int]) -> dict[int, dict[str, Measurement | None]]:
    """By endpoint and metric; an endpoint without any figure is left out."""
    stated: list[dict[str, Any]] = rows(dict, _ROWS, ids=list(endpoint_ids))
    return {row.pop("endpoint_id"): live_figures(row, row.pop("details")) for row in stated}
