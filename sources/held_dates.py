"""Release dates that lie in the future of the data that states them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from catalog.models import Endpoint
from sources.precedence import held_release
from sources.statement import Statement

# How many rows that are held or skipped a refresh names.
NAMED = 20


def count_held_dates(statements: Mapping[int, Sequence[Statement]], counts: Counter[str]) -> None:
    """Count and name release dates of the future: claims until the source's data is as late."""
    held = {
        (id_, statement.source, released)
        for id_, stated in statements.items()
        for statement in stated
        if (released := held_release(statement))
    }
    if not held:
        return
    counts["release dates of the future, held"] += len(held)
    first = sorted(held)[:NAMED]
    endpoints = Endpoint.objects.select_related("provider").in_bulk([id_ for id_, *_ in first])
    for id_, source, released in first:
        counts[f"held: {released} of {source} for {endpoints[id_]}"[:200]] += 1
