"""Search, filters and order of the model list: models, and the endpoint of each one's row."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from catalog.boards import BOARDS, board_and_category
from catalog.lifecycle import Lifecycle, in_use_sql, model_stage_sql, not_retired_sql
from catalog.regions import meant_by
from catalog.search import search_words
from catalog.sql import rows
from pricing.meters import HEADLINE
from pricing.models import Headline
from web.http.page_cache import cached_read
from web.params.models import FLOATING, RELEVANCE, SPEEDS, TOP, ModelFilters
from web.reads.listed_models import RowKey
from web.reads.live import METRICS
from web.reads.search_order import SEARCH_JOINS, search_order_sql, search_values
from web.reads.search_texts import models_with

LIVES = in_use_sql("endpoint")
# A row's context: the most that goes in, where the whole window is not known.
_CONTEXT = "coalesce(model.context_window, model.max_input)"
# Conditions on the model. A modality may be input or output; a release date without a day counts
# from its first day.
_OF_MODELS = {
    "q": "model.id = ANY(%(searched)s)",
    "creator": "model.creator_id = (SELECT id FROM catalog_creator WHERE slug = %(creator)s)",
    "modality": "%(modality)s = ANY (model.modalities_in || model.modalities_out)",
    "released_within": "model.released >= %(since)s AND model.released <= %(today)s",
    "at": "model.released <= %(today)s",
    "open_weights": "model.open_weights",
    "lifecycle": f"CASE WHEN model.floating THEN '{FLOATING}' ELSE {model_stage_sql()} END"
    " = %(lifecycle)s",
}
# Conditions that one and the same endpoint must meet: "at Azure with zero data retention" needs
# Azure's endpoint to have it, not one endpoint at Azure and another that has it.
_OF_ENDPOINTS = {
    "provider": "provider.slug = %(provider)s",
    "kind": "provider.kind = ANY(%(kind)s)",
    "region": "(endpoint.region <> '' OR endpoint.variant <> '')"  # has an index
    " AND (endpoint.region LIKE ANY(%(regions)s) OR endpoint.region = ''"
    " AND %(region)s = ANY (string_to_array(endpoint.variant, ',')))",
    "zdr": "endpoint.zdr = 'default'",
    "no_training": "endpoint.training IN ('no', 'opt_in')",
    "latency_max": "measured.latency <= %(latency_max)s",
    "throughput_min": "measured.throughput >= %(throughput_min)s",
    "uptime_min": "measured.uptime >= %(uptime_min)s / 100.0",
}
# Of the same endpoint too: it has what its model has unless it states otherwise. Where nothing else
# chooses among endpoints, the model must have it as well, which leaves few to look at.
_OF_EITHER = {
    "capability": "(endpoint.capabilities || model.capabilities) @> %(capability)s::varchar[]"
    " AND NOT endpoint.lacks && %(capability)s::varchar[]",
    "context_min": f"coalesce(endpoint.context_window, endpoint.max_input, {_CONTEXT})"
    " >= %(context_min)s",
}
_OF_MODEL_FIRST = {
    "capability": "model.capabilities @> %(capability)s::varchar[]",
    "context_min": f"{_CONTEXT} >= %(context_min)s",
}
# Prices of the row that stands for a model.
_OF_ROWS = {
    "input_max": "price.input <= %(input_max)s",
    "output_max": "price.output <= %(output_max)s",
}
_SERVED = "model.provider_count > 0"
# A model without a headline is retired, or all of its endpoints are.
_FOLDED = f"coalesce(headline.folded, '{Headline.Folded.RETIRED}')"
# What only browsing folds away: a search, a creator or a provider brings it back.
_BROWSED = (Headline.Folded.FINE_TUNE, Headline.Folded.PRICE, Headline.Folded.GATEWAY)

# The filters --------------------------------------------------------------------------------------


def _conditions(filters: ModelFilters) -> list[str]:
    conditions = [_SERVED, *(sql for name, sql in _OF_MODELS.items() if getattr(filters, name))]
    conditions += [sql for name, sql in _OF_ROWS.items() if getattr(filters, name) is not None]
    if _by_model_first(filters):
        conditions += [sql for name, sql in _OF_MODEL_FIRST.items() if getattr(filters, name)]
        conditions.append("(price.endpoint_id IS NOT NULL OR headline.model_id IS NULL)")
    if filters.rating_min is not None:
        conditions.append("board.rating >= %(rating_min)s")
    return conditions


def _by_model_first(filters: ModelFilters) -> bool:
    """Whether capabilities or a context alone choose among the endpoints of a model."""
    others = any(getattr(filters, name) for name in _OF_ENDPOINTS)
    return filters.chooses_among and not others and filters.via != "any"


def _folds(filters: ModelFilters) -> tuple[str, ...]:
    """What the list folds away: nothing of what a filter names."""
    if filters.unfolded or filters.lifecycle in (Lifecycle.RETIRED, FLOATING):
        return ()
    if filters.q or filters.creator or filters.provider:
        return tuple(kind for kind in Headline.Folded if kind not in _BROWSED)
    return tuple(Headline.Folded)


def _tables(filters: ModelFilters) -> str:
    """A model with its headline, the row that stands for it, and its rating on a board."""
    joined = "LEFT JOIN pricing_headline headline ON headline.model_id = model.id "
    if filters.cheapest:
        joined += "LEFT JOIN pricing_pricerow price ON price.endpoint_id = headline.cheapest_id"
    elif filters.chooses_among:
        joined += _chosen_rows(filters)
    else:
        joined += "LEFT JOIN pricing_pricerow price ON price.endpoint_id = headline.endpoint_id"
    if filters.column in METRICS:
        joined += " LEFT JOIN telemetry_liverow live ON live.endpoint_id = price.endpoint_id"
    if filters.column == "context":
        joined += " LEFT JOIN catalog_endpoint limited ON limited.id = price.endpoint_id"
    if filters.rating_min is not None or filters.column == "rating" or _by_board(filters):
        joined += """
            LEFT JOIN (
                SELECT model_id, max(rating) AS rating FROM catalog_rating
                WHERE board = %(board)s AND category = %(category)s GROUP BY model_id
            ) board ON board.model_id = model.id"""
    return joined


def _chosen_rows(filters: ModelFilters) -> str:
    """A join of the first row of each model among the endpoints that filters choose.

    Most models' headlines have what a filter of capabilities or context asks for: the others' rows
    alone are looked through. Other filters leave few endpoints, which are sorted.
    """
    stated = {**_OF_ENDPOINTS, **_OF_EITHER}
    conditions = [sql for name, sql in stated.items() if getattr(filters, name)]
    if _by_model_first(filters):
        condition = " AND ".join((LIVES, *conditions))
        of_headline = condition.replace("endpoint.", "first.")
        return f"""
            LEFT JOIN catalog_endpoint first ON first.id = headline.endpoint_id
            LEFT JOIN LATERAL (
                SELECT price.endpoint_id FROM pricing_pricerow price
                JOIN catalog_endpoint endpoint ON endpoint.id = price.endpoint_id
                WHERE NOT coalesce({of_headline}, false)
                  AND price.model_id = model.id AND {condition}
                ORDER BY price.place LIMIT 1
            ) next ON true
            LEFT JOIN pricing_pricerow price ON price.endpoint_id =
                CASE WHEN {of_headline} THEN first.id ELSE next.endpoint_id END
            """  # noqa: S608 - put together from fixed words alone
    if filters.lifecycle != Lifecycle.RETIRED:
        # Of a retired model, which is in an unfolded list, no endpoint lives.
        ended = f"NOT {not_retired_sql('model', ends='ends_on')}"
        conditions.append(f"({LIVES} OR {ended})" if filters.unfolded else LIVES)
    cheapest = "price.cheap_place NULLS LAST, " if filters.via == "any" else ""
    measured = "JOIN telemetry_liverow measured ON measured.endpoint_id = endpoint.id"
    return f"""JOIN (
        SELECT DISTINCT ON (endpoint.model_id)
               endpoint.model_id, endpoint.id AS endpoint_id, price.input, price.output,
               price.cache_read
        FROM catalog_endpoint endpoint
        JOIN catalog_provider provider ON provider.id = endpoint.provider_id
        JOIN catalog_model model ON model.id = endpoint.model_id
        LEFT JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
        {measured if any(filters.speeds) else ""}
        WHERE {" AND ".join(conditions) or "true"}
        ORDER BY endpoint.model_id, {cheapest}price.place NULLS LAST, endpoint.id
    ) price ON price.model_id = model.id"""  # noqa: S608 - put together from fixed words alone


def _regions(region: str) -> list[str]:
    """Patterns of the regions that one word means."""
    return [pattern for word in meant_by(region) for pattern in (word, f"{word}-%")]


def _values(filters: ModelFilters, today: date) -> dict[str, Any]:
    since = today - timedelta(days=filters.released_within or 0)
    board, category = board_and_category(filters.rated_on)
    words = search_words(filters.q)
    return {
        **search_values(words),
        "searched": models_with(words) if filters.q else [],
        "creator": filters.creator,
        "provider": filters.provider,
        "capability": list(filters.capability),
        "modality": filters.modality,
        "input_max": filters.input_max,
        "output_max": filters.output_max,
        "context_min": filters.context_min,
        "lifecycle": filters.lifecycle,
        "kind": list(filters.kind),
        "region": filters.region,
        "regions": _regions(filters.region),
        "rating_min": filters.rating_min,
        **{name: getattr(filters, name) for name in SPEEDS},
        "board": board,
        "category": category,
        "today": today.isoformat(),
        "since": since.isoformat(),
    }


# The order ----------------------------------------------------------------------------------------

_KEYS = {
    "name": "lower(model.name)",
    "context": f"coalesce(limited.context_window, limited.max_input, {_CONTEXT})",
    **{metric: f"live.{metric}" for metric in METRICS},
    "capabilities": "nullif(cardinality(model.capabilities), 0)",  # how many there are
    "providers": "model.provider_count",
    "released": "nullif(model.released, '')",
    "rating": "board.rating",
}


def _by_board(filters: ModelFilters) -> bool:
    """Whether Top is by another board than the kept order's."""
    return filters.column == TOP and filters.rated_on != BOARDS[0]


def _order(filters: ModelFilters) -> str:
    """Models without a value come last in both directions; ties are in the order Top."""
    if filters.sort == RELEVANCE:
        return search_order_sql(len(search_words(filters.q)))
    ties = "headline.top NULLS LAST, model.slug"
    if _by_board(filters):
        return f"board.rating {'ASC' if filters.descending else 'DESC'} NULLS LAST, {ties}"
    if filters.column == TOP:
        return "headline.top DESC NULLS LAST, model.slug DESC" if filters.descending else ties
    key = f"price.{filters.column}" if filters.column in HEADLINE else _KEYS[filters.column]
    never_null = filters.column in ("name", "providers")
    last = "" if never_null else "NULLS LAST"
    direction = "DESC" if filters.descending else "ASC"
    newest = "model.provider_count DESC, " if filters.column == "released" else ""
    return f"{key} {direction} {last}, {newest}{ties}"


# The matches --------------------------------------------------------------------------------------


class FoldedModels(NamedTuple):
    """Numbers of matches that a list folds away, by the first reason that applies."""

    retired: int = 0
    floating: int = 0
    fine_tune: int = 0
    price: int = 0
    gateway: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    @property
    def in_words(self) -> str:
        """87 fine-tunes, 68 floating ids, 195 at a single gateway."""
        kinds = zip(self, Headline.Folded.choices, strict=True)
        return ", ".join(f"{count:,} {label}" for count, (_, label) in kinds if count)


NOTHING_FOLDED = FoldedModels()


@dataclass(frozen=True, slots=True)
class Matches:
    """Matches in order, all or some of `total`, and those that the list folds away."""

    keys: list[RowKey]
    total: int
    folded: FoldedModels

    @property
    def ids(self) -> list[int]:
        return [key.id for key in self.keys]


class _FoundModel(NamedTuple):
    id: int
    endpoint_id: int | None
    folded: str


def find_models(filters: ModelFilters, today: date, start: int, count: int) -> Matches:
    # Pages and columns make no difference.
    matches = _all_matches(replace(filters, first=1, page=1, columns=(), complaints=()), today)
    return replace(matches, keys=matches.keys[start : start + count])


def _read_all(filters: ModelFilters, today: date, _now: datetime) -> Matches:
    folds = _folds(filters)
    # Endpoints that are retired count among what is folded.
    wanted = replace(filters, unfolded=True) if folds else filters
    matches = rows(_FoundModel, _statement(wanted), **_values(wanted, today))
    keys = [RowKey(match.id, match.endpoint_id) for match in matches if match.folded not in folds]
    folded = Counter(match.folded for match in matches if match.folded in folds)
    return Matches(keys, len(keys), FoldedModels(*(folded[kind] for kind in Headline.Folded)))


# One order serves a list's pages, its other columns, its file and suggestions.
_all_matches = cached_read(_read_all, most=32)


def _statement(filters: ModelFilters) -> str:
    joined = _tables(filters)
    if filters.sort == RELEVANCE:
        joined += SEARCH_JOINS
    return f"""
        SELECT model.id, price.endpoint_id, {_FOLDED} AS folded
        FROM catalog_model model {joined}
        WHERE {" AND ".join(_conditions(filters))}
        ORDER BY {_order(filters)}"""  # noqa: S608 - put together from fixed words alone
