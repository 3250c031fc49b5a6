"""What sources state now of endpoints, as statements that are compared."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from catalog.json_text import from_json_text
from catalog.matching.serving import has_region
from catalog.suitability import own_tier
from pricing.rates import StatedRate
from sources.precedence import in_own_tier
from sources.statement import Statement

_CLAIMS = """
SELECT claims.endpoint_id, source.slug, source.trust,
       coalesce(source.stated_at, source.as_of), claims.facts, claims.rates,
       claims.missing_since, claims.by_pattern, endpoint.variant, endpoint.upstream_id,
       claims.by_rule, claims.evidence, claims.stated_at, claims.since
FROM catalog_endpointclaims claims
JOIN catalog_source source ON source.id = claims.source_id
JOIN catalog_endpoint endpoint ON endpoint.id = claims.endpoint_id
WHERE claims.endpoint_id = ANY(%s)
"""
# So many endpoints at once: what is read is in memory twice.
_BATCH = 2000
_NONE: dict[str, Any] = {}


def statements_on(ids: Sequence[int]) -> dict[int, list[Statement]]:
    """The statements of all sources on these endpoints, by endpoint."""
    statements: dict[int, list[Statement]] = defaultdict(list)
    for start in range(0, len(ids), _BATCH):
        with connection.cursor() as cursor:
            cursor.execute(_CLAIMS, [list(ids[start : start + _BATCH])])
            rows = cursor.fetchall()
        for id_, source, trust, as_of, facts, rates, missing, by_pattern, *rest in rows:
            variant, upstream_id, by_rule, evidence, stated_at, since = rest
            tier = own_tier(variant.split(",")) if variant else ""
            statement = Statement(
                source=source,
                trust=trust,
                as_of=missing or as_of,
                stated_at=stated_at,
                facts=from_json_text(facts),
                rates=in_own_tier(map(StatedRate.from_json, from_json_text(rates)), tier),
                missing=missing is not None,
                vague=by_pattern and (bool(variant) or has_region(upstream_id)),
                by_rule=by_rule,
                evidence=_NONE if evidence == "{}" else from_json_text(evidence),
                since=_NONE if since == "{}" else from_json_text(since),
                own_tier=tier,
            )
            statements[id_].append(statement)
    return statements
