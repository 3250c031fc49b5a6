"""Sources: their last runs, what they state and win, and how often they differ from the winner."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from catalog.sql import rows
from pricing.rate_cards import holds_sql
from web.http.page_cache import cached_read

# Of each source; those of four hours where a source has a turn every five minutes.
MOST_RUNS = 48


@dataclass(frozen=True, slots=True)
class RefreshRun:
    """A refresh without its error, which may name the operator's own addresses.

    `reasons` are why its answer is held, as parts of a sentence.
    """

    source_id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]
    reasons: Sequence[str]

    @property
    def came_in_a_file(self) -> bool:
        """A load is recorded whole, in an instant; its counts are those of the whole file."""
        return self.finished_at == self.started_at


class _OfSource(NamedTuple):
    source_id: int
    number: int


class Compared(NamedTuple):
    """Current claims of a source that have a winner beside them, and how many differ from it."""

    source_id: int
    claims: int = 0
    differ: int = 0


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """`listed` endpoints, and the published prices that hold now by what the source states."""

    listed: int
    wins: int
    prices: Compared
    facts: Compared


_RUNS = """
SELECT run.source_id, run.state, run.started_at, run.finished_at, run.counts::text AS counts,
       coalesce(run.difference -> 'reasons', '[]')::text AS reasons
FROM catalog_source source CROSS JOIN LATERAL (
    (SELECT * FROM sources_refresh refresh WHERE refresh.source_id = source.id
     ORDER BY refresh.id DESC LIMIT %(most)s)
    UNION ALL
    SELECT * FROM (
        SELECT * FROM sources_refresh refresh WHERE refresh.source_id = source.id
        ORDER BY refresh.id DESC OFFSET %(most)s
    ) earlier WHERE earlier.state = 'held'
) run
ORDER BY run.id DESC
"""
# By the newest run that counted any: an unchanged answer is not read again.
_NOT_EXPRESSED = """
SELECT source.id AS source_id, run.not_expressed::text AS kinds
FROM catalog_source source CROSS JOIN LATERAL (
    SELECT not_expressed FROM sources_refresh refresh
    WHERE refresh.source_id = source.id AND not_expressed <> '{}'
    ORDER BY refresh.id DESC LIMIT 1
) run
"""
_LISTED = """
SELECT source_id, count(*) AS number FROM catalog_endpointclaims
WHERE missing_since IS NULL AND NOT by_rule GROUP BY source_id
"""
_WINS = f"""
SELECT rate.source_id, count(*) AS number FROM pricing_rate rate
WHERE {holds_sql()} AND rate.state <> 'unknown' GROUP BY rate.source_id
"""  # noqa: S608 - put together from fixed words alone
# A price beside the one of the same meter and terms that is shown.
_PRICES = f"""
WITH stated AS (
    SELECT claims.source_id, claims.endpoint_id, rate ->> 'meter' AS meter,
           coalesce(rate -> 'terms', '{{}}') AS terms,
           coalesce(rate ->> 'state', 'priced') AS state,
           (rate ->> 'amount')::numeric AS amount,
           coalesce(rate ->> 'currency', 'USD') AS currency
    FROM catalog_endpointclaims claims CROSS JOIN jsonb_array_elements(claims.rates) rate
    WHERE claims.missing_since IS NULL AND rate ->> 'state' IS DISTINCT FROM 'unknown'
      AND coalesce((rate ->> 'from')::timestamptz <= %(at)s, true)
      AND coalesce((rate ->> 'to')::timestamptz > %(at)s, true)
)
SELECT stated.source_id, count(*) AS claims, count(*) FILTER (
    WHERE (rate.state, rate.amount, rate.currency)
        IS DISTINCT FROM (stated.state, stated.amount, stated.currency)
) AS differ
FROM stated JOIN pricing_rate rate
    ON rate.endpoint_id = stated.endpoint_id AND rate.meter = stated.meter
    AND rate.terms = stated.terms AND rate.state <> 'unknown' AND {holds_sql()}
GROUP BY stated.source_id
"""  # noqa: S608 - put together from fixed words alone
_COMPARED = ("context_window", "max_input", "max_output", "released", "deprecated_on", "retired_on")
_FACTS = f"""
SELECT claims.source_id, count(*) AS claims,
       count(*) FILTER (WHERE stated.value <> stated.winner) AS differ
FROM catalog_endpointclaims claims JOIN catalog_endpoint endpoint ON endpoint.id = endpoint_id
CROSS JOIN LATERAL (VALUES {
    ", ".join(f"(claims.facts ->> '{field}', endpoint.{field}::text)" for field in _COMPARED)
}) AS stated (value, winner)
WHERE claims.missing_since IS NULL AND stated.value <> '' AND stated.winner <> ''
GROUP BY claims.source_id
"""  # noqa: S608 - put together from fixed words alone


def _read_counts(now: datetime) -> dict[int, SourceCounts]:
    listed = {row.source_id: row.number for row in rows(_OfSource, _LISTED)}
    wins = {row.source_id: row.number for row in rows(_OfSource, _WINS, at=now)}
    prices = {row.source_id: row for row in rows(Compared, _PRICES, at=now)}
    facts = {row.source_id: row for row in rows(Compared, _FACTS)}
    return {
        source_id: SourceCounts(
            listed.get(source_id, 0),
            wins.get(source_id, 0),
            prices.get(source_id, Compared(source_id)),
            facts.get(source_id, Compared(source_id)),
        )
        for source_id in {*listed, *wins, *prices, *facts}
    }


# Every claim is read, in half a second: another page shows what has not changed since.
source_counts = cached_read(_read_counts, most=1)


def last_runs() -> dict[int, list[RefreshRun]]:
    """The last refreshes of each source by its id, newest first."""
    runs: dict[int, list[RefreshRun]] = defaultdict(list)
    stated: list[dict[str, Any]] = rows(dict, _RUNS, most=MOST_RUNS)
    for row in stated:
        for column in ("counts", "reasons"):
            row[column] = json.loads(row[column])
        runs[row["source_id"]].append(RefreshRun(**row))
    return runs


def not_expressed() -> dict[int, dict[str, int]]:
    """What the last answer read of each source states and the catalog has no place for."""
    stated: list[dict[str, Any]] = rows(dict, _NOT_EXPRESSED)
    return {row["source_id"]: json.loads(row["kinds"]) for row in stated}
