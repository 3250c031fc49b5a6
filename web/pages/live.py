"""The live figures of some endpoints: what an open page renews its cells from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.urls import reverse

from web.pages.head import Head
from web.params.live import LiveQuery
from web.reads.endpoints import EndpointRecord, endpoints_by_id
from web.reads.known_columns import is_offered
from web.reads.live import METRICS, Measurement
from web.reads.live_rows import NOTHING, Figures, live_by_source, live_of


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    id: int
    endpoint: EndpointRecord | None
    figures: list[tuple[str, Measurement | None]]


@dataclass(frozen=True, slots=True)
class LivePage:
    """`figures` are by endpoint; `metrics` are those with a figure anywhere."""

    figures: dict[int, Figures]
    metrics: tuple[str, ...]

    def rows(self, *, named: bool) -> list[EndpointFigures]:
        """A line an endpoint. Names are for readers, and take longer than all the rest."""
        known = endpoints_by_id(tuple(self.figures)) if named else {}
        return [
            EndpointFigures(
                endpoint,
                known.get(endpoint),
                [(metric, figures[metric]) for metric in self.metrics],
            )
            for endpoint, figures in self.figures.items()
        ]

    @property
    def digest(self) -> str:
        return sha256(repr((self.metrics, [*self.figures.items()])).encode()).hexdigest()[:32]


def live_page(query: LiveQuery, now: datetime) -> LivePage:
    known: Mapping[int, Figures]
    if query.source:
        known = live_by_source(query.endpoints, now).figures.get(query.source, {})
    else:
        known = live_of(query.endpoints)
    return LivePage(
        {endpoint: known.get(endpoint, NOTHING) for endpoint in query.endpoints},
        tuple(metric for metric in METRICS if is_offered(metric)),
    )


def live_head() -> Head:
    return Head("Live figures", "How endpoints perform now.", reverse("live"), indexed=False)
