"""The audit of the dependencies, against a stand-in for the service of OSV's advisories."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ADVISORY = {
    "id": "GHSA-xxxx-made-up00",
    "modified": "2026-11-01T00:00:00Z",
    "published": "2026-11-01T00:00:00Z",
    "summary": "Every page is a cat",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
        }
    ],
}


@contextmanager
def advisories(*vulnerable: str) -> Iterator[str]:
    """The address of a service that has an advisory on the named packages."""

    class Advisories(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            names = [query["package"]["name"] for query in body["queries"]]
            entry = {"vulns": [{"id": ADVISORY["id"], "modified": ADVISORY["modified"]}]}
            self.answer({"results": [entry if name in vulnerable else {} for name in names]})

        def do_GET(self) -> None:
            self.answer(ADVISORY)

        def answer(self, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Advisories)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def audit(service: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "AUDIT_SERVICE": service}
    command = [str(ROOT / ".ci/audit")]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)


def test_dependencies_without_an_advisory_pass() -> None:
    with advisories() as service:
        done = audit(service)
    assert done.returncode == 0
    assert "no known vulnerabilities" in done.stdout


def test_a_dependency_with_an_advisory_fails_the_check() -> None:
    with advisories("django") as service:
        done = audit(service)
    assert done.returncode == 1
    assert "GHSA-xxxx-made-up00" in done.stdout


def test_a_service_that_cannot_be_reached_is_named() -> None:
    done = audit("http://127.0.0.1:9/")
    assert done.returncode == 0
    assert done.stdout.startswith("SKIPPED: the dependencies were not audited")
    assert "http://127.0.0.1:9/" in done.stdout


def test_any_other_failure_is_no_pass() -> None:
    assert audit("no address").returncode == 2
