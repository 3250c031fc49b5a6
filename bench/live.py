"""What the live columns of a list of 50 models cost, and a renewal of them on an open page."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median

from django.db import connection

from bench.place import serving_ours, serving_ours_and_floor
from bench.report import ReportLine, at_most
from bench.traffic import record, times_anew, times_not_modified
from telemetry.live import renew_live_rows
from telemetry.models import CallOrigin, Measured
from web.reads.live import METRICS
from web.reads.live_rows import live_of
from web.templatetags.live import live

LIST = "/"
ROWS = 50
COLUMNS_LIMIT = 0.2
ANEW_LIMIT = 6
# A statement and a digest of what it finds, where the floor has one that finds nothing.
RENEWAL_LIMIT = 3
_LISTED = """
SELECT headline.endpoint_id FROM pricing_headline headline
WHERE headline.folded = '' AND headline.endpoint_id IS NOT NULL ORDER BY headline.top LIMIT %s
"""


def measure(home: Path) -> Iterator[ReportLine]:
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, [ROWS])
        endpoints = [endpoint for (endpoint,) in cursor.fetchall()]
    _fill(endpoints)
    renewal = f"/live/?e={','.join(map(str, endpoints))}"
    with serving_ours() as port:
        record(port, home, [LIST, renewal])
    with serving_ours_and_floor() as (ours, floor):
        times = times_anew(ours, floor, [LIST])
        what = "anew: the model list with live columns"
        yield at_most(what, times.ours, times.floor, ANEW_LIMIT, name="floor")
        unchanged = times_not_modified(ours, floor, renewal)
    what = f"live columns of {len(endpoints)} rows, read and drawn"
    columns = _milliseconds(lambda: _columns(endpoints))
    yield at_most(what, columns, times.ours, COLUMNS_LIMIT, name="the list")
    what = f"304: a renewal of {len(endpoints)} rows"
    yield at_most(what, unchanged.ours, unchanged.floor, RENEWAL_LIMIT, name="floor")


def _fill(endpoints: Sequence[int]) -> None:
    """Figures of own traffic for each endpoint, with trends, as tables show them."""
    now = datetime.now(UTC)
    Measured.objects.all().delete()
    Measured.objects.bulk_create(
        Measured(
            endpoint_id=endpoint,
            origin=CallOrigin.TRAFFIC,
            newest_at=now,
            refused=0,
            trend={
                metric: [0.5 + (n * hour) % 23 / 10 for hour in range(24)] for metric in METRICS
            },
            latency=Decimal(200 + n) / 1000,
            throughput=Decimal(300 + n) / 10,
            uptime=Decimal(9000 + 7 * n) / 10_000,
            **{f"{metric}_samples": 1000 + n for metric in METRICS},
            latency_p95=2.5,
            throughput_p95=150,
        )
        for n, endpoint in enumerate(endpoints)
    )
    renew_live_rows(now)


def _columns(endpoints: Sequence[int]) -> None:
    """What the columns take after each renewal: no figure is kept over it.

    Its words are, where it came before with the same three digits, and the path of a trend.
    """
    figures = live_of(endpoints)
    for endpoint, by_metric in figures.items():
        for metric in METRICS:
            live.__wrapped__(metric, by_metric[metric], endpoint)


def _milliseconds(work: Callable[[], None]) -> float:
    """The median of CPU time, PostgreSQL's aside: it reads by primary key."""
    times = []
    for _ in range(100):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return median(times) * 1000
