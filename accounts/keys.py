"""Make, find and revoke keys."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q

from accounts.models import Key, KeyKind

# How often a use is noted.
USE_NOTED_ONCE_IN = timedelta(minutes=1)
_SHOWN_OF_SECRET = 6
_LONGEST = 100


def new_secret(kind: str) -> str:
    return f"rc_{kind}_{secrets.token_urlsafe(32)}"


def make_key(
    kind: KeyKind, name: str, *, scope: str = "", created_by: User | None = None
) -> tuple[Key, str]:
    """A new key and its secret, which is not kept."""
    key, secret = Key(kind=kind, name=name, scope=scope, created_by=created_by), new_secret(kind)
    set_secret(key, secret)
    key.save()
    return key, secret


def set_secret(key: Key, secret: str) -> None:
    key.prefix = secret[: len(f"rc_{key.kind}_") + _SHOWN_OF_SECRET]
    key.digest = _digest(secret)


def find_key(secret: str, kind: KeyKind, now: datetime) -> Key | None:
    """The key of a secret, unless it is revoked, expired or of another kind; notes its use."""
    if not secret.startswith(f"rc_{kind}_") or len(secret) > _LONGEST:
        return None
    key = Key.objects.filter(digest=_digest(secret), kind=kind, revoked_at=None).first()
    if key is None or (key.expires_at and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_ONCE_IN:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_ONCE_IN)
        Key.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)
    return key


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
