"""Apply the winning claims: fill providers, endpoints and models, and record the rates."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from catalog.copy_rows import BULK, analyze, update_rows
from catalog.derived import find_listed_since, summarise_models
from catalog.fields import column, default_values
from catalog.lifecycle import Lifecycle
from catalog.matching.serving import has_region
from catalog.models import (
    Creator,
    Endpoint,
    EndpointClaims,
    Model,
    ModelClaims,
    Override,
    Provider,
    ProviderClaims,
    Source,
)
from catalog.policy_columns import POLICY_COLUMNS
from catalog.suitability import own_tier
from pricing.first_seen import find_first_priced
from pricing.headlines import find_headlines
from pricing.models import Headline, PriceRow, Rate
from pricing.rates import StatedRate
from pricing.slips import Watch
from sources.derivation import Derivation
from sources.endpoint_stages import endpoint_stages, missing_since
from sources.held_dates import count_held_dates
from sources.model_facts import MODEL_FIELDS, Voices, model_columns
from sources.model_stage import model_stage
from sources.policy import endpoint_policy, with_days_counted
from sources.precedence import (
    ENDPOINT_FIELDS,
    MAKES,
    endpoint_columns,
    in_own_tier,
    winning_facts,
)
from sources.provider_winners import fact_of, in_order, provider_policy, settle_providers
from sources.rate_winners import settle_rates
from sources.redirects import keep_redirects
from sources.statement import Columns, Fact, Facts, Provenance, Statement
from sources.successors import Successors

# Gets a line for each step of a long load.
Progress = Callable[[str], None]

_ENDPOINT_COLUMNS = (
    *ENDPOINT_FIELDS,
    *("capabilities", "lacks", "missing_since"),
    *POLICY_COLUMNS,
)
_MODEL_COLUMNS = (
    *MODEL_FIELDS,
    *("lifecycle", "deprecated_on", "retired_on", "ends_on", "successor", "capabilities"),
    *("description", "missing_since"),
)
# The tables that a load fills.
_SETTLED = (
    *(Creator, Model, ModelClaims, Provider, ProviderClaims, Endpoint, EndpointClaims, Source),
    *(Rate, PriceRow, Headline),
)


def no_report(line: str) -> None:
    pass


def settle(
    touched: Iterable[int],
    *,
    models: Iterable[int] = (),
    report: Progress = no_report,
    watch: Watch = Watch.PAST,
    refresh_id: int | None = None,
) -> Counter[str]:
    """Choose the winners for these endpoints, their models and their rates; counts changes.

    `models` are others to settle. A bulk load runs ANALYZE, so that the first request has good
    query plans.
    """
    ids, others = sorted(set(touched)), set(models)
    counts: Counter[str] = Counter()
    if not (ids or others):
        return counts
    with transaction.atomic():
        report(f"settling {len(ids):,} endpoints")
        statements = _statements(ids)
        facts = {id_: winning_facts(statements.get(id_, ())) for id_ in ids}
        _settle_endpoints(ids, statements, facts, counts)
        count_held_dates(statements, counts)
        served = set(Endpoint.objects.filter(id__among=ids).values_list("model_id", flat=True))
        report(f"settling {len(served | others):,} models")
        settle_models(served | others, counts, facts=facts)
        find_listed_since(ids)
        keep_redirects()
        report("recording rates")
        settle_rates(ids, statements, counts, watch=watch, refresh_id=refresh_id)
        find_first_priced()
        report("finding the headlines")
        summarise_models()
        find_headlines()
        if len(ids) >= BULK:
            analyze(*_SETTLED)
    return counts


def _statements(ids: Sequence[int]) -> dict[int, list[Statement]]:
    statements: dict[int, list[Statement]] = defaultdict(list)
    rows = EndpointClaims.objects.filter(endpoint__among=ids).values_list(
        *("endpoint_id", "source__slug", "source__trust"),
        Coalesce("source__stated_at", "source__as_of"),
        *("facts", "rates"),
        *("missing_since", "by_pattern", "endpoint__variant", "endpoint__upstream_id", "by_rule"),
        *("evidence", "stated_at", "since"),
    )
    for row in rows.iterator(chunk_size=5000):
        id_, slug, trust, as_of, facts, rates, missing, by_pattern, variant, *rest = row
        upstream_id, by_rule, evidence, stated_at, since = rest
        tier = own_tier(variant.split(","))
        statement = Statement(
            source=slug,
            trust=trust,
            as_of=missing or as_of,
            stated_at=stated_at,
            facts=facts,
            rates=in_own_tier(map(StatedRate.from_json, rates), tier),
            missing=missing is not None,
            vague=by_pattern and (bool(variant) or has_region(upstream_id)),
            by_rule=by_rule,
            evidence=evidence,
            since=since,
            own_tier=tier,
        )
        statements[id_].append(statement)
    return statements


def _overrides(subject: str, ids: Iterable[int]) -> dict[int, list[Override]]:
    overrides: dict[int, list[Override]] = defaultdict(list)
    for override in Override.objects.standing().filter(**{f"{subject}__among": ids}):
        overrides[getattr(override, f"{subject}_id")].append(override)
    return overrides


def _apply(
    overrides: Iterable[Override],
    model: type[Endpoint] | type[Model],
    columns: Columns,
    provenance: Provenance,
) -> None:
    for override in overrides:
        field = column(model, override.field)
        columns[override.field] = (
            override.value if field.is_relation else field.to_python(override.value)
        )
        provenance[override.field] = [Source.EDITOR, override.at.date().isoformat()]


def _changed_rows(
    model: type[Endpoint] | type[Model],
    fields: Sequence[str],
    wanted: Mapping[int, tuple[Columns, Provenance]],
) -> list[tuple[Any, ...]]:
    rows = []
    for id_, *present in model._default_manager.filter(id__among=wanted).values_list(
        "id", *fields, "provenance"
    ):
        columns, provenance = wanted[id_]
        values = [columns[name] for name in fields]
        if [*values, provenance] != present:
            rows.append((id_, *values, json.dumps(provenance)))
    return rows


def _settle_endpoints(
    ids: Sequence[int],
    statements: Mapping[int, Sequence[Statement]],
    facts_of: Mapping[int, Facts],
    counts: Counter[str],
) -> None:
    overrides = _overrides("endpoint", ids)
    policies = {provider.id: provider_policy(provider) for provider in Provider.objects.all()}
    provider_ids = dict(Endpoint.objects.filter(id__among=ids).values_list("id", "provider_id"))
    defaults = default_values(Endpoint, _ENDPOINT_COLUMNS)
    makes = dict(Endpoint.objects.filter(id__among=ids).values_list("id", "model__modalities_out"))
    wanted = {}
    for id_ in ids:
        stated = statements.get(id_, [])
        facts = facts_of[id_]
        columns, provenance = endpoint_columns(facts, makes[id_])
        policy, sourced = endpoint_policy(facts, policies[provider_ids[id_]])
        columns, provenance = columns | policy, provenance | sourced
        columns["missing_since"] = _missing_since(stated)
        _apply(overrides.get(id_, ()), Endpoint, columns, provenance)
        wanted[id_] = (defaults | with_days_counted(columns), provenance)
    rows = _changed_rows(Endpoint, _ENDPOINT_COLUMNS, wanted)
    update_rows(Endpoint, (*_ENDPOINT_COLUMNS, "provenance"), rows)
    counts["endpoints changed"] += len(rows)


def _missing_since(statements: Sequence[Statement]) -> datetime | None:
    """Since when no source lists an endpoint; None for one that an editor added.

    A rule about it does not list it.
    """
    listed = [statement for statement in statements if not statement.by_rule]
    gone = listed and all(statement.missing for statement in listed)
    return max(statement.as_of for statement in listed) if gone else None


def endpoints_of(providers: Iterable[int]) -> set[int]:
    endpoints = Endpoint.objects.filter(provider__among=providers)
    return set(endpoints.values_list("id", flat=True))


def settle_overridden(overrides: Iterable[Override]) -> None:
    by_subject: dict[str, set[int]] = defaultdict(set)
    of_policies: set[int] = set()
    for override in overrides:
        if override.provider_id and override.field in POLICY_COLUMNS:
            of_policies.add(override.provider_id)
        for subject in ("model", "provider", "endpoint"):
            if id_ := getattr(override, f"{subject}_id"):
                by_subject[subject].add(id_)
    with transaction.atomic():
        settle_providers(by_subject["provider"])
        settle_models(by_subject["model"], Counter())
        _settle_outputs(by_subject["model"])
        settle(by_subject["endpoint"] | endpoints_of(of_policies))
        summarise_models()
        find_headlines()


def settle_models(
    ids: Iterable[int], counts: Counter[str], *, facts: Mapping[int, Facts] | None = None
) -> None:
    """Fill these models from the claims about their endpoints, the creator's own first.

    `facts` are the winning facts of endpoints that are known already.
    """
    models = {
        model.id: model
        for model in Model.objects.filter(id__among=[*ids]).select_related("creator")
    }
    endpoints = _ranked_endpoints(models)
    facts_of = dict(facts or {})
    unread = [
        endpoint.id
        for ranked in endpoints.values()
        for _, endpoint in ranked
        if endpoint.id not in facts_of
    ]
    statements = _statements(unread)
    facts_of |= {id_: winning_facts(statements.get(id_, ())) for id_ in unread}
    overrides = _overrides("model", models)
    claimed = _model_facts(models)
    successors = Successors()
    derivation = Derivation()
    wanted = {}
    for id_, model in models.items():
        voices = Voices()
        for own, endpoint in endpoints.get(id_, ()):
            voices.add(
                facts_of[endpoint.id],
                provider=endpoint.provider.slug,
                own=own,
                snapshot=endpoint.snapshot,
            )
        others = [*voices.by_provider.values()]
        columns, provenance = model_columns(
            voices.own,
            others,
            fallback_name=model.slug.partition("/")[2],
            snapshots=voices.snapshots,
        )
        for field, fact in claimed.get(id_, {}).items():
            columns[field], provenance[field] = fact.value, fact.provenance
        overridden = overrides.get(id_, ())
        weights = [o.value for o in overridden if o.field == "open_weights"]
        open_weights = weights[0] if weights else columns.get("open_weights")
        columns["missing_since"] = missing_since(e for _, e in endpoints.get(id_, ()))
        stages = endpoint_stages(model, endpoints.get(id_, ()))
        stage = model_stage(stages, open_weights=bool(open_weights))
        columns |= stage.columns
        provenance |= stage.provenance
        _apply(overridden, Model, columns, provenance)
        successors.resolve(model, endpoints.get(id_, ()), facts_of, columns, provenance)
        _end_as_overridden(overridden, columns)
        derivation.resolve(model.slug, [*voices.own, *others], columns, provenance)
        wanted[id_] = (default_values(Model, _MODEL_COLUMNS) | columns, provenance)
    rows = _changed_rows(Model, _MODEL_COLUMNS, wanted)
    update_rows(Model, (*_MODEL_COLUMNS, "provenance"), rows)
    counts["models changed"] += len(rows)
    _settle_outputs(
        id_
        for id_, model in models.items()
        if model.modalities_out != wanted[id_][0]["modalities_out"]
    )


def _model_facts(models: Iterable[int]) -> dict[int, dict[str, Fact]]:
    """What sources state of the models themselves; it outweighs what follows from endpoints."""
    facts: dict[int, dict[str, Fact]] = defaultdict(dict)
    rows = ModelClaims.objects.filter(model__among=models).select_related("source")
    for field, claims in in_order(rows):
        facts[claims.model_id][field] = fact_of(claims, field)
    return facts


def _settle_outputs(models: Iterable[int]) -> None:
    """Settle again the endpoints that may make what their models do, which are others now."""
    endpoints = Endpoint.objects.filter(
        Q(capabilities__overlap=[*MAKES]) | Q(claims__facts__capabilities__has_any_keys=[*MAKES]),
        model_id__in=list(models),
    )
    ids = sorted(set(endpoints.values_list("id", flat=True)))
    statements = _statements(ids)
    facts = {id_: winning_facts(statements.get(id_, ())) for id_ in ids}
    _settle_endpoints(ids, statements, facts, Counter())


def _end_as_overridden(overrides: Iterable[Override], columns: Columns) -> None:
    """An editor's stage or day of retirement outweighs what follows from the endpoints."""
    fields = {override.field for override in overrides}
    if fields & {"retired_on", "lifecycle"}:
        columns["missing_since"] = None
    if "retired_on" in fields:
        columns["ends_on"] = columns["retired_on"]
    elif "lifecycle" in fields and columns["lifecycle"] != Lifecycle.RETIRED:
        columns["ends_on"] = ""


def _ranked_endpoints(models: Mapping[int, Model]) -> dict[int, list[tuple[bool, Endpoint]]]:
    ranked: dict[int, list[tuple[bool, Endpoint]]] = defaultdict(list)
    providers = Provider.objects.in_bulk()
    endpoints = Endpoint.objects.filter(model__among=models)
    for endpoint in endpoints.defer("capabilities", "lacks", "parameters", *POLICY_COLUMNS):
        # One object for each provider: a join would make one for each endpoint.
        endpoint.provider = providers[endpoint.provider_id]
        own = endpoint.provider.creator_id == models[endpoint.model_id].creator_id
        ranked[endpoint.model_id].append((own, endpoint))

    def rank(entry: tuple[bool, Endpoint]) -> tuple[Any, ...]:
        own, endpoint = entry
        provider = endpoint.provider
        main = provider.slug == models[endpoint.model_id].creator.slug
        plain = (bool(endpoint.variant), bool(endpoint.snapshot), len(endpoint.upstream_id))
        return (not own, not main, *plain, endpoint.upstream_id, provider.slug)

    return {id_: sorted(entries, key=rank) for id_, entries in ranked.items()}
