"""Editors' Markdown as safe HTML: CommonMark with tables; HTML in the source is shown as typed.

Three bounds, each with a note for the editor: the length of the source, the depth of lists and
quotations, and the size of the HTML. A text beyond the last two is shown as its source.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Characters of a text that are shown; none needs more.
LONGEST = 20_000
# Tables are filled up to the width of their head, and one address can serve many links: a short
# text can make a large page. Characters of HTML, before it is sanitised.
LARGEST = 10 * LONGEST
# Blocks within blocks; a list in a list is two deeper. The parser drops what is deeper.
DEEPEST = 20
# The page itself has the first two ranks of headings, and HTML has six.
FIRST_RANK, LAST_RANK = 3, 6

_TOO_LONG = f"Only the first {LONGEST:,} characters are shown, and a longer text cannot be saved."
_AS_SOURCE = (
    "This text is shown as it is typed: its lists or quotations are more than "
    f"{DEEPEST // 2} deep, or its tables and links make more than {LARGEST:,} characters of HTML."
)
_UNANSWERED = "A question is shown where it has both words and an answer; at least one has not."

_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "a", "table", "thead", "tbody", "tr", "th", "td", "div"),
}
# Classes and roles are never from the text: Markdown cannot set any.
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "th": {"class"},
    "td": {"class"},
}
_SCHEMES = {"http", "https", "mailto"}
_OUTWARD = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_CONTAINERS = ("blockquote_open", "list_item_open")
# The line below the head of a table, in a list or quotation too.
_RULE = re.compile(r"[\s>*+:|-]*-[\s:|-]*")


class _TooLarge(Exception):
    """The HTML of a text would be deeper or larger than a page can show."""


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question with its answer, as HTML and as plain text."""

    title: SafeString
    title_plain: str
    answer: SafeString
    answer_plain: str


@dataclass(frozen=True, slots=True)
class Written:
    """A text as a page shows it. `notes` are sentences on parts that do not show as written.

    A text of questions has `questions`; `html` is then the part before the first.
    """

    html: SafeString
    questions: tuple[WrittenQuestion, ...]
    notes: tuple[str, ...]


def render(text: str) -> SafeString:
    """HTML of a text: headings from h3 down, tables that scroll, no images.

    Links lead to http, https and mailto only, with `nofollow`.
    """
    return written(text).html


def written(text: str) -> Written:
    return _written(_shown(text), cut=is_long(text), faq=False)


def written_faq(text: str) -> Written:
    """A text of `### question` headings with answers below, and what comes before the first."""
    return _written(_shown(text), cut=is_long(text), faq=True)


def is_long(text: str) -> bool:
    return length(text) > LONGEST


def length(text: str) -> int:
    """Characters of a text, a line end counted as one in either form."""
    return len(text) - text.count("\r\n")


def plain(html: str) -> str:
    return " ".join(unescape(nh3.clean(html.replace("><", "> <"), tags=set())).split())


def _shown(text: str) -> str:
    return text[: 2 * LONGEST].replace("\r\n", "\n")[:LONGEST]


@lru_cache(maxsize=256)
def _written(text: str, *, cut: bool, faq: bool) -> Written:
    notes = [_TOO_LONG] if cut else []
    questions: list[WrittenQuestion] = []
    try:
        tokens = _parse(text)
        starts = [place for place, token in enumerate(tokens) if faq and _is_question(token)]
        html = _html(tokens[: starts[0]] if starts else tokens)
        for start, end in pairwise([*starts, len(tokens)]):
            # A heading is three tokens: its opening, its words, its closing.
            title, answer = _html(tokens[start + 1 : start + 2]), _html(tokens[start + 3 : end])
            if title.strip() and answer.strip():
                questions.append(WrittenQuestion(title, plain(title), answer, plain(answer)))
            elif _UNANSWERED not in notes:
                notes.append(_UNANSWERED)
        if len(html) + sum(len(pair.title) + len(pair.answer) for pair in questions) > LARGEST:
            raise _TooLarge
    except _TooLarge:
        source = mark_safe(f"<pre>{escape(text)}</pre>\n")  # noqa: S308 - escaped
        return Written(source, (), (*notes, _AS_SOURCE))
    return Written(html, tuple(questions), tuple(notes))


def _is_question(token: Token) -> bool:
    return token.type == "heading_open" and token.markup == "###" and token.level == 0


def _parse(text: str) -> list[Token]:
    if _cells(text) * len("<td></td>") > LARGEST:
        raise _TooLarge
    tokens = _MARKDOWN.parse(text)
    # The parser drops the contents of these.
    if any(token.type in _CONTAINERS and token.level >= DEEPEST for token in tokens):
        raise _TooLarge
    return tokens


def _cells(text: str) -> int:
    """Upper bound of the table cells of a text: short rows are filled up to the width of the head.

    Counted before parsing, which takes seconds for a million of them.
    """
    cells = columns = 0
    for line in text.split("\n"):
        if not line.strip("> \t"):
            columns = 0
        elif _RULE.fullmatch(line):
            columns = max(columns, line.count("|") + 1)
        cells += columns
    return cells


def _html(tokens: Sequence[Token]) -> SafeString:
    _rank_headings(tokens)
    html = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    if len(html) > LARGEST:
        raise _TooLarge
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        attribute_filter=_only_outward,
    )
    return mark_safe(clean)  # noqa: S308 - sanitised by nh3


def _only_outward(tag: str, name: str, value: str) -> str | None:
    """Drop relative links: where they lead depends on the page that shows the text."""
    return None if name == "href" and not _OUTWARD.match(value) else value


def _rank_headings(tokens: Sequence[Token]) -> None:
    """Ranks start below the page's own headings, and none is skipped."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    above = FIRST_RANK - 1
    for token in tokens:
        if token.type == "heading_open":
            above = min(used.index(token.tag) + FIRST_RANK, above + 1, LAST_RANK)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{above}"


def _align_by_class(state: StateCore) -> None:
    """A class for right-aligned columns: the CSP allows no inline style."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and "right" in str(token.attrs.pop("style", "")):
            token.attrs["class"] = "num"


def _open_table(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'


def _close_table(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    return "</table></div>\n"


def _make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST + 1})
    markdown.enable("table").disable("image")
    markdown.core.ruler.push("align_by_class", _align_by_class)
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    return markdown


_MARKDOWN = _make()
