"""A link from a public page to the admin's form of what it shows, for those who may change it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control

from web.http.editor_mark import is_editor, mark_editor
from web.pages.edited import object_at
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_private

LONGEST = 2000


@read_only
def edit_link(request: HtmxHttpRequest) -> HttpResponse:
    """The link for the page `at`; no content for a visitor who may not edit what it shows."""
    shown = None
    if is_editor(request):
        shown = object_at(request.GET.get("at", "")[:LONGEST], timezone.now())
    if shown and request.user.has_perm(shown.permission):
        context = {"form": reverse(shown.form, args=[shown.id])}
        return render_private(request, "edit_link.html", context)
    response = HttpResponse(status=204)
    patch_cache_control(response, private=True, no_store=True)
    mark_editor(request, response)
    return response
