"""Pages show live figures with their source and window, and a gap where there is none."""

import pytest

from tests.factories import make_model, make_provider, sell, summarise
from tests.telemetry.test_stated import keep, model, stated

pytestmark = pytest.mark.django_db

__all__ = ["model"]


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
    assert "0.81 s" in compared


def test_a_refresh_of_figures_changes_the_page(model, client):
    keep(stated(provider="openai", upstream_id="o4-mini"))
    summarise()
    before = client.get("/models/openai/o4-mini/")
    keep(stated(value="0.3", provider="openai", upstream_id="o4-mini"))
    after = client.get(
        "/models/openai/o4-mini/", headers={"If-None-Match": before.headers.get("ETag", "")}
    )
    assert 'data-value="0.3"' in after.content.decode()
