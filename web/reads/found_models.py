"""Search, filters and order of the model list: ids alone, for any page to show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from catalog.lifecycle import Lifecycle, in_lists_sql, model_stage_sql
from catalog.search import search_words
from catalog.sql import rows
from pricing.lowest import ANSWERS, BASE_RATE, HOLDS, LIVES, SELLS
from pricing.meters import HEADLINE
from pricing.rate_cards import per_million_sql
from web.params.models import DEFAULT_SORT, FLOATING, RELEVANCE, ModelFilters
from web.reads.search_order import SEARCH_JOINS, search_order_sql, search_values
from web.reads.site import site

# A row's context: the most that goes in, where the whole window is not known.
_CONTEXT = "coalesce(model.context_window, model.max_input)"
# Conditions on the model. A modality may be input or output; a release date without a day counts
# from its first day.
_OF_MODELS = {
    "q": "model.search_text LIKE ALL (%(patterns)s)",
    "creator": "model.creator_id = (SELECT id FROM catalog_creator WHERE slug = %(creator)s)",
    "capability": "model.capabilities @> %(capability)s::varchar[]",
    "modality": "%(modality)s = ANY (model.modalities_in || model.modalities_out)",
    "context_min": f"{_CONTEXT} >= %(context_min)s",
    "released_within": "model.released >= %(since)s AND model.released <= %(today)s",
    "open_weights": "model.open_weights",
    "lifecycle": f"CASE WHEN model.floating THEN '{FLOATING}' ELSE {model_stage_sql()} END"
    " = %(lifecycle)s",
}
# Conditions that one and the same endpoint must meet: "at Azure with zero data retention" needs
# Azure's endpoint to have it, not one endpoint at Azure and another that has it.
_OF_ENDPOINTS = {
    "provider": "endpoint.provider_id = "
    "(SELECT id FROM catalog_provider WHERE slug = %(provider)s)",
    "zdr": "endpoint.zdr = 'default'",
    "no_training": "endpoint.training IN ('no', 'opt_in')",
}
# Conditions on the model, or, beside a condition on the endpoint, on that endpoint.
_OF_EITHER = {
    "capability": "endpoint.capabilities @> %(capability)s::varchar[]",
    "context_min": "coalesce(endpoint.context_window, endpoint.max_input) >= %(context_min)s",
}
_PRICES = {"input_max": "input", "output_max": "output"}


# The lowest rate of each model and meter at one provider, by the rules of `pricing.lowest`.
_LOWEST_THERE = f"""(
    SELECT DISTINCT ON (endpoint.model_id, rate.meter)
           endpoint.model_id, rate.meter, rate.state, {per_million_sql()} AS amount,
           rate.endpoint_id
    FROM pricing_rate rate
    JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
    WHERE {BASE_RATE} AND rate.meter IN {HEADLINE}
      AND endpoint.provider_id = (SELECT id FROM catalog_provider WHERE slug = %(provider)s)
    ORDER BY endpoint.model_id, rate.meter, NOT ({LIVES}), endpoint.floating,
             array_position(ARRAY[{{states}}], rate.state::text), 4, endpoint.upstream_id
)"""  # noqa: S608 - put together from fixed words alone
_SOLD_FIRST = "'priced', 'free', 'dynamic', 'included'"
_FREE_FIRST = "'free', 'included', 'priced', 'dynamic'"


def lowest_rates_sql(*, plans: bool, provider: str = "") -> str:
    """The table of lowest rates, or a subquery of those at one provider."""
    if provider:
        return _LOWEST_THERE.replace("{states}", _FREE_FIRST if plans else _SOLD_FIRST)
    return "pricing_lowestofall" if plans else "pricing_lowestrate"


def _amount(lowest: str, *, plans: bool) -> str:
    amount = f"{lowest}.amount"
    return f"CASE {lowest}.state WHEN 'included' THEN 0 ELSE {amount} END" if plans else amount


def _lowest_rates(filters: ModelFilters) -> str:
    return lowest_rates_sql(plans=filters.plans, provider=filters.provider)


_SERVED = "model.provider_count > 0"
_LISTED = f"{_SERVED} AND {in_lists_sql()}"

# The filters --------------------------------------------------------------------------------------


def _conditions(filters: ModelFilters) -> list[str]:
    stated = {name for name in (*_OF_MODELS, *_OF_ENDPOINTS) if getattr(filters, name)}
    at_endpoint = [sql for name, sql in _OF_ENDPOINTS.items() if name in stated]
    if at_endpoint:
        at_endpoint += [sql for name, sql in _OF_EITHER.items() if name in stated]
        stated -= _OF_EITHER.keys()
    of_model = [sql for name, sql in _OF_MODELS.items() if name in stated]
    prices = [name for name in _PRICES if getattr(filters, name) is not None]
    for name in prices:
        amount = _amount(f"lowest_{_PRICES[name]}", plans=filters.plans)
        of_model.append(f"{amount} <= %({name})s")
    sells = _sells_within(prices, filters)
    if at_endpoint:
        in_use = [] if filters.lifecycle == Lifecycle.RETIRED else [LIVES]
        of_model.append(f"EXISTS ({_at_one_endpoint([*in_use, *at_endpoint, *sells])})")
    elif len(prices) > 1:  # one price alone is what the lowest rate answers
        of_model.append(
            f"({_BOTH_LOWEST_AT_ONE} OR EXISTS ({_at_one_endpoint([LIVES, *sells])} OFFSET 0))"
        )
    return [_SERVED if filters.lifecycle else _LISTED, *of_model]


# True of most models. OFFSET 0 has only the endpoints of the few others looked through, one by one.
_BOTH_LOWEST_AT_ONE = "lowest_input.endpoint_id = lowest_output.endpoint_id"


def _joined_prices(filters: ModelFilters) -> str:
    return " ".join(
        f"""JOIN {_lowest_rates(filters)} lowest_{meter}
            ON lowest_{meter}.model_id = model.id AND lowest_{meter}.meter = '{meter}'"""
        for name, meter in _PRICES.items()
        if getattr(filters, name) is not None
    )


def _sells_within(prices: Sequence[str], filters: ModelFilters) -> list[str]:
    """Conditions on an endpoint: its prices count and are within these limits.

    At one provider, the prices of a plan or a free trial count too.
    """
    counts = [ANSWERS] if filters.plans or filters.provider else [ANSWERS, SELLS]
    return (
        [*counts, *(_sells_at_most(name, plans=filters.plans) for name in prices)] if prices else []
    )


def _sells_at_most(name: str, *, plans: bool) -> str:
    """Condition on a price, in the state of the lowest: free is no low price where others sell.

    OFFSET 0 looks up the rates of one endpoint at a time, which is also planned sooner.
    """
    meter, counts = _PRICES[name], f"{per_million_sql()} <= %({name})s"
    if plans:
        counts = f"(rate.state = 'included' OR {counts})"
    else:
        counts += f" AND rate.state = lowest_{meter}.state"
    return f"""EXISTS (
        SELECT FROM pricing_rate rate
        WHERE rate.endpoint_id = endpoint.id AND rate.meter = '{meter}' AND {HOLDS} AND {counts}
        OFFSET 0)"""


def _at_one_endpoint(conditions: Sequence[str]) -> str:
    return f"""
        SELECT FROM catalog_endpoint endpoint
        WHERE endpoint.model_id = model.id AND {" AND ".join(conditions)}"""


def _values(filters: ModelFilters, today: date) -> dict[str, Any]:
    since = today - timedelta(days=filters.released_within or 0)
    return {
        **search_values(search_words(filters.q)),
        "creator": filters.creator,
        "provider": filters.provider,
        "capability": list(filters.capability),
        "modality": filters.modality,
        "input_max": filters.input_max,
        "output_max": filters.output_max,
        "context_min": filters.context_min,
        "lifecycle": filters.lifecycle,
        "today": today.isoformat(),
        "since": since.isoformat(),
    }


# The order ----------------------------------------------------------------------------------------

_KEYS = {
    "name": "lower(model.name)",
    "context": _CONTEXT,
    "latency": "NULL::numeric",  # nothing is measured yet, so everything is unknown
    "throughput": "NULL::numeric",
    "capabilities": "nullif(cardinality(model.capabilities), 0)",  # how many there are
    "providers": "model.provider_count",
    "released": "nullif(model.released, '')",
}


def _order(filters: ModelFilters) -> str:
    """Models without a value come last in both directions; ties are ordered by slug."""
    if filters.sort == RELEVANCE:
        return search_order_sql(len(search_words(filters.q)))
    if filters.sort == DEFAULT_SORT:  # the index's order, in which the empty date is the smallest
        return "model.released DESC, model.slug"
    key = (
        _amount("lowest", plans=filters.plans)
        if filters.column in HEADLINE
        else _KEYS[filters.column]
    )
    never_null = filters.column in ("name", "providers")
    last = "" if never_null else "NULLS LAST"
    return f"{key} {_direction(filters)} {last}, model.slug"


def _direction(filters: ModelFilters) -> str:
    return "DESC" if filters.descending else "ASC"


# The statements -----------------------------------------------------------------------------------


class Match(NamedTuple):
    """`total` counts all matches, if the statement counts them."""

    id: int
    total: int = 0


@dataclass(frozen=True, slots=True)
class MatchingIds:
    """Ids of some matches, in order, and the number of all."""

    ids: list[int]
    total: int


def find_models(filters: ModelFilters, today: date, start: int, count: int) -> MatchingIds:
    values = {**_values(filters, today), "start": start, "count": count, "end": start + count}
    if filters.narrow:
        return _count_and_find(filters, values)
    by_price = filters.column in HEADLINE and not filters.plans
    statement = _by_price(filters) if by_price else _statement(filters, "model.id")
    return MatchingIds([match.id for match in rows(Match, statement, **values)], site().models)


class LeftOut(NamedTuple):
    """Numbers of matches that a list leaves out."""

    retired: int = 0
    floating: int = 0


NOTHING_LEFT_OUT = LeftOut()


def count_left_out(filters: ModelFilters, today: date) -> LeftOut:
    """What matches filters that name no stage, and is not in the list."""
    if filters.lifecycle:
        return NOTHING_LEFT_OUT
    # The filters of a list of retired models, which need no endpoint in use, without the stage.
    retired = replace(filters, lifecycle=Lifecycle.RETIRED.value)
    conditions = [sql for sql in _conditions(retired) if sql != _OF_MODELS["lifecycle"]]
    statement = f"""
        SELECT count(*) FILTER (WHERE NOT model.floating) AS retired,
               count(*) FILTER (WHERE model.floating) AS floating
        FROM catalog_model model {_joined_prices(retired)}
        WHERE NOT {in_lists_sql()} AND {" AND ".join(conditions)}
        """  # noqa: S608 - put together from fixed words alone
    return rows(LeftOut, statement, **_values(retired, today))[0]


def _count_and_find(filters: ModelFilters, values: dict[str, Any]) -> MatchingIds:
    statement = _statement(filters, "model.id, count(*) OVER () AS total")
    matches = rows(Match, statement, **values)
    if matches or not values["start"]:
        return MatchingIds([match.id for match in matches], matches[0].total if matches else 0)
    # Past the last match no row is left to carry the total.
    first = rows(Match, statement, **{**values, "start": 0, "count": 1})
    return MatchingIds([], first[0].total if first else 0)


def _statement(filters: ModelFilters, columns: str) -> str:
    joined = _joined_prices(filters)
    if filters.sort == RELEVANCE:
        joined += SEARCH_JOINS
    elif filters.column in HEADLINE:
        joined += f""" LEFT JOIN {_lowest_rates(filters)} lowest
            ON lowest.model_id = model.id AND lowest.meter = '{filters.column}'"""
    return f"""
        SELECT {columns} FROM catalog_model model {joined}
        WHERE {" AND ".join(_conditions(filters))}
        ORDER BY {_order(filters)}
        LIMIT %(count)s OFFSET %(start)s"""  # noqa: S608 - put together from fixed words alone


def _by_price(filters: ModelFilters) -> str:
    """The whole catalog by price: along the index of prices, then the models without a price."""
    direction = _direction(filters)
    has_price = f"lowest.meter = '{filters.column}' AND lowest.amount IS NOT NULL"
    return f"""
        WITH priced AS (
            SELECT model.id, lowest.amount, model.slug
            FROM pricing_lowestrate lowest JOIN catalog_model model ON model.id = lowest.model_id
            WHERE {has_price} AND {_LISTED}
            ORDER BY lowest.amount {direction}, model.slug LIMIT %(end)s
        ), others AS (
            SELECT model.id, NULL::numeric AS amount, model.slug FROM catalog_model model
            WHERE (SELECT count(*) FROM priced) < %(end)s AND {_LISTED}
              AND NOT EXISTS (SELECT FROM pricing_lowestrate lowest
                              WHERE lowest.model_id = model.id AND {has_price})
            ORDER BY model.slug LIMIT %(end)s
        )
        SELECT id FROM (SELECT * FROM priced UNION ALL SELECT * FROM others) found
        ORDER BY amount {direction} NULLS LAST, slug
        LIMIT %(count)s OFFSET %(start)s"""  # noqa: S608 - put together from fixed words alone
