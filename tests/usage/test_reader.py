"""The child process that reads logs: what it is given, how it ends, and what is left then."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as project

from attack import hostile_logs as bombs
from pricing.regime_plan import Plan
from tests.waiting import wait_until
from usage import reader as reading
from usage.blocks import LogError
from usage.jobs import READER_MB
from usage.preview import EveryRow, Preview, preview
from usage.reader import Previews, Reader, ReaderKilled, ReadersBusy
from usage.reader_tasks import AddUpTask, PreviewTask

MOST = 10**9
LOG = bombs.HEADER + bombs.ROW * 3


@pytest.fixture
def reader() -> Iterator[Reader]:
    """As a worker has it: with less memory, the end of a long log would be that of its memory."""
    with Reader(megabytes=READER_MB) as reader:
        yield reader


@pytest.fixture
def previews() -> Iterator[Previews]:
    previews = Previews()
    yield previews
    previews.close()


def write(folder: Path, body: bytes, name: str = "log") -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


def ignore(part: float) -> None:
    """Progress that is not followed."""


def long_log(folder: Path) -> Path:
    """A log that takes many seconds to read."""
    rows = bombs.packed(bombs.ROW, 10_000_000, way="zstd", start=bombs.HEADER)
    return write(folder, rows, "long")


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]
    except FileNotFoundError:
        return False


def test_a_child_reads_as_this_process_does(reader, tmp_path):
    path = write(tmp_path, LOG)
    assert reader.preview(PreviewTask(path, MOST), seconds=20) == preview(path)
    every = EveryRow("azure")
    stated = {"at": "at", "model": "model", "input": "input"}
    answer = reader.preview(PreviewTask(path, MOST, stated, every), seconds=20)
    assert answer == preview(path, stated, every=every)
    added = reader.add_up(AddUpTask(path, MOST, Plan()), seconds=20, progress=ignore)
    assert (added.aggregates.rows, added.aggregates.used["input"]) == (3, 3000)


def test_rows_left_out_come_back_with_their_lines(reader, tmp_path):
    path = write(tmp_path, LOG + bombs.ROW.replace(b"1000", b"-5"))
    added = reader.add_up(AddUpTask(path, MOST, Plan()), seconds=20, progress=ignore)
    assert added.bad.counts == {"input is negative": 1}
    assert added.bad.lines == {"input is negative": [5]}


def test_a_complaint_comes_back_as_it_is_and_the_child_stays(reader, tmp_path):
    for _ in range(2):
        with pytest.raises(LogError, match=r"^The file is empty\.$"):
            reader.preview(PreviewTask(write(tmp_path, b""), MOST), seconds=20)
    assert not reader.ended


def test_a_child_knows_no_secret_and_little_of_its_surroundings(reader, tmp_path, monkeypatch):
    path = write(tmp_path, LOG)
    monkeypatch.setenv("DATABASE_URL", "postgresql://ratecard:word@db/ratecard")
    with Reader(megabytes=400) as reader:
        reader.preview(PreviewTask(path, MOST), seconds=20)
        process = Path(f"/proc/{reader.process.pid}")
        environment = process.joinpath("environ").read_text().split("\0")
        names = {pair.partition("=")[0] for pair in environment}
        assert names <= {*reading._VARIABLES, "POLARS_MAX_THREADS", "RUST_BACKTRACE", ""}
        files = [str(file.readlink()) for file in process.joinpath("fd").iterdir()]
        assert sum(file.startswith("socket:") for file in files) == 1


def test_a_log_of_gigabytes_in_a_few_kilobytes_ends_its_child_alone(tmp_path, caplog):
    path = write(tmp_path, bombs.long_lists())
    assert path.stat().st_size < 10_000
    with Reader(megabytes=300) as reader, caplog.at_level(logging.WARNING, "ratecard.usage"):
        with pytest.raises(LogError, match=r"^Reading this log takes more than 300 MB"):
            reader.preview(PreviewTask(path, MOST, complete=False), seconds=60)
        assert reader.ended
    assert "300 MB" in caplog.text


def test_a_log_that_takes_too_long_ends_its_child_alone(reader, tmp_path):
    path = long_log(tmp_path)
    began = time.monotonic()
    with pytest.raises(LogError, match=r"^Reading this log takes more than 1 seconds"):
        reader.add_up(AddUpTask(path, MOST, Plan()), seconds=1, progress=ignore)
    assert time.monotonic() - began < 5
    assert reader.ended and not is_running(reader.process.pid)


def test_a_child_that_is_killed_is_not_one_without_memory(reader, tmp_path):
    with pytest.raises(ReaderKilled, match=r"^The server stopped the reading of this log"):
        reader.add_up(
            AddUpTask(long_log(tmp_path), MOST, Plan()),
            seconds=60,
            progress=lambda part: reader.process.kill(),
        )
    assert reader.ended


def test_progress_that_raises_ends_the_child(tmp_path):
    def give_up(part: float) -> None:
        raise KeyError

    with pytest.raises(KeyError), Reader(megabytes=READER_MB) as reader:
        reader.add_up(AddUpTask(long_log(tmp_path), MOST, Plan()), seconds=60, progress=give_up)
    assert not is_running(reader.process.pid)


PARENT = """
import sys
from pathlib import Path
import django
django.setup()
from pricing.regime_plan import Plan
from usage.reader import Reader
from usage.reader_tasks import AddUpTask
with Reader(megabytes=1024) as reader:
    print(reader.process.pid, flush=True)
    task = AddUpTask(Path(sys.argv[1]), 10**10, Plan())
    reader.add_up(task, seconds=100, progress=lambda part: part and print(part, flush=True))
"""


def test_a_child_ends_in_the_middle_of_its_work_when_its_parent_is_killed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(long_log(tmp_path))],
        cwd=project.ROOT,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        assert float(parent.stdout.readline()) < 1
        os.kill(child, signal.SIGTERM)  # meant for the parent
        assert is_running(child)
        parent.kill()
    wait_until(lambda: not is_running(child))


def test_previews_share_a_child_until_it_ends(previews, tmp_path, monkeypatch):
    good, bad = write(tmp_path, LOG), write(tmp_path, bombs.long_lists(1_000_000), "bad")
    previews.preview(PreviewTask(good, MOST))
    first = previews.reader.process.pid
    previews.preview(PreviewTask(good, MOST))
    assert previews.reader.process.pid == first
    monkeypatch.setattr(reading, "PREVIEW_SECONDS", 0)
    with pytest.raises(LogError):
        previews.preview(PreviewTask(bad, MOST, complete=False))
    monkeypatch.undo()
    assert previews.preview(PreviewTask(good, MOST)) == preview(good)
    assert previews.reader.process.pid != first


def test_a_preview_is_tried_once_more_when_its_child_is_killed(previews, tmp_path):
    task = PreviewTask(write(tmp_path, LOG), MOST)
    previews.preview(task)
    first = previews.reader.process
    first.kill()
    assert previews.preview(task) == preview(task.path)
    assert previews.reader.process.pid != first.pid


def test_a_preview_of_which_each_child_is_killed_ends_in_a_sentence(
    previews, tmp_path, monkeypatch
):
    children = []

    class Killed(Reader):
        def preview(self, task: PreviewTask, *, seconds: float) -> Preview:
            children.append(self.process.pid)
            self.process.kill()
            return super().preview(task, seconds=seconds)

    monkeypatch.setattr(reading, "Reader", Killed)
    with pytest.raises(ReaderKilled, match=r"^The server stopped the reading of this log"):
        previews.preview(PreviewTask(write(tmp_path, LOG), MOST))
    assert len(set(children)) == 2


def test_a_child_without_previews_ends_after_a_while(previews, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_KEEP_SECONDS", 0.05)
    previews.preview(PreviewTask(write(tmp_path, LOG), MOST))
    wait_until(lambda: previews.reader.ended)
    assert not is_running(previews.reader.process.pid)


def test_a_first_line_with_a_picture_in_it_is_looked_at_in_little_memory(previews, tmp_path):
    start = b'{"at":"2026-11-20","model":"m","input":3,"prompt":"'
    row = b'{"at":"2026-11-20","model":"m","input":4,"output":5}\n'
    path = write(tmp_path, start + b"x" * 50_000_000 + b'"}\n' + row)
    assert previews.preview(PreviewTask(path, MOST)).best["input"] == "input"


def test_a_preview_does_not_wait_for_others_without_end(previews, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_WAIT_SECONDS", 0.01)
    with previews.lock, pytest.raises(ReadersBusy):
        previews.preview(PreviewTask(write(tmp_path, LOG), MOST))
