import re

import pytest

from tests.factories import make_creator, make_endpoint, make_model, make_provider, summarise

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def served() -> None:
    creator = make_creator("meta", name="Meta & Co")
    make_endpoint(make_model("meta/llama", creator=creator), make_provider("azure", name="Azure"))
    summarise()


def test_htmx_gets_the_options_alone(client):
    part = client.get("/choices/creators/", headers={"HX-Request": "true"})
    assert part.content.decode().strip() == '<option value="meta">Meta &amp; Co</option>'
    assert "HX-Request" in part.headers["Vary"]
    part = client.get("/choices/providers/", headers={"HX-Request": "true"})
    assert part.content.decode().strip() == '<option value="azure">Azure</option>'


def test_without_scripts_a_choice_keeps_the_other_filters(client):
    html = client.get("/choices/providers/?q=llama&provider=azure&sort=input").content.decode()
    form = html.partition('<form class="choosing"')[2].partition("</form>")[0]
    names = [part.split('"')[1] for part in form.split('<input type="hidden" name=')[1:]]
    assert names == ["q", "sort"]
    assert '<option value="azure" selected>Azure</option>' in form
    assert 'name="robots" content="noindex' in html


@pytest.mark.parametrize(
    ("page", "query", "kept"),
    [
        ("explore", "x=input&creator=meta&provider=azure", ["x", "creator"]),
        ("changes", "kind=price&creator=meta&provider=azure", ["creator", "kind"]),
        ("estimate", "requests=5&input=7&creator=meta&pin=meta/llama", ["creator", "pin"]),
    ],
)
def test_other_pages_lead_to_the_choices_and_back(client, page, query, kept):
    make_endpoint(make_model("meta/other"), make_provider("groq", name="Groq"))
    summarise()
    html = client.get(f"/{page}/?{query}").content.decode()
    assert "<option" in html and "Groq</option>" not in html
    link = re.search(r'href="(/choices/providers/[^"]*)"', html)[1].replace("&amp;", "&")
    form = client.get(link).content.decode().partition('<form class="choosing"')[2]
    assert form.startswith(f' action="/{page}/"')
    names = re.findall(r'<input type="hidden" name="([^"]*)"', form)
    assert set(kept) <= set(names) and "provider" not in names


def test_the_list_leads_to_the_choices_with_its_filters(client):
    html = client.get("/?q=llama&creator=meta").content.decode()
    assert '<option value="meta" selected>Meta &amp; Co</option>' in html
    assert 'href="/choices/creators/?q=llama&amp;creator=meta"' in html
