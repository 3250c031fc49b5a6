"""The rows and headlines of all models, kept so that lists show, filter and sort by them."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.boards import BOARDS
from catalog.copy_rows import merge_rows
from catalog.known_providers import DOMESTIC
from catalog.lifecycle import current_sql, day_sql, in_lists_sql, not_retired_sql
from catalog.provider_kinds import ProviderKind, direct_sql
from catalog.sql import rows
from catalog.suitability import writes
from pricing.headline import (
    BaseRate,
    HeadlineCandidate,
    Lower,
    Standing,
    by_cost,
    in_order,
    lower_than,
)
from pricing.meters import HEADLINE, amount_per_unit
from pricing.models import Headline, PriceRow
from pricing.rate_cards import holds_sql


@dataclass(frozen=True, slots=True)
class _Row:
    endpoint: int
    model: int
    slug: str
    upstream_id: str
    provider: str
    kind: str
    own: bool
    variant: str
    region: str
    snapshot: str
    floating: bool
    missing: bool
    mode: str
    modalities_out: list[str]


# The given instant, or else now by the database's clock, and its day.
_AT = "coalesce(%(at)s::timestamptz, now())"
_TODAY = day_sql(_AT)

_AMONG = "AND endpoint.model_id = ANY(%(models)s)"
# What is retired has no price.
_ENDPOINTS = f"""
SELECT endpoint.id AS endpoint, model.id AS model, model.slug, endpoint.upstream_id,
       provider.slug AS provider, provider.kind,
       provider.creator_id IS NOT DISTINCT FROM model.creator_id AS own,
       endpoint.variant, endpoint.region, endpoint.snapshot, endpoint.floating,
       endpoint.missing_since IS NOT NULL AS missing,
       coalesce(nullif(endpoint.mode, ''), model.mode) AS mode, model.modalities_out
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE {current_sql(_TODAY)} {{among}}
"""  # noqa: S608 - put together from fixed words alone
# Rates that hold then, for everybody.
_RATES = f"""
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.per
FROM pricing_rate rate
{{joined}}
WHERE rate.terms = '{{{{}}}}' AND rate.currency = 'USD' AND {holds_sql("rate", _AT)} {{among}}
"""  # noqa: S608 - put together from fixed words alone
_OF_MODELS = "JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id"

_ROW = (
    *("endpoint", "model", "place", "cheap_place", "standing", "blend"),
    *(name for slug in HEADLINE for name in (slug, f"{slug}_state")),
    *("own_meter", "own_amount"),
)
_HEADLINE = (
    *("model", "endpoint", "standing", "cheapest"),
    *("lower_endpoint", "lower_meter", "lower_amount", "lower_ratio"),
)

# Top: models by their rating on the board of texts; unrated ones by the direct providers that serve
# them, then newest first.
_TOP = f"""
WITH served AS (
    SELECT endpoint.model_id,
           count(DISTINCT endpoint.provider_id) FILTER (WHERE {direct_sql("provider")}) AS direct,
           count(DISTINCT endpoint.provider_id) FILTER (
               WHERE provider.kind IN ('{ProviderKind.GATEWAY}', '{ProviderKind.RESELLER}')
           ) AS indirect
    FROM catalog_endpoint endpoint
    JOIN catalog_provider provider ON provider.id = endpoint.provider_id
    WHERE endpoint.missing_since IS NULL AND {not_retired_sql("endpoint", _TODAY)}
    GROUP BY endpoint.model_id
), placed AS (
    SELECT model.id,
           row_number() OVER (
               ORDER BY CASE WHEN model.rating_board = '{BOARDS[0]}' THEN model.rating END
                            DESC NULLS LAST,
                        coalesce(served.direct, 0) DESC, model.released DESC, model.slug
           ) AS top,
           CASE WHEN model.floating THEN 'floating'
                WHEN NOT {in_lists_sql(today=_TODAY)} THEN 'retired'
                WHEN model.derived_from_id IS NOT NULL THEN 'fine-tune'
                WHEN headline.standing IN ({{unpriced}}) THEN 'price'
                WHEN coalesce(served.direct, 0) = 0 AND coalesce(served.indirect, 0) < 2
                THEN 'gateway' ELSE '' END AS folded
    FROM pricing_headline headline
    JOIN catalog_model model ON model.id = headline.model_id
    LEFT JOIN served ON served.model_id = model.id
)
UPDATE pricing_headline headline SET top = placed.top, folded = placed.folded
FROM placed
WHERE placed.id = headline.model_id
  AND (headline.top, headline.folded) IS DISTINCT FROM (placed.top, placed.folded)
"""  # noqa: S608 - put together from fixed words alone
_UNPRICED = (Standing.PLAN, Standing.LOCAL, Standing.UNPRICED, Standing.MISSING)


def find_headlines(models: Collection[int] | None = None, *, at: datetime | None = None) -> int:
    """Recompute rows and headlines, of all models or of these; return how many changed.

    They are those of the instant `at`, by default of now. Reads the columns that
    `summarise_models()` keeps.
    """
    price_rows: list[tuple[Any, ...]] = []
    headlines: list[tuple[Any, ...]] = []
    for model, candidates in _candidates(models, at):
        ordered, cheapest = in_order(candidates), by_cost(candidates)
        cheap_places = {candidate.endpoint: n for n, candidate in enumerate(cheapest, 1)}
        for place, candidate in enumerate(ordered, 1):
            cheap_place = cheap_places.get(candidate.endpoint)
            price_rows.append((candidate.endpoint, model, place, cheap_place, *_prices(candidate)))
        headline = ordered[0]
        lower = lower_than(headline, cheapest)
        cheapest_of_all = cheapest[0] if cheapest else headline
        named = (headline.endpoint, headline.standing.value, cheapest_of_all.endpoint)
        headlines.append((model, *named, *_lower(lower)))
    among = None if models is None else ("model", [*models])
    count = merge_rows(PriceRow, _ROW, price_rows, among=among)
    count += merge_rows(Headline, _HEADLINE, headlines, among=among)
    unpriced = ", ".join(f"'{standing}'" for standing in _UNPRICED)
    with connection.cursor() as cursor:
        cursor.execute(_TOP.replace("{unpriced}", unpriced), {"at": at})
        return count + int(cursor.rowcount)


def _candidates(
    models: Collection[int] | None, at: datetime | None
) -> Iterator[tuple[int, list[HeadlineCandidate]]]:
    among = "" if models is None else _AMONG
    joined = "" if models is None else _OF_MODELS
    values: dict[str, Any] = {"at": at}
    if models is not None:
        values["models"] = [*models]
    rates: dict[int, dict[str, BaseRate]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_RATES.format(joined=joined, among=among), values)
        for endpoint, slug, state, amount, per in cursor.fetchall():
            rates[endpoint][slug] = BaseRate(state, amount_per_unit(amount, slug, per))
    by_model: dict[int, list[HeadlineCandidate]] = defaultdict(list)
    for row in rows(_Row, _ENDPOINTS.format(among=among), **values):
        by_model[row.model].append(
            HeadlineCandidate(
                endpoint=row.endpoint,
                upstream_id=row.upstream_id,
                provider=row.provider,
                kind=row.kind,
                own=row.own,
                domestic=row.provider in DOMESTIC,
                variant=frozenset(row.variant.split(",") if row.variant else ()),
                region=row.region,
                snapshot=row.snapshot,
                floating=row.floating,
                missing=row.missing,
                writes=writes(row.slug, row.mode, row.modalities_out),
                rates=rates.get(row.endpoint, {}),
            )
        )
    yield from by_model.items()


def _prices(candidate: HeadlineCandidate) -> tuple[str | Decimal | None, ...]:
    own = candidate.own_unit
    columns: list[str | Decimal | None] = [candidate.standing.value, candidate.blend]
    for slug in HEADLINE:
        rate = candidate.rate(slug)
        columns += [rate.amount, rate.state]
    return (*columns, own, candidate.rate(own).amount if own else None)


def _lower(lower: Lower | None) -> tuple[int | str | Decimal | None, ...]:
    if lower is None:
        return None, "", None, None
    return lower.endpoint, lower.meter, lower.amount, round(lower.ratio, 6)
