"""Telemetry in: spans a second and CPU time a span beside collectors that keep nothing, memory of
the web processes, pages meanwhile, and the disk that rollups take.

The client, the servers, PostgreSQL and the fold share the machine. The peer for speed is rotel, a
collector in Rust with an exporter that drops everything: `pip install rotel==0.0.1a15` anywhere,
and its `rotel-agent` in ROTEL_AGENT. Without it there is no such line.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from django.db.models import F, Sum
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from bench.cpu import CpuTime, children
from bench.otlp_bodies import SPANS, attributes_of, batches, unlike
from bench.place import ROOT, free_port, serving_ours
from bench.report import ReportLine, at_least, at_most, count
from bench.rollup_sizes import gigabytes
from bench.traffic import GZIP, Visit
from bench.writes import COMMITS_PER_SECOND, PAGES
from telemetry.fold import fold
from telemetry.models import InboxRow, Slot

ROTEL = os.environ.get("ROTEL_AGENT", "")
SECONDS = int(os.environ.get("INGEST_SECONDS", "120"))
CONNECTIONS = 8
PEER_SECONDS = 15
PAGE_SECONDS, PAGE_ROUNDS = 4, 4
SPANS_OF_A_SMALL_REQUEST = 8
# The schedule of beat in one process.
FOLD = """
import time
from django.utils import timezone
from telemetry import measured
from telemetry.fold import fold
for run in range(10**9):
    fold(timezone.now())
    if run % 6 == 5:
        measured.renew(timezone.now())
    time.sleep(10)
"""


class ProtobufSender:
    """A connection that stays open and sends bodies of protobuf."""

    def __init__(self, port: int, secret: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = self._socket.makefile("rb")
        self._head = (
            "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf"
            f"\r\nAuthorization: Bearer {secret}\r\nContent-Length: "
        ).encode()

    def send(self, body: bytes) -> None:
        self._socket.sendall(self._head + b"%d\r\n\r\n" % len(body) + body)
        status = self._received.readline()
        length = 0
        while (line := self._received.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = self._received.read(length)
        if b" 200 " not in status or answer:
            raise AssertionError(f"{status!r} {answer!r}")


def measure(home: Path) -> Iterator[ReportLine]:
    yield count("ingest: disk, 5,000 series always active at 20,000 spans/s", gigabytes(), 6, "GB")
    bodies = batches()
    proto = _microseconds_of_opentelemetry(bodies)
    secret = make_key(KeyKind.INGEST, "bench")[1]
    peers = [_rate_of_rotel(bodies)] if ROTEL else []
    with serving_ours() as port:
        web = [pid for pid in children(os.getpid()) if _is_granian(pid)]
        before = _counted()
        with _folding():
            accepted = _sent(port, secret, bodies, 3)  # sessions of the database begin
            cpu = CpuTime()
            spent, began = cpu.milliseconds(), time.monotonic()
            sizes: list[float] = []
            measured = _sent(port, secret, bodies, SECONDS, web=web, sizes=sizes)
            while InboxRow.objects.exists():
                time.sleep(0.2)
            rate = measured / (time.monotonic() - began)
            spent = cpu.milliseconds() - spent
        accepted += measured
        fold(timezone.now())
        lost = abs(_counted() - before - accepted)
        yield count(f"ingest: of {accepted:,} calls acknowledged, not counted once", lost, 0)
        if ROTEL:
            peers.append(_rate_of_rotel(bodies))
            peer = sum(peers) / len(peers)
            yield at_least("ingest: spans, until counted", rate, peer, 0.7, name="rotel")
        yield at_most(
            "ingest: CPU time a span, PostgreSQL and fold included",
            spent * 1000 / measured,
            proto,
            1.5,
            name="opentelemetry-proto",
            unit="µs",
        )
        minute = sizes[min(60, len(sizes) // 2)]
        yield at_most(
            f"ingest: memory of the web after {SECONDS} s",
            max(sizes[len(sizes) // 2 :]),
            minute,
            1.1,
            name="a minute",
            unit="MB",
        )
        quiet, during = _page_rates(port, secret)
    what = f"ingest: pages, {COMMITS_PER_SECOND} commits/s of telemetry"
    yield at_least(what, during, quiet, 0.8, name="quiet")


def _sent(
    port: int,
    secret: str,
    bodies: list[bytes],
    seconds: float,
    *,
    web: list[int] | None = None,
    sizes: list[float] | None = None,
) -> int:
    """Send as fast as is answered; how many spans were acknowledged. Notes sizes each second."""
    ended = Event()
    acknowledged = [0] * CONNECTIONS
    failures: list[BaseException] = []

    def send(number: int) -> None:
        sender = ProtobufSender(port, secret)
        try:
            while not ended.is_set():
                body = bodies[(number + acknowledged[number]) % len(bodies)]
                sender.send(unlike(body))
                acknowledged[number] += 1
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=send, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not failures:
        time.sleep(min(1, seconds))
        if sizes is not None:
            sizes.append(sum(map(_megabytes, web or ())))
    ended.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(acknowledged) * SPANS


def _counted() -> int:
    calls = Slot.objects.aggregate(calls=Sum(F("succeeded") + F("failed") + F("refused")))["calls"]
    return int(calls or 0)


def _microseconds_of_opentelemetry(bodies: list[bytes]) -> float:
    """CPU time a span to read every attribute with the official messages; the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        spans = sum(attributes_of(body) for body in bodies[:20])
        best = min(best, (time.process_time() - began) * 1e6 / spans)
    return best


def _rate_of_rotel(bodies: list[bytes]) -> float:
    port, other = free_port(), free_port()
    process = subprocess.Popen(
        [
            *(ROTEL, "start", "--exporter", "blackhole"),
            *("--otlp-http-endpoint", f"127.0.0.1:{port}"),
            *("--otlp-grpc-endpoint", f"127.0.0.1:{other}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        began = time.monotonic()
        spans = _sent(port, "", bodies, PEER_SECONDS)
        return spans / (time.monotonic() - began)
    finally:
        process.terminate()
        process.wait()


def _page_rates(port: int, secret: str) -> tuple[float, float]:
    """Pages a second over one connection in quiet, and while small requests commit."""
    small = batches(1, SPANS_OF_A_SMALL_REQUEST)[0]
    visit, sender = Visit(port), ProtobufSender(port, secret)
    _pages(visit, 1)
    pages = [0, 0]
    with _folding():
        for _ in range(PAGE_ROUNDS):
            pages[0] += _pages(visit, PAGE_SECONDS)
            ended = Event()

            def write(ended: Event = ended) -> None:
                while not ended.wait(1 / COMMITS_PER_SECOND):
                    sender.send(unlike(small))

            writer = Thread(target=write)
            writer.start()
            pages[1] += _pages(visit, PAGE_SECONDS)
            if not writer.is_alive():
                raise AssertionError("the sender has failed, so nothing was written")
            ended.set()
            writer.join()
    quiet, during = (number / (PAGE_ROUNDS * PAGE_SECONDS) for number in pages)
    return quiet, during


def _pages(visit: Visit, seconds: float) -> int:
    end, pages = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for path in PAGES.values():
            visit.get(path, GZIP)
            pages += 1
    return pages


@contextmanager
def _folding() -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", FOLD], cwd=ROOT
    )
    try:
        yield
        if process.poll() is not None:
            raise AssertionError("the process that folds has failed")
    finally:
        process.terminate()
        process.wait()


def _is_granian(pid: int) -> bool:
    return b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
