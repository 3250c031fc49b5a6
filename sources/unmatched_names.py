"""Ids that no rule links with certainty: kept until an editor or a later rule decides them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User

from catalog.matching.link import Spelling
from catalog.matching.nearest import Doubt
from catalog.models import Alias, Endpoint, EndpointClaims, Model
from catalog.overrides import relink
from catalog.write_lock import turn
from sources.models import NameState, UnmatchedName
from sources.renamed_models import merge_models
from sources.winners import settle


class NameRefused(Exception):
    """The id cannot be decided so. The message is a sentence for the editor."""


def keep_unmatched(
    doubts: Mapping[Spelling, Doubt] | None,
    endpoints: Mapping[tuple[str, str], int],
    now: datetime,
) -> None:
    """Bring the record to what the rules doubt now; None where they were not applied.

    What an editor has decided stays.
    """
    if doubts is None:
        return
    by_rule = set(Endpoint.objects.filter(linked_by="rule").values_list("id", flat=True))
    doubted = {
        id_: doubt
        for spelling, doubt in doubts.items()
        if (id_ := endpoints.get((spelling.provider, spelling.upstream_id))) in by_rule
    }
    kept = {name.endpoint_id: name for name in UnmatchedName.objects.all()}
    _add([(id_, doubt) for id_, doubt in doubted.items() if id_ not in kept])
    changed = []
    for id_, name in kept.items():
        if name.state in (NameState.ALIAS, NameState.NEW_MODEL):
            continue
        state = NameState.WAITING if id_ in doubted else NameState.MATCHED
        doubt = doubted.get(id_, name.doubt)
        if (name.state, name.doubt) != (state, doubt):
            name.state, name.doubt = state, doubt
            name.decided_at = now if state == NameState.MATCHED else None
            changed.append(name)
    UnmatchedName.objects.bulk_update(changed, ["state", "doubt", "decided_at"])


def _add(doubted: Iterable[tuple[int, Doubt]]) -> None:
    doubt_of = dict(doubted)
    # What a source lists, the first of them; rules of others list nothing.
    listed = (
        EndpointClaims.objects.filter(endpoint__in=doubt_of, by_rule=False)
        .order_by("endpoint_id", "stated_at", "source__slug")
        .distinct("endpoint_id")
        .values_list("endpoint_id", "source_id", "facts__name")
    )
    listing = {id_: (source_id, name) for id_, source_id, name in listed}
    UnmatchedName.objects.bulk_create(
        UnmatchedName(
            endpoint_id=id_,
            source_id=listing[id_][0],
            name=listing[id_][1] or "",
            made=made,
            doubt=doubt_of[id_],
            first_seen=first_seen,
        )
        for id_, made, first_seen in Endpoint.objects.filter(id__in=listing).values_list(
            "id", "model__slug", "first_seen"
        )
    )


def make_alias(
    name: UnmatchedName, model: Model, *, by: User, why: str, now: datetime
) -> Counter[str]:
    """Link an id to a model that is known, and the same id at other providers that wait.

    Refreshes keep that. A model that is left without endpoints is merged into this one.
    """
    with turn():
        names = _same_id(name)
        if all(one.endpoint.model_id == model.id for one in names):
            raise NameRefused(f"It is linked to {model} already: confirm it as a new model.")
        left = {one.endpoint.model for one in names} - {model}
        _keep_alias(name, model, {model, *left})
        for one in names:
            if one.endpoint.model_id != model.id:
                relink(one.endpoint, model, by=by, why=why, at=now)
            one.alias_of = model
            _note(one, NameState.ALIAS, by=by, why=why, now=now)
        empty = [old for old in left if not old.endpoints.exists()]
        moved = {one.endpoint_id for one in names}
        moved |= merge_models({old.slug: model.slug for old in empty}, now)
        counts = settle(moved, models={old.id for old in left if old not in empty})
        counts["ids linked"] = len(names)
        return +counts


def confirm_model(name: UnmatchedName, *, by: User, why: str, now: datetime) -> None:
    """Confirm that an id has a model of its own: no refresh moves it from there."""
    with turn():
        model = name.endpoint.model
        _keep_alias(name, model, {model})
        for one in _same_id(name):
            if one.endpoint.model_id == model.id:
                Endpoint.objects.filter(id=one.endpoint_id).update(linked_by="editor")
                _note(one, NameState.NEW_MODEL, by=by, why=why, now=now)


def _same_id(name: UnmatchedName) -> list[UnmatchedName]:
    """This one as it is now, and those that wait with the same id at other providers."""
    rows = UnmatchedName.objects.select_for_update(of=("self",)).select_related(
        "endpoint__provider", "endpoint__model"
    )
    same = rows.filter(
        state=NameState.WAITING, endpoint__upstream_id__iexact=name.endpoint.upstream_id
    ).exclude(id=name.id)
    return [rows.get(id=name.id), *same]


def _keep_alias(name: UnmatchedName, model: Model, models: Iterable[Model]) -> None:
    """Make the id an alias, unless it is one of another model at another provider."""
    spelling = name.endpoint.upstream_id.lower()
    others = Endpoint.objects.filter(upstream_id__iexact=spelling).exclude(model__in=models)
    is_slug = Model.objects.filter(slug=spelling).exclude(id__in=[one.id for one in models])
    is_written = Alias.objects.filter(spelling=spelling, by_editor=True)
    has_space = any(character.isspace() for character in spelling)
    if has_space or others.exists() or is_slug.exists() or is_written.exists():
        return
    Alias.objects.update_or_create(spelling=spelling, defaults={"model": model, "by_editor": True})


def _note(name: UnmatchedName, state: NameState, *, by: User, why: str, now: datetime) -> None:
    if not why.strip():
        raise NameRefused("A decision needs a reason.")
    name.state, name.by, name.decided_at, name.why = state, by, now, why.strip()[:500]
    name.save()
