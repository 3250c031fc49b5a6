"""No page has a barrier that axe finds, in both themes, on a wide screen and on a narrow one."""

from datetime import timedelta
from importlib.resources import files

import pytest
from django.utils import timezone

from pricing.terms import Band, Terms
from tests.factories import make_model, make_provider, make_rate, make_rating, sell, summarise
from tests.web.calls import count, make_series
from tests.web.pages.test_live_figures import measure
from usage import uploads
from usage.models import UsageLog
from usage.tasks import price_usage_log

pytestmark = pytest.mark.django_db(transaction=True)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(result => done(result.violations.map(
    violation => {
        const nodes = violation.nodes.slice(0, 3).map(node => node.html);
        return `${violation.id}: ${nodes.join(' ')}`;
    })));
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
    "/coverage/",
    "/coverage/?provider=azure",
    "/changes/",
    "/changes/?kind=correction&since=2026-13-01",
    "/sources/",
    "/live/",
    "/explore/",
    "/explore/?sort=price&vision=1&x=input&board=smell",
    "/explore/?q=nothing-is-called-this",
    "/estimate/",
    "/estimate/?input=9000&per=endpoint&pin=openai/o4-mini&pin=a/b&open=openai/o4-mini&capability=vision",
    "/estimate/?input=many&tier=turbo&web_search=-1",
    "/estimate/prompt/?requests=9&input=9",
    "/estimate/usage-json/",
    "/compare/",
    "/compare/?m=openai/o4-mini",
    "/compare/?m=openai/o4-mini&m=openai/o4-mini@azure&m=openai/o4-mini@copilot&requests=9&input=9&q=mini",
)


POLICY = {
    "terms_url": "https://openai.example/terms",
    "zdr": "on_request",
    "policy_exceptions": "Files are kept.",
    "policy_url": "https://openai.example/policy",
    "policy_checked_on": "2026-08-30",
}


@pytest.fixture(autouse=True)
def catalog():
    openai = make_provider(
        "openai", name="OpenAI", docs_url="https://openai.example/docs", **POLICY
    )
    azure, plan = (
        make_provider("azure", name="Azure", kind="cloud"),
        make_provider("copilot", kind="plan"),
    )
    mini = make_model(
        "openai/o4-mini",
        name="o4-mini",
        released="2025-04-16",
        context_window=200_000,
        capabilities=["reasoning", "vision"],
        lifecycle="deprecated",
    )
    endpoint = sell(mini, openai, input="1.10", output="4.40", cache_read="0.275")
    count(make_series(endpoint), timedelta(hours=1))
    make_rate(endpoint, "input", "0.55", terms=Terms(tier="batch"))
    make_rate(endpoint, "input", "2.20", terms=Terms(band=Band(100_000)))
    sell(mini, azure, input="1.21", output="4.84")
    sell(mini, plan)
    make_model("openai/nobody-serves-it", name="x" * 300)
    make_rating(mini)
    measure(endpoint, "0.5", "150", "0.9995")
    summarise()


@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier(browser, live_server, theme, width):
    assert barriers(browser, [f"{live_server.url}{page}" for page in PAGES], theme, width) == {}


@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_on_the_way_of_a_usage_log(
    browser, live_server, theme, width, tmp_path, settings
):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    states = ("uploaded", "queued", "running", "cancelled", "failed", "done")
    pages = [f"{live_server.url}{usage_log(state)}" for state in states]
    assert barriers(browser, [f"{live_server.url}/estimate/usage/", *pages], theme, width) == {}


def usage_log(state):
    """The address of a log in this state, with all that its result can hold."""
    names = ("o4-mini,openai", "o4-mini,openai", "secret,openai", "<b>,x")
    lines = [
        f"2026-11-{20 + n},{name},{1000 - n},10,team {n},r{n},0.5,{n + 1}"
        for n, name in enumerate((*names, "o4-mini,"))
    ]
    file = uploads.folder() / "arrived"
    file.write_text(
        "\n".join(
            [
                "at,model,provider,input,output,team,request_id,cost,widgets",
                *(*lines, lines[0]),
                "2026-11-20,o4-mini,openai,-1,1,team 1,r9,0.5,1",
            ]
        )
    )
    token = uploads.receive(file, "may.csv", timezone.now(), "visitor")
    log = uploads.find(token, timezone.now())
    if state == "done":
        uploads.start(
            log,
            {"owner": "team"},
            {},
            timezone.now(),
        )
        price_usage_log(log.pk)
    else:
        UsageLog.objects.filter(pk=log.pk).update(
            state=state, error="It is damaged.", seen_at=timezone.now()
        )
    return f"/estimate/usage/{token}/"


def barriers(browser, addresses, theme, width):
    """What axe finds, by address, at this width and in this theme."""
    browser.set_window_size(max(width, 500), 900)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    found = {}
    for address in addresses:
        browser.get(address)
        browser.execute_script(AXE)
        if violations := browser.execute_async_script(RUN):
            found[address] = violations
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    return found
