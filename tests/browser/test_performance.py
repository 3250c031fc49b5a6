from datetime import timedelta

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise
from tests.web.calls import count, make_series

pytestmark = pytest.mark.django_db(transaction=True)

MODEL = "/models/openai/o4-mini/"


@pytest.fixture(autouse=True)
def calls():
    model = make_model()
    for slug, latency in (("azure", 2.5), ("openai", 0.5)):
        series = make_series(sell(model, make_provider(slug, name=slug.title()), input="1"))
        for hours in range(1, 20):
            count(series, timedelta(hours=hours), latency, failed=hours % 2)
    summarise()


def tip(browser, metric="latency"):
    script = "return document.querySelector(`[data-metric=${arguments[0]}].lines + .tip`).innerText"
    return browser.execute_script(script, metric).split("\n")


def drawing(browser, metric="latency"):
    return browser.find_element(By.CSS_SELECTOR, f"svg.lines[data-metric={metric}]")


def test_the_pointer_shows_the_values_of_its_step(browser, live_server):
    browser.get(f"{live_server.url}{MODEL}?window=7d")
    chart = drawing(browser, "uptime")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(browser).move_to_element(chart).perform()
    waiting(browser).until(lambda _: tip(browser, "uptime")[0].endswith(" UTC"))
    ActionChains(browser).move_to_element(
        browser.find_element(By.ID, "performance-title")
    ).perform()
    waiting(browser).until(lambda _: tip(browser, "uptime") == [""])


def test_arrow_keys_go_from_step_to_step(browser, live_server):
    browser.get(f"{live_server.url}{MODEL}?window=7d")
    chart = drawing(browser)
    browser.execute_script("arguments[0].focus()", chart)
    chart.send_keys(Keys.END)
    newest = tip(browser)
    assert newest[0].endswith(":00 UTC")
    chart.send_keys(Keys.ARROW_LEFT)
    assert tip(browser)[1:] == ["Azure 2.50 s", "Openai 0.50 s"]
    assert tip(browser)[0] < newest[0]
    chart.send_keys(Keys.HOME)
    assert len(tip(browser)) == 1  # a gap
    chart.send_keys(Keys.ESCAPE)
    assert tip(browser) == [""]


def test_another_window_takes_the_place_of_the_charts_and_back_works(browser, live_server):
    browser.get(f"{live_server.url}{MODEL}")
    step = "return document.querySelector('svg.lines').dataset.step"
    assert browser.execute_script(step) == "300"
    browser.execute_script("window.kept = true")
    browser.find_element(By.LINK_TEXT, "30d").click()
    waiting(browser).until(lambda _: browser.execute_script(step) == "3600")
    assert browser.current_url == f"{live_server.url}{MODEL}?window=30d"
    assert browser.execute_script("return window.kept")
    browser.back()
    waiting(browser).until(lambda _: browser.execute_script(step) == "300")


def test_the_table_and_the_charts_keep_what_the_other_shows(browser, live_server):
    browser.get(f"{live_server.url}{MODEL}")
    step = "return document.querySelector('svg.lines').dataset.step"
    browser.find_element(By.LINK_TEXT, "30d").click()
    waiting(browser).until(lambda _: browser.execute_script(step) == "3600")
    for expected in ("?window=30d&sort=input", "?window=30d&sort=-input"):
        browser.find_element(
            By.CSS_SELECTOR, '#providers th a[href*="sort="][href*="input"]'
        ).click()
        waiting(browser).until(lambda _, query=expected: browser.current_url.endswith(query))
    browser.find_element(By.LINK_TEXT, "P95").click()
    ending = "?sort=-input&window=30d&percentile=95"
    waiting(browser).until(lambda _: browser.current_url.endswith(ending))


def test_charts_work_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts
    browser.get(f"{live_server.url}{MODEL}")
    browser.find_element(By.LINK_TEXT, "P95").click()
    waiting(browser).until(lambda _: "percentile=95" in browser.current_url)
    assert "Azure from 5.00 s to 5.00 s" in drawing(browser).get_attribute("aria-label")
