"""Readiness: whether the database holds a catalog."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class Readiness:
    """`newest` is the date of the newest source; `problem` a sentence, "" if there is none."""

    problem: str = ""
    newest: datetime | None = None
    models: int = 0
    endpoints: int = 0
    rates: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"ready": not self.problem, **asdict(self)}


_COUNTS = """
SELECT (SELECT max(as_of) FROM catalog_source), (SELECT count(*) FROM catalog_model),
       (SELECT count(*) FROM catalog_endpoint),
       (SELECT count(*) FROM pricing_rate WHERE NOT held)
"""


def readiness(cursor: CursorWrapper) -> Readiness:
    """Read over the given connection. Raises django.db.Error when the database does not answer."""
    cursor.execute(_COUNTS)
    newest, models, endpoints, rates = cursor.fetchone() or (None, 0, 0, 0)
    counts = {"models": models, "endpoints": endpoints, "rates": rates}
    empty = " and no ".join(name for name, count in counts.items() if not count)
    problem = f"There are no {empty} yet: run manage.py load_snapshot." if empty else ""
    return Readiness(problem, newest, models, endpoints, rates)
