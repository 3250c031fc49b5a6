"""Apply the winning claims: fill providers, endpoints and models, and record the rates."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.copy_rows import BULK, analyze, update_rows
from catalog.derived import find_listed_since, summarise_models
from catalog.fields import column, default_values
from catalog.lifecycle import Lifecycle
from catalog.matching.called import NO_SEPARATORS
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
from catalog.provider_kinds import DIRECT
from catalog.suitability import own_tier
from pricing.lowest import find_lowest
from pricing.models import LowestOfAll, LowestRate, Rate
from pricing.rate_history import Observed, record_rates
from pricing.rates import StatedRate
from sources.model_stage import EndpointStage, model_stage
from sources.policy import endpoint_policy, with_days_counted
from sources.precedence import (
    ENDPOINT_FIELDS,
    MODEL_FIELDS,
    endpoint_columns,
    in_own_tier,
    model_columns,
    rate_card,
    winning_facts,
)
from sources.provider_winners import provider_policy, settle_providers
from sources.statement import Columns, Fact, Facts, Provenance, Statement

# Gets a line for each step of a long load.
Progress = Callable[[str], None]

_ENDPOINT_COLUMNS = (
    *ENDPOINT_FIELDS,
    *("capabilities", "lacks", "missing_since"),
    *POLICY_COLUMNS,
)
_MODEL_COLUMNS = (
    *MODEL_FIELDS,
    *("lifecycle", "deprecated_on", "retired_on", "ends_on", "capabilities", "description"),
)
# The tables that a load fills.
_SETTLED = (
    *(Creator, Model, ModelClaims, Provider, ProviderClaims, Endpoint, EndpointClaims, Source),
    *(Rate, LowestRate, LowestOfAll),
)


def no_report(line: str) -> None:
    pass


def settle(touched: Iterable[int], *, report: Progress = no_report) -> Counter[str]:
    """Choose the winners for these endpoints, their models and their rates; counts changes.

    A bulk load runs ANALYZE, so that the first request has good query plans.
    """
    ids = sorted(set(touched))
    counts: Counter[str] = Counter()
    if not ids:
        return counts
    with transaction.atomic():
        report(f"settling {len(ids):,} endpoints")
        statements = _statements(ids)
        facts = {id_: winning_facts(statements.get(id_, ())) for id_ in ids}
        _settle_endpoints(ids, statements, facts, counts)
        find_listed_since(ids)
        models = set(Endpoint.objects.filter(id__in=ids).values_list("model_id", flat=True))
        report(f"settling {len(models):,} models")
        settle_models(models, counts, facts=facts)
        report("recording rates")
        _record_rates(ids, statements, counts)
        report("finding the lowest rates")
        find_lowest()
        summarise_models()
        if len(ids) >= BULK:
            analyze(*_SETTLED)
    return counts


def _statements(ids: Sequence[int]) -> dict[int, list[Statement]]:
    statements: dict[int, list[Statement]] = defaultdict(list)
    rows = EndpointClaims.objects.filter(endpoint_id__in=ids).values_list(
        *("endpoint_id", "source__slug", "source__trust", "source__as_of", "facts", "rates"),
        *("missing_since", "by_pattern", "endpoint__variant", "endpoint__upstream_id", "by_rule"),
        "evidence",
    )
    for row in rows.iterator(chunk_size=5000):
        id_, slug, trust, as_of, facts, rates, missing, by_pattern, variant, *rest = row
        upstream_id, by_rule, evidence = rest
        stated = (StatedRate.from_json(rate) for rate in rates)
        statement = Statement(
            source=slug,
            trust=trust,
            as_of=missing or as_of,
            facts=facts,
            rates=in_own_tier(stated, own_tier(variant.split(","))),
            missing=missing is not None,
            vague=by_pattern and (bool(variant) or has_region(upstream_id)),
            by_rule=by_rule,
            evidence=evidence,
        )
        statements[id_].append(statement)
    return statements


def _overrides(subject: str, ids: Iterable[int]) -> dict[int, list[Override]]:
    overrides: dict[int, list[Override]] = defaultdict(list)
    for override in Override.objects.standing().filter(**{f"{subject}_id__in": list(ids)}):
        overrides[getattr(override, f"{subject}_id")].append(override)
    return overrides


def _apply(
    overrides: Iterable[Override],
    model: type[Endpoint] | type[Model],
    columns: Columns,
    provenance: Provenance,
) -> None:
    for override in overrides:
        columns[override.field] = column(model, override.field).to_python(override.value)
        provenance[override.field] = [Source.EDITOR, override.at.date().isoformat()]


def _changed_rows(
    model: type[Endpoint] | type[Model],
    fields: Sequence[str],
    wanted: Mapping[int, tuple[Columns, Provenance]],
) -> list[tuple[Any, ...]]:
    rows = []
    for id_, *present in model._default_manager.filter(id__in=wanted).values_list(
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
    provider_ids = dict(Endpoint.objects.filter(id__in=ids).values_list("id", "provider_id"))
    defaults = default_values(Endpoint, _ENDPOINT_COLUMNS)
    wanted = {}
    for id_ in ids:
        stated = statements.get(id_, [])
        facts = facts_of[id_]
        columns, provenance = endpoint_columns(facts)
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
    endpoints = Endpoint.objects.filter(provider_id__in=list(providers))
    return set(endpoints.values_list("id", flat=True))


def endpoints_of_models(models: Iterable[int]) -> set[int]:
    endpoints = Endpoint.objects.filter(model_id__in=list(models))
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
        settle(by_subject["endpoint"] | endpoints_of(of_policies))
        find_lowest()
        summarise_models()


def settle_models(
    ids: Iterable[int], counts: Counter[str], *, facts: Mapping[int, Facts] | None = None
) -> None:
    """Fill these models from the claims about their endpoints, the creator's own first.

    `facts` are the winning facts of endpoints that are known already.
    """
    models = {
        model.id: model for model in Model.objects.filter(id__in=ids).select_related("creator")
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
    wanted = {}
    for id_, model in models.items():
        own: list[Facts] = []
        others: list[Facts] = []
        for is_own, endpoint in endpoints.get(id_, ()):
            (own if is_own else others).append(facts_of[endpoint.id])
        columns, provenance = model_columns(own, others, fallback_name=model.slug.partition("/")[2])
        for field, fact in claimed.get(id_, {}).items():
            columns[field], provenance[field] = fact.value, fact.provenance
        overridden = overrides.get(id_, ())
        weights = [o.value for o in overridden if o.field == "open_weights"]
        open_weights = weights[0] if weights else columns.get("open_weights")
        stages = _stages(model, endpoints.get(id_, ()))
        stage = model_stage(stages, open_weights=bool(open_weights))
        columns |= stage.columns
        provenance |= stage.provenance
        _apply(overridden, Model, columns, provenance)
        _end_as_overridden(overridden, columns)
        wanted[id_] = (default_values(Model, _MODEL_COLUMNS) | columns, provenance)
    rows = _changed_rows(Model, _MODEL_COLUMNS, wanted)
    update_rows(Model, (*_MODEL_COLUMNS, "provenance"), rows)
    counts["models changed"] += len(rows)


def _model_facts(models: Iterable[int]) -> dict[int, dict[str, Fact]]:
    """What sources state of the models themselves; it outweighs what follows from endpoints."""
    facts: dict[int, dict[str, Fact]] = defaultdict(dict)
    rows = ModelClaims.objects.filter(model_id__in=list(models)).select_related("source")
    for claims in sorted(rows, key=lambda row: (row.source.trust, row.stated_at, row.source.slug)):
        for field, value in claims.facts.items():
            address, on = claims.evidence.get(field, ("", ""))
            on = on or claims.dated(field).date().isoformat()
            facts[claims.model_id][field] = Fact(value, claims.source.slug, on, address)
    return facts


def _stages(model: Model, ranked: Iterable[tuple[bool, Endpoint]]) -> list[EndpointStage]:
    """From the columns of the endpoints, which hold editors' overrides too."""
    creator, _, name = model.slug.partition("/")
    stages = []
    for own, endpoint in ranked:
        if endpoint.missing_since:
            continue
        direct = endpoint.provider.kind in DIRECT
        last = endpoint.upstream_id.rpartition("/")[2]
        is_named = last.translate(NO_SEPARATORS).lower() == name.translate(NO_SEPARATORS)
        is_plain = not (endpoint.variant or endpoint.snapshot or endpoint.region)
        far = (endpoint.provider.slug != creator, not is_named, not is_plain)
        stages.append(
            EndpointStage(
                voice=sum(4 >> place for place, is_far in enumerate(far) if is_far)
                if own and direct
                else None,
                direct=direct,
                lifecycle=endpoint.lifecycle,
                deprecated_on=endpoint.deprecated_on,
                retired_on=endpoint.retired_on,
                origins=endpoint.provenance,
            )
        )
    return stages


def _end_as_overridden(overrides: Iterable[Override], columns: Columns) -> None:
    """An editor's stage or day of retirement outweighs what follows from the endpoints."""
    fields = {override.field for override in overrides}
    if "retired_on" in fields:
        columns["ends_on"] = columns["retired_on"]
    elif "lifecycle" in fields and columns["lifecycle"] != Lifecycle.RETIRED:
        columns["ends_on"] = ""


def _ranked_endpoints(models: Mapping[int, Model]) -> dict[int, list[tuple[bool, Endpoint]]]:
    ranked: dict[int, list[tuple[bool, Endpoint]]] = defaultdict(list)
    for endpoint in Endpoint.objects.filter(model_id__in=models).select_related("provider"):
        own = endpoint.provider.creator_id == models[endpoint.model_id].creator_id
        ranked[endpoint.model_id].append((own, endpoint))

    def rank(entry: tuple[bool, Endpoint]) -> tuple[Any, ...]:
        own, endpoint = entry
        provider = endpoint.provider
        main = provider.slug == models[endpoint.model_id].creator.slug
        plain = (bool(endpoint.variant), bool(endpoint.snapshot), len(endpoint.upstream_id))
        return (not own, not main, *plain, endpoint.upstream_id, provider.slug)

    return {id_: sorted(entries, key=rank) for id_, entries in ranked.items()}


FREE_CARD = tuple(StatedRate(meter, Decimal(0), "free") for meter in ("input", "output"))


def _free_by_their_id(
    ids: Iterable[int], statements: Mapping[int, Sequence[Statement]]
) -> set[int]:
    """Endpoints of which no source states a rate, and whose id ends in `:free`: that states it."""
    unpriced = [id_ for id_ in ids if not any(s.rates for s in statements.get(id_, ()))]
    endpoints = Endpoint.objects.filter(id__in=unpriced, upstream_id__iendswith=":free")
    return set(endpoints.values_list("id", flat=True))


def _record_rates(
    ids: Sequence[int], statements: Mapping[int, Sequence[Statement]], counts: Counter[str]
) -> None:
    source_ids = dict(Source.objects.values_list("slug", "id"))
    free_ids = _free_by_their_id(ids, statements)
    cards, as_of = {}, {}
    for id_ in ids:
        stated = statements.get(id_, [])
        if all(statement.missing for statement in stated):
            continue  # What is missing upstream keeps its last known card.
        # A rule that states no rate dates none.
        dates = [s.as_of for s in stated if s.rates or not s.by_rule]
        as_of[id_] = max(dates or [s.as_of for s in stated])
        cards[id_] = [
            Observed(rate, source_ids[statement.source], statement.checked(f"rate.{rate.meter}"))
            for rate, statement in rate_card(stated)
        ]
        if id_ in free_ids:
            newest = max(stated, key=lambda s: (not s.missing, not s.by_rule, s.as_of))
            cards[id_] = [
                Observed(rate, source_ids[newest.source], newest.as_of) for rate in FREE_CARD
            ]
    counts.update({f"rates {what}": n for what, n in record_rates(cards, as_of=as_of).items()})
