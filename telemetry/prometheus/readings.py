"""What an exporter's queries show of each model at each time. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from telemetry.prometheus.answers import Sample, bound
from telemetry.prometheus.buckets import Bucket, Quantile, classic, inverted, merged, quantile

LONGEST_PROVIDER, LONGEST_MODEL = 200, 300
# Models of one exporter; further ones are left out and counted.
MOST_NAMES = 10_000
HISTOGRAMS = ("latency", "token_time")
COUNTS = ("succeeded", "failed", "refused", "input_tokens", "output_tokens")
# What may be a time to the first token in seconds, and a throughput in tokens a second.
POSSIBLE_LATENCY = (0.005, 600.0)
POSSIBLE_THROUGHPUT = (0.01, 100_000.0)
_LARGEST_COUNT = 1e15


class Name(NamedTuple):
    """The exporter's words for the provider and the model."""

    provider: str
    model: str


class Exporter(Protocol):
    """A row of PrometheusExporter: its queries, and the labels that name what they measure."""

    provider_labels: str
    model_labels: str
    provider_name: str
    model_name: str

    def query(self, figure: str) -> str: ...


@dataclass(slots=True)
class Measurement:
    """One model in one window."""

    latency: list[Bucket] = field(default_factory=list)
    token_time: list[Bucket] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def latency_quantile(self, share: float) -> Quantile | None:
        return _possible(quantile(self.latency, share), POSSIBLE_LATENCY)

    def throughput_quantile(self, share: float) -> Quantile | None:
        return _possible(quantile(inverted(self.token_time), share), POSSIBLE_THROUGHPUT)

    def add(self, other: "Measurement") -> None:
        self.latency = merged((self.latency, other.latency))
        self.token_time = merged((self.token_time, other.token_time))
        self.counts.update(other.counts)


Measurements = dict[int, dict[Name, Measurement]]


def read_exporter(
    exporter: Exporter,
    ask: Callable[[str], Iterable[Sample]],
    left_out: Counter[str],
    figures: Sequence[str] = (*HISTOGRAMS, *COUNTS),
) -> Measurements:
    """Ask the exporter's queries; what each shows, by time and name."""
    readings: Measurements = defaultdict(lambda: defaultdict(Measurement))
    names = _Naming(exporter, left_out)
    for figure in figures:
        query = exporter.query(figure)
        if not query:
            continue
        if figure in HISTOGRAMS:
            _read_histograms(readings, figure, ask(query), names)
        else:
            _read_counts(readings, figure, ask(query), names)
    return readings


class _Naming:
    """The names of samples; what cannot be named is left out and counted."""

    def __init__(self, exporter: Exporter, left_out: Counter[str]) -> None:
        self._providers = _listed(exporter.provider_labels)
        self._models = _listed(exporter.model_labels)
        self._provider, self._model = exporter.provider_name, exporter.model_name
        self._left_out = left_out
        self._known: set[Name] = set()

    def of(self, labels: dict[str, str]) -> Name | None:
        name = Name(
            next(filter(None, (labels.get(label, "").strip() for label in self._providers)), "")
            or self._provider,
            next(filter(None, (labels.get(label, "").strip() for label in self._models)), "")
            or self._model,
        )
        if why := self._reason_against(name):
            self._left_out[why] += 1
            return None
        self._known.add(name)
        return name

    def _reason_against(self, name: Name) -> str:
        if not name.model:
            return "without a model's name"
        if len(name.provider) > LONGEST_PROVIDER or len(name.model) > LONGEST_MODEL:
            return "with too long a name"
        if not (name.provider.isprintable() and name.model.isprintable()):
            return "with a name that cannot be shown"
        if name not in self._known and len(self._known) >= MOST_NAMES:
            return f"beyond {MOST_NAMES:,} models"
        return ""


def _listed(labels: str) -> list[str]:
    return [label for part in labels.split(",") if (label := part.strip())]


def _read_histograms(
    readings: Measurements, figure: str, samples: Iterable[Sample], names: _Naming
) -> None:
    """Native histograms, or classic ones where a name has none."""
    native: dict[tuple[int, Name], list[list[Bucket]]] = defaultdict(list)
    cumulative: dict[tuple[int, Name], Counter[float]] = defaultdict(Counter)
    for sample in samples:
        name = names.of(sample.labels)
        if name is None:
            continue
        key = (round(sample.at), name)
        if sample.buckets is not None:
            native[key].append([bucket for bucket in sample.buckets if bucket[2] < _LARGEST_COUNT])
        elif (
            sample.value is not None
            and sample.value < _LARGEST_COUNT
            and not math.isnan(upper := bound(sample.labels.get("le", "")))
        ):
            cumulative[key][upper] += sample.value  # type: ignore[assignment]
    for at, name in native.keys() | cumulative.keys():
        buckets = merged(native.get((at, name), ())) or classic(cumulative.get((at, name), {}))
        setattr(readings[at][name], figure, buckets)


def _read_counts(
    readings: Measurements, figure: str, samples: Iterable[Sample], names: _Naming
) -> None:
    for sample in samples:
        name = names.of(sample.labels)
        if name is not None and sample.value is not None and sample.value < _LARGEST_COUNT:
            counts = readings[round(sample.at)][name].counts
            counts[figure] += sample.value  # type: ignore[assignment]


def _possible(estimate: Quantile | None, limits: tuple[float, float]) -> Quantile | None:
    least, most = limits
    return estimate if estimate and least < estimate.value < most else None
