import threading
import time

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pricing.terms import Band, Terms
from tests.browser.waiting import waiting
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    sell,
    summarise,
)
from tests.waiting import PATIENCE_SECONDS
from web.views import estimate as views

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalog():
    openai, azure = make_provider("openai", name="OpenAI"), make_provider("azure", name="Azure")
    dear = make_model(
        "a/dear",
        name="Dear",
        context_window=1_000_000,
        capabilities=["reasoning", "vision"],
        modalities_in=["image"],
    )
    endpoint = sell(dear, openai, input="4", output="8", cache_read="1")
    make_rate(endpoint, "input", "8", terms=Terms(band=Band(200_000)))
    make_rate(endpoint, "input", "2", terms=Terms("batch"))
    sell(dear, azure, input="5", output="9")
    sell(make_model("a/cheap", name="Cheap", context_window=100_000), azure, input="1", output="2")
    sell(
        make_model("a/middle", name="Middle", context_window=200_000), azure, input="2", output="4"
    )
    summarise()


def totals(browser):
    """What each ranked row costs, by model."""
    return dict(
        browser.execute_script(
            "return [...document.querySelectorAll("
            "'#estimate :is(.pins, .ranked) > tr[data-model]')].map("
            "row => [row.dataset.model, row.querySelector('[data-meter=total]').dataset.amount])"
        )
    )


def wait_until(browser, holds):
    waiting(browser).until(lambda _: holds())


def costs(browser, **expected):
    wait_until(
        browser,
        lambda: totals(browser) == {f"a/{name}": amount for name, amount in expected.items()},
    )


def field(browser, name):
    return browser.find_element(By.ID, f"w-{name}")


def write(browser, name, text):
    field(browser, name).send_keys(Keys.CONTROL, "a")
    field(browser, name).send_keys(text)


MILLION = "/estimate/?requests=1000000&input=1"


def open_page(browser, live_server, query=MILLION):
    browser.get(live_server.url + query)
    browser.execute_script("window.unloaded = false")


def stayed(browser):
    return browser.execute_script("return window.unloaded") is False


def test_typing_changes_the_totals_without_a_reload_and_the_focus_stays(browser, live_server):
    open_page(browser, live_server)
    costs(browser, cheap="1", middle="2", dear="4")
    write(browser, "input", "10")
    costs(browser, cheap="10", middle="20", dear="40")
    assert browser.switch_to.active_element == field(browser, "input")
    field(browser, "input").send_keys("0")
    costs(browser, cheap="100", middle="200", dear="400")
    assert stayed(browser)
    wait_until(browser, lambda: browser.current_url.endswith("?requests=1000000&input=100"))
    browser.refresh()
    costs(browser, cheap="100", middle="200", dear="400")
    assert field(browser, "input").get_attribute("value") == "100"


def test_typing_leaves_no_trail_of_addresses(browser, live_server):
    browser.get(f"{live_server.url}/models/")
    browser.find_element(By.LINK_TEXT, "Estimate").click()
    wait_until(browser, lambda: totals(browser))
    write(browser, "input", "12345")
    wait_until(browser, lambda: "input=12345" in browser.current_url)
    browser.back()
    wait_until(browser, lambda: browser.current_url.endswith("/models/"))


def test_a_bad_number_is_said_beside_its_field_and_mended_by_typing_on(browser, live_server):
    open_page(browser, live_server)
    write(browser, "input", "1x")
    why = browser.find_element(By.ID, "why-input")
    wait_until(browser, lambda: "A number, please" in browser.find_element(By.ID, "why-input").text)
    assert totals(browser) == {}
    assert field(browser, "input").get_attribute("aria-invalid") == "true"
    assert browser.switch_to.active_element == field(browser, "input")
    field(browser, "input").send_keys(Keys.BACKSPACE)
    costs(browser, cheap="1", middle="2", dear="4")
    assert field(browser, "input").get_attribute("aria-invalid") is None
    assert browser.find_element(By.ID, "why-input").text == ""
    assert why is not None
    assert stayed(browser)


def test_a_slider_fills_its_field_on_a_logarithmic_scale(browser, live_server):
    open_page(browser, live_server)
    slider = browser.find_element(By.CSS_SELECTOR, '[data-for="w-input"]')
    places = []
    for text in ("0", "1", "1,000", "1,000,000", "1m", "5k"):
        write(browser, "input", text)
        places.append(int(slider.get_attribute("value")))
    assert places[:4] == [0, 1, 501, 1000]
    assert places[4] == 1000
    assert 501 < places[5] < 700
    slider.send_keys(Keys.HOME)
    assert field(browser, "input").get_attribute("value") == "0"
    slider.send_keys(Keys.END)
    assert field(browser, "input").get_attribute("value") == "1,000,000"
    assert slider.get_attribute("aria-valuetext") == "1,000,000"
    costs(browser, dear="8000000")
    slider.send_keys(Keys.ARROW_LEFT)
    wait_until(browser, lambda: "input=990000" in browser.current_url)


def test_a_preset_fills_the_form_and_typing_unmarks_it(browser, live_server):
    open_page(browser, live_server, f"{MILLION}&per=endpoint&pin=a/dear")

    def marked():
        return [
            chip.text for chip in browser.find_elements(By.CSS_SELECTOR, "#presets [aria-current]")
        ]

    browser.find_element(By.LINK_TEXT, "RAG").click()
    wait_until(browser, lambda: marked() == ["RAG"])
    shown = [
        field(browser, name).get_attribute("value") for name in ("requests", "input", "output")
    ]
    assert shown == ["10,000", "12,000", "500"]
    assert "per=endpoint" in browser.current_url
    assert "pin=a%2Fdear" in browser.current_url
    write(browser, "output", "501")
    wait_until(browser, lambda: marked() == [])
    write(browser, "output", "500")
    wait_until(browser, lambda: marked() == ["RAG"])
    browser.find_element(By.LINK_TEXT, "Batch extraction").click()
    wait_until(browser, lambda: marked() == ["Batch extraction"])
    assert field(browser, "tier").get_attribute("value") == "batch"


def test_a_pin_stays_while_somebody_types_and_goes_by_a_click(browser, live_server):
    open_page(browser, live_server)
    row = browser.find_element(By.CSS_SELECTOR, 'tr[data-model="a/middle"]')
    row.find_element(By.PARTIAL_LINK_TEXT, "Pin").click()
    wait_until(browser, lambda: next(iter(totals(browser))) == "a/middle")
    assert browser.switch_to.active_element.text.startswith("Unpin")
    assert "2.0× cheaper" in browser.find_element(By.CSS_SELECTOR, 'tr[data-model="a/cheap"]').text
    write(browser, "input", "7")
    costs(browser, middle="14", cheap="7", dear="28")
    assert next(iter(totals(browser))) == "a/middle"
    browser.find_element(By.PARTIAL_LINK_TEXT, "Unpin").click()
    wait_until(browser, lambda: next(iter(totals(browser))) == "a/cheap")
    assert "pin=" not in browser.current_url
    assert stayed(browser)


def test_a_row_opens_to_its_lines_stays_open_while_somebody_types_and_folds(browser, live_server):
    open_page(browser, live_server)

    def lines():
        return [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#lines tbody tr")]

    row = browser.find_element(By.CSS_SELECTOR, 'tr[data-model="a/dear"]')
    row.find_element(By.PARTIAL_LINK_TEXT, "Line by line").click()
    wait_until(browser, lambda: len(lines()) == 1)
    assert "1,000,000 × 1 token × $4.00 / 1,000,000" in lines()[0]
    assert browser.switch_to.active_element.get_attribute("aria-expanded") == "true"
    write(browser, "output", "3")
    wait_until(browser, lambda: len(lines()) == 2)
    assert "1,000,000 × 3 tokens × $8.00 / 1,000,000" in lines()[1]
    browser.find_element(By.PARTIAL_LINK_TEXT, "Fold").click()
    wait_until(browser, lambda: lines() == [])
    assert stayed(browser)


def test_back_and_forward_bring_the_rows_and_the_form_of_each_address(browser, live_server):
    open_page(browser, live_server)
    browser.find_element(By.ID, "by-endpoint").click()
    wait_until(
        browser,
        lambda: len(browser.find_elements(By.CSS_SELECTOR, "#estimate tr[data-model]")) == 4,
    )
    assert browser.switch_to.active_element.get_attribute("id") == "by-endpoint"
    browser.back()
    costs(browser, cheap="1", middle="2", dear="4")
    wait_until(
        browser,
        lambda: (
            browser.find_element(By.CSS_SELECTOR, "#kept [name=per]").get_attribute("value")
            == "model"
        ),
    )
    write(browser, "input", "2")
    costs(browser, cheap="2", middle="4", dear="8")
    slider = browser.find_element(By.CSS_SELECTOR, '[data-for="w-input"]')
    assert slider.is_displayed()
    slider.send_keys(Keys.HOME)
    assert field(browser, "input").get_attribute("value") == "0"
    browser.get(f"{live_server.url}{MILLION}")
    browser.find_element(By.ID, "by-endpoint").click()
    wait_until(browser, lambda: "per=endpoint" in browser.current_url)
    browser.back()
    wait_until(browser, lambda: "per=endpoint" not in browser.current_url)
    browser.forward()
    wait_until(
        browser,
        lambda: len(browser.find_elements(By.CSS_SELECTOR, "#estimate tr[data-model]")) == 4,
    )


def test_more_rows_load_below_the_others_and_a_pin_keeps_them(browser, live_server):
    host = make_provider("host")
    for n in range(50):
        sell(make_model(f"b/m{n:02}"), host, input=f"{n + 10}")
    summarise()
    open_page(browser, live_server)
    assert len(totals(browser)) == 30
    browser.find_element(By.ID, "load-more").click()
    wait_until(browser, lambda: len(totals(browser)) == 53)
    assert list(totals(browser).values()) == sorted(totals(browser).values(), key=float)
    row = browser.find_element(By.CSS_SELECTOR, 'tr[data-model="b/m49"]')
    row.find_element(By.PARTIAL_LINK_TEXT, "Pin").click()
    wait_until(browser, lambda: next(iter(totals(browser))) == "b/m49")
    assert len(totals(browser)) == 53
    assert stayed(browser)


def test_an_earlier_answer_that_is_slower_never_overwrites_a_later_one(
    browser, live_server, monkeypatch
):
    asked, later_shown, answered = threading.Event(), threading.Event(), threading.Event()
    read = views.read_estimate

    def reading(query, now, **options):
        if query.workload.number("input") != 5:
            return read(query, now, **options)
        asked.set()
        later_shown.wait(PATIENCE_SECONDS)
        answered.set()
        return read(query, now, **options)

    monkeypatch.setattr(views, "read_estimate", reading)
    open_page(browser, live_server)
    write(browser, "input", "5")
    assert asked.wait(PATIENCE_SECONDS)
    write(browser, "input", "6")
    costs(browser, cheap="6", middle="12", dear="24")
    wait_until(browser, lambda: "input=6" in browser.current_url)
    later_shown.set()
    assert answered.wait(PATIENCE_SECONDS)
    time.sleep(0.5)  # the time in which a page that is at fault would show the earlier answer
    assert totals(browser)["a/cheap"] == "6"
    assert "input=6" in browser.current_url


def test_the_count_is_read_out_once_typing_has_stopped(browser, live_server):
    open_page(browser, live_server, f"{MILLION}&per=endpoint")
    write(browser, "input", "150000")
    wait_until(browser, lambda: "3 endpoints" in said(browser))
    write(browser, "input", "x")
    wait_until(browser, lambda: "A number, please" in said(browser))


def said(browser):
    return browser.execute_script("return document.getElementById('said').textContent")


def test_the_keyboard_alone_does_it(browser, live_server):
    open_page(browser, live_server)
    keys = browser.switch_to.active_element
    for _ in range(60):
        keys.send_keys(Keys.TAB)
        keys = browser.switch_to.active_element
        if keys.get_attribute("id") == "w-input":
            break
    keys.send_keys(Keys.CONTROL, "a")
    keys.send_keys("10")
    costs(browser, cheap="10", middle="20", dear="40")
    for _ in range(60):
        keys.send_keys(Keys.TAB)
        keys = browser.switch_to.active_element
        if (keys.get_attribute("id") or "").startswith("opens-"):
            break
    keys.send_keys(Keys.ENTER)
    wait_until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#lines"))
    browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_until(browser, lambda: "pin=a%2Fcheap" in browser.current_url)
    assert stayed(browser)


def test_everything_works_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts

    def models():
        links = browser.find_elements(
            By.CSS_SELECTOR, "#estimate tr[data-model] th .who > span > a"
        )
        return [link.text for link in links]

    def shows(expected):
        wait_until(browser, lambda: models() == expected)

    browser.get(live_server.url + MILLION)
    shows(["Cheap", "Middle", "Dear"])
    assert not browser.find_element(By.CSS_SELECTOR, "#workload .slide").is_displayed()
    write(browser, "input", "150000")
    browser.find_element(By.XPATH, "//button[text()='Estimate']").click()
    shows(["Middle", "Dear"])
    browser.find_element(By.XPATH, "//summary[text()='Filters']").click()
    field(browser, "q").send_keys("dear", Keys.ENTER)
    shows(["Dear"])
    browser.find_element(By.ID, "clear").click()
    shows(["Middle", "Dear"])
    browser.find_element(By.PARTIAL_LINK_TEXT, "Line by line").click()
    wait_until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "#lines tbody tr")) == 1)
    browser.find_element(By.LINK_TEXT, "Per endpoint").click()
    shows(["Middle", "Dear", "Dear"])
    browser.find_elements(By.PARTIAL_LINK_TEXT, "Pin")[-1].click()
    shows(["Dear", "Middle", "Dear"])
    browser.find_element(By.LINK_TEXT, "RAG").click()
    wait_until(browser, lambda: field(browser, "input").get_attribute("value") == "12,000")
    shows(["Dear", "Cheap", "Middle", "Dear"])
    write(browser, "input", "-1")
    field(browser, "input").send_keys(Keys.ENTER)
    wait_until(
        browser, lambda: "less than nothing" in browser.find_element(By.ID, "why-input").text
    )
    assert field(browser, "input").get_attribute("value") == "-1"


@pytest.mark.parametrize(
    ("width", "query"),
    [
        (1280, f"{MILLION}&per=endpoint&pin=a/dear"),
        (1280, "/estimate/?requests=1000000000&input=190000&output=9000"),
        (1360, "/estimate/?requests=1000000000&input=190000&output=9000&open=openai/dear"),
        (360, f"{MILLION}&per=endpoint&pin=a/dear&open=openai/dear"),
    ],
)
def test_the_table_fits_without_sideways_scrolling(browser, live_server, width, query):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(live_server.url + query)
        spills = browser.execute_script(
            "return ['html', '#estimate'].map(css => document.querySelector(css)).map("
            "e => e.id ? e.parentElement : e).map(e => e.scrollWidth - e.clientWidth)"
        )
        edges = browser.execute_script(
            "return [...document.querySelectorAll('#estimate td[data-meter=total]')]"
            ".map(cell => cell.getBoundingClientRect().right)"
        )
        named_twice = browser.execute_script(
            "return [...document.querySelectorAll('.slice')].map("
            "slice => getComputedStyle(slice, '::before').content).filter(said => said != '\"\"')"
        )
        opened = [
            row.is_displayed() for row in browser.find_elements(By.CSS_SELECTOR, "#lines tbody td")
        ]
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert spills == [0, 0]
    assert not named_twice
    assert max(edges) <= width
    assert all(opened)
    assert bool(opened) == ("open=" in query)


def test_more_rows_can_be_loaded_on_a_narrow_screen(browser, live_server):
    host = make_provider("host")
    for n in range(40):
        sell(make_model(f"b/m{n:02}"), host, input=f"{n + 10}")
    summarise()
    size = {"width": 360, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        open_page(browser, live_server)
        browser.find_element(By.ID, "load-more").click()
        wait_until(browser, lambda: len(totals(browser)) == 43)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_form_stays_in_sight_and_scrolls_by_itself_when_it_is_taller_than_the_window(
    browser, live_server
):
    open_page(browser, live_server, f"{MILLION}&q=a&web_search=0")
    browser.set_window_size(1300, 500)
    form = "document.getElementById('workload')"
    box = f"{form}.getBoundingClientRect()"
    browser.execute_script("document.body.style.minHeight = '3000px'; scrollTo(0, 600)")
    top, bottom, height = browser.execute_script(f"return [{box}.top, {box}.bottom, innerHeight]")
    assert top >= 0
    assert bottom <= height
    assert browser.execute_script(f"return {form}.scrollHeight > {form}.clientHeight")


def test_units_beyond_tokens_open_their_group_and_ask_for_a_size(browser, live_server):
    painter = make_model("a/painter", modalities_out=["image"])
    endpoint = make_endpoint(painter, make_provider("host"), mode="image")
    for size, amount in (("1024x1024", "0.01"), ("1024x1536", "0.03")):
        make_rate(endpoint, "image", amount, terms=Terms(options=(("size", size),)))
    summarise()
    open_page(browser, live_server, "/estimate/?requests=1000&input=1")
    group = browser.find_element(By.ID, "more-fields")
    assert group.get_attribute("open") is None
    group.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    waiting(browser).until(lambda _: field(browser, "images").is_displayed())
    assert browser.find_elements(By.ID, "w-size") == []
    field(browser, "input").clear()
    write(browser, "images", "1000")
    costs(browser, painter="10")
    row = browser.find_element(By.CSS_SELECTOR, "#estimate .ranked [data-meter=total]")
    assert (row.get_attribute("data-amount-most"), row.text[:4]) == ("30", "from")
    field(browser, "size").send_keys("1024x1536")
    costs(browser, painter="30")
    assert browser.switch_to.active_element == field(browser, "size")
    assert stayed(browser)
    wait_until(browser, lambda: "size=1024x1536" in browser.current_url)
    browser.refresh()
    assert field(browser, "images").is_displayed()
    assert field(browser, "size").get_attribute("value") == "1024x1536"
    write(browser, "audio_second_in", "soon")
    why = (By.ID, "why-audio_second_in")
    wait_until(browser, lambda: "A length of time" in browser.find_element(*why).text)


def test_the_policy_blocks_nothing_that_the_page_uses(browser, live_server):
    browser.get_log("browser")
    open_page(browser, live_server)
    write(browser, "input", "9")
    costs(browser, cheap="9", middle="18", dear="36")
    assert browser.get_log("browser") == []
