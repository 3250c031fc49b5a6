"""What counts against each limit: of a person, a team, a member of a team, a key, a provider's day.

An entry of the ledger counts with what it cost, or with its hold where that is not known, for 30
days.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection

from accounts.payers import Payer
from catalog.sql import rows
from telemetry.probe_budget import SPENT_ON_PROBES

WINDOW = timedelta(days=30)


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


# For each limit its sentence and amount, where there is one, and the entries that count against it.
_LIMITS = {
    "person": (
        """SELECT 'Your allowance',
           coalesce((SELECT amount FROM accounts_allowance WHERE user_id = %(user)s), %(usual)s)""",
        "user_id = %(user)s AND team_id IS NULL",
    ),
    "team": (
        """SELECT 'The allowance of ' || name, coalesce(allowance, %(usual)s) FROM accounts_team
           WHERE id = %(team)s""",
        "team_id = %(team)s",
    ),
    "member": (
        """SELECT 'Your limit in this team', "limit" FROM accounts_membership
           WHERE team_id = %(team)s AND user_id = %(user)s AND "limit" IS NOT NULL""",
        "team_id = %(team)s AND user_id = %(user)s",
    ),
    "key": (
        """SELECT 'The limit of this key', "limit" FROM accounts_key
           WHERE id = %(key)s AND "limit" IS NOT NULL""",
        "key_id = %(key)s",
    ),
    # A key that belongs to nobody has the usual allowance.
    "key of nobody": (
        """SELECT 'The limit of this key', coalesce("limit", %(usual)s) FROM accounts_key
           WHERE id = %(key)s""",
        "key_id = %(key)s",
    ),
}
_SPENDING = """
SELECT '{what}' AS what, limits.whose, limits.amount AS "limit", sums.counted, sums.held,
       coalesce(oldest.back, 0) AS back, oldest.began_at + %(window)s AS back_at
FROM ({limit}) AS limits (whose, amount)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(coalesce(spent, held)), 0) AS counted,
           coalesce(sum(held) FILTER (WHERE spent IS NULL), 0) AS held
    FROM playground_ledgerentry WHERE {entries} AND began_at > %(since)s
) AS sums
LEFT JOIN LATERAL (
    SELECT began_at, sum(coalesce(spent, held)) AS back FROM playground_ledgerentry
    WHERE {entries} AND began_at > %(since)s AND coalesce(spent, held) > 0
    GROUP BY began_at ORDER BY began_at LIMIT 1
) AS oldest ON true
"""
_STATEMENTS = {
    name: _SPENDING.format(what=name.partition(" ")[0], limit=limit, entries=entries)
    for name, (limit, entries) in _LIMITS.items()
}


def spendings(payer: Payer, now: datetime) -> list[Spending]:
    """The limits that hold for a payer, and what counts against each. One statement."""
    names = _names(payer)
    if not names:
        return []
    return rows(
        Spending,
        " UNION ALL ".join(_STATEMENTS[name] for name in names),
        user=payer.user_id,
        team=payer.team_id,
        key=payer.key_id,
        usual=settings.ALLOWANCE,
        since=now - WINDOW,
        window=WINDOW,
    )


def _names(payer: Payer) -> list[str]:
    names = []
    if payer.team_id is not None:
        names.append("team")
        if payer.user_id is not None:
            names.append("member")
    elif payer.user_id is not None:
        names.append("person")
    if payer.key_id is not None:
        names.append("key" if names else "key of nobody")
    return names


_OF_DAY = f"""
SELECT provider.id, coalesce((
    SELECT sum(coalesce(spent, held)) FROM playground_ledgerentry
    WHERE provider_id = provider.id AND began_at >= %(begins)s AND began_at < %(ends)s
), 0), ({SPENT_ON_PROBES.format(provider="provider.id")})
FROM unnest(%(providers)s::bigint[]) AS provider (id)
"""  # noqa: S608 - put together from fixed words alone


def left_of_day(provider_ids: Collection[int], now: datetime) -> dict[int, Decimal]:
    """What calls of each provider may still cost on this day of UTC, in USD; negative if too much.

    What probes may still spend today is kept for them. One statement.
    """
    if not provider_ids:
        return {}
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            _OF_DAY,
            {"providers": [*provider_ids], "begins": day, "ends": day + timedelta(days=1)},
        )
        return {
            provider_id: settings.PROVIDER_DAY - max(probes, settings.PROBE_BUDGET) - counted
            for provider_id, counted, probes in cursor.fetchall()
        }
