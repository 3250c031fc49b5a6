"""The ledger: held before a call by the most that it can cost, settled after it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.payers import Payer
from playground.endpoints import CallableEndpoint
from playground.limits import Spending, left_of_day, spendings
from playground.models import LedgerEntry
from playground.results import CallResult
from telemetry.probe_budget import PROVIDER_LOCKS

LONGEST_RUN = timedelta(minutes=11)
_SETTLED = (
    *("ended_at", "spent", "outcome", "sentence", "counted_by", "lines"),
    *("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"),
    *("first", "throughput", "duration"),
)
# Written out: the ORM takes as long to build a statement as PostgreSQL to answer ten.
_SETTLE = f"""
UPDATE playground_ledgerentry SET {", ".join(f"{name} = %({name})s" for name in _SETTLED)}
WHERE id = %(id)s
"""  # noqa: S608 - put together from fixed words alone
_BEGIN = """
INSERT INTO playground_ledgerentry (
    user_id, team_id, key_id, subject, way, provider_id, endpoint_id, provider_slug, model_slug,
    began_at, held, outcome, sentence, counted_by, lines
) VALUES (
    %(user_id)s, %(team_id)s, %(key_id)s, %(subject)s, %(way)s, %(provider_id)s, %(endpoint_id)s,
    %(provider_slug)s, %(model_slug)s, %(began_at)s, %(held)s, '', '', '', '[]'
) RETURNING id
"""


class NotHeld(Exception):
    """Why a call is not made, in one sentence. `what` is the limit: person, team, member, key,
    provider."""

    def __init__(self, sentence: str, what: str) -> None:
        super().__init__(sentence)
        self.what = what


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
    most = sum((amount for _, amount in calls), Decimal(0))
    with transaction.atomic():
        _lock(payer, {endpoint.provider_id for endpoint, _ in calls} - {None})
        if most_runs is not None and _runs(payer, way, now) >= most_runs:
            raise NotHeld(
                f"{most_runs} of your prompts are being answered: wait for one, or stop it.", "runs"
            )
        for spending in spendings(payer, now):
            if spending.counted + most > spending.limit:
                raise NotHeld(_refusal(spending, most), spending.what)
        _refuse_beyond_day(calls, now)
        return _begun(payer, calls, way, now)


def _begun(
    payer: Payer,
    calls: Sequence[tuple[CallableEndpoint, Decimal]],
    way: LedgerEntry.Way,
    now: datetime,
) -> list[LedgerEntry]:
    entries = []
    with connection.cursor() as cursor:
        for endpoint, amount in calls:
            values: dict[str, Any] = {
                "user_id": payer.user_id,
                "team_id": payer.team_id,
                "key_id": payer.key_id,
                "subject": payer.subject[:200],
                "way": way.value,
                "provider_id": endpoint.provider_id,
                "endpoint_id": endpoint.id,
                "provider_slug": endpoint.provider,
                "model_slug": endpoint.model,
                "began_at": now,
                "held": amount,
            }
            cursor.execute(_BEGIN, values)
            (id_,) = cursor.fetchone() or (None,)
            entries.append(LedgerEntry(id=id_, **values))
    return entries


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
    values = {name: getattr(entry, name) for name in _SETTLED}
    # Alone: who called may have been deleted meanwhile.
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {**values, "lines": json.dumps(entry.lines), "id": entry.pk})


_LOCK = """
SELECT (SELECT id FROM auth_user WHERE id = %(user)s FOR NO KEY UPDATE),
       (SELECT id FROM accounts_team WHERE id = %(team)s FOR NO KEY UPDATE),
       (SELECT id FROM accounts_key WHERE id = %(key)s FOR NO KEY UPDATE),
       (SELECT count(pg_advisory_xact_lock(%(locks)s, id)) FROM unnest(%(providers)s::int[]) AS id)
"""


def _lock(payer: Payer, provider_ids: Iterable[int | None]) -> None:
    """Until the end of the transaction, and in one order: no two calls wait for each other.

    A statement of its own: what others spent until then is seen by the next one alone.
    """
    words = {
        "user": payer.user_id,
        "team": payer.team_id,
        "key": payer.key_id,
        "locks": PROVIDER_LOCKS,
        "providers": sorted(id_ for id_ in provider_ids if id_ is not None),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, words)


def _refuse_beyond_day(calls: Sequence[tuple[CallableEndpoint, Decimal]], now: datetime) -> None:
    """Raises NotHeld where a provider's calls of the day, probes included, would cost too much."""
    most: dict[int, Decimal] = {}
    names: dict[int, str] = {}
    for endpoint, amount in calls:
        if endpoint.provider_id is not None:
            most[endpoint.provider_id] = most.get(endpoint.provider_id, Decimal(0)) + amount
            names[endpoint.provider_id] = endpoint.provider_name
    for provider_id, left in left_of_day(most, now).items():
        if most[provider_id] > left:
            raise NotHeld(
                f"All calls of {names[provider_id]} together may cost"
                f" {dollars(settings.PROVIDER_DAY)} a day, of which"
                f" {dollars(max(left, Decimal(0)))} is left, and this call may cost"
                f" {dollars(most[provider_id])}. The day ends at 00:00 UTC.",
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
