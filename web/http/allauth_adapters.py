"""What allauth asks us: who may sign up, where people land, how secrets are kept."""

import base64
import hashlib
import secrets
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import InvitationRefused, accept, open_invitation
from web.http.sign_in import address

# The session's name for the link that a visitor came by.
INVITATION = "invitation"
CLOSED = (
    "There is no account for this sign-in, and new ones are made by invitation. "
    "Ask the operator, or the manager of your team, for a link."
)
TAKEN = (
    "There is an account with this e-mail address. Sign in to it first, "
    "then connect this way to sign in under Security."
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By a form of its own nobody signs up: that of an invitation is ours."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request) or "0.0.0.0"  # noqa: S104 - a key of counts, not a socket

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def login(self, request: HttpRequest, user: User) -> None:
        """Whatever signed a person in, the session is read by Django's own backend."""
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Who has neither a password nor a second factor has nothing to be asked for again."""
        methods = self.get_reauthentication_methods(context.request.user)
        return bool(methods) and super().is_reauthentication_required(app=app)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Failures alone: pages show by themselves what was done."""
        if level >= messages.WARNING:
            super().add_message(
                request, level, message_template, message_context, extra_tags, message
            )


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nobody gets an account by its address, nor a second one beside it."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        found = [known.email for known in sociallogin.email_addresses]
        if any(User.objects.filter(email__iexact=email).exists() for email in found if email):
            raise ImmediateHttpResponse(refused(request, TAKEN))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """By a link that is still good, or by a verified address of an allowed domain."""
        if secret := request.session.get(INVITATION):
            try:
                open_invitation(secret, timezone.now())
            except InvitationRefused as error:
                request.session.pop(INVITATION)
                raise ImmediateHttpResponse(refused(request, str(error))) from None
            return True
        allowed = allowed_addresses(sociallogin)
        if not allowed:
            raise ImmediateHttpResponse(refused(request, CLOSED))
        sociallogin.user.email = allowed[0]
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        secret = request.session.pop(INVITATION, None)
        try:
            with transaction.atomic():
                user = super().save_user(request, sociallogin, form)
                if secret:
                    accept(secret, user, timezone.now())
        except InvitationRefused as error:
            raise ImmediateHttpResponse(refused(request, str(error))) from None
        return user


def allowed_addresses(sociallogin: SocialLogin) -> list[str]:
    return [
        known.email
        for known in sociallogin.email_addresses
        if known.verified and known.email.rpartition("@")[2].lower() in settings.SIGNUP_DOMAINS
    ]


def refused(request: HttpRequest, sentence: str) -> HttpResponse:
    page = get_template("account/refused.html").render({"sentence": sentence}, request)
    return HttpResponse(page, status=403, headers={"Cache-Control": "private, no-store"})


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors, of which codes are computed, are kept encrypted."""

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:  # of another SECRET_KEY: no code fits, an administrator removes it
            return base64.b32encode(secrets.token_bytes(20)).decode()


@cache
def _cipher(key: str) -> Fernet:
    digest = hashlib.sha256(f"second factors {key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
