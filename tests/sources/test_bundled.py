"""The snapshot that every new install starts with, loaded whole."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from catalog.models import Endpoint, Model
from pricing.models import LowestRate, Rate
from sources.reconcile import reconcile
from sources.snapshot import BUNDLED, load


@pytest.fixture(scope="module")
def catalog(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """The bundled catalog, loaded once for these tests and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_snapshot", verbosity=0)
        yield
        transaction.set_rollback(True)


pytestmark = pytest.mark.usefixtures("catalog")


def current(provider: str, upstream_id: str) -> dict[tuple[str, str], Decimal | None]:
    rows = Rate.objects.current(timezone.now()).filter(
        endpoint__provider__slug=provider, endpoint__upstream_id=upstream_id
    )
    return {(row.meter, row.terms.get("tier", "")): row.amount for row in rows if set(row.terms) <= {"tier"}}


def test_there_are_thousands_of_endpoints_with_prices() -> None:
    assert Endpoint.objects.count() > 9000
    assert Model.objects.listed().count() > 2000
    assert Rate.objects.filter(state="priced", valid_to=None).count() > 25_000
    assert Rate.objects.exclude(valid_to=None).count() > 500


def test_o4_mini_is_right() -> None:
    model = Model.objects.get(slug="openai/o4-mini")
    assert (model.name, model.released, model.creator.name) == ("o4-mini", "2025-04-16", "OpenAI")
    assert (model.context_window, model.max_output, model.knowledge_cutoff) == (200_000, 100_000, "2024-05")
    assert {"reasoning", "tool-use", "vision", "implicit-caching"} <= set(model.capabilities)
    assert model.stage(date(2026, 10, 22)) == "active"
    assert model.stage(date(2026, 10, 23)) == "deprecated"
    for provider in ("openai", "azure"):
        card = current(provider, "o4-mini")
        assert card["input", ""] == Decimal("1.1")
        assert card["output", ""] == Decimal("4.4")
        assert card["cache_read", ""] == Decimal("0.275")
        assert card["input", "batch"] == Decimal("0.55")
        assert card["output", "batch"] == Decimal("2.2")


def test_a_price_that_fell_is_kept_in_history() -> None:
    old, new = Rate.objects.filter(
        endpoint__provider__slug="openai", endpoint__upstream_id="o3", meter="input", terms={}
    ).order_by("valid_to")
    assert (old.amount, new.amount) == (Decimal(10), Decimal(2))
    assert old.valid_to == new.valid_from
    assert new.valid_from and new.valid_from.date() == date(2025, 6, 10)


def test_bands_of_a_long_context_are_rates_with_terms() -> None:
    band = Rate.objects.get(
        endpoint__provider__slug="openai",
        endpoint__upstream_id="gpt-5.4",
        meter="input",
        terms={
            "band": {
                "threshold": 272_000,
                "operator": "gt",
                "basis": "total_input",
                "applies": "whole_request",
            }
        },
        valid_to=None,
    )
    assert band.amount == Decimal(5)


def test_no_plan_and_no_unknown_is_the_lowest_price_of_a_model() -> None:
    assert not LowestRate.objects.filter(endpoint__provider__kind__in=["plan", "local"]).exists()
    assert not LowestRate.objects.filter(state="priced", amount__isnull=True).exists()


def test_every_fact_names_its_source_and_date() -> None:
    fields = ("context_window", "max_output", "released", "mode")
    for endpoint in Endpoint.objects.all()[:2000]:
        for field in fields:
            if getattr(endpoint, field):
                source, on = endpoint.provenance[field]
                assert source and date.fromisoformat(on)


def test_a_magnitude_slip_is_held_and_not_shown() -> None:
    slip = Rate.objects.get(
        endpoint__provider__slug="helicone", endpoint__upstream_id="mistral-nemo", meter="input"
    )
    assert (slip.held, slip.amount) == (True, Decimal(20))
    assert not Rate.objects.current(timezone.now()).filter(id=slip.id).exists()


def test_loading_it_again_changes_nothing() -> None:
    assert reconcile(load(BUNDLED.read_bytes()), now=timezone.now()) == Counter()
