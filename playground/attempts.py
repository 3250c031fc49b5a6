"""A request for programs: tried at one endpoint after the other, until one answers.

The next is tried after a failure before the first token: a limit of rates, an error of the
provider, silence. A mistake of the caller's own is handed back, and after the first token nothing
is tried again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Self

from django.db.models import QuerySet

from accounts.payers import Payer
from catalog.known_names import known_names
from playground.chat_request import ChatRequest
from playground.endpoints import CallableEndpoint, NotCalled, endpoints_of
from playground.ledger import NotHeld
from playground.models import LedgerEntry
from playground.results import CallResult
from playground.routing import EndpointRoute, in_order
from playground.run import CallEnd, CallEvent, PromptRun, Silence
from pricing.most import NoBound
from pricing.price import price
from pricing.usage import Usage
from streaming.prompts import Prompt, Untranslatable
from streaming.summary import StampedEvent
from telemetry.models import LiveRow

# A provider whose last call failed within it comes last.
_LATELY = timedelta(minutes=2)
# So long a stream waits for the first token before it says who answers; then no other is tried.
FIRST_SECONDS = 20.0
_TOO_MANY = 429
# Of the key or the account of this install, or of the provider's list: not the caller's.
_OF_INSTALL = (401, 402, 403, 404, 408, _TOO_MANY)


class RequestRefused(Exception):
    """A request that is answered with an error: status, type, field and code as OpenAI has them.

    `ends`: no other endpoint is tried.
    """

    def __init__(
        self, status: int, message: str, kind: str, *, param: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.param, self.code = status, kind, param, code
        self.ends = False


@dataclass(frozen=True, slots=True)
class TriedEndpoint:
    """An endpoint that was tried, or passed over, and why."""

    provider: str
    sentence: str


@dataclass(slots=True)
class Answering:
    """An endpoint that answers: iterate for its events, from the first one on."""

    endpoint: CallableEndpoint
    run: PromptRun
    attempts: tuple[TriedEndpoint, ...]
    _rest: Iterator[CallEvent | CallEnd | Silence]
    _first: list[StampedEvent] = field(default_factory=list)
    result: CallResult | None = None

    def __iter__(self) -> Iterator[StampedEvent | None]:
        """Events; None where nothing has come for a while."""
        yield from self._first
        for item in self._rest:
            if isinstance(item, CallEvent):
                yield item.stamped
            elif isinstance(item, CallEnd):
                self.result = item.result
            else:
                yield None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run.close()

    def close(self) -> None:
        self.run.close()


def model_of(name: str) -> str | None:
    """The slug of the model that a name means."""
    return known_names().resolve(name).model


def answer(payer: Payer, request: ChatRequest, now: datetime) -> Answering:
    """The first endpoint that answers. Raises RequestRefused."""
    model = model_of(request.model)
    if model is None:
        raise RequestRefused(
            404,
            f"There is no model {request.model} in the catalog.",
            "invalid_request_error",
            param="model",
            code="model_not_found",
        )
    endpoints, others = endpoints_of(model, now)
    if not endpoints:
        raise RequestRefused(
            404,
            _no_endpoint(model, others),
            "invalid_request_error",
            param="model",
            code="model_not_found",
        )
    prompts = [_prompt(request, endpoint) for endpoint in endpoints]
    order = in_order(_routes(endpoints, prompts, now), request.preference)
    if not order:
        raise RequestRefused(
            404,
            f"No provider of {model} that is called here fits “provider”:"
            f" {', '.join(endpoint.provider for endpoint in endpoints)}.",
            "invalid_request_error",
            param="provider",
            code="no_provider",
        )
    return _tried([(endpoints[place], prompts[place]) for place in order], payer, now)


def _no_endpoint(model: str, others: Sequence[NotCalled]) -> str:
    reasons = " ".join(dict.fromkeys(other.reason for other in others[:5]))
    return f"No provider of {model} can be called from here. {reasons}".strip()


def _prompt(request: ChatRequest, endpoint: CallableEndpoint) -> Prompt:
    limit = endpoint.output_limit(request.max_output)
    return Prompt(endpoint.upstream_id, request.messages, limit, request.options)


def _routes(
    endpoints: Sequence[CallableEndpoint], prompts: Sequence[Prompt], now: datetime
) -> list[EndpointRoute]:
    rows: dict[int, LiveRow] = {}
    failed: set[int | None] = set()
    if len(endpoints) > 1:  # one has no place among others
        rows = LiveRow.objects.in_bulk([endpoint.id for endpoint in endpoints])
        failed = _failed_lately(endpoints, now)
    routes = []
    for endpoint, prompt in zip(endpoints, prompts, strict=True):
        live = rows.get(endpoint.id) if endpoint.id is not None else None
        tokens = Usage.of(input=prompt.sent_bytes // 4, output=prompt.max_output // 4)
        routes.append(
            EndpointRoute(
                provider=endpoint.provider,
                provider_name=endpoint.provider_name,
                cost=price(endpoint.card, tokens, at=now).total or Decimal(0),
                input_price=_a_million(endpoint, "input", now),
                output_price=_a_million(endpoint, "output", now),
                latency=live.latency if live else None,
                throughput=live.throughput if live else None,
                zdr=endpoint.zdr,
                training=endpoint.training,
                failed=endpoint.provider_id in failed,
                retired=endpoint.retired,
            )
        )
    return routes


def _a_million(endpoint: CallableEndpoint, meter: str, now: datetime) -> Decimal | None:
    return price(endpoint.card, Usage.of(**{meter: 1_000_000}), at=now).total


def _failed_lately(endpoints: Sequence[CallableEndpoint], now: datetime) -> set[int | None]:
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(
        provider_id__in=[endpoint.provider_id for endpoint in endpoints],
        began_at__gt=now - _LATELY,
    ).exclude(outcome="")
    newest = entries.order_by("provider_id", "-began_at").distinct("provider_id")
    bad = (LedgerEntry.Outcome.FAILED, LedgerEntry.Outcome.REFUSED)
    return {entry.provider_id for entry in newest if entry.outcome in bad}


def _tried(
    calls: Sequence[tuple[CallableEndpoint, Prompt]], payer: Payer, now: datetime
) -> Answering:
    attempts: list[TriedEndpoint] = []
    refusals: list[RequestRefused] = []
    for endpoint, prompt in calls:
        tried = _try(endpoint, prompt, payer, attempts)
        if isinstance(tried, Answering):
            return tried
        attempts.append(TriedEndpoint(endpoint.provider, tried.args[0]))
        refusals.append(tried)
        if tried.ends:
            raise tried
    # Of several, one that another provider caused hides none that the caller can mend.
    refusal = next((each for each in refusals if each.kind != "provider_error"), refusals[-1])
    if len(refusals) > 1 and refusal.kind == "provider_error":
        each = " ".join(f"{attempt.provider}: {attempt.sentence}" for attempt in attempts)
        refusal = RequestRefused(
            refusal.status, f"No provider answered. {each}", refusal.kind, code=refusal.code
        )
    raise refusal


def _try(
    endpoint: CallableEndpoint, prompt: Prompt, payer: Payer, attempts: Sequence[TriedEndpoint]
) -> "Answering | RequestRefused":
    """An endpoint that answers, or why it does not."""
    if misfit := _misfit(endpoint, prompt):
        return misfit
    try:
        run = PromptRun(payer, [(endpoint, prompt)], LedgerEntry.Way.API)
    except NotHeld as error:
        kind = "insufficient_quota"
        refused = RequestRefused(429, str(error), kind, code=kind)
        refused.ends = error.what != "provider"
        return refused
    except NoBound as error:
        return RequestRefused(502, f"It has no bound: {error}.", "provider_error", code="no_bound")
    try:
        begun = _begun(endpoint, run, attempts)
    except BaseException:
        run.close()
        raise
    if isinstance(begun, Answering):
        return begun
    run.close()
    refused = _as_refusal(begun)
    refused.ends = not _may_be_tried_again(begun)
    return refused


def _misfit(endpoint: CallableEndpoint, prompt: Prompt) -> RequestRefused | None:
    """Why an endpoint cannot take a request."""
    if prompt.images and not endpoint.takes_images:
        sentence = f"{endpoint.model} takes no images."
        return RequestRefused(400, sentence, "invalid_request_error", param="messages")
    try:
        assert endpoint.access is not None
        endpoint.access.shape.body(prompt)
    except Untranslatable as error:
        name = error.name.strip("“”")
        return RequestRefused(400, str(error), "invalid_request_error", param=name)
    return None


def _begun(
    endpoint: CallableEndpoint, run: PromptRun, attempts: Sequence[TriedEndpoint]
) -> Answering | CallResult:
    """An endpoint that answers, or how its call ended before the first token."""
    events = iter(run)
    first: list[StampedEvent] = []
    answering = Answering(endpoint, run, tuple(attempts), events, first)
    until = monotonic() + FIRST_SECONDS
    for item in events:
        if isinstance(item, CallEnd):
            answering.result = item.result
            if item.result.outcome == "ok":  # an answer of no words
                return answering
            return item.result
        if isinstance(item, CallEvent):
            first.append(item.stamped)
            if item.stamped.meaning.has_output:
                return answering
        if monotonic() > until:
            return answering
    raise AssertionError("a run ends with the end of its call")


def _may_be_tried_again(result: CallResult) -> bool:
    status = result.status or 0
    return status < 400 or status in _OF_INSTALL or result.outcome == "failed"


def _as_refusal(result: CallResult) -> RequestRefused:
    sentence, status = result.sentence, result.status
    if status == _TOO_MANY:
        return RequestRefused(429, sentence, "provider_error", code="rate_limit_exceeded")
    if status is None:
        silent = "silent" in sentence
        return RequestRefused(
            504 if silent else 502, sentence, "provider_error", code="provider_error"
        )
    if status in (401, 402, 403, 404) or status >= 500 or status < 400:
        return RequestRefused(502, sentence, "provider_error", code="provider_error")
    return RequestRefused(400, sentence, "invalid_request_error", code="provider_refused")
