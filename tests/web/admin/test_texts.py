"""The Markdown that editors write for a model's page: texts, not facts."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Model, Override
from tests.factories import make_model
from tests.web.admin.test_catalog import client, filled, url  # noqa: F401
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]
PREVIEW = "/admin/catalog/model/preview/"


def test_a_text_is_saved_without_a_reason_and_is_no_override(client):  # noqa: F811
    model = make_model()
    answer = client.post(
        url(model), filled(client, model, choosing="Take *Azure*.", faq="### Why?\n\nSo.")
    )
    assert answer.status_code == 302
    model.refresh_from_db()
    assert (model.choosing, model.faq) == ("Take *Azure*.", "### Why?\n\nSo.")
    assert not Override.objects.exists()


def test_a_fact_beside_a_text_still_needs_its_reason(client):  # noqa: F811
    model = make_model()
    answer = client.post(url(model), filled(client, model, about="Ours.", licence="MIT"))
    assert "Say why" in answer.content.decode()
    assert Model.objects.get().about == ""
    client.post(
        url(model), filled(client, model, about="Ours.", licence="MIT", why="As on its card")
    )
    assert [override.field for override in Override.objects.all()] == ["licence"]
    assert Model.objects.get().about == "Ours."


def test_the_texts_stand_apart_from_the_facts(client):  # noqa: F811
    html = client.get(url(make_model())).content.decode()
    assert html.index('name="licence"') < html.index(">Texts<") < html.index('name="choosing"')
    assert f'formaction="{PREVIEW}"' in html


def test_the_preview_shows_the_posted_texts_without_harm_and_saves_nothing(client):  # noqa: F811
    make_model()
    said = {
        "about": "**Bold** <script>alert(1)</script> [x](javascript:alert(1))",
        "faq": "### Why?\n\nSo.",
    }
    html = client.post(PREVIEW, said).content.decode()
    shown = html[html.index('<div class="texts-preview">') :]
    assert "<strong>Bold</strong>" in shown
    assert "<dt>Why?</dt><dd><p>So.</p>" in shown
    assert "<script>alert" not in shown
    assert "javascript:alert(1)" not in shown.replace("[x](javascript:alert(1))", "")
    assert "Choosing a provider" not in shown
    assert Model.objects.get().about == ""
    assert "Every text is empty" in client.get(PREVIEW).content.decode()


def test_the_preview_tells_what_is_not_shown_as_it_is_asked_for(client):  # noqa: F811
    wide = "|a" * 300 + "\n" + "|-" * 300 + "\n" + "x\n" * 200
    html = client.post(
        PREVIEW, {"about": wide, "faq": f"Before.\n\n### Why?\n\n{'x' * 20_000}"}
    ).content.decode()
    shown = html[html.index('<div class="texts-preview">') :]
    assert '<p class="errornote">This text is shown as it is typed: ' in shown
    assert '<p class="errornote">Only the first 20,000 characters are shown' in shown
    assert "<p>Before.</p>" in shown


def test_a_text_that_is_too_long_is_refused_and_kept_in_the_form(client):  # noqa: F811
    model = make_model()
    long = "a\r\n" * 9_999 + "aa"
    assert client.post(url(model), filled(client, model, about=long)).status_code == 302
    html = client.post(url(model), filled(client, model, about=f"{long}bcd")).content.decode()
    assert (
        "This text has 20,003 characters, and a page shows 20,000 of a text at most: shorten it."
        in html
    )
    assert "aabcd</textarea>" in html
    assert len(Model.objects.get().about) == len(long)


def test_only_who_may_edit_models_previews_them():
    visitor = Client()
    assert visitor.post(PREVIEW, {"about": "x"}).status_code == 302
    visitor.force_login(User.objects.create_user("clerk", is_staff=True))
    assert visitor.post(PREVIEW, {"about": "x"}).status_code == 403
