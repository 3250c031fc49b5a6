"""Prices that an editor states, withdraws, or publishes after they were held."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from catalog.models import Endpoint, Source
from pricing.lowest import find_lowest
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import StatedRate


def state_rate(
    endpoint: Endpoint,
    rate: StatedRate,
    *,
    by: User,
    why: str,
    at: datetime,
    origin: str = Rate.Origin.CORRECTION,
) -> Rate:
    """Put an editor's price in force from `at` on; what held before is closed there, and stays in history.

    No refresh touches it until it is withdrawn.
    """
    with transaction.atomic():
        _close(_open_rates(endpoint, rate), at)
        stated = Rate.objects.create(
            endpoint=endpoint,
            meter=rate.meter,
            amount=rate.amount,
            currency=rate.currency,
            per=meter(rate.meter).per,
            state=rate.state,
            terms=rate.terms.to_json(),
            valid_from=at,
            observed_at=at,
            source=Source.objects.get(slug=Source.EDITOR),
            origin=origin,
            by=by,
            why=why,
        )
        find_lowest()
    return stated


def close_rate(row: Rate, *, at: datetime) -> None:
    """End a price; its row stays in history."""
    with transaction.atomic():
        _close([row], at)
        find_lowest()


def publish_held(row: Rate, *, by: User, at: datetime) -> None:
    """Let a price that was held take its place: what is open under the same terms ends where it begins."""
    with transaction.atomic():
        begin = row.valid_from or at
        _close([other for other in _same_series(row) if other.valid_to is None], begin)
        row.held, row.by, row.why = False, by, row.why or "published after a look"
        row.save(update_fields=["held", "by", "why"])
        find_lowest()


def _open_rates(endpoint: Endpoint, rate: StatedRate) -> list[Rate]:
    series = Rate.objects.published().filter(endpoint=endpoint, meter=rate.meter, terms=rate.terms.to_json())
    return list(series.filter(valid_to=None))


def _same_series(row: Rate) -> list[Rate]:
    return list(
        Rate.objects.published()
        .filter(endpoint=row.endpoint, meter=row.meter, terms=row.terms)
        .exclude(id=row.id)
    )


def _close(rows: list[Rate], at: datetime) -> None:
    for row in rows:
        row.valid_to = max(at, row.valid_from) if row.valid_from else at
        row.save(update_fields=["valid_to"])
