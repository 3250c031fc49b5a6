"""Admin of keys: made here, shown once after saving, revoked; no secret is kept."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.keys import new_secret, set_secret
from accounts.models import Key


@admin.register(Key)
class KeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("name", "kind", "prefix", "scope", "state", "created_at", "created_by"),
        *("last_used_at", "expires_at"),
    )
    list_filter = ("kind",)
    list_select_related = ("created_by",)
    search_fields = ("name", "prefix")
    ordering = ("-created_at",)
    fields = ("kind", "name", "scope", "owner", "team", "limit", "expires_at")
    autocomplete_fields = ("owner", "team")
    actions = ("revoke",)

    @admin.display
    def state(self, key: Key) -> str:
        if key.revoked_at:
            return "revoked"
        return "expired" if key.expires_at and key.expires_at <= timezone.now() else "valid"

    @admin.action(description="Revoke selected keys", permissions=("change",))
    def revoke(self, request: HttpRequest, keys: QuerySet[Key]) -> None:
        number = keys.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, f"{number} revoked: from now on they open nothing.")

    def get_readonly_fields(self, request: HttpRequest, obj: Key | None = None) -> tuple[str, ...]:
        return () if obj is None else ("kind", "prefix", "scope", "created_by", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: Key | None = None) -> tuple[str, ...]:
        return self.fields if obj is None else (*self.fields, *self._kept)

    _kept = ("prefix", "created_by", "last_used_at")

    def save_model(
        self,
        request: HttpRequest,
        obj: Key,
        form: Any,
        change: bool,  # noqa: FBT001 - as Django calls it
    ) -> None:
        if not change:
            obj.created_by_id = request.user.pk
            request.secret = new_secret(obj.kind)  # type: ignore[attr-defined]
            set_secret(obj, request.secret)  # type: ignore[attr-defined]
        obj.save()

    def response_add(
        self, request: HttpRequest, obj: Key, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The page with the secret itself: a redirect would have to keep it somewhere."""
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Key {obj.name}",
            "opts": self.opts,
            "secret": request.secret,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/accounts/key/made.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
