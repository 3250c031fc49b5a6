"""Where calls come from, as figures of them are named, and over what they are taken. Pure."""

from dataclasses import dataclass
from decimal import Decimal

# Fewer samples have no median, and no uptime, that tables show.
LEAST_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class ShownOrigin:
    """Calls of one origin. `window` is that of latency and throughput; uptime is over 1d."""

    key: str
    name: str
    window: str


# In the order in which tables choose. Probes and trials are few: they count for a day.
ORIGINS = (
    ShownOrigin("traffic", "Own traffic", "1h"),
    ShownOrigin("prometheus", "Prometheus", "1h"),
    ShownOrigin("probe", "Own probes", "1d"),
    ShownOrigin("playground", "Playground", "1d"),
    ShownOrigin("demo", "Demo", "1h"),
)
ORIGIN = {origin.key: origin for origin in ORIGINS}
# Made-up calls come after everything that is measured, by others too.
MADE_UP = "demo"
_LEAST = Decimal("0.0001")


def ratio(succeeded: int, attempted: int) -> Decimal:
    """Four digits; 1 only where nothing failed, 0 only where nothing succeeded."""
    if succeeded in (0, attempted):
        return Decimal(succeeded > 0)
    return min(max(Decimal(f"{succeeded / attempted:.4f}"), _LEAST), 1 - _LEAST)
