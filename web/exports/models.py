"""The list of models as CSV: exact decimals, no cell that runs as a formula."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pricing.meters import HEADLINE
from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.params.models import ModelFilters
from web.reads.found_models import find_models
from web.reads.listed_models import (
    ListedModel,
    ListedRate,
    listed_models,
    lowest_rates,
    provider_slugs,
)
from web.reads.prices import unstated

MOST_ROWS = 20_000
ROWS_AT_A_TIME = 500
_PRICE_COLUMNS = ("usd_per_million", "state", "provider", "upstream_id")
HEADER = (
    *("slug", "name", "creator", "context", "max_input", "max_output"),
    *(f"{meter}_{column}" for meter in HEADLINE for column in _PRICE_COLUMNS),
    *("capabilities", "providers", "released", "lifecycle", "listed_since", "retired_on"),
)


def model_csv(filters: ModelFilters, today: date) -> Iterator[str]:
    ids = find_models(filters, today, 0, MOST_ROWS).ids
    yield as_csv([HEADER])
    for start in range(0, len(ids), ROWS_AT_A_TIME):
        yield as_csv(_lines(ids[start : start + ROWS_AT_A_TIME], today, filters))


def _lines(ids: Sequence[int], today: date, filters: ModelFilters) -> list[list[str]]:
    rates = lowest_rates(ids, plans=filters.plans, provider=filters.provider)
    by_meter = {(rate.model_id, rate.meter): rate for rate in rates}
    providers = provider_slugs(ids)
    return [_line(model, by_meter, providers[model.id]) for model in listed_models(ids, today)]


def _line(
    model: ListedModel, rates: Mapping[tuple[int, str], ListedRate], providers: Sequence[str]
) -> list[str]:
    limits = (model.context_window, model.max_input, model.max_output)
    prices: list[str] = []
    for meter in HEADLINE:
        prices += _price(rates.get((model.id, meter)), meter, model.mode)
    return [
        *(model.slug, model.name, model.creator_slug),
        *(str(limit or "") for limit in limits),
        *prices,
        *(" ".join(model.capabilities), " ".join(providers)),
        *(model.released, model.stage, model.listed_since, model.retired_on),
    ]


def _price(rate: ListedRate | None, meter: str, mode: str) -> list[str]:
    if rate is None:
        return ["", unstated(meter, mode).state, "", ""]
    amount = "" if rate.amount is None else plain(rate.amount)
    return [amount, rate.state, rate.provider_slug, rate.upstream_id]
