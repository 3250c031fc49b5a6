"""The playground in a real Chromium: side by side, stopped, left, and without a script."""

from importlib.resources import files
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from selenium.webdriver.common.by import By

from playground.models import LedgerEntry
from tests.browser.waiting import waiting
from tests.called import USAGE, person, server  # noqa: F401
from tests.factories import make_model, make_provider, sell, summarise
from tests.streaming.provider_server import (
    ProviderServer,
    ScriptedAnswer,
    chat,
)

pytestmark = pytest.mark.django_db(transaction=True)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
VIOLATIONS = (
    "axe.run(document).then(found => "
    "arguments[arguments.length - 1](found.violations.map(violation => violation.id)))"
)


@pytest.fixture
def host(server: ProviderServer, monkeypatch: Any) -> ProviderServer:  # noqa: F811
    model = make_model()
    sell(model, make_provider("host"), input="1", output="10")
    sell(model, make_provider("other"), input="2", output="10")
    monkeypatch.setenv("RATECARD_PROVIDER_OTHER_URL", f"{server.address}/v1")
    monkeypatch.setenv("OTHER_API_KEY", "k" * 20)
    summarise()
    server.answer = ScriptedAnswer(chat(["**One** ", "two ", "three."], between=0.05, usage=USAGE))
    return server


@pytest.fixture
def signed_in(browser: Any, live_server: Any, person: User) -> Any:  # noqa: F811
    client = Client()
    client.force_login(person)
    browser.get(live_server.url + "/healthz")
    browser.add_cookie(
        {
            "name": settings.SESSION_COOKIE_NAME,
            "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        }
    )
    browser.get_log("browser")
    yield browser
    browser.delete_all_cookies()


def send(browser: Any, prompt: str = "Count.") -> None:
    browser.find_element(By.ID, "pg-prompt").send_keys(prompt)
    button = browser.find_element(By.CSS_SELECTOR, "#playground-form .primary")
    browser.execute_script("arguments[0].click()", button)


def answers(browser: Any) -> list[Any]:
    return browser.find_elements(By.CSS_SELECTOR, "#answers .answer")


def test_answers_arrive_side_by_side_with_figures(signed_in: Any, live_server: Any, host: Any):
    signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host&p=other")
    send(signed_in)
    waiting(signed_in).until(
        lambda _: len(signed_in.find_elements(By.CSS_SELECTOR, ".answer .figures")) == 2
    )
    assert [
        answer.find_element(By.TAG_NAME, "h3").text.split()[0] for answer in answers(signed_in)
    ] == ["Host", "Other"]
    assert signed_in.find_element(By.CSS_SELECTOR, ".whole strong").text == "One"
    assert signed_in.current_url.endswith("?m=openai/o4-mini&p=host&p=other")
    assert signed_in.get_log("browser") == []
    assert LedgerEntry.objects.exclude(spent=None).count() == 2


def test_no_box_checked_shows_the_answer_that_is_paid(signed_in: Any, live_server: Any, host: Any):
    signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini")
    signed_in.execute_script(
        "document.querySelectorAll('[name=p]').forEach(b => b.checked = false)"
    )
    send(signed_in)
    waiting(signed_in).until(lambda _: signed_in.find_elements(By.CSS_SELECTOR, ".answer .figures"))
    assert "One two three." in signed_in.find_element(By.ID, "answers").text
    # What is left is shown anew, and running again keeps the prompt.
    waiting(signed_in).until(
        lambda _: "$4.99" in signed_in.find_element(By.CSS_SELECTOR, ".left").text
    )
    again = signed_in.find_element(By.CSS_SELECTOR, "[data-again]")
    signed_in.execute_script("arguments[0].click()", again)
    assert signed_in.switch_to.active_element.get_attribute("name") == "p"
    assert signed_in.find_element(By.ID, "pg-prompt").get_attribute("value") == "Count."


def test_stop_ends_the_call_and_what_came_is_charged(signed_in: Any, live_server: Any, host: Any):
    host.answer = ScriptedAnswer(chat(["word "] * 2000, between=0.02, usage=USAGE))
    signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host")
    send(signed_in)
    waiting(signed_in).until(lambda _: "word" in signed_in.find_element(By.ID, "answers").text)
    signed_in.find_element(By.CSS_SELECTOR, "[data-stop]").click()
    assert host.gone.wait(5)
    waiting(signed_in).until(lambda _: LedgerEntry.objects.get().outcome == "stopped")
    assert LedgerEntry.objects.get().counted_by == "ratecard"


def test_leaving_the_page_ends_the_call(signed_in: Any, live_server: Any, host: Any):
    host.answer = ScriptedAnswer(chat(["word "] * 2000, between=0.02, usage=USAGE))
    signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host")
    send(signed_in)
    waiting(signed_in).until(lambda _: "word" in signed_in.find_element(By.ID, "answers").text)
    signed_in.get(live_server.url + "/healthz")
    assert host.gone.wait(5)


def test_what_is_wrong_is_said_beside_the_field(signed_in: Any, live_server: Any, host: Any):
    signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host")
    signed_in.execute_script("document.querySelector('details.more').open = true")
    signed_in.execute_script("document.getElementById('pg-temperature').value = 'hot'")
    send(signed_in, "Kept.")
    waiting(signed_in).until(
        lambda _: "from 0 to 2" in signed_in.find_element(By.ID, "pg-temperature-why").text
    )
    assert signed_in.find_element(By.ID, "pg-prompt").get_attribute("value") == "Kept."


def test_the_model_page_opens_the_form_in_place(signed_in: Any, live_server: Any, host: Any):
    signed_in.get(f"{live_server.url}/models/openai/o4-mini/")
    link = signed_in.find_element(By.CSS_SELECTOR, "#playground .here a")
    signed_in.execute_script("arguments[0].click()", link)
    waiting(signed_in).until(lambda _: signed_in.find_elements(By.ID, "pg-prompt"))
    send(signed_in)
    waiting(signed_in).until(
        lambda _: signed_in.find_elements(By.CSS_SELECTOR, "#answers .figures")
    )
    assert signed_in.current_url.endswith("/models/openai/o4-mini/")


def test_without_a_script_the_page_itself_streams(signed_in: Any, live_server: Any, host: Any):
    signed_in.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host")
        signed_in.find_element(By.ID, "pg-prompt").send_keys("Count.")
        signed_in.find_element(By.CSS_SELECTOR, "#playground-form .primary").click()
        waiting(signed_in).until(
            lambda _: signed_in.find_elements(By.CSS_SELECTOR, "#answers .figures")
        )
        assert "**One** two three." in signed_in.find_element(By.ID, "answers").text
    finally:
        signed_in.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier(signed_in: Any, live_server: Any, host: Any, theme: str):
    preference = [{"name": "prefers-color-scheme", "value": theme}]
    signed_in.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    try:
        signed_in.get(f"{live_server.url}/playground/?m=openai/o4-mini&p=host")
        send(signed_in)
        waiting(signed_in).until(
            lambda _: signed_in.find_elements(By.CSS_SELECTOR, "#answers .figures")
        )
        signed_in.execute_script(AXE)
        assert signed_in.execute_async_script(VIOLATIONS) == []
    finally:
        signed_in.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
