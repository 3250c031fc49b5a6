"""Pages of a past date: `?at=2026-03-01`."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Endpoint, Model
from pricing.models import Rate
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell, summarise
from tests.web.page import price, rows

pytestmark = pytest.mark.django_db

MODEL = "/models/openai/o4-mini/"
TURN = datetime(2026, 3, 1, tzinfo=UTC)


def text_of(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.fixture
def catalog():
    """One price ended on March 1, 2026, and another begins in the future."""
    model = make_model(released="2025-04-16", retired_on="2026-06-01", lifecycle="deprecated")
    openai = make_provider("openai", name="OpenAI", creator=model.creator, kind="first-party")
    endpoint = sell(model, openai, input="3", output="4.40")
    Endpoint.objects.update(retired_on="2026-06-01")
    Rate.objects.filter(meter="input").update(valid_from=TURN)
    make_rate(endpoint, "input", "2", valid_to=TURN, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    azure = make_provider("azure", kind="cloud")
    make_rate(make_endpoint(model, azure, released="2026-05-01"), "input", "1")
    later = sell(make_model("openai/o5", released="2026-05-01"), openai, input="7")
    make_rate(later, "output", "1", valid_from=timezone.now() + timedelta(days=9))
    summarise()
    return model


@pytest.mark.parametrize(
    ("at", "amount", "words"),
    [
        ("2026-02-28", "2", "Prices of February 28, 2026"),
        ("2026-02-28T23:59Z", "2", "Prices of February 28, 2026, 23:59 UTC"),
        ("2026-03-01", "3", "Prices of March 1, 2026"),
    ],
)
def test_a_model_shows_the_prices_of_a_date(client, catalog, at, amount, words):
    response = client.get(f"{MODEL}?at={at}")
    (row,) = rows(response, "providers")
    assert price(row, "input")[:2] == ("priced", amount)
    # Nothing that has come since was announced then.
    assert "data-next" not in response.content.decode()
    assert words in text_of(response)
    assert f'href="{MODEL}">Today’s prices</a>' in response.content.decode()
    # Every link of the table keeps the date, and so does its details' page.
    html = response.content.decode()
    links = re.findall(r'hx-get="(\?[^"]*)"', html)
    assert links and all("at=2026-" in link for link in links)
    details = re.search(rf'href="({MODEL}endpoints/openai/[^"]*at=[^"]*)"', html)[1]
    opened = client.get(details.replace("&amp;", "&"))
    assert f"${amount}.00" in text_of(opened)
    assert words in text_of(opened)


def test_before_a_price_is_known_and_before_a_model_was_released(client, catalog):
    (row,) = rows(client.get(f"{MODEL}?at=2025-12-31"), "providers")
    assert price(row, "input")[0] == "unknown"
    response = client.get("/models/openai/o5/?at=2026-04-30")
    assert rows(response, "providers") == []
    assert "o5 was released on May 1, 2026" in text_of(response)
    assert client.get("/models/openai/nope/?at=2026-03-01").status_code == 404


def test_a_provider_shows_what_it_served_and_charged_then(client, catalog):
    address = "/providers/openai/?sort=input"
    response = client.get(f"{address}&at=2026-02-28")
    html = response.content.decode()
    assert re.findall(r'<tr data-model="([^"]+)"', html) == ["openai/o4-mini"]
    assert 'data-meter="input" data-state="priced" data-amount="2"' in html
    assert "Prices of February 28, 2026" in text_of(response)
    assert "at=2026-02-28" in html
    today = client.get(address).content.decode()
    assert re.findall(r'<tr data-model="([^"]+)"', today) == ["openai/o5"]


@pytest.mark.parametrize(
    ("at", "complaint"),
    [
        ("2026-13-01", "“2026-13-01” is no date from 2020 on"),
        ("1999-01-01", "“1999-01-01” is no date from 2020 on"),
        ("2098-01-01", "2098-01-01 is still to come"),
    ],
)
@pytest.mark.parametrize("page", [MODEL, "/providers/openai/", f"{MODEL}endpoints/openai/"])
def test_odd_dates_and_dates_to_come_are_complained_about(client, catalog, page, at, complaint):
    response = client.get(f"{page}?at={at}")
    assert f"Some filters were ignored: {complaint}" in text_of(response)
    assert "Prices of" not in text_of(response)


def listed(response):
    return {row["data-model"]: price(row, "input")[:2] for row in rows(response, "models")}


def test_the_list_shows_prices_of_a_date_without_models_of_later(client, catalog):
    Endpoint.objects.update(retired_on="")
    Model.objects.update(retired_on="", lifecycle="listed")
    summarise()
    today = client.get("/models/?all=1")
    assert listed(today)["openai/o4-mini"] == ("priced", "3")
    response = client.get("/models/?all=1&at=2026-02-28&sort=name")
    assert listed(response) == {"openai/o4-mini": ("priced", "2")}
    assert "Prices of February 28, 2026. Today’s prices" in text_of(response)
    html = response.content.decode()
    assert 'href="/models/?all=1&amp;sort=name">Today’s' in html.replace("sort=name&amp;all=1", "")
    assert re.search(r'hx-get="\?[^"]*at=2026-02-28', html)
    assert listed(client.get("/models/?all=1&at=2025-12-31"))["openai/o4-mini"] == ("unknown", None)
    odd = client.get("/models/?at=2098-01-01")
    assert "Some filters were ignored: 2098-01-01 is still to come" in text_of(odd)
    # The estimate, which shares the list's filters, has a date of its own.
    estimate = client.get("/estimate/?input=1000&output=1&at=2026-02-28").content.decode()
    assert "at=2026-02-28&amp;at=" not in estimate
