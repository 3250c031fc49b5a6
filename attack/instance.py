"""The attacked instance: `manage.py run` with a folder, a database and ports of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from django.contrib.auth import get_user_model

from attack.mirror import Mirror
from attack.wire import form_bytes, get, send
from bench.place import ROOT, free_port

START_SECONDS = 180.0
# The sign-in does not lock this one out for what the attack does from the machine's own address.
EDITOR = "192.0.2.1"
# The sources that the schedule refreshes: from this machine alone.
SOURCES = ("models-dev", "litellm", "genai-prices", "model-prices")


@dataclass(frozen=True)
class Instance:
    home: Path
    port: int
    pid: int
    log: Path
    mirror: Mirror

    def processes(self) -> dict[int, str]:
        """Every process below `manage.py run`: its command by its id."""
        return {pid: command(pid) for pid in descendants(self.pid)}

    def lasting(self) -> dict[int, str]:
        """The processes that end by a fault alone: readers of logs come and go."""
        return {pid: words for pid, words in self.processes().items() if kind_of(words) != "reader"}

    def memory_mb(self) -> dict[int, float]:
        """Resident memory of `manage.py run` and every process below it, in MB."""
        return {pid: resident_mb(pid) for pid in (self.pid, *self.processes())}

    def wait_until_ready(self, seconds: float = START_SECONDS) -> float:
        """Seconds until /readyz answers 200. Exits if it does not in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if get(self.port, "/readyz").status == 200:
                return time.monotonic() - began
            time.sleep(0.1)
        sys.exit(f"attack: the site does not serve:\n{self.tail()}")

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-2_000:]


@contextmanager
def running(home: Path, mirror: Mirror, **settings: str) -> Iterator[Instance]:
    """Run the whole program until the block ends; its sources are the mirror alone."""
    port = free_port()
    mirrors = {
        f"RATECARD_SOURCE_{slug.upper().replace('-', '_')}_URL": f"http://127.0.0.1:{mirror.port}/"
        for slug in SOURCES
    }
    mirrors["RATECARD_SOURCES"] = ",".join((*SOURCES, "curated"))
    log = home / "run.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=os.environ | mirrors | {"PORT": str(port), "RATECARD_PROXIES": "1"} | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    site = Instance(home, port, process.pid, log, mirror)
    try:
        site.wait_until_ready()
        yield site
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()  # which ends its children, too
            process.wait()


def signed_in_cookies(port: int) -> str:
    """The cookies of a new administrator's session, by the sign-in page."""
    name, password = f"attack-{token_hex(4)}", token_hex(16)
    get_user_model().objects.create_superuser(name, password=password)
    fields = {"username": name, "password": password, "next": "/admin/"}
    reply = send(port, form_bytes("/account/sign-in/", fields, visitor=EDITOR))
    cookies = reply.headers["set-cookie"].split("; ")
    return next(cookie for cookie in cookies if cookie.startswith("sessionid="))


def descendants(pid: int) -> Iterator[int]:
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in listed.read_text().split()]
        except OSError:  # it has ended
            continue
        for child in children:
            yield child
            yield from descendants(child)


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def kind_of(words: str) -> str:
    """The kind of a process by its command."""
    kinds = {"reader_process": "reader", "granian": "web", " worker ": "worker", " beat ": "beat"}
    named = (kind for word, kind in kinds.items() if word in words)
    return next(named, "web" if "multiprocessing" in words else "other")


def resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
