"""One key a row in the review of held prices."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pricing.models import Rate
from tests.browser.waiting import waiting
from tests.factories import make_endpoint, make_model, make_provider, make_rate

pytestmark = pytest.mark.django_db(transaction=True)


def test_held_prices_are_decided_by_one_key_a_row(browser, live_server):
    endpoint = make_endpoint(make_model(), make_provider("openai"))
    for meter in ("cache_read", "input", "output"):
        make_rate(endpoint, meter, amount="900", held=True, why="held: 900 × what it was")
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    browser.get(f"{live_server.url}/healthz")
    name = settings.SESSION_COOKIE_NAME
    browser.add_cookie({"name": name, "value": client.cookies[name].value})
    browser.get(f"{live_server.url}/admin/pricing/rate/review/")
    press = lambda keys: browser.switch_to.active_element.send_keys(keys)  # noqa: E731
    press("j")
    press("p")  # which asks for the reason first
    assert browser.switch_to.active_element.get_attribute("name") == "why"
    press("On their page" + Keys.ENTER)
    press("p")
    waiting(browser).until(lambda _: len(rows(browser)) == 2)
    assert browser.switch_to.active_element.tag_name == "tr"
    press("j")
    press("r")
    waiting(browser).until(lambda _: len(rows(browser)) == 1)
    assert "1 rejected." in browser.find_element(By.CSS_SELECTOR, ".review-said").text
    decided = Rate.objects.order_by("meter").values_list("meter", "held", "by__username")
    assert list(decided) == [
        ("cache_read", False, "editor"),
        ("input", True, None),
        ("output", True, "editor"),
    ]


def rows(browser):
    return browser.find_elements(By.CSS_SELECTOR, "tr[data-row]")
