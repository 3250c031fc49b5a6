"""Usage logs through the site's own forms: upload, start, result."""

import json

from attack.wire import CSRF_SECRET, Reply, form_bytes, get, request_bytes, send

_BOUNDARY = "attack"
# How a file of two columns is read: every row is a request of this instant.
COLUMNS = {"column-model": "model", "column-input": "input", "at": "2026-11-01"}


def upload(port: int, name: str, content: bytes, visitor: str = "") -> Reply:
    """The answer: a redirect to the address of the log, or a page with a sentence."""
    token = _field("csrfmiddlewaretoken", CSRF_SECRET.encode())
    file = _field("log", content, f'; filename="{name}"')
    headers = {
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Cookie": f"csrftoken={CSRF_SECRET}",
        "X-Forwarded-For": visitor,
    }
    body = token + file + f"--{_BOUNDARY}--\r\n".encode()
    return send(port, request_bytes("POST", "/estimate/usage/", headers, body))


def _field(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def start(port: int, address: str, columns: dict[str, str] = COLUMNS) -> Reply:
    """The answer: a redirect once the log is queued, or the page with a sentence."""
    return send(port, form_bytes(address, columns))


def total(port: int, address: str) -> dict[str, str] | None:
    """The amounts by currency of a priced log; None as long as there is no result."""
    reply = get(port, f"{address}result.json")
    if reply.status != 200:
        return None
    amounts: dict[str, str] = json.loads(reply.body)["as_run"]["amounts"]
    return amounts
