"""What is known of a streamed call: its pieces with their times, and a summary. Pure."""

from dataclasses import dataclass
from typing import Literal

from streaming.failures import CallFailure
from streaming.prompts import Fields
from streaming.shape import EventMeaning
from usage.responses import UsageReport


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Seconds to connect, to the first byte, between chunks and in all; bytes of the answer."""

    connect: float = 10.0
    first: float = 60.0
    between: float = 30.0
    total: float = 180.0
    size: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StampedEvent:
    """An event of an answer and its meaning, `after` so many seconds from the request on."""

    after: float
    meaning: EventMeaning
    event: Fields


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What is known of a call, in seconds from when its request was sent.

    `first` is the first token of any kind, `first_answer` the first that is no reasoning, `last`
    the last one. `usage` is what the provider reports: of an answer that is not whole, it may be
    that of its beginning. `is_whole`: the answer came to its end. `is_stopped`: the caller ended
    it. `thinks_unseen`: the model reasoned before its answer, and sent none of it.
    """

    status: int | None
    failure: CallFailure | None
    first: float | None
    first_answer: float | None
    last: float | None
    duration: float
    usage: UsageReport | None
    is_whole: bool
    is_streamed: bool
    thinks_unseen: bool
    is_stopped: bool = False

    @property
    def outcome(self) -> Literal["ok", "failed", "refused"]:
        if self.failure is None:
            return "ok"
        return "refused" if self.failure.refused else "failed"

    @property
    def output_tokens(self) -> int | None:
        return int(self.usage.usage["output"]) if self.usage else None

    @property
    def throughput(self) -> float | None:
        """Output tokens a second after the first one, by the reported count.

        None without a count, and where reasoning counts that was not sent: it came before.
        """
        if self.first is None or self.last is None or not self.output_tokens:
            return None
        if self.thinks_unseen or self.last <= self.first:
            return None
        return (self.output_tokens - 1) / (self.last - self.first)
