"""The page of changes: filters swap its part, and no sideways scrolling on a narrow screen."""

from datetime import UTC, datetime

import pytest
from selenium.webdriver.common.by import By

from tests.factories import make_model, make_provider, make_rate, sell, summarise
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalog():
    """A new model, and a changed price of it at another provider, with a long id."""
    model = make_model(name="o4-mini", released="2026-10-01")
    sell(model, make_provider("openai", kind="first-party", creator=model.creator), input="2")
    endpoint = sell(model, make_provider("azure", kind="cloud"))
    endpoint.upstream_id = "us-gov-west-1/" + "long-id-" * 20
    endpoint.save()
    changed = datetime(2026, 11, 3, tzinfo=UTC)
    make_rate(endpoint, "input", "1234.5", valid_to=changed)
    make_rate(endpoint, "input", "2345.6", valid_from=changed, origin="change")
    summarise()


def kinds(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#changes [data-kind]')].map(row => row.dataset.kind)"
    )


def test_a_kind_swaps_the_list_and_back_returns(browser, live_server):
    browser.get(f"{live_server.url}/changes/")
    assert kinds(browser) == ["price", "model"]
    browser.execute_script("window.stays = true")
    browser.find_element(By.ID, "of-price").click()
    wait_until(lambda: kinds(browser) == ["price"])
    assert browser.current_url.endswith("/changes/?kind=price")
    assert browser.execute_script("return window.stays")
    browser.back()
    wait_until(lambda: kinds(browser) == ["price", "model"])


def test_a_narrow_screen_needs_no_sideways_scrolling(browser, live_server):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        browser.get(f"{live_server.url}/changes/")
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert browser.execute_script(width) == 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
