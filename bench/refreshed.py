"""Refreshes of models.dev, run by `bench.refresh` in a process with Django's models."""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
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


def main() -> None:
    """Print the seconds of COPY, of a refresh that changes everything, and of an unchanged one."""
    (parsed,) = (one for one in load(BUNDLED.read_bytes()) if one.source == ModelsDev.slug)
    copied = statistics.median(_copy_seconds() for _ in range(3))
    changed = min(_changed_seconds(parsed, step) for step in (1, 2))
    unchanged = statistics.median(_unchanged_seconds(parsed))
    print(json.dumps([len(parsed.listings), copied, changed, unchanged]))


def _changed_seconds(parsed: Parsed, step: int) -> float:
    now = timezone.now()
    listings = tuple(_changed(listing, step) for listing in parsed.listings)
    began = time.monotonic()
    reconcile([replace(parsed, as_of=now, listings=listings)], now=now)
    return time.monotonic() - began


def _changed(listing: Listing, step: int) -> Listing:
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
    listings = tuple(_changed(listing, 2) for listing in parsed.listings)
    body = dump([replace(parsed, as_of=now, listings=listings)], built_at=now)
    seconds = []
    with _serve(body) as address:
        mirror = {"RATECARD_SOURCE_MODELS_DEV_URL": address}
        with patch.dict(os.environ, mirror):
            for _ in range(6):
                began = time.monotonic()
                refresh(RecordedModelsDev(), now=timezone.now())
                seconds.append(time.monotonic() - began)
    states = Refresh.objects.values_list("state", flat=True)[:5]
    assert {*states} == {RefreshState.UNCHANGED}
    return seconds[1:]


@contextmanager
def _serve(body: bytes) -> Iterator[str]:
    class OnePage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.headers["If-None-Match"] == '"1"'
            self.send_response(304 if is_known else 200)
            self.send_header("ETag", '"1"')
            self.end_headers()
            if not is_known:
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), OnePage)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
