"""Catch a slip of magnitude before it is published: a per-1,000 price typed as a per-token one.

An amount more than 50 times the usual one, or less than 1/50 of it, is held for an editor. The
usual amount is the nearest of: the endpoint's own base card, for a tier or a band; the median of
three or more providers of the model; the median of the creator's models of that mode; the median
of all, for a creator with too few. The medians are of what is published, and only where nothing is,
as on a first load, of what is about to be: an answer is no measure of itself. An amount that a
second witness states too is no slip; a source with another one's data is none (catalog.witnesses).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, median_low

from django.db import connection

from catalog.models import Endpoint, Source
from catalog.suitability import TALKS
from catalog.witnesses import witness
from pricing.models import Rate

# An endpoint's id and a meter.
Place = tuple[int, str]

SLIP = 50
# A median of fewer is no measure of what is usual.
ENOUGH_PROVIDERS = 3
ENOUGH_AMOUNTS = 5
ENOUGH_OF_EVERYBODY = 100
# Until the slips of a load are the same without them: two rounds, as a rule.
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Base:
    """A base amount that is about to be written, the source that states it, and which rate it is.

    `item` is the identity of what was observed.
    """

    amount: Decimal
    source: int
    item: int = 0


@dataclass(frozen=True, slots=True)
class _Sold:
    endpoint: int
    model: int
    provider: int
    peers: tuple[int, str]
    meter: str
    amount: Decimal
    source: int

    @property
    def place(self) -> Place:
        return self.endpoint, self.meter


def is_slip(amount: Decimal | None, usual: Decimal | None) -> bool:
    if not amount or not usual:
        return False
    return amount > usual * SLIP or usual > amount * SLIP


class _Market:
    """What endpoints are sold for: by model, and by the creator's models of a mode."""

    def __init__(self, sold: Iterable[_Sold]) -> None:
        self.of_model: dict[tuple[int, str], list[_Sold]] = defaultdict(list)
        of_peers: dict[tuple[tuple[int, str], str], list[Decimal]] = defaultdict(list)
        for one in sold:
            self.of_model[one.model, one.meter].append(one)
            of_peers[one.peers, one.meter].append(one.amount)
        self.of_peers = {key: sorted(amounts) for key, amounts in of_peers.items()}

    def usual(self, one: _Sold, *, among: bool = False) -> Decimal | None:
        """The nearest median that has enough voices, with this amount's; None without one.

        `among` is whether the amount is one of the market's already.
        """
        sold_alike = self.of_model.get((one.model, one.meter), ())
        others = [sold for sold in sold_alike if sold.endpoint != one.endpoint]
        if len({one.provider, *(sold.provider for sold in others)}) >= ENOUGH_PROVIDERS:
            return median([one.amount, *(sold.amount for sold in others)])
        peers = self.of_peers.get((one.peers, one.meter), ())
        if len(peers) + (not among) < ENOUGH_AMOUNTS:
            return None
        return median(peers) if among else _median_with(peers, one.amount)


def usual_amounts(
    base: Mapping[int, Mapping[str, Base]], *, wanted: Collection[Place] | None = None
) -> dict[Place, Decimal]:
    """What is usual for these meters of endpoints, by (endpoint id, meter), where anything is.

    `base` holds the base amounts that are about to be written, by endpoint id and meter; all of
    them are wanted if no others are.
    """
    stated = list(_stated(base, wanted))
    sought = [one for one in stated if wanted is None or one.place in wanted]
    if not sought:
        return {}
    published = list(_published({one.peers[0] for one in sought}))
    past, of_mode = _Market(published), _medians_on_record()
    usual = {
        one.place: found
        for one in sought
        if (found := past.usual(one) or of_mode.get((one.peers[1], one.meter)))
    }
    first = [one for one in sought if one.place not in usual]
    places = {one.place for one in sought}
    others = [sold for sold in published if sold.place not in places]
    witnesses = {id_: witness(slug) for id_, slug in Source.objects.values_list("id", "slug")}
    of_model = _Market([*stated, *others]).of_model
    seconded = {
        one.place: one.amount
        for one in sought
        if _is_seconded(one, of_model[one.model, one.meter], witnesses)
    }
    usual |= _usual_among(first, [*sought, *others], seconded)
    return usual | {place: amount for place, amount in seconded.items() if place in usual}


def _usual_among(
    first: Sequence[_Sold], sold: Sequence[_Sold], seconded: Collection[Place]
) -> dict[Place, Decimal]:
    """What is usual where nothing is published yet: by the others of one load.

    Slips among them are left out, so that later, when they are not published, it is the same.
    """
    slips: set[Place] = set()
    usual: dict[Place, Decimal] = {}
    for _ in range(_ROUNDS if first else 0):
        sound = [one for one in sold if one.place not in slips]
        market, of_all = _Market(sound), _medians_of_all(sound)
        for one in first:
            nearest = market.usual(one, among=one.place not in slips)
            if found := nearest or of_all.get((one.peers[1], one.meter)):
                usual[one.place] = found
            else:
                usual.pop(one.place, None)
        alone = (one for one in first if one.place not in seconded)
        now = {one.place for one in alone if is_slip(one.amount, usual.get(one.place))}
        if now == slips:
            break
        slips = now
    return usual


_ON_RECORD = f"""
SELECT CASE WHEN model.mode IN {("", *TALKS)} THEN 'chat' ELSE model.mode END, rate.meter,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY rate.amount)
FROM pricing_rate rate
JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE rate.state = 'priced' AND rate.terms = '{{}}' AND rate.valid_to IS NULL AND NOT rate.held
GROUP BY 1, 2 HAVING count(*) >= %s
"""  # noqa: S608 - put together from fixed words alone


def _medians_on_record() -> dict[tuple[str, str], Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_ON_RECORD, [ENOUGH_OF_EVERYBODY])
        return {(mode, meter): amount for mode, meter, amount in cursor}


def _medians_of_all(stated: Iterable[_Sold]) -> dict[tuple[str, str], Decimal]:
    of_mode: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for one in stated:
        of_mode[one.peers[1], one.meter].append(one.amount)
    enough = ENOUGH_OF_EVERYBODY
    # The lower one of two in the middle, as PostgreSQL's percentile_disc takes it.
    return {key: median_low(amounts) for key, amounts in of_mode.items() if len(amounts) >= enough}


def _median_with(amounts: Sequence[Decimal], one: Decimal) -> Decimal:
    """The median of sorted amounts and one more, without a copy of them."""
    place, count = bisect_left(amounts, one), len(amounts) + 1

    def at(index: int) -> Decimal:
        return one if index == place else amounts[index - (index > place)]

    return (at((count - 1) // 2) + at(count // 2)) / 2


def _is_seconded(one: _Sold, same_model: Iterable[_Sold], witnesses: Mapping[int, str]) -> bool:
    """Whether another witness states at most twice and at least half the amount for this model."""
    return any(
        witnesses[other.source] != witnesses[one.source]
        and other.amount / 2 <= one.amount <= other.amount * 2
        for other in same_model
    )


def _sort(mode: str) -> str:
    return "chat" if mode in ("", *TALKS) else mode


def _stated(
    base: Mapping[int, Mapping[str, Base]], wanted: Collection[Place] | None
) -> Iterator[_Sold]:
    """What is about to be written of the models of the wanted meters."""
    ids = {id_ for id_, _ in wanted} if wanted is not None else base.keys()
    models = set(Endpoint.objects.filter(id__among=ids).values_list("model_id", flat=True))
    rows = Endpoint.objects.filter(id__among=base, model__among=models).values_list(
        "id", "model_id", "provider_id", "model__creator_id", "model__mode"
    )
    for id_, model, provider, creator, mode in rows:
        for meter, one in base[id_].items():
            peers = creator, _sort(mode)
            yield _Sold(id_, model, provider, peers, meter, one.amount, one.source)


def _published(creators: Iterable[int]) -> Iterator[_Sold]:
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
    for id_, model, provider, creator, mode, meter, amount, source in rows:
        yield _Sold(id_, model, provider, (creator, _sort(mode)), meter, amount, source)
