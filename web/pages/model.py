"""One model with everyone who serves it: as many queries whatever it holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from catalog.provider_kinds import DIRECT, UNBILLED, ProviderKind
from catalog.sql import ask
from catalog.suitability import aside, writes
from web.pages.model_list import ModelRow, read_rows
from web.reads.prices import Price
from web.reads.rates import CurrentRate, current_rates
from web.reads.site import Named, Site, site
from web.tables.price_columns import sold
from web.tables.provider_table import METERS as PROVIDER_METERS
from web.tables.provider_table import EndpointRow, dollars
from web.text.about import in_one_line
from web.text.endpoints import (
    NO_TRAINING_IN_WORDS,
    ZDR_IN_WORDS,
    gone,
    seller,
    stage_note,
    stage_of,
    variant,
)
from web.text.facts import NOBODY, alike, lowest_by_unit

MORE_MODELS = 8


@dataclass(frozen=True, slots=True)
class Capable:
    """A capability of the model, and what that means."""

    slug: str
    name: str
    explanation: str


@dataclass(frozen=True, slots=True)
class ModelPage:
    """`endpoints` come in their usual order; `more` are the newest of the creator's other models.

    `stage_note` is the date that belongs to the stage, or ends it. `line` describes the model.
    `lowest` are the prices to begin with, each at a named endpoint: of input and output, and by
    another unit where the model is sold by one. `ranked` says that an estimate finds an endpoint to
    rank.
    """

    model: Any
    stage: str
    stage_note: str
    line: str
    capabilities: tuple[Capable, ...]
    lowest: tuple[Price, ...]
    endpoints: list[EndpointRow]
    more: list[ModelRow]
    ranked: bool

    @property
    def name(self) -> str:
        """The slug's part after the creator's."""
        return str(self.model.slug.partition("/")[2])


_MODEL = """
SELECT model.id, model.slug, model.name, model.description, model.mode, model.lifecycle, model.deprecated_on,
       model.retired_on, model.released, model.knowledge_cutoff, model.capabilities, model.context_window,
       model.max_output, model.modalities_out, model.open_weights, model.creator_id,
       creator.slug AS creator_slug, creator.name AS creator_name,
       successor.slug AS successor_slug, successor.name AS successor_name,
       -- As the index of releases has it: the empty date is the smallest.
       ARRAY(SELECT more.id FROM catalog_model more
             WHERE more.creator_id = model.creator_id AND more.id <> model.id AND more.provider_count > 0
             ORDER BY more.released DESC, more.slug
             LIMIT %s) AS more_ids
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN catalog_model successor ON successor.id = model.successor_id
WHERE model.slug = %s
"""


def read_model_page(slug: str, now: datetime) -> ModelPage | None:
    """A model with everyone who serves it; None when there is no model of this slug."""
    found = ask(_MODEL, MORE_MODELS, slug)
    if not found:
        return None
    model = found[0]
    endpoints = sorted(ask(_ENDPOINTS, model.id), key=lambda endpoint: _place(endpoint, model, now))
    rates = current_rates([endpoint.id for endpoint in endpoints], now)
    # The list knows where a model is cheapest, of this one too.
    itself, *more = read_rows([model.id, *model.more_ids], now.date())
    catalog = site()
    named = cache(catalog.named)
    makes = tuple(model.modalities_out)
    rows = [endpoint_row(each, model.slug, rates[each.id], now, named, makes) for each in endpoints]
    stage = stage_of(model, now)
    return ModelPage(
        model=model,
        stage=stage,
        stage_note=stage_note(model, stage, now),
        line=model.description or _line(model, stage, rows, catalog),
        capabilities=_explained(catalog.named(model.capabilities), catalog.explanations),
        lowest=_lowest([_at(price, rows) for price in itself.prices[:2]], rows),
        endpoints=rows,
        more=more,
        ranked=any(_ranks(each, row, model) for each, row in zip(endpoints, rows, strict=True)),
    )


def _ranks(endpoint: Any, row: EndpointRow, model: Any) -> bool:
    """Whether an estimate can rank an endpoint:

    it answers in text, at once, and sells tokens in dollars.
    """
    if row.gone or aside(endpoint.kind, endpoint.variant.split(",")):
        return False
    sold = all(
        dollars(row.prices[PROVIDER_METERS.index(slug)]) is not None for slug in ("input", "output")
    )
    return sold and writes(model.slug, endpoint.mode or model.mode, model.modalities_out)


def _line(model: Any, stage: str, rows: Sequence[EndpointRow], catalog: Site) -> str:
    return in_one_line(
        mode=model.mode,
        modalities_out=model.modalities_out,
        stage=stage,
        creator=model.creator_name if model.creator_slug != NOBODY else "",
        open_weights=model.open_weights,
        capabilities=dict(catalog.named(model.capabilities)),
        context=model.context_window,
        providers=(row.provider_name for row in rows if not row.gone),
    )


def _at(price: Price, rows: Sequence[EndpointRow]) -> Price:
    """A lowest price at the plainest endpoint that sells for about as much: direct ones before
    others, which are called what they are."""
    place = PROVIDER_METERS.index(price.meter)
    near = [
        row
        for row in rows
        if row.billed and not row.gone and price.amount and _about(row.prices[place], price.amount)
        if not row.apart
    ]
    if not near:
        return price
    row = min(near, key=lambda row: (not row.direct, not row.plain))
    named = seller(row.provider_name, row.upstream_id, row.variant, row.model_slug)
    how = "" if row.direct else f", {row.kind}"
    return replace(price, amount=row.prices[place].amount, seller=f"{named}{how}")


def _about(price: Price, amount: Decimal) -> bool:
    own = dollars(price)
    return own is not None and alike(own, amount)


def _lowest(prices: Sequence[Price], rows: Sequence[EndpointRow]) -> tuple[Price, ...]:
    """Where a model is cheapest: what has an amount first, and what no source states only where
    nothing has one. What it does not sell at all is left out where it sells by another unit."""
    by_unit = (
        replace(row.per_unit, seller=row.provider_name)
        for row in rows
        if row.per_unit and not row.gone
    )
    lowest = lowest_by_unit(by_unit)
    cheapest = [lowest] if lowest else []
    stated = [price for price in prices if price.amount is not None]
    if not stated and not cheapest:
        return tuple(prices)
    rest = [price for price in prices if price.amount is None and price.state != "unknown"]
    sold = [price for price in rest if price.state != "not_offered"]
    return (*stated, *cheapest, *(sold if cheapest else rest))


def _explained(capabilities: Named, explanations: Mapping[str, str]) -> tuple[Capable, ...]:
    return tuple(Capable(slug, name, explanations.get(slug, "")) for slug, name in capabilities)


# The endpoints --------------------------------------------------------------------------------------

ENDPOINT_COLUMNS = """
       endpoint.id, provider.slug AS provider_slug, provider.name AS provider_name, provider.kind,
       provider.creator_id AS provider_creator_id, endpoint.upstream_id, endpoint.variant, endpoint.snapshot,
       endpoint.quantization, endpoint.region, endpoint.mode, endpoint.context_window, endpoint.max_output,
       endpoint.capabilities, endpoint.lacks, endpoint.lifecycle, endpoint.deprecated_on,
       endpoint.retired_on, endpoint.released, endpoint.training, endpoint.zdr, endpoint.missing_since,
       provider.terms_url, provider.privacy_url
"""
_ENDPOINTS = f"""
SELECT {ENDPOINT_COLUMNS}
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE endpoint.model_id = %s
"""  # noqa: S608 - put together from fixed words alone


def _place(endpoint: Any, model: Any, now: datetime) -> tuple[Any, ...]:
    """Who runs the model before who passes it on, the living first, the creator's own door at the
    top."""
    return (
        endpoint.kind not in DIRECT,
        bool(gone(endpoint, stage_of(endpoint, now))),
        endpoint.provider_creator_id != model.creator_id,
        endpoint.provider_name.lower(),
        bool(endpoint.variant or endpoint.snapshot),
        endpoint.upstream_id,
    )


def endpoint_row(
    endpoint: Any,
    model_slug: str,
    rates: Sequence[CurrentRate],
    now: datetime,
    named: Callable[[tuple[str, ...]], Named],
    makes: tuple[str, ...] = (),
) -> EndpointRow:
    """An endpoint as the provider table shows it.

    `named` is `Site.named()` or remembers it; `makes` is what comes out of the model, empty if
    unknown.
    """
    stage = stage_of(endpoint, now)
    prices, per_unit, further = sold(tuple(rates), endpoint.mode, tuple(endpoint.lacks), makes)
    return EndpointRow(
        model_slug=model_slug,
        provider_slug=endpoint.provider_slug,
        provider_name=endpoint.provider_name,
        links=_links(endpoint.terms_url, endpoint.privacy_url),
        kind=ProviderKind(endpoint.kind).label,
        direct=endpoint.kind in DIRECT,
        billed=endpoint.kind not in UNBILLED,
        upstream_id=endpoint.upstream_id,
        variant=variant(endpoint),
        plain=not (endpoint.variant or endpoint.snapshot or endpoint.region),
        context=endpoint.context_window,
        max_output=endpoint.max_output,
        prices=prices,
        per_unit=per_unit,
        capabilities=named(_can(endpoint, prices)),
        zdr=ZDR_IN_WORDS[endpoint.zdr],
        no_training=NO_TRAINING_IN_WORDS[endpoint.training],
        released=endpoint.released,
        stage=stage,
        retires=endpoint.retired_on,
        gone=gone(endpoint, stage),
        further=further,
    )


_SEARCH = PROVIDER_METERS.index("web_search")


def _can(endpoint: Any, prices: Sequence[Price]) -> tuple[str, ...]:
    """What an endpoint is stated to do, and to search the web where it has a price for that."""
    stated = tuple(endpoint.capabilities)
    sold = prices[_SEARCH].state == "priced" and "web-search" not in stated
    return (*stated, "web-search") if sold else stated


@lru_cache(maxsize=1024)
def _links(terms_url: str, privacy_url: str) -> Named:
    """The pages that say what a provider does with data; an address that is no web page is no link."""
    named = ((terms_url, "Terms"), (privacy_url, "Privacy"))
    return tuple((url, name) for url, name in named if url.startswith(("https://", "http://")))
