"""Apply the winning claims: fill providers, endpoints and models, and record the rates."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.copy_rows import BULK, analyze, array_text, update_rows
from catalog.derived import find_listed_since, summarise_models
from catalog.fields import column, default_values
from catalog.json_text import to_json_text
from catalog.lifecycle import Lifecycle
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
from pricing.first_seen import find_first_priced
from pricing.headlines import find_headlines
from pricing.models import Headline, PriceRow, Rate
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
    winning_facts,
)
from sources.provider_winners import fact_of, in_order, provider_policy, settle_providers
from sources.rate_winners import settle_rates
from sources.redirects import keep_redirects
from sources.served import served_endpoints
from sources.stated_now import statements_on
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

    `models` are others to settle. A load that fills tables runs ANALYZE, so that the first request
    has good query plans.
    """
    ids, others = sorted(set(touched)), set(models)
    counts: Counter[str] = Counter()
    if not (ids or others):
        return counts
    with transaction.atomic():
        report(f"settling {len(ids):,} endpoints")
        statements = statements_on(ids)
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
        if counts["rates first"] >= BULK:
            analyze(*_SETTLED)
    return counts


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


def _update(
    model: type[Endpoint] | type[Model],
    fields: Sequence[str],
    wanted: Mapping[int, tuple[Columns, Provenance]],
) -> int:
    """Write the columns and the provenance of these rows, where they differ; how many did."""
    rows = []
    for id_, (columns, provenance) in wanted.items():
        values = (columns[name] for name in fields)
        written = (array_text(value) if isinstance(value, list) else value for value in values)
        rows.append((id_, *written, to_json_text(provenance)))
    return update_rows(model, (*fields, "provenance"), rows)


def _settle_endpoints(
    ids: Sequence[int],
    statements: Mapping[int, Sequence[Statement]],
    facts_of: Mapping[int, Facts],
    counts: Counter[str],
) -> None:
    overrides = _overrides("endpoint", ids)
    policies = {provider.id: provider_policy(provider) for provider in Provider.objects.all()}
    defaults = default_values(Endpoint, _ENDPOINT_COLUMNS)
    rows = Endpoint.objects.filter(id__among=ids)
    wanted = {}
    for id_, provider_id, makes in rows.values_list("id", "provider_id", "model__modalities_out"):
        stated = statements.get(id_, [])
        facts = facts_of[id_]
        columns, provenance = endpoint_columns(facts, makes)
        policy, sourced = endpoint_policy(facts, policies[provider_id])
        columns, provenance = columns | policy, provenance | sourced
        columns["missing_since"] = _missing_since(stated)
        _apply(overrides.get(id_, ()), Endpoint, columns, provenance)
        wanted[id_] = (defaults | with_days_counted(columns), provenance)
    counts["endpoints changed"] += _update(Endpoint, _ENDPOINT_COLUMNS, wanted)


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
    endpoints = served_endpoints(models)
    facts_of = dict(facts or {})
    unread = [
        endpoint.id
        for served in endpoints.values()
        for endpoint in served
        if endpoint.id not in facts_of
    ]
    statements = statements_on(unread)
    facts_of |= {id_: winning_facts(statements.get(id_, ())) for id_ in unread}
    overrides = _overrides("model", models)
    claimed = _model_facts(models)
    successors = Successors()
    derivation = Derivation()
    wanted = {}
    for id_, model in models.items():
        voices = Voices()
        served = endpoints.get(id_, [])
        for endpoint in served:
            voices.add(
                facts_of[endpoint.id],
                provider=endpoint.provider.slug,
                own=endpoint.own,
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
        columns["missing_since"] = missing_since(served)
        stages = endpoint_stages(model, served)
        stage = model_stage(stages, open_weights=bool(open_weights))
        columns |= stage.columns
        provenance |= stage.provenance
        _apply(overridden, Model, columns, provenance)
        successors.resolve(model, served, facts_of, columns, provenance)
        _end_as_overridden(overridden, columns)
        derivation.resolve(model.slug, [*voices.own, *others], columns, provenance)
        wanted[id_] = (default_values(Model, _MODEL_COLUMNS) | columns, provenance)
    counts["models changed"] += _update(Model, _MODEL_COLUMNS, wanted)
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
    statements = statements_on(ids)
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
