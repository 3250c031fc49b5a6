"""The pages of a gateway's routes to providers: `models/<id>/endpoints`. Pure."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from sources.base import Answer
from sources.reading import FieldReader, read_json, without_blanks

# By the gateway's own name of each way to a provider.
Routes = Mapping[str, Mapping[str, Any]]


def routes_path(upstream_id: str) -> str:
    return f"models/{quote(upstream_id, safe='/')}/endpoints"


def read_routes(
    answer: Answer,
    upstream_id: str,
    source: str,
    reading: FieldReader,
    *,
    named: str,
    fields: Collection[str],
) -> Routes:
    """The routes of a model: `named` is the field of their name, `fields` all that is known."""
    page = answer.pages.get(routes_path(upstream_id))
    if page is None:
        return {}
    if not page.strip():
        reading.odd_price("endpoints")
        return {}
    root = read_json(page, source)
    data = reading.table(root if isinstance(root, dict) else {}, "data")
    if "endpoints" not in data:
        reading.odd_price("endpoints")
    routes: dict[str, dict[str, Any]] = {}
    for row in map(without_blanks, reading.tables(data, "endpoints")):
        reading.rest(row, fields, "endpoints.")
        name = reading.text(row, named, longest=100)
        if name and name not in routes:
            routes[name] = row
        else:
            reading.odd(named)
    return routes
