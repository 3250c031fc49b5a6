"""Fifty answers at once through /v1/chat/completions, beside the same fifty from the provider
itself: the first token, the longest gap, pages meanwhile, memory; and what one call costs on top.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from bench.cpu import children
from bench.place import GRANIAN, ROOT, serving
from bench.report import ReportLine, at_most, count
from bench.traffic import GZIP, Visit
from catalog.models import Creator, Endpoint, Model, Provider, Source
from pricing.models import Rate

STREAMS = 50
# To the first token in seconds, tokens a second, tokens.
LONG, SHORT = "0.3-50-150", "0.01-1000-2"
PAGES = ("/", "/models/openai/gpt-5/", "/providers/openai/")
CALLS = 200
_GRANIAN = tuple("3" if word == "2" else word for word in GRANIAN)


@dataclass(frozen=True, slots=True)
class Streamed:
    """Seconds to the first token, and the longest between two."""

    first: float
    gap: float


def measure(home: Path) -> Iterator[ReportLine]:
    with _provider() as port:
        os.environ["RATECARD_PROVIDER_BENCH_HOST_URL"] = f"http://127.0.0.1:{port}"
        os.environ["BENCH_HOST_API_KEY"] = "a-key-of-the-benchmark"
        os.environ["RATECARD_ALLOWANCE_USD"] = os.environ["RATECARD_PROVIDER_DAY_USD"] = "1000"
        for name in (LONG, SHORT):
            _sell(name)
        _, secret = make_key(KeyKind.API, "bench")
        with serving(*_GRANIAN, path="/readyz") as ours:
            yield from _many(ours, port, secret)
            yield from _one(ours, port, secret)


def _many(ours: int, provider: int, secret: str) -> Iterator[ReportLine]:
    _at_once(ours, f"bench/{LONG}", "/v1/chat/completions", secret)  # what a first call loads
    direct = _at_once(provider, LONG, "/chat/completions", "")
    quiet = _pages(ours, Event(), seconds=4)
    before = _memory()
    done = Event()
    meanwhile: list[float] = []
    pages = Thread(target=lambda: meanwhile.extend(_pages(ours, done, seconds=60)))
    pages.start()
    held: list[int] = []
    streamed = _at_once(ours, f"bench/{LONG}", "/v1/chat/completions", secret, held)
    done.set()
    pages.join()
    name = f"streams: {STREAMS} at once"
    yield count(
        f"{name}, first token after the provider’s, p50",
        (_first(streamed) - _first(direct)) * 1000,
        150,
        "ms",
    )
    yield count(
        f"{name}, longest gap beyond the provider’s",
        (max(s.gap for s in streamed) - max(s.gap for s in direct)) * 1000,
        100,
        "ms",
    )
    yield at_most(
        f"{name}, pages meanwhile, p50",
        statistics.median(meanwhile),
        statistics.median(quiet),
        1.5,
        name="quiet",
    )
    yield count(f"{name}, memory a stream", (max(held) - before) / STREAMS / 2**20, 1, "MB")


def _one(ours: int, provider: int, secret: str) -> Iterator[ReportLine]:
    """One after the other, in turn: ours, the provider itself."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(CALLS):
        for kept, port, model, path, key in (
            (times[0], ours, f"bench/{SHORT}", "/v1/chat/completions", secret),
            (times[1], provider, SHORT, "/chat/completions", ""),
        ):
            began = time.perf_counter()
            _stream(port, model, path, key)
            kept.append(time.perf_counter() - began)
    beyond = (statistics.median(times[0]) - statistics.median(times[1])) * 1000
    yield count("streams: one call, beyond the provider itself, p50", beyond, 10, "ms")


def _first(streamed: list[Streamed]) -> float:
    return statistics.median(one.first for one in streamed)


def _at_once(
    port: int, model: str, path: str, secret: str, memory: list[int] | None = None
) -> list[Streamed]:
    with ThreadPoolExecutor(STREAMS) as pool:
        futures = [pool.submit(_stream, port, model, path, secret) for _ in range(STREAMS)]
        while memory is not None and not all(future.done() for future in futures):
            memory.append(_memory())
            time.sleep(0.2)
        return [future.result() for future in futures]


def _stream(port: int, model: str, path: str, secret: str) -> Streamed:
    fields = {
        "model": model,
        "messages": [{"role": "user", "content": "Count."}],
        "max_tokens": 1000,
        "stream": True,
    }
    body = json.dumps(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {secret}\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connected:
        began = time.perf_counter()
        connected.sendall(head.encode() + body)
        received, stamps = b"", []
        while chunk := connected.recv(65536):
            tokens = chunk.count(b'"content":"') + chunk.count(b'"content": "')
            opening = chunk.count(b'"content":""') + chunk.count(b'"content": ""')
            if tokens > opening:
                stamps.append(time.perf_counter())
            received = (received + chunk)[-200:] if b" 200 " in received else received + chunk
    if not stamps:
        raise AssertionError(received[-500:])
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    return Streamed(stamps[0] - began, max(gaps, default=0.0))


def _pages(port: int, done: Event, *, seconds: float) -> list[float]:
    """Milliseconds of pages, one every 50 ms."""
    visit, times = Visit(port), []
    until = time.monotonic() + seconds
    while not done.is_set() and time.monotonic() < until:
        for path in PAGES:
            times.append(visit.get(path, GZIP).milliseconds)
            time.sleep(0.05)
    return times


def _memory() -> int:
    """Bytes of the web processes."""
    total = 0
    for pid in children(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
        if b"granian" in command or b"multiprocessing" in command:
            total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def _sell(name: str) -> None:
    creator, _ = Creator.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    provider, _ = Provider.objects.get_or_create(
        slug="bench-host", defaults={"name": "Bench host", "kind": "inference-host"}
    )
    model = Model.objects.create(slug=f"bench/{name}", creator=creator, name=name, mode="chat")
    endpoint = Endpoint.objects.create(
        model=model, provider=provider, upstream_id=name, mode="chat"
    )
    for meter in ("input", "output"):
        Rate.objects.create(
            endpoint=endpoint,
            meter=meter,
            amount=1,
            per=1_000_000,
            state="priced",
            source=Source.objects.earliest("pk"),
            observed_at=timezone.now(),
        )


@contextmanager
def _provider() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.model_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        # It notes a line an answer, which nobody needs here.
        Thread(target=process.stdout.read, daemon=True).start()
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)
