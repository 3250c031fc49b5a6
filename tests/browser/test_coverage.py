import pytest

from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_table_of_the_largest_providers_moves_within_a_narrow_screen(browser, live_server):
    for n in range(8):
        sell(make_model(f"a/m{n}"), make_provider(f"host{n}", name=f"Provider {n}"), input="1")
    summarise()
    size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(f"{live_server.url}/coverage/")
        table = "document.getElementById('largest')"
        assert browser.execute_script(f"return {table}.offsetWidth") > 360
        page = "document.documentElement"
        assert browser.execute_script(f"return {page}.scrollWidth - {page}.clientWidth") <= 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
