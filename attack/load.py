"""Load on 32 connections: no error, no growing memory, no estimate much slower than most."""

import math
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from attack.instance import Instance
from attack.report import Promise
from attack.wire import parsed, request_bytes

CONNECTIONS = 32
SECONDS = 60.0
# In the first third caches fill.
WARM_UP = 1 / 3
MOST_DRIFT = 0.05
# p99 of random estimates beside their p50.
MOST_SPREAD = 3.0


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    seconds = max(3.0, SECONDS * share)
    yield under_load(instance, "one list", lambda: "/models/?q=gpt", seconds)
    estimate = partial(_estimate, random)
    yield under_load(instance, "random estimates", estimate, seconds, most_spread=MOST_SPREAD)


def _estimate(random: Random) -> str:
    counts = (random.randrange(1, 200_000) for _ in range(3))
    return "/estimate/?requests={}&input={}&output={}".format(*counts)


def under_load(
    instance: Instance,
    what: str,
    address: Callable[[], str],
    seconds: float,
    most_spread: float = math.inf,
) -> Promise:
    ended: list[tuple[float, float, int]] = []  # when, seconds, status
    memory: list[tuple[float, float]] = []
    began = time.monotonic()
    for finished in _answers(instance.port, address, began + seconds):
        ended.append(finished)
        if not memory or finished[0] - memory[-1][0] > 1:
            memory.append((finished[0], sum(instance.memory_mb().values())))
    warm = began + seconds * WARM_UP
    times = sorted(took for at, took, _ in ended if at > warm)
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    mb = [amount for at, amount in memory if at > warm]
    drift = mb[-1] / mb[0] - 1
    errors = sum(status != 200 for _, _, status in ended)
    broken = [f"{errors} errors"] if errors else []
    if abs(drift) > MOST_DRIFT:
        broken.append(f"memory {mb[0]:.0f} → {mb[-1]:.0f} MB")
    if p99 > most_spread * p50:
        broken.append(f"p99 is {p99 / p50:.1f} × p50")
    return Promise(
        f"{CONNECTIONS} connections for {seconds:.0f} s, {what}",
        f"{len(ended) / seconds:.0f} a second, {errors} errors; p50 {p50 * 1000:.0f} ms,"
        f" p99 {p99 * 1000:.0f} ms; memory {mb[0]:.0f} → {mb[-1]:.0f} MB ({drift:+.1%})",
        tuple(broken),
    )


def _answers(
    port: int, address: Callable[[], str], ends: float
) -> Iterator[tuple[float, float, int]]:
    """When each request ended, how long it took and its status, over connections of one request."""
    with selectors.DefaultSelector() as lines:
        for _ in range(CONNECTIONS):
            _open(lines, port, address())
        while lines.get_map() and time.monotonic() < ends + 20:
            for key, _ in lines.select(timeout=1):
                began, received = key.data
                assert isinstance(key.fileobj, socket.socket)
                try:
                    part = key.fileobj.recv(1 << 18)
                except OSError:
                    part = b""
                received += part
                if not part:
                    lines.unregister(key.fileobj)
                    key.fileobj.close()
                    now = time.monotonic()
                    yield now, now - began, parsed(bytes(received), 0).status
                    if now < ends:
                        _open(lines, port, address())


def _open(lines: selectors.BaseSelector, port: int, address: str) -> None:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(request_bytes("GET", address, {"Accept-Encoding": "gzip"}))
    lines.register(line, selectors.EVENT_READ, (time.monotonic(), bytearray()))
