import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from catalog.models import Endpoint, Provider, Source
from catalog.ratings import Rating
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from tests.web.page import Tables, collapsed
from web.pages.coverage import KnownShare

pytestmark = pytest.mark.django_db

LIMIT = {"context_window": ["models-dev", "2026-09-30"]}


def shares(response, table="coverage"):
    """Each fact's row as texts: label, share, count, sources, oldest date."""
    found = Tables(response.content.decode()).tables.get(table, [])
    return {
        row["data-fact"]: [cell["text"] for cell in row["cells"]]
        for row in found
        if "data-fact" in row
    }


def rate(model, board, category):
    Rating.objects.create(
        model=model,
        board=board,
        category=category,
        name="o4-mini",
        rating=1391,
        low=1387,
        high=1395,
        votes=9,
        rank=5,
        as_of="2026-10-20",
        source=make_source("arena", name="Arena leaderboard", licence="CC BY 4.0"),
    )


@pytest.fixture
def catalog():
    """Two endpoints of OpenAI, one of a gateway; a fourth one is retired."""
    model = make_model(released="2025-04-16", provenance={"released": ["litellm", "2026-10-01"]})
    openai = make_provider(
        "openai",
        name="OpenAI",
        terms_url="https://openai.com/terms",
        provenance={"terms_url": ["curated", "2026-11-20", "https://openai.com/terms"]},
    )
    make_source("litellm", name="LiteLLM", licence="MIT")
    make_source("curated", name="Ratecard's curated facts", url="", licence="")
    known = sell(model, openai, input="1")
    Endpoint.objects.filter(pk=known.pk).update(context_window=200_000, provenance=LIMIT)
    make_rate(
        known,
        "web_search",
        "10",
        content_billed_as_input=True,
        source=make_source("litellm"),
        observed_at=datetime(2026, 10, 2, tzinfo=UTC),
    )
    make_rate(known, "output", "0.5", valid_to=datetime(2026, 1, 1, tzinfo=UTC))
    embedding = make_endpoint(model, openai, upstream_id="embedding", mode="embedding")
    make_rate(embedding, "web_search", "9")
    gateway = make_provider("gateway", kind="gateway")
    make_endpoint(
        model, gateway, zdr="default", provenance={"zdr": ["curated", "2026-11-21", "https://x.y"]}
    )
    gone = make_endpoint(model, gateway, upstream_id="gone", context_window=9, provenance=LIMIT)
    Endpoint.objects.filter(pk=gone.pk).update(lifecycle="retired")
    rate(model, "text", "overall")
    rate(model, "text", "coding")
    summarise()
    return model


def test_each_fact_counts_the_endpoints_in_use_that_have_it_by_source(client, catalog):
    response = client.get("/coverage/")
    found = shares(response)
    assert found["context_window"][1:] == ["33 %", "1 of 3", "Models-Dev 1", "Sep 30, 2026"]
    assert found["input"][1:] == ["33 %", "1 of 3", "Models-Dev 1", "Nov 12, 2026"]
    assert found["terms_url"][1:4] == ["67 %", "2 of 3", "Ratecard's curated facts 2"]
    assert found["zdr"][1:] == ["33 %", "1 of 3", "Ratecard's curated facts 1", "Nov 21, 2026"]
    assert found["training"][1:] == ["0 %", "0 of 3", "No source states it", "—"]
    models = shares(response, "coverage-models")
    assert models["rating"][1:] == ["100 %", "1 of 1", "Arena leaderboard 1", "Oct 20, 2026"]
    assert models["released"][1:] == ["100 %", "1 of 1", "LiteLLM 1", "Oct 1, 2026"]


def test_a_meter_that_is_not_sold_and_searches_without_a_price_are_not_counted(client, catalog):
    found = shares(client.get("/coverage/"))
    assert found["output"][1:3] == ["0 %", "0 of 2"]
    assert found["web_search"][1:3] == ["67 %", "2 of 3"]
    assert found["web_search"][3] == "LiteLLM 1 Models-Dev 1"
    assert found["search_content"][1:4] == ["50 %", "1 of 2", "LiteLLM 1"]


def test_a_stage_is_known_once_by_itself_or_by_a_date(client, catalog):
    both = {name: ["litellm", "2026-10-01"] for name in ("lifecycle", "retired_on")}
    Endpoint.objects.filter(upstream_id="o4-mini", provider__slug="openai").update(
        lifecycle="active", retired_on="2031", provenance=both
    )
    dated = {"deprecated_on": ["curated", "2026-10-03"]}
    Endpoint.objects.filter(upstream_id="embedding").update(provenance=dated)
    assert shares(client.get("/coverage/"))["lifecycle"][1:] == [
        *("67 %", "2 of 3", "LiteLLM 1 Ratecard's curated facts 1", "Oct 1, 2026")
    ]


def test_a_fact_that_an_editor_emptied_is_not_known(client, catalog):
    emptied = {"context_window": [Source.EDITOR, "2026-11-22"]}
    Endpoint.objects.filter(upstream_id="o4-mini", provider__slug="openai").update(
        context_window=None, provenance=emptied
    )
    stated = {"zdr": [Source.EDITOR, "2026-11-22"]}
    Endpoint.objects.filter(provider__slug="gateway").update(provenance=stated)
    found = shares(client.get("/coverage/"))
    assert found["context_window"][1:4] == ["0 %", "0 of 3", "No source states it"]
    assert found["zdr"][1:4] == ["33 %", "1 of 3", "An editor 1"]


def test_a_policy_that_is_stated_to_be_unknown_is_not_known(client, catalog):
    stated = {name: ["curated", "2026-11-22", "https://x.y"] for name in ("zdr", "training")}
    Endpoint.objects.filter(provider__slug="gateway").update(
        zdr="unknown", training="no", provenance=stated
    )
    found = shares(client.get("/coverage/"))
    assert found["zdr"][1:4] == ["0 %", "0 of 3", "No source states it"]
    assert found["training"][1:3] == ["33 %", "1 of 3"]


def test_a_data_policy_of_a_provider_counts_once_at_each_endpoint_that_has_it(client, catalog):
    policy = {"zdr": ["curated", "2026-11-22", "https://x.y"]}
    Provider.objects.filter(slug="openai").update(zdr="on_request", provenance=policy)
    Endpoint.objects.filter(upstream_id="embedding").update(zdr="on_request", provenance=policy)
    assert shares(client.get("/coverage/?provider=openai"))["zdr"][1:4] == [
        *("50 %", "1 of 2", "Ratecard's curated facts 1")
    ]


def test_a_direct_provider_is_compared_with_the_others_and_has_a_page(client, catalog):
    tables = Tables(client.get("/coverage/").content.decode()).tables
    assert [cell["text"] for cell in tables["largest"][0]["cells"]] == ["Fact", "OpenAI2"]
    response = client.get("/coverage/?provider=openai")
    assert "What is known of OpenAI" in collapsed(response)
    assert shares(response)["context_window"][1:3] == ["50 %", "1 of 2"]
    assert shares(response)["terms_url"][1] == "100 %"
    assert 'id="largest"' not in response.content.decode()
    assert "2 endpoints in use" in collapsed(response)


def test_an_unknown_provider_shows_all_of_them_and_a_notice(client, catalog):
    response = client.get("/coverage/?provider=<b>")
    assert shares(response) == shares(client.get("/coverage/"))
    assert "“&lt;b&gt;” is no provider that serves anything" in response.content.decode()


def test_every_source_shows_its_licence_and_the_date_of_its_data(client, catalog):
    text = collapsed(client.get("/coverage/"))
    assert 'href="https://litellm.example" rel="noreferrer">LiteLLM</a></th>' in text
    dates = '<td class="as-of">Nov 12, 2026</td><td class="checked">{}</td>'
    assert f'<td class="licence">MIT</td>{dates.format("—")}' in text
    foot = text.partition("<footer")[2]
    assert "LiteLLM</a> (MIT, as of Nov 12, 2026)" in foot
    assert "Ratecard&#x27;s curated facts (as of Nov 12, 2026)" in foot
    assert 'href="/coverage/"' in foot
    Source.objects.filter(slug="litellm").update(fetched_at=datetime(2026, 11, 30, tzinfo=UTC))
    assert dates.format("Nov 30, 2026") in collapsed(client.get("/coverage/"))


def test_the_file_has_a_line_for_each_fact_and_source(client, catalog):
    response = client.get("/coverage.csv")
    assert response["Content-Disposition"] == 'attachment; filename="coverage.csv"'
    lines = list(csv.DictReader(StringIO(response.content.decode())))
    assert [list(line.values()) for line in lines if line["fact"] == "terms_url"] == [
        ["", "terms_url", "3", "2", "Ratecard's curated facts", "2", "2026-11-20"],
        ["openai", "terms_url", "2", "2", "Ratecard's curated facts", "2", "2026-11-20"],
    ]
    assert next(list(line.values()) for line in lines if line["fact"] == "training") == [
        *("", "training", "3", "0", "", "0", "")
    ]


def test_an_empty_catalog_knows_nothing(client):
    response = client.get("/coverage/")
    assert shares(response)["context_window"][1:3] == ["—", "0 of 0"]
    assert client.get("/coverage.csv").status_code == 200


@pytest.mark.parametrize(
    ("known", "among", "percent"),
    [
        *((0, 9, "0 %"), (9, 9, "100 %"), (0, 0, "—"), (1, 3, "33 %"), (1, 2, "50 %")),
        *((1, 1000, "< 1 %"), (1, 100, "1 %"), (99, 100, "99 %"), (999, 1000, "> 99 %")),
    ],
)
def test_a_share_is_never_rounded_to_all_or_none(known, among, percent):
    assert KnownShare("zdr", "ZDR", known, among).percent == percent
