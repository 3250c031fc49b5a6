"""An HTTP server that answers as a test has it, at every address."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Reply:
    """`pause` is the time in seconds before each byte of the body."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    pause: float = 0


@dataclass
class Engine:
    """`reply` answers by the path and the parameters; `keys` are the Authorization headers."""

    reply: Callable[[str, dict[str, str]], Reply]
    address: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


def vector(*elements: dict[str, Any]) -> Reply:
    data = {"resultType": "vector", "result": list(elements)}
    return Reply(json.dumps({"status": "success", "data": data}).encode())


@contextmanager
def serve_engine(reply: Callable[[str, dict[str, str]], Reply]) -> Iterator[Engine]:
    engine = Engine(reply)
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            engine.asked.append((parts.path, parameters))
            engine.keys.append(self.headers["Authorization"])
            answer = engine.reply(parts.path, parameters)
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            size = 1 if answer.pause else len(answer.body)
            with suppress(OSError):  # the client has gone
                for start in range(0, len(answer.body), size or 1):
                    if ended.wait(answer.pause):
                        break
                    self.wfile.write(answer.body[start : start + size])

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    engine.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield engine
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
