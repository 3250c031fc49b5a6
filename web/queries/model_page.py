"""One model with everyone who serves it: as many queries whatever it holds."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.models import Lifecycle, ProviderKind
from pricing.meters import METERS, meter
from pricing.rates import BASE, State, Terms
from web.endpoints import NO_TRAINING, ZDR, gone, stage_of, variant
from web.prices import Price, unstated
from web.queries.ask import ask
from web.queries.model_list import lowest_prices
from web.queries.site import Named, Site, site
from web.templatetags.format import partial_date
from web.terms import in_words

# The columns of the provider table; every other meter stands among the further terms.
PROVIDER_METERS = ("input", "output", "cache_read", "cache_write", "web_search")
_PLACES = {slug: place for place, slug in enumerate(METERS)}
DIRECT = (ProviderKind.FIRST_PARTY, ProviderKind.CLOUD, ProviderKind.INFERENCE_HOST)


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """A line of the provider table. `gone` is why the endpoint cannot be used any more, empty if it can."""

    model_slug: str
    provider_slug: str
    provider_name: str
    kind: str
    direct: bool
    upstream_id: str
    variant: str
    context: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    zdr: str
    no_training: str
    released: str
    stage: str
    retires: str
    gone: str


@dataclass(frozen=True, slots=True)
class FurtherTerms:
    """Prices of one endpoint that hold under other terms, or of meters that the provider table leaves out."""

    provider_slug: str
    provider_name: str
    upstream_id: str
    terms: str
    prices: tuple[Price, ...]
    source: str
    observed: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    model: Any
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
        return len({row.provider_slug for row in self.endpoints if row.direct})

    @property
    def indirect(self) -> int:
        return len({row.provider_slug for row in self.endpoints if not row.direct})


_MODEL = """
SELECT model.id, model.slug, model.name, model.description, model.mode, model.lifecycle, model.deprecated_on,
       model.retired_on, model.released, model.knowledge_cutoff, model.capabilities, model.context_window,
       model.max_output, model.creator_id, creator.slug AS creator_slug, creator.name AS creator_name,
       successor.slug AS successor_slug, successor.name AS successor_name
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN catalog_model successor ON successor.id = model.successor_id
WHERE model.slug = %s
"""


def read_model_page(slug: str, now: datetime) -> ModelPage | None:
    """A model with everyone who serves it; None when there is no model of this slug."""
    found = ask(_MODEL, slug)
    if not found:
        return None
    model = found[0]
    endpoints = sorted(ask(_ENDPOINTS, model.id), key=lambda endpoint: _place(endpoint, model, now))
    rates = _current_rates([endpoint.id for endpoint in endpoints], now)
    catalog, lowest = site(), lowest_prices([model.id])[model.id]
    return ModelPage(
        model=model,
        stage=stage_of(model, now),
        capabilities=catalog.named(model.capabilities),
        input=lowest.get("input") or unstated("input", model.mode),
        output=lowest.get("output") or unstated("output", model.mode),
        endpoints=[_endpoint_row(each, model, rates[each.id], now, catalog) for each in endpoints],
        further=[terms for each in endpoints for terms in _further(each, rates[each.id])],
    )


# The endpoints --------------------------------------------------------------------------------------

_ENDPOINTS = """
SELECT endpoint.id, provider.slug AS provider_slug, provider.name AS provider_name, provider.kind,
       provider.creator_id AS provider_creator_id, endpoint.upstream_id, endpoint.variant, endpoint.snapshot,
       endpoint.quantization, endpoint.region, endpoint.mode, endpoint.context_window, endpoint.max_output,
       endpoint.capabilities, endpoint.lacks, endpoint.lifecycle, endpoint.deprecated_on,
       endpoint.retired_on, endpoint.released, endpoint.training, endpoint.zdr, endpoint.missing_since
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE endpoint.model_id = %s
"""


def _place(endpoint: Any, model: Any, now: datetime) -> tuple[Any, ...]:
    """Who runs the model before who passes it on, the living first, the creator's own door at the top."""
    return (
        endpoint.kind not in DIRECT,
        bool(gone(endpoint, stage_of(endpoint, now))),
        endpoint.provider_creator_id != model.creator_id,
        endpoint.provider_name.lower(),
        bool(endpoint.variant or endpoint.snapshot),
        endpoint.upstream_id,
    )


def _endpoint_row(
    endpoint: Any, model: Any, rates: "Sequence[CurrentRate]", now: datetime, catalog: Site
) -> EndpointRow:
    base = {rate.price.meter: rate.price for rate in rates if rate.terms == BASE}
    stage, lacks = stage_of(endpoint, now), tuple(endpoint.lacks)
    return EndpointRow(
        model_slug=model.slug,
        provider_slug=endpoint.provider_slug,
        provider_name=endpoint.provider_name,
        kind=ProviderKind(endpoint.kind).label,
        direct=endpoint.kind in DIRECT,
        upstream_id=endpoint.upstream_id,
        variant=variant(endpoint),
        context=endpoint.context_window,
        max_output=endpoint.max_output,
        prices=tuple(base.get(slug) or unstated(slug, endpoint.mode, lacks) for slug in PROVIDER_METERS),
        capabilities=catalog.named(endpoint.capabilities),
        zdr=ZDR[endpoint.zdr],
        no_training=NO_TRAINING[endpoint.training],
        released=endpoint.released,
        stage=stage,
        retires=endpoint.retired_on,
        gone=gone(endpoint, stage),
    )


# Their rates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CurrentRate:
    price: Price
    terms: Terms
    source: str
    observed: str


# As RateQuerySet.current() has it.
_RATES = """
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per, rate.terms::text,
       source.name, (rate.observed_at AT TIME ZONE 'UTC')::date, rate.why
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%s) AND NOT rate.held
  AND (rate.valid_from IS NULL OR rate.valid_from <= %s) AND (rate.valid_to IS NULL OR rate.valid_to > %s)
ORDER BY rate.id
"""


def _current_rates(endpoint_ids: Sequence[int], now: datetime) -> dict[int, list[CurrentRate]]:
    found: dict[int, list[CurrentRate]] = defaultdict(list)
    for endpoint_id, *stated in ask(_RATES, list(endpoint_ids), now, now):
        found[endpoint_id].append(_current_rate(*stated))
    return found


@lru_cache(maxsize=8192)
def _current_rate(
    slug: str,
    state: State,
    amount: Decimal | None,
    currency: str,
    per: int,
    terms: str,
    source: str,
    on: date,
    why: str,
) -> CurrentRate:
    """A rate as a page shows it. The same figures come back at every view, so they are kept."""
    observed = partial_date(on.isoformat())
    basis = ": ".join(filter(None, (f"{source}, {observed}", why)))
    price = Price(slug, state, _per_unit(slug, amount, per), currency=currency, basis=basis)
    return CurrentRate(price, Terms.from_json(json.loads(terms)), source, observed)


def _per_unit(slug: str, amount: Decimal | None, per: int) -> Decimal | None:
    """An amount that an editor stated per another number of units, per the meter's own."""
    usual = meter(slug).per
    return amount if amount is None or per == usual else amount * usual / per


def _further(endpoint: Any, rates: Sequence[CurrentRate]) -> list[FurtherTerms]:
    """The rates that the provider table leaves out; those of the same terms, source and date share a line."""
    lines: dict[tuple[Terms, str, str], list[Price]] = defaultdict(list)
    for rate in rates:
        if rate.terms != BASE or rate.price.meter not in PROVIDER_METERS:
            lines[rate.terms, rate.source, rate.observed].append(rate.price)
    at = endpoint.provider_slug, endpoint.provider_name, endpoint.upstream_id
    return [
        FurtherTerms(*at, in_words(terms), tuple(sorted(prices, key=_usual_place)), source, observed)
        for (terms, source, observed), prices in sorted(lines.items(), key=lambda line: _reach(line[0][0]))
    ]


def _usual_place(price: Price) -> tuple[int, str]:
    """Input before output before the rest, as everywhere; meters that nobody described by name at the end."""
    return _PLACES.get(price.meter, len(_PLACES)), price.meter


def _reach(terms: Terms) -> tuple[str, int, str]:
    """Tier by tier from the standard one, each from its lowest band up."""
    return terms.tier, terms.band.threshold if terms.band else 0, terms.region
