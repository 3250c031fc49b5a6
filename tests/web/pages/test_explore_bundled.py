"""The drawing of the bundled catalog."""

import gzip
import re
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from web.charts.labels import LONGEST
from web.pages.explore import MOST, explore_page
from web.params.explore import ExploreQuery
from web.params.models import ModelFilters
from web.reads.found_models import find_models

pytestmark = pytest.mark.django_db

BIGGEST = 60_000


@pytest.fixture(autouse=True)
def catalog(bundled_catalog):
    """The bundled catalog."""


def read(**filters):
    asked = ExploreQuery(filters=ModelFilters(**filters))
    return explore_page(asked, timezone.now().date())


def test_the_first_view_is_small_and_names_the_best(client):
    response = client.get("/explore/")
    assert len(gzip.compress(response.content, 4)) <= BIGGEST
    html = response.content.decode()
    page = read()
    assert 150 < page.drawn <= MOST
    assert len(page.rows) == page.drawn
    for css, least in (("wide", 20), ("narrow", 2)):
        svg = re.search(rf'<svg class="scatter {css}".*?</svg>', html, re.S).group()
        tree = ElementTree.fromstring(svg)
        assert len(list(tree.iter("a"))) == page.drawn
        names = [text.text for text in tree.iter("text") if text.get("aria-hidden")]
        assert least <= len(names) == len(set(names))
        best = max(page.rows, key=lambda row: row.value)
        assert best.of.name[: LONGEST - 1] in " ".join(names)


def test_nothing_beats_what_is_on_the_line_and_something_all_the_rest():
    rows = read().rows
    best = [row for row in rows if row.best]
    assert len(best) >= 3
    for row in rows:
        beaten = any(
            other.price <= row.price
            and other.value >= row.value
            and (other.price, other.value) != (row.price, row.value)
            for other in rows
        )
        assert beaten != row.best, row.of.slug


def test_every_model_is_one_of_the_lists_at_the_lists_endpoint():
    today = timezone.now().date()
    for filters in ({}, {"kind": ("cloud",)}, {"via": "any", "open_weights": True}):
        page = read(**filters)
        found = find_models(ModelFilters(**filters), today, 0, 100_000)
        assert page.matched == found.total
        assert {row.of.endpoint_id for row in page.rows} <= {key.endpoint_id for key in found.keys}


def test_every_board_has_a_drawing(client):
    boards = read().boards
    assert list(boards)[:4] == ["text", "vision", "webdev", "document"]
    assert len(boards) >= 20
    for board in ("vision", "webdev", "document", "coding", "japanese"):
        page = read(board=board)
        assert page.drawn > 10, board
        assert page.sources[0].name == "Arena leaderboard"
