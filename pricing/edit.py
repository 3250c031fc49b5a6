"""Prices that an editor states, withdraws, or publishes after they were held."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q

from catalog.decisions import KEPT, WITHDRAWN, with_decision
from catalog.models import Endpoint, EndpointClaims, Source
from catalog.write_lock import turn
from pricing.headlines import find_headlines
from pricing.meters import meter
from pricing.models import Rate, RateQuerySet
from pricing.observed import Series
from pricing.own_past import terms_key, terms_text
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
    """Put an editor's price in force from `at` on; the earlier rate is closed there.

    No refresh changes it until it is withdrawn. `origin` is why it differs from a price on record;
    a meter without one gets its first.
    """
    with turn():
        series = _series(endpoint, rate.meter, rate.terms.to_json())
        if not series.exists():
            origin = Rate.Origin.FIRST
        _close(_lasting(series, at), at)
        stated = Rate.objects.create(
            endpoint=endpoint,
            meter=rate.meter,
            amount=rate.amount,
            currency=rate.currency,
            per=meter(rate.meter).per,
            state=rate.state,
            terms=rate.terms.to_json(),
            content_billed_as_input=rate.content_billed_as_input,
            valid_from=at,
            observed_at=at,
            source=Source.objects.get(slug=Source.EDITOR),
            origin=origin,
            by=by,
            why=why,
            stated_then=stated_prices([endpoint.id]).get((endpoint.id, *_key(rate)), {}),
        )
        find_headlines([endpoint.model_id])
    return stated


def stated_prices(endpoints: Iterable[int]) -> dict[Series, dict[str, list[Any]]]:
    """By endpoint, meter and terms, the prices that each source states now, as JSON."""
    found: dict[Series, dict[str, list[Any]]] = defaultdict(dict)
    claims = EndpointClaims.objects.filter(endpoint__in=[*endpoints], missing_since=None)
    for id_, source, rates in claims.values_list("endpoint_id", "source__slug", "rates"):
        for rate in map(StatedRate.from_json, rates):
            price = {"state": rate.state, "currency": rate.currency}
            if rate.amount is not None:
                price["amount"] = f"{rate.amount.normalize():f}"
            found[id_, *_key(rate)].setdefault(source, []).append(price)
    return found


def _key(rate: StatedRate) -> tuple[str, str]:
    return rate.meter, terms_key(rate.terms)


def close_rates(rows: Iterable[Rate], *, at: datetime) -> None:
    with turn():
        closed = [*rows]
        _close(closed, at)
        find_headlines({row.endpoint.model_id for row in closed})


def withdraw_stated(rows: Iterable[Rate], *, by: User, why: str, at: datetime) -> None:
    """End editors' prices: the sources decide again, from the next settling on."""
    with turn():
        withdrawn = [*rows]
        close_rates(withdrawn, at=at)
        for row in withdrawn:
            row.decisions = with_decision(row.decisions, WITHDRAWN, by=by, at=at, why=why)
            row.save(update_fields=["decisions"])


def keep_stated(rows: Iterable[Rate], *, by: User, why: str, at: datetime) -> None:
    """Keep editors' prices though sources moved: they wait no more until one moves again."""
    for row in rows:
        row.stated_then = stated_prices([row.endpoint_id]).get(
            (row.endpoint_id, row.meter, terms_text(row.terms)), {}
        )
        row.decisions = with_decision(row.decisions, KEPT, by=by, at=at, why=why)
        row.save(update_fields=["stated_then", "decisions"])


def publish_held(rows: Iterable[Rate], *, by: User, why: str, at: datetime) -> None:
    """Publish held prices, each from its stated start: the rate valid then ends there.

    A rate that begins later stays and ends it.
    """
    with turn():
        published = [*rows]
        for row in published:
            _make_place(row, at)
            row.held = False
            _decide(row, by=by, why=why, at=at)
        find_headlines({row.endpoint.model_id for row in published})


def reject_held(rows: Iterable[Rate], *, by: User, why: str, at: datetime) -> None:
    """Leave held prices unpublished for good: the same price of the series waits no more."""
    with turn():
        for row in rows:
            _decide(row, by=by, why=why, at=at)


def clear_held(rows: Iterable[Rate], *, by: User, why: str, at: datetime) -> None:
    """Take held prices out of the review; they wait again if their source states them again."""
    with turn():
        for row in rows:
            row.origin = Rate.Origin.WITHDRAWN
            _decide(row, by=by, why=why, at=at)


def unstated_held() -> dict[int, datetime]:
    """By id, the prices that wait and that their source no longer states, and since when."""
    waiting = [*Rate.objects.waiting()]
    claims = {
        (row.endpoint_id, row.source_id): row
        for row in EndpointClaims.objects.filter(endpoint__in={row.endpoint_id for row in waiting})
    }
    unstated = {}
    for row in waiting:
        stated = claims.get((row.endpoint_id, row.source_id))
        if stated is None:
            continue
        prices = [] if stated.missing_since else map(StatedRate.from_json, stated.rates)
        same = any(
            (*_key(rate), rate.state, rate.amount, rate.currency)
            == (row.meter, terms_text(row.terms), row.state, row.amount, row.currency)
            for rate in prices
        )
        if not same:
            unstated[row.id] = stated.missing_since or stated.stated_at
    return unstated


def _decide(row: Rate, *, by: User, why: str, at: datetime) -> None:
    """Note a decision with its reason, and keep why the price was held."""
    row.by, row.decided_at = by, at
    row.why = "; ".join(filter(None, (why.strip().rstrip("."), row.why)))[:500]
    columns = ["held", "by", "why", "decided_at", "valid_from", "valid_to", "origin"]
    row.save(update_fields=columns)


def _make_place(row: Rate, at: datetime) -> None:
    series = _series(row.endpoint, row.meter, row.terms).exclude(id=row.id)
    if row.valid_from is None:
        # Only one price may have no start: this one follows it.
        row.valid_from = max(
            (other.valid_to or at for other in series.filter(valid_from=None)), default=None
        )
    begin = row.valid_from
    later = series.filter(valid_from__gt=begin) if begin else series
    ends = [end for end in (row.valid_to, *later.values_list("valid_from", flat=True)) if end]
    row.valid_to = min(ends, default=None)
    if begin:
        row.valid_to = row.valid_to and max(row.valid_to, begin)
        _close(_lasting(series.exclude(id__in=later), begin), begin)


def _series(endpoint: Endpoint, name: str, terms: object) -> RateQuerySet:
    same = Rate.objects.published().filter(endpoint=endpoint, meter=name, terms=terms)
    return same.exclude(valid_from__isnull=False, valid_to=F("valid_from"))


def _lasting(rates: RateQuerySet, at: datetime) -> RateQuerySet:
    return rates.filter(Q(valid_to=None) | Q(valid_to__gt=at))


def _close(rows: Iterable[Rate], at: datetime) -> None:
    for row in rows:
        row.valid_to = max(at, row.valid_from) if row.valid_from else at
        row.save(update_fields=["valid_to"])
