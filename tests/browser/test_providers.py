import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from catalog.models import Endpoint, Model, Provider
from catalog.provider_kinds import ProviderKind
from tests.browser.waiting import waiting
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_rating,
    sell,
    summarise,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def three_providers():
    """A cloud with two models, a gateway with one, and a host with 110."""
    azure = make_provider(
        "azure", name="Azure", kind=ProviderKind.CLOUD, api_base="https://azure.example/v1"
    )
    router = make_provider("router", name="Router", kind=ProviderKind.GATEWAY)
    cheap = make_model("a/cheap", name="Cheap", released="2024-01-01")
    sell(cheap, azure, input="1")
    dear = make_model("a/dear", name="Dear", released="2025-01-01")
    sell(dear, azure, input="20")
    make_rating(dear)
    make_endpoint(cheap, router)
    host = make_provider("host", name="Host")
    Endpoint.objects.bulk_create(
        Endpoint(model=cheap, provider=host, upstream_id=f"cheap-{n:03}", mode="chat")
        for n in range(110)
    )
    summarise()


def found(browser, table, key):
    script = (
        "return [...document.querySelectorAll(arguments[0])].map(row => row.dataset[arguments[1]])"
    )
    return browser.execute_script(script, f"#{table} tbody tr", key)


def wait_for(browser, table, key, rows):
    waiting(browser).until(lambda _: found(browser, table, key) == rows)


def count(browser):
    return browser.find_element(By.ID, "count").text


def test_typing_and_kinds_change_the_list_without_a_reload_and_back_undoes_it(browser, live_server):
    browser.get(f"{live_server.url}/providers/")
    browser.execute_script("window.region = document.getElementById('count')")
    assert found(browser, "providers-list", "provider") == ["azure", "host", "router"]
    browser.find_element(By.ID, "of-cloud").click()
    wait_for(browser, "providers-list", "provider", ["azure"])
    wait = waiting(browser)
    wait.until(lambda _: browser.current_url.endswith("?kind=cloud"))
    wait.until(lambda _: count(browser) == "1 of 3 providers")
    wait.until(lambda _: browser.execute_script("return document.activeElement.id") == "of-cloud")
    browser.find_element(By.ID, "q").send_keys("rou")
    wait_for(browser, "providers-list", "provider", [])
    assert "kind=cloud" in browser.current_url
    assert "q=rou" in browser.current_url
    # A reader only says what changes inside a region that stays.
    assert browser.execute_script("return window.region === document.getElementById('count')")
    browser.find_element(By.ID, "of-every-kind").click()
    wait_for(browser, "providers-list", "provider", ["router"])
    browser.back()
    wait_for(browser, "providers-list", "provider", [])
    browser.back()
    wait_for(browser, "providers-list", "provider", ["azure"])


def test_a_providers_models_sort_and_are_searched_without_a_reload(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    browser.execute_script("window.unloaded = false")
    assert found(browser, "endpoints", "model") == ["a/dear", "a/cheap"]
    browser.find_element(By.ID, "by-input").click()
    wait_for(browser, "endpoints", "model", ["a/cheap", "a/dear"])
    assert browser.find_element(By.CSS_SELECTOR, "th[aria-sort=ascending]").text.startswith("Input")
    browser.find_element(By.ID, "within-q").send_keys("dear")
    wait_for(browser, "endpoints", "model", ["a/dear"])
    assert count(browser).startswith("1 of 2 endpoints for “dear”")
    assert "sort=input" in browser.current_url
    browser.find_element(By.LINK_TEXT, "Clear the search").click()
    wait_for(browser, "endpoints", "model", ["a/cheap", "a/dear"])
    assert browser.execute_script("return window.unloaded") is False


def test_rows_are_of_two_lines_and_cut_what_does_not_fit(browser, live_server):
    long_id = "regional/of-a-long-name/cheap-2024-01-01-instruct-turbo"
    browser.set_window_size(1280, 900)
    endpoint = make_endpoint(
        Model.objects.get(slug="a/cheap"),
        Provider.objects.get(slug="azure"),
        upstream_id=long_id,
        variant="turbo-instruct",
        listed_since="2026-09-30",
        retired_on="2099-01-01",
    )
    make_rate(endpoint, "image", "0.04")
    make_rate(endpoint, "output", "9.5")
    heights = "return [...document.querySelectorAll('tbody tr')].map(row => row.offsetHeight)"
    for path, rows in (("/providers/azure/", 3), ("/providers/", 3)):
        browser.get(f"{live_server.url}{path}")
        found_heights = browser.execute_script(heights)
        assert len(found_heights) == rows
        assert all(40 <= height <= 48 for height in found_heights)
    browser.get(f"{live_server.url}/providers/azure/")
    cut = browser.find_element(By.XPATH, f"//*[.='{long_id}']/..")
    assert cut.get_attribute("title") == f"{long_id}, turbo-instruct"
    browser.find_element(By.TAG_NAME, "body").send_keys("jj")
    assert browser.switch_to.active_element.text == "Cheap"


@pytest.mark.parametrize(
    ("path", "field", "clears", "rows"),
    [
        (
            "/providers/?q=azu",
            "q",
            "#clear",
            ("providers-list", "provider", ["azure", "host", "router"]),
        ),
        (
            "/providers/azure/?q=dea",
            "within-q",
            "#count a",
            ("endpoints", "model", ["a/dear", "a/cheap"]),
        ),
    ],
)
def test_a_search_that_is_cleared_leaves_its_field_and_the_keyboard_stays_near(
    browser, live_server, path, field, clears, rows
):
    def words():
        return browser.find_element(By.ID, field).get_property("value")

    browser.get(f"{live_server.url}{path}")
    browser.find_element(By.CSS_SELECTOR, clears).send_keys(Keys.ENTER)
    wait_for(browser, *rows)
    # The script sets field and focus when the swapped rows have settled.
    wait = waiting(browser)
    wait.until(lambda _: words() == "")
    wait.until(lambda _: browser.execute_script("return document.activeElement.id") == "results")
    browser.find_element(By.ID, field).send_keys("azu", Keys.ENTER)
    waiting(browser).until(lambda _: "q=azu" in browser.current_url)
    browser.back()
    wait_for(browser, *rows)
    wait.until(lambda _: words() == "")


def test_what_cannot_be_reached_says_so_and_moves_nothing(browser, live_server):
    def said():
        return browser.find_element(By.CSS_SELECTOR, ".failed[role=alert]").text

    def offline(is_):
        conditions = {
            "offline": is_,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        }
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    browser.get(f"{live_server.url}/providers/host/")
    browser.execute_cdp_cmd("Network.enable", {})
    tall = browser.execute_script("return document.documentElement.scrollHeight")
    try:
        offline(True)
        browser.find_element(By.ID, "load-more").send_keys(Keys.ENTER)
        waiting(browser).until(lambda _: said() == "That did not load. Please try again.")
    finally:
        offline(False)
    assert browser.execute_script("return document.documentElement.scrollHeight") == tall
    assert browser.switch_to.active_element.get_attribute("id") == "load-more"
    browser.find_element(By.ID, "load-more").send_keys(Keys.ENTER)
    waiting(browser).until(lambda _: len(found(browser, "endpoints", "model")) == 100)
    assert said() == ""


def test_a_search_that_another_takes_the_place_of_is_no_error(browser, live_server):
    browser.get(f"{live_server.url}/providers/")
    browser.get_log("browser")
    browser.execute_script(
        "document.getElementById('of-cloud').click(); document.getElementById('of-gateway').click()"
    )
    wait_for(browser, "providers-list", "provider", ["router"])
    assert browser.get_log("browser") == []


def test_more_rows_come_below_those_that_are_there_and_the_keyboard_stays(browser, live_server):
    browser.get(f"{live_server.url}/providers/host/")
    assert len(found(browser, "endpoints", "model")) == 50
    browser.execute_script("window.region = document.querySelector('#more [role=status]')")
    for shown in (100, 110):
        browser.find_element(By.ID, "load-more").send_keys(Keys.ENTER)
        said = f"Load more\n{shown} of 110" if shown < 110 else "110 of 110"
        waiting(browser).until(lambda _, said=said: more(browser) == said)
        assert len(found(browser, "endpoints", "model")) == shown
        assert browser.switch_to.active_element.get_attribute("id") == "load-more"
        # A reader only says what changes inside a region that stays.
        assert browser.execute_script(
            "return window.region.isConnected && window.region.textContent"
        ) == (f"{shown} of 110")
    assert browser.current_url.endswith("?from=1&page=3")
    browser.refresh()
    ids = [cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "#endpoints .id")]
    assert ids == [f"cheap-{n:03}" for n in range(110)]
    browser.back()
    waiting(browser).until(lambda _: len(found(browser, "endpoints", "model")) == 100)


def more(browser):
    return browser.execute_script("return document.getElementById('more').innerText.trim()")


def test_a_swap_moves_nothing_around_the_table(browser, live_server):
    browser.get(f"{live_server.url}/providers/azure/")
    places = (
        "return ['h1', '#endpoints-title', '#endpoints thead'].map(each => "
        "document.querySelector(each).getBoundingClientRect().top)"
    )
    before = browser.execute_script(places)
    browser.find_element(By.ID, "within-q").send_keys("dear")
    wait_for(browser, "endpoints", "model", ["a/dear"])
    assert browser.execute_script(places) == before


def test_everything_works_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts

    def shows(*names):
        """A click is over before the page that it leads to is there."""
        wait = waiting(browser)
        links = (By.CSS_SELECTOR, "tbody th a")
        wait.until(lambda _: tuple(link.text for link in browser.find_elements(*links)) == names)

    browser.get(f"{live_server.url}/")
    browser.find_element(By.LINK_TEXT, "Providers").click()
    shows("Azure", "Host", "Router")
    browser.find_element(By.PARTIAL_LINK_TEXT, "Cloud").click()
    shows("Azure")
    browser.find_element(By.LINK_TEXT, "Azure").click()
    shows("Dear", "Cheap")
    browser.find_element(By.LINK_TEXT, "Input").click()
    shows("Cheap", "Dear")
    browser.find_element(By.ID, "within-q").send_keys("dear", Keys.ENTER)
    shows("Dear")
    assert "sort=input" in browser.current_url
    browser.get(f"{live_server.url}/providers/host/?page=2")
    browser.find_element(By.LINK_TEXT, "Load more").click()
    shows(*["Cheap"] * 10)
    browser.find_element(By.LINK_TEXT, "The 50 before").click()
    shows(*["Cheap"] * 50)


@pytest.mark.parametrize("path", ["/providers/", "/providers/azure/", "/creators/a/"])
def test_a_narrow_screen_shows_a_row_without_sideways_scrolling(browser, live_server, path):
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(f"{live_server.url}{path}")
        page = "document.documentElement"
        spill = browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth")
        edges = browser.execute_script(
            "return [...document.querySelectorAll("
            "'td, .topbar :is(a, input, button:not(.visually-hidden))')]"
            ".map(each => each.getBoundingClientRect().right)"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert spill == 0
    assert max(edges) <= 360


@pytest.mark.parametrize("path", ["/providers/", "/providers/azure/", "/creators/a/"])
def test_the_policy_blocks_nothing_that_a_page_uses(browser, live_server, path):
    browser.get_log("browser")
    browser.get(f"{live_server.url}{path}")
    assert browser.get_log("browser") == []
