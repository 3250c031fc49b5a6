from pathlib import Path
from urllib.parse import quote

from django.db import connection


def database_address() -> str:
    """The address of the tests' current database, for DATABASE_URL."""
    known = connection.settings_dict
    host, account = quote(str(known["HOST"]), safe=""), quote(str(known["USER"]))
    password = f":{quote(str(known['PASSWORD']), safe='')}" if known.get("PASSWORD") else ""
    return f"postgresql://{account}{password}@{host}:{known['PORT']}/{known['NAME']}"


def written_since(since: float) -> bytes:
    """What the database and its log of writes have on disk since then; embedded ones alone."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (database,) = cursor.fetchone()
    parts = (Path(folder, "base", str(database)), Path(folder, "pg_wal"))
    files = [path for part in parts for path in part.rglob("*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files if path.stat().st_mtime >= since)
