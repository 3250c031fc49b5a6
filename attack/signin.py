"""Guessing passwords: attempts are throttled and cost other pages little."""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from threading import Event, Thread

from attack.instance import Instance
from attack.report import Promise
from attack.wire import form_bytes, get, send

GUESSERS = 8
SECONDS = 20.0
# Beside the guessing a page may take so much longer than before, in seconds.
LONGER_SECONDS = 0.25


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    seconds = max(3.0, SECONDS * share)
    quiet = statistics.median(get(instance.port, "/providers/").seconds for _ in range(20))
    statuses: Counter[int] = Counter()
    stop = Event()
    guessers = [
        Thread(target=_guess, args=(instance.port, random.random(), statuses, stop))
        for _ in range(GUESSERS)
    ]
    for guesser in guessers:
        guesser.start()
    times = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        times.append(get(instance.port, "/providers/").seconds)
        time.sleep(0.1)
    stop.set()
    for guesser in guessers:
        guesser.join()
    beside = statistics.median(times)
    broken = []
    if beside > quiet + LONGER_SECONDS:
        broken.append(f"a page takes {beside * 1000:.0f} ms beside the guessing")
    if failed := sum(
        count for status, count in statuses.items() if status >= 500 and status != 503
    ):
        broken.append(f"{failed} errors of the server")
    if not any(statuses[status] for status in (403, 429, 503)):
        broken.append(f"none of {statuses.total()} attempts was refused unread")
    yield Promise(
        f"{GUESSERS} clients guess passwords",
        f"{statuses.total() / seconds:.0f} a second, by status {dict(statuses)};"
        f" a page {quiet * 1000:.0f} → {beside * 1000:.0f} ms, slowest {max(times) * 1000:.0f}",
        tuple(broken),
    )


def _guess(port: int, seed: float, statuses: Counter[int], stop: Event) -> None:
    random = Random(seed)
    while not stop.is_set():
        name = random.choice(("admin", "root", "attack", f"user{random.randrange(1_000)}"))
        fields = {"username": name, "password": f"guess{random.random()}", "next": "/admin/"}
        statuses[send(port, form_bytes("/account/sign-in/", fields)).status] += 1
