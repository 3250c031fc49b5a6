"""On paper a table stays a table, however narrow, with each heading over its own column."""

import pytest

from tests.factories import make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)

# A row's cells that are printed, and whether each begins where its heading does.
ASTRAY = """
const shown = (elements) => [...elements].filter(element => element.checkVisibility());
const places = (row) => shown(row.children).map(cell => cell.offsetLeft);
return shown(document.querySelectorAll('main .scroll > table')).flatMap((table) => {
    const row = table.querySelector('tbody > tr:has(> th[scope=row])');
    const laid = getComputedStyle(row).display;
    const spans = [...row.cells].some(cell => cell.colSpan > 1);
    const headings = places(table.tHead.rows[0]);
    const same = spans ? places(row).every(place => headings.includes(place))
        : String(headings) === String(places(row));
    return laid === 'table-row' && same ? [] : [`${table.id}: ${laid}`];
});
"""


@pytest.fixture(autouse=True)
def one_model():
    model = make_model(
        "openai/o4-mini", name="o4-mini", released="2025-04-16", context_window=200_000
    )
    sell(
        model,
        make_provider("openai", name="OpenAI"),
        input="1.10",
        output="4.40",
        cache_read="0.275",
    )
    summarise()


@pytest.mark.parametrize("width", [718, 1032])  # A4 upright and on its side, within its margins
def test_a_table_is_printed_as_one(browser, live_server, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for page in (
            "/",
            "/models/openai/o4-mini/",
            "/providers/",
            "/providers/openai/",
            "/estimate/",
        ):
            browser.get(live_server.url + page)
            assert browser.execute_script(ASTRAY) == [], page
            controls = browser.find_elements(
                "css selector", ".topbar, .chips, .tray, #columns, .button"
            )
            assert not any(each.is_displayed() for each in controls), page
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
