"""Uploaded logs, read by a child process of little memory, time and environment.

A few kilobytes can unpack to gigabytes. Whatever a log does to the process that reads it, web
server and worker go on: the end of the child is a LogError.
"""

import atexit
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from threading import Lock, Timer
from typing import Any

from django.conf import settings

from usage.add_up import AddedLog
from usage.blocks import LogError, Range
from usage.preview import Preview
from usage.reader_tasks import AddUpTask, PreviewTask, RangesTask, Task

logger = logging.getLogger("ratecard.usage")

# The variables of the environment that a child gets.
_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR")
# More threads take memory, and read a log no faster.
_MOST_THREADS = 8
_LARGEST_ANSWER = 2**29
_TICK_SECONDS = 0.3
# Within this, a child of which the connection is closed has an exit code.
_END_SECONDS = 2

# For the first rows of a log, in a web process.
PREVIEW_MB = 400
PREVIEW_SECONDS = 15
_WAIT_SECONDS = 10
_KEEP_SECONDS = 60

NO_MEMORY = "Reading this log takes more than {:,} MB of memory. Split the file and try again."
TOO_LONG = (
    "Reading this log takes more than {:,} seconds, and was stopped. Split the file and try again."
)
KILLED = (
    "The server stopped the reading of this log, perhaps because its own memory ran out. "
    "Please try again later."
)
BROKEN = "Reading this log stopped at an error of ours. It is in the server's log."


class ReadersBusy(Exception):
    """Other previews take as long as they may."""


class ReaderKilled(LogError):
    """The child was killed by another, as the system does without memory: no fault of the log."""


class Reader:
    """A child process that reads one log after another, and ends when this is closed."""

    def __init__(self, *, megabytes: int) -> None:
        self.megabytes, self.ended = megabytes, False
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "usage.reader_process", str(theirs.fileno())],
                cwd=settings.ROOT,
                env={
                    **{name: os.environ[name] for name in _VARIABLES if name in os.environ},
                    "RUST_BACKTRACE": "0",
                    "POLARS_MAX_THREADS": str(min(_MOST_THREADS, os.cpu_count() or 1)),
                },
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.connection.send(megabytes * 2**20)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self.ended = True
        self.connection.close()
        self.process.kill()
        self.process.wait()

    def preview(self, task: PreviewTask, *, seconds: float) -> Preview:
        answer = self._answer(task, seconds, lambda part: None)
        return Preview.from_json(answer["preview"])

    def ranges(self, task: RangesTask, *, seconds: float) -> list[Range]:
        answer = self._answer(task, seconds, lambda part: None)
        return [Range(*part) for part in answer["ranges"]]

    def add_up(
        self, task: AddUpTask, *, seconds: float, progress: Callable[[float], None]
    ) -> AddedLog:
        """The sums of a log. `progress` is called a few times a second, and may raise."""
        answer = self._answer(task, seconds, progress)
        return AddedLog.from_json(answer, task.plan)

    def _answer(
        self, task: Task, seconds: float, progress: Callable[[float], None]
    ) -> dict[str, Any]:
        """The answer to a task. Raises LogError, also where the child has ended."""
        part = 0.0
        for message in self._messages(task, seconds):
            if "preview" in message or "ranges" in message:
                return message
            if "error" in message:
                raise LogError(message["error"])
            if "failed" in message:
                logger.error("A usage log could not be read.\n%s", message["failed"])
                raise LogError(BROKEN)
            part = message.get("progress", part)
            progress(part)
        raise self._failure(LogError(TOO_LONG.format(round(seconds))))

    def _messages(self, task: Task, seconds: float) -> Iterator[dict[str, Any]]:
        """The messages of the child until its time is over; an empty one for a while without."""
        until = time.monotonic() + seconds
        try:
            self.connection.send(task)
            while time.monotonic() < until:
                has_message = self.connection.poll(_TICK_SECONDS)
                message = self.connection.recv_bytes(_LARGEST_ANSWER) if has_message else b"{}"
                yield json.loads(message)
        except (EOFError, OSError):
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_END_SECONDS)
            # Beyond its own limit of memory a child exits or aborts: see `usage.reader_process`.
            if self.process.poll() == -signal.SIGKILL:
                raise self._failure(ReaderKilled(KILLED)) from None
            raise self._failure(LogError(NO_MEMORY.format(self.megabytes))) from None

    def _failure(self, error: LogError) -> LogError:
        code = self.process.poll()
        logger.warning("The reader of a usage log was stopped (code %s): %s", code, error)
        self.close()
        return error


class Previews:
    """Previews of logs, one at a time, by a reader that is kept for the next ones a while."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.reader: Reader | None = None
        self.timer: Timer | None = None

    def preview(self, task: PreviewTask) -> Preview:
        """How a log is read. Raises LogError, and ReadersBusy."""
        if not self.lock.acquire(timeout=_WAIT_SECONDS):
            raise ReadersBusy
        try:
            if self.timer:
                self.timer.cancel()
            try:
                return self._current().preview(task, seconds=PREVIEW_SECONDS)
            except ReaderKilled:
                return self._current().preview(task, seconds=PREVIEW_SECONDS)
        finally:
            self.timer = Timer(_KEEP_SECONDS, self.close)
            self.timer.daemon = True
            self.timer.start()
            self.lock.release()

    def _current(self) -> Reader:
        if self.reader is None or self.reader.ended:
            self.reader = Reader(megabytes=PREVIEW_MB)
        return self.reader

    def close(self) -> None:
        with self.lock:
            if self.reader:
                self.reader.close()


previews = Previews()
atexit.register(previews.close)
