import re
import sys

import pytest

from web.text.markdown import (
    DEEPEST,
    LARGEST,
    LONGEST,
    length,
    plain,
    render,
    written,
    written_faq,
)

SAFE = re.compile(
    r"</?(p|h[3-6]|ul|ol|li|blockquote|pre|code|em|strong|thead|tbody|tr|td|th|table|br|hr)"
    r'( class="num")?>'
    r'|<a( href="(https?://|mailto:)[^"<>]*")?( title="[^"<>]*")? rel="nofollow noopener">|</a>'
    r'|<ol start="\d+">|<div class="scroll" tabindex="0" role="region" aria-label="Table">|</div>'
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>\n"),
        ("# One\n\n### Three\n\n###### Six", "<h3>One</h3>\n<h4>Three</h4>\n<h5>Six</h5>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        (
            '[x](https://a.example "t")',
            '<p><a href="https://a.example" title="t" rel="nofollow noopener">x</a></p>\n',
        ),
        (
            "[m](mailto:a@b.example)",
            '<p><a href="mailto:a@b.example" rel="nofollow noopener">m</a></p>\n',
        ),
    ],
)
def test_markdown_becomes_html_under_the_pages_own_headings(text, html):
    assert render(text) == html


def test_a_table_scrolls_and_its_figures_stand_to_the_right():
    html = render("| a | b |\n|---|--:|\n| x | 1 |")
    assert html.startswith(
        '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    )
    assert html.rstrip().endswith("</table></div>")
    assert '<th class="num">b</th>' in html
    assert "<td>x</td>" in html
    assert '<td class="num">1</td>' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example></sCrIpT>",
        "<svg onload=alert(1)>",
        "<svg/onload=alert(1)//",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/pixel.png)",
        '<a href="https://a.example" onclick="alert(1)">x</a>',
        "<style>body { display: none }</style>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "[x](//evil.example)",
        "[x](/admin/)",
        "[x](\\\\evil.example)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](https://a.example "<img src=x onerror=alert(1)>")',
        "[x](https://a.example '\" onmouseover=\"alert(1)')",
        '[x](https://a.example/"onmouseover="alert(1))',
        "`<script>alert(1)</script>`",
        "```html\n<script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        "| <script> |\n|---|\n| <svg onload=alert(1)> |",
        "# <script>alert(1)</script>",
        "*<b onmouseover=alert(1)>*",
        "<!-- --><script>alert(1)</script>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\x00<script>\x00alert(1)</script>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    ],
)
def test_nothing_but_harmless_tags_comes_out(text):
    html = render(text)
    assert re.findall(r"<[^>]*>", SAFE.sub("", html)) == []
    assert "href=" not in html or 'href="https://a.example' in html or 'href="https://evil' in html
    assert not re.search(r'href="(?!https?://|mailto:)', html)


# Functions called for one text; the benchmarks measure the time.
MOST_CALLS = 200 * LONGEST


def calls_in(work):
    """How many functions `work` calls: the same on every machine, however busy it is."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    profiler = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(profiler)
    return calls


@pytest.mark.parametrize(
    "bomb",
    [
        ">" * 100_000,
        "> " * 50_000 + "x",
        "- " * 50_000 + "x",
        "".join(f"{'  ' * depth}- x\n" for depth in range(300)),
        "[" * 100_000,
        "![" * 50_000,
        "[a](" * 25_000,
        "*a_" * 30_000,
        "**a" * 30_000,
        "`a" * 50_000,
        "<" * 100_000,
        "<!--" * 25_000,
        "&" * 100_000,
        "\\" * 100_000,
        "[a]: b\n" * 15_000,
        "|a" * 50_000 + "\n" + "|-" * 50_000 + "\n",
        "|" * 500 + "\n" + "|-" * 500 + "|\n" + "x\n" * 10_000,
        "|a|b|c|\n|-|-|-|\n" + "|x|y|z|\n" * 20_000,
        # Short rows are filled up to the width of the first, in one table or in many.
        ("|a" * 300 + "\n" + "|-" * 300 + "\n" + "a\n" * 217) * 12,
        ("|a" * 600 + "\n" + "|-" * 600 + "\n" + "a\n" * 8_000),
        ("|a" * 24 + "\n" + "|-" * 24 + "\n" + "a\n" * 40 + "\n") * 100,
        ("> |a|b\n> -|-\n" + "> a\n" * 3 + "\n") * 1_000,
        ("### Q\n" + "|a" * 24 + "\n" + "|-" * 24 + "\n" + "a\n" * 40 + "\n") * 100,
        # One long address under many links.
        f"[a]: https://a.example/{'x' * 9_000}\n\n" + "[a] " * 3_000,
        f"[a]: https://a.example/{'é' * 9_000}\n\n" + "[a] " * 3_000,
        f"[a]: https://a.example '{'x' * 9_000}'\n\n" + "[a] " * 3_000,
        "-\n+\n" * 10_000,
        "2)\n3.\n" * 5_000,
        ("> " * 19 + "x\n\n") * 1_000,
        ("- " * 9 + "> x\n\n") * 1_000,
        "<ab:>" * 5_000,
        "### a\nb\n" * 5_000,
        "a" * 10_000_000,
    ],
    ids=lambda bomb: f"{bomb[:6]!r} and so on",
)
def test_no_text_takes_many_steps_or_makes_a_large_page(bomb):
    assert calls_in(lambda: written(bomb)) < MOST_CALLS
    assert calls_in(lambda: written_faq(bomb)) < MOST_CALLS
    text, faq = written(bomb), written_faq(bomb)
    assert len(text.html) <= LARGEST
    assert len(faq.html) + sum(len(q.title + q.answer) for q in faq.questions) <= LARGEST


def test_what_is_past_the_longest_text_is_left_out_with_a_note():
    assert render("a" * LONGEST + "b") == f"<p>{'a' * LONGEST}</p>\n"
    for size, told in ((LONGEST - 1, 0), (LONGEST, 0), (LONGEST + 1, 1)):
        assert len(written("a" * size).notes) == told
    assert "Only the first 20,000 characters" in written_faq("a" * (LONGEST + 1)).notes[0]


def test_the_end_of_a_line_counts_once_however_it_is_sent():
    text = "a\r\n" * (LONGEST // 2)
    assert length(text) == LONGEST
    assert written(text).notes == ()
    assert render(text).count("a") == LONGEST // 2


# Bounds -----------------------------------------------------------------------------------------


def table(columns, rows):
    """A table in Markdown of so many columns and rows, its head counted; short rows are filled."""
    return "|a" * columns + "|\n" + "|-" * columns + "|\n" + "x\n" * (rows - 1)


def cells(html):
    return html.count("<th") - html.count("<thead") + html.count("<td")


def is_source(text, result):
    return result.html == f"<pre>{text}</pre>\n" and "shown as it is typed" in result.notes[-1]


# A table's cells are counted with those of the line below its head.
MOST_CELLS = LARGEST // len("<td></td>")


@pytest.mark.parametrize("tables", [1, 2, 5])
def test_tables_of_more_cells_than_a_page_can_show_are_shown_as_source(tables):
    columns = 100
    rows = MOST_CELLS // columns // tables - 1
    most = f"{table(columns, rows)}\n" * tables
    assert "cells" not in str(written(most).notes)
    more = f"{table(columns, rows + 1)}x\n\n" * tables
    assert is_source(more, written(more))


def test_a_usual_table_is_shown_whole():
    result = written(table(12, 100))
    assert (cells(result.html), result.notes) == (1200, ())


def nested_list(depth):
    return "".join(f"{'  ' * level}- level {level}\n" for level in range(1, depth + 1))


def nested_quotation(depth):
    return f"{'> ' * depth}level {depth}"


@pytest.mark.parametrize(
    ("nested", "tag", "deepest"),
    [(nested_list, "<ul>", DEEPEST // 2), (nested_quotation, "<blockquote>", DEEPEST)],
)
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_no_level_of_a_list_or_quotation_is_lost(nested, tag, deepest, more):
    text = nested(deepest + more)
    result = written(text)
    assert f"level {deepest + more}" in result.html
    if more > 0:
        assert is_source(text.replace(">", "&gt;"), result)
    else:
        assert result.html.count(tag) == deepest + more
        assert result.notes == ()


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_links_whose_addresses_make_a_page_too_large_are_shown_as_source(more):
    address = "https://a.example/".ljust(5_000, "x")
    links = f"[a]: {address}\n\n" + "[a] " * 39
    text = links + "b" * (LARGEST - len(render(f"{links}b")) + 1 + more)
    result = written(text)
    assert bool(result.notes) == (more > 0)
    assert result.html.count("<a ") == (0 if more > 0 else 39)
    if more > 0:
        assert is_source(text, result)


# Headings and questions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("## a", "3"),
        ("## a\n## b\n### c", "334"),
        ("#### a\n## b\n#### c", "334"),
        ("# a\n###### b\n### c", "344"),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", "345666"),
        ("a\n===\nb\n---", "34"),
    ],
)
def test_headings_follow_the_pages_own_and_skip_no_rank(text, ranks):
    html = render(text)
    assert re.findall(r"<h(\d)>", html) == list(ranks)
    assert re.findall(r"</h(\d)>", html) == list(ranks)


def pairs(text):
    return [(each.title, each.answer_plain) for each in written_faq(text).questions]


def test_questions_are_headings_of_the_third_rank_with_answers_below():
    text = (
        "Before.\n\n### How much?\n\nTen *dollars*.\n\n- a\n\n```\n### no question\n```\n"
        "\n### Why? ###\r\nSo.\n### Unanswered\n\n"
    )
    assert pairs(text) == [("How much?", "Ten dollars. a ### no question"), ("Why?", "So.")]
    result = written_faq(text)
    assert result.html == "<p>Before.</p>\n"
    assert result.notes == (
        "A question is shown where it has both words and an answer; at least one has not.",
    )


def test_a_text_without_a_question_is_all_there():
    result = written_faq("## How much?\n\nTen.")
    assert result.html == "<h3>How much?</h3>\n<p>Ten.</p>\n"
    assert (result.questions, result.notes) == ((), ())


def test_a_question_is_markdown_too_and_words_for_programs():
    (each,) = written_faq("### Is it **bold** and `C#`? <script>\n\n*So*.").questions
    assert each.title == "Is it <strong>bold</strong> and <code>C#</code>? &lt;script&gt;"
    assert (each.title_plain, each.answer_plain) == ("Is it bold and C#? <script>", "So.")
    assert pairs("### Knows C#\n\nYes.") == [("Knows C#", "Yes.")]


def test_an_answer_has_headings_below_the_pages_own_and_the_links_of_the_text():
    (each,) = written_faq("### Q\n\n##### More\n\n[a]\n\n[a]: https://a.example").questions
    assert "<h3>More</h3>" in each.answer
    assert 'href="https://a.example"' in each.answer


def test_plain_words_are_left_of_a_text():
    assert plain(render("a **b** <i>\n\n- x\n- [y](https://a.example) & z")) == "a b <i> x y & z"
