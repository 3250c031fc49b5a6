"""Production dependencies alone: the import of every module, and a site on PostgreSQL and Redis."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from compose.visitor import Visitor
from tests import RUN
from tests.conftest import locked
from tests.sources.server import Page, serve
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MIRRORED = ROOT / "tests/payloads/models-dev/api.json"
UV = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv/bin"))
REDIS = shutil.which("redis-server")
# Debian keeps the programs of a PostgreSQL server out of PATH.
POSTGRES = shutil.which("initdb") or max(
    map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None
)
# Imports each module of the project and the transport of each broker that the README offers.
IMPORTS = """
import django, importlib, pkgutil
from django.utils import timezone
django.setup()
timezone.localtime()
from kombu.transport import get_transport_cls
for room in (
    *("catalog", "pricing", "agreements", "usage", "streaming", "telemetry", "sources"),
    *("accounts", "web", "config"),
):
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, f"{room}."):
        importlib.import_module(module.name)
for broker in ("redis", "rediss", "amqp", "amqps", "sqlalchemy"):
    get_transport_cls(broker)
"""
# A schedule whose last tasks were sent yesterday: beat sends each of them at once.
YESTERDAY = """
from datetime import timedelta
from celery.beat import Service
from config.celery import app
scheduler = Service(app, scheduler_cls=app.conf.beat_scheduler).get_scheduler()
for entry in scheduler.schedule.values():
    entry.last_run_at -= timedelta(days=1)
scheduler.close()
"""


@pytest.fixture(scope="module")
def production() -> Path:
    """A Python with the production dependencies of the lock and no others."""
    if not UV:
        pytest.skip("uv is not installed, so the production dependencies were not tried alone")
    folder = RUN / "production"
    with locked(RUN / "production.lock") as made:
        if not made.read(1):
            subprocess.run(
                [
                    UV,
                    "sync",
                    "--frozen",
                    "--no-dev",
                    "--quiet",
                    "--python",
                    sys.executable,
                ],
                cwd=ROOT,
                env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}
                | {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"},
                check=True,
            )
            made.write("made")
    return folder / "bin/python"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return place.getsockname()[1]


@contextmanager
def process(*command: str | Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield started
    finally:
        started.terminate()
        with suppress(subprocess.TimeoutExpired):
            started.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(started.pid, 9)
        started.wait()


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database on the system's PostgreSQL, not the embedded one."""
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql), so it was not tried")
    account = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="ratecard-postgres-"))
    if account:
        shutil.chown(folder, **account)
    port = free_port()
    options = "--auth=trust --username=ratecard --no-sync --encoding=UTF8 --locale=C"
    subprocess.run(
        [POSTGRES, *options.split(), folder / "data"],
        **account, cwd=folder, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    server = ["-D", folder / "data", "-p", str(port), "-k", folder, "-c", "fsync=off"]
    address = f"postgresql://ratecard@127.0.0.1:{port}/postgres"
    with process(Path(POSTGRES).with_name("postgres"), *server, **account, cwd=folder,
                 stderr=subprocess.DEVNULL):  # fmt: skip
        wait_until(lambda: answers(port))
        yield address
    shutil.rmtree(folder)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    if not REDIS:
        pytest.skip("Redis is not installed (Debian: redis-server), so it was not tried")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with process(REDIS, *options, stdout=subprocess.DEVNULL):
        wait_until(lambda: answers(port))
        yield f"redis://127.0.0.1:{port}/0"


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_every_module_and_broker_is_imported_without_development_tools(
    production: Path, tmp_path: Path
) -> None:
    variables = {**os.environ, "RATECARD_HOME": str(tmp_path), "PYTHONTZPATH": ""}
    subprocess.run([production, "-c", IMPORTS], cwd=ROOT, env=variables, check=True)


def test_web_worker_and_beat_run_on_postgresql_and_redis(
    production: Path, postgres: str, redis: str, tmp_path: Path
) -> None:
    port = free_port()
    variables = {
        "PATH": os.environ["PATH"],
        "RATECARD_ENV_FILE": os.devnull,
        "RATECARD_HOME": str(tmp_path),
        "DATABASE_URL": postgres,
        "CELERY_BROKER_URL": redis,
        "RATECARD_SOURCES": "models-dev",
        "WEB_CONCURRENCY": "1",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    def python(*words: str) -> None:
        subprocess.run([production, *words], cwd=ROOT, env=variables, check=True)

    def part(name: str):
        return process(production, "manage.py", "run", "--only", name, cwd=ROOT, env=variables)

    def refreshed() -> bool:
        with psycopg.connect(postgres) as connection:
            return connection.execute("SELECT count(*) > 0 FROM catalog_endpoint").fetchone()[0]

    with serve() as mirror:
        mirror.pages["/api.json"] = Page(MIRRORED.read_bytes())
        variables["RATECARD_SOURCE_MODELS_DEV_URL"] = f"{mirror.address}/api.json"
        python("manage.py", "migrate", "--verbosity", "0")
        python("-c", YESTERDAY)
        with part("worker"), part("beat"):
            wait_until(refreshed)
            python("manage.py", "run", "--prepare-only")
            with part("web"), Visitor(f"http://127.0.0.1:{port}") as visitor:
                wait_until(lambda: visitor.status("/readyz") == 200)
                result = visitor.wait_for_result(visitor.start_log(rows=3))
    assert result["rows"] == 3
    assert result["as_run"]["amounts"] == {"USD": "4.62"}
