"""The order in which the sources of the snapshot are read decides nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone

from catalog.models import Endpoint, Model, Provider
from pricing.models import Rate
from sources.base import Parsed
from sources.bundle.snapshot import BUNDLED, load
from sources.provider_winners import settle_providers
from sources.reconcile import reconcile
from sources.registry import SOURCES
from sources.upstreams.curated.read import Curated
from sources.winners import settle

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

TABLES = (Provider, Model, Endpoint, Rate)


@pytest.fixture(scope="module")
def answers() -> list[Parsed]:
    stated = [answer for answer in load(BUNDLED.read_bytes()) if answer.source in SOURCES]
    return [*stated, Curated().parse(Curated().answer(now=timezone.now()))]


def rows() -> list[list[tuple[Any, ...]]]:
    return [[*table.objects.order_by("id").values_list()] for table in TABLES]


def contested() -> list[int]:
    """Endpoints of which several sources state something: only there an order could decide."""
    claimed = Endpoint.objects.annotate(number=Count("claims")).filter(number__gt=1)
    return [*claimed.values_list("id", flat=True)]


def later(answers: list[Parsed]) -> Iterator[Parsed]:
    """The same data, each fetched after the one before it."""
    newest = max(answer.as_of for answer in answers)
    for number, answer in enumerate(answers):
        yield replace(answer, as_of=newest + timedelta(minutes=number))


def test_reading_the_same_data_again_and_settling_all_anew_changes_nothing(
    answers: list[Parsed],
) -> None:
    before = rows()
    for answer in later([*reversed(answers)]):
        assert reconcile([answer], now=timezone.now()) == {}
    assert settle_providers(Provider.objects.values_list("id", flat=True)) == set()
    assert +settle(contested()) == {}
    assert rows() == before
