"""Public pages out of the real catalog, computed anew and kept, as multiples of the floor."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from bench.place import serving_ours, serving_ours_and_floor
from bench.report import ReportLine, at_most
from bench.traffic import (
    REQUESTS,
    WARM_UP,
    record,
    times_anew,
    times_kept,
    times_not_modified,
)

LIST = "/"
MODEL = "/models/openai/o4-mini/"
PROVIDER = "/providers/openai/"
CREATOR = "/creators/openai/"
EXPLORE = "/explore/"
CHANGES = "/changes/"
ATOM = "/changes/feed.atom"
COMPARISON = "/compare/?m=openai/o4-mini&m=anthropic/claude-sonnet-4"
KEPT = {
    "the model list": LIST,
    "openai/o4-mini": MODEL,
    "openai as a provider": PROVIDER,
    "openai as a creator": CREATOR,
    "the drawing of prices and ratings": EXPLORE,
    "a comparison of two models": COMPARISON,
    "what changed": CHANGES,
    "what changed, as Atom": ATOM,
}
ANEW_LIMIT = 6
# Two drawings of 200 points, for wide and for narrow screens, and a table of all of them.
DRAWING_LIMIT = 20
KEPT_LIMIT = 1.3


def measure(home: Path) -> Iterator[ReportLine]:
    busiest, endpoints, pages = _facts()
    slugs = _models(WARM_UP + REQUESTS)
    pairs = _models(2 * (WARM_UP + REQUESTS))
    comparisons = [
        f"/compare/?m={one}&m={other}" for one, other in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    providers = [f"/providers/{slug}/" for slug in _providers(WARM_UP + REQUESTS)]
    models = [f"/models/{slug}/" for slug in slugs]
    searches = [f"/?q={slug.partition('/')[2]}" for slug in slugs]
    prices = [f"/?input_max=0.{n + 100}" for n in range(WARM_UP + REQUESTS)]
    anew = {
        "the model list": [LIST],
        "the model list, all its pages in turn": [f"/?page={n}" for n in range(1, pages + 1)],
        "the list by input price": ["/?sort=input"],
        "the list of a search for two words": ["/?q=claude+azure"],
        "searches not made before": searches,
        "lists up to a price not used before": prices,
        "suggestions for a word": ["/suggest/?q=claude"],
        "suggestions for words that are filters": ["/suggest/?q=vision+%3C%241+200k+eu"],
        "the whole list, nothing folded": ["/?all=1"],
        "the list by rating in one category": ["/?sort=rating&board=coding"],
        "the list of any provider by input price": ["/?via=any&sort=input"],
        "the list of clouds and hosts in the EU": ["/?kind=cloud&kind=inference-host&region=eu"],
        "the list up to an input price": ["/?input_max=1"],
        "the list up to an input and an output price": ["/?input_max=1&output_max=4"],
        "the same at any provider": ["/?input_max=1&output_max=4&via=any"],
        "one provider's list up to an input price": ["/?provider=openrouter&input_max=1"],
        "one provider's list by input price": ["/?provider=openrouter&sort=input"],
        "three pages of the list as one": ["/?from=1&page=3"],
        "three pages up to an input price as one": ["/?input_max=1&from=1&page=3"],
        "models not requested before": models,
        "openai/o4-mini": [MODEL],
        "the drawing of prices and ratings": [EXPLORE],
        "the drawing by rating in one category": ["/explore/?board=coding&capability=vision"],
        "comparisons not requested before": comparisons,
        "a comparison of two models": [COMPARISON],
        "the provider list": ["/providers/"],
        "providers not requested before": providers,
        "openai as a provider": [PROVIDER],
        "openrouter as a provider, by input price": ["/providers/openrouter/?sort=input"],
        "openai as a creator": [CREATOR],
        f"{busiest}, {endpoints} endpoints": [f"/models/{busiest}/"],
        "what changed": [CHANGES],
        "what changed, at one provider after another": [
            f"{CHANGES}?provider={path.split('/')[2]}" for path in providers
        ],
        "changed prices, all pages in turn": [
            f"{CHANGES}?kind=price&page={n}" for n in range(1, 7)
        ],
        "what changed, as Atom": [ATOM],
        "what changed, as JSON": ["/changes/feed.json"],
    }
    with serving_ours() as port:
        for paths in anew.values():
            record(port, home, paths)
    with serving_ours_and_floor() as (ours, floor):
        for what, paths in anew.items():
            times = times_anew(ours, floor, paths)
            limit = DRAWING_LIMIT if "drawing" in what else ANEW_LIMIT
            yield at_most(f"anew: {what}", times.ours, times.floor, limit, name="floor")
        for what, path in KEPT.items():
            times = times_kept(ours, floor, path)
            yield at_most(f"kept: {what}", times.ours, times.floor, KEPT_LIMIT, name="floor")
            times = times_not_modified(ours, floor, path)
            yield at_most(f"304: {what}", times.ours, times.floor, KEPT_LIMIT, name="floor")


def _facts() -> tuple[str, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, count(*),"
            " (SELECT count(*) FROM catalog_model WHERE provider_count > 0)"
            " FROM catalog_model JOIN catalog_endpoint ON model_id = catalog_model.id"
            " GROUP BY slug ORDER BY 2 DESC, 1 LIMIT 1"
        )
        slug, endpoints, models = cursor.fetchone()
        return slug, endpoints, -(-models // 50)


def _models(most: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug FROM catalog_model WHERE provider_count > 0 ORDER BY md5(slug) LIMIT %s",
            [most],
        )
        return [slug for (slug,) in cursor.fetchall()]


def _providers(most: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug FROM catalog_provider WHERE EXISTS ("
            " SELECT FROM catalog_endpoint WHERE provider_id = catalog_provider.id"
            ") ORDER BY md5(slug) LIMIT %s",
            [most],
        )
        return [slug for (slug,) in cursor.fetchall()]
