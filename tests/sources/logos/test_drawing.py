import pytest
from defusedxml.ElementTree import fromstring

from sources.logos.drawing import LARGEST_FILE, Refused, symbol, symbol_of

CIRCLE = '<circle cx="8" cy="8" r="6"/>'


def svg(content: str, attributes: str = 'viewBox="0 0 16 16"') -> bytes:
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>'
    return f"{start}{content}</svg>".encode()


def test_a_drawing_in_one_colour_follows_the_theme():
    markup = symbol_of(svg(f'<g fill="#0A0A0A">{CIRCLE}</g><path d="M1 1h4" stroke="#0a0a0a"/>'))
    assert markup.startswith(' viewBox="0 0 16 16" fill="currentColor">')
    assert "0a0a0a" not in markup.lower()


def test_a_drawing_in_several_colours_keeps_them():
    markup = symbol_of(svg('<path d="M1 1h4" fill="#f00"/><path d="M1 9h4" fill="rgb(0, 0, 9)"/>'))
    assert 'fill="#f00"' in markup
    assert 'fill="rgb(0, 0, 9)"' in markup


def test_declarations_of_style_become_attributes():
    markup = symbol_of(svg('<path style="fill:none;stroke:#123;behavior:url(x)" d="M1 1h4"/>'))
    assert 'fill="none" stroke="currentColor"' in markup
    assert "style" not in markup


def test_inner_ids_are_prefixed_wherever_they_are_used():
    fade = '<linearGradient id="a"><stop offset="1" stop-color="#f00"/></linearGradient>'
    one = symbol_of(svg(f'<defs>{fade}</defs><path fill="url(#a)" d="M1 1h4"/>'))
    other = symbol_of(svg(f'<defs>{fade}</defs><path fill="url(#a)" d="M1 1h5"/>'))
    (name,) = {part.split('"')[0] for part in one.split(' id="')[1:]}
    assert name != "a"
    assert f"url(#{name})" in one
    assert f'id="{name}"' not in other


@pytest.mark.parametrize(
    "content",
    [
        f'{CIRCLE}<path d="M1 1" onclick="alert(1)" onload="alert(1)"/>',
        f'{CIRCLE}<path d="M1 1" fill="url(https://evil.example/x)"/>',
        f'{CIRCLE}<path d="M1 1" fill="url(data:image/png;base64,AAAA)"/>',
        f'{CIRCLE}<path d="M1 1" href="https://evil.example/" class="evil" data-x="evil"/>',
        f'{CIRCLE}<path d="javascript:alert(1)"/>',
        f'{CIRCLE}<path xmlns:x="http://www.w3.org/1999/xlink" x:href="//evil"/>',
        f'{CIRCLE}<path id="evil alert" d="M1 1"/>',
        f'{CIRCLE}<path d="M1 1" style="fill:expression(alert(1));background:url(//evil)"/>',
        f"{CIRCLE}<title>evil</title><metadata><evil/></metadata>",
        f'{CIRCLE}<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert("evil")</x:script>',
    ],
)
def test_what_could_run_load_or_style_is_left_out(content):
    markup = symbol_of(svg(content))
    assert CIRCLE.removesuffix("/>") in markup
    for word in ("alert", "evil", "data:", "href", "class", "style", "xlink", "on"):
        assert word not in markup.replace("icon", ""), word
    fromstring(symbol("a", markup))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (svg("<script>alert(1)</script>"), "needs <script>"),
        (svg(f"{CIRCLE}<style>*{{fill:red}}</style>"), "needs <style>"),
        (svg('<image href="https://evil.example/x.png"/>'), "needs <image>"),
        (svg(f'{CIRCLE}<use href="#a"/>'), "needs <use>"),
        (svg(f"{CIRCLE}<foreignObject/>"), "needs <foreignObject>"),
        (svg(f'<a href="https://evil.example/">{CIRCLE}</a>'), "needs <a>"),
        (svg(f'{CIRCLE}<animate attributeName="href"/>'), "needs <animate>"),
        (svg("<g/>"), "nothing in it is drawn"),
        (svg(CIRCLE, ""), "no size"),
        (svg("<g>" * 40 + CIRCLE + "</g>" * 40), "nested deeper"),
        (svg(CIRCLE * 500), "more than 300 elements"),
        (svg(f'<path d="{"M1 1h4" * 3000}"/>'), "at most 12,288 fit"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg(CIRCLE), "no plain XML"),
        (b"\xff\xfe\x00", "no plain XML"),
        (b"", "no plain XML"),
        (b'{"openai": {}}', "no plain XML"),
        (b"<html/>", "no SVG"),
        (b" " * (LARGEST_FILE + 1), "at most 65,536 are read"),
    ],
)
def test_what_cannot_be_drawn_safely_is_refused_with_its_reason(body, reason):
    with pytest.raises(Refused, match=reason):
        symbol_of(body)


def test_a_drawing_without_a_view_box_has_that_of_its_size():
    assert symbol_of(svg(CIRCLE, 'width="20px" height="10"')).startswith(' viewBox="0 0 20 10"')


def test_the_id_of_a_symbol_is_quoted():
    assert symbol('a"b', ">") == "<symbol id='a\"b'></symbol>"
