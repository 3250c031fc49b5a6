"""The admin site, where editors correct the catalog. Django imports this package at start."""

from web.admin import (
    agreements,
    catalog,
    edits,
    keys,
    people,
    pricing,
    probes,
    prometheus,
    series,
    sources,
    teams,
    unmatched_names,
)

__all__ = [
    "agreements",
    "catalog",
    "edits",
    "keys",
    "people",
    "pricing",
    "probes",
    "prometheus",
    "series",
    "sources",
    "teams",
    "unmatched_names",
]
