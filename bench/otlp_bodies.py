"""Bodies of OTLP as LiteLLM's proxy sends them, made and read with the official messages."""

import time
from itertools import count
from random import Random
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

BATCHES, SPANS, SERIES = 60, 512, 300
_numbers = count(1)
_WORDS = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.system": "openai",
    "gen_ai.output.type": "text",
    "litellm.request.type": "acompletion",
    "litellm.request.route": "/v1/chat/completions",
    "litellm.request.id": "chatcmpl-5f0c9fb9-8e6f-4b53-a1d7-5b6f6d0c3b1e",
    "litellm.team.id": "b1946ac92492d2347c6235b4d2611184",
    "litellm.key.hash": "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589",
    "server.address": "api.openai.com",
    "gen_ai.response.id": "chatcmpl-AbCdEf0123456789AbCdEf0123456",
    "http.request.method": "POST",
    "error.message": "",
    "litellm.deployment.id": "c4ca4238a0b923820dcc509a6f75849b",
}


def batches(number: int = BATCHES, spans: int = SPANS) -> list[bytes]:
    """Spans of 25 attributes, of 300 models of which few have most of the calls."""
    chance = Random(15)
    weights = [1 / rank for rank in range(1, SERIES + 1)]
    made = []
    for _ in range(number):
        request = ExportTraceServiceRequest()
        scope = request.resource_spans.add().scope_spans.add()
        scope.scope.name = "litellm"
        for rank in chance.choices(range(SERIES), weights, k=spans):
            _add_span(scope.spans, f"model-{rank}", chance)
        made.append(bytes(request.SerializeToString()))
    return made


def _add_span(spans: Any, model: str, chance: Random) -> None:
    start = int((time.time() - chance.uniform(5, 60)) * 1e9)
    seconds = chance.lognormvariate(0.7, 0.5)
    span = spans.add(
        trace_id=chance.randbytes(16),
        span_id=chance.randbytes(8),
        name=f"chat {model}",
        kind=3,
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(seconds * 1e9),
    )
    texts = {
        **_WORDS,
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "litellm.provider.model": f"openai/{model}",
    }
    integers = {
        "gen_ai.usage.input_tokens": chance.randrange(50, 4000),
        "gen_ai.usage.output_tokens": chance.randrange(20, 800),
        "gen_ai.usage.total_tokens": chance.randrange(70, 4800),
        "server.port": 443,
    }
    reals = {
        "gen_ai.response.time_to_first_chunk": seconds * chance.uniform(0.1, 0.6),
        "litellm.cost.total": chance.uniform(0, 0.1),
        "gen_ai.request.temperature": 0.7,
    }
    for key, word in texts.items():
        span.attributes.add(key=key).value.string_value = word
    for key, integer in integers.items():
        span.attributes.add(key=key).value.int_value = integer
    for key, real in reals.items():
        span.attributes.add(key=key).value.double_value = real
    span.attributes.add(key="litellm.request.streaming").value.bool_value = True


def unlike(body: bytes) -> bytes:
    """The same spans as a body that was never sent: the same body twice counts once."""
    tail = ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(schema_url=f"https://example.org/{next(_numbers)}")]
    )
    return body + bytes(tail.SerializeToString())


def attributes_of(body: bytes) -> int:
    """Hand over each span's attributes as a dictionary; the number of spans."""
    spans = 0
    for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                spans += bool({pair.key: _value(pair) for pair in span.attributes})
    return spans


def _value(pair: KeyValue) -> object:
    kind = pair.value.WhichOneof("value")
    return getattr(pair.value, kind) if kind else None
