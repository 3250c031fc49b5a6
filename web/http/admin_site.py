"""The admin's site: a request that does not read is answered with 400, and logged."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import (
    FieldDoesNotExist,
    FieldError,
    PermissionDenied,
    ValidationError,
)
from django.db import DataError, InternalError, ProgrammingError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from web.http.editor_mark import mark_editor

log = logging.getLogger("ratecard.admin")

# Every link of a list repeats the query: 20 KB of it made a page of 5 MB.
LONGEST_QUERY = 4_000
# What Django's admin raises for odd ids, filters, fields and choices that a browser never sends.
_ODD = (ValueError, OverflowError, FieldDoesNotExist, ValidationError)
# A page may fail in the database for its filters alone; a write without any may not.
_ODD_FILTERS = (
    *(*_ODD, FieldError, TypeError, IndexError),
    *(DataError, ProgrammingError, InternalError),
)


class RatecardAdminSite(AdminSite):
    """Django's site; its views assume the ids, filters and choices of its own pages."""

    site_header = "Ratecard"
    site_title = "Ratecard admin"
    index_title = "What waits"

    def admin_view(self, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        @wraps(view)
        def checked(request: HttpRequest, *ids: Any, **options: Any) -> HttpResponse:
            if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
                return _refused("its address is too long")
            if not _is_storable(request.GET):  # forms name such characters themselves
                return _refused("it has characters that no text holds")
            if {*request.GET.getlist(TO_FIELD_VAR), *request.POST.getlist(TO_FIELD_VAR)} - {"id"}:
                return _refused(f"{TO_FIELD_VAR} is always id here")
            try:
                response: HttpResponse = view(request, *ids, **options)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()  # a form checks the choices of some fields here
            except _ODD_FILTERS as error:
                if request.method == "POST" and not (request.GET or isinstance(error, _ODD)):
                    raise
                log.warning("Odd request: %s %s", request.method, request.path, exc_info=True)
                return _refused("one of its values is odd")
            mark_editor(request, response)
            return response

        return super().admin_view(checked, *args, **kwargs)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the one page that signs in, with its limits and second factors."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not request.user.is_authenticated:
            wanted = wanted or reverse("admin:index")
            query = urlencode({REDIRECT_FIELD_NAME: wanted})
            return HttpResponseRedirect(f"{reverse('sign_in')}?{query}")
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_staff and lacks_second_factor(request):
            return HttpResponseRedirect(f"{reverse('mfa_index')}?for=admin")
        raise PermissionDenied


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the operator asks for a second factor that this person has not set up."""
    return settings.REQUIRE_MFA and not is_mfa_enabled(request.user)


def _is_storable(values: QueryDict) -> bool:
    """Whether PostgreSQL and UTF-8 hold every name and value: neither NUL nor lone surrogates."""
    texts = (text for name, listed in values.lists() for text in (name, *listed))
    return not any(
        "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
        for text in texts
        if not (text.isascii() and text.isprintable())
    )


def _refused(reason: str) -> HttpResponse:
    return HttpResponseBadRequest(
        f"This request does not read: {reason}. Nothing was changed.", content_type="text/plain"
    )
