"""A cookie that tells scripts that an editor is signed in; what opens forms is the session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

COOKIE = "ratecard_editor"


def is_editor(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


def mark_editor(request: HttpRequest, response: HttpResponseBase) -> None:
    """Set the cookie for an editor, and remove it when the session has ended."""
    marked = COOKIE in request.COOKIES
    if is_editor(request) and not marked:
        response.set_cookie(
            COOKIE,
            "1",
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Strict",
        )
    elif marked and not is_editor(request):
        response.delete_cookie(COOKIE, samesite="Strict")
