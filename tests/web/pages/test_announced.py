"""Announced prices on the bundled catalog: beside the current ones, wherever those are."""

from csv import DictReader
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests.web.page import collapsed, rows

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
IN_FULL = "$4.00 per million tokens from 1 December 2026"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    now = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def file_of(client, address):
    return DictReader(b"".join(client.get(address).streaming_content).decode().splitlines())


def cell(row, meter):
    return next(cell for cell in row["cells"] if cell.get("data-meter") == meter)


def test_the_table_of_providers_shows_what_a_meter_costs_from_a_day_on(client, clock):
    response = client.get("/models/google/gemini-4-argon/")
    row = next(row for row in rows(response, "providers") if row["data-provider"] == "google")
    price = cell(row, "input")
    assert (price["data-amount"], price["data-state"]) == ("2", "priced")
    assert "$4.00 from 1 Dec" in price["text"]
    assert IN_FULL in price["text"]
    assert f"Announced: {IN_FULL}" in price["title"]
    assert "$20.00 from 1 Dec" in cell(row, "output")["text"]
    assert 'data-next="2026-12-01" data-next-amount="4"' in collapsed(response)

    clock[0] = datetime(2026, 12, 1, tzinfo=UTC)
    response = client.get("/models/google/gemini-4-argon/")
    row = next(row for row in rows(response, "providers") if row["data-provider"] == "google")
    assert cell(row, "input")["data-amount"] == "4"
    assert "from 1 Dec" not in collapsed(response)


@pytest.mark.parametrize(
    "page",
    [
        "/models/google/gemini-4-argon/endpoints/google/",
        "/compare/?m=google/gemini-4-argon&m=openai/gpt-5.5",
        "/providers/google/?q=argon",
    ],
)
def test_other_pages_of_endpoints_show_it_too(client, page):
    html = collapsed(client.get(page))
    assert "$4.00 from 1 Dec" in html
    assert IN_FULL in html


@pytest.mark.parametrize("page", ["/?q=gemini+4+argon", "/creators/google/?q=argon"])
def test_a_row_of_models_has_it_beside_its_provider(client, page):
    html = collapsed(client.get(page))
    assert "from 1 Dec<" in html and 'data-next="2026-12-01" data-next-amount="4"' in html
    assert IN_FULL in html


def test_the_csv_of_a_models_endpoints_has_it(client):
    answer = client.get("/models/google/gemini-4-argon/providers.csv").content.decode()
    at_google = next(row for row in DictReader(answer.splitlines()) if row["provider"] == "google")
    assert at_google["input"] == "2"
    assert (at_google["input_announced"], at_google["input_announced_from"]) == (
        *("4", "2026-12-01"),
    )
    assert at_google["web_search_announced"] == ""


def test_sentences_say_it_where_they_say_a_price(client):
    html = collapsed(client.get("/models/google/gemini-4-argon/"))
    faq = html[html.index("How much does Gemini 4 Argon cost?") :].partition("</dd>")[0]
    assert "input $2.00 per million tokens ($4.00 from 1 December 2026)" in faq
    assert (
        "Announced at Google: input $4.00 per million tokens from 1 December 2026;"
        " output $20.00 per million tokens from 1 December 2026."
    ) in html
    assert "Announced at Google, batch: input $2.00 per million tokens from 1 December" in html
    cached = html[html.index("Prompts that begin alike") :].partition("</li>")[0]
    assert "($0.20 from 1 December 2026) at Google instead of $2.00 ($4.00 from" in cached
    others = html[html.index("Consider alternatives") :].partition("</section>")[0]
    assert (
        "costs less (input $0.75 ($1.50 from 1 January 2027) instead of $2.00 ($4.00 from"
        " 1 December 2026) and output"
    ) in others


def test_a_workload_says_what_it_makes_of_it(client):
    words = "doubles on 1 December"
    usage = "requests=100&input=1000&output=100"
    compared = "/compare/?m=google/gemini-4-argon&m=openai/gpt-5.5&"
    row = "cost of this workload"
    assert words in collapsed(client.get(f"{compared}{usage}")).partition(row)[2]
    estimate = f"/estimate/?{usage}&per=endpoint&model=google/gemini-4-argon"
    assert f"this workload {words}" in collapsed(client.get(estimate))
    lines = file_of(client, f"/estimate.csv?{usage}&per=endpoint&model=google/gemini-4-argon")
    at_google = next(row for row in lines if row["provider"] == "google")
    assert (at_google["total_usd"], at_google["announced_total_usd"]) == ("0.3", "0.6")
    assert at_google["announced_from"] == "2026-12-01"


def test_a_blend_of_prices_has_what_it_becomes(client):
    compared = collapsed(client.get("/compare/?m=google/gemini-4-argon&m=openai/gpt-5.5"))
    blend = compared[compared.index("Blended price") :].partition("</tr>")[0]
    assert "$8.00 from 1 Dec" in blend
    assert "announced: $8.00 per million tokens from 1 December 2026" in blend


def test_the_csv_of_models_has_it(client):
    lines = file_of(client, "/models.csv?q=gemini+4+argon")
    row = next(row for row in lines if row["slug"] == "google/gemini-4-argon")
    assert (row["input_announced_usd_per_million"], row["input_announced_from"]) == (
        *("4", "2026-12-01"),
    )
    assert row["prices_as_of"] == "2026-11-09"
