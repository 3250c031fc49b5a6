"""Models side by side, each at one endpoint: as many queries whatever is compared."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.known_names import known_names
from catalog.provider_kinds import DIRECT
from catalog.sql import ask
from pricing.rate_cards import cards_of, holds_sql, per_million_sql
from pricing.rates import RateCard
from web.format.figures import partial_date
from web.pages.model import ENDPOINT_COLUMNS, endpoint_row
from web.params.compare import MOST, CompareQuery, readable
from web.params.models import ModelFilters, default_sort
from web.params.values import shown
from web.reads.found_models import find_models
from web.reads.rates import CurrentRate, current_rates
from web.reads.site import Named, Site, site
from web.tables.comparison import Compared, Priced, priced
from web.text.endpoints import gone, retention, stage_note, stage_of

SUGGESTED = 8
NAMED = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A model that may be added."""

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    provider_count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The models that are compared, in the order that they were asked for.

    `query` names each of them once, by its slug, and complains of what could not be compared.
    """

    query: CompareQuery
    models: tuple[Compared, ...]


def read_comparison(query: CompareQuery, now: datetime) -> Comparison:
    """The models that are asked for, each at the provider that is, or else at its usual one."""
    query, wanted = _known(query)
    doors = _doors([model_id for _, model_id, _ in wanted], now)
    models = {model.id: model for model in ask(_MODELS, list(doors))}
    chosen: dict[int, _Choice] = {}
    for spelled, model_id, provider in wanted:
        if model_id not in models:
            query = query.complaining(f"nobody is known to serve {shown(spelled)}")
            continue
        served = doors[model_id]
        if provider not in {"", *(door.provider_slug for door in served)}:
            provider = known_names().provider(provider) or provider
        if provider and all(door.provider_slug != provider for door in served):
            name = models[model_id].name
            query = query.complaining(
                f"{shown(provider)} does not serve {name}, its usual provider is shown"
            )
            provider = ""
        choice = _choose(models[model_id], served, provider)
        chosen.setdefault(choice.door.id, choice)
    if len(chosen) > MOST:
        query = query.complaining(
            f"at most {MOST} models stand side by side, these are the first {MOST}"
        )
    compared = _compared(dict([*chosen.items()][:MOST]), query, now)
    return Comparison(replace(query, asked=tuple(model.spelled for model in compared)), compared)


# Which models ---------------------------------------------------------------------------------------

Wanted = tuple[str, int, str]

_MODEL_IDS = "SELECT slug, id FROM catalog_model WHERE slug = ANY(%s)"


def _known(query: CompareQuery) -> tuple[CompareQuery, list[Wanted]]:
    """What is spelled, the model that it means and the provider that it names; complaints of the
    rest."""
    readings = {spelled: _readings(spelled) for spelled in query.asked}
    ids = _ids(model for spelled in readings.values() for model, _ in spelled)
    slugs = {spelled: _slug(readings[spelled], ids) for spelled in readings}
    resolved = {spelled: slugs[spelled] or _resolved(readings[spelled]) for spelled in readings}
    ids |= _ids(slug for slug, _ in filter(None, resolved.values()) if slug not in ids)
    wanted = [(spelled, ids[at[0]], at[1]) for spelled, at in resolved.items() if at]
    unknown = [shown(spelled) for spelled, at in resolved.items() if not at]
    return query.complaining(*_unknown(unknown)), wanted


def _ids(slugs: Iterable[str]) -> dict[str, int]:
    wanted = sorted(set(slugs))
    return {row.slug: row.id for row in ask(_MODEL_IDS, wanted)} if wanted else {}


def _slug(readings: Sequence[tuple[str, str]], ids: Mapping[str, int]) -> tuple[str, str] | None:
    """The first reading whose model is a slug: no other name has to be looked up for it."""
    return next((reading for reading in readings if reading[0] in ids), None)


def _resolved(readings: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The model and provider of the first reading that means one.

    A provider in the name counts unless it is the model's creator, which is the usual one anyway.
    """
    names = known_names()
    for model, provider in readings:
        meaning = names.resolve(model, provider)
        if meaning.model:
            own = names.is_own(meaning.provider or "", meaning.model)
            return meaning.model, provider or ("" if own else meaning.provider or "")
    return None


def _readings(spelled: str) -> list[tuple[str, str]]:
    """What a spelling may mean: ids hold an @ too, as claude@20250514 does."""
    if not readable(spelled):
        return []
    lower = spelled.lower()
    first, last = lower.partition("@"), lower.rpartition("@")
    halves = [(model, provider) for model, _, provider in (first, last) if model and provider]
    return list(dict.fromkeys([(lower, ""), *halves]))


def _unknown(spelled: Sequence[str]) -> list[str]:
    if not spelled:
        return []
    more = f" and {len(spelled) - NAMED} more" if len(spelled) > NAMED else ""
    return [
        f"{', '.join(spelled[:NAMED])}{more} {'is' if len(spelled) == 1 else 'are'} no model known here"
    ]


# Where each is compared -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    """A model, the endpoint that stands for it, the one that does where nobody asks, and all that
    could."""

    model: Any
    door: Any
    usual: Any
    doors: Sequence[Any]

    @property
    def spelled(self) -> str:
        provider, slug = self.door.provider_slug, str(self.model.slug)
        return slug if provider == self.usual.provider_slug else f"{slug}@{provider}"


_DOORS = f"""
WITH asked AS MATERIALIZED (SELECT * FROM catalog_endpoint WHERE model_id = ANY(%(models)s)),
sold AS (
    SELECT rate.endpoint_id, bool_or(rate.amount IS NOT NULL) AS sells,
           min({per_million_sql()})
               FILTER (WHERE rate.meter = 'input' AND rate.terms = '{{}}' AND rate.currency = 'USD') AS input
    FROM pricing_rate rate
    WHERE rate.endpoint_id = ANY(ARRAY(SELECT id FROM asked)) AND {holds_sql()}
    GROUP BY rate.endpoint_id
)
SELECT asked.id, asked.model_id, provider.slug AS provider_slug, provider.name AS provider_name,
       provider.kind, provider.creator_id, asked.upstream_id,
       asked.variant || asked.snapshot || asked.region = '' AS plain, asked.lifecycle, asked.deprecated_on,
       asked.retired_on, asked.missing_since, coalesce(sold.sells, false) AS sells, sold.input
FROM asked
JOIN catalog_provider provider ON provider.id = asked.provider_id
LEFT JOIN sold ON sold.endpoint_id = asked.id
ORDER BY asked.id
"""  # noqa: S608 - put together from fixed words alone


def _doors(model_ids: Sequence[int], now: datetime) -> dict[int, list[Any]]:
    """The endpoints of each model that can be used; where there is none, those that could."""
    found: dict[int, list[Any]] = defaultdict(list)
    for door in ask(_DOORS, models=list(model_ids), at=now):
        found[door.model_id].append(door)
    living = {
        model_id: [door for door in doors if not gone(door, stage_of(door, now))]
        for model_id, doors in found.items()
    }
    return {model_id: living[model_id] or doors for model_id, doors in found.items()}


def _choose(model: Any, doors: Sequence[Any], provider: str) -> _Choice:
    """The endpoint that stands for a model: the plainest at the provider that is asked for.

    Else the creator's own, else the lowest input price of who runs it, else of who passes it on;
    who gives it away for trial, and who states no price, come last.
    """
    own = [door for door in doors if door.creator_id == model.creator_id and door.sells]
    usual = min(own, key=_plainest) if own else min(doors, key=_by_price)
    if provider in ("", usual.provider_slug):
        return _Choice(model, usual, usual, doors)
    there = [door for door in doors if door.provider_slug == provider]
    return _Choice(model, min(there, key=_plainest), usual, doors)


def _plainest(door: Any) -> tuple[Any, ...]:
    return not door.plain, not door.sells, len(door.upstream_id), door.upstream_id


def _by_price(door: Any) -> tuple[Any, ...]:
    indirect, free, unpriced = door.kind not in DIRECT, door.input == 0, door.input is None
    return not door.sells, indirect, free, not door.plain, unpriced, door.input or 0, door.id


def _why(choice: _Choice) -> str:
    """Why this provider stands for the model, where nobody asked for another."""
    door = choice.door
    if door is not choice.usual or len({each.provider_slug for each in choice.doors}) == 1:
        return ""
    if door.creator_id == choice.model.creator_id:
        return "run by its creator"
    return "lowest input price" if door.input is not None else ""


def _providers(doors: Sequence[Any]) -> Named:
    ordered = sorted(doors, key=lambda door: (door.kind not in DIRECT, door.provider_name.lower()))
    return tuple({door.provider_slug: door.provider_name for door in ordered}.items())


# What is said of each -------------------------------------------------------------------------------

_MODELS = """
SELECT model.id, model.slug, model.name, model.lifecycle, model.deprecated_on, model.retired_on,
       model.released, model.knowledge_cutoff, model.open_weights, model.licence, model.modalities_in,
       model.modalities_out, model.capabilities, model.creator_id, creator.slug AS creator_slug,
       creator.name AS creator_name
FROM catalog_model model JOIN catalog_creator creator ON creator.id = model.creator_id
WHERE model.id = ANY(%s)
"""
_ENDPOINTS = f"""
SELECT {ENDPOINT_COLUMNS}, endpoint.retention, endpoint.retention_days, endpoint.policy_basis,
       endpoint.policy_exceptions, to_char(endpoint.policy_checked_on, 'YYYY-MM-DD') AS policy_checked_on
FROM catalog_endpoint endpoint JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE endpoint.id = ANY(%s)
"""  # noqa: S608 - put together from fixed words alone


def _compared(
    chosen: Mapping[int, _Choice], query: CompareQuery, now: datetime
) -> tuple[Compared, ...]:
    ids = list(chosen)
    endpoints = {endpoint.id: endpoint for endpoint in ask(_ENDPOINTS, ids)}
    rates, catalog = current_rates(ids, now), site()
    cards = cards_of(ids) if query.workload and not query.workload.complaints else {}
    return tuple(
        _one(
            chosen[each],
            endpoints[each],
            rates[each],
            now,
            catalog,
            _cost(query, cards.get(each), now),
        )
        for each in ids
    )


def _cost(query: CompareQuery, card: RateCard | None, now: datetime) -> Priced | None:
    return priced(card, query.workload, now) if card and query.workload else None


def _one(
    choice: _Choice,
    endpoint: Any,
    rates: Sequence[CurrentRate],
    now: datetime,
    catalog: Site,
    cost: Priced | None,
) -> Compared:
    model = choice.model
    row = endpoint_row(endpoint, model.slug, rates, now, catalog.named, tuple(model.modalities_out))
    has = frozenset(slug for slug, _ in row.capabilities)
    return Compared(
        spelled=choice.spelled,
        slug=model.slug,
        name=model.name,
        creator_slug=model.creator_slug,
        creator_name=model.creator_name,
        endpoint=row,
        mode=endpoint.mode,
        has=has,
        lacks=frozenset(endpoint.lacks) - has,
        elsewhere=frozenset(model.capabilities),
        rates=tuple(rates),
        providers=_providers(choice.doors),
        usual=choice.usual.provider_slug,
        why=_why(choice),
        stage=stage_of(model, now),
        stage_note=stage_note(model, stage_of(model, now), now),
        released=model.released,
        knowledge_cutoff=model.knowledge_cutoff,
        open_weights=model.open_weights,
        licence=model.licence,
        modalities_in=tuple(model.modalities_in),
        modalities_out=tuple(model.modalities_out),
        quantization=endpoint.quantization,
        retention=retention(endpoint),
        exceptions=endpoint.policy_exceptions,
        checked=partial_date(endpoint.policy_checked_on or ""),
        cost=cost,
    )


# What else could be compared ------------------------------------------------------------------------

_BY_ID = """
SELECT model.slug, model.name, creator.slug AS creator_slug, creator.name AS creator_name,
       model.provider_count
FROM unnest(%s::bigint[]) WITH ORDINALITY asked (id, place)
JOIN catalog_model model ON model.id = asked.id
JOIN catalog_creator creator ON creator.id = model.creator_id
ORDER BY asked.place
"""
_MOST_SERVED = """
SELECT model.slug, model.name, creator.slug AS creator_slug, creator.name AS creator_name,
       model.provider_count
FROM catalog_model model JOIN catalog_creator creator ON creator.id = model.creator_id
WHERE model.provider_count > 0 AND model.slug <> ALL(%s)
ORDER BY model.provider_count DESC, model.slug LIMIT %s
"""


def found_by(words: str, now: datetime) -> list[Suggestion]:
    """The models that a search finds, the likeliest first."""
    ids = find_models(ModelFilters(q=words, sort=default_sort(words)), now.date(), 0, SUGGESTED).ids
    return [Suggestion(*row) for row in ask(_BY_ID, ids)]


def most_served(compared: Iterable[str]) -> list[Suggestion]:
    """The models that most providers serve, without these."""
    return [Suggestion(*row) for row in ask(_MOST_SERVED, list(compared), SUGGESTED)]
