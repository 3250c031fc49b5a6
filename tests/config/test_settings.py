"""An odd value stops the program with one sentence that says what to do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.environment import refuse_weak_key

ROOT = Path(__file__).resolve().parents[2]

STRONG = "q7Zt0y2mVb8dKx4LwNf1RjCe5PhUs9Ga3oTi6"


def manage(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "RATECARD_HOME": str(home),
            "RATECARD_ENV_FILE": os.devnull,
            "DATABASE_URL": "",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that was said instead of working."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ratecard: ") and line.endswith(".")
    return line


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PORT": "abc"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"RATECARD_PROXIES": "-1"}, "RATECARD_PROXIES"),
        ({"RATECARD_URL": "ratecard.example.org"}, "RATECARD_URL"),
        (
            {"DATABASE_URL": "mysql://me@127.0.0.1/rates"},
            "DATABASE_URL must begin with postgresql://",
        ),
        ({"RATECARD_HSTS": "yes"}, "RATECARD_HSTS"),
        ({"SECRET_KEY": "hunter2"}, "SECRET_KEY has fewer than 32 characters"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:port/rates"}, "DATABASE_URL"),
    ],
    ids=str,
)
def test_an_odd_value_is_named(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    assert said in refusal(manage(tmp_path, "version", **variables))


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # holds for root too, whom no mode stops
    line = refusal(manage(tmp_path / "file" / "home", "version"))
    assert f"cannot write to the data folder {tmp_path}/file/home (Not a directory)" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_another_user_is_named() -> None:
    assert "cannot write to the data folder /usr/ratecard" in refusal(
        manage(Path("/usr/ratecard"), "version")
    )


@pytest.mark.parametrize("command", ["migrate", "run"])
def test_a_database_out_of_reach_is_said(tmp_path: Path, command: str) -> None:
    done = manage(
        tmp_path, command, DATABASE_URL="postgresql://me:secret@127.0.0.1:1/rates", PORT="18765"
    )
    line = refusal(done)
    assert "the database cannot be reached (connection" in line
    assert "port 1 failed: Connection refused). Start it, correct DATABASE_URL" in line
    assert "secret" not in line


def test_an_embedded_server_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "postgres").touch()
    line = refusal(manage(tmp_path, "migrate"))
    assert f"the embedded PostgreSQL cannot use {tmp_path}/postgres" in line


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    assert manage(tmp_path, "version").returncode == 0
    key = (tmp_path / "secret_key").read_text()
    assert manage(tmp_path, "version").returncode == 0
    assert (tmp_path / "secret_key").read_text() == key
    assert len(key) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_file_of_variables_is_read_and_the_process_wins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("PORT=9999\nRATECARD_URL=https://prices.example.org\n")
    program = "from django.conf import settings; print(settings.PORT, settings.PUBLIC_URL)"
    done = manage(
        tmp_path,
        "shell",
        "--no-imports",
        "-c",
        program,
        RATECARD_ENV_FILE=str(tmp_path / "file"),
        PORT="8111",
    )
    assert done.stdout == "8111 https://prices.example.org\n"


@pytest.mark.parametrize(
    "line",
    [line for line in (ROOT / ".env.example").read_text().splitlines() if "python3 -c" in line],
)
def test_a_key_made_as_the_example_states_is_accepted(line: str) -> None:
    program = line.partition("python3 -c ")[2].strip("'")
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    key = made.stdout.strip()
    refuse_weak_key(key)
    assert key.isalnum()  # as a password it becomes part of an address


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("hunter2", "has fewer than 32 characters"),
        ("0123456789abcdef0123456789abcde", "has fewer than 32 characters"),
        ("0123456789" * 8, "consists of fewer than 11 different characters"),
        (f"django-insecure-{STRONG}", "is a placeholder"),
        (f"Change_Me-{STRONG}", "is a placeholder"),
        ("your-very-long-and-random-secret-key-here", "is a placeholder"),
    ],
)
def test_a_weak_key_is_refused_and_not_shown(key: str, why: str) -> None:
    with pytest.raises(SystemExit) as refused:
        refuse_weak_key(key)
    assert f"SECRET_KEY {why}" in str(refused.value)
    assert key not in str(refused.value)


@pytest.mark.parametrize("key", [STRONG[:32], "0f" * 8 + "123456789abcdef0" * 3, f"{STRONG}$'\""])
def test_a_strong_key_is_taken(key: str) -> None:
    refuse_weak_key(key)


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"RATECARD_URL": "https://prices.example.org"}, "max-age=31536000"),
        ({"RATECARD_URL": "https://prices.example.org", "RATECARD_HSTS": "off"}, ""),
        (
            {"RATECARD_URL": "https://prices.example.org", "RATECARD_HSTS": "preload"},
            "max-age=31536000; includeSubDomains; preload",
        ),
    ],
)
def test_hsts_reaches_as_far_as_chosen(
    tmp_path: Path, variables: dict[str, str], header: str
) -> None:
    program = (
        "from django.test import Client\n"
        "print(Client().get('/healthz', secure=True, headers={'Host': 'localhost'})"
        ".get('Strict-Transport-Security', ''))"
    )
    done = manage(tmp_path, "shell", "--no-imports", "-c", program, **variables)
    assert done.stdout.strip() == header, done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=755", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("may not mount")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return filler


def test_a_small_disk_is_refused_before_anything_is_made(small_disk: Path) -> None:
    done = manage(small_disk, "migrate")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]  # as root, one more line names a chmod
    assert f"the disk of {small_disk}/postgres has 4" in line
    assert "MB free, and a new database needs 400 MB. Free some, or set RATECARD_HOME" in line
    assert not (small_disk / "postgres" / "data.new").exists()


def test_a_full_disk_is_said_and_leaves_no_half_key(small_disk: Path) -> None:
    filler = fill(small_disk)
    line = refusal(manage(small_disk, "version"))
    assert f"cannot write {small_disk}/secret_key (No space left on device)." in line
    filler.unlink()
    assert manage(small_disk, "version").returncode == 0
    assert len((small_disk / "secret_key").read_text()) >= 50


def test_a_disk_that_is_full_later_is_said_whatever_failed(small_disk: Path) -> None:
    assert manage(small_disk, "version").returncode == 0
    fill(small_disk)
    for command in (["collectstatic", "--no-input"], ["run"]):
        line = refusal(manage(small_disk, *command, PORT="8599"))
        assert f"the disk of the data folder {small_disk} is full (0.0 MB are free)." in line
