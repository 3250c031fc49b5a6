"""An estimate for spreadsheets and programs:

every endpoint, exact totals, and why some have none.
"""

from collections.abc import Iterator
from datetime import datetime

from pricing.endpoint import PricedEndpoint
from pricing.ranking import Ranking
from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.params.estimate import EstimateQuery
from web.tables.estimate import cost_of, said, state_of, total

AT_A_TIME = 500
HEADER = (
    "rank",
    "model",
    "provider",
    "upstream_id",
    "total_usd",
    "usd_per_1000_requests",
    "state",
    "why",
)


def estimate_csv(asked: EstimateQuery, ranking: Ranking, at: datetime) -> Iterator[str]:
    """What is ranked, in order, then what is not and why, some lines at a time."""
    found = ranking.cheapest if asked.per == "model" else ranking.ranked
    yield as_csv([HEADER])
    for start in range(0, len(found), AT_A_TIME):
        yield as_csv(
            [
                _ranked(n + 1, found[n], asked, at)
                for n in range(start, min(start + AT_A_TIME, len(found)))
            ]
        )
    for reason, endpoints in ranking.apart.items():
        yield as_csv(
            [
                ["", *_who(endpoint), "", "", state_of(reason), said(reason)]
                for endpoint in endpoints
            ]
        )


def _ranked(rank: int, endpoint: PricedEndpoint, asked: EstimateQuery, at: datetime) -> list[str]:
    cost = cost_of(endpoint, asked.workload.usage(), asked.workload, at)
    totals = (plain(total(cost.times(requests))) for requests in (asked.workload.requests, 1000))
    return [str(rank), *_who(endpoint), *totals, cost.state, ""]


def _who(endpoint: PricedEndpoint) -> tuple[str, str, str]:
    return endpoint.model, endpoint.provider, endpoint.upstream_id
