"""The agreed prices that only signed-in people are shown."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from agreements.agreed import agreements
from web.http.agreed_pages import sees_agreed
from web.reads.agreed import agreed_rows
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_error, render_private


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
