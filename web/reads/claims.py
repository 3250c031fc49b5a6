"""Claims of each source on an endpoint, with their dates."""

import json
from dataclasses import dataclass

from catalog.sql import rows
from sources.registry import local


@dataclass(frozen=True, slots=True)
class EndpointClaim:
    """A source's claim on an endpoint. `rates` is its rate card as JSON. Dates are ISO dates.

    The claim is unchanged `since`; `gone` is when the source no longer listed the endpoint.
    `checked` is empty for a source whose data comes with the program: reading it checks nothing.
    `successors` are what it names in the endpoint's place, by ids at the provider or by names.
    `by_pattern` is whether a rule of the source covers an id that it does not list.
    """

    source: str
    url: str
    rates: str
    by_pattern: bool
    retired_on: str
    successors: list[str]
    since: str
    gone: str
    data_of: str
    checked: str
    evidence: str

    @property
    def pages(self) -> tuple[tuple[str, str], ...]:
        """Where the source has it from: (address, date of the check), each page once."""
        return tuple((url, checked) for url, checked in json.loads(self.evidence))


_CLAIMS = """
SELECT source.name AS source, source.url, claims.rates::text AS rates, claims.by_pattern,
       coalesce(claims.facts ->> 'retired_on', '') AS retired_on,
       ARRAY(
           SELECT jsonb_array_elements_text(coalesce(claims.facts -> 'successors', '[]'))
       ) AS successors,
       to_char(claims.stated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since,
       coalesce(to_char(claims.missing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '') AS gone,
       coalesce(to_char(source.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '') AS data_of,
       CASE WHEN source.slug = ANY(%(local)s) THEN ''
            ELSE coalesce(to_char(source.fetched_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '')
       END AS checked,
       (SELECT coalesce(jsonb_agg(DISTINCT page), '[]') FROM jsonb_each(claims.evidence) _ (f, page)
       )::text AS evidence
FROM catalog_endpointclaims claims
JOIN catalog_source source ON source.id = claims.source_id
WHERE claims.endpoint_id = %(id)s
ORDER BY claims.missing_since IS NOT NULL, source.trust DESC, source.name
"""


def endpoint_claims(endpoint_id: int) -> list[EndpointClaim]:
    return rows(EndpointClaim, _CLAIMS, id=endpoint_id, local=[*local()])
