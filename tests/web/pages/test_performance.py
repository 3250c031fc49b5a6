"""Charts of calls on the pages of models and providers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from telemetry.histograms import Histogram
from telemetry.models import Hour, LiveRow, Series, Slot
from telemetry.probed_endpoints import workload
from tests.factories import make_model, make_provider, sell, summarise
from tests.telemetry.test_stated import keep, stated
from tests.web.calls import count, make_series
from web.pages.performance_lines import merged_percentile, points_over_time
from web.reads.performance import SeriesPoints, chart_window

pytestmark = pytest.mark.django_db

MODEL = "/models/openai/o4-mini/"


@pytest.fixture
def endpoints():
    model = make_model()
    made = [
        sell(model, make_provider(slug, name=slug.title()), input="1", output="4")
        for slug in ("azure", "openai")
    ]
    summarise()
    return made


def section(client, query="", path=MODEL):
    page = client.get(f"{path}{query}").content.decode()
    found = re.search(r'<section class="section" id="performance".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def gaps(charts):
    """The steps of each table, and the steps without samples of its lines."""
    tables = re.findall(r"<table.*?</table>", charts, re.DOTALL)
    return {
        (re.search(r"/(\d+)</span>", table)[1], count)
        for table in tables
        for count in re.findall(r'<td class="num">(\d+)</td>\s*</tr>', table)
    }


def test_there_is_no_section_before_the_first_measured_call(client, endpoints):
    assert section(client) == ""
    make_series(sell(make_model("openai/o3"), input="1"))
    empty = section(client)
    assert "has been measured yet" in empty
    assert "<svg" not in empty


def test_charts_show_what_was_measured_by_window_percentile_and_source(client, endpoints):
    azure, openai = endpoints
    for endpoint, latency in ((azure, 2.0), (openai, 4.0)):
        series = make_series(endpoint)
        for hours in (1, 2, 50, 400):
            count(series, timedelta(hours=hours), latency)
    count(make_series(azure, "probe"), timedelta(hours=3), 1.5)
    day = section(client)
    assert day.count('<svg class="lines"') == 3
    assert "Azure from 2.00 s to 2.00 s, last 2.00 s. Openai from 4.00 s" in day
    assert "Own traffic, P50" in day
    assert gaps(day) == {("288", "286"), ("48", "46")}  # half-hours of uptime
    assert "Azure from 4.00 s to 4.00 s" in section(client, "?percentile=95")
    assert ("168", "165") in gaps(section(client, "?window=7d"))
    assert ("720", "716") in gaps(section(client, "?window=30d"))
    probes = section(client, "?live=probe")
    assert "Own probes, P50" in probes
    assert "Latency (P50) over 24h: Azure from 1.50 s to 1.50 s" in probes
    assert workload().definition in probes
    assert gaps(probes) == {("24", "23")}  # hours: five minutes have too few probes
    for control in ("window=7d", "percentile=95", "live=probe"):
        assert f'href="?{control}#performance" hx-get="?{control}"' in day
    assert "?window=7d&amp;percentile=95" in section(client, "?percentile=95")


def test_links_keep_the_order_of_the_table(client, endpoints):
    count(make_series(endpoints[0]), timedelta(hours=1))
    assert 'href="?sort=-input&amp;window=7d#performance"' in section(client, "?sort=-input")


def test_links_of_the_table_keep_the_charts_and_no_link_has_two_sources(client, endpoints):
    for origin in ("traffic", "probe"):
        count(make_series(endpoints[0], origin), timedelta(hours=1))
    LiveRow.objects.create(endpoint=endpoints[0], latency=1, details={})
    drawn = "window=7d&amp;percentile=95"
    for address in (MODEL, "/providers/azure/"):
        html = client.get(f"{address}?live=traffic&window=7d&percentile=95").content.decode()
        links = re.findall(r'href="(\?[^"]*)"', html)
        assert f"?{drawn}&amp;live=probe#performance" in links
        sorts = [link for link in links if "sort=input" in link]
        assert sorts and all(f"live=traffic&amp;{drawn}" in link for link in sorts)
        assert not [link for link in links if link.count("live=") > 1 or link.count("window=") > 1]
    html = client.get(f"{MODEL}?sort=-input&live=traffic&window=7d").content.decode()
    assert 'providers.csv?sort=-input&amp;live=traffic"' in html


def test_what_others_state_stands_beside_the_figures_and_in_no_line(client, endpoints):
    count(make_series(endpoints[0]), timedelta(hours=1), 2.0)
    assert "Stated now" not in section(client)
    given = {"provider": "azure", "upstream_id": "o4-mini"}
    keep(stated(value="0.8", samples=77, **given), now=timezone.now())
    for path in (MODEL, "/providers/azure/"):
        shown = section(client, path=path)
        assert shown.count("Stated now by others") == 1  # nothing is stated of other metrics
        figure = re.search(r'<td class="num" title="([^"]*)">0.80 s</td>\s*<td>([^<]*)', shown)
        assert figure and figure[2] == "Gate-Api, 30 min"
        assert "of 77 requests" in figure[1]
        assert "from 2.00 s to 2.00 s, last 2.00 s" in shown


def test_htmx_gets_the_section_alone(client, endpoints):
    count(make_series(endpoints[0]), timedelta(hours=1))
    headers = {"HX-Request": "true", "HX-Target": "performance"}
    part = client.get(f"{MODEL}?window=7d", headers=headers).content.decode().strip()
    assert part.startswith('<section class="section" id="performance"')
    assert part.endswith("</section>")


def test_an_odd_value_falls_back_and_is_named(client, endpoints):
    count(make_series(endpoints[0]), timedelta(hours=1))
    assert "“1y” is no window of 24h, 7d or 30d" in section(client, "?window=1y")


def test_a_source_that_fell_silent_has_no_chart_but_its_last_call(client, endpoints):
    long_ago = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    make_series(endpoints[0], last_seen=long_ago)
    silent = section(client)
    assert "<svg" not in silent
    assert "began at Mar 1, 2026, 09:30 UTC" in silent
    Series.objects.update(last_seen=timezone.now())  # of calls that came two days late
    assert f"began at {timezone.now():%b %-d, %Y}" not in section(client)


def test_without_choice_calls_of_the_window_come_before_those_of_before(client, endpoints):
    count(
        make_series(endpoints[0], last_seen=timezone.now() - timedelta(days=3)), timedelta(days=3)
    )
    count(make_series(endpoints[0], "probe"), timedelta(hours=1))
    assert "Own probes, P50" in section(client)
    assert "Own traffic, P50" in section(client, "?window=7d")


def test_more_lines_than_are_told_apart_are_in_the_table_alone(client, endpoints):
    model = endpoints[0].model
    for n in range(10):
        endpoint = sell(model, make_provider(f"host-{n}", name=f"Host {n}"), input="1", output="4")
        count(make_series(endpoint), timedelta(hours=1), samples=100 - n)
    summarise()
    charts = section(client)
    assert 'data-name="Host 7"' in charts
    assert 'data-name="Host 8"' not in charts
    assert '<a href="/providers/host-9/">Host 9</a>' in charts


def test_a_failed_call_is_in_the_uptime_and_a_refused_one_is_not(client, endpoints):
    count(make_series(endpoints[0]), timedelta(hours=1), samples=99, failed=1)
    charts = section(client)
    assert "Uptime over 24h: Azure from 99 % to 99 %" in charts
    assert re.search(
        r'<td class="num">99 %</td>\s*<td class="num">99 %</td>\s*<td class="num">1<', charts
    )


def series_points(starts, latency, samples, succeeded=(), failed=()):
    nothing = [0] * len(starts)
    return SeriesPoints(
        *(1, 1, "traffic", ["traffic"], 0, 0, starts),
        *(list(succeeded) or nothing, list(failed) or nothing),
        *(samples, latency, nothing, [None] * len(starts)),
    )


def test_steps_before_the_window_are_left_out_and_others_are_in_order():
    window = chart_window("24h", "probe", datetime(2026, 11, 30, 12, 30, tzinfo=UTC))
    first = int(window.first.timestamp())
    steps = [first + 3600, first, first - 3600]
    line = series_points(steps, [2.0, None, 9.0], [1, 0, 9], [1, 6, 9], [1, 0, 9])
    assert points_over_time(line, "latency", window) == [(1, 2.0, 1)]
    assert points_over_time(line, "uptime", window) == [(0, 1.0, 6), (1, 0.5, 2)]
    assert points_over_time(line, "throughput", window) == []
    halves = window.coarser(timedelta(hours=2))
    assert points_over_time(line, "uptime", halves) == [(0, 7 / 8, 8)]


def test_series_of_one_endpoint_are_one_line_of_their_merged_histograms(client, endpoints):
    azure = endpoints[0]
    one, other = [1.0] * 4 + [3.0] * 2, [3.0] * 6
    for name, values in (("o4-mini", one), ("o4-mini-2025", other)):
        series = make_series(azure, name=name)
        middle = Histogram.of(values).quantile(50)
        count(series, timedelta(hours=1), middle, samples=6)
        packed = Histogram.of(values).to_bytes()
        Slot.objects.filter(series=series).update(latency_histogram=packed)
        Hour.objects.filter(series=series).update(throughput_histogram=packed)
    day = section(client)
    assert day.count('data-name="Azure"') == 3
    assert "Latency (P50) over 24h: Azure from 3.00 s to 3.00 s" in day
    assert "of the name with most calls" in day  # no histograms of throughput among the slots
    assert '<td class="num">12</td>' in day


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], (0, None, False)),
        ([(0, None, None), (3, 2.0, None)], (3, 2.0, False)),
        ([(5, 1.0, None), (6, 2.0, b"")], (6, 2.0, True)),
        ([(6, 1.0, b"x"), (6, 2.0, None)], (6, 1.0, True)),
    ],
)
def test_without_histograms_a_point_is_of_the_series_with_most_samples(parts, expected):
    assert merged_percentile(parts, 50) == expected


def test_histograms_of_several_series_are_merged_exactly():
    parts = [[0.5, 1.0, 2.0], [4.0, 8.0]]
    packed = [(len(values), 1.0, Histogram.of(values).to_bytes()) for values in parts]
    whole = Histogram.of([0.5, 1.0, 2.0, 4.0, 8.0])
    assert merged_percentile(packed, 50) == (5, whole.quantile(50), False)
    assert merged_percentile(packed, 95) == (5, whole.quantile(95), False)


def test_the_figure_of_a_whole_window_is_of_all_its_calls(client, endpoints):
    azure, openai = (make_series(endpoint) for endpoint in endpoints)
    many, few = Histogram.of([1.0] * 9), Histogram.of([4.0] * 4)
    for hours, histogram in ((2, many), (3, few)):
        count(azure, timedelta(hours=hours), histogram.quantile(50), samples=histogram.samples)
        count(openai, timedelta(hours=hours), 2.0)
        at = timezone.now() - timedelta(hours=hours)
        hour = at.replace(minute=0, second=0, microsecond=0)
        packed = histogram.to_bytes()
        Hour.objects.filter(series=azure, start=hour).update(latency_histogram=packed)
    Hour.objects.filter(series=openai).update(latency_histogram=None)
    latency = section(client).split("Table of latency")[1]
    rows = re.findall(r"<tr>\s*<th scope=.row.>.*?</tr>", latency, re.DOTALL)
    cells = {
        re.search(r">(\w+)</a>", row)[1]: re.findall(r'<td class="num">(.*?)</td>', row)
        for row in rows[:2]
    }
    assert cells["Azure"][:2] == ["0.99 s", "0.99 s"]  # of thirteen calls the seventh
    assert cells["Openai"][:2] == ["—", "2.00 s"]  # no histogram is kept


def test_a_providers_page_has_its_models_and_its_incidents(client, endpoints):
    azure = endpoints[0]
    other = sell(make_model("openai/o3", name="o3"), azure.provider, input="2", output="8")
    summarise()
    series = make_series(azure)
    for hours in range(1, 30):
        count(series, timedelta(hours=hours), samples=96, failed={5: 4, 6: 10}.get(hours, 0))
    count(make_series(other), timedelta(hours=2), 4.0, samples=90)
    charts = section(client, path="/providers/azure/")
    assert "o3 from 4.00 s to 4.00 s" in charts
    assert '<a href="/models/openai/o3/">o3</a>' in charts
    assert "Of 720 hours 27 with 99 % success or more, 1 under 99 %, 1 under 95 %, 0 with" in charts
    assert "691 without any" in charts
    incident = re.search(r"<table class=.line-figures.>.*?Worst.*?</table>", charts, re.DOTALL)
    assert "90.57 %" in incident.group()
    assert '<td class="num">2</td>' in incident.group()
    assert 'hx-get="?q=o4&amp;window=7d"' in section(client, "?q=o4", "/providers/azure/")
    headers = {"HX-Request": "true", "HX-Target": "performance"}
    part = client.get("/providers/azure/?window=7d", headers=headers).content.decode().strip()
    assert part.startswith('<section class="section" id="performance"')
