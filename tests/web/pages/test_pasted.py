import json
import logging
from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.models import Alias
from pricing.terms import Terms
from tests.factories import make_model, make_provider, make_rate, sell, summarise
from tests.web.page import Tables, price, rows
from usage.tokenizers import FAMILIES
from web.pages.pasted import with_input
from web.params.estimate import EstimateQuery
from web.views import pasted

pytestmark = pytest.mark.django_db

PROMPT, USAGE = "/estimate/prompt/", "/estimate/usage-json/"
SECRET = "the unmistakable words of a prompt"
CHAT = {
    "model": "o4-mini-2025-04-16",
    "usage": {
        "prompt_tokens": 1000,
        "completion_tokens": 500,
        "total_tokens": 1500,
        "prompt_tokens_details": {"cached_tokens": 400},
        "completion_tokens_details": {"reasoning_tokens": 100, "thinking_about_it": 7},
    },
}


@pytest.fixture
def catalog():
    """o4-mini at its creator, cheaper at a host, in a plan, and at a cloud that states no output
    price."""
    openai = make_provider("openai", name="OpenAI", kind="first-party")
    mini = make_model(
        "openai/o4-mini", name="o4-mini", capabilities=["reasoning"], context_window=200_000
    )
    Alias.objects.create(model=mini, spelling="o4-mini-2025-04-16")
    at_openai = sell(mini, openai, input="1.10", output="4.40", cache_read="0.275")
    make_rate(at_openai, "output", "2.20", terms=Terms(tier="flex"))
    sell(mini, make_provider("host", name="Host"), input="0.50", output="2.00", cache_read="0.50")
    sell(mini, make_provider("copilot", name="Copilot", kind="plan"))
    sell(mini, make_provider("azure", name="Azure", kind="cloud"), input="1", cache_read="0.1")
    summarise()
    return mini


def paste(client, usage, **more):
    text = usage if isinstance(usage, str) else json.dumps(usage)
    return client.post(USAGE, {"usage": text, **more})


def cells(response, table):
    return [
        [cell["text"].strip() for cell in row["cells"]]
        for row in Tables(response.content.decode()).tables[table]
    ]


def links(response):
    parts = response.content.decode().replace("&amp;", "&").split('href="/estimate/?')[1:]
    return [part.partition('"')[0] for part in parts]


# Both pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PROMPT, USAGE])
def test_the_answer_is_kept_by_nobody_and_starts_no_session(client, path):
    for response in (client.get(path), client.post(path, {"prompt": SECRET, "usage": SECRET})):
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert set(response.cookies) <= {"csrftoken"}


@pytest.mark.parametrize("path", [PROMPT, USAGE])
def test_a_form_from_elsewhere_is_refused(path):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"prompt": "x"}).status_code == 403
    strict.get(path)
    sent = {"prompt": "x", "csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    assert strict.post(path, sent).status_code == 200


@pytest.mark.parametrize("path", [PROMPT, USAGE])
def test_what_is_too_large_to_be_read_is_told_so(client, settings, path):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post(path, {"prompt": "x" * 2000, "usage": "x" * 2000})
    assert response.status_code == 413
    assert "MB, and was not read: paste less." in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_what_is_too_large_is_let_go_by_up_to_a_bound(rf, settings, monkeypatch):
    monkeypatch.setattr(pasted, "MOST_PASSED_OVER", 70_000)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for size, left in ((2000, 0), (70_000, 0), (100_000, 30_000)):
        request = rf.generic("POST", PROMPT, b"x" * size, "application/x-www-form-urlencoded")
        request.htmx = False
        pasted.prompt(request)
        assert len(request.environ["wsgi.input"].read()) == left


@pytest.mark.parametrize("path", [PROMPT, USAGE])
def test_other_methods_are_refused(client, path):
    response = client.put(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("path", [PROMPT, USAGE])
def test_what_was_pasted_stays_in_the_form_letter_for_letter(client, path):
    text = "\n\n  <b>&amp; </textarea> 'quoted'"
    html = client.post(path, {"prompt": text, "usage": text}).content.decode()
    # A browser drops the first line end of a text area.
    kept = html.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0]
    assert kept == "\n\n  &lt;b&gt;&amp;amp; &lt;/textarea&gt; &#x27;quoted&#x27;"


def test_nothing_that_was_pasted_is_logged(client, caplog, catalog):
    caplog.set_level(logging.DEBUG)
    client.post(PROMPT, {"prompt": SECRET})
    paste(client, {"model": SECRET, "usage": CHAT["usage"]})
    paste(client, SECRET)
    Client(enforce_csrf_checks=True).post(PROMPT, {"prompt": SECRET})
    logged = [
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    ]
    assert not [line for line in logged if SECRET in line]


def test_the_estimate_leads_to_both(client):
    html = client.get("/estimate/?requests=5&input=70&output=9").content.decode()
    for path in (PROMPT, USAGE):
        assert f'href="{path}?requests=5&amp;input=70&amp;output=9"' in html


# A prompt ---------------------------------------------------------------------------------------


def test_a_prompt_is_counted_by_every_family(client):
    response = client.post(PROMPT, {"prompt": "The quick brown fox jumps over the lazy dog."})
    found = cells(response, "tokens")[1:]
    assert [row[1] for row in found] == ["≈ 10"] * len(FAMILIES)
    assert "44 characters" in response.content.decode()


def test_each_count_leads_into_the_estimate_with_all_else_that_was_asked(client):
    response = client.post(
        f"{PROMPT}?requests=7&input=5&output=80&tier=flex&q=mini", {"prompt": "hello world"}
    )
    assert links(response)[1] == "requests=7&input=2&output=80&tier=flex&q=mini"


def test_without_a_workload_the_usual_one_is_filled_with_the_count(client):
    assert (
        links(client.post(PROMPT, {"prompt": "hello world"}))[1]
        == "requests=30000&input=2&output=600"
    )


@pytest.mark.parametrize(
    ("asked", "tokens", "expected"),
    [
        (
            "input=100&cached=40&cache_write=10&output=5",
            50,
            "requests=30000&input=50&cached=40&output=5&cache_write=10",
        ),
        ("input=100&cached=40&cache_write=11&output=5", 50, "requests=30000&input=50&output=5"),
        ("output=5", 9, "requests=30000&input=9&output=5"),
        (
            "input=much&output=5&pin=a/b&pin=c/d",
            9,
            "requests=30000&input=9&output=5&pin=a%2Fb&pin=c%2Fd",
        ),
    ],
)
def test_parts_of_the_input_stay_where_they_still_fit(asked, tokens, expected):
    assert with_input(EstimateQuery.from_query(QueryDict(asked)), tokens) == expected


def test_more_than_a_megabyte_is_refused_beside_the_field_and_stays_in_it(client):
    text = "x" * 1_000_001
    html = client.post(PROMPT, {"prompt": text}).content.decode()
    assert "This is more than 1 MB of text: paste a part of it.</p>" in html
    assert text in html


def test_htmx_gets_the_counts_alone_and_a_refusal_as_no_error(client, settings):
    headers = {"HX-Request": "true"}
    part = client.post(PROMPT, {"prompt": "hello world"}, headers=headers)
    assert part.content.decode().lstrip().startswith('<section id="counts"')
    assert "HX-Push-Url" not in part and "HX-Replace-Url" not in part
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    refused = client.post(PROMPT, {"prompt": "x" * 2000}, headers=headers)
    assert refused.status_code == 200
    assert "was not read" in refused.content.decode()


def test_a_prompt_in_the_address_is_ignored(client):
    assert SECRET not in client.get(PROMPT, {"prompt": SECRET}).content.decode()


# A usage ----------------------------------------------------------------------------------------


def test_a_usage_is_itemised_at_the_creators_own_endpoint(client, catalog):
    response = paste(client, CHAT)
    assert cells(response, "lines")[1:] == [
        ["Cache readStandard", "400 tokens", "$0.275/M", "$0.00011"],
        ["InputStandard", "600 tokens", "$1.10/M", "$0.00066"],
        ["OutputStandard", "400 tokens", "$4.40/M", "$0.00176"],
        ["ReasoningStandard, billed as output", "100 tokens", "$4.40/M", "$0.00044"],
        ["Total", "$0.00297"],
    ]


def test_a_usage_is_priced_at_every_provider_of_the_model(client, catalog):
    found = {
        row["data-provider"]: price(row, "total")[:2] for row in rows(paste(client, CHAT), "costs")
    }
    assert found == {
        "host": ("priced", "0.0015"),
        "openai": ("priced", "0.00297"),
        "copilot": ("included", None),
        "azure": ("unknown", None),
    }


def test_the_same_request_fills_the_estimate(client, catalog):
    link = links(paste(client, CHAT))[0]
    assert link == "requests=1&input=1000&cached=400&output=500&reasoning=100&pin=openai%2Fo4-mini"
    assert EstimateQuery.from_query(QueryDict(link)).workload.complaints == {}


def test_fields_that_are_not_priced_are_named_apart_from_those_that_repeat(client, catalog):
    html = paste(client, CHAT).content.decode()
    not_priced = html.partition("Not priced:")[2].partition("</p>")[0]
    assert "completion_tokens_details.thinking_about_it" in not_priced
    assert "total_tokens" not in not_priced
    assert "total_tokens" in html.partition("Counted above already:")[2].partition("</p>")[0]


def test_a_stated_tier_prices_what_states_it_and_refuses_the_others(client, catalog):
    found = rows(paste(client, {**CHAT, "service_tier": "flex"}), "costs")
    assert price(found[0], "total")[:2] == ("priced", "0.00187")
    assert {row["data-provider"] for row in found if price(row, "total")[0] == "priced"} == {
        "openai"
    }


def test_anthropic_and_google_shapes_are_read_too(client, catalog):
    anthropic = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}
    google = {"promptTokenCount": 100, "candidatesTokenCount": 3, "thoughtsTokenCount": 2}
    for usage in ({"usage": anthropic}, {"usageMetadata": google}):
        html = paste(client, usage, model="o4-mini").content.decode()
        assert "requests=1&amp;input=100" in html


def test_searches_are_carried_as_searches_of_a_thousand_requests(client, catalog):
    usage = {"input_tokens": 10, "output_tokens": 5, "server_tool_use": {"web_search_requests": 2}}
    assert "web_search=2000" in links(paste(client, {"type": "message", "usage": usage}))[0]


def test_an_hour_of_cache_is_carried_to_its_field(client, catalog):
    hour = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 50}
    usage = {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_creation_input_tokens": 50,
        "cache_creation": hour,
    }
    html = paste(client, {"usage": usage}).content.decode()
    assert "cache_write_1h=50" in html
    assert "Its form has no field for" not in html


def test_meters_without_a_field_in_the_estimate_are_named(client, catalog):
    details = {"cached_tokens": 5, "cached_tokens_details": {"audio_tokens": 5}, "audio_tokens": 9}
    usage = {"input_tokens": 10, "output_tokens": 5, "input_token_details": details}
    html = paste(client, {"usage": usage}).content.decode()
    assert "Its form has no field for: Cache read, audio" in html


def test_a_model_that_is_not_known_offers_those_that_are_spelled_nearly_so(client, catalog):
    response = paste(client, {**CHAT, "model": "o4-minni"})
    html = response.content.decode()
    assert "No model here goes by “o4-minni”" in html
    assert (
        '<button class="chip" form="pasted" name="model" value="openai/o4-mini">o4-mini</button>'
        in html
    )
    assert links(response)


def test_a_usage_that_names_no_model_asks_for_one(client, catalog):
    assert "It names no model" in paste(client, CHAT["usage"]).content.decode()
    assert "0.00297" in paste(client, CHAT["usage"], model=" OpenAI/o4-mini ").content.decode()


@pytest.mark.parametrize(
    ("pasted", "complaint"),
    [
        ("", "there is nothing here yet"),
        ("{", "This is not JSON"),
        ("[1]", "not an object"),
        ("{}", "no count of tokens"),
        ('{"prompt_tokens": -1}', "not a whole number"),
        ('{"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}}', "cannot be"),
        ("[" * 50_000, "This is not JSON"),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "This is not JSON"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_beside_the_field(client, pasted, complaint):
    html = paste(client, pasted).content.decode()
    assert complaint in html.partition('id="why-usage"')[2].partition("</p>")[0]
    assert "aria-invalid" in html


@pytest.mark.parametrize("spelling", ["\0", "%", "models/o4-mini", "x" * 5000, "a/b/c", "ö"])
def test_any_spelling_of_a_model_is_answered(client, catalog, spelling):
    response = paste(client, {**CHAT, "model": ""}, model=spelling)
    assert response.status_code == 200
    assert ("0.00297" in response.content.decode()) == (spelling == "models/o4-mini")


def test_a_usage_of_nothing_costs_nothing_and_does_not_fill_the_estimate(client, catalog):
    response = paste(client, {"model": "o4-mini", "prompt_tokens": 0, "completion_tokens": 0})
    assert response.status_code == 200
    assert "every number is zero" in response.content.decode()


def test_a_model_that_nobody_serves_is_said_to_be_so(client, catalog):
    make_model("openai/forgotten", name="Forgotten")
    assert (
        "No provider is known to serve it now"
        in paste(client, {**CHAT, "model": "openai/forgotten"}).content.decode()
    )


# Whose lines ------------------------------------------------------------------------------------


def heading(response):
    """Whose lines are shown, if anybody's."""
    before, found, _ = response.content.decode().partition(", line by line</h2>")
    return before.rpartition("<h2>")[2] if found else ""


def why(response):
    return response.content.decode().partition('id="why-none">')[2].partition("</p>")[0]


@pytest.fixture
def fable():
    """A model at its creator, cheaper at two who are called first-party too, and free at one of
    them."""
    creator = make_model("anthropic/fable-1", name="Fable 1")
    own = make_provider("anthropic", name="Anthropic", kind="first-party", creator=creator.creator)
    at_home = sell(creator, own, input="5", output="25")
    sell(
        creator,
        make_provider("reseller", name="Reseller", kind="first-party"),
        input="1",
        output="5",
    )
    databricks = sell(
        creator, make_provider("databricks", name="Databricks", kind="cloud"), input="5"
    )
    make_rate(databricks, "output", "25")
    for meter in ("input", "output"):
        make_rate(databricks, meter, "60", terms=Terms(tier="fast"))
    free = sell(creator, make_provider("gift", name="Gift", kind="first-party"))
    for meter in ("input", "output"):
        make_rate(free, meter, "0", state="free")
    summarise()
    return at_home


MESSAGE = {
    "type": "message",
    "model": "fable-1",
    "usage": {"input_tokens": 1000, "output_tokens": 100, "service_tier": "standard"},
}
CHATTED = {"model": "fable-1", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}


@pytest.mark.parametrize("usage", [MESSAGE, CHATTED])
def test_the_lines_are_the_creators_own_though_others_are_cheaper_or_free(client, fable, usage):
    response = paste(client, usage)
    assert heading(response) == "Anthropic"
    assert cells(response, "lines")[-1] == ["Total", "$0.0075"]


@pytest.mark.parametrize("named", ["Databricks", "databricks", "DATA BRICKS"])
def test_the_lines_are_those_of_the_provider_that_the_response_names(client, fable, named):
    assert heading(paste(client, {**CHATTED, "provider": named})) == "Databricks"


def test_a_provider_that_is_not_known_to_serve_the_model_is_said_not_to_be(client, fable):
    response = paste(client, {**CHATTED, "provider": "<Elsewhere>"})
    assert (
        "names “&lt;Elsewhere&gt;” as its provider, which is not known" in response.content.decode()
    )
    assert heading(response) == "Anthropic"


def test_a_tier_that_the_creator_does_not_state_is_itemised_at_nobody_else(client, fable):
    response = paste(client, {**MESSAGE, "usage": {**MESSAGE["usage"], "speed": "fast"}})
    assert (heading(response), why(response)) == (
        "",
        "Anthropic states no price for the fast tier.",
    )
    assert [
        row["data-provider"]
        for row in rows(response, "costs")
        if price(row, "total")[0] == "priced"
    ] == ["databricks"]


def test_without_the_creators_own_the_cheapest_that_is_sold_is_itemised_and_none_that_is_free(
    client, fable
):
    fable.delete()
    assert heading(paste(client, CHATTED)) == "Reseller"


def test_a_creator_who_only_gives_it_away_is_not_whose_lines_are_shown(client, fable):
    fable.rates.update(amount=0, state="free")
    assert heading(paste(client, CHATTED)) == "Reseller"


def test_where_nobody_sells_it_nothing_is_itemised(client, fable):
    fable.model.endpoints.exclude(provider__slug="gift").delete()
    fable.model.endpoints.update(upstream_id="anthropic/fable-1")
    response = paste(client, CHATTED)
    assert heading(response) == ""
    assert why(response).startswith("No provider is known to sell ")


def test_every_row_leads_to_its_own_lines(client, fable):
    page = paste(client, CHATTED).content.decode()
    found = [part.partition('"')[0] for part in page.split('name="lines" value="')[1:]]
    assert found == ["gift/fable-1", "reseller/fable-1", "databricks/fable-1"]
    for key, name in zip(found, ("Gift", "Reseller", "Databricks"), strict=True):
        assert heading(paste(client, CHATTED, lines=key)) == name
    assert heading(paste(client, CHATTED, lines="no such/key")) == "Anthropic"


# When it was made -------------------------------------------------------------------------------

THEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_a_response_is_priced_at_the_instant_when_it_was_made(client, fable):
    change = datetime(2026, 11, 10, tzinfo=UTC)
    fable.rates.filter(meter="input").update(valid_from=change)
    make_rate(fable, "input", "8", valid_to=change)
    response = paste(client, {**CHATTED, "created": int(THEN.timestamp())})
    assert "at the prices of Nov 1, 2026, 12:00 UTC, when it was made" in response.content.decode()
    assert cells(response, "lines")[-1] == ["Total", "$0.0105"]
    assert cells(paste(client, CHATTED), "lines")[-1] == ["Total", "$0.0075"]


def test_where_no_price_of_then_is_known_those_of_now_stand_for_it_and_say_so(client, fable):
    fable.rates.update(valid_from=datetime(2026, 11, 10, tzinfo=UTC))
    response = paste(client, {**CHATTED, "created": int(THEN.timestamp())})
    assert (
        "No price of then is known here, so this is at the prices of now."
        in response.content.decode()
    )
    assert cells(response, "lines")[-1] == ["Total", "$0.0075"]
    late = {row[0]: "at the prices of now" in row[1] for row in cells(response, "costs")[1:]}
    assert late == {"Anthropic": True, "Reseller": False, "Databricks": False, "Gift": False}


@pytest.mark.parametrize("made", [4_000_000_000, "2099-01-01T00:00:00Z"])
def test_a_response_of_the_future_is_priced_now(client, fable, made):
    assert "at the prices of now" in paste(client, {**CHATTED, "created": made}).content.decode()
