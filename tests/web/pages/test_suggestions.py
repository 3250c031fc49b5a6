import re
from datetime import date

import pytest

from catalog.models import Capability
from catalog.provider_kinds import ProviderKind
from tests.factories import make_creator, make_endpoint, make_model, make_provider, sell, summarise
from web.pages.suggestions import suggestions
from web.params.models import ModelFilters

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def catalog():
    for slug, name in (("vision", "Vision"), ("tool-use", "Tool use")):
        Capability.objects.update_or_create(slug=slug, defaults={"name": name})
    make_creator("anthropic", name="Anthropic")
    own = make_provider("anthropic", name="Anthropic", kind=ProviderKind.FIRST_PARTY)
    own.creator = make_creator("anthropic")
    own.save()
    azure = make_provider("azure", name="Azure", kind=ProviderKind.CLOUD)
    gateway = make_provider("router", name="Router", kind=ProviderKind.GATEWAY)
    opus = make_model("anthropic/claude-opus-4.8", name="Claude Opus 4.8", capabilities=["vision"])
    opus.context_window = 200_000
    opus.save()
    sell(opus, own, input="5", output="25")
    sell(opus, gateway, input="0.4", output="2")
    haiku = make_model("anthropic/claude-haiku-4.5", name="Claude Haiku 4.5")
    sell(haiku, own, input="1", output="5")
    make_endpoint(haiku, azure)
    whisper = make_model("openai/whisper-128k-vision", name="Whisper 128k Vision")
    make_endpoint(whisper, azure)
    summarise()


def suggested(q, **filters):
    return suggestions(ModelFilters(q=q, **filters), TODAY)


def slugs(q):
    return [model.slug for model in suggested(q).models]


def options(response):
    """The options of a page by their ids: target and text."""
    found = re.findall(r'<a role="option"(.*?)</a>', response.content.decode(), re.DOTALL)
    ids = [re.search(r'id="([^"]*)"', option)[1] for option in found]
    assert len(ids) == len(set(ids))
    targets = [re.search(r'href="([^"]*)"', option)[1] for option in found]
    texts = [" ".join(re.sub(r"<[^>]*>|^[^>]*>", " ", option).split()) for option in found]
    return dict(zip(ids, zip(targets, texts, strict=True), strict=True))


def test_a_search_suggests_models_with_their_headlines(client):
    found = options(client.get("/suggest/?q=opus"))
    ((target, text),) = found.values()
    assert target == "/models/anthropic/claude-opus-4.8/"
    assert "Claude Opus 4.8 Anthropic" in text
    assert "$5.00 /M / $25.00 /M Anthropic" in text
    ((_, unpriced),) = options(client.get("/suggest/?q=whisper")).values()
    assert "Whisper 128k Vision" in unpriced and "/M" not in unpriced


def test_it_suggests_providers_and_creators(client):
    found = options(client.get("/suggest/?q=anthropic"))
    assert found["suggest-provider-anthropic"][0] == "/providers/anthropic/"
    assert found["suggest-creator-anthropic"][0] == "/creators/anthropic/"
    assert "2 models" in found["suggest-creator-anthropic"][1]
    assert next(iter(found)) == "suggest-model-1"


def test_models_that_a_provider_serves_are_not_suggested_for_its_name():
    assert slugs("azure") == []
    assert [provider.slug for provider in suggested("azure").providers] == ["azure"]
    assert slugs("haiku azure") == ["anthropic/claude-haiku-4.5"]


def test_words_that_are_filters_are_offered_first(client):
    found = options(client.get("/suggest/?q=vision+%3C%245+128k"))
    target, text = found["suggest-filter"]
    assert next(iter(found)) == "suggest-filter"
    assert target == "/models/?capability=vision&amp;input_max=5&amp;context_min=128000"
    assert "Filter: Vision, Input ≤ $5/M, Context ≥ 128K" in text
    assert "1 model" in text
    assert found["suggest-model-1"][0] == "/models/anthropic/claude-opus-4.8/"


def test_an_offer_keeps_the_other_words_and_the_filters_that_are_set(client):
    found = options(client.get("/suggest/?q=opus+vision&creator=anthropic&input_max=9&page=7"))
    target, text = found["suggest-filter"]
    assert target == "/models/?q=opus&amp;creator=anthropic&amp;capability=vision&amp;input_max=9"
    assert "By Anthropic" in text and "for “ opus ”" in text


def test_an_offer_leaves_out_what_the_catalog_does_not_hold(client):
    found = options(client.get("/suggest/?q=opus+vision&creator=nope&region=mars&provider=none"))
    target, text = found["suggest-filter"]
    assert target == "/models/?q=opus&amp;capability=vision"
    assert "1 model" in text


def test_a_name_with_all_the_words_comes_before_the_filters(client):
    found = options(client.get("/suggest/?q=whisper+128k"))
    assert [*found] == ["suggest-model-1", "suggest-filter"]
    assert found["suggest-filter"][0] == "/models/?q=whisper&amp;context_min=128000"


def test_a_retired_model_is_found_by_its_name_where_nothing_else_is(client):
    for name in ("o4-mini", "o4-mini-2"):
        old = make_model(f"openai/{name}", name=name, lifecycle="retired")
        make_endpoint(old, make_provider("azure"), lifecycle="retired")
    summarise()
    found = options(client.get("/suggest/?q=o4-mini"))
    assert sorted(target for target, _ in found.values()) == [
        *("/models/openai/o4-mini-2/", "/models/openai/o4-mini/"),
    ]
    assert all("retired" in text for _, text in found.values())
    sell(make_model("openai/o4-mini-3", name="o4-mini-3"), input="1")
    summarise()
    ((target, text),) = options(client.get("/suggest/?q=o4-mini")).values()
    assert target == "/models/openai/o4-mini-3/"
    assert "retired" not in text


@pytest.mark.parametrize("q", ["", "%20", "zzzz", "%00", "%ff", "💸"])
def test_nothing_is_suggested_for_nothing(client, q):
    response = client.get(f"/suggest/?q={q}")
    assert response.status_code == 200
    assert options(response) == {}


def test_markup_in_a_search_is_text(client):
    page = client.get("/suggest/?q=vision+<img+src=x>").content.decode()
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page


def test_at_most_eight_are_suggested(client):
    azure = make_provider("azure")
    for n in range(12):
        sell(make_model(f"azure/azure-{n}"), azure, input="1")
        sell(make_model(f"azure-{n}/one"), make_provider(f"azure-{n}"), input="1")
    summarise()
    found = options(client.get("/suggest/?q=azure"))
    assert len(found) == 8
    assert sum(ident.startswith("suggest-model") for ident in found) == 4
    assert [*found][4:] == [
        *("suggest-provider-azure", "suggest-provider-azure-0"),
        *("suggest-creator-azure", "suggest-creator-azure-0"),
    ]


def test_the_list_offers_filters_that_its_search_states(client):
    page = client.get("/?q=opus+vision&creator=anthropic").content.decode()
    (target, labels) = re.search(r'id="offer" href="([^"]*)"[^>]*>([^<]*)<', page).groups()
    assert target == "?q=opus&amp;creator=anthropic&amp;capability=vision"
    assert labels == "Vision, By Anthropic"
    assert 'id="offer"' not in client.get("/?q=opus").content.decode()
    assert 'id="offer"' not in client.get("/").content.decode()
