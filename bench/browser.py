"""Pages in a real Chromium beside the floor's static pages with the same bytes."""

import gzip
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from bench.pages import LIST, MODEL
from bench.place import serving_ours, serving_ours_and_floor
from bench.report import ReportLine, at_most, count
from bench.traffic import GZIP, Visit, lower_quartile, record

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
DRIVER = shutil.which("chromedriver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
)
CROWDED = "/models/openai/gpt-oss-120b/?all=1"
FILTER = "capability=vision"
WARM_UP = 3
TIMES = 20

READY = """
const [page] = performance.getEntriesByType('navigation');
return [page.domContentLoadedEventEnd, document.getElementsByTagName('*').length];
"""
# From the click on a filter to the frame in which its rows are painted.
CLICK = """
const done = arguments[arguments.length - 1];
const began = performance.now();
document.addEventListener('htmx:afterSwap', () => requestAnimationFrame(() =>
    setTimeout(() => done(performance.now() - began))), {once: true});
document.querySelector(`#results .chips a[href*="${arguments[0]}"]`).click();
"""


def measure(home: Path) -> Iterator[ReportLine]:
    with serving_ours() as port:
        for path, limit in ((LIST, 30), (MODEL, 40), (CROWDED, 40)):
            yield count(f"size: {path}, gzipped", gzipped(port, path) / 1000, limit, "KB")
        record(port, home, [LIST])
        record(port, home, [f"/?{FILTER}"], part=True)
    if CHROMIUM and DRIVER:
        with serving_ours_and_floor() as ports, started() as browser:
            yield from _in_browser(browser, ports)


def gzipped(port: int, path: str) -> int:
    body = Visit(port).get(path, GZIP).body
    gzip.decompress(body)  # raises unless it is compressed
    return len(body)


@contextmanager
def started() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ARGUMENTS:
        options.add_argument(argument)
    browser = webdriver.Chrome(options, Service(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


def _in_browser(browser: webdriver.Chrome, ports: tuple[int, int]) -> Iterator[ReportLine]:
    loads = [[_load(browser, port, n) for port in ports] for n in range(WARM_UP + TIMES)]
    elements = max(number for (_, number), _ in loads)
    yield count("browser: elements of the model list", elements, 2500)
    ours, static = (
        lower_quartile([ms for ms, _ in side]) for side in zip(*loads[WARM_UP:], strict=True)
    )
    yield at_most("browser: the model list, DOM ready", ours, static, 1.5, name="static page")
    clicks = [[_click(browser, port, n) for port in ports] for n in range(WARM_UP + TIMES)]
    ours, static = (lower_quartile(side) for side in zip(*clicks[WARM_UP:], strict=True))
    yield at_most("browser: a filter, click to paint", ours, static, 2, name="static swap")


def _load(browser: webdriver.Chrome, port: int, n: int) -> tuple[float, int]:
    """Milliseconds until the DOM of a page computed anew is ready, and its number of elements."""
    browser.get(f"http://127.0.0.1:{port}/?fresh={n}")
    ready, elements = browser.execute_script(READY)
    return float(ready), int(elements)


def _click(browser: webdriver.Chrome, port: int, n: int) -> float:
    browser.get(f"http://127.0.0.1:{port}/?context_min={1000 + n}")
    return float(browser.execute_async_script(CLICK, FILTER))
