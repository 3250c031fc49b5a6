"""An API of each shape whose first token and rate the model's name sets: `0.05-2000-400` has its
first token after 0.05 s, then 2,000 a second, 400 in all.

Run as a program: prints its port, then for each answer the seconds to its first token and its
tokens a second, by its own clock.
"""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def _event(fields: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


def _chat(tokens: int) -> Iterator[bytes]:
    """The opening, then a chunk for each token, and the end."""
    yield _event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
    for number in range(tokens):
        yield _event({"choices": [{"delta": {"content": f"{number} "}}]})
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": tokens + 9}
    stop = {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage}
    yield _event(stop) + b"data: [DONE]\n\n"


def _messages(tokens: int) -> Iterator[bytes]:
    yield _event({"type": "message_start", "message": {"usage": {"input_tokens": 9}}})
    for number in range(tokens):
        delta = {"type": "text_delta", "text": f"{number} "}
        yield _event({"type": "content_block_delta", "delta": delta})
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}
    yield _event({**end, "usage": {"output_tokens": tokens}}) + _event({"type": "message_stop"})


def _generated(tokens: int) -> Iterator[bytes]:
    yield b": a comment\n\n"
    for number in range(tokens):
        content = {"parts": [{"text": f"{number} "}]}
        yield _event({"candidates": [{"content": content}]})
    usage = {"promptTokenCount": 9, "candidatesTokenCount": tokens, "totalTokenCount": tokens + 9}
    yield _event({"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage})


class ModelServer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        began = time.monotonic()
        google = "models/" in self.path
        name = self.path.split("models/")[1].split(":")[0] if google else body["model"]
        first, rate, tokens = name.split("-")
        chunks = _generated if google else _messages if "messages" in self.path else _chat
        self.send_response_only(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        opening, *pieces, end = chunks(int(tokens))
        self._write(opening)
        stamps = []
        for number, piece in enumerate(pieces):
            due = began + float(first) + number / int(rate)
            time.sleep(max(due - time.monotonic(), 0))
            stamps.append(time.monotonic())
            self._write(piece)
        self._write(end)
        answered = (len(stamps) - 1) / (stamps[-1] - stamps[0])
        print(stamps[0] - began, answered, flush=True)

    def _write(self, chunk: bytes) -> None:
        self.wfile.write(chunk)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    # Of 50 connections that come at once, the usual backlog of 5 refuses some.
    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelServer)
    print(server.server_port, flush=True)
    server.serve_forever()
