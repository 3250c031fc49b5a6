"""LiteLLM's cost map: one JSON object, keyed by what a LiteLLM user writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pricing.terms import BASE
from sources.base import Answer, Listing, Parsed, Source, WrongShape
from sources.reading import (
    FieldReader,
    Repeated,
    is_provider_slug,
    is_upstream_id,
    read_json,
    with_own_bands,
    without_blanks,
    without_odd_zeros,
)
from sources.stated_zeros import without_unstated_zeros
from sources.upstreams.litellm.fields import (
    CAPABILITIES,
    ENTRIES_IGNORED,
    ENTRIES_NOT_A_RATE,
    FEWEST_MODELS,
    FLAGS,
    IGNORED,
    LIMITS,
    MARKED_CACHES,
    MODALITIES,
    MODES,
    NOT_A_RATE,
    NOT_MODELS,
    PARAMETERS,
    RESERVED,
    SECONDARY,
)
from sources.upstreams.litellm.keys import MapKey, identify
from sources.upstreams.litellm.prices import BLOCKS, Fields, Rates, price_of, read_rates

_READ = {
    *("mode", "deprecation_date", "supported_regions", "supported_endpoints"),
    *("provider_specific_entry", "web_search_billing_unit"),
    *(*IGNORED, *LIMITS, *MODALITIES, *FLAGS, *BLOCKS),
}


class LiteLLM(Source):
    slug = "litellm"
    name = "LiteLLM"
    url = (
        "https://raw.githubusercontent.com/BerriAI/litellm/main/"
        "model_prices_and_context_window.json"
    )
    licence = "MIT"

    def parse(self, answer: Answer) -> Parsed:
        reading = FieldReader()
        endpoints: dict[tuple[str, str], list[Entry]] = {}
        for key, row in _rows(answer.body).items():
            if entry := _entry(key, row, reading):
                endpoints.setdefault((entry.provider, entry.upstream_id), []).append(entry)
        listings = without_odd_zeros(
            [_listing(entries, reading) for entries in endpoints.values()], reading
        )
        listings = without_unstated_zeros(listings, trust_direct=False)
        return Parsed(
            self.slug,
            answer.as_of,
            listings,
            not_expressed=reading.not_expressed,
            unread=reading.unread,
        )


@dataclass(slots=True)
class Entry:
    """What one key of the map states of an endpoint."""

    provider: str
    upstream_id: str
    facts: dict[str, Any]
    rates: Rates
    secondary: bool

    @property
    def rank(self) -> tuple[bool, int]:
        size = len(self.rates) + len(self.facts) + len(self.facts.get("capabilities", ()))
        return not self.secondary, size


def _rows(body: bytes) -> dict[str, Any]:
    rows = read_json(body, LiteLLM.name)
    if not isinstance(rows, dict):
        raise WrongShape("LiteLLM gave JSON that is not one object of models.")
    # In an order of their own: of rows about one endpoint the file's order decides nothing.
    rows = {key: row for key, row in sorted(rows.items()) if key not in RESERVED}
    models = sum(1 for row in rows.values() if isinstance(row, dict) and "litellm_provider" in row)
    if models < FEWEST_MODELS:
        raise WrongShape(f"LiteLLM gave {models} models, and its cost map has thousands.")
    return rows


def _entry(key: str, row: Any, reading: FieldReader) -> Entry | None:
    if isinstance(row, dict) and "alias_of" in row:
        # `gpt-sol-latest`: LiteLLM's own name, which no provider's API takes.
        reading.miss("not a model: alias")
        return None
    repeats = isinstance(row, Repeated)
    row = row.first if repeats else row
    provider_name = row.get("litellm_provider") if isinstance(row, dict) else None
    name = identify(key, provider_name) if isinstance(provider_name, str) else None
    if not name or not is_provider_slug(name.provider) or not is_upstream_id(name.upstream_id):
        reading.odd("model")
        return None
    if other := _not_a_model(key, row):
        reading.miss(f"not a model: {other}")
        return None
    reading.row = name.provider, name.upstream_id
    if repeats:
        reading.repeats(*reading.row)
    row = {field: value for field, value in row.items() if value is not None}
    mode = reading.text(row, "mode", longest=30) or ""
    mode = MODES.get(mode, mode.replace("_", "-"))
    rates = read_rates(row, mode, name, reading)
    facts = _facts(row, name, mode, rates, reading)
    _count_unread(row, reading)
    return Entry(name.provider, name.upstream_id, facts, rates, provider_name in SECONDARY)


def _not_a_model(key: str, row: Fields) -> str:
    mode = str(row.get("mode"))
    if mode in NOT_MODELS:
        return mode.replace("_", " ")
    if key.endswith("/container"):
        return "container"
    if re.match(r"(fireworks|together)-ai-", key):
        return "price of a size of model"
    return ""


def _api_mode(row: Fields, mode: str, reading: FieldReader) -> str:
    """The mode by API: of what chats, some answer at `responses` or `completion` alone."""
    if mode != "chat":
        return mode
    paths = reading.words(row, "supported_endpoints")
    if "/v1/chat/completions" in paths:
        return "chat"
    if "/v1/responses" in paths or row["mode"] == "responses":
        return "responses"
    return str(row["mode"])


def _facts(
    row: Fields, name: MapKey, mode: str, rates: Rates, reading: FieldReader
) -> dict[str, Any]:
    flags = {field: reading.flag(row, field) for field in row if field in FLAGS}
    modalities = {
        ours: sorted(set(reading.words(row, theirs, longest=20)))
        for theirs, ours in MODALITIES.items()
    }
    parameters: set[str] = set()
    for field, words in PARAMETERS.items():
        if flags.get(field):
            parameters.update(words)
    capabilities = _capabilities(flags)
    marked = MARKED_CACHES in name.upstream_id.lower()
    capabilities |= _caching(row, rates, caches=flags.get("supports_prompt_caching"), marked=marked)
    if mode == "image" or "image" in modalities["modalities_out"]:
        capabilities["image-generation"] = True
    facts = {
        "mode": _api_mode(row, mode, reading) or None,
        "region": name.region or _only_region(row, reading),
        **{ours: reading.tokens(row, theirs) for theirs, ours in LIMITS.items()},
        **modalities,
        "capabilities": capabilities,
        "parameters": sorted(parameters),
        # Its name aside, the day on which the provider shuts the model down.
        "retired_on": reading.day(row, "deprecation_date"),
    }
    return without_blanks(facts)


def _capabilities(flags: Mapping[str, bool | None]) -> dict[str, bool]:
    capabilities: dict[str, bool] = {}
    for field, capability in CAPABILITIES.items():
        if (has := flags.get(field)) is not None:
            capabilities[capability] = capabilities.get(capability, False) or has
    return capabilities


def _caching(row: Fields, rates: Rates, *, caches: bool | None, marked: bool) -> dict[str, bool]:
    """How prompts are cached, by the map's flag: it has one for both ways.

    Where it states caching, a price of writing means that the caller marks the cache: explicit. A
    price of reading alone means that the provider caches by itself: implicit, unless callers of
    this model always have to mark it. Without either the way stays open.
    """
    if caches is None:
        return {}
    if not caches:
        return {"explicit-caching": False, "implicit-caching": False}
    priced = {meter for (meter, terms), rate in rates.items() if rate.amount and terms == BASE}
    if marked or "cache_write" in priced or row.get("supports_prompt_cache_breakpoint") is True:
        return {"explicit-caching": True}
    explicit = "explicit_cache_read_input_token_cost" in row
    ways = {"explicit-caching": explicit, "implicit-caching": "cache_read" in priced}
    return {way: True for way, stated in ways.items() if stated}


def _only_region(row: Fields, reading: FieldReader) -> str | None:
    regions = reading.words(row, "supported_regions", longest=50)
    if len(regions) > 1:
        reading.miss("several regions of one endpoint")
    return regions[0] if len(regions) == 1 else None


def _count_unread(row: Fields, reading: FieldReader) -> None:
    for field in row:
        if field in NOT_A_RATE:
            reading.miss(NOT_A_RATE[field])
        elif field not in _READ and not price_of(field):
            reading.miss(f"field {field}")
    for entry in reading.table(row, "provider_specific_entry"):
        if entry in ENTRIES_NOT_A_RATE:
            reading.miss(ENTRIES_NOT_A_RATE[entry])
        elif entry not in ENTRIES_IGNORED:
            reading.miss(f"field provider_specific_entry.{entry}")


def _listing(entries: list[Entry], reading: FieldReader) -> Listing:
    """One listing of all the keys of an endpoint: `gpt-4o` and `openai/gpt-4o`, or one per size.

    The fullest key counts first, and the others add what it leaves open. The prices of a key that
    contradicts it are left out whole: two cards do not mix.
    """
    provider, upstream_id = entries[0].provider, entries[0].upstream_id
    facts: dict[str, Any] = {}
    rates: Rates = {}
    for entry in sorted(entries, key=lambda entry: entry.rank, reverse=True):
        for limit in LIMITS.values():
            if limit in entry.facts and facts.get(limit, entry.facts[limit]) != entry.facts[limit]:
                reading.miss(f"{limit} of another key of {provider} {upstream_id}")
        if any(rates.get(key, rate) != rate for key, rate in entry.rates.items()):
            reading.miss(f"prices of another key of {provider} {upstream_id}")
        else:
            rates = {**entry.rates, **rates}
        abilities = {**entry.facts.get("capabilities", {}), **facts.get("capabilities", {})}
        facts = {**entry.facts, **facts} | ({"capabilities": abilities} if abilities else {})
    return Listing(provider, upstream_id, facts, with_own_bands(provider, rates.values()))
