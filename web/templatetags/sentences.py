"""Sentences of pieces, some of which are links."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from web.text.facts import Piece, Sentence

register = template.Library()


@register.simple_tag
def sentence(pieces: Sentence) -> SafeString:
    return mark_safe("".join(map(_piece, pieces)))  # noqa: S308 - pieces that are escaped


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    return f'<a class="link" href="{escape(piece.href)}">{text}</a>' if piece.href else text
