"""The same pages out of a catalog of ten times the models, endpoints and rates."""

from collections.abc import Iterator, Mapping

from django.db import connection
from django.db.backends.utils import CursorWrapper

from bench.pages import LIST, MODEL, OURS
from bench.place import serving
from bench.report import Line, grown
from bench.traffic import median_ms

COPIES = 9
APART = 1_000_000


def measure() -> Iterator[Line]:
    before = _medians()
    _multiply()
    after = _medians()
    for what, small in before.items():
        yield grown(f"growth: {what} with ten times the endpoints", small, after[what], 1.3)


def _medians() -> dict[str, float]:
    """The best of several medians: what else the machine does must not look like growth."""
    with serving(*OURS, path="/readyz") as port:
        return {
            "the model list": min(median_ms(port, LIST) for _ in range(6)),
            "openai/o4-mini": min(median_ms(port, MODEL) for _ in range(6)),
        }


def _multiply() -> None:
    """Nine more of every model, with its endpoints, rates and lowest rates, under other names."""
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
        _copy(cursor, "pricing_lowestrate", ("id", "model_id", "endpoint_id"), {})
        cursor.execute("VACUUM ANALYZE")


def _copy(
    cursor: CursorWrapper, table: str, moved: tuple[str, ...], changed: Mapping[str, str]
) -> None:
    """Copy a table's rows:

    the ids of each copy lie a million further on, and some columns are changed.
    """
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    values = {
        name: f't."{name}" + n * {APART}' if name in moved else f't."{name}"' for name in columns
    }
    values |= changed
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(values)}) OVERRIDING SYSTEM VALUE"
        f" SELECT {', '.join(values.values())} FROM {table} t, generate_series(1, {COPIES}) n"
    )
