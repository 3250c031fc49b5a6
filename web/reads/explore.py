"""Prices, ratings and speeds of the models that match the list's filters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from catalog.boards import board_and_category
from catalog.lifecycle import ended_sql, model_stage_sql
from catalog.sql import rows
from telemetry.origins import MADE_UP
from web.format.figures import partial_date
from web.http.page_cache import cached_summary
from web.params.models import ModelFilters
from web.reads.found_models import find_models

# No catalog has as many models.
_ALL = 1_000_000


class PricedModel(NamedTuple):
    """A model's headline with its rating on a board, each part None where it is unknown.

    Amounts are US dollars per million tokens. `rated_as` is the name that the board rates.
    """

    endpoint_id: int
    slug: str
    name: str
    creator_slug: str
    creator: str
    provider_slug: str
    provider: str
    kind: str
    standing: str
    blend: Decimal | None
    input: Decimal | None
    output: Decimal | None
    rating: Decimal | None
    low: Decimal | None
    high: Decimal | None
    votes: int | None
    rated_as: str
    as_of: str
    latency: Decimal | None
    throughput: Decimal | None
    latency_origin: str = ""
    throughput_origin: str = ""
    stage: str = "listed"
    ended: bool = False

    def is_made_up(self, measure: str) -> bool:
        """Whether its figure is of demo calls."""
        return getattr(self, f"{measure}_origin", "") == MADE_UP


class RatedCreator(NamedTuple):
    slug: str
    name: str


class BoardCategory(NamedTuple):
    board: str
    category: str


class RatingSource(NamedTuple):
    name: str
    url: str
    licence: str
    as_of: str

    @property
    def on(self) -> str:
        return partial_date(self.as_of)


_MODELS = f"""
SELECT price.endpoint_id, model.slug, model.name,
       creator.slug AS creator_slug, creator.name AS creator,
       provider.slug AS provider_slug, provider.name AS provider, provider.kind, price.standing,
       price.blend, price.input, price.output,
       rated.rating, rated.low, rated.high, rated.votes, coalesce(rated.name, '') AS rated_as,
       coalesce(rated.as_of::text, '') AS as_of,
       live.latency, live.throughput,
       coalesce(live.details->'latency'->>'origin', '') AS latency_origin,
       coalesce(live.details->'throughput'->>'origin', '') AS throughput_origin,
       {model_stage_sql()} AS stage, {ended_sql()} AS ended
FROM pricing_pricerow price
JOIN catalog_model model ON model.id = price.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
JOIN catalog_endpoint endpoint ON endpoint.id = price.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
LEFT JOIN telemetry_liverow live ON live.endpoint_id = price.endpoint_id
LEFT JOIN (
    SELECT DISTINCT ON (model_id) * FROM catalog_rating
    WHERE board = %(board)s AND category = %(category)s
    ORDER BY model_id, rating DESC, votes DESC, name, id
) rated ON rated.model_id = model.id
WHERE price.endpoint_id = ANY(%(endpoints)s)
ORDER BY model.slug
"""  # noqa: S608 - put together from fixed words alone
_CREATORS = """
SELECT creator.slug, creator.name
FROM catalog_creator creator
JOIN catalog_model model ON model.creator_id = creator.id
JOIN catalog_rating rating ON rating.model_id = model.id
WHERE model.provider_count > 0
GROUP BY creator.slug, creator.name
ORDER BY count(DISTINCT model.id) DESC, creator.slug
"""
_CATEGORIES = """
SELECT board, category FROM catalog_rating GROUP BY board, category ORDER BY board, category
"""
_SOURCE = """
SELECT source.name, source.url, source.licence, max(rating.as_of)::text AS as_of
FROM catalog_rating rating JOIN catalog_source source ON source.id = rating.source_id
WHERE rating.board = %(board)s AND rating.category = %(category)s
GROUP BY source.id ORDER BY count(*) DESC, source.slug
"""


def priced_models(filters: ModelFilters, today: date) -> tuple[list[PricedModel], int]:
    """Models that match, by slug, each at its row's endpoint; and the number of all that match.

    Those without an endpoint that is priced are not among them.
    """
    found = find_models(replace(filters, sort="name"), today, 0, _ALL)
    endpoints = [key.endpoint_id for key in found.keys if key.endpoint_id]
    board, category = board_and_category(filters.rated_on)
    values = {"endpoints": endpoints, "board": board, "category": category}
    models = rows(PricedModel, _MODELS, **values, today=today.isoformat())
    return models, found.total


@cached_summary
def rated_creators() -> Sequence[RatedCreator]:
    """Creators of rated models, those of the most first."""
    return tuple(rows(RatedCreator, _CREATORS))


@cached_summary
def rated_categories() -> Sequence[BoardCategory]:
    return tuple(rows(BoardCategory, _CATEGORIES))


def rating_sources(board: str) -> list[RatingSource]:
    """Sources of the ratings on a board or in a category of texts, with their latest dates."""
    rated, category = board_and_category(board)
    return rows(RatingSource, _SOURCE, board=rated, category=category)
