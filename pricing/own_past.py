"""Compare a price with the endpoint's own price of before: a jump alone waits for an editor.

A jump is more than three times the price, less than a third of it, or none any more. It is not
alone where another source states about the new price too, where another provider of the model
publishes about that, or the endpoint itself under other terms, or where a confirmed price of the
endpoint moves by the same factor.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from json import dumps

from catalog.models import Endpoint
from pricing.factors import factor_between, factor_words
from pricing.models import Rate
from pricing.observed import Claimant, Observed, Price, Series
from pricing.terms import Terms

JUMP = 3
_LEAST = Decimal("0.3333")
# Within this factor two amounts are about the same.
ABOUT = Decimal("1.5")
WHY_NONE = "held: no price any more, which no other source states"


@dataclass(frozen=True, slots=True)
class LastPublished:
    """The newest published price of a series, and the source that it is from."""

    price: Price
    source_id: int


@dataclass(slots=True)
class Verdicts:
    """On observed rates by identity: why some are held, and which are no jump."""

    held: dict[int, str] = field(default_factory=dict)
    sound: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Jump:
    endpoint: int
    item: Observed
    factor: Decimal

    @property
    def why(self) -> str:
        if not self.factor:
            return WHY_NONE
        return f"held: {factor_words(self.factor)} what it was, which nothing else confirms"


@lru_cache(maxsize=10_000)
def terms_key(terms: Terms) -> str:
    """Terms as the text that tells series apart."""
    return terms_text(terms.to_json())


def terms_text(terms: Mapping[str, object]) -> str:
    return dumps(terms, sort_keys=True) if terms else "{}"


def series_of(endpoint_id: int, item: Observed) -> Series:
    return endpoint_id, item.rate.meter, terms_key(item.rate.terms)


def compare_with_past(
    cards: Mapping[int, Sequence[Observed]],
    standing: Mapping[Series, LastPublished],
    claims: Mapping[int, Sequence[Claimant]],
) -> Verdicts:
    """Judge the rates of which a source moves its own price, or the one that stands.

    A source that begins to state an endpoint takes over without a jump: what it would change is a
    disagreement, and another order of the same readings must end alike.
    """
    verdicts = Verdicts()
    jumps = []
    for endpoint_id, card in cards.items():
        for item in card:
            past = standing.get(series_of(endpoint_id, item))
            if past is None or not past.price[1] or _is_history(item):
                continue
            if item.price == past.price:
                verdicts.sound.add(id(item))
            elif item.source_id == past.source_id or _has_moved(item, claims.get(endpoint_id, ())):
                factor = _factor(past.price, item)
                if factor is None:
                    continue
                if is_jump(factor):
                    jumps.append(_Jump(endpoint_id, item, factor))
                else:
                    verdicts.sound.add(id(item))
    _judge(jumps, claims, verdicts)
    return verdicts


def _judge(
    jumps: Sequence[_Jump], claims: Mapping[int, Sequence[Claimant]], verdicts: Verdicts
) -> None:
    confirmed, floating = _confirmed(jumps, claims), _floating(jumps)
    for jump in jumps:
        if jump.endpoint in floating:
            continue
        if (jump.endpoint, jump.factor) in confirmed:
            verdicts.sound.add(id(jump.item))
        else:
            verdicts.held[id(jump.item)] = jump.why


def _is_history(item: Observed) -> bool:
    return item.rate.valid_to is not None and item.rate.valid_to <= item.observed_at


def _has_moved(item: Observed, claims: Iterable[Claimant]) -> bool:
    return any(
        claim.source_id == item.source_id and claim.moved(item.rate.meter, item.rate.terms)
        for claim in claims
    )


def _factor(before: Price, item: Observed) -> Decimal | None:
    """Zero for a price that is none any more; None where the two cannot be compared."""
    amount = item.rate.amount
    if not amount:
        return None if item.rate.state == "included" else Decimal(0)
    if before[2] != item.rate.currency or not before[1]:
        return None
    return factor_between(before[1], amount)


def is_jump(factor: Decimal) -> bool:
    """By a rounded factor: a third is none."""
    return factor > JUMP or factor < _LEAST


def _confirmed(
    jumps: Sequence[_Jump], claims: Mapping[int, Sequence[Claimant]]
) -> set[tuple[int, Decimal]]:
    """The endpoints and factors of which one jump at least is confirmed."""
    published = _published_elsewhere(jumps)
    return {
        (jump.endpoint, jump.factor)
        for jump in jumps
        if _is_seconded(jump, claims.get(jump.endpoint, ()))
        or any(_is_about(price, jump.item) for price in published.get(_place(jump), ()))
    }


def _floating(jumps: Collection[_Jump]) -> set[int]:
    """Floating ids jump whenever they lead to another model: usual amounts alone measure them."""
    floating = Endpoint.objects.filter(id__among={jump.endpoint for jump in jumps}, floating=True)
    return set(floating.values_list("id", flat=True)) if jumps else set()


def _is_seconded(jump: _Jump, claims: Collection[Claimant]) -> bool:
    own = {claim.witness for claim in claims if claim.source_id == jump.item.source_id}
    meter, terms = jump.item.rate.meter, jump.item.rate.terms
    return any(
        _is_about(price, jump.item)
        for claim in claims
        if claim.witness not in own
        for price in claim.prices(meter, terms)
    )


def _is_about(price: Price, item: Observed) -> bool:
    amount, stated = price[1], item.rate.amount
    if not stated or not amount:
        return not stated and not amount
    return price[2] == item.rate.currency and stated / ABOUT <= amount <= stated * ABOUT


def _place(jump: _Jump) -> Series:
    return series_of(jump.endpoint, jump.item)


def _published_elsewhere(jumps: Iterable[_Jump]) -> dict[Series, list[Price]]:
    """What is published of the meters that jump to another amount, beside the series itself.

    By other providers of the same model under the same terms, and at the endpoint under others: a
    gateway's price may become that of another of its routes.
    """
    wanted = [jump for jump in jumps if jump.factor]
    if not wanted:
        return {}
    ids = {jump.endpoint for jump in wanted}
    served = Endpoint.objects.filter(id__among=ids)
    endpoints = {
        id_: (model, provider)
        for id_, model, provider in served.values_list("id", "model_id", "provider_id")
    }
    rows = (
        Rate.objects.published()
        .order_by()
        .filter(
            state="priced",
            valid_to=None,
            meter__in={jump.item.rate.meter for jump in wanted},
            endpoint__model_id__in={model for model, _ in endpoints.values()},
        )
        .values_list(
            *("endpoint_id", "endpoint__model_id", "endpoint__provider_id", "meter", "terms"),
            *("amount", "currency"),
        )
    )
    sold: dict[tuple[int, str], list[tuple[int, int, str, Price]]] = defaultdict(list)
    for id_, model, provider, meter, terms, amount, currency in rows:
        price = "priced", amount, currency
        sold[model, meter].append((id_, provider, terms_text(terms), price))
    published = {}
    for jump in wanted:
        id_, meter, terms = place = _place(jump)
        model, provider = endpoints[id_]
        published[place] = [
            price
            for other_id, other, other_terms, price in sold[model, meter]
            if (other != provider and other_terms == terms)
            or (other_id == id_ and other_terms != terms)
        ]
    return published
