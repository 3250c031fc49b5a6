"""What exporters' queries show becomes rows; what cannot be read leaves the last figures."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from telemetry.models import (
    CallOrigin,
    Day,
    Hour,
    Measured,
    PrometheusExporter,
    Series,
    Slot,
)
from telemetry.prometheus import client
from telemetry.prometheus.refresh import STEPS, refresh
from tests.factories import make_endpoint, make_model, make_provider
from tests.telemetry.prometheus.engine import Reply, serve_engine, vector

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 1, 12, 1, tzinfo=UTC)
NAMES = {"api_provider": "openai", "litellm_model_name": "o4-mini"}
SHORT = tuple(replace(step, at_start=4) for step in STEPS)
TTFT = {"0.5": "30", "1.0": "80", "+Inf": "100"}


class Gateway:
    """An engine with LiteLLM's metrics of one model, the same increase in every window."""

    def __init__(self):
        self.labels = NAMES
        self.ttft = TTFT
        self.succeeded, self.failed = "95", "5"
        self.instead = None

    def __call__(self, path, parameters):
        if self.instead:
            return self.instead
        query = parameters["query"]
        if "time_to_first_token" in query and "litellm" in query:
            numbers = [({**self.labels, "le": le}, count) for le, count in self.ttft.items()]
        elif "success_responses" in query:
            numbers = [(self.labels, self.succeeded)]
        elif "failure_responses" in query and "!~" in query:
            numbers = [(self.labels, self.failed)]
        else:
            numbers = []
        if path.endswith("query_range"):
            first, last, step = (int(parameters[name]) for name in ("start", "end", "step"))
            times = range(first, last + 1, step)
            elements = [
                {"metric": labels, "values": [[at, number] for at in times]}
                for labels, number in numbers
            ]
        else:
            at = int(parameters["time"])
            elements = [{"metric": labels, "value": [at, number]} for labels, number in numbers]
        return vector(*elements)


@pytest.fixture
def gateway():
    return Gateway()


@pytest.fixture(autouse=True)
def a_short_past(monkeypatch, db):
    """Of one exporter alone, without a request for each hour."""
    PrometheusExporter.objects.exclude(name="LiteLLM proxy").update(is_enabled=False)
    monkeypatch.setattr("telemetry.prometheus.refresh.STEPS", SHORT)


@pytest.fixture
def engine(gateway, settings):
    with serve_engine(gateway) as served:
        settings.PROMETHEUS_URL = served.address
        settings.PROMETHEUS_TOKEN = "canary-9f31"
        yield served


@pytest.fixture
def endpoint(db):
    model = make_model("openai/o4-mini", mode="chat")
    endpoint = make_endpoint(model, make_provider("openai"))
    Series.objects.create(
        origin=CallOrigin.PROMETHEUS,
        provider_name="openai",
        model_name="o4-mini",
        endpoint=endpoint,
        is_chosen=True,
        first_seen=NOW,
        last_seen=NOW,
    )
    return endpoint


def litellm():
    return PrometheusExporter.objects.get(name="LiteLLM proxy")


def shown():
    """All that Prometheus' figures are kept in."""
    return [
        list(table.objects.order_by("pk").values()) for table in (Series, Slot, Hour, Day, Measured)
    ]


def test_the_past_and_the_present_are_read(engine, endpoint, monkeypatch):
    monkeypatch.setattr("telemetry.prometheus.refresh.STEPS", STEPS)
    refresh(NOW)
    assert Slot.objects.count() == 289  # a day, with the step before it
    assert Hour.objects.count() == 169
    assert Day.objects.count() == 31
    slot = Slot.objects.latest("start")
    assert slot.start == datetime(2026, 12, 1, 11, 55, tzinfo=UTC)
    assert slot.latency_p50 == pytest.approx(0.7)
    assert slot.latency_p95 == 1  # its bucket has no upper bound
    assert (slot.succeeded, slot.failed, slot.latency_samples) == (95, 5, 100)
    assert slot.latency_histogram is None
    row = Measured.objects.get()
    assert (row.endpoint, row.origin) == (endpoint, CallOrigin.PROMETHEUS)
    assert row.details["latency"]["low"] == 0.5
    assert row.details["latency"]["high"] == 1
    assert row.details["latency"]["definition"] == (
        "From the proxy's call of the provider to the first chunk, of streamed calls"
    )
    assert float(row.uptime) == 0.95
    assert row.uptime_samples == 100
    assert row.throughput is None
    assert row.trend["latency"] == [pytest.approx(0.7)] * 24
    assert row.newest_at == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert set(engine.keys) == {"Bearer canary-9f31"}
    assert litellm().read_at == NOW


def test_the_next_run_reads_what_is_new_and_replaces_the_step_before(engine, gateway, endpoint):
    refresh(NOW)
    del engine.asked[:]
    gateway.succeeded = "40"
    refresh(NOW + timedelta(minutes=5))
    assert Slot.objects.count() == 6
    assert Slot.objects.filter(succeeded=40).count() == 2
    assert Hour.objects.count() == 5
    ranges = {(q["start"], q["end"]) for path, q in engine.asked if path.endswith("query_range")}
    assert ranges == {("1796126400", "1796126700")}


def test_nothing_is_asked_without_a_setting(engine, settings):
    settings.PROMETHEUS_URL = ""
    refresh(NOW)
    assert not engine.asked


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(b"no", 503), "answered 503"),
        (Reply(b"<html>sign in</html>", 200, {"Content-Type": "text/html"}), "sent a web page"),
        (Reply(b"<!DOCTYPE html><p>x", 200, {}), "sent a web page"),
        (Reply(b"", 401), "answered 401: check RATECARD_PROMETHEUS_TOKEN"),
        (Reply(b"", 302, {"Location": "http://127.0.0.1:9/"}), "answered 302"),
        (Reply(b""), "sent not an answer of its API"),
        (Reply(b"[]"), "sent not an answer of its API"),
        (Reply(b"\xff\xfe"), "sent not an answer of its API"),
        (Reply(b'{"status":"success","data":{"result":[{"metric":{"a":1}}]}}'), "sent not an"),
        (Reply(b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}'), "sent"),
        (Reply(b'{"status":"error","error":"out of\\nmemory"}'), "an error: out of memory"),
        (Reply(b'{"status":"error","error":"no time"}', 503), "answered 503 (no time)"),
        (Reply(b'{"status":"error","error":"1:5: parse error"}', 400), "refused the query: 1:5:"),
        (Reply(b"x" * 3000), "more than 0 MB"),
        (Reply(b"x" * 900, pause=0.05), "took longer than"),
        (Reply(b"x", headers={"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_what_cannot_be_read_leaves_the_last_figures_and_one_sentence(
    engine, gateway, endpoint, caplog, monkeypatch, reply, sentence
):
    caplog.set_level(logging.INFO)
    refresh(NOW)
    before = shown()
    monkeypatch.setattr(client, "LARGEST", 2000)
    monkeypatch.setattr(client, "LONGEST", 0.5)
    gateway.instead = reply
    later = NOW + timedelta(minutes=5)
    refresh(later)
    refresh(later + timedelta(minutes=5))
    exporter = litellm()
    assert sentence in exporter.error
    assert exporter.error.endswith(".")
    assert exporter.failing_since == later
    assert exporter.read_at == NOW
    assert shown() == before
    assert sum("Prometheus, LiteLLM" in line for line in caplog.messages) == 1
    assert "canary" not in caplog.text + exporter.error
    gateway.instead = None
    monkeypatch.setattr(client, "LARGEST", 10**6)
    monkeypatch.setattr(client, "LONGEST", 20.0)
    refresh(later + timedelta(minutes=10))
    assert litellm().error == ""
    assert litellm().failing_since is None
    assert Slot.objects.count() == 8  # the missed ones, too


def test_a_server_that_is_down_leaves_the_last_figures(engine, endpoint, settings):
    refresh(NOW)
    before = shown()
    settings.PROMETHEUS_URL = "http://user:secret-word@127.0.0.1:9"
    refresh(NOW + timedelta(minutes=5))
    assert shown() == before
    assert "127.0.0.1:9 could not be read" in litellm().error
    assert "secret" not in litellm().error


def test_a_token_that_is_none_is_not_sent_nor_shown(engine, settings):
    settings.PROMETHEUS_TOKEN = "canary\n9f31"
    refresh(NOW)
    assert not engine.asked
    assert "RATECARD_PROMETHEUS_TOKEN is not a token" in litellm().error
    assert "canary" not in litellm().error


def test_a_wrong_query_stops_only_its_exporter(engine, endpoint, gateway, monkeypatch):
    PrometheusExporter.objects.filter(name="vLLM").update(
        is_enabled=True, succeeded="sum(increase(nonsense[$window]"
    )
    answer = Gateway.__call__

    def refuse(self, path, parameters):
        if "nonsense" in parameters["query"]:
            return Reply(b'{"status":"error","error":"1:3: parse error: unclosed"}', 400)
        return answer(self, path, parameters)

    monkeypatch.setattr(Gateway, "__call__", refuse)
    refresh(NOW)
    vllm = PrometheusExporter.objects.get(name="vLLM")
    assert vllm.error == "Prometheus refused the query: 1:3: parse error: unclosed."
    assert litellm().error == ""
    assert Measured.objects.count() == 1


@pytest.mark.parametrize("number", ["NaN", "+Inf", "-Inf", "-3", "", "many", "1e400", "1e300"])
def test_numbers_that_are_none_are_left_out(engine, gateway, endpoint, number):
    gateway.succeeded = number
    gateway.ttft = {"0.5": number, "1.0": number, "+Inf": number, number: "4"}
    refresh(NOW)
    assert litellm().error == ""
    assert set(Slot.objects.values_list("succeeded", "latency_p50")) == {(0, None)}
    row = Measured.objects.get()
    assert row.latency is None
    assert row.uptime == 0  # five failed


def test_times_that_were_not_asked_for_are_left_out(engine, gateway, endpoint, monkeypatch):
    answer = Gateway.__call__

    def another_time(self, path, parameters):
        body = json.loads(answer(self, path, parameters).body)
        for element in body["data"]["result"]:
            element["values"] = [[at, "7"] for at in (1e18, -1e18, 1, 1e300)]
        return Reply(json.dumps(body).encode())

    monkeypatch.setattr(Gateway, "__call__", another_time)
    refresh(NOW)
    assert litellm().error == ""
    assert not Slot.objects.exists()


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({}, "without a model's name"),
        ({"litellm_model_name": "  "}, "without a model's name"),
        ({"litellm_model_name": "m" * 301}, "with too long a name"),
        ({"litellm_model_name": "m", "api_provider": "p" * 201}, "with too long a name"),
        ({"litellm_model_name": "a\0b"}, "with a name that cannot be shown"),
    ],
)
def test_series_that_cannot_be_named_are_left_out_and_counted(engine, gateway, labels, why):
    gateway.labels = labels
    refresh(NOW)
    assert not Series.objects.exists()
    assert litellm().left_out[why] > 0


def test_models_beyond_the_bound_are_left_out_and_counted(engine, gateway, monkeypatch):
    monkeypatch.setattr("telemetry.prometheus.readings.MOST_NAMES", 3)
    answer = Gateway.__call__

    def many(self, path, parameters):
        body = json.loads(answer(self, path, parameters).body)
        result = body["data"]["result"]
        body["data"]["result"] = [
            {**element, "metric": {**element["metric"], "litellm_model_name": f"m{number}"}}
            for element in result
            for number in range(5)
        ]
        return Reply(json.dumps(body).encode())

    monkeypatch.setattr(Gateway, "__call__", many)
    refresh(NOW)
    assert Series.objects.count() == 3
    assert litellm().left_out["beyond 3 models"] > 0


def test_an_endpoint_that_is_measured_no_more_keeps_its_age_without_figures(
    engine, gateway, endpoint
):
    refresh(NOW)
    gateway.ttft, gateway.succeeded, gateway.failed = {}, "0", "0"
    refresh(NOW + timedelta(minutes=5))
    row = Measured.objects.get()
    assert (row.latency, row.latency_samples, row.uptime, row.details) == (None, 0, None, {})
    assert row.newest_at == datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_of_two_exporters_with_one_name_the_first_counts(engine, gateway, endpoint):
    PrometheusExporter.objects.create(
        name="another",
        place=5,
        provider_labels="api_provider",
        model_labels="litellm_model_name",
        latency="litellm another time_to_first_token [$window]",
        latency_definition="another",
    )
    refresh(NOW)
    assert Measured.objects.get().details["latency"]["definition"] == "another"
    assert litellm().left_out["of another exporter, too"] > 0
    assert set(Slot.objects.values_list("succeeded", flat=True)) == {0}


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"latency": "sum by (le) (increase(x_bucket[5m]))"}, "$window"),
        ({"succeeded": "increase(x[$window])"}, "both the succeeded and the failed"),
    ],
)
def test_an_editor_is_told_what_a_query_lacks(fields, complaint):
    with pytest.raises(ValidationError, match=complaint.replace("$", r"\$")):
        PrometheusExporter(name="x", **fields).full_clean()


def test_the_default_queries_are_valid(db):
    for exporter in PrometheusExporter.objects.all():
        exporter.full_clean()
