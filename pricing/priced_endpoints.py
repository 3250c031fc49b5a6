"""Every endpoint with its rate card, kept in memory until the catalog or the day changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock

from catalog.lifecycle import current_sql, ended_sql, in_use_sql, model_stage_sql
from catalog.provider_kinds import directness_sql
from catalog.sql import rows
from catalog.version import catalog_version
from pricing.endpoint import PricedEndpoint, PricedEndpoints
from pricing.ranking import Ranker
from pricing.rate_cards import all_cards
from pricing.rates import RateCard


@dataclass(frozen=True, slots=True)
class _EndpointFacts:
    id: int
    model_id: int
    upstream_id: str
    variant: str
    region: str
    snapshot: str
    mode: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    capabilities: list[str]
    lacks: list[str]
    zdr: str
    training: str
    provider: str
    provider_name: str
    kind: str
    gone: bool
    floating: bool
    standing: str
    place: int
    cheap_place: int | None


# First-party endpoints first, so that among equals they are the ones that are shown.
_ENDPOINTS = f"""
SELECT endpoint.id, endpoint.model_id, endpoint.upstream_id, endpoint.variant, endpoint.region,
       endpoint.snapshot, endpoint.mode, endpoint.context_window, endpoint.max_input,
       endpoint.max_output, endpoint.capabilities, endpoint.lacks, endpoint.zdr, endpoint.training,
       provider.slug AS provider, provider.name AS provider_name, provider.kind,
       NOT ({in_use_sql("endpoint")} AND {current_sql()}) AS gone, endpoint.floating,
       coalesce(price.standing, '') AS standing, coalesce(price.place, 0) AS place,
       price.cheap_place
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
LEFT JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
ORDER BY {directness_sql("provider")},
         model.slug, provider.slug, endpoint.upstream_id, endpoint.id
"""  # noqa: S608 - put together from fixed words alone


@dataclass(frozen=True, slots=True)
class _ModelFacts:
    id: int
    slug: str
    name: str
    creator: str
    creator_name: str
    mode: str
    context: int | None
    capabilities: list[str]
    modalities_in: list[str]
    modalities_out: list[str]
    open_weights: bool | None
    released: str
    search_text: str
    stage: str
    ended: bool


# Apart, because a model's facts would come once for each of its endpoints.
_MODELS = f"""
SELECT model.id, model.slug, model.name, creator.slug AS creator, creator.name AS creator_name,
       model.mode, coalesce(model.context_window, model.max_input) AS context, model.capabilities,
       model.modalities_in, model.modalities_out, model.open_weights, model.released,
       model.search_text, {model_stage_sql()} AS stage, {ended_sql()} AS ended
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
"""  # noqa: S608 - put together from fixed words alone

_NO_CARD = RateCard(())
_reading = Lock()
_kept: dict[tuple[str, date], PricedEndpoints] = {}


def priced_endpoints(today: date) -> PricedEndpoints:
    key = (catalog_version(), today)
    if (kept := _kept.get(key)) is not None:
        return kept
    with _reading:  # a second thread finds them read
        if (kept := _kept.get(key)) is not None:
            return kept
        endpoints = PricedEndpoints(_read(today))
        if key[0]:
            _kept.clear()
            _kept[key] = endpoints
        return endpoints


def ranker(today: date) -> Ranker:
    return _ranker(priced_endpoints(today))


@lru_cache(maxsize=1)
def _ranker(endpoints: PricedEndpoints) -> Ranker:
    return Ranker(endpoints.in_use)


def _read(today: date) -> tuple[PricedEndpoint, ...]:
    cards = all_cards()
    endpoints = rows(_EndpointFacts, _ENDPOINTS, today=today.isoformat())
    models = {model.id: model for model in rows(_ModelFacts, _MODELS, today=today.isoformat())}
    # A model may be deleted between the queries; then the version differs, and all is read again.
    return tuple(
        _joined(endpoint, models[endpoint.model_id], cards.get(endpoint.id, _NO_CARD))
        for endpoint in endpoints
        if endpoint.model_id in models
    )


def _joined(endpoint: _EndpointFacts, model: _ModelFacts, card: RateCard) -> PricedEndpoint:
    inherited = (word for word in model.capabilities if word not in endpoint.lacks)
    return PricedEndpoint(
        endpoint_id=endpoint.id,
        upstream_id=endpoint.upstream_id,
        variant=_as_set(endpoint.variant.split(",") if endpoint.variant else ()),
        region=endpoint.region,
        snapshot=endpoint.snapshot,
        mode=endpoint.mode or model.mode,
        context=endpoint.context_window or endpoint.max_input or model.context,
        max_input=endpoint.max_input,
        max_output=endpoint.max_output,
        capabilities=_as_set((*endpoint.capabilities, *inherited)),
        stated_capabilities=_as_set(endpoint.capabilities),
        lacks=_as_set(endpoint.lacks),
        zdr=endpoint.zdr,
        training=endpoint.training,
        provider=endpoint.provider,
        provider_name=endpoint.provider_name,
        kind=endpoint.kind,
        model=model.slug,
        model_name=model.name,
        creator=model.creator,
        creator_name=model.creator_name,
        modalities_in=_as_set(model.modalities_in),
        modalities_out=_as_set(model.modalities_out),
        open_weights=model.open_weights,
        released=model.released,
        stage=model.stage,
        ended=model.ended,
        search_text=model.search_text,
        gone=endpoint.gone,
        floating=endpoint.floating,
        standing=endpoint.standing,
        place=endpoint.place,
        cheap_place=endpoint.cheap_place,
        card=card,
    )


def _as_set(words: Iterable[str]) -> frozenset[str]:
    return _interned(frozenset(words))


@lru_cache(maxsize=4096)
def _interned(words: frozenset[str]) -> frozenset[str]:
    return words
