"""The pages as a real Chromium gets them:

how much there is to load, and how soon it can be seen and used.
"""

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from bench.pages import LIST, MODEL, OURS
from bench.place import serving
from bench.report import Line, at_most

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
TIMES = 15

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


def measure() -> Iterator[Line]:
    with serving(*OURS, path="/readyz") as port:
        for path, limit in ((LIST[0], 30), (MODEL[0], 40), (CROWDED, 40)):
            yield at_most(f"size: {path}, gzipped", gzipped(port, path) / 1000, limit, "KB")
        if CHROMIUM and DRIVER:
            yield from _in_browser(f"http://127.0.0.1:{port}")


def gzipped(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    if response.status != 200 or response.headers["Content-Encoding"] != "gzip":
        raise AssertionError(f"{path}: {response.status}, {response.headers['Content-Encoding']}")
    return len(response.read())


@contextmanager
def started() -> Iterator[webdriver.Chrome]:
    """A browser for as long as the block lasts."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    browser = webdriver.Chrome(options, Service(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


def _in_browser(address: str) -> Iterator[Line]:
    with started() as browser:
        seen = [_ready(browser, f"{address}/?fresh={n}") for n in range(TIMES)]
        yield at_most(
            "browser: elements of the model list", max(count for _, count in seen), 2500, ""
        )
        yield at_most(
            "browser: the model list, DOM ready", statistics.median(ms for ms, _ in seen), 120, "ms"
        )
        clicks = [_click(browser, address, n) for n in range(TIMES)]
        yield at_most(
            "browser: a filter, from click to paint, p50", statistics.median(clicks), 60, "ms"
        )


def _ready(browser: webdriver.Chrome, address: str) -> tuple[float, int]:
    browser.get(address)
    ready, elements = browser.execute_script(READY)
    return float(ready), int(elements)


def _click(browser: webdriver.Chrome, address: str, n: int) -> float:
    """A filter that nobody has clicked since the last write: each time within another search."""
    browser.get(f"{address}/?context_min={1000 + n}")
    filters = ("capability=vision", "capability=reasoning", "capability=tool-use", "open_weights=1")
    return float(browser.execute_async_script(CLICK, filters[n % len(filters)]))
