"""Usage logs of a few kilobytes that unpack to gigabytes: a sentence, in bounded memory."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from threading import Event, Thread

from attack.hostile_logs import BOMBS
from attack.instance import Instance, command, kind_of
from attack.report import Promise
from attack.uploads import start, total, upload
from attack.wire import get

# Memory that a process may take beyond what it had, in MB: in the servers and workers, which live
# on, and in the children that read logs and have a limit of their own.
MOST_GROWTH_MB = {"web": 250.0, "worker": 250.0, "reader": 1_300.0}
# A job ends after ten minutes.
MOST_SECONDS = 660.0
COLUMNS = {
    **{f"column-{name}": name for name in ("at", "model", "provider", "input")},
    "provider": "",
}
_SENTENCE = re.compile(rb'(?:role="alert"|class="notice")[^>]*>\s*([^<]+)')
_AT_WORK = b'hx-trigger="every 1s"'


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    chosen = sorted(BOMBS) if share >= 1 else random.sample(sorted(BOMBS), max(2, round(6 * share)))
    lasting, before = instance.lasting(), instance.memory_mb()
    peaks, stop = defaultdict[str, float](float), Event()
    watch = Thread(target=_watch, args=(instance, before, peaks, stop))
    watch.start()
    broken, ends = [], []
    for number, name in enumerate(chosen):
        began = time.monotonic()
        end = _end(instance.port, name, f"203.0.113.{number}")
        ends.append(time.monotonic() - began)
        if not end:
            broken.append(f"{name}: neither a result nor a sentence after {ends[-1]:.0f} s")
    stop.set()
    watch.join()
    if ended := lasting.keys() - instance.lasting().keys():
        broken.append(f"processes ended: {[lasting[pid] for pid in ended]}")
    broken += [
        f"{kind} grew by {peaks[kind]:,.0f} MB"
        for kind, most in MOST_GROWTH_MB.items()
        if peaks[kind] > most
    ]
    grown = ", ".join(f"{kind} {peaks[kind]:,.0f} MB" for kind in MOST_GROWTH_MB)
    yield Promise(
        f"{len(chosen)} decoding bombs",
        f"slowest {max(ends):.0f} s; largest growth of a process: {grown}",
        tuple(broken),
    )


def _end(port: int, name: str, visitor: str) -> str:
    """The sentence or the total that a log ends with; "" if it does not end in time."""
    reply = upload(port, name, BOMBS[name](), visitor)
    address = reply.headers.get("location")
    if not address:
        return sentence(reply.body) if 400 <= reply.status < 500 else ""
    reply = start(port, address, COLUMNS)
    if reply.status != 302:
        return sentence(reply.body) if reply.status < 500 else ""
    ends = time.monotonic() + MOST_SECONDS
    while time.monotonic() < ends:
        if (amounts := total(port, address)) is not None:
            return str(amounts)
        page = get(port, address)
        if page.status == 200 and _AT_WORK not in page.body:
            return sentence(page.body)
        time.sleep(0.5)
    return ""


def sentence(page: bytes) -> str:
    sentences = (text.strip() for text in _SENTENCE.findall(page))
    return next((text.decode() for text in sentences if text), "")


def _watch(
    instance: Instance, before: dict[int, float], peaks: defaultdict[str, float], stop: Event
) -> None:
    """Note how much a process of each kind has grown at the most.

    A new process is a reader, whose memory and command are its parent's until it is one.
    """
    while not stop.wait(0.1):
        for pid, megabytes in instance.memory_mb().items():
            kind = kind_of(command(pid))
            if pid in before or kind == "reader":
                peaks[kind] = max(peaks[kind], megabytes - before.get(pid, 0))
