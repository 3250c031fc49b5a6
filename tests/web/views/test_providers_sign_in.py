"""Sign-in by another site, against a real issuer of tokens over HTTP."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from environs import Env

from accounts.invitations import invite
from accounts.models import Membership, Team, TeamRole
from accounts.oidc_tokens import forget_keys
from config.sign_in import read_providers
from tests.accounts.issuer import serving_issuer

pytestmark = pytest.mark.django_db

EVE = {"sub": "eve-1", "email": "eve@example.com", "email_verified": True}


@pytest.fixture
def issuer(settings, monkeypatch):
    forget_keys()
    with serving_issuer() as issuer:
        for name in ("OIDC", "GITHUB", "GOOGLE"):
            monkeypatch.setenv(f"RATECARD_{name}_CLIENT_ID", f"ratecard-{name.lower()}")
            monkeypatch.setenv(f"RATECARD_{name}_CLIENT_SECRET", "s3cret")
        settings.SOCIALACCOUNT_PROVIDERS = read_providers(Env(), issuer.address, "")
        settings.SIGNUP_DOMAINS = ["example.com"]
        issuer.person = dict(EVE)
        yield issuer
    forget_keys()


def sent_to(client, provider="oidc", **form):
    """Where a click leads to."""
    page = client.post(f"/account/by/{provider}/", form)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    return page["Refresh"].removeprefix("0;url=")


def back(client, address):
    """Through the other site, and back with its code."""
    returned = httpx.get(address, follow_redirects=False, trust_env=False).headers["Location"]
    parts = urlsplit(returned)
    assert parts.path == "/account/by/oidc/back/"
    return client.get(f"{parts.path}?{parts.query}")


def through(client, **form):
    return back(client, sent_to(client, **form))


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_verified_address_of_an_allowed_domain_signs_up_and_then_in(client, issuer):
    response = through(client, process="login", next="/models/")
    assert response["Location"] == "/models/" and is_in(client)
    user = User.objects.get()
    assert user.email == "eve@example.com" and not user.has_usable_password()
    assert not user.is_staff
    again = Client()
    through(again)
    assert again.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == SocialAccount.objects.count() == 1
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "false"},
        {"email": "eve@sub.example.com"},
        {"email": "eve@example.com.evil.example"},
        {"email": "eve@evil.example", "hd": "example.com"},
        {"email": None},
    ],
)
def test_others_find_the_sign_up_closed(client, issuer, claims):
    issuer.person |= claims
    page = through(client)
    assert page.status_code == 403 and b"new ones are made by invitation" in page.content
    assert not is_in(client) and not User.objects.exists()


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_is_not_taken_over_by_its_address(client, issuer, verified):
    User.objects.create_superuser("boss", "EVE@example.com", "right")
    issuer.person["email_verified"] = verified
    page = through(client)
    assert page.status_code == 403 and b"There is an account with this e-mail" in page.content
    assert not is_in(client) and User.objects.count() == 1


def test_a_person_connects_a_provider_and_signs_in_by_it(client, issuer):
    boss = User.objects.create_superuser("boss", "eve@example.com", "right")
    client.post("/account/sign-in/", {"username": "boss", "password": "right"})
    response = back(client, sent_to(client, process="connect"))
    assert response["Location"] == "/account/confirm/"
    assert not SocialAccount.objects.exists()
    response = client.post("/account/confirm/", {"password": "right"})
    assert response["Location"] == "/account/connections/"
    other = Client()
    through(other)
    assert other.session["_auth_user_id"] == str(boss.pk)
    page = client.get("/account/connections/").content.decode()
    assert "Disconnect" in page


def test_a_second_factor_is_asked_for_after_a_provider_too(client, issuer):
    through(client)
    TOTP.activate(User.objects.get(), generate_totp_secret())
    other = Client()
    assert through(other)["Location"] == "/account/security/code/"
    assert not is_in(other)


def test_an_invitation_lets_any_address_in_once(client, issuer):
    issuer.person |= {"email": "eve@elsewhere.example", "email_verified": False}
    team = Team.objects.create(name="Search", slug="search")
    _, secret = invite("eve@elsewhere.example", team, TeamRole.MEMBER, None, timezone.now())
    link = f"/account/invitation/{secret}/"
    late = Client()
    for browser in (client, late):
        assert b"Continue with GitHub" in browser.get(link).content
    through(client)
    assert is_in(client) and Membership.objects.get().team == team
    issuer.person |= {"sub": "mallory", "email": "mallory@elsewhere.example"}
    page = through(late)
    assert page.status_code == 403 and b"already used" in page.content
    assert not is_in(late) and User.objects.count() == 1


def unsigned(issuer):
    def part(fields):
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")

    body = jwt.decode(issuer.token("ratecard-oidc", **EVE), options={"verify_signature": False})
    return f"{part({'alg': 'none', 'kid': issuer.key_id})}.{part(body)}."


def of_another_key(issuer):
    own, issuer.key = issuer.key, rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = issuer.token("ratecard-oidc", **EVE)
    issuer.key = own
    return token


@pytest.mark.parametrize(
    "token",
    [
        unsigned,
        of_another_key,
        lambda issuer: jwt.encode({**EVE, "aud": "ratecard-oidc"}, "x" * 32, "HS256"),
        lambda issuer: issuer.token("another-client", **EVE),
        lambda issuer: issuer.token("ratecard-oidc", **EVE, iss="https://elsewhere.example"),
        lambda issuer: issuer.token("ratecard-oidc", **EVE, exp=1),
        lambda issuer: issuer.token("ratecard-oidc", **EVE | {"sub": "somebody-else"}),
        lambda issuer: "no.token.atall",
    ],
)
def test_tokens_that_do_not_hold_sign_nobody_in(client, issuer, token):
    issuer.handed = token(issuer)
    page = through(client)
    assert b"sent nothing that holds" in page.content
    assert not is_in(client) and not User.objects.exists()


def test_another_browser_cannot_use_what_one_brought_back(client, issuer):
    address = sent_to(client)
    assert not is_in(Client()) and b"holds" in back(Client(), address).content
    assert not User.objects.exists()


@pytest.mark.parametrize("broken", ["/.well-known/openid-configuration", "/userinfo"])
@pytest.mark.parametrize("answer", [(500, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]")])
def test_an_issuer_that_answers_oddly_is_answered_with_a_page(client, issuer, broken, answer):
    issuer.answers[broken] = answer
    page = client.post("/account/by/oidc/")
    if broken == "/userinfo":
        page = back(client, page["Refresh"].removeprefix("0;url="))
    assert page.status_code in (200, 401, 403, 502)
    assert not is_in(client) and not User.objects.exists()


def test_github_and_google_are_asked_with_their_client_and_pkce(client, issuer):
    for name, host in (("github", "github.com"), ("google", "accounts.google.com")):
        address = urlsplit(sent_to(client, name))
        query = parse_qs(address.query)
        assert address.hostname == host and address.scheme == "https"
        assert query["client_id"] == [f"ratecard-{name}"]
        assert query["redirect_uri"] == [f"http://testserver/account/by/{name}/back/"]
        assert query["code_challenge_method"] == ["S256"] and query["state"]


def test_only_what_is_set_is_shown_and_answers(client, issuer, settings):
    page = client.get("/account/sign-in/").content.decode()
    for name in ("127.0.0.1", "GitHub", "Google"):
        assert f"Continue with {name}" in page
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Continue with" not in client.get("/account/sign-in/").content.decode()
    for name in ("oidc", "github", "google", "other"):
        assert client.post(f"/account/by/{name}/").status_code == 404


def test_a_link_alone_starts_nothing(client, issuer):
    assert client.get("/account/by/oidc/")["Location"] == "/account/sign-in/"
    assert Client(enforce_csrf_checks=True).post("/account/by/oidc/").status_code == 403
    assert not issuer.asked


@pytest.mark.parametrize("hostile", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_nobody_is_sent_elsewhere_after_a_provider(client, issuer, hostile):
    assert through(client, next=hostile)["Location"].startswith("/account/")
