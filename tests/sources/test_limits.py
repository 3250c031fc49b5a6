"""A row that no column holds is skipped, counted and named; the rest of the answer is loaded."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model, Provider, ProviderClaims
from pricing.rates import stated
from sources.base import Listing, Parsed, ProviderListing
from sources.models import Refresh
from sources.reconcile import NAMED, reconcile
from sources.refresh import load
from tests.sources.server import Page, Server

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 12, tzinfo=UTC)
GOOD = Listing("openai", "o4-mini", {"name": "o4-mini"}, (stated("input", Decimal("1.1")),))


def run(*listings: Listing, as_of: datetime = NOVEMBER, **more: Any) -> Counter[str]:
    return reconcile([Parsed("models-dev", as_of, listings, **more)], now=timezone.now())


def of_length(length: int, start: str = "") -> str:
    return start + "x" * (length - len(start))


# What a source may write, by the column that holds it: how long it may be, and a listing with it.
ROWS = {
    "provider": (100, lambda n: Listing(of_length(n), "o3")),
    "upstream_id": (300, lambda n: Listing("azure", of_length(n - 120, "acme/") + ":" + "y" * 119)),
    "model": (200, lambda n: Listing("azure", of_length(n, "acme/"))),
    "creator": (100, lambda n: Listing("azure", of_length(n) + "/one")),
    "variant": (120, lambda n: Listing("azure", "gpt-4:" + of_length(n))),
    "name": (300, lambda n: Listing("azure", "o3", {"name": of_length(n)})),
    "family": (100, lambda n: Listing("azure", "o3", {"family": of_length(n)})),
    "mode": (30, lambda n: Listing("azure", "o3", {"mode": of_length(n)})),
    "licence": (100, lambda n: Listing("azure", "o3", {"licence": of_length(n)})),
    "quantization": (30, lambda n: Listing("azure", "o3", {"quantization": of_length(n)})),
    "region": (50, lambda n: Listing("azure", "o3", {"region": of_length(n)})),
    "lifecycle": (20, lambda n: Listing("azure", "o3", {"lifecycle": of_length(n)})),
    "parameters": (60, lambda n: Listing("azure", "o3", {"parameters": ["a", of_length(n)]})),
    "capabilities": (50, lambda n: Listing("azure", "o3", {"capabilities": {of_length(n): True}})),
    "modalities_in": (20, lambda n: Listing("azure", "o3", {"modalities_in": [of_length(n)]})),
    "modalities_out": (20, lambda n: Listing("azure", "o3", {"modalities_out": [of_length(n)]})),
    "meter": (40, lambda n: Listing("azure", "o3", {}, (stated(of_length(n), 1),))),
}


@pytest.mark.parametrize("column", ROWS)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_row_beyond_a_column_is_skipped_and_the_rest_is_loaded(column: str, beyond: int) -> None:
    longest, listing = ROWS[column]
    counts = run(GOOD, listing(longest + beyond))
    assert counts["rows skipped"] == max(beyond, 0)
    assert Endpoint.objects.count() == (1 if beyond > 0 else 2)
    named = [line for line in counts if line.startswith("skipped of models-dev: ")]
    assert len(named) == max(beyond, 0)
    assert all(f"{column} of {longest + 1} characters, and {longest} fit" in it for it in named)


@pytest.mark.parametrize(
    ("column", "longest"), [("slug", 100), ("name", 200), ("docs_url", 500), ("env_names", 100)]
)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_provider_beyond_a_column_is_skipped(column: str, longest: int, beyond: int) -> None:
    text = of_length(longest + beyond, "https://a.example/" if column == "docs_url" else "")
    facts = {"slug": {}, "env_names": {"env_names": [text]}}.get(column, {column: text})
    slug = text if column == "slug" else "acme"
    counts = run(GOOD, Listing(slug, "one"), providers=(ProviderListing(slug, facts),))
    # A listing goes with its provider's slug, and stays without its provider's facts.
    assert counts["rows skipped"] == max(beyond, 0) * (2 if column == "slug" else 1)
    exists = Provider.objects.filter(slug=slug).exists()
    assert exists == (beyond < 1 or column != "slug")
    claims = ProviderClaims.objects.filter(provider__slug=slug)
    assert claims.exists() == (beyond < 1)


def test_what_a_skipped_row_stated_before_stays() -> None:
    fits = Listing("azure", "o3", {"region": "eu"})
    run(GOOD, fits)
    later = NOVEMBER + timedelta(days=1)
    counts = run(GOOD, Listing("azure", "o3", {"region": of_length(51)}), as_of=later)
    assert counts["rows skipped"] == 1
    endpoint = Endpoint.objects.get(provider__slug="azure")
    assert (endpoint.region, endpoint.missing_since) == ("eu", None)
    assert EndpointClaims.objects.get(endpoint=endpoint).stated_at == NOVEMBER


def test_a_pattern_beyond_a_column_is_skipped_for_every_endpoint_that_it_covers() -> None:
    run(GOOD, Listing("openai", "o4-maxi"))
    facts, matches = {"region": of_length(51)}, {"starts_with": "o4"}
    rule = Parsed("genai-prices", NOVEMBER, (Listing("openai", "o4", facts, matches=matches),))
    assert reconcile([rule], now=timezone.now())["rows skipped"] == 2
    assert EndpointClaims.objects.filter(source__slug="genai-prices").count() == 0


@pytest.mark.parametrize("number", [NAMED - 1, NAMED, NAMED + 1])
def test_only_the_first_of_many_skipped_rows_are_named(number: int) -> None:
    counts = run(GOOD, *(Listing("azure", of_length(301, f"{n}-")) for n in range(number)))
    assert counts["rows skipped"] == number
    assert sum(line.startswith("skipped of") for line in counts) == min(number, NAMED)
    assert all(len(line) < 250 for line in counts)
    assert Model.objects.count() == 1


def test_the_record_of_a_refresh_and_its_command_name_what_was_skipped(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = b'{"acme/one:%s": {"id": "a"}, "one": {"id": "one"}}' % (b"z" * 121)
    server.pages["/"] = Page(b'{"acme": {"id": "acme", "models": %s}}' % models)
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", f"{server.address}/")
    call_command("refresh_source", "models-dev")
    assert Endpoint.objects.get().upstream_id == "one"
    (name,) = (line for line in Refresh.objects.get().counts if line.startswith("skipped of"))
    assert name.endswith(": variant of 121 characters, and 120 fit")
    assert "acme acme/one:zzz" in name
    assert name in capsys.readouterr().out


def test_a_snapshot_skips_what_does_not_fit_too() -> None:
    parsed = Parsed("models-dev", NOVEMBER, (GOOD, Listing("azure", of_length(301))))
    assert load([parsed], now=timezone.now())["rows skipped"] == 1
