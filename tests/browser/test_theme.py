import pytest
from selenium.webdriver.common.by import By

from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(11, 12, 15)"


@pytest.fixture(autouse=True)
def one_model():
    sell(make_model(), make_provider("openai"), input="1.10")
    summarise()


@pytest.fixture
def themed(browser, live_server):
    """A browser whose system prefers what the test says, with nothing chosen yet."""
    browser.get(f"{live_server.url}/healthz")
    browser.execute_script("localStorage.clear()")
    yield browser
    browser.execute_script("localStorage.clear()")
    prefer(browser, "")


def prefer(browser, theme):
    feature = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def background(browser):
    return browser.execute_script("return getComputedStyle(document.body).backgroundColor")


def switch(browser):
    return browser.find_element(By.ID, "theme")


@pytest.mark.parametrize(("system", "colour"), [("light", LIGHT), ("dark", DARK)])
def test_the_system_decides_until_the_switch_is_used(themed, live_server, system, colour):
    prefer(themed, system)
    themed.get(f"{live_server.url}/")
    assert background(themed) == colour
    assert switch(themed).get_attribute("aria-pressed") == ("true" if system == "dark" else "false")


def test_the_switch_is_remembered_on_every_page(themed, live_server):
    prefer(themed, "light")
    themed.get(f"{live_server.url}/")
    switch(themed).click()
    assert background(themed) == DARK
    assert switch(themed).get_attribute("aria-pressed") == "true"
    for path in ("/providers/", "/models/openai/o4-mini/", "/nothing/here"):
        themed.get(f"{live_server.url}{path}")
        assert background(themed) == DARK, path
    switch(themed).click()
    themed.get(f"{live_server.url}/")
    assert background(themed) == LIGHT


def test_a_choice_that_agrees_with_the_system_is_forgotten(themed, live_server):
    prefer(themed, "light")
    themed.get(f"{live_server.url}/")
    switch(themed).click()
    switch(themed).click()
    assert themed.execute_script("return localStorage.length") == 0
    prefer(themed, "dark")
    assert background(themed) == DARK
    assert switch(themed).get_attribute("aria-pressed") == "true"


def test_the_chosen_theme_is_there_before_the_page_is_drawn(themed, live_server):
    prefer(themed, "light")
    themed.execute_script("localStorage.setItem('theme', 'dark')")
    themed.get(f"{live_server.url}/")
    head = themed.execute_script(
        "return [...document.head.querySelectorAll('script, link[rel=stylesheet]')]"
    )
    assert head[0].get_attribute("src").endswith("/static/theme.js")
    assert not any(head[0].get_attribute(late) for late in ("defer", "async", "type"))
    assert background(themed) == DARK


def test_what_else_was_kept_is_no_theme(themed, live_server):
    prefer(themed, "light")
    themed.execute_script("localStorage.setItem('theme', '\"><script>')")
    themed.get(f"{live_server.url}/")
    assert background(themed) == LIGHT


def test_without_scripts_there_is_no_switch_and_no_hint(browser_without_scripts, live_server):
    browser_without_scripts.get(f"{live_server.url}/")
    assert not switch(browser_without_scripts).is_displayed()
    assert not browser_without_scripts.find_element(By.TAG_NAME, "kbd").is_displayed()
