"""What probes may cost: held before a call by the most that it can, settled after it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce

from pricing.price import price
from pricing.rates import RateCard
from pricing.usage import Usage
from streaming.prompts import Prompt
from telemetry.models import ProbeRun

# Longer than any call: a run of which nothing is heard for so long was killed, and blocks no other.
LONGEST_RUN = timedelta(minutes=3)
KEPT = timedelta(days=30)
# The smallest amount that is kept, in USD.
_LEAST = Decimal("1e-12")
# Of advisory locks with two numbers; the second is the provider's. This program's own.
_LOCKS = 7_283


class NotProbed(Exception):
    """Why an endpoint is not probed, in one sentence."""


def most_it_costs(card: RateCard, prompt: Prompt, at: datetime) -> Decimal:
    """The most that a call can cost, in USD: a token for every byte, and all of the output.

    Raises NotProbed where it has no price in USD: a limit could not be kept.
    """
    # Beyond its text, a message has tokens of its role and its ends.
    tokens = prompt.sent_bytes + 20 * (len(prompt.messages) + 1)
    plain = {"input": tokens, "output": prompt.max_output}
    totals = [
        price(card, usage, at=instant).total
        for usage in _dearer(plain)
        for instant in (at, at + LONGEST_RUN)
    ]
    cost = price(card, Usage.of(**plain), at=at)
    if cost.total is None:
        missing = ", ".join(sorted({part.meter for part in cost.unpriced}))
        reason = f"{missing} {cost.state}" if missing else "prices in several currencies"
        raise NotProbed(f"It has no price that a limit could be kept with: {reason}.")
    if cost.currency != "USD":
        raise NotProbed(f"It is priced in {cost.currency}, and the budget is in US dollars.")
    return rounded(max(total for total in totals if total is not None))


def _dearer(plain: dict[str, int]) -> Iterator[Usage]:
    """The same call, also as written to a cache, and with an output that is all reasoning."""
    yield Usage.of(**plain)
    yield Usage.of(**plain, cache_write=plain["input"])
    yield Usage.of(**plain, reasoning=plain["output"])


def rounded(amount: Decimal) -> Decimal:
    """Up, to what the column keeps."""
    return amount.quantize(_LEAST, rounding=ROUND_CEILING)


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
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, provider_id])
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
    today = ProbeRun.objects.filter(
        provider_id=provider_id, began_at__gte=day, began_at__lt=day + timedelta(days=1)
    )
    total: Decimal | None = today.aggregate(total=Sum(Coalesce("spent", "held")))["total"]
    return total or Decimal(0)


def delete_old_runs(now: datetime) -> None:
    ProbeRun.objects.filter(began_at__lt=now - KEPT).delete()
