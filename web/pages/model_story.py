"""What stands below a model's tables:

texts, questions, price histories and code, from six questions.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from catalog.lifecycle import Lifecycle
from catalog.provider_kinds import DIRECT, UNBILLED, ProviderKind
from catalog.sql import ask
from catalog.suitability import TALKS
from pricing.lowest import BASE_RATE, LIVES
from pricing.meters import HEADLINE
from pricing.meters import METERS as KNOWN
from pricing.rates import State
from pricing.terms import Terms
from web.pages.price_history import (
    MeterHistory,
    amount,
    histories,
    read_rates,
    recorded_since,
)
from web.reads.prices import Price
from web.reads.rates import CurrentRate
from web.reads.site import site
from web.tables.price_columns import column_price, unit_price
from web.text.api_access import Access, takes
from web.text.endpoints import (
    NO_TRAINING_IN_WORDS,
    ZDR_IN_WORDS,
    gone,
    is_apart,
    seller,
    stage_of,
    variant,
)
from web.text.facts import NOBODY, Card, Facts, Offer, Other
from web.text.snippets import Snippet, note, snippets

# What the sentences speak of: tokens, searches, and whatever else a model is sold by.
METERS = (*HEADLINE, "web_search", *(slug for slug, of in KNOWN.items() if of.unit != "token"))


@dataclass(frozen=True, slots=True)
class Use:
    """The code for one provider, whether that was `asked` for, and all providers by (slug, name)."""

    chosen: Access
    asked: bool
    docs_url: str
    snippets: list[Snippet]
    note: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """`texts` are an editor's Markdown by field, empty where the facts speak."""

    texts: dict[str, str]
    facts: Facts
    histories: list[MeterHistory]
    recorded_since: str
    use: Use | None


_MODEL = """
SELECT model.slug, model.name, model.family, model.mode, model.lifecycle, model.deprecated_on,
       model.retired_on, model.released, model.knowledge_cutoff, model.open_weights, model.licence,
       model.modalities_in, model.modalities_out, model.context_window, model.max_output, model.capabilities,
       model.choosing, model.best_for, model.alternatives, model.faq, model.about,
       model.creator_id, creator.slug AS creator_slug, creator.name AS creator,
       successor.slug AS successor_slug, successor.name AS successor_name
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN catalog_model successor ON successor.id = model.successor_id
WHERE model.id = %s
"""
_ENDPOINTS = """
SELECT endpoint.id, endpoint.upstream_id, endpoint.variant, endpoint.snapshot, endpoint.quantization,
       endpoint.region, endpoint.mode, endpoint.context_window, endpoint.max_output, endpoint.capabilities,
       endpoint.lacks, endpoint.lifecycle, endpoint.deprecated_on, endpoint.retired_on,
       endpoint.missing_since, endpoint.zdr, endpoint.training,
       endpoint.provider_id, provider.slug AS provider_slug, provider.name AS provider_name, provider.kind,
       provider.creator_id = model.creator_id AS own, provider.docs_url, provider.api_base,
       provider.env_names,
       (SELECT claims.facts->>'sdk' FROM catalog_providerclaims claims
        WHERE claims.provider_id = provider.id AND claims.facts ? 'sdk' LIMIT 1) AS sdk
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE endpoint.model_id = %s
"""
_LOWEST = """
SELECT lowest.meter, lowest.state, lowest.amount, provider.name AS provider_name, endpoint.upstream_id,
       endpoint.variant, endpoint.snapshot, endpoint.quantization, endpoint.region
FROM pricing_lowestrate lowest
JOIN catalog_endpoint endpoint ON endpoint.id = lowest.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE lowest.model_id = %s
ORDER BY lowest.id
"""
# A creator's models that sell input for a price: see `_OVER` for those of them that are in use.
# There may be hundreds, so lists come as text: reading them would take longer than the question.
_OTHERS = f"""
SELECT model.slug, model.name, model.family, model.mode,
       array_to_string(model.modalities_in, ' ') AS modalities_in,
       array_to_string(model.modalities_out, ' ') AS modalities_out,
       array_to_string(model.capabilities, ' ') AS capabilities,
       model.released, model.context_window, model.lifecycle, model.deprecated_on, model.retired_on,
       model.provider_count, model.id
FROM pricing_lowestrate lowest
JOIN catalog_model model ON model.id = lowest.model_id
JOIN catalog_endpoint endpoint ON endpoint.id = lowest.endpoint_id
WHERE model.creator_id = %s AND model.id <> %s AND lowest.meter = 'input' AND lowest.state = 'priced'
  AND {LIVES}
ORDER BY model.slug
"""  # noqa: S608 - put together from fixed words alone
# What these direct providers ask for a creator's models in their plain form: like beside like.
_CARDS = f"""
SELECT endpoint.model_id, endpoint.provider_id,
       min(rate.amount) FILTER (WHERE rate.meter = 'input') AS input,
       min(rate.amount) FILTER (WHERE rate.meter = 'output') AS output
FROM catalog_model model
JOIN catalog_endpoint endpoint ON endpoint.model_id = model.id
JOIN pricing_rate rate ON rate.endpoint_id = endpoint.id
WHERE model.creator_id = %s AND endpoint.provider_id = ANY(%s)
  AND endpoint.variant = '' AND endpoint.region = '' AND {LIVES}
  AND rate.meter IN ('input', 'output') AND rate.state = 'priced' AND {BASE_RATE}
GROUP BY endpoint.id
HAVING count(DISTINCT rate.meter) = 2
ORDER BY endpoint.snapshot <> '', length(endpoint.upstream_id), endpoint.upstream_id
"""  # noqa: S608 - put together from fixed words alone


def read_story(model_id: int, now: datetime, use: str = "") -> Story:
    """What stands below the tables of this model; `use` is the provider whose code is asked for."""
    (model,) = ask(_MODEL, model_id)
    endpoints = sorted(ask(_ENDPOINTS, model_id), key=lambda endpoint: _place(endpoint, now))
    rates = read_rates([endpoint.id for endpoint in endpoints], METERS, now)
    usable = [endpoint for endpoint in endpoints if not gone(endpoint, stage_of(endpoint, now))]
    known = model.creator_slug != NOBODY
    others = ask(_OTHERS, model.creator_id, model_id) if known else []
    cards = _cards(model.creator_id, endpoints) if known else defaultdict(tuple)
    return Story(
        texts={
            name: getattr(model, name)
            for name in ("choosing", "best_for", "alternatives", "faq", "about")
        },
        facts=replace(
            _facts(model, _offers(usable, rates, model, now), _lowest(model_id, model), now),
            cards=cards[model_id],
            others=_others(others, cards, now),
        ),
        histories=histories(endpoints, rates, now),
        recorded_since=recorded_since(rates),
        use=_use(usable, model, use),
    )


def _place(endpoint: Any, now: datetime) -> tuple[Any, ...]:
    """The order of the provider table:

    who runs the model, the living, the creator's own, plain ids first.
    """
    return (
        endpoint.kind not in DIRECT,
        bool(gone(endpoint, stage_of(endpoint, now))),
        not endpoint.own,
        endpoint.provider_name.lower(),
        bool(endpoint.variant or endpoint.snapshot),
        endpoint.upstream_id,
    )


def _seller(endpoint: Any, model_slug: str) -> str:
    return seller(endpoint.provider_name, endpoint.upstream_id, variant(endpoint), model_slug)


# The facts --------------------------------------------------------------------------------------


def _facts(model: Any, offers: tuple[Offer, ...], lowest: dict[str, Price], now: datetime) -> Facts:
    """What is known of a model by itself."""
    catalog = site()
    return Facts(
        today=now.date().isoformat(),
        slug=model.slug,
        name=model.name,
        creator_slug=model.creator_slug,
        creator=model.creator,
        family=model.family,
        stage=stage_of(model, now),
        deprecated_on=model.deprecated_on,
        retired_on=model.retired_on,
        successor=(model.successor_slug, model.successor_name) if model.successor_slug else None,
        released=model.released,
        knowledge_cutoff=model.knowledge_cutoff,
        open_weights=model.open_weights,
        licence=model.licence,
        modalities_in=tuple(model.modalities_in),
        modalities_out=tuple(model.modalities_out),
        context=model.context_window,
        max_output=model.max_output,
        takes=_takes(model.mode, model.modalities_in),
        does=_NEEDED.intersection(model.capabilities),
        makes=_makes(model.mode, model.modalities_out),
        sells_text=_talks(model.mode, model.modalities_out),
        vocabulary=catalog.capabilities,
        capabilities=tuple(slug for slug, _ in catalog.named(model.capabilities)),
        lowest=lowest,
        offers=offers,
        cards=(),
        others=(),
    )


_OVER = (Lifecycle.DEPRECATED, Lifecycle.RETIRED, Lifecycle.ANNOUNCED)


def _talks(mode: str, out: Sequence[str]) -> bool:
    """Whether text is sold for text; a mode that nobody states is judged by what comes out."""
    return mode in TALKS or (not mode and "text" in out)


# What whoever uses it of a model needs of another one too.
_NEEDED = frozenset({"tool-use", "reasoning"})


def _takes(mode: str, into: Sequence[str]) -> frozenset[str]:
    """What goes in: by the modalities where they are stated, else by the mode."""
    return frozenset(into or (("text",) if mode in TALKS else ()))


def _makes(mode: str, out: Sequence[str]) -> str:
    """What comes out: by the modalities where they are stated, else by the mode."""
    kinds = " ".join(sorted(out)) or ("text" if mode in TALKS else "")
    return kinds if mode in TALKS or not mode else f"{mode} {kinds}"


def _cards(creator_id: int, endpoints: Sequence[Any]) -> dict[int, tuple[Card, ...]]:
    """By model of a creator what each direct provider of these endpoints asks: its own door, first
    parties, others by name; at each for the plainest of its endpoints."""
    direct = {endpoint.provider_id: endpoint for endpoint in endpoints if endpoint.kind in DIRECT}
    first: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in ask(_CARDS, creator_id, list(direct)):
        first[row.model_id].setdefault(row.provider_id, row)
    order = [
        (each.provider_id, each.provider_name) for each in sorted(direct.values(), key=_closeness)
    ]
    found = {
        model_id: tuple(Card(name, by[it].input, by[it].output) for it, name in order if it in by)
        for model_id, by in first.items()
    }
    return defaultdict(tuple, found)


def _closeness(endpoint: Any) -> tuple[bool, bool, str]:
    return not endpoint.own, endpoint.kind != ProviderKind.FIRST_PARTY, endpoint.provider_name


def _others(
    models: Sequence[Any], cards: dict[int, tuple[Card, ...]], now: datetime
) -> tuple[Other, ...]:
    """The creator's other models that are in use."""
    staged = ((model, stage_of(model, now)) for model in models)
    return tuple(
        _other(model, stage, cards[model.id]) for model, stage in staged if stage not in _OVER
    )


def _other(model: Any, stage: str, cards: tuple[Card, ...]) -> Other:
    return Other(
        slug=model.slug,
        name=model.name,
        family=model.family,
        stage=stage,
        released=model.released,
        context=model.context_window,
        takes=_takes(model.mode, model.modalities_in.split()),
        does=_NEEDED.intersection(model.capabilities.split()),
        makes=_makes(model.mode, model.modalities_out.split()),
        sells_text=_talks(model.mode, model.modalities_out.split()),
        served=model.provider_count,
        cards=cards,
    )


def _lowest(model_id: int, model: Any) -> dict[str, Price]:
    return {
        row.meter: Price(
            row.meter,
            cast(State, row.state),
            row.amount,
            seller=_seller(row, model.slug),
        )
        for row in ask(_LOWEST, model_id)
    }


def _offers(
    usable: Sequence[Any], rates: Iterable[Any], model: Any, now: datetime
) -> tuple[Offer, ...]:
    cards: dict[tuple[int, str], dict[str, Price]] = defaultdict(dict)
    others: dict[int, dict[str, list[CurrentRate]]] = defaultdict(lambda: defaultdict(list))
    for rate in rates:
        if not rate.holds:
            continue
        if rate.meter in HEADLINE:
            if not rate.optional:
                price = Price(rate.meter, rate.state, amount(rate), currency=rate.currency)
                cards[rate.endpoint_id, rate.tier][rate.meter] = price
        else:
            others[rate.endpoint_id][rate.meter].append(_current(rate))
    # Whether tokens come out, too, tells whether an image goes in or is made.
    for endpoint_id, by_meter in others.items():
        if "output" in cards.get((endpoint_id, ""), {}):
            by_meter["output"] = []
    return tuple(_offer(endpoint, model, cards, others.get(endpoint.id, {})) for endpoint in usable)


def _current(rate: Any) -> CurrentRate:
    return _rate(
        rate.meter,
        rate.state,
        amount(rate),
        rate.currency,
        rate.content_billed_as_input,
        rate.terms,
    )


@lru_cache(maxsize=4096)
def _rate(
    slug: str, state: State, amount: Decimal | None, currency: str, content: bool | None, terms: str
) -> CurrentRate:
    price = Price(slug, state, amount, currency=currency, content_billed_as_input=content)
    return CurrentRate(price, Terms.from_json(json.loads(terms)), source="", observed="")


def _offer(
    endpoint: Any,
    model: Any,
    cards: dict[tuple[int, str], dict[str, Price]],
    others: dict[str, list[CurrentRate]],
) -> Offer:
    prices = dict(cards.get((endpoint.id, ""), {}))
    searches = column_price(others.get("web_search", ()))
    if searches:
        prices["web_search"] = searches
    # Who has a price for searching the web does it, whatever another source says.
    sold = frozenset({"web-search"} if searches and searches.state == "priced" else ())
    return Offer(
        provider=endpoint.provider_name,
        seller=_seller(endpoint, model.slug),
        direct=endpoint.kind in DIRECT,
        billed=endpoint.kind not in UNBILLED,
        apart=is_apart(endpoint),
        context=endpoint.context_window,
        max_output=endpoint.max_output,
        prices=prices,
        per_unit=unit_price(others, tuple(model.modalities_out)),
        tiers={tier: cards.get((endpoint.id, tier), {}) for tier in ("batch", "flex")},
        zdr=ZDR_IN_WORDS[endpoint.zdr],
        no_training=NO_TRAINING_IN_WORDS[endpoint.training],
        has=frozenset(endpoint.capabilities) | sold,
        lacks=frozenset(endpoint.lacks) - sold,
    )


# The code ---------------------------------------------------------------------------------------


def _use(usable: Sequence[Any], model: Any, asked: str) -> Use | None:
    """The provider that is asked for, else the creator's own, else the first direct one with an API
    base."""
    doors: dict[str, list[Any]] = defaultdict(list)
    for endpoint in usable:
        doors[endpoint.provider_slug].append(endpoint)
    if not doors:
        return None
    first = {slug: _callable(endpoints) for slug, endpoints in doors.items()}
    chosen = first.get(asked) or _usual(list(first.values()))
    access = _access(chosen, model)
    choices = tuple((slug, endpoint.provider_name) for slug, endpoint in first.items())
    return Use(access, asked in first, chosen.docs_url, snippets(access), note(access), choices)


def _callable(endpoints: Sequence[Any]) -> Any:
    """The first of a provider's endpoints whose id it takes, as far as that can be told; else the
    first."""
    fit = (endpoint for endpoint in endpoints if takes(endpoint.sdk or "", endpoint.upstream_id))
    return next(fit, endpoints[0])


def _usual(endpoints: Sequence[Any]) -> Any:
    direct = [endpoint for endpoint in endpoints if endpoint.kind in DIRECT]
    wanted = (
        *(endpoint for endpoint in direct if endpoint.own and (endpoint.api_base or endpoint.sdk)),
        *(endpoint for endpoint in direct if endpoint.api_base),
        *(endpoint for endpoint in endpoints if endpoint.api_base or endpoint.sdk),
    )
    return next(iter(wanted), endpoints[0])


def _access(endpoint: Any, model: Any) -> Access:
    # Through which API the creator sells what talks says nothing of other providers: they chat.
    own = model.mode if endpoint.own else ""
    usual = own or ("chat" if _talks(model.mode, model.modalities_out) else model.mode)
    return Access(
        provider_slug=endpoint.provider_slug,
        provider=endpoint.provider_name,
        upstream_id=endpoint.upstream_id,
        mode=endpoint.mode or usual,
        api_base=endpoint.api_base,
        env_names=tuple(endpoint.env_names),
        sdk=endpoint.sdk or "",
        speaks="audio" in model.modalities_out,
    )
