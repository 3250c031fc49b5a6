"""The newest changes of one model, for its page."""

from dataclasses import dataclass, replace
from datetime import date

from web.format.figures import partial_date
from web.params.changes import CORRECTION, ChangesQuery
from web.reads.changes import changed_rates, changes_of_models, recorded_changes
from web.reads.site import site
from web.tables.changes import ChangeRow, Details, change_rows

MOST = 5


@dataclass(frozen=True, slots=True)
class ModelChanges:
    """The newest rows of all `total` changes, corrections apart, which `query` leads to."""

    rows: tuple[ChangeRow, ...]
    total: int
    query: str


def model_changes(slug: str, today: date) -> ModelChanges:
    entries = [entry for entry in changes_of_models().get(slug, ()) if entry.kind != CORRECTION]
    newest = entries[:MOST]
    recorded = {entry for entry in newest if entry.is_recorded}
    details = Details(
        rates=changed_rates([id_ for e in newest if e not in recorded for id_ in e.ids]),
        recorded=recorded_changes([id_ for e in newest if e in recorded for id_ in e.ids]),
        headlines={},
        capabilities=site().capabilities,
    )
    rows = []
    for entry in newest:
        coming = entry.day > today.isoformat()
        for row in change_rows([entry], details, coming=coming, apart=True):
            rows.append(replace(row, day=partial_date(entry.day)))
    return ModelChanges(tuple(rows), len(entries), ChangesQuery(model=slug).query())
