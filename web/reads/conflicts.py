"""Editors' facts and prices whose sources have moved since, or state the same by now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import Override, Source
from catalog.stated_then import Stated, moved, stated_facts, stated_of
from pricing.edit import stated_prices
from pricing.meters import meter
from pricing.models import Rate
from pricing.own_past import terms_text
from pricing.terms import Terms
from web.format.terms import in_words


@dataclass(frozen=True, slots=True)
class Conflict:
    """`row` names it in forms; `then` and `now` are by source.

    `agree` is whether all sources state what the editor stated; `provider` is a slug, "" of models.
    """

    row: str
    subject: str
    form: tuple[str, int]
    field: str
    value: str
    by: str
    at: datetime
    why: str
    then: Sequence[tuple[str, str]]
    now: Sequence[tuple[str, str]]
    agree: bool
    provider: str = ""


_KINDS = ("model", "provider", "endpoint")


def subject_of(override: Override) -> tuple[str, int]:
    """The kind and the id of what an override is about."""
    ids = ((kind, getattr(override, f"{kind}_id")) for kind in _KINDS)
    return next((kind, id_) for kind, id_ in ids if id_ is not None)


def conflicts() -> list[Conflict]:
    return [*_of_facts(), *_of_prices()]


def _provider_of(override: Override) -> str:
    provider = override.endpoint.provider if override.endpoint else override.provider
    return provider.slug if provider else ""


def _of_facts() -> list[Conflict]:
    standing = Override.objects.standing().select_related(
        "model", "provider", "endpoint__provider", "by"
    )
    overrides = [override for override in standing if override.stated_then is not None]
    found = []
    for kind in _KINDS:
        of_kind = [(one, subject_of(one)[1]) for one in overrides if subject_of(one)[0] == kind]
        facts = stated_facts(kind, {id_ for _, id_ in of_kind})
        for one, id_ in of_kind:
            now = stated_of(facts.get(id_, {}), one.field)
            if not moved(one.stated_then, now):
                continue
            found.append(
                Conflict(
                    row=f"override:{one.pk}",
                    subject=str(getattr(one, kind)),
                    form=(f"admin:catalog_{kind}_change", id_),
                    field=one.field.replace("_", " "),
                    value=in_text(one.value),
                    by=str(one.by),
                    at=one.at,
                    why=one.why,
                    then=_lines(one.stated_then),
                    now=_lines(now),
                    agree=_agree(now, one.value),
                    provider=_provider_of(one),
                )
            )
    return found


def _of_prices() -> list[Conflict]:
    rates = [
        *Rate.objects.filter(
            source__slug=Source.EDITOR, valid_to=None, stated_then__isnull=False
        ).select_related("endpoint__provider", "by")
    ]
    prices = stated_prices({rate.endpoint_id for rate in rates})
    found = []
    for rate in rates:
        now = prices.get((rate.endpoint_id, rate.meter, terms_text(rate.terms)), {})
        if not moved(rate.stated_then, now):
            continue
        own: dict[str, Any] = {"state": rate.state, "currency": rate.currency}
        if rate.amount is not None:
            own["amount"] = f"{rate.amount.normalize():f}"
        under = in_words(Terms.from_json(rate.terms))
        name = meter(rate.meter).name
        found.append(
            Conflict(
                row=f"rate:{rate.pk}",
                subject=str(rate.endpoint),
                form=("admin:pricing_rate_change", rate.pk),
                field=name if under == "Standard" else f"{name}, {under}",
                value=in_text(own),
                by=str(rate.by),
                at=rate.observed_at,
                why=rate.why,
                then=_lines(rate.stated_then),
                now=_lines(now),
                agree=_agree(now, own),
                provider=rate.endpoint.provider.slug,
            )
        )
    return found


def in_text(value: Any) -> str:
    """A stated value in words, short enough for a table."""
    if isinstance(value, Mapping):
        if "state" in value:
            amount = value.get("amount")
            return f"{amount} {value['currency']}" if amount else value["state"].replace("_", " ")
        return ", ".join(sorted(name for name, has in value.items() if has)) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "nothing" if value in (None, "") else str(value)


def _lines(stated: Stated | None) -> list[tuple[str, str]]:
    return [
        (source, " or ".join(map(in_text, values)))
        for source, values in sorted((stated or {}).items())
    ]


def _agree(now: Stated, value: Any) -> bool:
    return bool(now) and all(in_text(one) == in_text(value) for v in now.values() for one in v)
