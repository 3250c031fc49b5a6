"""Answers of Prometheus' HTTP API, as documented for `query` and `query_range`. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from telemetry.prometheus.buckets import Bucket

Number = tuple[float, str]
Boundaries = tuple[int, str, str, str]


class AnswerWrong(Exception):
    """An answer that is not one of the API; the text says how."""


class NativeHistogram(msgspec.Struct):
    count: str = "0"
    buckets: list[Boundaries] = []


class Element(msgspec.Struct):
    metric: dict[str, str]
    value: Number | None = None
    values: list[Number] = []
    histogram: tuple[float, NativeHistogram] | None = None
    histograms: list[tuple[float, NativeHistogram]] = []


class Data(msgspec.Struct):
    result: list[Element]


class Envelope(msgspec.Struct):
    status: str
    data: Data | None = None
    error: str = ""


class Refusal(msgspec.Struct):
    status: str
    error: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One series at one time: a number, or a native histogram's buckets."""

    labels: dict[str, str]
    at: float
    value: float | None
    buckets: list[Bucket] | None


_DECODER = msgspec.json.Decoder(Envelope)
_REFUSAL = msgspec.json.Decoder(Refusal)


def samples(body: bytes) -> Iterator[Sample]:
    """The samples of a vector or a matrix that are finite and not negative."""
    try:
        answer = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AnswerWrong(f"not an answer of its API ({_short(str(error))})") from error
    if answer.status != "success" or answer.data is None:
        raise AnswerWrong(f"an error: {_short(answer.error) or 'none named'}")
    for element in answer.data.result:
        numbers = [element.value] if element.value else element.values
        for at, text in numbers:
            number = _number(text)
            if math.isfinite(number) and number >= 0 and math.isfinite(at):
                yield Sample(element.metric, at, number, None)
        histograms = [element.histogram] if element.histogram else element.histograms
        for at, histogram in histograms:
            if math.isfinite(at):
                yield Sample(element.metric, at, None, _native(histogram))


def refusal(body: bytes) -> str:
    """The reason of an error answer, "" where it is not one of the API."""
    try:
        return _short(_REFUSAL.decode(body).error)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def bound(text: str) -> float:
    """The `le` of a bucket; NaN for what is none."""
    return _number(text)


def _native(histogram: NativeHistogram) -> list[Bucket]:
    """Its buckets above zero; the one around zero begins there."""
    buckets = []
    for _, left, right, many in histogram.buckets:
        low, high, count = max(_number(left), 0.0), _number(right), _number(many)
        if high > low and math.isfinite(count) and count > 0:
            buckets.append((low, high, count))
    return buckets


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _short(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200].strip(" .")
