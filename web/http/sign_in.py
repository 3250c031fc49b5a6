"""Limits of sign-in: django-axes with our addresses, and words for a visitor who has to wait."""

from datetime import timedelta
from math import ceil
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import timezone

from web.http.visitor import visitor_address


def address(request: HttpRequest) -> str | None:
    """The visitor's address for a column of type inet; of an IPv6 network its first one."""
    return visitor_address(request.META, settings.PROXIES).partition("/")[0] or None


def named_in_log(
    username: str, ip_address: str, user_agent: str, path: str, request: HttpRequest
) -> str:
    """Without the name, for which people mistake the field of the password."""
    return str(ip_address)


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    attempts = AccessAttempt.objects.filter(ip_address=address(request))
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    wait = max(last + settings.AXES_COOLOFF_TIME - timezone.now(), timedelta(seconds=1))
    minutes = ceil(wait / timedelta(minutes=1))
    return HttpResponse(
        get_template("429.html").render({"minutes": minutes}),
        status=429,
        headers={"Retry-After": str(ceil(wait.total_seconds())), "Cache-Control": "no-store"},
    )
