"""Backups: the database in a file, whole or not at all, and a file in place of the database."""

import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

import psycopg
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from catalog.version import AFTER_RESTORE, BEFORE_RESTORE
from catalog.write_lock import LOCK
from web.management.postgres import client_programs, complaint, database_words, environment

# Rows of jobs, sign-ins and signs of life mean nothing later.
TRANSIENT = {
    *("django_session", "usage_usagelog", "pricing_usagelog", "sources_heartbeat"),
    # Names that were tried, for which people mistake the field of the password.
    *("axes_accessattempt", "axes_accessattemptexpiration"),
}
# The broker's tables and sequences are no part of the catalog: neither written nor replaced.
BROKER = ("kombu_message", "kombu_queue", "message_id_sequence", "queue_id_sequence")
ATTEMPTS = 5
ROWS_AT_ONCE = 1000
# SQLSTATEs.
DEADLOCK = "40P01"
LOCK_TIMEOUT = "55P03"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: rows by table, and the migrations that made its tables."""

    rows: dict[str, int] = field(default_factory=dict)
    migrations: set[tuple[str, str]] = field(default_factory=set)


def write_backup(path: Path) -> Contents:
    """Write the database to `path`: beside it, read back, then renamed. Raises CommandError.

    A failure leaves nothing beside `path`, and `path` itself as it was.
    """
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name a file in it.")
    if path.exists() and not path.is_file():
        raise CommandError(f"{path} is not a plain file.")
    programs = client_programs()
    if "catalog_model" not in connection.introspection.table_names():
        raise CommandError("the database has no catalog yet, so there is nothing to back up.")
    try:
        with file_beside(path) as (partial, file):
            dump(programs, partial, file.fileno())
            os.fsync(file.fileno())
            contents = read_back(partial)
            partial.replace(path)
            folder = os.open(path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
    except OSError as error:
        raise CommandError(
            f"cannot write the backup {path} ({error.strerror}). Nothing was replaced."
        ) from error
    return contents


@contextmanager
def file_beside(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """An empty file FILE.partial for its owner alone, removed unless it was renamed."""
    partial = path.with_name(f"{path.name}.partial")
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"another backup is being written to {path}.") from None
        # Since it was opened another backup may have renamed it: then it is the last good one.
        if not is_at(descriptor, partial):
            raise CommandError(f"another backup was written to {path} just now.")
        try:
            os.fchmod(descriptor, 0o600)
            file.truncate(0)
            yield partial, file
        finally:
            if is_at(descriptor, partial):  # and not the next backup's
                partial.unlink()


def is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def dump(programs: Path, partial: Path, lock: int) -> None:
    """Run pg_dump, which inherits the lock: should we be killed, it is alone until it ends."""
    schema = current_schema()
    words = [str(programs / "pg_dump"), "--format=custom", "--no-password", "--no-owner"]
    words += ["--no-privileges", f"--schema={schema}", f"--dbname={database_words()}"]
    words += [f"--exclude-table={schema}.{name}" for name in BROKER]
    words += [f"--exclude-table-data={schema}.{name}" for name in sorted(TRANSIENT)]
    # By name: to its standard output it appends, and its table of contents gets no places.
    words += [f"--file={partial}"]
    done = subprocess.run(
        words, env=environment(), stderr=subprocess.PIPE, pass_fds=[lock], check=False
    )
    if done.returncode:
        reason = complaint("pg_dump", done.returncode, done.stderr)
        raise CommandError(f"the backup failed, and nothing was replaced: {reason}.")


def current_schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone() or ("public",)
    return str(schema)


_COPY = re.compile(rb'COPY "?\w+"?\."?(\w+)"? \((.*)\) FROM stdin;\n')


def read_back(path: Path) -> Contents:
    """Read every row of a backup. Raises CommandError when it is damaged or not of Ratecard."""
    contents = Contents()
    table, columns = "", [b""]
    words = [str(client_programs() / "pg_restore"), "--file=-", str(path)]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(
            words, env=environment(), stdout=subprocess.PIPE, stderr=errors
        ) as program:
            for line in program.stdout or ():
                if table and line == b"\\.\n":
                    table = ""
                elif table:
                    contents.rows[table] += 1
                    if table == "django_migrations":
                        row = dict(zip(columns, line.decode().split("\t"), strict=False))
                        contents.migrations.add((row[b"app"], row[b"name"]))
                elif head := _COPY.fullmatch(line):
                    table, columns = head[1].decode(), head[2].split(b", ")
                    contents.rows[table] = 0
        if program.returncode:
            errors.seek(0)
            reason = complaint("pg_restore", program.returncode, errors.read())
            raise CommandError(f"{path} cannot be read whole: {reason}.")
    if not {"catalog_model", "django_migrations"} <= contents.rows.keys():
        raise CommandError(f"{path} is not a backup of Ratecard.")
    return contents


def refuse_newer(path: Path, contents: Contents) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations)
    known |= {name for each in loader.disk_migrations.values() for name in each.replaces}
    if newer := sorted(contents.migrations - known):
        raise CommandError(
            f"{path} was written by a newer Ratecard ({'.'.join(newer[0])}). "
            "Upgrade this one first."
        )


def refuse_others_tables() -> None:
    """Refuse a database that is shared with another program: its tables would be lost."""
    prefixes = {"django", "kombu", "celery", *(app.label for app in apps.get_app_configs())}
    for table in connection.introspection.table_names():
        if table != "written" and table.partition("_")[0] not in prefixes:
            raise CommandError(
                f"the database has a table that is not Ratecard's ({table}), and a restore "
                "replaces all tables. Give Ratecard a database of its own."
            )


def restore_backup(path: Path) -> None:
    """Replace the tables by those of a backup, migrated, in one transaction. Raises CommandError.

    Pages wait meanwhile. A killed restore leaves the database as it was.
    """
    programs = client_programs()
    with tempfile.NamedTemporaryFile("w", prefix="ratecard-") as wanted:
        wanted.writelines(wanted_entries(programs, path))
        wanted.flush()
        read = [str(programs / "pg_restore"), "--no-owner", "--no-privileges"]
        read += [f"--use-list={wanted.name}", "--file=-", str(path)]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                replace_tables(read)
                return
            except (Error, psycopg.Error) as error:
                state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", "")
                # Two pages that read can hold what the restore waits for, and one another's.
                if state == DEADLOCK and attempt < ATTEMPTS:
                    continue
                reason = (str(error).splitlines() or ["no reason given"])[0]
                if state == LOCK_TIMEOUT:
                    reason = "a longer transaction uses it, try again when that has ended"
                raise CommandError(
                    f"nothing was restored, and the catalog is as it was before: {reason}."
                ) from error
            finally:
                connection.close()


def replace_tables(read: list[str]) -> None:
    """Run the SQL of a backup and the migrations since, in one transaction."""
    schema = current_schema()
    with transaction.atomic():
        raw = connection.connection
        raw.execute(head(schema).encode())
        with (
            tempfile.TemporaryFile() as errors,
            # It ends with its pipe, when this fails before its end.
            subprocess.Popen(
                read, env=environment(), stdout=subprocess.PIPE, stderr=errors
            ) as source,
        ):
            run_script(raw, source.stdout or ())
            if source.wait():
                errors.seek(0)
                reason = complaint("pg_restore", source.returncode, errors.read())
                raise CommandError(
                    f"nothing was restored, and the catalog is as it was before: {reason}."
                )
        raw.execute(foot(schema).encode())
        call_command("migrate", verbosity=0, interactive=False)
        raw.execute(b"ANALYZE")


def run_script(raw: psycopg.Connection[Any], lines: Iterable[bytes]) -> None:
    """Run a script in the form of pg_restore: statements, and rows after `COPY … FROM stdin;`."""
    lines = iter(lines)
    statements: list[bytes] = []
    for line in lines:
        if _COPY.fullmatch(line):
            raw.execute(b"".join(statements))
            statements.clear()
            with raw.cursor().copy(line.rstrip(b";\n")) as copy:
                rows = []
                for row in takewhile(b"\\.\n".__ne__, lines):
                    rows.append(row)
                    if len(rows) == ROWS_AT_ONCE:
                        copy.write(b"".join(rows))
                        rows.clear()
                copy.write(b"".join(rows))
        # Commands of psql, and a setting that servers before 17 do not know.
        elif not line.startswith((b"\\", b"SET transaction_timeout")):
            statements.append(line)
    raw.execute(b"".join(statements))


def wanted_entries(programs: Path, path: Path) -> list[str]:
    """The lines of its list of contents to restore: our schema's, without transient rows."""
    words = [str(programs / "pg_restore"), "--list", str(path)]
    done = subprocess.run(words, env=environment(), capture_output=True, check=False)
    schema = re.escape(current_schema())
    entry = re.compile(rf"\d+; \d+ \d+ ([A-Z ]+?) {schema} (\S+)")
    lines = []
    for line in done.stdout.decode().splitlines(keepends=True):
        match = entry.match(line)
        if match and not any(name in line for name in BROKER):
            kind, name = match.groups()
            if kind != "TABLE DATA" or name not in TRANSIENT:
                lines.append(line)
    if not any(" TABLE " in line and " catalog_model " in line for line in lines):
        raise CommandError(f"{path} has no table of the schema {current_schema()}.")
    return lines


# What belongs to an extension stays; what belongs to a table, such as its sequences, goes with it.
_DROP = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP %s IF EXISTS %I.%I CASCADE', CASE relkind WHEN 'S' THEN 'SEQUENCE'
               WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
               nspname, relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
        WHERE nspname = {schema} AND relkind IN ('r', 'p', 'v', 'm', 'S')
          AND relname NOT IN ({broker})
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid
                          AND d.classid = 'pg_catalog.pg_class'::regclass
                          AND d.deptype IN ('a', 'e', 'i'))
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = pronamespace
        WHERE nspname = {schema}
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid
                          AND d.classid = 'pg_catalog.pg_proc'::regclass
                          AND d.deptype IN ('a', 'e', 'i'))
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
"""


def head(schema: str) -> str:
    """Statements before those of the backup: take the writers' turn, drop every table."""
    broker = ", ".join(f"'{name}'" for name in BROKER)
    literal = "'" + schema.replace("'", "''") + "'"
    return (
        f"SET LOCAL lock_timeout = '60s';\nSELECT pg_advisory_xact_lock({LOCK});\n"
        f"{BEFORE_RESTORE.format(schema=connection.ops.quote_name(schema))}\n"
        f"{_DROP.format(schema=literal, broker=broker)}\n"
    )


def foot(schema: str) -> str:
    """Statements after those of the backup, which sets a path of its own and much else."""
    return (
        f"{AFTER_RESTORE.format(schema=connection.ops.quote_name(schema))}\n"
        "RESET search_path; RESET check_function_bodies; RESET row_security;\n"
        # Migrations alter tables, which have to have no check that waits for the commit.
        "SET CONSTRAINTS ALL IMMEDIATE;\n"
    )
