"""kill -9 at random while the site works: nothing acknowledged is lost, and it comes back."""

import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from random import Random
from threading import Event, Thread

from django.apps import apps
from django.db import Error, connection
from django.utils import timezone

from attack.admin_form import save
from attack.bombs import sentence
from attack.instance import Instance, command, descendants, kind_of, signed_in_cookies
from attack.mirror import Mirror
from attack.report import Promise
from attack.uploads import start, total, upload
from attack.wire import get
from config.embedded import watcher

KILLS = 50
# From a kill to the next page; a process that is killed again and again waits up to 30 s.
BACK_SECONDS = 40.0
# Until every log has ended: one whose worker was killed is found after two minutes.
SETTLE_SECONDS = 420.0
REFRESH_SECONDS = 240.0
ESTIMATE = "/estimate/?requests=10&input=1000&output=100"


@dataclass
class Acknowledged:
    """What the site has confirmed: uploads that it queued, edits that it saved, refreshes taken."""

    uploads: dict[str, int] = field(default_factory=dict)  # tokens by the log's address
    edits: dict[str, str] = field(default_factory=dict)  # addresses by the provider's slug
    refreshes: int = 0
    began: datetime = field(default_factory=timezone.now)


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    mirror = instance.mirror
    mirror.read_catalog()
    done, stop = Acknowledged(), Event()
    if mirror.refresh(REFRESH_SECONDS) is None:  # the first takes long: it leaves much out
        yield Promise("a refresh before the kills", "", ("it was not taken",))
    cookies = signed_in_cookies(instance.port)
    slugs = list(apps.get_model("catalog", "Provider").objects.values_list("slug", "pk"))
    workers = [
        Thread(target=_upload, args=(instance.port, random.random(), done, stop)),
        Thread(target=_edit, args=(instance.port, slugs, cookies, done, stop)),
        Thread(target=_refresh, args=(done, stop)),
    ]
    for worker in workers:
        worker.start()
    kills: Counter[str] = Counter()
    back = []
    for _ in range(max(3, round(KILLS * share))):
        time.sleep(random.uniform(0, 2))
        kills[_kill(instance, random)] += 1
        back.append(_back(instance.port))
    stop.set()
    for worker in workers:
        worker.join()
    slow = [f"not back after {seconds:.0f} s" for seconds in back if seconds >= BACK_SECONDS]
    yield Promise(
        f"{kills.total()} kills, back after each",
        f"{dict(kills)}; back after median {statistics.median(back):.1f} s, most {max(back):.1f} s",
        tuple(slow),
    )
    yield _uploads_kept(instance.port, done)
    yield _edits_kept(done)
    yield _refreshes_kept(mirror, done)


def _upload(port: int, seed: float, done: Acknowledged, stop: Event) -> None:
    random = Random(seed)
    while not stop.wait(1.0):
        tokens = random.randrange(1, 1_000_000)
        rows = b"".join(b"openai/gpt-4o,%d\n" % tokens for _ in range(random.choice((1, 50_000))))
        visitor = f"198.51.100.{random.randrange(256)}"
        reply = upload(port, f"{tokens}.csv", b"model,input\n" + rows, visitor)
        address = reply.headers.get("location", "")
        # A start that was not acknowledged may have come through: the log is then queued once.
        while address and not stop.is_set():
            if start(port, address).status == 302:
                done.uploads[address] = tokens * rows.count(b"\n")
                break
            time.sleep(0.5)


def _edit(
    port: int, providers: list[tuple[str, int]], cookies: str, done: Acknowledged, stop: Event
) -> None:
    for slug, pk in providers:
        if stop.wait(0.5):
            return
        changes = {"status_url": f"https://{slug}.example.org/", "why": "an attacked editor"}
        if save(port, f"/admin/catalog/provider/{pk}/change/", changes, cookies).status == 302:
            done.edits[slug] = changes["status_url"]


def _refresh(done: Acknowledged, stop: Event) -> None:
    celery = import_module("config.celery").app  # reads the settings, which name this run's home
    while not stop.wait(5.0):
        with suppress(Exception):  # of the broker, as long as its database is gone
            celery.send_task("sources.tasks.refresh_source", ["models-dev"])
            done.refreshes += 1


def _kill(instance: Instance, random: Random) -> str:
    """Kill any process of the instance but its supervisor; the kind of the process."""
    victims = {pid: kind_of(command(pid)) for pid in instance.processes()}
    folder = instance.home / "postgres"
    if server := watcher.postmaster(folder):
        victims[server] = "postgres"
        victims |= dict.fromkeys(descendants(server), "session of postgres")
    everything = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    victims |= {pid: "watcher" for pid in everything if f"watcher.py {folder}" in command(pid)}
    # A kind first: there are many more sessions than servers.
    kind = random.choice(sorted({*victims.values()}))
    with suppress(ProcessLookupError):
        os.kill(random.choice([pid for pid in victims if victims[pid] == kind]), signal.SIGKILL)
    return kind


def _back(port: int) -> float:
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < BACK_SECONDS:
        if get(port, "/readyz").status == get(port, f"{ESTIMATE}&seed={seconds}").status == 200:
            break
        time.sleep(0.1)
    return seconds


def _uploads_kept(port: int, done: Acknowledged) -> Promise:
    began = time.monotonic()
    connection.close()
    log = apps.get_model("usage", "UsageLog")
    while time.monotonic() - began < SETTLE_SECONDS:
        with suppress(Error):
            if not log.objects.filter(state__in=("queued", "running")).exists():
                break
            connection.close()
        time.sleep(2)
    settled = time.monotonic() - began
    broken, priced = [], 0
    for address, tokens in done.uploads.items():
        amounts = total(port, address)
        # gpt-4o costs 2.5 USD per million input tokens.
        if amounts is not None and abs(float(amounts["USD"]) - tokens * 2.5e-6) < 1e-6:
            priced += 1
        elif amounts is not None:
            broken.append(f"{address}: {amounts} for {tokens} tokens")
        elif not sentence(get(port, address).body):
            digest = sha256(address.split("/")[-2].encode()).hexdigest()
            states = log.objects.filter(digest=digest).values("state", "attempts", "error")
            broken.append(f"{address}: neither a result nor a sentence: {states}")
    return Promise(
        "acknowledged uploads end priced or with a sentence",
        f"{len(done.uploads)} uploads, {priced} priced, the last after {settled:.0f} s",
        tuple(broken),
    )


def _edits_kept(done: Acknowledged) -> Promise:
    provider = apps.get_model("catalog", "Provider")
    stored = dict(provider.objects.values_list("slug", "status_url"))
    lost = [slug for slug, address in done.edits.items() if stored.get(slug) != address]
    return Promise(
        "acknowledged edits are kept",
        f"{len(done.edits)} edits",
        tuple(f"the edit of {slug} is lost" for slug in lost),
    )


def _refreshes_kept(mirror: Mirror, done: Acknowledged) -> Promise:
    """What the last refreshes left behind is whole, and the next one is taken."""
    after = mirror.refresh(REFRESH_SECONDS)
    refreshes = apps.get_model("sources", "Refresh").objects.filter(source__slug="models-dev")
    ours = refreshes.filter(started_at__gt=done.began)
    broken = [f"{row}: neither done nor failed" for row in ours.filter(finished_at=None)]
    if after is None:
        broken.append("no refresh was taken after the kills")
    prices = mirror.prices()
    if prices != sorted(prices) or len({*prices}) != len(prices):
        broken.append(f"prices in history: {prices}")
    changed = sum("rates change" in counts for counts in ours.values_list("counts", flat=True))
    if changed != len(prices):
        broken.append(f"{changed} refreshes changed a price, {len(prices)} prices are in history")
    return Promise(
        "refreshes are taken whole or not at all, and on record",
        f"{done.refreshes} queued, {len(mirror.served)} answers, {len(prices)} prices in history",
        tuple(broken),
    )
