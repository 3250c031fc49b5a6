import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from selenium.webdriver.common.by import By

from tests.browser.waiting import waiting
from tests.factories import make_model, make_provider, sell, summarise

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]


def test_the_admin_works_under_the_policy(browser, live_server):
    sell(make_model(), make_provider("openai"), input="1.10")
    summarise()
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    browser.get(f"{live_server.url}/healthz")
    name = settings.SESSION_COOKIE_NAME
    browser.add_cookie({"name": name, "value": client.cookies[name].value})
    browser.get_log("browser")
    for path in admin_pages():
        browser.get(f"{live_server.url}{path}")
        assert "/login/" not in browser.current_url
        blocked = [
            line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"
        ]
        assert blocked == [], path


def admin_pages():
    """The index, and the list and first form of everything that an editor may see."""
    yield "/admin/"
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield base
        first = apps.get_model(model._meta.label)._default_manager.first()
        if first is not None:
            yield f"{base}{first.pk}/change/"


def test_pages_have_a_link_to_their_form_for_an_editor_alone(browser, live_server):
    model = make_model()
    sell(model, make_provider("openai"), input="1.10")
    summarise()
    page = f"{live_server.url}/models/openai/o4-mini/"
    browser.get(page)
    assert not browser.find_elements(By.CSS_SELECTOR, ".edit")
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    name = settings.SESSION_COOKIE_NAME
    browser.add_cookie({"name": name, "value": client.cookies[name].value})
    browser.get(f"{live_server.url}/admin/")
    for path in (page, f"{page}endpoints/openai/", f"{live_server.url}/providers/openai/"):
        browser.get(path)
        link = waiting(browser).until(
            lambda _: browser.find_element(By.CSS_SELECTOR, ".title .edit")
        )
        assert link.is_displayed()
    browser.get(page)
    waiting(browser).until(
        lambda _: browser.find_elements(By.CSS_SELECTOR, ".page-actions > .edit")
    )
    browser.find_element(By.CSS_SELECTOR, ".edit").click()
    waiting(browser).until(
        lambda _: browser.current_url.endswith(f"/admin/catalog/model/{model.pk}/change/")
    )
