"""Exporters of OpenTelemetry's own SDK, as docs/telemetry.md sets them up, to a real granian."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from opentelemetry.exporter.otlp.json.http.trace_exporter import (
    OTLPSpanExporter as JsonSpanExporter,
)
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

from accounts.keys import make_key
from accounts.models import KeyKind
from telemetry.fold import fold
from telemetry.models import InboxRow, Slot
from tests.database import database_address
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
SECOND = 1_000_000_000


@pytest.fixture
def address(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    granian = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
            *("--port", str(port), "--http", "1", "--no-ws", "--log-level", "error"),
        ],
        cwd=ROOT,
        env={**os.environ, "RATECARD_HOME": str(tmp_path), "DATABASE_URL": database_address()},
    )
    try:
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        granian.terminate()
        granian.wait(20)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def export_calls(exporter: SpanExporter, model_name: str, calls: int) -> None:
    """Calls of two seconds with the first token after 400 ms; every tenth has failed."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_export_batch_size=64))
    tracer = provider.get_tracer("opentelemetry.instrumentation.openai_v2")
    began = time.time_ns() - 10 * SECOND
    for number in range(calls):
        span = tracer.start_span(f"chat {model_name}", kind=SpanKind.CLIENT, start_time=began)
        span.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": model_name,
                "gen_ai.response.finish_reasons": ("stop",),
                "gen_ai.input.messages": "prompt é\n" * 10,
            }
        )
        if number % 10 == 9:
            span.set_status(Status(StatusCode.ERROR, "no answer"))
            span.set_attribute("error.type", "500")
        else:
            span.set_attributes(
                {
                    "gen_ai.response.time_to_first_chunk": 0.4,
                    "gen_ai.usage.input_tokens": 120,
                    "gen_ai.usage.output_tokens": 80,
                }
            )
        span.end(began + 2 * SECOND + number)
    assert provider.force_flush(20_000)
    provider.shutdown()


def export_histogram(exporter: OTLPMetricExporter, model_name: str, calls: int) -> None:
    reader = PeriodicExportingMetricReader(exporter)
    provider = MeterProvider([reader], shutdown_on_exit=False)
    meter = provider.get_meter("vllm")
    first_token = meter.create_histogram("gen_ai.server.time_to_first_token", unit="s")
    named = {"gen_ai.provider.name": "vllm", "gen_ai.request.model": model_name}
    for _ in range(calls):
        first_token.record(0.4, named)
    assert provider.force_flush(20_000)
    provider.shutdown()


def test_what_real_exporters_send_is_counted(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = make_key(KeyKind.INGEST, "gateway")
    for name, value in {
        "ENDPOINT": address,
        "HEADERS": f"Authorization=Bearer%20{secret}",
        "METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram",
    }.items():
        monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{name}", value)
    for compression in ("none", "gzip"):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
        export_calls(OTLPSpanExporter(), f"protobuf-{compression}", 200)
        export_calls(JsonSpanExporter(), f"json-{compression}", 200)
        export_histogram(OTLPMetricExporter(), f"histogram-{compression}", 200)
    assert InboxRow.objects.count() >= 16
    assert fold(timezone.now()) == 800
    slots = {slot.series.model_name: slot for slot in Slot.objects.select_related("series")}
    assert len(slots) == 6
    for name, slot in slots.items():
        assert slot.latency_p50 == pytest.approx(0.4, rel=0.022), name
        if name.startswith("histogram"):
            assert (slot.succeeded, slot.latency_samples) == (0, 200)
        else:
            assert (slot.succeeded, slot.failed, slot.latency_samples) == (180, 20, 180), name
            assert slot.throughput_p50 == pytest.approx(79 / 1.6, rel=0.02)
            assert (slot.input_tokens, slot.output_tokens) == (180 * 120, 180 * 80)
