import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.lifecycle import Lifecycle
from catalog.models import Model
from catalog.provider_kinds import ProviderKind
from pricing.price import price
from pricing.rates import RateCard, StatedRate
from pricing.terms import Band, Schedule, Terms
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_rating,
    make_source,
    sell,
    summarise,
)
from tests.web.page import price as cell
from tests.web.page import rows
from web.format.figures import day_in_full, plain
from web.params.workload import Workload
from web.tables.cost_lines import itemised
from web.text.estimate import band_note, compared, hours_note

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
page = pytest.mark.django_db


def workload(query):
    return Workload.from_query(QueryDict(query))


def card(*rates):
    return RateCard(tuple(rates))


def rate(slug, amount, terms=None):
    return StatedRate(slug, Decimal(amount), terms=terms or Terms())


OVER = Terms(band=Band(272_000))
BANDED = card(
    *(rate("input", "2.5"), rate("output", "15"), rate("cache_read", "0.25")),
    *(rate("input", "5", OVER), rate("output", "22.5", OVER)),
)


PEAK = Terms(schedules=(Schedule((("01:00", "04:00"), ("06:00", "10:00"))),))
SCHEDULED = card(rate("input", "0.5"), rate("input", "1", PEAK), rate("output", "2"))


# What is said of a row --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (1_000, ""),
        (204_000, ""),
        (204_001, "25 % of headroom before input doubles at 272K"),
        (250_000, "8 % of headroom before input doubles at 272K"),
        (272_000, "0 % of headroom before input doubles at 272K"),
        (272_001, ""),
    ],
)
def test_a_cliff_is_said_when_it_is_near_and_not_yet_passed(tokens, said):
    assert band_note(BANDED, workload(f"input={tokens}&output=1").request(NOW)) == said


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (0, "at this hour; input costs 2× as much 01:00–04:00 and 06:00–10:00 UTC"),
        (1, "at this hour; input costs 0.5× as much at other hours"),
        (4, "at this hour; input costs 2× as much 01:00–04:00 and 06:00–10:00 UTC"),
    ],
)
def test_where_hours_matter_a_row_says_what_other_hours_cost(hour, said):
    at = NOW.replace(hour=hour)
    cost = price(SCHEDULED, workload("input=1000&output=10").usage(), at=at)
    assert hours_note(SCHEDULED, cost, at) == said


def test_where_no_hours_matter_nothing_is_said_of_them():
    assert hours_note(BANDED, price(BANDED, workload("input=1000").usage(), at=NOW), NOW) == ""


def test_cached_tokens_count_towards_a_band():
    assert "8 %" in band_note(BANDED, workload("input=250000&cached=249000").request(NOW))


def test_a_cliff_says_how_much_dearer_what_becomes():
    over = Terms(band=Band(200_000, "gte"))
    half = card(rate("input", "2"), rate("output", "8"), rate("output", "12", over))
    said = band_note(half, workload("input=190000&output=10").request(NOW))
    assert said == "5 % of headroom before output costs 1.5× as much at 200K"
    assert band_note(half, workload("input=190000").request(NOW)) == ""


def test_a_band_that_costs_no_more_is_not_noted():
    assert (
        band_note(
            card(rate("input", "2"), rate("input", "1", OVER)),
            workload("input=271000").request(NOW),
        )
        == ""
    )


def test_of_two_bands_the_first_that_is_dearer_is_noted():
    bands = card(
        rate("input", "1"),
        *(rate("input", n, Terms(band=Band(int(n) * 1000))) for n in ("32", "128")),
    )
    assert "32K" in band_note(bands, workload("input=31000").request(NOW))
    assert "128K" in band_note(bands, workload("input=120000").request(NOW))


@pytest.mark.parametrize(
    ("one", "pinned", "said"),
    [
        ("1", "3.2", "3.2× cheaper"),
        ("3.2", "1", "3.2× dearer"),
        ("1", "1.5", "1.50× cheaper"),
        ("1", "1.004", "the same"),
        ("1", "100", "100× cheaper"),
        ("1", "58290", "58,290× cheaper"),
        ("0", "1", "free"),
        ("1", "0", ""),
        ("0", "0", ""),
    ],
)
def test_others_are_compared_to_the_pinned(one, pinned, said):
    assert compared(Decimal(one), Decimal(pinned)) == said


def test_each_line_has_its_formula_its_reason_and_who_states_it():
    asked = workload(
        "requests=1000&input=300000&cached=100000&output=2000&reasoning=500&web_search=250"
    )
    rates = card(*BANDED.rates, rate("web_search", "10"))
    cost = price(rates, asked.usage(), at=NOW)
    basis = {rates.rates[3]: "LiteLLM, Nov 12, 2026"}
    lines = itemised(cost, asked, basis)
    assert [(line.name, line.quantity, line.rate, line.amount, line.formula) for line in lines] == [
        (
            "Cache read",
            "100,000 tokens",
            "$0.25/M",
            25,
            "1,000 × 100,000 tokens × $0.25 / 1,000,000",
        ),
        ("Input", "200,000 tokens", "$5.00/M", 1000, "1,000 × 200,000 tokens × $5.00 / 1,000,000"),
        (
            "Output",
            "1,500 tokens",
            "$22.50/M",
            Decimal("33.75"),
            "1,000 × 1,500 tokens × $22.50 / 1,000,000",
        ),
        (
            "Reasoning",
            "500 tokens",
            "$22.50/M",
            Decimal("11.25"),
            "1,000 × 500 tokens × $22.50 / 1,000,000",
        ),
        (
            "Web search",
            "0.25 calls",
            "$10.00/K",
            Decimal("2.5"),
            "1,000 × 0.25 calls × $10.00 / 1,000",
        ),
    ]
    assert sum(line.amount for line in lines) == cost.times(1000).total == Decimal("1072.5")
    assert [line.basis for line in lines] == ["", "LiteLLM, Nov 12, 2026", "", "", ""]
    why = {line.meter: line.why for line in lines}
    assert "inherited" in why["cache_read"]
    assert "272" in why["input"]
    assert "inherited" not in why["input"]
    assert "billed as output" in why["reasoning"]


# The page ---------------------------------------------------------------------------------------


def totals(client, query):
    """(model, provider, state, exact total) of each row, in order."""
    found = rows(client.get(f"/estimate/{query}"), "estimate")
    return [(row["data-model"], row.get("data-provider"), *cell(row, "total")[:2]) for row in found]


def html(client, query="", **headers):
    response = client.get(f"/estimate/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def gpt(**fields):
    model = make_model("openai/gpt-5.4", name="GPT-5.4", context_window=1_050_000, **fields)
    endpoint = sell(
        model, make_provider("openai", name="OpenAI"), input="2.5", output="15", cache_read="0.25"
    )
    make_rate(endpoint, "input", "5", terms=OVER)
    make_rate(endpoint, "output", "22.5", terms=OVER)
    summarise()
    return endpoint


@page
@pytest.mark.parametrize(
    ("query", "amount"),
    [
        ("?requests=1&input=271999&output=1000", "0.6949975"),
        ("?requests=1&input=272000&output=1000", "0.695"),
        ("?requests=1&input=272001&output=1000", "1.382505"),
        ("?requests=30000&input=272001&output=1000", "41475.15"),
        ("?requests=1&input=272001&cached=272001", "0.06800025"),
        ("?requests=0&input=1", "0"),
        ("?requests=1000000000000&input=1", "2500000"),
    ],
)
def test_totals_are_exact_to_the_last_digit(client, query, amount):
    gpt()
    assert totals(client, query) == [("openai/gpt-5.4", "openai", "priced", amount)]


@page
def test_totals_have_every_digit_that_the_largest_numbers_have(client):
    sell(make_model(), input="1.234567890123")
    summarise()
    requests, tokens = 999_999_999_989, 999_999_937
    digits = 1_234_567_890_123 * requests * tokens
    exact = f"{digits:d}"
    amount = f"{exact[:-18]}.{exact[-18:]}".rstrip("0")
    query = f"?requests={requests}&input={tokens}"
    assert totals(client, query)[0][3] == amount
    text = html(client, f"{query}&open=openai/o4-mini")
    assert f'data-line="input" data-amount="{amount}"' in text
    file = b"".join(client.get(f"/estimate.csv{query}").streaming_content).decode()
    assert f",{amount}," in file


@page
def test_every_field_is_in_the_total(client):
    model = make_model("a/all", capabilities=["vision", "reasoning"], modalities_in=["audio"])
    model.modalities_out = ["text", "audio", "image"]
    model.save()
    prices = {
        "input": "1",
        "cache_read": "0.1",
        "cache_write": "2",
        "input_image": "3",
        "input_audio": "4",
    }
    more = {
        "output": "5",
        "reasoning": "6",
        "output_audio": "7",
        "web_search": "8",
        "image": "0.09",
        "request": "10",
    }
    sell(model, **prices, **more)
    summarise()
    query = (
        "?requests=1000000&input=10000&cached=4000&cache_write=1000&image_input=300&audio_input=200"
        "&output=500&reasoning=100&audio_output=50&web_search=250&images=1500"
    )
    tokens = (
        4500 * 1 + 4000 * Decimal("0.1") + 1000 * 2 + 300 * 3 + 200 * 4 + 350 * 5 + 100 * 6 + 50 * 7
    )
    rest = Decimal(250) * 8 + 1_500_000 * Decimal("0.09") + 10_000
    assert totals(client, query) == [("a/all", "openai", "priced", plain(tokens + rest))]


@page
def test_the_tier_and_the_instant_decide_which_rates_apply(client):
    endpoint = sell(make_model("deepseek/v3"), input="2", output="4")
    peak = Terms(schedules=(Schedule((("01:00", "04:00"),)),))
    make_rate(endpoint, "input", "4", terms=peak)
    make_rate(endpoint, "input", "1", terms=Terms("batch"))
    summarise()

    def total(query):
        return totals(client, f"?requests=1000000&input=1{query}")[0][3]

    assert total("&at=2026-11-12T00:59Z") == "2"
    assert total("&at=2026-11-12T01:00Z") == "4"
    assert total("&at=2026-11-12T03:59Z") == "4"
    assert total("&at=2026-11-12T04:00Z") == "2"
    assert total("&at=2026-11-12T00:00Z&tier=batch") == "1"


@page
def test_an_old_price_holds_for_an_old_date(client):
    endpoint = make_endpoint(make_model())
    moved = datetime(2026, 3, 1, tzinfo=UTC)
    make_rate(endpoint, "input", "9", valid_to=moved)
    make_rate(endpoint, "input", "3", valid_from=moved)
    summarise()
    assert totals(client, "?requests=1000000&input=1&at=2026-02-28T23:59Z")[0][3] == "9"
    assert totals(client, "?requests=1000000&input=1&at=2026-03-01")[0][3] == "3"


def two_models():
    openai, azure = make_provider("openai", name="OpenAI"), make_provider("azure", name="Azure")
    dear, cheap = make_model("a/dear", name="Dear"), make_model("a/cheap", name="Cheap")
    sell(dear, openai, input="4", output="8")
    sell(dear, azure, input="3", output="8")
    sell(cheap, azure, input="1", output="2")
    summarise()


MILLION = "?requests=1000000&input=1"


@page
def test_a_model_counts_at_its_headline_endpoint_or_each_endpoint_does(client):
    two_models()
    assert totals(client, MILLION) == [
        ("a/cheap", "azure", "priced", "1"),
        ("a/dear", "azure", "priced", "3"),
    ]
    assert totals(client, f"{MILLION}&per=endpoint") == [
        ("a/cheap", "azure", "priced", "1"),
        ("a/dear", "azure", "priced", "3"),
        ("a/dear", "openai", "priced", "4"),
    ]
    assert "2 models, each at its first endpoint that can take it" in " ".join(
        html(client, MILLION).split()
    )
    assert "3 endpoints" in html(client, f"{MILLION}&per=endpoint")


@page
def test_a_model_that_ends_is_tagged(client):
    sell(make_model("a/going", lifecycle="deprecated"), input="1", output="1")
    sell(make_model("a/ended", retired_on="2026-01-31", open_weights=True), input="2", output="2")
    sell(make_model("a/plain"), input="3", output="3")
    summarise()
    html = client.get("/estimate/?all=1&input=1000&output=1000").content.decode()
    assert re.findall(r'<span class="tag">([^<]*)<', html) == ["deprecated", "ended by its creator"]


@page
def test_what_has_no_total_is_listed_apart_with_its_reason_and_never_as_zero(client):
    two_models()
    host = make_provider("host")
    sell(make_model("a/silent"), host, output="1")
    router = make_endpoint(make_model("a/router"), host)
    make_rate(router, "input", None, state="dynamic")
    bundled = make_endpoint(make_model("a/bundled"), host)
    make_rate(bundled, "input", None, state="included")
    gratis = make_endpoint(make_model("a/gratis"), host)
    make_rate(gratis, "input", "0", state="free")
    plan = make_endpoint(make_model("a/plan"), make_provider("copilot", kind=ProviderKind.PLAN))
    make_rate(plan, "input", "0", state="free")
    summarise()
    found = totals(client, MILLION)
    assert found[:2] == [("a/cheap", "azure", "priced", "1"), ("a/dear", "azure", "priced", "3")]
    assert sorted(found[2:]) == [
        ("a/bundled", "host", "included", None),
        ("a/gratis", "host", "free", "0"),
        ("a/plan", "copilot", "included", None),
        ("a/router", "host", "dynamic", None),
        ("a/silent", "host", "unknown", None),
    ]
    text = html(client, MILLION)
    for said in (
        "No source states their price for input",
        "Routers: the price depends on the request",
        "Included in a plan: not billed by use",
        "Free of charge",
        "Subscription plans: billed by the month, not by use",
    ):
        assert said in text
    assert not re.search(r"\$0\.00(?!\d)", text)
    assert totals(client, f"{MILLION}&free=1")[0] == ("a/gratis", "host", "free", "0")


@page
def test_of_many_that_are_apart_some_are_named_and_the_rest_is_in_the_file(client):
    host = make_provider("host")
    for n in range(50):
        make_endpoint(make_model(f"a/m{n:02}"), host)
    summarise()
    assert len(totals(client, MILLION)) == 3
    assert "and 47 more, all of them in the" in html(client, MILLION)


@page
def test_an_unknown_tier_is_refused_beside_its_field_and_prices_nothing(client):
    endpoint = sell(make_model(), input="2")
    make_rate(endpoint, "input", "1", terms=Terms("batch"))
    summarise()
    text = html(client, f"{MILLION}&tier=turbo")
    assert (
        'id="why-tier">No endpoint states a “turbo” tier; those that are stated: batch.</p>' in text
    )
    assert "<option selected>turbo</option>" in text
    assert 'data-meter="total"' not in text
    assert totals(client, f"{MILLION}&tier=batch") == [("openai/o4-mini", "openai", "priced", "1")]


@page
@pytest.mark.parametrize(
    ("query", "name", "written"),
    [
        ("requests=-1&input=77", "requests", "-1"),
        ("input=1000000000000000000", "input", "1000000000000000000"),
        ("input=1.5", "input", "1.5"),
        ("input=<b>", "input", "&lt;b&gt;"),
        ("input=10&cached=11", "cached", "11"),
        ("output=10&reasoning=11", "reasoning", "11"),
        ("input=900000000", "input", "900000000"),
        ("input=5&at=never", "at", "never"),
    ],
)
def test_a_bad_field_gets_one_sentence_and_nothing_of_the_form_is_lost(
    client, query, name, written
):
    gpt()
    text = html(
        client,
        f"?{query}&web_search=3&every=day&tier=standard&q=gpt&capability=vision&pin=openai/gpt-5.4",
    )
    sentences = re.findall(r'<p class="why" id="why-([a-z_]+)">([^<]+)</p>', text)
    assert [where for where, _ in sentences] == [name]
    field = re.search(f'<input id="w-{name}"[^>]*>', text)[0]
    assert f'value="{written}"' in field
    assert 'aria-invalid="true"' in field
    assert re.search('<input id="w-web_search"[^>]*value="3"', text)
    assert '<option value="day" selected>' in text
    assert re.search('<input id="w-q"[^>]*value="gpt"', text)
    assert '<input type="hidden" name="pin" value="openai/gpt-5.4">' in text
    assert 'data-meter="total"' not in text


@page
def test_a_request_larger_than_any_context_is_said_beside_its_field(client):
    gpt()
    text = html(client, "?input=1050000&output=1")
    assert "No model takes 1,050,001 tokens a request: the largest context is 1.05M." in text
    assert 'data-meter="total"' not in text
    assert len(totals(client, "?input=1049999&output=1")) == 1


@page
def test_typical_reasoning_stands_beside_a_total_and_is_never_in_it(client):
    gpt(capabilities=["reasoning"])
    query = "?requests=1000&input=1000&output=100"
    # 2.50 and 1.50; 1.50 more if it reasons as long as it answers.
    assert totals(client, query)[0][3] == "4"
    text = html(client, query)
    assert "≈ $5.50 with" in text
    assert "ordered with typical reasoning, 1 × its output, where a model reasons" in " ".join(
        text.split()
    )
    assert "≈ $7.00 with" in html(client, f"{query}&typical_reasoning=2")
    assert totals(client, f"{query}&typical_reasoning=2")[0][3] == "4"
    for stated in ("&reasoning=0", "&reasoning=50", "&typical_reasoning=0"):
        text = html(client, f"{query}{stated}")
        assert "≈ $" not in text
        assert "where a model reasons" not in text
    assert totals(client, f"{query}&reasoning=50")[0][3] == "4"
    assert "≈ $" not in html(client, "?input=1000")


@page
def test_models_are_in_the_order_of_their_cost_with_typical_reasoning(client):
    sell(make_model("a/answers"), input="1", output="5")
    sell(make_model("a/thinks", capabilities=["reasoning"]), input="1", output="3")
    summarise()
    query = "?requests=1000&input=1000&output=1000"
    thinks, answers = ("a/thinks", "openai", "priced", "4"), ("a/answers", "openai", "priced", "6")
    assert totals(client, query) == [answers, thinks]
    assert totals(client, f"{query}&per=endpoint") == [answers, thinks]
    for stated in ("&reasoning=0", "&typical_reasoning=0", "&typical_reasoning=0.5"):
        assert totals(client, f"{query}{stated}") == [thinks, answers]
    assert "aria-sort" not in html(client, query)
    assert 'aria-sort="ascending"' in html(client, f"{query}&reasoning=0")


@page
@pytest.mark.parametrize("written", ["-1", "21", "x", "1.234", "1e1", "%C2%B2"])
def test_an_odd_typical_reasoning_is_said_and_not_applied(client, written):
    gpt(capabilities=["reasoning"])
    text = html(client, f"?requests=1000&input=1000&output=100&typical_reasoning={written}")
    assert "is no typical reasoning, from 0 to 20 times the output." in text
    assert "≈ $5.50 with" in text


@page
def test_a_row_shows_its_shares_as_a_bar_and_in_words(client):
    gpt()
    text = html(client, "?requests=1&input=1000&cached=500&output=100")
    words = re.findall(r'class="slice of-(\w+)">([^<]+)<', text)
    assert words == [("input", "input 44 %"), ("cache", "cache 4 %"), ("output", "output 52 %")]
    bar = re.findall(r'<rect class="of-(\w+)" x="(\d+)" width="(\d+)"', text)
    assert bar == [("input", "0", "44"), ("cache", "44", "4"), ("output", "48", "52")]


@page
def test_an_announced_price_is_said_in_the_row(client):
    soon = timezone.now() + timedelta(days=400)
    endpoint = sell(make_model("a/dear"), input="1")
    endpoint.rates.update(valid_to=soon)
    make_rate(endpoint, "input", "2", valid_from=soon)
    summarise()
    text = html(client, "?input=1000")
    assert f"this workload doubles on {day_in_full(soon.date().isoformat())}" in text
    assert "this workload doubles" not in html(
        client, f"?input=1000&at={soon.date()}T23:59:59.999999Z"
    )


@page
def test_a_model_is_chosen_exactly_and_all_of_its_endpoints_are_there(client):
    two_models()
    sell(make_model("a/dear-mini"), make_provider("azure"), input="1")
    sell(Model.objects.get(slug="a/dear"), make_provider("gate", kind="gateway"), input="2")
    summarise()
    query = f"{MILLION}&per=endpoint&model=a/dear"
    assert sorted(row[:2] for row in totals(client, query)) == [
        *(("a/dear", "azure"), ("a/dear", "gate"), ("a/dear", "openai")),
    ]
    text = html(client, query)
    assert '<input type="hidden" name="model" value="a/dear">' in text
    assert 'id="chip-model"' in text
    assert {row[0] for row in totals(client, f"{MILLION}&model=A/Dear")} == {"a/dear"}
    assert "no endpoint of a model “a/nope” is in use" in html(client, f"{MILLION}&model=a/nope")
    assert len(totals(client, f"{MILLION}&model=a/nope")) == 3


@page
def test_a_row_opens_to_its_lines_with_formula_and_source(client):
    endpoint = gpt()
    make_rate(
        endpoint,
        "web_search",
        "10",
        source=make_source("litellm", name="LiteLLM"),
        why="read off a page",
    )
    text = html(client, "?requests=1000&input=2000&web_search=1000&open=openai/gpt-5.4")
    assert "1,000 × 2,000 tokens × $2.50 / 1,000,000" in text
    assert 'data-meter="input" data-state="priced" data-amount="2.5"' in text
    assert 'data-line="input" data-amount="5">$5.00<' in text
    assert 'data-line="web_search" data-amount="10">$10.00<' in text
    assert "Models-Dev, Nov 12, 2026" in text
    assert "LiteLLM, Nov 12, 2026: read off a page" in text
    assert 'aria-expanded="true"' in text
    assert 'class="opened"' not in html(client, "?input=2000&open=openai/another")


@page
def test_the_line_of_a_search_says_what_the_total_leaves_out(client):
    search = make_rate(gpt(), "web_search", "10")
    address = "?requests=1000&input=2000&web_search=1000&open=openai/gpt-5.4"
    assert "billed as input on top" not in html(client, address)
    search.content_billed_as_input = True
    search.save()
    text = html(client, address)
    assert "what it finds is billed as input on top, and is not in the total" in text
    assert 'data-line="web_search" data-amount="10">$10.00<' in text


@page
def test_what_searches_find_is_billed_as_input_as_stated(client):
    search = make_rate(gpt(), "web_search", "10", content_billed_as_input=True)
    address = "?requests=1000&input=2000&search_content=1500&web_search=1000&open=openai/gpt-5.4"
    text = html(client, address)
    assert 'data-line="input" data-amount="1.25">$1.25<' in text
    assert 'data-line="search_content" data-amount="3.75">$3.75<' in text
    assert "Standard, billed as input" in text
    assert "is not in the total" not in text
    search.content_billed_as_input = False
    search.save()
    text = html(client, address)
    assert 'data-line="search_content"' not in text
    assert "what it finds is included" in text
    assert 'data-line="total" data-amount="11.25"' in text
    search.content_billed_as_input = None
    search.save()
    assert "No source states their price for search content" in html(client, address)


@page
def test_pinned_models_stay_on_top_and_the_others_are_compared_to_the_first(client):
    two_models()
    assert [row[0] for row in totals(client, f"{MILLION}&pin=a/dear")] == ["a/dear", "a/cheap"]
    text = html(client, f"{MILLION}&pin=a/dear")
    assert "3.0× cheaper" in text
    assert text.count('data-model="a/dear"') == 1
    per_endpoint = totals(client, f"{MILLION}&per=endpoint&pin=a/dear")
    assert [row[:2] for row in per_endpoint] == [
        ("a/dear", "azure"),
        ("a/cheap", "azure"),
        ("a/dear", "openai"),
    ]
    pinned, cheap = rows(client.get(f"/estimate/{MILLION}&pin=a/dear"), "estimate")
    assert (pinned["cells"][0]["text"], cheap["cells"][0]["text"]) == ("2", "1")


@page
def test_no_two_elements_have_one_id(client):
    two_models()
    gpt()
    for headers in ({}, {"HX-Request": "true"}):
        ids = re.findall(
            r' id="([^"]+)"',
            html(client, f"{MILLION}&pin=a/dear&per=endpoint&open=azure/dear", **headers),
        )
        assert len(ids) == len(set(ids))


@page
@pytest.mark.parametrize(
    ("query", "state", "said"),
    [
        ("", "unknown", "No source states their price for input"),
        ("&q=cheap", None, "The filters leave it out"),
        ("&tier=batch", "not_offered", "State no price for the batch tier"),
    ],
)
def test_a_pinned_model_without_a_place_says_why(client, query, state, said):
    two_models()
    endpoint = sell(make_model("a/silent", name="Silent"), output="1")
    make_rate(endpoint, "output", "1", terms=Terms(region="eu"))
    make_rate(sell(make_model("a/batch"), input="1"), "input", "0.5", terms=Terms("batch"))
    summarise()
    found = rows(client.get(f"/estimate/{MILLION}{query}&pin=a/silent"), "estimate")
    assert found[0]["data-model"] == "a/silent"
    cells = found[0]["cells"]
    assert [each.get("data-state") for each in cells] == [None, None, state, None]
    assert cells[-1]["text"] == said
    assert "data-amount" not in cells[2]


@page
def test_a_pin_that_is_no_model_says_so_and_breaks_nothing(client):
    two_models()
    text = html(client, f"{MILLION}&pin=<b>/x")
    assert "No endpoint of such a model is known" in text
    assert "&lt;b&gt;/x" in text
    assert len(totals(client, MILLION)) == 2


@page
def test_a_link_shows_the_same_again_with_every_choice(client):
    two_models()
    query = "?requests=1000000&input=1&per=endpoint&provider=azure&pin=a%2Fdear&open=azure%2Fdear"
    text = html(client, query)
    (link,) = re.findall(r'data-copy="([^"]*/estimate/\?[^"]*)">Copy link', text)
    assert totals(client, "?" + link.replace("&amp;", "&").partition("?")[2]) == totals(
        client, query
    )


@page
def test_the_first_rows_are_copied_as_a_markdown_table(client):
    two_models()
    text = html(client, MILLION)
    copied = re.search(r'data-copy="(\| #[^"]*)"', text)[1]
    assert "| 1 | Cheap | Azure | $1.00 | $0.001 |" in copied
    assert "| 2 | Dear | Azure | $3.00 | $0.003 |" in copied
    assert "Cost per month" in copied


@page
def test_requests_may_be_counted_by_the_day(client):
    two_models()
    text = html(client, f"{MILLION}&every=day")
    assert "Cost per day" in text
    assert '<span class="unit">/day</span>' in text


@page
def test_presets_fill_the_workload_and_leave_all_the_rest(client):
    two_models()
    text = html(client, "?input=5&tier=batch&at=2026-10-01&per=endpoint&provider=azure&pin=a/dear")
    (link,) = re.findall(r'href="\?([^"]*)">RAG<', text)
    assert link.replace("&amp;", "&") == (
        "requests=10000&input=12000&output=500&at=2026-10-01&per=endpoint&provider=azure&pin=a%2Fdear"
    )


@page
@pytest.mark.parametrize(
    "name", ["Support chatbot", "RAG", "Coding agent", "Batch extraction", "Document vision"]
)
def test_each_preset_is_marked_once_it_is_chosen(client, name):
    endpoint = sell(
        make_model(context_window=100_000, capabilities=["vision", "reasoning"]),
        input="2",
        output="1",
    )
    make_rate(endpoint, "input", "1", terms=Terms("batch"))
    summarise()
    (link,) = re.findall(rf'href="\?([^"]*)"[^>]*>{name}<', html(client, "?input=5"))
    text = html(client, "?" + link.replace("&amp;", "&"))
    assert re.findall(r'aria-current="true">([^<]+)</a>', text.partition('class="estimate"')[0])[
        -1:
    ] == [name]
    assert len(rows(client.get("/estimate/?" + link.replace("&amp;", "&")), "estimate")) == 1


@page
def test_nothing_stated_is_the_support_chatbot(client):
    two_models()
    assert 'aria-current="true">Support chatbot</a>' in html(client)


def many(count):
    host = make_provider("host")
    for n in range(count):
        sell(make_model(f"a/m{n:03}"), host, input=f"{n + 1}")
    summarise()


@page
def test_pages_hold_thirty_and_more_are_loaded_below_them(client):
    many(65)
    first = html(client, MILLION)
    assert len(totals(client, MILLION)) == 30
    assert 'hx-get="?requests=1000000&amp;input=1&amp;from=1&amp;page=2"' in first
    assert "nth-child(n+31)" in first
    assert len(totals(client, f"{MILLION}&from=1&page=2")) == 60
    last = totals(client, f"{MILLION}&page=3")
    assert [row[0] for row in last] == [f"a/m{n:03}" for n in range(60, 65)]
    assert 'rel="prev" href="?requests=1000000&amp;input=1&amp;page=2"' in html(
        client, f"{MILLION}&page=3"
    )
    assert 'id="load-more"' not in html(client, f"{MILLION}&page=3")


@page
def test_an_opened_row_and_a_pinned_one_leave_no_row_out_when_more_is_loaded(client):
    many(65)
    query = f"{MILLION}&pin=a/m003&open=host/m005"
    shown = [row[0] for row in totals(client, query)]
    following = int(re.search(r"nth-child\(n\+(\d+)\)", html(client, query))[1])
    longer = html(client, f"{query}&from=1&page=2").partition('<tbody class="ranked">')[2]
    # Every row of that table, that of the opened lines too, by its model.
    ranked = re.findall(r'<tr (?:data-model="([^"]+)"|class="opened")', longer)
    assert [*shown, *ranked[following - 1 :]] == [
        "a/m003",
        *(f"a/m{n:03}" for n in range(60) if n != 3),
    ]


@page
def test_a_page_past_the_last_is_the_last_and_says_so(client):
    many(3)
    text = html(client, f"{MILLION}&page=9")
    assert "there is no page 9, this is the last" in text
    assert len(totals(client, f"{MILLION}&page=9")) == 3


@page
def test_an_empty_catalog_is_a_page_too(client):
    assert "Nothing can be ranked" in html(client)


@page
@pytest.mark.parametrize(
    "query",
    [
        "input=%00",
        "pin=%00",
        "open=%00",
        "tier=%ff",
        "at=%00",
        "page=%00",
        "q=%00&input=5",
        "per=%3Cb%3E",
        "%",
        "=&=",
    ],
)
def test_no_query_string_breaks_the_page(client, query):
    two_models()
    assert client.get(f"/estimate/?{query}").status_code == 200


# What a ranking per model takes -----------------------------------------------------------------


def rated_models():
    """Own, cloud and gateway endpoints of models that are rated 1400, 1300, 1200 or not at all."""
    best = make_model("a/best", name="Best")
    own = make_provider("a", kind=ProviderKind.FIRST_PARTY, creator=best.creator)
    cloud, gate = make_provider("cloud"), make_provider("gate", kind=ProviderKind.GATEWAY)
    sell(best, own, input="5")
    sell(best, cloud, input="4")
    sell(best, gate, input="1")
    sell(make_model("a/good"), cloud, input="3")
    sell(make_model("a/gated"), gate, input="2")
    sell(make_model("a/poor"), cloud, input="1")
    sell(make_model("a/unrated"), cloud, input="1")
    for name, rating in (("best", 1400), ("good", 1300), ("gated", 1300), ("poor", 1200)):
        make_rating(Model.objects.get(slug=f"a/{name}"), rating)
    make_rating(Model.objects.get(slug="a/poor"), 1500, category="coding")
    summarise()


@page
def test_the_best_rated_models_are_ranked_at_their_headline_endpoints(client):
    rated_models()
    assert totals(client, MILLION) == [
        ("a/good", "cloud", "priced", "3"),
        ("a/best", "a", "priced", "5"),
    ]
    text = " ".join(html(client, MILLION).split())
    assert (
        "2 models that Arena rates 1,300 or higher, each at its first endpoint that can take it"
        in text
    )
    assert "Models that Arena has not rated, or not as high" in text
    assert 'href="?requests=1000000&amp;input=1&amp;all=1">Rank all models</a>' in text
    assert "Models at gateways and resellers only" in text
    assert 'href="?requests=1000000&amp;input=1&amp;via=any">Rank gateways' in text
    assert 'data-rating="1400">1,400<' in text
    pinned = " ".join(
        html(client, f"{MILLION}&pin=a/poor&pin=a/unrated&kind=inference-host").split()
    )
    assert "2 models that Arena rates 1,300 or higher and 2 other pinned, each at" in pinned
    assert "each at its first endpoint that passes the filters and can take it" in pinned


@page
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&all=1", "best:a good:cloud poor:cloud unrated:cloud"),
        ("&via=any", "best:gate good:cloud gated:gate"),
        ("&kind=gateway", "best:gate gated:gate"),
        ("&kind=gateway&kind=inference-host", "best:cloud good:cloud gated:gate"),
        ("&provider=cloud", "best:cloud good:cloud poor:cloud unrated:cloud"),
        ("&q=unrated", "unrated:cloud"),
        ("&model=a/gated", "gated:gate"),
        ("&rating_min=1400", "best:a"),
        ("&rating_min=1", "best:a good:cloud poor:cloud"),
        ("&board=coding", "poor:cloud"),
        ("&board=vision", "best:a good:cloud poor:cloud unrated:cloud"),
        ("&input_max=4", "good:cloud"),
        ("&pin=a/unrated", "best:a good:cloud unrated:cloud"),
        ("&pin=a/gated&all=1&via=any&kind=gateway", "best:gate gated:gate"),
    ],
)
def test_a_query_chooses_models_and_the_endpoint_of_each(client, query, expected):
    rated_models()
    found = [f"{model[2:]}:{at}" for model, at, _, _ in totals(client, f"{MILLION}{query}")]
    assert sorted(found) == sorted(expected.split())


@page
def test_per_endpoint_every_one_is_ranked_and_named_with_its_kind(client):
    rated_models()
    assert len([row for row in totals(client, f"{MILLION}&per=endpoint") if row[3]]) == 7
    assert '<span class="faint">gateway</span>' in html(client, f"{MILLION}&per=endpoint")


@page
def test_one_models_endpoints_begin_with_its_headline_which_is_marked(client):
    rated_models()
    query = f"{MILLION}&per=endpoint&model=a/best"
    assert [row[1] for row in totals(client, query)] == ["a", "gate", "cloud"]
    assert html(client, query).count('<span class="tag">Headline</span>') == 1
    first = rows(client.get(f"/estimate/{query}"), "estimate")[0]
    assert first["cells"][0]["text"] == "3"


@page
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("via=cheap", "“cheap” is no way to choose endpoints, direct or any is"),
        ("kind=shop", "“shop” is no kind of provider"),
        ("region=%3Cb%3E", "is no region"),
        ("region=moon", "“moon” is no region of an endpoint"),
        ("rating_min=high", "“high” is no rating"),
        ("board=chess", "“chess” is no board or category of ratings"),
        ("all=maybe", "all is 1 or left out, not “maybe”"),
    ],
)
def test_an_odd_choice_is_ignored_with_a_sentence(client, query, said):
    rated_models()
    assert said in html(client, f"{MILLION}&{query}")
    assert totals(client, f"{MILLION}&{query}") == totals(client, MILLION)


@page
def test_the_file_has_the_models_of_the_page_and_the_rest_with_its_reason(client):
    rated_models()
    file = b"".join(client.get(f"/estimate.csv{MILLION}").streaming_content).decode().splitlines()
    assert [line.split(",")[:3] for line in file[1:3]] == [
        ["1", "a/good", "cloud"],
        ["2", "a/best", "a"],
    ]
    others = sorted(line.split(",")[:5] for line in file[3:])
    assert others == [
        ["", "a/gated", "gate", "gated", "2"],
        ["", "a/poor", "cloud", "poor", "1"],
        ["", "a/unrated", "cloud", "unrated", "1"],
    ]


@page
def test_rated_models_are_drawn_against_their_ratings(client):
    rated_models()
    text = html(client, MILLION)
    assert "Cost against Arena rating, text" in text
    table = text.partition("The line as a table")[2]
    assert re.findall(r'<a href="/models/([^"]+)/">', table) == ["a/good", "a/best"]


# The filters ------------------------------------------------------------------------------------


def random_catalog(random):
    capabilities = ["vision", "reasoning", "tool-use"]
    hosts = [make_provider(f"p{n}") for n in range(4)]
    for n in range(30):
        has = {
            host: random.sample(capabilities, random.randint(0, 2))
            for host in hosts[: random.randint(1, 4)]
        }
        room = {host: random.choice([8_000, 128_000]) for host in has}
        model = make_model(
            f"{random.choice('ab')}/m{n}",
            name=random.choice(["Large", "Small"]) + f" {n}",
            released=random.choice(["", "2025", "2026-10", "2026-11-01"]),
            context_window=max(room.values()),
            open_weights=random.choice([None, True, False]),
            lifecycle=random.choice([Lifecycle.ACTIVE, Lifecycle.PREVIEW, Lifecycle.DEPRECATED]),
            capabilities=sorted(set().union(*has.values())),
            modalities_in=random.choice([[], ["text", "image"]]),
        )
        for host in has:
            endpoint = make_endpoint(
                model,
                host,
                context_window=room[host],
                capabilities=has[host],
                lacks=[slug for slug in capabilities if slug not in has[host]],
                zdr=random.choice(["", "default", "on_request"]),
                training=random.choice(["", "no", "yes"]),
            )
            for slug in ("input", "output"):
                make_rate(endpoint, slug, random.choice(["0.5", "1", "2.5"]))
    summarise()


FILTERS = [
    *(
        "q=large",
        "q=p1",
        "creator=a",
        "provider=p2",
        "capability=vision",
        "provider=p2&capability=vision",
    ),
    *(
        "modality=image",
        "input_max=1",
        "output_max=0.5",
        "input_max=1&output_max=1",
        "context_min=100000",
        "zdr=1",
    ),
    *(
        "no_training=1",
        "open_weights=1",
        "lifecycle=active",
        "lifecycle=preview",
        "lifecycle=deprecated",
    ),
    *("provider=p1&capability=vision&zdr=1", "q=small&input_max=1&context_min=9000&provider=p3"),
    *("released_within=3000", "released_within=1"),
]


@page
def test_the_filters_leave_what_the_list_of_models_leaves(client):
    random_catalog(Random(7))
    found = {}
    for query in FILTERS:
        listed = {row["data-model"] for row in rows(client.get(f"/models/?{query}"), "models")}
        estimated = {row[0] for row in totals(client, f"?input=1&output=1&{query}")}
        found[query] = (listed ^ estimated, bool(listed))
    assert {query: differ for query, (differ, _) in found.items() if differ} == {}
    assert sum(any_left for _, any_left in found.values()) >= len(FILTERS) - 2


@page
def test_a_filter_that_is_set_is_a_chip_and_all_of_them_are_cleared_at_once(client):
    two_models()
    text = html(client, f"{MILLION}&provider=azure&q=cheap&pin=a/dear")
    chips = re.findall(r'<a class="chip" id="[^"]+" href="\?([^"]*)" aria-current="true">', text)
    assert len(chips) == 2
    assert all("pin=a%2Fdear" in chip and "input=1" in chip for chip in chips)
    assert 'id="clear" href="?requests=1000000&amp;input=1&amp;pin=a%2Fdear"' in text
    assert 'id="clear"' not in html(client, MILLION)


@page
def test_a_filter_that_nobody_has_is_said_and_not_applied(client):
    two_models()
    assert "Some filters were ignored: “nobody” is no provider." in html(
        client, f"{MILLION}&provider=nobody"
    )
    assert len(totals(client, f"{MILLION}&provider=nobody")) == 2


# How it is asked and answered -------------------------------------------------------------------


@page
def test_htmx_gets_the_results_and_what_goes_with_them(client):
    two_models()
    part = html(client, "?input=abc", **{"HX-Request": "true"})
    assert part.strip().startswith("<section")
    assert '<span data-why="input">A number, please' in part
    assert 'id="presets"' in part
    assert "<form" not in part
    assert "hx-swap-oob" not in html(client, "?input=abc")


@page
def test_the_answer_holds_the_shortest_query_for_what_was_asked(client):
    two_models()
    asked = (
        "?requests=1,000&input=30+000&output=&per=model&q=&tier=standard&every=month&page=1"
        "&unheard=of"
    )
    for headers in ({}, {"HX-Request": "true"}):
        assert 'data-query="requests=1000&amp;input=30000"' in html(client, asked, **headers)


@pytest.mark.django_db(transaction=True)
def test_a_change_of_a_price_shows_at_once(client):
    endpoint = gpt()
    for amount in ("3", "7"):
        endpoint.rates.filter(meter="input", terms={}).update(amount=amount)
        assert totals(client, MILLION)[0][3] == amount


@page
def test_the_estimate_costs_as_many_queries_whatever_it_holds(client):
    counts = []
    for size in (5, 10):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), make_provider(f"p{size}-{n}"), input="1", output="1")
            make_endpoint(make_model(f"b/n{size}-{n}"), make_provider(f"p{size}-{n}"))
        summarise()
        client.get("/estimate/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/estimate/?input=5&per=endpoint&pin=a/m5-0&open=p5-1/m5-1")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@page
def test_engines_find_the_page_at_one_address(client, settings):
    address = f"{settings.PUBLIC_URL}/estimate/"
    for query in ("", MILLION):
        assert f'<link rel="canonical" href="{address}">' in html(client, query)
    robots = client.get("/robots.txt").content.decode().splitlines()
    assert "Disallow: /estimate/?" in robots
    assert "Disallow: /estimate.csv" in robots


@page
def test_the_search_in_the_top_bar_is_for_models_and_holds_none_of_the_filters(client):
    two_models()
    text = html(client, f"{MILLION}&q=cheap")
    assert re.search('<input id="q"[^>]*value=""', text)
    assert re.search('<input id="w-q"[^>]*value="cheap"', text)


@page
def test_the_drawing_has_a_table_of_its_frontier(client):
    make_model("a/unknown-size")
    sell(make_model("a/small", name="Small", context_window=8_000), input="1")
    sell(make_model("a/large", name="Large", context_window=1_000_000), input="2")
    sell(make_model("a/beaten", name="Beaten", context_window=9_000), input="3")
    summarise()
    text = html(client, MILLION)
    table = text.partition("The line as a table")[2]
    assert re.findall(r'<a href="/models/([^"]+)/">', table) == ["a/small", "a/large"]
    assert "$0.001" in table
    assert 'class="scatter wide"' in text
    assert 'class="scatter ' not in html(client, f"{MILLION}&q=nothing")


@page
@pytest.mark.parametrize("per", ["model", "endpoint"])
def test_the_drawing_says_what_each_models_cheapest_endpoint_costs(client, per):
    two_models()
    for slug, size in (("a/dear", 900_000), ("a/cheap", 8_000)):
        Model.objects.filter(slug=slug).update(context_window=size)
    text = html(client, f"{MILLION}&per={per}&pin=a/dear")
    assert "<title>Dear\n$0.003 per 1,000 requests\n900K context</title>" in text
    assert "<title>Cheap\n$0.001 per 1,000 requests\n8K context</title>" in text


@page
def test_a_price_of_another_time_is_said_to_be_of_another_time(client):
    endpoint = sell(make_model("deepseek/deepseek-v4"), input="1")
    endpoint.rates.update(valid_from=NOW)
    summarise()
    assert "No endpoint that is left can be ranked" in html(client, "?input=1000&at=2026-11-01")
    assert "Their price for input is not known at that time" in html(
        client, "?input=1000&at=2026-11-01"
    )
    assert totals(client, "?requests=1000&input=1000&at=2026-11-13")[0][3] == "1"


@page
def test_an_opened_row_ends_in_its_exact_total(client):
    gpt()
    text = html(client, "?requests=1&input=272001&output=1000&open=openai/gpt-5.4")
    assert 'data-line="total" data-amount="1.382505"><b>$1.382505</b>' in text


@page
def test_a_row_says_that_nobody_states_its_context(client):
    sell(make_model("liquid/lfm-7b", context_window=None), input="1")
    summarise()
    assert "its context is not stated" in html(client, "?input=1000")


@page
def test_cached_tokens_without_a_price_are_billed_as_input_only_where_that_is_asked(client):
    stated = sell(make_model("openai/gpt-5.4"), input="2", cache_read="0.5", output="10")
    silent = sell(make_model("meta/llama-4"), input="1", output="4")
    summarise()
    query = "?requests=1000&input=1000&cached=600&output=100"
    priced = ("openai/gpt-5.4", stated.provider.slug, "priced", "2.1")
    unpriced = ("meta/llama-4", silent.provider.slug, "unknown", None)
    assert totals(client, query) == [priced, unpriced]
    assert "uncached=1" in html(client, query)
    at_most = ("meta/llama-4", silent.provider.slug, "priced", "1.4")
    assert totals(client, f"{query}&uncached=1") == [at_most, priced]
    text = html(client, f"{query}&uncached=1")
    assert "cached tokens are billed as input" in text
    assert 'id="chip-uncached"' in text


@page
@pytest.mark.parametrize("cached", [1, 400, 999, 1000])
def test_the_order_with_cached_tokens_as_input_is_that_of_the_exact_totals(client, cached):
    for n in range(1, 6):
        sell(make_model(f"maker/silent-{n}"), input=str(n), output=str(7 - n))
        sell(
            make_model(f"maker/stated-{n}"), input=str(n), cache_read=str(n / 4), output=str(7 - n)
        )
    summarise()
    found = totals(client, f"?requests=1000&input=1000&cached={cached}&output=500&uncached=1")
    amounts = [Decimal(amount) for *_, state, amount in found if state == "priced"]
    assert len(amounts) == 10
    assert amounts == sorted(amounts)
