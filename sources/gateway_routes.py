"""The pages of a gateway's routes to providers: `models/<id>/endpoints`. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sources.base import Answer, WrongShape
from sources.reading import FieldReader, read_json, without_blanks

# By the gateway's own name of each way to a provider.
Routes = Mapping[str, Mapping[str, Any]]

# Of so many pages one may be broken or another model's: more are no answer of this source.
BROKEN = 10
_NOT_JSON, _OF_ANOTHER = "page that is not whole JSON", "page of another model"
# What gateways call the prices of a million tokens in and out.
_IN, _OUT = ("prompt", "input"), ("completion", "output")


def routes_path(upstream_id: str) -> str:
    return f"models/{quote(upstream_id, safe='/')}/endpoints"


def read_routes(
    answer: Answer,
    model: Mapping[str, Any],
    source: str,
    reading: FieldReader,
    *,
    named: str,
    fields: Collection[str],
) -> Routes:
    """The routes of a model: `named` is the field of their name, `fields` all that is known.

    None of a page that cannot be read, or that is another model's: what stood before stays.
    """
    page = answer.pages.get(routes_path(model["id"]))
    if page is None:
        return {}
    if not page.strip():
        reading.odd_price("endpoints")
        return {}
    try:
        root = read_json(page, source)
    except WrongShape:
        reading.miss(_NOT_JSON)
        reading.odd_price("endpoints")
        return {}
    data = reading.table(root if isinstance(root, dict) else {}, "data")
    if "endpoints" not in data:
        reading.odd_price("endpoints")
    rows = [without_blanks(row) for row in reading.tables(data, "endpoints")]
    if _is_of_another(data, rows, model):
        reading.miss(_OF_ANOTHER)
        reading.odd_price("endpoints")
        return {}
    routes: dict[str, dict[str, Any]] = {}
    for row in rows:
        reading.rest(row, fields, "endpoints.")
        name = reading.text(row, named, longest=100)
        if name and name not in routes:
            routes[name] = row
        else:
            reading.odd(named)
    return routes


def refuse_broken_pages(answer: Answer, source: str, reading: FieldReader) -> None:
    """Raises WrongShape where more than one page of ten could not be read, or was another's."""
    pages = sum(path.endswith("/endpoints") for path in answer.pages)
    broken = reading.not_expressed[_NOT_JSON] + reading.not_expressed[_OF_ANOTHER]
    if broken * BROKEN > pages:
        raise WrongShape(
            f"{source} gave {broken:,} of {pages:,} pages of routes that are not whole JSON, or are"
            " another model's."
        )


def _is_of_another(
    data: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], model: Mapping[str, Any]
) -> bool:
    """Whether a page states another id, and no route with the price that the model is listed at.

    An older name of a model has the page of the newer one, with the same price.
    """
    if data.get("id") in (None, model["id"], model.get("canonical_slug")) or not rows:
        return False
    return _price(model) not in map(_price, rows)


def _price(priced: Mapping[str, Any]) -> tuple[str | None, ...]:
    pricing = priced.get("pricing")
    stated = pricing if isinstance(pricing, dict) else {}
    return tuple(
        next((str(stated[name]) for name in names if name in stated), None) for names in (_IN, _OUT)
    )
