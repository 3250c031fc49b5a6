"""Claims of each source on endpoints and models, with their dates, and what of them is shown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog import claim_dates
from catalog.sql import rows
from pricing.meters import amount_per_unit
from sources.registry import local
from web.format.figures import partial_date
from web.reads.prices import PastPrice
from web.reads.site import site


@dataclass(frozen=True)
class EndpointClaim:
    """A source's claim on an endpoint. Dates are ISO dates; `facts_json` to `since_json` are as
    catalog.EndpointClaims has them.

    The claim is unchanged `since`; `gone` is when the source no longer listed the endpoint.
    `checked` is empty for a source whose data comes with the program: reading it checks nothing.
    `by_pattern` is whether a rule of the source covers an id that it does not list.
    """

    endpoint_id: int
    source: str
    url: str
    facts_json: str
    rates: str
    evidence_json: str
    since_json: str
    by_pattern: bool
    stated_at: datetime
    since: str
    gone: str
    data_of: str
    checked: str

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        return dict(json.loads(self.facts_json))

    @cached_property
    def rates_json(self) -> list[dict[str, Any]]:
        return list(json.loads(self.rates))

    @cached_property
    def evidence(self) -> Mapping[str, Sequence[str]]:
        return dict(json.loads(self.evidence_json))

    @property
    def retired_on(self) -> str:
        return str(self.facts.get("retired_on", ""))

    @property
    def successors(self) -> list[str]:
        """What it names in the endpoint's place, by ids at the provider or by names."""
        return list(self.facts.get("successors", ()))

    @property
    def pages(self) -> list[tuple[str, str]]:
        """Where the source has it from: (address, date of the check), each page once."""
        return sorted({(url, checked) for url, checked in self.evidence.values()})

    def fact(self, name: str) -> Any:
        """The value of a fact, or of a capability as `capability.<slug>`; None without one."""
        kind, _, slug = name.partition(".")
        return self.facts.get("capabilities", {}).get(slug) if slug else self.facts.get(kind)

    def began(self, claim: str) -> datetime:
        """The date of the data that first had a claim, by its name in catalog.claim_dates."""
        return claim_dates.began(
            claim,
            stated_at=self.stated_at,
            since=json.loads(self.since_json),
            evidence=self.evidence,
        )


@dataclass(frozen=True, slots=True)
class ShownFact:
    """The value of a column, with the name of its source, its date in words, and its page."""

    value: Any
    source: str
    on: str
    url: str = ""


_CLAIMS = """
SELECT claims.endpoint_id, source.name AS source, source.url, claims.facts::text AS facts_json,
       claims.rates::text AS rates, claims.evidence::text AS evidence_json,
       claims.since::text AS since_json, claims.by_pattern, claims.stated_at,
       to_char(claims.stated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since,
       coalesce(to_char(claims.missing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '') AS gone,
       coalesce(to_char(source.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '') AS data_of,
       CASE WHEN source.slug = ANY(%(local)s) THEN ''
            ELSE coalesce(to_char(source.fetched_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '')
       END AS checked
FROM catalog_endpointclaims claims
JOIN catalog_source source ON source.id = claims.source_id
WHERE claims.endpoint_id = ANY(%(ids)s)
ORDER BY claims.missing_since IS NOT NULL, source.trust DESC, source.name, claims.endpoint_id
"""
_PAST = """
SELECT rate.meter, rate.amount, rate.currency, rate.per,
       to_char(rate.valid_to AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS until
FROM pricing_rate rate
WHERE rate.endpoint_id = %(id)s AND NOT rate.held AND rate.valid_to <= %(at)s
  AND rate.terms = '{}' AND rate.amount IS NOT NULL
ORDER BY rate.valid_to DESC, rate.id
"""
_SHOWN = """
SELECT to_jsonb(stated)::text AS columns, stated.provenance::text AS provenance
FROM {table} stated WHERE stated.id = %(id)s
"""


def endpoint_claims(endpoint_ids: Iterable[int]) -> list[EndpointClaim]:
    """Those that are still made first, by trust."""
    return rows(EndpointClaim, _CLAIMS, ids=[*endpoint_ids], local=[*local()])


def past_prices(endpoint_id: int, now: datetime) -> list[PastPrice]:
    """Prices at standard terms that no longer hold, the last first."""
    stated: list[dict[str, Any]] = rows(dict, _PAST, id=endpoint_id, at=now)
    return [
        PastPrice(
            row["meter"],
            amount_per_unit(row["amount"], row["meter"], row["per"]),
            row["currency"],
            row["until"],
        )
        for row in stated
    ]


def shown_of_endpoint(endpoint_id: int) -> dict[str, ShownFact]:
    return _shown("catalog_endpoint", endpoint_id)


def shown_of_model(model_id: int) -> dict[str, ShownFact]:
    return _shown("catalog_model", model_id)


def _shown(table: str, row_id: int) -> dict[str, ShownFact]:
    """The facts in the columns of a row by field, capabilities as `capability.<slug>`."""
    stated: list[dict[str, str]] = rows(dict, _SHOWN.format(table=table), id=row_id)
    names = {source.slug: source.name for source in site().sources}
    shown = {}
    for row in stated:
        columns, provenance = json.loads(row["columns"]), json.loads(row["provenance"])
        for field, (slug, on, *url) in provenance.items():
            kind, _, capability = field.partition(".")
            value = capability in columns["capabilities"] if capability else columns.get(kind)
            name = names.get(slug, "an editor" if slug == "editor" else slug)
            shown[field] = ShownFact(value, name, partial_date(on[:10]), *url)
    return shown
