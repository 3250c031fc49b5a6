"""Whatever an answer holds: each price is published, held or skipped by name, in any order."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Endpoint, EndpointClaims
from pricing.models import Rate
from sources.base import Answer, Parsed
from sources.reconcile import reconcile
from sources.upstreams.models_dev.read import ModelsDev

T0 = datetime(2026, 6, 1, tzinfo=UTC)
IDS = [f"acme/maker-{n}" for n in range(6)]
SOUND = ("1", "1.5", "2", "400", "0.001")
# As JSON writes them; the last three are no numbers.
ODD = ("-1", "1e999", '"1"', "null", "[1]", "true", "NaN", "-Infinity", "1e-40")

Row = tuple[str, str, str]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(IDS),
        st.sampled_from([*SOUND, *SOUND, *ODD]),
        st.sampled_from([*SOUND, *SOUND, *ODD]),
    ),
    min_size=1,
    max_size=9,
)


def parse(rows: list[Row], at: datetime) -> Parsed:
    """An answer of models.dev; an id may be there twice."""
    models = ", ".join(
        f'"{id_}": {{"id": "{id_}", "name": "{id_}", "cost": {{"input": {i}, "output": {o}}}}}'
        for id_, i, o in rows
    )
    body = f'{{"host": {{"id": "host", "name": "Host", "models": {{{models}}}}}}}'
    return ModelsDev().parse(Answer(at, {"": body.encode()}))


def read(rows: list[Row], at: datetime) -> Counter[str]:
    return reconcile([parse(rows, at)], now=at)


def catalog() -> list[Any]:
    rates = Rate.objects.order_by("endpoint__upstream_id", "meter", "valid_from", "amount")
    claims = EndpointClaims.objects.order_by("endpoint__upstream_id")
    return [
        [
            *rates.values_list(
                *("endpoint__upstream_id", "meter", "state", "amount", "valid_from", "valid_to"),
                *("held", "origin"),
            )
        ],
        [*claims.values_list("endpoint__upstream_id", "facts", "rates", "stated_at", "since")],
        [*Endpoint.objects.order_by("upstream_id").values_list("upstream_id", "missing_since")],
    ]


def open_rates(upstream_id: str, *, held: bool) -> dict[str, list[Decimal | None]]:
    rates = Rate.objects.filter(endpoint__upstream_id=upstream_id, valid_to=None, held=held)
    amounts: dict[str, list[Decimal | None]] = {}
    for rate in rates:
        amounts.setdefault(rate.meter, []).append(rate.amount)
    return amounts


def number(text: str) -> Decimal | None:
    """What a price states; None for one that does not read."""
    return Decimal(text) if text in SOUND else None


@pytest.mark.django_db
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_each_price_of_an_answer_is_published_held_or_skipped_by_name(
    answers: list[list[Row]],
) -> None:
    with transaction.atomic():
        for at, rows in enumerate(answers):
            now = T0 + timedelta(days=at)
            before = {id_: open_rates(id_, held=False) for id_ in IDS}
            listed = Endpoint.objects.filter(claims__missing_since=None)
            known = {*listed.values_list("upstream_id", flat=True)}
            with transaction.atomic():
                read(rows[::-1], now)
                reversed_catalog = catalog()
                transaction.set_rollback(True)
            counts = read(rows, now)
            repeated = {id_ for id_, *_ in rows if len({row for row in rows if row[0] == id_}) > 1}
            if not repeated:
                assert catalog() == reversed_catalog
            stated, published, held, skipped = 0, 0, 0, set()
            for id_, *texts in {row[0]: row for row in rows[::-1]}.values():
                unread = id_ in repeated or None in map(number, texts)
                if unread and id_ in known:
                    skipped.add(id_)
                    assert open_rates(id_, held=False) == before[id_]
                    assert any(id_ in what for what in counts if what.startswith("skipped of "))
                    continue
                for meter, text in zip(("input", "output"), texts, strict=True):
                    if (amount := number(text)) is None:
                        continue
                    stated += 1
                    published += open_rates(id_, held=False).get(meter) == [amount]
                    held += amount in open_rates(id_, held=True).get(meter, [])
            assert stated == published + held
            assert counts["rows skipped"] == len(skipped)
            once = catalog()
            again = read(rows, now + timedelta(hours=1))
            assert {what for what in again if "skipped" not in what} == set()
            assert catalog() == once
            published_rates = Rate.objects.filter(held=False).exclude(valid_to=None)
            for rate in published_rates:
                assert rate.valid_from is None or rate.valid_from <= rate.valid_to
        transaction.set_rollback(True)
