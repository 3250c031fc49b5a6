"""Pricing a usage log in a browser: upload, columns, progress, cancel, result."""

import threading
from pathlib import Path

import pytest
from django.db import connection
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise
from usage import jobs as log_work
from usage import tasks, uploads
from usage.models import UsageLog
from web.views import usage

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "timestamp,model,provider,input_tokens,output_tokens\n"
ROW = "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000\n"


class Worker:
    """A worker in a thread, which takes what is queued as soon as it may."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.threads: list[threading.Thread] = []

    def delay(self, pk: int) -> None:
        self.threads.append(threading.Thread(target=self.work, args=[pk]))
        self.threads[-1].start()

    def work(self, pk: int) -> None:
        self.free.wait(20)
        tasks.price_usage_log(pk)
        connection.close()

    def end(self) -> None:
        self.free.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def worker(monkeypatch):
    works = Worker()
    monkeypatch.setattr(usage, "price_usage_log", works)
    yield works
    works.end()


@pytest.fixture(autouse=True)
def folder(tmp_path, settings) -> Path:
    mini = make_model(name="o4-mini")
    sell(mini, make_provider("openai"), input="1.10", output="4.40")
    sell(mini, make_provider("host"), input="0.50", output="2.00")
    summarise()
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "may.csv"
    path.write_text(HEADER + ROW * 2)
    return path


def find(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def until(browser, condition, seconds=20):
    """What was found may be swapped away before it is read: then it is looked for again."""
    return waiting(browser, seconds).until(condition)


def press(browser, selector):
    """Click what is swapped every second: one that goes in between is looked for again."""

    def clicked(_):
        find(browser, selector).click()
        return True

    until(browser, clicked)


def seen(browser, selector, words=""):
    """The element as soon as it is there and says so."""

    def there(_):
        found = browser.find_elements(By.CSS_SELECTOR, selector)
        return found[0] if found and words in found[0].text else None

    return until(browser, there)


def upload(browser, live_server, path):
    browser.get(f"{live_server.url}/estimate/usage/")
    find(browser, "#log").send_keys(str(path))
    find(browser, "#upload .primary").click()


def columns(browser):
    return {
        select.get_attribute("name"): Select(select).first_selected_option.text
        for select in browser.find_elements(By.CSS_SELECTOR, "#mapping select[name^=column-]")
    }


def test_a_log_is_uploaded_mapped_priced_and_read_without_a_reload(
    browser, live_server, folder, log, worker
):
    upload(browser, live_server, log)
    seen(browser, "#mapping")
    assert columns(browser)["column-input"] == "as recognised: input_tokens"
    find(browser, "#mapping .primary").click()
    seen(browser, ".working", "Waiting for a worker")
    browser.execute_script("window.stayed = true")
    worker.free.set()
    seen(browser, "#moves tbody", "host")
    assert browser.execute_script("return window.stayed")
    assert find(browser, "[data-meter=as_run]").text.startswith("$3.08")
    row = find(browser, "#estimate tbody tr")
    assert (
        row.get_attribute("data-provider"),
        row.find_element(By.CSS_SELECTOR, "[data-meter=total]").text,
    ) == (
        "host",
        "$1.40",
    )
    assert not any(folder.iterdir())
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert errors == []


def test_columns_that_nobody_knows_are_mapped_by_hand(browser, live_server, tmp_path, worker):
    path = tmp_path / "odd.csv"
    path.write_text("wann,was,wo,rein,raus\n" + ROW)
    upload(browser, live_server, path)
    seen(browser, "#mapping")
    assert set(columns(browser).values()) == {"not in this log", "nothing"}
    for field, column in (("at", "wann"), ("model", "was"), ("provider", "wo"), ("input", "rein")):
        Select(find(browser, f"#column-{field}")).select_by_visible_text(column)
    find(browser, "#mapping .primary").click()
    worker.free.set()
    assert seen(browser, "[data-meter=as_run]").text.startswith("$1.10")


def test_a_wrong_column_is_named_beside_a_form_that_is_as_it_was(browser, live_server, log, worker):
    upload(browser, live_server, log)
    seen(browser, "#mapping")
    Select(find(browser, "#column-model")).select_by_visible_text("not read")
    find(browser, "#tier").send_keys("flex")
    find(browser, "#mapping .primary").click()
    seen(browser, "#why-columns", "No column holds the model")
    assert columns(browser)["column-model"] == "not read"
    assert columns(browser)["column-output"] == "as recognised: output_tokens"
    assert find(browser, "#tier").get_attribute("value") == "flex"


NESTED = (
    '{"at":"2026-11-20","model":"o4-mini","provider":"openai","prompt_tokens":9,'
    '"usage":{"real":1000000,"output_tokens":100000},"metadata":{"team":"red"},"cost":1.54}\n'
    '{"at":"2026-11-21","model":"o4-mini","provider":"host","prompt_tokens":9,'
    '"usage":{"real":1000000,"output_tokens":0},"metadata":{"team":"blue"},"cost":0.6}\n'
)


def test_a_bill_is_split_by_owner_with_a_nested_column_that_is_kept_for_next_time(
    browser, live_server, tmp_path, worker
):
    path = tmp_path / "nested.jsonl"
    path.write_text(NESTED)
    worker.free.set()
    upload(browser, live_server, path)
    seen(browser, "#mapping")
    Select(find(browser, "#column-input")).select_by_visible_text("usage.real")
    Select(find(browser, "#column-owner")).select_by_visible_text("metadata.team")
    find(browser, "#mapping .primary").click()
    seen(browser, "#billed-in-words", "Billed $2.14, priced $2.04; the difference is this model")
    owners = [row.text.split() for row in browser.find_elements(By.CSS_SELECTOR, "#owners .owner")]
    assert [owner[:2] for owner in owners] == [["red", "$1.54"], ["blue", "$0.50"]]
    assert len(browser.find_elements(By.CSS_SELECTOR, ".stacked rect[class^=series]")) == 2
    find(browser, "#again").click()
    seen(browser, "#kept")
    assert browser.current_url.endswith("?input=usage.real&owner=metadata.team")
    find(browser, "#log").send_keys(str(path))
    find(browser, "#upload .primary").click()
    seen(browser, "#mapping")
    chosen = columns(browser)
    assert (chosen["column-input"], chosen["column-owner"]) == ("usage.real", "metadata.team")


def test_a_name_without_a_place_gets_its_model_from_suggestions(
    browser, live_server, tmp_path, worker
):
    path = tmp_path / "deployed.csv"
    path.write_text(HEADER + ROW.replace("o4-mini,openai", "my-mini,"))
    worker.free.set()
    upload(browser, live_server, path)
    seen(browser, "#mapping .primary").click()
    field = seen(browser, "#unresolved input[name=is-my-mini]")
    field.send_keys("o4 mini")
    until(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, "#models option"))
    option = find(browser, "#models option")
    assert option.get_attribute("value") == "openai/o4-mini"
    field.clear()
    field.send_keys("openai/o4-mini")
    find(browser, "#names .button").click()
    seen(browser, "#kept", "my-mini is openai/o4-mini.")
    find(browser, "#log").send_keys(str(path))
    find(browser, "#upload .primary").click()
    seen(browser, "#mapping .primary").click()
    assert seen(browser, "[data-meter=as_run]").text.startswith("$1.54")


def test_a_job_is_cancelled_while_it_waits(browser, live_server, folder, log, worker):
    upload(browser, live_server, log)
    seen(browser, "#mapping .primary").click()
    press(browser, "#cancel")
    seen(browser, ".empty", "Cancelled")
    assert not any(folder.iterdir())
    worker.end()
    assert UsageLog.objects.get().state == "cancelled"


def test_a_job_shows_how_far_it_is_and_is_cancelled_at_work(
    browser, live_server, folder, log, worker, monkeypatch
):
    held = threading.Event()

    def slowly(reader, task, *, seconds, progress):
        progress(0.37 / log_work.READING)
        held.wait(60)
        log_work.time.sleep(log_work.SIGN_OF_LIFE_SECONDS)
        with pytest.raises(log_work.Cancelled):
            progress(0.5)
        raise log_work.Cancelled

    monkeypatch.setattr(log_work.Reader, "add_up", slowly)
    worker.free.set()
    upload(browser, live_server, log)
    seen(browser, "#mapping .primary").click()
    seen(browser, ".working", "Reading and pricing 37 %")
    assert find(browser, "progress").get_attribute("value") == "37"
    press(browser, "#cancel")
    seen(browser, ".empty", "Cancelled")
    assert not any(folder.iterdir())
    held.set()
    worker.end()
    assert UsageLog.objects.get().state == "cancelled"


def test_the_button_keeps_the_focus_while_the_page_follows_the_work(
    browser, live_server, log, worker
):
    upload(browser, live_server, log)
    seen(browser, "#mapping .primary").click()
    browser.execute_script(
        "arguments[0].focus(); window.first = arguments[0]", seen(browser, "#cancel")
    )
    until(browser, lambda _: browser.execute_script("return !window.first.isConnected"))
    assert browser.execute_script("return document.activeElement.id") == "cancel"


def test_a_file_that_is_too_large_is_told_before_it_is_sent(browser, live_server, settings, log):
    settings.MOST_UPLOADED = 50
    browser.get(f"{live_server.url}/estimate/usage/")
    find(browser, "#log").send_keys(str(log))
    seen(browser, "#why-log", "The file is larger than")
    find(browser, "#upload .primary").click()
    assert browser.current_url == f"{live_server.url}/estimate/usage/"
    assert not UsageLog.objects.exists()


def test_what_is_wrong_with_a_file_is_told_on_the_form_that_stays(
    browser, live_server, tmp_path, folder
):
    path = tmp_path / "no.csv"
    path.write_bytes(bytes(5000))
    upload(browser, live_server, path)
    seen(browser, "#why-log", "no text at all")
    assert find(browser, "#upload .primary").is_enabled()
    assert find(browser, "#log").get_attribute("aria-invalid") == "true"
    assert not any(folder.iterdir())


def test_an_upload_shows_how_far_it_is_and_can_be_stopped(browser, live_server, folder, log):
    """On a line so slow that one can watch."""
    log.write_text(HEADER + ROW * 200_000)
    browser.get(f"{live_server.url}/estimate/usage/")
    browser.execute_cdp_cmd("Network.enable", {})
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    try:
        find(browser, "#log").send_keys(str(log))
        find(browser, "#upload .primary").click()
        until(browser, lambda _: 0 < float(find(browser, "#sent").get_attribute("value")) < 1)
        assert not find(browser, "#upload .primary").is_enabled()
        find(browser, "#stop").click()
        until(browser, lambda _: not find(browser, "#sending").is_displayed())
    finally:
        browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1}
        )
    assert find(browser, "#upload .primary").is_enabled()
    until(browser, lambda _: not any(folder.iterdir()))
    assert not UsageLog.objects.exists()


def test_all_of_it_works_without_scripts(browser_without_scripts, live_server, folder, log, worker):
    browser = browser_without_scripts
    worker.free.set()
    upload(browser, live_server, log)
    seen(browser, "#mapping .primary").click()
    # The page asks again by itself.
    assert seen(browser, "[data-meter=as_run]").text.startswith("$3.08")
    upload(browser, live_server, log)
    seen(browser, "#mapping")
    find(browser, "button[form=discard]").click()
    seen(browser, ".empty", "Cancelled")
    assert not any(folder.iterdir())


def test_a_lost_worker_is_told_on_the_page_that_follows_it(
    browser, live_server, log, worker, monkeypatch
):
    monkeypatch.setattr(uploads, "SILENCE", uploads.timedelta(seconds=1))
    upload(browser, live_server, log)
    seen(browser, "#mapping .primary").click()
    seen(browser, ".working")
    UsageLog.objects.update(
        state="running",
        seen_at=UsageLog.objects.get().created_at,
        attempts=uploads.MOST_ATTEMPTS,
    )
    seen(browser, ".notice", "Pricing this log was interrupted 3 times")
