"""The source and date of an endpoint's published rates, for the lines of a cost."""

import json
from dataclasses import dataclass
from datetime import datetime

from catalog.sql import rows
from pricing.rates import RateCard, StatedRate
from pricing.terms import Terms
from web.format.figures import partial_date

_BASIS = """
SELECT rate.meter, rate.terms::text, rate.valid_from, source.name AS source,
       (rate.observed_at AT TIME ZONE 'UTC')::date::text AS observed_on, rate.why
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = %(endpoint_id)s AND NOT rate.held
"""


@dataclass(frozen=True, slots=True)
class _Basis:
    meter: str
    terms: str
    valid_from: datetime | None
    source: str
    observed_on: str
    why: str


def rate_basis(endpoint_id: int, card: RateCard) -> dict[StatedRate, str]:
    """Each rate of a card with its source and date in words; "" for a rate of no source."""
    stated = {
        (basis.meter, Terms.from_json(json.loads(basis.terms)), basis.valid_from): basis
        for basis in rows(_Basis, _BASIS, endpoint_id=endpoint_id)
    }
    by_rate = {rate: stated.get((rate.meter, rate.terms, rate.valid_from)) for rate in card.rates}
    return {rate: _in_words(basis) if basis else "" for rate, basis in by_rate.items()}


def _in_words(basis: _Basis) -> str:
    source = f"{basis.source}, {partial_date(basis.observed_on)}"
    return f"{source}: {basis.why}" if basis.why else source
