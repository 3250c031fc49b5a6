"""The page of an invitation, and who makes one."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from accounts.invitations import invite
from accounts.models import Invitation, Membership, Team, TeamRole

pytestmark = pytest.mark.django_db

FORM = {"username": "eve", "password1": "a long pass phrase", "password2": "a long pass phrase"}


@pytest.fixture
def link():
    team = Team.objects.create(name="Search", slug="search")
    _, secret = invite("eve@example.com", team, TeamRole.MEMBER, None, timezone.now())
    return f"/account/invitation/{secret}/"


def test_a_link_makes_an_account_and_signs_it_in(client, link):
    page = client.get(link)
    assert b"eve@example.com" in page.content and b"Search" in page.content
    assert page["Referrer-Policy"] == "same-origin" and "no-store" in page["Cache-Control"]
    assert client.post(link, FORM)["Location"] == "/account/"
    assert client.session["_auth_user_id"] == str(User.objects.get(username="eve").pk)
    again = Client().get(link)
    assert again.status_code == 403 and b"already used" in again.content


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password2": "another"}, "two password fields"),
        ({"password1": "123", "password2": "123"}, "too short"),
        ({"username": "no spaces"}, "Enter a valid username"),
        ({"username": "TAKEN"}, "already exists"),
    ],
)
def test_odd_forms_are_answered_with_a_sentence(client, link, change, sentence):
    User.objects.create_user("taken")
    page = client.post(link, FORM | change)
    assert page.status_code == 200 and sentence in page.content.decode()
    assert not Membership.objects.exists()
    assert client.post(link, FORM).status_code == 302


def test_somebody_signed_in_joins_by_a_click(client, link):
    client.force_login(User.objects.create_user("ada"))
    assert b"Accept as ada" in client.get(link).content
    assert not Membership.objects.exists()
    client.post(link)
    assert Membership.objects.get().user.username == "ada"


def test_a_link_that_is_no_link_is_refused(client):
    page = client.get("/account/invitation/made-up/")
    assert page.status_code == 403 and b"not the whole link" in page.content
    assert client.put("/account/invitation/made-up/").status_code == 405


def test_there_is_no_sign_up_for_everybody(client):
    page = client.get("/account/sign-up/")
    assert b"New accounts are made by invitation" in page.content
    assert client.post("/account/sign-up/", FORM).status_code == 405
    assert not User.objects.exists()


def test_administrators_make_invitations_whose_link_is_shown_once(client):
    client.force_login(User.objects.create_superuser("root"))
    form = {"email": "eve@example.com", "team": "", "role": "member"}
    page = client.post("/admin/accounts/invitation/add/", form)
    (link,) = re.findall(r"http://testserver(/account/invitation/[\w-]+/)", page.content.decode())
    listed = client.get("/admin/accounts/invitation/")
    assert link not in listed.content.decode() and b"open" in listed.content
    assert Invitation.objects.get().created_by.username == "root"
    assert Client().post(link, FORM).status_code == 302
    assert not Membership.objects.exists()
