import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.utils import timezone

from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell, summarise

pytestmark = pytest.mark.django_db

USAGE = "?requests=1000&input=1000&output=100"


def lines(client, query=USAGE):
    response = client.get(f"/estimate.csv{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(b"".join(response.streaming_content).decode())))


def catalog():
    azure, openai = make_provider("azure"), make_provider("openai")
    sell(make_model("a/cheap"), azure, input="0.3", output="1")
    dear = make_model("a/dear")
    sell(dear, azure, input="3", output="9")
    sell(dear, openai, input="2.5", output="9")
    sell(make_model("a/silent"), azure, input="1")
    sell(make_model("a/plan"), make_provider("copilot", kind="plan"), input="1", output="1")
    gratis = make_endpoint(make_model("a/gratis"), azure)
    for slug in ("input", "output"):
        make_rate(gratis, slug, "0", state="free")
    summarise()


HEADER = [
    "rank",
    "model",
    "provider",
    "upstream_id",
    "total_usd",
    "usd_per_1000_requests",
    "state",
    "why",
    "announced_total_usd",
    "announced_from",
    "most_usd",
    "depends_on",
]
NOT_ANNOUNCED = ["", "", "", ""]


def test_the_file_holds_every_total_exactly_and_why_others_have_none(client):
    catalog()
    found = lines(client, f"{USAGE}&per=endpoint")
    assert found[:4] == [
        HEADER,
        ["1", "a/cheap", "azure", "cheap", "0.4", "0.4", "priced", "", *NOT_ANNOUNCED],
        ["2", "a/dear", "openai", "dear", "3.4", "3.4", "priced", "", *NOT_ANNOUNCED],
        ["3", "a/dear", "azure", "dear", "3.9", "3.9", "priced", "", *NOT_ANNOUNCED],
    ]
    free = "Free of charge: their stated price is zero, and they are not ranked among what is sold"
    plan = "Subscription plans: billed by the month, not by use"
    assert sorted(found[4:]) == [
        ["", "a/gratis", "azure", "gratis", "", "", "free", free, *NOT_ANNOUNCED],
        ["", "a/plan", "copilot", "plan", "", "", "included", plan, *NOT_ANNOUNCED],
        [
            "",
            "a/silent",
            "azure",
            "silent",
            "",
            "",
            "unknown",
            "No source states their price for output",
            *NOT_ANNOUNCED,
        ],
    ]


def test_the_file_has_the_total_of_announced_prices_and_their_day(client, monkeypatch):
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: begin - timedelta(days=1))
    endpoint = sell(make_model("a/dear"), input="1.1")
    endpoint.rates.update(valid_to=begin)
    make_rate(endpoint, "input", "2.3", valid_from=begin)
    summarise()
    usage = "?requests=30&input=1000000&output=0&per=endpoint"
    _, line = lines(client, usage)
    assert (line[4], *line[-4:-2]) == ("33", "69", "2026-12-01")
    _, line = lines(client, f"{usage}&at=2026-12-01")
    assert (line[4], *line[-4:-2]) == ("69", "", "")


def test_per_model_the_file_holds_the_cheapest_endpoint_of_each(client):
    catalog()
    assert [row[1:3] for row in lines(client)[1:3]] == [["a/cheap", "azure"], ["a/dear", "openai"]]


def test_filters_hold_for_the_file_and_pages_do_not(client):
    for n in range(60):
        sell(make_model(f"a/m{n}"), make_provider("host"), input="1", output="1")
    sell(make_model("b/other"), make_provider("host"), input="1", output="1")
    summarise()
    assert len(lines(client, f"{USAGE}&creator=a&page=2")) == 61


def test_no_cell_runs_as_a_formula(client):
    model = make_model("a/m", name="=1+1")
    endpoint = make_endpoint(model, make_provider("host"), upstream_id='=HYPERLINK("http://x")')
    for slug in ("input", "output"):
        make_rate(endpoint, slug, "1")
    make_endpoint(make_model("a/n"), make_provider("host"), upstream_id="@SUM(A1)")
    summarise()
    cells = [row[3] for row in lines(client)[1:]]
    assert cells == ['\'=HYPERLINK("http://x")', "'@SUM(A1)"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?input=abc", "A number, please, such as 3000 or 1.5M."),
        ("?input=1&tier=nope", "No endpoint states a “nope” tier; those that are stated: batch."),
    ],
)
def test_a_workload_that_is_not_understood_gives_no_file(client, query, said):
    endpoint = sell(make_model(), input="1")
    make_rate(endpoint, "input", "0.5", terms=Terms("batch"))
    response = client.get(f"/estimate.csv{query}")
    assert response.status_code == 400
    assert response.content.decode() == said
    assert "Content-Disposition" not in response


def test_the_file_has_a_name(client):
    assert (
        client.get("/estimate.csv")["Content-Disposition"] == 'attachment; filename="estimate.csv"'
    )
