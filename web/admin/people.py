"""Admin of people and invitations. Nothing of allauth's is edited here: it holds secrets."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 - registered before it is taken out
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.invitations import LASTS, digest_of, new_invitation_secret
from accounts.models import Invitation

_HIDDEN = {"account", "mfa", "socialaccount", "usersessions"}

for _model in [known for known in admin.site._registry if known._meta.app_label in _HIDDEN]:
    admin.site.unregister(_model)
admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = (
        *("username", "email", "first_name", "last_name", "is_staff"),
        "second_factor",
    )
    actions = ("remove_second_factors",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(has_second_factor=Exists(factors))

    @admin.display(boolean=True)
    def second_factor(self, user: User) -> bool:
        return bool(user.has_second_factor)  # type: ignore[attr-defined]

    @admin.action(
        description="Remove the second factors of selected users", permissions=("change",)
    )
    def remove_second_factors(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """For who lost a phone and the recovery codes."""
        number, _ = Authenticator.objects.filter(user__in=users).delete()
        messages.success(request, f"{number} removed: a password alone signs in again.")


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "team", "role", "created_by", "created_at", "state")
    list_select_related = ("team", "created_by")
    fields = ("email", "team", "role")
    ordering = ("-created_at",)

    @admin.display
    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "accepted"
        return "expired" if invitation.expires_at <= timezone.now() else "open"

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Invitation,
        form: Any,
        change: bool,  # noqa: FBT001 - as Django calls it
    ) -> None:
        obj.created_by_id = request.user.pk
        obj.expires_at = timezone.now() + LASTS
        request.secret = new_invitation_secret()  # type: ignore[attr-defined]
        obj.digest = digest_of(request.secret)  # type: ignore[attr-defined]
        obj.save()

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the link itself: a redirect would have to keep it somewhere."""
        address = reverse("invitation", args=[request.secret])  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Invitation of {obj.email}",
            "link": request.build_absolute_uri(address),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/invitation/link.html", context)
