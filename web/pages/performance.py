"""Charts of latency, throughput and uptime: of a model by endpoint, of a provider by model."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.utils.safestring import SafeString, mark_safe

from telemetry.origins import ORIGIN
from telemetry.probed_endpoints import workload
from web.charts.incidents import draw_strip, incidents
from web.charts.live_lines import MOST_LINES, LiveChart, LiveLine, LivePoint, draw
from web.format.figures import instant, partial_date
from web.pages.model import ModelPage
from web.pages.performance_lines import (
    lines_of_series,
    percentiles_of_window,
    points_over_time,
)
from web.pages.performance_stated import Drawn, StatedBeside, stated_now
from web.params.charts import ENOUGH, PERCENTILES, WINDOWS, ChartQuery
from web.reads.endpoints import EndpointRecord, endpoints_by_id
from web.reads.live_rows import LiveSources, live_by_source
from web.reads.performance import (
    ChartWindow,
    SeriesPoints,
    chart_window,
    has_measured_calls,
    hours_of_provider,
    points_of_endpoints,
    points_of_provider,
)
from web.text.live import amount_of
from web.text.performance import DEFINITIONS, MEANINGS

MOST_INCIDENTS = 20
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

    `group` is the line's colour, None where it is in the table alone. `whole` is of all calls of
    the window. `gaps` counts steps without samples.
    """

    name: str
    href: str
    group: int | None
    whole: str
    lowest: str
    highest: str
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
    stated: tuple[StatedBeside, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentFigures:
    """Hours under 99 % that follow each other, in words."""

    start: str
    hours: int
    worst: str
    failed: int
    calls: int


@dataclass(frozen=True, slots=True)
class IncidentStrip:
    """The last 30 days of a provider, and its incidents, the newest first; `further` older ones."""

    drawing: SafeString
    first: str
    last: str
    incidents: tuple[IncidentFigures, ...]
    further: int


@dataclass(frozen=True, slots=True)
class Performance:
    """`origin` is whose calls are shown, "" where none were ever counted; `origins` are the choice.

    `silent_since` is of the newest call, where there is none in the window. `refused` counts those
    that are in no chart. `partly` is whether points of several series are of one of them alone.
    """

    query: ChartQuery
    origin: str
    origins: tuple[tuple[str, str], ...]
    charts: tuple[PerformanceChart, ...]
    until: str
    silent_since: str
    refused: int
    partly: bool
    strip: IncidentStrip | None = None

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
        return ORIGIN[self.origin].name if self.origin else ""

    @property
    def meaning(self) -> str:
        meaning = MEANINGS.get(self.origin, "")
        return f"{meaning} {workload().definition}" if self.origin == "probe" else meaning


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
    shown = _performance(series, named, query, now)
    of_providers = (
        (endpoint, Drawn(endpoint.provider_name, f"/providers/{endpoint.provider_slug}/"))
        for endpoint in page.endpoints
    )
    return _beside(shown, [*of_providers], page.live)


def performance_of_provider(
    provider_id: int, query: ChartQuery, now: datetime
) -> Performance | None:
    """As of a model, with an incident strip of 30 days."""
    if not has_measured_calls():
        return None
    series = points_of_provider(provider_id, query, now)
    endpoints = endpoints_by_id({one.endpoint_id for one in series}).values()
    named = _named(
        (endpoint, endpoint.model_name, f"/models/{endpoint.model_slug}/") for endpoint in endpoints
    )
    shown = _performance(series, named, query, now)
    live = live_by_source([*named], now)
    shown = _beside(shown, [(endpoint, named[endpoint.id]) for endpoint in endpoints], live)
    strip = _incident_strip(provider_id, shown.origin, now) if shown.origin else None
    return replace(shown, strip=strip)


def _beside(
    shown: Performance, endpoints: Sequence[tuple[EndpointRecord, Drawn]], live: LiveSources
) -> Performance:
    charts = (
        replace(chart, stated=stated_now(chart.metric, endpoints, live)) for chart in shown.charts
    )
    return replace(shown, charts=tuple(charts))


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
    lines, partly = lines_of_series([one for one in series if one.endpoint_id in named], query, now)
    whole = percentiles_of_window(series, query, now)
    newest = max((one.last_seen for one in series), default=0)
    if not lines:  # what came lately began before the window
        newest = min(newest, int(window.first.timestamp()))
    return Performance(
        query=query,
        origin=origin,
        origins=tuple(
            (key, ORIGIN[key].name) for key in ORIGIN if series and key in series[0].origins
        ),
        charts=tuple(
            _chart(
                metric,
                [
                    (named[line.endpoint_id], line, whole.get((line.endpoint_id, metric)))
                    for line in lines
                ],
                query,
                window,
            )
            for metric in METRICS
        )
        if lines
        else (),
        until=instant(now),
        silent_since="" if lines or not newest else instant(datetime.fromtimestamp(newest, UTC)),
        refused=sum(one.refused for one in series),
        partly=partly,
    )


def _incident_strip(provider_id: int, origin: str, now: datetime) -> IncidentStrip:
    window = chart_window("30d", origin, now)
    hours = hours_of_provider(provider_id, origin, window, now)
    found = [
        IncidentFigures(
            start=instant(window.first + timedelta(hours=one.place)),
            hours=one.hours,
            worst=amount_of("uptime", one.worst),
            failed=one.failed,
            calls=one.calls,
        )
        for one in incidents(hours)
    ]
    return IncidentStrip(
        drawing=mark_safe(draw_strip(hours, window.count)),  # noqa: S308 - of numbers alone
        first=partial_date(window.first.date().isoformat()),
        last=partial_date(window.last.date().isoformat()),
        incidents=tuple(found[:MOST_INCIDENTS]),
        further=max(0, len(found) - MOST_INCIDENTS),
    )


def _chart(
    metric: str,
    measured: Sequence[tuple[Drawn, SeriesPoints, float | None]],
    query: ChartQuery,
    window: ChartWindow,
) -> PerformanceChart:
    title, what = METRICS[metric]
    if metric == "uptime":
        window = window.coarser(_LEAST_OF_UPTIME)
    lines = [(of, points_over_time(line, metric, window), whole) for of, line, whole in measured]
    percentile = "" if metric == "uptime" else f" (P{query.percentile})"
    chart = LiveChart(
        metric=metric,
        title=f"{title}{percentile} over {query.window}",
        first=window.first,
        step=window.step,
        count=window.count,
        lines=tuple(
            LiveLine(of.name, group, points)
            for group, (of, points, _) in enumerate(lines[:MOST_LINES])
        ),
    )
    return PerformanceChart(
        metric=metric,
        title=title,
        what=f"{what}, {_STEPS[window.step]}",
        steps=window.count,
        drawing=mark_safe(draw(chart)),  # noqa: S308 - escaped by the drawing
        figures=tuple(
            _figures(metric, of, points, whole, group if group < MOST_LINES else None, window)
            for group, (of, points, whole) in enumerate(lines)
        ),
    )


def _figures(
    metric: str,
    of: Drawn,
    points: Sequence[LivePoint],
    whole: float | None,
    group: int | None,
    window: ChartWindow,
) -> LineFigures:
    values = [value for _, value, samples in points if samples >= ENOUGH]
    calls = sum(samples for _, _, samples in points)
    failed = sum(round(samples * (1 - value)) for _, value, samples in points)
    if metric == "uptime" and calls >= ENOUGH:
        whole = 1 - failed / calls
    return LineFigures(
        name=of.name,
        href=of.href,
        group=group,
        whole="" if whole is None else amount_of(metric, whole),
        lowest=amount_of(metric, min(values)) if values else "",
        highest=amount_of(metric, max(values)) if values else "",
        samples=calls,
        failed=failed if metric == "uptime" else 0,
        gaps=window.count - len(points),
    )
