"""A provider on 127.0.0.1: APIs of three shapes that answer as a test sets them to."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SSE = {"Content-Type": "text/event-stream"}
# Ends the connection in the middle of the answer.
DIES = b"dies"


@dataclass
class ScriptedAnswer:
    """`chunks` are sent each after so many seconds; `hangs` for so many at the end."""

    chunks: Sequence[tuple[float, bytes]] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: SSE)
    hangs: float = 0


@dataclass
class ProviderServer:
    """`answer` is what every request gets; `requests` hold path, headers and body of each.

    `sent_at` are the instants at which the chunks of the last answer were written, `gone` counts
    the callers that left before its end.
    """

    address: str = ""
    answer: ScriptedAnswer = field(default_factory=ScriptedAnswer)
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    began_at: float = 0
    sent_at: list[float] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)


def event(fields: dict[str, Any]) -> bytes:
    name = f"event: {fields['type']}\n" if isinstance(fields.get("type"), str) else ""
    return f"{name}data: {json.dumps(fields)}\n\n".encode()


def chat(
    texts: Sequence[str],
    *,
    first: float = 0,
    between: float = 0,
    usage: dict[str, Any] | None = None,
    thoughts: Sequence[str] = (),
) -> list[tuple[float, bytes]]:
    """A chat completion: a first chunk with the role alone, at once; the usage in the last."""
    deltas = [{"reasoning_content": text} for text in thoughts]
    deltas += [{"content": text} for text in texts]
    chunks = [(0.0, event({"choices": [{"delta": {"role": "assistant", "content": ""}}]}))]
    for place, delta in enumerate(deltas):
        pause = between if place else first
        chunks.append((pause, event({"choices": [{"delta": delta, "finish_reason": None}]})))
    chunks.append((0, event({"choices": [{"delta": {}, "finish_reason": "stop"}]})))
    if usage:
        chunks.append((0, event({"choices": [], "usage": usage})))
    return [*chunks, (0, b"data: [DONE]\n\n")]


def messages(
    texts: Sequence[str], *, first: float = 0, between: float = 0, output: int = 0
) -> list[tuple[float, bytes]]:
    start = {"id": "m", "usage": {"input_tokens": 20, "output_tokens": 1}}
    block = {"type": "text", "text": ""}
    chunks = [
        (0.0, event({"type": "message_start", "message": start})),
        (0, event({"type": "content_block_start", "index": 0, "content_block": block})),
        (0, event({"type": "ping"})),
    ]
    for place, text in enumerate(texts):
        delta = {"type": "text_delta", "text": text}
        fields = {"type": "content_block_delta", "index": 0, "delta": delta}
        chunks.append((between if place else first, event(fields)))
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    if output:
        end["usage"] = {"output_tokens": output}
    return [*chunks, (0, event(end)), (0, event({"type": "message_stop"}))]


def generated(
    texts: Sequence[str], *, first: float = 0, between: float = 0, **usage: int
) -> list[tuple[float, bytes]]:
    chunks = []
    for place, text in enumerate(texts):
        candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}}
        if place == len(texts) - 1:
            candidate["finishReason"] = "STOP"
        fields = {"candidates": [candidate], "usageMetadata": usage}
        chunks.append((between if place else first, event(fields)))
    return chunks


@contextmanager
def serving_provider() -> Iterator[ProviderServer]:
    state = ProviderServer()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.began_at = time.monotonic()
            state.requests.append((self.path, dict(self.headers), json.loads(body)))
            answer, state.sent_at = state.answer, []
            try:
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self._send(answer)
            except OSError:
                state.gone.set()

        def _send(self, answer: ScriptedAnswer) -> None:
            due = time.monotonic()
            for pause, chunk in answer.chunks:
                due += pause
                if ended.wait(max(due - time.monotonic(), 0)):
                    return
                if chunk is DIES:
                    self.connection.close()
                    return
                state.sent_at.append(time.monotonic())
                self.wfile.write(chunk)
                self.wfile.flush()
            ended.wait(answer.hangs)

        def log_message(self, *_: Any) -> None:
            pass

    class Listening(ThreadingHTTPServer):
        daemon_threads = True
        disable_nagle_algorithm = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Listening(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        with suppress(OSError):
            server.server_close()
