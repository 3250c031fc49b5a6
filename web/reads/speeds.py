"""How every endpoint performs, in memory: for rankings, which look at all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from catalog.sql import rows
from pricing.endpoint import PricedEndpoint
from pricing.ranking import Among
from web.http.page_cache import cached_summary
from web.params.models import SPEEDS, ModelFilters

_ROWS = "SELECT endpoint_id, latency, throughput, uptime * 100 AS uptime FROM telemetry_liverow"


class EndpointSpeed(NamedTuple):
    """`uptime` is in percent, as it is filtered by."""

    endpoint_id: int
    latency: Decimal | None
    throughput: Decimal | None
    uptime: Decimal | None


# Compared by identity, so that what is kept of a ranking is kept by it.
@dataclass(frozen=True, slots=True, eq=False)
class KnownSpeeds:
    by_endpoint: Mapping[int, EndpointSpeed]


@cached_summary
def known_speeds() -> KnownSpeeds:
    return KnownSpeeds({row.endpoint_id: row for row in rows(EndpointSpeed, _ROWS)})


@dataclass(frozen=True, slots=True)
class SpeedFilter:
    """Selects, of the endpoints `among`, those that keep all bounds, or else those of which that is
    not known: unmeasured is never too slow. `bounds` are by the name of a filter.
    """

    bounds: tuple[tuple[str, Decimal], ...]
    known: KnownSpeeds
    among: Among | None
    unmeasured: bool = False

    def __call__(self, endpoint: PricedEndpoint) -> bool:
        keeps = self._keeps(endpoint.endpoint_id)
        selected = keeps is None if self.unmeasured else keeps
        return bool(selected) and (self.among is None or self.among(endpoint))

    def _keeps(self, endpoint_id: int) -> bool | None:
        """None where a figure is not known, and no other is beyond its bound."""
        speed = self.known.by_endpoint.get(endpoint_id)
        answers: list[bool | None] = []
        for name, bound in self.bounds:
            value = getattr(speed, SPEEDS[name], None)
            within = value is not None and (
                value <= bound if name == "latency_max" else value >= bound
            )
            answers.append(None if value is None else within)
        return False if False in answers else None if None in answers else True


def speed_filter(filters: ModelFilters, among: Among | None) -> SpeedFilter | None:
    """None where the filters bound no metric."""
    stated = [(name, getattr(filters, name)) for name in SPEEDS]
    bounds = tuple((name, bound) for name, bound in stated if bound is not None)
    return SpeedFilter(bounds, known_speeds(), among) if bounds else None
