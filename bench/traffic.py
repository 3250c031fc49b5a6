"""HTTP requests over connections that stay open, as browsers keep them, and what they cost."""

import gzip
import random
import socket
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, repeat, tee
from pathlib import Path

from bench.cpu import CpuTime
from bench.recordings import file_name, folder

GZIP = {"Accept-Encoding": "gzip"}
PART = {"HX-Request": "true", "HX-Target": "results"}
WARM_UP = 20
REQUESTS = 100


@dataclass(frozen=True)
class Times:
    """Medians of the CPU milliseconds of requests that alternated between ours and the floor."""

    ours: float
    floor: float


@dataclass(frozen=True)
class TimedAnswer:
    milliseconds: float
    etag: str
    body: bytes


class Visit:
    """A connection that stays open. Leaner than http.client, which takes as long as a kept page."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = self._socket.makefile("rb")

    def get(self, path: str, headers: Mapping[str, str], *, status: int = 200) -> TimedAnswer:
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()
        began = time.perf_counter()
        self._socket.sendall(request)
        status_line = self._received.readline()
        received = {}
        while (line := self._received.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            received[name.lower()] = value.strip()
        if received.get(b"transfer-encoding") == b"chunked":
            body = b"".join(self._chunks())
        else:
            body = self._received.read(int(received.get(b"content-length", 0)))
        took = time.perf_counter() - began
        if f" {status} ".encode() not in status_line or bool(body) != (status == 200):
            raise AssertionError(f"{path}: {status_line!r}, {len(body)} bytes")
        return TimedAnswer(took * 1000, received.get(b"etag", b"").decode(), body)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._received.readline(), 16):
            yield self._received.read(size)
            self._received.readline()
        self._received.readline()


def fresh(paths: Iterable[str]) -> Iterator[str]:
    """These paths, each with a parameter never used before: no kept page answers them."""
    for path in paths:
        yield f"{path}{'&' if '?' in path else '?'}fresh={random.random()}"


def record(port: int, home: Path, paths: Iterable[str], *, part: bool = False) -> None:
    """Record what Ratecard answers at these paths, for the floor to serve the same bytes.

    A part is recorded for its path with any query.
    """
    folder(home).mkdir(exist_ok=True)
    visit = Visit(port)
    for path in paths:
        headers = GZIP | PART if part else GZIP
        body = gzip.decompress(visit.get(path, headers).body)
        address = path.partition("?")[0] if part else path
        (folder(home) / file_name(address, part=part)).write_bytes(body)


def times_anew(ours: int, floor: int, paths: Sequence[str], requests: int = REQUESTS) -> Times:
    return _alternate(ours, floor, fresh(cycle(paths)), GZIP, requests)


def times_kept(ours: int, floor: int, path: str, requests: int = 3 * REQUESTS) -> Times:
    return _alternate(ours, floor, repeat(path), GZIP, requests)


def times_not_modified(ours: int, floor: int, path: str, requests: int = 3 * REQUESTS) -> Times:
    etags = {port: Visit(port).get(path, GZIP).etag for port in (ours, floor)}
    if not all(etags.values()):
        raise AssertionError(f"{path} has no ETag")
    # Either server finds its own tag in the list.
    known = GZIP | {"If-None-Match": ", ".join(etags.values())}
    return _alternate(ours, floor, repeat(path), known, requests, status=304)


def _alternate(
    ours: int,
    floor: int,
    paths: Iterator[str],
    headers: Mapping[str, str],
    requests: int,
    *,
    status: int = 200,
) -> Times:
    both = list(zip((ours, floor), tee(paths), strict=True))
    return Times(*cpu_medians(both, headers, requests, status=status))


def cpu_medians(
    visits: Sequence[tuple[int, Iterator[str]]],
    headers: Mapping[str, str] = GZIP,
    requests: int = REQUESTS,
    *,
    status: int = 200,
) -> list[float]:
    """CPU milliseconds of a request at each server, requested in turn.

    In turn, so that other load on the machine slows all of them.
    """
    rounds = zip(*(paths for _, paths in visits), strict=True)
    connections = [Visit(port) for port, _ in visits]
    for paths in islice(rounds, WARM_UP):
        for connection, path in zip(connections, paths, strict=True):
            connection.get(path, headers, status=status)
    cpu = CpuTime()  # after the warm-up, in which PostgreSQL's sessions begin
    times: list[list[float]] = [[] for _ in visits]
    for paths in islice(rounds, requests):
        for connection, path, spent in zip(connections, paths, times, strict=True):
            before = cpu.milliseconds()
            connection.get(path, headers, status=status)
            spent.append(cpu.milliseconds() - before)
    return [statistics.median(spent) for spent in times]


def lower_quartile(times: Sequence[float]) -> float:
    """Of elapsed times, which other load on the machine can only lengthen."""
    return statistics.quantiles(times, n=4)[0]
