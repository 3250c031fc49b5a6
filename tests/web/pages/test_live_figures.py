"""Pages show live figures with their source and window, and a gap where there is none."""

import re

import pytest
from django.urls import reverse

from telemetry.models import LiveRow
from tests.factories import make_model, make_provider, sell, summarise
from tests.telemetry.test_stated import keep, model, stated

pytestmark = pytest.mark.django_db

__all__ = ["model"]

OWN = {"source": "Own traffic", "window": "1h", "definition": "", "as_of": "2026-12-01T12:34Z"}
TREND = [*[None] * 12, *[1.0, 2.0] * 6]


def figure(samples=1234, percentile=50, **more):
    return {**OWN, "samples": samples, "percentile": percentile, "origin": "traffic", **more}


def measure(endpoint, latency=None, throughput=None, uptime=None, *, of_latency=None):
    LiveRow.objects.update_or_create(
        endpoint=endpoint,
        defaults={
            "latency": latency,
            "throughput": throughput,
            "uptime": uptime,
            "details": {
                "latency": of_latency or figure(p95=2.5, trend=TREND),
                "throughput": figure(),
                "uptime": figure(percentile=None, window="1d"),
            },
        },
    )


@pytest.fixture
def measured(db):
    """Three models at OpenAI: quick, slow, and one without a figure; each at Azure too, unknown."""
    openai, azure = make_provider("openai", kind="first-party"), make_provider("azure")
    endpoints = {}
    for name in ("quick", "slow", "unknown"):
        model = make_model(f"openai/{name}", mode="chat")
        endpoints[name] = sell(model, openai, input="1", output="4")
        sell(model, azure, input="2", output="4")
    measure(endpoints["quick"], "0.5", "150", "0.9995")
    measure(endpoints["slow"], "3", "20", "0.99")
    summarise()
    return endpoints


def rows(response):
    return re.findall(r'<tr data-model="openai/(\w+)"', response.content.decode())


def test_pages_show_a_figure_with_its_source_and_what_it_means(model, client):
    keep(
        stated(value="0.812", provider="openai", upstream_id="o4-mini", window="1h"),
        stated("throughput", "93.5", provider="openai", upstream_id="o4-mini", window="1h"),
        stated("uptime", "0.99974", provider="openai", upstream_id="o4-mini", window="1d"),
    )
    sell(make_model("openai/o3", mode="chat"), make_provider("openai"), input="2", output="8")
    summarise()
    page = client.get("/models/openai/o4-mini/").content.decode()
    assert 'data-metric="latency" data-value="0.812" data-source="Gate-Api"' in page
    assert 'data-metric="throughput" data-value="93.5"' in page
    assert 'data-metric="uptime" data-value="0.99974"' in page
    assert "99.97<span" in page
    assert "Gate-Api, 1 h, as of" in page
    assert "the median (P50)" in page
    assert 'data-samples="0"' in page  # Novita's gap
    listed = client.get("/models/?sort=latency").content.decode()
    assert 'data-metric="latency" data-value="0.812"' in listed
    estimate = client.get("/estimate/?input=1000&output=100&q=o4").content.decode()
    assert 'data-metric="throughput" data-value="93.5"' in estimate
    compared = client.get("/compare/?m=openai/o4-mini&m=openai/o3").content.decode()
    assert 'data-metric="latency" data-value="0.812"' in compared
    assert '0.81<span class="unit"> s</span>' in compared


def test_a_refresh_of_figures_changes_the_page(model, client):
    keep(stated(provider="openai", upstream_id="o4-mini"))
    summarise()
    before = client.get("/models/openai/o4-mini/")
    keep(stated(value="0.3", provider="openai", upstream_id="o4-mini"))
    after = client.get(
        "/models/openai/o4-mini/", headers={"If-None-Match": before.headers.get("ETag", "")}
    )
    assert 'data-value="0.3"' in after.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("sort=latency", ["quick", "slow", "unknown"]),
        ("sort=-latency", ["slow", "quick", "unknown"]),
        ("sort=throughput", ["slow", "quick", "unknown"]),
        ("sort=-throughput", ["quick", "slow", "unknown"]),
        ("sort=uptime", ["slow", "quick", "unknown"]),
        ("sort=-uptime", ["quick", "slow", "unknown"]),
        ("latency_max=0.5", ["quick"]),
        ("latency_max=499+ms", []),
        ("latency_max=3&sort=name", ["quick", "slow"]),
        ("throughput_min=20&sort=name", ["quick", "slow"]),
        ("throughput_min=20.1", ["quick"]),
        ("uptime_min=99&sort=name", ["quick", "slow"]),
        ("uptime_min=99.95+%25", ["quick"]),
        ("uptime_min=99.96", []),
        ("provider=azure&latency_max=9", []),
    ],
)
def test_lists_sort_and_filter_by_live_figures_with_the_unknown_last(
    measured, client, query, shown
):
    page = client.get(f"/models/?{query}")
    assert rows(page) == shown
    assert "Some filters were ignored" not in page.content.decode()


def test_bounds_show_as_chips_and_in_the_sheet(measured, client):
    page = client.get("/models/?latency_max=0.8&throughput_min=50&uptime_min=99.5")
    html = page.content.decode()
    for chip in ("Latency ≤ 0.8 s", "Throughput ≥ 50 tps", "Uptime ≥ 99.5 %"):
        assert chip in html
    assert 'id="uptime_min" name="uptime_min"' in html
    assert rows(page) == ["quick"]


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("uptime_min=0.995", "“0.995” is no uptime in percent, from 1 to 100"),
        ("uptime_min=101", "“101” is no uptime in percent, from 1 to 100"),
        ("latency_max=soon", "“soon” is no latency in seconds"),
        ("latency_max=0", "“0” is no latency in seconds"),
        ("latency_max=-1", "“-1” is no latency in seconds"),
        ("throughput_min=1e9", "“1e9” is no throughput in tokens a second"),
    ],
)
def test_bad_bounds_are_ignored_with_a_reason(measured, client, query, complaint):
    page = client.get(f"/models/?{query}")
    assert complaint in page.content.decode()
    assert len(rows(page)) == 3


def test_bounds_without_any_figure_are_ignored_with_a_reason(measured, client):
    LiveRow.objects.all().delete()
    page = client.get("/models/?latency_max=1")
    assert "nothing is known of latency yet to filter by" in page.content.decode()
    assert len(rows(page)) == 3
    assert "data-metric" not in page.content.decode()
    assert "renewal" not in page.content.decode()


def test_a_cell_has_its_trend_with_gaps_and_everything_in_words(measured, client):
    html = client.get("/models/openai/quick/").content.decode()
    assert '<svg class="spark" viewBox="0 0 64 18" aria-hidden="true">' in html
    assert re.search(r'<path d="M33 16L36 2L', html)
    assert "the median (P50); P95 2.50 s. Own traffic, 1 h of 1,234 requests" in html
    assert "as of Dec 1, 2026 12:34 UTC" in html
    assert 'data-source="Own traffic" data-samples="1234"' in html


def test_too_few_samples_show_no_figure_and_when_the_newest_was(measured, client):
    measure(measured["slow"], None, "20", "0.99", of_latency=figure(samples=3))
    html = client.get("/models/openai/slow/").content.decode()
    cell = re.search(
        r'<td class="num live"[^>]*data-metric="latency" data-samples="3".*?</td>', html
    )
    assert cell and "data-value" not in cell[0]
    assert "Not enough traffic: 3 requests in 1 h, of 5 that it takes." in cell[0]
    assert "newest Dec 1, 2026 12:34 UTC" in cell[0]
    assert cell[0].endswith('<span class="sub" aria-hidden="true">few calls</span></td>')
    assert rows(client.get("/models/?sort=-latency")) == ["quick", "slow", "unknown"]


def test_a_made_up_figure_is_marked_on_each_figure(measured, client):
    measure(measured["quick"], "0.5", of_latency=figure(source="Demo", origin="demo"))
    for address in ("/models/", "/models/openai/quick/", "/providers/openai/"):
        html = client.get(address).content.decode()
        assert re.search(
            r'data-source="Demo"[^>]*>.*?<span class="sub made-up">demo</span></td>', html
        )


def test_a_made_up_figure_beside_real_ones_is_shown_and_ranks_nothing(measured, client):
    demo = figure(source="Demo", origin="demo", beside=0.1)
    measure(measured["unknown"], None, of_latency=demo)
    summarise()
    html = client.get("/models/").content.decode()
    assert re.search(r'data-value="0.1" data-source="Demo"[^>]*>.*?demo</span></td>', html)
    assert rows(client.get("/models/?sort=latency")) == ["quick", "slow", "unknown"]
    assert rows(client.get("/models/?latency_max=1")) == ["quick"]
    assert rows(client.get("/providers/openai/?sort=latency")) == ["quick", "slow", "unknown"]
    page = client.get("/compare/?m=openai/unknown&m=openai/slow").content.decode()
    assert 'data-value="0.1"' in page


def test_a_providers_table_sorts_by_live_figures(measured, client):
    assert rows(client.get("/providers/openai/?sort=-throughput")) == ["quick", "slow", "unknown"]
    assert rows(client.get("/providers/openai/?sort=throughput")) == ["slow", "quick", "unknown"]


def test_open_pages_renew_figures_and_are_answered_briefly_where_nothing_changed(measured, client):
    quick = measured["quick"]
    address = f"{reverse('live')}?e={quick.id},999999"
    htmx = {"HX-Request": "true"}
    first = client.get(address, headers=htmx)
    html = first.content.decode()
    assert "<html" not in html
    assert f'data-endpoint="{quick.id}" data-metric="latency" data-value="0.5"' in html
    again = client.get(address, headers={**htmx, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    measure(measured["slow"], "2")  # another endpoint's
    again = client.get(address, headers={**htmx, "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    measure(quick, "0.6")
    again = client.get(address, headers={**htmx, "If-None-Match": first["ETag"]})
    assert again.status_code == 200
    whole = client.get(address).content.decode()
    assert "quick" in whole and "<html" in whole and 'content="noindex' in whole


@pytest.mark.parametrize("query", ["", "?e=", "?e=x,-1,1e9,99999999999&e=7"])
def test_odd_ids_of_a_renewal_are_left_out(measured, client, query):
    assert client.get(f"/live/{query}").status_code == 200


def test_pages_of_a_past_date_renew_nothing(measured, client):
    for address in ("/models/", "/models/openai/quick/", "/providers/openai/"):
        assert 'id="renewal"' in client.get(address).content.decode()
        assert 'id="renewal"' not in client.get(f"{address}?at=2026-10-01").content.decode()


def test_the_drawing_has_speed_as_an_axis(measured, client):
    html = client.get("/explore/?y=throughput").content.decode()
    assert "150 tokens per second" in html
    assert "made-up" not in html


def test_a_drawing_of_made_up_figures_is_marked(measured, client):
    demo = figure(source="Demo", origin="demo")
    for endpoint in measured.values():
        measure(endpoint, "0.5", of_latency=demo)
    for address in ("/explore/?y=latency", "/explore.svg?y=latency"):
        drawn = client.get(address).content.decode()
        assert "Price against latency: demo, made-up calls" in drawn
        assert "seconds to the first token, demo" in drawn
    # Beside a real one they have no place.
    measure(measured["slow"], "3")
    measure(measured["quick"], None, of_latency={**demo, "beside": 0.5})
    measure(measured["unknown"], None, of_latency={**demo, "beside": 0.5})
    summarise()
    real = client.get("/explore/?y=latency").content.decode()
    assert "1 model with a latency" in real and "made-up" not in real


def ranked(response):
    return re.findall(
        r'<tr data-model="openai/(\w+)" data-provider="(\w+)"(?=>\s*<td class="num faint">)',
        response.content.decode(),
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("latency_max=1", [("quick", "openai")]),
        ("latency_max=3", [("quick", "openai"), ("slow", "openai")]),
        ("throughput_min=20.5", [("quick", "openai")]),
        ("latency_max=1&throughput_min=151", []),
        ("uptime_min=99", [("quick", "openai"), ("slow", "openai")]),
    ],
)
def test_estimates_rank_what_is_fast_enough_and_keep_the_unmeasured_apart(
    measured, client, query, shown
):
    page = client.get(f"/estimate/?input=1000&output=100&per=endpoint&{query}")
    html = page.content.decode()
    assert sorted(ranked(page)) == shown
    # Azure's three, and one at OpenAI: what is too slow is not among them.
    assert re.search(r'<span class="num">4</span>\s*Not measured', html)
    assert "Rank them at any speed" in html
    lines = b"".join(
        client.get(f"/estimate.csv?input=1000&output=100&per=endpoint&{query}").streaming_content
    )
    assert lines.decode().count("Not measured: whether they are fast enough is not known") == 4


def test_an_estimate_per_model_is_at_the_first_endpoint_that_is_fast_enough(measured, client):
    page = client.get("/estimate/?input=1000&output=100&latency_max=1")
    assert ranked(page) == [("quick", "openai")]
    assert "Latency ≤ 1 s" in page.content.decode()
    assert 'name="latency_max"' in page.content.decode()
