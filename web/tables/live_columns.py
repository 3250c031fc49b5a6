"""The columns of how endpoints perform, in every table of endpoints."""

from collections.abc import Callable

from web.format.figures import plain
from web.reads.endpoints import EndpointRecord
from web.reads.live import METRICS, LiveFigure, Measurement, value_of
from web.tables.comparison_rows import measured
from web.tables.endpoint_cells import LiveCell
from web.tables.endpoint_column import EndpointColumn
from web.text.live import in_short

# What each means, beside its heading and below the table.
MEANINGS = {
    "latency": "Seconds from sending a request to the first token of any kind, reasoning included: "
    "the median (P50); each cell states its source and window. Lower is better.",
    "throughput": "Output tokens a second, reasoning included, over the time after the first "
    "token: the median (P50); each cell states its source and window. Higher is better.",
    "uptime": "Requests that succeeded, of those that succeeded or failed by the provider’s fault. "
    "Errors of the caller and rate limits are not counted.",
}


def _column(metric: str) -> EndpointColumn:
    def cell(endpoint: EndpointRecord) -> LiveCell:
        return LiveCell(metric, endpoint.figure(metric), endpoint.id)

    return EndpointColumn(
        metric,
        metric.capitalize(),
        cell=cell,
        served=cell,
        sort_key=lambda endpoint: value_of(endpoint.figure(metric)),
        descending=metric != "latency",
        numeric=True,
        meaning=MEANINGS[metric],
        group="Live",
        compared=measured(metric, "" if metric == "uptime" else "p50"),
        csv=tuple((name, _of_endpoint(metric, write)) for name, write in csv_cells(metric)),
    )


FigureCell = Callable[[Measurement | None], str]


def _of_endpoint(metric: str, write: FigureCell) -> Callable[[EndpointRecord], str]:
    return lambda endpoint: write(endpoint.figure(metric))


def csv_cells(metric: str) -> tuple[tuple[str, FigureCell], ...]:
    """The columns of a metric in files, each with its cell of a figure."""
    return (
        (metric, _plain),
        (f"{metric}_source", in_short),
        (f"{metric}_samples", _samples),
        (f"{metric}_as_of", lambda measurement: measurement.as_of if measurement else ""),
    )


def _plain(measurement: Measurement | None) -> str:
    return plain(measurement.value) if isinstance(measurement, LiveFigure) else ""


def _samples(measurement: Measurement | None) -> str:
    return "" if measurement is None or measurement.samples is None else str(measurement.samples)


LIVE_COLUMNS = tuple(map(_column, METRICS))
