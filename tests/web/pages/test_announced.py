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


def test_the_csv_of_a_models_endpoints_has_it(client):
    answer = client.get("/models/google/gemini-4-argon/providers.csv").content.decode()
    at_google = next(row for row in DictReader(answer.splitlines()) if row["provider"] == "google")
    assert at_google["input"] == "2"
    assert (at_google["input_announced"], at_google["input_announced_from"]) == (
        *("4", "2026-12-01"),
    )
    assert at_google["web_search_announced"] == ""
