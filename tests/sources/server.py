"""An HTTP server on 127.0.0.1 that gives the pages that a test puts there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """`pause` is the time in seconds before each byte of the body, `then` what comes next time."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0
    then: "Page | None" = None


@dataclass
class Server:
    """`answered` holds path and status of every request so far, `keys` its Authorization."""

    address: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    answered: list[tuple[str, int]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


def _is_known(headers: Message, page: Page) -> bool:
    """Whether a request has the page's validator: its ETag, or else its Last-Modified."""
    etag, modified = map(page.headers.get, ("ETag", "Last-Modified"))
    if etag:
        return headers["If-None-Match"] == etag
    return modified is not None and headers["If-Modified-Since"] == modified


@contextmanager
def serve() -> Iterator[Server]:
    state = Server()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = state.pages.get(self.path, Page(b"", 404))
            status = 304 if _is_known(self.headers, page) else page.status
            if page.then:
                state.pages[self.path] = page.then
            state.answered.append((self.path, status))
            state.keys.append(self.headers["Authorization"])
            self.send_response_only(status)
            if "Date" not in page.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if status != 304:
                self.write(page)

        def write(self, page: Page) -> None:
            size = 1 if page.pause else len(page.body)
            with suppress(OSError):  # the client has gone
                for start in range(0, len(page.body), size or 1):
                    if ended.wait(page.pause):
                        break
                    self.wfile.write(page.body[start : start + size])

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


# What models.dev states of one endpoint.
CATALOG: dict[str, Any] = {
    "openai": {
        "id": "openai",
        "name": "OpenAI",
        "env": ["OPENAI_API_KEY"],
        "doc": "https://platform.openai.com/docs/models",
        "models": {
            "o4-mini": {
                "id": "o4-mini",
                "name": "o4-mini",
                "attachment": True,
                "reasoning": True,
                "tool_call": True,
                "release_date": "2025-04-16",
                "last_updated": "2025-04-16",
                "modalities": {"input": ["text"], "output": ["text"]},
                "open_weights": False,
                "limit": {"context": 200000, "output": 100000},
                "cost": {"input": 1.1, "output": 4.4},
            }
        },
    }
}
