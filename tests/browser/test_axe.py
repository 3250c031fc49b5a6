"""No page has a barrier that axe finds, in both themes, on a wide screen and on a narrow one."""

from importlib.resources import files

import pytest

from pricing.terms import Band, Terms
from tests.factories import make_model, make_provider, make_rate, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(result => done(result.violations.map(
    violation => `${violation.id}: ${violation.nodes.slice(0, 3).map(node => node.html).join(' ')}`)));
"""
PAGES = (
    "/",
    "/?q=mini&sort=input",
    "/?q=nothing-is-called-this",
    "/models/openai/o4-mini/",
    "/models/openai/nobody-serves-it/",
    "/models/openai/o4-minni/",
    "/providers/",
    "/providers/azure/",
    "/creators/openai/",
    "/estimate/",
    "/estimate/?input=9000&per=endpoint&pin=openai/o4-mini&pin=a/b&open=openai/o4-mini&capability=vision",
    "/estimate/?input=many&tier=turbo&web_search=-1",
    "/estimate/prompt/?requests=9&input=9",
    "/estimate/usage-json/",
    "/compare/",
    "/compare/?m=openai/o4-mini",
    "/compare/?m=openai/o4-mini&m=openai/o4-mini@azure&m=openai/o4-mini@copilot&requests=9&input=9&q=mini",
)


@pytest.fixture(autouse=True)
def catalog():
    openai = make_provider("openai", name="OpenAI", docs_url="https://openai.example/docs")
    azure, plan = make_provider("azure", name="Azure", kind="cloud"), make_provider("copilot", kind="plan")
    mini = make_model(
        "openai/o4-mini",
        name="o4-mini",
        released="2025-04-16",
        context_window=200_000,
        capabilities=["reasoning", "vision"],
        lifecycle="deprecated",
    )
    endpoint = sell(mini, openai, input="1.10", output="4.40", cache_read="0.275")
    make_rate(endpoint, "input", "0.55", terms=Terms(tier="batch"))
    make_rate(endpoint, "input", "2.20", terms=Terms(band=Band(100_000)))
    sell(mini, azure, input="1.21", output="4.84")
    sell(mini, plan)
    make_model("openai/nobody-serves-it", name="x" * 300)
    summarise()


@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier(browser, live_server, theme, width):
    browser.set_window_size(max(width, 500), 900)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    found = {}
    for page in PAGES:
        browser.get(f"{live_server.url}{page}")
        browser.execute_script(AXE)
        if violations := browser.execute_async_script(RUN):
            found[page] = violations
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == {}
