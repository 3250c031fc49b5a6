"""At which endpoint, and in which tier, the requests of a name in a log were made. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.matching.serving import Fit
from catalog.names import Candidate, Resolution
from catalog.suitability import own_tier
from pricing.endpoint import PricedEndpoint
from pricing.rates import RateCard
from pricing.terms import STANDARD


@dataclass(frozen=True, slots=True)
class Placement:
    """What a name in a log means: `by` which rules, and `why` there is no endpoint, if so.

    `tier` is the tier of the requests: the log's, or the one that a word of the name names.
    """

    model: str | None
    provider: str | None
    tier: str = ""
    endpoint: int | None = None
    why: str = ""
    by: str = ""


def place(meaning: Resolution, cards: Mapping[int, RateCard], tier: str = "") -> Placement:
    """The endpoint of a resolved name, where one fits best or all that do have the same card."""
    model, provider = meaning.model, meaning.provider
    if model is None:
        return Placement(model, provider, tier, why=meaning.model_by)
    if provider is None:
        return Placement(model, provider, tier, why="the provider is not known")
    fitting = [each for each in meaning.at_provider if each.endpoint.endpoint_id in cards]
    if not fitting:
        return Placement(model, provider, tier, why=f"{provider} is not known to serve it")
    named = _tier(fitting[0], cards[fitting[0].endpoint.endpoint_id])
    if named and tier not in (named, *STANDARD):
        why = f"its name says {named}, and the log {tier}"
        return Placement(model, provider, tier, why=why)
    if named:
        fitting = [each for each in fitting if named in cards[each.endpoint.endpoint_id].tiers]
    if not fitting:
        return Placement(
            model, provider, tier, why=f"{provider} states no price of it for “{named}”"
        )
    used = [each for each in fitting if not each.endpoint.gone] or fitting
    if len({cards[each.endpoint.endpoint_id].rates for each in used}) > 1:
        return Placement(model, provider, tier, why=f"{len(used)} endpoints of {provider} fit")
    endpoint = used[0].endpoint.endpoint_id
    return Placement(model, provider, named or tier, endpoint, by=meaning.reason)


def _tier(candidate: Candidate, card: RateCard) -> str:
    """The tier of a name at an endpoint: a word of the name, or the only one the id is sold in."""
    own = own_tier(candidate.endpoint.variant)
    return candidate.tier or (own if own in card.tiers else "")


@dataclass(frozen=True, slots=True)
class Likely:
    """Where a request most likely went: a provider ("" is any), a tier, and its endpoints."""

    provider: str
    tier: str
    fits: Mapping[int, Fit]


def likely(
    meaning: Resolution, endpoints: Sequence[PricedEndpoint], own: Collection[str]
) -> Likely:
    """The most likely endpoint of a resolved name, among the endpoints of its model.

    At the named provider; else at one with an id or serving words that few others have, unless the
    id differs from one of the creator's own API (`own`) in its date alone. A word that no endpoint
    lists is the tier, also where no card states it.
    """
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints}
    known = [each for each in meaning.candidates if each.endpoint.endpoint_id in cards]
    able = [each for each in known if each.tier in ("", *cards[each.endpoint.endpoint_id].tiers)]
    if not able:
        return Likely(meaning.provider or "", known[0].tier if known else "", {})
    first = able[0]
    tiers = [_tier(each, cards[each.endpoint.endpoint_id]) for each in able]
    fits = {
        each.endpoint.endpoint_id: each.fit
        for each, tier in zip(able, tiers, strict=True)
        if tier == tiers[0]
    }
    users = {each.endpoint.provider for each in known if each.fit == Fit.ID}
    providers = {endpoint.provider for endpoint in endpoints}
    few = len(users) == 1 < len(providers) or 4 * len(users) <= len(providers)
    dated = any(
        each.endpoint.provider in own and each.fit in (Fit.SNAPSHOT, Fit.SERVING) for each in known
    )
    is_rare = first.fit == Fit.ID and few and not dated
    is_asked = not first.tier and any(each.tier for each in known)
    is_there = first.endpoint.provider == meaning.provider
    provider = first.endpoint.provider if is_there or is_rare or is_asked else ""
    return Likely(provider, tiers[0], fits)
