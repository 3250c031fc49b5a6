"""A usage log in the hands of a real worker, which takes it from the real queue in PostgreSQL."""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_model, make_provider, sell
from tests.waiting import wait_until
from tests.worker import children_of, open_queue, running_worker, stop
from usage import tasks, uploads
from usage.models import UsageLog
from web.views import usage

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Kombu's own models use what SQLAlchemy 2.1 announces to remove.
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning"),
]

FORM = "/estimate/usage/"
HEADER = "timestamp,model,provider,input_tokens,output_tokens\n"
ROW = "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000\n"
COLUMNS = {
    "column-at": "timestamp",
    "column-model": "model",
    "column-provider": "provider",
    "column-input": "input_tokens",
    "column-output": "output_tokens",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    sell(make_model(), make_provider(), input="1.10", output="4.40")
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def queue(monkeypatch) -> Iterator[None]:
    """Tasks go to the queue of the tests' own database."""
    with open_queue() as broker:
        send = tasks.price_usage_log.apply_async
        monkeypatch.setattr(
            usage.price_usage_log, "delay", lambda pk: send([pk], connection=broker)
        )
        yield


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with running_worker() as process:
        yield process


def started(client, body: str) -> str:
    file = SimpleUploadedFile("log.csv", body.encode())
    address = client.post(FORM, {"log": file})["Location"]
    assert client.post(address, COLUMNS)["Location"] == address
    return address


def wait_for(state: str) -> UsageLog:
    ends = {state, "done", "failed", "cancelled"}
    wait_until(lambda: UsageLog.objects.get().state in ends)
    log = UsageLog.objects.get()
    assert log.state == state, log.error
    return log


def test_a_worker_prices_what_was_uploaded(client, folder, worker):
    address = started(client, HEADER + ROW * 3)
    log = wait_for("done")
    assert log.result["rows"] == 3
    assert 'data-meter="as_run" data-amount="4.62' in client.get(address).content.decode()
    odd = client.get(f"{address}?via=cheap").content.decode()
    assert "“cheap” is no way to choose moves, direct or any is." in odd
    assert "is no way to choose" not in client.get(f"{address}?via=any").content.decode()
    assert not any(folder.iterdir())


def test_a_log_is_priced_by_another_worker_when_the_first_is_killed_at_work(
    client, folder, worker, monkeypatch
):
    address = started(client, HEADER + ROW * 1_500_000)
    wait_for("running")
    stop(worker)
    assert UsageLog.objects.get().state == "running"
    monkeypatch.setattr(uploads, "SILENCE", timedelta(seconds=0))
    assert "Waiting for a worker" in client.get(address).content.decode()
    tasks.resume_usage_logs()
    with running_worker():
        log = wait_for("done")
    assert (log.result["rows"], log.attempts) == (1_500_000, 2)
    assert not any(folder.iterdir())


def test_a_log_whose_message_is_lost_is_sent_again(client, folder, worker, monkeypatch):
    with monkeypatch.context() as lossy:
        lossy.setattr(usage.price_usage_log, "delay", lambda pk: None)
        started(client, HEADER + ROW)
    monkeypatch.setattr(uploads, "SEND_AGAIN", timedelta(seconds=0))
    tasks.resume_usage_logs()
    assert wait_for("done").result["rows"] == 1


def test_a_worker_is_free_for_the_next_log_when_one_is_cancelled(client, folder, worker):
    address = started(client, HEADER + ROW * 1_500_000)
    wait_for("running")
    client.post(f"{address}cancel/")
    assert not any(folder.iterdir())
    UsageLog.objects.all().delete()
    started(client, HEADER + ROW)
    assert wait_for("done").result["rows"] == 1


def test_a_worker_ends_with_a_killed_child(client, folder, worker):
    # Once a log is priced, the children wait for work.
    started(client, HEADER + ROW)
    wait_for("done")
    for child in children_of(worker):
        os.kill(child, signal.SIGKILL)
    assert worker.wait(30) == -signal.SIGKILL
    assert subprocess.run(["pgrep", "--session", str(worker.pid)]).returncode == 1
