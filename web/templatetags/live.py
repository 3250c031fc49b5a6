"""Cells of live figures: latency, throughput, uptime."""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web.format.figures import plain
from web.reads.live import LiveFigure
from web.text.live import UNMEASURED, amount, in_full, in_short

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=8192)
def live(metric: str, figure: LiveFigure | None) -> SafeString:
    """A figure, with its source and window as hover text and for screen readers.

    Without samples the cell is a gap, never a zero.
    """
    if figure is None:
        return format_html(
            '<td class="num live" data-metric="{}" data-samples="0" title="{}">'
            '<span aria-hidden="true">—</span><span class="visually-hidden">{}</span></td>',
            metric,
            UNMEASURED,
            UNMEASURED.lower(),
        )
    number, _, unit = amount(figure).rpartition(" ")
    return format_html(
        '<td class="num live" data-metric="{}" data-value="{}" data-source="{}"{} title="{}">{}'
        '<span class="unit"> {}</span><span class="visually-hidden">, {}</span></td>',
        metric,
        plain(figure.value),
        figure.source,
        "" if figure.samples is None else format_html(' data-samples="{}"', figure.samples),
        in_full(figure),
        number,
        unit,
        in_full(figure),
    )


@register.simple_tag
@lru_cache(maxsize=8192)
def live_short(metric: str, figure: LiveFigure | None) -> SafeString:
    """The cell of a list, which has room for the figure alone."""
    if figure is None:
        return format_html(
            '<td class="num faint" data-metric="{}" title="{}" aria-label="{}">—</td>',
            metric,
            UNMEASURED,
            UNMEASURED,
        )
    number, _, unit = amount(figure).rpartition(" ")
    return format_html(
        '<td class="num live" data-metric="{}" data-value="{}" data-source="{}"{} title="{}">{}'
        '<span class="unit"> {}</span><span class="visually-hidden">, {}</span></td>',
        metric,
        plain(figure.value),
        figure.source,
        "" if figure.samples is None else format_html(' data-samples="{}"', figure.samples),
        in_full(figure),
        number,
        unit,
        in_short(figure),
    )
