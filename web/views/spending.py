"""A person's account: what is left, what was spent, keys; and all of it as CSV."""

from datetime import UTC, datetime, time

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.keys import make_owned_key, revoke_key
from accounts.payers import READ, NoPayer, payer_of_user
from accounts.teams import membership_of
from web.exports.spending import spending_csv
from web.pages.account import account_page
from web.params.account import Complaint, KeyForm, read_key_form, read_page
from web.reads.spending import Whose
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_private


def signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('sign_in')}?{REDIRECT_FIELD_NAME}={request.path}")


@read_only
def account(request: HtmxHttpRequest) -> HttpResponse:
    return _rendered(request) if signed_in(request) else to_sign_in(request)


@require_POST
def new_key(request: HtmxHttpRequest) -> HttpResponse:
    """The page with the secret itself: a redirect would have to keep it somewhere."""
    user, now = signed_in(request), timezone.now()
    if user is None:
        return to_sign_in(request)
    try:
        form = read_key_form(request.POST.dict(), now.date())
        payer = payer_of_user(user, form.team)
    except (Complaint, NoPayer) as error:
        return _rendered(request, complaint=str(error), status=400)
    key, secret = make_owned_key(
        form.name,
        owner=user,
        team_id=payer.team_id,
        limit=form.limit,
        expires_at=end_of_day(form),
        scope=READ if form.reads_only else "",
    )
    return _rendered(request, made=key.name, secret=secret)


@require_POST
def end_key(request: HtmxHttpRequest, id_: int) -> HttpResponse:
    user = signed_in(request)
    if user is None:
        return to_sign_in(request)
    if not revoke_key(id_, timezone.now(), owner_id=user.pk):
        raise Http404
    return redirect(f"{reverse('account')}#keys")


@read_only
def spending_file(request: HtmxHttpRequest) -> HttpResponse | StreamingHttpResponse:
    """One's own calls, or with ?team= those of a team."""
    user = signed_in(request)
    if user is None:
        return to_sign_in(request)
    whose = Whose(user_id=user.pk)
    if slug := request.GET.get("team", ""):
        membership = membership_of(user, slug)
        if membership is None:
            raise Http404
        whose = Whose(team_id=membership.team_id)
    headers = {
        "Content-Disposition": 'attachment; filename="spending.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(
        spending_csv(whose), content_type="text/csv; charset=utf-8", headers=headers
    )


def end_of_day(form: KeyForm) -> datetime | None:
    """A key holds through its last day, in UTC."""
    return datetime.combine(form.expires_on, time.max, UTC) if form.expires_on else None


def _rendered(
    request: HtmxHttpRequest,
    *,
    complaint: str = "",
    made: str = "",
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    assert user is not None
    page = account_page(user, read_page(request.GET.get("page", "")), timezone.now())
    context = {
        "section": "account",
        "page": page,
        "complaint": complaint,
        "made": made,
        "secret": secret,
        "sent": request.POST,
    }
    response = render_private(request, "account/overview.html", context)
    response.status_code = status
    return response
