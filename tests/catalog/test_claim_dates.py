"""Since when each claim has been stated."""

from datetime import UTC, datetime

import pytest

from catalog.claim_dates import began, claims_by_name, dates_of_same

MAY, JUNE = "2026-05-01T00:00:00+00:00", "2026-06-01T00:00:00+00:00"
FACTS = {"mode": "chat", "max_output": 1, "capabilities": {"vision": True, "tool-use": True}}
RATES = [
    {"meter": "input", "amount": "1"},
    {"meter": "input", "amount": "2", "terms": {"tier": "flex"}},
]


@pytest.mark.parametrize(
    ("since", "evidence"),
    [
        ({}, {}),
        ({"mode": MAY, "rate.input": MAY}, {}),
        ({"capabilities": MAY}, {}),
        ({"mode": MAY}, {"mode": ["https://example.org", "2026-04"]}),
    ],
)
def test_claims_that_stay_keep_the_date_that_they_have(since, evidence):
    dated = {
        "stated_at": datetime.fromisoformat(JUNE).astimezone(UTC),
        "since": since,
        "evidence": evidence,
    }
    claims = claims_by_name(FACTS, RATES)
    assert dates_of_same(claims, claims, **dated) == {
        name: began(name, **dated).isoformat() for name in claims
    }


def test_claims_that_are_other_ones_have_no_earlier_date():
    before = claims_by_name(FACTS, RATES)
    after = claims_by_name(
        {"mode": "chat", "max_output": 2, "capabilities": {"vision": False}},
        [*reversed(RATES), {"meter": "output", "amount": "3"}],
    )
    dated = {"stated_at": datetime.fromisoformat(JUNE), "since": {}, "evidence": {}}
    assert dates_of_same(before, after, **dated) == {
        "mode": JUNE,
        "rate.input": JUNE,
        'rate.input ["flex", "", {}]': JUNE,
    }
