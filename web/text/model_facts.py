"""Facts for a model's sentences, from the records of its page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.lifecycle import Lifecycle
from catalog.lineage import Lineage
from catalog.provider_kinds import ProviderKind
from catalog.suitability import TALKS
from pricing.headline import Standing
from pricing.meters import HEADLINE
from pricing.terms import BASE, Terms
from web.reads.creator_models import CreatorModel, CreatorModels, DirectPrices
from web.reads.endpoints import EndpointRecord
from web.reads.headlines import HeadlineRow
from web.reads.model_facts import ModelFacts
from web.reads.prices import Price
from web.reads.rates import CurrentRate
from web.reads.site import Named, Site
from web.text.endpoints import endpoint_in_words, is_apart
from web.text.facts import (
    EndpointFacts,
    Facts,
    HeadlineFacts,
    OtherModelFacts,
    Peers,
    ProviderPrices,
)
from web.text.headlines import at_lower, standing_in_words
from web.text.policy import NO_TRAINING_IN_WORDS, ZDR_IN_WORDS
from web.text.prices import then

_CHEAPER_TIERS = {Terms(tier=tier): tier for tier in ("batch", "flex")}
# Capabilities of the model that an alternative must have.
_NEEDED = frozenset({"tool-use", "reasoning"})
_NOT_IN_USE = (Lifecycle.DEPRECATED, Lifecycle.RETIRED, Lifecycle.ANNOUNCED)


@dataclass(frozen=True, slots=True)
class FamilyVersions:
    """A model's neighbours: by name and version, and by rating and price.

    `before` is the headline of the version before it.
    """

    lineage: Lineage
    before: HeadlineRow | None
    peers: Peers | None


def facts_of(
    model: ModelFacts,
    endpoints: Sequence[EndpointRecord],
    headline: HeadlineRow | None,
    prices_shown: Sequence[Price],
    related: CreatorModels,
    catalog: Site,
    family: FamilyVersions,
    *,
    today: str,
) -> Facts:
    """`prices_shown` are the headline's, `related` the creator's models, this one among them."""
    direct = _direct_providers(endpoints, headline.provider_slug if headline else "")
    return Facts(
        today=today,
        slug=model.slug,
        name=model.name,
        creator_slug=model.creator_slug,
        creator=model.creator_name,
        family=model.family,
        stage=model.stage,
        deprecated_on=model.deprecated_on,
        retired_on=model.retired_on,
        ends_on=model.ends_on,
        successor=(model.successor_slug, model.successor_name or "")
        if model.successor_slug
        else None,
        released=model.released,
        knowledge_cutoff=model.knowledge_cutoff,
        open_weights=model.open_weights,
        licence=model.licence,
        modalities_in=tuple(model.modalities_in),
        modalities_out=tuple(model.modalities_out),
        context=model.context,
        max_output=model.max_output,
        takes=_takes(model.mode, model.modalities_in),
        does=_NEEDED.intersection(model.capabilities),
        makes=_makes(model.mode, model.modalities_out),
        sells_text=is_text_model(model.mode, model.modalities_out),
        vocabulary=catalog.capabilities,
        capabilities=tuple(slug for slug, _ in catalog.named(model.capabilities)),
        headline=headline_facts(headline, prices_shown) if headline else None,
        endpoints=tuple(
            _endpoint(endpoint)
            for endpoint in endpoints
            if endpoint.in_use and model.stage != Lifecycle.RETIRED
        ),
        direct_prices=_direct_prices(related.prices.get(model.id, {}), direct),
        others=tuple(
            _other(other, _direct_prices(related.prices.get(other.id, {}), direct))
            for other in related.sold
            if other.id != model.id and other.stage not in _NOT_IN_USE
        ),
        peers=family.peers,
        lineage=family.lineage,
        against=_against(headline, family.before),
    )


def _against(
    row: HeadlineRow | None, before: HeadlineRow | None
) -> tuple[ProviderPrices, ProviderPrices] | None:
    """Both at one provider, which is their creator's own."""
    both = [one for one in (row, before) if one and one.standing == Standing.OWN]
    if len(both) < 2 or both[0].provider_slug != both[1].provider_slug:
        return None
    own, theirs = (
        ProviderPrices(one.provider, put_in, put_out)
        if (put_in := one.prices[0].amount) and (put_out := one.prices[1].amount)
        else None
        for one in both
    )
    return (own, theirs) if own and theirs else None


def is_text_model(mode: str, modalities_out: Sequence[str]) -> bool:
    """Whether text is sold for text; without a mode, the output decides."""
    return mode in TALKS or (not mode and "text" in modalities_out)


def _takes(mode: str, modalities_in: Sequence[str]) -> frozenset[str]:
    """Input modalities, or those of the mode where none are stated."""
    return frozenset(modalities_in or (("text",) if mode in TALKS else ()))


def _makes(mode: str, modalities_out: Sequence[str]) -> str:
    """Output modalities, and the mode unless it is chat."""
    kinds = " ".join(sorted(modalities_out)) or ("text" if mode in TALKS else "")
    return kinds if mode in TALKS or not mode else f"{mode} {kinds}"


def headline_facts(row: HeadlineRow, shown: Sequence[Price]) -> HeadlineFacts | None:
    """None for a row without an amount: what is included in a plan, or not known."""
    prices = tuple(price for price in shown if price.amount is not None)
    if not prices:
        return None
    lower = None
    if row.lower:
        at = at_lower(row.lower)
        lower = Price(row.lower.meter.slug, "priced", row.lower.amount, where=at)
    return HeadlineFacts(row.provider, standing_in_words(row), prices, lower)


def _endpoint(endpoint: EndpointRecord) -> EndpointFacts:
    cards: dict[str, dict[str, Price]] = {"": {}, "batch": {}, "flex": {}}
    for rate in endpoint.rates:
        if rate.price.meter in HEADLINE and (tier := _tier(rate)) is not None:
            cards[tier][rate.price.meter] = rate.price
    prices = cards.pop("")
    searches = [rate for rate in endpoint.rates if rate.price.meter == "web_search"]
    if any(rate.terms == Terms(options=rate.terms.options) for rate in searches):
        prices["web_search"] = endpoint.price("web_search")
    has = frozenset(slug for slug, _ in endpoint.capabilities)
    return EndpointFacts(
        provider=endpoint.provider_name,
        name=endpoint_in_words(endpoint),
        direct=endpoint.direct,
        billed=endpoint.billed,
        apart=is_apart(endpoint),
        context=endpoint.context,
        max_output=endpoint.max_output,
        prices=prices,
        per_unit=endpoint.per_unit,
        tiers=cards,
        zdr=ZDR_IN_WORDS[endpoint.zdr],
        no_training=NO_TRAINING_IN_WORDS[endpoint.training],
        has=has,
        lacks=frozenset(endpoint.lacks) - has,
    )


@lru_cache(maxsize=8192)
def _tier(rate: CurrentRate) -> str | None:
    """ "" of a rate at standard terms; None of one under other terms than those of a tier."""
    return "" if rate.terms == BASE else _CHEAPER_TIERS.get(rate.terms)


def _direct_providers(endpoints: Iterable[EndpointRecord], headline: str) -> Named:
    """By slug and name: the headline's first, then the creator's own."""
    direct = {endpoint.provider_slug: endpoint for endpoint in endpoints if endpoint.direct}
    return tuple(
        (endpoint.provider_slug, endpoint.provider_name)
        for endpoint in sorted(
            direct.values(),
            key=lambda endpoint: (endpoint.provider_slug != headline, *_closeness(endpoint)),
        )
    )


def _direct_prices(
    prices: Mapping[str, DirectPrices], providers: Named
) -> tuple[ProviderPrices, ...]:
    """A model's prices at these providers, in their order."""
    return tuple(
        ProviderPrices(
            name,
            row.input,
            row.output,
            then(row.input_announced),
            then(row.output_announced),
        )
        for slug, name in providers
        if (row := prices.get(slug))
    )


def _closeness(endpoint: EndpointRecord) -> tuple[bool, bool, str]:
    return not endpoint.own, endpoint.kind != ProviderKind.FIRST_PARTY, endpoint.provider_name


def _other(model: CreatorModel, direct_prices: tuple[ProviderPrices, ...]) -> OtherModelFacts:
    modalities_in, modalities_out = model.modalities_in.split(), model.modalities_out.split()
    return OtherModelFacts(
        slug=model.slug,
        name=model.name,
        family=model.family,
        stage=model.stage,
        released=model.released,
        context=model.context,
        takes=_takes(model.mode, modalities_in),
        does=_NEEDED.intersection(model.capabilities.split()),
        makes=_makes(model.mode, modalities_out),
        sells_text=is_text_model(model.mode, modalities_out),
        served=model.provider_count,
        direct_prices=direct_prices,
    )
