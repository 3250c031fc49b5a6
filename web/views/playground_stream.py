"""Answers of the playground as they come: in the page itself, or as lines for its script."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import escape

from playground.results import CallResult
from playground.run import CallEnd, CallEvent, PromptRun, Silence
from pricing.meters import meter
from web.http.streams import StreamPlace
from web.pages.playground import Calls, PlaygroundPage
from web.text.markdown import render

LINES = "application/x-ndjson"
# Where the answers come in the page, and where a browser has enough of it to draw.
_MARK = "<!-- answers -->"
_PADDING = f"<!-- {' ' * 1024} -->\n"
# Reasoning stands apart from the answer.
_OPENS = {
    "reasoning": '<details><summary>Reasoning</summary><div class="text">',
    "answer": '<div class="text">',
}
_CLOSES = {"reasoning": "</div></details>", "answer": "</div>", "": ""}
# Longer answers are shown as they came.
_MOST_MARKDOWN = 100_000


class LineStream:
    """A line of JSON an event. Closed, it ends the calls and gives its place back."""

    def __init__(
        self, page: PlaygroundPage, calls: Calls, run: PromptRun, place: StreamPlace
    ) -> None:
        self._page, self._calls, self._run, self._place = page, calls, run, place
        self._answers = [""] * len(calls)
        self._events = self._read()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._events)

    def close(self) -> None:
        try:
            self._run.close()
        finally:
            self._place.release()

    def _read(self) -> Iterator[str]:
        connection.close()
        for place, (endpoint, _) in enumerate(self._calls):
            yield _line(i=place, name=endpoint.provider_name)
        for item in self._run:
            if isinstance(item, Silence):
                yield "\n"
            elif isinstance(item, CallEvent):
                for kind, text in self._texts(item):
                    yield _line(i=item.place, kind=kind, text=text)
            else:
                yield _line(i=item.place, html=self._result(item, with_answer=True))

    def _texts(self, event: CallEvent) -> Iterator[tuple[str, str]]:
        meaning = event.stamped.meaning
        if meaning.reasoning:
            yield "reasoning", meaning.reasoning
        if meaning.answer:
            self._answers[event.place] += meaning.answer
            yield "answer", meaning.answer

    def _result(self, end: CallEnd, *, with_answer: bool) -> str:
        """The figures of a call, with its answer as Markdown, whole, once."""
        endpoint, _ = self._calls[end.place]
        answer = self._answers[end.place]
        context = {
            "endpoint": endpoint,
            "result": end.result,
            "lines": _cost_lines(end.result),
            "answer": render(answer) if with_answer and len(answer) < _MOST_MARKDOWN else "",
            "same": _same_elsewhere(endpoint.model, end.result),
            "again": f"{reverse('playground')}?{urlencode({'m': endpoint.model})}",
        }
        return get_template("playground/result.html").render(context)


class PageStream(LineStream):
    """The page itself, its answers one after the other as they come."""

    def __init__(
        self, frame: str, page: PlaygroundPage, calls: Calls, run: PromptRun, place: StreamPlace
    ) -> None:
        super().__init__(page, calls, run, place)
        self._frame = frame

    def _read(self) -> Iterator[str]:
        connection.close()
        before, _, after = self._frame.partition(_MARK)
        yield before + _PADDING
        waiting: list[list[str]] = [[] for _ in self._calls]
        ended = [False] * len(self._calls)
        kinds = [""] * len(self._calls)
        current = 0
        yield self._opened(0)
        for item in self._run:
            if isinstance(item, Silence):
                yield "\n"
                continue
            if isinstance(item, CallEnd):
                waiting[item.place].append(
                    f"{_CLOSES[kinds[item.place]]}{self._result(item, with_answer=False)}</section>"
                )
                ended[item.place] = True
            for kind, text in self._texts(item) if isinstance(item, CallEvent) else ():
                if kind != kinds[item.place]:
                    waiting[item.place].append(_CLOSES[kinds[item.place]] + _OPENS[kind])
                    kinds[item.place] = kind
                waiting[item.place].append(escape(text))
            while current < len(self._calls):
                yield "".join(waiting[current])
                waiting[current].clear()
                if not ended[current]:
                    break
                current += 1
                if current < len(self._calls):
                    yield self._opened(current)
        yield after

    def _opened(self, place: int) -> str:
        endpoint, _ = self._calls[place]
        return (
            f'<section class="answer" data-provider="{escape(endpoint.provider)}">'
            f"<h3>{escape(endpoint.provider_name)}</h3>"
        )


@dataclass(frozen=True, slots=True)
class ChargedMeter:
    name: str
    quantity: str
    amount: Decimal


def _cost_lines(result: CallResult) -> list[ChargedMeter]:
    return [
        ChargedMeter(meter(line.meter).name, f"{int(line.quantity):,}", line.amount)
        for line in (result.cost.lines if result.cost else ())
    ]


def _same_elsewhere(model: str, result: CallResult) -> str:
    """The estimate of the same tokens at every provider of the model."""
    usage = result.usage
    if usage is None:
        return ""
    fields = {
        "q": model,
        "requests": 1,
        "input": int(usage["input"]),
        "cached": int(usage["cache_read"]),
        "output": int(usage["output"]),
        "reasoning": int(usage["reasoning"]),
        "per": "endpoint",
        "via": "any",
    }
    stated = {name: value for name, value in fields.items() if value != 0}
    return f"{reverse('estimate')}?{urlencode(stated)}"


def _line(**fields: Any) -> str:
    return json.dumps(fields) + "\n"
