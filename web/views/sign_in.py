"""Signing in: by password, by other providers, with second factors; and signing out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import requests
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

from web.http.allauth_adapters import AccountAdapter, refused
from web.http.editor_mark import mark_editor
from web.http.oidc_sign_in import CheckedOidcAdapter
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_private

LONGEST_NAME = 150
UNREACHABLE = "This way to sign in does not answer as it should. Try again later, or another one."
_ADAPTERS = {"github": GitHubOAuth2Adapter, "google": GoogleOAuth2Adapter}


def private(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page about a person: kept by no cache, and the editors' mark follows the session."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        mark_editor(request, response)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return answer


class SignIn(auth.LoginView):
    """The one page that takes a password; a second factor comes after it."""

    template_name = "account/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return AccountAdapter(self.request).get_login_redirect_url(self.request)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        wanted = self.get_redirect_url() or None
        credentials = {"username": user.get_username()}
        login = Login(user=user, redirect_url=wanted)
        response: HttpResponse = perform_password_login(self.request, credentials, login)
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            **context,
            section="account",
            longest=LONGEST_NAME,
            providers=get_adapter().list_providers(self.request),
        )


class SignOut(auth.LogoutView):
    """Takes POST alone."""

    next_page = "/"


@read_only
def sign_up(request: HtmxHttpRequest) -> HttpResponse:
    """Who gets an account here; there is no form for everybody."""
    providers = get_adapter().list_providers(request)
    domains = settings.SIGNUP_DOMAINS if providers else []
    context = {"section": "account", "providers": providers, "domains": domains}
    return render_private(request, "account/sign_up.html", context)


def provider_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the provider, by a page of our own: after a form, browsers may be sent nowhere else."""
    if request.method != "POST":
        return redirect("sign_in")
    response = _answer(request, provider_id, OAuth2LoginView)
    if response.status_code != 302:
        return response
    address = response["Location"]
    context = {"address": address, "section": "account"}
    page = render_private(request, "account/leaving.html", context)  # type: ignore[arg-type]
    page["Refresh"] = f"0;url={address}"
    return page


def provider_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider."""
    return _answer(request, provider_id, OAuth2CallbackView)


def _answer(request: HttpRequest, provider_id: str, kind: Any) -> HttpResponse:
    adapter = _ADAPTERS.get(provider_id) or CheckedOidcAdapter(request, provider_id)
    try:
        response: HttpResponse = kind.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (requests.RequestException, KeyError, TypeError, AttributeError):
        response = refused(request, UNREACHABLE)
        response.status_code = 502
    return response
