"""A small exporter of metrics, classic as text and native as protobuf, for a real Prometheus."""

import math
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COUNTER, HISTOGRAM = 0, 4
PROTOBUF = "application/vnd.google.protobuf"


@dataclass
class Histogram:
    """Observations in classic buckets by upper bound, or in native ones of `schema`."""

    bounds: tuple[float, ...] = ()
    schema: int | None = None
    observed: list[float] = field(default_factory=list)

    def classic(self) -> list[tuple[float, int]]:
        return [
            (bound, sum(value <= bound for value in self.observed))
            for bound in (*self.bounds, math.inf)
        ]

    def native(self) -> dict[int, int]:
        """Counts by index: bucket i is up to 2 ** (i / 2 ** schema)."""
        counts: dict[int, int] = {}
        for value in self.observed:
            index = math.ceil(math.log2(value) * 2 ** (self.schema or 0))
            counts[index] = counts.get(index, 0) + 1
        return dict(sorted(counts.items()))


Labels = tuple[tuple[str, str], ...]


@dataclass
class Metrics:
    address: str = ""
    counters: dict[tuple[str, Labels], float] = field(default_factory=dict)
    histograms: dict[tuple[str, Labels], Histogram] = field(default_factory=dict)
    scrapes: int = 0

    def text(self) -> bytes:
        lines = []
        for (name, labels), value in self.counters.items():
            lines += [f"# TYPE {name} counter", f"{name}{_braces(labels)} {value}"]
        for (name, labels), histogram in self.histograms.items():
            lines.append(f"# TYPE {name} histogram")
            for bound, count in histogram.classic():
                le = "+Inf" if math.isinf(bound) else f"{bound:g}"
                lines.append(f"{name}_bucket{_braces((*labels, ('le', le)))} {count}")
            lines.append(f"{name}_sum{_braces(labels)} {sum(histogram.observed)}")
            lines.append(f"{name}_count{_braces(labels)} {len(histogram.observed)}")
        return "\n".join([*lines, ""]).encode()

    def protobuf(self) -> bytes:
        """Length-delimited io.prometheus.client.MetricFamily messages."""
        families = []
        for (name, labels), value in self.counters.items():
            metric = _pairs(labels) + _bytes(3, _double(1, value))
            families.append(_bytes(1, name.encode()) + _int(3, COUNTER) + _bytes(4, metric))
        for (name, labels), histogram in self.histograms.items():
            metric = _pairs(labels) + _bytes(7, _histogram(histogram))
            families.append(_bytes(1, name.encode()) + _int(3, HISTOGRAM) + _bytes(4, metric))
        return b"".join(_varint(len(family)) + family for family in families)


def _braces(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}"


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _int(field_number: int, value: int) -> bytes:
    return _varint(field_number << 3) + _varint(value)


def _signed(field_number: int, value: int) -> bytes:
    return _int(field_number, value << 1 if value >= 0 else (-value << 1) - 1)


def _double(field_number: int, value: float) -> bytes:
    return _varint(field_number << 3 | 1) + struct.pack("<d", value)


def _bytes(field_number: int, value: bytes) -> bytes:
    return _varint(field_number << 3 | 2) + _varint(len(value)) + value


def _pairs(labels: Labels) -> bytes:
    return b"".join(
        _bytes(1, _bytes(1, name.encode()) + _bytes(2, value.encode())) for name, value in labels
    )


def _histogram(histogram: Histogram) -> bytes:
    counted = _int(1, len(histogram.observed)) + _double(2, sum(histogram.observed))
    if histogram.schema is None:
        return counted + b"".join(
            _bytes(3, _int(1, count) + _double(2, bound)) for bound, count in histogram.classic()
        )
    counts = histogram.native()
    out = counted + _signed(5, histogram.schema) + _double(6, 2.0**-128) + _int(7, 0)
    before, after = 0, 0  # the count of the bucket before, and the index after it
    for number, (index, count) in enumerate(counts.items()):
        gap = index if number == 0 else index - after
        out += _bytes(12, _signed(1, gap) + _int(2, 1)) + _signed(13, count - before)
        before, after = count, index + 1
    if not counts:  # an empty span tells a native histogram without observations
        out += _bytes(12, _signed(1, 0) + _int(2, 0))
    return out


@contextmanager
def exporter() -> Iterator[Metrics]:
    metrics = Metrics()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_protobuf = PROTOBUF in self.headers.get("Accept", "")
            body = metrics.protobuf() if is_protobuf else metrics.text()
            kind = (
                f"{PROTOBUF}; proto=io.prometheus.client.MetricFamily; encoding=delimited"
                if is_protobuf
                else "text/plain; version=0.0.4"
            )
            self.send_response_only(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            with suppress(OSError):  # a scrape that took too long
                self.wfile.write(body)
            metrics.scrapes += 1

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    metrics.address = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield metrics
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
