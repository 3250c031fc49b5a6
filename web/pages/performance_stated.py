"""What gateways and other sources state now of the endpoints of a chart: beside it, never in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from web.reads.endpoints import EndpointRecord
from web.reads.live import LiveFigure
from web.reads.live_rows import LiveSources
from web.text.live import amount, in_full, in_short

# Of each metric.
MOST = 60


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a line is of: an endpoint, by the name of its provider or model, and that page."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class StatedBeside:
    """A figure in words, with its source and window; `note` is all that is known of it."""

    of: Drawn
    amount: str
    source: str
    note: str


def stated_now(
    metric: str, endpoints: Iterable[tuple[EndpointRecord, Drawn]], live: LiveSources
) -> tuple[StatedBeside, ...]:
    """In the order of endpoints, then of sources."""
    found = []
    for endpoint, drawn in endpoints:
        for key, _ in live.names:
            figure = live.figures[key].get(endpoint.id, {}).get(metric)
            if isinstance(figure, LiveFigure) and not figure.origin:
                found.append(StatedBeside(drawn, amount(figure), in_short(figure), in_full(figure)))
    return tuple(found[:MOST])
