"""Columns with a value anywhere in the catalog: no page offers another, nor sorts by it."""

from dataclasses import Field, replace
from typing import Any, ClassVar, Protocol, TypeVar

from catalog.sql import rows
from web.http.page_cache import cached_summary
from web.params.models import SPEEDS, ModelFilters
from web.reads.endpoint_prices import COLUMN_METERS

# What every catalog has: a page would be nothing without them.
ALWAYS = frozenset(
    ("name", "provider", "providers", "endpoints", "lifecycle", "input", "output", "capabilities")
)
# A column is known as soon as a row of this table meets this condition.
_KNOWN = {
    "context": ("catalog_endpoint", "context_window > 0 OR max_input > 0"),
    "max_output": ("catalog_endpoint", "max_output > 0"),
    "quantization": ("catalog_endpoint", "quantization <> ''"),
    "region": ("catalog_endpoint", "region <> ''"),
    "zdr": ("catalog_endpoint", "zdr <> 'unknown'"),
    "no_training": ("catalog_endpoint", "training <> 'unknown'"),
    "retention": ("catalog_endpoint", "retention <> 'unknown'"),
    "exceptions": ("catalog_endpoint", "policy_exceptions <> ''"),
    "checked": ("catalog_endpoint", "policy_checked_on <> ''"),
    "released": ("catalog_model", "released <> ''"),
    "open_weights": ("catalog_model", "open_weights IS NOT NULL"),
    "rating": ("catalog_rating", "true"),
    **{
        metric: ("telemetry_liverow", f"{metric} IS NOT NULL")
        for metric in ("latency", "throughput", "uptime")
    },
    "search_content": ("pricing_rate", "NOT held AND content_billed_as_input IS NOT NULL"),
    **{
        meter: ("pricing_rate", f"meter = '{meter}' AND state <> 'unknown' AND NOT held")
        for meter in COLUMN_METERS
        if meter not in ALWAYS
    },
}
# Facts that a model has of its own.
_OF_MODELS = {
    "context": "context_window > 0 OR max_input > 0",
    "capabilities": "capabilities <> '{}'",
}
_CONDITIONS = [
    *((key, *condition) for key, condition in _KNOWN.items()),
    *((key, "catalog_model", condition) for key, condition in _OF_MODELS.items()),
]
_STATEMENT = "\nUNION ALL\n".join(
    f"SELECT '{key}' AS key WHERE EXISTS (SELECT FROM {table} WHERE {condition})"  # noqa: S608
    for key, table, condition in _CONDITIONS
)


class SortedPage(Protocol):
    """A dataclass of a query string with an order, and clauses on what of it is ignored."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def column(self) -> str: ...

    @property
    def complaints(self) -> tuple[str, ...]: ...


AnyPage = TypeVar("AnyPage", bound=SortedPage)


@cached_summary
def known_columns() -> frozenset[str]:
    """The keys of columns, of models and of endpoints, with a value somewhere in the catalog."""
    known: list[dict[str, str]] = rows(dict, _STATEMENT)
    return ALWAYS.union(row["key"] for row in known)


def unknown_columns() -> frozenset[str]:
    """The keys of columns without a value anywhere in the catalog."""
    return frozenset(_KNOWN) - known_columns()


def is_offered(key: str) -> bool:
    """Whether a column is known, or is none of those that can be unknown for the whole catalog."""
    return key not in _KNOWN or key in known_columns()


def by_known_column(query: AnyPage, default: str) -> AnyPage:
    """The query, in its default order with a complaint if nothing is known of its column."""
    if is_offered(query.column):
        return query
    complaint = f"nothing is known of {query.column.replace('_', ' ')} yet to sort by"
    return replace(query, sort=default, complaints=(*query.complaints, complaint))


def by_known_speeds(filters: ModelFilters) -> ModelFilters:
    """The filters without bounds of a metric that no endpoint has a figure of; adds complaints."""
    for name, metric in SPEEDS.items():
        if getattr(filters, name) is not None and not is_offered(metric):
            complaint = f"nothing is known of {metric} yet to filter by"
            filters = filters.complaining(complaint, **{name: None})
    return filters
