"""One model with everyone who serves it: as many queries whatever it holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.models import Endpoint, Lifecycle, Model, Provider
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import Terms
from web.prices import Price, unstated
from web.queries.model_list import lowest_prices
from web.queries.site import Named, site
from web.templatetags.format import partial_date
from web.terms import in_words

PROVIDER_METERS = ("input", "output", "cache_read", "cache_write", "web_search")


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """A line of the provider table. `gone` is why the endpoint cannot be used any more, empty if it can."""

    endpoint: Endpoint
    direct: bool
    prices: tuple[Price, ...]
    variant: str
    capabilities: Named
    zdr: str
    no_training: str
    stage: str
    gone: str


@dataclass(frozen=True, slots=True)
class FurtherTerms:
    """Prices of one endpoint that hold under other terms, or of meters that the provider table leaves out."""

    provider: Provider
    upstream_id: str
    terms: str
    prices: tuple[Price, ...]
    source: str
    observed: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    model: Model
    stage: str
    capabilities: Named
    input: Price
    output: Price
    endpoints: list[EndpointRow]
    further: list[FurtherTerms]

    @property
    def stage_note(self) -> str:
        """The date that belongs to the stage, or that ends it."""
        retired, deprecated = self.model.retired_on, self.model.deprecated_on
        if retired:
            return f"{'since' if self.stage == Lifecycle.RETIRED else 'retires'} {partial_date(retired)}"
        if deprecated and self.stage == Lifecycle.DEPRECATED:
            return f"since {partial_date(deprecated)}"
        return ""

    @property
    def direct(self) -> int:
        return len({row.endpoint.provider_id for row in self.endpoints if row.direct})

    @property
    def indirect(self) -> int:
        return len({row.endpoint.provider_id for row in self.endpoints if not row.direct})


def read_model_page(slug: str, now: datetime) -> ModelPage | None:
    """A model with everyone who serves it; None when there is no model of this slug."""
    model = Model.objects.select_related("creator", "successor").filter(slug=slug).first()
    if model is None:
        return None
    endpoints = list(Endpoint.objects.for_models([model.pk]).with_provider())
    rates = _current_rates([endpoint.pk for endpoint in endpoints], now)
    rows = [_endpoint_row(endpoint, rates[endpoint.pk], now.date()) for endpoint in endpoints]
    rows.sort(key=lambda row: _place(row, model))
    lowest = lowest_prices([model.pk])[model.pk]
    return ModelPage(
        model=model,
        stage=model.stage(now.date()),
        capabilities=site().named(model.capabilities),
        input=lowest.get("input") or unstated("input", model.mode),
        output=lowest.get("output") or unstated("output", model.mode),
        endpoints=rows,
        further=[terms for row in rows for terms in _further(row, rates[row.endpoint.pk])],
    )


@dataclass(frozen=True, slots=True)
class CurrentRate:
    price: Price
    terms: Terms
    source: str
    observed: str


def _current_rates(endpoint_ids: Sequence[int], now: datetime) -> dict[int, list[CurrentRate]]:
    found: dict[int, list[CurrentRate]] = defaultdict(list)
    rows = (
        Rate.objects.for_endpoints(endpoint_ids)
        .current(now)
        .order_by("id")
        .values_list(
            *("endpoint_id", "meter", "state", "amount", "currency", "per"),
            *("terms", "source__name", "observed_at", "why"),
        )
    )
    for endpoint_id, slug, state, amount, currency, per, terms, source, observed_at, why in rows:
        observed = partial_date(observed_at.date().isoformat())
        basis = ": ".join(filter(None, (f"{source}, {observed}", why)))
        price = Price(slug, state, _per_unit(slug, amount, per), currency=currency, basis=basis)
        found[endpoint_id].append(CurrentRate(price, Terms.from_json(terms), source, observed))
    return found


def _per_unit(slug: str, amount: Decimal | None, per: int) -> Decimal | None:
    """An amount that an editor stated per another number of units, per the meter's own."""
    usual = meter(slug).per
    return amount if amount is None or per == usual else amount * usual / per


def _endpoint_row(endpoint: Endpoint, rates: Sequence[CurrentRate], today: date) -> EndpointRow:
    base = {rate.price.meter: rate.price for rate in rates if rate.terms == Terms()}
    stage = endpoint.stage(today)
    return EndpointRow(
        endpoint=endpoint,
        direct=endpoint.provider.is_direct,
        prices=tuple(
            base.get(slug) or unstated(slug, endpoint.mode, tuple(endpoint.lacks)) for slug in PROVIDER_METERS
        ),
        variant=_variant(endpoint),
        capabilities=site().named(endpoint.capabilities),
        zdr=_ZDR[endpoint.zdr],
        no_training=_NO_TRAINING[endpoint.training],
        stage=stage,
        gone=_gone(endpoint, stage),
    )


def _variant(endpoint: Endpoint) -> str:
    """What sets this endpoint apart from others of the same model and provider."""
    return " · ".join(
        filter(None, (endpoint.variant, endpoint.snapshot, endpoint.quantization, endpoint.region))
    )


_ZDR: dict[str, str] = {
    Endpoint.ZDR.DEFAULT: "Yes",
    Endpoint.ZDR.ON_REQUEST: "On request",
    Endpoint.ZDR.CONTRACT: "By contract",
    Endpoint.ZDR.WITH_EXCEPTIONS: "With exceptions",
    Endpoint.ZDR.NO: "No",
    Endpoint.ZDR.UNKNOWN: "",
}
_NO_TRAINING: dict[str, str] = {
    Endpoint.Training.NO: "Yes",
    Endpoint.Training.OPT_IN: "Yes, unless you opt in",
    Endpoint.Training.OPT_OUT: "On request",
    Endpoint.Training.YES: "No",
    Endpoint.Training.UNKNOWN: "",
}


def _gone(endpoint: Endpoint, stage: str) -> str:
    if endpoint.missing_since:
        return f"Missing since {partial_date(endpoint.missing_since.date().isoformat())}"
    if stage == Lifecycle.RETIRED:
        return f"Retired {partial_date(endpoint.retired_on)}".strip()
    return ""


def _place(row: EndpointRow, model: Model) -> tuple[Any, ...]:
    """Who runs the model before who passes it on, the living first, the creator's own door at the top."""
    provider = row.endpoint.provider
    own = provider.creator_id == model.creator_id
    return (not row.direct, bool(row.gone), not own, provider.name.lower(), row.endpoint.upstream_id)


def _further(row: EndpointRow, rates: Sequence[CurrentRate]) -> list[FurtherTerms]:
    """The rates that the provider table leaves out; those of the same terms, source and date share a line."""
    lines: dict[tuple[str, str, str], list[Price]] = defaultdict(list)
    for rate in rates:
        if rate.terms != Terms() or rate.price.meter not in PROVIDER_METERS:
            lines[in_words(rate.terms), rate.source, rate.observed].append(rate.price)
    return [
        FurtherTerms(row.endpoint.provider, row.endpoint.upstream_id, terms, tuple(prices), source, observed)
        for (terms, source, observed), prices in lines.items()
    ]
