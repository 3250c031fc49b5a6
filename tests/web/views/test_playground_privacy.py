"""Of prompts and answers nothing is kept: over real HTTP, down to the database's files."""

import json
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from playground.models import LedgerEntry
from telemetry.fold import fold
from tests.called import USAGE
from tests.database import written_since
from tests.factories import make_model, make_provider, sell
from tests.streaming.provider_server import ProviderServer, ScriptedAnswer, chat, event

PROMPT, ANSWER = "canary-prompt-5b1e9c77", "canary-answer-5b1e9c77"
JSON = {"Content-Type": "application/json"}
# Providers that repeat what they were asked, before an answer and within it.
ECHO = {"error": {"code": 400, "message": f"{PROMPT} is not allowed"}}
ANSWERS = [
    ScriptedAnswer(chat([ANSWER, " again"], usage=USAGE)),
    ScriptedAnswer(chat([ANSWER, " again"])),
    ScriptedAnswer([(0, json.dumps(ECHO).encode())], 400, JSON),
    ScriptedAnswer([(0, json.dumps(ECHO).encode())], 500, JSON),
    ScriptedAnswer([(0, json.dumps(ECHO).encode())], 429, JSON),
    ScriptedAnswer([(0, PROMPT.encode())], 502, {"Content-Type": "text/plain"}),
    ScriptedAnswer([*chat([ANSWER])[:2], (0, event(ECHO))]),
    ScriptedAnswer([(0, f"<html>{PROMPT}".encode())], 200, {"Content-Type": "text/html"}),
    ScriptedAnswer(chat([ANSWER])[:2]),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not settings.EMBEDDED, reason="needs the files of the database")
@pytest.mark.parametrize("streams", [True, False])
def test_a_canary_in_prompt_and_answer_is_neither_stored_nor_logged(
    live_server: Any, server: ProviderServer, person: Any, caplog: Any, capfd: Any, streams: bool
):
    began = time.time() - 1
    sell(make_model(), make_provider("host"), input="1", output="10")
    key, secret = make_key(KeyKind.API, "program", created_by=person)
    key.owner = person
    key.save()
    body = {
        "model": "openai/o4-mini",
        "messages": [{"role": "user", "content": PROMPT}],
        "stream": streams,
    }
    received = b""
    for answer in ANSWERS:
        server.answer = answer
        request = Request(
            f"{live_server.url}/v1/chat/completions",
            json.dumps(body).encode(),
            {**JSON, "Authorization": f"Bearer {secret}"},
        )
        try:
            with urlopen(request) as response:
                received += response.read()
        except HTTPError as refused:
            received += refused.read()
    assert ANSWER.encode() in received  # the caller gets it, and an error's words
    assert f"{PROMPT} is not allowed".encode() in received
    assert LedgerEntry.objects.count() == len(ANSWERS)
    assert not LedgerEntry.objects.filter(spent=None).exists()
    fold(timezone.now())
    on_disk = written_since(began)
    assert b"openai/o4-mini" in on_disk
    assert PROMPT.encode() not in on_disk and ANSWER.encode() not in on_disk
    written = capfd.readouterr()
    shown = caplog.text + written.out + written.err
    assert PROMPT not in shown and ANSWER not in shown
