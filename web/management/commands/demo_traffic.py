"""`manage.py demo_traffic`: made-up calls through the real ingest, so that charts are alive."""

import signal
import time
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone

from telemetry import measured
from telemetry.demo import demo_names, last_demo_call, make_demo_key, remove_demo
from telemetry.demo_spans import DAY, DemoCall, body, calls, demo_endpoints
from telemetry.fold import fold

_AT_ONCE = 512
# Seconds between two requests of the live part, and until what came is counted.
_PAUSE, _COUNTED_EVERY = 5, 60
_PATH = "/v1/traces"
# A server that is busy is asked again so often.
_ATTEMPTS = 5


class Command(BaseCommand):
    help = (
        "Send made-up calls of real endpoints as OpenTelemetry spans: 24 hours of them at once,"
        " then some minutes live. They are marked as demo on every figure."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove all that it ever sent")
        parser.add_argument(
            "--minutes", type=float, default=10, help="of live calls after the past (default 10)"
        )
        parser.add_argument("--url", default="", help="the server, if not the one of this machine")

    def handle(self, *words: Any, **options: Any) -> None:
        if options["remove"]:
            removed = remove_demo(timezone.now())
            self.stdout.write(f"Removed {removed:,} made-up calls, and all figures of them.")
            return
        names = demo_names()
        if not names:
            raise CommandError("The catalog has no endpoints yet: load a snapshot first.")
        key, secret = make_demo_key(timezone.now())
        self._chance = Random()  # noqa: S311 - no secret
        self._sender = Sender(options["url"], secret)
        try:
            self._send(names, options["minutes"])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            # A second Ctrl-C would leave the key.
            usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
            key.delete()
            self._sender.close()
            signal.signal(signal.SIGINT, usual)
        self.stdout.write("Remove all of it with: manage.py demo_traffic --remove")

    def _send(self, names: Sequence[tuple[str, str]], minutes: float) -> None:
        endpoints, now = demo_endpoints(names), time.time()
        last = last_demo_call()
        begin = max(now - DAY, last.timestamp() if last else 0)
        sent = self._replay(list(calls(endpoints, begin, now, self._chance, now=now)))
        self.stdout.write(
            f"Sent {sent:,} made-up calls of {len(names)} endpoints in the last 24 hours"
            f" to {self._sender.where}."
        )
        self._count()
        end, counted = now + minutes * 60, time.time()
        while (before := now) < end:
            time.sleep(_PAUSE)
            now = time.time()
            self._replay(list(calls(endpoints, before, now, self._chance, now=now)))
            if now - counted >= _COUNTED_EVERY:
                self._count()
                counted = now
        self._count()

    def _replay(self, made_up: Sequence[DemoCall]) -> int:
        for first in range(0, len(made_up), _AT_ONCE):
            self._sender.send(body(made_up[first : first + _AT_ONCE], self._chance))
        return len(made_up)

    def _count(self) -> None:
        """What the worker does by itself, at once."""
        fold(timezone.now())
        measured.renew(timezone.now())


class Sender:
    """Sends bodies over HTTP to the server of this machine, or to its view where none runs."""

    def __init__(self, url: str, secret: str) -> None:
        host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # noqa: S104
        self._address = (url or f"http://{host}:{settings.PORT}").rstrip("/") + _PATH
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        if not url:  # as a proxy in front would
            public = urlsplit(settings.PUBLIC_URL)
            self._headers |= {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
        self._client = httpx.Client(timeout=30, trust_env=False)
        self._is_served = bool(url) or self._answers()

    @property
    def where(self) -> str:
        return self._address if self._is_served else "the view itself, since no server runs"

    def close(self) -> None:
        self._client.close()

    def send(self, content: bytes) -> None:
        for attempt in range(_ATTEMPTS):
            status, text = self._post(content)
            if status == 200:
                return
            if status not in (429, 502, 503, 504):
                break
            time.sleep(1 + attempt)
        raise CommandError(f"{self._address} answered {status}: {text[:200].strip()}")

    def _answers(self) -> bool:
        try:
            self._client.post(self._address, content=b"", headers=self._headers)
        except httpx.TransportError:
            return False
        return True

    def _post(self, content: bytes) -> tuple[int, str]:
        if self._is_served:
            try:
                answer = self._client.post(self._address, content=content, headers=self._headers)
            except httpx.TransportError as error:
                raise CommandError(f"{self._address} cannot be reached: {error}.") from error
            return answer.status_code, answer.text
        request = RequestFactory().post(
            _PATH,
            content,
            content_type="application/json",
            headers={"Authorization": self._headers["Authorization"]},
        )
        reply = resolve(_PATH).func(request)
        return reply.status_code, reply.content.decode(errors="replace")
