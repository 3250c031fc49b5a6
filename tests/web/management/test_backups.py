"""A backup is whole or not there, and a restore is whole or did nothing."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from catalog.models import Model, Override
from catalog.version import catalog_version
from sources.heartbeat import note_heartbeat
from tests.config.test_settings import ROOT
from tests.conftest import execute, on_database
from tests.database import database_address
from tests.factories import make_model, sell
from tests.waiting import wait_until
from usage.models import UsageLog
from web.management import backups, postgres

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRANSIENT = {
    *("django_session", "usage_usagelog", "sources_heartbeat", "kombu_message"),
    "axes_accessattempt",
}


@pytest.fixture(autouse=True)
def site() -> None:
    """A catalog with an editor's work and with rows that no backup keeps."""
    model = make_model()
    sell(model, input="1.10", output="4.40")
    editor = User.objects.create_user("ed", password="correct horse")
    Override.objects.create(model=model, field="name", value="o4", by=editor, why="its name")
    Session.objects.create(session_key="s", session_data="x", expire_date=NOW + timedelta(days=999))
    UsageLog.objects.create(
        digest="d" * 64, name="june.csv", size=3, path="/x", created_at=NOW, expires_at=NOW
    )
    AccessAttempt.objects.create(username="hunter2", failures_since_start=1)
    note_heartbeat("beat")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ratecard.dump"


def counts() -> dict[str, int]:
    tables = sorted(connection.introspection.table_names())
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            (found[table],) = cursor.fetchone()
    return {table: count for table, count in found.items() if not table.startswith("kombu_")}


def kept(found: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in found.items() if name not in {*TRANSIENT, "written"}}


def manage(*words: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_address()},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        **options,
    )


def lines_of_the_docs() -> list[str]:
    section = (ROOT / "docs" / "deployment.md").read_text().partition("**Backup.**")[2]
    return section.partition("```sh\n")[2].partition("```")[0].strip().splitlines()


def test_the_lines_of_the_docs_bring_every_table_back(tmp_path, path):
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    before = counts()
    backup, restore = lines_of_the_docs()

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            line,
            shell=True,
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": database_address()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    done = run(backup)
    assert done.returncode == 0, done.stderr
    assert "MB, 1 models, 1 endpoints, 2 rates, 1 overrides, 1 accounts." in done.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [tmp_path / ".venv", tmp_path / "manage.py", path]
    Override.objects.all().delete()
    User.objects.all().delete()
    Model.objects.update(name="spoilt")
    make_model("openai/o5")
    done = run(restore)
    assert done.returncode == 0, done.stderr
    assert kept(counts()) == kept(before)
    assert {name: count for name, count in counts().items() if name in TRANSIENT} == {
        "django_session": 0,
        "usage_usagelog": 0,
        "sources_heartbeat": 0,
        "axes_accessattempt": 0,
    }
    assert Model.objects.get().name != "spoilt"
    assert User.objects.get().check_password("correct horse")
    assert make_model("openai/o6").pk > Model.objects.get(slug="openai/o4-mini").pk


def test_pages_show_the_restored_catalog_at_once_and_under_new_tags(path):
    client = Client()
    address = "/models/openai/o4-mini/"
    first = client.get(address)
    call_command("backup", str(path))
    Model.objects.update(name="Spoilt")
    assert b"Spoilt" in client.get(address).content
    versions = {catalog_version()}
    for _ in range(3):
        call_command("restore", str(path), yes=True)
        again = client.get(address)
        assert b"Spoilt" not in again.content
        assert again["ETag"] != first["ETag"]
        versions.add(catalog_version())
    assert len(versions) == 4


def test_overrides_are_replaced_by_a_script_only_with_yes(path):
    call_command("backup", str(path))
    Override.objects.update(value="o4 of today")
    done = manage("restore", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "the catalog has 1 overrides of editors, which a restore replaces." in done.stderr
    assert "repeat with --yes" in done.stderr
    assert Override.objects.get().value == "o4 of today"
    assert manage("restore", str(path), "--yes").returncode == 0
    assert Override.objects.get().value == "o4"


@pytest.mark.parametrize(("answer", "value"), [("y", "o4"), ("", "o4 of today")])
def test_overrides_are_replaced_after_a_question(path, monkeypatch, answer, value):
    call_command("backup", str(path))
    Override.objects.update(value="o4 of today")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    if answer:
        call_command("restore", str(path))
    else:
        with pytest.raises(CommandError, match="nothing was restored"):
            call_command("restore", str(path))
    assert Override.objects.get().value == value


def refused(path: Path, words: str) -> None:
    before = counts()
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(path), yes=True)
    assert counts() == before


def test_a_damaged_backup_is_refused_before_anything_is_touched(path):
    call_command("backup", str(path))
    whole = path.read_bytes()
    for broken in (whole[:-2000], whole[: len(whole) // 2], b"", b"CREATE TABLE x;", whole[9:]):
        path.write_bytes(broken)
        refused(path, "cannot be read whole")
    damaged = bytearray(whole)
    place = whole.rindex(b"\x78\x9c") + 12  # within a table's compressed rows
    damaged[place : place + 8] = b"\0" * 8
    path.write_bytes(damaged)
    refused(path, "cannot be read whole")
    refused(path.with_name("none"), "there is no file")


def test_a_dump_of_another_program_is_refused(path, tmp_path):
    programs = postgres.client_programs()
    words = [programs / "pg_dump", "-Fc", "-t", "auth_group", "-f", path]
    subprocess.run([*words, "-d", postgres.database_words()], check=True)
    refused(path, "is not a backup of Ratecard")


def test_a_backup_of_a_newer_version_is_refused(path):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('later', '0001_initial', now())"
        )
        call_command("backup", str(path))
        cursor.execute("DELETE FROM django_migrations WHERE app = 'later'")
    refused(path, r"written by a newer Ratecard \(later.0001_initial\). Upgrade this one")


def test_a_database_that_another_program_shares_is_refused(path):
    call_command("backup", str(path))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE wiki_page (id int)")
        try:
            refused(path, r"a table that is not Ratecard's \(wiki_page\)")
        finally:
            cursor.execute("DROP TABLE wiki_page")


@pytest.fixture
def empty_database() -> Iterator[None]:
    name = f"{connection.settings_dict['NAME']}_empty"
    execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    with on_database(name):
        yield
    execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_backup_is_restored_into_an_empty_database(path, empty_database):
    with pytest.raises(CommandError, match="has no catalog yet"):
        call_command("backup", str(path))
    assert not path.exists()


def test_a_restore_into_an_empty_database_needs_no_answer(path, request):
    call_command("backup", str(path))
    before = counts()
    request.getfixturevalue("empty_database")
    call_command("restore", str(path))
    assert kept(counts()) == kept(before)


def test_the_plain_dump_of_the_first_schema_is_restored_and_migrated(path, empty_database):
    first = ("catalog", "pricing", "sources")
    targets = [(app, "0001_initial") for app in first]
    targets += [("admin", "0003_logentry_add_action_flag_choices"), ("sessions", "0001_initial")]
    MigrationExecutor(connection).migrate(targets)
    assert "written" not in connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO catalog_creator (slug, name, website) VALUES ('x', 'X', '')")
        cursor.execute("CREATE TABLE kombu_message (id int)")  # of a broker at that time
    programs = postgres.client_programs()
    words = [programs / "pg_dump", "-Fc", "-f", path, "-d", postgres.database_words()]
    subprocess.run(words, check=True)
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_creator")
    call_command("restore", str(path))
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug, name FROM catalog_creator")
        assert cursor.fetchall() == [("x", "X")]
    assert not MigrationExecutor(connection).migration_plan(
        MigrationExecutor(connection).loader.graph.leaf_nodes()
    )
    make_model()
    assert catalog_version()


def test_a_restore_that_is_killed_leaves_the_catalog_as_it_was(path):
    call_command("backup", str(path))
    Model.objects.update(name="Of today")
    before, version = counts(), catalog_version()

    def waiting() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            return [pid for (pid,) in cursor.fetchall()]

    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM sources_refresh")  # dropped last, so the rest is dropped
        process = subprocess.Popen(
            [sys.executable, "manage.py", "restore", str(path), "--yes"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_address()},
        )
        wait_until(lambda: bool(waiting()))
        process.kill()
        process.wait()
        cursor.execute("ROLLBACK")
    holder.close()
    wait_until(lambda: not waiting())

    def whole() -> bool:
        return counts() == before and catalog_version() == version

    wait_until(whole)
    assert Model.objects.get().name == "Of today"


@pytest.fixture
def programs(tmp_path: Path, settings) -> Path:
    """Copies of the programs' names, each a script that runs the real one."""
    real = postgres.client_programs()
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in postgres.PROGRAMS:
        (folder / name).write_text(f'#!/bin/sh\nexec "{real / name}" "$@"\n')
        (folder / name).chmod(0o755)
    settings.POSTGRES_PROGRAMS = folder
    return folder


def break_off(programs: Path, name: str, size: int) -> None:
    """Have a program end after so many bytes of its output when it reads a list of entries."""
    script = (programs / name).read_text().replace("exec ", "").splitlines()[1]
    (programs / name).write_text(
        f'#!/bin/sh\ncase "$*" in *--use-list*) {script} | head -c {size}; kill -9 $$;; esac\n'
        f"exec {script}\n"
    )


@pytest.mark.parametrize("size", [0, 3000, 30_000])
def test_a_reader_that_is_killed_restores_nothing(path, programs, size):
    call_command("backup", str(path))
    Model.objects.update(name="Of today")
    break_off(programs, "pg_restore", size)
    refused(path, "nothing was restored, and the catalog is as it was before")
    assert Model.objects.get().name == "Of today"


def test_a_statement_that_fails_restores_nothing(path):
    call_command("backup", str(path))
    path.write_bytes(path.read_bytes().replace(b"CREATE INDEX", b"CREATE INDEY", 1))
    refused(path, "nothing was restored, and the catalog is as it was before: syntax error .*INDEY")


def test_a_migration_that_fails_restores_nothing(path, monkeypatch):
    call_command("backup", str(path))
    Model.objects.update(name="Of today")

    def fail(*words, **options):
        assert Model.objects.get().name != "Of today"
        raise DatabaseError("no such column")

    monkeypatch.setattr(backups, "call_command", fail)
    refused(path, "nothing was restored, and the catalog is as it was before: no such column")
    assert Model.objects.get().name == "Of today"


def test_older_programs_than_the_server_are_refused_with_a_name_to_install(path, programs):
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    os.environ["PATH"], before = str(programs), os.environ["PATH"]
    try:
        with pytest.raises(CommandError, match="apt-get install postgresql-client-1"):
            call_command("backup", str(path))
    finally:
        os.environ["PATH"] = before


def test_a_password_is_in_no_argument(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "it's secret")
    monkeypatch.setitem(
        connection.settings_dict, "OPTIONS", {"sslmode": "prefer", "pool": False, "options": "-c x"}
    )
    words = postgres.database_words()
    assert "secret" not in words and "sslmode=prefer" in words and "pool" not in words
    assert postgres.environment()["PGPASSWORD"] == "it's secret"


def with_older(path: Path) -> bytes:
    path.write_bytes(b"an older backup")
    return path.read_bytes()


def unharmed(path: Path) -> None:
    assert path.read_bytes() == b"an older backup"
    assert list(path.parent.glob("*.partial")) == []


def test_a_disk_that_ends_leaves_the_older_backup(path):
    with_older(path)
    done = manage(
        "backup",
        str(path),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "the backup failed, and nothing was replaced: " in line
    unharmed(path)


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounts a small disk")
def test_a_full_disk_leaves_the_older_backup(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "none", str(disk)])
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        with_older(disk / "ratecard.dump")
        with pytest.raises(CommandError, match="No space left on device"):
            call_command("backup", str(disk / "ratecard.dump"))
        unharmed(disk / "ratecard.dump")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_dump_that_fails_or_lies_leaves_the_older_backup(path, programs):
    with_older(path)
    real = (programs / "pg_dump").read_text().splitlines()[1]
    partial = f"'{path}.partial'"
    version = 'case "$*" in --version) echo "pg_dump (PostgreSQL) 99.1"; exit;; esac'
    for end in (
        "exit 3",
        "kill -9 $$",
        f"head -c 9000 /dev/zero > {partial}",
        f"{real}; truncate -s -1000 {partial}",
    ):
        (programs / "pg_dump").write_text(f"#!/bin/sh\n{version}\n{end.replace('exec ', '')}\n")
        with pytest.raises(CommandError):
            call_command("backup", str(path))
        unharmed(path)


def test_a_stop_in_the_middle_leaves_the_older_backup(path, programs):
    with_older(path)
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(programs), str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_address()},
    )
    (programs / "pg_dump").write_text(
        '#!/bin/sh\ncase "$*" in --version) echo "pg_dump (PostgreSQL) 99.1"; exit;; esac\n'
        f"head -c 9000 /dev/zero > '{path}.partial'; exec sleep 60\n"
    )
    partial = path.with_name("ratecard.dump.partial")
    wait_until(lambda: partial.exists() and partial.stat().st_size == 9000)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    unharmed(path)


SLOW = """
import sys, django
from pathlib import Path
django.setup()
from django.conf import settings
from django.core.management import call_command
settings.POSTGRES_PROGRAMS = Path(sys.argv[1])
call_command("backup", sys.argv[2])
"""


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (".", "is a folder: name a file in it"),
        ("none/ratecard.dump", "cannot write the backup .* \\(No such file or directory\\)"),
        ("/dev/null", "is not a plain file"),
        ("/proc/ratecard.dump", "cannot write the backup"),
    ],
)
def test_a_place_that_takes_no_file_is_refused(tmp_path, place, words):
    with pytest.raises(CommandError, match=words):
        call_command("backup", str(tmp_path / place))
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_another_one_has_just_written_is_not_emptied(path, monkeypatch):
    def renamed_meanwhile(*words: object) -> None:
        path.with_name("ratecard.dump.partial").replace(path)

    path.with_name("ratecard.dump.partial").write_bytes(b"good")
    monkeypatch.setattr(backups.fcntl, "flock", renamed_meanwhile)
    with pytest.raises(CommandError, match="another backup was written to"):
        call_command("backup", str(path))
    assert path.read_bytes() == b"good"
    assert list(path.parent.iterdir()) == [path]


def test_the_next_backup_that_has_begun_is_left_alone(path):
    with backups.file_beside(path) as (partial, _):
        partial.replace(path)
        partial.write_bytes(b"the next")
    assert partial.read_bytes() == b"the next"


def test_what_a_killed_backup_left_is_written_over(path):
    path.with_name("ratecard.dump.partial").write_bytes(os.urandom(3_000_000))
    call_command("backup", str(path))
    assert path.stat().st_size < 1_000_000
    assert backups.read_back(path).rows["catalog_model"] == 1


def test_a_link_stays_a_link(path, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere" / "real.dump")
    call_command("backup", str(path))
    assert path.is_symlink()
    assert backups.read_back(tmp_path / "elsewhere" / "real.dump").rows["catalog_model"] == 1


def test_programs_are_found_on_the_path_without_the_wheel(settings, monkeypatch, tmp_path):
    real = postgres.client_programs()
    settings.POSTGRES_PROGRAMS = None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pg_dump").symlink_to(real / "pg_dump")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert postgres.client_programs() == real.resolve()
    shutil.rmtree(tmp_path / "bin")
    with pytest.raises(CommandError, match="needed and not found"):
        postgres.client_programs()
