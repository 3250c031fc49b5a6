"""An estimate for spreadsheets and programs:

every endpoint, exact totals, and why some have none.
"""

from collections.abc import Iterator
from datetime import datetime

from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.params.estimate import EstimateQuery
from web.reads.offers import Offer
from web.reads.ranking import Ranking
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
    for reason, offers in ranking.apart.items():
        yield as_csv(
            [["", *_who(offer), "", "", state_of(reason), said(reason)] for offer in offers]
        )


def _ranked(rank: int, offer: Offer, asked: EstimateQuery, at: datetime) -> list[str]:
    cost = cost_of(offer, asked.workload.usage(), asked.workload, at)
    totals = (plain(total(cost.times(requests))) for requests in (asked.workload.requests, 1000))
    return [str(rank), *_who(offer), *totals, cost.state, ""]


def _who(offer: Offer) -> tuple[str, str, str]:
    return offer.model, offer.provider, offer.upstream_id
