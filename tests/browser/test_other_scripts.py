"""Text from right to left is laid out so, and never turns the text beside it around."""

import pytest

from tests.factories import make_endpoint, make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)

ARABIC = "نموذج يفهم النصوص والصور ويجيب بسرعة"
TURNED = "\u202egnikcart"  # the mark before it has the letters after it written from the right
# How far the first line of text is from each edge of its element.
EDGES = """
const [selector, word] = arguments;
const element = [...document.querySelectorAll(selector)]
    .find(candidate => candidate.textContent.includes(word));
const range = document.createRange();
range.selectNodeContents(element);
const [line, box] = [range.getClientRects()[0], element.getBoundingClientRect()];
return [line.left - box.left, box.right - line.right];
"""
# Whether one text is to the left of another.
BEFORE = """
const left = (selector) => document.querySelector(selector).getBoundingClientRect().left;
return left(arguments[0]) < left(arguments[1]);
"""


@pytest.fixture(autouse=True)
def two_models():
    provider = make_provider("openai", name="OpenAI")
    arabic = make_model(
        "openai/arabic",
        name="Arabic",
        about=f"{ARABIC}\n\n- {ARABIC}",
        faq=f"## {ARABIC}\n\n{ARABIC}",
    )
    sell(arabic, provider, input="1", output="2")
    make_endpoint(make_model("openai/turned", name=TURNED), provider)
    summarise()


@pytest.mark.parametrize("selector", [".prose p", ".prose li"])
def test_arabic_begins_at_the_right(browser, live_server, selector):
    browser.get(f"{live_server.url}/models/openai/arabic/")
    left, right = browser.execute_script(EDGES, selector, ARABIC)
    assert right < 2 < left


def test_a_turned_name_turns_no_provider(browser, live_server):
    browser.get(f"{live_server.url}/estimate/")
    row = "#estimate .apart tr[data-model='openai/turned'] td:nth-child(2)"
    assert browser.execute_script(BEFORE, f"{row} > a", f"{row} > .quiet")


def test_a_turned_search_turns_no_sentence(browser, live_server):
    browser.get(f"{live_server.url}/providers/?q=%E2%80%AEgnikcart")
    quoted = """
    const count = document.getElementById('count');
    const range = document.createRange();
    const end = count.lastChild;
    range.setStart(end, 0);
    range.setEnd(end, 1);
    const name = count.querySelector('bdi').getBoundingClientRect();
    return range.getBoundingClientRect().left >= name.right - 1;
    """
    assert browser.execute_script(quoted)
