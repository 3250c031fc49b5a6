"""pi-ai: the catalog of the pi coding agent's library, in npm's package @earendil-works/pi-ai.

One file a provider, {API: {key: model}}, prices in US dollars per million tokens. Most of it comes
from models.dev (catalog.witnesses). pi-ai writes 0 for a price that it does not know, so a zero
states nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.known_providers import kind_of, slug_of
from catalog.provider_kinds import UNBILLED
from pricing.rates import StatedRate
from pricing.terms import Band, Terms
from sources.base import Answer, FetchFailed, Http, Listing, Parsed, Source, WrongShape
from sources.reading import (
    FieldReader,
    is_provider_slug,
    is_router,
    is_upstream_id,
    read_json,
    routed,
    with_own_bands,
    without_blanks,
)
from sources.stated_zeros import without_unstated_zeros
from sources.upstreams.pi_ai.fields import (
    COST_FIELDS,
    METERED_PLANS,
    METERS,
    MODEL_FIELDS,
    MODES,
    OWN_IDS,
    OWN_PROVIDERS,
    PROVIDERS,
    TIERS,
)

_INCLUDED = tuple(StatedRate(meter, None, "included") for meter in ("input", "output"))
_CLAUDE_VERSION = re.compile(r"-(\d)-(\d)$")


class PiAi(Source):
    slug = "pi-ai"
    name = "pi-ai"
    url = "https://www.npmjs.com/package/@earendil-works/pi-ai"
    licence = "MIT"
    is_bundled_only = True

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        raise FetchFailed(f"{self.name} has no address: its data comes with the snapshot.")

    def parse(self, answer: Answer) -> Parsed:
        reading = FieldReader()
        listings: dict[tuple[str, str], Listing] = {}
        for name, body in sorted(answer.pages.items()):
            catalog = read_json(body, f"{self.name}'s {name}")
            provider = name.removesuffix(".json")
            slug = slug_of(provider, PROVIDERS)
            if not isinstance(catalog, dict) or not is_provider_slug(slug):
                raise WrongShape(f"{self.name}'s {name} is not one provider's models.")
            if provider in OWN_PROVIDERS:
                reading.miss(f"provider {provider}")
                continue
            for listing in _listings(slug, catalog, reading):
                key = slug, listing.upstream_id
                listings[key] = _joined(listings[key], listing) if key in listings else listing
        if not listings:
            raise WrongShape(f"{self.name} gave no file with a model in it.")
        stated = without_unstated_zeros([*listings.values()], trust_direct=False)
        return Parsed(self.slug, answer.as_of, stated, not_expressed=reading.not_expressed)


def _joined(first: Listing, second: Listing) -> Listing:
    """One listing of an id that is listed twice, as a chat model and as a maker of images."""
    stated = {(rate.meter, rate.terms) for rate in first.rates}
    more = tuple(rate for rate in second.rates if (rate.meter, rate.terms) not in stated)
    return replace(first, facts={**second.facts, **first.facts}, rates=(*first.rates, *more))


def _listings(slug: str, catalog: Mapping[str, Any], reading: FieldReader) -> Iterator[Listing]:
    for api in catalog:
        models = reading.table(catalog, api)
        for key in models:
            model = reading.table(models, key)
            upstream_id = model.get("id")
            if not is_upstream_id(upstream_id):
                reading.odd("id")
            elif (slug, upstream_id) in OWN_IDS:
                reading.miss(f"id {upstream_id}")
            else:
                yield _listing(slug, _api_id(slug, api, upstream_id), api, model, reading)


def _api_id(slug: str, api: str, upstream_id: str) -> str:
    """The id of Cloudflare's gateway; pi takes ways through it that have the makers' own ids."""
    if slug == "cloudflare-ai-gateway" and api == "anthropic-messages":
        return "anthropic/" + _CLAUDE_VERSION.sub(r"-\1.\2", upstream_id)
    if slug == "cloudflare-ai-gateway" and api == "openai-responses":
        return f"openai/{upstream_id}"
    return upstream_id


def _listing(
    slug: str, upstream_id: str, api: str, model: Mapping[str, Any], reading: FieldReader
) -> Listing:
    reading.rest(model, MODEL_FIELDS)
    rates = reading.distinct(_rates(reading.table(model, "cost"), TIERS.get(api, ""), reading))
    if kind_of(slug) in UNBILLED and slug not in METERED_PLANS:
        rates = _INCLUDED
    elif is_router(upstream_id, str(model.get("name"))):
        rates = routed(rates)
    mode = reading.text(model, "type") or ""
    into = reading.words(model, "input", longest=20)
    capabilities = {
        "reasoning": reading.flag(model, "reasoning"),
        "vision": "image" in into if into else None,
        "image-generation": True if mode == "image" else None,
    }
    facts = {
        "name": reading.text(model, "name"),
        "mode": MODES.get(mode),
        "context_window": _context(model, rates, reading),
        "max_output": reading.tokens(model, "maxTokens"),
        "capabilities": without_blanks(capabilities),
    }
    return Listing(slug, upstream_id, without_blanks(facts), with_own_bands(slug, rates))


def _context(
    model: Mapping[str, Any], rates: Iterable[StatedRate], reading: FieldReader
) -> int | None:
    """The context window, unless a band of prices begins there: then it is where pi stops.

    pi keeps requests at standard prices: GPT-5.5 has 272,000 of its 1,050,000 tokens.
    """
    window = reading.tokens(model, "contextWindow")
    if any(rate.terms.band and rate.terms.band.threshold == window for rate in rates):
        reading.miss("contextWindow at the start of a band")
        return None
    return window


def _rates(cost: Mapping[str, Any], tier: str, reading: FieldReader) -> Iterator[StatedRate]:
    reading.rest(cost, COST_FIELDS, "cost.")
    yield from _card(cost, Terms(tier=tier), reading)
    for band in reading.tables(cost, "tiers"):
        reading.rest(band, {*METERS, "inputTokensAbove"}, "cost.tiers.")
        if threshold := reading.tokens(band, "inputTokensAbove"):
            yield from _card(band, Terms(tier=tier, band=Band(threshold)), reading)
        else:
            reading.odd("tiers")


def _card(cost: Mapping[str, Any], terms: Terms, reading: FieldReader) -> Iterator[StatedRate]:
    for field, meter in METERS.items():
        rate = reading.rate(cost, field, meter, terms=terms)
        if rate and rate.state == "priced":
            yield rate
