"""Models for programs, in OpenAI's words: chat completions, and the list of what can be called."""

import json
from collections.abc import Iterator
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.payers import NoPayer, Payer, payer_of_bearer
from playground.attempts import Answering, RequestRefused, answer
from playground.chat_answer import STILL_THERE, ChatAnswer, ChatUsage, encode, listed, plain
from playground.chat_request import BadRequest, ChatRequest, read_request
from playground.endpoints import called_endpoints
from playground.results import CallResult
from web.http.otlp import received
from web.http.streams import RETRY_AFTER_SECONDS, StreamPlace, take_place

MOST_BYTES = 20 * 2**20
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Expose-Headers": (
        "x-ratecard-provider, x-ratecard-attempts, x-ratecard-cost, Retry-After"
    ),
}


@csrf_exempt
def chat_completions(request: HttpRequest) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_CORS)
    place = None
    try:
        payer, chat = _read(request)
        place = take_place()
        if place is None:
            raise RequestRefused(
                503, "Too many answers are being written: try again.", "server_error"
            )
        return _answered(answer(payer, chat, timezone.now()), chat, place)
    except RequestRefused as error:
        if place is not None:
            place.release()
        return _refusal(error)
    except BaseException:
        if place is not None:
            place.release()
        raise


@csrf_exempt
def served_models(request: HttpRequest) -> HttpResponse:
    """Models that this install can call, with the providers of each."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=_CORS)
    try:
        _payer(request, method="GET", spends=False)
    except RequestRefused as error:
        return _refusal(error)
    return _json({"object": "list", "data": listed(called_endpoints(timezone.now()))})


def _read(request: HttpRequest) -> tuple[Payer, ChatRequest]:
    payer = _payer(request, method="POST", spends=True)
    if request.content_type != "application/json":
        raise RequestRefused(415, "Send application/json.", "invalid_request_error")
    body = received(request, MOST_BYTES)
    if body is None:
        most = MOST_BYTES // 2**20
        raise RequestRefused(413, f"The body has more than {most} MiB.", "invalid_request_error")
    try:
        return payer, read_request(json.loads(body, parse_constant=_no_number))
    except BadRequest as error:
        raise RequestRefused(400, str(error), "invalid_request_error", param=error.param) from None
    except (ValueError, RecursionError):
        raise RequestRefused(400, "The body is no JSON.", "invalid_request_error") from None


def _payer(request: HttpRequest, *, method: str, spends: bool) -> Payer:
    if request.method != method:
        raise RequestRefused(405, f"Send with {method}.", "invalid_request_error")
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        payer = payer_of_bearer(
            secret.strip() if scheme.lower() == "bearer" else "", timezone.now(), spends=spends
        )
    except NoPayer as error:
        raise RequestRefused(
            error.status, str(error), "invalid_request_error", code="invalid_api_key"
        ) from None
    if spends and not settings.ALLOWANCE:
        raise RequestRefused(
            403, "No calls are made here: the allowance is set to 0.", "server_error"
        )
    return payer


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _answered(answering: Answering, chat: ChatRequest, place: StreamPlace) -> HttpResponseBase:
    endpoint = answering.endpoint
    written = ChatAnswer(
        id=f"chatcmpl-{uuid4().hex}",
        created=int(answering.run.at.timestamp()),
        model=endpoint.model,
        provider=endpoint.provider,
    )
    headers = {
        **_CORS,
        "x-ratecard-provider": endpoint.provider,
        "x-ratecard-attempts": str(len(answering.attempts) + 1),
        "Cache-Control": "no-store",
    }
    if chat.streams:
        return StreamingHttpResponse(
            ChatStream(answering, written, chat, place),
            content_type="text/event-stream",
            headers={**headers, "X-Accel-Buffering": "no"},
        )
    try:
        with answering:
            for stamped in answering:
                if stamped is not None:
                    written.add(stamped.meaning, stamped.event)
        result = answering.result
        assert result is not None
        if result.outcome != "ok":
            return _refusal(
                RequestRefused(502, result.sentence, "provider_error", code="broken_off")
            )
        headers["x-ratecard-cost"] = plain(result.spent)
        return HttpResponse(
            written.whole(_usage(result)), content_type="application/json", headers=headers
        )
    finally:
        place.release()


class ChatStream:
    """The events of an answer. Closed, it ends the call and gives its place back."""

    def __init__(
        self, answering: Answering, written: ChatAnswer, chat: ChatRequest, place: StreamPlace
    ) -> None:
        self._answering, self._place = answering, place
        self._written, self._with_usage = written, chat.wants_usage
        self._events = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        try:
            self._answering.close()
        finally:
            self._place.release()

    def _read(self) -> Iterator[bytes]:
        for stamped in self._answering:
            if stamped is None:
                yield STILL_THERE
            else:
                yield from self._written.chunks(stamped.meaning, stamped.event)
        result = self._answering.result
        assert result is not None
        if result.outcome != "ok":
            yield self._written.failure(result.sentence, "broken_off")
        yield from self._written.end(_usage(result), with_usage=self._with_usage)


def _usage(result: CallResult) -> ChatUsage:
    usage = result.usage
    counted = usage.counted if usage else {}
    return ChatUsage(
        input=int(counted.get("input", 0)),
        output=int(counted.get("output", 0)),
        cached=int(counted.get("cache_read", 0)),
        reasoning=int(counted.get("reasoning", 0)),
        cost=result.spent,
        counted=result.counted_by,
    )


def _json(fields: object, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        encode(fields),
        status=status,
        content_type="application/json",
        headers={**_CORS, "Cache-Control": "no-store", **(headers or {})},
    )


def _refusal(error: RequestRefused) -> HttpResponse:
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Ratecard"'
    if error.status == 503 or error.code == "rate_limit_exceeded":
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if error.status == 405:
        headers["Allow"] = "GET, POST, OPTIONS"
    fields = {
        "message": str(error),
        "type": error.kind,
        "param": error.param or None,
        "code": error.code or None,
    }
    return _json({"error": fields}, error.status, headers)
