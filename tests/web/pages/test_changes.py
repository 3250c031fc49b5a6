"""The page of changes and its feeds."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.changes import Change
from catalog.models import Model
from pricing.models import Rate
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    summarise,
)
from tests.web.page import Tables, collapsed

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


def moves(endpoint, on, *, origin=Rate.Origin.CHANGE, terms=None, **amounts):
    """A meter's price goes from one amount to another on a day: `input=("2", "1")`."""
    stated = {"terms": terms} if terms else {}
    for meter, (before, after) in amounts.items():
        if before is not None:
            make_rate(endpoint, meter, before, valid_to=day(on), **stated)
        make_rate(endpoint, meter, after, valid_from=day(on), origin=origin, **stated)


def rows(response, table="changes"):
    """(model, provider, kind, prices and what else it shows) of each row."""
    found = Tables(response.content.decode()).tables.get(table, [])
    return [
        (
            row["data-model"],
            row["data-provider"],
            row["data-kind"],
            " | ".join(
                cell["text"] for cell in row["cells"][2:-1] if cell["text"] not in ("", "·")
            ),
        )
        for row in found
        if "data-model" in row
    ]


@pytest.fixture
def catalog():
    """Two models at their creator's API, a cloud and a gateway; each has a price still."""
    model = make_model("openai/o4-mini", name="o4-mini", released="2025-04-16")
    other = make_model("meta/llama-5", name="Llama 5")
    kinds = {"openai": "first-party", "azure": "cloud", "router": "gateway", "coder": "plan"}
    creators = {"openai": model.creator}
    providers = {
        slug: make_provider(slug, kind=kind, creator=creators.get(slug))
        for slug, kind in kinds.items()
    }
    return {
        (of.slug, slug): make_endpoint(of, provider)
        for of in (model, other)
        for slug, provider in providers.items()
        if of is model or slug != "openai"
    }


def test_prices_show_before_after_and_percent_by_day_and_direct_providers_first(client, catalog):
    moves(catalog["openai/o4-mini", "router"], "2026-11-03", input=("2", "2.2"))
    moves(
        catalog["openai/o4-mini", "openai"],
        "2026-11-03",
        input=("3", "2.5"),
        output=("8", "16"),
        cache_read=(None, "0.3"),
        cache_write=("1", "0.1"),
    )
    moves(catalog["meta/llama-5", "azure"], "2026-11-20", input=("0.25", "0.2"))
    make_rate(catalog["meta/llama-5", "azure"], "output", "1")
    summarise()
    page = client.get("/changes/")
    assert rows(page) == [
        ("meta/llama-5", "azure", "price", "$0.20/M before $0.25 −20 %"),
        (
            *("openai/o4-mini", "openai", "price"),
            "$2.50/M before $3.00 −16.7 % | $16.00/M before $8.00 +100 % | $0.30/M"
            " | Cache write, 5 minutes $0.10/M before $1.00 −90 %",
        ),
        ("openai/o4-mini", "router", "price", "$2.20/M before $2.00 +10 %"),
        ("openai/o4-mini", "openai", "model", "$2.50/M | $16.00/M | $0.30/M"),
    ]
    text = collapsed(page)
    assert text.index("Nov 20, 2026") < text.index("Nov 3, 2026") < text.index("Apr 16, 2025")
    assert "5 changes" not in text
    assert "4 changes" in text
    exact = f'data-percent="{Decimal(-50) / 3}"'
    assert exact in text
    assert '<a href="/changes/">What changed</a>' in text


def test_what_is_no_news_is_folded_or_left_out(client, catalog):
    direct = catalog["openai/o4-mini", "openai"]
    make_rate(direct, "input", "1")
    plan = catalog["openai/o4-mini", "coder"]
    moves(plan, "2026-11-03", input=("3", "2.5"))
    cloud = catalog["openai/o4-mini", "azure"]
    moves(cloud, "2026-11-04", input=("2.50004", "2.49998"))
    gateway = catalog["meta/llama-5", "router"]
    moves(gateway, "2026-11-05", input=("1", "2"))
    held = catalog["meta/llama-5", "azure"]
    make_rate(held, "input", "5", origin="change", held=True, valid_from=day("2026-11-06"))
    never = {"valid_from": day("2026-11-07"), "valid_to": day("2026-11-07")}
    make_rate(cloud, "output", "5", origin="correction", why="listed by mistake", **never)
    moves(cloud, "2026-11-08", origin=Rate.Origin.CORRECTION, output=("9", "8"))
    summarise()
    listed = [row[1:3] for row in rows(client.get("/changes/"))]
    assert listed == [("router", "price"), ("openai", "model")]
    assert "2 folded" in collapsed(client.get("/changes/"))
    everything = client.get("/changes/?all=1")
    assert [row[1] for row in rows(everything)] == ["router", "azure", "coder", "openai"]
    corrected = client.get("/changes/?kind=correction")
    assert [row[3] for row in rows(corrected)] == ["$8.00/M before $9.00 −11.1 %"]
    assert [row[1] for row in rows(client.get("/changes/?model=meta/llama-5"))] == ["router"]


def test_filters_leave_what_they_name(client, catalog):
    for (_, provider), endpoint in catalog.items():
        if provider in ("openai", "azure"):
            moves(endpoint, "2026-11-03", input=("3", "2"))
    summarise()

    def found(query):
        return [row[:3] for row in rows(client.get(f"/changes/?{query}"))]

    new = ("openai/o4-mini", "openai", "model")
    assert found("creator=meta") == [("meta/llama-5", "azure", "price")]
    assert found("provider=openai") == [("openai/o4-mini", "openai", "price")]
    assert found("kind=model") == [new]
    assert found("until=2026-11-02") == [new]
    assert len(found("since=2026-11-03&until=2026-11-03")) == 3
    nothing = client.get("/changes/?since=2026-11-04")
    assert "Nothing matches. Take a filter off to see more." in collapsed(nothing)
    odd = collapsed(client.get("/changes/?creator=nope&since=2026-12-01&until=2026-11-01"))
    assert "“nope” is no creator; 2026-11-01 is before 2026-12-01" in odd


def test_without_any_change_the_page_states_so(client):
    page = collapsed(client.get("/changes/"))
    assert "No change is on record yet." in page
    assert client.get("/changes/feed.json").json()["items"] == []
    assert ElementTree.fromstring(client.get("/changes/feed.atom").content).tag == f"{ATOM}feed"


def test_a_group_of_many_models_is_short_and_whole_on_its_own_page(client, catalog):
    azure = make_provider("azure")
    for n in range(7):
        endpoint = make_endpoint(make_model(f"meta/many-{n}", name=f"Many {n}"), azure)
        moves(endpoint, "2026-11-03", input=("3", "2"))
    regional = make_endpoint(endpoint.model, azure, upstream_id="eu/many-6", region="eu")
    moves(regional, "2026-11-03", input=("4", "3"))
    summarise()
    page = client.get("/changes/?kind=price")
    assert len(rows(page)) == 4
    address = "provider=azure&amp;kind=price&amp;since=2026-11-03&amp;until=2026-11-03"
    assert f'href="?{address}"' in page.content.decode()
    assert "3 more models at Azure" in collapsed(page)
    whole = rows(client.get(f"/changes/?{address.replace('&amp;', '&')}"))
    assert len(whole) == 8
    assert "+1 more endpoint" in collapsed(client.get("/changes/?model=meta/many-6"))


def test_what_lies_ahead_comes_first_and_says_so(client, catalog):
    soon = (timezone.now() + timedelta(days=9)).date().isoformat()
    endpoint = catalog["openai/o4-mini", "openai"]
    make_rate(endpoint, "input", "2", valid_to=day(soon))
    make_rate(endpoint, "input", "4", valid_from=day(soon), origin="change", announced=True)
    model = endpoint.model
    model.retired_on = (timezone.now() + timedelta(days=3)).date().isoformat()
    model.save()
    summarise()
    page = collapsed(client.get("/changes/"))
    assert page.index("Openai shuts down o4-mini.") < page.index(
        "Openai: o4-mini input $2.00 → $4.00/M (+100 %)."
    )
    assert not rows(client.get("/changes/?kind=price"))
    announced = client.get("/changes/?kind=announced")
    assert [row[2:] for row in rows(announced, "ahead")] == [
        ("announced", "$4.00/M before $2.00 +100 %")
    ]
    feed = client.get("/changes/feed.json?kind=announced").json()
    assert [item["title"] for item in feed["items"]] == ["Openai, announced prices: o4-mini"]
    assert feed["items"][0]["date_published"] == "2026-11-12T00:00:00+00:00"


def test_retired_models_leave_prices_and_stay_in_the_lifecycle(client, catalog):
    endpoint = catalog["openai/o4-mini", "openai"]
    moves(endpoint, "2026-03-01", input=("3", "2"))
    origin = ["litellm", "2026-10-01", "https://openai.example/deprecations"]
    make_source("litellm", name="LiteLLM")
    model = endpoint.model
    model.retired_on = model.ends_on = "2026-10-01"
    model.provenance = {"retired_on": origin}
    model.save()
    summarise()
    page = client.get("/changes/")
    assert rows(page) == [("openai/o4-mini", "", "lifecycle", "Shut down by its creator")]
    assert f'<a class="link" href="{origin[2]}" rel="noopener nofollow">LiteLLM</a>' in collapsed(
        page
    )
    titles = [item["title"] for item in client.get("/changes/feed.json").json()["items"]]
    assert titles == ["Openai shuts down o4-mini"]


def test_feeds_hold_what_the_page_holds_under_ids_for_good(client, settings, catalog):
    endpoint = catalog["openai/o4-mini", "openai"]
    moves(endpoint, "2026-11-03", input=("3", "2.5"), output=("8", "16"))
    endpoint.model.name = "o4 <mini> & co"
    endpoint.model.save()
    summarise()
    base = settings.PUBLIC_URL
    address = "/changes/feed.json?creator=openai&page=2"
    response = client.get(address)
    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == f"{base}/changes/?creator=openai"
    assert feed["feed_url"] == f"{base}/changes/feed.json?creator=openai"
    price, new = feed["items"]
    query = "creator=openai&provider=openai&kind=price&since=2026-11-03&until=2026-11-03"
    assert price["id"] == price["url"] == f"{base}/changes/?{query}"
    assert price["title"] == "Openai, prices: o4 <mini> & co"
    assert price["content_html"] == (
        f'<ul><li><a href="{base}/models/openai/o4-mini/">o4 &lt;mini&gt; &amp; co</a>'
        " at Openai (o4-mini) – Input $3.00 → $2.50/M (−16.7 %);"
        " Output $8.00 → $16.00/M (+100 %) </li> </ul>"
    )
    assert price["date_published"] == "2026-11-03T00:00:00+00:00"
    assert new["title"] == "Openai, new: o4 <mini> & co"
    assert len(rows(client.get(f"/changes/?{query}"))) == 1

    atom = client.get("/changes/feed.atom?creator=openai")
    assert atom["Content-Type"] == "application/atom+xml; charset=utf-8"
    entries = ElementTree.fromstring(atom.content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [price["id"], new["id"]]
    assert entries[0].findtext(f"{ATOM}title") == price["title"]
    assert entries[0].findtext(f"{ATOM}content") == price["content_html"]
    page = collapsed(client.get("/changes/?creator=openai"))
    for kind, extension in (("atom", "atom"), ("feed", "json")):
        assert f'<link rel="alternate" type="application/{kind}+' in page
        assert f'href="/changes/feed.{extension}?creator=openai"' in page


def test_a_page_of_changes_takes_few_queries_however_many_there_are(client, catalog):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/changes/").status_code == 200
        return len(captured)

    endpoint = catalog["openai/o4-mini", "openai"]
    moves(endpoint, "2026-11-03", input=("3", "2.5"))
    summarise()
    few = queries()
    for n in range(60):
        other = make_endpoint(make_model(f"meta/many-{n}"), make_provider(f"host-{n}"))
        moves(other, f"2026-09-{n % 30 + 1:02}", input=("3", "2"))
    summarise()
    assert queries() <= few
    assert "Page 1 of 2" in collapsed(client.get("/changes/"))
    assert len(rows(client.get("/changes/?page=2"))) == 12
    assert "there is no page 9" in collapsed(client.get("/changes/?page=9"))
    part = client.get("/changes/", headers={"HX-Request": "true", "HX-Target": "results"})
    assert part.content.decode().lstrip().startswith('<section id="results"')
    assert json.loads(client.get("/changes/feed.json").content)["items"]


@pytest.mark.django_db(transaction=True)
def test_feeds_are_kept_and_validated_until_something_changes(client):
    model = make_model("openai/o4-mini", released="2025-04-16")
    make_rate(make_endpoint(model), "input", "2")
    summarise()
    for address in ("/changes/feed.atom", "/changes/feed.json", "/changes/"):
        whole = client.get(address)
        known = {"If-None-Match": whole["ETag"]}
        assert client.get(address, headers=known).status_code == 304
        Model.objects.update(name=f"Renamed before {address}")
        changed = client.get(address, headers=known)
        assert changed.status_code == 200
        assert f"Renamed before {address}" in changed.content.decode()


def test_what_this_install_saw_shows_beside_prices(client, catalog):
    endpoint = catalog["openai/o4-mini", "azure"]
    make_rate(catalog["openai/o4-mini", "openai"], "input", "2")
    make_rate(catalog["meta/llama-5", "azure"], "input", "2")
    at = {"at": day("2026-11-20"), "source": make_source()}
    model = catalog["meta/llama-5", "azure"].model
    model.released = "2026-06-01"
    model.save()
    Change.objects.create(kind="model", model=model, **at)
    Change.objects.create(kind="endpoint", endpoint=endpoint, field="added", **at)
    limits = {"before": 128_000, "after": 200_000}
    Change.objects.create(kind="limit", endpoint=endpoint, field="context_window", **limits, **at)
    Change.objects.create(
        kind="limit", endpoint=endpoint, field="max_output", before=4096, after=16_384, **at
    )
    wrong = {"correction": True, "field": "vision", "before": False, "after": True}
    Change.objects.create(kind="capability", endpoint=endpoint, **wrong, **at)
    policy = {"field": "training", "before": "no", "after": "opt_out"}
    Change.objects.create(kind="policy", provider=endpoint.provider, **policy, **at)
    ends = {"field": "retired_on", "before": "", "after": "2027-02-01"}
    Change.objects.create(kind="lifecycle", model=endpoint.model, **ends, **at)
    Change.objects.create(kind="lifecycle", model=model, withdrawn=True, **ends, **at)
    summarise()
    assert rows(client.get("/changes/?since=2026-11-01")) == [
        ("meta/llama-5", "azure", "model", "$2.00/M"),
        ("openai/o4-mini", "azure", "endpoint", "Served here from now on"),
        ("openai/o4-mini", "", "lifecycle", "Shutdown announced for Feb 1, 2027"),
        ("openai/o4-mini", "azure", "limit", "Context 128K → 200K; Longest output 4.1K → 16K"),
        ("", "azure", "policy", "Training: no → opt out"),
    ]
    corrected = rows(client.get("/changes/?kind=correction"))
    assert corrected == [("openai/o4-mini", "azure", "correction", "Vision: no → yes")]
    assert rows(client.get("/changes/?kind=model&until=2026-11-01")) == [
        ("openai/o4-mini", "openai", "model", "$2.00/M")
    ]
    titles = [item["title"] for item in client.get("/changes/feed.json").json()["items"]]
    assert titles[:2] == ["Meta, new: Llama 5", "Azure, availability: o4-mini"]
    assert "Azure, data policy" in titles
