"""Template filters for figures: see `web.format.figures`."""

from django import template

from web.format import figures

register = template.Library()

for show in (
    figures.money,
    figures.money_exact,
    figures.tokens,
    figures.thousands,
    figures.partial_date,
    figures.day_in_full,
):
    register.filter(show)
