"""The embedded PostgreSQL: starts when DATABASE_URL is not set, stops with its last user.

The kernel counts the users: every process that connects holds a shared lock on users.lock for
its life, the server holds server.lock, and a small watcher waits until it can lock users.lock
exclusively. Locks end with their processes. See docs/decisions/0002-embedded-postgresql.md.

"""

import fcntl
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from config.embedded import server
from config.embedded.server import Unavailable, wheel_programs
from config.embedded.watcher import held

__all__ = ["Unavailable", "broker_url", "database", "ensure", "wheel_programs"]

# A socket's path may have 107 bytes on Linux and 103 on macOS, and libpq splits its host at commas.
SOCKET_PATH_BYTES = 103
# These are Django's own; the rest of OPTIONS is libpq's.
DJANGO_OPTIONS = {
    "pool",
    "assume_role",
    "isolation_level",
    "server_side_binding",
    "prepare_threshold",
}

_joined: dict[Path, int] = {}


def database(home: Path) -> dict[str, Any]:
    """Django's settings for the embedded server under `home`; starts and writes nothing."""
    return {
        "ENGINE": "config.database",
        "HOME": home,
        "NAME": server.DATABASE,
        "USER": server.SUPERUSER,
        "HOST": str(socket_folder(home)),
        "PORT": str(server.PORT),
    }


def broker_url(database: Mapping[str, Any]) -> str:
    who = [
        quote(str(database[part]), safe="") for part in ("USER", "PASSWORD") if database.get(part)
    ]
    host, port = database.get("HOST") or "", database.get("PORT") or ""
    options = {
        name: word
        for name, word in database.get("OPTIONS", {}).items()
        if name not in DJANGO_OPTIONS
    }
    if "/" in host:
        place, options = "", {"host": host, **({"port": port} if port else {}), **options}
    else:
        place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    address = f"{':'.join(who)}@{place}" if who else place
    name, query = (
        quote(str(database["NAME"]), safe=""),
        urlencode(options, quote_via=quote, safe=""),
    )
    return f"sqla+postgresql+psycopg://{address}/{name}" + (f"?{query}" if query else "")


def ensure(home: Path) -> None:
    """Keep the server under `home` running while this process lives. Raises Unavailable.

    Costs some microseconds when it runs already.
    """
    folder = home / "postgres"
    try:
        join(folder)
        with server.locked(folder / "start.lock") as mutex:
            if not held(folder / "watcher.lock"):
                server.watch(folder)
            if not server.serving(folder):
                server.start(folder, socket_folder(home), mutex)
    except OSError as error:
        raise Unavailable(
            f"the embedded PostgreSQL cannot use {error.filename or folder} ({error.strerror}). "
            "Correct that, or set DATABASE_URL to a PostgreSQL of your own."
        ) from error


def join(folder: Path) -> None:
    """Count this process as a user until it ends; waits while the server is being stopped."""
    if folder in _joined:
        return
    # Root's server runs under another account, which must pass through here.
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _joined[folder] = descriptor


def socket_folder(home: Path) -> Path:
    """Beside the data; under /tmp when that path exceeds the length of a socket's."""
    folder = home / "postgres" / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{server.PORT}")) <= SOCKET_PATH_BYTES and "," not in str(
        folder
    ):
        return folder
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return Path(f"/tmp/ratecard-{os.geteuid()}-{digest}")  # noqa: S108 - private_folder() checks whose it is
