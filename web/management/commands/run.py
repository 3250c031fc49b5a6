"""`manage.py run`: prepare, then keep every process of the Procfile running."""

import fcntl
import hashlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone

from catalog.derived import summarise_models
from catalog.models import Model, Source
from pricing.headlines import find_headlines
from pricing.models import Headline
from sources.base import FetchFailed, WrongShape
from sources.upstreams.curated.read import Curated
from web.management.supervisor import SHELL, environment, running

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# For another container to load a first catalog and collect the static files.
PREPARED_SECONDS = 300.0


class Command(BaseCommand):
    help = (
        "Prepare the database and the static files, then run web, worker and beat."
        " Ctrl-C stops them all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        apart = parser.add_mutually_exclusive_group()
        apart.add_argument("--prepare-only", action="store_true", help="prepare and end")
        apart.add_argument(
            "--only", metavar="NAME", help="become this one process; prepare nothing"
        )

    def handle(self, *words: Any, **options: Any) -> None:
        if options["only"]:
            become(options["only"], procfile(settings.ROOT / "Procfile"))
        elif options["prepare_only"]:
            prepare()
        else:
            self.run_all(settings.HOST, settings.PORT)

    def run_all(self, host: str, port: int) -> None:
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        stop_on_signals()
        with only_one(settings.HOME / "run.lock", address):
            refuse_taken_port(host, port)
            prepare()
            with running(procfile(settings.ROOT / "Procfile"), host, port) as supervisor:
                supervisor.wait_until_serving()
                self.stdout.write(f"Ratecard is at {address} (Ctrl-C stops it).")
                self.stdout.flush()
                supervisor.keep_running()


def stop_on_signals() -> None:
    """Exit through SystemExit, so that cleanup runs; a requested stop is no failure."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        # A second Ctrl-C must not interrupt the cleanup.
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        sys.exit(0)

    for name in STOP_SIGNALS:
        signal.signal(name, leave)


@contextmanager
def only_one(path: Path, address: str) -> Iterator[None]:
    """Hold this data folder's run.lock, which names its process and address."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(
                f"Ratecard already runs in {path.parent}: {file.read().strip()}. "
                "Stop that one first, or run another with its own RATECARD_HOME and PORT."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, {address}")
        file.flush()
        yield


def refuse_taken_port(host: str, port: int) -> None:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = addresses[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise CommandError(
            f"cannot listen on {host}, port {port} ({error.strerror}). "
            f"Stop the program that does, or choose another port: PORT={port % 65535 + 1} make run"
        ) from None


def prepare() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    if not Model.objects.exists():
        call_command("load_snapshot")
    else:
        call_command("apply_rules")
        refresh_facts()
        if not Headline.objects.exists():  # a catalog of an earlier version
            summarise_models()
            find_headlines()
    connection.close()
    collect_static(collected_stamp())


def refresh_facts() -> None:
    """Bring this version's curated facts into a catalog of an earlier one; beat tries again."""
    try:
        facts = Curated().parse(Curated().answer(now=timezone.now()))
        is_held = Source.objects.filter(slug=facts.source, as_of__gte=facts.as_of).exists()
        if not is_held:
            call_command("refresh_source", facts.source)
    except (FetchFailed, WrongShape, CommandError) as error:
        sys.stderr.write(f"ratecard: {error} The catalog keeps the facts that it has.\n")


def collected_stamp() -> Path:
    """Written when the static files are complete."""
    return Path(settings.STATIC_ROOT, ".collected")


def collect_static(stamp: Path) -> None:
    """Collect static files if any has changed: compressing them all takes seconds."""
    files = sorted(
        Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])
    )
    states = [f"{path} {(stat := path.stat()).st_size} {stat.st_mtime_ns}" for path in files]
    fingerprint = hashlib.sha256("\n".join(states).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != fingerprint:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(fingerprint)


def procfile(path: Path) -> dict[str, str]:
    lines = (
        line.partition(":")
        for line in path.read_text().splitlines()
        if line.strip()[:1] not in ("", "#")
    )
    return {name.strip(): command.strip() for name, _, command in lines}


def become(name: str, commands: Mapping[str, str]) -> NoReturn:
    """Replace this process with one of the Procfile, for containers with their own supervisor."""
    if name not in commands:
        raise CommandError(f"the Procfile has no {name}. It has {', '.join(commands)}.")
    if name == "web":
        wait_for_static_files(collected_stamp(), PREPARED_SECONDS)
    os.chdir(settings.ROOT)
    words = [SHELL, "-c", f"exec {commands[name]}"]
    os.execve(SHELL, words, environment(settings.HOST, settings.PORT))  # noqa: S606


def wait_for_static_files(stamp: Path, seconds: float) -> None:
    """The web server looks for them at its start alone, and engines start in any order."""
    deadline = time.monotonic() + seconds
    while not stamp.exists():
        if time.monotonic() > deadline:
            raise CommandError(
                f"there are no static files in {stamp.parent}. "
                "Make them first: manage.py run --prepare-only"
            )
        time.sleep(0.2)
