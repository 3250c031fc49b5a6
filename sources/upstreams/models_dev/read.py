"""models.dev: a crowd-edited catalog, the broadest in providers, capabilities and limits.

Its api.json is {provider: {…, models: {id: {…}}}}, with prices in US dollars per million tokens.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.known_providers import FORMER, kind_of
from catalog.matching.floating import is_floating
from catalog.provider_kinds import UNBILLED
from pricing.rates import StatedRate
from pricing.terms import BASE, Band, Terms
from sources.base import Answer, Listing, Parsed, ProviderListing, Source, WrongShape
from sources.reading import (
    FieldReader,
    Repeated,
    included,
    is_provider_slug,
    is_router,
    is_upstream_id,
    newest,
    read_json,
    routed,
    with_own_bands,
    without_blanks,
    without_odd_zeros,
)
from sources.stated_zeros import without_free_text, without_unstated_zeros
from sources.upstreams.models_dev.fields import (
    COST_FIELDS,
    FLAGS,
    LEGACY_THRESHOLD,
    LIFECYCLE,
    METERS,
    MODALITIES_IN,
    MODALITIES_OUT,
    MODEL_FIELDS,
    PROVIDER_FIELDS,
    REASONING_PARAMETERS,
)

# Entries that are a part of a provider come after its own, in this order.
_PARTS = {name: place for place, name in enumerate(FORMER)}
# "Currently routes to GLM 5.2 Thinking.", but not "routes to the newest model".
_ROUTES_TO = re.compile(r"\broutes to ([A-Z][\w-]*(?: [\w.-]*\w)+)")


class ModelsDev(Source):
    slug = "models-dev"
    name = "models.dev"
    url = "https://models.dev/api.json"
    licence = "MIT"

    def parse(self, answer: Answer) -> Parsed:
        root = read_json(answer.body, self.name)
        if not isinstance(root, dict) or not any(_is_provider(p) for p in root.values()):
            raise WrongShape(f"{self.name} gave JSON without a single provider in it.")
        reading = FieldReader()
        providers: dict[str, dict[str, Any]] = {}
        listings: dict[tuple[str, str], Listing] = {}
        entries: list[tuple[str, Any]] = [*root.items()]
        entries.sort(key=lambda entry: _PARTS.get(entry[0], -1))
        for name, provider in entries:
            if not _is_provider(provider) or not is_provider_slug(name):
                reading.odd("provider")
                reading.unread[FORMER.get(name, name), ""] = "no provider"
                continue
            slug = FORMER.get(name, name)
            providers[slug] = _provider_facts(provider, reading) | providers.get(slug, {})
            for listing in _listings(slug, provider, reading):
                kept = listings.setdefault((slug, listing.upstream_id), listing)
                if set(kept.rates) != set(listing.rates):
                    reading.miss(f"prices of another entry of {slug}")
        dates = dict(_updates(listings))
        return Parsed(
            source=self.slug,
            as_of=newest(dates.values(), answer.as_of),
            listings=without_unstated_zeros(
                without_odd_zeros([*listings.values()], reading), trust_direct=True
            ),
            providers=tuple(ProviderListing(slug, facts) for slug, facts in providers.items()),
            not_expressed=reading.not_expressed,
            unread=reading.unread,
            dates=dates,
        )


def _updates(
    listings: Mapping[tuple[str, str], Listing],
) -> Iterator[tuple[tuple[str, str], datetime]]:
    for key, listing in listings.items():
        if updated := listing.facts.get("updated"):
            yield key, datetime.fromisoformat(f"{updated}-01-01"[:10]).replace(tzinfo=UTC)


def _is_provider(provider: Any) -> bool:
    return isinstance(provider, dict) and isinstance(provider.get("models"), dict)


def _provider_facts(provider: Mapping[str, Any], reading: FieldReader) -> dict[str, Any]:
    reading.rest(provider, PROVIDER_FIELDS, "provider.")
    return without_blanks(
        {
            "name": reading.text(provider, "name", longest=200),
            "docs_url": reading.address(provider, "doc"),
            "env_names": reading.words(provider, "env"),
            "api_base": reading.text(provider, "api", longest=500),
            "sdk": reading.text(provider, "npm"),
        }
    )


def _listings(slug: str, provider: Mapping[str, Any], reading: FieldReader) -> Iterator[Listing]:
    for upstream_id, model in provider["models"].items():
        if isinstance(model, Repeated):
            reading.repeats(slug, upstream_id)
            model = model.first
        if isinstance(model, dict) and is_upstream_id(upstream_id):
            yield _listing(slug, upstream_id, model, reading)
        else:
            reading.odd("model")
            reading.unread[slug, upstream_id] = "no model"


def _listing(
    slug: str, upstream_id: str, model: Mapping[str, Any], reading: FieldReader
) -> Listing:
    reading.row = slug, upstream_id
    reading.rest(model, MODEL_FIELDS)
    rates = reading.distinct(
        [*_rates(reading.table(model, "cost"), "", reading), *_modes(model, reading)]
    )
    if kind_of(slug) in UNBILLED:
        rates = included(rates)
    elif is_router(upstream_id, str(model.get("name"))) and (card := routed(rates)) != rates:
        for _ in filter(lambda rate: rate.amount, rates):
            reading.miss("a router's fee")
        rates = card
    rates = with_own_bands(slug, rates)
    facts = _facts(model, rates, reading)
    if is_floating(upstream_id) and (lead := _lead(model, reading)):
        facts["leads_to"] = lead
    into, out = (facts.get(f"modalities_{way}", ["text"]) for way in ("in", "out"))
    return Listing(slug, upstream_id, facts, without_free_text(rates, into=into, out=out))


def _lead(model: Mapping[str, Any], reading: FieldReader) -> str:
    """What a floating id leads to: a "canonical" model that is pinned, or the words for it."""
    canonical = reading.text(model, "canonical_model_id") or ""
    if canonical and not is_floating(canonical):
        return canonical
    stated = _ROUTES_TO.search(str(model.get("description")))
    return stated[1] if stated else ""


def _facts(
    model: Mapping[str, Any], rates: Sequence[StatedRate], reading: FieldReader
) -> dict[str, Any]:
    limits, modalities = reading.table(model, "limit"), reading.table(model, "modalities")
    into, out = (reading.words(modalities, way, longest=20) for way in ("input", "output"))
    status = reading.text(model, "status")
    if status and status not in LIFECYCLE:
        reading.odd("status")
    facts = {
        "name": reading.text(model, "name"),
        "family": reading.text(model, "family", longest=100),
        "context_window": reading.tokens(limits, "context"),
        "max_input": reading.tokens(limits, "input"),
        "max_output": reading.tokens(limits, "output"),
        "modalities_in": sorted(into),
        "modalities_out": sorted(out),
        "capabilities": {**_abilities(model, into, out, reading), **_caching(rates)},
        "parameters": _parameters(model, reading),
        "released": reading.day(model, "release_date"),
        "updated": reading.day(model, "last_updated"),
        "knowledge_cutoff": reading.day(model, "knowledge"),
        "open_weights": reading.flag(model, "open_weights"),
        "lifecycle": LIFECYCLE.get(status or ""),
    }
    return without_blanks(facts)


def _abilities(
    model: Mapping[str, Any], into: list[str], out: list[str], reading: FieldReader
) -> dict[str, bool]:
    """Stated capabilities; lists of modalities are complete, so what they lack is a stated no."""
    flags = {slug: reading.flag(model, field) for field, slug in FLAGS.items()}
    stated = {slug: value for slug, value in flags.items() if value is not None}
    if into:
        stated |= {slug: modality in into for modality, slug in MODALITIES_IN.items()}
    if out:
        stated |= {slug: modality in out for modality, slug in MODALITIES_OUT.items()}
    return stated


def _caching(rates: Sequence[StatedRate]) -> dict[str, bool]:
    """A price of writing a cache means that the caller marks what to keep.

    Only prices above zero count: models.dev also writes 0 for the caches of plans and free models.
    A price of reading alone does not state how a cache comes about.
    """
    priced = {rate.meter for rate in rates if rate.state == "priced" and rate.terms == BASE}
    return {"explicit-caching": True} if "cache_write" in priced else {}


def _parameters(model: Mapping[str, Any], reading: FieldReader) -> list[str]:
    parameters = {"temperature"} if reading.flag(model, "temperature") else set()
    for option in reading.tables(model, "reasoning_options"):
        parameter = REASONING_PARAMETERS.get(str(option.get("type")))
        if parameter:
            parameters.add(parameter)
        else:
            reading.odd("reasoning_options")
        reading.rest(option, {"type"}, "reasoning_options.")
    return sorted(parameters)


def _rates(cost: Mapping[str, Any], tier: str, reading: FieldReader) -> Iterator[StatedRate]:
    reading.rest(cost, COST_FIELDS, "cost.")
    yield from _card(cost, Terms(tier=tier), reading)
    for band in reading.tables(cost, "tiers"):
        reading.rest(band, {*METERS, "tier"}, "cost.tiers.")
        rule = reading.table(band, "tier")
        size = reading.tokens(rule, "size")
        if size and rule.get("type", "context") == "context":
            yield from _card(band, Terms(tier=tier, band=Band(size)), reading)
        else:
            reading.odd_price("tiers")
    if "tiers" not in cost:
        legacy = reading.table(cost, "context_over_200k")
        yield from _card(legacy, Terms(tier=tier, band=Band(LEGACY_THRESHOLD)), reading)


def _card(cost: Mapping[str, Any], terms: Terms, reading: FieldReader) -> Iterator[StatedRate]:
    for meter in METERS:
        if rate := reading.rate(cost, meter, meter, terms=terms):
            yield rate


def _modes(model: Mapping[str, Any], reading: FieldReader) -> Iterator[StatedRate]:
    experimental = reading.table(model, "experimental")
    reading.rest(experimental, {"modes"}, "experimental.")
    modes = reading.table(experimental, "modes")
    for name in sorted(modes):
        mode = reading.table(modes, name)
        reading.rest(mode, {"cost", "provider"}, "mode.")
        tier = _tier(name, reading.table(mode, "provider"), reading)
        if tier:
            yield from _rates(reading.table(mode, "cost"), tier, reading)


def _tier(mode: str, request: Mapping[str, Any], reading: FieldReader) -> str | None:
    reading.rest(request, {"body"}, "mode.provider.")
    body = reading.table(request, "body")
    reading.rest(body, {"service_tier"}, "mode.provider.body.")
    named = body if "service_tier" in body else {"service_tier": mode}
    return reading.text(named, "service_tier", longest=40)
