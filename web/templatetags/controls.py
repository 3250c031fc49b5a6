"""Links above a table and in its head. Each search has its own, so that they are drawn in bulk."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from web.params.columns import Heading
from web.tables.filter_chips import Chip

register = template.Library()

_OFF = mark_safe(">")
_ON = mark_safe(' aria-current="true">')
_REMOVE = mark_safe(
    ' <span aria-hidden="true">×</span><span class="visually-hidden">, remove</span>'
)
_NUMERIC = mark_safe(' class="num"')
_NONE = mark_safe("")
_ARROWS = {
    "": _NONE,
    "ascending": mark_safe(' <span aria-hidden="true">↑</span>'),
    "descending": mark_safe(' <span aria-hidden="true">↓</span>'),
}
_SORTED = {
    direction: format_html(' aria-sort="{}"', direction) if direction else _NONE
    for direction in _ARROWS
}


@register.simple_tag
def chips(filters: Sequence[Chip]) -> SafeString:
    return format_html_join(
        "",
        '<a class="chip" id="{}" href="?{}" hx-get="?{}"{}{}{}</a>',
        (
            (
                *(chip.id, chip.query, chip.query, _ON if chip.on else _OFF, chip.label),
                _REMOVE if chip.on else _NONE,
            )
            for chip in filters
        ),
    )


@register.simple_tag
def column_headings(columns: Sequence[Heading]) -> SafeString:
    return mark_safe("".join(map(_heading, columns)))  # noqa: S308 - cells that are escaped


def _heading(column: Heading) -> SafeString:
    numeric = _NUMERIC if column.numeric else _NONE
    if not column.key:
        heading = '<th scope="col" data-key="{}"{}>{}</th>'
        return format_html(heading, column.name, numeric, column.label)
    return format_html(
        '<th scope="col" data-key="{}"{}{}><a id="by-{}" href="?{}" hx-get="?{}">{}{}</a></th>',
        column.key,
        numeric,
        _SORTED[column.direction],
        column.key,
        column.query,
        column.query,
        column.label,
        _ARROWS[column.direction],
    )
