"""Sign-in in two steps: the password, then a code; the admin's page leads to ours."""

import base64

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
CODE = "/account/security/code/"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)


@pytest.fixture
def ada():
    return User.objects.create_superuser("ada", "ada@example.com", "right")


@pytest.fixture
def secret(ada):
    """Ada's app with codes."""
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    return secret


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def wrong(secret):
    return format_hotp_value((int(code_of(secret)) + 1) % 1_000_000)


def password(client, to="", **form):
    return client.post(SIGN_IN, {"username": "ada", "password": "right", "next": to, **form})


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_password_alone_signs_in_where_there_is_no_second_factor(client, ada):
    before = client.session.session_key
    form = client.get(f"{SIGN_IN}?next=/models/").content.decode()
    assert form.count('name="next" value="/models/"') == 2  # that of the password, of a passkey
    response = password(client, "/models/")
    assert response["Location"] == "/models/"
    assert is_in(client) and client.session.session_key != before
    assert "no-store" in response["Cache-Control"]
    assert response.cookies["ratecard_editor"].value == "1"


def test_a_second_factor_is_asked_for_before_anybody_is_signed_in(client, ada, secret):
    response = password(client, "/admin/")
    assert response["Location"] == CODE
    assert not is_in(client)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/account/security/").status_code == 302
    assert "no-store" in client.get(CODE)["Cache-Control"]
    page = client.post(CODE, {"code": wrong(secret)})
    assert page.status_code == 200 and not is_in(client)
    assert b"Incorrect code" in page.content
    response = client.post(CODE, {"code": code_of(secret)})
    assert response["Location"] == "/admin/"
    assert is_in(client)
    assert client.get("/admin/").status_code == 200


def test_a_code_signs_in_once(client, ada, secret):
    code = code_of(secret)
    password(client)
    client.post(CODE, {"code": code})
    assert is_in(client)
    other = Client()
    password(other)
    other.post(CODE, {"code": code})
    assert not is_in(other)


def test_five_wrong_codes_close_the_door_to_all_browsers_of_a_person(client, ada, secret):
    for _ in range(5):
        browser = Client()
        password(browser)
        assert b"Incorrect code" in browser.post(CODE, {"code": wrong(secret)}).content
    password(client)
    page = client.post(CODE, {"code": code_of(secret)})
    assert not is_in(client)
    assert b"Too many failed login attempts" in page.content
    cache.clear()
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 302
    assert is_in(client)


def test_a_recovery_code_signs_in_once(client, ada, secret):
    codes = RecoveryCodes.activate(ada).generate_codes()
    password(client)
    client.post(CODE, {"code": codes[0]})
    assert is_in(client)
    again = Client()
    password(again)
    again.post(CODE, {"code": codes[0]})
    assert not is_in(again)


def test_secrets_of_second_factors_are_not_kept_in_the_clear(client, ada, secret, settings):
    RecoveryCodes.activate(ada)
    for kept in Authenticator.objects.all():
        assert secret not in str(kept.data)
    settings.SECRET_KEY = "another-key-of-another-install-0123456789"
    for guess in (code_of(secret), code_of(base64.b32encode(b"").decode())):
        browser = Client()
        password(browser)
        browser.post(CODE, {"code": guess})
        assert not is_in(browser)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_has_no_sign_in_of_its_own(client, ada, secret, method):
    form = {"username": "ada", "password": "right"}
    response = getattr(client, method)("/admin/login/?next=/admin/catalog/model/", form)
    assert response["Location"].startswith(f"{SIGN_IN}?next=%2Fadmin%2F")
    assert not is_in(client)


def test_the_admin_refuses_people_without_the_mark_in_one_page(client):
    client.force_login(User.objects.create_user("reader", password="right"))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) == 1


def test_the_admin_waits_for_a_second_factor_where_the_operator_wants_one(client, ada, settings):
    settings.REQUIRE_MFA = True
    password(client)
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/security/?for=admin"
    assert b"The admin opens once a second factor is set up" in response.content
    TOTP.activate(ada, generate_totp_secret())
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "hostile",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "javascript:alert(1)",
        "http:///elsewhere.example/",
        "\x00//elsewhere.example",
    ],
)
def test_nobody_is_sent_elsewhere(client, ada, secret, hostile):
    for address in (SIGN_IN, f"{SIGN_IN}?next={hostile}"):
        browser = Client()
        browser.post(address, {"username": "ada", "password": "right", "next": hostile})
        response = browser.post(f"{CODE}?next={hostile}", {"code": code_of(secret)})
        cache.clear()  # a code signs in once
        assert response.status_code == 302 and response["Location"].startswith("/account/")


def test_forms_without_a_token_do_nothing(ada, secret):
    strict = Client(enforce_csrf_checks=True)
    for address in (SIGN_IN, CODE, "/account/sign-out/", "/account/sign-in/passkey/"):
        assert strict.post(address, {"username": "ada", "password": "right"}).status_code == 403
    assert not is_in(strict)


def test_signing_out_takes_a_post(client, ada):
    client.force_login(ada)
    assert client.get("/account/sign-out/").status_code == 405
    assert is_in(client)
    client.post("/account/sign-out/")
    assert not is_in(client)


def test_sessions_are_listed_and_ended(client, ada):
    other = Client(headers={"User-Agent": "Lynx of the library"})
    password(client)
    password(other)
    page = client.get("/account/sessions/")
    assert b"Lynx of the library" in page.content and b"127.0.0.1" in page.content
    client.post("/account/sessions/")
    assert is_in(client) and client.get("/account/security/").status_code == 200
    assert other.get("/account/security/")["Location"].startswith(SIGN_IN)


def test_changes_of_second_factors_ask_for_the_password_again(client, ada):
    password(client)
    response = client.get("/account/security/app/")
    assert response["Location"].startswith("/account/confirm/?next=")
    assert client.post("/account/confirm/", {"password": "wrong"}).status_code == 200
    assert client.get("/account/security/app/").status_code == 302
    client.post("/account/confirm/", {"password": "right"})
    assert b"<img" in client.get("/account/security/app/").content


def test_an_app_is_set_up_with_a_code_and_recovery_codes_follow(client, ada):
    password(client)
    client.post("/account/confirm/", {"password": "right"})
    client.get("/account/security/app/")
    secret = client.session["mfa.totp.secret"]
    client.post("/account/security/app/", {"code": wrong(secret)})
    assert not Authenticator.objects.exists()
    response = client.post("/account/security/app/", {"code": code_of(secret)}, follow=True)
    codes = RecoveryCodes(Authenticator.objects.get(user=ada, type="recovery_codes"))
    assert codes.get_unused_codes()[0] in response.content.decode()
    assert "10 left" in client.get("/account/security/").content.decode()


def test_pages_that_need_a_mail_server_are_not_there(client, ada):
    password(client)
    for path in ("email/", "password/reset/", "confirm-email/", "login/code/", "password/set/"):
        assert client.get(f"/account/{path}").status_code == 404


def test_an_administrator_removes_a_lost_second_factor(client, ada):
    lost = User.objects.create_user("lost", password="right")
    TOTP.activate(lost, generate_totp_secret())
    client.force_login(ada)
    page = client.get("/admin/auth/user/").content.decode()
    assert page.count('alt="True"') >= 2
    action = {"action": "remove_second_factors", "_selected_action": [lost.pk]}
    client.post("/admin/auth/user/", action)
    assert not Authenticator.objects.exists()


def test_tables_with_secrets_of_sign_in_are_not_in_the_admin(client, ada):
    client.force_login(ada)
    for table in ("mfa/authenticator", "socialaccount/socialapp", "usersessions/usersession"):
        assert client.get(f"/admin/{table}/").status_code == 404


def test_public_pages_touch_no_session(client, ada):
    for address in ("/", "/models/", "/providers/"):
        page = client.get(address)
        assert "Cookie" not in page.get("Vary", "") and not page.cookies
