"""OTLP over HTTP: bodies within a limit, before and after decompression, and its answers.

Answers are in the request's own encoding; errors are google.rpc.Status, as the protocol has it.
"""

import zlib
from contextlib import suppress
from http import HTTPStatus
from typing import IO, cast

import msgspec
from django.http import HttpRequest, HttpResponse

from telemetry.otlp.schema import ExportResponse, PartialSuccess, RpcStatus
from web.http.bodies import BodyRefused

JSON, PROTOBUF = "application/json", "application/x-protobuf"
# google.rpc.Code of a status.
_CODES = {400: 3, 401: 16, 405: 12, 413: 8, 415: 3, 503: 14}
# What JSON calls the number of a partial success.
REJECTED = {
    "traces": "rejectedSpans",
    "metrics": "rejectedDataPoints",
    "logs": "rejectedLogRecords",
}


class TelemetryRefused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}


def encoding_of(request: HttpRequest) -> str:
    """The content type of the request, which the answer has too. Raises TelemetryRefused."""
    content_type = request.content_type or ""
    if content_type in (JSON, PROTOBUF):
        return content_type
    if not content_type and _is_empty(request):  # as tests of a connection may be
        return JSON
    raise TelemetryRefused(415, f"Send {PROTOBUF} or {JSON}.")


def _is_empty(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length == "0" and "HTTP_TRANSFER_ENCODING" not in request.META


def read_body(request: HttpRequest, most: int) -> bytes:
    """The body, decompressed, of at most so many bytes either way. Raises TelemetryRefused."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise TelemetryRefused(
            415, "Send the body as it is, or with gzip.", {"Accept-Encoding": "gzip, identity"}
        )
    too_large = TelemetryRefused(
        413, f"The body has more than {most // 2**20} MiB, before or after decompression."
    )
    raw = received(request, most)
    if raw is None:
        raise too_large
    if coding != "gzip" or not raw:
        return raw
    content = _unzipped(raw, most)
    if content is None:
        raise too_large
    return content


def received(request: HttpRequest, most: int) -> bytes | None:
    """The body as it was sent, None where it has more bytes."""
    # Not request.body, which would stay on the request, and which has a limit of Django's own.
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return None
    raw: bytes = _stream(request).read(most + 1)
    return raw if len(raw) <= most else None


def _stream(request: HttpRequest) -> IO[bytes]:
    """The body; of one that comes in chunks Django reads nothing."""
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    return cast("IO[bytes]", request.META["wsgi.input"] if is_chunked else request)


# Of a body that is refused.
_MOST_DISCARDED, _PIECE = 64 * 2**20, 2**20
# Of a gzip: what follows each of them is copied.
_MOST_MEMBERS = 256


def discard_body(request: HttpRequest) -> None:
    """Read what is left: many clients read no answer before they have sent everything."""
    stream = _stream(request)
    with suppress(BodyRefused):
        for _ in range(_MOST_DISCARDED // _PIECE):
            if not stream.read(_PIECE):
                return


def _unzipped(raw: bytes, most: int) -> bytes | None:
    """The body, of one gzip member or several; None of more than so many bytes."""
    content = b""
    for _ in range(_MOST_MEMBERS):
        unzip = zlib.decompressobj(wbits=31)
        try:
            content += unzip.decompress(raw, most + 1 - len(content))
        except zlib.error as error:
            raise TelemetryRefused(400, "The body is no gzip.") from error
        if len(content) > most or unzip.unconsumed_tail:
            return None
        if not unzip.eof:
            raise TelemetryRefused(400, "The gzip of the body ends early.")
        raw = unzip.unused_data
        if not raw:
            return content
    raise TelemetryRefused(400, f"The gzip of the body has more than {_MOST_MEMBERS} members.")


def taken(encoding: str, signal: str, rejected: int, message: str) -> HttpResponse:
    """200, with how much was rejected and why, if anything."""
    if encoding == PROTOBUF:
        answer = ExportResponse()
        if rejected:
            partial = PartialSuccess(rejected=rejected, error_message=message)
            answer = ExportResponse(partial_success=partial)
        return HttpResponse(answer.SerializeToString(), content_type=PROTOBUF)
    stated = {REJECTED[signal]: str(rejected), "errorMessage": message}
    return HttpResponse(
        msgspec.json.encode({"partialSuccess": stated} if rejected else {}), content_type=JSON
    )


def refusal(refused: TelemetryRefused, encoding: str) -> HttpResponse:
    code = _CODES[refused.status]
    if encoding == PROTOBUF:
        content = RpcStatus(code=code, message=refused.message).SerializeToString()
    else:
        content = msgspec.json.encode({"code": code, "message": refused.message})
    response = HttpResponse(
        content,
        content_type=encoding,
        status=refused.status,
        reason=HTTPStatus(refused.status).phrase,
        headers={"Cache-Control": "no-store", **refused.headers},
    )
    # Django would write a traceback for each 503.
    response._has_been_logged = refused.status == 503  # type: ignore[attr-defined]
    return response
