"""Whether another price is a change by the provider or a correction of its source. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pricing.factors import factor_between, is_unit_slip
from pricing.observed import Claimant, Observed, Price

# A price that is back within these was never another one.
REVERTED_WITHIN = timedelta(days=30)


class RecordedPrice(Protocol):
    """A row of a series, as it is on record or about to be."""

    source_id: int
    begin: datetime
    observed_at: datetime

    @property
    def price(self) -> Price: ...


def is_change(
    before: RecordedPrice, row: RecordedPrice, item: Observed, claims: Sequence[Claimant]
) -> bool:
    """Whether the provider changed a price that bills otherwise than the one before.

    Without dates of its source it is a correction, if it differs by a power of ten, if another
    source stated it all along, or if its source takes over without another statement of its own
    since the price before was seen.
    """
    if not is_undated(row):
        return row.source_id == before.source_id
    if _is_slip(before.price, row.price):
        return False
    meter, terms = item.rate.meter, item.rate.terms
    mover = next((claim for claim in claims if claim.source_id == row.source_id), None)
    if mover is None:
        return row.source_id == before.source_id
    began = mover.began(meter, terms)
    for other in claims:
        if other.witness == mover.witness or row.price not in other.prices(meter, terms):
            continue
        since = other.began(meter, terms)
        if since < began and not (since > before.begin and other.moved(meter, terms)):
            return False
    return row.source_id == before.source_id or (
        began > before.observed_at and mover.moved(meter, terms)
    )


def is_reverted(earlier: RecordedPrice, before: RecordedPrice, row: RecordedPrice) -> bool:
    """Whether a price is back soon, without dates of the source: the one between was wrong."""
    return (
        earlier.price == row.price
        and is_undated(before)
        and is_undated(row)
        and row.begin - before.begin <= REVERTED_WITHIN
    )


def is_undated(row: RecordedPrice) -> bool:
    return row.begin == row.observed_at


def _is_slip(before: Price, after: Price) -> bool:
    if not before[1] or not after[1] or before[2] != after[2]:
        return False
    return is_unit_slip(factor_between(before[1], after[1]))
