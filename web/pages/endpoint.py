"""One endpoint: its whole rate card, and its sources."""

from dataclasses import dataclass
from datetime import datetime

from web.format.figures import partial_date
from web.reads.claims import EndpointClaim, endpoint_claims, past_prices, shown_of_endpoint
from web.reads.endpoints import EndpointRecord, endpoints_at
from web.reads.known_columns import is_offered
from web.reads.rates import CurrentRate, announced_rates
from web.reads.site import Named
from web.tables.claims import ClaimedFigure, endpoint_facts, price_figures
from web.tables.endpoint_columns import TABLE_COLUMNS
from web.tables.provider_table import plainest
from web.tables.rate_card import CardTable, claims_at, rate_card
from web.text.endpoints import kind_in_words, provider_links, why_gone
from web.text.policy import PolicyInWords, policy_in_words


@dataclass(frozen=True, slots=True)
class EndpointPage:
    endpoint: EndpointRecord
    card: CardTable
    announced: list[CurrentRate]
    sources: list[EndpointClaim]
    figures: list[ClaimedFigure]

    @property
    def disputed(self) -> int:
        """Figures of which sources differ."""
        return sum(1 for figure in self.figures if figure.differ)

    @property
    def kind(self) -> str:
        return kind_in_words(self.endpoint)

    @property
    def gone(self) -> str:
        return why_gone(self.endpoint)

    @property
    def stage_notes(self) -> list[str]:
        endpoint = self.endpoint
        ends = endpoint.retired_on if not self.gone else ""
        dated = (
            ("first seen", endpoint.listed_since),
            ("deprecated", endpoint.deprecated_on),
            ("retires", ends),
            ("retires not before", endpoint.retired_not_before if not endpoint.retired_on else ""),
        )
        notes = [f"{what} {partial_date(day)}" for what, day in dated if day]
        for claim in (claim for claim in self.sources if not claim.gone):
            if claim.retired_on not in ("", endpoint.retired_on, endpoint.retired_not_before):
                notes.append(f"{claim.source} states {partial_date(claim.retired_on)}")
            if claim.successors:
                notes.append(f"in its place: {', '.join(claim.successors)}")
        return notes

    @property
    def policy(self) -> PolicyInWords:
        return policy_in_words(self.endpoint)

    @property
    def links(self) -> Named:
        return provider_links(self.endpoint)

    @property
    def table_columns(self) -> int:
        """Column span of a row that opens inside the provider table."""
        return sum(is_offered(column.key) for column in TABLE_COLUMNS)


def endpoint_at(
    model: str, provider: str, upstream_id: str, now: datetime, *, past: bool = False
) -> EndpointRecord | None:
    """An endpoint of a model at a provider, the plainest if no id is given."""
    endpoints = [
        endpoint
        for endpoint in endpoints_at(model, provider, now, past=past)
        if upstream_id in ("", endpoint.upstream_id)
    ]
    return min(endpoints, key=plainest, default=None)


def read_endpoint_page(
    model: str, provider: str, upstream_id: str, now: datetime, *, past: bool = False
) -> EndpointPage | None:
    """Of a past instant the rate card alone: claims are those of today."""
    endpoint = endpoint_at(model, provider, upstream_id, now, past=past)
    if endpoint is None:
        return None
    if past:
        return EndpointPage(endpoint, rate_card(endpoint.rates, {}), [], [], [])
    claims = endpoint_claims([endpoint.id])
    listed = [(claim.source, claim.rates_json) for claim in claims if not claim.gone]
    return EndpointPage(
        endpoint=endpoint,
        card=rate_card(endpoint.rates, claims_at(now, listed)),
        announced=announced_rates(endpoint.id, now),
        sources=claims,
        figures=[
            *price_figures(endpoint.rates, claims, now, past=past_prices(endpoint.id, now)),
            *endpoint_facts(claims, shown_of_endpoint(endpoint.id)),
        ],
    )
