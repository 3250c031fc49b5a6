import threading
from importlib.resources import files

import pytest
from django.db import OperationalError
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from catalog.models import Capability, Endpoint, EndpointClaims, Model
from pricing.terms import Band, Terms
from tests.browser.waiting import waiting
from tests.factories import (
    OBSERVED,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from web.views import model as view

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/models/openai/o4-mini/"


@pytest.fixture(autouse=True)
def o4_mini():
    Capability.objects.update_or_create(
        slug="vision", defaults={"name": "Vision", "explanation": "It sees."}
    )
    openai, azure = (
        make_provider("openai", name="OpenAI"),
        make_provider("azure", name="Azure", kind="cloud"),
    )
    model = make_model(
        "openai/o4-mini", name="o4-mini", capabilities=["vision"], released="2025-04-16"
    )
    endpoint = sell(model, openai, input="2.6875", output="4.40", web_search="10")
    # Every column of the table is known somewhere.
    Endpoint.objects.update(context_window=200_000, zdr="no", training="no")
    for slug in ("cache_read", "cache_write"):
        make_rate(endpoint, slug, None, state="dynamic")
    make_rate(endpoint, "input", "1.25", terms=Terms(tier="batch"))
    make_rate(endpoint, "input", "5", terms=Terms(band=Band(272_000)))
    sell(model, azure, input="1.21", output="4.84")
    make_rate(
        make_endpoint(model, azure, upstream_id="eu/o4-mini", region="eu", variant="eu"),
        "input",
        "1.33",
    )
    sell(model, make_provider("router", name="Router", kind="gateway"), input="1")
    summarise()


def providers(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#providers tr[data-provider]')]"
        ".map(row => row.dataset.provider)"
    )


def wait_for(browser, rows):
    waiting(browser).until(lambda _: providers(browser) == rows)


def opened(browser):
    """The texts of the opened rows that are seen."""
    rows = browser.find_elements(By.CSS_SELECTOR, "#providers tr.opened")
    return [row.text for row in rows if row.is_displayed()]


def test_sorting_swaps_the_table_alone_and_back_brings_the_old_one(browser, live_server):
    browser.get(live_server.url + PAGE)
    wait_for(browser, ["azure", "openai"])
    browser.execute_script("window.unloaded = false")
    browser.find_element(By.ID, "by-input").click()
    browser.find_element(By.ID, "by-input")
    waiting(browser).until(lambda _: browser.current_url.endswith("?sort=input"))
    browser.find_element(By.CSS_SELECTOR, "th[aria-sort=ascending] a").click()
    wait_for(browser, ["openai", "azure"])
    assert browser.current_url.endswith("?sort=-input")
    assert browser.execute_script("return window.unloaded") is False  # no reload
    assert browser.switch_to.active_element.get_attribute("id") == "by-input"
    browser.back()
    wait_for(browser, ["azure", "openai"])
    assert browser.current_url.endswith("?sort=input")


def fail(*_args, **_names):
    raise OSError


def failed(browser):
    return browser.find_element(By.CSS_SELECTOR, ".failed[role=alert]").text


def wait_for_failure(browser):
    waiting(browser).until(lambda _: failed(browser) == "That did not load. Please try again.")


def test_what_does_not_come_says_so_until_something_does(browser, live_server, monkeypatch):
    browser.get(live_server.url + PAGE)
    with monkeypatch.context() as broken:
        broken.setattr(view, "read_endpoint_page", fail)
        browser.find_element(By.CSS_SELECTOR, "a[data-opens]").click()
        wait_for_failure(browser)
    browser.find_element(By.ID, "by-output").click()
    wait_for(browser, ["openai", "azure"])
    assert failed(browser) == ""
    with monkeypatch.context() as broken:
        broken.setattr(view, "cached_model_page", fail)
        browser.find_element(By.ID, "by-input").click()
        wait_for_failure(browser)
    assert providers(browser) == ["openai", "azure"]


def lose_the_database(*_args, **_names):
    raise OperationalError("no server")


def test_a_database_that_is_gone_is_named_where_a_part_does_not_come(
    browser, live_server, monkeypatch
):
    browser.get(live_server.url + PAGE)
    monkeypatch.setattr(view, "cached_model_page", lose_the_database)
    browser.find_element(By.ID, "by-input").click()
    waiting(browser).until(lambda _: failed(browser))
    assert failed(browser).startswith("The database does not answer. ")


def test_a_choice_of_provider_that_does_not_come_is_taken_back(browser, live_server, monkeypatch):
    browser.get(live_server.url + PAGE)
    was = browser.find_element(By.ID, "use-provider").get_property("value")
    (other,) = {"azure", "openai"} - {was}
    with monkeypatch.context() as broken:
        broken.setattr(view, "cached_model_page", fail)
        Select(browser.find_element(By.ID, "use-provider")).select_by_value(other)
        wait_for_failure(browser)
    assert browser.find_element(By.ID, "use-provider").get_property("value") == was
    Select(browser.find_element(By.ID, "use-provider")).select_by_value(other)
    waiting(browser).until(lambda _: browser.current_url.endswith(f"?use={other}"))


def test_a_row_that_is_opened_while_the_table_is_sorted_opens_in_the_new_one(
    browser, live_server, monkeypatch
):
    read, slow = view.read_endpoint_page, threading.Event()

    def read_slowly(*args, **options):
        slow.wait(5)
        return read(*args, **options)

    monkeypatch.setattr(view, "read_endpoint_page", read_slowly)
    browser.get(live_server.url + PAGE)
    browser.execute_script(
        "document.getElementById('by-output').click();"
        "const link = document.querySelector('tr[data-provider=openai] a[data-opens]');"
        "link.focus(); link.click()"
    )
    wait_for(browser, ["openai", "azure"])
    slow.set()
    waiting(browser).until(lambda _: opened(browser))
    assert "$2.6875" in opened(browser)[0]
    focused = browser.switch_to.active_element
    assert focused == browser.find_element(
        By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]"
    )
    assert focused.get_attribute("aria-expanded") == "true"


def test_columns_that_an_address_names_are_put_away_without_leaving_the_panel(browser, live_server):
    browser.get(f"{live_server.url}{PAGE}?columns=input,output&sort=input")
    browser.execute_script("window.unloaded = false")
    browser.find_element(By.CSS_SELECTOR, "#columns summary").click()
    browser.find_element(By.ID, "column-output").click()
    hidden = (By.CSS_SELECTOR, "#providers td[data-meter=output]")
    wait = waiting(browser)
    wait.until(lambda _: not browser.find_element(*hidden).is_displayed())
    wait.until(lambda _: "output" not in browser.current_url)
    assert "sort=input" in browser.current_url
    assert browser.execute_script("return window.unloaded") is False
    assert browser.find_element(By.ID, "column-output").is_displayed()
    assert browser.switch_to.active_element.get_attribute("id") == "column-output"


def test_gateways_and_variants_unfold_and_fold_again(browser, live_server):
    browser.get(live_server.url + PAGE)
    browser.find_element(By.PARTIAL_LINK_TEXT, "1 more through a gateway").click()
    wait_for(browser, ["azure", "openai", "router"])
    browser.find_element(By.PARTIAL_LINK_TEXT, "+1 variant").click()
    wait_for(browser, ["azure", "azure", "openai", "router"])
    browser.find_element(By.PARTIAL_LINK_TEXT, "Fold the 1").click()
    wait_for(browser, ["azure", "azure", "openai"])
    assert browser.current_url.endswith("?all=azure")


def test_a_row_opens_to_its_whole_rate_card_and_closes_by_keyboard_alone(browser, live_server):
    browser.get(live_server.url + PAGE)
    link = browser.find_element(By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]")
    waiting(browser).until(lambda _: link.get_attribute("aria-expanded") == "false")
    link.send_keys(Keys.ENTER)
    waiting(browser).until(lambda _: opened(browser))
    (text,) = opened(browser)
    for said in ("$2.6875", "above 272K", "Batch", "inherited from standard"):
        assert said in text
    assert browser.current_url == live_server.url + PAGE
    assert link.get_attribute("aria-expanded") == "true"
    assert browser.switch_to.active_element == link
    link.send_keys(Keys.ENTER)
    assert opened(browser) == []
    assert link.get_attribute("aria-expanded") == "false"
    link.send_keys(Keys.ENTER)
    assert len(opened(browser)) == 1  # and not a second time


def test_what_was_opened_stays_open_below_its_row_when_the_table_is_sorted(browser, live_server):
    browser.get(live_server.url + PAGE)
    browser.find_element(By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]").click()
    waiting(browser).until(lambda _: opened(browser))
    browser.find_element(By.ID, "by-output").click()
    wait_for(browser, ["openai", "azure"])
    # The opened row follows the table, after the swap.
    waiting(browser).until(lambda _: opened(browser))
    (text,) = opened(browser)
    assert "$2.6875" in text
    above = browser.find_element(By.CSS_SELECTOR, "tr:has(+ .opened)")
    assert above.get_attribute("data-provider") == "openai"
    link = above.find_element(By.CSS_SELECTOR, "a[data-opens]")
    assert link.get_attribute("aria-expanded") == "true"
    link.click()
    assert opened(browser) == []


def test_the_cell_of_a_provider_leaves_the_table_within_a_window_and_its_rows_low(
    browser, live_server
):
    size = {"width": 1300, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(f"{live_server.url}{PAGE}?all=1")
        spill, tallest = browser.execute_script(
            "const table = document.getElementById('providers'), around = table.parentElement;"
            "const rows = [...table.querySelectorAll('tr[data-provider]')];"
            "return [around.scrollWidth - around.clientWidth,"
            " Math.max(...rows.map((row) => row.getBoundingClientRect().height))]"
        )
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert spill == 0
    assert tallest <= 72


def test_the_keyboard_reaches_the_table_and_sorts_it(browser, live_server):
    browser.get(live_server.url + PAGE)
    reached = []
    for _ in range(60):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.get_attribute("id"))
        if reached[-1] == "by-input":
            break
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    waiting(browser).until(lambda _: browser.current_url.endswith("?sort=input"))


def test_an_explanation_shows_on_focus(browser, live_server):
    browser.get(live_server.url + PAGE)
    chip = browser.find_element(By.CSS_SELECTOR, ".explained li")
    said = chip.find_element(By.CSS_SELECTOR, ".explanation")
    assert said.value_of_css_property("opacity") == "0"
    browser.execute_script("arguments[0].focus()", chip)
    waiting(browser).until(lambda _: said.value_of_css_property("opacity") == "1")


def test_everything_is_reached_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts

    def rows():
        found = browser.find_elements(By.CSS_SELECTOR, "#providers tr[data-provider]")
        return [row.get_attribute("data-provider") for row in found]

    browser.get(live_server.url + PAGE)
    browser.find_element(By.ID, "by-output").click()
    assert rows() == ["openai", "azure"]
    browser.find_element(By.LINK_TEXT, "All 4").click()
    assert sorted(rows()) == ["azure", "azure", "openai", "router"]
    assert "sort=output" in browser.current_url
    browser.find_element(By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "o4-mini at OpenAI"
    assert "$2.6875" in browser.find_element(By.TAG_NAME, "main").text
    browser.find_element(By.PARTIAL_LINK_TEXT, "All providers of").click()
    assert browser.current_url == live_server.url + PAGE


def test_an_opened_row_stays_within_a_narrow_screen(browser, live_server):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(live_server.url + PAGE)
        link = browser.find_element(By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]")
        browser.execute_script("arguments[0].click()", link)
        waiting(browser).until(lambda _: opened(browser))
        page = "document.documentElement"
        spill = browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert spill == 0


@pytest.fixture
def narrow(browser):
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def drawn(browser, css, place):
    """What the style sheet writes beside an element."""
    return browser.execute_script(
        f"return getComputedStyle(document.querySelector('{css}'), '::{place}').content"
    )


def test_a_card_has_nothing_that_nobody_measures_and_nothing_of_no_capability(narrow, live_server):
    narrow.get(live_server.url + PAGE)
    assert not narrow.find_elements(By.CSS_SELECTOR, "#providers td.live")
    silent = narrow.find_element(
        By.CSS_SELECTOR, "#providers tr[data-provider=azure] td:has(> .none)"
    )
    assert not silent.is_displayed()


def test_more_models_by_a_creator_are_laid_out_as_in_the_list(narrow, live_server):
    sell(make_model("openai/o5"), make_provider("openai"), input="1")
    summarise()
    narrow.get(live_server.url + PAGE)
    assert "Input" in drawn(narrow, "#more td[data-meter=input]", "before")
    assert not narrow.find_elements(By.CSS_SELECTOR, "#more td[data-metric]")


def test_an_opened_rate_card_stands_below_each_other_on_a_narrow_screen(narrow, live_server):
    narrow.get(live_server.url + PAGE)
    link = narrow.find_element(By.CSS_SELECTOR, "tr[data-provider=openai] a[data-opens]")
    narrow.execute_script("arguments[0].click()", link)
    waiting(narrow).until(lambda _: opened(narrow))
    spill = (
        "const card = document.querySelector('.opened .scroll'); "
        "return card.scrollWidth - card.clientWidth"
    )
    assert narrow.execute_script(spill) == 0
    assert drawn(narrow, ".opened .tiers td:last-child", "before") == '"Batch"'


def test_a_narrow_provider_table_sorts_behind_a_summary_that_stays_open(narrow, live_server):
    def headings():
        return [
            each
            for each in narrow.find_elements(By.CSS_SELECTOR, "#providers thead a")
            if each.is_displayed()
        ]

    narrow.get(live_server.url + PAGE)
    assert not headings()
    narrow.find_element(By.CSS_SELECTOR, "#sorting summary").click()
    narrow.find_element(By.ID, "by-output").click()
    wait_for(narrow, ["openai", "azure"])
    waiting(narrow).until(lambda _: narrow.find_elements(By.CSS_SELECTOR, "#by-output span"))
    assert headings()
    assert narrow.switch_to.active_element.get_attribute("id") == "by-output"


def test_a_card_of_a_list_says_whose_price_it_is(narrow, live_server):
    narrow.get(f"{live_server.url}/")
    assert "at Azure" in narrow.find_element(By.CSS_SELECTOR, "#models tr[data-model]").text
    page = "document.documentElement"
    assert narrow.execute_script(f"return {page}.scrollWidth - {page}.clientWidth") <= 0


LINES_OF_FACTS = """
const boxes = [...document.querySelectorAll('.facts > div')], tops = boxes.map(box => box.offsetTop)
return [...new Set(tops)].map(top => tops.filter(one => one === top).length)
"""
LINES_OF_STAGE = """
const range = document.createRange()
range.selectNodeContents(document.querySelector('.facts > :last-child dd').firstChild)
return new Set([...range.getClientRects()].map(line => line.top)).size
"""


def test_facts_stand_in_one_line_or_in_two_of_about_as_many_and_break_no_word(browser, live_server):
    model = Model.objects.get(slug="openai/o4-mini")
    model.lifecycle = "deprecated"
    model.save()
    browser.get(live_server.url + PAGE)
    assert browser.execute_script(LINES_OF_FACTS) == [6]
    assert browser.execute_script(LINES_OF_STAGE) == 1
    browser.execute_script(
        "const box = document.querySelector('.facts > div');"
        "for (let n = 0; n < 3; n++) box.after(box.cloneNode(true))"
    )
    assert browser.execute_script(LINES_OF_FACTS) == [5, 4]
    assert browser.execute_script(LINES_OF_STAGE) == 1


def test_the_policy_blocks_nothing_that_an_opened_row_uses(browser, live_server):
    browser.get_log("browser")
    browser.get(live_server.url + PAGE)
    browser.find_element(By.CSS_SELECTOR, "a[data-opens]").click()
    waiting(browser).until(lambda _: opened(browser))
    assert browser.get_log("browser") == []


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
VIOLATIONS = (
    "axe.run(document).then(found => "
    "arguments[arguments.length - 1](found.violations.map(violation => violation.id)))"
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_in_opened_rows_and_on_their_page(browser, live_server, theme):
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    browser.get(f"{live_server.url}{PAGE}?all=1")
    for link in browser.find_elements(By.CSS_SELECTOR, "a[data-opens]"):
        browser.execute_script("arguments[0].click()", link)
    waiting(browser).until(lambda _: len(opened(browser)) == 4)
    # A table that waits for an answer is drawn paler.
    waiting(browser).until(lambda _: not browser.find_elements(By.CSS_SELECTOR, ".htmx-request"))
    browser.execute_script(AXE)
    assert browser.execute_async_script(VIOLATIONS) == []
    browser.get(f"{live_server.url}{PAGE}endpoints/openai/")
    browser.execute_script(AXE)
    assert browser.execute_async_script(VIOLATIONS) == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_columns_that_are_put_away_stay_away(browser, live_server):
    def seen(cell):
        return browser.find_element(By.CSS_SELECTOR, f"#providers tbody {cell}").is_displayed()

    browser.get(live_server.url + PAGE)
    for name in ("input", "released"):
        browser.execute_script("document.querySelector('#columns').open = true")
        browser.find_element(By.CSS_SELECTOR, f"#columns input[value={name}]").click()
    for _ in range(2):
        assert not seen("td[data-meter=input]")
        assert not seen("td.date")
        assert seen("td[data-meter=output]")
        assert browser.find_element(By.ID, "fold").is_displayed()
        browser.refresh()
    browser.get(f"{live_server.url}/")
    assert browser.find_element(
        By.ID, "by-input"
    ).is_displayed()  # each table has a choice of its own
    browser.get(f"{live_server.url}{PAGE}?columns=zdr,input&sort=input")
    assert seen("td[data-meter=input]")
    assert not seen("td[data-meter=output]")


def test_the_choice_of_a_provider_and_the_tables_links_keep_each_other(browser, live_server):
    def at(query):
        waiting(browser).until(lambda _: browser.current_url.endswith(query))

    browser.get(live_server.url + PAGE)
    browser.find_element(By.ID, "by-input").click()
    at("?sort=input")
    waiting(browser).until(lambda _: browser.find_elements(By.CSS_SELECTOR, "#by-input span"))
    Select(browser.find_element(By.ID, "use-provider")).select_by_value("openai")
    at("?sort=input&use=openai")
    waiting(browser).until(lambda _: "openai" in link(browser, "by-output"))
    browser.find_element(By.ID, "by-output").click()
    at("?sort=output&use=openai")
    browser.find_element(By.ID, "everything").click()
    at("?sort=output&all=1&use=openai")


def test_the_links_keep_the_chosen_provider_after_going_back_too(browser, live_server):
    def at(query):
        waiting(browser).until(lambda _: browser.current_url.endswith(query))

    browser.get_log("browser")
    browser.get(live_server.url + PAGE)
    browser.find_element(By.ID, "fold").click()
    at("?all=indirect")
    waiting(browser).until(lambda _: len(providers(browser)) == 3)
    browser.find_element(By.ID, "by-output").click()
    at("?sort=output&all=indirect")
    waiting(browser).until(lambda _: browser.find_elements(By.CSS_SELECTOR, "#by-output span"))
    browser.back()
    at("?all=indirect")
    waiting(browser).until(lambda _: not browser.find_elements(By.CSS_SELECTOR, "#by-output span"))
    Select(browser.find_element(By.ID, "use-provider")).select_by_value("openai")
    at("?all=indirect&use=openai")
    waiting(browser).until(lambda _: "openai" in link(browser, "by-output"))
    assert browser.get_log("browser") == []


def link(browser, element):
    return browser.find_element(By.ID, element).get_attribute("href")


def test_without_scripts_the_choices_keep_each_other_too(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}{PAGE}?sort=input")
    Select(browser.find_element(By.ID, "use-provider")).select_by_value("openai")
    browser.find_element(By.CSS_SELECTOR, "#use-form button").click()
    waiting(browser).until(lambda _: "?sort=input&use=openai" in browser.current_url)
    for found in ("summary", "input[value=zdr]", ".button:not(summary)"):
        element = browser.find_element(By.CSS_SELECTOR, f"#columns {found}")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
    waiting(browser).until(lambda _: "columns=" in browser.current_url)
    assert "sort=input" in browser.current_url
    assert "use=openai" in browser.current_url
    assert not browser.find_element(
        By.CSS_SELECTOR, "#providers td[data-policy=zdr]"
    ).is_displayed()
    assert browser.find_element(
        By.CSS_SELECTOR, "#providers td[data-policy=training]"
    ).is_displayed()


def heading_and_bar(browser):
    """Where the headings of the provider table begin, and where the top bar ends."""
    return browser.execute_script(
        "document.querySelector('#providers > tbody:last-child > tr:last-child')"
        ".scrollIntoView({block: 'start'});"
        "const heading = document.querySelector('#providers > thead th:nth-child(2)');"
        "const box = heading.getBoundingClientRect();"
        "const over = document.elementFromPoint(box.left + 9, box.top + 9);"
        "const bar = document.querySelector('.topbar').getBoundingClientRect();"
        "return [heading.contains(over) && Math.round(box.top), Math.round(bar.bottom)]"
    )


def test_the_headings_stay_in_sight_and_a_narrower_table_scrolls_sideways(browser, live_server):
    for width in (1280, 1440, 1920):
        browser.set_window_size(width, 500)
        browser.get(f"{live_server.url}{PAGE}?all=1")
        top, bar = heading_and_bar(browser)
        assert bar - 1 <= top <= bar
    browser.set_window_size(900, 500)
    wide, shown, page = browser.execute_script(
        "const table = document.querySelector('#providers');"
        "return [table.offsetWidth, table.parentElement.clientWidth, "
        "document.documentElement.scrollWidth - document.documentElement.clientWidth]"
    )
    assert wide > shown
    assert page == 0


def test_the_dot_beside_a_price_opens_the_claims_below_its_row(browser, live_server):
    endpoint = Endpoint.objects.get(provider__slug="openai")
    for source, amount in (("models-dev", "2.6875"), ("litellm", "2.50")):
        EndpointClaims.objects.create(
            endpoint=endpoint,
            source=make_source(source),
            stated_at=OBSERVED,
            rates=[{"meter": "input", "amount": amount}],
        )
    browser.get(live_server.url + PAGE)
    heights = "return [...document.querySelectorAll('#providers tr')].map(row => row.offsetHeight)"
    (dot,) = browser.find_elements(By.CSS_SELECTOR, "a.differs")
    assert dot.get_attribute("title") == "Input: 1 of 2 sources differs"
    with_dot = browser.execute_script(heights)
    dot.click()
    waiting(browser).until(lambda _: opened(browser))
    assert "Litellm $2.50" in opened(browser)[0]
    assert browser.current_url == live_server.url + PAGE
    browser.execute_script(
        "document.querySelector('tr.opened').remove();document.querySelector('a.differs').remove()"
    )
    assert browser.execute_script(heights) == with_dot
