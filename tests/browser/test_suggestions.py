"""The header's search as a combobox: with the keyboard, and beside slow answers."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from catalog.models import Capability
from tests.browser.test_axe import AXE, RUN
from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def models():
    azure = make_provider("azure", name="Azure", kind="cloud")
    for name in ("claude-opus-4.8", "claude-opus-4.7", "claude-haiku-4.5"):
        sell(make_model(f"anthropic/{name}", name=name.title()), azure, input="5", output="25")
    summarise()


def field(browser):
    return browser.find_element(By.ID, "q")


def press(browser, *keys):
    ActionChains(browser).send_keys(*keys).perform()


def options(browser):
    return browser.execute_script("""
        const shown = document.querySelectorAll("#suggestions [role=option]");
        return [...shown].filter((option) => option.checkVisibility()).map(({ id }) => id);
    """)


def until(browser, condition):
    return waiting(browser, 10).until(lambda _: condition())


def suggest(browser, words):
    press(browser, "/", words)
    until(browser, lambda: options(browser))


def active(browser):
    ident = field(browser).get_attribute("aria-activedescendant")
    chosen = browser.find_elements(By.CSS_SELECTOR, '#suggestions [aria-selected="true"]')
    assert [option.get_attribute("id") for option in chosen] == ([ident] if ident else [])
    return ident


def said(browser):
    return browser.execute_script(
        "return document.querySelector('#search [role=status]').textContent"
    )


@pytest.mark.parametrize("path", ["/", "/providers/", "/creators/anthropic/", "/compare/"])
def test_every_page_suggests_while_one_types(browser, live_server, path):
    browser.get(f"{live_server.url}{path}")
    box = field(browser)
    assert box.get_attribute("aria-expanded") == "false"
    suggest(browser, "opus")
    assert options(browser) == ["suggest-model-1", "suggest-model-2"]
    assert box.get_attribute("role") == "combobox"
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-controls") == "suggestions"
    assert said(browser) == "2 suggestions"
    assert browser.switch_to.active_element == box


def test_the_arrows_go_around_and_enter_opens(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    suggest(browser, "opus")
    assert active(browser) is None
    seen = []
    for key in (Keys.DOWN, Keys.DOWN, Keys.DOWN, Keys.UP, Keys.UP):
        press(browser, key)
        seen.append(active(browser))
    first, second = "suggest-model-1", "suggest-model-2"
    assert seen == [first, second, None, second, first]
    press(browser, Keys.LEFT)
    assert active(browser) is None
    press(browser, Keys.UP, Keys.ENTER)
    until(browser, lambda: "/models/anthropic/claude-opus-" in browser.current_url)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_in_the_suggestions(browser, live_server, theme):
    Capability.objects.update_or_create(slug="vision", defaults={"name": "Vision"})
    browser.get(f"{live_server.url}/providers/azure/")
    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    for words in ("azure", "opus vision"):
        press(browser, "/", words)
        until(browser, lambda: options(browser))
        press(browser, Keys.DOWN)
        browser.execute_script(AXE)
        assert browser.execute_async_script(RUN) == []


def test_enter_without_a_choice_searches(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    suggest(browser, "opus")
    press(browser, Keys.ENTER)
    until(browser, lambda: browser.current_url == f"{live_server.url}/models/?q=opus")


def test_escape_closes_and_keeps_the_words(browser, live_server):
    browser.get(f"{live_server.url}/")
    suggest(browser, "opus")
    press(browser, Keys.DOWN, Keys.ESCAPE)
    assert options(browser) == []
    assert active(browser) is None
    assert field(browser).get_attribute("aria-expanded") == "false"
    assert field(browser).get_attribute("value") == "opus"
    assert said(browser) == ""
    press(browser, Keys.DOWN)
    until(browser, lambda: options(browser))
    press(browser, Keys.ESCAPE, Keys.ESCAPE)
    assert field(browser).get_attribute("value") == ""


def test_leaving_the_field_closes(browser, live_server):
    browser.get(f"{live_server.url}/")
    suggest(browser, "opus")
    press(browser, Keys.TAB, Keys.TAB)
    assert options(browser) == []


def test_nothing_found_is_announced(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    press(browser, "/", "zzzz")
    until(browser, lambda: said(browser) == "No suggestions")
    assert options(browser) == []
    assert field(browser).get_attribute("aria-expanded") == "false"


def test_an_answer_that_comes_late_is_ignored(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    browser.execute_script("""
        const real = window.fetch;
        window.answers = [];
        window.fetch = async (address) => {
            const slow = `${address}`.endsWith("opus");
            window.released ??= new Promise((resolve) => { window.release = resolve; });
            const text = await (await real(address)).text();  // as if it could not be aborted
            window.waits ||= slow;
            if (slow) await window.released;
            window.answers.push(`${address}`);
            return new Response(text);
        };
    """)
    press(browser, "/", "opus")
    until(browser, lambda: browser.execute_script("return Boolean(window.waits)"))
    press(browser, Keys.BACKSPACE * 4, "haiku")
    until(browser, lambda: options(browser))
    browser.execute_script("window.release()")
    until(browser, lambda: "opus" in browser.execute_script("return window.answers.at(-1)"))
    shown = browser.find_element(By.ID, "suggestions").text
    assert "Haiku" in shown and "Opus" not in shown


def test_words_that_are_cleared_while_an_answer_is_on_its_way_suggest_nothing(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    browser.execute_script("""
        const real = window.fetch;
        window.fetch = async (address) => {
            const text = await (await real(address)).text();
            await new Promise((resolve) => { window.release = resolve; });
            window.done = true;
            return new Response(text);
        };
    """)
    press(browser, "/", "opus")
    until(browser, lambda: browser.execute_script("return Boolean(window.release)"))
    press(browser, Keys.ESCAPE)
    browser.execute_script("window.release()")
    until(browser, lambda: browser.execute_script("return window.done"))
    assert options(browser) == []


def test_an_error_leaves_the_search_as_it_is(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    suggest(browser, "opus")
    browser.execute_script("window.fetch = async () => new Response('broken', { status: 500 })")
    press(browser, "x")
    until(browser, lambda: not options(browser))
    assert said(browser) == ""
    assert field(browser).get_attribute("value") == "opusx"


def test_on_a_narrow_screen_the_suggestions_fit_and_lie_above_the_page(browser, live_server):
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(f"{live_server.url}/")
        field(browser).click()
        field(browser).send_keys("opus")
        until(browser, lambda: options(browser))
        within, above = browser.execute_script("""
            const box = document.getElementById("suggestions").getBoundingClientRect();
            const last = document.getElementById("suggest-model-2").getBoundingClientRect();
            const at = document.elementFromPoint(last.x + last.width / 2, last.y + last.height / 2);
            const { scrollWidth } = document.documentElement;
            return [box.left >= 0 && box.right <= 360 && scrollWidth <= 360,
                    Boolean(at.closest("#suggest-model-2"))];
        """)
        assert (within, above) == (True, True)
        browser.find_element(By.ID, "suggest-model-2").click()
        until(browser, lambda: "/models/anthropic/claude-opus-" in browser.current_url)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_without_scripts_enter_searches(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}/providers/azure/")
    assert field(browser).get_attribute("role") is None
    field(browser).send_keys("opus", Keys.ENTER)
    until(browser, lambda: browser.current_url == f"{live_server.url}/models/?q=opus")
