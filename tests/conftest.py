"""One PostgreSQL a run, with a database for each worker and one with the bundled catalog."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from pricing.headlines import find_headlines
from sources.upstreams.provider_models.fields import ACCOUNTS
from streaming.addresses import ADDRESSES
from tests import RUN, RUN_LOCK, SWEEPER, WORKER

BUNDLED = f"test_{settings.DATABASES['default']['NAME']}_bundled"
MIGRATED = "migrated_rows"
# Headlines are those of this instant: on later days prices change, and models retire.
BUNDLED_AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.hookimpl(trylast=True)  # xdist has ended its workers by then
def pytest_unconfigure(config: pytest.Config) -> None:
    if not SWEEPER:
        return
    if not settings.EMBEDDED:
        execute(f'DROP DATABASE IF EXISTS "{BUNDLED}"')
    os.close(RUN_LOCK)
    SWEEPER.wait(timeout=60)


@pytest.fixture(scope="session", autouse=True)
def no_keys() -> None:
    """The developer's own accounts are no sources, and are not called."""
    for key_name, _ in ACCOUNTS.values():
        os.environ.pop(key_name, None)
    for _, key_names in ADDRESSES.values():
        for key_name in key_names:
            os.environ.pop(key_name, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Data that a crash of the machine may lose is not written to the disk at once."""
    if settings.EMBEDDED:
        with django_db_blocker.unblock():
            for option in ("fsync", "synchronous_commit", "full_page_writes"):
                execute(f"ALTER SYSTEM SET {option} = off")
            execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Rows that migrations make are copied, for the tests after a transactional one."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {MIGRATED} CASCADE; CREATE SCHEMA {MIGRATED}")
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")
            if cursor.fetchone() == (True,):
                cursor.execute(f"CREATE TABLE {MIGRATED}.{name} AS TABLE {name}")


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Transactional tests delete rows: TRUNCATE makes new files for every table and index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _sql_flush)
        yield


def _sql_flush(
    operations: DatabaseOperations, style: Any, tables: list[str], **options: Any
) -> list[str]:
    """What waits for writers that are at work and then deletes all rows of these tables but those
    of migrations: ordinary tests may follow in this process."""
    names = [operations.quote_name(name) for name in tables]
    emptying = (
        f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF;"
        f" IF to_regclass('{MIGRATED}.{name}') IS NOT NULL THEN"
        f" INSERT INTO {name} SELECT * FROM {MIGRATED}.{name}; END IF;"
        for name in names
    )
    locking = f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE;"
    return [f"DO $$ BEGIN {locking} {' '.join(emptying)} END $$"] if names else []


@pytest.fixture(scope="session")
def bundled_template(django_db_setup: None, django_db_blocker: Any) -> str:
    """The name of a database with the bundled snapshot, loaded by the first worker to need it."""
    with locked(RUN / "bundled.lock") as loaded:
        if not loaded.read(1):
            with django_db_blocker.unblock():
                execute(f'DROP DATABASE IF EXISTS "{BUNDLED}"', f'CREATE DATABASE "{BUNDLED}"')
                with on_database(BUNDLED):
                    call_command("migrate", verbosity=0)
                    call_command("load_snapshot", verbosity=0)
                    find_headlines(at=BUNDLED_AT)
            loaded.write("loaded")
    return BUNDLED


@pytest.fixture(scope="module")
def bundled_catalog(bundled_template: str, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the bundled catalog for this module. Not for transactional tests: they empty it."""
    copy = f"{bundled_template}_{WORKER or 'main'}"
    with django_db_blocker.unblock():
        execute(
            f'DROP DATABASE IF EXISTS "{copy}"',
            f'CREATE DATABASE "{copy}" TEMPLATE "{bundled_template}" STRATEGY file_copy',
        )
    with on_database(copy):
        yield
    with django_db_blocker.unblock():
        execute(f'DROP DATABASE "{copy}"')


def execute(*statements: str) -> None:
    """Run statements outside of any transaction, on the server's maintenance database."""
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def locked(path: Path) -> Iterator[IO[str]]:
    """A file that one worker at a time reads and writes."""
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Connect this process, and a live server in it, to the database `name`."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
