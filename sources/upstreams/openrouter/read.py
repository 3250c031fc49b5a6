"""OpenRouter: a gateway's own API. Its models, the routes of each to providers, and their prices.

`models` states one price a model, which is that of one of its routes; `models/<id>/endpoints` has
all of them. An id is one endpoint of OpenRouter's here, and a route with another price is an option
of it: see docs/decisions.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.data_policy import ZDR
from catalog.known_providers import OPENROUTER, PROVIDERS, slug_of
from catalog.matching.floating import is_floating
from pricing.rates import StatedRate
from pricing.terms import BASE, Terms
from sources.base import (
    Answer,
    Http,
    Listing,
    Parsed,
    ProviderListing,
    Source,
    StatedFigure,
    WrongShape,
)
from sources.gateway_routes import Routes, read_routes, refuse_broken_pages, routes_path
from sources.reading import (
    FieldReader,
    dated_rows,
    is_upstream_id,
    newest,
    read_rows,
    without_blanks,
)
from sources.stated_figures import FigureReader
from sources.stated_zeros import without_free_text
from sources.upstreams.openrouter.fields import (
    CAPABILITIES,
    MAKES,
    MODALITIES_IN,
    MODEL_FIELDS,
    MODES,
    NO_END,
    NO_MODALITIES,
    PROVIDER_FIELDS,
    ROUTE_FIELDS,
    SAME_MODALITY,
    TAKES,
    TIERS,
    TOKENS_PER_SECOND,
    TTFT,
    UPTIME,
    UPTIMES,
)
from sources.upstreams.openrouter.prices import read_rates, where_different

MODELS = "models?output_modalities=all"
PROVIDERS_PAGE = "providers"
WITHOUT_RETENTION = "endpoints/zdr"
# Each is a request; ten times those of today.
MOST_MODELS = 4000
_COUNTRY = re.compile("[A-Z]{2}")


class OpenRouter(Source):
    slug = "openrouter"
    name = "OpenRouter"
    url = "https://openrouter.ai/api/v1/"
    licence = ""
    key_name = "OPENROUTER_API_KEY"

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        """Get the models, and the routes of each, but for floating ids, which have none."""
        body = http.get(MODELS)
        models = read_rows(body, self.name)
        if len(models) > MOST_MODELS:
            raise WrongShape(f"{self.name} lists {len(models):,} models: not its catalog.")
        ids = (str(model.get("id")) for model in models)
        paths = [routes_path(id_) for id_ in ids if is_upstream_id(id_) and not is_floating(id_)]
        pages = http.get_each([PROVIDERS_PAGE, WITHOUT_RETENTION, *dict.fromkeys(paths)])
        return Answer(as_of=now, pages={MODELS: body, **pages})

    def parse(self, answer: Answer) -> Parsed:
        reading = FieldReader()
        models = read_rows(answer.pages[MODELS], self.name)
        zero_retention = _zero_retention(answer, self.name)
        listings: dict[str, Listing] = {}
        figures: list[StatedFigure] = []
        first: dict[str, Any] = {}
        for model in models:
            upstream_id = model.get("id")
            if not is_upstream_id(upstream_id):
                reading.odd("id")
            elif upstream_id in listings:
                reading.repeats(self.slug, upstream_id, differs=first[upstream_id] != model)
            else:
                first[upstream_id] = model
                reading.row = self.slug, upstream_id
                routes = read_routes(
                    *(answer, model, self.name, reading),
                    named="tag",
                    fields=ROUTE_FIELDS,
                )
                names = {upstream_id, str(model.get("canonical_slug"))}
                without = {tag for name, tag in zero_retention if name in names}
                listings[upstream_id] = _listing(
                    upstream_id, model, routes, without if zero_retention else None, reading
                )
                reading.row = None
                figures += _figures(upstream_id, routes, reading)
        if not listings:
            raise WrongShape(f"{self.name} gave a list without a single model in it.")
        refuse_broken_pages(answer, self.name, reading)
        dates = dated_rows("openrouter", models, ("created",), reading)
        return Parsed(
            source=self.slug,
            as_of=newest(dates.values(), answer.as_of),
            listings=tuple(listings.values()),
            providers=tuple(_providers(answer, self.name, reading)),
            not_expressed=reading.not_expressed,
            figures=tuple(figures),
            unread=reading.unread,
            dates=dates,
        )


def _zero_retention(answer: Answer, name: str) -> set[tuple[str, str]]:
    """The routes on which nothing is kept, by model and tag; empty where the list is not known."""
    page = answer.pages.get(WITHOUT_RETENTION)
    rows = read_rows(page, name) if page else []
    return {(str(row.get("model_id")), str(row.get("tag"))) for row in rows}


def _listing(
    upstream_id: str,
    model: Mapping[str, Any],
    routes: Routes,
    without_retention: Collection[str] | None,
    reading: FieldReader,
) -> Listing:
    stated = without_blanks(model)
    reading.rest(stated, MODEL_FIELDS)
    into, out = _modalities(stated, reading)
    card = _card(stated, into, out, reading)
    cards = {tag: _card(route, into, out, reading) for tag, route in routes.items()}
    usual = next((tag for tag, own in cards.items() if {*own} == {*card}), "")
    top = reading.table(stated, "top_provider")
    ends = reading.day(stated, "expiration_date")
    facts: dict[str, Any] = {
        "name": _name(stated, reading),
        "mode": _mode(out),
        "context_window": reading.tokens(stated, "context_length"),
        "max_input": reading.tokens(routes.get(usual, {}), "max_prompt_tokens"),
        "max_output": reading.tokens(without_blanks(top), "max_completion_tokens"),
        "modalities_in": sorted({MODALITIES_IN.get(way, way) for way in into}),
        "modalities_out": sorted(
            {SAME_MODALITY.get(way, way) for way in out if way not in NO_MODALITIES}
        ),
        "capabilities": _capabilities(stated, card, routes, into, out, reading),
        "parameters": sorted({*reading.words(stated, "supported_parameters", longest=60)}),
        "knowledge_cutoff": reading.day(stated, "knowledge_cutoff"),
        "retired_on": ends if ends and ends < NO_END else None,
        "quantization": _quantization(routes, reading),
        "zdr": _zero_retention_of(routes, without_retention),
    }
    if is_floating(upstream_id):
        facts["leads_to"] = reading.text(reading.table(stated, "alias_target"), "slug")
    facts = without_blanks(facts)
    if facts.get("max_input", 0) > facts.get("context_window", 0):
        reading.odd("max_prompt_tokens")
        del facts["max_input"]
    if "zdr" in facts:
        facts["policy_basis"] = "gateway_agreement"
    return Listing("openrouter", upstream_id, facts, _rates(card, cards, usual, reading))


def _modalities(model: Mapping[str, Any], reading: FieldReader) -> tuple[list[str], list[str]]:
    architecture = reading.table(model, "architecture")
    return (
        reading.words(architecture, "input_modalities", longest=20),
        reading.words(architecture, "output_modalities", longest=20),
    )


def _card(
    priced: Mapping[str, Any], into: Sequence[str], out: Sequence[str], reading: FieldReader
) -> tuple[StatedRate, ...]:
    rates = read_rates(reading.table(priced, "pricing"), reading)
    return without_free_text(rates, into=into or ["text"], out=out or ["text"])


def _rates(
    card: tuple[StatedRate, ...],
    cards: Mapping[str, tuple[StatedRate, ...]],
    usual: str,
    reading: FieldReader,
) -> tuple[StatedRate, ...]:
    """The card of the usual route, its service tiers, and the other routes as options."""
    rates = [*card]
    for tag, own in cards.items():
        stem, _, last = tag.rpartition("/")
        if {*own} == {*card}:
            continue
        if last in TIERS and usual and stem in (usual, usual.removesuffix("/default")):
            rates += where_different(own, card, Terms(tier=last), whole=False)
        else:
            rates += where_different(own, card, Terms(options=(("route", tag),)), whole=True)
    return reading.distinct(rates)


def _name(model: Mapping[str, Any], reading: FieldReader) -> str | None:
    """The name without its creator: "OpenAI: GPT-5.4"."""
    name = reading.text(model, "name")
    return name and (name.partition(": ")[2] or name)


def _mode(out: Sequence[str]) -> str | None:
    return None if "text" in out else next((MODES[way] for way in out if way in MODES), None)


def _capabilities(
    model: Mapping[str, Any],
    card: Sequence[StatedRate],
    routes: Routes,
    into: Sequence[str],
    out: Sequence[str],
    reading: FieldReader,
) -> dict[str, bool]:
    """Stated capabilities; the lists are complete, so what they lack is a stated no."""
    parameters = reading.words(model, "supported_parameters", longest=60)
    stated: dict[str, bool] = {}
    if parameters and _mode(out) is None:
        stated |= {slug: word in parameters for word, slug in CAPABILITIES.items()}
    if into:
        stated |= {slug: way in into for way, slug in TAKES.items()}
    if out:
        made = {SAME_MODALITY.get(way, way) for way in out}
        stated |= {slug: way in made for way, slug in MAKES.items()}
    priced = {rate.meter for rate in card if rate.state == "priced" and rate.terms == BASE}
    if "cache_write" in priced:
        stated["explicit-caching"] = True
    if "web_search" in priced:
        stated["web-search"] = True
    caching = {reading.flag(route, "supports_implicit_caching") for route in routes.values()}
    if caching and None not in caching:
        stated["implicit-caching"] = True in caching
    return stated


def _quantization(routes: Routes, reading: FieldReader) -> str | None:
    """That of all routes, where they have the same."""
    words = {reading.text(route, "quantization", longest=30) for route in routes.values()}
    return words.pop() if len(words) == 1 and "unknown" not in words else None


def _zero_retention_of(routes: Routes, without: Collection[str] | None) -> str | None:
    """Of an endpoint with some routes that keep nothing, what holds at the gateway is stated."""
    if without is None or not routes:
        return None
    kept = [tag for tag in routes if tag not in without]
    return ZDR.DEFAULT.value if not kept else ZDR.NO.value if len(kept) == len(routes) else None


def _figures(upstream_id: str, routes: Routes, reading: FieldReader) -> Iterator[StatedFigure]:
    """What OpenRouter measured of its own traffic at each provider."""
    for tag, route in routes.items():
        at = slug_of(tag.partition("/")[0], OPENROUTER)
        read = FigureReader(reading, "openrouter", upstream_id, at, tag)
        requests = _requests(route, reading)
        for field, window in UPTIMES.items():
            yield from read.uptime(route, field, window, UPTIME)
        latency = reading.table(route, "latency_last_30m")
        yield from read.latency(latency, "30m", TTFT, requests)
        throughput = reading.table(route, "throughput_last_30m")
        yield from read.throughput(throughput, "30m", TOKENS_PER_SECOND, requests)


def _requests(route: Mapping[str, Any], reading: FieldReader) -> int | None:
    workloads = reading.table(route, "perf_last_30m_by_workload")
    rows = (reading.table(workloads, name) for name in workloads)
    counts = [count for row in rows if isinstance(count := row.get("request_count"), int)]
    return sum(counts) if counts else None


def _providers(answer: Answer, name: str, reading: FieldReader) -> Iterator[ProviderListing]:
    """Addresses and seats of providers, also of those that OpenRouter alone lists."""
    page = answer.pages.get(PROVIDERS_PAGE)
    seen: set[str] = set()
    for row in map(without_blanks, read_rows(page, name) if page else []):
        reading.rest(row, PROVIDER_FIELDS, "providers.")
        slug = slug_of(str(row.get("slug")), OPENROUTER)
        if slug not in PROVIDERS or slug in seen:
            continue
        seen.add(slug)
        country = reading.text(row, "headquarters", longest=2)
        facts = {
            "privacy_url": reading.address(row, "privacy_policy_url"),
            "terms_url": reading.address(row, "terms_of_service_url"),
            "status_url": reading.address(row, "status_page_url"),
            "headquarters": country if country and _COUNTRY.fullmatch(country) else None,
        }
        if stated := without_blanks(facts):
            yield ProviderListing(slug, stated)
