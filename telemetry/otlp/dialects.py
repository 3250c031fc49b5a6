"""Which attributes tell what, in the words of each exporter. Pure.

The conventions for generative AI were renamed several times, and exporters add their own words. The
name of a scope tells its dialect, which is chosen once for all its spans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

# Operations that are one call of a model. Embeddings, tools, agents and retrievals are not.
CALLS = frozenset(
    (
        *("chat", "completion", "completions", "text_completion", "generate_content"),
        *("acompletion", "atext_completion", "responses", "aresponses", "messages"),
        *("anthropic_messages", "generate", "generate_text", "stream_text"),
    )
)
OPERATION = "gen_ai.operation.name"
# Where an exporter has no operation, another word tells a call from what wraps it.
OPERATION_OF_AI_SDK = "ai.operationId"
CALLS_OF_AI_SDK = (".doStream", ".doGenerate")
TYPE_OF_LANGFUSE = "langfuse.observation.type"
START_OF_LANGFUSE = "langfuse.observation.completion_start_time"
USAGE_OF_LANGFUSE = "langfuse.observation.usage_details"
TYPE_OF_OPENLLMETRY = "llm.request.type"
ATTEMPT_OF_OPENROUTER = b"provider attempt"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Keys of attributes, each group with the preferred one first.

    `first_token` are keys with what one unit of them is in seconds. Without `by_author`, the
    conventions' provider is the model's author, as OpenRouter writes it, and is not read.
    """

    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ("gen_ai.provider.name", "gen_ai.system")
    # Where none of `providers` is there.
    provider: str = ""
    inputs: tuple[str, ...] = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
    outputs: tuple[str, ...] = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
    first_token: tuple[tuple[str, float], ...] = (
        ("gen_ai.response.time_to_first_chunk", 1.0),
        ("gen_ai.client.operation.time_to_first_chunk", 1.0),
    )
    streamed: tuple[str, ...] = ("gen_ai.request.stream",)
    is_langfuse: bool = False


GENAI = Dialect()
OPENLLMETRY = replace(
    GENAI,
    first_token=(*GENAI.first_token, ("llm.chat_completions.streaming_time_to_first_token", 1.0)),
    streamed=("gen_ai.is_streaming", "llm.is_streaming"),
)
LITELLM = replace(
    GENAI, models=("litellm.provider.model",), streamed=("litellm.request.streaming",)
)
OPENROUTER = replace(
    GENAI,
    providers=(
        "trace.metadata.openrouter.provider_slug",
        "trace.metadata.openrouter.provider_name",
    ),
    provider="openrouter",
    first_token=(("trace.metadata.openrouter.first_token_ms", 0.001),),
)
AI_SDK = replace(
    GENAI,
    models=("ai.response.model", "ai.model.id"),
    providers=(*GENAI.providers, "ai.model.provider"),
    inputs=(*GENAI.inputs, "ai.usage.inputTokens", "ai.usage.promptTokens"),
    outputs=(*GENAI.outputs, "ai.usage.outputTokens", "ai.usage.completionTokens"),
    first_token=(
        *GENAI.first_token,
        ("ai.response.msToFirstChunk", 0.001),
        ("ai.stream.msToFirstChunk", 0.001),
    ),
)
LANGFUSE = replace(
    GENAI, models=("langfuse.observation.model.name",), is_langfuse=True, streamed=()
)
# A scope that is not known may be of any of them.
ANY = Dialect(
    models=(*LITELLM.models, *LANGFUSE.models),
    providers=(*OPENROUTER.providers, *AI_SDK.providers),
    inputs=AI_SDK.inputs,
    outputs=AI_SDK.outputs,
    first_token=(
        *AI_SDK.first_token,
        *OPENROUTER.first_token,
        *OPENLLMETRY.first_token[len(GENAI.first_token) :],
    ),
    streamed=(*GENAI.streamed, *LITELLM.streamed, *OPENLLMETRY.streamed),
    is_langfuse=True,
)
_BY_SCOPE = {
    "litellm": LITELLM,
    "openrouter": OPENROUTER,
    "ai": AI_SDK,
    "gen_ai": AI_SDK,
    "@ai-sdk/otel": AI_SDK,
    "langfuse": LANGFUSE,
    "langfuse-sdk": LANGFUSE,
    "opentelemetry.util.genai.handler": GENAI,
}
# What the Vercel AI SDK calls providers that have another name here.
PROVIDERS_OF_AI_SDK = {"gateway": "vercel"}


def dialect_of(scope: str) -> Dialect:
    known = _BY_SCOPE.get(scope)
    if known:
        return known
    if scope.startswith("opentelemetry.instrumentation."):
        return OPENLLMETRY  # the conventions, and the older words of OpenLLMetry
    return ANY
