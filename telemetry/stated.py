"""Keep the live figures that a source states, and find the endpoints that they are of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from catalog.copy_rows import insert_rows
from catalog.models import Endpoint, Source
from telemetry.live import renew_live_rows
from telemetry.models import KeptFigure


class Stated(Protocol):
    """A figure as an adapter gives it; see sources.base.StatedFigure."""

    @property
    def provider(self) -> str: ...
    @property
    def upstream_id(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def percentile(self) -> int | None: ...
    @property
    def value(self) -> Decimal: ...
    @property
    def window(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def samples(self) -> int | None: ...
    @property
    def at(self) -> str: ...
    @property
    def route(self) -> str: ...


def keep_figures(source: Source, figures: Sequence[Stated], now: datetime) -> Counter[str]:
    """Replace this source's figures by those of its newest answer, and choose what tables show.

    Figures of an endpoint that is not in the catalog are left out and counted.
    """
    counts: Counter[str] = Counter()
    endpoints = _endpoints(figures)
    served = _served_by(figures, endpoints)
    rows = {}
    for figure in figures:
        endpoint = endpoints.get((figure.provider, figure.upstream_id))
        if endpoint is None:
            counts["live figures of unknown endpoints"] += 1
            continue
        key = (endpoint.id, figure.route, figure.metric, figure.percentile, figure.window)
        rows[key] = (
            *(source.id, *key, figure.value, figure.samples, figure.definition[:300]),
            *(served.get((endpoint.model_id, figure.at, figure.route)), now),
        )
    KeptFigure.objects.filter(source=source).delete()
    columns = (
        *("source", "endpoint", "route", "metric", "percentile", "window", "value", "samples"),
        *("definition", "served_by", "as_of"),
    )
    insert_rows(KeptFigure, columns, rows.values())
    renew_live_rows(now)
    counts["live figures"] = len(rows)
    return +counts


def _endpoints(figures: Iterable[Stated]) -> dict[tuple[str, str], Endpoint]:
    providers = {figure.provider for figure in figures}
    found = Endpoint.objects.filter(provider__slug__in=providers).select_related("provider")
    return {
        (endpoint.provider.slug, endpoint.upstream_id): endpoint
        for endpoint in found.only("model_id", "upstream_id", "provider__slug")
    }


def _served_by(
    figures: Iterable[Stated], endpoints: Mapping[tuple[str, str], Endpoint]
) -> dict[tuple[int, str, str], int]:
    """The endpoint that each route leads to, by model, provider and route.

    A route with a suffix (novita/fp8) leads to an endpoint of that variant, quantization or region
    alone; one without to the plainest.
    """
    wanted = {
        (endpoint.model_id, figure.at, figure.route)
        for figure in figures
        if figure.at
        and (endpoint := endpoints.get((figure.provider, figure.upstream_id))) is not None
    }
    by_place: dict[tuple[int, str], list[Endpoint]] = defaultdict(list)
    models = {model for model, _, _ in wanted}
    candidates = Endpoint.objects.filter(
        model__among=models,
        provider__slug__in={provider for _, provider, _ in wanted},
        missing_since=None,
        floating=False,
    ).select_related("provider")
    for endpoint in candidates.order_by("price_row__place", "upstream_id"):
        by_place[endpoint.model_id, endpoint.provider.slug].append(endpoint)
    served = {}
    for model, provider, route in wanted:
        suffix = route.partition("/")[2].lower()
        for endpoint in by_place[model, provider]:
            words = {*endpoint.variant.lower().split(","), endpoint.quantization, endpoint.region}
            plain = not (endpoint.variant or endpoint.snapshot or endpoint.region)
            if (suffix in words) if suffix else plain:
                served[model, provider, route] = endpoint.id
                break
    return served
