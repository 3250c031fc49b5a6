"""The estimate page: a workload priced on every endpoint while somebody types, beside genai-prices,
which prices one request on one model at a time."""

import random
import statistics
import time
from collections.abc import Iterator

from genai_prices import Usage, calc_price
from genai_prices.data import providers
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bench.browser import CHROMIUM, DRIVER, gzipped, started
from bench.pages import OURS
from bench.place import serving
from bench.report import Line, at_most, times_as_many
from bench.traffic import median_ms
from web.reads.offers import offers

TIMES = 25
CALLS = 2_000

# When the last key was pressed, and when a frame was painted with the costs of what it made.
WATCH = """
window.typed = 0;
window.painted = 0;
document.getElementById('w-input').addEventListener('input', (event) => {
    window.typed = event.timeStamp;
    window.painted = 0;
});
document.addEventListener('htmx:afterSwap', () => requestAnimationFrame(() =>
    setTimeout(() => { window.painted = performance.now(); })));
"""


def measure() -> Iterator[Line]:
    with serving(*OURS, path="/readyz") as port:
        took = median_ms(port, _workloads(""))
        yield at_most("estimate: every endpoint, other numbers each time, p50", took, 30, "ms")
        yield at_most(
            "estimate: the same, an endpoint a row, p50",
            median_ms(port, _workloads("&per=endpoint")),
            30,
            "ms",
        )
        for what in (
            "/estimate/",
            "/estimate/?input=250000&per=endpoint&pin=openai/gpt-5.4&capability=reasoning",
        ):
            yield at_most(f"size: {what[:40]}, gzipped", gzipped(port, what) / 1000, 40, "KB")
        if CHROMIUM and DRIVER:
            yield _typing(f"http://127.0.0.1:{port}")
    ours = len(offers().all) / took * 1000
    yield times_as_many(
        "rate: a workload at an endpoint, as a page", ours, _theirs(), "genai-prices", 20
    )


def _workloads(more: str) -> list[str]:
    """Pages with numbers of their own, within and beyond the thresholds of bands."""
    chance = random.Random(20261122)
    lengths = [int(chance.lognormvariate(8.5, 1.5)) for _ in range(200)]
    return [
        f"/estimate/?requests={30_000 + n}&input={length}&output={length // 5 + 1}{more}"
        for n, length in enumerate(lengths)
    ]


def _typing(address: str) -> Line:
    with started() as browser:
        browser.get(f"{address}/estimate/")
        browser.execute_script(WATCH)
        took = [_typed(browser, str(12_345 + 1_111 * n)) for n in range(TIMES)][5:]
    return at_most(
        "browser: an estimate, from the last key to paint, p50", statistics.median(took), 100, "ms"
    )


def _typed(browser: webdriver.Chrome, text: str) -> float:
    """The milliseconds from the last key of a number that is typed to the frame with its costs."""
    field = browser.find_element(By.ID, "w-input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        typed, painted, shown = browser.execute_script(
            "return [window.typed, window.painted, document.getElementById('results').dataset.query]"
        )
        if painted and f"input={text}&" in f"{shown}&":
            return float(painted - typed)
        time.sleep(0.05)
    raise AssertionError(f"no costs for {text}")


def _theirs() -> float:
    """Requests that genai-prices prices in a second, each on another of its models."""
    models = [(model.id, provider.id) for provider in providers for model in provider.models]
    random.Random(20261122).shuffle(models)
    priced, began = 0, time.perf_counter()
    for n, (model, provider) in enumerate(models[:CALLS]):
        try:
            calc_price(
                Usage(input_tokens=3_000 + n, output_tokens=600), model, provider_id=provider
            )
        except (LookupError, ValueError):
            continue
        priced += 1
    return priced / (time.perf_counter() - began)
