import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from selenium.webdriver.common.by import By

from catalog.models import Model
from tests.browser.waiting import waiting
from tests.factories import make_model

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]


def open_form(browser, live_server):
    model = make_model()
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    browser.get(f"{live_server.url}/healthz")
    name = settings.SESSION_COOKIE_NAME
    browser.add_cookie({"name": name, "value": client.cookies[name].value})
    browser.get(f"{live_server.url}/admin/catalog/model/{model.pk}/change/")
    text = "Made **well**. <img src=x onerror=alert(1)>\n\n| a | b |\n|---|--:|\n| x | 1 |"
    browser.find_element(By.ID, "id_about").send_keys(text)
    return browser.find_element(By.CSS_SELECTOR, "button[data-preview]")


def shown(browser):
    return [
        place.get_attribute("innerHTML")
        for place in browser.find_elements(By.CLASS_NAME, "texts-preview")
    ]


def test_the_preview_shows_below_its_button_under_the_policy(browser, live_server):
    browser.get_log("browser")
    open_form(browser, live_server).click()
    waiting(browser).until(lambda _: "<strong>well</strong>" in shown(browser)[0])
    assert '<td class="num">1</td>' in shown(browser)[0]
    assert "<img" not in shown(browser)[0]
    assert len(browser.window_handles) == 1
    assert [line for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []
    assert Model.objects.get().about == ""


def test_the_preview_opens_in_a_new_tab_without_scripts(browser_without_scripts, live_server):
    browser = browser_without_scripts
    open_form(browser, live_server).click()
    waiting(browser).until(lambda _: len(browser.window_handles) == 2)
    browser.switch_to.window(browser.window_handles[1])
    waiting(browser).until(lambda _: shown(browser))
    assert "<strong>well</strong>" in shown(browser)[0]
    assert Model.objects.get().about == ""
