"""Search and order of a provider's endpoints."""

from datetime import datetime
from typing import Any, NamedTuple

from catalog.lifecycle import Lifecycle, current_sql
from catalog.search import SEPARATORS, like_patterns, search_words
from catalog.sql import rows
from pricing.meters import HEADLINE
from pricing.rate_cards import holds_sql
from web.http.page_cache import cached_read
from web.params.tables import TableFilters
from web.reads.live import METRICS

# Every word is searched in the names of the model and its creator, and in the endpoint's id. The
# stored search text, which names every provider, narrows the search to a few models first.
_SEARCHED = """
JOIN catalog_creator creator ON creator.id = model.creator_id
     AND model.search_text LIKE ALL (%(patterns)s)
     AND translate(
         lower(concat_ws(' ', model.name, model.slug, creator.name, endpoint.upstream_id)),
         %(separators)s, %(spaces)s
     ) LIKE ALL (%(patterns)s)
"""
# The base price of one meter in dollars, at most one an endpoint: rates do not overlap. OFFSET 0
# forces a look-up per endpoint: PostgreSQL would otherwise read the rates of all providers.
_PRICED = f"""
LEFT JOIN LATERAL (
    SELECT rate.amount, rate.per FROM pricing_rate rate
    WHERE rate.endpoint_id = endpoint.id AND rate.meter = %(meter)s
      AND rate.terms = '{{}}' AND rate.currency = 'USD' AND {holds_sql()}
    OFFSET 0
) price ON true
"""  # noqa: S608 - put together from fixed words alone
_PLACED = "LEFT JOIN pricing_headline headline ON headline.model_id = model.id"
_LIVE = "LEFT JOIN telemetry_liverow live ON live.endpoint_id = endpoint.id"
_SORT_KEYS = {
    "top": "headline.top",
    "name": "lower(model.name)",
    "context": "coalesce(endpoint.context_window, endpoint.max_input)",
    "released": "nullif(coalesce(nullif(endpoint.released, ''), model.released), '')",
    **dict.fromkeys(HEADLINE, "price.amount / price.per"),
    **{metric: f"live.{metric}" for metric in METRICS},
}
SORTS = frozenset(_SORT_KEYS)


_RELEASED = "AND greatest(endpoint.released, model.released) <= %(today)s"


class _Match(NamedTuple):
    id: int


def _read_matching(
    provider_id: int, q: str, sort: str, stage: str, past: datetime | None, now: datetime
) -> tuple[int, ...]:
    at = past or now
    day = at.date().isoformat()
    patterns = like_patterns(search_words(q))
    column = sort.removeprefix("-")
    searched = _SEARCHED if patterns else ""
    priced = _PRICED if column in HEADLINE else ""
    placed = _PLACED if column == "top" else ""
    live = _LIVE if column in METRICS else ""
    key, direction = _SORT_KEYS[column], "DESC" if sort.startswith("-") else "ASC"
    statement = f"""
        SELECT endpoint.id
        FROM catalog_endpoint endpoint
        JOIN catalog_model model ON model.id = endpoint.model_id
        {searched} {priced} {placed} {live}
        WHERE endpoint.provider_id = %(provider_id)s
          {_RELEASED if past else ""}
          AND {"NOT" if stage == Lifecycle.RETIRED else ""} {current_sql()}
        ORDER BY {key} {direction} NULLS LAST, lower(model.name), endpoint.upstream_id
        """  # noqa: S608 - put together from fixed words alone
    values: dict[str, Any] = {
        "provider_id": provider_id,
        "patterns": patterns,
        "separators": SEPARATORS,
        "spaces": " " * len(SEPARATORS),
        "meter": column,
        "at": at,
        "today": day,
    }
    return tuple(match.id for match in rows(_Match, statement, **values))


# Readers page through the same few hundred endpoints.
_matching = cached_read(_read_matching, most=128)


def find_provider_endpoints(provider_id: int, filters: TableFilters) -> tuple[int, ...]:
    """The ids of a provider's endpoints that match, on all pages, in order.

    Of a past instant those that were in use then, in the order of its prices. Endpoints without a
    value to sort by come last in both directions.
    """
    stage = Lifecycle.RETIRED if filters.retired else ""
    return _matching(provider_id, filters.q, filters.sort, stage, filters.at)
