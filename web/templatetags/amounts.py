"""Amounts of money in a page: to the cent for the eye, and exactly for who asks."""

from decimal import Decimal

from django import template
from django.utils.html import format_html

from web.format.figures import money, money_exact

register = template.Library()


@register.simple_tag
def amount(value: Decimal, currency: str = "USD") -> str:
    """Money as it is read at a glance; every digit stands in the hover text and is read aloud."""
    short, exact = money(value, currency), money_exact(value, currency)
    if short == exact:
        return short
    spoken = format_html('<span class="visually-hidden">, exactly {}</span>', exact)
    return format_html('<span title="Exactly {}">{}{}</span>', exact, short, spoken)
