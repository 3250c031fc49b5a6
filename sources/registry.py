"""The sources by slug, and how far each is trusted."""

import os
from collections.abc import Iterable, Mapping

from django.conf import settings

from catalog.models import Source
from sources import base
from sources.precedence import OWN_APIS
from sources.upstreams.curated.read import Curated
from sources.upstreams.genai_prices.read import GenaiPrices
from sources.upstreams.huggingface.read import HuggingFace
from sources.upstreams.litellm.read import LiteLLM
from sources.upstreams.llmledger.read import ArenaRatings, LLMLedger
from sources.upstreams.model_prices.read import ModelPrices
from sources.upstreams.models_dev.read import ModelsDev
from sources.upstreams.openrouter.read import OpenRouter
from sources.upstreams.pi_ai.read import PiAi
from sources.upstreams.provider_models.read import AccountModels, accounts
from sources.upstreams.vercel.read import Vercel

SOURCES: dict[str, base.Source] = {
    source.slug: source
    for source in (
        *(ModelsDev(), LiteLLM(), GenaiPrices(), PiAi(), ModelPrices(), Curated()),
        *(OpenRouter(), Vercel(), HuggingFace()),
    )
}

# What a snapshot brings beside the catalog, and no refresh reads: price histories and ratings.
ARCHIVES: dict[str, base.Source] = {source.slug: source for source in (LLMLedger(), ArenaRatings())}

# models.dev and LiteLLM's map are open to edits, and pi-ai and model-prices copy models.dev's;
# genai-prices checks prices on providers' pages. A gateway's own API lists its own endpoints alone.
TRUST = {
    "genai-prices": Source.Trust.CURATED,
    "curated": Source.Trust.CURATED,
    **dict.fromkeys(OWN_APIS, Source.Trust.PROVIDER),
}


def all_sources() -> Mapping[str, base.Source]:
    """Those of SOURCES by slug, and one for each provider that this install has a key of."""
    return {**SOURCES, **accounts(os.environ)}


def trust_of(source: base.Source) -> int:
    if isinstance(source, AccountModels):
        return Source.Trust.PROVIDER
    return TRUST.get(source.slug, Source.Trust.CROWD)


def enabled(slugs: Iterable[str] = ()) -> list[base.Source]:
    """The sources with an address that RATECARD_SOURCES allows, or those of them named.

    With those whose data comes with the program: they need no network.
    """
    known = all_sources()
    wanted = [known[slug] for slug in slugs] or list(known.values())
    return [
        source
        for source in wanted
        if source.is_local
        or (not source.is_bundled_only and source.slug in (settings.SOURCES or known))
    ]


def local() -> frozenset[str]:
    """The slugs of the sources that come with the program."""
    return frozenset(source.slug for source in SOURCES.values() if source.is_local)


def upstreams() -> frozenset[str]:
    """The slugs of the sources that can be fetched, enabled or not: what the catalog rests on."""
    return frozenset(
        source.slug
        for source in SOURCES.values()
        if not source.is_local and not source.is_bundled_only
    )


def fetched() -> list[base.Source]:
    """The enabled sources that come over the network."""
    return [source for source in enabled() if not source.is_local]
