"""Catch a slip of magnitude before it is published: a per-1,000 price typed as a per-token one.

An amount more than 50 times the usual one, or less than 1/50 of it, is held for an editor. The
usual amount is the nearest of: the endpoint's own base card, for a tier or a band; the median of
three or more providers of the model; the median of the creator's models of that mode; the median
of all, for a creator with too few. An amount that a second witness states too is no slip; a source
with another one's data is none (catalog.witnesses).

"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.db import connection

from catalog.models import Endpoint, Source
from catalog.suitability import TALKS
from catalog.witnesses import witness
from pricing.models import Rate

SLIP = 50
# A median of fewer is no measure of what is usual.
ENOUGH_PROVIDERS = 3
ENOUGH_AMOUNTS = 5
ENOUGH_OF_EVERYBODY = 100


@dataclass(frozen=True, slots=True)
class Base:
    """A base amount that is about to be written, and the source that states it."""

    amount: Decimal
    source: int


@dataclass(frozen=True, slots=True)
class _Sold:
    endpoint: int
    model: int
    provider: int
    peers: tuple[int, str]
    meter: str
    amount: Decimal
    source: int


def is_slip(amount: Decimal | None, usual: Decimal | None) -> bool:
    if not amount or not usual:
        return False
    return amount > usual * SLIP or usual > amount * SLIP


def usual_amounts(base: Mapping[int, Mapping[str, Base]]) -> dict[tuple[int, str], Decimal]:
    """What is usual for the meters of these endpoints, by (endpoint id, meter), where anything is.

    `base` holds the base amounts that are about to be written, by endpoint id and meter.
    """
    stated = list(_stated(base))
    of_model: dict[tuple[int, str], list[_Sold]] = defaultdict(list)
    of_peers: dict[tuple[tuple[int, str], str], list[_Sold]] = defaultdict(list)
    for one in [*stated, *_published({one.peers[0] for one in stated}, besides=base)]:
        of_model[one.model, one.meter].append(one)
        of_peers[one.peers, one.meter].append(one)
    medians: dict[tuple[Any, str], Decimal] = {
        **{key: _median(sold) for key, sold in of_peers.items() if len(sold) >= ENOUGH_AMOUNTS},
        **{
            key: _median(sold)
            for key, sold in of_model.items()
            if len({one.provider for one in sold}) >= ENOUGH_PROVIDERS
        },
    }
    of_all = _medians_of_all(stated)
    witnesses = {id_: witness(slug) for id_, slug in Source.objects.values_list("id", "slug")}
    usual = {}
    for one in stated:
        same = of_model[one.model, one.meter]
        found = (
            medians.get((one.model, one.meter))
            or medians.get((one.peers, one.meter))
            or of_all.get((one.peers[1], one.meter))
        )
        if found:
            usual[one.endpoint, one.meter] = (
                one.amount if _is_seconded(one, same, witnesses) else found
            )
    return usual


def _medians_of_all(stated: Iterable[_Sold]) -> dict[tuple[str, str], Decimal]:
    of_mode: dict[tuple[str, str], list[_Sold]] = defaultdict(list)
    for one in stated:
        of_mode[one.peers[1], one.meter].append(one)
    with connection.cursor() as cursor:
        cursor.execute(_ON_RECORD, [ENOUGH_OF_EVERYBODY])
        on_record = {(mode, meter): amount for mode, meter, amount in cursor}
    now = {key: _median(sold) for key, sold in of_mode.items() if len(sold) >= ENOUGH_OF_EVERYBODY}
    return now | on_record


_ON_RECORD = f"""
SELECT CASE WHEN model.mode IN {("", *TALKS)} THEN 'chat' ELSE model.mode END, rate.meter,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY rate.amount)
FROM pricing_rate rate
JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE rate.state = 'priced' AND rate.terms = '{{}}' AND rate.valid_to IS NULL AND NOT rate.held
GROUP BY 1, 2 HAVING count(*) >= %s
"""  # noqa: S608 - put together from fixed words alone


def _median(sold: Iterable[_Sold]) -> Decimal:
    return median(one.amount for one in sold)


def _is_seconded(one: _Sold, same_model: Iterable[_Sold], witnesses: Mapping[int, str]) -> bool:
    """Whether another witness states at most twice and at least half the amount for this model."""
    return any(
        witnesses[other.source] != witnesses[one.source]
        and other.amount / 2 <= one.amount <= other.amount * 2
        for other in same_model
    )


def _sort(mode: str) -> str:
    return "chat" if mode in ("", *TALKS) else mode


def _stated(base: Mapping[int, Mapping[str, Base]]) -> Iterator[_Sold]:
    rows = Endpoint.objects.filter(id__among=base).values_list(
        "id", "model_id", "provider_id", "model__creator_id", "model__mode"
    )
    for id_, model, provider, creator, mode in rows:
        for meter, one in base[id_].items():
            yield _Sold(id_, model, provider, (creator, _sort(mode)), meter, one.amount, one.source)


def _published(creators: Iterable[int], *, besides: Iterable[int]) -> Iterator[_Sold]:
    rows = (
        Rate.objects.published()
        .base()
        .order_by()
        .filter(state="priced", valid_to=None, endpoint__model__creator_id__in=list(creators))
        .values_list(
            *(
                "endpoint_id",
                "endpoint__model_id",
                "endpoint__provider_id",
                "endpoint__model__creator_id",
            ),
            *("endpoint__model__mode", "meter", "amount", "source_id"),
        )
    )
    left_out = set(besides)
    for id_, model, provider, creator, mode, meter, amount, source in rows:
        if id_ not in left_out:
            yield _Sold(id_, model, provider, (creator, _sort(mode)), meter, amount, source)
