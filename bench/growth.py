"""The same pages, as multiples of the floor, out of ten times the models, endpoints and rates."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper

from bench.pages import LIST, MODEL
from bench.place import serving_ours, serving_ours_and_floor, vacuum
from bench.report import ReportLine, at_most
from bench.traffic import record, times_anew

PAGES = {"the model list": LIST, "openai/o4-mini": MODEL}
COPIES = 9
ID_STEP = 1_000_000


def measure(home: Path) -> Iterator[ReportLine]:
    before = _times_the_floor(home)
    _multiply()
    after = _times_the_floor(home)
    for what, small in before.items():
        yield at_most(
            f"growth: {what} with ten times the endpoints",
            after[what],
            small,
            1.3,
            name="before",
            unit="× floor",
        )


def _times_the_floor(home: Path) -> dict[str, float]:
    with serving_ours() as port:
        record(port, home, PAGES.values())
    with serving_ours_and_floor() as (ours, floor):
        times = {what: times_anew(ours, floor, [path], 400) for what, path in PAGES.items()}
    return {what: pair.ours / pair.floor for what, pair in times.items()}


def _multiply() -> None:
    with connection.cursor() as cursor:
        # Checking copies of rows that were checked before would take longer than all the rest.
        cursor.execute("ALTER TABLE pricing_rate DROP CONSTRAINT rates_do_not_overlap")
        _copy(cursor, "catalog_model", ("id",), {"slug": "t.slug || '-copy-' || n"})
        _copy(
            cursor,
            "catalog_endpoint",
            ("id", "model_id"),
            {"upstream_id": "t.upstream_id || '-copy-' || n"},
        )
        _copy(cursor, "pricing_rate", ("id", "endpoint_id"), {})
        _copy(cursor, "pricing_pricerow", ("endpoint_id", "model_id"), {})
        _copy(cursor, "pricing_headline", ("model_id", "endpoint_id", "lower_endpoint_id"), {})
    vacuum()


def _copy(
    cursor: CursorWrapper, table: str, ids: tuple[str, ...], changed: Mapping[str, str]
) -> None:
    """Copy a table's rows; the ids of each copy are a million further on, some columns differ."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    values = {
        name: f't."{name}" + n * {ID_STEP}' if name in ids else f't."{name}"' for name in columns
    }
    values |= changed
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(values)}) OVERRIDING SYSTEM VALUE"
        f" SELECT {', '.join(values.values())} FROM {table} t, generate_series(1, {COPIES}) n"
    )
