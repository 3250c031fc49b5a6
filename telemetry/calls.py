"""One call of a model, and which calls and figures are possible. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple

Outcome = Literal["ok", "failed", "refused"]

LEAST_LATENCY, MOST_LATENCY = 0.005, 600.0  # in seconds, both exclusive
LEAST_OUTPUT_TOKENS, LEAST_SECONDS_AFTER = 20, 0.05
MOST_THROUGHPUT = 100_000.0
MOST_TOKENS = 100_000_000
MOST_DURATION = 86_400.0
OLDEST, FARTHEST = 48 * 3600.0, 3600.0  # how long ago a call may have begun, and how far ahead
# The time to the first token and the span's ends are read from clocks of their own.
_SLACK = 0.005


class Call(NamedTuple):
    """One call: times in seconds, `at` since 1970, when it began; None is not known.

    `latency` is to the first token of any kind; `throughput` is output tokens a second after it.
    `refused` are 429 and other 4xx of the caller's own making.
    """

    provider_name: str
    model_name: str
    at: float
    outcome: Outcome
    latency: float | None
    throughput: float | None
    duration: float
    input_tokens: int
    output_tokens: int


def figures(
    latency: float | None, duration: float, output_tokens: int
) -> tuple[float | None, float | None]:
    """Latency and throughput of a call as samples; None where it gives no believable one.

    Too short an answer gives no throughput. A latency beyond the duration stays, for `flaw`.
    """
    if latency is None:
        return None, None
    after = duration - latency
    if 0 <= latency <= LEAST_LATENCY or MOST_LATENCY <= latency <= duration:
        return None, None
    if output_tokens < LEAST_OUTPUT_TOKENS or after <= LEAST_SECONDS_AFTER:
        return latency, None
    throughput = output_tokens / after
    return latency, throughput if throughput < MOST_THROUGHPUT else None


def flaw(call: Call, now: float) -> str | None:
    """Why a call cannot have been, None for a possible one. NaN is never possible."""
    _, model_name, at, _, latency, throughput, duration, input_tokens, output_tokens = call
    if not model_name:
        return "no model name"
    if not now - OLDEST <= at <= now + FARTHEST:
        return "not begun within the last 48 hours"
    if not 0 <= duration <= MOST_DURATION:
        return "a negative duration, or one of more than a day"
    if not (0 <= input_tokens <= MOST_TOKENS and 0 <= output_tokens <= MOST_TOKENS):
        return "a number of tokens that is not possible"
    if latency is not None:
        if not LEAST_LATENCY < latency < MOST_LATENCY:
            return "a time to the first token that is not possible"
        if latency > duration + _SLACK:
            return "a first token after the end"
    if throughput is not None and not 0 < throughput < MOST_THROUGHPUT:
        return "a throughput that is not possible"
    return None
