"""Cells of release dates and of lifecycle stages, each rendered once and kept for its equals."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.lifecycle import Lifecycle
from web.format.figures import partial_date
from web.reads.prices import Dispute
from web.templatetags.claims import disputed

kept = lru_cache(maxsize=8192)


@kept
def release(iso: str, *, own: bool, dispute: Dispute | None = None) -> SafeString:
    if not iso:
        return mark_safe(
            '<td class="date">'
            '<span class="faint" title="Unknown: no source states it">—</span></td>'
        )
    of_model = mark_safe(
        '<span class="sub" title="No source states a release date at this provider">'
        "of the model</span>"
    )
    return format_html(
        '<td class="date">{}{}{}</td>',
        partial_date(iso),
        "" if own else of_model,
        disputed(dispute),
    )


@kept
def lifecycle(stage: str, since: str, retired_on: str, gone: str) -> SafeString:
    if stage in (Lifecycle.LISTED, Lifecycle.ACTIVE) and not gone:
        title = "" if stage == Lifecycle.ACTIVE else "A source lists it; none states its stage"
        if retired_on and since:  # one line says when it ends
            since, title = "", f"{title}, {since}" if title else since.capitalize()
        shown = format_html(
            '<span class="quiet"{}>{}</span>{}',
            format_html(' title="{}"', title) if title else "",
            stage.capitalize(),
            format_html('<span class="sub">{}</span>', since) if since else "",
        )
    else:
        shown = format_html('<span class="tag warn">{}</span>', gone or stage.capitalize())
    retires = (
        format_html('<span class="sub">retires {}</span>', partial_date(retired_on))
        if retired_on and not gone
        else ""
    )
    return format_html('<td class="stage">{}{}</td>', shown, retires)
