"""Conflicts: an editor keeps a statement, or withdraws it and lets the sources decide."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Override, Source
from catalog.overrides import withdraw
from catalog.stated_then import stated_facts, stated_of
from catalog.write_lock import CatalogBusy, turn
from pricing.edit import close_rates, stated_prices
from pricing.models import Rate
from pricing.own_past import terms_text
from sources.winners import settle, settle_overridden
from web.admin.base import AGAIN, PATIENCE
from web.reads.conflicts import subject_of


def settle_conflicts(request: HttpRequest) -> None:
    """Decide of the row of the pressed button, or of all that are ticked."""
    assert isinstance(request.user, User)
    decision = "withdraw" if "withdraw" in request.POST else "keep"
    pressed = request.POST.get(decision, "")
    rows = request.POST.getlist("row") if pressed == "ticked" else [pressed]
    overrides = Override.objects.standing().filter(id__in=_ids(rows, "override"))
    rates = Rate.objects.filter(
        id__in=_ids(rows, "rate"), source__slug=Source.EDITOR, valid_to=None
    ).select_related("endpoint")
    try:
        with turn(patience=PATIENCE):
            count = len(overrides) + len(rates)
            if decision == "keep":
                _keep([*overrides], [*rates])
            else:
                _withdraw([*overrides], [*rates], request.user, timezone.now())
    except CatalogBusy:
        messages.warning(request, AGAIN)
        return
    done = "withdrawn; the best of the sources holds again" if decision == "withdraw" else "kept"
    messages.success(request, f"{count:,} {done}.")


def _keep(overrides: Sequence[Override], rates: Sequence[Rate]) -> None:
    """Note what sources state now: these wait no more until a source moves again."""
    for override in overrides:
        kind, id_ = subject_of(override)
        stated = stated_facts(kind, [id_]).get(id_, {})
        override.stated_then = stated_of(stated, override.field)
        override.save(update_fields=["stated_then"])
    for rate in rates:
        key = rate.endpoint_id, rate.meter, terms_text(rate.terms)
        rate.stated_then = stated_prices([rate.endpoint_id]).get(key, {})
        rate.save(update_fields=["stated_then"])


def _withdraw(overrides: Sequence[Override], rates: Sequence[Rate], by: User, at: datetime) -> None:
    for override in overrides:
        withdraw(override, by=by, at=at)
    settle_overridden(overrides)
    close_rates(rates, at=at)
    settle({rate.endpoint_id for rate in rates})


def _ids(rows: Sequence[str], kind: str) -> list[int]:
    return [int(row.partition(":")[2]) for row in rows if row.startswith(f"{kind}:")]
