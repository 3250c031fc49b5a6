import re
from time import perf_counter

import pytest

from web.markdown import LONGEST, plain, questions, render

SAFE = re.compile(
    r'</?(p|h[3-6]|ul|ol|li|blockquote|pre|code|em|strong|thead|tbody|tr|td|th|table|br|hr)( class="num")?>'
    r'|<a( href="(https?://|mailto:)[^"<>]*")?( title="[^"<>]*")? rel="nofollow noopener">|</a>'
    r'|<ol start="\d+">|<div class="scroll" tabindex="0" role="region" aria-label="Table">|</div>'
)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>\n"),
        ("# One\n\n### Three\n\n###### Six", "<h3>One</h3>\n<h5>Three</h5>\n<h6>Six</h6>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        (
            '[x](https://a.example "t")',
            '<p><a href="https://a.example" title="t" rel="nofollow noopener">x</a></p>\n',
        ),
        ("[m](mailto:a@b.example)", '<p><a href="mailto:a@b.example" rel="nofollow noopener">m</a></p>\n'),
    ],
)
def test_markdown_becomes_html_under_the_pages_own_headings(text, html):
    assert render(text) == html


def test_a_table_scrolls_and_its_figures_stand_to_the_right():
    html = render("| a | b |\n|---|--:|\n| x | 1 |")
    assert html.startswith('<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>')
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
        "a" * 10_000_000,
    ],
    ids=lambda bomb: f"{bomb[:6]!r} and so on",
)
def test_no_text_takes_long_or_grows_much(bomb):
    start = perf_counter()
    html = render(bomb)
    assert perf_counter() - start < 2
    assert len(html) < 20 * LONGEST


def test_what_is_past_the_longest_text_is_left_out():
    assert render("a" * LONGEST + "b") == f"<p>{'a' * LONGEST}</p>\n"


def test_questions_are_headings_of_the_third_rank_with_answers_below():
    text = (
        "Before.\n\n### How much?\n\nTen *dollars*.\n\n- a\n\n```\n### no question\n```\n"
        "\n### Why? ###\r\nSo.\n### Unanswered\n\n"
    )
    assert questions(text) == [
        ("How much?", "Ten *dollars*.\n\n- a\n\n```\n### no question\n```"),
        ("Why?", "So."),
    ]
    assert questions("no question at all") == []


def test_plain_words_are_left_of_a_text():
    assert plain("a **b** <i>\n\n- x\n- [y](https://a.example) & z") == "a b <i> x y & z"
