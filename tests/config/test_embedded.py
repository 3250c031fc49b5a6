"""The embedded PostgreSQL, with real processes that are really killed."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from config import embedded
from config.embedded import server, watcher
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[2]
CLIENT = """
import sys
from pathlib import Path
from config import embedded
embedded.ensure(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""
# The same, connecting only when it is told to.
LATE = CLIENT.replace(
    "embedded.ensure", "print('started', flush=True)\nsys.stdin.readline()\nembedded.ensure"
)
# What a web process is to the database: Django, its pool, and no restart of its own.
POOLED = """
import os, sys, django
django.setup()
from django.db import OperationalError, connection
for statement in sys.stdin:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            print(cursor.fetchone()[0] if cursor.description else "done", flush=True)
    except OperationalError:
        if "RATECARD_SERVES_WEB" not in os.environ:
            raise
        print("gone", flush=True)
    connection.close()
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been used once; the tests work on copies of it."""
    home = tmp_path_factory.mktemp("made") / "home"
    leave(client(home))
    remove(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Iterator[Path]:
    copy = Path(shutil.copytree(made, tmp_path / "home", ignore=shutil.ignore_patterns("*.lock")))
    yield copy
    remove(copy)


def remove(home: Path) -> None:
    """Stop the server, and remove its socket: under a long path it is not beside the data."""
    watcher.stop(home / "postgres")
    shutil.rmtree(embedded.socket_folder(home), ignore_errors=True)


def client(home: Path, program: str = CLIENT, **variables: str) -> subprocess.Popen[str]:
    """A process that uses the server until it is told to leave, or killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        cwd=ROOT,
        env={**os.environ, "RATECARD_HOME": str(home), "DATABASE_URL": "", **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if program is CLIENT:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return process


def leave(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=PATIENCE_SECONDS)[1]


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    leave(process)


def ask(process: subprocess.Popen[str], statement: str) -> str:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(statement + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def running(home: Path) -> bool:
    return watcher.held(home / "postgres" / "server.lock")


def pid_of(home: Path) -> int:
    pid = watcher.postmaster(home / "postgres")
    assert pid is not None
    return pid


def watchers(home: Path) -> list[int]:
    script = ["pgrep", "-f", f"watcher.py {home}/postgres"]
    return [
        int(pid) for pid in subprocess.run(script, capture_output=True, text=True).stdout.split()
    ]


def test_nothing_starts_before_something_connects(tmp_path: Path) -> None:
    process = client(
        tmp_path,
        "import django; django.setup(); from django.db import connection; connection.vendor",
    )
    assert leave(process) == ""
    assert not (tmp_path / "postgres").exists()


def test_processes_share_the_server_and_the_last_of_them_stops_it_even_by_kill(home: Path) -> None:
    first, second = client(home), client(home)
    server_pid = pid_of(home)
    kill(first)
    time.sleep(watcher.GRACE_SECONDS + 0.5)
    assert running(home) and pid_of(home) == server_pid
    kill(second)
    wait_until(lambda: not running(home))
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


def test_it_stays_for_whoever_comes_within_the_grace(home: Path) -> None:
    first, second = client(home), client(home, LATE)
    assert second.stdout and second.stdout.readline() == "started\n"
    leave(first)
    assert ask(second, "connect") == "ready"
    log = (home / "postgres" / "log").read_text()
    leave(second)
    assert log.count("ready to accept connections") == 2  # once when it was made, once here


def test_a_killed_server_comes_back_with_its_data_for_a_process_that_keeps_connections(
    home: Path,
) -> None:
    process = client(home, POOLED, RATECARD_SERVES_WEB="1")
    ask(process, "CREATE TABLE kept AS SELECT 42 AS answer")
    killed = pid_of(home)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not running(home))
    # A start that takes longer than a page waits is a failure of that page.
    wait_until(lambda: ask(process, "SELECT answer FROM kept") != "gone")
    assert ask(process, "SELECT answer FROM kept") == "42"
    assert pid_of(home) != killed
    assert "automatic recovery in progress" in (home / "postgres" / "log").read_text()
    leave(process)


def test_a_killed_watcher_is_replaced_by_the_next_to_connect(home: Path) -> None:
    first = client(home)
    (lost,) = watchers(home)
    os.kill(lost, signal.SIGKILL)
    second = client(home)
    assert len(watchers(home)) == 1 and watchers(home) != [lost]
    leave(first)
    leave(second)
    wait_until(lambda: not running(home))
    wait_until(lambda: not watchers(home))


def test_four_first_starts_at_once_make_one_server(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [process.stdout.readline() for process in started if process.stdout] == ["ready\n"] * 4
    assert (tmp_path / "postgres" / "log").read_text().count("starting PostgreSQL") == 1
    assert len(watchers(tmp_path)) == 1
    for process in started:
        kill(process)
    remove(tmp_path)


@pytest.mark.parametrize(
    "name", ['it\'s a "place", with $HOME in it', "long/" + "a-folder-name/" * 12]
)
def test_the_data_may_lie_under_any_path(made: Path, tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    shutil.copytree(made, home, ignore=shutil.ignore_patterns("*.lock"))
    process = client(home, POOLED)
    assert ask(process, "SHOW data_directory") == f"{home}/postgres/data"
    leave(process)
    remove(home)


def test_a_pid_file_that_names_a_stranger_fools_nobody(home: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    (home / "postgres" / "data" / "postmaster.pid").write_text(
        f"{stranger.pid}\n{home}/postgres/data\n1700000000\n5432\n/tmp\n\n  1  1\nready   \n"
    )
    leave(client(home))
    watcher.stop(home / "postgres")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_what_an_interrupted_making_left_is_made_anew(tmp_path: Path) -> None:
    left = tmp_path / "postgres" / "data.new"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")
    leave(client(tmp_path))
    assert not left.exists()
    remove(tmp_path)


def test_only_its_account_reaches_the_socket(home: Path) -> None:
    process = client(home)
    socket = embedded.socket_folder(home)
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert socket.stat().st_uid == (home / "postgres" / "data").stat().st_uid
    leave(process)


def test_a_server_that_cannot_start_says_why_in_one_line(home: Path) -> None:
    with (home / "postgres" / "data" / "postgresql.conf").open("a") as file:
        file.write("\nshared_preload_libraries = 'no_such_library'\n")
    said = leave(client(home, POOLED.replace("in sys.stdin", "in ['SELECT 1']")))
    assert "OperationalError: the embedded PostgreSQL did not start: " in said.splitlines()[-1]
    assert "no_such_library" in said.splitlines()[-1]


def test_data_of_another_major_version_is_left_alone(home: Path) -> None:
    (home / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    words = r"written by PostgreSQL 17, and this is 18\. .*manage.py backup FILE.*restore FILE"
    with pytest.raises(embedded.Unavailable, match=words):
        server.refuse_other_version(home / "postgres" / "data")


def test_a_check_of_a_server_that_runs_starts_no_program(home: Path) -> None:
    process = client(
        home,
        "import subprocess, sys; from pathlib import Path; from config import embedded\n"
        "home = Path(sys.argv[1]); embedded.ensure(home)\n"
        "subprocess.Popen = None; embedded.ensure(home); embedded.ensure(home)",
    )
    assert leave(process) == ""


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        (
            {
                "NAME": "rates",
                "USER": "me@home",
                "PASSWORD": "p:/?#%",
                "HOST": "db.example.org",
                "PORT": 6432,
            },
            ("me@home", "p:/?#%", "db.example.org", 6432, "rates", {}),
        ),
        (
            {"NAME": "a/b", "USER": "", "PASSWORD": "", "HOST": "/var/run/with space", "PORT": ""},
            (None, None, None, None, "a/b", {"host": "/var/run/with space"}),
        ),
        (
            {
                "NAME": "x",
                "HOST": "::1",
                "OPTIONS": {"sslmode": "require", "pool": {}, "connect_timeout": 5},
            },
            (None, None, "::1", None, "x", {"sslmode": "require", "connect_timeout": "5"}),
        ),
    ],
)
def test_the_brokers_address_says_what_the_database_settings_say(
    database: dict[str, object], expected: tuple[object, ...]
) -> None:
    address = embedded.broker_url(database)
    assert address.startswith("sqla+postgresql+psycopg://")
    url = make_url(address.removeprefix("sqla+"))
    found = (url.username, url.password, url.host, url.port, url.database, dict(url.query))
    assert found == expected
