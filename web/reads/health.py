"""Readiness: whether the database holds a catalog, and whether beat and worker live."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from catalog.freshness import SourceState, is_overdue
from sources.registry import fetched, upstreams

_AT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class SourceAge:
    """`data_of` is the date of a source's data, `fetched_at` None if only a snapshot was read.

    `failing_since` is the first of the failures after the last success, None without one.
    """

    slug: str
    name: str
    data_of: datetime
    fetched_at: datetime | None
    failing_since: datetime | None

    def warning(self, now: datetime) -> str:
        failing = f", and fails since {self.failing_since:{_AT}}" if self.failing_since else ""
        if self.fetched_at is None:
            of = f"its prices are of {self.data_of:%Y-%m-%d}"
            return f"{self.name} was never fetched{failing}: {of}."
        if is_overdue(self._state, now):
            return f"{self.name} was last fetched with success at {self.fetched_at:{_AT}}{failing}."
        return ""

    @property
    def _state(self) -> SourceState:
        return SourceState(
            self.name,
            self.data_of,
            fetched_at=self.fetched_at,
            failing_since=self.failing_since,
        )


@dataclass(frozen=True, slots=True)
class Readiness:
    """`newest` and `oldest` are the dates of the data that the catalog rests on.

    `problem` is a sentence, "" if there is none.
    Warnings are sentences, too: pages are served in spite of them.
    """

    problem: str = ""
    newest: datetime | None = None
    oldest: datetime | None = None
    models: int = 0
    endpoints: int = 0
    rates: int = 0
    sources: tuple[SourceAge, ...] = ()
    beat_seconds: float | None = None
    worker_seconds: float | None = None
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"ready": not self.problem, **asdict(self)}


# A sign of life is due three times a minute from beat; from a worker every minute, after the tasks
# before it in the queue, and a usage log takes minutes.
OLD_AFTER_SECONDS = {"beat": 120, "worker": 600}

_COUNTS = """
SELECT (SELECT max(as_of) FROM catalog_source WHERE slug = ANY(%(upstreams)s)),
       (SELECT min(as_of) FROM catalog_source WHERE slug = ANY(%(upstreams)s)),
       (SELECT count(*) FROM catalog_model), (SELECT count(*) FROM catalog_endpoint),
       (SELECT count(*) FROM pricing_rate WHERE NOT held)
"""
_SOURCES = """
SELECT slug, name, as_of, fetched_at, failing_since
FROM catalog_source WHERE as_of IS NOT NULL ORDER BY slug
"""
_HEARTBEATS = "SELECT name, extract(epoch FROM now() - at)::float FROM sources_heartbeat"


def readiness(cursor: CursorWrapper) -> Readiness:
    """Read over the given connection. Raises django.db.Error when the database does not answer."""
    cursor.execute(_COUNTS, {"upstreams": [*upstreams()]})
    newest, oldest, models, endpoints, rates = cursor.fetchone() or (None, None, 0, 0, 0)
    counts = {"models": models, "endpoints": endpoints, "rates": rates}
    empty = " and no ".join(name for name, count in counts.items() if not count)
    problem = f"There are no {empty} yet: run manage.py load_snapshot." if empty else ""
    ages = heartbeat_ages(cursor)
    sources = source_ages(cursor)
    warnings = [heartbeat_warning(name, ages.get(name)) for name in OLD_AFTER_SECONDS]
    warnings += [source.warning(timezone.now()) for source in sources]
    return Readiness(
        problem,
        newest,
        oldest,
        models,
        endpoints,
        rates,
        sources=sources,
        beat_seconds=ages.get("beat"),
        worker_seconds=ages.get("worker"),
        warnings=tuple(filter(None, warnings)),
    )


def source_ages(cursor: CursorWrapper) -> tuple[SourceAge, ...]:
    """The sources in use that are fetched, with the age of what they gave."""
    slugs = {source.slug for source in fetched()}
    cursor.execute(_SOURCES)
    return tuple(SourceAge(*row) for row in cursor.fetchall() if row[0] in slugs)


def heartbeat_ages(cursor: CursorWrapper) -> dict[str, float]:
    """Seconds since the last sign of life of beat and worker, by the database's clock."""
    cursor.execute(_HEARTBEATS)
    return {name: round(seconds, 1) for name, seconds in cursor.fetchall()}


def heartbeat_warning(name: str, seconds: float | None) -> str:
    """A sentence on a missing or old sign of life, "" for a fresh one.

    One from the future was left before the clock was set back.
    """
    if seconds is None:
        return f"The {name} process has left no sign of life yet."
    if -OLD_AFTER_SECONDS[name] <= seconds <= OLD_AFTER_SECONDS[name]:
        return ""
    age = f"{seconds:,.0f} seconds ago" if seconds > 0 else "in the future"
    if name == "worker":
        return f"The last sign of life of a worker was {age}: it ended, or its queue is long."
    return f"The last sign of life of beat was {age}: nothing is refreshed until it runs again."
