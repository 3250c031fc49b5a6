"""Whatever sources state, day by day: no price is lost, none holds beside another."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.models import Endpoint
from pricing.models import Rate
from pricing.observed import Observed
from pricing.rate_history import record_rates
from pricing.rates import StatedRate, stated
from tests.factories import make_endpoint, make_model, make_provider, make_source

T0 = datetime(2026, 6, 1, tzinfo=UTC)
# Too near to each other to be taken for slips; a price that becomes unknown is held.
AMOUNTS = st.sampled_from([Decimal("1"), Decimal("1.5"), Decimal("2")])
# By day of the data: the source that wins, an amount, and on which days it changes to which.
Step = tuple[int, str, Decimal, list[tuple[int, Decimal]]]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["models-dev", "litellm"]),
        AMOUNTS,
        st.lists(st.tuples(st.integers(-5, 5), AMOUNTS), max_size=2, unique_by=lambda at: at[0]),
    ),
    min_size=1,
    max_size=5,
)


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


def card(step: Step, on: int) -> list[StatedRate]:
    _, _, first, changes = step
    starts = [None, *(day(on + after) for after, _ in sorted(changes))]
    amounts = [first, *(amount for _, amount in sorted(changes))]
    ends = [*starts[1:], None]
    return [
        stated("input", amount, valid_from=start, valid_to=end)
        for amount, start, end in zip(amounts, starts, ends, strict=True)
    ]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
@example([(1, "models-dev", Decimal(1), []), (1, "litellm", Decimal(2), [(-1, Decimal(1))])])
def test_every_refresh_conserves_prices_and_leaves_one_at_a_time(steps: list[Step]) -> None:
    name = f"model-{Endpoint.objects.count()}"
    endpoint = make_endpoint(make_model(f"lab/{name}"), make_provider("host"), upstream_id=name)
    rows = Rate.objects.filter(endpoint=endpoint)
    on = 0
    for step in steps:
        on += step[0]
        before = dict(rows.values_list("id", "amount"))
        now = day(on)
        items = [Observed(rate, make_source(step[1]).id, now) for rate in card(step, on)]
        record_rates({endpoint.id: items}, as_of={endpoint.id: now})
        after = dict(rows.values_list("id", "amount"))
        assert before.items() <= after.items()
        published = [row for row in rows.all() if not row.held and row.valid_to != row.valid_from]
        published.sort(key=lambda row: row.valid_from or datetime.min.replace(tzinfo=UTC))
        for one, following in pairwise(published):
            assert one.valid_to is not None
            assert following.valid_from is not None
            assert one.valid_to <= following.valid_from
        wanted = next(item.rate for item in items if item.rate.holds_at(now))
        holding = [
            row
            for row in published
            if (row.valid_from is None or row.valid_from <= now)
            and (row.valid_to is None or now < row.valid_to)
        ]
        assert [row.amount for row in holding] == [wanted.amount]
        assert record_rates({endpoint.id: items}, as_of={endpoint.id: now}) == {}
