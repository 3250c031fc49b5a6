"""What a call showed, what was used, and its exact price."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pricing.meters import meter
from pricing.most import rounded_up
from pricing.price import Cost
from pricing.rates import RateCard
from pricing.request import Request
from pricing.usage import Usage
from streaming.prompts import Prompt
from streaming.summary import StreamSummary
from telemetry.calls import LEAST_OUTPUT_TOKENS, LEAST_SECONDS_AFTER
from usage.tokenizers import usual_count

Outcome = Literal["ok", "failed", "refused", "stopped"]
COUNTED_HERE = "Its tokens were counted by Ratecard, perhaps with another model’s tokenizer."
_INPUTS = ("input", "cache_read", "cache_write", "cache_write_1h")


@dataclass(frozen=True, slots=True)
class CallResult:
    """`spent` is what is charged, in USD; `cost` has its lines. `sentence` is what went wrong, or
    what is to be known of the count; `kept_sentence` is without the provider's words, which may
    repeat the prompt.

    `counted_by` is provider or ratecard, "" where nothing was used.
    """

    outcome: Outcome
    sentence: str
    usage: Usage | None
    cost: Cost | None
    spent: Decimal
    counted_by: Literal["provider", "ratecard", ""]
    first: float | None
    throughput: float | None
    duration: float
    status: int | None
    finish: str
    kept_sentence: str = ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The priced meters: names and exact figures as texts."""
        return [
            {
                "meter": line.meter,
                "quantity": str(line.quantity),
                "amount": str(line.amount),
                "rate": str(line.rate.amount),
            }
            for line in (self.cost.lines if self.cost else ())
        ]


def result_of(
    summary: StreamSummary,
    prompt: Prompt,
    card: RateCard,
    *,
    written: str,
    finish: str,
    held: Decimal,
    at: datetime,
) -> CallResult:
    """Of a call that has ended. `written` is the text that had come, reasoning included.

    What a provider reports is believed unless it is more than the call allowed; without a report
    the tokens that were sent and that had come are counted here. Nothing is charged for a call
    that was refused or did not reach the provider, and nothing beyond what was held.
    """
    failure = summary.failure
    notes = []
    usage, counted_by = _usage(summary, prompt, written)
    if counted_by == "ratecard":
        notes.append(COUNTED_HERE)
    cost = None if usage is None else Request(usage, at, uncached=True).cost(card)
    if usage is not None and cost is not None and cost.total is None:
        parts = ", ".join(sorted({meter(part.meter).name.lower() for part in cost.unpriced}))
        notes.append(f"Without a price of its own here: {parts}. Plain tokens were charged.")
        cost = Request(_plain(usage), at).cost(card)
    total = Decimal(0) if cost is None else cost.total
    spent = held if total is None else rounded_up(total)
    if spent > held:
        spent = held
        notes.append("More was used than was allowed; the limit was charged.")
    return CallResult(
        outcome="stopped" if summary.is_stopped else summary.outcome,
        sentence=" ".join([failure.sentence, *notes] if failure else notes),
        kept_sentence=" ".join([failure.unquoted, *notes] if failure else notes),
        usage=usage,
        cost=cost,
        spent=spent,
        counted_by=counted_by,
        first=summary.first,
        # Of an unbelievable count, the rate is none either.
        throughput=_throughput(summary) if counted_by == "provider" else None,
        duration=summary.duration,
        status=summary.status,
        finish=finish,
    )


def _usage(
    summary: StreamSummary, prompt: Prompt, written: str
) -> tuple[Usage | None, Literal["provider", "ratecard", ""]]:
    failure = summary.failure
    if summary.status is None or summary.status >= 300:
        return None, ""
    reported = summary.usage.usage if summary.usage else None
    if reported is not None and summary.is_whole and _is_possible(reported, prompt):
        return reported, "provider"
    if not written and failure is not None:
        return None, ""
    return _counted(reported, prompt, written), "ratecard"


def _counted(reported: Usage | None, prompt: Prompt, written: str) -> Usage:
    """What was sent and what had come; the input as reported, where that came first."""
    output = usual_count(written)
    if reported is not None and 0 < reported["input"] <= prompt.most_tokens:
        parts = {slug: reported[slug] for slug in _INPUTS if reported[slug]}
        return Usage.of(**parts, output=output)
    return Usage.of(input=usual_count(prompt.text), output=output)


def _plain(usage: Usage) -> Usage:
    """Its input and output as a whole: what a card must price for its endpoint to be called."""
    return Usage.of(input=usage["input"], output=usage["output"])


def _is_possible(usage: Usage, prompt: Prompt) -> bool:
    return (
        0 <= usage["output"] <= max(prompt.max_output * 2, prompt.max_output + 1024)
        and 0 <= usage["input"] <= prompt.most_tokens * 2 + 4096
    )


def _throughput(summary: StreamSummary) -> float | None:
    """None for an answer too short to have one, as of every call."""
    if summary.first is None or summary.last is None:
        return None
    if (summary.output_tokens or 0) < LEAST_OUTPUT_TOKENS:
        return None
    return summary.throughput if summary.last - summary.first > LEAST_SECONDS_AFTER else None
