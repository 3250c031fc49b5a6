"""The Markdown that editors write, as HTML that can do no harm.

Pure: text in, safe HTML out. CommonMark with tables; what is HTML in the source is shown as it is typed.
"""

import re
from functools import lru_cache
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# More than any of these texts needs; what is past it is left out, so that no text is slow to render.
LONGEST = 20_000
# How many blocks may stand inside each other; what is deeper is left out.
DEEPEST = 12
# The page's own headings are of the first and second rank.
FIRST_RANK = 3

_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong"),
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


def render(text: str) -> SafeString:
    """HTML of a text in Markdown: headings from h3 down, tables that scroll, no images, no HTML of its own.

    Links lead to http, https and mailto only, and search engines do not follow them. Characters past
    20,000 are left out.
    """
    return _rendered(text[:LONGEST])


def questions(text: str) -> list[tuple[str, str]]:
    """The pairs of a text that holds `### question` headings with answers below, both in Markdown.

    What stands before the first question is no answer and is left out, as is a question without one.
    """
    lines = text[:LONGEST].replace("\r\n", "\n").split("\n")
    starts = [token.map for token in _MARKDOWN.parse("\n".join(lines)) if token.map and _asks(token)]
    ends = [*(start for start, _ in starts), len(lines)][1:]
    pairs = [
        (lines[start].strip("# \t"), "\n".join(lines[answer:end]).strip())
        for (start, answer), end in zip(starts, ends, strict=True)
    ]
    return [(asked, answered) for asked, answered in pairs if asked and answered]


def _asks(token: Token) -> bool:
    return token.type == "heading_open" and token.markup == "###" and token.level == 0


def plain(text: str) -> str:
    """A text in Markdown as words alone, for programs that show none of its looks."""
    return " ".join(unescape(nh3.clean(render(text).replace("><", "> <"), tags=set())).split())


@lru_cache(maxsize=256)
def _rendered(text: str) -> SafeString:
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
        attribute_filter=_only_outward,
    )
    return mark_safe(html)  # noqa: S308 - what nh3 lets through


def _only_outward(tag: str, name: str, value: str) -> str | None:
    """Links lead out of this site, or nowhere: what a relative one leads to depends on the page it is on."""
    return None if name == "href" and not _OUTWARD.match(value) else value


def _shift_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + FIRST_RANK - 1)}"


def _align_by_class(state: StateCore) -> None:
    """Columns that the Markdown aligns to the right hold figures; the style sheet knows them by a class."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            to_right = "right" in str(token.attrs.pop("style", ""))
            if to_right:
                token.attrs["class"] = "num"


def _open_table(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'


def _close_table(
    renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object
) -> str:
    return "</table></div>\n"


def _make() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    markdown.enable("table").disable("image")
    markdown.core.ruler.push("shift_headings", _shift_headings)
    markdown.core.ruler.push("align_by_class", _align_by_class)
    markdown.add_render_rule("table_open", _open_table)
    markdown.add_render_rule("table_close", _close_table)
    return markdown


_MARKDOWN = _make()
