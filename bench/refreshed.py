"""Refreshes of models.dev, run by `bench.refresh` in a process with Django's models."""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from unittest.mock import patch

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Source
from sources.base import Answer, Listing, Parsed
from sources.bundle.snapshot import BUNDLED, dump, load
from sources.models import Refresh, RefreshState
from sources.reconcile import reconcile
from sources.refresh import refresh
from sources.upstreams.models_dev.read import ModelsDev

# The rows that a change of every listing writes, by table.
_ENDPOINTS = "SELECT endpoint_id FROM catalog_endpointclaims WHERE source_id = %(source)s"
WRITTEN = {
    "catalog_endpointclaims": "source_id = %(source)s",
    "catalog_endpoint": f"id IN ({_ENDPOINTS})",
    "pricing_rate": f"endpoint_id IN ({_ENDPOINTS}) AND valid_to IS NULL",
}
_COLUMNS = """
    SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'
"""


class RecordedModelsDev(ModelsDev):
    """models.dev as the snapshot holds it: the answer is a snapshot of it alone."""

    def parse(self, answer: Answer) -> Parsed:
        (parsed,) = load(answer.body)
        return parsed


def recorded() -> Parsed:
    (parsed,) = (one for one in load(BUNDLED.read_bytes()) if one.source == ModelsDev.slug)
    return parsed


def main() -> None:
    """Print the seconds of COPY, of a refresh that changes everything, and of an unchanged one."""
    parsed = recorded()
    copied = statistics.median(_copy_seconds() for _ in range(3))
    changed = min(_changed_seconds(parsed, step) for step in (1, 2))
    unchanged = statistics.median(_unchanged_seconds(parsed))
    print(json.dumps([len(parsed.listings), copied, changed, unchanged]))


def change_when_told() -> None:
    """Change everything once for each line of the standard input."""
    parsed = recorded()
    print("ready", flush=True)
    for step, _ in enumerate(sys.stdin, 3):
        print(_changed_seconds(parsed, step), flush=True)


def _changed_seconds(parsed: Parsed, step: int) -> float:
    now = timezone.now()
    listings = tuple(changed(listing, step) for listing in parsed.listings)
    record = Refresh.objects.create(source=Source.objects.get(slug=parsed.source), started_at=now)
    began = time.monotonic()
    answer = replace(parsed, as_of=now, listings=listings)
    counts = reconcile([answer], now=now, refresh_id=record.id)
    seconds = time.monotonic() - began
    assert counts["claims changed"] == len(listings)
    return seconds


def changed(listing: Listing, step: int) -> Listing:
    """Each price by so many percent, and the context window by so many tokens."""
    factor = 1 + Decimal(step) / 100
    rates = [replace(r, amount=r.amount * factor) if r.amount else r for r in listing.rates]
    facts = {**listing.facts, "context_window": listing.facts.get("context_window", 0) + step}
    return replace(listing, facts=facts, rates=tuple(rates))


def _copy_seconds() -> float:
    source = Source.objects.get(slug=ModelsDev.slug)
    seconds = 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        for table, condition in WRITTEN.items():
            cursor.execute(_COLUMNS, [table])
            ((columns,),) = cursor.fetchall()
            query = f"COPY (SELECT {columns} FROM {table} WHERE {condition}) TO STDOUT"
            with cursor.copy(query % {"source": source.id}) as rows_out:
                rows = b"".join(rows_out)
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
            began = time.monotonic()
            with cursor.copy(f"COPY bench_{table} ({columns}) FROM STDIN") as rows_in:
                rows_in.write(rows)
            seconds += time.monotonic() - began
        transaction.set_rollback(True)
    return seconds


def _unchanged_seconds(parsed: Parsed) -> Sequence[float]:
    """Through the network and the record of the run; the first one, which reads, is left out."""
    now = timezone.now() + timedelta(seconds=1)
    listings = tuple(changed(listing, 2) for listing in parsed.listings)
    seconds = []
    with ModelsDevMirror() as mirror:
        mirror.body = dump([replace(parsed, as_of=now, listings=listings)], built_at=now)
        for _ in range(6):
            began = time.monotonic()
            refresh(RecordedModelsDev(), now=timezone.now())
            seconds.append(time.monotonic() - began)
    states = Refresh.objects.values_list("state", flat=True)[:5]
    assert {*states} == {RefreshState.UNCHANGED}
    return seconds[1:]


class ModelsDevMirror:
    """An HTTP server with one page, `body`, at the address that models.dev is fetched from.

    It states no date: simulated hours are no error of a clock.
    """

    body = b""

    def __enter__(self) -> Self:
        mirror = self

        class OnePage(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tag = f'"{sha256(mirror.body).hexdigest()}"'
                is_known = self.headers["If-None-Match"] == tag
                self.send_response_only(304 if is_known else 200)
                self.send_header("ETag", tag)
                self.end_headers()
                if not is_known:
                    self.wfile.write(mirror.body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), OnePage)
        Thread(target=self._server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{self._server.server_port}/"
        self._setting = patch.dict(os.environ, {"RATECARD_SOURCE_MODELS_DEV_URL": address})
        self._setting.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._setting.stop()
        self._server.shutdown()
        self._server.server_close()
