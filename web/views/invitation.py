"""The page that a link of an invitation opens: a new account, or one more team."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.socialaccount.adapter import get_adapter
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.invitations import InvitationRefused, accept, open_invitation, sign_up
from web.http.allauth_adapters import INVITATION, AccountAdapter, refused
from web.views.render import HtmxHttpRequest, render_private


class NewAccount(UserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("username",)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HtmxHttpRequest, secret: str) -> HttpResponse:
    """The link is the proof: whoever holds it picks a name, or joins as the person signed in."""
    try:
        invited = open_invitation(secret, timezone.now())
        if request.method == "POST" and request.user.is_authenticated:
            accept(secret, request.user, timezone.now())
            return redirect(AccountAdapter(request).get_login_redirect_url(request))
        form = NewAccount(request.POST if request.method == "POST" else None)
        if form.is_valid() and (answer := _signed_up(request, form, secret)):
            return answer
    except InvitationRefused as error:
        return refused(request, str(error))
    if not request.user.is_authenticated:
        request.session[INVITATION] = secret  # for those who go on to a provider
    context = {
        "section": "account",
        "invited": invited,
        "shown": {"form": form},
        "providers": get_adapter().list_providers(request),
    }
    page = render_private(request, "account/invitation.html", context)
    page["Referrer-Policy"] = "same-origin"
    return page


def _signed_up(request: HttpRequest, form: NewAccount, secret: str) -> HttpResponse | None:
    """Signed in as the new person; None where the form has an error now."""
    name, password = form.cleaned_data["username"], form.cleaned_data["password1"]
    try:
        user = sign_up(secret, name, password, timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return None
    request.session.pop(INVITATION, None)
    answer: HttpResponse = perform_password_login(request, {"username": name}, Login(user=user))
    return answer
