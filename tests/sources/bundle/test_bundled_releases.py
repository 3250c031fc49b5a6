"""Release dates in the bundled catalog."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from catalog.models import Endpoint, Model, ModelClaims
from pricing.models import Rate
from sources.rules import joined_model_rules
from sources.upstreams.curated.read import Curated

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

LARGE = 12
# Six months before the data's newest date.
RECENT = datetime(2026, 5, 20, tzinfo=UTC)


def test_few_models_have_no_release_date() -> None:
    assert Model.objects.listed().filter(released="", floating=False).count() <= 370


def test_the_newest_models_of_large_creators_that_a_source_dates_have_their_date() -> None:
    counts = Counter(Endpoint.objects.values_list("model__creator__slug", flat=True))
    large = {creator for creator, _ in counts.most_common(LARGE)}
    of_large = Model.objects.listed().filter(creator__slug__in=large, floating=False)
    recent = of_large.filter(released__gte=RECENT.date().isoformat())
    assert recent.count() > 100
    # A price on record before is that of an older model.
    old = Rate.objects.filter(valid_from__lt=RECENT).values("endpoint__model")
    newest = of_large.filter(released="")
    assert newest.exclude(id__in=old).count() <= 80


def test_a_date_in_an_id_is_the_date_of_a_model_without_another() -> None:
    dates = dict(Model.objects.values_list("slug", "released"))
    assert dates["mistral/mistral-ocr-2512"] == "2025-12"
    assert dates["alibaba/qwen3.7-max-2026-05-20"] == "2026-05-20"
    assert dates["openai/gpt-4"].startswith("2023-03")


def test_every_curated_row_covers_a_model() -> None:
    answer = Curated().parse(Curated().answer(now=timezone.now()))
    slugs = set(Model.objects.values_list("slug", flat=True))
    dead = [rule.models for rule in answer.models if not joined_model_rules([rule], slugs)]
    assert dead == []
    assert ModelClaims.objects.count() > 100
