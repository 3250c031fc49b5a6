"""One model with every endpoint that serves it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.lifecycle import Lifecycle
from catalog.suitability import aside, writes
from pricing.meters import HEADLINE
from pricing.terms import BASE
from web.pages.model_list import ModelRow, model_rows
from web.pages.model_ratings import ModelRatings, model_ratings
from web.reads.claims import EndpointClaim, endpoint_claims, past_prices, shown_of_model
from web.reads.creator_models import TOP, creator_models
from web.reads.endpoints import EndpointRecord, endpoints_of_model, endpoints_of_model_at
from web.reads.headlines import HeadlineRow, headlines
from web.reads.live_rows import NO_SOURCES, LiveSources, live_by_source
from web.reads.model_facts import ModelFacts, model_of_slug
from web.reads.prices import Disputes, Price
from web.reads.ratings import ratings_of
from web.reads.site import Site, site
from web.tables.claims import ClaimedFigure, disputes_of, model_facts, price_figures
from web.tables.endpoint_columns import dollars
from web.text.about import in_one_line
from web.text.endpoints import stage_note
from web.text.facts import NOBODY, Sentence
from web.text.headlines import at_lower, with_standing
from web.text.life import life_notice, stage_in_words


@dataclass(frozen=True, slots=True)
class ExplainedCapability:
    slug: str
    name: str
    explanation: str


# Compared by identity, so that what is made of a page can be cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class ModelPage:
    """`endpoints` are in their usual order; `more` are the creator's other models at the top.

    `notice` is what is to be known first of a model that ends or ended, `stage_note` the date of
    the stage or of its end, `line` a description. `headline` is the row that stands for it, None of
    a retired model; `prices` are that row's, as far as it has any, `lower` is a price below one of
    them elsewhere. `ranked` is whether an estimate ranks any endpoint. `claimed` are the claims of
    its facts by field, and of the headline's prices by meter; `disputes` are by endpoint's id.
    """

    model: ModelFacts
    notice: Sentence
    stage: str
    stage_note: str
    line: str
    capabilities: tuple[ExplainedCapability, ...]
    headline: HeadlineRow | None
    prices: tuple[Price, ...]
    lower: Price | None
    endpoints: list[EndpointRecord]
    more: list[ModelRow]
    ranked: bool
    ratings: ModelRatings | None
    claimed: Mapping[str, ClaimedFigure]
    disputes: Mapping[int, Disputes]
    live: LiveSources = NO_SOURCES

    def measured_by(self, source: str) -> list[EndpointRecord]:
        """The endpoints with the live figures of this source; of the usual choice for ""."""
        return self.live.of(source, self.endpoints) if source else self.endpoints


def read_model_page(slug: str, now: datetime) -> ModelPage | None:
    today = now.date()
    model = model_of_slug(slug, today)
    if model is None:
        return None
    endpoints = endpoints_of_model(model.id, now)
    shown = next((endpoint for endpoint in endpoints if endpoint.place == 1), None)
    top = creator_models(model.creator_id).top
    others = [key for key in top if key.id != model.id][: TOP - 1]
    headline = None if model.stage == Lifecycle.RETIRED else headlines([model.id]).get(model.id)
    catalog = site()
    note = stage_note(model, today=today.isoformat())
    claims: dict[int, list[EndpointClaim]] = defaultdict(list)
    for claim in endpoint_claims(endpoint.id for endpoint in endpoints):
        claims[claim.endpoint_id].append(claim)
    return ModelPage(
        model=model,
        notice=life_notice(model, today),
        stage=stage_in_words(model, today),
        stage_note=note,
        line=model.description or _line(model, endpoints, catalog),
        capabilities=tuple(
            ExplainedCapability(slug, name, catalog.explanations.get(slug, ""))
            for slug, name in catalog.named(model.capabilities)
        ),
        headline=headline,
        prices=_row_prices(headline, shown) if headline and shown else (),
        lower=_lower_price(headline) if headline else None,
        endpoints=endpoints,
        more=model_rows(others, today),
        ranked=any(_is_ranked(endpoint, model) for endpoint in endpoints),
        ratings=model_ratings(ratings_of(model.id)),
        claimed=_claimed(model.id, endpoints, claims, shown, now),
        disputes={
            endpoint.id: disputes
            for endpoint in endpoints
            if (disputes := disputes_of(endpoint, claims[endpoint.id], now))
        },
        live=live_by_source([endpoint.id for endpoint in endpoints], now),
    )


def read_model_page_at(slug: str, at: datetime) -> ModelPage | None:
    """A model as it was at a past instant: its providers with their prices, and nothing that is
    known of today alone."""
    model = model_of_slug(slug, at.date())
    if model is None:
        return None
    endpoints = endpoints_of_model_at(model.id, at)
    shown = next((endpoint for endpoint in endpoints if endpoint.in_use), None)
    prices = (shown.price(slug) for slug in HEADLINE) if shown else ()
    catalog = site()
    return ModelPage(
        model=model,
        notice=(),
        stage=stage_in_words(model, at.date()),
        stage_note="",
        line=model.description or _line(model, endpoints, catalog),
        capabilities=(),
        headline=None,
        prices=tuple(
            replace(price, where=shown.provider_name)
            for price in prices
            if shown and price.amount is not None
        ),
        lower=None,
        endpoints=endpoints,
        more=[],
        ranked=False,
        ratings=None,
        claimed={},
        disputes={},
    )


def _claimed(
    model_id: int,
    endpoints: Sequence[EndpointRecord],
    claims: Mapping[int, list[EndpointClaim]],
    shown: EndpointRecord | None,
    now: datetime,
) -> dict[str, ClaimedFigure]:
    own = [endpoint.id for endpoint in endpoints if endpoint.own and endpoint.in_use]
    every = [claim for of_endpoint in claims.values() for claim in of_endpoint]
    claimed = model_facts(every, own, shown_of_model(model_id))
    if shown:
        base = [rate for rate in shown.rates if rate.terms == BASE]
        figures = price_figures(base, claims[shown.id], now, past=past_prices(shown.id, now))
        claimed |= {figure.key: figure for figure in figures}
    return claimed


def _row_prices(headline: HeadlineRow, endpoint: EndpointRecord) -> tuple[Price, ...]:
    """Prices of the headline's row with an amount, or in a state of their own; else an unknown one.

    They are as in the table of providers: announced ones and terms included.
    """
    tokens = [endpoint.price(slug) for slug in HEADLINE]
    own = endpoint.per_unit or headline.own
    prices = [*tokens, own] if own else tokens
    stated = [price for price in prices if price.state not in ("unknown", "not_offered")]
    unknown = [price for price in tokens if price.state == "unknown"]
    shown = stated or unknown[:1] or tokens[:1]
    where = with_standing(headline.provider, headline.standing)
    return tuple(replace(price, where=where) for price in shown)


def _lower_price(headline: HeadlineRow) -> Price | None:
    lower = headline.lower
    if lower is None:
        return None
    where = " ".join(filter(None, (at_lower(lower), lower.times)))
    return Price(lower.meter.slug, "priced", lower.amount, where=where)


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
