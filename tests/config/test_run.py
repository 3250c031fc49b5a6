"""What `manage.py run` refuses, before it touches anything; and that all it starts ends with it."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.config.test_settings import manage
from tests.waiting import wait_until
from web.management.commands import run


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


def test_when_one_process_ends_the_others_are_stopped_and_it_is_named() -> None:
    commands = {"web": "sleep 60", "worker": "false"}
    with (
        pytest.raises(CommandError, match=r"the worker process ended by itself \(code 1\)"),
        run.running(commands, "127.0.0.1", 1) as children,
    ):
        run.wait_for_an_end(children)
    assert [child.returncode for child in children.values()] == [-signal.SIGTERM, 1]


def test_children_that_ignore_being_asked_are_killed_with_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "STOP_SECONDS", 0.3)
    deaf = "trap '' TERM; sleep 61.5 & touch ready; while :; do sleep 1; done"
    (tmp_path / "deaf").write_text(f"cd '{tmp_path}'; {deaf}")
    with run.running({"web": f"sh '{tmp_path}/deaf'"}, "127.0.0.1", 1) as children:
        wait_until((tmp_path / "ready").exists)
    assert children["web"].returncode == -signal.SIGKILL
    group = ["pgrep", "-g", str(children["web"].pid), "-r", "S,R"]
    wait_until(lambda: subprocess.run(group, capture_output=True).stdout == b"")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, django; django.setup()\n"
        "from web.management.commands import run\n"
        "with run.running({'web': 'sleep 60'}, '127.0.0.1', 1) as children:\n"
        "    print(children['web'].pid, flush=True); sys.stdin.read()\n"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.communicate()

    def ended() -> bool:
        state = ["ps", "-o", "stat=", "-p", str(child)]
        return subprocess.run(state, capture_output=True, text=True).stdout.strip()[:1] in ("", "Z")

    wait_until(ended)


def test_one_process_can_be_run_alone_with_its_address(tmp_path: Path) -> None:
    done = manage(tmp_path, "run", "--only", "nobody")
    assert done.returncode == 1
    assert done.stderr == "CommandError: the Procfile has no nobody. It has web, worker, beat.\n"
    variables = run.environment("0.0.0.0", 8001)
    assert (variables["RATECARD_HOST"], variables["PORT"]) == ("0.0.0.0", "8001")
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))
