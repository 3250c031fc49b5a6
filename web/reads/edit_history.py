"""What editors did to a model, provider or endpoint: who, when, from, to and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.decisions import WITHDRAWN
from catalog.models import Endpoint, Model, Override, Provider, Relink
from pricing.meters import meter
from pricing.models import Rate
from pricing.terms import Terms
from web.format.figures import money_exact
from web.format.terms import in_words
from web.reads.conflicts import in_text

BY_SOURCES = "as sources state it"
_LIMIT = 200


@dataclass(frozen=True, slots=True)
class EditEntry:
    at: datetime
    by: str
    field: str
    before: str
    after: str
    why: str


def edit_history(subject: Model | Provider | Endpoint) -> list[EditEntry]:
    """The newest first."""
    entries = [*_overrides(subject), *_relinks(subject)]
    if isinstance(subject, Endpoint):
        entries += _prices(subject)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:_LIMIT]


def _overrides(subject: Model | Provider | Endpoint) -> Iterator[EditEntry]:
    role = type(subject).__name__.lower()
    rows = [*Override.objects.filter(**{role: subject}).select_related("by", "withdrawn_by")]
    replaced = {(row.field, row.at) for row in rows}
    for row in rows:
        field, value = row.field.replace("_", " "), in_text(row.value)
        yield EditEntry(row.at, str(row.by), field, in_text(row.before), value, row.why)
        yield from _decisions(row.decisions, field, value)
        is_noted = any(what == WITHDRAWN for what, *_ in row.decisions or ())
        if row.withdrawn_at and not is_noted and (row.field, row.withdrawn_at) not in replaced:
            by = str(row.withdrawn_by)
            yield EditEntry(row.withdrawn_at, by, field, value, BY_SOURCES, "withdrawn")


def _decisions(decisions: Any, field: str, value: str) -> Iterator[EditEntry]:
    for what, by, at, why in decisions or ():
        after = BY_SOURCES if what == WITHDRAWN else "kept"
        yield EditEntry(datetime.fromisoformat(at), by, field, value, after, why)


def _relinks(subject: Model | Provider | Endpoint) -> Iterator[EditEntry]:
    if isinstance(subject, Provider):
        return
    wanted = Q(from_model=subject) | Q(to_model=subject)
    if isinstance(subject, Endpoint):
        wanted = Q(endpoint=subject)
    rows = Relink.objects.filter(wanted).select_related(
        "endpoint__provider", "from_model", "to_model", "by"
    )
    for row in rows:
        field = "model" if isinstance(subject, Endpoint) else f"model of {row.endpoint}"
        yield EditEntry(row.at, str(row.by), field, str(row.from_model), str(row.to_model), row.why)


def _prices(endpoint: Endpoint) -> Iterator[EditEntry]:
    rows = [*Rate.objects.filter(endpoint=endpoint).select_related("by", "source")]
    for row in rows:
        if row.by is None:
            continue
        earlier = next(
            (
                other
                for other in rows
                if not other.held
                and (other.meter, other.terms) == (row.meter, row.terms)
                and other.valid_to is not None
                and other.valid_to == row.valid_from
            ),
            None,
        )
        under = in_words(Terms.from_json(row.terms))
        name = meter(row.meter).name
        before, after = _price(earlier) if earlier else "none", _price(row)
        if row.held:
            is_cleared = row.origin == Rate.Origin.WITHDRAWN
            before, after = after, "cleared" if is_cleared else "rejected"
        field = name if under == "Standard" else f"{name}, {under}"
        yield from _decisions(row.decisions, field, _price(row))
        yield EditEntry(
            row.decided_at or row.observed_at,
            str(row.by),
            field,
            before,
            after,
            row.why,
        )


def _price(rate: Rate) -> str:
    if rate.amount is None or rate.state != "priced":
        return rate.get_state_display()
    return money_exact(rate.amount.normalize(), rate.currency)
