"""The table of changes: a row for each model at a provider on a day. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.meters import HEADLINE, meter_order
from web.format.figures import rate
from web.reads.changes import ChangedRate, ChangeEntry
from web.reads.headlines import HeadlineRow
from web.reads.prices import Price
from web.text.changes import change_in_full, percent, percent_exact
from web.text.headlines import with_standing
from web.text.prices import WORDS

# Of other meters and other terms a row names so many.
MOST_OTHERS = 3
STAGES = {"deprecated": "Deprecated by its creator", "retired": "Shut down by its creator"}
COMING_STAGES = {"deprecated": "To be deprecated", "retired": "Its creator shuts it down"}


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One meter's price after and before; `before` is "" without one, `rise` in percent.

    `exact` is the rise for programs, `way` is *up*, *down* or "".
    """

    meter: str
    name: str
    after: str
    unit: str
    before: str
    rise: str
    exact: str
    way: str
    in_full: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """`prices` are of the meters in HEADLINE, None without a change; `others` are the rest.

    `what` takes the place of prices. `alike` counts further endpoints of the model there.
    """

    entry: ChangeEntry
    provider: str
    provider_name: str
    upstream_id: str
    prices: tuple[PriceChange | None, ...]
    others: tuple[PriceChange, ...]
    further: int
    alike: int
    what: str
    coming: bool


def price_row(
    entry: ChangeEntry, rates: Mapping[int, ChangedRate], *, alike: int = 0, coming: bool = False
) -> ChangeRow:
    changed = sorted(
        (rates[id_] for id_ in entry.ids if id_ in rates),
        key=lambda rate: (bool(rate.under), meter_order(rate.after.meter), rate.under),
    )
    standard = {rate.after.meter: rate for rate in changed if not rate.under}
    rest = [rate for rate in changed if rate.under or rate.after.meter not in HEADLINE]
    others = [rate for rate in rest if not _follows(rate, standard)]
    return ChangeRow(
        entry=entry,
        provider=entry.provider,
        provider_name=entry.provider_name,
        upstream_id=entry.upstream_id,
        prices=tuple(
            _price_change(standard[meter]) if meter in standard else None for meter in HEADLINE
        ),
        others=tuple(map(_price_change, others[:MOST_OTHERS])),
        further=len(rest) - len(others[:MOST_OTHERS]),
        alike=alike,
        what="",
        coming=coming,
    )


def model_row(
    entry: ChangeEntry, headline: HeadlineRow | None, *, coming: bool = False
) -> ChangeRow:
    """A new model with its prices, or its new stage."""
    stages = COMING_STAGES if coming else STAGES
    prices = headline.prices if headline and not entry.what else ()
    own = headline.own if headline and not entry.what else None
    return ChangeRow(
        entry=entry,
        provider=headline.provider_slug if prices and headline else "",
        provider_name=with_standing(headline.provider, headline.standing)
        if prices and headline
        else "",
        upstream_id=headline.upstream_id if prices and headline else "",
        prices=tuple(_price(price) if _is_stated(price) else None for price in prices)
        or (None,) * len(HEADLINE),
        others=(_price(own),) if own else (),
        further=0,
        alike=0,
        what=stages.get(entry.what, ""),
        coming=coming,
    )


def _is_stated(price: Price) -> bool:
    return price.state not in ("unknown", "not_offered")


def _follows(rate: ChangedRate, standard: Mapping[str, ChangedRate]) -> bool:
    """Whether a price under other terms changed in the proportion of the standard one."""
    base = standard.get(rate.after.meter)
    change = percent_exact(rate.before, rate.after)
    if base is None or change is None or not rate.under:
        return False
    return change == percent_exact(base.before, base.after)


def _price(price: Price) -> PriceChange:
    return PriceChange(
        meter=price.meter,
        name=price.unit.name,
        after=_short(price),
        unit=_unit(price),
        before="",
        rise="",
        exact="",
        way="",
        in_full="",
        amount=price.amount,
    )


def _price_change(rate: ChangedRate) -> PriceChange:
    change = percent_exact(rate.before, rate.after)
    name = rate.after.unit.name
    return PriceChange(
        meter=rate.after.meter,
        name=f"{name}, {rate.under[:1].lower()}{rate.under[1:]}" if rate.under else name,
        after=_short(rate.after),
        unit=_unit(rate.after),
        before="" if rate.before.state == "unknown" else _short(rate.before),
        rise=percent(change) if change else "",
        exact=f"{change:f}" if change else "",
        way=("up" if change > 0 else "down") if change else "",
        in_full=change_in_full(rate.before, rate.after, rate.under),
        amount=rate.after.amount,
    )


def _short(price: Price) -> str:
    if price.state == "priced" and price.amount is not None:
        return rate(price.amount, price.currency)
    return WORDS.get(price.state, "Unknown")


def _unit(price: Price) -> str:
    return price.unit.short_unit if price.state == "priced" else ""


def provider_rows(
    entries: Sequence[ChangeEntry],
    rates: Mapping[int, ChangedRate],
    *,
    coming: bool,
    apart: bool,
) -> list[ChangeRow]:
    """A row a model, for its plainest endpoint; a row an endpoint where they show `apart`."""
    groups: dict[object, list[ChangeEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.upstream_id if apart else entry.model_id, []).append(entry)
    plainest = (min(group, key=_plainness) for group in groups.values())
    counts = [len(group) - 1 for group in groups.values()]
    return [
        price_row(entry, rates, alike=count, coming=coming)
        for entry, count in zip(plainest, counts, strict=True)
    ]


def _plainness(entry: ChangeEntry) -> tuple[int, str]:
    return len(entry.upstream_id), entry.upstream_id
