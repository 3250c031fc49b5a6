"""Charts of latency, throughput and uptime: of a model by endpoint, of a provider by model."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.safestring import SafeString, mark_safe

from web.charts.live_lines import MOST_LINES, LiveChart, LiveLine, LivePoint, draw
from web.format.figures import instant
from web.pages.model import ModelPage
from web.params.charts import ENOUGH, ORIGINS, PERCENTILES, WINDOWS, ChartQuery
from web.reads.endpoints import EndpointRecord, endpoints_by_id
from web.reads.performance import (
    ChartWindow,
    SeriesPoints,
    chart_window,
    has_measured_calls,
    points_of_endpoints,
    points_of_provider,
)
from web.text.live import amount_of
from web.text.performance import DEFINITIONS, SOURCES

# Title, and what is drawn in words.
METRICS = {
    "throughput": ("Throughput", "Output tokens per second"),
    "latency": ("Latency", "Time to first token, seconds"),
    "uptime": ("Uptime", "Success rate of requests"),
}

_STEPS = {
    timedelta(minutes=5): "every 5 minutes",
    timedelta(minutes=30): "half-hourly",
    timedelta(hours=1): "hourly",
}
# Counts add up, so that uptime has steps in which a single failure is no outage.
_LEAST_OF_UPTIME = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class LineFigures:
    """The figures behind a line, in words; "" where there is none of enough samples.

    `group` is the line's colour, None where it is in the table alone. `whole` is the uptime over
    the window. `gaps` counts steps without samples.
    """

    name: str
    href: str
    group: int | None
    last: str
    lowest: str
    highest: str
    whole: str
    samples: int
    failed: int
    gaps: int


@dataclass(frozen=True, slots=True)
class PerformanceChart:
    metric: str
    title: str
    what: str
    steps: int
    drawing: SafeString
    figures: tuple[LineFigures, ...]


@dataclass(frozen=True, slots=True)
class Performance:
    """`origin` is whose calls are shown, "" where none were ever counted; `origins` are the choice.

    `silent_since` is of the newest call, where there is none in the window. `refused` counts those
    that are in no chart.
    """

    query: ChartQuery
    origin: str
    origins: tuple[tuple[str, str], ...]
    charts: tuple[PerformanceChart, ...]
    until: str
    silent_since: str
    refused: int

    @property
    def windows(self) -> tuple[str, ...]:
        return tuple(WINDOWS)

    @property
    def percentiles(self) -> tuple[int, ...]:
        return PERCENTILES

    @property
    def definitions(self) -> tuple[tuple[str, str], ...]:
        return DEFINITIONS

    @property
    def source(self) -> str:
        return SOURCES[self.origin][0] if self.origin else ""

    @property
    def meaning(self) -> str:
        return SOURCES[self.origin][1] if self.origin else ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a line is of: an endpoint, by the name of its provider or model, and that page."""

    name: str
    href: str


def performance_of_model(page: ModelPage, query: ChartQuery, now: datetime) -> Performance | None:
    """None while no call of any endpoint of the catalog has been measured."""
    if not has_measured_calls():
        return None
    series = points_of_endpoints([endpoint.id for endpoint in page.endpoints], query, now)
    measured = {one.endpoint_id for one in series}
    named = _named(
        (endpoint, endpoint.provider_name, f"/providers/{endpoint.provider_slug}/")
        for endpoint in page.endpoints
        if endpoint.id in measured
    )
    return _performance(series, named, query, now)


def performance_of_provider(
    provider_id: int, query: ChartQuery, now: datetime
) -> Performance | None:
    """As of a model."""
    if not has_measured_calls():
        return None
    series = points_of_provider(provider_id, query, now)
    endpoints = endpoints_by_id({one.endpoint_id for one in series}).values()
    named = _named(
        (endpoint, endpoint.model_name, f"/models/{endpoint.model_slug}/") for endpoint in endpoints
    )
    return _performance(series, named, query, now)


def _named(endpoints: Iterable[tuple[EndpointRecord, str, str]]) -> dict[int, Drawn]:
    """By the endpoint's id; names that several endpoints have get its upstream id."""
    known = [*endpoints]
    times = Counter(name for _, name, _ in known)
    return {
        endpoint.id: Drawn(name if times[name] == 1 else f"{name} {endpoint.upstream_id}", href)
        for endpoint, name, href in known
    }


def _performance(
    series: Sequence[SeriesPoints], named: Mapping[int, Drawn], query: ChartQuery, now: datetime
) -> Performance:
    origin = series[0].origin if series else ""
    window = chart_window(query.window, origin, now)
    by_endpoint: dict[int, list[SeriesPoints]] = defaultdict(list)
    for one in series:
        if one.endpoint_id in named:
            by_endpoint[one.endpoint_id].append(one)
    called = [key for key, rollups in by_endpoint.items() if any(one.starts for one in rollups)]
    newest = max((one.last_seen for one in series), default=0)
    return Performance(
        query=query,
        origin=origin,
        origins=tuple((slug, SOURCES[slug][0]) for slug in _origins(series)),
        charts=tuple(
            _chart(
                metric,
                [(named[key], by_endpoint[key]) for key in called],
                query,
                window,
            )
            for metric in METRICS
        )
        if called
        else (),
        until=instant(now),
        silent_since="" if called or not newest else instant(datetime.fromtimestamp(newest, UTC)),
        refused=sum(one.refused for one in series),
    )


def _origins(series: Sequence[SeriesPoints]) -> list[str]:
    return [origin for origin in ORIGINS if series and origin in series[0].origins]


def points_over_time(
    rollups: Sequence[SeriesPoints], metric: str, window: ChartWindow
) -> list[LivePoint]:
    """The points of an endpoint in order; of several series the one with most samples in a step.

    Uptime is of all of them together.
    """
    begin, step = int(window.first.timestamp()), int(window.step.total_seconds())
    if metric == "uptime":
        return _uptimes(rollups, begin, step)
    best: dict[int, LivePoint] = {}
    for one in rollups:
        values = one.latency if metric == "latency" else one.throughput
        counts = one.latency_samples if metric == "latency" else one.throughput_samples
        for start, value, samples in zip(one.starts, values, counts, strict=True):
            place = (start - begin) // step
            if value is None or place < 0:
                continue
            if place not in best or samples > best[place][2]:
                best[place] = place, value, samples
    return sorted(best.values())


def _uptimes(rollups: Sequence[SeriesPoints], begin: int, step: int) -> list[LivePoint]:
    counts: dict[int, tuple[int, int]] = {}
    for one in rollups:
        for start, succeeded, failed in zip(one.starts, one.succeeded, one.failed, strict=True):
            place = (start - begin) // step
            before = counts.get(place, (0, 0))
            counts[place] = before[0] + succeeded, before[1] + succeeded + failed
    return [
        (place, succeeded / calls, calls)
        for place, (succeeded, calls) in sorted(counts.items())
        if calls and place >= 0
    ]


def _chart(
    metric: str,
    measured: Sequence[tuple[Drawn, list[SeriesPoints]]],
    query: ChartQuery,
    window: ChartWindow,
) -> PerformanceChart:
    title, what = METRICS[metric]
    if metric == "uptime":
        window = window.coarser(_LEAST_OF_UPTIME)
    lines = [(of, points_over_time(rollups, metric, window)) for of, rollups in measured]
    percentile = "" if metric == "uptime" else f" (P{query.percentile})"
    chart = LiveChart(
        metric=metric,
        title=f"{title}{percentile} over {query.window}",
        first=window.first,
        step=window.step,
        count=window.count,
        lines=tuple(
            LiveLine(of.name, group, points)
            for group, (of, points) in enumerate(lines[:MOST_LINES])
        ),
    )
    return PerformanceChart(
        metric=metric,
        title=title,
        what=f"{what}, {_STEPS[window.step]}",
        steps=window.count,
        drawing=mark_safe(draw(chart)),  # noqa: S308 - escaped by the drawing
        figures=tuple(
            _figures(metric, of, points, group if group < MOST_LINES else None, window)
            for group, (of, points) in enumerate(lines)
        ),
    )


def _figures(
    metric: str,
    of: Drawn,
    points: Sequence[LivePoint],
    group: int | None,
    window: ChartWindow,
) -> LineFigures:
    values = [value for _, value, samples in points if samples >= ENOUGH]
    calls = sum(samples for _, _, samples in points)
    failed = sum(round(samples * (1 - value)) for _, value, samples in points)
    whole = metric == "uptime" and calls >= ENOUGH
    return LineFigures(
        name=of.name,
        href=of.href,
        group=group,
        last=amount_of(metric, values[-1]) if values else "",
        lowest=amount_of(metric, min(values)) if values else "",
        highest=amount_of(metric, max(values)) if values else "",
        whole=amount_of(metric, 1 - failed / calls) if whole else "",
        samples=calls,
        failed=failed if metric == "uptime" else 0,
        gaps=window.count - len(points),
    )
