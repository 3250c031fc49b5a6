"""What `manage.py run` refuses, before it touches anything; and that all it starts ends with it."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from tests.config.test_settings import ROOT, manage
from tests.database import database_address
from tests.factories import make_model
from tests.waiting import wait_until
from web.management import supervisor
from web.management.commands import run


def ended(pid: int) -> bool:
    state = ["ps", "-o", "stat=", "-p", str(pid)]
    return subprocess.run(state, capture_output=True, text=True).stdout.strip()[:1] in ("", "Z")


def test_a_second_run_in_the_same_folder_is_refused_by_name(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as file:
        file.write("process 4711, http://127.0.0.1:8000")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        done = manage(tmp_path, "run")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"Ratecard already runs in {tmp_path}: process 4711, http://127.0.0.1:8000." in line
    assert not (tmp_path / "postgres").exists()


def test_a_lock_left_by_a_killed_run_refuses_nobody(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    path.write_text("process 4711, http://127.0.0.1:8000")
    with run.only_one(path, "http://127.0.0.1:9000"):
        assert path.read_text() == f"process {os.getpid()}, http://127.0.0.1:9000"


def test_a_port_in_use_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = manage(tmp_path, "run", PORT=str(port))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1, port {port} (Address already in use)." in line
    assert f"PORT={port % 65535 + 1} make run" in line
    assert not (tmp_path / "postgres").exists()


def test_a_procfile_is_names_and_commands(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# who\nweb: serve --at 127.0.0.1:80\n\nbeat: tick\n")
    assert run.procfile(tmp_path / "Procfile") == {"web": "serve --at 127.0.0.1:80", "beat": "tick"}


def test_a_process_that_cannot_start_ends_the_others_and_is_named() -> None:
    commands = {"web": "sleep 60", "worker": "false"}
    with (
        pytest.raises(CommandError, match=r"the worker process ended by itself \(code 1\)"),
        supervisor.running(commands, "127.0.0.1", 1) as site,
    ):
        web = site.children["web"].process
        site.keep_running()
    assert web is not None and web.returncode == -signal.SIGTERM


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "CHECK_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "CHECK_SECONDS", 0.1)


def tend_until(site: supervisor.Supervisor, true: Callable[[], bool]) -> None:
    def tended() -> bool:
        site.tend()
        return true()

    wait_until(tended)


def test_a_killed_process_starts_again_without_what_it_left_behind(
    quick: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = tmp_path / "parent"
    program.write_text(f"sleep 61.5 &\necho $! >> '{tmp_path}/pids'\nwait\n")
    pids = tmp_path / "pids"
    with supervisor.running({"worker": f"sh '{program}'"}, "127.0.0.1", 1) as site:
        wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 1)
        first = site.children["worker"].process
        assert first is not None
        first.kill()
        tend_until(site, lambda: pids.read_text().count("\n") == 2)
        orphan, _ = pids.read_text().split()
        assert ended(int(orphan))
    (line,) = caplog.messages
    assert line.startswith("the worker process ended (killed by SIGKILL), next start in ")


def test_waits_double_up_to_a_bound_and_end_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: clock[0])
    child = supervisor.Child("beat", "sleep 60", {})

    def end_after(seconds: float) -> None:
        clock[0] += seconds
        assert child.process is not None
        child.process.kill()
        child.process.wait()
        child.tend()

    def waits() -> list[str]:
        return [line.rpartition(" in ")[2] for line in caplog.messages]

    end_after(1)
    child.tend()
    assert child.process is None  # its second is not over
    for _ in range(6):
        clock[0] = child.due
        child.tend()
        end_after(1)
    assert waits() == ["1 s", "2 s", "4 s", "8 s", "16 s", "30 s", "30 s"]
    clock[0] = child.due
    child.tend()
    end_after(supervisor.HEALTHY_SECONDS)
    assert waits()[-1] == "1 s"
    for _ in range(6):
        clock[0] = child.due
        child.tend()
        end_after(1)
    clock[0] = child.due
    child.tend()
    with pytest.raises(CommandError, match=r"beat process ended 8 times in a row"):
        end_after(1)
    assert child.process is None


def test_a_server_that_answers_no_more_is_started_again(
    quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = f"{sys.executable} -m http.server --bind 127.0.0.1 {port} 2> /dev/null"
    with supervisor.running({"web": command}, "127.0.0.1", port) as site:
        site.wait_until_serving()  # its 404 is an answer
        stuck = site.children["web"].process
        assert stuck is not None
        site.web = supervisor.WebCheck(site.children["web"], "127.0.0.1", port)
        stuck.send_signal(signal.SIGSTOP)
        tend_until(site, lambda: site.children["web"].process not in (None, stuck))
        site.wait_until_serving()
        assert supervisor.answers("127.0.0.1", port)
    assert caplog.messages[0].startswith(
        "the web process ended (no answer to 6 checks in a row), next start in "
    )


def test_a_stop_during_a_wait_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "program").write_text(
        "import django; django.setup()\n"
        "from web.management import supervisor\n"
        "from web.management.commands import run\n"
        "supervisor.FIRST_SECONDS = 0\n"
        "run.stop_on_signals()\n"
        "with supervisor.running({'beat': 'false'}, '127.0.0.1', 1) as site: site.keep_running()\n"
    )
    with subprocess.Popen(
        [sys.executable, tmp_path / "program"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stderr is not None
        while "next start in 2 s" not in process.stderr.readline():
            pass
        asked = time.monotonic()
        process.terminate()
        assert process.wait() == 0
        assert time.monotonic() - asked < 1.5


def children_of(pid: int) -> dict[str, int]:
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True
    ).stdout
    words = {"web": "granian", "worker": " worker ", "beat": " beat "}
    return {
        name: int(line.split()[0])
        for line in listed.splitlines()
        for name, word in words.items()
        if word in line
    }


@pytest.mark.skipif(sys.platform != "linux", reason="ps --ppid is Linux's")
@pytest.mark.django_db(transaction=True)
def test_a_real_site_is_back_after_each_main_process_was_killed(
    tmp_path: Path, settings: Any
) -> None:
    make_model()  # an empty catalog would be filled first
    settings.ALLOWED_HOSTS = ["rates.example.org"]  # of this process's own questions
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    variables = {
        "RATECARD_HOME": str(tmp_path),
        "DATABASE_URL": database_address(),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "RATECARD_SOURCES": "curated",
        "ALLOWED_HOSTS": ".rates.example.org",
    }
    with subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        text=True,
    ) as site:
        try:
            wait_until(lambda: supervisor.answers("127.0.0.1", port))
            wait_until(lambda: len(children_of(site.pid)) == 3)
            first = children_of(site.pid)
            for pid in first.values():
                os.kill(pid, signal.SIGKILL)
            wait_until(
                lambda: (
                    len(children_of(site.pid)) == 3
                    and not set(children_of(site.pid).values()) & set(first.values())
                    and supervisor.answers("127.0.0.1", port)
                ),
            )
        finally:
            site.send_signal(signal.SIGINT)
            _, lines = site.communicate()
    assert site.returncode == 0
    for name in first:
        assert f"the {name} process ended (killed by SIGKILL), next start in 1 s" in lines
    assert "400" not in lines  # the supervisor's own checks are of an allowed host
    assert not supervisor.answers("127.0.0.1", port)


def test_children_that_ignore_being_asked_are_killed_with_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)
    deaf = "trap '' TERM; sleep 61.5 & touch ready; while :; do sleep 1; done"
    (tmp_path / "deaf").write_text(f"cd '{tmp_path}'; {deaf}")
    with supervisor.running({"web": f"sh '{tmp_path}/deaf'"}, "127.0.0.1", 1) as site:
        wait_until((tmp_path / "ready").exists)
        web = site.children["web"].process
    assert web is not None and web.returncode == -signal.SIGKILL
    group = ["pgrep", "-g", str(web.pid), "-r", "S,R"]
    wait_until(lambda: subprocess.run(group, capture_output=True).stdout == b"")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, django; django.setup()\n"
        "from web.management.supervisor import running\n"
        "with running({'web': 'sleep 60'}, '127.0.0.1', 1) as site:\n"
        "    print(site.children['web'].process.pid, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    wait_until(lambda: ended(child))


def test_one_process_can_be_run_alone_with_its_address(tmp_path: Path) -> None:
    done = manage(tmp_path, "run", "--only", "nobody")
    assert done.returncode == 1
    assert done.stderr == "CommandError: the Procfile has no nobody. It has web, worker, beat.\n"
    variables = supervisor.environment("0.0.0.0", 8001)
    assert (variables["RATECARD_HOST"], variables["PORT"]) == ("0.0.0.0", "8001")
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_the_systemd_unit_of_the_docs_is_valid_and_confined(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "deployment.md").read_text()
    text = docs.partition("```ini\n")[2].partition("```")[0]
    assert "ExecStart=/opt/ratecard/.venv/bin/python manage.py run\n" in text
    unit = tmp_path / "ratecard.service"
    unit.write_text(text.replace("/opt/ratecard/.venv/bin/python", sys.executable))
    for words in (["verify"], ["security", "--offline=true", "--threshold=25"]):
        done = subprocess.run(
            ["systemd-analyze", *words, str(unit)], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{unit}:" not in done.stderr


def test_a_web_server_alone_waits_for_the_static_files_of_another_process(tmp_path: Path) -> None:
    stamp = tmp_path / ".collected"
    with pytest.raises(CommandError, match="run --prepare-only"):
        run.wait_for_static_files(stamp, 0.1)
    threading.Timer(0.3, stamp.touch).start()
    run.wait_for_static_files(stamp, 30)
    assert stamp.exists()
