"""The place of the banner of old prices on a page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Source
from tests.factories import make_model, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [360, 1300])
def test_it_moves_the_page_down_by_its_lines_alone(browser, live_server, width):
    sell(make_model(), input="1")
    summarise()
    Source.objects.update(fetched_at=timezone.now() - timedelta(days=5))
    browser.set_window_size(width, 900)
    browser.get(f"{live_server.url}/models/")
    height = "return document.querySelector(arguments[0]).getBoundingClientRect().height"
    banner, text = (browser.execute_script(height, part) for part in (".stale", ".stale p"))
    assert 0 < banner - text <= 24
