"""The table of changes: a row for each model at a provider on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pricing.meters import HEADLINE, meter_order
from web.format.figures import rate
from web.reads.changes import ChangedRate, ChangeEntry, RecordedChange
from web.reads.headlines import HeadlineRow
from web.reads.prices import Price
from web.text.changes import change_in_full, percent, percent_exact, recorded_in_words
from web.text.headlines import with_standing
from web.text.prices import WORDS

# Of other meters and other terms a row names so many.
MOST_OTHERS = 3
RELEASED = "Released by its creator"
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

    `what` takes the place of prices, and `day`, in words, that of the model on its own page.
    `alike` counts further endpoints of the model there.
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
    day: str = ""

    @property
    def figures(self) -> tuple[PriceChange, ...]:
        """All prices that show, in order."""
        return (*(price for price in self.prices if price), *self.others)


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
    """A new model with its prices, without any its release; or its new stage."""
    stages = COMING_STAGES if coming else STAGES
    stage = stages.get(entry.what, "" if headline else RELEASED)
    row = ChangeRow(
        entry=entry,
        provider="",
        provider_name="",
        upstream_id="",
        prices=(None,) * len(HEADLINE),
        others=(),
        further=0,
        alike=0,
        what=stage,
        coming=coming,
    )
    if stage or headline is None:
        return row
    return replace(
        row,
        provider=headline.provider_slug,
        provider_name=with_standing(headline.provider, headline.standing),
        upstream_id=headline.upstream_id,
        prices=tuple(_price(price) if _is_stated(price) else None for price in headline.prices),
        others=(_price(headline.own),) if headline.own else (),
    )


def recorded_row(
    entry: ChangeEntry,
    recorded: Mapping[int, RecordedChange],
    capabilities: Mapping[str, str],
) -> ChangeRow:
    changes = [recorded[id_] for id_ in entry.ids if id_ in recorded]
    words = (recorded_in_words(change, capabilities) for change in changes)
    return ChangeRow(
        entry=entry,
        provider=entry.provider,
        provider_name=entry.provider_name,
        upstream_id=entry.upstream_id,
        prices=(None,) * len(HEADLINE),
        others=(),
        further=0,
        alike=0,
        what="; ".join(dict.fromkeys(words)),
        coming=False,
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


@dataclass(frozen=True, slots=True)
class Details:
    """What rows show of entries: rates and records by id, headlines by model, names by slug."""

    rates: Mapping[int, ChangedRate]
    recorded: Mapping[int, RecordedChange]
    headlines: Mapping[int, HeadlineRow]
    capabilities: Mapping[str, str]


def change_rows(
    entries: Sequence[ChangeEntry], details: Details, *, coming: bool, apart: bool
) -> list[ChangeRow]:
    """Rows of one group: of prices a row a model, for its plainest endpoint; `apart` one each."""
    rows = []
    of_prices: dict[object, list[ChangeEntry]] = {}
    for entry in entries:
        if entry.kind == "model" or not (entry.provider or entry.is_recorded):
            rows.append(model_row(entry, details.headlines.get(entry.model_id), coming=coming))
        elif entry.is_recorded:
            rows.append(recorded_row(entry, details.recorded, details.capabilities))
        else:
            of_prices.setdefault(entry.upstream_id if apart else entry.model_id, []).append(entry)
    for group in of_prices.values():
        plainest = min(group, key=_plainness)
        rows.append(price_row(plainest, details.rates, alike=len(group) - 1, coming=coming))
    return rows


def _plainness(entry: ChangeEntry) -> tuple[int, str]:
    return len(entry.upstream_id), entry.upstream_id
