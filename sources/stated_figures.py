"""Read live figures as gateways state them; what is not plausible is counted and left out. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sources.base import StatedFigure
from sources.reading import FieldReader

_PERCENTILE = re.compile(r"p(\d{1,2})", re.ASCII)
# TTFT in seconds: what no network is faster than, and what no caller waits for.
_FASTEST, _SLOWEST = Decimal("0.005"), Decimal(600)
# A median TTFT below this number is in seconds, whatever the documentation calls its unit.
_IN_SECONDS = 10
# Tokens per second.
_MOST = 100_000
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class FigureReader:
    """Reads the figures of one endpoint, or of one way from a gateway to a provider (`at`)."""

    reading: FieldReader
    provider: str
    upstream_id: str
    at: str = ""
    route: str = ""

    def latency(
        self,
        milliseconds: Mapping[str, Any],
        window: str,
        definition: str,
        samples: int | None = None,
    ) -> Iterator[StatedFigure]:
        """TTFT by percentile: {"p50": 817, …}, or {"": 120} for a value that is none."""
        usual = _number(milliseconds.get("p50", milliseconds.get("")))
        if usual is not None and usual < _IN_SECONDS:
            self.reading.miss("latency below 10 ms")
            return
        for percentile, value in self._by_percentile(milliseconds):
            if _FASTEST < value / 1000 < _SLOWEST:
                yield StatedFigure(
                    *(self.provider, self.upstream_id, "latency", percentile),
                    *((value / 1000).quantize(_PLACES).normalize(), window, "s", definition),
                    *(samples, self.at, self.route),
                )
            else:
                self.reading.odd("latency")

    def throughput(
        self,
        per_second: Mapping[str, Any],
        window: str,
        definition: str,
        samples: int | None = None,
    ) -> Iterator[StatedFigure]:
        """Tokens per second by percentile."""
        for percentile, value in self._by_percentile(per_second):
            if 0 < value < _MOST:
                yield StatedFigure(
                    *(self.provider, self.upstream_id, "throughput", percentile),
                    *(value.quantize(_PLACES).normalize(), window, "token/s", definition),
                    *(samples, self.at, self.route),
                )
            elif value:
                self.reading.odd("throughput")

    def uptime(
        self, record: Mapping[str, Any], field: str, window: str, definition: str
    ) -> Iterator[StatedFigure]:
        """A ratio, of per cent; null is an absence of traffic."""
        per_cent = _number(record.get(field))
        if per_cent is not None and 0 <= per_cent <= 100:
            yield StatedFigure(
                *(self.provider, self.upstream_id, "uptime", None),
                *((per_cent / 100).quantize(_PLACES).normalize(), window, "ratio", definition),
                *(None, self.at, self.route),
            )
        elif record.get(field) is not None:
            self.reading.odd(field)

    def _by_percentile(self, stated: Mapping[str, Any]) -> Iterator[tuple[int | None, Decimal]]:
        for name, value in stated.items():
            percentile, number = _PERCENTILE.fullmatch(name), _number(value)
            if number is not None and (percentile or not name):
                yield int(percentile[1]) if percentile else None, number
            elif value is not None:
                self.reading.odd("percentiles")


def _number(value: Any) -> Decimal | None:
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(value) if whole and abs(value) < 10**12 else None
