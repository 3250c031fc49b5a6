"""Which observed rates wait for an editor, and why: they are compared with what is on record."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import IntEnum

from catalog.suitability import DEFERRED
from pricing.magnitude_guard import Base, is_slip, usual_amounts
from pricing.meters import meter
from pricing.observed import Claimant, Observed, Series
from pricing.own_past import LastPublished, Verdicts, compare_with_past, series_of
from pricing.terms import BASE, Terms
from pricing.unit_guard import listed_under_tokens

WHY_SLIP = "held: 50 times the usual amount and more, or 1/50 of it and less"
WHY_OF_PIECES = "held: a price per image, minute or page, as it seems, under one per million tokens"
# Terms of a whole card and their rank, the base last.
_WHOLE_CARDS = {terms: n for n, terms in enumerate((*(Terms(tier=t) for t in DEFERRED), BASE))}


class Watch(IntEnum):
    """With what observed rates are compared.

    PAST: with the endpoint's own prices of before; without one, with usual amounts. USUAL: the
    latter alone, where our own rules changed and not what sources state. NOTHING: an editor has
    accepted them. Prices of pieces under tokens, and prices that are held already, are held always.
    """

    NOTHING = 0
    USUAL = 1
    PAST = 2


def find_slips(
    cards: Mapping[int, Sequence[Observed]],
    standing: Mapping[Series, LastPublished],
    claims: Mapping[int, Sequence[Claimant]],
    watch: Watch,
) -> dict[int, str]:
    """Why an observation, by identity, waits for an editor."""
    if not cards:
        return {}
    base = {id_: _base_amounts(card) for id_, card in cards.items()}
    if watch >= Watch.PAST:
        past = compare_with_past(cards, standing, claims)
    else:
        past = Verdicts(sound=_with_past(cards, standing))
    slips = dict(past.held)
    if watch >= Watch.USUAL:
        slips |= _unusual(cards, base, past, standing)
    for id_ in listed_under_tokens(base):
        for item in cards[id_]:
            if item.rate.amount and meter(item.rate.meter).unit == "token":
                slips.setdefault(id(item), WHY_OF_PIECES)
    return slips


def _with_past(
    cards: Mapping[int, Sequence[Observed]], standing: Mapping[Series, LastPublished]
) -> set[int]:
    """The observations, by identity, of series that have a price on record."""
    return {
        id(item)
        for id_, card in cards.items()
        for item in card
        if (past := standing.get(series_of(id_, item))) and past.price[1]
    }


def _unusual(
    cards: Mapping[int, Sequence[Observed]],
    base: Mapping[int, Mapping[str, Base]],
    past: Verdicts,
    standing: Mapping[Series, LastPublished],
) -> dict[int, str]:
    """The rates without a past of their own that are far from what is usual.

    A tier or band is measured by the endpoint's own base card, if that is sound itself, and by the
    one before if that is held.
    """
    judged = past.sound | past.held.keys()
    wanted = {
        (id_, item.rate.meter)
        for id_, card in cards.items()
        for item in card
        if id(item) not in judged
    }
    usual = usual_amounts(base, wanted=wanted)
    slips = {}
    for id_, card in cards.items():
        sound = {
            name: one.amount
            for name, one in base[id_].items()
            if one.item in past.sound or not is_slip(one.amount, usual.get((id_, name)))
        }
        for item in card:
            if item.rate.terms == BASE and id(item) in past.held:
                sound[item.rate.meter] = standing[series_of(id_, item)].price[1] or Decimal(0)
        for item in card:
            if id(item) in judged:
                continue
            name = item.rate.meter
            own = sound.get(name) if item.rate.terms != BASE else None
            if is_slip(item.rate.amount, own or usual.get((id_, name))):
                slips[id(item)] = WHY_SLIP
    return slips


def _base_amounts(card: Sequence[Observed]) -> dict[str, Base]:
    """The base amounts by meter: an id that is sold in one tier alone has that tier's."""
    base: dict[str, tuple[int, Base]] = {}
    for item in card:
        rate = item.rate
        place = _WHOLE_CARDS.get(rate.terms) if rate.amount and rate.valid_to is None else None
        if rate.amount and place is not None and place >= base.get(rate.meter, (0,))[0]:
            base[rate.meter] = place, Base(rate.amount, item.source_id, id(item))
    return {name: one for name, (_, one) in base.items()}
