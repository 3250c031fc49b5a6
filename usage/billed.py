"""What a log states to have cost beside what it is priced at, and the likely reason of a
difference. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from pricing.aggregates import Aggregates
from pricing.bulk import Total, total
from pricing.rates import RateCard
from pricing.terms import STANDARD
from pricing.usage import in_order
from usage.report import BilledPart, Share
from usage.stated_cost import is_same

# Amounts differ by more than rounding: a hundredth of a percent, or a ten-thousandth of a cent a
# row.
_RELATIVE = Decimal("0.0001")
_A_ROW = Decimal("0.000001")
# A difference that explains itself.
_FEES = {Decimal("1.055"): "5.5 % more, as OpenRouter's fee for credits"}
_HALF_A_CENT = Decimal("0.005")
# Reasons are looked for where it matters most.
MOST_EXPLAINED = 100
# Beyond these, it is another kind of difference.
_LEAST_RATIO, _MOST_RATIO = Decimal("0.6"), Decimal("1.7")
_CACHE = ("cache_read", "cache_write", "cache_write_1h", "cache_write_12h")


def _agree(billed: Decimal, priced: Decimal, rows: int) -> bool:
    """Whether two sums differ by no more than the rounding of each row."""
    return is_same(billed, priced, share=_RELATIVE, slack=_A_ROW * rows)


def billed_parts(
    shares: Sequence[Share],
    parts: Mapping[tuple[str, str, str], Aggregates],
    cards: Mapping[int, RateCard],
) -> tuple[BilledPart, ...]:
    """The shares that state all of their cost and are priced in dollars, the furthest off first."""
    found: list[tuple[Share, BilledPart]] = []
    for share in shares:
        cost = share.cost
        priced = cost.amounts.get("USD")
        if share.billed_rows < share.rows or cost.priced < cost.rows or priced is None:
            continue
        same = _agree(share.billed, priced, share.rows)
        model = share.placement.model or share.name
        names = (share.name, share.called, share.tier, model)
        most = share.most.get("USD", priced)
        sums = (share.rows, share.billed, priced)
        part = BilledPart(*names, *sums, same=same, reason="", most=most)
        found.append((share, part))
    found.sort(key=lambda pair: -abs(pair[1].difference))
    with_reasons = [_explained(*pair, parts, cards) for pair in found[:MOST_EXPLAINED]]
    return (*with_reasons, *(part for _, part in found[MOST_EXPLAINED:]))


def _explained(
    share: Share,
    part: BilledPart,
    parts: Mapping[tuple[str, str, str], Aggregates],
    cards: Mapping[int, RateCard],
) -> BilledPart:
    if part.same or share.placement.endpoint is None:
        return part
    card = share.placement.card(cards[share.placement.endpoint])
    own = parts[share.name, share.called, share.tier]
    return replace(part, reason=next(_reasons(share, part.priced, own, card), ""))


def _reasons(share: Share, priced: Decimal, part: Aggregates, card: RateCard) -> Iterator[str]:
    """What would explain the difference, the surest first."""
    billed, rows = share.billed, share.rows

    def agrees(other: Total) -> bool:
        amount = other.amount if other.currency == "USD" else None
        return amount is not None and _agree(billed, amount, rows)

    yield from _stated_reasons(share, priced)
    if not billed:
        yield "the log states no cost at all: free, included in a plan, or not known to its tool"
    for tier in ("", *card.tiers):
        if tier != share.tier and agrees(total(card, part, tier=tier or STANDARD[0])):
            yield f"tier: as the {tier or 'standard'} tier"
    most = share.most.get("USD")
    if most is not None and priced < billed <= most + _A_ROW * rows:
        yield "band: some of the requests were long enough for the rates above a threshold"
    if agrees(total(card, _without_cache(part))):
        yield "cache: as if nothing was read from or written to a cache"
    if agrees(total(card, _with_short_writes(part))):
        yield "cache: as if all was written to the cache for 5 minutes"
    if billed == round(billed, 2) and abs(billed - priced) <= _HALF_A_CENT * rows:
        yield "rounding to the cent"
    if priced:
        yield from _ratios(billed, priced, rows)


def _stated_reasons(share: Share, priced: Decimal) -> Iterator[str]:
    """Reasons that the rows state themselves."""
    billed, rows = share.billed, share.rows
    if share.own_key:
        rows_of = "all" if share.own_key == rows else f"{share.own_key:,} of {rows:,}"
        yield f"own key: of {rows_of} rows the stated cost is the gateway's fee alone"
    if share.billed_searches and _agree(billed - share.billed_searches, priced, rows):
        amount = f"${share.billed_searches.normalize():f}"
        yield f"searches: {amount} of the stated cost is for web searches"


def _without_cache(part: Aggregates) -> Aggregates:
    cached = [name for name in _CACHE if name in part.frame.columns]
    schema = part.frame.schema
    frame = part.frame.with_columns(pl.lit(0, schema[name]).alias(name) for name in cached)
    return replace(part, frame=frame)


def _with_short_writes(part: Aggregates) -> Aggregates:
    long = [name for name in _CACHE[2:] if name in part.frame.columns]
    if not long:
        return part
    frame = part.frame
    short = pl.col("cache_write") if "cache_write" in frame.columns else pl.lit(0, pl.Int128)
    written = short.cast(pl.Int128) + pl.sum_horizontal(
        pl.col(name).cast(pl.Int128) for name in long
    )
    frame = frame.with_columns(written.alias("cache_write"), *(pl.lit(0).alias(n) for n in long))
    return replace(part, frame=frame, meters=tuple(in_order({*part.meters, "cache_write"})))


def _ratios(billed: Decimal, priced: Decimal, rows: int) -> Iterator[str]:
    ratio = billed / priced
    for factor, words in _FEES.items():
        if _agree(billed, priced * factor, rows):
            yield words
    percent = (1 - ratio) * 100
    whole = round(percent)
    if 0 < whole < 100 and _agree(billed, priced * (100 - whole) / 100, rows):
        yield f"discount: {whole} % less all over"
    if _LEAST_RATIO < ratio < _MOST_RATIO:
        amount = f"{abs(round(percent, 1)):f} % {'less' if percent > 0 else 'more'}"
        yield f"discount, currency or an older price: about {amount}"
