"""Endpoints of floating ids follow what a source states of them."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from catalog.models import Alias, Endpoint, EndpointClaims, Model
from sources.leads import follow_leads
from tests.factories import OBSERVED, make_endpoint, make_model, make_provider, make_source

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def floats(provider: str, upstream_id: str, model: Model, leads_to: str = "") -> Endpoint:
    endpoint = make_endpoint(model, make_provider(provider), upstream_id=upstream_id, floating=True)
    if leads_to:
        states(endpoint, leads_to)
    return endpoint


def states(endpoint: Endpoint, leads_to: str, **fields: object) -> None:
    defaults = {"source": make_source(), "stated_at": OBSERVED, "digest": b""}
    EndpointClaims.objects.create(
        endpoint=endpoint, facts={"leads_to": leads_to}, **{**defaults, **fields}
    )


def follow() -> set[int]:
    return follow_leads(NOW, Counter())[0]


def led_to(endpoint: Endpoint) -> str:
    return Endpoint.objects.get(pk=endpoint.pk).model.slug


@pytest.fixture
def glm() -> Model:
    model = make_model("zhipuai/glm-5.3")
    make_endpoint(model, make_provider("zhipuai"), upstream_id="glm-5.3")
    return model


@pytest.mark.parametrize("words", ["zhipuai/glm-5.3", "GLM 5.3", "GLM 5.3 Thinking"])
def test_an_endpoint_follows_to_the_model_that_the_words_mean(glm: Model, words: str) -> None:
    latest = floats("fireworks-ai", "glm-latest", make_model("zhipuai/glm-latest"), words)
    assert follow() == {latest.id}
    assert led_to(latest) == glm.slug
    assert Endpoint.objects.get(pk=latest.pk).linked_by == "leads"
    assert follow() == set()


def test_a_model_that_all_leave_for_one_becomes_its_alias(glm: Model) -> None:
    floats("fireworks-ai", "glm-latest", make_model("zhipuai/glm-latest"), glm.slug)
    follow()
    assert not Model.objects.filter(slug="zhipuai/glm-latest").exists()
    assert Alias.objects.get(spelling="zhipuai/glm-latest").model == glm


def test_a_floating_id_without_a_statement_stays(glm: Model) -> None:
    line = make_model("zhipuai/glm-latest")
    stays = floats("openrouter", "~z-ai/glm-latest", line)
    floats("fireworks-ai", "glm-latest", line, glm.slug)
    follow()
    assert led_to(stays) == "zhipuai/glm-latest"
    assert not Alias.objects.exists()


@pytest.mark.parametrize("words", ["zhipuai/glm-9", "the newest", "zhipuai/glm-flash-latest"])
def test_words_that_mean_no_pinned_model_lead_nowhere(glm: Model, words: str) -> None:
    floats("openrouter", "glm-flash-latest", make_model("zhipuai/glm-flash-latest"))
    latest = floats("fireworks-ai", "glm-latest", make_model("zhipuai/glm-latest"), words)
    assert follow() == set()
    assert led_to(latest) == "zhipuai/glm-latest"


def test_an_editors_link_a_pinned_id_and_a_past_statement_stay(glm: Model) -> None:
    line = make_model("zhipuai/glm-latest")
    by_editor = floats("a", "glm-latest", line, glm.slug)
    Endpoint.objects.filter(pk=by_editor.pk).update(linked_by="editor")
    pinned = make_endpoint(line, make_provider("b"), upstream_id="glm-4")
    states(pinned, glm.slug)
    past = floats("c", "glm-latest", line)
    states(past, glm.slug, missing_since=OBSERVED)
    assert follow() == set()


def test_the_most_trusted_statement_counts(glm: Model) -> None:
    make_endpoint(make_model("zhipuai/glm-5.2"), make_provider("zhipuai"), upstream_id="glm-5.2")
    latest = floats("zhipuai", "glm-latest", make_model("zhipuai/glm-latest"), "zhipuai/glm-5.2")
    states(latest, glm.slug, source=make_source("curated", trust=2))
    follow()
    assert led_to(latest) == glm.slug
