"""A price as pages show it: six distinct states, and the exact figure. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from pricing.meters import Meter, meter, not_sold
from pricing.rates import State
from pricing.terms import Terms


@dataclass(frozen=True, slots=True)
class AnnouncedPrice:
    """What a meter costs at the same endpoint, under the same terms, from a day on (ISO)."""

    begins: str
    state: State
    amount: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """What a meter costs this customer: at `where`, if not named otherwise, until a day."""

    state: State
    amount: Decimal | None = None
    currency: str = "USD"
    where: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class PastPrice:
    """A price at standard terms that held until a day (ISO)."""

    meter: str
    amount: Decimal | None
    currency: str
    until: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """How many sources state another figure, in words, and the page with every claim."""

    words: str
    address: str


# Of one row, by the key of the column.
Disputes = tuple[tuple[str, Dispute], ...]


@dataclass(frozen=True, slots=True)
class Price:
    """One meter's price. `amount` is money per the meter's unit, None where the state has none.

    `where` names the endpoint where the page does not; `basis` is the source and its date.
    `under` are the terms of a price that holds under these alone, `counted` is their unit if it
    differs from the meter's. `content_billed_as_input` is whether the content of a search is billed
    as input too, None if not stated. `best` marks the lowest of a column. `announced` is the next
    price, if one is stated for a day to come; `agreed` is the visitor's own, on no public page;
    `dispute` is set where sources differ.
    """

    meter: str
    state: State
    amount: Decimal | None = None
    currency: str = "USD"
    where: str = ""
    basis: str = ""
    under: str = ""
    counted: str = ""
    best: bool = False
    content_billed_as_input: bool | None = None
    announced: AnnouncedPrice | None = None
    agreed: AgreedPrice | None = None
    dispute: Dispute | None = None

    @property
    def unit(self) -> Meter:
        usual = meter(self.meter)
        return replace(usual, unit=self.counted) if self.counted else usual


@lru_cache(maxsize=4096)
def unstated(meter: str, mode: str, lacks: tuple[str, ...] = ()) -> Price:
    """Price of a meter without a rate: not offered where that is known, else unknown."""
    return Price(meter, "not_offered" if not_sold(meter, mode, lacks) else "unknown")


def billed_by(price: Price, terms: Terms) -> Price:
    """The price in the unit of its terms: searches are billed by the prompt or by the query."""
    return replace(price, counted=dict(terms.options).get("billed_by", ""))


def next_other(
    announced: Iterable[AnnouncedPrice], state: State, amount: Decimal | None, currency: str
) -> AnnouncedPrice | None:
    """The first of announced prices, in the order of days, that differs from the current one."""
    current = (state, amount, currency)
    return next(
        (price for price in announced if (price.state, price.amount, price.currency) != current),
        None,
    )
