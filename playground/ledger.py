"""The ledger: held before a call by the most that it can cost, settled after it, within all limits.

Limits are of a person, a team, a member of a team, a key, and of a provider and day. An entry
counts with what it cost, or with its hold where that is not known; the days are the last 30.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Allowance, Key, Membership, Team
from accounts.payers import Payer
from playground.endpoints import CallableEndpoint
from playground.models import LedgerEntry
from playground.results import CallResult
from telemetry.probe_budget import PROVIDER_LOCKS, spent_on

WINDOW = timedelta(days=30)
LONGEST_RUN = timedelta(minutes=11)
_UNSETTLED = Q(spent=None)
_SETTLED = (
    *("ended_at", "spent", "outcome", "sentence", "counted_by", "lines"),
    *("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"),
    *("first", "throughput", "duration"),
)


class NotHeld(Exception):
    """Why a call is not made, in one sentence. `what` is the limit: person, team, member, key,
    provider."""

    def __init__(self, sentence: str, what: str) -> None:
        super().__init__(sentence)
        self.what = what


@dataclass(frozen=True, slots=True)
class Spending:
    """What counts against a limit, in USD. `whose` begins a sentence.

    `held` is the part of `counted` that is not settled. `back_at` is when the oldest that counts
    stops counting, and `back` how much that is.
    """

    what: str
    whose: str
    limit: Decimal
    counted: Decimal
    held: Decimal
    back: Decimal
    back_at: datetime | None

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.counted, Decimal(0))


def hold(
    payer: Payer,
    called: Iterable[tuple[CallableEndpoint, Decimal]],
    way: LedgerEntry.Way,
    now: datetime,
    *,
    most_runs: int | None = None,
) -> list[LedgerEntry]:
    """Begin calls, each with the most that it can cost: all of them, or none.

    Raises NotHeld where a limit would not hold them, or where so many runs of the person (calls
    that began together) have not ended.
    """
    calls = list(called)
    with transaction.atomic():
        _lock(payer, {endpoint.provider_id for endpoint, _ in calls})
        if most_runs is not None and _runs(payer, way, now) >= most_runs:
            raise NotHeld(
                f"{most_runs} of your prompts are being answered: wait for one, or stop it.", "runs"
            )
        most = sum((amount for _, amount in calls), Decimal(0))
        for spending in spendings(payer, now):
            if spending.counted + most > spending.limit:
                raise NotHeld(_refusal(spending, most), spending.what)
        for provider_id in {endpoint.provider_id for endpoint, _ in calls} - {None}:
            here = [
                (endpoint, amount)
                for endpoint, amount in calls
                if endpoint.provider_id == provider_id
            ]
            _refuse_beyond_day(here, now)
        return LedgerEntry.objects.bulk_create(
            LedgerEntry(
                user_id=payer.user_id,
                team_id=payer.team_id,
                key_id=payer.key_id,
                subject=payer.subject[:200],
                way=way,
                provider_id=endpoint.provider_id,
                endpoint_id=endpoint.id,
                provider_slug=endpoint.provider,
                model_slug=endpoint.model,
                began_at=now,
                held=amount,
            )
            for endpoint, amount in calls
        )


def _runs(payer: Payer, way: LedgerEntry.Way, now: datetime) -> int:
    """A run of a killed process counts as long as the longest call lasts."""
    if payer.user_id is None:
        return 0
    running = LedgerEntry.objects.filter(
        user_id=payer.user_id, way=way, outcome="", began_at__gt=now - LONGEST_RUN
    )
    return running.values("began_at").distinct().count()


def settle(entry: LedgerEntry, result: CallResult, now: datetime) -> None:
    """Replace the hold of an entry by what its call cost."""
    usage = result.usage
    entry.ended_at = now
    entry.spent = result.spent
    entry.outcome = result.outcome
    entry.sentence = result.kept_sentence[:400]
    entry.counted_by = result.counted_by
    if usage is not None:
        entry.input_tokens = int(usage["input"])
        entry.cached_tokens = int(usage["cache_read"])
        entry.output_tokens = int(usage["output"])
        entry.reasoning_tokens = int(usage["reasoning"])
    entry.lines = result.lines
    entry.first, entry.throughput = result.first, result.throughput
    entry.duration = result.duration
    # Alone: who called may have been deleted meanwhile.
    entry.save(update_fields=_SETTLED)


def _lock(payer: Payer, provider_ids: Iterable[int | None]) -> None:
    """Until the end of the transaction, and in one order: no two calls wait for each other."""
    for table, id_ in ((User, payer.user_id), (Team, payer.team_id), (Key, payer.key_id)):
        if id_ is not None:
            [*table._default_manager.select_for_update(no_key=True).filter(pk=id_).values("pk")]
    with connection.cursor() as cursor:
        for provider_id in sorted(id_ for id_ in provider_ids if id_ is not None):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PROVIDER_LOCKS, provider_id])


def spendings(payer: Payer, now: datetime) -> list[Spending]:
    """The limits that hold for a payer, and what counts against each."""
    found = []
    if payer.team_id is not None:
        found.append(_of_team(payer.team_id, now))
        if payer.user_id is not None and (member := _of_member(payer.team_id, payer.user_id, now)):
            found.append(member)
    elif payer.user_id is not None:
        found.append(_of_person(payer.user_id, now))
    alone = payer.user_id is None and payer.team_id is None
    if payer.key_id is not None and (key := _of_key(payer.key_id, now, alone=alone)):
        found.append(key)
    return found


def _of_person(user_id: int, now: datetime) -> Spending:
    own = Allowance.objects.filter(user_id=user_id).values_list("amount", flat=True).first()
    entries = LedgerEntry.objects.filter(user_id=user_id, team=None)
    return _spending("person", "Your allowance", _usual(own), entries, now)


def _of_team(team_id: int, now: datetime) -> Spending:
    name, own = Team.objects.values_list("name", "allowance").get(pk=team_id)
    entries = LedgerEntry.objects.filter(team_id=team_id)
    return _spending("team", f"The allowance of {name}", _usual(own), entries, now)


def _of_member(team_id: int, user_id: int, now: datetime) -> Spending | None:
    member = Membership.objects.filter(team_id=team_id, user_id=user_id)
    limit = member.values_list("limit", flat=True).first()
    if limit is None:
        return None
    entries = LedgerEntry.objects.filter(team_id=team_id, user_id=user_id)
    return _spending("member", "Your limit in this team", limit, entries, now)


def _of_key(key_id: int, now: datetime, *, alone: bool) -> Spending | None:
    """`alone`: a key that belongs to nobody has the usual allowance."""
    limit = Key.objects.filter(pk=key_id).values_list("limit", flat=True).first()
    if limit is None and alone:
        limit = settings.ALLOWANCE
    if limit is None:
        return None
    entries = LedgerEntry.objects.filter(key_id=key_id)
    return _spending("key", "The limit of this key", limit, entries, now)


def _usual(own: Decimal | None) -> Decimal:
    return settings.ALLOWANCE if own is None else own


def _spending(
    what: str, whose: str, limit: Decimal, entries: QuerySet[LedgerEntry], now: datetime
) -> Spending:
    counted = entries.filter(began_at__gt=now - WINDOW)
    sums = counted.aggregate(
        counted=Sum(Coalesce("spent", "held")), held=Sum("held", filter=_UNSETTLED)
    )
    costly = counted.annotate(cost=Coalesce("spent", "held")).filter(cost__gt=0)
    began = costly.values("began_at").annotate(back=Sum("cost"))
    oldest = began.order_by("began_at").values_list("began_at", "back").first()
    return Spending(
        what,
        whose,
        limit,
        sums["counted"] or Decimal(0),
        sums["held"] or Decimal(0),
        oldest[1] if oldest else Decimal(0),
        oldest[0] + WINDOW if oldest else None,
    )


def _refuse_beyond_day(calls: list[tuple[CallableEndpoint, Decimal]], now: datetime) -> None:
    """Raises NotHeld where a provider's calls of the day, probes included, would cost too much.

    What probes may still spend today is kept for them.
    """
    endpoint = calls[0][0]
    assert endpoint.provider_id is not None
    most = sum((amount for _, amount in calls), Decimal(0))
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = LedgerEntry.objects.filter(
        provider_id=endpoint.provider_id, began_at__gte=day, began_at__lt=day + timedelta(days=1)
    )
    counted = entries.aggregate(counted=Sum(Coalesce("spent", "held")))["counted"] or Decimal(0)
    probes = max(spent_on(endpoint.provider_id, now), settings.PROBE_BUDGET)
    left = settings.PROVIDER_DAY - probes - counted
    if most > left:
        raise NotHeld(
            f"All calls of {endpoint.provider_name} together may cost"
            f" {dollars(settings.PROVIDER_DAY)} a day, of which {dollars(max(left, Decimal(0)))} is"
            f" left, and this call may cost {dollars(most)}. The day ends at 00:00 UTC.",
            "provider",
        )


def _refusal(spending: Spending, most: Decimal) -> str:
    sentence = (
        f"{spending.whose} is {dollars(spending.limit)} in 30 days, of which"
        f" {dollars(spending.left)} is left, and this may cost {dollars(most)}."
    )
    if spending.back_at is None:
        return f"{sentence} Ask for fewer tokens."
    return (
        f"{sentence} {dollars(spending.back)} comes back on {spending.back_at:%-d %B at %H:%M} UTC."
    )


def dollars(amount: Decimal) -> str:
    """An amount of USD for a sentence, exact."""
    digits = amount.normalize()
    return f"${digits:,.2f}" if digits == digits.quantize(Decimal("0.01")) else f"${digits:,f}"
