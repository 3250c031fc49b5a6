"""At which endpoint, and in which tier, the requests of a name in a log were made. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from catalog.matching.serving import Fit
from catalog.matching.written import FREE, OPENROUTER
from catalog.names import Names
from catalog.resolution import (
    CHOSEN,
    CHOSEN_MODEL,
    NO_PROVIDER,
    OWN_API,
    SEVERAL,
    USUAL_THERE,
    Candidate,
    Resolution,
)
from catalog.suitability import own_tier
from pricing.endpoint import PricedEndpoint
from pricing.meters import METERS
from pricing.rates import RateCard, StatedRate
from pricing.terms import STANDARD


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """Where the requests of names without a known provider went, and what names mean, as chosen.

    `at` leads from a name as the log has it to the slug of a provider, `models` to a known name of
    the model that it means, such as its slug. `own_api` places names without a provider at the own
    API of their model's creator, unless their ids show another provider.
    """

    own_api: bool = True
    at: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)


USUAL = ProviderChoice()


@dataclass(frozen=True, slots=True)
class Placement:
    """What a name in a log means: `by` which rules, and `why` there is no endpoint, if so.

    `tier` is the tier of the requests: the log's, or the one that a word of the name names. With
    `chosen` the user chose the model for the name.
    `free` are requests of a free variant, for which the endpoint's card has no price of its own.
    """

    model: str | None
    provider: str | None
    tier: str = ""
    endpoint: int | None = None
    why: str = ""
    by: str = ""
    own_api: bool = False
    free: bool = False
    chosen: bool = False

    def card(self, card: RateCard) -> RateCard:
        return without_charge(card) if self.free else card


def meaning_of(
    names: Names, model: str, provider: str, choice: ProviderChoice = USUAL, usual: str = ""
) -> Resolution:
    """What a log's names of model and provider mean, where no known provider is named by choice.

    `usual` is the provider of the log's rows that name none, as far as it serves their models.
    """
    if chosen_model := choice.models.get(model):
        known = replace(choice, at={chosen_model: choice.at.get(model, "")}, models={})
        return _of_chosen(names, chosen_model, provider, known, usual)
    if names.provider(provider) is None and (chosen := choice.at.get(model)):
        return replace(names.resolve(model, chosen, elsewhere=False), provider_by=CHOSEN)
    if usual and not provider.strip():
        there = names.resolve(model, usual, elsewhere=False)
        if there.model and there.at_provider:
            return replace(there, provider_by=USUAL_THERE)
    meaning = names.resolve(model, provider, elsewhere=False)
    if meaning.provider or not meaning.model or not choice.own_api or provider.strip():
        return meaning
    return names.at_own_api(model)


def _of_chosen(
    names: Names, model: str, provider: str, choice: ProviderChoice, usual: str
) -> Resolution:
    """What a chosen name of a model means. A slug names a model and no provider."""
    meaning = meaning_of(names, model, provider, choice, usual)
    there = names.provider(provider) or choice.at.get(model)
    is_slug = model.strip().lower() in names.models
    if there and meaning.model:
        # The id of an endpoint may be the slug without the creator.
        alone = names.resolve(model.rpartition("/")[2], there, elsewhere=False)
        alike = replace(alone, provider_by=meaning.provider_by)
        fitting = [each for each in (meaning, alike) if each.model == meaning.model]
        placed = [each for each in fitting if each.at_provider]
        meaning = min(placed, key=lambda each: each.at_provider[0].fit, default=meaning)
    elif is_slug and meaning.provider_by != USUAL_THERE:
        nowhere = replace(meaning, provider=None, provider_by=NO_PROVIDER if provider else "")
        meaning = names.at_own_api(model) if choice.own_api and not provider.strip() else nowhere
    return replace(meaning, model_by=CHOSEN_MODEL) if meaning.model else meaning


def unknown_model(names: Names, name: str) -> str:
    """Why a name cannot be chosen as a model, as a sentence; empty where it can."""
    meaning = names.resolve(name, elsewhere=False)
    if meaning.model:
        return ""
    if meaning.model_by == SEVERAL:
        return f"Several models go by the name “{name}”: name one as openai/gpt-5."
    return f"No model here goes by the name “{name}”: name one as openai/gpt-5."


def place(meaning: Resolution, cards: Mapping[int, RateCard], tier: str = "") -> Placement:
    """The endpoint of a resolved name, where one fits best or the cards of all that do agree."""
    model, provider = meaning.model, meaning.provider
    if model is None:
        return Placement(model, provider, tier, why=meaning.model_by)
    if provider is None:
        return Placement(model, provider, tier, why=meaning.provider_by or UNNAMED)
    fitting = [each for each in meaning.at_provider if each.endpoint.endpoint_id in cards]
    if not fitting:
        return Placement(model, provider, tier, why=f"{provider} is not known to serve it")
    free = is_free(fitting[0])
    named = "" if free else _tier(fitting[0], cards[fitting[0].endpoint.endpoint_id])
    if named and tier not in (named, *STANDARD):
        why = f"its name says {named}, and the log {tier}"
        return Placement(model, provider, tier, why=why)
    if named:
        fitting = [each for each in fitting if named in cards[each.endpoint.endpoint_id].tiers]
    if not fitting:
        what = "a fine-tuned model of it" if named == TUNED else f"it for “{named}”"
        return Placement(model, provider, tier, why=f"{provider} states no price of {what}")
    used = [each for each in fitting if not each.endpoint.gone] or fitting
    endpoint = _fullest([each.endpoint.endpoint_id for each in used], cards)
    if endpoint is None and not free:
        return Placement(model, provider, tier, why=f"{len(used)} endpoints of {provider} fit")
    endpoint = endpoint or used[0].endpoint.endpoint_id
    by = f"{meaning.reason}, here a free variant" if free else meaning.reason
    return Placement(
        *(model, provider, named or tier, endpoint),
        by=by,
        own_api=meaning.provider_by == OWN_API,
        free=free,
        chosen=meaning.model_by == CHOSEN_MODEL,
    )


def _fullest(endpoints: Sequence[int], cards: Mapping[int, RateCard]) -> int | None:
    """The endpoint whose card has all the rates of the others; None where they contradict."""
    fullest = max(endpoints, key=lambda endpoint: len(cards[endpoint].rates))
    if len({cards[endpoint].rates for endpoint in endpoints}) == 1:
        return endpoints[0]
    rates = set(cards[fullest].rates)
    return fullest if all(rates.issuperset(cards[each].rates) for each in endpoints) else None


UNNAMED = "the provider is not known"
# The serving word of a fine-tuned model's id.
TUNED = "ft"
_TOKENS = tuple(slug for slug, meter in METERS.items() if meter.unit == "token")


def is_free(candidate: Candidate) -> bool:
    """Whether a name is of a free variant at OpenRouter, which bills none, listed or not."""
    return candidate.tier == FREE and candidate.endpoint.provider == OPENROUTER


def without_charge(card: RateCard) -> RateCard:
    """A card at which no token and no request costs anything; searches keep their price."""
    free = {*_TOKENS, "request"}
    kept = (rate for rate in card.rates if rate.meter not in free)
    zeros = (StatedRate(slug, Decimal(0), "free") for slug in sorted(free))
    return RateCard((*zeros, *kept))


def _tier(candidate: Candidate, card: RateCard) -> str:
    """The tier of a name at an endpoint: a word of the name, or the only one the id is sold in."""
    own = own_tier(candidate.endpoint.variant)
    return candidate.tier or (own if own in card.tiers else "")


@dataclass(frozen=True, slots=True)
class Likely:
    """Where a request most likely went: a provider ("" is any), a tier, and its endpoints.

    `free` are those of its endpoints that bill such a request nothing, whatever their cards state.
    """

    provider: str
    tier: str
    fits: Mapping[int, Fit]
    free: frozenset[int] = frozenset()


def likely(
    meaning: Resolution, endpoints: Sequence[PricedEndpoint], own: Collection[str]
) -> Likely:
    """The most likely endpoint of a resolved name, among the endpoints of its model.

    At the named provider; else at one with an id or serving words that few others have, unless the
    id differs from one of the creator's own API (`own`) in its date alone, or that API has the word
    as a tier. A word that no endpoint lists is the tier, also where no card states it.
    """
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints}
    known = [each for each in meaning.candidates if each.endpoint.endpoint_id in cards]
    able = [
        each
        for each in known
        if each.tier in ("", *cards[each.endpoint.endpoint_id].tiers) or is_free(each)
    ]
    if not able:
        return Likely(meaning.provider or "", known[0].tier if known else "", {})
    first = able[0]
    tiers = [
        "" if is_free(each) else _tier(each, cards[each.endpoint.endpoint_id]) for each in able
    ]
    fits = {
        each.endpoint.endpoint_id: each.fit
        for each, tier in zip(able, tiers, strict=True)
        if tier == tiers[0]
    }
    users = {each.endpoint.provider for each in known if each.fit == Fit.ID}
    providers = {endpoint.provider for endpoint in endpoints}
    few = len(users) == 1 < len(providers) or 4 * len(users) <= len(providers)
    dated = any(
        each.endpoint.provider in own and Fit.ID < each.fit <= Fit.SERVING for each in known
    )
    is_rare = first.fit == Fit.ID and few and not dated
    # A gateway may list the word; the creator's own API has it as a tier of its card.
    is_own_tier = tiers[0] != "" and any(
        each.endpoint.provider in own and tier == tiers[0]
        for each, tier in zip(able, tiers, strict=True)
    )
    is_asked = not first.tier and any(each.tier for each in known) and not is_own_tier
    is_there = first.endpoint.provider == meaning.provider
    provider = first.endpoint.provider if is_there or is_rare or is_asked else ""
    free = frozenset(each.endpoint.endpoint_id for each in able if is_free(each))
    return Likely(provider, tiers[0], fits, free)
