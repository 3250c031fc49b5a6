"""What a price cell says. Pure:

six states that are never confused, and the exact figure behind each.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from pricing.meters import Meter, meter, not_sold
from pricing.rates import State
from pricing.terms import Terms


@dataclass(frozen=True, slots=True)
class Price:
    """One meter's price. `amount` is money per the meter's unit, None where the state has none.

    `seller` names the endpoint where the page does not; `basis` says who stated it and when.
    `under` are the terms of a price that holds under these alone, and `counted` is what is counted
    where they say that it is not the meter's unit. `content_billed_as_input` is said of a search
    whose findings cost input on top (or do not); None is not stated. `best` is set where it is the
    lowest of a column.
    """

    meter: str
    state: State
    amount: Decimal | None = None
    currency: str = "USD"
    seller: str = ""
    basis: str = ""
    under: str = ""
    counted: str = ""
    best: bool = False
    content_billed_as_input: bool | None = None

    @property
    def unit(self) -> Meter:
        """The meter, counted in what the terms say."""
        usual = meter(self.meter)
        return replace(usual, unit=self.counted) if self.counted else usual

    @property
    def units(self) -> str:
        """What is counted, more than one of it."""
        unit = self.unit.unit
        return f"{unit[:-1]}ies" if unit.endswith("ry") else f"{unit}s"


@lru_cache(maxsize=4096)
def unstated(meter: str, mode: str, lacks: tuple[str, ...] = ()) -> Price:
    """The price of a meter that no rate names:

    not offered where that is stated or plain, else unknown.
    """
    return Price(meter, "not_offered" if not_sold(meter, mode, lacks) else "unknown")


def billed_by(price: Price, terms: Terms) -> Price:
    """A price that counts what its terms say:

    a search is billed by the prompt here, by the query there.
    """
    return replace(price, counted=dict(terms.options).get("billed_by", ""))
