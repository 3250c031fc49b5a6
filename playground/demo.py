"""The demonstration: an answer of this program's own, while no provider has a key. No model."""

import json
from collections.abc import Iterator
from decimal import Decimal
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self

from playground.endpoints import CallableEndpoint
from pricing.rates import RateCard, StatedRate
from streaming.prompts import Prompt
from streaming.shape import STOP, EventMeaning
from streaming.summary import StampedEvent, StreamSummary
from usage.responses import read_report
from usage.tokenizers import usual_count

PROVIDER, MODEL = "demo", "demo/echo"
FIRST_SECONDS = 0.4
WORDS_A_SECOND = 40
TEXT = (
    "No model was asked. Ratecard wrote this so that you can see how an answer arrives: the first"
    f" word after {FIRST_SECONDS:g} seconds, then {WORDS_A_SECOND} words a second, and at its end"
    " what it cost, line by line, by rates of its own. Your prompt was counted, and sent nowhere."
    " Set the key of a provider, and its models answer here instead."
)
CARD = RateCard((StatedRate("input", Decimal("0.10")), StatedRate("output", Decimal("0.40"))))
ENDPOINT = CallableEndpoint(
    id=None,
    provider_id=None,
    provider=PROVIDER,
    provider_name="Demonstration",
    model=MODEL,
    model_name="Echo (demonstration)",
    upstream_id="echo",
    card=CARD,
    access=None,
    context=None,
    max_output=4096,
    takes_images=False,
    reasons=False,
    parameters=frozenset(),
)


class EchoCall:
    """The demonstration's answer, with the interface of a StreamedCall."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._is_stopped = Event()
        self._first: float | None = None
        self._last: float | None = None
        self._duration = 0.0
        self._is_whole = False
        self._written = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    def cancel(self) -> None:
        self._is_stopped.set()

    def __iter__(self) -> Iterator[StampedEvent]:
        began = monotonic()
        words = TEXT.split(" ")[: self._prompt.max_output // 2 or 1]
        for place, word in enumerate(words):
            due = began + FIRST_SECONDS + place / WORDS_A_SECOND
            if self._is_stopped.wait(max(due - monotonic(), 0)):
                return
            text = word if place == 0 else f" {word}"
            self._last = self._duration = monotonic() - began
            self._first = self._first or self._last
            self._written += text
            yield StampedEvent(self._last, EventMeaning(answer=text), {})
        self._is_whole = True
        yield StampedEvent(self._duration, EventMeaning(ends=True, finish=STOP), {})

    @property
    def summary(self) -> StreamSummary:
        usage = {
            "prompt_tokens": usual_count(self._prompt.text),
            "completion_tokens": usual_count(self._written),
        }
        return StreamSummary(
            status=200,
            failure=None,
            first=self._first,
            first_answer=self._first,
            last=self._last,
            duration=self._duration,
            usage=read_report(json.dumps({"usage": usage, "model": MODEL})),
            is_whole=self._is_whole,
            is_streamed=True,
            thinks_unseen=False,
            is_stopped=not self._is_whole,
        )
