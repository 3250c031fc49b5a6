"""What waits, for the first page of the admin: only what this editor may see."""

from typing import Any

from django import template

from web.reads.conflicts import conflicts
from web.reads.waiting import (
    failing_sources,
    held_rates_count,
    held_refreshes,
    unmapped_series,
    unmatched_names_count,
)

register = template.Library()


@register.simple_tag
def waiting_work(user: Any) -> dict[str, Any]:
    """By kind, what waits; kinds without anything are left out."""
    waits: dict[str, Any] = {}
    if user.has_perm("sources.view_refresh"):
        waits["refreshes"] = held_refreshes()
    if user.has_perm("pricing.view_rate"):
        waits["rates"] = held_rates_count()
    if user.has_perm("catalog.view_override"):
        waits["conflicts"] = len(conflicts())
    if user.has_perm("sources.view_unmatchedname"):
        waits["unmatched"] = unmatched_names_count()
    if user.has_perm("telemetry.view_series"):
        waits["series"] = unmapped_series()
    if user.has_perm("catalog.view_source"):
        waits["failing"] = failing_sources()
    return {kind: found for kind, found in waits.items() if found}
