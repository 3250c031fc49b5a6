"""Signed tokens of OIDC issuers: of CI systems, clouds and people. Believed by allow-list alone.

RFC 7519 and RFC 8725: the issuer and the audience must be known before anything is fetched, only
asymmetric algorithms count, and `exp` and `sub` must be there.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx
import jwt

log = logging.getLogger("ratecard.tokens")

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
LONGEST = 16 * 1024
_LEEWAY_SECONDS = 60
_KEPT_SECONDS = 3600.0
# An unknown key may be a new one, or made up: looked for again once in so many seconds.
_AGAIN_SECONDS = 60.0
_TIMEOUT_SECONDS = 5.0
_LARGEST = 256 * 1024


class NotBelieved(Exception):
    """Why a token is not believed, in one sentence that quotes nothing of it."""


@dataclass(slots=True)
class _Keys:
    by_id: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    fetched: float = -_KEPT_SECONDS
    tried: float = -_AGAIN_SECONDS
    # While the keys are fetched; tokens of other issuers do not wait.
    lock: threading.Lock = field(default_factory=threading.Lock)


_known: dict[str, _Keys] = {}
_lock = threading.Lock()


def is_token(text: str) -> bool:
    return text.count(".") == 2 and text.startswith("ey")


def issuer_and_audiences(token: str) -> tuple[str, frozenset[str]]:
    """Of a token of which nothing is checked yet, to look them up in the allow-list.

    Raises NotBelieved where there is none.
    """
    if len(token) > LONGEST:
        raise NotBelieved("The token is too long.")
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise NotBelieved("The token is not a signed JSON web token.") from None
    except (ValueError, RecursionError):
        raise NotBelieved("The token cannot be read.") from None
    issuer, audience = claims.get("iss"), claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(issuer, str) or not isinstance(audiences, list):
        raise NotBelieved("The token names no issuer, or no audience.")
    if not _is_storable(issuer):
        raise NotBelieved("The token’s issuer is not an address.")
    return issuer, frozenset(text for text in audiences if isinstance(text, str))


def claims_of(token: str, issuer: str, audience: str) -> dict[str, Any]:
    """The claims of a token of an allowed issuer, checked. Raises NotBelieved."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise NotBelieved("The token is not a signed JSON web token.") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise NotBelieved("The token is not signed with an algorithm of a public key.")
    key = _key(issuer, header.get("kid"))
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            leeway=_LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise NotBelieved("The token has expired.") from None
    except jwt.ImmatureSignatureError:
        raise NotBelieved("The token is not valid yet.") from None
    except jwt.MissingRequiredClaimError as error:
        raise NotBelieved(f"The token has no claim “{error.claim}”.") from None
    except (jwt.PyJWTError, TypeError, ValueError):
        raise NotBelieved("The signature of the token does not hold.") from None
    if not _is_storable(claims["sub"]):
        raise NotBelieved("The token’s subject holds characters that no text has.")
    return claims


def _is_storable(text: str) -> bool:
    """JSON can spell NUL and halves of characters: the database takes neither."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _key(issuer: str, key_id: object) -> jwt.PyJWK:
    name = key_id if isinstance(key_id, str) else ""
    with _lock:
        keys = _known.setdefault(issuer, _Keys())
    with keys.lock:
        now = monotonic()
        is_old = now - keys.fetched >= _KEPT_SECONDS
        if (is_old or _chosen(keys.by_id, name) is None) and now - keys.tried >= _AGAIN_SECONDS:
            keys.tried = now
            if (fetched := _fetched_keys(issuer)) is not None:
                keys.by_id, keys.fetched = fetched, now
        key = _chosen(keys.by_id, name)
    if key is None:
        raise NotBelieved("The token’s issuer has no such key, or cannot be reached.")
    return key


def _chosen(keys: Mapping[str, jwt.PyJWK], name: str) -> jwt.PyJWK | None:
    """By its name; a token without one fits an issuer of one key."""
    if not name and len(keys) == 1:
        return next(iter(keys.values()))
    return keys.get(name)


def _fetched_keys(issuer: str) -> dict[str, jwt.PyJWK] | None:
    """None where the issuer cannot be reached, or answers with anything else."""
    try:
        document = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            log.warning("the issuer %s calls itself otherwise in its document", issuer)
            return None
        found = _json(str(document.get("jwks_uri"))).get("keys")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        log.warning("the keys of %s cannot be read: %s", issuer, type(error).__name__)
        return None
    keys = {}
    for fields in found if isinstance(found, list) else ():
        if isinstance(fields, dict) and fields.get("kty") in ("RSA", "EC", "OKP"):
            try:
                keys[str(fields.get("kid") or "")] = jwt.PyJWK(fields)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError):
                continue
    return keys


def _json(address: str) -> dict[str, Any]:
    """Bounded in time and size, without redirects."""
    body = b""
    until = monotonic() + _TIMEOUT_SECONDS
    with (
        httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client,
        client.stream("GET", address, headers={"Accept": "application/json"}) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ValueError(f"status {response.status_code}")
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LARGEST or monotonic() > until:
                raise ValueError("too large or too slow")
    read = json.loads(body)
    if not isinstance(read, dict):
        raise ValueError("no object")
    return read


def forget_keys() -> None:
    """For tests, and for an operator who changed an issuer's keys."""
    with _lock:
        _known.clear()
