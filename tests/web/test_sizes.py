"""No page grows by a multiple of what a request holds."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_model, make_provider, sell
from tests.web.test_hostile_requests import PARAMETERS
from web.views import pasted

pytestmark = pytest.mark.django_db

PAGES = (
    *("/", "/models/openai/o4-mini/", "/providers/", "/estimate/", "/compare/?m=openai/o4-mini"),
    *("/estimate/prompt/", "/estimate/usage-json/", "/coverage/", "/explore/", "/sources/"),
)
LONG = '"' * 30_000


@pytest.fixture(autouse=True)
def catalog() -> None:
    sell(make_model("openai/o4-mini"), make_provider("azure"), input="1.10", output="4.40")


@pytest.mark.parametrize("page", PAGES)
def test_a_long_value_in_an_address_makes_no_large_page(client, page):
    address = f"{page}{'&' if '?' in page else '?'}"
    usual = len(client.get(page).content)
    for name in PARAMETERS:
        assert len(client.get(f"{address}{name}={LONG}").content) < usual + 3 * len(LONG), name
    every = dict.fromkeys(PARAMETERS, LONG)
    assert len(client.get(page, every).content) < usual + 9 * len(LONG)


@pytest.mark.parametrize(
    "names",
    [['"' * 480_000], [f'"{n}' for n in range(900)], ['"' * 495 + f"{n}" for n in range(900)]],
    ids=["one name", "many names", "many long names"],
)
@pytest.mark.parametrize("first", ["timestamp,model,input_tokens", "nothing,known"])
def test_the_preview_of_a_log_is_no_large_page(client, settings, tmp_path: Path, first, names):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    cells = ",".join(["x" * (200_000 // len(names))] * len(names))
    log = f"{first},{quoted}\n{'2026-11-20,o4-mini,3'[: 18 + len(first) - 24]},{cells}\n"
    file = SimpleUploadedFile("log.csv", log.encode())
    response = client.post("/estimate/usage/", {"log": file})
    if response.status_code == 302:
        response = client.get(response["Location"])
        sent = {"column-model": "model", "column-input": "x" * 9_999}
        wrong = client.post(response.request["PATH_INFO"], sent)
        assert len(wrong.content) < 500_000
    assert len(response.content) < 500_000


@pytest.mark.parametrize(("page", "field"), [("prompt", "prompt"), ("usage-json", "usage")])
def test_a_pasted_text_that_is_too_long_is_repeated_to_a_bound(client, page, field):
    text = "<" * 2_000_000
    html = client.post(f"/estimate/{page}/", {field: text, "model": text}).content.decode()
    assert f"first {pasted.MOST_SHOWN:,} of its 2,000,000 characters." in html
    assert f"{'&lt;' * pasted.MOST_SHOWN}…</textarea>" in html
    assert len(html) < 4 * pasted.MOST_SHOWN + 20_000
