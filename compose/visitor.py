"""A visitor of a running site over plain HTTP: pages, and a usage log from upload to result."""

import re
import time
from collections.abc import Iterator
from typing import Any, Self

import httpx

FORM = "/estimate/usage/"
HEADER = "timestamp,model,provider,input_tokens,output_tokens\n"
# At the listed prices of OpenAI, $1.10 and $4.40 per million: $1.54.
ROW = "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000\n"
COLUMNS = {
    "column-at": "timestamp",
    "column-model": "model",
    "column-provider": "provider",
    "column-input": "input_tokens",
    "column-output": "output_tokens",
}
SLOW_PARTS = 20
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class SlowBody(httpx.SyncByteStream):
    def __init__(self, body: bytes, seconds: float) -> None:
        self._body, self._seconds = body, seconds

    def __iter__(self) -> Iterator[bytes]:
        size = len(self._body) // SLOW_PARTS + 1
        for start in range(0, len(self._body), size):
            time.sleep(self._seconds / SLOW_PARTS)
            yield self._body[start : start + size]


def next_address(answer: httpx.Response) -> str:
    assert answer.is_redirect, f"{answer.url}: {answer.status_code}\n{answer.text[:500]}"
    address: str = answer.headers["Location"]
    return address


class Visitor:
    """One browser: cookies, and the token that a form requires."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.http.close()

    def status(self, path: str) -> int:
        """The status of a page; 0 without an answer."""
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0

    def send(
        self, path: str, fields: dict[str, str], log: str | None = None, *, seconds: float = 0
    ) -> httpx.Response:
        """Send a form as its page would, its body in parts over some seconds."""
        form = self.http.get(path).raise_for_status()
        token = TOKEN.search(form.text)
        assert token, f"{path} has no form"
        request = self.http.build_request(
            "POST",
            path,
            data={"csrfmiddlewaretoken": token[1], **fields},
            files={"log": ("log.csv", log.encode())} if log is not None else None,
            headers={"Referer": str(self.http.base_url)},
        )
        if seconds:
            request.stream = SlowBody(request.read(), seconds)
        return self.http.send(request)

    def start_log(self, rows: int, *, seconds: float = 0) -> str:
        """Upload a usage log and start its pricing; the address of its page."""
        uploaded = self.send(FORM, {}, HEADER + ROW * rows, seconds=seconds)
        return next_address(self.send(next_address(uploaded), COLUMNS))

    def result(self, address: str) -> dict[str, Any] | None:
        """The result of a priced log; None while it is at work."""
        answer = self.http.get(f"{address}result.json")
        return answer.json() if answer.is_success else None

    def wait_for_result(self, address: str, seconds: float = 60) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (result := self.result(address)) is None:
            assert time.monotonic() < deadline, f"{address} has no result after {seconds:g} seconds"
            time.sleep(0.1)
        return result
