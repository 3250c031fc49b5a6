"""Whom a key, a token or a person charges, and what is not believed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from django.utils import timezone

from accounts import oidc_tokens
from accounts.keys import make_key
from accounts.models import KeyKind, Membership, Team, TeamRole, TokenRule
from accounts.payers import READ, NoPayer, payer_of_bearer, payer_of_user
from tests.accounts.issuer import Issuer, serving_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    oidc_tokens.forget_keys()
    with serving_issuer() as issuer:
        settings.OIDC_ISSUER, settings.OIDC_AUDIENCE = issuer.address, "ratecard"
        yield issuer


def refused(secret: str, **options: Any) -> NoPayer:
    with pytest.raises(NoPayer) as error:
        payer_of_bearer(secret, timezone.now(), **options)
    return error.value


def test_a_key_charges_its_team_else_its_owner_else_itself():
    team, owner = Team.objects.create(name="T", slug="t"), User.objects.create(username="o")
    key, secret = make_key(KeyKind.API, "ci")
    assert (payer := payer_of_bearer(secret, timezone.now())).key_id == key.pk
    assert (payer.user_id, payer.team_id) == (None, None)
    key.owner = owner
    key.save()
    assert payer_of_bearer(secret, timezone.now()).user_id == owner.pk
    key.team = team
    key.save()
    assert "no longer spend for its team" in str(refused(secret))
    Membership.objects.create(team=team, user=owner)
    payer = payer_of_bearer(secret, timezone.now())
    assert (payer.user_id, payer.team_id) == (owner.pk, team.pk)
    key.owner = None
    key.save()
    payer = payer_of_bearer(secret, timezone.now())
    assert (payer.user_id, payer.team_id) == (None, team.pk)


def test_a_key_of_another_kind_scope_or_owner_is_refused_by_a_sentence():
    owner = User.objects.create(username="o", is_active=False)
    _, ingest = make_key(KeyKind.INGEST, "gateway")
    reading, reads = make_key(KeyKind.API, "ci", scope=READ)
    owned, secret = make_key(KeyKind.API, "ci")
    owned.owner = owner
    owned.save()
    assert (error := refused(ingest)).status == 403 and "kind ingest" in str(error)
    assert (error := refused(reads)).status == 403 and "reads alone" in str(error)
    assert payer_of_bearer(reads, timezone.now(), spends=False).key_id == reading.pk
    assert refused(secret).status == 401
    for odd in ("", "rc_api_", "rc_api_" + "x" * 43, "x" * 5000, "é", "\ud800", "\x00"):
        assert refused(odd).status == 401


def test_a_revoked_or_expired_key_charges_nobody():
    key, secret = make_key(KeyKind.API, "ci")
    key.expires_at = timezone.now()
    key.save()
    assert refused(secret).status == 401
    key.expires_at, key.revoked_at = None, timezone.now()
    key.save()
    assert refused(secret).status == 401


def test_members_spend_for_their_team_and_viewers_do_not():
    person = User.objects.create(username="p")
    for slug, role in (("a", TeamRole.MEMBER), ("b", TeamRole.VIEWER)):
        team = Team.objects.create(name=slug, slug=slug)
        Membership.objects.create(team=team, user=person, role=role)
    assert payer_of_user(person).team_id is None
    assert payer_of_user(person, "a").team_id == Team.objects.get(slug="a").pk
    for slug in ("b", "c"):
        with pytest.raises(NoPayer):
            payer_of_user(person, slug)


def test_a_token_of_the_set_issuer_charges_one_shared_team(issuer: Issuer):
    first = payer_of_bearer(issuer.token(), timezone.now())
    assert (first.name, first.subject) == ("OIDC tokens", "repo:acme/shop")
    second = payer_of_bearer(issuer.token(["x", "ratecard"], sub="other"), timezone.now())
    assert second.team_id == first.team_id
    assert issuer.asked.count("/keys") == 1


def test_a_silent_issuer_keeps_no_token_of_another_waiting(issuer: Issuer, monkeypatch: Any):
    asked, answered = Event(), Event()
    fetched_keys = oidc_tokens._fetched_keys

    def fetched(address: str) -> Any:
        if address != "https://silent.example":
            return fetched_keys(address)
        asked.set()
        answered.wait(20)
        return None

    monkeypatch.setattr(oidc_tokens, "_fetched_keys", fetched)
    with ThreadPoolExecutor(2) as pool:
        silent = pool.submit(oidc_tokens._key, "https://silent.example", "first")
        assert asked.wait(20)
        token = issuer.token()
        try:
            other = pool.submit(oidc_tokens.claims_of, token, issuer.address, "ratecard")
            assert other.result(10)["sub"] == "repo:acme/shop"
        finally:
            answered.set()
        with pytest.raises(oidc_tokens.NotBelieved):
            silent.result(20)


def test_the_rule_with_most_claims_gives_a_token_its_team(issuer: Issuer):
    teams = [Team.objects.create(name=name, slug=name) for name in ("all", "acme", "shop")]
    for team, claims in zip(
        teams, ({}, {"org": "acme"}, {"org": "acme", "ref": "refs/heads/*"}), strict=True
    ):
        TokenRule.objects.create(
            issuer=issuer.address, audience="ratecard", claims=claims, team=team
        )

    def team_of(**claims: Any) -> str:
        return payer_of_bearer(issuer.token(**claims), timezone.now()).name

    assert team_of() == "all"
    assert team_of(org=["x", "acme"]) == "acme"
    assert team_of(org="acme", ref="refs/heads/main") == "shop"
    assert team_of(org="acme", ref="refs/tags/1") == "acme"


def test_a_token_that_fits_no_rule_is_refused(issuer: Issuer, settings: Any):
    settings.OIDC_ISSUER = ""
    team = Team.objects.create(name="t", slug="t")
    TokenRule.objects.create(
        issuer=issuer.address, audience="ratecard", claims={"org": "acme"}, team=team
    )
    assert refused(issuer.token()).status == 403


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join(text.rstrip("=") for text in texts) + "."


HOSTILE = {
    "another audience": lambda issuer: issuer.token("other"),
    "another issuer": lambda issuer: issuer.token(iss="https://issuer.example"),
    "NUL in the issuer": lambda issuer: issuer.token(iss="https://issuer.example\x00"),
    "half a character in the issuer": lambda issuer: issuer.token(iss="https://\ud800"),
    "NUL in the subject": lambda issuer: issuer.token(sub="repo\x00"),
    "half a character in the subject": lambda issuer: issuer.token(sub="repo\ud800"),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "no audience": lambda issuer: issuer.token(aud=None),
    "no subject": lambda issuer: issuer.token(sub=None),
    "no end": lambda issuer: issuer.token(exp=None),
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 120),
    "not yet valid": lambda issuer: issuer.token(nbf=int(time.time()) + 600),
    "unknown key": lambda issuer: issuer.token(header={"kid": "second"}),
    "odd key": lambda issuer: issuer.token(header={"kid": "\x00"}),
    "another key": lambda issuer: jwt.encode(
        jwt.decode(issuer.token(), options={"verify_signature": False}),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        algorithm="RS256",
        headers={"kid": "first"},
    ),
    "changed": lambda issuer: issuer.token()[:-4] + "AAAA",
    "alg none": lambda issuer: unsigned(
        jwt.decode(issuer.token(), options={"verify_signature": False})
    ),
    "long": lambda issuer: issuer.token(extra="x" * 20_000),
    "no JSON": lambda issuer: "ey.ey.ey",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_valid_token_is_refused_by_one_sentence(issuer: Issuer, kind: str):
    error = refused(HOSTILE[kind](issuer))
    assert error.status == 401 and str(error).endswith(".")
    assert Team.objects.count() == 0


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer):
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"first"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    signature = hmac.new(public, f"{header}.{body}".encode(), hashlib.sha256).digest()
    token = f"{header}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert "algorithm" in str(refused(token))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/keys", (500, b"")),
        ("/keys", (200, b"<html>")),
        ("/keys", (200, b'{"keys": [' + b" " * 300_000 + b"]}")),
        ("/keys", (200, b'{"keys": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}]}')),
        ("/keys", (200, b'{"keys": [1, {"kty": "RSA", "kid": "first"}]}')),
        ("/keys", (200, b"[]")),
        ("/.well-known/openid-configuration", (302, b"")),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://other.example"}')),
        ("/.well-known/openid-configuration", (200, b"[" * 100_000)),
    ],
)
def test_an_issuer_that_answers_oddly_gives_no_key(
    issuer: Issuer, path: str, answer: tuple[int, bytes]
):
    issuer.answers[path] = answer
    assert "cannot be reached" in str(refused(issuer.token()))


def test_made_up_keys_are_looked_for_once_a_minute(issuer: Issuer):
    payer_of_bearer(issuer.token(), timezone.now())
    for number in range(20):
        refused(issuer.token(header={"kid": f"made-up-{number}"}))
    assert issuer.asked.count("/keys") == 1
