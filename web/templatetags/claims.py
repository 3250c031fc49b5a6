"""The claims beside a figure: its source, closed, with every claim of it inside."""

from collections.abc import Mapping

from django import template
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from web.reads.prices import Dispute
from web.tables.claims import ClaimedFigure

register = template.Library()


@register.simple_tag
def claims(claimed: Mapping[str, ClaimedFigure], *keys: str) -> SafeString:
    """Of those of the figures that any source states; "" without one."""
    figures = [claimed[key] for key in keys if key in claimed]
    if not figures:
        return mark_safe("")
    html = get_template("models/claimed.html").render({"figures": figures})
    return mark_safe(html)  # noqa: S308 - escaped by the template


@register.simple_tag
def capability_claims(claimed: Mapping[str, ClaimedFigure]) -> SafeString:
    """Of all capabilities that sources state, those of which they differ first; "" without one."""
    stated = [figure for key, figure in claimed.items() if key.startswith("capability.")]
    if not stated:
        return mark_safe("")
    figures = sorted(stated, key=lambda figure: (not figure.differ, figure.label))
    context = {"figures": figures, "differ": sum(bool(figure.differ) for figure in figures)}
    html = get_template("models/claimed_capabilities.html").render(context)
    return mark_safe(html)  # noqa: S308 - escaped by the template


def disputed(dispute: Dispute | None) -> SafeString:
    """A dot that leads to every claim of a cell's figure."""
    if dispute is None:
        return mark_safe("")
    return format_html(
        '<a class="differs" href="{}" data-claims title="{}">'
        '<span class="visually-hidden">, {}</span></a>',
        dispute.address,
        dispute.words,
        dispute.words,
    )
