"""Take the rates of a refresh out of history, and let those go on that it ended."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F

from pricing.models import Rate
from pricing.own_past import terms_text


def withdraw_rates(refreshes: Collection[int], *, why: str) -> set[int]:
    """Withdraw what refreshes wrote, which stays on record; the ids of the endpoints.

    A price that an editor has published since stays. One that the refreshes ended holds until the
    next published one.
    """
    written = Rate.objects.filter(refresh__in=refreshes, by=None)
    touched = set(written.values_list("endpoint_id", flat=True))
    written.update(held=True, origin=Rate.Origin.WITHDRAWN, why=why[:500])
    ended = Rate.objects.published().filter(ended_by__in=refreshes)
    touched |= set(ended.values_list("endpoint_id", flat=True))
    series: dict[tuple[int, str, str], list[Rate]] = defaultdict(list)
    for rate in (
        Rate.objects.published()
        .for_endpoints(touched)
        .order_by(F("valid_from").asc(nulls_first=True), "id")
    ):
        series[rate.endpoint_id, rate.meter, terms_text(rate.terms)].append(rate)
    for rates in series.values():
        for place, rate in enumerate(rates):
            if rate.ended_by_id in refreshes:
                later = rates[place + 1 : place + 2]
                rate.valid_to = later[0].valid_from if later else None
                rate.ended_by = None
                rate.save(update_fields=["valid_to", "ended_by"])
    return touched
