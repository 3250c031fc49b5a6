"""The history of edits below the form of a model, provider or endpoint."""

from typing import Any

from django import template

from catalog.models import Endpoint, Model, Provider
from web.reads.edit_history import EditEntry, edit_history

register = template.Library()


@register.simple_tag
def edits_of(subject: Any) -> list[EditEntry] | None:
    """None for a row of another kind, or one that is not saved yet."""
    is_kept = isinstance(subject, Model | Provider | Endpoint) and subject.pk
    return edit_history(subject) if is_kept else None
