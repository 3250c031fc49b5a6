"""What probes may cost: held before a call by the most that it can, settled after it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from pricing.most import NoBound, most_it_costs
from pricing.rates import RateCard
from streaming.prompts import Prompt
from telemetry.models import ProbeRun

# Longer than any call: a run of which nothing is heard for so long was killed, and blocks no other.
LONGEST_RUN = timedelta(minutes=3)
KEPT = timedelta(days=30)
# Of advisory locks with two numbers; the second is the provider's. This program's own.
PROVIDER_LOCKS = 7_283
# What the probes of a provider have cost or hold, from an instant to another.
SPENT_ON_PROBES = """
SELECT coalesce(sum(coalesce(spent, held)), 0) FROM telemetry_proberun
WHERE provider_id = {provider} AND began_at >= %(begins)s AND began_at < %(ends)s
"""


class NotProbed(Exception):
    """Why an endpoint is not probed, in one sentence."""


def most_a_probe_costs(card: RateCard, prompt: Prompt, at: datetime) -> Decimal:
    """The most that a probe can cost, in USD: a token for every byte, and all of the output.

    Raises NotProbed where it has no price in USD: a limit could not be kept.
    """
    try:
        return most_it_costs(
            card,
            input_tokens=prompt.most_tokens,
            output_tokens=prompt.max_output,
            begins=at,
            ends=at + LONGEST_RUN,
        )
    except NoBound as reason:
        raise NotProbed(f"It has no price that a limit could be kept with: {reason}.") from None


def hold(
    endpoint_id: int, provider_id: int, most: Decimal, budget: Decimal, now: datetime
) -> ProbeRun:
    """Begin a run: its hold counts from now on, and it is the only one of its provider.

    Raises NotProbed where another one runs, or where the budget of the day would not hold it. A
    hold that is never settled counts until its day, in UTC, is over.
    """
    runs = ProbeRun.objects.filter(provider_id=provider_id)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PROVIDER_LOCKS, provider_id])
        if runs.filter(outcome="", began_at__gt=now - LONGEST_RUN).exists():
            raise NotProbed("Another probe of its provider is running.")
        spent = spent_on(provider_id, now)
        if spent + most > budget:
            raise NotProbed(
                f"The budget of today is spent: ${spent.normalize():f} of ${budget:f}, and a probe"
                f" may cost ${most.normalize():f}."
            )
        return ProbeRun.objects.create(
            provider_id=provider_id, endpoint_id=endpoint_id, began_at=now, held=most
        )


def spent_on(provider_id: int, now: datetime) -> Decimal:
    """What the probes of a provider have cost or hold, on the day of an instant."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            SPENT_ON_PROBES.format(provider="%(provider)s"),
            {"provider": provider_id, "begins": day, "ends": day + timedelta(days=1)},
        )
        (total,) = cursor.fetchone() or (Decimal(0),)
    return Decimal(total)


def delete_old_runs(now: datetime) -> None:
    ProbeRun.objects.filter(began_at__lt=now - KEPT).delete()
