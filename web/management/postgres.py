"""PostgreSQL's client programs, run on the database of the settings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

PROGRAMS = ("pg_dump", "pg_restore")
# Environment variables, other than arguments, are not in the list of processes.
SECRETS = {"password", "sslpassword"}


def client_programs() -> Path:
    """The folder of programs that are as new as the server: of the wheel, else on the PATH."""
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10000
    found = shutil.which("pg_dump")
    folders = [settings.POSTGRES_PROGRAMS, Path(found).resolve().parent if found else None]
    for folder in filter(None, folders):
        if all((folder / name).is_file() for name in PROGRAMS) and major(folder) >= server:
            return folder
    raise CommandError(
        f"pg_dump and pg_restore of version {server} or newer are needed and not found. "
        f"Install them (on Debian: apt-get install postgresql-client-{server})."
    )


def major(folder: Path) -> int:
    """The major version of a folder's programs, 0 if they do not run."""
    words = [str(folder / "pg_dump"), "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", done.stdout)
    return int(version[1]) if version else 0


def database_words() -> str:
    """Where the database is, for `--dbname`; without secrets, since others can read arguments."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    parameters = connection.get_connection_params()
    return make_conninfo(
        **{name: value for name, value in parameters.items() if name in known - SECRETS}
    )


def environment() -> dict[str, str]:
    password = connection.get_connection_params().get("password")
    return {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}


def complaint(name: str, code: int, output: bytes) -> str:
    """The one line of a program's errors that matters, or how the program ended."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if re.search(r"error:|ERROR:|FATAL:", line)]
    if grave or lines:
        return re.sub(r"^\w+: (error: )?", "", (grave or lines)[0]).rstrip(".")
    return f"{name} ended with code {code}" if code >= 0 else f"{name} was killed by {-code}"
