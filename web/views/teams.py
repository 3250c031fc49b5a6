"""A team's page: its spending, members and keys. To others it is not there."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.invitations import invite
from accounts.keys import make_owned_key, revoke_key
from accounts.models import Membership, TeamRole
from accounts.payers import READ
from accounts.teams import is_last_manager, manages, membership_of
from web.pages.account import team_page
from web.params.account import Complaint, read_key_form, read_limit, read_page
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_private
from web.views.spending import end_of_day, signed_in, to_sign_in

Change = Callable[..., HttpResponse]


@read_only
def team(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    if signed_in(request) is None:
        return to_sign_in(request)
    membership = membership_of(request.user, slug)
    if membership is None:
        raise Http404
    return _rendered(request, membership)


def _by_manager(change: Change) -> Change:
    """A POST of a manager of the team, in one transaction that holds its members."""

    @require_POST
    @wraps(change)
    def answer(request: HtmxHttpRequest, slug: str, **rest: int) -> HttpResponse:
        membership = membership_of(request.user, slug)
        if membership is None:
            raise Http404
        if not manages(membership):
            raise PermissionDenied
        with transaction.atomic():
            [*Membership.objects.select_for_update().filter(team=membership.team).values("pk")]
            try:
                return change(request, membership, **rest)
            except Complaint as error:
                return _rendered(request, membership, complaint=str(error), status=400)

    return answer


@_by_manager
def change_member(request: HtmxHttpRequest, by: Membership, id_: int) -> HttpResponse:
    """A role and a limit; a team keeps one manager."""
    member = _member(by, id_)
    role = request.POST.get("role", "")
    if role not in TeamRole.values:
        raise Complaint("A role is viewer, member or manager.")
    if role != TeamRole.MANAGER and is_last_manager(member):
        raise Complaint("A team keeps one manager: make another member one first.")
    member.role, member.limit = role, read_limit(request.POST.get("limit", ""))
    member.save(update_fields=["role", "limit"])
    return redirect("team", slug=by.team.slug)


@_by_manager
def remove_member(request: HtmxHttpRequest, by: Membership, id_: int) -> HttpResponse:
    member = _member(by, id_)
    if is_last_manager(member):
        raise Complaint("A team keeps one manager: make another member one first.")
    member.delete()
    return redirect("account") if member.user_id == by.user_id else redirect("team", by.team.slug)


@_by_manager
def new_team_key(request: HtmxHttpRequest, by: Membership) -> HttpResponse:
    form = read_key_form(request.POST.dict(), timezone.now().date())
    key, secret = make_owned_key(
        form.name,
        owner=None,
        team_id=by.team_id,
        limit=form.limit,
        expires_at=end_of_day(form),
        scope=READ if form.reads_only else "",
    )
    return _rendered(request, by, made=key.name, secret=secret)


@_by_manager
def end_team_key(request: HtmxHttpRequest, by: Membership, id_: int) -> HttpResponse:
    if not revoke_key(id_, timezone.now(), team_id=by.team_id):
        raise Http404
    return redirect("team", slug=by.team.slug)


@_by_manager
def invite_member(request: HtmxHttpRequest, by: Membership) -> HttpResponse:
    """The page with the link itself, which opens once and is kept nowhere."""
    email, role = request.POST.get("email", "").strip(), request.POST.get("role", "")
    try:
        validate_email(email)
    except ValidationError:
        raise Complaint("Write the address of the person, such as name@example.com.") from None
    if role not in TeamRole.values:
        raise Complaint("A role is viewer, member or manager.")
    user = signed_in(request)
    _, secret = invite(email, by.team, TeamRole(role), user, timezone.now())
    link = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('invitation', args=[secret])}"
    return _rendered(request, by, invited=email, link=link)


def _member(by: Membership, id_: int) -> Membership:
    member = Membership.objects.filter(team=by.team, pk=id_).first()
    if member is None:
        raise Http404
    return member


def _rendered(
    request: HtmxHttpRequest,
    membership: Membership,
    *,
    complaint: str = "",
    made: str = "",
    secret: str = "",
    invited: str = "",
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    page = team_page(membership, read_page(request.GET.get("page", "")), timezone.now())
    context = {
        "section": "account",
        "page": page,
        "complaint": complaint,
        "made": made,
        "secret": secret,
        "invited": invited,
        "link": link,
        "sent": request.POST,
    }
    response = render_private(request, "account/team.html", context)
    response.status_code = status
    return response
