"""The list of models as CSV: exact decimals, no cell that runs as a formula."""

from collections.abc import Iterator, Sequence
from datetime import date

from catalog.version import one_version
from pricing.meters import HEADLINE
from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.params.models import ModelFilters
from web.reads.found_models import find_models
from web.reads.headlines import HeadlineRow, rows_of_endpoints
from web.reads.listed_models import ListedModel, RowKey, listed_models, provider_slugs
from web.reads.live import METRICS
from web.reads.prices import Price, unstated
from web.reads.rates import oldest_data
from web.reads.ratings import ListedRating, ratings_on
from web.tables.live_columns import csv_cells

MOST_ROWS = 20_000
ROWS_AT_A_TIME = 500
_PRICE_COLUMNS = ("usd_per_million", "state", "announced_usd_per_million", "announced_from")
LIVE = [(name, metric, cell) for metric in METRICS for name, cell in csv_cells(metric)]
HEADER = (
    *("slug", "name", "creator", "context", "max_input", "max_output"),
    *("provider", "upstream_id", "standing"),
    *(f"{meter}_{column}" for meter in HEADLINE for column in _PRICE_COLUMNS),
    *("own_unit", "own_usd", "lower_provider", "lower_usd", "lower_unit", "prices_as_of"),
    *("rating", "rating_low", "rating_high", "rating_votes", "rated_on", "rated_as_of"),
    *("capabilities", "providers", "released", "lifecycle", "first_seen", "retired_on"),
    *(name for name, _, _ in LIVE),
)


def model_csv(filters: ModelFilters, today: date) -> Iterator[str]:
    """A line a model, with the row of one endpoint: the one that the list shows."""
    keys = find_models(filters, today, 0, MOST_ROWS).keys
    yield as_csv([HEADER])
    for start in range(0, len(keys), ROWS_AT_A_TIME):
        # The file is written after the request, which knows its version no more.
        with one_version():
            lines = _lines(keys[start : start + ROWS_AT_A_TIME], today, filters.rated_on)
        yield as_csv(lines)


def _lines(keys: Sequence[RowKey], today: date, board: str) -> list[list[str]]:
    ids = [key.id for key in keys]
    endpoints = rows_of_endpoints([key.endpoint_id for key in keys])
    providers, ratings = provider_slugs(ids), ratings_on(board, ids)
    dates = oldest_data([row.endpoint_id for row in endpoints.values()])
    lines = []
    for model in listed_models(ids, today):
        row, rating = endpoints.get(model.id), ratings.get(model.id)
        as_of = dates.get(row.endpoint_id, "") if row else ""
        lines.append(_line(model, row, as_of, rating, board, providers[model.id]))
    return lines


def _line(
    model: ListedModel,
    row: HeadlineRow | None,
    as_of: str,
    rating: ListedRating | None,
    board: str,
    providers: Sequence[str],
) -> list[str]:
    limits = (model.context_window, model.max_input, model.max_output)
    return [
        *(model.slug, model.name, model.creator_slug),
        *(str(limit or "") for limit in limits),
        *_row(row, model.mode),
        as_of,
        *_rating(rating, board),
        *(" ".join(model.capabilities), " ".join(providers)),
        *(model.released, model.stage, model.listed_since, model.retired_on),
        *(cell(getattr(row, metric, None)) for _, metric, cell in LIVE),
    ]


def _row(row: HeadlineRow | None, mode: str) -> list[str]:
    if row is None:
        unknown = [cell for meter in HEADLINE for cell in _price(unstated(meter, mode))]
        return ["", "", "", *unknown, *[""] * 5]
    own = [row.own.unit.slug, *_price(row.own)[:1]] if row.own else ["", ""]
    lower = ["", "", ""]
    if row.lower:
        lower = [row.lower.provider_slug, plain(row.lower.amount), row.lower.meter.slug]
    prices = [cell for price in row.prices for cell in _price(price)]
    return [row.provider_slug, row.upstream_id, row.standing, *prices, *own, *lower]


def _price(price: Price) -> list[str]:
    coming = price.announced
    return [
        "" if price.amount is None else plain(price.amount),
        price.state,
        "" if coming is None or coming.amount is None else plain(coming.amount),
        coming.begins if coming else "",
    ]


def _rating(rating: ListedRating | None, board: str) -> list[str]:
    if rating is None:
        return [""] * 6
    figures = (rating.rating, rating.low, rating.high)
    return [*(plain(figure) for figure in figures), str(rating.votes), board, rating.as_of]
