from importlib.resources import files

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def models(browser, live_server):
    """Ten models at two providers; what another test gathered is gone."""
    azure, host = (
        make_provider("azure", name="Azure", kind="cloud"),
        make_provider("host", name="Host"),
    )
    for n in range(10):
        model = make_model(f"lab/m{n}", name=f"M{n}", released=f"2025-01-{10 + n}")
        sell(model, azure, input=str(n + 1), output="5")
        sell(model, host, input="100", output=str(n + 1))
    summarise()
    browser.get(live_server.url + "/compare/")
    browser.execute_script("localStorage.clear()")


def until(browser, script):
    waiting(browser).until(lambda _: browser.execute_script(f"return {script}"), script)


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def box(browser, slug):
    return browser.find_element(By.CSS_SELECTOR, f"#models tr[data-model='{slug}'] input.gather")


def tray(browser):
    """The names in the tray, or nothing where none is seen."""
    if not browser.find_element(By.ID, "tray").is_displayed():
        return None
    items = browser.find_elements(By.CSS_SELECTOR, "#tray li")
    return [item.text.removesuffix("×").strip() for item in items]


def columns(browser):
    heads = browser.find_elements(By.CSS_SELECTOR, "#compared thead th[data-model]")
    return [head.get_attribute("data-spelled") for head in heads]


def said(browser):
    return browser.find_element(By.ID, "tray-said").get_attribute("textContent")


def test_what_is_gathered_survives_navigation_and_is_compared(browser, live_server):
    browser.get(live_server.url + "/")
    assert tray(browser) is None
    box(browser, "lab/m3").click()
    box(browser, "lab/m5").click()
    assert tray(browser) == ["M3", "M5"]
    assert said(browser) == "M5 added, 2 models to compare"
    browser.get(live_server.url + "/providers/")
    assert tray(browser) == ["M3", "M5"]
    browser.get(live_server.url + "/models/lab/m7/")
    click(browser, "a[data-compare]")
    assert tray(browser) == ["M3", "M5", "M7"]
    assert browser.find_element(By.CSS_SELECTOR, "a[data-compare]").text == "Remove from compare"
    browser.find_element(By.LINK_TEXT, "Compare 3 models").click()
    until(browser, "document.querySelector('#compared') !== null")
    assert columns(browser) == ["lab/m3", "lab/m5", "lab/m7"]
    assert tray(browser) is None  # the page itself shows them


def test_models_are_removed_from_the_tray_one_by_one_by_keyboard_too(browser, live_server):
    browser.get(live_server.url + "/")
    for slug in ("lab/m1", "lab/m2", "lab/m3"):
        box(browser, slug).send_keys(Keys.SPACE)
    click(browser, "#tray li:nth-child(2) button")
    assert tray(browser) == ["M1", "M3"]
    assert not box(browser, "lab/m2").is_selected()
    assert browser.switch_to.active_element.get_attribute("aria-label") == "Remove M3"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert tray(browser) == ["M1"]
    box(browser, "lab/m1").click()
    assert tray(browser) is None


def test_eight_are_the_most_and_the_ninth_is_refused_in_words(browser, live_server):
    browser.get(live_server.url + "/")
    for n in range(9):
        box(browser, f"lab/m{n}").click()
    assert tray(browser) == [f"M{n}" for n in range(8)]
    assert not box(browser, "lab/m8").is_selected()
    assert "8 models are the most: remove one first" in browser.find_element(By.ID, "tray").text


def test_rows_that_come_with_a_swap_have_their_boxes(browser, live_server):
    browser.get(live_server.url + "/")
    box(browser, "lab/m4").click()
    click(browser, "#by-input")
    until(browser, "document.querySelector('#models th[aria-sort] a#by-input') !== null")
    until(browser, "document.querySelectorAll('#models input.gather').length === 10")
    assert box(browser, "lab/m4").is_selected()


def test_a_box_stands_before_its_name_at_the_top_of_the_row_and_says_what_it_is_for(
    browser, live_server
):
    browser.get(live_server.url + "/")
    found = box(browser, "lab/m3")
    assert found.get_attribute("title") == "Compare M3"
    row = browser.find_element(By.CSS_SELECTOR, "#models tr[data-model='lab/m3']")
    name = row.find_element(By.CSS_SELECTOR, "th a")
    assert 0 < name.rect["x"] - found.rect["x"] < 80
    assert abs(found.rect["y"] - name.rect["y"]) < 6
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        said = "return getComputedStyle(arguments[0], '::after').content"
        assert browser.execute_script(said, found) == '"Compare"'
        assert found.size["width"] > 60  # the word is a part of what is clicked
        found.click()
        assert tray(browser) == ["M3"]
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def gather(browser, *names):
    kept = [{"m": f"lab/{name.lower()}", "name": name} for name in names]
    browser.execute_script("localStorage.setItem('compare', JSON.stringify(arguments[0]))", kept)


def choice(browser):
    """What the page offers about a comparison that is not the tray's, or nothing."""
    found = browser.find_elements(By.ID, "tray-choice")
    return found[0].text.replace("\n", " ") if found else None


def test_removing_on_the_page_removes_from_what_is_gathered(browser, live_server):
    gather(browser, "M1", "M2", "M3")
    browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2&m=lab/m3")
    assert choice(browser) is None
    click(browser, "#compared th:nth-child(3) .remove")
    until(browser, "document.querySelectorAll('#compared thead th[data-model]').length === 2")
    until(browser, "location.search === '?m=lab/m1&m=lab/m3'")
    until(browser, "JSON.parse(localStorage.getItem('compare')).length === 2")
    browser.get(live_server.url + "/providers/")
    assert tray(browser) == ["M1", "M3"]
    browser.back()
    until(browser, "document.querySelectorAll('#compared thead th[data-model]').length === 2")
    click(browser, ".compare-bar .plain:last-child")
    until(browser, "document.querySelector('.compare-empty') !== null")
    until(browser, "localStorage.getItem('compare') === '[]'")
    browser.get(live_server.url + "/providers/")
    assert tray(browser) is None


def test_a_link_that_is_opened_leaves_the_tray_until_one_keeps_its_models(browser, live_server):
    shared = live_server.url + "/compare/?m=lab/m5&m=lab/m6@host&m=lab/m7"
    gather(browser, "M1", "M2")
    browser.get(shared)
    assert (
        choice(browser) == "Your tray still holds 2 models. Keep these in my tray Back to my tray"
    )
    click(browser, "#compared th:nth-child(4) .remove")
    until(browser, "document.querySelectorAll('#compared thead th[data-model]').length === 2")
    until(browser, "document.querySelector('#tray-choice') !== null")
    browser.get(live_server.url + "/providers/")
    assert tray(browser) == ["M1", "M2"]
    browser.get(shared)
    click(browser, "#tray-choice button")
    assert choice(browser) == "These are in your tray now. Undo"
    assert said(browser) == "3 models in your tray"
    assert browser.switch_to.active_element.text == "Undo"
    click(browser, "#tray-choice button")
    assert choice(browser).startswith("Your tray still holds 2 models.")
    browser.find_element(By.LINK_TEXT, "Back to my tray").click()
    until(browser, "location.search === '?m=lab/m1&m=lab/m2'")
    until(browser, "document.querySelectorAll('#compared thead th[data-model]').length === 2")
    assert choice(browser) is None
    browser.get(shared)
    click(browser, "#tray-choice button")
    browser.get(live_server.url + "/providers/")
    assert tray(browser) == ["M5", "M6", "M7"]
    browser.get(shared.replace("lab/m6@host", "lab/m6%40host"))
    assert choice(browser) is None  # it is the tray's own now


def test_models_that_are_found_on_the_empty_page_are_gathered(browser, live_server):
    browser.get(live_server.url + "/compare/")
    assert choice(browser) is None
    click(browser, ".compare-empty .addables a[href*='lab/m9']")
    until(browser, "document.querySelector('.chosen') !== null")
    until(browser, "JSON.parse(localStorage.getItem('compare')).length === 1")
    browser.get(live_server.url + "/compare/?m=lab/m2&m=lab/m3")
    assert choice(browser).startswith("Your tray still holds 1 model.")
    browser.execute_script("localStorage.clear()")
    browser.refresh()
    assert choice(browser) == "These are not in your tray. Keep these in my tray"


def test_a_provider_and_the_mix_change_without_a_reload(browser, live_server):
    browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2")
    browser.execute_script("window.unloaded = false")
    Select(browser.find_element(By.ID, "at-1")).select_by_visible_text("Host")
    until(browser, "location.search === '?m=lab/m1@host&m=lab/m2'")
    until(
        browser, "document.querySelector('#compared [data-meter=input]').dataset.amount === '100'"
    )
    assert browser.switch_to.active_element.get_attribute("id") == "at-1"
    until(
        browser,
        "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')",
    )
    mix = browser.find_element(By.ID, "mix")
    # Emptying the field is a change of its own, which would swap the field away while it is written
    # in.
    mix.send_keys(Keys.CONTROL, "a")
    mix.send_keys("1:1", Keys.ENTER)
    until(browser, "location.search === '?m=lab/m1@host&m=lab/m2&mix=1:1'")
    until(
        browser, "document.querySelector('#compared [data-meter=blended]').dataset.amount === '51'"
    )
    assert browser.execute_script("return window.unloaded") is False


def test_only_differences_is_a_switch_that_back_undoes(browser, live_server):
    browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2")
    rows = "document.querySelectorAll('#compared tbody tr').length"
    every = browser.execute_script(f"return {rows}")
    click(browser, "#only")
    until(browser, "document.querySelector('#only[aria-current]') !== null")
    assert browser.current_url.endswith("&only=differences")
    assert browser.execute_script(f"return {rows}") < every
    browser.back()
    until(browser, f"{rows} === {every}")


def test_a_model_is_found_while_typing_and_added(browser, live_server):
    browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2")
    browser.find_element(By.ID, "add").send_keys("m9")
    until(browser, "document.querySelector('#found .addable') !== null")
    assert browser.current_url.endswith("?m=lab/m1&m=lab/m2")
    click(browser, "#found .addable")
    until(browser, "document.querySelectorAll('#compared thead th[data-model]').length === 3")
    assert columns(browser) == ["lab/m1", "lab/m2", "lab/m9"]


@pytest.mark.parametrize("count", [2, 3, 8])
def test_a_narrow_comparison_has_its_labels_above_and_scrolls_nothing_sideways(
    browser, live_server, count
):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(live_server.url + "/compare/?" + "&".join(f"m=lab/m{n}" for n in range(count)))
        for scroller in ("document.documentElement", "document.querySelector('.sideways')"):
            spill = f"return {scroller}.scrollWidth - {scroller}.clientWidth"
            assert browser.execute_script(spill) == 0
        row = browser.find_element(By.CSS_SELECTOR, "#compared tr:has([data-meter=input])")
        label = row.find_element(By.TAG_NAME, "th").rect
        cells = row.find_elements(By.TAG_NAME, "td")
        assert label["width"] > 300
        assert all(cell.rect["y"] >= label["y"] + label["height"] - 1 for cell in cells)
        aside = len({cell.rect["y"] for cell in cells}) == 1
        assert aside is (count < 4)
        if not aside:
            named = "return getComputedStyle(arguments[0], '::before').content"
            assert browser.execute_script(named, cells[7]) == '"M7"'
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", [1300, 360])
def test_the_names_of_the_models_stay_in_sight(browser, live_server, width):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 500, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2")
        browser.execute_script("document.querySelector('tbody:nth-of-type(3)').scrollIntoView()")
        name = browser.find_element(By.CSS_SELECTOR, "#compared .name")
        seen = (
            "const box = arguments[0].getBoundingClientRect();"
            "return document.elementFromPoint(box.x + 4, box.y + 4) === arguments[0]"
        )
        assert browser.execute_script("return scrollY") > 100
        assert browser.execute_script(seen, name)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_browser_that_keeps_nonsense_shows_a_page_all_the_same(browser, live_server):
    for kept in ("null", "7", "{", '[1, null, {"m": 2}, {"m": "lab/m1", "name": "M1"}]'):
        browser.execute_script("localStorage.setItem('compare', arguments[0])", kept)
        browser.get(live_server.url + "/providers/")
        assert tray(browser) == (["M1"] if "lab" in kept else None)


def test_everything_is_reached_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(live_server.url + "/models/lab/m1/")
    browser.find_element(By.LINK_TEXT, "Add to compare").click()
    browser.find_element(By.ID, "add").send_keys("m2", Keys.ENTER)
    # Each step is a page of its own, which is there when what it leads to is.
    wait = waiting(browser)
    wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, "#found .addable"))
    browser.find_element(By.CSS_SELECTOR, "#found .addable").click()
    names = ["M1", "M2"]
    heads = (By.CSS_SELECTOR, "#compared thead .name")
    wait.until(lambda _: [cell.text for cell in browser.find_elements(*heads)] == names)
    Select(browser.find_element(By.ID, "at-2")).select_by_visible_text("Host")
    browser.find_element(By.CSS_SELECTOR, "#compared .corner button").click()
    wait.until(
        lambda _: "m=lab/m2@host" in browser.current_url.replace("%2F", "/").replace("%40", "@")
    )
    browser.find_element(By.ID, "only").click()
    wait.until(lambda _: "only=differences" in browser.current_url)
    browser.find_element(By.CSS_SELECTOR, ".remove").click()
    alone = "Compare it with another"
    wait.until(lambda _: alone in browser.find_element(By.TAG_NAME, "main").text)


def test_the_policy_blocks_nothing_that_the_page_uses(browser, live_server):
    browser.get_log("browser")
    browser.get(live_server.url + "/compare/?m=lab/m1&m=lab/m2")
    click(browser, "#only")
    until(browser, "document.querySelector('#only[aria-current]') !== null")
    assert browser.get_log("browser") == []


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
VIOLATIONS = (
    "axe.run(document).then(found => "
    "arguments[arguments.length - 1](found.violations.map(violation => violation.id)))"
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1300, 360])
def test_axe_finds_no_barrier_in_the_tray(browser, live_server, theme, width):
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(live_server.url + "/")
        boxes = "document.querySelectorAll('#models input.gather')"
        browser.execute_script(f"for (const box of [...{boxes}].slice(0, 8)) box.click()")
        assert len(tray(browser)) == 8
        assert browser.find_element(By.ID, "tray").size["height"] < 150
        browser.execute_script(AXE)
        assert browser.execute_async_script(VIOLATIONS) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
