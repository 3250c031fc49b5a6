"""Models as rows of a table and points of a drawing, with their groups, order and axes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pricing.headline import BLEND, blended
from web.charts.scatter import GROUPS, REST, Axis, Point, dollars, outline
from web.format.figures import day_in_full, money, money_exact, plain, thousands
from web.reads.explore import PricedModel
from web.reads.prices import AnnouncedPrice
from web.reads.rates import Announced
from web.text.headlines import with_standing
from web.text.life_tag import life_tag
from web.text.prices import announced_in_short

# The radius of a shape in a legend.
_KEY = 5
_GROUPS = tuple(group for group in range(GROUPS) if group != REST)
PRICE_NAMES = {"blend": "Blended 3 : 1", "input": "Input", "output": "Output"}
MEASURE_NAMES = {"rating": "Rating", "throughput": "Throughput", "latency": "Latency"}
_UNITS = {"throughput": "tokens per second", "latency": "seconds to the first token"}


@dataclass(frozen=True, slots=True)
class ExploredModel:
    """A model in the drawing and the table: `price` and `value` are its place.

    `best` is on the frontier; `group` is its shape and colour; `coming` is an announced price.
    """

    of: PricedModel
    price: Decimal
    value: Decimal
    measure: str
    group: int = REST
    best: bool = False
    coming: AnnouncedPrice | None = None

    @property
    def provider(self) -> str:
        return with_standing(self.of.provider, self.of.standing)

    @property
    def life(self) -> str:
        return life_tag(self.of.stage, ended=self.of.ended)

    @property
    def amount(self) -> str:
        return plain(self.price)

    @property
    def shown(self) -> str:
        """The value in the table: 1503, 84.2."""
        return f"{self.value:.0f}" if self.measure == "rating" else f"{self.value:,.3g}"

    @property
    def around(self) -> str:
        """The interval of a rating, rounded as the rating is; empty for other measures."""
        if self.measure != "rating" or self.of.low is None or self.of.high is None:
            return ""
        return f"{self.of.low:.0f}–{self.of.high:.0f}"

    @property
    def value_in_words(self) -> str:
        """Rated 1502.6 (1499.3 to 1505.9), 82,619 votes."""
        if self.measure != "rating":
            return f"{self.shown} {_UNITS[self.measure]}"
        votes = f", {thousands(self.of.votes)} votes" if self.of.votes else ""
        return f"Rated {self.value} ({self.of.low} to {self.of.high}){votes}"

    @property
    def coming_in_short(self) -> str:
        """$4.00 from 1 Dec."""
        return announced_in_short(self.coming) if self.coming else ""

    @property
    def coming_in_full(self) -> str:
        """$4.00 per million tokens from 1 December 2026."""
        if self.coming is None or self.coming.amount is None:
            return ""
        amount = money_exact(self.coming.amount)
        return f"{amount} per million tokens from {day_in_full(self.coming.begins)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What hover and focus tell, without the name."""
        priced = f"{money(self.price)} per million tokens at {self.provider}"
        coming = (f"Announced: {self.coming_in_full}",) if self.coming else ()
        life = (self.life.capitalize(),) if self.life else ()
        return (priced, *coming, self.value_in_words, *life)

    @property
    def shape(self) -> str:
        return outline(self.group, 0, 0, _KEY)

    @property
    def point(self) -> Point:
        return Point(
            self.of.slug,
            self.of.name,
            float(self.price),
            float(self.value),
            self.lines,
            self.group,
        )


def coming_price(model: PricedModel, price: str, announced: Announced) -> AnnouncedPrice | None:
    """The first announced change of a model's price at its endpoint: of a blend, of either part."""
    now = {"input": model.input, "output": model.output}
    parts = [part for part in now if price == part or (price == "blend" and now[part] is not None)]
    stated = {part: announced.get((model.endpoint_id, part), ()) for part in parts}
    current = getattr(model, price)
    for day in sorted({rate.begins for rates in stated.values() for rate in rates}):
        amounts = [_amount_on(day, now[part], stated[part]) for part in parts]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(parts):
            return None
        amount = blended(*known) if price == "blend" else known[0]
        if amount != current:
            return AnnouncedPrice(day, "priced" if amount else "free", amount)
    return None


def _amount_on(
    day: str, current: Decimal | None, announced: Sequence[AnnouncedPrice]
) -> Decimal | None:
    """An amount in US dollars on a day; None where another currency or no amount is announced."""
    begun = [rate for rate in announced if rate.begins <= day]
    if not begun:
        return current
    last = max(begun, key=lambda rate: rate.begins)
    return last.amount if last.currency == "USD" else None


@dataclass(frozen=True, slots=True)
class LegendEntry:
    group: int
    name: str
    count: int

    @property
    def shape(self) -> str:
        return outline(self.group, 0, 0, _KEY)


def creator_groups(creators: Sequence[str], usual: Sequence[str]) -> dict[str, int]:
    """The group of each creator that has one, given the creator of each model.

    The first of the `usual` creators keep theirs, whoever else is there; the groups of those that
    are not there go to others.
    """
    present = Counter(creators)
    usual = usual[: len(_GROUPS)]
    groups = dict(zip(usual, _GROUPS, strict=False))
    free = [group for group in _GROUPS if group not in groups.values()]
    free += [groups[creator] for creator in usual if creator not in present]
    others = sorted(present.keys() - set(usual), key=lambda slug: (-present[slug], slug))
    kept = {creator: groups[creator] for creator in usual if creator in present}
    return {**kept, **dict(zip(others, free, strict=False))}


def legend(rows: Sequence[ExploredModel]) -> list[LegendEntry]:
    counts = Counter(row.group for row in rows)
    names = {row.group: row.of.creator for row in rows}
    entries = [
        LegendEntry(group, names[group] if group != REST else "Others", count)
        for group, count in counts.items()
    ]
    return sorted(entries, key=lambda entry: (entry.group == REST, -entry.count, entry.name))


def axes(price: str, measure: str, board: str, *, made_up: bool = False) -> tuple[Axis, Axis]:
    """Of a price and a measure, of demo calls or not; `board` is the name of the ratings' board."""
    prices = {
        "blend": Axis(f"US dollars per million tokens, {BLEND}", f"$/M, {BLEND}", dollars),
        "input": Axis("US dollars per million input tokens", "$ per million input", dollars),
        "output": Axis("US dollars per million output tokens", "$ per million output", dollars),
    }
    if measure != "rating":
        name = f"{MEASURE_NAMES[measure]}, {_UNITS[measure]}{', demo' if made_up else ''}"
        low = measure == "latency"
        return prices[price], Axis(name, name, "{:g}".format, low_is_better=low)
    name = f"Arena rating, {board.lower()}"
    return prices[price], Axis(name, name, "{:.0f}".format, logarithmic=False)


_ORDERS: dict[str, Callable[[ExploredModel], Any]] = {
    "name": lambda row: row.of.name.lower(),
    "price": lambda row: row.price,
    "rating": lambda row: row.value,
}


def in_order(rows: list[ExploredModel], sort: str) -> list[ExploredModel]:
    """In the order of a column; ties stay in the usual one."""
    order = _ORDERS.get(sort.removeprefix("-"))
    return sorted(rows, key=order, reverse=sort.startswith("-")) if order else rows
