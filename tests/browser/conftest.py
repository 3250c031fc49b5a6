"""A real Chromium.

Where there is none the tests are skipped, except in CI, where that is a failure.
"""

import os
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests import HOME
from tests.browser.waiting import StaleErrorHandler
from tests.web.conftest import empty_cache, plain_static_files, static_folder  # noqa: F401

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
DRIVER = shutil.which("chromedriver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def start() -> webdriver.Chrome:
    if not (CHROMIUM and DRIVER):
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("These tests need Chromium and chromedriver (Debian: chromium, chromium-driver).")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # In a session of its own, it is not ended by Ctrl-C before the fixture can quit it.
    service = Service(
        DRIVER, env={**os.environ, "TMPDIR": str(HOME)}, popen_kw={"start_new_session": True}
    )
    browser = webdriver.Chrome(options, service)
    browser.error_handler = StaleErrorHandler()
    return browser


@pytest.fixture(scope="session")
def one_browser():
    browser = start()
    yield browser
    browser.quit()


@pytest.fixture
def browser(one_browser, live_server):
    one_browser.set_window_size(1300, 900)
    one_browser.delete_all_cookies()
    one_browser.get_log("browser")  # what earlier tests left in the console is not this one's
    yield one_browser
    # What a test left in the browser is not for the next one, which has the same address.
    first, *opened = one_browser.window_handles
    for window in opened:
        one_browser.switch_to.window(window)
        one_browser.close()
    one_browser.switch_to.window(first)
    one_browser.execute_script("try { localStorage.clear() } catch {}")
    # The live server's database goes away now: nothing may ask it for more. A page of the same site
    # spares the browser a new process.
    one_browser.get(f"{live_server.url}/healthz")


@pytest.fixture
def browser_without_scripts(browser):
    """The same browser, which runs no script of a page."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield browser
    browser.switch_to.window(browser.window_handles[0])  # the setting is of one window
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
