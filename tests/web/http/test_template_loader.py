from pathlib import Path

import pytest

from web.http.template_loader import compact

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("<div>\n  <p>a</p>\n</div>\n", "<div><p>a</p></div>"),
        ("<p>\n  a\n  b\n</p>", "<p>a b</p>"),
        ("<b>a</b>\n<i>b</i>", "<b>a</b> <i>b</i>"),
        ("<b>a</b> <i>b</i>", "<b>a</b> <i>b</i>"),
        ('<a\n  class="x"\n  href="?{{ q }}">a</a>', '<a class="x" href="?{{ q }}">a</a>'),
        ("<td>\n  {% if x %}\n    a\n  {% endif %}\n</td>", "<td>{% if x %}a{% endif %}</td>"),
        (
            "{% if x %}\n  <b>a</b>\n{% endif %}\n<i>b</i>",
            "{% if x %}<b>a</b> {% endif %} <i>b</i>",
        ),
        ("<p>a</p>\n{% if x > 1 %}\n<b>b</b>", "<p>a</p>{% if x > 1 %}<b>b</b>"),
        (
            "<p>\n  {% for x in xs %}\n    <b>a</b>\n  {% endfor %}\n</p>",
            "<p>{% for x in xs %}<b>a</b> {% endfor %}</p>",
        ),
        (
            "<ul>\n  {% for x in xs %}\n    <li>a</li>\n  {% endfor %}\n</ul>",
            "<ul>{% for x in xs %}<li>a</li>{% endfor %}</ul>",
        ),
        ('<p title="a > b">\n  a</p>', '<p title="a > b">a</p>'),
        ("<pre>\n a\n  b</pre>", "<pre>\n a\n  b</pre>"),
        ("<textarea>\n{{ a }}</textarea>\n", "<textarea>\n{{ a }}</textarea>"),
        (
            "<p>{% if x %}\n  a\n{% else %}\n  b\n{% endif %}</p>",
            "<p>{% if x %}a{% else %}b{% endif %}</p>",
        ),
        (
            "a{% if x %}\n<p>b</p>\n{% else %}\nc\n{% endif %}\nd",
            "a{% if x %}<p>b</p>{% else %} c {% endif %} d",
        ),
        ("{# note #}\n<b>a</b>\nb", "{# note #}<b>a</b> b"),
    ],
)
def test_only_whitespace_that_a_browser_draws_is_left(source, written):
    assert compact(source) == written


def test_compacting_twice_changes_nothing():
    for path in TEMPLATES.rglob("*.html"):
        once = compact(path.read_text())
        assert compact(once) == once, path
