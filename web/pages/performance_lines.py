"""The points of a line: the steps of an endpoint's series, those of several together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from telemetry.histograms import Histogram
from web.charts.live_lines import LivePoint
from web.params.charts import ENOUGH, ChartQuery
from web.reads.performance import (
    ChartWindow,
    SeriesPoints,
    SeriesSamples,
    histograms_of_window,
    samples_of_series,
)


def lines_of_series(
    series: Sequence[SeriesPoints], query: ChartQuery, now: datetime
) -> tuple[list[SeriesPoints], bool]:
    """One line an endpoint with calls, in the order of its first series.

    Also whether a point of several series is of the one with most samples alone, since their
    histograms are gone.
    """
    by_endpoint: dict[int, list[SeriesPoints]] = defaultdict(list)
    for one in series:
        if one.starts:
            by_endpoint[one.endpoint_id].append(one)
    several = [one.series_id for own in by_endpoint.values() if len(own) > 1 for one in own]
    samples: dict[int, list[SeriesSamples]] = defaultdict(list)
    if several:
        for sample in samples_of_series(several, series[0].origin, query, now):
            samples[sample.series_id].append(sample)
    lines, partly = [], False
    for own in by_endpoint.values():
        line = own[0]
        if len(own) > 1:
            parts = [sample for one in own for sample in samples[one.series_id]]
            line, gone = _together(own, parts, query.percentile)
            partly |= gone
        lines.append(line)
    return lines, partly


def _together(
    own: Sequence[SeriesPoints], samples: Iterable[SeriesSamples], percentile: int
) -> tuple[SeriesPoints, bool]:
    counts: dict[int, tuple[int, int]] = {}
    for one in own:
        for start, succeeded, failed in zip(one.starts, one.succeeded, one.failed, strict=True):
            before = counts.get(start, (0, 0))
            counts[start] = before[0] + succeeded, before[1] + failed
    by_start: dict[int, list[SeriesSamples]] = defaultdict(list)
    for sample in samples:
        by_start[sample.start].append(sample)
    latency, throughput = (
        [
            merged_percentile(
                [
                    (
                        getattr(sample, f"{metric}_samples"),
                        getattr(sample, metric),
                        getattr(sample, f"{metric}_histogram"),
                    )
                    for sample in by_start[start]
                ],
                percentile,
            )
            for start in counts
        ]
        for metric in ("latency", "throughput")
    )
    line = replace(
        own[0],
        starts=list(counts),
        succeeded=[succeeded for succeeded, _ in counts.values()],
        failed=[failed for _, failed in counts.values()],
        latency_samples=[samples for samples, _, _ in latency],
        latency=[value for _, value, _ in latency],
        throughput_samples=[samples for samples, _, _ in throughput],
        throughput=[value for _, value, _ in throughput],
    )
    return line, any(gone for _, _, gone in (*latency, *throughput))


def merged_percentile(
    parts: Iterable[tuple[int, float | None, bytes | None]], percentile: int
) -> tuple[int, float | None, bool]:
    """Samples, their percentile, and whether it is of one part alone because histograms are gone.

    `parts` are the samples of each series with their percentile and histogram.
    """
    measured = [part for part in parts if part[1] is not None]
    if not measured:
        return 0, None, False
    most = max(measured, key=lambda part: part[0])
    if len(measured) == 1:
        return most[0], most[1], False
    if any(not histogram for _, _, histogram in measured):
        return most[0], most[1], True
    whole = Histogram()
    for _, _, histogram in measured:
        whole.merge(Histogram.from_bytes(histogram))
    return whole.samples, whole.quantile(percentile), False


def percentiles_of_window(
    series: Sequence[SeriesPoints], query: ChartQuery, now: datetime
) -> dict[tuple[int, str], float]:
    """The percentile over the whole window by endpoint and metric, out of merged histograms.

    An endpoint is left out where a histogram is not kept, and where there are too few samples.
    """
    endpoints = {one.series_id: one.endpoint_id for one in series if one.starts}
    if not endpoints:
        return {}
    whole: dict[tuple[int, str], Histogram] = defaultdict(Histogram)
    incomplete = set()
    for row in histograms_of_window([*endpoints], query, now):
        for metric, samples, histogram in (
            ("latency", row.latency_samples, row.latency_histogram),
            ("throughput", row.throughput_samples, row.throughput_histogram),
        ):
            key = endpoints[row.series_id], metric
            if histogram:
                whole[key].merge(Histogram.from_bytes(histogram))
            elif samples:
                incomplete.add(key)
    values = {
        key: histogram.quantile(query.percentile)
        for key, histogram in whole.items()
        if key not in incomplete and histogram.samples >= ENOUGH
    }
    return {key: value for key, value in values.items() if value is not None}


def points_over_time(line: SeriesPoints, metric: str, window: ChartWindow) -> list[LivePoint]:
    """The points of a line in order; of uptime the calls of a step are added up."""
    begin, step = int(window.first.timestamp()), int(window.step.total_seconds())
    places = [(start - begin) // step for start in line.starts]
    if metric == "uptime":
        counts: dict[int, tuple[int, int]] = {}
        for place, succeeded, failed in zip(places, line.succeeded, line.failed, strict=True):
            before = counts.get(place, (0, 0))
            counts[place] = before[0] + succeeded, before[1] + succeeded + failed
        return [
            (place, succeeded / calls, calls)
            for place, (succeeded, calls) in sorted(counts.items())
            if calls and place >= 0
        ]
    of_latency = metric == "latency"
    values = line.latency if of_latency else line.throughput
    samples = line.latency_samples if of_latency else line.throughput_samples
    points = zip(places, values, samples, strict=True)
    return sorted(
        (place, value, count) for place, value, count in points if value is not None and place >= 0
    )
