from datetime import UTC, datetime

import pytest

from catalog.models import Model
from tests.factories import make_model, sell, summarise
from web.reads.creator_models import read_creator_models

pytestmark = pytest.mark.django_db


def test_a_model_is_in_use_by_the_day_that_is_given():
    model = make_model("openai/o4-mini")
    sell(make_model("openai/o3"), input="1")
    summarise()
    Model.objects.filter(slug="openai/o3").update(ends_on="2999-01-01")

    def others(year):
        now = datetime(year, 6, 1, tzinfo=UTC)
        return [other.slug for other in read_creator_models(model.creator_id, now).sold]

    assert others(2998) == ["openai/o3"]
    assert others(2999) == []
