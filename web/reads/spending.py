"""What was spent: sums of the ledger, its newest entries, and all of them for a file.

An entry that is not settled counts with its hold, as it does for limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from playground.limits import WINDOW
from playground.models import LedgerEntry

PAGE_SIZE = 50
MOST_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Whose:
    """The entries of a person, whoever they are charged to, or of a team."""

    user_id: int | None = None
    team_id: int | None = None

    def entries(self) -> QuerySet[LedgerEntry]:
        entries = LedgerEntry.objects.all()
        if self.team_id is not None:
            return entries.filter(team_id=self.team_id)
        assert self.user_id is not None
        return entries.filter(Q(user_id=self.user_id) | Q(key__owner_id=self.user_id))


@dataclass(frozen=True, slots=True)
class SpentOn:
    """The calls of one model, provider, day, key or person, and what they cost, in USD."""

    name: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class SpentLine:
    meter: str
    quantity: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SpentEntry:
    """One call. `spent` is None while it is not settled: `held` counts instead."""

    id: int
    began_at: datetime
    model: str
    provider: str
    way: str
    charged_to: str
    key: str
    outcome: str
    sentence: str
    counted_by: str
    input_tokens: int | None
    output_tokens: int | None
    held: Decimal
    spent: Decimal | None
    lines: tuple[SpentLine, ...]


def spent_by(whose: Whose, group: str, now: datetime) -> list[SpentOn]:
    """Sums of the last 30 days by model, provider, day, key or person; the costliest first."""
    recent = whose.entries().filter(began_at__gt=now - WINDOW)
    field = _GROUPS[group]
    named = recent.annotate(name=TruncDate("began_at") if group == "day" else F(field))
    sums = named.values("name").annotate(
        calls=Count("id"),
        tokens_in=Coalesce(Sum("input_tokens"), 0),
        tokens_out=Coalesce(Sum("output_tokens"), 0),
        cost=Sum(Coalesce("spent", "held")),
    )
    ordered = sums.order_by("-name" if group == "day" else "-cost", "name")
    most = 31 if group == "day" else MOST_GROUPS
    return [
        SpentOn(_text(row["name"]), row["calls"], row["tokens_in"], row["tokens_out"], row["cost"])
        for row in ordered[:most]
    ]


def spent_by_members(whose: Whose, now: datetime) -> dict[int, Decimal]:
    """What each person spent in the last 30 days, by his id: all of them, however many."""
    recent = whose.entries().filter(began_at__gt=now - WINDOW, user__isnull=False)
    sums = recent.values_list("user_id").annotate(cost=Sum(Coalesce("spent", "held")))
    return {user_id: cost for user_id, cost in sums if user_id is not None}


_GROUPS = {
    "model": "model_slug",
    "provider": "provider_slug",
    "day": "began_at",
    "key": "key__name",
    "person": "user__username",
}


def _text(name: Any) -> str:
    if isinstance(name, date):
        return name.isoformat()
    return str(name) if name else ""


def number_of_entries(whose: Whose) -> int:
    return whose.entries().count()


def newest_entries(whose: Whose, page: int) -> list[SpentEntry]:
    """A page of calls, counted from 1, the newest first."""
    start = (page - 1) * PAGE_SIZE
    entries = whose.entries().select_related("team", "key", "user").order_by("-began_at", "-id")
    return [_entry(entry) for entry in entries[start : start + PAGE_SIZE]]


def all_entries(whose: Whose) -> Iterator[SpentEntry]:
    """Every call, the newest first, in pieces: an answer of any length takes little memory."""
    before: tuple[datetime, int] | None = None
    while True:
        entries = whose.entries().select_related("team", "key", "user")
        if before is not None:
            at, id_ = before
            entries = entries.filter(Q(began_at__lt=at) | Q(began_at=at, id__lt=id_))
        piece = list(entries.order_by("-began_at", "-id")[:500])
        yield from map(_entry, piece)
        if len(piece) < 500:
            return
        before = piece[-1].began_at, piece[-1].id


def _entry(entry: LedgerEntry) -> SpentEntry:
    return SpentEntry(
        id=entry.pk,
        began_at=entry.began_at,
        model=entry.model_slug,
        provider=entry.provider_slug,
        way=entry.get_way_display(),
        charged_to=entry.team.name if entry.team else (entry.user.username if entry.user else ""),
        key=entry.key.name if entry.key else "",
        outcome=entry.get_outcome_display() if entry.outcome else "not settled",
        sentence=entry.sentence,
        counted_by=entry.counted_by,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        held=entry.held,
        spent=entry.spent,
        lines=tuple(
            SpentLine(line["meter"], line["quantity"], Decimal(line["amount"]))
            for line in entry.lines
        ),
    )
