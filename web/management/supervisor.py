"""Keep the processes of the Procfile running: an ended or stuck one is started again."""

import ctypes
import http.client
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.core.management import CommandError

log = logging.getLogger("ratecard.run")

SHELL = "/bin/sh"
STOP_SECONDS = 6.0
START_SECONDS = 30.0
PR_SET_PDEATHSIG = 1  # from Linux's prctl.h

# A process that ends by itself this early, at its first start, is misconfigured: no retry helps.
FIRST_SECONDS = 10.0
HEALTHY_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 30
MOST_FAILURES = 8
# Unanswered checks in a row after which the web server counts as stuck: a minute.
CHECK_EVERY_SECONDS = 10.0
CHECK_SECONDS = 2.0
MOST_UNANSWERED = 6


class Child:
    """A process in a session of its own, and its restarts."""

    def __init__(self, name: str, command: str, variables: Mapping[str, str]) -> None:
        self.name, self.command, self.variables = name, command, variables
        self.failures = self.starts = 0
        self.started = self.due = time.monotonic()
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [SHELL, "-c", f"exec {self.command}"],
            cwd=settings.ROOT,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )
        self.starts += 1
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start the process again if it has ended, once its wait is over."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            lived = time.monotonic() - self.started
            if code >= 0 and self.starts == 1 and lived < FIRST_SECONDS:
                raise CommandError(
                    f"the {self.name} process ended by itself (code {code}), "
                    "so the others were stopped."
                )
            self.restart(ending_text(code))

    def restart(self, reason: str) -> None:
        """End what is left of the process, and start it again after a wait."""
        assert self.process is not None
        kill_group(self.process)
        self.process = None
        now = time.monotonic()
        self.failures = 1 if now - self.started >= HEALTHY_SECONDS else self.failures + 1
        if self.failures >= MOST_FAILURES:
            raise CommandError(
                f"the {self.name} process ended {self.failures} times in a row "
                f"(the last time: {reason}), so the others were stopped."
            )
        wait = min(2 ** (self.failures - 1), LONGEST_WAIT_SECONDS)
        log.warning("the %s process ended (%s), next start in %d s", self.name, reason, wait)
        self.due = now + wait


def ending_text(code: int) -> str:
    return f"code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, and wait until they are gone and their port is free."""
    deadline = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.poll()
            # As the first process of a container: the orphans are this one's to reap.
            with suppress(ChildProcessError):
                os.waitpid(-process.pid, os.WNOHANG)
            time.sleep(0.02)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class WebCheck:
    """Restarts a web server that lives and accepts connections but no longer answers."""

    def __init__(self, child: Child, host: str, port: int) -> None:
        self.child, self.host, self.port = child, host, port
        self.process = child.process
        self.unanswered = 0
        self.due = time.monotonic() + CHECK_EVERY_SECONDS

    def tend(self) -> None:
        if self.child.process is None or time.monotonic() < self.due:
            return
        if self.child.process is not self.process:
            self.process, self.unanswered = self.child.process, 0
        # Checks are counted, not time: after a pause of the whole machine none was missed.
        self.unanswered = 0 if answers(self.host, self.port) else self.unanswered + 1
        self.due = time.monotonic() + CHECK_EVERY_SECONDS
        if self.unanswered >= MOST_UNANSWERED:
            self.child.restart(f"no answer to {self.unanswered} checks in a row")


def answers(host: str, port: int) -> bool:
    """Whether /healthz is answered, with any status, even by another program's server."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - a client, binds nothing
    client = http.client.HTTPConnection(everywhere.get(host, host), port, timeout=CHECK_SECONDS)
    # Another name would be refused, with a line in the log each time.
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    try:
        client.request("GET", "/healthz", headers={"Host": names[0] if names else "localhost"})
        client.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
    return True


class Supervisor:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.children: dict[str, Child] = {}
        self.web: WebCheck | None = None

    def start(self, commands: Mapping[str, str]) -> None:
        variables = environment(self.host, self.port)
        for name, command in commands.items():
            self.children[name] = Child(name, command, variables)

    def tend(self) -> None:
        for child in self.children.values():
            child.tend()
        if self.web:
            self.web.tend()

    def wait_until_serving(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.host, self.port) and time.monotonic() < deadline:
            self.tend()
            time.sleep(0.05)

    def keep_running(self) -> NoReturn:
        """Until a signal, or a process that does not stay up: CommandError."""
        if "web" in self.children:
            self.web = WebCheck(self.children["web"], self.host, self.port)
        while True:
            self.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        living = [child.process for child in self.children.values() if child.process]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in living:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def running(commands: Mapping[str, str], host: str, port: int) -> Iterator[Supervisor]:
    """Start the processes, each in a session of its own, and stop all of them on any exit."""
    supervisor = Supervisor(host, port)
    try:
        supervisor.start(commands)
        yield supervisor
    finally:
        supervisor.stop()


def environment(host: str, port: int) -> dict[str, str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": programs, "RATECARD_HOST": host, "PORT": str(port)}
