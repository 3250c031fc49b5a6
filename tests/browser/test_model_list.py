import threading

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from catalog.models import Capability, Endpoint, Model
from tests.browser.waiting import waiting
from tests.factories import make_creator, make_model, make_provider, sell, sell_all, summarise
from web.views import models as view

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def models():
    """120 models of two creators, half of them with vision; the cheapest and newest is lab/m119."""
    Capability.objects.get_or_create(slug="vision", defaults={"name": "Vision"})
    providers = make_provider("openai", name="OpenAI"), make_provider("azure", name="Azure")
    lab, meta = make_creator("lab"), make_creator("meta")
    sales = []
    for n in range(120):
        creator, capabilities = (meta, ["vision"]) if n % 2 else (lab, [])
        model = Model(
            slug=f"{creator.slug}/m{n:03}",
            creator=creator,
            name=f"M{n:03}",
            released=f"2025-{1 + n // 28:02}-{1 + n % 28:02}",
            capabilities=capabilities,
        )
        sales.append((model, providers[n % 3 > 0], {"input": str(200 - n), "output": "5"}))
    sell_all(sales)
    summarise()


def names(numbers):
    return [f"{'meta' if n % 2 else 'lab'}/m{n:03}" for n in numbers]


NEWEST = names(range(119, -1, -1))
WITH_VISION = [slug for slug in NEWEST if slug.startswith("meta")]


def listed(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#models tr[data-model]')]."
        "map(row => row.dataset.model)"
    )


def wait_for(browser, rows):
    waiting(browser).until(lambda _: listed(browser) == rows, f"{listed(browser)[:3]}")


def wait_until(browser, script):
    waiting(browser).until(lambda _: browser.execute_script(f"return {script}"))


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def opened(browser, ident):
    """A long select with its options, which it loads when the keyboard or a pointer reaches it."""
    browser.execute_script("document.getElementById(arguments[0]).focus()", ident)
    wait_until(browser, f"!document.getElementById('{ident}').dataset.options")
    return Select(browser.find_element(By.ID, ident))


def address(browser, live_server):
    return browser.current_url.removeprefix(live_server.url)


def stay(browser):
    """Leave a mark that a reload would wipe out."""
    browser.execute_script("window.stayed = true")


def stayed(browser):
    return browser.execute_script("return window.stayed === true")


def test_a_chip_filters_in_place_and_again_takes_the_filter_off(browser, live_server):
    browser.get(f"{live_server.url}/")
    stay(browser)
    click(browser, "#chip-capability-vision")
    wait_for(browser, WITH_VISION[:50])
    assert address(browser, live_server) == "/?capability=vision"
    assert browser.switch_to.active_element.get_attribute("id") == "chip-capability-vision"
    assert browser.switch_to.active_element.get_attribute("aria-current") == "true"
    assert browser.find_element(By.ID, "count").text == "1–50 of 60"
    assert browser.find_element(By.ID, "said").get_property("textContent") == "1–50 of 60"
    click(browser, "#chip-capability-vision")
    wait_for(browser, NEWEST[:50])
    assert address(browser, live_server) == "/"
    assert stayed(browser)
    browser.back()
    wait_for(browser, WITH_VISION[:50])
    browser.back()
    wait_for(browser, NEWEST[:50])
    browser.forward()
    wait_for(browser, WITH_VISION[:50])
    browser.refresh()
    assert listed(browser) == WITH_VISION[:50]


def test_a_select_filters_in_place_and_its_chip_takes_it_off(browser, live_server):
    browser.get(f"{live_server.url}/?sort=input")
    stay(browser)
    assert len(Select(browser.find_element(By.ID, "provider")).options) == 1
    opened(browser, "provider").select_by_visible_text("OpenAI")
    from_openai = names(n for n in range(119, -1, -1) if n % 3 == 0)
    wait_for(browser, from_openai)
    assert address(browser, live_server) == "/?provider=openai&sort=input"
    opened(browser, "creator").select_by_value("meta")
    wait_for(browser, [slug for slug in from_openai if slug.startswith("meta")])
    click(browser, "#chip-provider")
    wait_for(browser, WITH_VISION[:50])
    assert Select(browser.find_element(By.ID, "provider")).first_selected_option.text == "Provider…"
    assert Select(browser.find_element(By.ID, "creator")).first_selected_option.text == "Meta"
    click(browser, "#clear")
    wait_for(browser, NEWEST[:50])
    assert address(browser, live_server) == "/?sort=input"
    assert stayed(browser)


def test_a_chosen_creator_shows_before_its_select_is_opened(browser, live_server):
    browser.get(f"{live_server.url}/?creator=meta")
    select = Select(browser.find_element(By.ID, "creator"))
    assert [option.text for option in select.options] == ["Creator…", "Meta"]
    assert select.first_selected_option.text == "Meta"
    click(browser, "#chip-creator")
    wait_for(browser, NEWEST[:50])
    assert select.first_selected_option.text == "Creator…"
    ActionChains(browser).move_to_element(browser.find_element(By.ID, "creator")).perform()
    wait_until(browser, "document.getElementById('creator').options.length === 3")


def test_several_fields_of_the_panel_apply_at_once(browser, live_server):
    browser.get(f"{live_server.url}/")
    click(browser, "#more-filters summary")
    browser.find_element(By.ID, "input_max").send_keys("85", Keys.TAB)
    browser.find_element(By.ID, "output_max").send_keys("9")
    assert address(browser, live_server) == "/"
    click(browser, "#more-filters .button")
    wait_for(browser, names(range(119, 114, -1)))
    assert address(browser, live_server) == "/?input_max=85&output_max=9"
    wait_until(browser, "!document.getElementById('more-filters').open")
    assert browser.switch_to.active_element.tag_name == "summary"
    click(browser, "#more-filters summary")
    browser.find_element(By.ID, "input_max").send_keys(Keys.ESCAPE)
    wait_until(browser, "!document.getElementById('more-filters').open")
    assert browser.switch_to.active_element.tag_name == "summary"


def test_a_value_that_makes_no_sense_is_named_and_the_rest_applies(browser, live_server):
    browser.get(f"{live_server.url}/?capability=vision")
    click(browser, "#more-filters summary")
    browser.find_element(By.ID, "output_max").send_keys("cheap", Keys.ENTER)
    wait_until(browser, "document.querySelector('.notice') !== null")
    assert (
        browser.find_element(By.CSS_SELECTOR, ".notice").text
        == "Some filters were ignored: “cheap” is no output price."
    )
    assert listed(browser) == WITH_VISION[:50]


def test_more_is_loaded_below_and_back_forward_and_reload_keep_it(browser, live_server):
    browser.get(f"{live_server.url}/?sort=input")
    stay(browser)
    browser.execute_script("document.querySelector('#models tbody tr').dataset.kept = ''")
    click(browser, "#load-more")
    wait_for(browser, NEWEST[:100])
    assert browser.execute_script(
        "return 'kept' in document.querySelector('#models tbody tr').dataset"
    )
    assert address(browser, live_server) == "/?sort=input&from=1&page=2"
    assert browser.find_element(By.ID, "count").text == "1–100 of 120"
    click(browser, "#load-more")
    wait_for(browser, NEWEST)
    assert stayed(browser)
    assert not browser.find_elements(By.ID, "load-more")
    browser.refresh()
    assert listed(browser) == NEWEST
    browser.back()
    wait_for(browser, NEWEST[:100])
    model = browser.find_element(By.LINK_TEXT, "M100")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", model)
    model.click()
    wait_until(browser, "document.querySelector('#providers') !== null")
    browser.back()
    wait_for(browser, NEWEST[:100])
    browser.back()
    wait_for(browser, NEWEST[:50])
    browser.forward()
    wait_for(browser, NEWEST[:100])


def test_going_back_from_more_leaves_one_where_one_was(browser, live_server):
    browser.get(f"{live_server.url}/creators/meta/?sort=input")
    more = browser.find_element(By.ID, "load-more")
    browser.execute_script("arguments[0].scrollIntoView({block: 'end'})", more)
    was = browser.execute_script("return scrollY")
    more.click()
    wait_until(browser, "document.querySelectorAll('#models tbody tr').length === 60")
    # What a browser keeps in sight while everything is swapped is its own affair: it may jump.
    browser.execute_script("addEventListener('htmx:historyCacheMissLoad', () => scrollTo(0, 0))")
    browser.back()
    wait_until(browser, "document.querySelectorAll('#models tbody tr').length === 50")
    assert was > 1000
    assert abs(browser.execute_script("return scrollY") - was) < 5


def test_a_search_that_is_cleared_elsewhere_leaves_the_field_too(browser, live_server):
    browser.get(f"{live_server.url}/?capability=vision")
    browser.find_element(By.ID, "q").send_keys("m117")
    wait_for(browser, ["meta/m117"])
    assert address(browser, live_server) == "/models/?q=m117&capability=vision"
    # Suggestions for the word lie over it until another place is clicked.
    browser.find_element(By.TAG_NAME, "h1").click()
    click(browser, "#chip-q")
    wait_for(browser, WITH_VISION[:50])
    assert browser.find_element(By.ID, "q").get_property("value") == ""


def test_a_slower_earlier_answer_never_overwrites_a_later_one(browser, live_server, monkeypatch):
    read, slow, answered = view.model_list_page, threading.Event(), threading.Event()

    def read_slowly(filters, today, **restriction):
        models = read(filters, today, **restriction)
        if filters.q == "m11":
            slow.wait(5)
            answered.set()
        return models

    monkeypatch.setattr(view, "model_list_page", read_slowly)
    browser.get(f"{live_server.url}/")
    browser.find_element(By.ID, "q").send_keys("m11")
    wait_until(browser, "document.getElementById('browse').classList.contains('htmx-request')")
    browser.find_element(By.ID, "q").send_keys("7")
    wait_for(browser, ["meta/m117"])
    slow.set()
    assert answered.wait(5)
    wait_until(browser, "!document.getElementById('browse').classList.contains('htmx-request')")
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    assert listed(browser) == ["meta/m117"]
    assert address(browser, live_server) == "/models/?q=m117"


def test_a_search_that_is_typed_is_one_step_back(browser, live_server):
    browser.get(f"{live_server.url}/?capability=vision")
    search = browser.find_element(By.ID, "q")
    for typed in ("m1", "m11", "m117"):
        search.send_keys(typed[-1] if typed != "m1" else typed)
        wait_until(browser, f"location.search.includes('q={typed}&')")
    search.send_keys(Keys.ENTER)
    search.send_keys(Keys.BACKSPACE, "9")
    wait_until(browser, "location.search.includes('q=m119&')")
    browser.back()
    wait_for(browser, ["meta/m117"])
    browser.back()
    wait_for(browser, WITH_VISION[:50])


def test_what_is_searched_stands_close_to_its_quotation_marks(browser, live_server):
    browser.get(f"{live_server.url}/?q=m11")
    gap = """
    const quoted = document.querySelector('#count bdi'), before = document.createRange();
    before.selectNode(quoted.previousSibling);
    return quoted.getBoundingClientRect().left - before.getBoundingClientRect().right;
    """
    assert abs(browser.execute_script(gap)) < 1


def test_what_was_asked_for_and_is_not_there_yet_stays_asked_for(browser, live_server, monkeypatch):
    read, slow = view.model_list_page, threading.Event()

    def read_slowly(filters, today, **restriction):
        if filters.q == "m11":
            slow.wait(5)
        return read(filters, today, **restriction)

    monkeypatch.setattr(view, "model_list_page", read_slowly)
    browser.get(f"{live_server.url}/")
    browser.find_element(By.ID, "q").send_keys("m11")
    click(browser, "#chip-capability-vision")
    click(browser, "#by-input")
    slow.set()
    wait_for(browser, names(range(119, 109, -2)))
    assert browser.find_element(By.ID, "q").get_property("value") == "m11"
    wait_until(browser, "location.search === '?q=m11&capability=vision&sort=input'")


def test_more_of_a_list_that_is_about_to_be_filtered_is_more_of_the_filtered_one(
    browser, live_server, monkeypatch
):
    read, slow = view.model_list_page, threading.Event()

    def read_slowly(filters, today, **restriction):
        if filters.capability:
            slow.wait(5)
        return read(filters, today, **restriction)

    monkeypatch.setattr(view, "model_list_page", read_slowly)
    browser.get(f"{live_server.url}/")
    click(browser, "#chip-capability-vision")
    browser.execute_script("document.getElementById('load-more').click()")
    slow.set()
    wait_for(browser, WITH_VISION)
    assert address(browser, live_server) == "/?capability=vision&from=1&page=2"
    browser.back()
    wait_for(browser, WITH_VISION[:50])


def test_what_scripts_put_around_the_list_outlives_a_step_back(browser, live_server):
    browser.get(f"{live_server.url}/")
    browser.execute_script("document.querySelector('input.gather').click()")
    click(browser, "#by-input")
    wait_until(browser, "location.search === '?sort=-input' || location.search === '?sort=input'")
    browser.back()
    wait_until(browser, "location.search === ''")
    wait_for(browser, NEWEST[:50])
    assert browser.find_element(By.ID, "tray").is_displayed()
    was = browser.find_element(By.ID, "theme").get_attribute("aria-pressed")
    click(browser, "#theme")
    assert browser.find_element(By.ID, "theme").get_attribute("aria-pressed") != was
    assert browser.get_log("browser") == []


def test_a_step_back_clears_the_search_that_has_the_keyboard(browser, live_server):
    browser.get(f"{live_server.url}/")
    browser.find_element(By.ID, "q").send_keys("m117")
    wait_for(browser, ["meta/m117"])
    browser.back()
    wait_for(browser, NEWEST[:50])
    assert browser.find_element(By.ID, "q").get_property("value") == ""


def test_the_keyboard_stays_near_what_it_took_off(browser, live_server):
    browser.get(f"{live_server.url}/models/?creator=lab")
    browser.find_element(By.ID, "chip-creator").send_keys(Keys.ENTER)
    wait_for(browser, NEWEST[:50])
    assert browser.switch_to.active_element.get_attribute("id") == "results"
    browser.get(f"{live_server.url}/models/?from=1&page=2")
    browser.find_element(By.ID, "load-more").send_keys(Keys.ENTER)
    wait_for(browser, NEWEST)
    assert browser.switch_to.active_element.get_attribute("id") == "pager"


def test_enter_in_the_panel_of_further_filters_leaves_it_open_and_the_keyboard_in_it(
    browser, live_server
):
    browser.get(f"{live_server.url}/?capability=vision")
    click(browser, "#chip-open_weights")
    wait_until(browser, "document.querySelector('.empty')")
    click(browser, "#more-filters > summary")
    browser.find_element(By.ID, "input_max").send_keys("abc", Keys.ENTER)
    wait_until(browser, "document.querySelector('.notice')")
    assert browser.find_element(By.ID, "input_max").is_displayed()
    assert browser.switch_to.active_element.get_attribute("id") == "input_max"


def test_a_list_that_does_not_come_says_so(browser, live_server, monkeypatch):
    browser.get(f"{live_server.url}/?q=nothing")
    opacity = "Number(getComputedStyle(document.querySelector('.empty')).opacity)"
    slow = threading.Event()

    def fail(*_args, **_restriction):
        slow.wait(5)
        raise OSError

    monkeypatch.setattr(view, "model_list_page", fail)
    click(browser, "#clear")
    wait_until(browser, f"{opacity} < 0.6")
    slow.set()
    wait_until(
        browser,
        "document.querySelector('.failed[role=alert]').textContent.startsWith('That did not')",
    )
    assert browser.find_element(By.CSS_SELECTOR, ".failed").is_displayed()
    assert browser.find_element(By.ID, "count").text == "No model for “nothing”"


def test_a_filter_that_does_not_come_is_taken_back_so_that_it_can_be_tried_again(
    browser, live_server, monkeypatch
):
    def fail(*_args, **_restriction):
        raise OSError

    browser.get(f"{live_server.url}/?provider=azure")
    chosen = opened(browser, "provider")
    with monkeypatch.context() as broken:
        broken.setattr(view, "model_list_page", fail)
        chosen.select_by_visible_text("OpenAI")
        wait_until(browser, "document.querySelector('.failed').textContent !== ''")
        assert chosen.first_selected_option.text == "Azure"
    chosen.select_by_visible_text("OpenAI")
    wait_for(browser, names(n for n in range(119, -1, -1) if n % 3 == 0))
    assert browser.find_element(By.CSS_SELECTOR, ".failed").text == ""


def test_work_that_takes_long_shows_and_work_that_does_not_never_flickers(
    browser, live_server, monkeypatch
):
    read, slow = view.model_list_page, threading.Event()

    def read_slowly(filters, today, **restriction):
        if filters.capability:
            slow.wait(5)
        return read(filters, today, **restriction)

    monkeypatch.setattr(view, "model_list_page", read_slowly)
    browser.get(f"{live_server.url}/")
    opacity = "Number(getComputedStyle(document.querySelector('.scroll')).opacity)"
    browser.execute_script(
        """window.shown = [];
        document.addEventListener('htmx:beforeRequest', () => {
            const began = performance.now();
            const look = () => {
                window.shown.push([performance.now() - began, OPACITY]);
                if (performance.now() - began < 600) requestAnimationFrame(look);
            };
            look();
        });""".replace("OPACITY", opacity)
    )
    click(browser, "#chip-capability-vision")
    wait_until(browser, f"{opacity} < 0.6")
    slow.set()
    wait_for(browser, WITH_VISION[:50])
    shown = browser.execute_script("return window.shown")
    assert [at for at, opaque in shown if at < 140]
    assert all(opaque == 1 for at, opaque in shown if at < 140)


def test_going_back_drops_an_answer_that_is_on_its_way(browser, live_server, monkeypatch):
    read, slow = view.model_list_page, threading.Event()

    def read_slowly(filters, today, **restriction):
        if filters.creator:
            slow.wait(5)
        return read(filters, today, **restriction)

    monkeypatch.setattr(view, "model_list_page", read_slowly)
    browser.get(f"{live_server.url}/")
    click(browser, "#chip-capability-vision")
    wait_for(browser, WITH_VISION[:50])
    opened(browser, "creator").select_by_value("lab")
    wait_until(browser, "document.getElementById('browse').classList.contains('htmx-request')")
    browser.back()
    wait_for(browser, NEWEST[:50])
    slow.set()
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    assert listed(browser) == NEWEST[:50]
    assert address(browser, live_server) == "/"


def test_an_id_is_copied_by_its_button(browser, live_server):
    browser.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite"], "origin": live_server.url},
    )
    browser.get(f"{live_server.url}/")
    button = browser.find_element(By.CSS_SELECTOR, "#models .copy")
    assert button.accessible_name == "Copy meta/m119"
    browser.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    wait_until(browser, "document.querySelector('#models .copy').hasAttribute('data-copied')")
    assert (
        browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        == "meta/m119"
    )


def test_columns_that_are_put_away_stay_away(browser, live_server):
    browser.get(f"{live_server.url}/")
    try:
        click(browser, "#columns summary")
        click(browser, "#columns input[value=output]")
        hidden = (
            "getComputedStyle(document.querySelector('#models td[data-meter=output]'))"
            ".display === 'none'"
        )
        wait_until(browser, hidden)
        browser.find_element(By.TAG_NAME, "h1").click()
        click(browser, "#chip-capability-vision")
        wait_for(browser, WITH_VISION[:50])
        assert browser.execute_script(f"return {hidden}")
        browser.refresh()
        assert browser.execute_script(f"return {hidden}")
        box = "document.querySelector('#columns input[value=output]').checked"
        assert browser.execute_script(f"return {box}") is False
        # An address that names its columns is shown as it says.
        browser.get(f"{live_server.url}/?columns=output,input")
        assert not browser.execute_script(f"return {hidden}")
        shown = browser.execute_script(
            "return [...document.querySelectorAll('#models thead th')]."
            "filter(cell => cell.offsetParent)"
            ".map(cell => cell.textContent.trim())"
        )
        assert shown == ["Model", "Input", "Output"]
    finally:
        browser.execute_script("localStorage.clear()")


def test_columns_that_an_address_names_are_put_away_without_leaving_the_panel(browser, live_server):
    browser.get(f"{live_server.url}/?columns=input,providers&sort=input")
    stay(browser)
    click(browser, "#columns summary")
    click(browser, "#column-providers")
    columns = "new URLSearchParams(location.search).get('columns')"
    wait_until(browser, f"{columns} === 'input'")
    click(browser, "#column-output")
    wait_until(browser, f"{columns} === 'input,output'")
    wait_until(browser, "document.getElementById('by-output').offsetParent !== null")
    assert stayed(browser)
    assert "sort=input" in address(browser, live_server)
    assert browser.find_element(By.ID, "column-input").is_displayed()
    assert browser.switch_to.active_element.get_attribute("id") == "column-output"
    assert not browser.find_element(By.ID, "by-providers").is_displayed()


def test_the_keyboard_alone_filters_sorts_loads_more_and_opens_a_model(browser, live_server):
    browser.get(f"{live_server.url}/")

    def press(*keys):
        browser.switch_to.active_element.send_keys(*keys)

    def tab_to(ident, most=400):
        """By Tab to the control or to its toolbar, and there by the arrow to the control."""
        for _ in range(most):
            press(Keys.TAB)
            bar = "document.activeElement.closest('[data-toolbar]')"
            control = f"document.getElementById('{ident}')"
            if browser.execute_script(f"return {bar}?.contains({control})"):
                for _ in range(40):
                    if browser.switch_to.active_element.get_attribute("id") == ident:
                        return
                    press(Keys.ARROW_RIGHT)
            if browser.switch_to.active_element.get_attribute("id") == ident:
                return
        pytest.fail(f"#{ident} cannot be reached by the keyboard")

    tab_to("chip-capability-vision")
    press(Keys.ENTER)
    wait_for(browser, WITH_VISION[:50])
    tab_to("by-input")
    press(Keys.ENTER)
    wait_until(browser, "location.search === '?capability=vision&sort=input'")
    press(Keys.ENTER)
    cheapest_last = WITH_VISION[::-1]
    wait_for(browser, cheapest_last[:50])
    tab_to("load-more")
    press(Keys.ENTER)
    wait_for(browser, cheapest_last)
    first = browser.find_element(By.CSS_SELECTOR, "#models tbody a")
    browser.execute_script("arguments[0].focus()", first)
    press(Keys.ENTER)
    wait_until(browser, "document.querySelector('#providers') !== null")
    assert address(browser, live_server) == "/models/meta/m001/"


def test_filters_pages_and_columns_work_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts

    def shown():
        links = browser.find_elements(By.CSS_SELECTOR, "#models tbody a")
        hrefs = [link.get_attribute("href") for link in links]
        return [href.removeprefix(f"{live_server.url}/models/").rstrip("/") for href in hrefs]

    def wait_for_page(rows):
        wait = waiting(browser)
        wait.until(lambda _: shown() == rows)

    browser.get(f"{live_server.url}/")
    click(browser, "#chip-capability-vision")
    wait_for_page(WITH_VISION[:50])
    browser.find_element(By.LINK_TEXT, "Provider…").click()
    Select(browser.find_element(By.ID, "choice")).select_by_visible_text("OpenAI")
    click(browser, ".choosing .button")
    wait_for_page(names(n for n in range(117, -1, -6))[:50])
    browser.find_element(By.ID, "q").send_keys("m00", Keys.ENTER)
    wait_for_page(["meta/m009", "meta/m003"])
    click(browser, "#clear")
    wait_for_page(NEWEST[:50])
    click(browser, "#load-more")
    wait_for_page(NEWEST[50:100])
    click(browser, "#earlier")
    wait_for_page(NEWEST[:50])
    click(browser, "#columns summary")
    click(browser, "#columns input[value=output]")
    click(browser, "#columns .button")

    def headings():
        heads = browser.find_elements(By.CSS_SELECTOR, "#models thead th")
        return [head.text for head in heads if head.is_displayed()]

    wait = waiting(browser)
    wait.until(lambda _: "Input" in (shown := headings()) and "Output" not in shown)
    wait_for_page(NEWEST[:50])


def test_a_row_is_two_lines_high_and_cuts_what_does_not_fit(browser, live_server):
    slug = f"lab/{'long-' * 12}m"
    endpoint = sell(make_model(slug, name="Long " * 12, released="2026-01-01"), input="1")
    words = ["audio-input", *(f"w{n}" for n in range(12))]
    Model.objects.filter(slug=slug).update(capabilities=words, lifecycle="preview")
    Endpoint.objects.filter(pk=endpoint.pk).update(capabilities=words, max_output=9, max_input=9)
    summarise()
    browser.set_window_size(1280, 900)
    browser.get(f"{live_server.url}/")
    row = browser.find_element(By.CSS_SELECTOR, f"tr[data-model='{slug}']")
    heights = (
        "return [...document.querySelectorAll('#models tbody tr')].map(row => row.offsetHeight)"
    )
    assert {*browser.execute_script(heights)} <= {*range(40, 49)}
    assert browser.find_element(By.CSS_SELECTOR, "#models tbody tr") == row
    ident = row.find_element(By.CSS_SELECTOR, ".sub > [title]")
    assert ident.get_attribute("title") == slug
    assert browser.execute_script(
        "return arguments[0].scrollWidth > arguments[0].offsetWidth", ident
    )


def test_at_most_ten_stops_of_the_tab_key_come_before_the_first_row(browser, live_server):
    browser.get(f"{live_server.url}/")
    stops = []
    while not browser.execute_script("return document.activeElement.closest('#models tbody')"):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        at = browser.switch_to.active_element
        stops.append(at.get_attribute("id") or at.text)
    assert len(stops[:-1]) <= 10, stops
    assert "q" in stops


@pytest.mark.parametrize("width", [1280, 360])
def test_vision_price_context_region_and_kind_are_four_actions(browser, live_server, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    Capability.objects.get_or_create(slug="tool-use", defaults={"name": "Tool use"})
    words = ["tool-use", "vision"]
    wanted = make_model("lab/wanted", capabilities=words, context_window=200_000)
    kinds = {"near": "cloud", "shop": "reseller"}
    for slug, kind in kinds.items():
        endpoint = sell(wanted, make_provider(slug, kind=kind), input="1", output="2")
        Endpoint.objects.filter(pk=endpoint.pk).update(region="eu-west-1", capabilities=words)
    dear = make_model("lab/dear", capabilities=words, context_window=200_000)
    endpoint = sell(dear, make_provider("near"), input="1.01", output="2")
    Endpoint.objects.filter(pk=endpoint.pk).update(region="eu", capabilities=words)
    summarise()
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(f"{live_server.url}/")
        if width < 761:
            click(browser, "#filters summary")
        else:
            click(browser, "#chip-capability-vision")
            wait_until(browser, "location.search === '?capability=vision'")
        click(browser, "#more-filters summary")
        for box in ("capability-vision", "capability-tool-use", "kind-cloud", "kind-gateway"):
            if not browser.find_element(By.ID, box).is_selected():
                click(browser, f"#{box}")
        for field, value in (("input_max", "1"), ("context_min", "200K")):
            browser.find_element(By.ID, field).send_keys(value)
        Select(browser.find_element(By.ID, "region")).select_by_visible_text("EU")
        click(browser, "#more-filters .button")
        wait_for(browser, ["lab/wanted"])
        row = browser.find_element(By.CSS_SELECTOR, "#models tbody tr")
        assert row.get_attribute("data-provider") == "near"
        assert "at Near" in row.text
        on = browser.find_elements(By.CSS_SELECTOR, ".chip[aria-current]")
        assert {chip.text.partition(" ×")[0] for chip in on} == {
            *("Vision", "Tool use", "Context ≥ 200K", "Input ≤ $1/M", "In the EU"),
            "Cloud or gateway",
        }
        page = "document.documentElement"
        assert browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth") <= 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
