"""One provider with the models it serves: as many queries however many there are."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from catalog.provider_kinds import ProviderKind
from catalog.search import SEPARATORS, like_patterns, search_words
from catalog.sql import ask
from pricing.meters import HEADLINE, amount_per_unit
from pricing.rate_cards import holds_sql
from pricing.rates import State
from web.format.figures import partial_date
from web.pages.provider_list import Served, links, what_is_served
from web.params.columns import Column
from web.params.tables import Table, TableFilters
from web.reads.prices import Price, unstated
from web.reads.site import Named, site
from web.text.endpoints import NO_TRAINING_IN_WORDS, ZDR_IN_WORDS, gone, stage_of, variant

ENDPOINTS = Table(
    columns=(
        Column("Model", "name"),
        Column("Context", "-context", numeric=True),
        Column("Input", "input", numeric=True),
        Column("Output", "output", numeric=True),
        Column("Cache read", "cache_read", numeric=True),
        Column("Capabilities"),
        Column("Released", "-released"),
        Column("Lifecycle"),
    ),
    default_sort="-released",
)


@dataclass(frozen=True, slots=True)
class ServedRow:
    """A model as this provider serves it.

    `released` is the model's own date where `own_date` is False.
    """

    model_slug: str
    model_name: str
    creator_slug: str
    creator_name: str
    provider_slug: str
    upstream_id: str
    variant: str
    context: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    released: str
    own_date: bool
    stage: str
    retires: str
    gone: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How many endpoints give each answer on a data policy, as (answer, how many); "" is unknown."""

    name: str
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    provider: Any
    kind: str
    links: Named
    served: Served
    endpoints: int
    policies: tuple[Policy, ...]
    rows: list[ServedRow]
    total: int
    filters: TableFilters

    @property
    def last(self) -> int:
        return self.filters.start + len(self.rows)


_PROVIDER = """
SELECT provider.id, provider.slug, provider.name, provider.kind, provider.headquarters, provider.docs_url,
       provider.terms_url, provider.privacy_url, provider.status_url, provider.env_names, provider.api_base,
       creator.slug AS creator_slug, creator.name AS creator_name
FROM catalog_provider provider
LEFT JOIN catalog_creator creator ON creator.id = provider.creator_id
WHERE provider.slug = %s
"""


def read_provider_page(slug: str, filters: TableFilters, now: datetime) -> ProviderPage | None:
    """A provider with a page of its endpoints; None when there is no provider of this slug."""
    found = ask(_PROVIDER, slug)
    if not found:
        return None
    provider, counted = found[0], ask(_POLICIES, found[0].id)
    chosen = _choose(provider.id, filters, now)
    if filters.page > 1 and not chosen.ids:
        filters = filters.within(_choose(provider.id, replace(filters, page=1, first=1), now).total)
        chosen = _choose(provider.id, filters, now)
    return ProviderPage(
        provider=provider,
        kind=ProviderKind(provider.kind).label,
        links=links(provider),
        served=what_is_served().get(provider.id, Served()),
        endpoints=sum(row.endpoints for row in counted),
        policies=_policies(counted),
        rows=_rows(provider, chosen.ids, now),
        total=chosen.total,
        filters=filters,
    )


# Its data policies ----------------------------------------------------------------------------------

_POLICIES = """
SELECT zdr, training, count(*) AS endpoints FROM catalog_endpoint WHERE provider_id = %s
GROUP BY zdr, training
"""


def _policies(counted: Sequence[Any]) -> tuple[Policy, ...]:
    zdr, training = Counter[str](), Counter[str]()
    for row in counted:
        zdr[ZDR_IN_WORDS[row.zdr]] += row.endpoints
        training[NO_TRAINING_IN_WORDS[row.training]] += row.endpoints
    return _policy("Zero data retention", ZDR_IN_WORDS, zdr), _policy(
        "No training on your data", NO_TRAINING_IN_WORDS, training
    )


def _policy(name: str, words: Mapping[str, str], counted: Mapping[str, int]) -> Policy:
    return Policy(
        name, tuple((answer, counted[answer]) for answer in words.values() if counted[answer])
    )


# Its endpoints --------------------------------------------------------------------------------------

_OF_PROVIDER = """
FROM catalog_endpoint endpoint
JOIN catalog_model model ON model.id = endpoint.model_id
"""
# Every word is looked for in the names of the model and its creator and in the id here. The kept
# text, which speaks of every provider, leaves few to look at.
_SEARCHED = """
JOIN catalog_creator creator ON creator.id = model.creator_id
     AND model.search_text LIKE ALL (%s)
     AND translate(lower(concat_ws(' ', model.name, model.slug, creator.name, endpoint.upstream_id)), %s, %s)
         LIKE ALL (%s)
"""
# The base price of one meter in dollars, at most one an endpoint: rates do not overlap. OFFSET 0
# has it looked up for each endpoint, where PostgreSQL would rather read the rates of all providers.
_PRICED = f"""
LEFT JOIN LATERAL (
    SELECT rate.amount, rate.per FROM pricing_rate rate
    WHERE rate.endpoint_id = endpoint.id AND rate.meter = %s
      AND rate.terms = '{{}}' AND rate.currency = 'USD' AND {holds_sql(at="%s")}
    OFFSET 0
) price ON true
"""  # noqa: S608 - put together from fixed words alone
_KEYS = {
    "name": "lower(model.name)",
    "context": "endpoint.context_window",
    "released": "nullif(coalesce(nullif(endpoint.released, ''), model.released), '')",
    **dict.fromkeys(HEADLINE, "price.amount / price.per"),
}


def _words(q: str) -> tuple[list[str], str, str, list[str]]:
    patterns = like_patterns(search_words(q))
    return patterns, SEPARATORS, " " * len(SEPARATORS), patterns


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ids of a page's endpoints in order, and how many the search leaves on all pages."""

    ids: list[int]
    total: int


def _choose(provider_id: int, filters: TableFilters, now: datetime) -> Chosen:
    """What has no value to sort by comes last in both directions.

    Past the last page there is nothing.
    """
    searched, words = (_SEARCHED, _words(filters.q)) if filters.q else ("", ())
    priced, when = (_PRICED, (filters.column, now, now)) if filters.column in HEADLINE else ("", ())
    key, direction = _KEYS[filters.column], "DESC" if filters.descending else "ASC"
    question = f"""
        SELECT endpoint.id, count(*) OVER () AS total {_OF_PROVIDER} {searched} {priced}
        WHERE endpoint.provider_id = %s
        ORDER BY {key} {direction} NULLS LAST, lower(model.name), endpoint.upstream_id LIMIT %s OFFSET %s
    """
    rows = ask(question, *words, *when, provider_id, filters.shown, filters.start)
    return Chosen([row.id for row in rows], rows[0].total if rows else 0)


_ENDPOINTS = """
SELECT endpoint.id, endpoint.upstream_id, endpoint.variant, endpoint.snapshot, endpoint.quantization,
       endpoint.region, endpoint.mode, endpoint.context_window, endpoint.max_output, endpoint.capabilities,
       endpoint.lacks, endpoint.lifecycle, endpoint.deprecated_on, endpoint.retired_on,
       endpoint.missing_since, endpoint.released AS own_date,
       coalesce(nullif(endpoint.released, ''), model.released) AS released,
       model.slug AS model_slug, model.name AS model_name,
       creator.slug AS creator_slug, creator.name AS creator_name
FROM catalog_endpoint endpoint
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
WHERE endpoint.id = ANY(%s)
"""


def _rows(provider: Any, ids: list[int], now: datetime) -> list[ServedRow]:
    found = {endpoint.id: endpoint for endpoint in ask(_ENDPOINTS, ids)}
    prices, named = _base_prices(ids, now), cache(site().named)
    return [_row(found[key], provider, prices[key], now, named) for key in ids if key in found]


def _row(
    endpoint: Any,
    provider: Any,
    prices: Mapping[str, Price],
    now: datetime,
    named: Callable[[tuple[str, ...]], Named],
) -> ServedRow:
    stage, lacks = stage_of(endpoint, now), tuple(endpoint.lacks)
    return ServedRow(
        model_slug=endpoint.model_slug,
        model_name=endpoint.model_name,
        creator_slug=endpoint.creator_slug,
        creator_name=endpoint.creator_name,
        provider_slug=provider.slug,
        upstream_id=endpoint.upstream_id,
        variant=variant(endpoint),
        context=endpoint.context_window,
        max_output=endpoint.max_output,
        prices=tuple(prices.get(slug) or unstated(slug, endpoint.mode, lacks) for slug in HEADLINE),
        capabilities=named(tuple(endpoint.capabilities)),
        released=endpoint.released,
        own_date=bool(endpoint.own_date),
        stage=stage,
        retires=endpoint.retired_on,
        gone=gone(endpoint, stage),
    )


_BASE = f"""
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       source.name AS source, to_char(rate.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS observed
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%(ids)s) AND rate.meter = ANY(%(meters)s) AND rate.terms = '{{}}'
  AND {holds_sql()}
"""  # noqa: S608 - put together from fixed words alone


def _base_prices(endpoint_ids: Sequence[int], now: datetime) -> dict[int, dict[str, Price]]:
    """The base card's headline prices of these endpoints."""
    found: dict[int, dict[str, Price]] = defaultdict(dict)
    for endpoint_id, *stated in ask(_BASE, ids=list(endpoint_ids), meters=list(HEADLINE), at=now):
        price = _price(*stated)
        found[endpoint_id][price.meter] = price
    return found


@lru_cache(maxsize=8192)
def _price(
    slug: str,
    state: State,
    amount: Decimal | None,
    currency: str,
    per: int,
    source: str,
    observed: str,
) -> Price:
    """A price that a source stated. The same figures come back at every view, so they are kept."""
    amount = amount_per_unit(amount, slug, per)
    basis = f"{source}, {partial_date(observed)}"
    return Price(slug, state, amount, currency=currency, basis=basis)
