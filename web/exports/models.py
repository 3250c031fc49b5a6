"""The list of models for spreadsheets and programs:

exact decimals, and no cell that runs as a formula.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from catalog.lifecycle import stage_on
from pricing.meters import HEADLINE
from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.pages.model_list import all_providers, read_lowest, read_models
from web.params.models import ModelFilters
from web.reads.found_models import find_models
from web.reads.prices import unstated

# No more rows than this, and so many read at a time.
MOST_ROWS = 20_000
AT_A_TIME = 500
_PRICE = ("usd_per_million", "state", "provider", "upstream_id")
HEADER = (
    *("slug", "name", "creator", "context", "max_input", "max_output"),
    *(f"{meter}_{part}" for meter in HEADLINE for part in _PRICE),
    *("capabilities", "providers", "released", "lifecycle"),
)


def model_csv(filters: ModelFilters, today: date) -> Iterator[str]:
    """The list that the filters leave, sorted as they say, some lines at a time; empty is unknown."""
    found = find_models(filters, today, 0, MOST_ROWS)
    yield as_csv([HEADER])
    for start in range(0, len(found.ids), AT_A_TIME):
        yield as_csv(_cells(found.ids[start : start + AT_A_TIME], today, filters))


def _cells(ids: Sequence[int], today: date, filters: ModelFilters) -> list[list[str]]:
    rates = read_lowest(ids, filters.plans, filters.provider)
    lowest = {(rate.model_id, rate.meter): rate for rate in rates}
    providers = all_providers(ids)
    return [
        [
            *(model.slug, model.name, model.creator_slug),
            *(
                str(limit or "")
                for limit in (model.context_window, model.max_input, model.max_output)
            ),
            *(cell for meter in HEADLINE for cell in _price(model, meter, lowest)),
            " ".join(model.capabilities),
            " ".join(providers[model.id]),
            model.released,
            stage_on(today, model.lifecycle, model.deprecated_on, model.retired_on),
        ]
        for model in read_models(ids)
    ]


def _price(model: Any, meter: str, lowest: Mapping[tuple[int, str], Any]) -> list[str]:
    rate = lowest.get((model.id, meter))
    if rate is None:
        return ["", unstated(meter, model.mode).state, "", ""]
    return [
        "" if rate.amount is None else plain(rate.amount),
        rate.state,
        rate.provider_slug,
        rate.upstream_id,
    ]
