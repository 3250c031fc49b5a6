"""The lifecycle stage of models and endpoints on a day: in Python and as SQL. Pure.

*Active* only where a source states it; where a source merely lists it, *listed*. What no source
lists any more is missing, and retired 30 days later.
"""

from datetime import UTC, date, datetime, timedelta

from catalog.vocabulary import Vocabulary


class Lifecycle(Vocabulary):
    ANNOUNCED = "announced"
    PREVIEW = "preview"
    LISTED = "listed"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


# How long what no source lists may be an oversight.
UNLISTED_DAYS = 30


def stage_on(
    today: date,
    lifecycle: str,
    deprecated_on: str,
    ends_on: str,
    missing_since: datetime | None = None,
) -> str:
    """The stage on a day; a date that has passed outweighs the stated stage.

    `ends_on` is an endpoint's `retired_on`, a model's `ends_on`. Partial ISO dates count from their
    first day.
    """
    if ends_on and ends_on <= today.isoformat():
        return Lifecycle.RETIRED
    if missing_since and _retired_unlisted(missing_since) <= today:
        return Lifecycle.RETIRED
    if deprecated_on and deprecated_on <= today.isoformat() and lifecycle != Lifecycle.RETIRED:
        return Lifecycle.DEPRECATED
    return lifecycle


def _retired_unlisted(missing_since: datetime) -> date:
    return (missing_since.astimezone(UTC) + timedelta(days=UNLISTED_DAYS)).date()


def _is_unlisted_sql(table: str, today: str) -> str:
    """Condition that no source has listed it for 30 days; NULL for what one lists."""
    retired = day_sql(f"({table}.missing_since + interval '{UNLISTED_DAYS} days')")
    return f"{retired} <= {today}"


def stage_sql(table: str, *, ends: str = "retired_on") -> str:
    return f"""
        CASE WHEN {table}.{ends} <> '' AND {table}.{ends} <= %(today)s THEN 'retired'
             WHEN {_is_unlisted_sql(table, "%(today)s")} THEN 'retired'
             WHEN {table}.deprecated_on <> '' AND {table}.deprecated_on <= %(today)s
                  AND {table}.lifecycle <> 'retired' THEN 'deprecated'
             ELSE {table}.lifecycle END"""


def model_stage_sql(table: str = "model") -> str:
    return stage_sql(table, ends="ends_on")


def ended_sql(table: str = "model") -> str:
    """Condition on a model: its creator ended it, wherever it is still served."""
    return f"({table}.retired_on <> '' AND {table}.retired_on <= %(today)s)"


def day_sql(at: str) -> str:
    """The ISO date of an instant."""
    return f"to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


# The day by the database's clock, for SQL without a parameter of the day.
TODAY = day_sql("now()")


def not_retired_sql(table: str, today: str = "%(today)s", *, ends: str = "retired_on") -> str:
    return f"""({table}.lifecycle <> 'retired'
        AND ({table}.{ends} = '' OR {table}.{ends} > {today})
        AND ({table}.missing_since IS NULL OR NOT {_is_unlisted_sql(table, today)}))"""


def in_use_sql(table: str, today: str = "%(today)s") -> str:
    """Condition on an endpoint."""
    return f"({table}.missing_since IS NULL AND {not_retired_sql(table, today)})"


def in_lists_sql(table: str = "model", today: str = "%(today)s") -> str:
    """Condition on a model: in lists unless a filter names its stage, or floating ids."""
    return f"(NOT {table}.floating AND {not_retired_sql(table, today, ends='ends_on')})"


def current_sql(today: str = "%(today)s") -> str:
    """Condition on an endpoint and its model: neither is retired."""
    of_model = not_retired_sql("model", today, ends="ends_on")
    return f"({not_retired_sql('endpoint', today)} AND {of_model})"
