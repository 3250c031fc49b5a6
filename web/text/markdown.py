"""The Markdown that editors write, as HTML that can do no harm.

Pure: text in, safe HTML out. CommonMark with tables; what is HTML in the source is shown as it is
typed. What would make a page huge is bounded while the text is read, and the bounds that a text
meets are told.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote, list_block, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# More than any of these texts needs; what is past it is left out, so that no text is slow to
# render.
LONGEST = 20_000
# Tables are filled up to the width of their first row, so a short text can ask for a great many
# cells.
MOST_COLUMNS = 24
MOST_CELLS = 1_200
# How many blocks may stand inside each other; a list in a list is two deeper.
DEEPEST = 20
# One address can be named by many links: this is what all of them may add up to.
MOST_ADDRESSES = 2 * LONGEST
# The page's own headings are of the first and second rank, and HTML has six.
FIRST_RANK, LAST_RANK = 3, 6

# What is told where a text meets a bound.
_TOO_LONG = f"Only the first {LONGEST:,} characters are shown, and a longer text cannot be saved."
_TOO_WIDE = f"A table of more than {MOST_COLUMNS} columns is shown as it is typed."
_TOO_MANY = f"The tables of a text hold {MOST_CELLS:,} cells in all; further rows are shown as they are typed."
_TOO_DEEP = f"Lists are {DEEPEST // 2} deep at most, quotations {DEEPEST}; what is deeper is shown as it is typed."
_UNANSWERED = "A question is shown where it has both words and an answer; at least one has not."
_TOO_LINKED = (
    f"Links past {MOST_ADDRESSES:,} characters of addresses are shown as words that lead nowhere."
)

_TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
    ),
    *("a", "table", "thead", "tbody", "tr", "th", "td", "div"),
}
# Classes and roles are ours alone: no Markdown of an editor can state any.
_ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "th": {"class"},
    "td": {"class"},
}
_SCHEMES = {"http", "https", "mailto"}
_OUTWARD = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

Rule = Callable[[StateBlock, int, int, bool], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer: `asked` and `answer` as HTML, and both as words alone."""

    asked: SafeString
    asked_plain: str
    answer: SafeString
    answer_plain: str


@dataclass(frozen=True, slots=True)
class Written:
    """A text as a page shows it. `notes` say in sentences what is not shown as the text asks for.

    `questions` are there for a text of questions alone; `html` is then what stands before the
    first.
    """

    html: SafeString
    questions: tuple[Question, ...]
    notes: tuple[str, ...]


def render(text: str) -> SafeString:
    """HTML of a text in Markdown: headings from h3 down, tables that scroll, no images, no HTML of
    its own.

    Links lead to http, https and mailto only, and search engines do not follow them. Characters
    past 20,000 are left out.
    """
    return written(text).html


def written(text: str) -> Written:
    """A text in Markdown as HTML, and what of it is not shown as it asks for."""
    return _written(_shown(text), is_long(text))


def written_faq(text: str) -> Written:
    """A text of `### question` headings with answers below, and what stands before the first of
    them."""
    return _written_faq(_shown(text), is_long(text))


def is_long(text: str) -> bool:
    """Whether a text has more characters than are shown; the end of a line counts as one."""
    return length(text) > LONGEST


def length(text: str) -> int:
    return len(text) - text.count("\r\n")


def plain(html: str) -> str:
    """HTML of ours as words alone, for programs that show none of its looks."""
    return " ".join(unescape(nh3.clean(html.replace("><", "> <"), tags=set())).split())


def _shown(text: str) -> str:
    return text[: 2 * LONGEST].replace("\r\n", "\n")[:LONGEST]


@lru_cache(maxsize=256)
def _written(text: str, cut: bool) -> Written:
    reading = _Reading()
    html = _html(_read(text, reading), reading)
    return Written(html, (), reading.told(cut))


@lru_cache(maxsize=256)
def _written_faq(text: str, cut: bool) -> Written:
    reading = _Reading()
    tokens = _read(text, reading)
    starts = [place for place, token in enumerate(tokens) if _asks(token)]
    parts = (
        _question(tokens[start:end], reading) for start, end in pairwise([*starts, len(tokens)])
    )
    found = tuple(part for part in parts if part)
    before = _html(tokens[: starts[0]] if starts else tokens, reading)
    return Written(before, found, reading.told(cut))


def _asks(token: Token) -> bool:
    return token.type == "heading_open" and token.markup == "###" and token.level == 0


def _question(tokens: Sequence[Token], reading: "_Reading") -> Question | None:
    """Of a heading (its opening, its words, its closing) and what follows it."""
    asked, answer = _html(tokens[1:2], reading), _html(tokens[3:], reading)
    if not asked.strip() or not answer.strip():
        reading.note(_UNANSWERED)
        return None
    return Question(asked, plain(asked), answer, plain(answer))


# Reading ----------------------------------------------------------------------------------------


class _Reading:
    """What one text has used of what all of it may use, and what is told of it."""

    def __init__(self) -> None:
        self.cells = 0
        self.addresses = 0
        self.notes: dict[str, None] = {}

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    def told(self, cut: bool) -> tuple[str, ...]:
        return (*((_TOO_LONG,) if cut else ()), *self.notes)


def _read(text: str, reading: _Reading) -> list[Token]:
    return _MARKDOWN.parse(text, {"reading": reading})


def _html(tokens: Sequence[Token], reading: _Reading) -> SafeString:
    _rank_headings(tokens)
    html = nh3.clean(
        str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"reading": reading})),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        attribute_filter=_only_outward,
    )
    return mark_safe(html)  # noqa: S308 - what nh3 lets through


def _only_outward(tag: str, name: str, value: str) -> str | None:
    """Links lead out of this site, or nowhere:

    what a relative one leads to depends on the page it is on.
    """
    return None if name == "href" and not _OUTWARD.match(value) else value


def _rank_headings(tokens: Sequence[Token]) -> None:
    """The highest heading that is used comes right below the page's own, and none skips a rank."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    above = FIRST_RANK - 1
    for token in tokens:
        if token.type == "heading_open":
            above = min(used.index(token.tag) + FIRST_RANK, above + 1, LAST_RANK)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{above}"


# The bounds -------------------------------------------------------------------------------------


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table of as many cells as there may be; `silent` asks only whether one begins here."""
    if not table(state, start, end, True):
        return False
    reading: _Reading = state.env["reading"]
    columns = _line(state, start + 1).strip().strip("|").count("|") + 1
    rows = (MOST_CELLS - reading.cells) // columns
    if columns > MOST_COLUMNS or rows < 1:
        reading.note(_TOO_WIDE if columns > MOST_COLUMNS else _TOO_MANY)
        return False
    return silent or _read_table(state, start, end, columns, rows)


def _read_table(state: StateBlock, start: int, end: int, columns: int, rows: int) -> bool:
    """The head, the line below it and the rows that there is room for."""
    last = min(end, start + rows + 1)
    table(state, start, last, False)
    reading: _Reading = state.env["reading"]
    reading.cells += columns * (state.line - start - 1)
    if state.line == last < end and _goes_on(state, last, end):
        reading.note(_TOO_MANY)
    return True


def _goes_on(state: StateBlock, line: int, end: int) -> bool:
    """Whether a line would be one more row of the table above it."""
    ending = (rule(state, line, end, True) for rule in state.md.block.ruler.getRules("blockquote"))
    return state.sCount[line] >= state.blkIndent and not state.isEmpty(line) and not any(ending)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _not_too_deep(rule: Rule) -> Rule:
    """A rule for blocks that hold blocks, which past the deepest leaves a text as it is typed."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if state.level < DEEPEST:
            return rule(state, start, end, silent)
        if rule(state, start, end, True):
            state.env["reading"].note(_TOO_DEEP)
        return False

    return bounded


def _bound_links(state: StateCore) -> None:
    reading: _Reading = state.env["reading"]
    for token in _links(state.tokens):
        reading.addresses += len(str(token.attrs.get("href", ""))) + len(
            str(token.attrs.get("title", ""))
        )
        if reading.addresses > MOST_ADDRESSES:
            token.attrs = {}
            reading.note(_TOO_LINKED)


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    return (
        child for token in tokens for child in token.children or () if child.type == "link_open"
    )


# The looks --------------------------------------------------------------------------------------


def _align_by_class(state: StateCore) -> None:
    """Columns that the Markdown aligns to the right hold figures; the style sheet knows them by a
    class."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            to_right = "right" in str(token.attrs.pop("style", ""))
            if to_right:
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
    # A quotation in the deepest list is two deeper, and its words one more: nothing is dropped
    # unseen.
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST + 4})
    markdown.enable("table").disable("image")
    markdown.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    markdown.block.ruler.at(
        "list", _not_too_deep(list_block), {"alt": ["paragraph", "reference", "blockquote"]}
    )
    markdown.block.ruler.at(
        "blockquote",
        _not_too_deep(blockquote),
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    markdown.core.ruler.push("bound_links", _bound_links)
    markdown.core.ruler.push("align_by_class", _align_by_class)
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    return markdown


_MARKDOWN = _make()
