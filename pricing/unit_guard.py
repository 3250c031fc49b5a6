"""Catch a price per image, minute or page that is listed per million tokens.

Some sources have prices of tokens only, and some gateways list a price of another unit among them.
Held are the token prices of an endpoint of a model of images, video, sound or pages that is not its
creator's own API and has no price by the piece:

- where others sell the model by the piece, and none of them by tokens; or
- where every token price is about that of one piece: as others sell the model, else as models of
  that sort are sold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

from django.db.models import Q

from catalog.models import Endpoint
from pricing.magnitude_guard import Base
from pricing.meters import MILLION, meter
from pricing.models import Rate

# How far a token price may be from the price of a piece to be about the same: a million tokens of
# pictures or sound cost 30 times a picture or a minute, and more.
ABOUT = 20
# A median of fewer is no measure of what is usual.
ENOUGH_PIECES = 5
# Units of a meter in one piece: an image of a megapixel, a second of video, a minute of sound, a
# page.
_PIECES = {
    **dict.fromkeys(("image", "clip", "video_second", "output_second", "page"), Decimal(1)),
    **dict.fromkeys(("audio_second", "audio_second_in", "input_second"), Decimal(60)),
    **dict.fromkeys(("audio_hour", "audio_hour_in", "audio_hour_out"), Decimal(1) / 60),
    "output_pixel": Decimal(MILLION),
}
_TOKENS = ("input", "output")
_SORTS = ("image", "video", "speech", "transcription", "ocr")


@dataclass(frozen=True, slots=True)
class _Card:
    """The base prices of an endpoint: of tokens, and of pieces."""

    endpoint: int
    model: int
    provider: int
    sort: str
    own: bool
    tokens: tuple[Decimal, ...] = ()
    pieces: tuple[Decimal, ...] = ()


def listed_under_tokens(base: Mapping[int, Mapping[str, Base]]) -> set[int]:
    """Endpoints, by id, with token prices that look like prices of a piece.

    `base` holds the base amounts that are about to be written, by endpoint id and meter.
    """
    stated = [card for card in _stated(base) if card.tokens or card.pieces]
    suspects = [card for card in stated if card.tokens and not card.pieces and not card.own]
    if not suspects:
        return set()
    of_model: dict[int, list[_Card]] = defaultdict(list)
    of_sort: dict[str, list[Decimal]] = defaultdict(list)
    models = {card.model for card in suspects}
    for card in [*stated, *_published(models, besides=base)]:
        of_model[card.model].append(card)
        of_sort[card.sort] += card.pieces
    return {card.endpoint for card in suspects if _is_of_pieces(card, of_model, of_sort)}


def _is_of_pieces(
    card: _Card,
    of_model: Mapping[int, Collection[_Card]],
    of_sort: Mapping[str, Collection[Decimal]],
) -> bool:
    others = [other for other in of_model[card.model] if other.provider != card.provider]
    pieces = [amount for other in others for amount in other.pieces]
    if pieces and not any(other.tokens for other in others):
        return True
    usual = pieces or of_sort[card.sort]
    if not pieces and len(usual) < ENOUGH_PIECES:
        return False
    piece = median(usual)
    return all(piece / ABOUT <= amount <= piece * ABOUT for amount in card.tokens)


def _sort(mode: str, modalities_in: Collection[str], modalities_out: Collection[str]) -> str:
    """Which pieces a model may be sold by, by its mode or by what it takes and makes; or ""."""
    if mode:
        return mode if mode in _SORTS else ""
    if modalities_out and "text" not in modalities_out:
        made = {"image": "image", "video": "video", "audio": "speech"}
        return next((sort for word, sort in made.items() if word in modalities_out), "")
    return "transcription" if [*modalities_in] == ["audio"] else ""


_FACTS = ("model_id", "provider_id", "provider__creator_id")
_MODEL_FACTS = ("creator_id", "mode", "modalities_in", "modalities_out")


def _stated(base: Mapping[int, Mapping[str, Base]]) -> Iterator[_Card]:
    rows = Endpoint.objects.filter(id__among=base).values_list(
        *("id", "mode", *_FACTS), *(f"model__{name}" for name in _MODEL_FACTS)
    )
    for id_, mode, model, provider, of, creator, model_mode, into, out in rows:
        if sort := _sort(model_mode or mode, into, out):
            amounts = {name: one.amount for name, one in base[id_].items()}
            yield _with_prices(_Card(id_, model, provider, sort, of == creator), amounts)


def _published(models: Collection[int], *, besides: Iterable[int]) -> Iterator[_Card]:
    """Cards of other endpoints: all prices of pieces, and of these models those of tokens."""
    wanted = Q(meter__in=_PIECES) | Q(meter__in=_TOKENS, endpoint__model_id__in=models)
    rates = Rate.objects.published().base().order_by().filter(wanted, state="priced")
    rows = rates.filter(valid_to=None).values_list(
        *("endpoint_id", "meter", "amount", "endpoint__mode"),
        *(f"endpoint__{name}" for name in _FACTS),
        *(f"endpoint__model__{name}" for name in _MODEL_FACTS),
    )
    left_out = set(besides)
    for id_, name, amount, mode, model, provider, of, creator, model_mode, into, out in rows:
        sort = _sort(model_mode or mode, into, out)
        if sort and id_ not in left_out:
            yield _with_prices(_Card(id_, model, provider, sort, of == creator), {name: amount})


def _with_prices(card: _Card, amounts: Mapping[str, Decimal]) -> _Card:
    return replace(
        card,
        tokens=tuple(amounts[name] for name in _TOKENS if name in amounts),
        pieces=tuple(
            amount / meter(name).per * _PIECES[name]
            for name, amount in amounts.items()
            if name in _PIECES
        ),
    )
