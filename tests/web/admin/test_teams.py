"""Teams, token rules and the ledger in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Team, TokenRule
from accounts.roles import ADMINISTRATOR
from playground.models import LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    client.force_login(user)
    return client


def test_an_administrator_makes_a_team_with_its_manager(administrator: Client):
    user = User.objects.get(username="ada")
    fields = {
        "name": "Search",
        "slug": "search",
        "allowance": "25",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": user.pk,
        "memberships-0-role": "manager",
        "memberships-0-limit": "",
    }
    response = administrator.post(reverse("admin:accounts_team_add"), fields)
    assert response.status_code == 302
    assert Team.objects.get().allowance == 25 and Membership.objects.get().user == user


@pytest.mark.parametrize(
    ("claims", "is_kept"), [('{"org": "acme"}', True), ("[]", True), ('{"org": 5}', False)]
)
def test_claims_of_a_rule_are_texts(administrator: Client, claims: str, is_kept: bool):
    team = Team.objects.create(name="Search", slug="search")
    fields = {
        "issuer": "https://issuer.example",
        "audience": "ratecard",
        "claims": claims,
        "team": team.pk,
    }
    administrator.post(reverse("admin:accounts_tokenrule_add"), fields)
    assert TokenRule.objects.exists() == is_kept


def test_the_ledger_is_read_and_not_edited(administrator: Client):
    entry = LedgerEntry.objects.create(
        way="page", provider_slug="openai", model_slug="m", began_at=timezone.now(), held=1
    )
    page: Any = administrator.get(reverse("admin:playground_ledgerentry_changelist"))
    assert page.status_code == 200 and b"openai" in page.content
    change = reverse("admin:playground_ledgerentry_change", args=[entry.pk])
    assert administrator.get(change).status_code == 200
    assert administrator.post(change, {"held": "5"}).status_code == 403
    assert administrator.get(reverse("admin:playground_ledgerentry_add")).status_code == 403
