import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

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
