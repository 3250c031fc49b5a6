"""An estimate as CSV: every endpoint, exact totals, and reasons for missing ones."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from pricing.announced import next_cost_change
from pricing.choices import cost_range
from pricing.endpoint import PricedEndpoint
from pricing.price import exact_product
from pricing.ranking import Ranking
from pricing.request import Request
from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.params.estimate import EstimateQuery
from web.tables.cost_lines import total
from web.text.estimate import state_of, why_not_ranked

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
    "announced_total_usd",
    "announced_from",
    "most_usd",
    "depends_on",
)


def estimate_csv(
    asked: EstimateQuery, ranking: Ranking, request: Request, now: datetime
) -> Iterator[str]:
    ranked = ranking.per_model if asked.per == "model" else ranking.ranked
    yield as_csv([HEADER])
    for start in range(0, len(ranked), AT_A_TIME):
        yield as_csv(
            [
                _line(str(n + 1), ranked[n], asked, request, now)
                for n in range(start, min(start + AT_A_TIME, len(ranked)))
            ]
        )
    for reason, endpoints in ranking.apart.items():
        state, why = state_of(reason), why_not_ranked(reason)
        yield as_csv(
            [
                _line("", endpoint, asked, request, now, why)
                if state == "priced"
                else ["", *_names(endpoint), "", "", state, why, "", "", "", ""]
                for endpoint in endpoints
            ]
        )


def _line(
    rank: str,
    endpoint: PricedEndpoint,
    asked: EstimateQuery,
    request: Request,
    now: datetime,
    why: str = "",
) -> list[str]:
    found = cost_range(endpoint.card, request)
    cost, request = found.least, found.request
    totals = (plain(total(cost.times(requests))) for requests in (asked.workload.requests, 1000))
    change = next_cost_change(endpoint.card, request, now)
    announced = ["", ""]
    if change:
        then = exact_product(change.after, Decimal(asked.workload.requests))
        announced = [plain(then), change.at.astimezone(UTC).date().isoformat()]
    most = plain(total(found.most.times(asked.workload.requests))) if found.is_open else ""
    choice = " ".join(found.depends_on)
    return [rank, *_names(endpoint), *totals, cost.state, why, *announced, most, choice]


def _names(endpoint: PricedEndpoint) -> tuple[str, str, str]:
    return endpoint.model, endpoint.provider, endpoint.upstream_id
