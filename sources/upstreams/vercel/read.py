"""Vercel's AI Gateway: its models, and the routes of each to providers with live figures.

`models` states the prices of a model; `models/<id>/endpoints` those by way of each provider. An id
is one endpoint, and a route with another price an option of it: see docs/decisions.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.known_providers import VERCEL, slug_of
from pricing.rates import StatedRate
from pricing.terms import BASE
from sources.base import Answer, Http, Listing, Parsed, Source, StatedFigure, WrongShape
from sources.gateway_routes import Routes, read_routes, refuse_broken_pages, routes_path
from sources.reading import (
    FieldReader,
    dated_rows,
    is_upstream_id,
    newest,
    read_rows,
    without_blanks,
    without_odd_zeros,
)
from sources.stated_figures import FigureReader
from sources.stated_zeros import without_free_text, without_unstated_zeros
from sources.upstreams.vercel.fields import (
    MAKES,
    MODEL_FIELDS,
    MODES,
    NO_MODALITIES,
    REASONING_PARAMETERS,
    ROUTE_FIELDS,
    TAGS,
    TAKES,
    TOKENS_PER_SECOND,
    TTFT,
    UPTIME,
    UPTIMES,
)
from sources.upstreams.vercel.prices import by_route, read_card, read_route

MODELS = "models"
# Each is a request; ten times those of today.
MOST_MODELS = 4000


class Vercel(Source):
    slug = "vercel"
    name = "Vercel AI Gateway"
    url = "https://ai-gateway.vercel.sh/v1/"
    licence = ""

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        body = http.get(MODELS)
        models = read_rows(body, self.name)
        if len(models) > MOST_MODELS:
            raise WrongShape(f"{self.name} lists {len(models):,} models: not its catalog.")
        ids = (str(model.get("id")) for model in models)
        paths = dict.fromkeys(routes_path(id_) for id_ in ids if is_upstream_id(id_))
        return Answer(as_of=now, pages={MODELS: body, **http.get_each([*paths])})

    def parse(self, answer: Answer) -> Parsed:
        reading = FieldReader()
        models = read_rows(answer.pages[MODELS], self.name)
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
                    named="provider_name",
                    fields=ROUTE_FIELDS,
                )
                listings[upstream_id] = _listing(upstream_id, model, routes, reading)
                reading.row = None
                figures += _figures(upstream_id, routes, reading)
        if not listings:
            raise WrongShape(f"{self.name} gave a list without a single model in it.")
        refuse_broken_pages(answer, self.name, reading)
        dates = dated_rows("vercel", models, ("created", "released"), reading)
        stated = without_odd_zeros([*listings.values()], reading)
        return Parsed(
            source=self.slug,
            as_of=newest(dates.values(), answer.as_of),
            listings=without_unstated_zeros(stated, trust_direct=False),
            not_expressed=reading.not_expressed,
            figures=tuple(figures),
            unread=reading.unread,
            dates=dates,
        )


def _listing(
    upstream_id: str, model: Mapping[str, Any], routes: Routes, reading: FieldReader
) -> Listing:
    stated = without_blanks(model)
    reading.rest(stated, MODEL_FIELDS)
    kind = reading.text(stated, "type", longest=30) or ""
    modalities = reading.table(stated, "modalities")
    into, out = (reading.words(modalities, way, longest=20) for way in ("input", "output"))
    if kind in NO_MODALITIES:
        out = []
    card = without_free_text(
        read_card(reading.table(stated, "pricing"), reading),
        into=into or ["text"],
        out=out or ["text"],
    )
    rates = [*card]
    for name, route in routes.items():
        rates += by_route(read_route(reading.table(route, "pricing"), reading), card, name)
    released = reading.instant(stated, "released")
    deprecated = reading.instant(stated, "deprecated_at", per_second=1000)
    quantizations = {reading.text(route, "quantization", longest=30) for route in routes.values()}
    facts: dict[str, Any] = {
        "name": reading.text(stated, "name"),
        "mode": MODES.get(kind),
        "context_window": reading.tokens(stated, "context_window"),
        "max_output": reading.tokens(stated, "max_tokens"),
        "modalities_in": sorted({*into}),
        "modalities_out": sorted({*out}),
        "capabilities": _capabilities(stated, card, into, out, reading),
        "parameters": _parameters(stated, reading),
        "knowledge_cutoff": reading.day(stated, "knowledge"),
        "released": released and released.date().isoformat(),
        "deprecated_on": deprecated and deprecated.date().isoformat(),
        "quantization": quantizations.pop() if len(quantizations) == 1 else None,
        # Whether a request may demand it; that it may is what holds at the gateway.
        "zdr": "no" if reading.flag(stated, "zdr") is False else None,
        "training": "no" if reading.flag(stated, "no_training") else None,
    }
    facts = without_blanks(facts)
    if facts.keys() & {"zdr", "training"}:
        facts["policy_basis"] = "gateway_agreement"
    return Listing("vercel", upstream_id, facts, reading.distinct(rates))


def _capabilities(
    model: Mapping[str, Any],
    card: Sequence[StatedRate],
    into: Sequence[str],
    out: Sequence[str],
    reading: FieldReader,
) -> dict[str, bool]:
    """Lists of modalities are complete; a tag that is not there states nothing."""
    stated = {slug: way in into for way, slug in TAKES.items()} if into else {}
    stated |= {slug: way in out for way, slug in MAKES.items()} if out else {}
    for tag in reading.words(model, "tags", longest=50):
        if tag in TAGS:
            stated[tag] = True
        else:
            reading.miss(f"tag {tag}")
    if any(rate.meter == "cache_write" and rate.terms == BASE for rate in card):
        stated["explicit-caching"] = True
    return stated


def _parameters(model: Mapping[str, Any], reading: FieldReader) -> list[str]:
    parameters = {*reading.words(model, "supported_parameters", longest=60)}
    if reading.flag(model, "temperature"):
        parameters.add("temperature")
    for option in reading.tables(model, "reasoning_options"):
        if parameter := REASONING_PARAMETERS.get(str(option.get("type"))):
            parameters.add(parameter)
        else:
            reading.odd("reasoning_options")
    return sorted(parameters)


def _figures(upstream_id: str, routes: Routes, reading: FieldReader) -> Iterator[StatedFigure]:
    """What Vercel measured of its own traffic at each provider."""
    for name, route in routes.items():
        read = FigureReader(reading, "vercel", upstream_id, slug_of(name, VERCEL), name)
        for field, window in UPTIMES.items():
            yield from read.uptime(route, field, window, UPTIME)
        yield from read.latency(reading.table(route, "latency_last_1h"), "1h", TTFT)
        throughput = reading.table(route, "throughput_last_1h")
        yield from read.throughput(throughput, "1h", TOKENS_PER_SECOND)
