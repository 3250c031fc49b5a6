"""Live figures in a browser: renewed in place while the page is in sight, all of it on focus."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from catalog.models import Endpoint, Model
from telemetry.models import LiveRow
from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise
from tests.web.pages.test_live_figures import TREND, figure, measure

pytestmark = pytest.mark.django_db(transaction=True)

# A minute takes 300 ms, and a page is out of sight as the test has it.
SOONER = """
const later = window.setTimeout;
window.setTimeout = (run, ms, ...more) => later(run, ms === 60000 ? 300 : ms, ...more);
Object.defineProperty(document, "hidden", { get: () => window.outOfSight === true });
"""
ASKED = (
    "return performance.getEntriesByType('resource').filter(e => e.name.includes('/live/')).length"
)


@pytest.fixture(autouse=True)
def measured():
    """Two models at OpenAI with figures, one of them at Azure without."""
    openai, azure = make_provider("openai", kind="first-party"), make_provider("azure")
    endpoints = []
    for name in ("quick", "slow"):
        model = make_model(f"openai/{name}", mode="chat")
        endpoints.append(sell(model, openai, input="1", output="4"))
        sell(model, azure, input="2", output="4")
    measure(endpoints[0], "0.5", "150", "0.9995")
    measure(endpoints[1], "3", "20", "0.99")
    summarise()
    return endpoints


@pytest.fixture
def sooner(browser):
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SOONER})
    yield browser
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def value(browser, table, model, metric):
    cell = f"#{table} tr[data-model='openai/{model}'] td[data-metric='{metric}']"
    return browser.find_element(By.CSS_SELECTOR, cell).get_dom_attribute("data-value")


def test_an_open_list_renews_its_figures_in_place(sooner, live_server, measured):
    browser = sooner
    browser.get(f"{live_server.url}/models/")
    assert value(browser, "models", "quick", "latency") == "0.5"
    browser.execute_script("window.row = document.querySelector('#models tbody tr')")
    place = "return JSON.stringify([...document.querySelectorAll('#models td, #models th')]\
        .map(c => [c.offsetLeft, c.offsetTop, c.offsetWidth]))"
    before = browser.execute_script(place)
    figure = browser.find_element(By.CSS_SELECTOR, "#models td[data-metric='latency'] .live-value")
    browser.execute_script("arguments[0].focus()", figure)
    measure(measured[0], "12.4", "150", "0.9995")
    waiting(browser).until(lambda _: value(browser, "models", "quick", "latency") == "12.4")
    assert browser.execute_script("return window.row.isConnected")
    assert browser.execute_script(place) == before
    assert "12.4" in browser.switch_to.active_element.text
    # Of a figure that is gone another one has the focus.
    LiveRow.objects.filter(endpoint=measured[0]).delete()
    waiting(browser).until(lambda _: value(browser, "models", "quick", "latency") is None)
    assert browser.switch_to.active_element.get_dom_attribute("class") == "live-value"
    # A figure that is not renewed stays the very element.
    asked = browser.execute_script(ASKED)
    browser.execute_script(
        "window.cell = document.querySelector('#models td[data-metric=\"uptime\"]')"
    )
    waiting(browser).until(lambda _: browser.execute_script(ASKED) > asked + 1)
    assert browser.execute_script("return window.cell.isConnected")


def test_a_page_out_of_sight_asks_for_nothing(sooner, live_server, measured):
    browser = sooner
    browser.get(f"{live_server.url}/models/openai/quick/")
    browser.execute_script("window.outOfSight = true")
    settled = "const done = arguments[0]; setTimeout(done, 1000)"
    browser.execute_async_script(settled)
    asked = browser.execute_script(ASKED)
    browser.execute_async_script(settled)
    assert browser.execute_script(ASKED) == asked
    measure(measured[0], "0.7", "150", "0.9995")
    browser.execute_script("window.outOfSight = false")
    waiting(browser).until(lambda _: value(browser, "providers", "quick", "latency") == "0.7")


def test_all_of_a_figure_shows_on_focus_and_the_arrows_move_among_them(browser, live_server):
    browser.get(f"{live_server.url}/models/")
    stops = browser.find_elements(By.CSS_SELECTOR, "#models .live-value[tabindex='0']")
    assert len(stops) == 1
    assert browser.find_elements(By.CSS_SELECTOR, "#models td.live svg.spark path")
    browser.execute_script("arguments[0].focus({focusVisible: true})", stops[0])
    stops[0].send_keys(Keys.ARROW_DOWN)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    value = browser.switch_to.active_element
    cell = value.find_element(By.XPATH, "..")
    assert cell.get_dom_attribute("data-metric") == "throughput"
    note = cell.find_element(By.CLASS_NAME, "live-note")
    assert "Own traffic, 1 h of 1,234 requests" in note.text
    below = "const [a, b] = arguments; return b.getBoundingClientRect().top\
        - a.getBoundingClientRect().bottom"
    assert 0 <= browser.execute_script(below, value, note) < 12
    assert note.size["width"] > 200
    # On a narrow screen it stays within the window, at whichever side the figure is.
    browser.set_window_size(500, 900)
    for shown in browser.find_elements(By.CSS_SELECTOR, "#models .live-value"):
        browser.execute_script("arguments[0].focus({focusVisible: true})", shown)
        note = shown.find_element(By.XPATH, "../*[@class='live-note']")
        left = note.location["x"]
        assert left >= 0
        assert left + note.size["width"] <= browser.execute_script("return innerWidth")


def test_pages_without_figures_or_scripts_ask_for_nothing(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}/models/?sort=-latency")
    rows = browser.find_elements(By.CSS_SELECTOR, "#models tbody tr")
    assert [row.get_dom_attribute("data-model") for row in rows] == ["openai/slow", "openai/quick"]
    LiveRow.objects.all().delete()
    browser.get(f"{live_server.url}/models/")
    assert not browser.find_elements(By.ID, "renewal")


def test_a_sorted_heading_shows_its_arrow_and_a_card_its_source_below(
    browser, live_server, measured
):
    browser.get(f"{live_server.url}/models/?sort=latency")
    assert browser.execute_script(
        "const th = document.querySelector('#models th[data-key=latency]');"
        "const [arrow, box] = [th.querySelector('a > span'), th]"
        ".map(e => e.getBoundingClientRect());"
        "return arrow.width > 0 && arrow.left >= box.left && arrow.right <= box.right"
    )
    browser.set_window_size(500, 900)
    browser.get(f"{live_server.url}/models/")
    cell = browser.find_element(By.CSS_SELECTOR, "#models td[data-metric='latency'][data-source]")
    after = "return getComputedStyle(arguments[0], '::after').display"
    assert browser.execute_script(after, cell) == "block"


@pytest.mark.parametrize("width", [1280, 1440, 1920])
@pytest.mark.parametrize(
    ("path", "table"), [("/models/", "models"), ("/providers/openai/", "endpoints")]
)
def test_live_columns_leave_room_for_names_and_rows_stay_low(
    browser, live_server, measured, width, path, table
):
    Model.objects.filter(slug="openai/quick").update(
        name="A model with a longer name", deprecated_on="2026-10-01", context_window=1_048_576
    )
    Endpoint.objects.update(context_window=1_048_576, max_output=1_048_576)
    demo = figure(source="Demo", origin="demo", p95=2.5, trend=TREND)
    measure(measured[1], "3", "20", "0.99", of_latency=demo)
    summarise()
    browser.set_window_size(width, 900)
    browser.get(f"{live_server.url}{path}")
    rows = browser.find_elements(By.CSS_SELECTOR, f"#{table} tbody tr")
    assert len(rows) == 2
    assert browser.find_elements(By.CSS_SELECTOR, f"#{table} .spark + .made-up")
    for row in rows:
        assert row.find_element(By.TAG_NAME, "th").size["width"] >= 180
        assert row.size["height"] <= 50
