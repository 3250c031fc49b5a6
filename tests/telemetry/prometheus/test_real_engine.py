"""Debian's Prometheus scrapes an exporter with classic and native histograms; figures hold."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest

from telemetry.models import CallOrigin, Measured, PrometheusExporter, Series, Slot
from telemetry.prometheus.refresh import refresh
from tests.factories import make_endpoint, make_model, make_provider
from tests.telemetry.prometheus.exporter import Histogram, Metrics, exporter
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

PROMETHEUS = shutil.which("prometheus")
EVERY = 0.2
CONFIG = """
global: {{scrape_interval: {every}ms, scrape_timeout: {every}ms}}
scrape_configs:
  - job_name: gateway
    static_configs: [{{targets: ["{address}"]}}]
"""
LITELLM = (("api_provider", "openai"), ("model", "o4-mini"), ("user", "someone"))
VLLM = (("engine", "0"), ("model_name", "meta-llama/Llama-3.1-8B-Instruct"))
TTFT = [0.3] * 30 + [0.6] * 50 + [3.0] * 20
NATIVE_TTFT = [0.20] * 40 + [0.41] * 40 + [1.9] * 20
TOKEN_TIMES = [0.012] * 60 + [0.04] * 40


@pytest.fixture
def metrics():
    with exporter() as served:
        served.histograms["litellm_llm_api_time_to_first_token_metric", LITELLM] = Histogram(
            bounds=(0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
        )
        served.histograms["vllm:time_to_first_token_seconds", VLLM] = Histogram(schema=3)
        served.histograms["vllm:request_time_per_output_token_seconds", VLLM] = Histogram(schema=3)
        deployment = (("api_provider", "openai"), ("litellm_model_name", "o4-mini"))
        for status in ("500", "429"):
            name = "litellm_deployment_failure_responses_total"
            served.counters[name, (*deployment, ("exception_status", status))] = 0
        served.counters["litellm_deployment_success_responses_total", deployment] = 0
        served.counters["litellm_output_tokens_metric_total", LITELLM] = 0
        yield served


@pytest.fixture
def engine(metrics, tmp_path):
    if not PROMETHEUS:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("Prometheus is not installed (Debian: prometheus), so it was not tried")
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(every=int(EVERY * 1000), address=metrics.address))
    options = (
        *(f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=native-histograms"),
    )
    process = subprocess.Popen(
        [PROMETHEUS, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_ready(address))
        yield address
    finally:
        process.terminate()
        process.wait(20)


def is_ready(address):
    with suppress(OSError), urlopen(f"{address}/-/ready") as answer:
        return answer.status == 200
    return False


def scrape(metrics, times):
    after = metrics.scrapes + times
    wait_until(lambda: metrics.scrapes >= after)


def observe(metrics: Metrics) -> None:
    for (name, _), histogram in metrics.histograms.items():
        if name.startswith("litellm"):
            histogram.observed += TTFT
        else:
            histogram.observed += TOKEN_TIMES if "output_token" in name else NATIVE_TTFT
    for name, labels in metrics.counters:
        calls = {"success": 95, "failure": 5, "tokens": 5000}
        metrics.counters[name, labels] += next(n for word, n in calls.items() if word in name)


def test_figures_are_within_the_bound_of_their_bucket(metrics, engine, settings):
    model = make_model("openai/o4-mini")
    endpoint = make_endpoint(model, make_provider("openai"))
    llama = make_endpoint(make_model("meta/llama-3.1-8b-instruct"), make_provider("ours"))
    for provider, name, chosen in (("openai", "o4-mini", endpoint), ("", VLLM[1][1], llama)):
        Series.objects.create(
            origin=CallOrigin.PROMETHEUS,
            provider_name=provider,
            model_name=name,
            endpoint=chosen,
            is_chosen=True,
            first_seen=datetime.now(UTC),
            last_seen=datetime.now(UTC),
        )
    settings.PROMETHEUS_URL = engine
    PrometheusExporter.objects.exclude(name__in=("LiteLLM proxy", "vLLM")).update(is_enabled=False)
    wait_until(lambda: time.time() % 300 < 270)  # all scrapes are in the same five minutes
    scrape(metrics, 5)
    observe(metrics)
    scrape(metrics, 10)
    # As of the end of the running five minutes.
    now = datetime.fromtimestamp((time.time() // 300 + 1) * 300 + 60, UTC)

    refresh(now)

    assert not PrometheusExporter.objects.exclude(error="").values_list("name", "error")
    measured = Measured.objects.get(endpoint=endpoint)
    details = measured.details["latency"]
    assert (details["low"], details["high"]) == (0.5, 1.0)
    assert details["low"] < 0.6 < details["high"]  # the true median
    assert 0.5 < measured.latency < 1.0
    assert 2 < measured.latency_p95 <= 5
    assert 100 <= measured.latency_samples <= 120
    assert float(measured.uptime) == pytest.approx(0.95, abs=0.005)
    assert measured.refused in range(5, 7)
    assert measured.newest_at == now - timedelta(seconds=60)
    native = Measured.objects.get(endpoint=llama)
    details = native.details["latency"]
    assert details["low"] < 0.41 <= details["high"]
    assert details["high"] / details["low"] == pytest.approx(2 ** (1 / 8), rel=1e-4)
    assert float(native.latency) == pytest.approx(0.41, rel=0.09)
    assert float(native.throughput) == pytest.approx(1 / 0.012, rel=0.09)
    assert native.uptime is None
    slots = {slot.series.model_name: slot for slot in Slot.objects.select_related("series")}
    assert slots["o4-mini"].start == now - timedelta(seconds=360)
    assert 0.5 < slots["o4-mini"].latency_p50 < 1
    assert slots["o4-mini"].latency_histogram is None
    assert slots["o4-mini"].output_tokens == pytest.approx(5000, rel=0.2)
    assert slots["o4-mini"].failed in range(5, 7)
    assert len(slots) == 2
