"""One endpoint: its whole rate card, and who says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.sql import ask
from web.format.figures import partial_date
from web.pages.model import ENDPOINT_COLUMNS, endpoint_row
from web.reads.rates import CurrentRate, coming_rates, current_rates
from web.reads.site import site
from web.tables.provider_table import EndpointRow, plainest
from web.tables.rate_card import Card, claims_at, rate_card
from web.text.endpoints import retention


@dataclass(frozen=True, slots=True)
class Speaker:
    """A source that speaks of the endpoint: since when its statement is the same, and when it was
    last asked.

    `by_pattern` says that it does not list this id, but a rule of its covers it.
    """

    name: str
    url: str
    since: str
    data_of: str
    read: str
    gone: str
    by_pattern: bool


@dataclass(frozen=True, slots=True)
class EndpointPage:
    endpoint: Any
    row: EndpointRow
    card: Card
    coming: list[CurrentRate]
    speakers: list[Speaker]

    @property
    def retention(self) -> str:
        """How long the provider keeps what is sent, in words; empty where nobody states it."""
        return retention(self.endpoint)


_ENDPOINTS = f"""
SELECT {ENDPOINT_COLUMNS}, endpoint.max_input, endpoint.retention, endpoint.retention_days,
       endpoint.policy_exceptions, endpoint.policy_url, endpoint.parameters,
       to_char(endpoint.policy_checked_on, 'YYYY-MM-DD') AS policy_checked_on,
       model.name AS model_name, model.slug AS model_slug,
       creator.slug AS creator_slug, creator.name AS creator_name
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
WHERE model.slug = %s AND provider.slug = %s
"""  # noqa: S608 - put together from fixed words alone


def read_endpoint_page(
    model: str, provider: str, upstream_id: str, now: datetime
) -> EndpointPage | None:
    """An endpoint of a model at a provider, the plainest where no id is asked for; None if there is
    none."""
    found = ask(_ENDPOINTS, model, provider)
    rates = current_rates([endpoint.id for endpoint in found], now)
    rows = {endpoint_row(each, model, rates[each.id], now, site().named): each for each in found}
    asked = [row for row in rows if upstream_id in ("", row.upstream_id)]
    if not asked:
        return None
    row = min(asked, key=plainest)
    return _page(rows[row], row, rates[rows[row].id], now)


def _page(
    endpoint: Any, row: EndpointRow, rates: Sequence[CurrentRate], now: datetime
) -> EndpointPage:
    claims = ask(_CLAIMS, endpoint.id)
    standing = [(claim.name, json.loads(claim.rates)) for claim in claims if not claim.missing]
    return EndpointPage(
        endpoint=endpoint,
        row=row,
        card=rate_card(rates, claims_at(now, standing)),
        coming=coming_rates(endpoint.id, now),
        speakers=[_speaker(claim) for claim in claims],
    )


_CLAIMS = """
SELECT source.name, source.url, claims.rates::text AS rates, claims.by_pattern,
       claims.missing_since IS NOT NULL AS missing,
       to_char(claims.stated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since,
       to_char(claims.missing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS gone,
       to_char(source.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS data_of,
       to_char(source.read_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS read
FROM catalog_endpointclaims claims
JOIN catalog_source source ON source.id = claims.source_id
WHERE claims.endpoint_id = %s
ORDER BY claims.missing_since IS NOT NULL, source.trust DESC, source.name
"""


def _speaker(claim: Any) -> Speaker:
    dates = (claim.since, claim.data_of, claim.read, claim.gone)
    since, data_of, read, gone = (partial_date(date or "") for date in dates)
    return Speaker(claim.name, claim.url, since, data_of, read, gone, claim.by_pattern)
