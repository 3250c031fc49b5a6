"""Template loader that drops the whitespace of one-tag-a-line sources.

Before compilation, a line break with its indentation becomes a space, or nothing beside a block
element, where browsers draw none. Pre, textarea and script are left as they are.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.template import Origin
from django.template.loaders import filesystem

# Elements beside which HTML ignores whitespace; `option` and the parts of an SVG draw none at all.
_BLOCKS = frozenset(
    {
        *("html", "head", "body", "title", "meta", "link", "script", "div", "section", "header"),
        *("footer", "nav", "main", "p", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "form", "fieldset", "details"),
        *("summary", "figure", "figcaption", "option", "select", "pre", "noscript", "svg", "rect"),
    }
)
_TAG_PART = r"""\{[%{\#].*?[%}\#]\}|"(?:\{[%{].*?[%}]\}|[^"])*"|'(?:\{[%{].*?[%}]\}|[^'])*'|[^<>]"""
_TOKEN = re.compile(
    rf"""(?P<raw><(?P<name>pre|textarea|script)\b.*?</(?P=name)>)
    |(?P<control>\{{[%\#].*?[%\#]\}})
    |(?P<tag></?[a-zA-Z](?:{_TAG_PART})*>)
    |(?P<space>\s*\n\s*)
    |(?P<text>\{{\{{.*?\}}\}}|.)""",
    re.DOTALL | re.VERBOSE,
)
# Template tags that draw nothing themselves. What comes before an opening one comes before each of
# its branches, and what follows a closing one follows each of them. A loop's end may be followed by
# its beginning.
_OPENING = ("if", "for", "with", "kept", "load", "extends", "{#")
_CLOSING = ("endif", "endwith", "endkept", "{#")
# Parts that are drawn elsewhere, or in the place of another: their ends are ends.
_PARTS = ("block", "endblock", "partialdef", "endpartialdef")


class _Token(NamedTuple):
    kind: str
    text: str

    @property
    def word(self) -> str:
        return "{#" if self.text.startswith("{#") else self.text[2:-2].split()[0]


class Loader(filesystem.Loader):
    """Django's file loader, for sources of one tag a line."""

    def get_contents(self, origin: Origin) -> str:
        return compact(super().get_contents(origin))


def compact(source: str) -> str:
    tokens = [_Token(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(source)]
    return "".join(_written(tokens, place) for place in range(len(tokens)))


def _written(tokens: Sequence[_Token], place: int) -> str:
    token = tokens[place]
    if token.kind == "tag":
        return re.sub(r"\s*\n\s*", " ", token.text)
    if token.kind != "space":
        return token.text
    before = next(_drawn(tokens, place, -1), None)
    after = next(_drawn(tokens, place, 1), None)
    return "" if _ignores_space(before) or _ignores_space(after) else " "


def _drawn(tokens: Sequence[_Token], place: int, step: int) -> Iterator[_Token]:
    """The tokens on one side of a place that draw something, the nearest first."""
    passed, begins, ends = (_CLOSING, "if", "endif") if step > 0 else (_OPENING, "endif", "if")
    depth = 0  # of the `if` whose other branches are passed over
    for token in tokens[place + 1 :] if step > 0 else reversed(tokens[:place]):
        word = token.word if token.kind == "control" else ""
        if depth:
            depth += (word == begins) - (word == ends)
        elif word in ("elif", "else"):
            depth = 1
        elif token.kind != "space" and word not in passed:
            yield token


def _ignores_space(token: _Token | None) -> bool:
    """Whether whitespace beside a token draws nothing; None is an end of the file."""
    if token is None or (token.kind == "control" and token.word in _PARTS):
        return True
    name = re.match(r"</?([a-zA-Z][\w-]*)", token.text) if token.kind in ("tag", "raw") else None
    return bool(name and name[1].lower() in _BLOCKS)
