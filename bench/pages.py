"""The pages as a visitor gets them: through the real server, out of the real catalog, no page
remembered.

What a model's page is made of is kept until something is written, as in use: `models that nobody
has looked at yet` is the same without.
"""

import sys
from collections.abc import Iterator

from django.db import connection

from bench.place import manage, serving
from bench.report import Line, at_most
from bench.traffic import median_ms

OURS = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
    *(
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--no-ws",
    ),
)
LIST = ["/"]
MODEL = ["/models/openai/o4-mini/"]
LIMIT_MS = 12


def measure() -> Iterator[Line]:
    manage("collectstatic", "--noinput", "--verbosity", "0")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does within minutes of a load
    busiest, doors, pages = _facts()
    unseen = _models(170)
    every_page = [f"/?page={n}" for n in range(1, pages + 1)]
    asked = {
        "the model list": LIST,
        "the model list, all its pages in turn": every_page,
        "the list by input price": ["/?sort=input"],
        "the list of a search for two words": ["/?q=claude+azure"],
        "the list with plans": ["/?plans=1"],
        "the list with plans, by input price": ["/?plans=1&sort=input"],
        "the list up to an input price": ["/?input_max=1"],
        "the list up to an input and an output price": ["/?input_max=1&output_max=4"],
        "the same with plans": ["/?input_max=1&output_max=4&plans=1"],
        "the list of one provider up to an input price": ["/?provider=openrouter&input_max=1"],
        "the list of one provider by input price": ["/?provider=openrouter&sort=input"],
        "three pages of the list as one": ["/?from=1&page=3"],
        "three pages up to an input price as one": ["/?input_max=1&from=1&page=3"],
        "models that nobody has looked at yet": [f"/models/{slug}/" for slug in unseen],
        "openai/o4-mini": MODEL,
        "the provider list": ["/providers/"],
        "openai as a provider": ["/providers/openai/"],
        "openrouter as a provider, by input price": ["/providers/openrouter/?sort=input"],
        "openai as a creator": ["/creators/openai/"],
        f"{busiest}, {doors} endpoints": [f"/models/{busiest}/"],
    }
    with serving(*OURS, path="/readyz") as port:
        for what, paths in asked.items():
            yield at_most(f"pages: {what}, p50", median_ms(port, paths), LIMIT_MS, "ms")


def _facts() -> tuple[str, int, int]:
    """The model with the most endpoints, their number, and how many pages the list has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, count(*), (SELECT count(*) FROM catalog_model WHERE provider_count > 0)"
            " FROM catalog_model JOIN catalog_endpoint ON model_id = catalog_model.id"
            " GROUP BY slug ORDER BY 2 DESC, 1 LIMIT 1"
        )
        slug, doors, models = cursor.fetchone()
        return slug, doors, -(-models // 50)


def _models(most: int) -> list[str]:
    """Models of all kinds, in an order that is always the same and means nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug FROM catalog_model WHERE provider_count > 0 ORDER BY md5(slug) LIMIT %s",
            [most],
        )
        return [slug for (slug,) in cursor.fetchall()]
