"""Clients of Node: OpenAI's own, and the AI SDK's for any API in OpenAI's words.

`make test` installs them where there is npm, as `npm ci --prefix tests/node` does.
"""

import json
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from playground.models import LedgerEntry
from tests.called import WORDS
from tests.streaming.provider_server import ScriptedAnswer, event
from tests.web.views.test_chat import secret as secret
from tests.web.views.test_chat import servers as servers

HERE = Path(__file__).resolve().parents[2] / "node"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("node") and (HERE / "node_modules").is_dir()),
        reason="the clients are not installed: npm ci --prefix tests/node",
    ),
]


def test_the_clients_of_node_are_answered(servers: Any, secret: str, live_server: Any):
    block = {"type": "tool_use", "id": "c1", "name": "add", "input": {}}
    part = {"type": "input_json_delta", "partial_json": '{"a": 1}'}
    end = {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}
    events = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 9}}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": part},
        {**end, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]
    servers["anthropic"].answer = ScriptedAnswer([(0, event(fields)) for fields in events])
    run = subprocess.run(
        ["node", "clients.mjs"],
        cwd=HERE,
        env={
            **os.environ,
            "RATECARD_ADDRESS": f"{live_server.url}/v1",
            "RATECARD_API_KEY": secret,
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout, parse_float=Decimal)
    text = "".join(WORDS)
    assert (found["answer"], found["provider"]) == (text, "host")
    assert found["cost"] == LedgerEntry.objects.order_by("id")[0].spent
    assert found["streamed"] == {"text": text, "tokens": None}
    for way in ("streamed_with_usage", "generated", "ai_streamed"):
        assert found[way] == {"text": text, "tokens": 50}
    assert found["models"] == ["openai/o4-mini"]
    assert found["refusals"] == {
        "AuthenticationError": [True, 401, "invalid_api_key", None],
        "NotFoundError": [True, 404, "model_not_found", "model"],
        "BadRequestError": [True, 400, None, "temperature"],
    }
    assert found["tool"] == [["add", {"a": 1}]]
