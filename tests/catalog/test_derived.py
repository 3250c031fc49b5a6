"""What the list of models searches in."""

import pytest

from catalog.derived import summarise_models
from catalog.models import Alias, Endpoint, Model, Provider
from catalog.provider_kinds import ProviderKind
from tests.factories import found_by, make_creator, make_endpoint, make_model, make_provider

pytestmark = pytest.mark.django_db


def test_providers_are_counted_once_however_many_endpoints_they_have():
    model = make_model()
    for upstream_id in ("o4-mini", "o4-mini-2025-04-16"):
        make_endpoint(model, make_provider("openai"), upstream_id=upstream_id)
    make_endpoint(model, make_provider("azure"))
    summarise_models()
    model.refresh_from_db()
    assert model.provider_count == 2


def test_a_model_without_endpoints_is_not_listed_and_can_be_found_by():
    make_model()
    summarise_models()
    assert not Model.objects.listed().exists()
    assert found_by("o4") == ["openai/o4-mini"]


def test_a_model_that_lost_its_endpoints_is_no_longer_listed():
    model = make_model()
    endpoint = make_endpoint(model)
    summarise_models()
    assert Model.objects.listed().exists()
    endpoint.delete()
    assert summarise_models() == 1
    assert not Model.objects.listed().exists()


@pytest.fixture
def model() -> Model:
    creator = make_creator("openai", name="OpenAI Inc.")
    model = make_model(
        "openai/gpt-4.1-mini", creator=creator, name="GPT-4.1 (mini)", family="gpt-mini"
    )
    azure = make_provider("azure-east", name="Azure, by Microsoft")
    make_endpoint(model, azure, upstream_id="eu/gpt-41-mini_2025@preview")
    Alias.objects.create(spelling="fast-one", model=model, by_editor=True)
    Alias.objects.create(spelling="seeded-spelling", model=model)
    summarise_models()
    return model


@pytest.mark.parametrize(
    "words",
    [
        "gpt-4.1",
        "GPT 4.1 MINI",
        "mini gpt",
        "openai",
        "inc.",
        "gpt_mini",
        "azure-east",
        "microsoft",
        "eu/gpt-41",
        "2025@preview",
        "(mini)",
        "fast-one",
        "one fast",
        "4.1 azure",
        "gpt4.1",
        "gpt41 mini",
        "GPT41MINI",
        "gpt4.1mini azure",
        "",
        "\0",
        " - ",
        "gpt%mini",
    ],
)
def test_a_model_is_found_by_what_it_is_called_by_whom_and_where(model, words):
    assert found_by(words) == [model.slug]


@pytest.mark.parametrize(
    "words", ["gpt 6", "bedrock", "seeded-spelling", "%", "gpt41large", "openaigpt", "\\"]
)
def test_a_model_is_not_found_by_anything_else(model, words):
    assert found_by(words) == []


def test_letters_of_other_scripts_are_lowered_as_a_search_is(model):
    other = make_model("openai/big", name="ÉTOILE ДА")
    summarise_models()
    assert found_by("étoile") == found_by("ÉTOILE") == found_by("да") == [other.slug]


def test_summarising_again_changes_nothing(model):
    assert summarise_models() == 0


def test_only_what_changed_is_written(model):
    make_model("openai/other")
    assert summarise_models() == 1
    Model.objects.filter(id=model.id).update(name="Renamed")
    assert summarise_models() == 1
    assert found_by("renamed") == [model.slug]


def test_the_first_providers_are_makers_then_who_runs_models_and_follow_a_new_name():
    model = make_model()
    for slug, name, kind in (
        ("router", "A router", ProviderKind.GATEWAY),
        ("host", "Host", ProviderKind.INFERENCE_HOST),
        ("cloud", "Cloud", ProviderKind.CLOUD),
        ("maker", "Maker", ProviderKind.FIRST_PARTY),
    ):
        make_endpoint(model, make_provider(slug, name=name, kind=kind))
    make_endpoint(model, make_provider("maker"), upstream_id="another")
    summarise_models()
    model.refresh_from_db()
    assert model.first_providers == [["maker", "Maker"], ["cloud", "Cloud"], ["host", "Host"]]
    Provider.objects.filter(slug="host").update(name="Best host")
    assert summarise_models() == 1
    model.refresh_from_db()
    assert model.first_providers == [["maker", "Maker"], ["host", "Best host"], ["cloud", "Cloud"]]
    Endpoint.objects.all().delete()
    summarise_models()
    model.refresh_from_db()
    assert model.first_providers == []
