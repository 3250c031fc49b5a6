import pytest

from web.format.marks import HUES, hue, initials, monograms


@pytest.mark.parametrize(
    ("name", "two"),
    [
        ("OpenAI", "OA"),
        ("Anthropic", "An"),
        ("Amazon Bedrock", "AB"),
        ("xAI", "xA"),
        ("NVIDIA", "NV"),
        ("302.AI", "3A"),
        ("Z.AI", "ZA"),
        ("the-grid-ai", "TG"),
        ("deepseek", "DE"),
        ("X", "X"),
        ("", ""),
        ("…", ""),
        ("智谱", "智谱"),
    ],
)
def test_a_name_is_marked_by_two_of_its_letters(name, two):
    assert initials(name) == two


def test_a_slug_has_one_of_the_hues_that_the_style_sheet_knows():
    assert {hue(f"provider-{n}") for n in range(500)} == set(range(HUES))


def test_a_hue_never_moves():
    assert (hue("openai"), hue("azure")) == (10, 16)


def test_no_two_monograms_are_alike():
    names = {f"a{n}": f"Vercel AI {n}" for n in range(400)} | {"x": "", "y": "…", "z": "智谱"}
    given = monograms(names)
    assert len(set(given.values())) == len(names)
    assert all(given.values())


def test_the_first_of_two_with_the_same_initials_keeps_them():
    names = {"vercel": "Vercel AI", "vertex": "Vertex AI", "venice": "Venice AI"}
    assert monograms(names) == {"vercel": "VA", "vertex": "Ve", "venice": "Vn"}
