"""What is best about models of the snapshot, as the lists show it that are linked."""

from datetime import date

import pytest
from django.http import QueryDict

from catalog.models import Model
from web.params.models import ModelFilters
from web.reads.found_models import find_models
from web.reads.rated_models import rated_models
from web.text.peers import peers

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

TODAY = date(2026, 11, 30)
RATED = (
    *("google/gemini-3.8-flash", "anthropic/claude-opus-5.5", "openai/gpt-oss-120b"),
    *("moonshotai/kimi-k3", "deepseek/deepseek-v3.2", "openai/gpt-5.5"),
)


def test_each_place_is_that_of_the_linked_list() -> None:
    models, checked = rated_models(), 0
    for slug in RATED:
        own = Model.objects.get(slug=slug)
        found = peers(own.pk, models)
        assert found is not None
        places = [category.place for category in found.categories[:4]]
        places += [place for _, place in found.able[:2]]
        places += [place for place in (found.cheapest, found.longest) if place]
        for place in places:
            filters = ModelFilters.from_query(QueryDict(place.query))
            assert filters.complaints == ()
            listed = find_models(filters, TODAY, 0, 60)
            assert listed.total == place.among, place.query
            # Equals are in the order Top.
            assert own.pk in listed.ids[: place.place + 5], place.query
            assert place.place > 3 or own.pk in listed.ids[: place.place + 2]
            checked += 1
    assert checked > 10
