"""Amounts of money: rounded in print, exact in hover text and for screen readers."""

from decimal import Decimal

from django import template
from django.utils.html import format_html

from web.format.figures import money, money_exact

register = template.Library()


@register.simple_tag
def amount(value: Decimal, currency: str = "USD") -> str:
    short, exact = money(value, currency), money_exact(value, currency)
    if short == exact:
        return short
    spoken = format_html('<span class="visually-hidden">, exactly {}</span>', exact)
    return format_html('<span title="Exactly {}">{}{}</span>', exact, short, spoken)
