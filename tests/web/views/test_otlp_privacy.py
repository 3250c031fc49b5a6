"""Of prompts, answers and users nothing is kept: over real HTTP, down to the database's files."""

import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from telemetry.fold import fold
from tests.database import written_since
from tests.telemetry.otlp.bodies import as_json, as_protobuf, make_span, make_traces
from tests.telemetry.otlp.test_metrics import make_metrics, make_point

CANARY, KEPT = "canary-5b1e9c77", "kept-model-5b1e9c77"
PLACES = (
    "gen_ai.input.messages",
    "gen_ai.prompt.0.content",
    "ai.prompt",
    "user.id",
    "error.message",
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not settings.EMBEDDED, reason="needs the files of the database")
def test_a_canary_in_telemetry_is_neither_stored_nor_logged_nor_answered(
    live_server, caplog, capfd
):
    began, now = time.time() - 1, time.time()
    _, secret = make_key(KeyKind.INGEST, "gateway")
    told = dict.fromkeys(PLACES, f"{CANARY} said é")
    error = {"status": {"code": 2, "message": CANARY}}
    spans = make_traces(
        make_span({**told, "gen_ai.request.model": KEPT}, at=now, name=CANARY),
        make_span({**told, "gen_ai.usage.output_tokens": CANARY}, at=now),
        make_span({**told, "error.type": "RateLimitError"}, at=now, **error),
        make_span({**told, "gen_ai.operation.name": CANARY}, at=now),
    )
    point = make_point(
        [1.0], at=now, started=now - 5, attributes={"gen_ai.request.model": KEPT, **told}
    )
    bodies = [
        ("traces", "application/json", as_json(spans)),
        ("traces", "application/x-protobuf", as_protobuf(spans)),
        ("traces", "application/json", as_json(spans)[:-20]),
        ("traces", "application/x-protobuf", as_protobuf(spans)[:-20]),
        ("traces", "text/plain", as_json(spans)),
        ("metrics", "application/json", as_json(make_metrics(point, temporality=2))),
        ("logs", "application/json", json.dumps({"resourceLogs": [{"body": CANARY}]}).encode()),
    ]
    statuses = []
    for signal, kind, body in bodies:
        headers = {"Content-Type": kind, "Authorization": f"Bearer {secret}"}
        request = Request(f"{live_server.url}/v1/{signal}", body, headers)
        try:
            with urlopen(request) as answer:
                statuses.append(answer.status)
                content = answer.read()
        except HTTPError as refused:
            statuses.append(refused.code)
            content = refused.read()
        assert CANARY.encode() not in content
    assert statuses == [200, 200, 400, 400, 415, 200, 200]
    assert fold(timezone.now()) == 4
    on_disk = written_since(began)
    assert KEPT.encode() in on_disk
    assert CANARY.encode() not in on_disk
    written = capfd.readouterr()
    assert CANARY not in caplog.text + written.out + written.err
