"""Telemetry in: statuses, encodings and limits, and what reaches the inbox."""

import gzip
import json
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import Key, KeyKind
from telemetry import series
from telemetry.fold import fold
from telemetry.models import InboxRow, SeenBody, Series, Slot
from telemetry.otlp.schema import ExportResponse, RpcStatus
from tests.telemetry.otlp.bodies import as_json, as_protobuf, make_span, make_traces
from web.views import otlp

pytestmark = pytest.mark.django_db

JSON, PROTOBUF = "application/json", "application/x-protobuf"
EMPTY = b'{"resourceSpans": []}'


@pytest.fixture
def secret() -> str:
    return make_key(KeyKind.INGEST, "gateway")[1]


@pytest.fixture
def send(client, secret):
    def _send(body=EMPTY, signal="traces", content_type=JSON, method="POST", **headers):
        headers = {"Authorization": f"Bearer {secret}", **headers}
        return client.generic(method, f"/v1/{signal}", body, content_type, headers={**headers})

    return _send


def traces(*changes, **fields):
    now = time.time()
    return make_traces(*(make_span(change, at=now - 10, **fields) for change in changes or ({},)))


def test_calls_are_accepted_in_both_encodings_and_counted(send):
    answer = send(as_protobuf(traces()), content_type=PROTOBUF)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, PROTOBUF, b"")
    answer = send(gzip.compress(as_json(traces())), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, JSON, b"{}")
    assert not answer.cookies
    assert InboxRow.objects.count() == 2
    assert fold(timezone.now()) == 2
    assert sum(Slot.objects.values_list("latency_samples", flat=True)) == 2
    assert str(Series.objects.get()) == "gpt-4o-mini at openai (traffic)"


@pytest.mark.parametrize("signal", ["traces/", "metrics/", "logs/"])
def test_a_slash_at_the_end_makes_no_difference(send, signal):
    answer = send(b"", signal=signal)
    assert (answer.status_code, answer["Content-Type"]) == (200, JSON)
    assert send(b"", signal=signal, Authorization="").status_code == 401


def test_the_same_body_counts_once_compressed_or_not(send):
    body = as_json(traces())
    assert send(body).content == send(body).content == b"{}"
    send(gzip.compress(body), **{"Content-Encoding": "gzip"})
    assert (InboxRow.objects.count(), SeenBody.objects.count()) == (1, 1)


def test_a_body_of_several_gzip_members_is_read_whole(send):
    body = as_json(traces())
    parts = gzip.compress(body[:100]) + gzip.compress(body[100:])
    assert send(parts, **{"Content-Encoding": "gzip"}).content == b"{}"
    assert fold(timezone.now()) == 1
    cut = gzip.compress(body) + gzip.compress(body)[:-9]
    many = gzip.compress(body) + gzip.compress(b"") * 256
    for refused in (cut, many):
        assert send(refused, **{"Content-Encoding": "gzip"}).status_code == 400


def test_a_partial_success_is_counted_in_the_encoding_of_the_request(send):
    body = traces({}, {"gen_ai.usage.output_tokens": 10**12}, {"gen_ai.request.model": ""})
    stated = json.loads(send(as_json(body)).content)["partialSuccess"]
    assert stated["rejectedSpans"] == "2"
    assert "1: no model name" in stated["errorMessage"]
    partial = ExportResponse.FromString(send(as_protobuf(body), content_type=PROTOBUF).content)
    assert partial.partial_success.rejected == 2
    assert partial.partial_success.error_message == stated["errorMessage"]
    assert fold(timezone.now()) == 2


def test_what_has_no_call_is_accepted_and_writes_nothing(send):
    assert send().status_code == 200
    assert send(b"", method="PUT", **{"X-Test-Connection": "true"}).content == b"{}"
    assert send(b"", content_type=PROTOBUF).status_code == 200
    for signal in ("logs", "metrics"):
        assert send(b"", signal=signal).content == b"{}"
    assert send(b"anything", signal="logs", content_type=PROTOBUF).status_code == 200
    assert send(as_json(traces({"gen_ai.operation.name": "embeddings"}))).content == b"{}"
    assert not InboxRow.objects.exists()


def test_a_key_of_another_kind_revoked_expired_or_none_is_refused(send, secret):
    api = make_key(KeyKind.API, "api")[1]
    odd = make_key(KeyKind.INGEST, "odd", scope="elsewhere")[1]
    words = ["", "Bearer", f"Basic {secret}", f"Bearer {api}", f"Bearer {odd}", "Bearer x", secret]
    for authorization in words:
        answer = send(Authorization=authorization)
        assert (answer.status_code, json.loads(answer.content)["code"]) == (401, 16)
        assert answer["WWW-Authenticate"] == 'Bearer realm="Ratecard"'
    assert send(Authorization=f"bearer  {secret}").status_code == 200
    Key.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send().status_code == 401
    Key.objects.update(expires_at=None, revoked_at=timezone.now())
    answer = send(content_type=PROTOBUF)
    assert (answer.status_code, answer["Content-Type"]) == (401, PROTOBUF)
    assert RpcStatus.FromString(answer.content).code == 16


def test_a_request_is_one_statement_and_a_key_that_is_revoked_meanwhile_takes_nothing(
    send, django_assert_num_queries
):
    assert send(as_protobuf(traces()), content_type=PROTOBUF).status_code == 200
    with django_assert_num_queries(1):
        assert send(as_protobuf(traces()), content_type=PROTOBUF).status_code == 200
    Key.objects.update(revoked_at=timezone.now())
    assert send(as_protobuf(traces()), content_type=PROTOBUF).status_code == 401
    assert send(as_protobuf(traces()), content_type=PROTOBUF).status_code == 401
    assert InboxRow.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (415, {"content_type": "text/plain"}),
        (415, {"content_type": "application/x-www-form-urlencoded"}),
        (415, {"Content-Encoding": "zstd"}),
        (400, {"body": b"{"}),
        (400, {"body": b"\x0a\xff", "content_type": PROTOBUF}),
        (400, {"Content-Encoding": "gzip"}),
        (400, {"body": gzip.compress(EMPTY)[:-9], "Content-Encoding": "gzip"}),
        (405, {"method": "GET"}),
        (405, {"method": "DELETE"}),
        (200, {"content_type": "application/json; charset=utf-8"}),
        (200, {"body": b"", "Content-Encoding": "gzip"}),
    ],
)
def test_odd_requests_get_the_status_of_the_protocol(send, status, request_):
    answer = send(**request_)
    assert answer.status_code == status
    is_protobuf = request_.get("content_type") == PROTOBUF
    assert answer["Content-Type"] == (PROTOBUF if is_protobuf else JSON)
    if status != 200:
        read = RpcStatus.FromString if is_protobuf else json.loads
        assert read(answer.content)
    if status == 405:
        assert answer["Allow"] == "POST, PUT"


def test_bodies_are_limited_before_and_after_decompression(send, settings):
    settings.MOST_OTLP = 2**20
    fitting = EMPTY + b" " * (2**20 - len(EMPTY))
    assert send(fitting).status_code == 200
    assert send(fitting + b" ").status_code == 413
    assert send(gzip.compress(fitting), **{"Content-Encoding": "gzip"}).status_code == 200
    for large in (fitting + b" ", b" " * 2**26):
        answer = send(gzip.compress(large), **{"Content-Encoding": "gzip"})
        assert (answer.status_code, json.loads(answer.content)["code"]) == (413, 8)


def test_a_made_up_call_is_counted_as_demo(send):
    _, demo = make_key(KeyKind.INGEST, "demo", scope="demo")
    send(as_json(traces()), Authorization=f"Bearer {demo}")
    assert InboxRow.objects.get().origin == "demo"


def test_a_database_that_is_gone_is_answered_with_503(send, monkeypatch):
    def gone(*words):
        raise OperationalError("no server")

    monkeypatch.setattr(otlp, "accept_sent", gone)
    for body, content_type in ((as_json(traces()), JSON), (as_protobuf(traces()), PROTOBUF)):
        answer = send(body, content_type=content_type)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert answer["Content-Type"] == content_type


def test_thousands_of_unknown_models_disturb_nothing(send, monkeypatch):
    monkeypatch.setattr(series, "MOST_UNMAPPED", 200)
    send(as_json(traces()))
    fold(timezone.now())
    Series.objects.update(is_chosen=True)
    changes = [{"gen_ai.request.model": f"unknown-{number}"} for number in range(1_000)]
    assert send(as_protobuf(traces(*changes)), content_type=PROTOBUF).status_code == 200
    assert fold(timezone.now()) == 1_000
    send(as_json(traces({"gen_ai.usage.input_tokens": 1})))
    fold(timezone.now())
    assert Series.objects.count() == 201
    usual = Slot.objects.filter(series__model_name="gpt-4o-mini")
    assert sum(usual.values_list("succeeded", flat=True)) == 2


def test_of_a_prompt_nothing_is_stored(send, caplog):
    canary = "canary-7f3a"
    changed = dict.fromkeys(
        ("gen_ai.input.messages", "user.id", "gen_ai.prompt.0.content"), f"{canary} é"
    )
    body = traces(changed, {**changed, "gen_ai.usage.output_tokens": canary})
    body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["status"] = {"code": 2, "message": canary}
    for content, content_type in ((as_json(body), JSON), (as_protobuf(body), PROTOBUF)):
        answer = send(content, content_type=content_type)
        assert canary.encode() not in answer.content
    send(as_json(body)[:-9])
    fold(timezone.now())
    assert canary not in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            pattern = f"%{canary}%"
            cursor.execute(f"SELECT count(*) FROM {name} AS row WHERE row::text LIKE %s", [pattern])
            assert cursor.fetchone() == (0,), table
