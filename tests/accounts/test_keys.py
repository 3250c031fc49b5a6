"""Keys of programs: found by their secret alone, hashed, shown once."""

import hashlib
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.keys import find_key, make_key
from accounts.models import Key, KeyKind

pytestmark = pytest.mark.django_db


def test_a_key_is_found_by_its_secret_alone():
    now = timezone.now()
    key, secret = make_key(KeyKind.INGEST, "gateway")
    assert secret.startswith("rc_ingest_")
    assert len(secret) == len("rc_ingest_") + 43
    assert secret.startswith(key.prefix)
    assert bytes(key.digest) == hashlib.sha256(secret.encode()).digest()
    assert find_key(secret, KeyKind.INGEST, now) == key
    for other in (
        secret[:-1],
        secret + "x",
        "",
        "rc_ingest_",
        secret.upper(),
        f"{secret}\0é\ud800",
    ):
        assert find_key(other, KeyKind.INGEST, now) is None
    assert find_key(secret, KeyKind.API, now) is None
    Key.objects.update(expires_at=now + timedelta(seconds=1))
    assert find_key(secret, KeyKind.INGEST, now) == key
    Key.objects.update(expires_at=now)
    assert find_key(secret, KeyKind.INGEST, now) is None
    Key.objects.update(expires_at=None, revoked_at=now)
    assert find_key(secret, KeyKind.INGEST, now) is None


def test_a_use_is_noted_once_a_minute():
    now = timezone.now()
    _, secret = make_key(KeyKind.INGEST, "gateway")
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        find_key(secret, KeyKind.INGEST, now + timedelta(seconds=seconds))
        assert Key.objects.get().last_used_at == now + timedelta(seconds=noted)


def test_the_command_prints_the_key_alone(capsys):
    call_command("make_key", "ingest", "gateway")
    secret = capsys.readouterr().out.strip()
    assert find_key(secret, KeyKind.INGEST, timezone.now()) == Key.objects.get(name="gateway")
    with pytest.raises(CommandError):
        call_command("make_key", "nothing", "gateway")
