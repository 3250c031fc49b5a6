"""Amounts of money: rounded in print, exact in hover text and for screen readers."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from web.format.figures import money, money_exact, plain, rate
from web.reads.prices import Price
from web.text.prices import WORDS

register = template.Library()


@register.simple_tag
def amount(value: Decimal, currency: str = "USD") -> str:
    short, exact = money(value, currency), money_exact(value, currency)
    if short == exact:
        return short
    spoken = format_html('<span class="visually-hidden">, exactly {}</span>', exact)
    return format_html('<span title="Exactly {}">{}{}</span>', exact, short, spoken)


def agreed(figure: Price) -> SafeString:
    """The visitor's own price below the list price: yours $1.00 at Example."""
    own = figure.agreed
    if own is None:
        return SafeString()
    word = WORDS[own.state] if own.amount is None or own.state != "priced" else ""
    at = f" at {own.where}" if own.where else ""
    until = f", agreed until {own.until}" if own.until else ", agreed"
    exact = word or money_exact(own.amount or Decimal(0), own.currency)
    return format_html(
        '<span class="sub yours" data-yours="{}" title="Yours{}: {}{}">yours {}{}</span>',
        "" if own.amount is None else plain(own.amount),
        at,
        exact,
        until,
        word.lower() or rate(own.amount or Decimal(0), own.currency),
        at,
    )
