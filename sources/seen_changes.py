"""Note what a reading of sources made different: models, endpoints and their facts.

No change is noted of what was seen for the first time: of a source's first reading, of rules that
are applied anew, and of a fact that was unknown before. Prices have their history of their own.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.changes import Change, ChangeKind
from catalog.copy_rows import insert_rows
from catalog.data_policy import Retention
from catalog.json_text import from_json_text
from catalog.lifecycle import Lifecycle
from catalog.models import Endpoint, EndpointClaims, Model
from catalog.sql import rows
from pricing.slips import Watch
from sources.winners import Progress, settle

_LIMITS = ("context_window", "max_input", "max_output")
_POLICY = ("training", "retention", "zdr")
_LIFE = ("lifecycle", "deprecated_on", "retired_on")
_OF_ENDPOINTS = (*_LIMITS, *_LIFE, *_POLICY, "retention_days", "capabilities", "lacks")
_ENDED = (Lifecycle.DEPRECATED.value, Lifecycle.RETIRED.value)
_UNKNOWN = (None, "", "unknown", Lifecycle.LISTED.value)

# A row of columns by name; the provenance is JSON as text.
Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """Columns by id as they were at one time, and the endpoints and models that there were."""

    endpoints: Mapping[int, Columns]
    models: Mapping[int, Columns]
    providers: Mapping[int, Columns]


_PROVIDERS = f"""
SELECT id, {", ".join(_POLICY)}, retention_days, provenance FROM catalog_provider
"""  # noqa: S608 - put together from fixed words alone
_ENDPOINTS = f"""
SELECT id, model_id, provider_id, missing_since, {", ".join(_OF_ENDPOINTS)}, provenance
FROM catalog_endpoint WHERE id = ANY(%(ids)s)
"""  # noqa: S608 - put together from fixed words alone
_MODELS = f"""
SELECT id, {", ".join(_LIFE)}, provenance FROM catalog_model WHERE id = ANY(%(ids)s)
"""  # noqa: S608 - put together from fixed words alone


@dataclass(slots=True)
class NotedChange:
    """A catalog.Change that is about to be written."""

    kind: ChangeKind
    field: str = ""
    before: Any = None
    after: Any = None
    correction: bool = False
    model_id: int | None = None
    endpoint_id: int | None = None
    provider_id: int | None = None


def seen_providers() -> dict[int, Columns]:
    return _by_id(_PROVIDERS)


def _seen_now(
    endpoint_ids: Iterable[int], model_ids: Iterable[int], providers: Mapping[int, Columns]
) -> Seen:
    """These endpoints, their models and these as they are now."""
    endpoints = _by_id(_ENDPOINTS, endpoint_ids)
    ids = {*model_ids, *(endpoint["model_id"] for endpoint in endpoints.values())}
    return Seen(endpoints, _by_id(_MODELS, ids), providers)


@dataclass(frozen=True, slots=True)
class SourceReading:
    """A reading of sources at `now`: of one by its id, or of several.

    `first_read` are the slugs of those never read before, `by_rules` is whether rules are applied
    anew, and `providers` are as they were before.
    """

    now: datetime
    source_id: int | None
    first_read: Collection[str]
    by_rules: bool
    providers: Mapping[int, Columns]


def settle_noting_changes(
    reading: SourceReading,
    touched: Iterable[int],
    *,
    models: Iterable[int],
    report: Progress,
    watch: Watch,
    refresh_id: int | None,
) -> Counter[str]:
    """Settle these endpoints and models, and note what that made different.

    Endpoints and models whose row is of the reading's instant are new.
    """
    ids, others = [*touched], [*models]
    if not (ids or others):
        return Counter()
    before = _seen_now(ids, others, reading.providers)
    counts = settle(ids, models=others, report=report, watch=watch, refresh_id=refresh_id)
    after = _seen_now(before.endpoints, before.models, seen_providers())
    new_models = _added_at(Model, "created_at", reading.now)
    new_endpoints = _added_at(Endpoint, "first_seen", reading.now)
    changes = [*_additions(after, new_endpoints, new_models, reading.first_read)]
    if not reading.by_rules:
        known = Seen(
            {id_: row for id_, row in before.endpoints.items() if id_ not in new_endpoints},
            {id_: row for id_, row in before.models.items() if id_ not in new_models},
            before.providers,
        )
        changes += _changes(known, after, reading.first_read)
    _note(changes, reading)
    counts["changes noted"] += len(changes)
    return counts


_CHANGE = ("at", "source", "kind", "model", "endpoint", "provider", "field")
_VALUES = ("before", "after", "correction")


def _note(changes: Iterable[NotedChange], reading: SourceReading) -> None:
    rows_of_changes = (
        (
            *(reading.now, reading.source_id, change.kind, change.model_id, change.endpoint_id),
            *(change.provider_id, change.field, _json(change.before), _json(change.after)),
            change.correction,
        )
        for change in changes
    )
    insert_rows(Change, (*_CHANGE, *_VALUES), rows_of_changes)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _by_id(statement: str, ids: Iterable[int] = ()) -> dict[int, Columns]:
    seen: list[dict[str, Any]] = rows(dict, statement, ids=[*ids])
    return {row["id"]: row for row in seen}


def _added_at(table: type[Endpoint] | type[Model], field: str, now: datetime) -> set[int]:
    added = table._default_manager.filter(**{field: now})
    return set(added.values_list("id", flat=True))


def _additions(
    after: Seen, new_endpoints: set[int], new_models: set[int], first_read: Collection[str]
) -> Iterator[NotedChange]:
    """New endpoints that a source lists which was read before; of new models, the models alone."""
    listed = set(
        EndpointClaims.objects.filter(endpoint__among=new_endpoints, by_rule=False)
        .exclude(source__slug__in=[*first_read])
        .values_list("endpoint_id", flat=True)
    )
    noted: set[int] = set()
    for endpoint_id in sorted(listed & after.endpoints.keys()):
        model_id = after.endpoints[endpoint_id]["model_id"]
        if model_id not in new_models:
            yield NotedChange(kind=ChangeKind.ENDPOINT, endpoint_id=endpoint_id, field="added")
        elif model_id not in noted:
            noted.add(model_id)
            yield NotedChange(kind=ChangeKind.MODEL, model_id=model_id)


def _changes(before: Seen, after: Seen, first_read: Collection[str]) -> Iterator[NotedChange]:
    moved: set[tuple[int, str]] = set()
    for model_id, columns in after.models.items():
        for change in _of_life(before.models.get(model_id), columns, first_read):
            moved.add((model_id, change.field))
            change.model_id = model_id
            yield change
    for provider_id, columns in after.providers.items():
        for change in _of_policy(before.providers.get(provider_id), columns, first_read):
            change.provider_id = provider_id
            yield change
    for endpoint_id, columns in after.endpoints.items():
        past = before.endpoints.get(endpoint_id)
        if past is None or past == columns:
            continue
        provider_id, model_id = columns["provider_id"], columns["model_id"]
        of_provider = after.providers[provider_id], before.providers.get(provider_id, {})
        for change in _of_endpoint(past, columns, first_read):
            inherits = change.kind == ChangeKind.POLICY and all(
                columns_of.get(change.field) == value
                for columns_of, value in zip(
                    of_provider, (columns[change.field], past[change.field]), strict=True
                )
            )
            follows = change.kind == ChangeKind.LIFECYCLE and (model_id, change.field) in moved
            if not (inherits or follows):
                change.endpoint_id = endpoint_id
                yield change


def _of_endpoint(
    before: Columns, after: Columns, first_read: Collection[str]
) -> Iterator[NotedChange]:
    was_missing, is_missing = before["missing_since"], after["missing_since"]
    if (was_missing is None) != (is_missing is None):
        what = "gone" if is_missing else "back"
        yield NotedChange(kind=ChangeKind.ENDPOINT, field=what)
    yield from _of_life(before, after, first_read)
    for field in _LIMITS:
        if before[field] and after[field]:
            yield from _difference(ChangeKind.LIMIT, field, before, after, first_read)
    yield from _of_policy(before, after, first_read)
    for slug in sorted({*before["lacks"]} & {*after["capabilities"]}):
        yield from _capability(slug, before, after, first_read, has=True)
    for slug in sorted({*before["capabilities"]} & {*after["lacks"]}):
        yield from _capability(slug, before, after, first_read, has=False)


def _capability(
    slug: str, before: Columns, after: Columns, first_read: Collection[str], *, has: bool
) -> Iterator[NotedChange]:
    origins = _origins(f"capability.{slug}", before, after)
    if origins[1] not in first_read:
        yield NotedChange(
            kind=ChangeKind.CAPABILITY,
            field=slug,
            before=not has,
            after=has,
            correction=origins[0] != origins[1],
        )


def _of_policy(
    before: Columns | None, after: Columns, first_read: Collection[str]
) -> Iterator[NotedChange]:
    if before is None:
        return
    for field in _POLICY:
        days = (before["retention_days"], after["retention_days"])
        counted = field == "retention" and days[0] != days[1]
        known = before[field] not in _UNKNOWN and after[field] not in _UNKNOWN
        if known and (before[field] != after[field] or counted):
            for change in _difference(
                ChangeKind.POLICY, field, before, after, first_read, always=True
            ):
                if field == "retention":
                    change.before, change.after = map(_retention, (before, after))
                yield change


def _retention(columns: Columns) -> str:
    days = columns["retention_days"]
    return f"{days} days" if columns["retention"] == Retention.DAYS else columns["retention"]


def _of_life(
    before: Columns | None, after: Columns, first_read: Collection[str]
) -> Iterator[NotedChange]:
    """An end that is announced, moved or taken back, and a stage of the end without its day.

    That a day is reached changes no column: pages read it from the day itself.
    """
    if before is None:
        return
    yield from _difference(ChangeKind.LIFECYCLE, "retired_on", before, after, first_read)
    stages = before["lifecycle"], after["lifecycle"]
    dated = after["deprecated_on"] or before["deprecated_on"]
    if stages[1] != stages[0] and any(stage in _ENDED for stage in stages) and not dated:
        yield from _difference(ChangeKind.LIFECYCLE, "lifecycle", before, after, first_read)


def _difference(
    kind: ChangeKind,
    field: str,
    before: Columns,
    after: Columns,
    first_read: Collection[str],
    *,
    always: bool = False,
) -> Iterator[NotedChange]:
    """The change of one column; another source's value corrects what was known."""
    values = before[field], after[field]
    if values[0] == values[1] and not always:
        return
    origins = _origins(field, before, after)
    if origins[1] in first_read:
        return
    other = values[0] not in _UNKNOWN and "" not in origins and origins[0] != origins[1]
    yield NotedChange(
        kind=kind,
        field=field,
        before=values[0],
        after=values[1],
        correction=other,
    )


def _origins(field: str, before: Columns, after: Columns) -> tuple[str, str]:
    """The slugs of the sources of a column's values, "" for none."""
    stated = (from_json_text(columns["provenance"]).get(field) for columns in (before, after))
    slugs = [origin[0] if origin else "" for origin in stated]
    return slugs[0], slugs[1]
