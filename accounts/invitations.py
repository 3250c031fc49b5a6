"""Invitations: made for one address, shown once, accepted once within a week."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Invitation, Membership, Team, TeamRole

LASTS = timedelta(days=7)
_LONGEST = 100


class InvitationRefused(Exception):
    """Why an invitation opens nothing, in one sentence."""


def invite(
    email: str, team: Team | None, role: TeamRole, by: User | None, now: datetime
) -> tuple[Invitation, str]:
    """A new invitation and the secret of its link, which is not kept."""
    secret = new_invitation_secret()
    invitation = Invitation.objects.create(
        email=email,
        team=team,
        role=role,
        created_by=by,
        digest=digest_of(secret),
        expires_at=now + LASTS,
    )
    return invitation, secret


def new_invitation_secret() -> str:
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def open_invitation(secret: str, now: datetime) -> Invitation:
    """The invitation of a link. Raises InvitationRefused where it was used or is too old."""
    invitation = None
    if len(secret) <= _LONGEST:
        known = Invitation.objects.select_related("team")
        invitation = known.filter(digest=digest_of(secret)).first()
    if invitation is None:
        raise InvitationRefused("This is not the whole link of an invitation. Copy it again.")
    if invitation.accepted_at:
        raise InvitationRefused("This invitation was already used. Ask for a new one.")
    if invitation.expires_at <= now:
        raise InvitationRefused("This invitation has expired. Ask for a new one.")
    return invitation


@transaction.atomic
def accept(secret: str, user: User, now: datetime) -> Invitation:
    """Use an invitation up: the person joins its team; a member of it keeps the role."""
    invitation = open_invitation(secret, now)
    unused = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=now)
    if not unused.update(accepted_at=now):
        raise InvitationRefused("This invitation was already used. Ask for a new one.")
    if invitation.team:
        Membership.objects.get_or_create(
            team=invitation.team, user=user, defaults={"role": invitation.role}
        )
    return invitation


def sign_up(secret: str, username: str, password: str, now: datetime) -> User:
    """A new account by an invitation. Raises ValidationError where the name is taken."""
    invitation = open_invitation(secret, now)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, invitation.email, password)
            accept(secret, user, now)
    except IntegrityError:
        raise ValidationError({"username": "Somebody else has this name."}) from None
    return user
