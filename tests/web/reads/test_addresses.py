import re

import pytest

from catalog.models import Alias
from tests.factories import make_endpoint, make_model, make_provider, summarise

pytestmark = pytest.mark.django_db


@pytest.fixture
def o4_mini():
    model = make_model()
    Alias.objects.create(model=model, spelling="openai/o4-mini-latest")
    make_endpoint(model, upstream_id="accounts/Fireworks/models/O4-Mini")
    summarise()
    return model


@pytest.mark.parametrize(
    "spelling",
    [
        "openai/o4-mini-latest",
        "OpenAI/o4-mini-LATEST",
        "accounts/Fireworks/models/O4-Mini",
    ],
)
def test_another_spelling_leads_to_the_model_for_good(client, o4_mini, spelling):
    response = client.get(f"/models/{spelling}/")
    assert (response.status_code, response["Location"]) == (301, "/models/openai/o4-mini/")


def test_an_id_that_two_models_share_leads_to_the_one_that_more_providers_mean(client, o4_mini):
    other = make_model("meta/llama")
    make_endpoint(other, make_provider("a"), upstream_id="shared")
    make_endpoint(o4_mini, make_provider("b"), upstream_id="shared")
    make_endpoint(o4_mini, make_provider("c"), upstream_id="shared")
    assert client.get("/models/shared/")["Location"] == "/models/openai/o4-mini/"


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("openai/o4-mini-2025-04-16", "openai/o4-mini"),
        ("OpenAI/o4_mini_2025.04.16", "openai/o4-mini"),
        ("openai/O4_MINI", "openai/o4-mini"),
        ("anthropic/claude-opus-4-7", "anthropic/claude-opus-4.7"),
        ("anthropic/claude-opus-4-7-v1", "anthropic/claude-opus-4.7"),
        ("openai/o4 mini", "openai/o4-mini"),
        ("openai/o4mini", "openai/o4-mini"),
        ("anthropic/claude-opus47", "anthropic/claude-opus-4.7"),
    ],
)
def test_an_id_behind_the_name_of_its_creator_leads_to_its_model(client, o4_mini, spelling, slug):
    openai = make_provider("openai-api", kind="first-party", creator=o4_mini.creator)
    make_endpoint(o4_mini, openai, upstream_id="o4-mini-2025-04-16")
    make_endpoint(make_model("anthropic/claude-opus-4.7"), upstream_id="claude-opus-4.7-v1")
    response = client.get(f"/models/{spelling}/")
    assert (response.status_code, response["Location"]) == (301, f"/models/{slug}/")


def test_of_two_models_that_go_by_one_id_the_creators_own_is_meant_and_else_none(client, o4_mini):
    other = make_model("openai/o4-mini-high")
    make_endpoint(o4_mini, make_provider("a"), upstream_id="mini.1")
    make_endpoint(other, make_provider("b"), upstream_id="mini_1")
    assert client.get("/models/openai/mini-1/").status_code == 404
    own = make_provider("openai-api", kind="first-party", creator=other.creator)
    make_endpoint(other, own, upstream_id="mini.1")
    assert client.get("/models/openai/mini-1/")["Location"] == "/models/openai/o4-mini-high/"


def test_an_id_at_a_creators_own_provider_leads_to_another_creators_model(client, o4_mini):
    alibaba = make_provider("alibaba-cloud", creator=make_model("alibaba/qwen").creator)
    make_endpoint(o4_mini, alibaba, upstream_id="siliconflow/o4-mini")
    assert (
        client.get("/models/alibaba/siliconflow/o4-mini/")["Location"] == "/models/openai/o4-mini/"
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "bedrock/us.anthropic.claude-sonnet-4-6",
        "bedrock/converse/us.anthropic.claude-sonnet-4-6",
        "amazon-bedrock/eu-west-3/anthropic.claude-sonnet-4-6",
        "anthropic/claude-4.6-sonnet",
        "openrouter/anthropic/claude-sonnet-4.6:free",
        "claude-sonnet-4-6-fast",
        "publishers/anthropic/models/claude-sonnet-4-6",
    ],
)
def test_an_id_behind_routes_regions_and_serving_words_leads_to_its_model(client, spelling):
    sonnet = make_model("anthropic/claude-sonnet-4.6")
    bedrock = make_provider("amazon-bedrock", name="Amazon Bedrock", kind="cloud")
    make_endpoint(sonnet, bedrock, upstream_id="us.anthropic.claude-sonnet-4-6", region="us")
    make_provider("openrouter", kind="gateway")
    response = client.get(f"/models/{spelling}/")
    assert (response.status_code, response["Location"].partition("?")[0]) == (
        301,
        f"/models/{sonnet.slug}/",
    )


def test_an_id_behind_the_name_of_another_creator_leads_nowhere(client, o4_mini):
    make_endpoint(o4_mini, make_provider("a"), upstream_id="o4-mini-x")
    assert client.get("/models/anthropic/o4-mini-x/").status_code == 404


def test_of_two_models_that_differ_by_separators_the_one_that_is_separated_as_asked_is_meant(
    client,
):
    for name in ("qwen-0.6b", "qwen-06b"):
        make_endpoint(make_model(f"alibaba/{name}"))
    assert client.get("/models/alibaba/qwen_0_6b/")["Location"] == "/models/alibaba/qwen-0.6b/"
    assert client.get("/models/alibaba/qwen06b/").status_code == 404


@pytest.mark.parametrize("spelling", ["openai", "OpenAI", "open-ai", "openai/"])
def test_an_address_cut_to_the_name_of_a_creator_leads_to_the_creator(client, o4_mini, spelling):
    make_endpoint(o4_mini, make_provider("a"), upstream_id="openai")
    response = client.get(f"/models/{spelling}/")
    assert (response.status_code, response["Location"]) == (301, "/creators/openai/")


def test_the_creators_have_no_page_but_the_list_of_models(client):
    response = client.get("/creators/")
    assert (response.status_code, response["Location"]) == (302, "/models/")


def offered(response):
    assert response.status_code == 404
    return re.findall('<li><a href="([^"]*)">', response.content.decode())


@pytest.mark.parametrize(
    "path",
    [
        "/models/openai/o4-mini/x/",
        "/models/openai/o4_mini/x/y/",
        "/models/gateway/openai/o4-mini/",
        "/models/openai/o4-mini/endpoints/nobody/",
        "/models/openai/O4_Mini/endpoints/nobody/?id=x",
        "/models/o4mini/",
        "/models/o4%20mini/",
    ],
)
def test_a_model_that_the_address_names_is_offered_first(client, o4_mini, path):
    for name in ("o4-mini-x", "o4-mini-y"):
        make_endpoint(make_model(f"openai/{name}"), make_provider("nobody-else"))
    summarise()
    assert offered(client.get(path))[0] == "/models/openai/o4-mini/"


def test_a_creator_that_the_address_names_is_offered(client, o4_mini):
    make_model("meta/llama-3")
    assert offered(client.get("/models/openai/xyz/")) == ["/creators/openai/"]
    assert offered(client.get("/models/meta-llama/")) == ["/creators/meta/"]


def test_a_provider_that_the_address_names_is_offered_before_models_of_such_names(client):
    make_provider("amazon-bedrock")
    make_endpoint(make_model("nobody/bedrock-router"))
    summarise()
    provider, model = "/providers/amazon-bedrock/", "/models/nobody/bedrock-router/"
    assert offered(client.get("/models/bedrock/")) == [provider, model]
    assert offered(client.get("/models/aws/")) == [provider]
    assert offered(client.get("/models/bedrock/bedrock-ruter/")) == [model, provider]


@pytest.mark.parametrize("nickname", ["gcp", "GCP", "google-cloud", "google_cloud", "vertex"])
def test_a_nickname_leads_to_the_provider(client, nickname):
    make_provider("google-vertex")
    response = client.get(f"/providers/{nickname}/")
    assert (response.status_code, response["Location"]) == (301, "/providers/google-vertex/")


@pytest.mark.parametrize("asked", ["%C2%85", "%20", "%E2%80%8B", "%C2%A0%20"])
def test_what_nobody_sees_is_not_said_to_be_spelled(client, asked):
    for kind in ("models", "providers", "creators"):
        html = client.get(f"/{kind}/{asked}/").content.decode()
        assert "It may have been mistyped" in html
        assert "<code>" not in html


def test_a_sign_that_nobody_sees_is_shown_as_one(client):
    assert "<code>a�b</code>" in client.get("/models/a%E2%80%AEb/").content.decode()


def test_an_address_without_its_last_slash_gets_it(client, o4_mini):
    response = client.get("/models/openai/o4-mini")
    assert (response.status_code, response["Location"]) == (301, "/models/openai/o4-mini/")


@pytest.mark.parametrize(
    "typo", ["openai/o4-mni", "openai/04-mini", "opnai/o4-mini", "OPENAI/O4_MINNI"]
)
def test_a_typo_is_answered_with_what_is_spelled_nearly_like_it(client, o4_mini, typo):
    make_endpoint(make_model("anthropic/claude-opus-4.7"))
    summarise()
    response = client.get(f"/models/{typo}/")
    assert response.status_code == 404
    assert b'<a href="/models/openai/o4-mini/">' in response.content
    assert b"claude-opus" not in response.content


@pytest.mark.parametrize(
    "path",
    [
        "/models/x/",
        "/models/nobody/knows-this/",
        "/models/a%00b/c/",
        "/models/a/b%00/",
        "/models/%ff%fe/x/",
        "/models/%F0%9F%92%B8/x/",
        "/models/" + "x" * 10_000 + "/",
        "/models/" + "/".join("abc" for _ in range(500)) + "/",
        "/models/../../etc/passwd/",
        "/models/%25/_/",
        "/models/<script>/x/",
        "/nothing/here",
        "/%00",
        "/%ff",
    ],
)
def test_no_path_breaks_the_site(client, o4_mini, path):
    response = client.get(path)
    assert response.status_code == 404
    assert b"There is nothing at this address" in response.content
    assert b"<script>" not in response.content
