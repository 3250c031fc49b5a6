"""One probe: an endpoint is called within its budget, and what it shows is put into the inbox."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.conf import settings

from catalog.models import Source
from pricing.most import rounded_up
from pricing.rates import RateCard
from pricing.request import Request
from streaming.access import ApiAccess
from streaming.stream import StreamedCall
from streaming.summary import StreamLimits, StreamSummary
from telemetry.calls import (
    LEAST_LATENCY,
    LEAST_OUTPUT_TOKENS,
    LEAST_SECONDS_AFTER,
    MOST_LATENCY,
    MOST_THROUGHPUT,
    Call,
)
from telemetry.inbox import record
from telemetry.models import CallOrigin, ProbeRun
from telemetry.probe_budget import NotProbed, hold, most_a_probe_costs
from telemetry.probed_endpoints import ProbedEndpoint, probe_choice, workload

log = logging.getLogger("ratecard.probe")

LIMITS = StreamLimits(connect=10, first=60, between=30, total=90, size=4 * 1024 * 1024)
# Of more tokens than so many times what was allowed, a report is not believed.
_BELIEVED = 4
# Within which another provider or a source was reached, where one is not: then it is not this
# machine's network.
_LATELY = timedelta(minutes=15)


def probe_endpoint(endpoint_id: int, *, now: datetime) -> ProbeRun:
    """Probe an endpoint. Raises NotProbed, with the reason, where it may not be called now."""
    choice = probe_choice(now, ids=[endpoint_id])
    for endpoint, card in choice.endpoints:
        return _probe(endpoint, card, choice.access[endpoint.provider], now)
    for _, reason in choice.refused:
        raise NotProbed(reason)
    raise NotProbed("Its provider is not called, or it is retired.")


def probe_if_it_may(endpoint_id: int, *, now: datetime) -> None:
    """A probe of the schedule; a reason not to call goes to the log."""
    try:
        probe_endpoint(endpoint_id, now=now)
    except NotProbed as reason:
        log.info("endpoint %d was not probed: %s", endpoint_id, reason)


def _probe(endpoint: ProbedEndpoint, card: RateCard, access: ApiAccess, now: datetime) -> ProbeRun:
    prompt = endpoint.prompt(workload(), Random())  # noqa: S311 - no secret
    budget = min(settings.PROBE_BUDGET, settings.PROVIDER_DAY)
    most = most_a_probe_costs(card, prompt, now)
    run = hold(endpoint.id, endpoint.provider_id, most, budget, now)
    with StreamedCall(access, prompt, LIMITS) as call:
        for _ in call:
            pass
    summary = call.summary
    believed = _is_believed(summary, most_out=prompt.max_output)
    _settle(run, summary, card, now, believed=believed)
    if run.outcome != ProbeRun.Ending.UNREACHED:
        record(CallOrigin.PROBE, [_call(endpoint, run, summary, now)])
    return run


def _settle(
    run: ProbeRun, summary: StreamSummary, card: RateCard, now: datetime, *, believed: bool
) -> None:
    failure = summary.failure
    run.status = summary.status
    run.outcome = summary.outcome
    run.sentence = failure.sentence[:400] if failure else ""
    if failure and failure.unreached and not _reached_another(run, now):
        run.outcome = ProbeRun.Ending.UNREACHED
    run.first, run.first_answer = summary.first, summary.first_answer
    run.throughput = _throughput(summary) if believed else None
    if summary.usage and believed:
        run.input_tokens = int(summary.usage.usage["input"])
        run.output_tokens = summary.output_tokens
    elif summary.usage:
        run.sentence = run.sentence or "The usage that it reported is not possible."
    elif summary.is_whole:
        run.sentence = "It reported no usage: the whole hold counts."
    run.spent = _spent(run, summary, card, now, believed=believed)
    if run.spent > run.held:
        run.sentence = run.sentence or "It used more than the request allowed."
    run.save()


def _spent(
    run: ProbeRun, summary: StreamSummary, card: RateCard, now: datetime, *, believed: bool
) -> Decimal:
    """The price of the reported usage; nothing where it was refused, else the whole hold."""
    failure = summary.failure
    if (summary.status or 0) >= 300 or (failure and failure.unreached):
        return Decimal(0)
    if summary.usage is None or not (believed and summary.is_whole):
        return run.held
    # Tokens out of a cache of no stated price cost no more than others.
    total = Request(summary.usage.usage, now, uncached=True).cost(card).total
    return run.held if total is None else rounded_up(total)


def _is_believed(summary: StreamSummary, *, most_out: int) -> bool:
    return (summary.output_tokens or 0) <= _BELIEVED * most_out


def _throughput(summary: StreamSummary) -> float | None:
    """None for an answer too short to have one, as of every call."""
    if summary.first is None or summary.last is None:
        return None
    if (summary.output_tokens or 0) < LEAST_OUTPUT_TOKENS:
        return None
    return summary.throughput if summary.last - summary.first > LEAST_SECONDS_AFTER else None


def _reached_another(run: ProbeRun, now: datetime) -> bool:
    runs = ProbeRun.objects.filter(began_at__gt=now - _LATELY, status__isnull=False)
    return (
        runs.exclude(provider_id=run.provider_id).exists()
        or Source.objects.filter(fetched_at__gt=now - _LATELY).exists()
    )


def _call(endpoint: ProbedEndpoint, run: ProbeRun, summary: StreamSummary, now: datetime) -> Call:
    # A figure beyond what is possible is none; the call counts all the same.
    is_timed = summary.outcome == "ok" and LEAST_LATENCY < (run.first or 0) < MOST_LATENCY
    rate = run.throughput
    return Call(
        provider_name=endpoint.provider,
        model_name=endpoint.upstream_id,
        at=now.timestamp(),
        outcome=summary.outcome,
        latency=run.first if is_timed else None,
        throughput=rate if is_timed and (rate or 0) < MOST_THROUGHPUT else None,
        duration=summary.duration,
        input_tokens=run.input_tokens or 0,
        output_tokens=run.output_tokens or 0,
    )
