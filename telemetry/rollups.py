"""Merge sums into the rows of slots, hours and days."""

from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

from telemetry.histograms import Histogram
from telemetry.sums import DAY, HOUR, SLOT, Sums

TABLES = {SLOT: "telemetry_slot", HOUR: "telemetry_hour", DAY: "telemetry_day"}
# Rows of one statement.
_MOST_AT_ONCE = 5000
_COUNTS = ("succeeded", "failed", "refused", "input_tokens", "output_tokens")
# Of a metric: samples are added up, the rest comes out of merged histograms.
_OF_A_METRIC = {"samples": "bigint", "p50": "real", "p95": "real", "histogram": "bytea"}
_UNPLACED = {"latency_unplaced": "bigint", "latency_unplaced_sum": "float8"}

_OLD = """
SELECT series_id, extract(epoch FROM start)::bigint, latency_samples, latency_histogram,
       throughput_samples, throughput_histogram
FROM {table} JOIN unnest(%s::bigint[], %s::bigint[]) AS wanted (series_id, second)
    USING (series_id) WHERE start = to_timestamp(second)
"""
_TYPES = {
    "series_id": "bigint",
    "second": "bigint",
    **dict.fromkeys(_COUNTS, "bigint"),
    **{
        f"{metric}_{name}": type_
        for metric in ("latency", "throughput")
        for name, type_ in _OF_A_METRIC.items()
    },
    **_UNPLACED,
}
_KEPT = [name for name in _TYPES if name not in ("series_id", "second")]
_ADDED_UP = {*_COUNTS, "latency_samples", "throughput_samples", *_UNPLACED}
# A histogram that retention has dropped leaves its quantiles as they were.
_SETS = ", ".join(
    f"{name} = coalesce({f'old.{name} + ' if name in _ADDED_UP else ''}excluded.{name},"
    f" old.{name}, excluded.{name})"
    for name in _KEPT
)
_UPSERT = f"""
INSERT INTO {{table}} AS old (series_id, start, {", ".join(_KEPT)})
SELECT series_id, to_timestamp(second), {", ".join(_KEPT)}
FROM unnest({", ".join(f"%s::{type_}[]" for type_ in _TYPES.values())})
    AS new ({", ".join(_TYPES)})
ORDER BY 1, 2
ON CONFLICT (series_id, start) DO UPDATE SET {_SETS}
"""  # noqa: S608 - put together from fixed words alone

_NOTHING: tuple[int, bytes | None] = (0, None)


def merge_into(cursor: CursorWrapper, seconds: int, sums: Mapping[tuple[int, int], Sums]) -> None:
    """Add sums by series and first second to the table of this step.

    Callers hold the lock of the fold: a row that two inserted at once would lose one's histogram.
    """
    wanted = sorted(sums)
    for first in range(0, len(wanted), _MOST_AT_ONCE):
        keys = wanted[first : first + _MOST_AT_ONCE]
        _merge_some(cursor, TABLES[seconds], {key: sums[key] for key in keys})


def _merge_some(cursor: CursorWrapper, table: str, sums: Mapping[tuple[int, int], Sums]) -> None:
    series, starts = zip(*sums, strict=True)
    cursor.execute(_OLD.format(table=table), [list(series), list(starts)])
    old = {(row[0], row[1]): (row[2:4], row[4:6]) for row in cursor.fetchall()}
    rows = []
    for key, own in sums.items():
        latency, throughput = old.get(key, (_NOTHING, _NOTHING))
        if _is_gone(*latency):
            own.latency.unplace()
        rows.append(
            (
                *key,
                *own.outcomes,
                own.input_tokens,
                own.output_tokens,
                *_merged(own.latency.histogram, *latency),
                *_merged(own.throughput.histogram, *throughput),
                own.latency.unplaced or None,
                own.latency.unplaced_sum if own.latency.unplaced else None,
            )
        )
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor.execute(_UPSERT.format(table=table), columns)


def _merged(new: Histogram, old_samples: int, packed: bytes | None) -> tuple[object, ...]:
    """Of a metric: new samples, and the quantiles and histogram of all.

    Where the old histogram is gone, new values are no samples.
    """
    if not new or _is_gone(old_samples, packed):
        return 0, None, None, None
    histogram = new
    if packed:
        histogram = Histogram.from_bytes(packed)
        histogram.merge(new)
    return new.samples, *histogram.quantiles(50, 95), histogram.to_bytes()


def _is_gone(samples: int, histogram: bytes | None) -> bool:
    return bool(samples) and not histogram
