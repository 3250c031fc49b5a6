"""What sources state now of an endpoint's rates, as it is compared with the record. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from pricing.rates import StatedRate
from pricing.terms import Terms

Price = tuple[str, Decimal | None, str]
# The endpoint's id, the meter, and the terms as text.
Series = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """A rate as the source that wins states it now."""

    rate: StatedRate
    source_id: int
    observed_at: datetime

    @property
    def price(self) -> Price:
        return self.rate.state, self.rate.amount, self.rate.currency


class Claimant(Protocol):
    """One of the sources that now state rates of an endpoint, the winners among them.

    Two sources with one's data have the same `witness` (catalog.witnesses).
    """

    @property
    def source_id(self) -> int: ...

    @property
    def witness(self) -> str: ...

    def prices(self, meter: str, terms: Terms) -> Sequence[Price]:
        """What it states of a meter under these very terms."""
        ...

    def began(self, meter: str, terms: Terms) -> datetime:
        """Since when it has stated that."""
        ...

    def moved(self, meter: str, terms: Terms) -> bool:
        """Whether it stated something else of the endpoint before."""
        ...
