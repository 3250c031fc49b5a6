"""An account and a team's page: spending, keys, members; and who may do what."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.keys import find_key
from accounts.models import Invitation, Key, KeyKind, Membership, Team, TeamRole
from playground.models import LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Search", slug="search", allowance=Decimal(10))


def spend(user: User | None, amount: str | None, held: str = "1", **fields: Any) -> LedgerEntry:
    return LedgerEntry.objects.create(
        **{
            "user": user,
            "way": "page",
            "provider_slug": "openai",
            "model_slug": "openai/o4-mini",
            "began_at": timezone.now() - timedelta(minutes=5),
            "held": Decimal(held),
            "spent": None if amount is None else Decimal(amount),
            "outcome": "" if amount is None else "ok",
            "input_tokens": 100,
            "output_tokens": 50,
            "lines": [{"meter": "input", "quantity": "100", "amount": "0.0001", "rate": "1"}],
            **fields,
        }
    )


def join(team: Team, user: User, role: str) -> Membership:
    return Membership.objects.create(team=team, user=user, role=role)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_nobody_else_sees_an_account(client: Client, team: Team):
    for address in ("/account/", "/account/spending.csv", "/account/teams/search/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/account/sign-in/?next=/account/")


def test_what_is_left_what_was_spent_and_when_it_comes_back(signed_in: Client, person: User):
    spend(person, "0.000600000000")
    spend(person, None, provider_slug="azure")
    spend(User.objects.create(username="other"), "3", "4", provider_slug="secret-provider")
    response = signed_in.get("/account/")
    page = text(response)
    assert "$3.9994" in page.replace(" , exactly ", " ") or "3.9994" in page
    assert "$1.00 is held by calls that are not settled" in page
    assert "comes back on" in page and "at most $1.00" in page and "not settled" in page
    assert "secret-provider" not in page
    assert response["Cache-Control"] == "private, no-store"


def test_the_file_is_exact_and_has_ones_own_calls_alone(signed_in: Client, person: User):
    spend(person, "0.000600000001", sentence="=1+1")
    spend(None, "0.5")
    response = signed_in.get("/account/spending.csv")
    rows = list(csv.DictReader(response.getvalue().decode().splitlines()))
    [row] = rows
    assert row["spent_usd"] == "0.000600000001" and row["lines"] == "input 100 = 0.0001"
    assert row["note"] == "'=1+1"


def test_a_long_ledger_takes_few_queries(signed_in: Client, person: User):
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            user=person,
            way="api",
            provider_slug="openai",
            model_slug=f"openai/m{number}",
            began_at=timezone.now() - timedelta(seconds=number),
            held=1,
            spent=Decimal("0.000001"),
            outcome="ok",
        )
        for number in range(1200)
    )
    with CaptureQueriesContext(connection) as queries:
        response = signed_in.get("/account/?page=24")
    assert len(queries) < 30 and "Page 24 of 24" in text(response)
    assert "Page 24 of 24" in text(signed_in.get("/account/?page=999999"))
    assert "Page 1 of 24" in text(signed_in.get("/account/?page=x"))
    lines = signed_in.get("/account/spending.csv").getvalue().decode().splitlines()
    assert len(lines) == 1201


def test_a_large_team_shows_what_each_member_spent(signed_in: Client, person: User, team: Team):
    join(team, person, TeamRole.VIEWER)
    for number in range(25):
        member = User.objects.create(username=f"m{number}")
        join(team, member, TeamRole.MEMBER)
        spend(member, f"0.{number + 10}", team=team)
    page = text(signed_in.get("/account/teams/search/"))
    members = page[page.index("Members") : page.index("Spending")]
    assert all(f"$0.{number + 10}" in members for number in range(25))


def test_a_team_of_an_odd_name_is_not_found(signed_in: Client):
    assert signed_in.get("/account/spending.csv?team=%00").status_code == 404
    assert make(signed_in, team="a\x00").status_code == 400


def make(client: Client, address: str = "/account/keys/", **fields: str) -> Any:
    return client.post(address, {"name": "ci", **fields})


def secret_of(response: Any) -> str:
    found = re.search(r"<code>(rc_api_[\w-]+)</code>", response.content.decode())
    return found[1] if found else ""


def test_a_key_is_shown_once_and_revoked_at_once(signed_in: Client, person: User):
    response = make(signed_in, limit="2.50", expires="2099-01-31")
    secret = secret_of(response)
    now = timezone.now()
    key = find_key(secret, KeyKind.API, now)
    assert key and (key.owner, key.limit, key.team) == (person, Decimal("2.50"), None)
    assert secret not in signed_in.get("/account/").content.decode()
    assert secret not in str(Key.objects.values())
    assert signed_in.post(f"/account/keys/{key.pk}/revoke/").status_code == 302
    assert find_key(secret, KeyKind.API, now) is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Name the key"),
        ({"name": "x" * 101}, "Name the key"),
        ({"limit": "much"}, "amount in US dollars"),
        ({"limit": "-1"}, "amount in US dollars"),
        ({"expires": "soon"}, "a date such as"),
        ({"expires": "2020-01-01"}, "must lie ahead"),
        ({"team": "search"}, "You are in no team"),
    ],
)
def test_an_odd_key_comes_back_with_a_sentence(
    signed_in: Client, fields: dict[str, str], sentence: str
):
    response = make(signed_in, **fields)
    assert response.status_code == 400 and sentence in text(response)
    assert not Key.objects.exists()


def test_nobody_revokes_anothers_key(signed_in: Client, team: Team):
    other = User.objects.create(username="other")
    for fields in ({"owner": other}, {"team": team}, {}):
        key = Key.objects.create(
            kind="api", name="k", prefix="p", digest=repr(fields).encode(), **fields
        )
        assert signed_in.post(f"/account/keys/{key.pk}/revoke/").status_code == 404
    assert not Key.objects.exclude(revoked_at=None).exists()


@pytest.mark.parametrize("role", [None, *TeamRole.values])
def test_what_a_role_may_do(signed_in: Client, person: User, team: Team, role: str | None):
    boss = User.objects.create(username="boss")
    theirs = join(team, boss, TeamRole.MANAGER)
    spend(boss, "0.25", team=team)
    if role:
        join(team, person, role)
    see = 404 if role is None else 200
    assert signed_in.get("/account/teams/search/").status_code == see
    assert signed_in.get("/account/spending.csv?team=search").status_code == see
    change = {None: 404, "viewer": 403, "member": 403, "manager": 302}[role]
    address = f"/account/teams/search/members/{theirs.pk}/"
    changed = signed_in.post(address, {"role": "viewer", "limit": "1"})
    assert changed.status_code == change
    made = make(signed_in, "/account/teams/search/keys/")
    assert made.status_code == {302: 200}.get(change, change)
    assert bool(secret_of(made)) == (role == "manager")
    key = Key.objects.create(kind="api", name="k", prefix="p", digest=b"d", team=team)
    revoked = signed_in.post(f"/account/teams/search/keys/{key.pk}/revoke/")
    assert revoked.status_code == change
    assert signed_in.post(f"{address}remove/").status_code == change
    fields = {"email": "new@example.com", "role": "viewer"}
    invited = signed_in.post("/account/teams/search/invitations/", fields)
    assert invited.status_code == {302: 200}.get(change, change)
    assert ("/account/invitation/" in invited.content.decode()) == (role == "manager")
    assert Invitation.objects.exists() == (role == "manager")
    own = make(signed_in, team="search")
    assert bool(secret_of(own)) == (role in ("member", "manager"))


def test_a_team_keeps_a_manager(signed_in: Client, person: User, team: Team):
    own = join(team, person, TeamRole.MANAGER)
    address = f"/account/teams/search/members/{own.pk}/"
    for target, fields in ((address, {"role": "member"}), (f"{address}remove/", {})):
        response = signed_in.post(target, fields)
        assert response.status_code == 400 and "keeps one manager" in text(response)
    assert signed_in.post(address, {"role": "owner"}).status_code == 400
    assert signed_in.post(address, {"role": "manager", "limit": "x"}).status_code == 400
    invitations = "/account/teams/search/invitations/"
    for fields in ({"email": "no address", "role": "member"}, {"email": "a@example.com"}):
        assert signed_in.post(invitations, fields).status_code == 400


def test_a_member_of_another_team_is_not_found(signed_in: Client, person: User, team: Team):
    join(team, person, TeamRole.MANAGER)
    other = join(
        Team.objects.create(name="B", slug="b"), User.objects.create(username="o"), "member"
    )
    address = f"/account/teams/search/members/{other.pk}/"
    assert signed_in.post(address, {"role": "viewer"}).status_code == 404
    assert signed_in.post(f"{address}remove/").status_code == 404


def test_a_forged_post_is_refused(person: User, team: Team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    own = join(team, person, TeamRole.MANAGER)
    for address in (
        *("/account/keys/", "/account/keys/1/revoke/", "/account/teams/search/keys/"),
        f"/account/teams/search/members/{own.pk}/remove/",
    ):
        assert client.post(address, {"name": "x"}).status_code == 403
    assert Membership.objects.exists() and not Key.objects.exists()
