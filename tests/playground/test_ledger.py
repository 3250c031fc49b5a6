"""The ledger never lets a limit be exceeded, whoever calls at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.keys import make_key
from accounts.models import Allowance, Key, KeyKind, Membership, Team
from accounts.payers import Payer
from catalog.models import Provider
from playground.demo import ENDPOINT
from playground.endpoints import CallableEndpoint
from playground.ledger import NotHeld, dollars, hold, settle
from playground.limits import WINDOW, spendings
from playground.models import LedgerEntry
from playground.results import CallResult
from telemetry.models import ProbeRun
from tests.factories import make_provider

API = LedgerEntry.Way.API
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
# Of a transaction within that of a test: to open it and to leave it.
SAVEPOINT = 2


def at(provider: Provider | None = None) -> CallableEndpoint:
    if provider is None:
        return ENDPOINT
    return replace(
        ENDPOINT, provider_id=provider.id, provider=provider.slug, provider_name=provider.name
    )


def spent(amount: str) -> CallResult:
    return CallResult(
        outcome="ok",
        sentence="",
        usage=None,
        cost=None,
        spent=Decimal(amount),
        counted_by="provider",
        first=None,
        throughput=None,
        duration=1.0,
        status=200,
        finish="stop",
    )


def total(**of: Any) -> Decimal:
    entries = LedgerEntry.objects.filter(**of)
    return entries.aggregate(total=Sum(Coalesce("spent", "held")))["total"] or Decimal(0)


def calls_at_once(payers: list[Payer], endpoint: CallableEndpoint, most: str) -> int:
    """How many of the calls were held."""

    def one(payer: Payer) -> bool:
        try:
            hold(payer, [(endpoint, Decimal(most))], API, NOW)
            return True
        except NotHeld:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(24) as pool:
        return sum(pool.map(one, payers))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_calls_at_once_never_exceed_a_persons_allowance(person: User):
    assert calls_at_once([Payer(person.pk, None)] * 200, at(), "0.03") == 166
    assert total() == Decimal("4.98")


@pytest.mark.django_db(transaction=True)
def test_two_hundred_calls_at_once_never_exceed_a_teams_or_members_allowance():
    team = Team.objects.create(name="Search", slug="search", allowance=Decimal("1"))
    people = [User.objects.create(username=f"p{n}") for n in range(4)]
    for person in people:
        Membership.objects.create(team=team, user=person)
    Membership.objects.filter(user=people[0]).update(limit=Decimal("0.10"))
    payers = [Payer(person.pk, team.pk) for person in people] * 50
    assert calls_at_once(payers, at(), "0.03") == 33
    assert total() == Decimal("0.99")
    assert total(user=people[0]) <= Decimal("0.10")


@pytest.mark.django_db(transaction=True)
def test_two_hundred_calls_at_once_never_exceed_a_keys_limit_or_a_providers_day(
    person: User, settings: Any
):
    key, _ = make_key(KeyKind.API, "ci", created_by=person)
    key.owner, key.limit = person, Decimal("0.50")
    key.save()
    assert calls_at_once([Payer(person.pk, None, key.pk)] * 200, at(), "0.03") == 16
    settings.PROVIDER_DAY, settings.PROBE_BUDGET = Decimal(1), Decimal("0.25")
    provider = make_provider("host")
    others = [Payer(User.objects.create(username=f"p{n}").pk, None) for n in range(50)]
    assert calls_at_once(others * 4, at(provider), "0.03") == 25
    assert total(provider=provider) == Decimal("0.75")


@pytest.mark.django_db
def test_what_probes_spend_beyond_their_budget_counts_for_the_providers_day(
    payer: Payer, settings: Any
):
    provider = make_provider("host")
    settings.PROVIDER_DAY, settings.PROBE_BUDGET = Decimal(1), Decimal("0.1")
    ProbeRun.objects.create(provider=provider, began_at=NOW, held=1, spent=Decimal("0.6"))
    hold(payer, [(at(provider), Decimal("0.4"))], API, NOW)
    with pytest.raises(NotHeld, match=r"may cost \$1\.00 a day") as error:
        hold(payer, [(at(provider), Decimal("0.000001"))], API, NOW)
    assert error.value.what == "provider"
    hold(payer, [(at(provider), Decimal("0.4"))], API, NOW + timedelta(days=1))


@pytest.mark.django_db
def test_the_last_cent_is_held_and_not_one_more(payer: Payer):
    hold(payer, [(at(), Decimal("4.99")), (at(), Decimal("0.01"))], API, NOW)
    with pytest.raises(NotHeld) as error:
        hold(payer, [(at(), Decimal("1e-12"))], API, NOW)
    sentence = str(error.value)
    assert "Your allowance is $5.00 in 30 days, of which $0.00 is left" in sentence
    assert "$5.00 comes back on 31 December at 12:00 UTC" in sentence
    hold(payer, [(at(), Decimal(5))], API, NOW + WINDOW)


@pytest.mark.django_db
def test_a_hold_takes_four_statements_and_a_settlement_one(
    payer: Payer, django_assert_num_queries: Any
):
    team = Team.objects.create(name="Search", slug="search", allowance=9)
    Membership.objects.create(team=team, user_id=payer.user_id, role="member", limit=8)
    key, _ = make_key(KeyKind.API, "ci")
    Key.objects.update(limit=7)
    payer = Payer(payer.user_id, team.pk, key.pk)
    provider = make_provider("host")
    with django_assert_num_queries(4 + SAVEPOINT):
        [entry] = hold(payer, [(at(provider), Decimal("0.5"))], API, NOW)
    found = {each.what: (each.limit, each.counted, each.held) for each in spendings(payer, NOW)}
    half = Decimal("0.5")
    assert found == {"team": (9, half, half), "member": (8, half, half), "key": (7, half, half)}
    with django_assert_num_queries(1):
        settle(entry, spent("0.1"), NOW)
    assert {each.counted for each in spendings(payer, NOW)} == {Decimal("0.1")}


@pytest.mark.django_db
def test_an_allowance_of_ones_own_replaces_the_setting(payer: Payer):
    Allowance.objects.create(user_id=payer.user_id, amount=Decimal("0.02"))
    with pytest.raises(NotHeld, match=r"\$0\.02"):
        hold(payer, [(at(), Decimal("0.03"))], API, NOW)


@pytest.mark.django_db
def test_calls_for_a_team_leave_ones_own_allowance(person: User):
    team = Team.objects.create(name="Search", slug="search")
    hold(Payer(person.pk, team.pk), [(at(), Decimal(5))], API, NOW)
    [own] = spendings(Payer(person.pk, None), NOW)
    assert (own.counted, own.left) == (0, 5)


@pytest.mark.django_db
def test_a_hold_that_is_never_settled_counts_until_its_days_are_over(payer: Payer):
    hold(payer, [(at(), Decimal(1))], API, NOW)
    later = spendings(payer, NOW + WINDOW - timedelta(seconds=1))[0]
    assert (later.counted, later.held, later.left) == (1, 1, 4)
    assert spendings(payer, NOW + WINDOW)[0].counted == 0


def first_back(now: datetime) -> tuple[datetime | None, Decimal]:
    """When something stops counting, and how much, told from all entries."""
    costs = [
        (entry.began_at, entry.held if entry.spent is None else entry.spent)
        for entry in LedgerEntry.objects.all()
        if entry.began_at + WINDOW > now
    ]
    instants = [at for at, cost in costs if cost]
    if not instants:
        return None, Decimal(0)
    first = min(instants)
    return first + WINDOW, sum((cost for at, cost in costs if at == first), Decimal(0))


@pytest.mark.django_db
def test_a_call_is_settled_though_its_caller_was_deleted_meanwhile(person: User):
    [entry] = hold(Payer(person.pk, None), [(at(), Decimal(1))], API, NOW)
    person.delete()
    settle(entry, spent("0.25"), NOW)
    kept = LedgerEntry.objects.get()
    assert (kept.spent, kept.outcome, kept.user_id) == (Decimal("0.25"), "ok", None)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("hold", "settle", "wait")),
        st.integers(0, 300),  # cents, percent of the hold, or hours
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_happens_no_window_of_thirty_days_exceeds_the_allowance(
    payer: Payer, steps: list[tuple[str, int]]
):
    LedgerEntry.objects.all().delete()
    now, open_entries = NOW, []
    for action, number in steps:
        if action == "wait":
            now += timedelta(hours=number)
        elif action == "settle" and open_entries:
            entry = open_entries.pop()
            settle(entry, spent(str(entry.held * min(number, 100) / 100)), now)
        elif action == "hold":
            before = spendings(payer, now)[0]
            most = Decimal(number) / 100
            try:
                open_entries += hold(payer, [(at(), most)], API, now)
                assert most <= before.left
            except NotHeld:
                assert most > before.left
        [state] = spendings(payer, now)
        counted = total(began_at__gt=now - WINDOW)
        assert state.counted == counted <= state.limit
        assert state.left == state.limit - counted and state.held <= state.counted
        assert (state.back_at, state.back) == first_back(now)


def test_amounts_in_sentences_are_exact():
    assert [dollars(Decimal(text)) for text in ("5", "0.10", "1234.5", "0.000123", "0")] == [
        *("$5.00", "$0.10", "$1,234.50", "$0.000123", "$0.00")
    ]
