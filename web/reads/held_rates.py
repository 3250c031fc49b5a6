"""Held rates as an editor decides of them: beside the price of before and what others charge."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.sql import rows
from pricing.meters import Meter, meter
from pricing.terms import Terms
from web.format.terms import in_words

# Rows of a page.
MOST = 100
WAITING, REJECTED = "waiting", "rejected"


@dataclass(frozen=True, slots=True)
class HeldRate:
    """`old_` is the published price of the same series; None where there is none.

    `usual` is the median of other providers of the model under the same terms, in the same
    currency, and `providers` their number; without any it is that of the creator's other models,
    and `providers` is 0.
    """

    id: int
    endpoint_id: int
    upstream_id: str
    model: str
    provider: str
    provider_slug: str
    meter: str
    terms: str
    state: str
    amount: Decimal | None
    currency: str
    since: datetime | None
    source: str
    why: str
    old_state: str | None
    old_amount: Decimal | None
    old_currency: str | None
    usual: Decimal | None
    providers: int

    @property
    def counted(self) -> Meter:
        return meter(self.meter)

    @property
    def unit(self) -> str:
        """What an amount buys: million tokens."""
        per = {1: "", 1_000_000: "million "}.get(self.counted.per, f"{self.counted.per:,} ")
        return f"{per}{self.counted.units if per else self.counted.unit}"

    @property
    def under(self) -> str:
        return in_words(Terms.from_json(json.loads(self.terms)))

    @property
    def reason(self) -> str:
        return self.why.removeprefix("held: ")


@dataclass(frozen=True, slots=True)
class ReviewChoice:
    """A provider or a source, and how many rows of a review it has."""

    slug: str
    name: str
    count: int


_FROM = """
FROM pricing_rate rate
JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_source source ON source.id = rate.source_id
"""
_WHERE = """
WHERE rate.held AND rate.origin <> 'withdrawn'
      AND (rate.by_id IS NOT NULL) = (%(show)s = 'rejected')
"""
_CHOSEN = """
      AND (%(provider)s = '' OR provider.slug = %(provider)s)
      AND (%(source)s = '' OR source.slug = %(source)s)
"""
_FIELDS = """
SELECT rate.id, endpoint.id AS endpoint_id, endpoint.upstream_id, model.slug AS model,
       provider.name AS provider, provider.slug AS provider_slug, rate.meter,
       rate.terms::text AS terms, rate.state, rate.amount, rate.currency, rate.valid_from AS since,
       source.name AS source, rate.why,
       old.state AS old_state, old.amount AS old_amount, old.currency AS old_currency,
       coalesce(others.amount, peers.amount) AS usual, coalesce(others.providers, 0) AS providers
"""
_OTHERS = """
LEFT JOIN LATERAL (
    SELECT one.state, one.amount, one.currency FROM pricing_rate one
    WHERE one.endpoint_id = rate.endpoint_id AND one.meter = rate.meter AND one.terms = rate.terms
          AND NOT one.held AND (one.valid_from IS NULL OR one.valid_from <= now())
          AND (one.valid_to = one.valid_from) IS NOT TRUE
    ORDER BY one.valid_from DESC NULLS LAST LIMIT 1
) old ON true
LEFT JOIN LATERAL (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY one.amount) AS amount,
           count(DISTINCT other.provider_id) AS providers
    FROM catalog_endpoint other JOIN pricing_rate one ON one.endpoint_id = other.id
    WHERE other.model_id = endpoint.model_id AND other.provider_id <> endpoint.provider_id
          AND one.meter = rate.meter AND one.terms = rate.terms AND one.currency = rate.currency
          AND one.state = 'priced' AND NOT one.held AND one.valid_to IS NULL
) others ON true
LEFT JOIN LATERAL (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY one.amount) AS amount
    FROM catalog_model sibling
    JOIN catalog_endpoint other ON other.model_id = sibling.id
    JOIN pricing_rate one ON one.endpoint_id = other.id
    WHERE others.amount IS NULL AND sibling.creator_id = model.creator_id
          AND sibling.mode = model.mode AND other.id <> endpoint.id
          AND one.meter = rate.meter AND one.terms = rate.terms AND one.currency = rate.currency
          AND one.state = 'priced' AND NOT one.held AND one.valid_to IS NULL
) peers ON true
"""
_ORDER = " ORDER BY provider.name, endpoint.upstream_id, rate.meter, rate.id LIMIT %(most)s"


def held_rates(show: str = WAITING, *, provider: str = "", source: str = "") -> list[HeldRate]:
    """The first `MOST`, by provider and endpoint."""
    statement = f"{_FIELDS}{_FROM}{_OTHERS}{_WHERE}{_CHOSEN}{_ORDER}"
    return rows(HeldRate, statement, show=show, provider=provider, source=source, most=MOST)


def held_providers(show: str) -> list[ReviewChoice]:
    return _choices("provider", show)


def held_sources(show: str) -> list[ReviewChoice]:
    return _choices("source", show)


def _choices(table: str, show: str) -> list[ReviewChoice]:
    """`table` is one of the names in `_FROM`."""
    fields = f"SELECT {table}.slug, {table}.name, count(*) AS count"
    statement = f"{fields}{_FROM}{_WHERE} GROUP BY 1, 2 ORDER BY 2"
    return rows(ReviewChoice, statement, show=show)
