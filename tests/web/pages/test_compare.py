from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from catalog.models import Alias, Capability, Endpoint, Model
from catalog.ratings import Rating
from pricing.models import Rate
from pricing.terms import Band, Schedule, Terms
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from tests.web.page import Tables
from web.params.compare import MOST, CompareQuery, Mix
from web.reads.prices import AnnouncedPrice, Price
from web.tables.comparison_prices import blended

pytestmark = pytest.mark.django_db

TWO = "/compare/?m=openai/o4-mini&m=anthropic/claude"


@pytest.fixture
def catalog():
    """o4-mini at its creator, at Azure and at a gateway; Claude at a host that states less."""
    openai = make_provider("openai", name="OpenAI", kind="first-party")
    azure = make_provider("azure", name="Azure", kind="cloud")
    o4_mini = make_model(
        "openai/o4-mini", name="o4-mini", released="2025-04-16", knowledge_cutoff="2024-05"
    )
    openai.creator = o4_mini.creator
    openai.save()
    endpoint = sell(o4_mini, openai, input="1.10", output="4.40", cache_read="0.275")
    endpoint.context_window, endpoint.capabilities, endpoint.zdr = 200_000, ["vision"], "on_request"
    endpoint.save()
    sell(o4_mini, azure, input="1.05", output="4.30")
    sell(o4_mini, make_provider("cheap", name="Cheap", kind="gateway"), input="0.10", output="0.40")
    claude = make_model("anthropic/claude", name="Claude", knowledge_cutoff="2025-02-28")
    host = sell(claude, make_provider("host", name="Host"), input="3")
    host.context_window, host.lacks = 100_000, ["vision"]
    host.save()
    Capability.objects.update_or_create(slug="vision", defaults={"name": "Vision"})
    summarise()
    return {"openai": endpoint, "host": host}


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def rows(html):
    """The rows of the comparison, label to cells."""
    return {
        row["cells"][0]["text"].removeprefix("≠differs: "): row["cells"][1:]
        for row in Tables(html).tables.get("compared", [])
        if row["cells"]
    }


def row(html, start):
    """The cells of the row whose label starts so: Input is the price, not the input modalities."""
    return next(
        cells
        for label, cells in rows(html).items()
        if label.startswith(start) and "modalities" not in label.removeprefix(start)
    )


def columns(html):
    found = Tables(html).tables.get("compared", [])
    return [
        (cell["data-model"], cell["data-provider"])
        for cell in found[0]["cells"]
        if "data-model" in cell
    ]


def told(html):
    """What the page says it did not understand."""
    _, found, rest = html.partition('class="notice">')
    return rest.partition("</p>")[0] if found else ""


def test_models_stand_side_by_side_in_the_order_that_was_asked_for(client, catalog):
    html = page(client, "/compare/?m=anthropic/claude&m=openai/o4-mini")
    assert columns(html) == [("anthropic/claude", "host"), ("openai/o4-mini", "openai")]
    assert told(html) == ""


def test_a_model_stands_at_its_creators_own_and_says_why(client, catalog):
    html = page(client, TWO)
    assert columns(html)[0] == ("openai/o4-mini", "openai")
    assert "Run by its creator" in html


def test_without_one_of_the_creator_the_lowest_price_of_who_runs_it_stands(client, catalog):
    openai = catalog["openai"].provider
    openai.creator = None
    openai.save()
    summarise()
    html = page(client, TWO)
    assert columns(html)[0] == ("openai/o4-mini", "azure")  # not the gateway, which asks less
    assert "Cheapest direct provider" in html


def test_a_provider_can_be_chosen_for_each_model(client, catalog):
    html = page(client, "/compare/?m=openai/o4-mini@azure&m=openai/o4-mini@cheap&m=openai/o4-mini")
    assert [provider for _, provider in columns(html)] == ["azure", "cheap", "openai"]
    assert [cell.get("data-amount") for cell in row(html, "Input")] == ["1.05", "0.1", "1.1"]
    assert '<option value="openai/o4-mini@azure" selected>Azure</option>' in html


def test_a_provider_that_does_not_serve_the_model_is_said_and_the_usual_one_stands(client, catalog):
    html = page(client, f"{TWO}&m=openai/o4-mini@host")
    assert "“host” does not serve o4-mini" in told(html)
    assert len(columns(html)) == 2


def test_an_id_that_begins_with_a_provider_is_compared_there(client, catalog):
    make_endpoint(catalog["openai"].model, make_provider("azure"), upstream_id="eu/o4-mini")
    html = page(client, "/compare/?m=azure/eu/o4-mini&m=openai/o4-mini")
    assert "m=openai/o4-mini@azure" in html
    assert "is no model known here" not in html


@pytest.mark.parametrize("provider", ["Azure", "azure_openai", "AZURE"])
def test_a_provider_is_named_in_any_spelling(client, catalog, provider):
    html = page(client, f"/compare/?m=openai/o4-mini@{provider}&m=anthropic/claude")
    assert '<option value="openai/o4-mini@azure" selected>Azure</option>' in html


def test_aliases_and_ids_of_providers_lead_to_their_models(client, catalog):
    Alias.objects.create(spelling="claude@20250514", model=catalog["host"].model)
    make_endpoint(catalog["openai"].model, catalog["host"].provider, upstream_id="My/O4")
    html = page(client, "/compare/?m=Claude@20250514&m=my/o4@azure")
    assert columns(html) == [("anthropic/claude", "host"), ("openai/o4-mini", "azure")]
    assert "m=anthropic/claude&amp;m=openai/o4-mini@azure" in html


def test_unknown_models_are_named_in_one_line_and_the_rest_is_compared(client, catalog):
    html = page(client, f"{TWO}&m=no/such&m=<b>&m=other")
    assert told(html).count("no model known here") == 1
    assert "“no/such”, “&lt;b&gt;”, “other” are no model known here" in told(html)
    assert len(columns(html)) == 2


def test_more_than_eight_are_said_and_eight_stand(client, catalog):
    for n in range(9):
        sell(make_model(f"lab/m{n}"), make_provider("host"), input="1")
    asked = "&".join(f"m=lab/m{n}" for n in range(9))
    html = page(client, f"/compare/?{asked}")
    assert len(columns(html)) == MOST
    assert "at most 8 models stand side by side" in told(html)
    assert 'id="add"' not in html


def test_a_model_that_nobody_serves_is_said(client, catalog):
    make_model("lab/idea")
    assert "no provider is known to serve “lab/idea”" in told(page(client, f"{TWO}&m=lab/idea"))


def test_every_meter_that_any_states_has_a_row_and_unknown_is_no_zero(client, catalog):
    make_rate(catalog["host"], "image", None, state="dynamic")
    html = page(client, TWO)
    found = {
        cells[0]["data-meter"]: [
            (cell["data-meter"], cell["data-state"], cell.get("data-amount")) for cell in cells
        ]
        for cells in rows(html).values()
        if cells and "data-meter" in cells[0]
    }
    assert found["output"] == [("output", "priced", "4.4"), ("output", "unknown", None)]
    assert found["cache_read"][1] == ("cache_read", "unknown", None)
    assert found["image"] == [("image", "unknown", None), ("image", "dynamic", None)]
    assert found["input"][0] == ("input", "priced", "1.1")


def test_a_search_whose_findings_cost_input_too_differs_from_one_where_that_is_not_said(
    client, catalog
):
    for endpoint, content in ((catalog["openai"], True), (catalog["host"], None)):
        make_rate(endpoint, "web_search", "10", content_billed_as_input=content)
    said, silent = row(page(client, TWO), "Web search")
    assert "+ input costs" in said["text"] and "+ input costs" not in silent["text"]
    assert said["title"].startswith(
        "$10.00 + input costs: the content it finds is billed as input too"
    )
    assert "Web search" in " ".join(rows(page(client, f"{TWO}&only=differences")))


def test_who_has_a_price_for_searching_the_web_does_it(client, catalog):
    make_rate(catalog["openai"], "web_search", "10")
    for endpoint in catalog["openai"], catalog["host"]:
        endpoint.lacks = ["web-search"]
        endpoint.save()
    Capability.objects.update_or_create(slug="web-search", defaults={"name": "Looks things up"})
    assert [cell["text"] for cell in row(page(client, TWO), "Looks things up")] == ["Yes", "No"]


def test_what_is_stated_not_to_be_is_told_from_what_nobody_states(client, catalog):
    host = catalog["host"]
    host.lacks = ["vision", "implicit-caching", "explicit-caching"]
    host.save()
    assert row(page(client, TWO), "Cache read")[1]["data-state"] == "not_offered"


def test_the_best_of_a_row_is_marked_where_two_differ(client, catalog):
    html = page(client, TWO)

    def best(start):
        return ["best" in cell["class"] for cell in row(html, start)]

    assert best("Input") == [True, False]
    assert best("Context") == [True, False]
    assert best("Knowledge cutoff") == [False, True]
    assert best("Output") == [False, False]  # the other one's price is not known
    assert "the lowest of these" in row(html, "Input")[0]["text"]


def best_of(client, start, address=TWO):
    return ["best" in cell["class"] for cell in row(page(client, address), start)]


def test_no_row_has_a_best_that_something_unknown_or_free_may_beat(client, catalog):
    claude = catalog["host"].model
    Model.objects.filter(id=claude.id).update(knowledge_cutoff="2024")
    assert best_of(client, "Knowledge cutoff") == [False, False]  # 2024 may be after May 2024
    Model.objects.filter(id=claude.id).update(knowledge_cutoff="2023")
    assert best_of(client, "Knowledge cutoff") == [True, False]
    Rate.objects.filter(endpoint=catalog["host"], meter="input").update(amount=0, state="free")
    assert best_of(client, "Input") == [False, True]


def test_a_retired_model_is_the_best_of_no_row(client, catalog):
    Model.objects.filter(slug="openai/o4-mini").update(lifecycle="retired")
    sell(make_model("lab/other"), make_provider("host"), input="2")
    three = f"{TWO}&m=lab/other"
    assert best_of(client, "Input", three) == [False, False, True]
    assert best_of(client, "Context", three) == [False, False, False]


def rate_on(model, rating, spread, *, board="text", category="overall"):
    rating = Decimal(rating)
    Rating.objects.create(
        model=model,
        board=board,
        category=category,
        name=f"{model.name} (High)",
        rating=rating,
        low=rating - spread,
        high=rating + spread,
        votes=12_345,
        rank=1,
        as_of="2026-10-20",
        source=make_source("arena", name="Arena leaderboard"),
    )


def test_ratings_stand_side_by_side_on_the_same_board_with_interval_and_votes(client, catalog):
    o4_mini, claude = catalog["openai"].model, catalog["host"].model
    other = make_model("lab/other")
    sell(other, make_provider("host"), input="2")
    rate_on(o4_mini, "1400.4", 5)
    rate_on(claude, "1409", 4)
    rate_on(other, "1300", 5)
    for model, rating in ((o4_mini, 1500), (other, 1400)):
        rate_on(model, rating, 5, category="coding")
    rate_on(o4_mini, 1200, 5, category="korean")  # no other is rated in it
    rate_on(claude, 1250, 5, board="vision")
    three = f"{TWO}&m=lab/other"
    html = page(client, three)
    first, second, third = row(html, "Text")
    assert (first["data-rating"], first["data-board"]) == ("1400.4", "text")
    assert first["text"].startswith("1,400, the highest, or within its interval, of these")
    assert "1,395–1,405, 12,345 votes" in first["text"]
    assert "as o4-mini (High)" in first["title"]
    # Their intervals meet: neither is better.
    assert ["best" in cell["class"] for cell in (first, second, third)] == [True, True, False]
    assert best_of(client, "Coding", three) == [True, False, False]
    assert row(html, "Coding")[1]["text"] == "—Not rated on this board"
    assert best_of(client, "Vision", three) == [False, False, False]  # one alone is not compared
    assert not any(label.startswith("Korean") for label in rows(html))
    assert "Arena leaderboard, Oct 20, 2026" in html
    Model.objects.filter(id__in=(o4_mini.id, claude.id)).update(lifecycle="retired")
    assert best_of(client, "Text", three) == [False, False, False]


def test_the_values_of_more_than_three_models_have_their_models_names(client, catalog):
    assert "data-of" not in page(client, f"{TWO}&m=openai/o4-mini@azure")
    four = f"{TWO}&m=openai/o4-mini@azure&m=openai/o4-mini@cheap"
    assert [cell["data-of"] for cell in row(page(client, four), "Input")] == [
        "o4-mini, OpenAI",
        "Claude",
        "o4-mini, Azure",
        "o4-mini, Cheap",
    ]


def test_what_is_gone_is_never_the_best(client, catalog):
    catalog["openai"].model.endpoints.exclude(pk=catalog["openai"].pk).delete()
    catalog["openai"].missing_since = datetime(2026, 11, 1, tzinfo=UTC)
    catalog["openai"].save()
    html = page(client, TWO)
    assert "best" not in row(html, "Input")[0]["class"]
    assert "Missing since Nov 1, 2026" in html


def test_capabilities_say_yes_no_or_nothing(client, catalog):
    third = sell(make_model("lab/third", capabilities=["vision"]), make_provider("host"), input="1")
    cells = row(page(client, f"{TWO}&m={third.model.slug}"), "Vision")
    assert [cell["text"] for cell in cells[:2]] == ["Yes", "No"]
    assert cells[2]["text"].startswith("—")
    assert "at other providers" in cells[2]["text"]


def test_rows_of_which_nothing_is_known_anywhere_are_not_offered(client, catalog):
    labels = rows(page(client, TWO))
    assert not any(label.startswith(("Latency", "Uptime", "Data retention")) for label in labels)
    Endpoint.objects.filter(id=catalog["host"].id).update(retention="none")
    stated = [cell["text"].partition("—")[0] for cell in row(page(client, TWO), "Data retention")]
    assert stated == ["", "nothing"]


def test_an_unstated_policy_is_never_a_yes(client, catalog):
    asked, silent = row(page(client, TWO), "Zero data retention")
    assert asked["text"] == "On request"
    assert silent["text"] == "—Unknown: no source states it"


def test_bands_and_tiers_have_rows_and_say_what_they_inherit(client, catalog):
    o4_mini = catalog["openai"]
    make_rate(o4_mini, "input", "2.20", terms=Terms(band=Band(200_000)))
    make_rate(o4_mini, "input", "0.55", terms=Terms(tier="batch"))
    make_rate(o4_mini, "output", "2.20", terms=Terms(tier="batch"))
    make_rate(catalog["host"], "input", "1.50", terms=Terms(tier="batch"))
    night = Schedule(windows=(("16:30", "00:30"),))
    make_rate(catalog["host"], "input", "1", terms=Terms(schedules=(night,)))
    html = page(client, TWO)
    banded = row(html, "Input, by context")
    assert "up to 200K" in banded[0]["text"]
    assert "above 200K" in banded[0]["text"]
    assert banded[1]["text"].startswith("—")
    batch = [cells for label, cells in rows(html).items() if "Batch" in label]
    assert ["$0.55" in cells[0]["text"] for cells in batch] == [True, False]
    assert any("16:30–00:30 UTC" in label for label in rows(html))
    # A tier inherits where it names no price; where there is no such tier nothing is claimed.
    make_rate(catalog["host"], "output", "9")
    found = rows(page(client, TWO)).items()
    outputs = [cells for label, cells in found if label.startswith("Output") and "Batch" in label]
    assert "standard" in outputs[0][1]["text"]


def test_prices_by_option_are_listed(client, catalog):
    for size, amount in (("small", "0.02"), ("large", "0.08")):
        make_rate(catalog["host"], "image", amount, terms=Terms(options=(("size", size),)))
    html = page(client, TWO)
    (_, cell) = row(html, "Images made, by option")
    assert "Size small $0.02" in cell["text"]
    assert "Size large $0.08" in cell["text"]
    assert row(html, "Images made")[1]["data-amount"] == "0.02"


def test_only_differences_leaves_out_what_is_the_same_for_all(client, catalog):
    html, fewer = page(client, TWO), page(client, f"{TWO}&only=differences")
    assert any(label.startswith("Open weights") for label in rows(html))
    assert not any(label.startswith("Open weights") for label in rows(fewer))
    assert any(label.startswith("Context") for label in rows(fewer))
    assert fewer.count('<tr class="differs"') == html.count('<tr class="differs"') > 0
    assert "<tr><th" not in fewer
    assert 'href="?m=openai/o4-mini&amp;m=anthropic/claude&amp;only=differences"' in html
    assert 'href="?m=openai/o4-mini&amp;m=anthropic/claude"' in fewer


def test_twice_the_same_endpoint_is_one_column(client, catalog):
    html = page(client, f"{TWO}&m=openai/o4-mini@openai&m=OpenAI/o4-mini")
    assert len(columns(html)) == 2


# Blended ------------------------------------------------------------------------------------------


def test_the_blended_price_is_three_to_one_until_its_mix_is_edited(client, catalog):
    usual = row(page(client, TWO), "Blended")[0]
    assert Decimal(usual["data-amount"]) == (3 * Decimal("1.10") + Decimal("4.40")) / 4
    html = page(client, f"{TWO}&mix=1:1")
    assert row(html, "Blended")[0]["data-amount"] == "2.75"
    assert 'value="1:1"' in html
    assert row(html, "Blended")[1]["data-state"] == "unknown"


@pytest.mark.parametrize(
    "mix", ["0:0", "-1:2", "3", "a:b", "3:1:1", "1e9:1", "٣:١", "9" * 400, "\x00"]
)
def test_a_mix_that_is_none_is_refused_in_one_line(client, catalog, mix):
    response = client.get("/compare/", {"m": ["openai/o4-mini", "anthropic/claude"], "mix": mix})
    html = response.content.decode()
    assert response.status_code == 200
    assert "is no mix of input and output, such as 3:1" in told(html)
    assert row(html, "Blended")[0]["data-amount"] == "1.925"


def test_what_the_mix_holds_nothing_of_does_not_count():
    known, unknown = Price("input", "priced", Decimal(2)), Price("output", "unknown")
    assert blended(known, unknown, Mix(Decimal(1), Decimal(0))).amount == 2
    assert blended(known, unknown, Mix(Decimal(3), Decimal(1))).state == "unknown"


def test_a_blend_becomes_what_its_parts_become_on_the_first_day():
    soon = AnnouncedPrice("2026-12-01", "priced", Decimal(6))
    later = AnnouncedPrice("2027-01-01", "priced", Decimal(1))
    put_in = Price("input", "priced", Decimal(2), announced=soon)
    put_out = Price("output", "priced", Decimal(10), announced=later)
    mix = Mix(Decimal(3), Decimal(1))
    assert blended(put_in, put_out, mix).announced == replace(soon, amount=Decimal(7))
    assert blended(put_in, put_out, Mix(Decimal(0), Decimal(1))).announced == later
    gone = replace(put_in, announced=replace(soon, state="unknown", amount=None))
    coming = blended(gone, put_out, mix).announced
    assert coming == AnnouncedPrice("2026-12-01", "unknown", None)
    same = replace(put_in, announced=replace(soon, amount=Decimal(2)))
    assert blended(same, replace(put_out, announced=None), mix).announced is None


@pytest.mark.parametrize("state", ["unknown", "dynamic", "included", "not_offered"])
def test_a_blend_of_what_has_no_amount_has_none(state):
    found = blended(
        Price("input", "priced", Decimal(1)), Price("output", state), Mix(Decimal(3), Decimal(1))
    )
    assert (found.state, found.amount) == (state, None)


def test_prices_of_two_currencies_do_not_blend():
    yuan = Price("output", "priced", Decimal(1), currency="CNY")
    assert (
        blended(Price("input", "priced", Decimal(1)), yuan, Mix(Decimal(3), Decimal(1))).amount
        is None
    )


def test_free_and_free_is_free():
    free = Price("input", "free", Decimal(0))
    assert blended(free, free, Mix(Decimal(3), Decimal(1))).state == "free"


# The workload -------------------------------------------------------------------------------------

WORKLOAD = "&requests=1000&input=3000&cached=1000&output=500"


def test_a_workload_is_priced_and_kept_in_every_link(client, catalog):
    html = page(client, f"{TWO}{WORKLOAD}")
    priced, missing = row(html, "Monthly cost of this workload")
    # 2,000 new tokens at $1.10, 1,000 cached at $0.275, 500 out at $4.40 a million, 1,000 times.
    assert (priced["data-meter"], priced["data-state"]) == ("total", "priced")
    assert Decimal(priced["data-amount"]) == Decimal("4.675")
    assert (missing["data-state"], missing.get("data-amount")) == ("unknown", None)
    assert "output" in missing["text"]
    links = [part.partition('"')[0] for part in html.split('href="?')[1:]]
    assert links
    for link in links:
        query = parse_qs(link.replace("&amp;", "&"))
        assert (query["requests"], query["cached"]) == (["1000"], ["1000"]), link


def test_cached_tokens_without_a_price_are_billed_as_input_if_so_asked(client, catalog):
    make_rate(catalog["host"], "output", "15")
    unknown = row(page(client, f"{TWO}{WORKLOAD}"), "Monthly")[1]
    assert (unknown["data-state"], unknown.get("data-amount")) == ("unknown", None)
    html = page(client, f"{TWO}{WORKLOAD}&uncached=1")
    priced, assumed = row(html, "Monthly")
    assert Decimal(priced["data-amount"]) == Decimal("4.675")  # its cached tokens have a price
    # 3,000 tokens at $3, 500 out at $15 a million, 1,000 times.
    assert Decimal(assumed["data-amount"]) == Decimal("16.5")
    assert "cached tokens without a price billed as input" in html


def test_a_workload_of_images_is_priced_where_they_are_made_up_to_the_dearest_size(client, catalog):
    make_rate(catalog["host"], "image", "0.001")  # an odd price of a model of text
    make_rate(catalog["openai"], "image", "0.02", terms=Terms(options=(("size", "1k"),)))
    make_rate(catalog["openai"], "image", "0.08", terms=Terms(options=(("size", "2k"),)))
    Model.objects.filter(slug="openai/o4-mini").update(modalities_out=["text", "image"])
    html = page(client, f"{TWO}&requests=100&images=1000")
    made, unable = row(html, "Monthly")
    assert (Decimal(made["data-amount"]), unable["data-state"]) == (2, "not_offered")
    assert "up to $8.00 by its options" in made["text"]
    assert "does not make images" in unable["text"]
    assert "Images made per 1,000 requests: 1,000" in html
    large = row(page(client, f"{TWO}&requests=100&images=1000&size=2k"), "Monthly")[0]
    assert (Decimal(large["data-amount"]), "up to" in large["text"]) == (8, False)


def test_a_workload_is_priced_at_its_own_instant(client, catalog):
    begins = datetime(2027, 1, 1, tzinfo=UTC)
    catalog["openai"].rates.filter(meter="output").update(valid_to=begins)
    make_rate(catalog["openai"], "output", "8.80", valid_from=begins)
    before = row(page(client, f"{TWO}{WORKLOAD}&at=2026-12-31T23:59Z"), "Monthly")[0]
    after = row(page(client, f"{TWO}{WORKLOAD}&at=2027-01-01"), "Monthly")[0]
    assert Decimal(before["data-amount"]) == Decimal("4.675")
    assert Decimal(after["data-amount"]) == Decimal("6.875")


def test_without_a_workload_there_is_no_row_of_it(client, catalog):
    assert "cost of this workload" not in page(client, TWO)


def test_a_tier_that_an_endpoint_does_not_state_is_refused_not_priced_as_standard(client, catalog):
    make_rate(catalog["openai"], "input", "0.55", terms=Terms(tier="batch"))
    cells = row(page(client, f"{TWO}{WORKLOAD}&tier=batch"), "Monthly")
    assert cells[0]["data-state"] == "priced"
    assert cells[1]["data-state"] == "unknown"
    assert "batch" in cells[1]["title"]


def test_a_workload_that_is_not_understood_is_said_and_not_priced(client, catalog):
    html = page(client, f"{TWO}&input=-5&requests=9")
    assert "The workload is not priced. Input tokens per request:" in html
    assert "cost of this workload" not in html
    assert "input=-5" in html  # nothing is lost from the address


AZURE = "/compare/?m=openai/o4-mini&m=openai/o4-mini@azure"


@pytest.mark.parametrize("stated", ["uncached=1", "every=day"])
def test_a_workload_that_is_the_usual_one_but_for_a_word_is_priced(client, catalog, stated):
    html = page(client, f"{AZURE}&{stated}")
    assert "cost of this workload" in html
    links = [part.partition('"')[0] for part in html.split('href="?')[1:]]
    assert links and all(stated in link for link in links)


def test_a_workload_of_another_time_is_priced_at_its_rates_and_says_so(client, catalog):
    moved = datetime(2026, 8, 22, tzinfo=UTC)
    endpoint = catalog["openai"]
    endpoint.rates.filter(meter="input").update(valid_from=moved)
    make_rate(endpoint, "input", "2.20", valid_to=moved)
    for at, amount, words in (
        ("2026-08-21T23:59", "6.875", "prices as of Aug 21, 2026, 23:59 UTC"),
        ("2026-08-22", "4.675", "prices as of Aug 22, 2026, 00:00 UTC"),
        ("2026-08-22T02:00+02:00", "4.675", "prices as of Aug 22, 2026, 00:00 UTC"),
    ):
        html = page(client, f"{TWO}{WORKLOAD}&at={at}")
        assert Decimal(row(html, "Monthly")[0]["data-amount"]) == Decimal(amount)
        assert words in html
        links = [part.partition('"')[0] for part in html.split('href="?')[1:]]
        assert links and all("at=2026-08-2" in link for link in links)
    assert "prices as of" not in page(client, f"{TWO}{WORKLOAD}")


def test_a_time_alone_prices_the_usual_workload_then(client, catalog):
    html = page(client, f"{TWO}&at=2026-08-22")
    assert Decimal(row(html, "Monthly")[0]["data-amount"]) == Decimal("178.2")


def test_a_price_that_is_not_known_at_that_time_is_told_from_one_never_stated(client, catalog):
    catalog["openai"].rates.filter(meter="input").update(
        valid_from=datetime(2026, 8, 22, tzinfo=UTC)
    )
    own, host = row(page(client, f"{TWO}{WORKLOAD}&at=2026-01-01"), "Monthly")
    assert (own["data-state"], host["data-state"]) == ("unknown", "unknown")
    assert "no price of input then" in own["text"]
    assert "then" not in host["text"]


def test_a_time_that_cannot_be_read_is_said(client, catalog):
    html = page(client, f"{TWO}{WORKLOAD}&at=yesterday")
    assert "The workload is not priced." in html and "A date between 2020 and 2099" in html
    assert "cost of this workload" not in html


# The page around it -------------------------------------------------------------------------------


def test_with_fewer_than_two_the_page_offers_models(client, catalog):
    html = page(client, "/compare/")
    assert "Which models?" in html
    assert "?m=openai/o4-mini" in html
    html = page(client, "/compare/?m=openai/o4-mini")
    assert "Compare it with another" in html
    assert "?m=openai/o4-mini&amp;m=anthropic/claude" in html
    assert "compared" not in Tables(html).tables


def test_an_empty_catalog_is_no_error(client):
    assert "Which models?" in page(client, "/compare/?m=a/b&q=c")


def test_a_search_finds_models_to_add(client, catalog):
    html = page(client, "/compare/?m=openai/o4-mini&q=clau")
    assert 'aria-label="Found"' in html
    assert "m=openai/o4-mini&amp;m=anthropic/claude" in html
    assert "No model matches “<bdi>zzz</bdi>”" in page(client, "/compare/?q=zzz")


def test_a_column_is_removed_by_a_link(client, catalog):
    html = page(client, TWO)
    link = html.partition('class="remove" href="')[2].partition('"')[0]
    assert parse_qs(urlsplit(link).query) == {"m": ["anthropic/claude"]}


def test_htmx_gets_the_comparison_alone_and_the_address_that_says_it(client, catalog):
    asked = f"{TWO}&m=openai/o4-mini@openai&mix=3%3A1&q="
    response = client.get(asked, headers={"HX-Request": "true", "HX-Target": "comparison"})
    assert response.content.decode().strip().startswith('<section id="comparison"')
    assert response["HX-Push-Url"] == "/compare/?m=openai/o4-mini&m=anthropic/claude"
    assert "HX-Target" in response["Vary"]
    cleared = client.get("/compare/", headers={"HX-Request": "true", "HX-Target": "comparison"})
    assert cleared["HX-Push-Url"] == "/compare/"


def test_the_form_keeps_what_its_fields_do_not_say(client, catalog):
    html = page(client, f"{TWO}{WORKLOAD}&only=differences&mix=2:1")
    form = html.partition('<form id="compared-form"')[2].partition("</form>")[0]
    for name, value in (("only", "differences"), ("requests", "1000"), ("cached", "1000")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in form
    assert form.count('name="mix"') == 1
    assert form.count('name="m"') == 2


def test_the_model_page_leads_here_without_scripts(client, catalog):
    html = page(client, "/models/openai/o4-mini/")
    assert 'href="/compare/?m=openai/o4-mini" data-compare="openai/o4-mini"' in html


def test_the_navigation_leads_here(client, catalog):
    assert '<a href="/compare/" aria-current="page">Compare</a>' in page(client, "/compare/")


VALUES = (
    "",
    " ",
    "\x00",
    "\ufffd",
    "\u202e",
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "@",
    "@@",
    "a@",
    "@azure",
    "openai/o4-mini@",
    "openai/o4-mini@azure@openai",
    "%",
    "{}",
    "1e400",
    "-1",
    str(10**30),
    "NaN",
    "💥",
    "x" * 5000,
)
NAMES = (
    "m",
    "q",
    "only",
    "mix",
    "requests",
    "input",
    "cached",
    "cache_write",
    "output",
    "reasoning",
)


@pytest.mark.parametrize("name", [*NAMES, "web_search", "tier", "at", "every"])
def test_no_value_of_any_parameter_is_an_error(client, catalog, name):
    for value in VALUES:
        asked = {"m": ["openai/o4-mini", "anthropic/claude"]}
        asked[name] = [*asked.get(name, []), value]
        response = client.get("/compare/", asked)
        assert response.status_code == 200, (name, value)
        assert b"<script>alert" not in response.content


def test_two_hundred_models_are_no_more_work_than_a_few(client, catalog):
    html = page(
        client, "/compare/?" + "&".join(f"m=no/{n}" for n in range(200)) + "&m=openai/o4-mini"
    )
    assert "only the first 24 models were looked at" in told(html)
    assert "and 21 more are no model known here" in told(html)


@pytest.mark.django_db(transaction=True)
def test_it_costs_as_many_queries_whatever_is_compared(client, catalog):
    host, other = make_provider("host"), make_provider("azure")
    for n in range(14):
        model = make_model(f"lab/m{n}")
        for provider in (host, other):
            make_rate(
                sell(model, provider, input="1", output="2"),
                "input",
                "3",
                terms=Terms(tier="batch"),
            )
    summarise()
    page(client, f"/compare/?m=openai/o4-mini&m=lab/m0{WORKLOAD}")  # read what models share
    counts = []
    for first, size in ((0, 2), (2, 4), (6, 8)):
        asked = "&".join(f"m=lab/m{n}" for n in range(first, first + size))
        with CaptureQueriesContext(connection) as queries:
            page(client, f"/compare/?{asked}{WORKLOAD}")
        counts.append(len(queries))
    assert counts == [7, 7, 7]


def test_the_query_writes_itself_back():
    stated = "m=a/b@c&m=d/e&only=differences&mix=2.5:1&requests=10&input=5"
    query = CompareQuery.from_query(QueryDict(stated))
    assert query.query() == stated
    assert CompareQuery.from_query(QueryDict(query.query())) == query


def test_a_price_under_options_is_neither_best_nor_blended(client, catalog):
    host = catalog["host"]
    host.rates.all().delete()
    for quality, amount in (("low", "0.01"), ("high", "9")):
        make_rate(host, "input", amount, terms=Terms(options=(("quality", quality),)))
    make_rate(host, "output", "1")
    html = page(client, TWO)
    low = row(html, "Input")[1]
    assert (low["data-amount"], "best" in low["class"]) == ("0.01", False)
    assert row(html, "Blended")[1]["data-state"] == "unknown"


def test_a_missing_total_says_what_it_is_missing(client, catalog):
    plan = sell(make_model("lab/plan"), make_provider("plan", kind="plan"))
    for meter in ("input", "output"):
        make_rate(plan, meter, None, state="included")
    embedding = sell(make_model("lab/embedding"), make_provider("host"), input="1")
    embedding.mode = "embedding"
    embedding.save()
    yuan = make_endpoint(make_model("lab/yuan"), make_provider("host"))
    for meter in ("input", "output", "cache_read"):
        make_rate(yuan, meter, "7", currency="CNY")
    asked = f"{TWO}&m=lab/plan&m=lab/embedding&m=lab/yuan&requests=10&input=10&output=10"
    _, unknown, included, absent, other = row(page(client, asked), "Monthly")
    assert (included["data-state"], "in a plan" in included["text"]) == ("included", True)
    assert (absent["data-state"], "output not offered" in absent["text"]) == ("not_offered", True)
    assert (unknown["data-state"], "no price of output" in unknown["text"]) == ("unknown", True)
    assert "not in US dollars" in other["text"]
    assert "data-amount" not in other


def test_the_lowest_total_is_one_that_the_context_has_room_for(client, catalog):
    small = sell(
        make_model("lab/small"),
        make_provider("host"),
        input="0.01",
        output="0.01",
        cache_read="0.01",
    )
    small.context_window = 1000
    small.save()
    sell(make_model("lab/dear"), make_provider("host"), input="9", output="9", cache_read="9")
    asked = "/compare/?m=lab/small&m=lab/dear&m=openai/o4-mini"
    cells = row(page(client, f"{asked}{WORKLOAD}"), "Monthly")
    assert ["best" in cell["class"] for cell in cells] == [False, False, True]
    assert "more than its context" in cells[0]["text"]
