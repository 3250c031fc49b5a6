"""Models side by side, each at one endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.known_names import known_names
from pricing.headline import Standing
from pricing.priced_endpoints import priced_endpoints
from web.params.compare import FEWEST, MOST, CompareQuery, readable
from web.params.models import ModelFilters, default_sort
from web.params.values import shown
from web.params.workload_fields import BY_NAME
from web.reads.comparison import (
    ComparableEndpoint,
    SuggestedModel,
    comparable_endpoints,
    first_models,
    model_ids,
    suggested_by_id,
)
from web.reads.endpoints import endpoints_by_id
from web.reads.found_models import find_models
from web.reads.model_facts import ModelFacts, models_by_id
from web.reads.ratings import ratings_of_models
from web.reads.site import Named, site
from web.tables.comparison import ComparedModel, groups
from web.tables.comparison_rows import ComparedGroup
from web.tables.comparison_workload import workload_cost
from web.text.endpoints import stage_note

SUGGESTED = 8
NAMED_UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Models side by side, in the order of the query.

    `query` names each model once, by slug, with complaints about those that cannot be compared.
    `matches` are the results of its search, `suggested` models to begin with.
    """

    query: CompareQuery
    models: tuple[ComparedModel, ...]
    groups: tuple[ComparedGroup, ...]
    matches: list[SuggestedModel]
    suggested: list[SuggestedModel]

    @property
    def misread(self) -> list[str]:
        complaints = self.query.workload.complaints if self.query.workload else {}
        return [
            f"{BY_NAME[name].label if name in BY_NAME else name}: {why}"
            for name, why in complaints.items()
        ]


def read_compare_page(query: CompareQuery, now: datetime) -> ComparePage:
    query, models = _read_models(query, now)
    compared = len(models) >= FEWEST
    return ComparePage(
        query=query,
        models=models,
        groups=groups(models, query, site()) if compared else (),
        matches=_matches(query.q, now) if query.q else [],
        suggested=[]
        if compared
        else first_models([compared.model.slug for compared in models], SUGGESTED),
    )


def _matches(words: str, now: datetime) -> list[SuggestedModel]:
    filters = ModelFilters(q=words, sort=default_sort(words))
    return suggested_by_id(find_models(filters, now.date(), 0, SUGGESTED).ids)


def _read_models(
    query: CompareQuery, now: datetime
) -> tuple[CompareQuery, tuple[ComparedModel, ...]]:
    query, wanted = _known(query)
    served = comparable_endpoints([model_id for _, model_id, _ in wanted])
    models = models_by_id(list(served))
    chosen: dict[int, _Choice] = {}
    for spelled, model_id, provider in wanted:
        if model_id not in models:
            query = query.complaining(f"no provider is known to serve {shown(spelled)}")
            continue
        endpoints = served[model_id]
        if provider not in {"", *(endpoint.provider_slug for endpoint in endpoints)}:
            provider = known_names().provider(provider) or provider
        if provider and all(endpoint.provider_slug != provider for endpoint in endpoints):
            name = models[model_id].name
            query = query.complaining(
                f"{shown(provider)} does not serve {name}, its usual provider is shown"
            )
            provider = ""
        choice = _choose(models[model_id], endpoints, provider)
        chosen.setdefault(choice.endpoint.id, choice)
    if len(chosen) > MOST:
        query = query.complaining(
            f"at most {MOST} models stand side by side, these are the first {MOST}"
        )
    compared = _compared(dict([*chosen.items()][:MOST]), query, now)
    return replace(query, asked=tuple(model.spelled for model in compared)), compared


# Models -----------------------------------------------------------------------------------------

Wanted = tuple[str, int, str]


def _known(query: CompareQuery) -> tuple[CompareQuery, list[Wanted]]:
    """Each spelling with its model and provider; complaints about those without a model."""
    readings = {spelled: _readings(spelled) for spelled in query.asked}
    ids = dict(model_ids([model for spelled in readings.values() for model, _ in spelled]))
    resolved = {}
    for spelled, pairs in readings.items():
        # A slug needs no resolver.
        as_slug = next(((model, provider) for model, provider in pairs if model in ids), None)
        resolved[spelled] = as_slug or _resolved(pairs)
    ids |= model_ids([slug for slug, _ in filter(None, resolved.values()) if slug not in ids])
    wanted = [(spelled, ids[at[0]], at[1]) for spelled, at in resolved.items() if at]
    unknown = [shown(spelled) for spelled, at in resolved.items() if not at]
    return query.complaining(*_unknown(unknown)), wanted


def _resolved(readings: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The model and provider of the first reading that resolves.

    The creator's own provider in a name is dropped: it is the usual one anyway.
    """
    names = known_names()
    for model, provider in readings:
        meaning = names.resolve(model, provider)
        if meaning.model:
            own = names.is_own(meaning.provider or "", meaning.model)
            return meaning.model, provider or ("" if own else meaning.provider or "")
    return None


def _readings(spelled: str) -> list[tuple[str, str]]:
    """Possible (model, provider) readings of a spelling: ids hold an @ too (claude@20250514)."""
    if not readable(spelled):
        return []
    lower = spelled.lower()
    first, last = lower.partition("@"), lower.rpartition("@")
    halves = [(model, provider) for model, _, provider in (first, last) if model and provider]
    return list(dict.fromkeys([(lower, ""), *halves]))


def _unknown(spelled: Sequence[str]) -> list[str]:
    if not spelled:
        return []
    names = ", ".join(spelled[:NAMED_UNKNOWN])
    rest = len(spelled) - NAMED_UNKNOWN
    more = f" and {rest} more" if rest > 0 else ""
    return [f"{names}{more} {'is' if len(spelled) == 1 else 'are'} no model known here"]


# Endpoints --------------------------------------------------------------------------------------

# Why a headline is one.
_WHY: Mapping[str, str] = {
    **{standing: standing.label for standing in Standing},
    Standing.OWN: "run by its creator",
    Standing.DIRECT: "cheapest direct provider that charges",
    Standing.GATEWAY: "cheapest gateway that charges",
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """A model, its chosen endpoint, its usual endpoint, and all candidates."""

    model: ModelFacts
    endpoint: ComparableEndpoint
    usual: ComparableEndpoint
    endpoints: Sequence[ComparableEndpoint]

    @property
    def spelled(self) -> str:
        provider, slug = self.endpoint.provider_slug, self.model.slug
        return slug if provider == self.usual.provider_slug else f"{slug}@{provider}"

    @property
    def why(self) -> str:
        several = len({endpoint.provider_slug for endpoint in self.endpoints}) > 1
        usual = self.endpoint is self.usual
        return _WHY.get(self.endpoint.standing, "") if several and usual else ""

    @property
    def providers(self) -> Named:
        ordered = sorted(
            self.endpoints,
            key=lambda endpoint: (not endpoint.direct, endpoint.provider_name.lower()),
        )
        named = {endpoint.provider_slug: endpoint.provider_name for endpoint in ordered}
        return tuple(named.items())


def _choose(model: ModelFacts, endpoints: Sequence[ComparableEndpoint], provider: str) -> _Choice:
    """The endpoint that represents a model: its headline, or the first one at a given provider."""
    usual = endpoints[0]
    if provider in ("", usual.provider_slug):
        return _Choice(model, usual, usual, endpoints)
    chosen = next(endpoint for endpoint in endpoints if endpoint.provider_slug == provider)
    return _Choice(model, chosen, usual, endpoints)


def _compared(
    chosen: Mapping[int, _Choice], query: CompareQuery, now: datetime
) -> tuple[ComparedModel, ...]:
    endpoints = endpoints_by_id(list(chosen))
    workload = query.workload if query.workload and not query.workload.complaints else None
    priced = priced_endpoints(now.date()).by_id if workload else {}
    ratings = ratings_of_models([choice.model.id for choice in chosen.values()])
    today = now.date().isoformat()
    return tuple(
        ComparedModel(
            spelled=choice.spelled,
            model=choice.model,
            stage_note=stage_note(choice.model, today=today),
            endpoint=endpoints[endpoint_id],
            providers=choice.providers,
            usual=choice.usual.provider_slug,
            why=choice.why,
            ratings=ratings[choice.model.id],
            cost=workload_cost(priced[endpoint_id], workload, now)
            if workload and endpoint_id in priced
            else None,
        )
        for endpoint_id, choice in chosen.items()
        if endpoint_id in endpoints
    )
