"""Is there a catalog to show?"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether there is a catalog to show; `problem` is a sentence when there is not."""

    problem: str = ""
    newest: datetime | None = None
    models: int = 0
    endpoints: int = 0
    rates: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"ready": not self.problem, **asdict(self)}


def readiness(cursor: CursorWrapper) -> Readiness:
    """Read over the given connection. Raises django.db.Error when the database cannot answer."""
    cursor.execute(
        "SELECT (SELECT max(as_of) FROM catalog_source), (SELECT count(*) FROM catalog_model),"
        " (SELECT count(*) FROM catalog_endpoint), (SELECT count(*) FROM pricing_rate WHERE NOT held)"
    )
    newest, models, endpoints, rates = cursor.fetchone() or (None, 0, 0, 0)
    empty = [
        name
        for name, n in (("models", models), ("endpoints", endpoints), ("rates", rates))
        if not n
    ]
    problem = (
        f"There are no {' and no '.join(empty)} yet: run manage.py load_snapshot." if empty else ""
    )
    return Readiness(problem, newest, models, endpoints, rates)
