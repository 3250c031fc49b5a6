"""Sign-in: slow down guesses, state the wait to an honest visitor, spare the pages."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from web.http import hashing
from web.http.unavailable import Overloaded

LOGIN = "/account/sign-in/"
LIMIT = 10


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1)


@pytest.fixture
def editor(db):
    return User.objects.create_superuser("ada", password="right")


def sign_in(client, name="ada", password="wrong", address="192.0.2.1", **headers):
    form = {"username": name, "password": password, "next": "/admin/"}
    return client.post(LOGIN, form, REMOTE_ADDR=address, headers=headers)


def test_ten_failures_lock_an_address_out_before_anything_is_hashed(client, editor, monkeypatch):
    answers = [sign_in(client, f"name{n}").status_code for n in range(LIMIT)]
    assert answers == [200] * (LIMIT - 1) + [429]
    monkeypatch.setattr(hashing, "_thread", None)
    refused = sign_in(client, password="right")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 900
    text = " ".join(refused.content.decode().split())
    assert "<h1>Too many failed sign-ins</h1>" in text
    assert "for 15 minutes. The operator of this site can unlock it earlier." in text


def test_the_tenth_attempt_may_still_succeed(client, editor):
    for _ in range(LIMIT - 1):
        sign_in(client)
    assert sign_in(client, password="right").status_code == 302
    assert not AccessAttempt.objects.exists()


def test_another_address_is_not_locked_out(client, editor):
    for _ in range(LIMIT):
        sign_in(client)
    assert sign_in(client, password="right", address="192.0.2.2").status_code == 302


def test_the_addresses_are_those_of_visitors(client, editor, settings):
    settings.PROXIES = 1
    for n in range(LIMIT):
        sign_in(client, X_Forwarded_For=f"spoofed{n}, 2001:db8::{n:x}")
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"2001:db8::"}
    assert sign_in(client, X_Forwarded_For="2001:db8::ffff").status_code == 429
    assert sign_in(client, X_Forwarded_For="2001:db8:0:1::").status_code == 200


def test_the_lock_ends_by_itself_or_by_the_operator(client, editor):
    for _ in range(LIMIT):
        sign_in(client)
    before = timezone.now() - settings.AXES_COOLOFF_TIME + timedelta(seconds=70)
    AccessAttempt.objects.update(attempt_time=before)
    refused = sign_in(client, password="right")
    assert b"for 2 minutes" in refused.content
    call_command("axes_reset_ip", "192.0.2.1")
    assert sign_in(client, password="right").status_code == 302
    for _ in range(LIMIT):
        sign_in(client, address="192.0.2.9")
    AccessAttempt.objects.update(attempt_time=before - timedelta(seconds=71))
    assert sign_in(client, password="right", address="192.0.2.9").status_code == 302


def test_the_table_holds_a_quarter_of_an_hour(client, editor):
    for n in range(30):
        sign_in(client, f"name{n % 3}", address=f"192.0.2.{n}")
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    sign_in(client)
    assert AccessAttempt.objects.count() == 1
    sign_in(client, password="right", address="192.0.2.77")
    assert not AccessLog.objects.exists()
    client.logout()
    for _ in range(2 * LIMIT):
        sign_in(client, "x" * 250, address="192.0.2.50", User_Agent="x" * 9000, Accept="y" * 9000)
    attempt = AccessAttempt.objects.get(ip_address="192.0.2.50")
    assert attempt.failures_since_start == LIMIT
    assert len(attempt.post_data) + len(attempt.get_data) + len(attempt.http_accept) < 30_000


def test_an_unknown_name_is_answered_as_a_wrong_password_is(client, editor, monkeypatch):
    hashed = []
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher, "encode", lambda *a: hashed.append(a[1]) or encode(*a)
    )
    User.objects.create_superuser("gone", password="right", is_active=False)
    hashed.clear()
    texts, costs = set(), []
    for name, password in (*(("ada", "wrong"), ("nobody", "wrong"), ("gone", "right")),):
        answer = sign_in(client, name, password)
        assert answer.status_code == 200
        texts.add(answer.context["form"].non_field_errors()[0])
        costs.append(len(hashed))
        hashed.clear()
    assert len(texts) == 1
    assert costs == [1, 1, 1]


def test_failures_are_logged_by_address_without_names(client, editor, caplog):
    for _ in range(LIMIT):
        sign_in(client, "s3cret\nforged")
    assert "Locking out 192.0.2.1" in caplog.text
    assert "s3cret" not in caplog.text and "wrong" not in caplog.text


def test_few_hash_at_once_and_the_others_are_refused_at_once(monkeypatch):
    free = Event()
    encode = PBKDF2PasswordHasher.encode
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", lambda *a: free.wait(20) and encode(*a))
    with ThreadPoolExecutor(hashing.MOST_AT_ONCE) as visitors:
        waiting = [visitors.submit(make_password, "a") for _ in range(hashing.MOST_AT_ONCE)]
        while hashing._places._value:
            time.sleep(0.01)
        with pytest.raises(Overloaded):
            make_password("a")
        free.set()
        assert all(check_password("a", hashed.result()) for hashed in waiting)
    assert check_password("a", make_password("a"))


def test_too_many_at_once_are_told_to_come_again(client, editor, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(hashing, "_places", hashing.BoundedSemaphore(1))
    with hashing._places:
        response = sign_in(client)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"Too many people sign in right now" in response.content
    assert not AccessAttempt.objects.exists()


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="a priority for each thread is Linux's")
def test_pages_come_before_hashing():
    def nice():
        return os.getpriority(os.PRIO_PROCESS, 0)

    assert hashing._thread.submit(nice).result() >= nice() + 1


def test_hashes_are_those_of_django():
    hashed = make_password("right", hasher="default")
    assert hashed.startswith("pbkdf2_sha256$")
    assert check_password("right", hashed) and not check_password("wrong", hashed)
