"""Telemetry in: OTLP over HTTP. 200 only after what was accepted is durable in the inbox.

Nothing of a request is logged but what every refused one is: of prompts, not even in errors.
"""

from collections import Counter
from hashlib import sha256
from time import monotonic, time

import psycopg
from django.conf import settings
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.keys import USE_NOTED_ONCE_IN, digest_of, find_key
from accounts.models import Key, KeyKind
from telemetry.inbox import accept_sent
from telemetry.models import CallOrigin
from telemetry.otlp import json_body, protobuf
from telemetry.otlp.protobuf import Unreadable
from telemetry.packing import pack
from web.http.bodies import RETRY_AFTER_SECONDS, BodyRefused
from web.http.otlp import (
    JSON,
    PROTOBUF,
    TelemetryRefused,
    discard_body,
    encoding_of,
    read_body,
    refusal,
    taken,
)
from web.http.unavailable import RETRY_AFTER_SECONDS as RETRY_DATABASE_SECONDS
from web.http.unavailable import failure_of

# OpenRouter tests a destination with PUT, and may send with it.
METHODS = ("POST", "PUT")
_ORIGINS = {"": CallOrigin.TRAFFIC, CallOrigin.DEMO: CallOrigin.DEMO}
# Keys found within the last minute, by digest: the statement that accepts a body asks for the key
# again, so that a revoked one is none at once.
_found: dict[bytes, tuple[Key, float]] = {}
_MOST_FOUND = 1000


@csrf_exempt
def traces(request: HttpRequest) -> HttpResponse:
    return _answer(request, "traces")


@csrf_exempt
def metrics(request: HttpRequest) -> HttpResponse:
    return _answer(request, "metrics")


@csrf_exempt
def logs(request: HttpRequest) -> HttpResponse:
    """Taken and dropped: exporters that send logs too would otherwise try again and again."""
    return _answer(request, "logs")


def _answer(request: HttpRequest, signal: str) -> HttpResponse:
    encoding = PROTOBUF if request.content_type == PROTOBUF else JSON
    try:
        return _taken(request, signal)
    except TelemetryRefused as refused:
        discard_body(request)
        return refusal(refused, encoding)
    except Unreadable as error:
        return refusal(TelemetryRefused(400, str(error)), encoding)
    except BodyRefused as error:
        if error.status != 503:
            raise
        seconds = str(RETRY_AFTER_SECONDS)
        return refusal(
            TelemetryRefused(503, "Too many slow bodies.", {"Retry-After": seconds}), encoding
        )
    except (OperationalError, psycopg.OperationalError) as error:
        failure = failure_of(error)
        if failure is None:
            raise
        seconds = str(RETRY_DATABASE_SECONDS)
        return refusal(
            TelemetryRefused(503, f"{failure.sentence}.", {"Retry-After": seconds}), encoding
        )


def _taken(request: HttpRequest, signal: str) -> HttpResponse:
    if request.method not in METHODS:
        raise TelemetryRefused(405, "Send with POST.", {"Allow": ", ".join(METHODS)})
    secret = _secret(request)
    kept = _found.get(digest_of(secret))
    is_kept = kept is not None and kept[1] > monotonic()
    key = kept[0] if kept and is_kept else _key(secret)
    encoding = encoding_of(request)
    body = read_body(request, settings.MOST_OTLP)
    refused: Counter[str] = Counter()
    packed = b""
    reader = protobuf if encoding == PROTOBUF else json_body
    if body and signal == "traces":
        reading = reader.read_traces(body, time())
        refused = reading.refused
        packed = pack(reading.calls) if reading.calls else b""
    elif body and signal == "metrics":
        measured = reader.read_metrics(body, time())
        refused = measured.refused
        packed = pack((), measured.points) if measured.points else b""
    if packed:
        digest = sha256(body).digest()
        if not accept_sent(key, _ORIGINS[key.scope], digest, packed):
            _found.pop(digest_of(secret), None)
            raise _no_key()
    elif is_kept:
        _key(secret)
    message = "; ".join(f"{number}: {why}" for why, number in refused.most_common())
    return taken(encoding, signal, refused.total(), message)


def _secret(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _key(secret: str) -> Key:
    """The key of a secret, whose use is noted. Raises TelemetryRefused."""
    key = find_key(secret, KeyKind.INGEST, timezone.now())
    if key is None or key.scope not in _ORIGINS:
        _found.pop(digest_of(secret), None)
        raise _no_key()
    if len(_found) >= _MOST_FOUND:
        _found.clear()
    _found[digest_of(secret)] = key, monotonic() + USE_NOTED_ONCE_IN.total_seconds()
    return key


def _no_key() -> TelemetryRefused:
    return TelemetryRefused(
        401,
        "Send “Authorization: Bearer” with a key of kind ingest.",
        {"WWW-Authenticate": 'Bearer realm="Ratecard"'},
    )
