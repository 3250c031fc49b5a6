"""Figures that sources state are kept as theirs, and one of them is shown of each endpoint."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pricing.headlines import find_headlines
from sources.base import StatedFigure
from telemetry.live import STALE, renew_live_rows
from telemetry.models import KeptFigure, LiveRow
from telemetry.stated import keep_figures
from tests.factories import make_endpoint, make_model, make_provider, make_source, sell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def model(db):
    """o4-mini at OpenAI, at Novita plain and as fp8, and at a gateway."""
    model = make_model(mode="chat")
    sell(model, make_provider("openai", kind="first-party"), input="1", output="4")
    novita = make_provider("novita")
    sell(model, novita, input="1", output="4")
    make_endpoint(model, novita, upstream_id="o4-mini-fp8", quantization="fp8")
    make_endpoint(model, make_provider("gate", kind="gateway"), upstream_id="openai/o4-mini")
    find_headlines()
    return model


def stated(metric="latency", value="0.8", window="30m", *, at="", route="", percentile=50, **more):
    units = {"latency": "s", "throughput": "token/s", "uptime": "ratio"}
    given = {"provider": "gate", "upstream_id": "openai/o4-mini", "definition": "to first token"}
    return StatedFigure(
        **{**given, **more},
        metric=metric,
        percentile=None if metric == "uptime" else percentile,
        value=Decimal(value),
        window=window,
        unit=units[metric],
        at=at,
        route=route,
    )


def shown(upstream_id, provider):
    return LiveRow.objects.filter(
        endpoint__upstream_id=upstream_id, endpoint__provider__slug=provider
    ).first()


def keep(*figures, slug="gate-api", now=NOW):
    return keep_figures(make_source(slug, name=slug.title()), figures, now)


def test_a_figure_of_the_endpoint_as_a_whole_is_shown_with_its_source(model):
    keep(stated(value="0.8", samples=120), stated("uptime", "0.9982", "1d"))
    row = shown("openai/o4-mini", "gate")
    assert (row.latency, row.throughput, row.uptime) == (Decimal("0.8"), None, Decimal("0.9982"))
    assert row.details["latency"] == {
        "source": "Gate-Api",
        "window": "30m",
        "percentile": 50,
        "samples": 120,
        "definition": "to first token",
        "as_of": "2026-12-01T12:00Z",
    }


def test_a_gateways_route_is_shown_at_the_provider_that_it_leads_to(model):
    keep(
        stated(value="0.8", at="novita", route="novita"),
        stated(value="0.5", at="novita", route="novita/fp8"),
        stated(value="0.9", at="openai", route="openai"),
    )
    assert shown("o4-mini", "novita").latency == Decimal("0.8")
    assert shown("o4-mini-fp8", "novita").latency == Decimal("0.5")
    assert shown("o4-mini", "openai").latency == Decimal("0.9")
    # Medians of several routes have no median.
    assert shown("openai/o4-mini", "gate") is None


def test_the_only_route_of_a_gateway_is_its_endpoint_as_a_whole(model):
    keep(stated(at="openai", route="openai"), stated("uptime", "1", at="openai", route="openai"))
    assert shown("openai/o4-mini", "gate").uptime == 1
    assert shown("o4-mini", "openai").uptime == 1


def test_a_route_to_a_variant_that_the_catalog_lacks_is_shown_nowhere_else(model):
    keep(stated(at="novita", route="novita/fp4"), stated(at="openai", route="openai"))
    assert shown("o4-mini", "novita") is None
    assert KeptFigure.objects.get(route="novita/fp4").served_by is None


def test_medians_alone_are_shown_and_the_hour_before_other_windows(model):
    keep(
        stated(value="9", percentile=99),
        stated(value="0.7", window="1d"),
        stated(value="0.6", window="1h"),
    )
    assert shown("openai/o4-mini", "gate").latency == Decimal("0.6")


def test_an_endpoints_own_figures_come_before_a_gateways(model):
    keep(stated(value="0.9", at="openai", route="openai"))
    own = stated(value="0.4", provider="openai", upstream_id="o4-mini", window="")
    keep(own, slug="own-api")
    assert shown("o4-mini", "openai").latency == Decimal("0.4")


def test_the_order_of_refreshes_decides_nothing(model):
    for first, second in (("a-api", "b-api"), ("b-api", "a-api")):
        KeptFigure.objects.all().delete()
        values = {"a-api": "0.3", "b-api": "0.2"}
        for slug in (first, second):
            keep(stated(value=values[slug]), slug=slug)
        assert shown("openai/o4-mini", "gate").latency == Decimal("0.3")


def test_a_newer_answer_replaces_the_figures_and_null_leaves_a_gap(model):
    keep(stated(value="0.8"), stated("throughput", "50"))
    keep(stated(value="0.9"))
    row = shown("openai/o4-mini", "gate")
    assert (row.latency, row.throughput) == (Decimal("0.9"), None)
    keep()
    assert shown("openai/o4-mini", "gate") is None


def test_a_figure_that_nothing_renews_leaves_the_tables(model):
    keep(stated())
    renew_live_rows(NOW + STALE - timedelta(seconds=1))
    assert LiveRow.objects.count() == 1
    renew_live_rows(NOW + STALE)
    assert LiveRow.objects.count() == 0
    assert KeptFigure.objects.count() == 1


def test_figures_of_unknown_endpoints_are_counted(model):
    counts = keep(stated(), stated(upstream_id="openai/o9"))
    assert counts == {"live figures": 1, "live figures of unknown endpoints": 1}
