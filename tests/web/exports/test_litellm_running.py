"""LiteLLM's proxy itself, started with the exported configuration: order, fallback, telemetry.

`LITELLM_PROXY` is the path of its program, installed anywhere as docs/gateway.md has it; without it
there is no such test. It is no dependency of this project.
"""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import Any

import openai
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from catalog.models import Endpoint
from telemetry.fold import fold
from telemetry.models import InboxRow, Slot
from tests.called import KEY, USAGE, WORDS
from tests.config.test_production import free_port
from tests.factories import make_model, make_provider, sell
from tests.streaming.provider_server import (
    ProviderServer,
    ScriptedAnswer,
    event,
    serving_provider,
)
from tests.waiting import wait_until
from tests.web.views.test_otlp_exporters import address as address

LITELLM = os.environ.get("LITELLM_PROXY", "")
MASTER_KEY = "sk-master-of-the-test"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not LITELLM, reason="LITELLM_PROXY does not name LiteLLM's program"),
]


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ProviderServer]]:
    """The cheaper one fails; nothing but these two has a key."""
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_PAT")):
            monkeypatch.delenv(name)
    with ExitStack() as stack:
        states = {}
        model = make_model()
        for slug, price in (("groq", "0.1"), ("deepinfra", "0.2")):
            state = states[slug] = stack.enter_context(serving_provider())
            monkeypatch.setenv(f"RATECARD_PROVIDER_{slug.upper()}_URL", f"{state.address}/v1")
            monkeypatch.setenv(f"{slug.upper()}_API_KEY", KEY)
            sell(model, make_provider(slug), input=price, output=price)
        states["groq"].answer = ScriptedAnswer(status=500, headers={})
        states["deepinfra"].answer = ScriptedAnswer([*whole_chunks(), (0, b"data: [DONE]\n\n")])
        yield states


def whole_chunks() -> Iterator[tuple[float, bytes]]:
    """With all the fields that OpenAI's own have: the proxy counts on them."""
    fields = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    for number, text in enumerate(WORDS):
        delta = {"content": text} if number else {"role": "assistant", "content": text}
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        yield (0.01 if number else 0.2), event({**fields, "choices": [choice]})
    yield 0, event({**fields, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    yield 0, event({**fields, "choices": [], "usage": USAGE})


@pytest.fixture
def proxy(providers: Any, address: str, tmp_path: Path) -> Iterator[str]:
    written = StringIO()
    call_command("export", "litellm-proxy", stdout=written)
    config = tmp_path / "config.yaml"
    config.write_text(written.getvalue())
    secret = make_key(KeyKind.INGEST, "litellm")[1]
    port = free_port()
    with (tmp_path / "litellm.log").open("wb") as log:
        process = subprocess.Popen(
            [LITELLM, "--config", str(config), "--host", "127.0.0.1", "--port", str(port)],
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                **{name: text for name, text in os.environ.items() if name != "DATABASE_URL"},
                "LITELLM_MASTER_KEY": MASTER_KEY,
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "LITELLM_OTEL_V2": "true",
                "OTEL_EXPORTER": "otlp_http",
                "OTEL_ENDPOINT": f"{address}/v1/traces",
                "OTEL_HEADERS": f"Authorization=Bearer {secret}",
            },
        )
        try:
            wait_until(lambda: process.poll() is not None or is_alive(port), seconds=180)
            assert process.poll() is None, (tmp_path / "litellm.log").read_text()[-3000:]
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def is_alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
            return True
    except OSError:
        return False


def test_the_next_provider_answers_and_its_calls_are_counted_here(
    providers: dict[str, ProviderServer], proxy: str
):
    with openai.OpenAI(base_url=f"{proxy}/v1", api_key=MASTER_KEY, max_retries=0) as client:
        assert [model.id for model in client.models.list().data] == ["openai/o4-mini"]
        chunks = [
            *client.chat.completions.create(
                model="openai/o4-mini",
                messages=[{"role": "user", "content": "Count. canary-of-a-prompt"}],
                stream=True,
                stream_options={"include_usage": True},
            )
        ]
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert streamed == "".join(WORDS)
    assert providers["groq"].requests and providers["deepinfra"].requests
    path, headers, body = providers["deepinfra"].requests[-1]
    assert (path, body["model"]) == ("/v1/chat/completions", "o4-mini")
    assert {name.lower(): text for name, text in headers.items()}[
        "authorization"
    ] == f"Bearer {KEY}"

    answered = Endpoint.objects.get(provider__slug="deepinfra")

    def is_counted() -> bool:
        fold(timezone.now())
        return Slot.objects.filter(series__endpoint=answered, succeeded=1).exists()

    wait_until(InboxRow.objects.exists, seconds=60)
    wait_until(is_counted, seconds=60)
    failed = Slot.objects.filter(series__endpoint__provider__slug="groq")
    assert sum(slot.failed for slot in failed) >= 1
