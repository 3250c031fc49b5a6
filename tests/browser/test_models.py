import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pricing.terms import Terms
from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, make_rate, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def three_models():
    openai, azure = make_provider("openai", name="OpenAI"), make_provider("azure", name="Azure")
    mini = make_model(
        "openai/o4-mini", name="o4-mini", released="2025-04-16", context_window=200_000
    )
    endpoint = sell(mini, openai, input="1.10", output="4.40", cache_read="0.275")
    make_rate(endpoint, "input", "0.55", terms=Terms(tier="batch"))
    sell(mini, azure, input="1.21", output="4.84")
    sell(
        make_model("openai/gpt-5", name="GPT-5", released="2025-08-07"),
        openai,
        input="1.25",
        output="10",
    )
    sell(
        make_model("meta/llama", name="Llama", released="2024-07-23"),
        azure,
        input="0.2",
        output="0.2",
    )
    summarise()


def listed(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#models tr[data-model]')]."
        "map(row => row.dataset.model)"
    )


def wait_for(browser, rows):
    waiting(browser).until(lambda _: listed(browser) == rows)


MOST_PROVIDERS_FIRST = ["openai/o4-mini", "openai/gpt-5", "meta/llama"]
CHEAPEST_FIRST = ["meta/llama", "openai/o4-mini", "openai/gpt-5"]


def test_sorting_swaps_the_table_and_back_brings_the_old_one(browser, live_server):
    browser.get(f"{live_server.url}/")
    assert listed(browser) == MOST_PROVIDERS_FIRST
    browser.execute_script("window.unloaded = false")
    browser.find_element(By.LINK_TEXT, "Input").click()
    wait_for(browser, CHEAPEST_FIRST)
    assert browser.current_url.endswith("?sort=input")
    assert browser.execute_script("return window.unloaded") is False  # no reload
    assert browser.switch_to.active_element.text.startswith(
        "Input"
    )  # the keyboard stays where it was
    browser.back()
    wait_for(browser, MOST_PROVIDERS_FIRST)
    browser.forward()
    wait_for(browser, CHEAPEST_FIRST)
    browser.refresh()
    assert listed(browser) == CHEAPEST_FIRST


def edges(browser):
    script = (
        "return [...document.querySelectorAll('#models thead th')].map(head => head.offsetLeft)"
    )
    return browser.execute_script(script)


def test_no_order_and_no_search_moves_a_column(browser, live_server):
    browser.get(f"{live_server.url}/")
    before = edges(browser)
    browser.find_element(By.ID, "by-input").click()
    wait_for(browser, CHEAPEST_FIRST)
    assert edges(browser) == before
    browser.find_element(By.ID, "q").send_keys("llama")
    wait_for(browser, ["meta/llama"])
    assert edges(browser) == before


def test_the_headings_stay_in_sight(browser, live_server):
    browser.get(f"{live_server.url}/")
    browser.execute_script(
        "document.querySelector('.page').style.paddingBlockEnd = '2000px'; scrollTo(0, 230)"
    )
    place = "return document.querySelector(arguments[0]).getBoundingClientRect()"
    topbar, head = (browser.execute_script(place, bar) for bar in (".topbar", "#models thead th"))
    assert topbar["bottom"] - 1 <= head["top"] <= topbar["bottom"]


def test_typing_searches_and_keeps_the_order(browser, live_server):
    browser.get(f"{live_server.url}/models/?sort=input")
    browser.find_element(By.ID, "q").send_keys("openai")
    wait_for(browser, ["openai/o4-mini", "openai/gpt-5"])
    assert "q=openai" in browser.current_url
    assert "sort=input" in browser.current_url
    browser.find_element(By.ID, "q").send_keys(Keys.ESCAPE)  # its suggestions are over the chips
    browser.find_element(By.ID, "chip-q").click()
    wait_for(browser, CHEAPEST_FIRST)


def test_the_search_works_from_a_model_page_too(browser, live_server):
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    browser.find_element(By.ID, "q").send_keys("llama", Keys.ENTER)
    wait_for(browser, ["meta/llama"])


def test_everything_works_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts

    def hrefs():
        links = browser.find_elements(By.CSS_SELECTOR, "#models tbody a")
        return [
            link.get_attribute("href").removeprefix(f"{live_server.url}/models/") for link in links
        ]

    browser.get(f"{live_server.url}/")
    browser.find_element(By.LINK_TEXT, "Input").click()
    assert hrefs() == [f"{slug}/" for slug in CHEAPEST_FIRST]
    browser.find_element(By.ID, "q").send_keys("openai", Keys.ENTER)
    waiting(browser).until(lambda _: "q=openai" in browser.current_url)
    assert hrefs() == ["openai/o4-mini/", "openai/gpt-5/"]
    assert "sort=input" in browser.current_url
    browser.find_element(By.LINK_TEXT, "o4-mini").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "o4-mini"
    assert len(browser.find_elements(By.CSS_SELECTOR, "#providers tr[data-provider]")) == 2


@pytest.mark.parametrize("path", ["/", "/models/openai/o4-mini/"])
def test_a_narrow_screen_shows_the_prices_without_sideways_scrolling(browser, live_server, path):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(f"{live_server.url}{path}")
        page = "document.documentElement"
        spill = browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth")
        edges = browser.execute_script(
            "return [...document.querySelectorAll('td[data-meter]')]"
            ".map(cell => cell.getBoundingClientRect().right)"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert spill == 0
    assert edges
    assert max(edges) <= 360


@pytest.mark.parametrize("path", ["/", "/models/openai/o4-mini/", "/admin/login/"])
def test_the_policy_blocks_nothing_that_a_page_uses(browser, live_server, path):
    browser.get_log("browser")
    browser.get(f"{live_server.url}{path}")
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("path", ["/", "/?input_max=1", "/creators/openai/"])
def test_the_first_model_is_in_sight_on_a_narrow_screen(browser, live_server, path):
    def shown(css):
        return [
            found.text
            for found in browser.find_elements(By.CSS_SELECTOR, css)
            if found.is_displayed()
        ]

    size = {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(live_server.url + path)
        bottom = "document.querySelector('#models tbody tr').getBoundingClientRect().bottom"
        assert browser.execute_script(f"return {bottom}") <= 640
        assert len(shown(".tools > .chips > .chip")) == path.count("=")  # the one that is set
        assert not shown("#models thead a")
        browser.find_element(By.CSS_SELECTOR, "#filters summary").click()
        common = [
            text.split("\n")[0].removesuffix(" ×") for text in shown(".tools > .chips > .chip")
        ]
        assert common[-4:] == [
            "Open weights",
            "Context ≥ 200K",
            "Input ≤ $1/M",
            "Direct providers",
        ]
        browser.find_element(By.CSS_SELECTOR, "#sorting summary").click()
        browser.find_element(By.ID, "by-input").click()
        wait = waiting(browser)
        wait.until(lambda _: ["Input", "↑"] in [each.split() for each in shown("#models thead a")])
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
