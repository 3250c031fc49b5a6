"""Hugging Face's router: open models, and the providers that serve each through it.

`openai/gpt-oss-120b:groq` is an id that the router takes, and so an endpoint. It takes
`openai/gpt-oss-120b` too, and chooses the provider: that one has a price where all have the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.known_providers import OTHER_NAMES, slug_of
from pricing.rates import StatedRate
from sources.base import Answer, Http, Listing, Parsed, Source, StatedFigure, WrongShape
from sources.reading import (
    FieldReader,
    dated_rows,
    is_upstream_id,
    newest,
    read_rows,
    without_blanks,
)
from sources.stated_figures import FigureReader
from sources.upstreams.huggingface.fields import (
    CAPABILITIES,
    LIVE,
    MAKES,
    METERS,
    MODEL_FIELDS,
    ROUTE_FIELDS,
    TAKES,
    TOKENS_PER_SECOND,
    TTFT,
)

MODELS = "models"


class HuggingFace(Source):
    slug = "huggingface"
    name = "Hugging Face router"
    url = "https://router.huggingface.co/v1/"
    licence = ""

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        return Answer(as_of=now, pages={MODELS: http.get(MODELS)})

    def parse(self, answer: Answer) -> Parsed:
        reading = FieldReader()
        models = read_rows(answer.pages[MODELS], self.name)
        listings: dict[str, Listing] = {}
        figures: list[StatedFigure] = []
        for model in models:
            reading.rest(model, MODEL_FIELDS)
            upstream_id = model.get("id")
            if not is_upstream_id(upstream_id) or not is_upstream_id(f"{upstream_id}:{'x' * 30}"):
                reading.odd("id")
                continue
            routes = _routes(model, reading)
            for listing in _listings(upstream_id, model, routes, reading):
                if listing.upstream_id in listings:
                    differs = listings[listing.upstream_id] != listing
                    reading.repeats(self.slug, listing.upstream_id, differs=differs)
                listings.setdefault(listing.upstream_id, listing)
            reading.row = None
            figures += _figures(upstream_id, routes, reading)
        if not listings:
            raise WrongShape(f"{self.name} gave a list without a single model in it.")
        dates = dated_rows("huggingface", models, ("created",), reading)
        return Parsed(
            source=self.slug,
            as_of=newest(dates.values(), answer.as_of),
            listings=tuple(listings.values()),
            not_expressed=reading.not_expressed,
            figures=tuple(figures),
            unread=reading.unread,
            dates=dates,
        )


def _routes(model: Mapping[str, Any], reading: FieldReader) -> dict[str, dict[str, Any]]:
    """Those that serve, by the router's name of the provider."""
    routes: dict[str, dict[str, Any]] = {}
    for row in map(without_blanks, reading.tables(model, "providers")):
        reading.rest(row, ROUTE_FIELDS, "providers.")
        provider = reading.text(row, "provider", longest=30)
        if not provider or provider in routes:
            reading.odd("provider")
        elif row.get("status", LIVE) != LIVE:
            reading.miss("route that is not live")
        else:
            routes[provider] = row
    return routes


def _listings(
    upstream_id: str,
    model: Mapping[str, Any],
    routes: Mapping[str, Mapping[str, Any]],
    reading: FieldReader,
) -> Iterator[Listing]:
    architecture = reading.table(model, "architecture")
    into, out = (
        reading.words(architecture, f"{way}_modalities", longest=20) for way in ("input", "output")
    )
    listed: list[Listing] = []
    for provider, route in routes.items():
        abilities = {slug: reading.flag(route, field) for field, slug in CAPABILITIES.items()}
        facts = {
            "context_window": reading.tokens(route, "context_length"),
            "modalities_in": sorted({*into}),
            "modalities_out": sorted({*out}),
            "capabilities": _by_modality(into, out) | without_blanks(abilities),
        }
        reading.row = "huggingface", f"{upstream_id}:{provider}"
        rates = _rates(route, reading)
        if reason := reading.unread.get(reading.row):
            reading.unread.setdefault(("huggingface", upstream_id), reason)
        listed.append(
            Listing("huggingface", f"{upstream_id}:{provider}", without_blanks(facts), rates)
        )
    if listed:
        cards = {frozenset(listing.rates) for listing in listed}
        capabilities = _any_has([listing.facts.get("capabilities", {}) for listing in listed])
        windows = [listing.facts.get("context_window", 0) for listing in listed]
        facts = {
            **listed[0].facts,
            "context_window": max(windows) or None,
            "capabilities": capabilities,
        }
        yield replace(
            listed[0],
            upstream_id=upstream_id,
            facts=without_blanks(facts),
            rates=listed[0].rates if len(cards) == 1 else (),
        )
    yield from listed


def _by_modality(into: Sequence[str], out: Sequence[str]) -> dict[str, bool]:
    takes = {slug: way in into for way, slug in TAKES.items()} if into else {}
    makes = {slug: way in out for way, slug in MAKES.items()} if out else {}
    return takes | makes


def _any_has(stated: Sequence[Mapping[str, bool]]) -> dict[str, bool]:
    """A capability that any route has: the router finds a provider that has what is asked for."""
    slugs = dict.fromkeys(slug for capabilities in stated for slug in capabilities)
    return {slug: any(capabilities.get(slug) for capabilities in stated) for slug in slugs}


def _rates(route: Mapping[str, Any], reading: FieldReader) -> tuple[StatedRate, ...]:
    pricing = without_blanks(reading.table(route, "pricing"))
    reading.rest(pricing, METERS, "pricing.")
    rates = [reading.rate(pricing, field, meter) for field, meter in METERS.items()]
    stated = [rate for rate in rates if rate]
    if not stated and reading.flag(route, "is_free"):
        return tuple(StatedRate(meter, Decimal(0), "free") for meter in METERS.values())
    if all(rate.state == "free" for rate in stated) and not reading.flag(route, "is_free"):
        # Zeros of a route that is not free are prices that are not known.
        return tuple(replace(rate, amount=None, state="unknown") for rate in stated)
    return reading.distinct(stated)


def _figures(
    upstream_id: str, routes: Mapping[str, Mapping[str, Any]], reading: FieldReader
) -> Iterator[StatedFigure]:
    for provider, route in routes.items():
        at = slug_of(provider, OTHER_NAMES)
        read = FigureReader(reading, "huggingface", f"{upstream_id}:{provider}", at, provider)
        yield from read.latency({"": route.get("first_token_latency_ms")}, "", TTFT)
        yield from read.throughput({"": route.get("throughput")}, "", TOKENS_PER_SECOND)
