"""The version of what pages read: another one with every commit that wrote any of it.

Statement triggers (`note_writes`) note each writing transaction once, as a row of `written`, which
becomes visible with the very commit that it counts. A version is the count of a topic's rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar, cast

from django.db import connection, migrations, transaction

Read = TypeVar("Read")


@lru_cache
def _statement(topics: tuple[str, ...]) -> str:
    literals = ", ".join("'" + topic.replace("'", "''") + "'" for topic in topics)
    return f"""
        SELECT CASE WHEN bool_or(id = pg_current_xact_id_if_assigned()) THEN ''
                    ELSE concat_ws('.', coalesce(sum(n), 0), max(id)) END
        FROM written WHERE topic IN ({literals})"""  # noqa: S608 - quoted above


_held: ContextVar[dict[tuple[str, ...], str] | None] = ContextVar("held_versions", default=None)
_results: ContextVar[dict[object, Any] | None] = ContextVar("held_results", default=None)


def catalog_version(*topics: str) -> str:
    """The version of these topics, by default `catalog`; read it before what is kept under it.

    Data read later is never older, and a version never recurs. In a transaction that has itself
    written one of the topics it is "", so that nothing is kept: its later writes would not change
    it.
    """
    topics = topics or ("catalog",)
    held = _held.get()
    if held is not None and topics in held:
        return held[topics]
    with connection.cursor() as cursor:
        cursor.execute(_statement(topics))
        (version,) = cursor.fetchone() or ("",)
    if held is not None:
        held[topics] = version
    return str(version)


@contextmanager
def one_version() -> Iterator[None]:
    """Read each version once within the block, which must not write any of its topics."""
    held, results = _held.set({}), _results.set({})
    try:
        yield
    finally:
        _held.reset(held)
        _results.reset(results)


def read_once(read: Callable[[], Read]) -> Read:
    """The result of `read`, which is called once within a block of one version."""
    results = _results.get()
    if results is None:
        return read()
    if read not in results:
        results[read] = read()
    return cast(Read, results[read])


# Each topic's newest row stays and takes the sum: neither count nor largest id changes. One
# statement, because a row that becomes visible between two would be deleted uncounted.
_FOLD = """
WITH newest AS (
    SELECT topic, max(id) AS id FROM written GROUP BY topic
), gone AS (
    DELETE FROM written USING newest
    WHERE written.topic = newest.topic AND written.id < newest.id
    RETURNING written.topic, newest.id, written.n
), folded AS (
    SELECT topic, id, sum(n) AS n FROM gone GROUP BY topic, id
)
UPDATE written SET n = written.n + folded.n FROM folded
WHERE written.topic = folded.topic AND written.id = folded.id
"""


def fold_written() -> None:
    """Fold the rows of `written` into one a topic; versions stay, and no writer or reader waits."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE written IN SHARE UPDATE EXCLUSIVE MODE")  # one fold at a time
        cursor.execute(_FOLD)


# Around a restore, whose rows no trigger notes and whose dump brings versions of another time: each
# sum passes the one before, and the id is new, so that no version recurs.
BEFORE_RESTORE = """
CREATE TEMPORARY TABLE sums_before (topic text, n bigint) ON COMMIT DROP;
DO $$
BEGIN
    IF to_regclass('{schema}.written') IS NOT NULL THEN
        INSERT INTO sums_before SELECT topic, sum(n) FROM {schema}.written GROUP BY topic;
    END IF;
END
$$;
"""
AFTER_RESTORE = """
DO $$
BEGIN
    IF to_regclass('{schema}.written') IS NOT NULL THEN
        INSERT INTO {schema}.written AS known (topic, id, n)
        SELECT topic, pg_current_xact_id(), 1 + coalesce(known_before.n, 0)
        FROM (
            SELECT topic FROM {schema}.written UNION SELECT topic FROM pg_temp.sums_before
            UNION SELECT 'catalog'
        ) AS topics LEFT JOIN pg_temp.sums_before AS known_before USING (topic)
        ON CONFLICT (topic, id) DO UPDATE SET n = known.n + excluded.n;
    END IF;
END
$$;
"""


def note_writes(table: str, topic: str = "catalog") -> migrations.RunSQL:
    """A migration's operation: from now on writes to a table change its topic's version.

    Statements that touch no row change nothing. TRUNCATE, COPY and raw SQL count like the ORM.
    """
    events = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
    create = [
        f"CREATE TRIGGER note_{event} AFTER {event} ON {table} "
        f"REFERENCING {rows} TABLE AS touched "
        f"FOR EACH STATEMENT EXECUTE FUNCTION note_written('{topic}')"
        for event, rows in events.items()
    ]
    create.append(
        f"CREATE TRIGGER note_truncate AFTER TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION note_written('{topic}')"
    )
    drop = [f"DROP TRIGGER note_{event} ON {table}" for event in (*events, "truncate")]
    return migrations.RunSQL(tuple(create), tuple(drop))
