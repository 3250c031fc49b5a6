"""Agreed prices beside list prices: in rows of models and of endpoints, and all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from agreements.agreed import AgreedEndpoint, AgreedRate, Agreements
from pricing.endpoint import PricedEndpoint
from pricing.meters import HEADLINE, meter
from pricing.priced_endpoints import priced_endpoints
from pricing.rates import StatedRate
from pricing.terms import BASE
from web.format.figures import partial_date
from web.format.terms import in_words
from web.reads.endpoints import EndpointRecord
from web.reads.prices import AgreedPrice, Price

# The mix of input and output by which one of several agreed endpoints stands for a model.
_BLEND = {"input": 3, "output": 1}


def agreed_prices(
    rates: Iterable[AgreedRate], at: datetime, *, where: str = ""
) -> dict[str, AgreedPrice]:
    """Agreed prices at standard terms that hold at an instant, by meter."""
    return {
        rate.meter: AgreedPrice(rate.state, rate.amount, rate.currency, where, _day(rate.valid_to))
        for rate in (agreed.stated for agreed in rates)
        if rate.terms == BASE and rate.holds_at(at)
    }


def _day(instant: datetime | None) -> str:
    return partial_date(instant.date().isoformat()) if instant else ""


def with_agreed(prices: Sequence[Price], agreed: Mapping[str, AgreedPrice]) -> tuple[Price, ...]:
    return tuple(
        replace(price, agreed=agreed[price.meter]) if price.meter in agreed else price
        for price in prices
    )


def endpoints_with_agreed(
    endpoints: Iterable[EndpointRecord], agreements: Agreements, at: datetime
) -> list[EndpointRecord]:
    """The endpoints with their agreed prices beside the list prices of their columns."""
    records = []
    for endpoint in endpoints:
        agreed = agreed_prices(agreements.at_public.get(endpoint.id, ()), at)
        if agreed:
            unit = endpoint.per_unit
            endpoint = replace(
                endpoint,
                prices=with_agreed(endpoint.prices, agreed),
                per_unit=with_agreed([unit], agreed)[0] if unit else None,
            )
        records.append(endpoint)
    return records


def agreed_by_model(agreements: Agreements, at: datetime) -> dict[str, dict[str, AgreedPrice]]:
    """The agreed prices of one endpoint of each model: of several the cheapest by a blend of input
    and output."""
    public = priced_endpoints(at.date()).by_id
    best: dict[str, tuple[Decimal, dict[str, AgreedPrice]]] = {}
    for model, where, rates in _endpoints(agreements, public):
        prices = agreed_prices(rates, at, where=where)
        amounts = {meter: price.amount for meter, price in prices.items() if meter in _BLEND}
        blend = Decimal("Infinity")
        if len(amounts) == len(_BLEND):
            parts = ((amounts[meter] or Decimal(0)) * part for meter, part in _BLEND.items())
            blend = sum(parts, Decimal(0))
        if prices and (model not in best or blend < best[model][0]):
            best[model] = blend, prices
    return {model: prices for model, (_, prices) in best.items()}


def _endpoints(
    agreements: Agreements, public: Mapping[int, PricedEndpoint]
) -> Iterable[tuple[str, str, tuple[AgreedRate, ...]]]:
    for id_, rates in agreements.at_public.items():
        if id_ in public:
            yield public[id_].model, public[id_].provider_name, rates
    for endpoint in agreements.endpoints:
        yield endpoint.model, endpoint.provider_name, endpoint.rates


@dataclass(frozen=True, slots=True)
class PrivateRow:
    """A private endpoint of a model with its prices now."""

    endpoint: AgreedEndpoint
    prices: tuple[Price, ...]


def private_rows(agreements: Agreements, model: str, at: datetime) -> list[PrivateRow]:
    return [
        PrivateRow(endpoint, _headline_prices(agreed_prices(endpoint.rates, at)))
        for endpoint in agreements.endpoints
        if endpoint.model == model
    ]


def _headline_prices(agreed: Mapping[str, AgreedPrice]) -> tuple[Price, ...]:
    return tuple(
        Price(slug, agreed[slug].state, agreed[slug].amount, agreed[slug].currency)
        if slug in agreed
        else Price(slug, "unknown")
        for slug in HEADLINE
    )


@dataclass(frozen=True, slots=True)
class AgreedRow:
    """An agreed price, and the list price of the same meter and terms now, if there is one."""

    model: str
    model_name: str
    provider: str
    provider_name: str
    upstream_id: str
    meter: str
    terms: str
    yours: Price
    listed: Price | None
    begins: str
    ends: str
    why: str
    holds: bool


def agreed_rows(agreements: Agreements, at: datetime) -> list[AgreedRow]:
    """Every agreed price by model, those that hold before those that do not."""
    endpoints = priced_endpoints(at.date())
    names = {endpoint.model: endpoint.model_name for endpoint in endpoints.all}
    rows = []
    for private in agreements.endpoints:
        where = private.provider, private.provider_name, private.upstream_id
        name = names.get(private.model, private.model)
        rows += [_row(private.model, name, where, rate, (), at) for rate in private.rates]
    for id_, rates in agreements.at_public.items():
        if (public := endpoints.by_id.get(id_)) is not None:
            where = public.provider, public.provider_name, public.upstream_id
            listed = public.card.rates
            name = public.model_name
            rows += [_row(public.model, name, where, rate, listed, at) for rate in rates]
    return sorted(rows, key=lambda row: (not row.holds, row.model_name, row.provider_name))


def _row(
    model: str,
    model_name: str,
    where: tuple[str, str, str],
    agreed: AgreedRate,
    listed: Iterable[StatedRate],
    at: datetime,
) -> AgreedRow:
    rate = agreed.stated
    alike = (
        _as_price(other)
        for other in listed
        if (other.meter, other.terms) == (rate.meter, rate.terms) and other.holds_at(at)
    )
    begins, ends = _day(rate.valid_from), _day(rate.valid_to)
    return AgreedRow(
        model,
        model_name,
        *where,
        meter=meter(rate.meter).name,
        terms="" if rate.terms == BASE else in_words(rate.terms),
        yours=_as_price(rate),
        listed=next(alike, None),
        begins=begins,
        ends=ends,
        why=agreed.why,
        holds=rate.holds_at(at),
    )


def _as_price(rate: StatedRate) -> Price:
    return Price(rate.meter, rate.state, rate.amount, rate.currency)
