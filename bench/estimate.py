"""The estimate page: a workload priced on every endpoint, as a multiple of the floor, and beside
genai-prices, which prices one request on one model at a time."""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from genai_prices import Usage, calc_price
from genai_prices.data import providers
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bench.browser import CHROMIUM, DRIVER, TIMES, WARM_UP, gzipped, started
from bench.place import serving_ours, serving_ours_and_floor
from bench.report import ReportLine, at_least, at_most, count
from bench.traffic import REQUESTS, lower_quartile, record, times_anew
from bench.traffic import WARM_UP as WARM_UP_REQUESTS
from pricing.priced_endpoints import priced_endpoints

LIMIT = 12
CALLS = 1_000
PATH = "/estimate/"
FILTERED = f"{PATH}?input=250000&per=endpoint&pin=openai/gpt-5.4&capability=reasoning"

# When the last key was pressed, and when a frame with the costs of the number was painted.
WATCH = """
window.typed = window.painted = 0;
document.getElementById('w-input').addEventListener('input', (event) => {
    window.typed = event.timeStamp;
    window.painted = 0;
});
document.addEventListener('htmx:afterSwap', ({detail}) => {
    const query = new URL(detail.xhr.responseURL).searchParams;
    if (query.get('input') !== window.awaited) return;
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
});
"""


def measure(home: Path) -> Iterator[ReportLine]:
    lines = {
        "estimate: every endpoint, other numbers each time": _workloads(""),
        "estimate: the same, an endpoint a row": _workloads("&per=endpoint"),
        "estimate: images whose size is left open": _images(),
    }
    with serving_ours() as port:
        for paths in lines.values():
            record(port, home, paths)
        record(port, home, [PATH])
        record(port, home, [f"{PATH}?input=12345"], part=True)
    theirs = [_theirs()]
    our_times = []
    with serving_ours_and_floor() as (ours, floor):
        for what, paths in lines.items():
            times = times_anew(ours, floor, paths)
            our_times.append(times.ours)
            theirs.append(_theirs())
            yield at_most(what, times.ours, times.floor, LIMIT, name="floor")
        for path in (PATH, FILTERED):
            yield count(f"size: {path[:40]}, gzipped", gzipped(ours, path) / 1000, 40, "KB")
        if CHROMIUM and DRIVER:
            with started() as browser:
                yield _typing(browser, (ours, floor))
    yield at_least(
        "rate: a workload at an endpoint, as a page",
        len(priced_endpoints(datetime.now(UTC).date()).in_use) / our_times[0] * 1000,
        statistics.median(theirs),
        15,
        name="genai-prices",
    )


def _workloads(more: str) -> list[str]:
    chance = random.Random(20261122)
    number = WARM_UP_REQUESTS + REQUESTS
    lengths = [int(chance.lognormvariate(8.5, 1.5)) for _ in range(number)]
    return [
        f"{PATH}?requests={30_000 + n}&input={length}&output={length // 5 + 1}{more}"
        for n, length in enumerate(lengths)
    ]


def _images() -> list[str]:
    return [f"{PATH}?requests={1_000 + n}&images=1000" for n in range(WARM_UP_REQUESTS + REQUESTS)]


def _typing(browser: webdriver.Chrome, ports: tuple[int, int]) -> ReportLine:
    tabs = []
    for port in ports:
        browser.switch_to.new_window("tab")
        browser.get(f"http://127.0.0.1:{port}{PATH}")
        browser.execute_script(WATCH)
        tabs.append(browser.current_window_handle)
    times = [
        [_typed(browser, tab, str(12_345 + 1_111 * n)) for tab in tabs]
        for n in range(WARM_UP + TIMES)
    ]
    ours, static = (lower_quartile(side) for side in zip(*times[WARM_UP:], strict=True))
    return at_most("browser: an estimate, last key to paint", ours, static, 2, name="static swap")


def _typed(browser: webdriver.Chrome, tab: str, number: str) -> float:
    """Milliseconds from the last key of a typed number to the frame with its costs."""
    browser.switch_to.window(tab)
    browser.execute_script("window.awaited = arguments[0]", number)
    field = browser.find_element(By.ID, "w-input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(number)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        typed, painted = browser.execute_script("return [window.typed, window.painted]")
        if painted:
            return float(painted - typed)
        time.sleep(0.05)
    raise AssertionError(f"no costs for {number}")


def _theirs() -> float:
    models = [(model.id, provider.id) for provider in providers for model in provider.models]
    random.Random(20261122).shuffle(models)
    priced, began = 0, time.process_time()
    for n, (model, provider) in enumerate(models[:CALLS]):
        usage = Usage(input_tokens=3_000 + n, output_tokens=600)
        try:
            calc_price(usage, model, provider_id=provider)
        except (LookupError, ValueError):
            continue
        priced += 1
    return priced / (time.process_time() - began)
