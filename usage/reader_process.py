"""The child process that reads uploaded logs: `python -m usage.reader_process FD`.

It has no Django, no database and no secrets, limits its own memory, and ends with its parent.
Tasks come pickled from the parent. Answers go back as JSON and sums as Arrow's IPC: nothing that
a log could have made is unpickled.
"""

import json
import os
import queue
import resource
import signal
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import astuple
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import polars as pl

from usage.add_up import add_up
from usage.blocks import LogError, brief
from usage.preview import preview
from usage.ranges import ranges
from usage.reader_tasks import PreviewTask, RangesTask, Task


def main(parent: Connection) -> None:
    _limit(parent.recv())
    tasks: queue.Queue[Task] = queue.Queue()
    threading.Thread(target=_receive, args=(parent, tasks), daemon=True).start()
    while True:
        _work(tasks.get(), parent)


def _limit(memory: int) -> None:
    """Limit this process's memory, in bytes, and make it the kernel's first choice to end.

    Not its address space: polars reserves a gigabyte of that, and a mapped file counts towards it.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    # A signal to the whole group is for the parent to heed.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _receive(parent: Connection, tasks: "queue.Queue[Task]") -> None:
    """Pass tasks on; end this process with its parent, whatever it is doing."""
    try:
        while True:
            tasks.put(parent.recv())
    except (EOFError, OSError):
        os._exit(0)


def _work(task: Task, parent: Connection) -> None:
    """Do a task: its last message has a preview, ranges, an error or a failure."""

    def send(**parts: Any) -> None:
        parent.send_bytes(json.dumps(parts).encode())

    try:
        if isinstance(task, PreviewTask):
            seen = preview(
                task.path, task.mapping, limit=task.limit, complete=task.complete, every=task.every
            )
            send(preview=seen.to_json())
            return
        if isinstance(task, RangesTask):
            found = ranges(task.path, task.most, limit=task.limit, least=task.least)
            send(ranges=[astuple(part) for part in found])
            return
        log = add_up(
            task.path,
            task.plan,
            task.mapping,
            limit=task.limit,
            every=task.every,
            sizes=task.sizes,
            part=task.part,
            ids=task.ids,
            progress=lambda part: send(progress=part),
        )
        send(**log.to_json())
    except LogError as error:
        send(error=str(error))
    except pl.exceptions.PanicException as error:
        send(error=f"The log cannot be read ({brief(error)}).")
    except MemoryError:
        os._exit(1)
    except Exception:
        send(failed=traceback.format_exc())


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
