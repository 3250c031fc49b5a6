"""Marks of creators and providers: a logo of the sprite, else a monogram."""

from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sources.logos.sprite import current_sprite
from web.format.marks import hue
from web.reads.monograms import monogram

register = template.Library()
kept = lru_cache(maxsize=8192)


@register.simple_tag
def mark(slug: str, name: str, kind: str = "providers") -> SafeString:
    """The logo of a provider or a creator, else its monogram, for use beside its name."""
    sprite = current_sprite()
    if sprite and (symbol := sprite.symbols[kind].get(slug)):
        return _logo(sprite.digest, symbol)
    return _monogram(slug, monogram(slug, name))


@kept
def _logo(digest: str, symbol: str) -> SafeString:
    return format_html(
        '<svg class="mark logo" aria-hidden="true"><use href="/logos/{}.svg#{}"/></svg>',
        digest,
        symbol,
    )


@kept
def _monogram(slug: str, text: str) -> SafeString:
    return format_html('<span class="mark h{}" aria-hidden="true">{}</span>', hue(slug), text)


@register.simple_tag
def marks(named: tuple[tuple[str, str], ...], count: int) -> SafeString:
    """Marks of the first few providers, by (slug, name), and the number of the others."""
    sprite = current_sprite()
    symbols = sprite.symbols["providers"] if sprite else {}
    shown = tuple(
        (slug, name, symbols.get(slug) or "", monogram(slug, name)) for slug, name in named
    )
    return _marks(shown, count, sprite.digest if sprite else "")


@kept
def _marks(shown: tuple[tuple[str, str, str, str], ...], count: int, digest: str) -> SafeString:
    more = count - len(shown)
    names = ", ".join(name for _, name, _, _ in shown) + (f" and {more} more" if more > 0 else "")
    squares = format_html_join(
        "",
        "{}",
        (
            (_small_logo(digest, symbol) if symbol else _small_monogram(slug, text),)
            for slug, _, symbol, text in shown
        ),
    )
    rest = format_html('<span class="more">+{}</span>', more) if more > 0 else ""
    return format_html(
        '<span class="marks" role="img" aria-label="{}" title="{}">{}{}</span>',
        names,
        names,
        squares,
        rest,
    )


def _small_logo(digest: str, symbol: str) -> SafeString:
    return format_html(
        '<svg class="mark small logo"><use href="/logos/{}.svg#{}"/></svg>', digest, symbol
    )


def _small_monogram(slug: str, text: str) -> SafeString:
    return format_html('<span class="mark small h{}">{}</span>', hue(slug), text)
