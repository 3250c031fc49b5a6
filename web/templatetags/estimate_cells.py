"""Parts of the estimate's rows that come in hundreds: each is rendered once for its equals."""

from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pricing.estimate import CostShare
from web.format.figures import plain

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def stacked(shares: tuple[CostShare, ...]) -> SafeString:
    bar = format_html_join(
        "",
        '<rect class="of-{}" x="{}" width="{}" height="6"/>',
        ((share.name, share.begin, share.percent) for share in shares),
    )
    return format_html(
        '<svg class="level slices" viewBox="0 0 100 6" preserveAspectRatio="none" '
        'aria-hidden="true">{}</svg>',
        bar,
    )


@register.simple_tag
@lru_cache(maxsize=4096)
def named(shares: tuple[CostShare, ...]) -> SafeString:
    return format_html_join(
        " ",
        '<span class="slice of-{}">{} {} %</span>',
        ((share.name, share.name, share.percent) for share in shares),
    )


@register.simple_tag
@lru_cache(maxsize=128)
def level(percent: int) -> SafeString:
    return format_html(
        '<svg class="level" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        percent,
    )


@register.simple_tag
@lru_cache(maxsize=4096)
def rating_cell(rating: Decimal | None) -> SafeString:
    if rating is None:
        return mark_safe('<td class="num rating faint">—</td>')
    return format_html(
        '<td class="num rating" data-rating="{}">{}</td>', plain(rating), f"{rating:,.0f}"
    )
