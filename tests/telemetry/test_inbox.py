"""Calls that are possible, their bytes, and the inbox."""

import time
from datetime import timedelta
from math import inf, isnan, nan

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.keys import make_key
from accounts.models import Key, KeyKind
from telemetry.calls import Call, figures, flaw
from telemetry.inbox import accept_sent, record
from telemetry.models import InboxRow, SeenBody
from telemetry.packing import OUTCOMES, pack, unpack
from tests.telemetry.calls import NOON, make_call

NOW = NOON.timestamp()


def call(**changed) -> Call:
    return make_call(**{"at": NOW - 10, **changed})


def test_a_usual_call_is_possible_and_edges_are_exact():
    for possible in (
        call(),
        call(at=NOW - 48 * 3600),
        call(at=NOW + 3600),
        call(duration=0, latency=None, throughput=None),
        call(latency=2.4),
        call(output_tokens=100_000_000),
        call(outcome="failed", latency=None, throughput=None),
    ):
        assert flaw(possible, NOW) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"model_name": ""}, "model"),
        ({"at": NOW - 48 * 3600 - 1}, "48 hours"),
        ({"at": NOW + 3601}, "48 hours"),
        ({"at": 0.0}, "48 hours"),
        ({"at": 4.1e9}, "48 hours"),
        ({"at": nan}, "48 hours"),
        ({"duration": -0.1}, "duration"),
        ({"duration": nan}, "duration"),
        ({"duration": 86_401}, "duration"),
        ({"latency": 0.005}, "first token"),
        ({"latency": 600.0, "duration": 700.0}, "first token"),
        ({"latency": -1.0}, "first token"),
        ({"latency": nan}, "first token"),
        ({"latency": 2.5}, "after the end"),
        ({"output_tokens": 10**12}, "tokens"),
        ({"input_tokens": -1}, "tokens"),
        ({"throughput": inf}, "throughput"),
        ({"throughput": nan}, "throughput"),
    ],
)
def test_impossible_calls_have_a_flaw(changed, why):
    assert why in (flaw(call(**changed), NOW) or "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((None, 2.0, 100), (None, None)),
        ((0.5, 2.5, 100), (0.5, 50.0)),
        ((0.5, 2.5, 20), (0.5, 10.0)),
        ((0.5, 2.5, 19), (0.5, None)),
        ((0.5, 0.551, 100), (0.5, pytest.approx(100 / 0.051))),
        ((0.5, 0.549, 100), (0.5, None)),
        ((0.004, 2.0, 100), (None, None)),
        ((601.0, 700.0, 100), (None, None)),
        ((3.0, 2.0, 100), (3.0, None)),
        ((0.5, 1.5, 100_000_000), (0.5, None)),
    ],
)
def test_figures_that_a_call_gives(given, expected):
    assert figures(*given) == expected


NUMBERS = st.integers(0, 100_000_000)
SECONDS = st.none() | st.floats(0.0625, 500, width=32)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), max_size=20)
CALLS = st.builds(
    Call,
    NAMES,
    NAMES,
    st.floats(1.7e9, 1.9e9),
    st.sampled_from(OUTCOMES),
    SECONDS,
    SECONDS,
    st.floats(0, 100),
    NUMBERS,
    NUMBERS,
)


@given(st.lists(CALLS, max_size=20))
def test_bytes_of_calls_are_read_as_they_were_written(calls):
    packed = unpack(pack(calls))
    read = [
        (*packed.names[name], at, OUTCOMES[outcome], *map(known, (latency, throughput)), *tokens)
        for name, at, outcome, latency, throughput, *tokens in packed.rows()
    ]
    assert read == [(*each[:2], int(each.at), *each[3:6], *each[7:]) for each in calls]


def known(figure: float) -> float | None:
    return None if isnan(figure) else figure


def test_names_are_cleaned_and_cut():
    (names,) = unpack(pack([call(provider_name="a\0b\ud800", model_name="m\n" * 400)])).names
    assert names[0] == "a b"
    assert names[1].startswith("m m m")
    assert len(names[1]) <= 300
    assert len(pack([call()] * 512)) < 512 * 26


@pytest.mark.parametrize("broken", [b"", b"\x02" * 9, pack([call()])[:-1], pack([call()]) + b"\0"])
def test_other_bytes_are_no_calls(broken):
    with pytest.raises(ValueError, match="no calls"):
        unpack(broken)


@pytest.mark.django_db
def test_the_same_body_counts_once_within_ten_minutes():
    packed, (key, _) = pack([call()]), make_key(KeyKind.INGEST, "gateway")
    for digest in (b"a" * 32, b"a" * 32, b"b" * 32):
        assert accept_sent(key, "traffic", digest, packed)
    assert InboxRow.objects.count() == 2
    SeenBody.objects.update(at=timezone.now() - timedelta(minutes=9, seconds=59))
    assert accept_sent(key, "traffic", b"a" * 32, packed)
    assert InboxRow.objects.count() == 2
    SeenBody.objects.update(at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert accept_sent(key, "traffic", b"a" * 32, packed)
    assert InboxRow.objects.count() == 3
    assert SeenBody.objects.filter(at__gt=timezone.now() - timedelta(seconds=60)).count() == 1


@pytest.mark.django_db
def test_nothing_is_accepted_with_a_key_that_is_none_any_more():
    packed, (key, _) = pack([call()]), make_key(KeyKind.INGEST, "gateway")
    now = timezone.now()
    for change in (
        {"revoked_at": now},
        {"expires_at": now - timedelta(seconds=1)},
        {"scope": "demo"},
        {"kind": KeyKind.API},
        {"digest": b"another"},
    ):
        with transaction.atomic():
            Key.objects.update(**change)
            assert not accept_sent(key, "traffic", b"a" * 32, packed)
            transaction.set_rollback(True)
    assert not InboxRow.objects.exists()
    assert not SeenBody.objects.exists()
    Key.objects.update(expires_at=now + timedelta(minutes=1))
    assert accept_sent(key, "traffic", b"a" * 32, packed)


@pytest.mark.django_db
def test_calls_of_our_own_are_recorded_where_they_are_possible():
    now = time.time()
    usual, impossible = call(at=now), call(at=now, duration=-1)
    assert record("probe", [usual, usual, impossible]) == 2
    assert record("playground", [impossible]) == 0
    (row,) = InboxRow.objects.all()
    assert row.origin == "probe"
    assert unpack(row.packed).names == (("openai", "gpt-4o-mini"),)
