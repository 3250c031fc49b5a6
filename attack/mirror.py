"""A mirror of models.dev on this machine; every answer has another price at one endpoint."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

from django.apps import apps


@dataclass
class Mirror:
    """`served` are the prices that its answers had, in their order: an answer may be lost."""

    port: int
    provider: str = ""
    upstream_id: str = ""
    catalog: dict[str, Any] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)

    def answer(self) -> bytes:
        """The catalog as it is here, with the next price in USD per million input tokens."""
        price = f"1.{len(self.served) + 1:03}"  # a price 50 times the usual would be held
        self.catalog[self.provider]["models"][self.upstream_id]["cost"]["input"] = float(price)
        self.served.append(price)
        return json.dumps(self.catalog).encode()

    def read_catalog(self) -> None:
        """Take over what the instance's catalog has of models.dev, as models.dev states it."""
        rates = apps.get_model("pricing", "Rate").objects.filter(
            source__slug="models-dev",
            state="priced",
            meter__in=("input", "output"),
            valid_to=None,
        )
        columns = ("endpoint__provider__slug", "endpoint__upstream_id", "meter", "amount")
        for provider, upstream_id, meter, amount in rates.values_list(*columns):
            models = self.catalog.setdefault(provider, {"models": {}})["models"]
            model = models.setdefault(upstream_id, {"name": upstream_id, "cost": {}})
            model["cost"][meter] = float(amount)
            self.provider, self.upstream_id = provider, upstream_id

    def prices(self) -> list[str]:
        """The prices of its answers that the catalog has taken, from the oldest on."""
        rates = apps.get_model("pricing", "Rate").objects.filter(
            endpoint__provider__slug=self.provider,
            endpoint__upstream_id=self.upstream_id,
            meter="input",
        )
        known = (f"{rate.amount:.3f}" for rate in rates.order_by("valid_from"))
        return [price for price in known if price in self.served]

    def refresh(self, seconds: float) -> float | None:
        """Have a worker refresh the source; seconds until a new price is taken, None if it is not.

        Sent again each 20 seconds: a refresh that meets another one does nothing.
        """
        celery = import_module("config.celery").app  # reads the settings: not before they are set
        known, began, sent = len(self.prices()), time.monotonic(), -20.0
        while (passed := time.monotonic() - began) < seconds:
            if passed - sent >= 20:
                sent = passed
                celery.send_task("sources.tasks.refresh_source", ["models-dev"])
            if len(self.prices()) > known:
                return passed
            time.sleep(1)
        return None


@contextmanager
def mirroring() -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = mirror.answer() if mirror.catalog else b"{}"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        mirror = Mirror(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield mirror
        server.shutdown()
