import json

import pytest
from selenium.webdriver.common.by import By

from catalog.models import Model
from tests.browser.test_axe import AXE, RUN
from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise
from usage.tokenizers import FAMILIES, count_tokens

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT, USAGE = "/estimate/prompt/", "/estimate/usage-json/"
USED = {
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "completion_tokens_details": {"new_tokens": 5},
}
FOX = "The quick brown fox jumps over the lazy dog."


@pytest.fixture(autouse=True)
def catalog():
    openai, host = make_provider("openai", name="OpenAI", kind="first-party"), make_provider("host")
    mini = make_model("openai/o4-mini", name="o4-mini")
    sell(mini, openai, input="1.10", output="4.40")
    sell(mini, host, input="1")
    summarise()
    count_tokens("read the vocabularies before anybody waits for them")


def until(browser, script):
    waiting(browser).until(lambda _: browser.execute_script(f"return {script}"), script)


def fill(browser, name, text):
    """Put a text in a field as a paste does: all of it at once."""
    script = (
        "arguments[0].value = arguments[1]; "
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
    )
    browser.execute_script(script, browser.find_element(By.ID, name), text)


def counted(browser):
    found = browser.find_elements(By.CSS_SELECTOR, "#tokens [data-tokens]")
    return [int(cell.get_attribute("data-tokens")) for cell in found]


def barriers(browser):
    browser.execute_script(AXE)
    return browser.execute_async_script(RUN)


def send(browser):
    browser.find_element(By.CSS_SELECTOR, "#pasted .primary").click()


def test_a_prompt_is_counted_as_one_types_and_its_address_stays(browser, live_server):
    address = f"{live_server.url}{PROMPT}?requests=5&input=9&output=9"
    browser.get(address)
    fill(browser, "prompt", FOX)
    until(browser, "document.querySelectorAll('#tokens [data-tokens]').length > 0")
    assert counted(browser) == [10] * len(FAMILIES)
    assert browser.current_url == address
    assert browser.find_element(By.ID, "prompt").get_attribute("value") == FOX
    browser.find_element(By.CSS_SELECTOR, "#tokens a").click()
    until(browser, "document.getElementById('workload') !== null")
    assert browser.current_url.endswith("/estimate/?requests=5&input=10&output=9")


def test_a_prompt_that_is_too_long_is_told_so_beside_the_field_and_again_when_it_is_not(
    browser, live_server
):
    browser.get(live_server.url + PROMPT)
    fill(browser, "prompt", "word " * 200_001)
    until(browser, "document.getElementById('why-prompt').textContent.includes('more than 1 MB')")
    assert counted(browser) == []
    fill(browser, "prompt", FOX)
    until(browser, "document.querySelectorAll('#tokens [data-tokens]').length > 0")
    assert browser.find_element(By.ID, "why-prompt").get_attribute("textContent") == ""


def test_what_no_answer_may_hold_is_told_so_as_one_pastes(browser, live_server, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    browser.get(live_server.url + PROMPT)
    fill(browser, "prompt", "x" * 2000)
    until(browser, "document.getElementById('why-prompt').textContent.includes('was not read')")
    assert browser.find_element(By.ID, "prompt").get_attribute("value") == "x" * 2000


def appears(browser, selector):
    """The first element of a selector, once the next page is there:

    without scripts nothing else says so.
    """
    found = waiting(browser).until(lambda _: browser.find_elements(By.CSS_SELECTOR, selector))
    return found[0]


def test_both_work_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(live_server.url + PROMPT)
    browser.find_element(By.ID, "prompt").send_keys(FOX)
    send(browser)
    appears(browser, "#tokens [data-tokens]")
    assert counted(browser) == [10] * len(FAMILIES)
    assert browser.find_element(By.ID, "prompt").get_attribute("value") == FOX
    browser.get(live_server.url + USAGE)
    browser.find_element(By.ID, "usage").send_keys(json.dumps({"model": "o4-minni", "usage": USED}))
    send(browser)
    appears(browser, "button.chip").click()
    assert appears(browser, "#lines [data-meter=total]").get_attribute("data-amount") == "0.00264"
    assert browser.find_element(By.ID, "model").get_attribute("value") == "openai/o4-mini"


def test_a_mistake_is_marked_and_mended_in_place(browser, live_server):
    browser.get(live_server.url + USAGE)
    fill(browser, "usage", '{"model": "o4-mini", "usage": ')
    send(browser)
    until(browser, "document.getElementById('why-usage').textContent.includes('not JSON')")
    assert (
        browser.find_element(By.ID, "usage").get_attribute("value")
        == '{"model": "o4-mini", "usage": '
    )
    fill(browser, "usage", json.dumps({"model": "o4-mini", "usage": USED}))
    send(browser)
    until(browser, "document.getElementById('lines') !== null")
    browser.find_element(By.CSS_SELECTOR, ".fill a").click()
    until(browser, "document.getElementById('estimate') !== null")
    row = browser.find_element(
        By.CSS_SELECTOR, "#estimate tr[data-provider=openai] [data-meter=total]"
    )
    assert row.get_attribute("data-amount") == "0.00264"


@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_in_what_was_pasted(browser, live_server, theme, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    browser.get(live_server.url + PROMPT)
    fill(browser, "prompt", FOX)
    until(browser, "document.querySelectorAll('#tokens [data-tokens]').length > 0")
    found = [barriers(browser)]
    for usage in (
        "{",
        json.dumps({"usage": USED}),
        json.dumps({"model": "o4-mini", "usage": USED}),
        json.dumps([{"model": "o4-mini", "usage": USED}, {"model": "no such", "usage": USED}]),
    ):
        browser.get(live_server.url + USAGE)
        fill(browser, "usage", usage)
        send(browser)
        until(browser, "document.querySelector('#used, #sums, [aria-invalid]') !== null")
        found.append(barriers(browser))
    too_wide = browser.execute_script("return document.documentElement.scrollWidth > innerWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == [[]] * 5
    assert not too_wide


def test_a_row_shows_its_own_lines_and_the_form_keeps_what_was_pasted(browser, live_server):
    sell(Model.objects.get(), make_provider("cloud", name="Cloud"), input="2", output="8")
    browser.get(live_server.url + USAGE)
    pasted = json.dumps({"model": "o4-mini", "usage": USED})
    fill(browser, "usage", pasted)
    send(browser)
    until(browser, "document.querySelector('#priced h2')?.textContent === 'OpenAI, line by line'")
    browser.find_element(By.CSS_SELECTOR, "[data-provider=cloud] button").click()
    until(browser, "document.querySelector('#priced h2')?.textContent === 'Cloud, line by line'")
    assert browser.find_element(By.ID, "usage").get_attribute("value") == pasted
    assert (
        browser.find_element(By.CSS_SELECTOR, "#costs .main").get_attribute("data-provider")
        == "cloud"
    )
    assert barriers(browser) == []
