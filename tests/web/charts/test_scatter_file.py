from xml.etree import ElementTree

from web.charts.scatter import Axis, Point, dollars, frontier
from web.charts.scatter_file import DARK, HEIGHT, WIDTH, DrawingTexts, drawing_file

AXES = (Axis("price", "price", dollars), Axis("rating", "rating", "{:g}".format))
TEXTS = DrawingTexts(
    title="Price against <rating>",
    subtitle="2 models",
    legend=[(0, "OpenAI"), (3, "A & B")],
    source="Ratings: Arena leaderboard (CC BY 4.0), Oct 20, 2026",
    address="https://ratecard.example/explore/?q=x",
    site="https://ratecard.example",
)


def drawn(count, texts=TEXTS, **stated):
    points = [Point(f"a/m{n}", f"Model {n}", n + 1, 1400 + n, group=n % 8) for n in range(count)]
    svg = drawing_file(points, frontier(points), AXES, texts, **stated)
    return svg, ElementTree.fromstring(svg)


def test_a_file_holds_all_that_it_needs_and_nothing_that_a_style_sheet_would_have_to_give():
    svg, tree = drawn(9)
    assert (tree.get("width"), tree.get("height")) == (str(WIDTH), str(HEIGHT))
    assert "class=" not in svg
    assert "style" not in svg
    words = " ".join("".join(text.itertext()) for text in tree.iter() if text.tag.endswith("text"))
    for part in ("Price against <rating>", "2 models", "OpenAI", "A & B", TEXTS.source):
        assert part in words
    assert "ratecard.example/explore/?q=x" in words
    assert 'href="https://ratecard.example/models/a/m0/"' in svg


def test_what_does_not_fit_is_left_out():
    long = DrawingTexts(
        *("t", "s", [(0, "Creator of a long name" * 2)] * 9, "source", "https://x/?" + "q" * 500),
        "https://x",
    )
    svg, _ = drawn(2, long)
    assert 1 <= svg.count("Creator of a long name" * 2) < 9
    assert "q" * 100 not in svg


def test_an_empty_drawing_is_a_file_too_and_a_dark_one_is_dark():
    svg, _ = drawn(0)
    assert "Nothing to draw." in svg
    assert f'fill="{DARK.ground}"' in drawn(1, palette=DARK)[0]
