"""Unmatched names: recorded by refreshes, decided by editors, and kept decided."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Alias, Endpoint, Model, Relink
from sources.models import UnmatchedName
from sources.refresh import refresh
from sources.registry import SOURCES
from sources.unmatched_names import NameRefused, confirm_model, make_alias
from tests.sources.server import Server
from tests.sources.test_held_answers import serve

pytestmark = pytest.mark.django_db

WHY = "As in the provider's documentation."


def answer(**ids: list[str]) -> Any:
    """An answer of models.dev with these ids by provider."""
    return {
        provider: {
            "id": provider,
            "name": provider,
            "models": {
                id_: {"id": id_, "name": id_.title(), "cost": {"input": 1, "output": 4}}
                for id_ in listed
            },
        }
        for provider, listed in ids.items()
    }


FIRST = {"openai": ["gpt-5.4"], "poe": ["gpt-5.4", "celeris-1"], "ollama": ["aplomb-2"]}


def run(upstream: Server, **ids: list[str]) -> None:
    serve(upstream, answer(**ids))
    refresh(SOURCES["models-dev"], now=timezone.now())


def names() -> dict[str, str]:
    return {
        f"{name.endpoint.upstream_id} at {name.endpoint.provider.slug}": name.state
        for name in UnmatchedName.objects.select_related("endpoint__provider")
    }


def name_of(upstream_id: str, **of: str) -> UnmatchedName:
    return UnmatchedName.objects.get(endpoint__upstream_id=upstream_id, **of)


@pytest.fixture
def decided(upstream: Server) -> dict[str, Any]:
    run(upstream, **FIRST)
    return {"by": User.objects.create_user("ada"), "why": WHY, "now": timezone.now()}


def test_a_refresh_records_unmatched_names_until_another_listing_matches_them(upstream, decided):
    assert names() == {"celeris-1 at poe": "waiting", "aplomb-2 at ollama": "waiting"}
    name = name_of("celeris-1")
    assert (name.source.slug, name.name) == ("models-dev", "Celeris-1")
    assert (name.made, name.doubt) == ("unknown/celeris-1", "no_creator")
    assert name.first_seen == name.endpoint.first_seen
    run(upstream, **FIRST | {"groq": ["celeris-1"]})
    assert names() == {"celeris-1 at poe": "matched", "aplomb-2 at ollama": "waiting"}
    assert name_of("celeris-1").decided_at is not None


def test_an_alias_moves_the_endpoint_for_good(upstream, decided):
    model = Model.objects.get(slug="openai/gpt-5.4")
    make_alias(name_of("celeris-1"), model, **decided)
    name = name_of("celeris-1")
    assert (name.state, name.alias_of, name.why) == ("alias", model, WHY)
    endpoint = name.endpoint
    assert (endpoint.model, endpoint.linked_by) == (model, "editor")
    assert Relink.objects.get().endpoint == endpoint
    assert not Model.objects.filter(slug="unknown/celeris-1").exists()
    aliases = Alias.objects.filter(model=model).values_list("spelling", "by_editor")
    assert {*aliases} == {("celeris-1", True), ("unknown/celeris-1", False)}
    model.refresh_from_db()
    assert model.provider_count == 2
    run(upstream, **FIRST | {"groq": ["celeris-1", "other-3"]})
    assert names() == {
        "celeris-1 at poe": "alias",
        "aplomb-2 at ollama": "waiting",
        "other-3 at groq": "waiting",
    }
    listed = Endpoint.objects.filter(upstream_id="celeris-1").values_list("model__slug", flat=True)
    assert [*listed] == ["openai/gpt-5.4"] * 2
    with pytest.raises(NameRefused, match=r"linked to openai/gpt-5\.4 already"):
        make_alias(name_of("celeris-1"), model, **decided)


def test_a_new_model_is_confirmed_for_good(upstream, decided):
    confirm_model(name_of("celeris-1"), **decided)
    run(upstream, **FIRST | {"groq": ["celeris-1"]})
    assert names() == {"celeris-1 at poe": "new_model", "aplomb-2 at ollama": "waiting"}
    model = Model.objects.get(slug="unknown/celeris-1")
    assert model.endpoints.count() == 2
    with pytest.raises(NameRefused, match="needs a reason"):
        confirm_model(name_of("aplomb-2"), **decided | {"why": " "})


def test_an_id_that_means_another_model_elsewhere_becomes_no_alias(upstream, decided):
    run(upstream, **FIRST | {"abacus": ["route"], "poe": ["celeris-1", "route"]})
    model = Model.objects.get(slug="openai/gpt-5.4")
    assert len({*Endpoint.objects.filter(upstream_id="route").values_list("model_id")}) == 2
    name = name_of("route", endpoint__provider__slug="abacus")
    UnmatchedName.objects.exclude(id=name.id).filter(endpoint__upstream_id="route").delete()
    make_alias(name, model, **decided)
    assert not Alias.objects.filter(spelling="route").exists()
    name.refresh_from_db()
    assert name.endpoint.model == model
