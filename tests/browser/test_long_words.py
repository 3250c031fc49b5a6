"""Upstream names of 300 characters without a space, and the like: no page grows wider."""

import pytest

from tests.factories import (
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    sell,
    summarise,
)

pytestmark = pytest.mark.django_db(transaction=True)

WORD = "Wordwithoutaspace" * 18  # 306 characters, cut below to what a field holds
MODEL, OTHER = "endless/model", "endless/other"
PAGES = (
    "/",
    f"/models/{MODEL}/",
    "/providers/",
    "/providers/endless/",
    "/coverage/",
    "/coverage/?provider=endless",
    "/creators/endless/",
    "/estimate/",
    f"/estimate/?per=endpoint&pin={OTHER}&open={MODEL}",
    f"/compare/?m={MODEL}&m={OTHER}",
    "/compare/",
)
WIDE = "document.documentElement.scrollWidth - innerWidth"
# A table's first column, as a share of what is in sight of the table.
SHARES = """
return [...document.querySelectorAll('main .scroll > table tbody > tr > th[scope=row]')]
    .filter(head => head.checkVisibility())
    .filter(head => getComputedStyle(head.parentElement).display === 'table-row')
    .map(head => head.offsetWidth / head.closest('.scroll').clientWidth)
"""


@pytest.fixture(autouse=True)
def endless_names():
    make_creator("endless", name=WORD[:200])
    provider = make_provider("endless", name=WORD[:200], api_base=f"https://endless.example/{WORD}")
    model = make_model(
        MODEL,
        name=WORD[:300],
        description=WORD * 16,
        context_window=200_000,
        capabilities=["vision"],
        released="2026-01-01",
    )
    sell(model, provider, input="1", output="2", cache_read="0.1")
    variant = make_endpoint(model, provider, upstream_id=WORD[:250], variant=WORD[:120])
    make_rate(variant, "input", "3")
    make_rate(variant, "output", "4")
    make_endpoint(make_model(OTHER, name="Long " * 59 + "name"), provider)
    summarise()


@pytest.mark.parametrize("width", [1300, 360])
def test_no_name_makes_a_page_wider_than_the_screen(browser, live_server, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    spilled, shares = {}, {}
    try:
        browser.get(f"{live_server.url}/compare/")
        gathered = (
            f'localStorage.compare = JSON.stringify([{{m: "{MODEL}", name: "{WORD[:300]}"}}])'
        )
        browser.execute_script(gathered)
        for page in PAGES:
            browser.get(live_server.url + page)
            spilled[page] = browser.execute_script(f"return {WIDE}")
            shares[page] = max(browser.execute_script(SHARES), default=0)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert {page: by for page, by in spilled.items() if by > 0} == {}
    assert {page: round(share, 2) for page, share in shares.items() if share > 0.4} == {}
