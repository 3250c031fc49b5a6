import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from catalog.models import ProviderClaims
from tests.browser.waiting import waiting
from tests.factories import OBSERVED, make_model, make_provider, make_source, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two_hosts():
    model = make_model(released="2025-04-16")
    for slug in ("alpha", "beta"):
        host = make_provider(
            slug, api_base=f"https://{slug}.example/v1", env_names=[f"{slug.upper()}_KEY"]
        )
        sdk = {"sdk": "@ai-sdk/openai-compatible"}
        ProviderClaims.objects.create(
            provider=host, source=make_source(), facts=sdk, stated_at=OBSERVED, digest=b""
        )
        sell(model, host, input="1.10", output="4.40")
    summarise()


def wait(browser, condition):
    waiting(browser).until(lambda _: condition())


def code(browser):
    """In one question: between two, the section may have been swapped."""
    return browser.execute_script("return document.querySelector('#use')?.textContent ?? ''")


def allow_clipboard(browser, url, setting):
    for name in ("clipboard-read", "clipboard-write"):
        permission = {"permission": {"name": name}, "setting": setting, "origin": url}
        browser.execute_cdp_cmd("Browser.setPermission", permission)


@pytest.mark.parametrize("setting", ["granted", "denied"])
def test_a_copy_button_copies_by_keyboard_and_says_so(browser, live_server, setting):
    """Where the clipboard is denied, as it is on pages over plain http, a selection does it."""
    allow_clipboard(browser, live_server.url, setting)
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    button = browser.find_elements(By.CSS_SELECTOR, "#use .copy")[-1]
    browser.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    wait(browser, lambda: any("Copied" in text for text in spoken(browser)))
    assert browser.switch_to.active_element == button
    allow_clipboard(browser, live_server.url, "granted")
    assert read_clipboard(browser) == button.get_attribute("data-copy")
    assert read_clipboard(browser).startswith('curl "https://alpha.example/v1/chat/completions"')


def spoken(browser):
    script = "return [...document.querySelectorAll('[role=status]')].map(said => said.textContent)"
    return browser.execute_script(script)


def read_clipboard(browser):
    return browser.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], arguments[0])"
    )


def test_another_providers_code_is_swapped_in_and_has_an_address(browser, live_server):
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    browser.execute_script("window.unloaded = false")
    Select(browser.find_element(By.ID, "use-provider")).select_by_value("beta")
    wait(browser, lambda: "https://beta.example/v1" in code(browser))
    wait(browser, lambda: "use=beta" in browser.current_url)
    assert browser.execute_script("return window.unloaded") is False
    assert len(browser.find_elements(By.ID, "use")) == 1
    assert len(browser.find_elements(By.ID, "providers")) == 1
    browser.refresh()
    assert "https://beta.example/v1" in browser.find_element(By.ID, "use").text


def test_without_scripts_a_form_chooses_the_provider_and_nothing_pretends_to_copy(
    browser_without_scripts, live_server
):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    assert not any(
        button.is_displayed() for button in browser.find_elements(By.CSS_SELECTOR, ".copy.only")
    )
    Select(browser.find_element(By.ID, "use-provider")).select_by_value("beta")
    browser.find_element(By.CSS_SELECTOR, "#use-form button").click()
    wait(browser, lambda: "use=beta" in browser.current_url)
    assert "https://beta.example/v1" in browser.find_element(By.ID, "use").text


def test_the_data_for_programs_is_not_blocked(browser, live_server):
    browser.get_log("browser")
    browser.get(f"{live_server.url}/models/openai/o4-mini/")
    data = browser.execute_script(
        "return "
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
    )
    assert data["@type"] == "FAQPage"
    assert browser.get_log("browser") == []
