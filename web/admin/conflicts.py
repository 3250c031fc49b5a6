"""Conflicts: an editor keeps a statement, or withdraws it and lets the sources decide."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Override, Source
from catalog.overrides import keep, withdraw
from pricing.edit import keep_stated, withdraw_stated
from pricing.models import Rate
from sources.winners import settle, settle_overridden
from web.admin.base import DecisionRefused

# Reasons that the field of the reason offers.
REASONS = (
    "Their page still states the editor's value",
    "The sources have it right by now",
)


def settle_conflicts(request: HttpRequest, why: str) -> str:
    """Decide of the row of the pressed button, or of all that are ticked."""
    assert isinstance(request.user, User)
    decision = "withdraw" if "withdraw" in request.POST else "keep"
    pressed = request.POST.get(decision, "")
    rows = request.POST.getlist("row") if pressed == "ticked" else [pressed]
    overrides = [*Override.objects.standing().filter(id__in=_ids(rows, "override"))]
    rates = [
        *Rate.objects.filter(
            id__in=_ids(rows, "rate"), source__slug=Source.EDITOR, valid_to=None
        ).select_related("endpoint")
    ]
    if not (overrides or rates):
        raise DecisionRefused("Tick the conflicts first.")
    statement: dict[str, Any] = {"by": request.user, "why": why, "at": timezone.now()}
    count = len(overrides) + len(rates)
    if decision == "keep":
        for override in overrides:
            keep(override, **statement)
        keep_stated(rates, **statement)
        return f"{count:,} kept."
    for override in overrides:
        withdraw(override, **statement)
    settle_overridden(overrides)
    withdraw_stated(rates, **statement)
    settle({rate.endpoint_id for rate in rates})
    return f"{count:,} withdrawn; the best of the sources holds again."


def _ids(rows: Sequence[str], kind: str) -> list[int]:
    return [int(row.partition(":")[2]) for row in rows if row.startswith(f"{kind}:")]
