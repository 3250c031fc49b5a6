"""The lifecycle stage of models and endpoints on a day: in Python and as SQL. Pure."""

from datetime import date

from catalog.vocabulary import Vocabulary


class Lifecycle(Vocabulary):
    ANNOUNCED = "announced"
    PREVIEW = "preview"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


def stage_on(today: date, lifecycle: str, deprecated_on: str, retired_on: str) -> str:
    """The stage on a day; a date that has passed outweighs the stated stage.

    Partial ISO dates count from their first day.
    """
    if retired_on and retired_on <= today.isoformat():
        return Lifecycle.RETIRED
    if deprecated_on and deprecated_on <= today.isoformat() and lifecycle != Lifecycle.RETIRED:
        return Lifecycle.DEPRECATED
    return lifecycle


def stage_sql(table: str) -> str:
    return f"""
        CASE WHEN {table}.retired_on <> '' AND {table}.retired_on <= %(today)s THEN 'retired'
             WHEN {table}.deprecated_on <> '' AND {table}.deprecated_on <= %(today)s
                  AND {table}.lifecycle <> 'retired' THEN 'deprecated'
             ELSE {table}.lifecycle END"""


def in_use_sql(table: str, today: str = "%(today)s") -> str:
    return f"""({table}.missing_since IS NULL AND {table}.lifecycle <> 'retired'
        AND ({table}.retired_on = '' OR {table}.retired_on > {today}))"""
