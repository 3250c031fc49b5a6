"""models.dev: a crowd-edited catalog, the broadest in providers, capabilities and limits.

Its api.json is {provider: {…, models: {id: {…}}}}, with prices in US dollars per million tokens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.known_providers import kind_of
from pricing.rates import StatedRate, stated
from pricing.terms import BASE, Band, Terms
from sources.base import Listing, Parsed, ProviderListing, WrongShape
from sources.reading import (
    Reading,
    included,
    is_provider_slug,
    is_router,
    is_upstream_id,
    read_json,
    routed,
    without_blanks,
    without_odd_zeros,
)

_FLAGS = {
    "attachment": "file-input",
    "reasoning": "reasoning",
    "tool_call": "tool-use",
    "structured_output": "structured-output",
}
_MODALITIES_IN = {"image": "vision", "audio": "audio-input", "video": "video-input"}
_MODALITIES_OUT = {
    "image": "image-generation",
    "audio": "audio-output",
    "video": "video-generation",
}
_LIFECYCLE = {"alpha": "preview", "beta": "preview", "deprecated": "deprecated"}
_REASONING_PARAMETERS = {
    "toggle": "reasoning",
    "effort": "reasoning_effort",
    "budget_tokens": "reasoning_budget",
}
_METERS = (
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "input_audio",
    "output_audio",
)
_LEGACY_THRESHOLD = 200_000

_PROVIDER_FIELDS = {"id", "name", "doc", "env", "api", "npm", "models"}
_MODEL_FIELDS = {
    *(
        "id",
        "name",
        "family",
        "status",
        "limit",
        "modalities",
        "temperature",
        "reasoning_options",
        *_FLAGS,
    ),
    *("release_date", "last_updated", "knowledge", "open_weights", "cost", "experimental"),
}
# The legacy band is made from the tiers, and stands beside them.
_COST_FIELDS = {*_METERS, "tiers", "context_over_200k"}


class ModelsDev:
    slug = "models-dev"
    name = "models.dev"
    url = "https://models.dev/api.json"
    licence = "MIT"

    def parse(self, body: bytes, *, as_of: datetime) -> Parsed:
        """Read api.json.

        Raises WrongShape when it is something else; a single odd value is counted.
        """
        root = read_json(body, self.name)
        if not isinstance(root, dict) or not any(_is_provider(p) for p in root.values()):
            raise WrongShape(f"{self.name} gave JSON without a single provider in it.")
        reading = Reading()
        named = [(slug, p) for slug, p in root.items() if _is_known(slug, p, reading)]
        return Parsed(
            source=self.slug,
            as_of=as_of,
            listings=without_odd_zeros(
                [ls for slug, p in named for ls in _listings(slug, p, reading)], reading
            ),
            providers=tuple(
                ProviderListing(slug, _provider_facts(p, reading)) for slug, p in named
            ),
            not_expressed=reading.not_expressed,
        )


def _is_provider(provider: Any) -> bool:
    return isinstance(provider, dict) and isinstance(provider.get("models"), dict)


def _is_known(slug: str, provider: Any, reading: Reading) -> bool:
    if _is_provider(provider) and is_provider_slug(slug):
        return True
    reading.odd("provider")
    return False


def _provider_facts(provider: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    reading.rest(provider, _PROVIDER_FIELDS, "provider.")
    return without_blanks(
        {
            "name": reading.text(provider, "name", longest=200),
            "docs_url": reading.address(provider, "doc"),
            "env_names": reading.words(provider, "env"),
            "api_base": reading.text(provider, "api", longest=500),
            "sdk": reading.text(provider, "npm"),
        }
    )


def _listings(slug: str, provider: Mapping[str, Any], reading: Reading) -> Iterator[Listing]:
    for upstream_id, model in provider["models"].items():
        if isinstance(model, dict) and is_upstream_id(upstream_id):
            yield _listing(slug, upstream_id, model, reading)
        else:
            reading.odd("model")


def _listing(slug: str, upstream_id: str, model: Mapping[str, Any], reading: Reading) -> Listing:
    reading.rest(model, _MODEL_FIELDS)
    rates = reading.distinct(
        [*_rates(reading.table(model, "cost"), "", reading), *_modes(model, reading)]
    )
    if kind_of(slug) in ("plan", "local"):
        rates = included(rates)
    elif is_router(upstream_id, str(model.get("name"))) and (card := routed(rates)) != rates:
        for _ in filter(lambda rate: rate.amount, rates):
            reading.miss("a router's fee")
        rates = card
    facts = _facts(model, rates, reading)
    return Listing(slug, upstream_id, facts, _without_free_text(rates, facts))


def _states(rates: Sequence[StatedRate]) -> dict[str, str]:
    return {rate.meter: rate.state for rate in rates if rate.terms == BASE}


def _without_free_text(
    rates: tuple[StatedRate, ...], facts: Mapping[str, Any]
) -> tuple[StatedRate, ...]:
    """The rates, with what the zeros say of an endpoint that is not sold by what it reads and
    writes.

    This catalog holds prices of tokens only. An answer that costs nothing where the question has a
    price is a vector or a score. Zeros for both of what hears, draws, films or sings say that
    something else is counted.
    """
    states = _states(rates)
    both = ("input", "output")
    into, out = facts.get("modalities_in", ["text"]), facts.get("modalities_out", ["text"])
    absent = (
        {"output"} if states.get("input") == "priced" and states.get("output") == "free" else set()
    )
    if all(states.get(meter) == "free" for meter in both) and (
        "text" not in into or out != ["text"]
    ):
        absent = set(both)
    return tuple(
        replace(rate, amount=None, state="not_offered")
        if rate.meter in absent and rate.state == "free"
        else rate
        for rate in rates
    )


def _facts(
    model: Mapping[str, Any], rates: Sequence[StatedRate], reading: Reading
) -> dict[str, Any]:
    limits, modalities = reading.table(model, "limit"), reading.table(model, "modalities")
    into, out = (reading.words(modalities, way, longest=20) for way in ("input", "output"))
    status = reading.text(model, "status")
    if status and status not in _LIFECYCLE:
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
        "lifecycle": _LIFECYCLE.get(status or ""),
    }
    return without_blanks(facts)


def _abilities(
    model: Mapping[str, Any], into: list[str], out: list[str], reading: Reading
) -> dict[str, bool]:
    """What is stated; the lists of modalities are whole, so that what they leave out is denied."""
    flags = {slug: reading.flag(model, field) for field, slug in _FLAGS.items()}
    found = {slug: value for slug, value in flags.items() if value is not None}
    if into:
        found |= {slug: modality in into for modality, slug in _MODALITIES_IN.items()}
    if out:
        found |= {slug: modality in out for modality, slug in _MODALITIES_OUT.items()}
    return found


def _caching(rates: Sequence[StatedRate]) -> dict[str, bool]:
    """Who is billed for writing a cache asked for it; who only reads at a price of its own did not
    have to.

    Only prices above zero tell: this catalog writes 0 for caches of plans and free models too.
    """
    priced = {rate.meter for rate in rates if rate.state == "priced" and rate.terms == BASE}
    if "cache_write" in priced:
        return {"explicit-caching": True}
    return {"implicit-caching": True} if "cache_read" in priced else {}


def _parameters(model: Mapping[str, Any], reading: Reading) -> list[str]:
    found = {"temperature"} if reading.flag(model, "temperature") else set()
    for option in reading.tables(model, "reasoning_options"):
        parameter = _REASONING_PARAMETERS.get(str(option.get("type")))
        if parameter:
            found.add(parameter)
        else:
            reading.odd("reasoning_options")
        reading.rest(option, {"type"}, "reasoning_options.")
    return sorted(found)


def _rates(cost: Mapping[str, Any], tier: str, reading: Reading) -> Iterator[StatedRate]:
    reading.rest(cost, _COST_FIELDS, "cost.")
    yield from _card(cost, Terms(tier=tier), reading)
    for band in reading.tables(cost, "tiers"):
        reading.rest(band, {*_METERS, "tier"}, "cost.tiers.")
        rule = reading.table(band, "tier")
        size = reading.tokens(rule, "size")
        if size and rule.get("type", "context") == "context":
            yield from _card(band, Terms(tier=tier, band=Band(size)), reading)
        else:
            reading.odd("tiers")
    if "tiers" not in cost:
        legacy = reading.table(cost, "context_over_200k")
        yield from _card(legacy, Terms(tier=tier, band=Band(_LEGACY_THRESHOLD)), reading)


def _card(cost: Mapping[str, Any], terms: Terms, reading: Reading) -> Iterator[StatedRate]:
    for meter in _METERS:
        amount = reading.amount(cost, meter)
        if amount is not None:
            yield stated(meter, amount, terms=terms)


def _modes(model: Mapping[str, Any], reading: Reading) -> Iterator[StatedRate]:
    """The prices of other ways to ask, each a service tier."""
    experimental = reading.table(model, "experimental")
    reading.rest(experimental, {"modes"}, "experimental.")
    modes = reading.table(experimental, "modes")
    for name in modes:
        mode = reading.table(modes, name)
        reading.rest(mode, {"cost", "provider"}, "mode.")
        tier = _tier(name, reading.table(mode, "provider"), reading)
        if tier:
            yield from _rates(reading.table(mode, "cost"), tier, reading)


def _tier(mode: str, request: Mapping[str, Any], reading: Reading) -> str | None:
    """What the request's body calls the tier, else the mode's name."""
    reading.rest(request, {"body"}, "mode.provider.")
    body = reading.table(request, "body")
    reading.rest(body, {"service_tier"}, "mode.provider.body.")
    named = body if "service_tier" in body else {"service_tier": mode}
    return reading.text(named, "service_tier", longest=40)
