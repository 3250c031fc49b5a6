"""Docker with its compose plugin, or podman with podman-compose: whichever works here."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "ratecard-check"
# The first with which this was seen; Debian 12 has 1.0, which cannot scale.
OLDEST_PODMAN_COMPOSE = (1, 6)
FILES = ("docker-compose.yml", "compose/proxy.yml", "compose/check.yml")


@dataclass(frozen=True)
class Engine:
    """`program` runs containers, `compose` the files; both with `variables`."""

    program: str
    compose_command: tuple[str, ...]
    variables: Mapping[str, str]

    def compose(self, *words: str) -> None:
        files = [word for file in FILES for word in ("--file", file)]
        self._call(*self.compose_command, "--project-name", PROJECT, *files, *words)

    def run(self, *words: str) -> str:
        return self._call(self.program, *words)

    def execute(self, container: str, *command: str) -> str:
        return self.run("exec", container, *command)

    def containers(self, service: str) -> list[str]:
        labels = {"project": PROJECT, "service": service}
        filters = [f"--filter=label=com.docker.compose.{name}={labels[name]}" for name in labels]
        names = self.run("ps", "--all", *filters, "--format", "{{.Names}}")
        return sorted(names.split())

    def is_healthy(self, container: str) -> bool:
        """Whether the container's own health check passes now, not at the engine's next turn."""
        form = "{{json .Config.Healthcheck.Test}}"
        kind, *command = json.loads(self.run("inspect", "--format", form, container))
        words = ["sh", "-c", *command] if kind == "CMD-SHELL" else command
        try:
            self.execute(container, *words)
        except Failed:
            return False
        return True

    def _call(self, *words: str) -> str:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Failed(f"{' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout.strip()


class Failed(Exception):
    """A command of the engine ended with an error, or a promise was not kept."""


def find_engine(variables: Mapping[str, str]) -> Engine | None:
    if works("docker", "compose", "version") and works("docker", "info"):
        return Engine("docker", ("docker", "compose"), variables)
    if works("podman", "info") and podman_compose_version() >= OLDEST_PODMAN_COMPOSE:
        return Engine("podman", ("podman-compose",), variables)
    return None


def podman_compose_version() -> tuple[int, ...]:
    if not works("podman-compose", "--version"):
        return ()
    words = subprocess.run(["podman-compose", "--version"], capture_output=True, text=True).stdout
    found = re.search(r"podman-compose\D* (\d+)\.(\d+)", words)
    return tuple(map(int, found.groups())) if found else ()


def works(program: str, *words: str) -> bool:
    if not shutil.which(program):
        return False
    return subprocess.run([program, *words], capture_output=True).returncode == 0


def wait(true: Callable[[], bool], what: str, seconds: float = 180) -> float:
    """Wait until something holds; the seconds that it took."""
    start = time.monotonic()
    while not true():
        if time.monotonic() > start + seconds:
            raise Failed(f"{what}: not within {seconds:g} seconds")
        time.sleep(0.5)
    return time.monotonic() - start


def require(true: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not true:
        raise Failed(what)
