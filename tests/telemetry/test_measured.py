"""Once a minute slots and hours become figures of endpoints, and tables choose among origins."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.version import catalog_version
from telemetry.histograms import Histogram
from telemetry.measured import KEPT, renew
from telemetry.models import Hour, LiveRow, Measured, Series, Slot
from tests.factories import make_endpoint, make_model, make_provider, sell
from tests.telemetry.test_stated import keep, stated

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 12, 34, 56, tzinfo=UTC)
HOUR = NOW.replace(minute=0, second=0)


@pytest.fixture
def endpoint(db):
    return sell(make_model(mode="chat"), make_provider("openai"), input="1", output="4")


def make_series(endpoint, origin="traffic", name="o4-mini", last_seen=NOW):
    return Series.objects.create(
        origin=origin,
        provider_name="openai",
        model_name=name,
        endpoint=endpoint,
        first_seen=NOW - timedelta(days=3),
        last_seen=last_seen,
    )


def of(metric, values, *, with_histogram=True):
    histogram = Histogram.of(values)
    p50, p95 = histogram.quantiles(50, 95)
    return {
        f"{metric}_samples": len(values),
        f"{metric}_p50": p50,
        f"{metric}_p95": p95,
        f"{metric}_histogram": histogram.to_bytes() if with_histogram else None,
    }


def slot(series, minutes_ago, **columns):
    return Slot.objects.create(
        series=series, start=NOW.replace(second=0) - timedelta(minutes=minutes_ago), **columns
    )


def hour(series, hours_ago, **columns):
    return Hour.objects.create(series=series, start=HOUR - timedelta(hours=hours_ago), **columns)


def near(value, expected):
    return value is not None and abs(float(value) / expected - 1) < 0.012


def shown(endpoint):
    row = LiveRow.objects.get(endpoint=endpoint)
    return row, row.details


def test_slots_of_an_hour_and_all_series_merge_exactly(endpoint):
    one, other = make_series(endpoint), make_series(endpoint, name="openai/o4-mini")
    slot(one, 4, **of("latency", [1.0, 1.1, 1.2]), **of("throughput", [50] * 3))
    slot(one, 54, **of("latency", [9.0] * 3))
    slot(other, 9, **of("latency", [0.2] * 4))
    slot(one, 61, **of("latency", [99.0] * 50))  # before the hour
    hour(one, 0, succeeded=3, failed=1, refused=7)
    hour(other, 23, succeeded=5996)
    hour(one, 25, failed=900)  # before the day
    assert renew(NOW) == 1
    row = Measured.objects.get()
    # Of 10 samples the nearest rank of P50 is the fifth: 0.2 0.2 0.2 0.2 1.0 1.1 1.2 9 9 9.
    assert near(row.latency, 1.0) and near(row.latency_p95, 9.0)
    assert row.latency_samples == 10
    assert (row.throughput, row.throughput_samples) == (None, 3)  # too few
    assert (row.uptime, row.uptime_samples, row.refused) == (Decimal("0.9998"), 6000, 7)
    assert row.newest_at == NOW.replace(second=0)
    live, details = shown(endpoint)
    assert live.latency == row.latency
    assert details["latency"] == {
        "source": "Own traffic",
        "window": "1h",
        "percentile": 50,
        "samples": 10,
        "definition": "",
        "as_of": "2026-12-01T12:34Z",
        "p95": float(row.latency_p95),
        "origin": "traffic",
    }
    assert details["uptime"]["window"] == "1d"
    assert details["uptime"]["percentile"] is None
    # Too few: no figure, and how many there are.
    assert live.throughput is None
    assert details["throughput"]["samples"] == 3
    assert details["throughput"]["as_of"] == "2026-12-01T12:34Z"


def test_five_samples_are_enough(endpoint):
    series = make_series(endpoint)
    slot(series, 1, **of("latency", [1.0] * 5), **of("throughput", [1.0] * 4))
    hour(series, 0, succeeded=4, failed=1)
    renew(NOW)
    row = Measured.objects.get()
    assert row.latency is not None and row.throughput is None
    assert row.uptime == Decimal("0.8")


def test_uptime_is_all_or_nothing_only_where_it_is(endpoint):
    series = make_series(endpoint)
    hour(series, 0, succeeded=999_999, failed=1)
    renew(NOW)
    assert Measured.objects.get().uptime == Decimal("0.9999")
    Hour.objects.update(failed=0)
    renew(NOW)
    assert Measured.objects.get().uptime == 1


def test_the_trend_has_whole_hours_with_gaps_and_changes_by_the_hour(endpoint):
    one, other = make_series(endpoint), make_series(endpoint, name="openai/o4-mini")
    hour(one, 0, succeeded=9, **of("latency", [5.0]))  # not whole yet
    hour(one, 1, succeeded=1, failed=3, **of("latency", [1.0] * 3))
    hour(other, 1, **of("latency", [2.0] * 4))
    hour(one, 24, succeeded=2, **of("latency", [3.0]))
    # Where a histogram is gone, the series with most samples.
    hour(one, 3, **of("latency", [1.0] * 9))
    hour(other, 3, **of("latency", [7.0] * 5, with_histogram=False))
    renew(NOW)
    trend = Measured.objects.get().trend
    assert {*trend} == {"latency", "uptime"}
    assert len(trend["latency"]) == len(trend["uptime"]) == 24
    assert near(trend["latency"][-1], 2.0)
    assert near(trend["latency"][0], 3.0)
    assert near(trend["latency"][-3], 1.0)
    assert [place for place, value in enumerate(trend["latency"]) if value] == [0, 21, 23]
    assert trend["uptime"][-1] == 0.25 and trend["uptime"][0] == 1.0
    Hour.objects.filter(start=HOUR).update(latency_p50=6)
    assert renew(NOW + timedelta(minutes=5)) == 0
    renew(NOW + timedelta(hours=1))
    assert near(Measured.objects.get().trend["latency"][-2], 2.0)


def test_probes_and_trials_count_for_a_day(endpoint):
    for origin in ("probe", "playground"):
        series = make_series(endpoint, origin)
        for hours_ago in (0, 4, 9, 20):
            hour(series, hours_ago, succeeded=2, **of("latency", [1.0 + hours_ago] * 2))
    renew(NOW)
    for row in Measured.objects.all():
        assert near(row.latency, 5.0)
        assert row.latency_samples == row.uptime_samples == 8
    _, details = shown(endpoint)
    assert details["latency"]["source"] == "Own probes"
    assert details["latency"]["window"] == "1d"


def test_what_prometheus_measures_stays_for_three_hours_and_its_age_for_days(endpoint):
    details = {"latency": {"low": 0.5, "high": None, "definition": "to the first chunk"}}
    Measured.objects.create(
        endpoint=endpoint,
        origin="prometheus",
        latency=Decimal("0.5"),
        latency_samples=9,
        details=details,
        newest_at=NOW,
    )
    hour(make_series(endpoint, "prometheus"), 0, **of("latency", [9.0] * 9))
    renew(NOW)
    row, details = shown(endpoint)
    assert row.latency == Decimal("0.5")
    assert (details["latency"]["source"], details["latency"]["low"]) == ("Prometheus", 0.5)
    assert "high" not in details["latency"]
    assert details["latency"]["definition"] == "to the first chunk"
    renew(NOW + timedelta(hours=3, minutes=1))
    row, details = shown(endpoint)
    assert row.latency is None
    assert details["latency"]["as_of"] == "2026-12-01T12:34Z"
    renew(NOW + timedelta(days=7, minutes=1))
    assert not Measured.objects.exists()


def test_own_traffic_comes_first_then_what_is_less_near_and_demo_last(endpoint):
    origins = ("demo", "playground", "probe", "prometheus", "traffic")
    names = ("Demo", "Playground", "Own probes", "Prometheus", "Own traffic")
    for origin, name in zip(origins, names, strict=True):
        series = make_series(endpoint, origin)
        slot(series, 3, **of("latency", [1.0] * 5))
        hour(series, 0, **of("latency", [1.0] * 5))
        if origin == "prometheus":  # measured there
            measured = {"latency": 1, "latency_samples": 5, "newest_at": NOW}
            Measured.objects.create(endpoint=endpoint, origin=origin, **measured)
        renew(NOW)
        assert shown(endpoint)[1]["latency"]["source"] == name
        if origin == "demo":
            own = stated(provider="openai", upstream_id="o4-mini", value="0.7")
            keep(own, now=NOW)
            renew(NOW)
            row, details = shown(endpoint)
            assert (row.latency, details["latency"]["source"]) == (Decimal("0.7"), "Gate-Api")
            assert "origin" not in details["latency"]


def test_made_up_figures_rank_nothing_beside_real_ones(endpoint):
    other = make_endpoint(endpoint.model, make_provider("azure"))
    made_up = make_series(other, "demo")
    slot(made_up, 3, **of("latency", [1.0] * 5), **of("throughput", [50.0] * 5))
    renew(NOW)
    row, details = shown(other)
    assert float(row.latency) == pytest.approx(1, rel=0.006)
    assert "beside" not in details["latency"]
    keep(stated(provider="openai", upstream_id="o4-mini", value="0.7"), now=NOW)
    row, details = shown(other)
    assert row.latency is None
    assert details["latency"]["beside"] == pytest.approx(1, rel=0.006)
    assert details["latency"]["source"] == "Demo"
    assert float(row.throughput) == pytest.approx(50, rel=0.006)  # nothing real is known of it
    assert shown(endpoint)[0].latency == Decimal("0.7")


def test_too_few_samples_give_way_to_any_figure_and_the_newest_of_them_is_stated(endpoint):
    long_ago = NOW - timedelta(hours=5)
    make_series(endpoint, "demo")
    hour(make_series(endpoint, "traffic", last_seen=long_ago), 5)
    hour(make_series(endpoint, "probe", last_seen=long_ago - timedelta(hours=1)), 6)
    renew(NOW)
    row, details = shown(endpoint)
    assert (row.latency, row.throughput, row.uptime) == (None, None, None)
    assert details["latency"]["origin"] == "traffic"
    assert details["latency"]["samples"] == 0
    assert details["latency"]["as_of"] == "2026-12-01T07:34Z"
    keep(stated(provider="openai", upstream_id="o4-mini", value="0.7"), now=NOW)
    renew(NOW)
    row, details = shown(endpoint)
    assert details["latency"]["source"] == "Gate-Api"
    assert details["uptime"]["origin"] == "traffic"


def test_calls_that_come_long_after_they_began_are_as_old_as_they_are(endpoint):
    series = make_series(endpoint, last_seen=NOW)
    renew(NOW)
    assert Measured.objects.get().newest_at == HOUR - timedelta(hours=24)  # or before
    hour(series, 7, succeeded=2)
    renew(NOW)
    assert Measured.objects.get().newest_at == HOUR - timedelta(hours=6)
    hour(series, 0, succeeded=1)
    renew(NOW)
    assert Measured.objects.get().newest_at == NOW.replace(second=0, microsecond=0)


def test_what_has_no_calls_for_days_is_dropped(endpoint):
    make_series(endpoint, last_seen=NOW - KEPT + timedelta(seconds=1))
    renew(NOW)
    assert Measured.objects.count() == LiveRow.objects.count() == 1
    renew(NOW + timedelta(seconds=1))
    assert Measured.objects.count() == LiveRow.objects.count() == 0


def test_a_renewal_that_changes_nothing_writes_nothing(endpoint):
    series = make_series(endpoint)
    slot(series, 3, **of("latency", [1.0] * 5))
    renew(NOW)
    before = catalog_version("live")
    assert renew(NOW + timedelta(minutes=1)) == 0
    assert catalog_version("live") == before


def test_more_endpoints_take_no_more_statements(endpoint):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            renew(NOW)
        return len(queries)

    make_series(endpoint)
    few = count()
    provider = make_provider("azure")
    for number in range(9):
        other = sell(make_model(f"openai/m{number}"), provider, input="1", output="4")
        make_series(other, name=f"m{number}")
    assert count() == few
    assert Measured.objects.count() == 10


def test_p95_of_what_a_source_states_comes_along(endpoint):
    figures = (
        stated(provider="openai", upstream_id="o4-mini", value=value, percentile=percentile)
        for value, percentile in (("0.7", 50), ("2.5", 95))
    )
    keep(*figures, now=NOW)
    assert shown(endpoint)[1]["latency"]["p95"] == 2.5
