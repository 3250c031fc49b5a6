"""Record the rates that win of endpoints."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.models import Endpoint, Source
from catalog.witnesses import witness
from pricing.observed import Observed, Price
from pricing.rate_history import record_rates
from pricing.rates import StatedRate
from pricing.slips import Watch
from pricing.terms import Terms
from sources.precedence import rate_card
from sources.statement import Statement

FREE_CARD = tuple(StatedRate(meter, Decimal(0), "free") for meter in ("input", "output"))


@dataclass(frozen=True, slots=True)
class StatementOfRates:
    """`pricing.observed.Claimant`: what a source states of an endpoint's rates."""

    source_id: int
    statement: Statement

    @property
    def witness(self) -> str:
        return witness(self.statement.source)

    def prices(self, meter: str, terms: Terms) -> list[Price]:
        return [
            (rate.state, rate.amount, rate.currency)
            for rate in self.statement.rates
            if rate.meter == meter and rate.terms == terms and rate.holds_at(self.statement.as_of)
        ]

    def began(self, meter: str, terms: Terms) -> datetime:
        return self.statement.rates_began(meter, terms.family)

    def moved(self, meter: str, terms: Terms) -> bool:
        began = self.began(meter, terms)
        return any(datetime.fromisoformat(date) < began for date in self.statement.since.values())


def _free_by_their_id(
    ids: Iterable[int], statements: Mapping[int, Sequence[Statement]]
) -> set[int]:
    """Endpoints without a stated rate and with an id that ends in `:free`: they are free."""
    unpriced = [id_ for id_ in ids if not any(s.rates for s in statements.get(id_, ()))]
    endpoints = Endpoint.objects.filter(id__among=unpriced, upstream_id__iendswith=":free")
    return set(endpoints.values_list("id", flat=True))


def settle_rates(
    ids: Sequence[int],
    statements: Mapping[int, Sequence[Statement]],
    counts: Counter[str],
    *,
    watch: Watch,
    refresh_id: int | None,
) -> None:
    source_ids = dict(Source.objects.values_list("slug", "id"))
    free_ids = _free_by_their_id(ids, statements)
    cards, as_of, claims = {}, {}, {}
    for id_ in ids:
        stated = statements.get(id_, [])
        if all(statement.missing for statement in stated):
            continue  # What is missing upstream keeps its last known card.
        # A rule that states no rate dates none.
        dates = [s.as_of for s in stated if s.rates or not s.by_rule]
        as_of[id_] = max(dates or [s.as_of for s in stated])
        claims[id_] = [
            StatementOfRates(source_ids[statement.source], statement)
            for statement in stated
            if statement.rates and not statement.missing
        ]
        cards[id_] = [
            Observed(rate, source_ids[statement.source], statement.checked(f"rate.{rate.meter}"))
            for rate, statement in rate_card(stated)
        ]
        if id_ in free_ids:
            lister = max(
                stated,
                key=lambda s: (not s.missing, not s.by_rule, s.trust, s.stated_at, s.source),
            )
            cards[id_] = [
                Observed(rate, source_ids[lister.source], lister.as_of) for rate in FREE_CARD
            ]
    recorded = record_rates(cards, as_of=as_of, claims=claims, watch=watch, refresh_id=refresh_id)
    counts.update({f"rates {what}": n for what, n in recorded.items()})
