"""Cells of the model list alone, and the options of its selects."""

from collections.abc import Mapping
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from web.format.figures import tokens
from web.templatetags.cells import exact_limits, shows_all

register = template.Library()

SELECTED = SafeString(" selected")
UNKNOWN = "Unknown: no source states it"
UNMEASURED = "No traffic measured yet"


@register.simple_tag
@lru_cache(maxsize=8192)
def window(context: int | None, max_input: int | None, output: int | None) -> SafeString:
    """Cell of a context window, or of the most input where the window is unknown.

    Lists are long: the text for screen readers takes no element of its own.
    """
    if context or not max_input:
        return _limits(context, output)
    exact = f"{max_input:,} tokens in; the whole context is not stated"
    return format_html(
        '<td class="num limits" title="{}">{}<span class="unit"> in</span>{}</td>',
        f"{exact}, {output:,} tokens out" if output else exact,
        tokens(max_input),
        format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
    )


def _limits(context: int | None, output: int | None) -> SafeString:
    exact = exact_limits(context, output)
    if not exact:
        return format_html(
            '<td class="num limits" title="{}" aria-label="{}">—</td>', UNKNOWN, UNKNOWN
        )
    return format_html(
        '<td class="num limits" title="{}"{}>{}{}</td>',
        exact,
        ""
        if shows_all(context or 0) and shows_all(output or 0)
        else format_html(' aria-label="{}"', exact),
        tokens(context) if context else "—",
        format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
    )


@register.simple_tag
@lru_cache
def unmeasured(metric: str) -> SafeString:
    """Cell of a live metric without samples: a gap, never a zero."""
    return format_html(
        '<td class="num faint" data-metric="{}" title="{}" aria-label="{}">—</td>',
        metric,
        UNMEASURED,
        UNMEASURED,
    )


@register.simple_tag
def options(names: Mapping[str, str], chosen: str) -> SafeString:
    return _options(tuple(names.items()), chosen)


@lru_cache(maxsize=256)
def _options(names: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if value == chosen else "", name) for value, name in names),
    )
