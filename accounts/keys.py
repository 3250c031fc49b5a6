"""Make, find and revoke keys."""

import hashlib
import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Q

from accounts.models import Key, KeyKind

# How often a use is noted.
USE_NOTED_ONCE_IN = timedelta(minutes=1)
# A row while a key is one, for statements that need it: by its digest, kind and scope.
LIVE_KEY = """
SELECT FROM accounts_key
WHERE digest = %s AND kind = %s AND scope = %s AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
"""
_SHOWN_OF_SECRET = 6
_LONGEST = 100
_FIND = "SELECT * FROM accounts_key WHERE digest = %s AND kind = %s AND revoked_at IS NULL"


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


def make_owned_key(
    name: str,
    *,
    owner: User | None,
    team_id: int | None,
    limit: Decimal | None,
    expires_at: datetime | None,
    scope: str,
) -> tuple[Key, str]:
    """A key for models, and its secret, of a person, of a team, or of a member for a team."""
    key = Key(kind=KeyKind.API, name=name, scope=scope, created_by=owner, owner=owner)
    key.team_id, key.limit, key.expires_at = team_id, limit, expires_at
    secret = new_secret(key.kind)
    set_secret(key, secret)
    key.save()
    return key, secret


def revoke_key(
    id_: int, now: datetime, *, owner_id: int | None = None, team_id: int | None = None
) -> bool:
    """Revoke a key of a person, or of a team, at once; False where there is none."""
    whose = Q(team_id=team_id) if team_id is not None else Q(owner_id=owner_id, owner__isnull=False)
    keys = Key.objects.filter(whose, pk=id_, kind=KeyKind.API)
    keys.filter(revoked_at=None).update(revoked_at=now)
    return keys.exists()


def set_secret(key: Key, secret: str) -> None:
    key.prefix = secret[: len(f"rc_{key.kind}_") + _SHOWN_OF_SECRET]
    key.digest = digest_of(secret)


def find_key(secret: str, kind: KeyKind, now: datetime) -> Key | None:
    """The key of a secret, unless it is revoked, expired or of another kind; notes its use."""
    if not secret.startswith(f"rc_{kind}_") or len(secret) > _LONGEST:
        return None
    key = next(iter(Key.objects.raw(_FIND, [digest_of(secret), kind.value])), None)
    if key is None or (key.expires_at and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_ONCE_IN:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_ONCE_IN)
        Key.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)
    return key


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
