"""What sources state of a fact that an editor overrides, to see later whether they have moved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet

from catalog.statements import EndpointClaims, ModelClaims, ProviderClaims

# By source, the values that it states: of a model, those of all its endpoints.
Stated = Mapping[str, Sequence[Any]]
# Columns that claims name otherwise.
_CLAIMED_AS = {"successor": "successors"}


def stated_facts(kind: str, ids: Iterable[int]) -> dict[int, dict[str, dict[str, list[Any]]]]:
    """By subject and column, what each source states now. `kind` is model, provider or endpoint."""
    found: dict[int, dict[str, dict[str, list[Any]]]] = defaultdict(lambda: defaultdict(dict))
    wanted = [*ids]
    for rows in _claims(kind, wanted):
        for id_, source, facts in rows:
            for field, value in facts.items():
                values = found[id_][field].setdefault(source, [])
                if value not in values:
                    values.append(value)
    return found


def stated_of(facts: Mapping[str, Stated], column: str) -> dict[str, list[Any]]:
    named = facts.get(_CLAIMED_AS.get(column, column), {})
    return {source: sorted(values, key=repr) for source, values in named.items()}


def moved(then: Stated | None, now: Stated) -> list[str]:
    """The sources that state another value than then.

    One that stated nothing then has moved only if its value is new. None where it is not on record
    what was stated then.
    """
    if then is None:
        return []
    known = [value for values in then.values() for value in values]
    return sorted(
        source
        for source, values in now.items()
        if any(value not in then.get(source, known) for value in values)
    )


def _claims(kind: str, ids: Sequence[int]) -> list[QuerySet[Any, tuple[int, str, Any]]]:
    if kind == "provider":
        return [_rows(ProviderClaims.objects.filter(provider__in=ids), "provider_id")]
    if kind == "endpoint":
        return [_rows(EndpointClaims.objects.filter(endpoint__in=ids), "endpoint_id")]
    return [
        _rows(ModelClaims.objects.filter(model__in=ids), "model_id"),
        _rows(EndpointClaims.objects.filter(endpoint__model__in=ids), "endpoint__model_id"),
    ]


def _rows(claims: QuerySet[Any], subject: str) -> QuerySet[Any, tuple[int, str, Any]]:
    standing = claims.filter(missing_since=None).order_by("id")
    return standing.values_list(F(subject), "source__slug", "facts")
