"""Signing in and out, and the agreed prices that only signed-in people are shown."""

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from agreements.agreed import agreements
from web.http.agreed_pages import sees_agreed
from web.http.editor_mark import mark_editor
from web.reads.agreed import agreed_rows
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_error, render_private

LONGEST_NAME = 150


class SignIn(auth.LoginView):
    """Sign-in without the admin, for people in the role Viewer."""

    template_name = "account/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return reverse("account")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, section="account", longest=LONGEST_NAME)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        mark_editor(request, response)
        patch_cache_control(response, private=True, no_store=True)
        return response


class SignOut(auth.LogoutView):
    """Takes POST alone."""

    next_page = "/"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        mark_editor(request, response)
        return response


@read_only
def agreed(request: HtmxHttpRequest) -> HttpResponse:
    """Every agreed price beside the list price."""
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign_in')}?{REDIRECT_FIELD_NAME}={reverse('agreed')}")
    if not sees_agreed(request):
        return render_error(403)
    now = timezone.now()
    context = {"section": "prices", "rows": agreed_rows(agreements(), now)}
    return render_private(request, "account/agreed.html", context)
