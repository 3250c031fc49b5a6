import csv
import gzip
from datetime import UTC
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.provider_kinds import ProviderKind
from telemetry.live import renew_live_rows
from telemetry.models import Measured
from tests.factories import (
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    sell,
    summarise,
)
from tests.telemetry.test_stated import keep, stated
from web.exports import models as model_csv

pytestmark = pytest.mark.django_db

LIVE = [
    f"{metric}{part}"
    for metric in ("latency", "throughput", "uptime")
    for part in ("", "_source", "_samples", "_as_of")
]


def read(client, query=""):
    response = client.get(f"/models.csv{query}")
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(StringIO(text, newline="")))


def test_live_figures_have_their_source_samples_and_date(client):
    endpoint = sell(make_model(), make_provider("openai"), input="1.10")
    now = timezone.now()
    keep(stated(provider="openai", upstream_id="o4-mini", samples=1234), now=now)
    few = {"endpoint": endpoint, "origin": "traffic", "newest_at": now, "uptime_samples": 3}
    Measured.objects.create(**few)
    renew_live_rows(now)
    summarise()
    (row,) = read(client)
    providers = client.get("/models/openai/o4-mini/providers.csv").content.decode()
    (of_provider,) = csv.DictReader(StringIO(providers, newline=""))
    at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    for live in (row, of_provider):
        assert [live[name] for name in LIVE[:4]] == ["0.8", "Gate-Api, 30 min", "1234", at]
        assert [live[name] for name in LIVE[4:]] == [
            *("", "Own traffic, 1 h", "0", at, "", "Own traffic, 24 h", "3", at)
        ]


def test_each_model_is_a_row_with_exact_prices_at_named_endpoints(client):
    model = make_model(
        name="o4-mini, the “small” one",
        context_window=200_000,
        max_output=100_000,
        capabilities=["vision", "reasoning"],
        released="2025-04-16",
    )
    sell(model, make_provider("azure"), input="1.21", output="4.40", cache_read="0.000000275")
    endpoint = sell(model, make_provider("openai"), input="1.10")
    make_rate(endpoint, "output", None, state="unknown")
    summarise()
    assert read(client) == [
        {
            "slug": "openai/o4-mini",
            "name": "o4-mini, the “small” one",
            "creator": "openai",
            "context": "200000",
            "max_input": "",
            "max_output": "100000",
            "provider": "azure",
            "upstream_id": "o4-mini",
            "standing": "direct",
            "input_usd_per_million": "1.21",
            "input_state": "priced",
            "input_announced_usd_per_million": "",
            "input_announced_from": "",
            "output_usd_per_million": "4.4",
            "output_state": "priced",
            "output_announced_usd_per_million": "",
            "output_announced_from": "",
            "cache_read_usd_per_million": "0.000000275",
            "cache_read_state": "priced",
            "cache_read_announced_usd_per_million": "",
            "cache_read_announced_from": "",
            "own_unit": "",
            "own_usd": "",
            "lower_provider": "",
            "lower_usd": "",
            "lower_unit": "",
            "prices_as_of": "2026-11-12",
            "rating": "",
            "rating_low": "",
            "rating_high": "",
            "rating_votes": "",
            "rated_on": "",
            "rated_as_of": "",
            "capabilities": "vision reasoning",
            "providers": "azure openai",
            "released": "2025-04-16",
            "lifecycle": "listed",
            "first_seen": "",
            "retired_on": "",
            **dict.fromkeys(LIVE, ""),
        }
    ]


def test_states_without_an_amount_are_never_a_zero(client):
    host = make_provider("host")
    make_rate(make_endpoint(make_model("a/gratis"), host), "input", "0", state="free")
    make_rate(make_endpoint(make_model("a/router"), host), "input", None, state="dynamic")
    make_endpoint(make_model("a/silent"), host)
    make_endpoint(make_model("a/vectors", mode="embedding"), host, mode="embedding")
    summarise()
    found = {
        row["slug"]: (row["input_state"], row["input_usd_per_million"])
        for row in read(client, "?all=1")
    }
    assert found == {
        "a/gratis": ("free", "0"),
        "a/router": ("dynamic", ""),
        "a/silent": ("unknown", ""),
        "a/vectors": ("unknown", ""),
    }
    outputs = {row["slug"]: row["output_state"] for row in read(client, "?all=1")}
    assert (outputs["a/silent"], outputs["a/vectors"]) == ("unknown", "not_offered")


def test_the_file_holds_what_the_filters_leave_in_their_order_on_all_pages(client):
    host = make_provider("host")
    for n in range(60):
        sell(make_model(f"a/m{n:02}"), host, input=str(100 - n))
    sell(make_model("b/other"), host, input="1")
    summarise()
    found = [row["slug"] for row in read(client, "?creator=a&sort=input&page=2&nonsense=1")]
    assert found == [f"a/m{n:02}" for n in reversed(range(60))]


def test_a_plan_is_the_row_of_a_model_when_asked_for(client):
    model = make_model()
    sell(model, input="1")
    plan = make_endpoint(model, make_provider("plan", kind=ProviderKind.PLAN))
    make_rate(plan, "input", None, state="included")
    summarise()
    (row,) = read(client, "?kind=plan")
    found = (row["input_state"], row["input_usd_per_million"], row["provider"], row["standing"])
    assert found == ("included", "", "plan", "plan")


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", " =", "\u3000@", "\uff1d", "\uff0b", "\uff0d", "\uff20"],
)
def test_no_cell_runs_as_a_formula(client, start):
    creator = make_creator("a")
    model = make_model("a/evil", name=f"{start}HYPERLINK(1)", creator=creator)
    sell(model, input="1").delete()
    endpoint = make_endpoint(model, upstream_id=f"{start}1+1")
    make_rate(endpoint, "input", "1")
    summarise()
    (row,) = read(client)
    assert row["name"] == f"'{start}HYPERLINK(1)"
    assert row["upstream_id"] == f"'{start}1+1"


def test_the_file_says_what_it_is_and_is_written_piece_by_piece(client, monkeypatch):
    host = make_provider("host")
    for n in range(5):
        sell(make_model(f"a/m{n}"), host, input="1")
    summarise()
    monkeypatch.setattr(model_csv, "ROWS_AT_A_TIME", 2)
    response = client.get("/models.csv")
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="models.csv"'
    assert len(list(response.streaming_content)) == 1 + 3
    monkeypatch.setattr(model_csv, "MOST_ROWS", 3)
    assert len(read(client)) == 3


@pytest.mark.django_db(transaction=True)
def test_the_file_costs_as_many_queries_whatever_it_holds(client):
    host = make_provider("host")
    counts = []
    for size in (10, 20):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), host, input="1", output="2")
        summarise()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            assert read(client)
        counts.append(len(queries))
    assert counts == [6, 6]


@pytest.mark.parametrize(
    "query", ["", "?creator=nope", "?input_max=x", "?q=%00", "?page=99", "?q=nothing"]
)
def test_no_query_breaks_the_file(client, query):
    assert isinstance(read(client, query), list)


def test_the_file_is_only_read(client):
    assert client.post("/models.csv").status_code == 405


@pytest.mark.parametrize("path", ["/models.csv", "/estimate.csv"])
def test_a_file_is_sent_small_to_who_takes_that_and_still_piece_by_piece(client, path):
    for n in range(40):
        sell(make_model(f"a/model-{n}"), input="1", output="2")
    summarise()
    plain = b"".join(client.get(path).streaming_content)
    response = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert response.streaming
    assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding")
    small = b"".join(response.streaming_content)
    assert gzip.decompress(small) == plain
    assert len(small) * 2 < len(plain)
