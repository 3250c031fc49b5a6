"""Editors' statements: kept with editor, date and reason, withdrawn, never deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from catalog.decisions import KEPT, WITHDRAWN, with_decision
from catalog.models import Endpoint, Model, Override, Provider, Relink, Source
from catalog.stated_then import stated_facts, stated_of
from catalog.write_lock import turn

Subject = Model | Provider | Endpoint


def override(
    subject: Subject, values: Mapping[str, Any], *, by: User, why: str, at: datetime
) -> None:
    """Override fields of a subject: valid against every source until withdrawn.

    The same editor withdraws an earlier override of a field at the same instant. `values` are in
    the columns' types.
    """
    with turn():
        before = type(subject)._base_manager.get(pk=subject.pk)
        stated = stated_facts(_role(subject), [subject.pk]).get(subject.pk, {})
        for field, value in values.items():
            for earlier in standing(subject).filter(field=field):
                _end(earlier, by=by, at=at)
            Override.objects.create(
                **{_role(subject): subject},
                field=field,
                value=_as_json(value),
                before=_as_json(getattr(before, field)),
                stated_then=stated_of(stated, field),
                by=by,
                at=at,
                why=why,
            )
            setattr(subject, field, value)
            subject.provenance[field] = [Source.EDITOR, at.date().isoformat()]
        subject.save(update_fields=[*values, "provenance"])


def standing(subject: Subject) -> Any:
    return Override.objects.standing().filter(**{_role(subject): subject})


def withdraw(statement: Override, *, by: User, at: datetime, why: str = "") -> None:
    """Let the sources decide again, from the next settling on."""
    if statement.withdrawn_at is None:
        if why:
            statement.decisions = with_decision(
                statement.decisions, WITHDRAWN, by=by, at=at, why=why
            )
        _end(statement, by=by, at=at)


def keep(statement: Override, *, by: User, at: datetime, why: str) -> None:
    """Keep a statement though sources moved: it waits no more until one moves again."""
    role = next(role for role in ("model", "provider", "endpoint") if getattr(statement, role))
    subject_id = getattr(statement, f"{role}_id")
    stated = stated_facts(role, [subject_id]).get(subject_id, {})
    statement.stated_then = stated_of(stated, statement.field)
    statement.decisions = with_decision(statement.decisions, KEPT, by=by, at=at, why=why)
    statement.save(update_fields=["stated_then", "decisions"])


def relink(endpoint: Endpoint, model: Model, *, by: User, why: str, at: datetime) -> None:
    """Move an endpoint to another model, on record. No refresh moves it back."""
    with turn():
        Relink.objects.create(
            endpoint=endpoint, from_model=endpoint.model, to_model=model, by=by, at=at, why=why
        )
        endpoint.model = model
        endpoint.linked_by = "editor"
        endpoint.save(update_fields=["model", "linked_by"])


def _end(statement: Override, *, by: User, at: datetime) -> None:
    statement.withdrawn_at, statement.withdrawn_by = at, by
    statement.save(update_fields=["withdrawn_at", "withdrawn_by", "decisions"])


def _role(subject: Subject) -> str:
    return type(subject).__name__.lower()


def _as_json(value: Any) -> Any:
    if isinstance(value, Model):
        return value.slug
    return value.isoformat() if hasattr(value, "isoformat") else value
