"""What stands below the tables of a model: code, texts, price history and questions."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.lifecycle import Lifecycle
from catalog.models import Model, ProviderClaims
from catalog.provider_kinds import ProviderKind
from pricing.models import Rate
from pricing.terms import Band, Terms
from tests.factories import (
    OBSERVED,
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from tests.web.page import Tables
from web.pages.model import read_model_page
from web.pages.model_sections import model_sections

pytestmark = pytest.mark.django_db

AUGUST, NOVEMBER = datetime(2026, 8, 21, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)


def page(client, slug="openai/o4-mini", **query):
    response = client.get(f"/models/{slug}/", query)
    assert response.status_code == 200
    return response


def section(response, title):
    """A section by its heading's id, without tags."""
    html = response.content.decode()
    start = html.index(f'id="{title}-title"')
    return re.sub(
        r"\s+",
        " ",
        unescape(re.sub(r"<[^>]+>", " ", html[start : html.index("</section>", start)])),
    )


def claim_sdk(provider, sdk):
    ProviderClaims.objects.create(
        provider=provider, source=make_source(), facts={"sdk": sdk}, stated_at=OBSERVED, digest=b""
    )


def own_provider(**fields):
    stated = {
        "name": "OpenAI",
        "kind": ProviderKind.FIRST_PARTY,
        "env_names": ["OPENAI_API_KEY"],
        **fields,
    }
    return make_provider("openai", creator=make_creator(), **stated)


# Texts ------------------------------------------------------------------------------------------


def test_empty_texts_are_sentences_from_the_facts(client):
    model = make_model(capabilities=["vision"], released="2025-04-16", context_window=200_000)
    sell(model, make_provider("openai", name="OpenAI"), input="1.10", output="4.40")
    azure = sell(model, make_provider("azure", name="Azure"), input="1.21", output="4.84")
    make_rate(azure, "input", "0.6", terms=Terms(tier="batch"))
    make_rate(azure, "output", "2.42", terms=Terms(tier="batch"))
    summarise()
    found = page(client)
    choosing = section(found, "choosing")
    assert (
        "Bought directly, it costs least by the blend of 3 input : 1 output, at OpenAI: input "
        "$1.10 and output $4.40 per million tokens; the highest price of 2 direct" in choosing
    )
    assert (
        "$0.60 for input and $2.42 for output per million tokens at Azure, which saves $0.61"
        in choosing
    )
    assert 'id="best-for-title"' not in found.content.decode()
    assert "o4-mini is made by Openai and was released on Apr 16, 2025." in section(found, "about")
    assert 'id="alternatives-title"' not in found.content.decode()


def test_sentences_follow_the_data(client):
    model = make_model()
    sell(model, make_provider("a", name="A"), input="2")
    sell(model, make_provider("b", name="B"), input="3")
    assert "Bought directly, it costs least at A: input $2.00" in section(page(client), "choosing")
    Rate.objects.filter(endpoint__provider__slug="b").update(amount="1.5")
    assert "Bought directly, it costs least at B: input $1.50" in section(page(client), "choosing")


@pytest.mark.django_db(transaction=True)
def test_a_price_that_begins_now_shows_now_though_its_page_is_kept(client):
    endpoint = make_endpoint(make_model())
    old = make_rate(endpoint, amount="2")
    assert 'data-amount="2"' in page(client).content.decode()
    now = timezone.now()
    Rate.objects.filter(pk=old.pk).update(valid_to=now)
    make_rate(endpoint, amount="7", valid_from=now)
    shown = page(client)
    assert 'data-amount="7"' in shown.content.decode()
    assert "Input $7.00" in section(shown, "choosing")


@pytest.mark.django_db(transaction=True)
def test_what_a_page_is_made_of_is_kept_until_something_is_written(client):
    model = make_model()
    make_rate(make_endpoint(model), amount="2")
    summarise()
    for amount in ("$2.00", "$7.00"):
        shown = page(client)
        assert f"Input {amount}" in section(shown, "choosing")
        assert f'data-amount="{amount[1]}"' in shown.content.decode()
        Rate.objects.update(amount=7)
    page(client)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/models/{model.slug}/?sort=input")
    (query,) = queries
    assert "FROM written" in query["sql"]


def test_what_cannot_be_used_any_more_is_not_recommended(client):
    model = make_model()
    sell(model, make_provider("a", name="A"), input="2")
    for slug, gone in (
        ("missing", {"missing_since": OBSERVED}),
        ("retired", {"lifecycle": Lifecycle.RETIRED}),
        ("over", {"retired_on": "2026-01-01"}),
    ):
        make_rate(make_endpoint(model, make_provider(slug), **gone), amount="1")
    make_rate(make_endpoint(model, make_provider("tuned"), variant="ft"), amount="1")
    make_rate(make_endpoint(model, make_provider("later"), variant="us,batch"), amount="1")
    make_rate(make_endpoint(model, make_provider("held")), amount="1", held=True)
    found = section(page(client), "choosing")
    assert "Input $2.00 per million tokens at A, the only direct provider with a price." in found


def test_only_what_is_in_use_and_sold_there_is_counted_beside_a_model(client):
    own = own_provider()
    modes = {"mode": "chat", "modalities_out": ["text"]}
    sell(make_model(context_window=9000, **modes), own, input="1", output="2")
    for n in range(3):
        sell(make_model(f"openai/m{n}", context_window=1000, **modes), own, input="3", output="4")
    sell(
        make_model("openai/old", context_window=10**6, lifecycle=Lifecycle.DEPRECATED, **modes),
        own,
        input="0.1",
        output="1",
    )
    sell(make_model("openai/plain", context_window=10**6, **modes), own, output="1")
    gone = sell(
        make_model("openai/gone", context_window=10**6, **modes), own, input="0.1", output="1"
    )
    gone.missing_since = OBSERVED
    gone.save()
    tuned = make_model("openai/tuned", context_window=1000, **modes)
    abroad = make_endpoint(tuned, own, variant="eu")
    make_rate(abroad, "input", "0.1")
    make_rate(abroad, "output", "1")
    summarise()
    found = section(page(client), "best-for")
    assert (
        "larger than that of any of the 4 other Openai models in use that state theirs and a price"
        in found
    )
    assert (
        "any of the 3 other Openai text models in use that are sold there in their plain form"
        in found
    )


@pytest.mark.parametrize("options", [(), (("billed_by", "prompt"),)])
def test_a_price_for_searching_the_web_outdoes_who_denies_it(client, options):
    model = make_model(capabilities=["web-search"])
    make_endpoint(model, make_provider("openai", name="OpenAI"), capabilities=["web-search"])
    azure = make_endpoint(model, make_provider("azure", name="Azure"), lacks=["web-search"])
    make_rate(azure, "web_search", "14", terms=Terms(options=options))
    make_endpoint(model, make_provider("host", name="Host"), lacks=["web-search"])
    found = section(page(client), "faq")
    assert "Yes, o4-mini supports web search. It is stated to be absent at Host." in found


def test_searches_and_images_are_told_as_the_table_has_them(client):
    """The base price is one by the call to who reads the card alone; another source knows what is
    counted."""
    model = make_model(modalities_out=["image"])
    google, vertex = (
        make_endpoint(model, make_provider(slug, name=slug.upper())) for slug in ("g", "v")
    )
    prompt = Terms(options=(("billed_by", "prompt"),))
    make_rate(google, "web_search", "35")
    for endpoint in (google, vertex):
        make_rate(endpoint, "web_search", "35", terms=prompt)
    make_rate(vertex, "input", "2")
    for size, amount in (("1x1", "0.05"), ("2x2", "0.06")):
        make_rate(google, "image", amount, terms=Terms(options=(("size", size),)))
    make_rate(vertex, "image", "0.07")
    summarise()
    found = page(client)
    searches = "Web searches by the prompt cost $35.00 per 1,000 prompts, at V and G."
    assert searches in section(found, "choosing")
    assert (
        "at V, the cheapest direct provider that charges: input $2.00 per million tokens; images "
        "made $0.07 per image." in section(found, "faq")
    )
    assert "$35.00" in found.content.decode().split('id="choosing-title"')[0]


def test_an_image_that_goes_in_is_not_told_to_be_sold(client):
    sold = sell(
        make_model(modalities_out=["text"]), make_provider("a", name="A"), input="2", output="3"
    )
    make_rate(sold, "image", "0.07")
    summarise()
    answer = "input $2.00 per million tokens; output $3.00 per million tokens. Which"
    assert answer in section(page(client), "faq")


def test_an_alternative_does_the_same_work(client):
    own = own_provider()
    stated = {"mode": "chat", "modalities_in": ["text"], "modalities_out": ["text"]}
    sell(make_model(released="2025", **stated), own, input="2", output="8")
    for slug, changed in (
        ("openai/ocr-2", {}),
        ("openai/listens", {"modalities_in": ["audio"]}),
        ("openai/embeds", {"mode": "embedding"}),
        ("openai/unheard", {"mode": "", "modalities_in": [], "modalities_out": []}),
    ):
        sell(make_model(slug, released="2026", **{**stated, **changed}), own, input="1", output="3")
    summarise()
    assert 'id="alternatives-title"' not in page(client).content.decode()
    sell(make_model("openai/o5", name="o5", released="2026", **stated), own, input="1", output="3")
    summarise()
    assert "o5 is newer (2026) and costs less" in section(page(client), "alternatives")


def test_an_editors_text_takes_the_place_of_the_sentences(client):
    make_endpoint(
        make_model(
            released="2025-04-16",
            about="Made **well**. <script>alert(1)</script>",
            faq="### Is it *good*?\n\nYes & [no](https://a.example).\n\n### And?\n\nSo.",
        )
    )
    found = page(client)
    html = found.content.decode()
    assert "<p>Made <strong>well</strong>. &lt;script&gt;alert(1)&lt;/script&gt;</p>" in html
    assert "is made by" not in html
    assert "Yes & no . And? So." in section(found, "faq")
    assert "When was" not in section(found, "faq")


def test_alternatives_are_links_to_the_creators_other_models(client):
    sell(make_model(released="2025-04-16"), input="2", output="8")
    openai = make_provider()
    for slug, fields in (
        ("openai/gpt-5", {"released": "2025-08-07", "modalities_out": ["text"]}),
        ("openai/gone", {"released": "2025-09-07", "lifecycle": Lifecycle.RETIRED}),
        ("meta/llama", {"released": "2025-10-07"}),
    ):
        sell(make_model(slug, name=slug.upper(), **fields), openai, input="1", output="3")
    Model.objects.update(mode="chat")
    summarise()
    html = page(client).content.decode()
    start = html.index('id="alternatives-title"')
    found = html[start : html.index("</section>", start)]
    assert (
        '<a class="link" href="/models/openai/gpt-5/">OPENAI/GPT-5</a> is newer (Aug 7, 2025)'
        in found
    )
    assert (
        "costs less (input $1.00 instead of $2.00 and output $3.00 instead of $8.00 per million"
        in found
    )
    assert "GONE" not in found
    assert "LLAMA" not in found


@pytest.mark.django_db(transaction=True)
def test_what_models_of_a_creator_share_is_read_anew_after_a_write(client):
    model = make_model(released="2025-04-16", mode="chat", modalities_out=["text"])
    sell(model, input="2", output="8")
    newer = make_model(
        "openai/o9", name="o9", released="2025-08-07", mode="chat", modalities_out=["text"]
    )
    sell(newer, make_provider(), input="1", output="3")
    summarise()
    assert "o9 is newer (Aug 7, 2025)" in section(page(client), "alternatives")
    assert "costs less (input $1.00 instead of $2.00" in section(page(client), "alternatives")
    Model.objects.filter(pk=newer.pk).update(name="o9 Pro", released="2025-09-01")
    Rate.objects.filter(endpoint__model=newer, meter="input").update(amount="1.5")
    summarise()
    assert "o9 Pro is newer (Sep 1, 2025)" in section(page(client), "alternatives")
    assert "costs less (input $1.50 instead of $2.00" in section(page(client), "alternatives")


def test_a_dearer_model_is_never_told_to_cost_less_because_somebody_resells_it_for_less(client):
    """Both prices are those at the creator's own provider."""
    own, gateway = own_provider(), make_provider("poe", kind=ProviderKind.GATEWAY)
    host = make_provider("a-host")
    cheap, dear = make_model(released="2025"), make_model("openai/o9", name="o9", released="2026")
    for model, prices in ((cheap, ("3", "15")), (dear, ("5", "25"))):
        sell(model, own, input=prices[0], output=prices[1])
        sell(model, host, input="1" if model is dear else "2", output="1")
    sell(dear, gateway, input="0.425", output="2")
    Model.objects.update(mode="chat")
    summarise()
    assert (
        "o9 is newer (2026), but costs more (input $5.00 instead of $3.00 and output $25.00 "
        "instead of $15.00 per million tokens, both at OpenAI)."
    ) in section(page(client), "alternatives")
    found = section(page(client, "openai/o9"), "alternatives")
    assert "o4-mini costs less (input $3.00 instead of $5.00" in found


def test_models_of_nobody_known_have_no_relatives(client):
    for name in ("a", "b"):
        sell(
            make_model(f"unknown/{name}", released=f"2025-0{1 + (name == 'b')}-01"),
            input="1",
            output="2",
        )
        make_provider(name)
    summarise()
    html = page(client, "unknown/a").content.decode()
    assert 'id="alternatives-title"' not in html
    assert "made by" not in html


# Questions --------------------------------------------------------------------------------------


def ld(response):
    found = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.S
    )
    return [json.loads(data) for data in found]


def test_the_questions_are_there_for_programs_too(client):
    make_endpoint(make_model(released="2025-04-16"), make_provider("openai", name="OpenAI"))
    (data,) = ld(page(client))
    assert data["@type"] == "FAQPage"
    assert [(asked["name"], asked["acceptedAnswer"]["text"]) for asked in data["mainEntity"]] == [
        ("Which providers serve o4-mini?", "o4-mini is served directly by OpenAI."),
        ("When was o4-mini released?", "o4-mini was released on Apr 16, 2025."),
    ]


def test_an_editors_question_is_markdown_on_the_page_and_words_for_programs(client):
    make_endpoint(make_model(faq="Ask *us*.\n\n### Is it **bold** and `C#`?\n\nYes."))
    found = page(client)
    assert "<dt>Is it <strong>bold</strong> and <code>C#</code>?</dt>" in found.content.decode()
    assert "<p>Ask <em>us</em>.</p>" in found.content.decode()
    (data,) = ld(found)
    assert [asked["name"] for asked in data["mainEntity"]] == ["Is it bold and C#?"]


def test_a_text_without_questions_is_shown_and_is_none_for_programs(client):
    make_endpoint(make_model(faq="Ask *us*.", released="2025-04-16"))
    found = page(client)
    assert section(found, "faq").endswith(" Ask us . ")
    assert ld(found) == []


def test_nothing_ends_the_block_of_data_early(client):
    name = "</script><script>alert(1)</script>"
    make_endpoint(
        make_model(name=name, faq="### </script>?\n\n<!-- </script> & \u2028"), make_provider()
    )
    found = page(client)
    (data,) = ld(found)
    assert data["mainEntity"][0]["name"] == "</script>?"
    assert "<script>alert" not in found.content.decode()


# Price history ----------------------------------------------------------------------------------


def changed(endpoint, meter="input", prices=("5", "4"), at=AUGUST, **later):
    """A price until an instant, and another one since."""
    before = make_rate(endpoint, meter, prices[0], valid_to=at)
    return before, make_rate(
        endpoint, meter, prices[1], **{"valid_from": at, "origin": Rate.Origin.CHANGE, **later}
    )


def test_a_changed_price_is_drawn_and_listed(client):
    changed(make_endpoint(make_model(), make_provider("openai", name="OpenAI")))
    found = page(client)
    html = found.content.decode()
    assert html.count('<svg class="history"') == 1
    assert "OpenAI: $5.00 until Aug 21, 2026, then $4.00." in html
    assert [[cell["text"] for cell in row["cells"]] for row in history_rows(found)] == [
        ["OpenAIo4-mini", "Input", "not known", "Aug 21, 2026", "$5.00/M", "Models-Dev", "—"],
        ["OpenAIo4-mini", "Input", "Aug 21, 2026", "—", "$4.00/M", "Models-Dev", "change"],
    ]


def test_a_recorded_change_is_linked_and_dated_by_its_record(client):
    address = "https://github.com/BerriAI/litellm/commit/e7543378b8b7"
    changed(make_endpoint(make_model()), evidence=address)
    html = page(client).content.decode()
    history = html[html.index('id="history"') :]
    assert history.count(f'href="{address}"') == 1
    assert "the provider’s own day may be earlier" in html


def test_a_price_of_which_the_start_is_recorded_is_known_since_then(client):
    make_rate(make_endpoint(make_model()), valid_from=AUGUST, evidence="https://change.example/1")
    assert "recorded here since Aug 21, 2026" in section(page(client), "history")


def slip(endpoint, amount="5000"):
    make_rate(
        endpoint,
        "input",
        amount,
        valid_from=AUGUST,
        valid_to=AUGUST,
        origin="correction",
        why="Listed in another unit by mistake until 2026-08-25.",
        evidence="https://change.example/2",
    )


def test_a_price_that_was_listed_by_mistake_is_marked_and_not_drawn(client):
    endpoint = make_endpoint(make_model(), make_provider("openai", name="OpenAI"))
    changed(endpoint)
    slip(endpoint)
    found = page(client)
    assert "OpenAI: $5.00 until Aug 21, 2026, then $4.00." in found.content.decode()
    rows_by_price = {row["cells"][4]["text"]: row for row in history_rows(found)}
    assert rows_by_price.keys() == {"$5.00/M", "$4.00/M", "$5,000.00/M"}
    row = rows_by_price["$5,000.00/M"]
    assert [cell["text"] for cell in row["cells"]][2:4] == ["Aug 21, 2026", "never held"]
    assert row["cells"][6]["text"] == "Listed in another unit by mistake until 2026-08-25."
    assert row["class"] == "gone"


def test_a_mistake_alone_is_listed_without_a_chart_and_without_the_usual_price(client):
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "input", "5")
    slip(endpoint)
    found = page(client)
    assert '<svg class="history"' not in found.content.decode()
    assert "No change of a price at standard terms is on record." in section(found, "history")
    assert [row["cells"][4]["text"] for row in history_rows(found)] == ["$5,000.00/M"]


def history_rows(response):
    """The rows of the history; they are of no model or provider that a script would look for."""
    return [
        row
        for row in Tables(response.content.decode()).tables.get("history", [])
        if row["cells"] and row["cells"][0].get("scope") == "row"
    ]


def rings(response):
    html = response.content.decode()
    return sum(
        svg.count("<circle") for svg in re.findall(r'<svg class="history".*?</svg>', html, re.S)
    )


def test_a_correction_and_an_announcement_are_said_to_be_such(client):
    model = make_model()
    changed(make_endpoint(model, make_provider("a")), origin=Rate.Origin.CORRECTION)
    later = timezone.now() + timedelta(days=40)
    changed(make_endpoint(model, make_provider("b")), at=later, announced=True)
    found = page(client)
    assert [row["cells"][-1]["text"] for row in history_rows(found)] == [
        "—",
        "correction",
        "—",
        "announced",
    ]
    assert "stroke-dasharray" in found.content.decode()
    assert rings(found) == 1
    assert "A ring marks a correction of the record, no change by the provider." in section(
        found, "history"
    )


def test_no_ring_is_explained_where_none_is_drawn(client):
    changed(make_endpoint(make_model()))
    found = page(client)
    assert rings(found) == 0
    assert "ring" not in section(found, "history")


def test_each_provider_has_one_line_the_direct_ones_first_and_at_most_eight(client):
    model = make_model()
    changed(
        make_endpoint(model, make_provider("0-gateway", name="Gateway", kind=ProviderKind.GATEWAY))
    )
    for n in range(8):
        host = make_provider(f"host-{n}", name=f"Host {n}")
        changed(make_endpoint(model, host))
        changed(make_endpoint(model, host, upstream_id="a-eu", variant="eu"), prices=("6", "5"))
    found = page(client)
    html = found.content.decode()
    legend = re.findall(r'<li class="l\d"><span>(.*?)</span>', html)
    assert legend == [f"Host {n}" for n in range(8)]
    assert len(history_rows(found)) == 2 * (8 * 2 + 1)


def test_a_price_under_options_alone_has_no_history_beside_the_base_card(client):
    endpoint = make_endpoint(make_model(), make_provider("openai", name="OpenAI"))
    make_rate(endpoint, "image", "0.05")
    for amount, moved in (("0.02", {"valid_to": AUGUST}), ("0.03", {"valid_from": AUGUST})):
        make_rate(endpoint, "image", amount, terms=Terms(options=(("size", "1x1"),)), **moved)
    assert history_rows(page(client)) == []


def test_only_what_moved_has_a_history(client):
    model = make_model()
    endpoint = sell(model, input="1.10", output="4.40")
    make_rate(endpoint, "input", "9", held=True)
    make_rate(endpoint, "input", "0.5", terms=Terms(tier="batch"), valid_to=AUGUST)
    make_rate(endpoint, "input", "0.6", terms=Terms(tier="batch"), valid_from=AUGUST)
    make_rate(endpoint, "page", "10", valid_to=AUGUST)
    make_rate(endpoint, "page", "10", valid_from=AUGUST, origin=Rate.Origin.CHANGE)
    # Corrected at once: it never held.
    make_rate(endpoint, "output", "44", valid_from=AUGUST, valid_to=AUGUST)
    found = page(client)
    assert '<svg class="history"' not in found.content.decode()
    assert (
        "Prices of o4-mini are recorded here since Nov 12, 2026; no change at standard terms"
        in section(found, "history")
    )


def test_what_a_band_cost_is_no_change_at_standard_terms(client):
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "input", "5")
    long = Terms(band=Band(200_000))
    make_rate(endpoint, "input", "10", terms=long, valid_to=AUGUST)
    make_rate(endpoint, "input", "9", terms=long, valid_from=AUGUST, origin=Rate.Origin.CHANGE)
    found = section(page(client), "history")
    assert (
        "no change at standard terms is on record. Context bands, tiers and hours have prices"
        in found
    )


def test_every_meter_that_moved_is_drawn_and_the_first_three_at_once(client):
    endpoint = make_endpoint(make_model())
    moved = ("zz <odd>", "page", "cache_write", "web_search", "output", "input")
    for meter in moved:
        changed(endpoint, meter)
    found = page(client)
    html = found.content.decode()
    assert re.findall(r"<title id=\"(.*?)-title\">", html) == [
        *("history-input", "history-output", "history-cache_write"),
        *("history-web_search", "history-page", "history-zz-odd"),
    ]
    assert "Prices per million tokens. " in html
    assert "Prices per 1,000 pages. " in html
    assert '<h3>Pages <span class="quiet">per 1,000 pages</span></h3>' in html
    before, after = html.split("<summary>3 more meters</summary>")
    assert (before.count('<svg class="history"'), after.count('<svg class="history"')) == (3, 3)
    assert len(history_rows(found)) == 2 * 6


@pytest.mark.parametrize(("many", "folded"), [(3, ""), (4, "1 more meter")])
def test_three_meters_need_no_fold(client, many, folded):
    endpoint = make_endpoint(make_model())
    for meter in ("input", "output", "cache_read", "cache_write")[:many]:
        changed(endpoint, meter)
    found = re.findall(r"<summary>(\d+ more meters?)</summary>", page(client).content.decode())
    assert found == ([folded] if folded else [])


def test_a_model_without_prices_says_so(client):
    make_endpoint(make_model())
    assert "Nothing is on record of how prices of o4-mini changed." in section(
        page(client), "history"
    )


def test_a_change_of_state_is_a_change_and_leaves_a_gap(client):
    endpoint = make_endpoint(make_model(), make_provider("openai", name="OpenAI"))
    make_rate(endpoint, "input", "5", valid_to=AUGUST)
    make_rate(endpoint, "input", None, state="unknown", valid_from=AUGUST)
    assert "OpenAI: $5.00 until Aug 21, 2026, then no price." in page(client).content.decode()


# Use it -----------------------------------------------------------------------------------------


def test_the_creators_own_api_comes_first(client):
    model = make_model()
    make_endpoint(model, make_provider("a-host", api_base="https://a.example/v1"))
    claim_sdk(own := own_provider(), "@ai-sdk/openai")
    make_endpoint(model, own, mode="chat")
    found = section(page(client), "use")
    assert "OpenAI · o4-mini" in found
    assert 'openai.chat("o4-mini")' in found
    assert "process.env.OPENAI_API_KEY" in found


def test_a_model_that_its_creator_sells_through_one_api_alone_is_asked_to_chat_elsewhere(client):
    model = make_model(mode="responses")
    claim_sdk(own := own_provider(), "@ai-sdk/openai")
    make_endpoint(model, own, mode="")
    claim_sdk(
        host := make_provider("a-host", api_base="https://a.example/v1"),
        "@ai-sdk/openai-compatible",
    )
    make_endpoint(model, host, mode="")
    assert "client.responses.create(" in section(page(client), "use")
    assert "client.chat.completions.create(" in section(page(client, use="a-host"), "use")


def test_another_provider_is_chosen_by_the_address(client):
    model = make_model()
    claim_sdk(own := own_provider(), "@ai-sdk/openai")
    make_endpoint(model, own)
    host = make_provider(
        "a-host", name="A Host", api_base="https://a.example/v1", docs_url="https://d.example"
    )
    claim_sdk(host, "@ai-sdk/openai-compatible")
    make_endpoint(model, host, upstream_id="oai/o4-mini")
    found = page(client, use="a-host")
    html = found.content.decode()
    assert '<option value="a-host" selected>A Host</option>' in html
    assert 'base_url="https://a.example/v1"' in section(found, "use")
    assert 'href="https://d.example"' in html
    assert "OpenAI · o4-mini" in section(page(client, use="nobody"), "use")
    for odd in ("\x00", "<script>", "é" * 500, "a-host'--"):
        assert page(client, use=odd).status_code == 200


def test_the_code_names_an_id_that_the_provider_takes(client):
    model = make_model("anthropic/claude-opus-4.5")
    claim_sdk(bedrock := make_provider("amazon-bedrock", kind="cloud"), "@ai-sdk/amazon-bedrock")
    make_endpoint(model, bedrock, upstream_id="claude-opus-4-5")
    usual = section(page(client, model.slug, use="amazon-bedrock"), "use")
    assert 'bedrock("claude-opus-4-5")' in usual
    listed = "anthropic.claude-opus-4-5-20251101-v1:0"
    make_endpoint(model, bedrock, upstream_id=listed, snapshot="2025-11-01")
    assert f'bedrock("{listed}")' in section(page(client, model.slug, use="amazon-bedrock"), "use")


def test_the_code_is_copied_as_it_stands(client):
    host = make_provider("a-host", api_base="https://a.example/v1")
    claim_sdk(host, "@ai-sdk/openai-compatible")
    make_endpoint(make_model(), host, upstream_id="\"'<b>&")
    html = page(client).content.decode()
    copied = [unescape(code) for code in re.findall(r'class="copy only" data-copy="([^"]*)"', html)]
    shown = [unescape(code) for code in re.findall(r"<code>(.*?)</code></pre>", html, re.S)]
    assert copied == shown
    assert len(copied) == 3
    assert "'<b>&" not in html


def test_a_provider_of_which_nothing_is_stated_gets_no_code(client):
    make_endpoint(make_model(), make_provider("host", name="Host", docs_url="https://docs.example"))
    found = section(page(client), "use")
    assert "there is no code for it. The documentation of Host tells how." in found
    make_endpoint(make_model("a/m"), make_provider("other", name="Other"))
    html = page(client, "a/m").content.decode()
    assert '<a class="link" href="/providers/other/">What is known of Other</a>' in html


def test_a_model_that_nobody_serves_has_no_code(client):
    make_model("openai/unserved")
    html = page(client, "openai/unserved").content.decode()
    assert 'id="use"' not in html
    assert "No provider is known to serve this model." in html
    assert 'id="definitions"' not in html


@pytest.mark.django_db(transaction=True)
def test_the_sections_cost_as_many_queries_whatever_the_model_has():
    model = make_model()
    counts = []
    for size in (4, 8):
        for n in range(size):
            changed(make_endpoint(model, make_provider(f"host-{size}-{n}")))
            sell(make_model(f"openai/m-{size}-{n}"), make_provider(), input="1", output="2")
        summarise()
        read = read_model_page(model.slug, timezone.now())
        model_sections(read, "", timezone.now())
        with CaptureQueriesContext(connection) as queries:
            model_sections(read, "", timezone.now())
        counts.append(len(queries))
    assert counts == [9, 9]


def test_the_newest_changes_of_a_model_lead_to_all_of_them(client):
    model, other = make_model(released="2025-04-16"), make_model("openai/o5")
    for number in range(5):
        endpoint = make_endpoint(model, make_provider(f"host-{number}"))
        changed_at = AUGUST + timedelta(days=number)
        make_rate(endpoint, "input", "2", valid_to=changed_at)
        make_rate(endpoint, "input", "1", valid_from=changed_at, origin="change")
    make_endpoint(other, make_provider("host-0"))
    summarise()
    found = page(client)
    rows = Tables(found.content.decode()).tables["model-changes"][1:]
    texts = [[cell["text"] for cell in row["cells"]][:3] for row in rows]
    assert texts[0] == ["Aug 25, 2026", "Host-4 o4-mini", "$1.00/M before $2.00 −50 %"]
    assert len(texts) == 5
    words = section(found, "changes")
    assert "the newest 5 of 6 changes · Atom" in words
    html = found.content.decode()
    assert '<a class="link" href="/changes/?model=openai%2Fo4-mini">6 changes</a>' in html
    assert 'href="/changes/feed.atom?model=openai%2Fo4-mini"' in html
    assert "changes-title" not in page(client, "openai/o5").content.decode()


def test_the_code_for_this_server_names_the_model_by_its_slug(client, settings):
    settings.PUBLIC_URL = "https://ratecard.example.org/"
    sell(make_model(mode="chat"), make_provider("openai"))
    usual = section(page(client), "use")
    assert "This server" in usual and "ratecard.example.org" not in usual
    own = section(page(client, use="this-server"), "use")
    assert 'curl "https://ratecard.example.org/v1/chat/completions"' in own
    assert 'base_url="https://ratecard.example.org/v1"' in own
    assert own.count('"openai/o4-mini"') == 3 and "$RATECARD_API_KEY" in own
    assert "charged to your allowance" in own


@pytest.mark.parametrize(
    ("model", "allowance"), [("openai/text-embedding-3-small", "5"), ("openai/o4-mini", "0")]
)
def test_there_is_no_code_for_this_server_where_it_calls_nothing(
    client, settings, model, allowance
):
    settings.ALLOWANCE = Decimal(allowance)
    sell(make_model(model, mode="chat"), make_provider("openai"))
    response = section(page(client, model, use="this-server"), "use")
    assert "This server" not in response and "RATECARD_API_KEY" not in response
