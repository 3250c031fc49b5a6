"""Dated rates behind a model's price history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from catalog.sql import rows
from pricing.meters import HEADLINE, METERS, amount_per_unit
from pricing.rates import State

# Their rates are read even if they never changed; of other meters, those that did.
_METERS = [
    *HEADLINE,
    "web_search",
    *(slug for slug, meter in METERS.items() if meter.unit != "token"),
]


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A published rate: past, current, announced, or listed by mistake.

    `base` is whether it is on the standard card. Instants are text as PostgreSQL writes it:
    hundreds of rates share a few of them, which are parsed once.
    """

    endpoint_id: int
    meter: str
    state: State
    amount: Decimal | None
    currency: str
    per: int
    base: bool
    valid_from: str | None
    valid_to: str | None
    observed_at: str
    origin: str
    announced: bool
    source: str
    evidence: str
    why: str

    @property
    def is_slip(self) -> bool:
        """Whether it was listed by mistake, and so never held."""
        return self.valid_from is not None and self.valid_from == self.valid_to

    @property
    def amount_per_unit(self) -> Decimal | None:
        return amount_per_unit(self.amount, self.meter, self.per)

    @property
    def start(self) -> datetime | None:
        return instant(self.valid_from) if self.valid_from else None

    @property
    def end(self) -> datetime | None:
        return instant(self.valid_to) if self.valid_to else None


_RATES = """
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       rate.terms = '{}' AS base, rate.valid_from::text, rate.valid_to::text,
       rate.observed_at::text, rate.origin, rate.announced, source.name AS source,
       rate.evidence, rate.why
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%(ids)s) AND NOT rate.held
  AND (rate.meter = ANY(%(meters)s) OR rate.valid_to IS NOT NULL OR rate.origin <> 'first')
  AND (rate.terms - 'options' = '{}'::jsonb
       OR rate.terms = '{"tier": "batch"}' OR rate.terms = '{"tier": "flex"}')
  AND (rate.valid_to IS NULL OR rate.valid_from IS NULL OR rate.valid_to > rate.valid_from
       OR (rate.terms = '{}' AND rate.origin = 'correction' AND rate.evidence <> ''))
ORDER BY rate.valid_from NULLS FIRST, rate.id
"""


def dated_rates(endpoint_ids: Sequence[int]) -> list[DatedRate]:
    """Rates of these endpoints' base cards, options and cheaper tiers, oldest first."""
    return rows(DatedRate, _RATES, ids=list(endpoint_ids), meters=_METERS)


@lru_cache(maxsize=4096)
def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def oldest_data(rates: Iterable[DatedRate]) -> datetime | None:
    """Since when these prices are on record: seen, or known by the change that made them."""
    known = {(rate.evidence and rate.valid_from) or rate.observed_at for rate in rates}
    return min(map(instant, known), default=None)
