"""Facts for tests: plain functions with sensible values, each of which a test may state itself."""

from decimal import Decimal

from catalog.lineage import Lineage
from web.reads.prices import Price
from web.text.facts import EndpointFacts, Facts, HeadlineFacts, OtherModelFacts, ProviderPrices


def priced(meter, amount, state="priced", **stated):
    return Price(meter, state, None if amount is None else Decimal(amount), **stated)


def card(**amounts):
    """Base prices by meter: a number is priced, "free" and the like are states."""
    states = {"free": "0", "included": None, "dynamic": None, "unknown": None, "not_offered": None}
    return {
        meter: priced(meter, states[amount], amount) if amount in states else priced(meter, amount)
        for meter, amount in amounts.items()
    }


def endpoint(provider="OpenAI", **stated):
    usual = {
        "name": provider,
        "direct": True,
        "billed": True,
        "apart": False,
        "context": None,
        "max_output": None,
        "prices": {},
        "per_unit": None,
        "tiers": {},
        "zdr": "",
        "no_training": "",
        "has": frozenset(),
        "lacks": frozenset(),
    }
    return EndpointFacts(provider=provider, **{**usual, **stated})


def headline(*prices, provider="OpenAI", role="its creator’s own API", lower=None):
    return HeadlineFacts(provider, role, prices, lower)


def other(name, **stated):
    usual = {
        "slug": f"openai/{name.lower()}",
        "family": "",
        "stage": "active",
        "released": "",
        "context": None,
        "takes": frozenset({"text"}),
        "does": frozenset(),
        "makes": "text",
        "sells_text": True,
        "served": 2,
        "direct_prices": (),
    }
    return OtherModelFacts(name=name, **{**usual, **stated})


def prices_at(input_, output="9", provider="OpenAI"):
    """What a direct provider prices_at."""
    return ProviderPrices(provider, Decimal(input_), Decimal(output))


def facts(**stated):
    usual = {
        "today": "2026-11-22",
        "slug": "openai/o4-mini",
        "name": "o4-mini",
        "creator_slug": "openai",
        "creator": "OpenAI",
        "family": "",
        "stage": "active",
        "deprecated_on": "",
        "retired_on": "",
        "ends_on": "",
        "successor": None,
        "released": "",
        "knowledge_cutoff": "",
        "open_weights": None,
        "licence": "",
        "modalities_in": (),
        "modalities_out": (),
        "context": None,
        "max_output": None,
        "takes": frozenset({"text"}),
        "does": frozenset(),
        "makes": "text",
        "sells_text": True,
        "vocabulary": {"tool-use": "Tool use", "vision": "Vision"},
        "capabilities": (),
        "headline": None,
        "endpoints": (),
        "direct_prices": (),
        "others": (),
        "peers": None,
        "lineage": Lineage(),
        "against": None,
    }
    return Facts(**{**usual, **stated})
