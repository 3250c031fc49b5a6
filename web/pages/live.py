"""The live figures of some endpoints: what an open page renews its cells from."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.urls import reverse

from web.pages.head import Head
from web.params.live import LiveQuery
from web.reads.endpoints import EndpointRecord, endpoints_by_id
from web.reads.known_columns import is_offered
from web.reads.live import METRICS, Measurement
from web.reads.live_rows import NOTHING, Figures, StoredRow, live_by_source, stored_rows


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    id: int
    endpoint: EndpointRecord | None
    figures: list[tuple[str, Measurement | None]]


@dataclass(frozen=True, slots=True)
class LivePage:
    """`stored` are rows or figures by endpoint, as read: most renewals find them the same.

    `metrics` are those with a figure anywhere.
    """

    endpoints: tuple[int, ...]
    stored: list[StoredRow] | list[tuple[int, Figures]]
    metrics: tuple[str, ...]

    def rows(self, *, named: bool) -> list[EndpointFigures]:
        """A line an endpoint. Names are for readers, and take longer than all the rest."""
        known = endpoints_by_id(self.endpoints) if named else {}
        figures = dict(
            (row.endpoint_id, row.figures) if isinstance(row, StoredRow) else row
            for row in self.stored
        )
        return [
            EndpointFigures(
                endpoint,
                known.get(endpoint),
                [(metric, figures.get(endpoint, NOTHING)[metric]) for metric in self.metrics],
            )
            for endpoint in self.endpoints
        ]

    @property
    def digest(self) -> str:
        stated = repr((self.endpoints, self.metrics, self.stored))
        return sha256(stated.encode()).hexdigest()[:32]


def live_page(query: LiveQuery, now: datetime) -> LivePage:
    metrics = tuple(metric for metric in METRICS if is_offered(metric))
    if query.source:
        figures = live_by_source(query.endpoints, now).figures.get(query.source, {})
        return LivePage(query.endpoints, sorted(figures.items()), metrics)
    return LivePage(query.endpoints, stored_rows(query.endpoints), metrics)


def live_head() -> Head:
    return Head("Live figures", "How endpoints perform now.", reverse("live"), indexed=False)
