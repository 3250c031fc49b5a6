"""A second mock of each shape, which others wrote: what it answers is read, counted and priced."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from playground.models import LedgerEntry
from tests.called import KEY
from tests.factories import make_model, make_provider, sell
from tests.web.views.test_chat import asks as asks
from tests.web.views.test_chat import secret as secret

HERE = Path(__file__).resolve().parents[2] / "node"
MOCK = HERE / "node_modules/@copilotkit/aimock/dist/cli.js"
TEXT = "Forty-two is the answer, and nobody knows the question."
WRITTEN, SENT = 19, 11
USAGES = (
    {"prompt_tokens": SENT, "completion_tokens": WRITTEN, "total_tokens": SENT + WRITTEN},
    {"input_tokens": SENT, "output_tokens": WRITTEN},
    {
        "promptTokenCount": SENT,
        "candidatesTokenCount": WRITTEN,
        "totalTokenCount": SENT + WRITTEN,
    },
)
CALL = {"name": "add", "arguments": {"a": 40, "b": 2}}
PROVIDERS = {"host": "v1", "anthropic": "v1", "google": "v1beta"}
KEYS = {"host": "HOST_API_KEY", "anthropic": "ANTHROPIC_API_KEY", "google": "GEMINI_API_KEY"}
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("node") and MOCK.is_file()),
        reason="the mock is not installed: npm ci --prefix tests/node",
    ),
]


@pytest.fixture
def mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_keys: None) -> Iterator[str]:
    """Its address; a model is sold at a provider of each shape, which it plays."""
    usage = {name: value for usage in USAGES for name, value in usage.items()}
    fixtures = [
        {"match": {"userMessage": "question"}, "response": {"content": TEXT, "usage": usage}},
        {"match": {"userMessage": "sum"}, "response": {"toolCalls": [CALL], "usage": usage}},
    ]
    (tmp_path / "fixtures.json").write_text(json.dumps({"fixtures": fixtures}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["node", str(MOCK), "-p", str(port), "-f", str(tmp_path / "fixtures.json"), "--strict"],
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        model = make_model()
        for place, (slug, version) in enumerate(PROVIDERS.items()):
            address = f"http://127.0.0.1:{port}/{version}"
            monkeypatch.setenv(f"RATECARD_PROVIDER_{slug.upper()}_URL", address)
            monkeypatch.setenv(KEYS[slug], KEY)
            sell(model, make_provider(slug), input=str(1 + place), output=str(10 + place))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None
        time.sleep(0.05)
    raise AssertionError("the mock does not listen")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_its_answer_of_each_shape_is_read_and_priced(mock: str, asks: Any, provider: str):
    question = [{"role": "user", "content": "What is the question?"}]
    model = f"openai/o4-mini@{provider}"
    whole = asks(model=model, messages=question).json()
    assert whole["choices"][0]["message"]["content"] == TEXT
    assert whole["choices"][0]["finish_reason"] == "stop"
    answer = asks(model=model, messages=question, stream=True)
    events = [
        json.loads(line[6:])
        for line in b"".join(answer.streaming_content).decode().splitlines()
        if line.startswith("data: {")
    ]
    assert "".join(e["choices"][0]["delta"].get("content") or "" for e in events) == TEXT
    place = [*PROVIDERS].index(provider)
    for entry in LedgerEntry.objects.all():
        assert (entry.provider_slug, entry.outcome, entry.counted_by) == (
            provider,
            "ok",
            "provider",
        )
        assert (entry.input_tokens, entry.output_tokens) == (SENT, WRITTEN)
        assert entry.spent == Decimal(SENT * (1 + place) + WRITTEN * (10 + place)) / 1_000_000
    assert LedgerEntry.objects.count() == 2


@pytest.mark.parametrize("provider", PROVIDERS)
def test_its_calls_of_tools_come_in_openais_words(mock: str, asks: Any, provider: str):
    wanted = [{"role": "user", "content": "What is the sum?"}]
    answer = asks(model=f"openai/o4-mini@{provider}", messages=wanted, tools=[TOOL]).json()
    [choice] = answer["choices"]
    [call] = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == (
        CALL["name"],
        CALL["arguments"],
    )


def test_a_limit_of_rates_is_tried_at_the_next_provider_and_costs_nothing(mock: str, asks: Any):
    chaos = Request(
        f"{mock}/__aimock/chaos",
        json.dumps({"rateLimitRate": 1}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(chaos) as set_:
        assert set_.status == 200
    answer = asks(messages=[{"role": "user", "content": "What is the question?"}])
    assert answer.status_code == 429
    entries = LedgerEntry.objects.order_by("id")
    assert [entry.provider_slug for entry in entries] == [*PROVIDERS]
    assert {entry.spent for entry in entries} == {0}
