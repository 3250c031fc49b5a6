"""What a reading of sources notes as a change, and what it does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.changes import Change
from catalog.models import Model, Source
from pricing.models import Rate
from sources import reconcile as reconciling
from sources.base import Listing, Parsed, ProviderListing
from sources.reconcile import reconcile
from tests.sources.test_reconcile import lists, rate

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 12, tzinfo=UTC)


def read(day: int, *listings: Listing, source: str = "models-dev", **more: Any) -> datetime:
    at = START + timedelta(days=day)
    reconcile([Parsed(source, at, listings, **more)], now=at)
    return at


def o4(**facts: Any) -> Listing:
    return lists("openai", "o4-mini", rate("input", "1.1"), **{"name": "o4-mini", **facts})


def noted(at: datetime) -> list[tuple[Any, ...]]:
    return [
        (change.kind, change.field, change.before, change.after, change.correction)
        for change in Change.objects.filter(at=at).order_by("kind", "field", "id")
    ]


def test_what_is_read_for_the_first_time_is_no_change() -> None:
    read(0, o4(context_window=200_000, retired_on="2027-01-01"))
    assert not Change.objects.exists()
    other = lists("azure", "o4-mini", context_window=128_000)
    read(1, other, o4(context_window=100_000), source="litellm")
    assert not Change.objects.exists()


def test_the_same_again_and_prices_are_not_noted() -> None:
    read(0, o4(context_window=200_000))
    read(1, o4(context_window=200_000))
    read(2, lists("openai", "o4-mini", rate("input", "2.2"), context_window=200_000))
    assert not Change.objects.exists()
    assert Rate.objects.filter(origin="change").count() == 1


def test_new_models_and_endpoints_are_noted_once() -> None:
    read(0, o4())
    new = lists("openai", "o5"), lists("azure", "o5"), lists("azure", "o4-mini")
    at = read(1, o4(), *new)
    assert noted(at) == [
        ("endpoint", "added", None, None, False),
        ("model", "", None, None, False),
    ]
    change = Change.objects.get(kind="model")
    assert change.model == Model.objects.get(slug="openai/o5")
    assert change.source == Source.objects.get(slug="models-dev")
    assert Change.objects.get(kind="endpoint").endpoint.provider.slug == "azure"
    at = read(2, o4(), *new[:2])
    assert noted(at) == [("endpoint", "gone", None, None, False)]
    at = read(3, o4(), *new)
    assert noted(at) == [("endpoint", "back", None, None, False)]


def test_known_facts_that_differ_are_noted_and_what_becomes_known_is_not() -> None:
    can = {"tool-use": True, "vision": False}
    read(0, o4(context_window=200_000, capabilities=can))
    can = {"tool-use": False, "vision": True, "reasoning": True}
    at = read(1, o4(context_window=400_000, max_output=100_000, capabilities=can))
    assert noted(at) == [
        ("capability", "tool-use", True, False, False),
        ("capability", "vision", False, True, False),
        ("limit", "context_window", 200_000, 400_000, False),
    ]


def test_another_sources_value_is_a_correction() -> None:
    read(0, o4(context_window=200_000), source="litellm")
    read(1, o4(), source="models-dev")
    at = read(2, o4(context_window=128_000), source="models-dev")
    assert noted(at) == [("limit", "context_window", 200_000, 128_000, True)]


def test_an_end_is_noted_where_it_is_announced_moved_and_taken_back() -> None:
    read(0, o4())
    at = read(1, o4(retired_on="2027-01-01"))
    assert noted(at) == [("lifecycle", "retired_on", "", "2027-01-01", False)]
    assert Change.objects.get(at=at).model is not None
    at = read(2, o4(retired_on="2027-06-01"))
    assert noted(at) == [("lifecycle", "retired_on", "2027-01-01", "2027-06-01", False)]
    at = read(3, o4(lifecycle="deprecated"))
    assert noted(at) == [
        ("lifecycle", "lifecycle", "listed", "deprecated", False),
        ("lifecycle", "retired_on", "2027-06-01", "", False),
    ]
    # The day itself changes nothing that is stored.
    read(4, o4(lifecycle="deprecated", deprecated_on="2026-11-01"))
    assert not noted(START + timedelta(days=4))


def test_a_providers_policy_is_noted_once_for_all_its_endpoints() -> None:
    def policy(**facts: Any) -> tuple[ProviderListing, ...]:
        return (ProviderListing("openai", facts),)

    endpoints = o4(), lists("openai", "o5")
    read(0, *endpoints, providers=policy(training="no", retention="days", retention_days=30))
    at = read(1, *endpoints, providers=policy(training="opt_out", retention="none", zdr="default"))
    assert noted(at) == [
        ("policy", "retention", "30 days", "none", False),
        ("policy", "training", "no", "opt_out", False),
    ]
    assert {change.provider.slug for change in Change.objects.all()} == {"openai"}


def test_rules_that_are_applied_anew_change_nothing_in_the_world(monkeypatch: Any) -> None:
    read(0, o4(context_window=200_000))
    monkeypatch.setattr(reconciling, "have_changed", lambda name: True)
    at = read(1, o4(context_window=400_000), lists("openai", "o5"))
    assert noted(at) == [("model", "", None, None, False)]


def test_the_changes_of_a_refresh_are_found_to_be_withdrawn() -> None:
    read(0, o4(context_window=200_000))
    at = read(1, o4(context_window=400_000))
    source = Source.objects.get(slug="models-dev")
    assert Change.objects.made_by(source.id, at).update(withdrawn=True) == 1
    assert not Change.objects.made_by(source.id, START).exists()


def test_a_change_is_of_one_thing() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.create(at=START, kind="limit")
