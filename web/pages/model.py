"""One model with every endpoint that serves it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.lifecycle import Lifecycle
from catalog.suitability import aside, writes
from web.pages.model_list import ModelRow, model_rows
from web.pages.model_ratings import ModelRatings, model_ratings
from web.reads.endpoints import EndpointRecord, endpoints_of_model
from web.reads.headlines import headlines
from web.reads.model_facts import ModelFacts, model_of_slug, newest_of_creator
from web.reads.prices import Price
from web.reads.ratings import ratings_of
from web.reads.site import Site, site
from web.tables.endpoint_columns import dollars
from web.text.about import in_one_line
from web.text.endpoints import endpoint_in_words, is_apart, kind_in_words, stage_note
from web.text.facts import NOBODY, alike, lowest_by_unit

MORE_MODELS = 8


@dataclass(frozen=True, slots=True)
class ExplainedCapability:
    slug: str
    name: str
    explanation: str


# Compared by identity, so that what is made of a page can be cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class ModelPage:
    """`endpoints` are in their usual order; `more` are the newest of the creator's other models.

    `stage_note` is the date of the stage or of its end, `line` a description of the model. `lowest`
    are the headline prices, each at a named endpoint: of input and output, and by another unit if
    the model is sold by one. `ranked` is whether an estimate ranks any endpoint.
    """

    model: ModelFacts
    stage_note: str
    line: str
    capabilities: tuple[ExplainedCapability, ...]
    lowest: tuple[Price, ...]
    endpoints: list[EndpointRecord]
    more: list[ModelRow]
    ranked: bool
    ratings: ModelRatings | None


def read_model_page(slug: str, now: datetime) -> ModelPage | None:
    today = now.date()
    model = model_of_slug(slug, today)
    if model is None:
        return None
    endpoints = endpoints_of_model(model.id, now)
    newest = newest_of_creator(model.creator_id, without=model.id, most=MORE_MODELS)
    # The list knows a model's lowest prices, this one's too.
    shown = [model.id, *newest]
    itself, *more = model_rows(shown, headlines(shown), today)
    catalog = site()
    note = stage_note(model, today=today.isoformat())
    return ModelPage(
        model=model,
        stage_note=note,
        line=model.description or _line(model, endpoints, catalog),
        capabilities=tuple(
            ExplainedCapability(slug, name, catalog.explanations.get(slug, ""))
            for slug, name in catalog.named(model.capabilities)
        ),
        lowest=(
            _lowest([_at_plainest(price, endpoints) for price in itself.prices[:2]], endpoints)
            if model.stage != Lifecycle.RETIRED
            else ()
        ),
        endpoints=endpoints,
        more=more,
        ranked=any(_is_ranked(endpoint, model) for endpoint in endpoints),
        ratings=model_ratings(ratings_of(model.id)),
    )


def _is_ranked(endpoint: EndpointRecord, model: ModelFacts) -> bool:
    """Whether an estimate can rank an endpoint: it writes text at once, for tokens in dollars."""
    if (
        not endpoint.in_use
        or model.stage == Lifecycle.RETIRED
        or aside(endpoint.kind, endpoint.variant.split(","), floating=endpoint.floating)
    ):
        return False
    sold = all(dollars(endpoint.price(slug)) is not None for slug in ("input", "output"))
    return sold and writes(model.slug, endpoint.mode or model.mode, model.modalities_out)


def _line(model: ModelFacts, endpoints: Sequence[EndpointRecord], catalog: Site) -> str:
    return in_one_line(
        mode=model.mode,
        modalities_out=model.modalities_out,
        stage=model.stage,
        creator=model.creator_name if model.creator_slug != NOBODY else "",
        open_weights=model.open_weights,
        capabilities=dict(catalog.named(model.capabilities)),
        context=model.context,
        providers=(
            endpoint.provider_name
            for endpoint in endpoints
            if endpoint.in_use and model.stage != Lifecycle.RETIRED
        ),
    )


def _at_plainest(price: Price, endpoints: Sequence[EndpointRecord]) -> Price:
    """Move a lowest price to the plainest endpoint at about the same price.

    Direct endpoints come first; the kind of any other is named.
    """
    near = [
        endpoint
        for endpoint in endpoints
        if endpoint.billed and endpoint.in_use and not is_apart(endpoint)
        if price.amount and _is_about(endpoint.price(price.meter), price.amount)
    ]
    if not near:
        return price
    endpoint = min(near, key=lambda endpoint: (not endpoint.direct, not endpoint.plain))
    kind = "" if endpoint.direct else f", {kind_in_words(endpoint)}"
    return replace(
        price,
        amount=endpoint.price(price.meter).amount,
        where=f"{endpoint_in_words(endpoint)}{kind}",
    )


def _is_about(price: Price, amount: Decimal) -> bool:
    own = dollars(price)
    return own is not None and alike(own, amount)


def _lowest(prices: Sequence[Price], endpoints: Sequence[EndpointRecord]) -> tuple[Price, ...]:
    """Prices with an amount first; unknown ones only if none has an amount.

    Meters that are not offered are left out where the model is sold by another unit.
    """
    by_unit = (
        replace(endpoint.per_unit, where=endpoint.provider_name)
        for endpoint in endpoints
        if endpoint.per_unit and endpoint.in_use
    )
    lowest = lowest_by_unit(by_unit)
    cheapest = [lowest] if lowest else []
    stated = [price for price in prices if price.amount is not None]
    if not stated and not cheapest:
        return tuple(prices)
    rest = [price for price in prices if price.amount is None and price.state != "unknown"]
    sold = [price for price in rest if price.state != "not_offered"]
    return (*stated, *cheapest, *(sold if cheapest else rest))
