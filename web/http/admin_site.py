"""The admin's site: a request that does not read is answered with 400, and logged."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import DataError, InternalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.template.response import SimpleTemplateResponse

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

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().login(request, extra_context)
        mark_editor(request, response)
        return response


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
