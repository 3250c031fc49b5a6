"""Who a call is charged to: a person, a team, or a key that belongs to neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.text import slugify

from accounts.keys import find_key
from accounts.models import Key, KeyKind, Membership, Team, TeamRole, TokenRule
from accounts.oidc_tokens import NotBelieved, claims_of, is_token, issuer_and_audiences

SPENDING_ROLES = (TeamRole.MEMBER, TeamRole.MANAGER)
# The team of tokens of the issuer that a setting names, where no rule gives them another one.
TOKENS_TEAM = "OIDC tokens"
# What an API key may do: everything, or read alone.
READ = "read"


class NoPayer(Exception):
    """Why nobody can be charged, in one sentence. `status` is that of HTTP: 401 or 403."""

    def __init__(self, sentence: str, status: int = 401) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Payer:
    """A person, a team, or both: a person's call for a team. `subject` is that of an OIDC token.

    `name` is what sentences call the payer.
    """

    user_id: int | None
    team_id: int | None
    key_id: int | None = None
    subject: str = ""
    name: str = ""


def payer_of_user(user: User, team_slug: str = "") -> Payer:
    """A signed-in person, or a team that he spends for. Raises NoPayer."""
    if not team_slug:
        return Payer(user.pk, None, name=user.get_username())
    member = Membership.objects.filter(user=user, team__slug=team_slug).select_related("team")
    membership = member.first()
    if membership is None:
        raise NoPayer("You are in no team of this name.", 403)
    if membership.role not in SPENDING_ROLES:
        raise NoPayer(f"A viewer of {membership.team} cannot spend for it.", 403)
    return Payer(user.pk, membership.team_id, name=membership.team.name)


def payer_of_bearer(secret: str, now: datetime, *, spends: bool = True) -> Payer:
    """The payer of an API key or an OIDC token. Raises NoPayer.

    A key that only reads is a payer where nothing is spent.
    """
    if is_token(secret):
        return _payer_of_token(secret)
    key = find_key(secret, KeyKind.API, now)
    if key is None:
        if secret.startswith(f"rc_{KeyKind.INGEST}_"):
            raise NoPayer("This is a key of kind ingest: send one of kind api.", 403)
        raise NoPayer("Send “Authorization: Bearer” with a valid key of kind api.")
    if spends and key.scope == READ:
        raise NoPayer("This key reads alone: send one that may spend.", 403)
    return _payer_of_key(key)


def _payer_of_key(key: Key) -> Payer:
    if key.owner is not None and not key.owner.is_active:
        raise NoPayer("The owner of this key may no longer sign in.")
    if key.team_id is not None and key.owner_id is not None:
        member = Membership.objects.filter(team_id=key.team_id, user_id=key.owner_id)
        if not member.filter(role__in=SPENDING_ROLES).exists():
            raise NoPayer("The owner of this key may no longer spend for its team.", 403)
        return Payer(key.owner_id, key.team_id, key.pk, name=key.name)
    if key.team_id is not None:
        return Payer(None, key.team_id, key.pk, name=key.name)
    return Payer(key.owner_id, None, key.pk, name=key.name)


def _payer_of_token(token: str) -> Payer:
    try:
        issuer, audiences = issuer_and_audiences(token)
        rules = [
            rule
            for rule in TokenRule.objects.filter(issuer=issuer).select_related("team")
            if rule.audience in audiences
        ]
        is_set = bool(issuer) and issuer == settings.OIDC_ISSUER
        set_audience = settings.OIDC_AUDIENCE if is_set else ""
        if not rules and not (set_audience and set_audience in audiences):
            raise NoPayer("Tokens of this issuer and audience are not accepted here.")
        audience = rules[0].audience if rules else set_audience
        claims = claims_of(token, issuer, audience)
    except NotBelieved as reason:
        raise NoPayer(str(reason)) from None
    subject = str(claims["sub"])[:200]
    matching = [rule for rule in rules if _fits(rule.claims, claims)]
    if matching:
        rule = max(matching, key=lambda rule: (len(rule.claims), -rule.pk))
        return Payer(None, rule.team_id, subject=subject, name=rule.team.name)
    if set_audience and set_audience in audiences:
        team, _ = Team.objects.get_or_create(
            slug=slugify(TOKENS_TEAM), defaults={"name": TOKENS_TEAM}
        )
        return Payer(None, team.pk, subject=subject, name=team.name)
    raise NoPayer("The token is valid, and no rule gives its calls to a team.", 403)


def _fits(wanted: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        stated, text = claims.get(name), str(value)
        texts = [str(item) for item in stated] if isinstance(stated, list) else [str(stated)]
        if stated is None or not any(
            part.startswith(text[:-1]) if text.endswith("*") else part == text for part in texts
        ):
            return False
    return True
