"""Invitations: one address, one use, one week."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.invitations import InvitationRefused, accept, invite, open_invitation, sign_up
from accounts.models import Invitation, Membership, Team, TeamRole

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def team():
    return Team.objects.create(name="Search", slug="search")


@pytest.fixture
def secret(team):
    return invite("eve@example.com", team, TeamRole.MEMBER, None, NOW)[1]


def test_the_secret_is_not_kept(secret):
    (kept,) = Invitation.objects.values_list("digest", flat=True)
    assert secret.encode() not in bytes(kept) and len(bytes(kept)) == 32


def test_a_new_person_joins_the_team_in_the_stated_role(secret, team):
    user = sign_up(secret, "eve", "a long pass phrase", NOW)
    assert user.email == "eve@example.com" and user.check_password("a long pass phrase")
    assert not user.is_staff and not user.is_superuser
    assert Membership.objects.get(user=user).role == TeamRole.MEMBER


def test_it_is_used_once(secret):
    sign_up(secret, "eve", "a long pass phrase", NOW)
    with pytest.raises(InvitationRefused, match="already used"):
        sign_up(secret, "mallory", "a long pass phrase", NOW)
    assert not User.objects.filter(username="mallory").exists()


def test_it_lasts_a_week(secret):
    week = timedelta(days=7)
    assert open_invitation(secret, NOW + week - timedelta(seconds=1))
    with pytest.raises(InvitationRefused, match="expired"):
        sign_up(secret, "eve", "a long pass phrase", NOW + week)
    assert not User.objects.exists()


@pytest.mark.parametrize("odd", ["", "x", "x" * 10_000, "\x00", "\ud800", "ä"])
def test_other_links_open_nothing(secret, odd):
    with pytest.raises(InvitationRefused, match="not the whole link"):
        open_invitation(odd, NOW)


def test_a_taken_name_uses_nothing_up(secret):
    User.objects.create_user("eve")
    with pytest.raises(ValidationError, match="Somebody else"):
        sign_up(secret, "eve", "a long pass phrase", NOW)
    assert sign_up(secret, "eve2", "a long pass phrase", NOW)


def test_a_member_keeps_the_role(secret, team):
    manager = User.objects.create_user("mia")
    Membership.objects.create(team=team, user=manager, role=TeamRole.MANAGER)
    accept(secret, manager, NOW)
    assert Membership.objects.get(user=manager).role == TeamRole.MANAGER
