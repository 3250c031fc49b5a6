"""The endpoint record of every page, with its prices, and the SQL that reads it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from catalog.lifecycle import Lifecycle, stage_sql
from catalog.provider_kinds import DIRECT, UNBILLED
from catalog.sql import rows
from web.http.page_cache import cached_each
from web.reads.endpoint_prices import COLUMN_METERS, endpoint_prices
from web.reads.live import Measurement, live_figures
from web.reads.prices import Price
from web.reads.rates import CurrentRate, current_rates
from web.reads.site import Named, site


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """An endpoint on a day, with its current rates.

    Dates are as precise as stated, and empty where no source states one; so are other texts.
    `own` is whether the provider is the model's creator. `prices` are those of COLUMN_METERS,
    `per_unit` is the price of a meter other than tokens and searches, `further` sums up the rest of
    the rate card in a few words. All of them are made of `rates`. `place` is the endpoint's among
    those of its model by `pricing.headline`, None for one that is out of use.
    """

    id: int
    model_slug: str
    model_name: str
    creator_slug: str
    creator_name: str
    provider_slug: str
    provider_name: str
    kind: str
    own: bool
    terms_url: str
    privacy_url: str
    status_url: str
    docs_url: str
    headquarters: str
    upstream_id: str
    variant: str
    snapshot: str
    floating: bool
    region: str
    quantization: str
    mode: str
    context: int | None
    max_input: int | None
    max_output: int | None
    stage: str
    deprecated_on: str
    retired_on: str
    retired_not_before: str
    listed_since: str
    missing_since: str
    released: str
    model_released: str
    zdr: str
    training: str
    retention: str
    retention_days: int | None
    policy_basis: str
    policy_note: str
    policy_exceptions: str
    policy_url: str
    policy_checked_on: str
    capabilities: Named
    lacks: tuple[str, ...]
    prices: tuple[Price, ...]
    per_unit: Price | None
    further: str
    rates: tuple[CurrentRate, ...] = field(compare=False, repr=False)
    place: int | None = None
    latency: Measurement | None = None
    throughput: Measurement | None = None
    uptime: Measurement | None = None

    def __hash__(self) -> int:
        # Records of one endpoint are few, and all fields would take longer than its cells.
        return self.id

    @property
    def direct(self) -> bool:
        return self.kind in DIRECT

    @property
    def billed(self) -> bool:
        """Whether use is billed by quantity, not by the month."""
        return self.kind not in UNBILLED

    @property
    def plain(self) -> bool:
        return not (self.variant or self.snapshot or self.region or self.floating)

    @property
    def in_use(self) -> bool:
        return not self.missing_since and self.stage != Lifecycle.RETIRED

    def price(self, meter: str) -> Price:
        return self.prices[COLUMN_METERS.index(meter)]

    def figure(self, metric: str) -> Measurement | None:
        return {"latency": self.latency, "throughput": self.throughput}.get(metric, self.uptime)

    def has(self, capability: str) -> bool:
        return any(slug == capability for slug, _ in self.capabilities)


# A new column: here, as a field of EndpointRecord, and in web/tables/endpoint_columns.py.
_ENDPOINTS = f"""
SELECT endpoint.id, model.slug AS model_slug, model.name AS model_name,
       creator.slug AS creator_slug, creator.name AS creator_name,
       provider.slug AS provider_slug, provider.name AS provider_name, provider.kind,
       coalesce(provider.creator_id = model.creator_id, false) AS own,
       provider.terms_url, provider.privacy_url, provider.status_url, provider.docs_url,
       provider.headquarters,
       endpoint.upstream_id, endpoint.variant, endpoint.snapshot, endpoint.floating,
       endpoint.region, endpoint.quantization, endpoint.mode, endpoint.context_window AS context,
       endpoint.max_input, endpoint.max_output, {stage_sql("endpoint")} AS stage,
       endpoint.deprecated_on, endpoint.retired_on, endpoint.retired_not_before,
       endpoint.listed_since,
       coalesce(to_char(endpoint.missing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '')
           AS missing_since,
       endpoint.released, model.released AS model_released,
       endpoint.zdr, endpoint.training, endpoint.retention, endpoint.retention_days,
       endpoint.policy_basis, endpoint.policy_note, endpoint.policy_exceptions,
       endpoint.policy_url, endpoint.policy_checked_on,
       endpoint.capabilities, endpoint.lacks, model.modalities_out, price_row.place,
       live.latency, live.throughput, live.uptime, live.details
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN pricing_pricerow price_row ON price_row.endpoint_id = endpoint.id
LEFT JOIN telemetry_liverow live ON live.endpoint_id = endpoint.id
WHERE """  # noqa: S608 - put together from fixed words alone


def endpoints_of_model(model_id: int, now: datetime) -> list[EndpointRecord]:
    # Behind a query of its own the planner does not see the id, and makes one plan for all.
    of = "endpoint.model_id = (SELECT %(model_id)s::bigint)"
    return usual_order(_read(of, now, model_id=model_id))


def endpoints_of_model_at(model_id: int, at: datetime) -> list[EndpointRecord]:
    """As they were at a past instant: prices, stages, and those that had been released."""
    records = _read("endpoint.model_id = %(model_id)s", at, past=True, model_id=model_id)
    return usual_order(_as_then(records, at))


def endpoints_by_id_at(ids: Sequence[int], at: datetime) -> list[EndpointRecord]:
    """In the order of the ids, as they were at a past instant."""
    records = _read("endpoint.id = ANY(%(ids)s)", at, past=True, ids=[*ids])
    known = {record.id: record for record in _as_then(records, at)}
    return [known[id_] for id_ in ids if id_ in known]


def _as_then(records: Iterable[EndpointRecord], at: datetime) -> list[EndpointRecord]:
    """Without what has become known since, as far as that is dated: figures of how endpoints
    perform, and that one is missing or was released later."""
    day = at.date().isoformat()
    return [
        replace(
            record,
            missing_since=record.missing_since if record.missing_since <= day else "",
            latency=None,
            throughput=None,
            uptime=None,
        )
        for record in records
        if max(record.released, record.model_released) <= day
    ]


def endpoints_at(
    model: str, provider: str, now: datetime, *, past: bool = False
) -> list[EndpointRecord]:
    which = "model.slug = %(model)s AND provider.slug = %(provider)s"
    records = _read(which, now, past=past, model=model, provider=provider)
    return _as_then(records, now) if past else records


def _read_by_id(ids: Sequence[int], now: datetime) -> dict[int, EndpointRecord]:
    return {record.id: record for record in _read("endpoint.id = ANY(%(ids)s)", now, ids=[*ids])}


# Lists of endpoints are sorted, searched and paged through, comparisons changed step by step.
endpoints_by_id = cached_each(_read_by_id, most=2048)


def sources_of(endpoints: Iterable[EndpointRecord]) -> frozenset[str]:
    """The names of the sources of these endpoints' rates."""
    return frozenset(rate.source for endpoint in endpoints for rate in endpoint.rates)


def usual_order(endpoints: Iterable[EndpointRecord]) -> list[EndpointRecord]:
    """Direct providers first; within each group endpoints in use, by place, then plain ids."""
    return sorted(
        endpoints,
        key=lambda endpoint: (
            not endpoint.direct,
            not endpoint.in_use,
            endpoint.place is None,
            endpoint.place or 0,
            not endpoint.own,
            endpoint.provider_name.lower(),
            bool(endpoint.variant or endpoint.snapshot),
            endpoint.upstream_id,
        ),
    )


def _read(which: str, now: datetime, *, past: bool = False, **values: Any) -> list[EndpointRecord]:
    today = now.date().isoformat()
    stated: list[dict[str, Any]] = rows(dict, _ENDPOINTS + which, today=today, **values)
    rates = current_rates([columns["id"] for columns in stated], now, past=past)
    named = cache(site().named)
    records = []
    for columns in stated:
        own_rates = tuple(rates[columns["id"]])
        columns |= live_figures(columns, columns.pop("details"))
        lacks, makes = tuple(columns.pop("lacks")), tuple(columns.pop("modalities_out"))
        prices = endpoint_prices(own_rates, columns["mode"], lacks, makes)
        capabilities = columns.pop("capabilities")
        # A price for searches implies the capability, whatever a source states.
        if prices.columns[_SEARCH].state == "priced" and "web-search" not in capabilities:
            capabilities.append("web-search")
        record = EndpointRecord(
            capabilities=named(tuple(capabilities)),
            lacks=lacks,
            prices=prices.columns,
            per_unit=prices.per_unit,
            further=prices.further,
            rates=own_rates,
            **columns,
        )
        records.append(record)
    return records


_SEARCH = COLUMN_METERS.index("web_search")
