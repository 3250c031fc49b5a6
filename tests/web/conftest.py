"""Pages in tests: static files without a manifest, and nothing kept from the test before."""

import pytest
from django.conf import settings as project

from web.http.page_cache import PAGES


@pytest.fixture(autouse=True, scope="session")
def static_folder():
    project.STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns where there is none


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def empty_cache():
    PAGES.clear()
    yield
    PAGES.clear()
