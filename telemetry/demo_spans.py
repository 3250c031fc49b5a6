"""Made-up calls as spans in OTLP/JSON, with days, nights and an incident. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

SLOT = 300
DAY = 86_400
# Calls of an endpoint in five minutes: fewer at night, more by day (UTC).
LEAST_CALLS, MOST_CALLS = 6, 14
# One endpoint in so many has had a bad hour, and some hours ago.
WITH_INCIDENT, INCIDENT_AGO = 5, (5 * 3600, 6 * 3600)
ERRORS = {"500": "failed", "429": "refused"}


@dataclass(frozen=True, slots=True)
class DemoEndpoint:
    """A provider and its id of a model, as spans name them, and how it is made to perform."""

    provider: str
    model: str
    latency: float
    throughput: float
    failing: float
    has_incident: bool


class DemoCall(NamedTuple):
    """Times in seconds; `error` is "", or a status of ERRORS."""

    endpoint: DemoEndpoint
    at: float
    latency: float
    duration: float
    input_tokens: int
    output_tokens: int
    error: str


def demo_endpoints(names: Sequence[tuple[str, str]]) -> list[DemoEndpoint]:
    """How each provider's model performs: the same in every run."""
    endpoints = []
    for place, (provider, model) in enumerate(names):
        chance = Random(f"{provider} {model}")  # noqa: S311 - no secret
        endpoints.append(
            DemoEndpoint(
                provider,
                model,
                latency=chance.uniform(0.25, 1.6),
                throughput=chance.uniform(35, 180),
                failing=chance.choice((0.0, 0.001, 0.004, 0.015)),
                has_incident=place % WITH_INCIDENT == 1,
            )
        )
    return endpoints


def calls(
    endpoints: Sequence[DemoEndpoint], begin: float, end: float, chance: Random, *, now: float
) -> Iterator[DemoCall]:
    """The calls that begin between two instants, in the order of time by slot."""
    start = begin
    while start < end:
        stop = min((start // SLOT + 1) * SLOT, end)
        for endpoint in endpoints:
            expected = _busyness(start) * (stop - start) / SLOT
            for _ in range(int(expected + chance.random())):
                at = chance.uniform(start, stop)
                yield _call(endpoint, at, chance, ago=now - at)
        start = stop


def body(some: Sequence[DemoCall], chance: Random) -> bytes:
    """A request of OTLP/HTTP in JSON, in the words of the GenAI conventions."""
    spans = [_span(call, chance) for call in some]
    scope = {"scope": {"name": "ratecard.demo"}, "spans": spans}
    resource = {"attributes": [_attribute("service.name", "ratecard demo_traffic")]}
    request = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}
    return json.dumps(request, separators=(",", ":")).encode()


def _busyness(at: float) -> float:
    """Calls in five minutes: the fewest at three in the morning, the most at three in the day."""
    wave = (1 - math.cos(2 * math.pi * (at - 3 * 3600) / DAY)) / 2
    return LEAST_CALLS + (MOST_CALLS - LEAST_CALLS) * wave


def _call(endpoint: DemoEndpoint, at: float, chance: Random, *, ago: float) -> DemoCall:
    since, until = INCIDENT_AGO
    is_bad = endpoint.has_incident and since < ago < until
    load = 1 + 0.35 * (_busyness(at) - LEAST_CALLS) / (MOST_CALLS - LEAST_CALLS)
    latency = endpoint.latency * load * chance.lognormvariate(0, 0.3) * (2.5 if is_bad else 1)
    throughput = endpoint.throughput / load * chance.lognormvariate(0, 0.15)
    output = max(int(chance.lognormvariate(5.5, 0.7)), 21)
    error = ""
    if chance.random() < (0.35 if is_bad else endpoint.failing):
        error = "500"
    elif chance.random() < 0.004:
        error = "429"
    latency = min(max(latency, 0.02), 60)
    return DemoCall(
        endpoint,
        at,
        latency,
        0.2 if error else latency + output / throughput + 0.06,
        int(chance.lognormvariate(6.8, 0.9)) + 20,
        output,
        error,
    )


def _span(call: DemoCall, chance: Random) -> dict[str, Any]:
    attributes = [
        _attribute("gen_ai.operation.name", "chat"),
        _attribute("gen_ai.provider.name", call.endpoint.provider),
        _attribute("gen_ai.request.model", call.endpoint.model),
        {"key": "gen_ai.request.stream", "value": {"boolValue": True}},
    ]
    if call.error:
        attributes.append(_attribute("error.type", call.error))
    else:
        attributes += [
            _attribute("gen_ai.response.time_to_first_chunk", call.latency),
            _attribute("gen_ai.usage.input_tokens", call.input_tokens),
            _attribute("gen_ai.usage.output_tokens", call.output_tokens),
        ]
    return {
        "traceId": f"{chance.getrandbits(128) or 1:032x}",
        "spanId": f"{chance.getrandbits(64) or 1:016x}",
        "name": f"chat {call.endpoint.model}",
        "kind": 3,
        "startTimeUnixNano": str(int(call.at * 1e9)),
        "endTimeUnixNano": str(int((call.at + call.duration) * 1e9)),
        "attributes": attributes,
        "status": {"code": 2} if call.error else {},
    }


def _attribute(key: str, value: str | float) -> dict[str, Any]:
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    kind = "doubleValue" if isinstance(value, float) else "stringValue"
    return {"key": key, "value": {kind: value}}
