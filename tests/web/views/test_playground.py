"""The playground's page and answers, without a script."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Team, TeamRole
from playground.models import LedgerEntry
from tests.called import USAGE, WORDS
from tests.factories import make_model, make_provider, sell
from tests.streaming.provider_server import ProviderServer, ScriptedAnswer, chat
from web.http.streams import MOST_OF_PROCESS, take_place

pytestmark = pytest.mark.django_db(transaction=True)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


@pytest.fixture
def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def host(server: ProviderServer) -> ProviderServer:
    model = make_model(modalities_in=["text", "image"], capabilities=["reasoning"])
    sell(model, make_provider("host"), input="1", output="10")
    return server


def send(client: Client, *, lines: bool = False, **fields: Any) -> Any:
    sent = {"m": "openai/o4-mini", "p": "host", "prompt": "Count. canary-of-a-prompt", **fields}
    headers = {"Accept": "application/x-ndjson"} if lines else {}
    return client.post("/playground/", sent, headers=headers)


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_everybody_sees_the_page_and_signs_in_to_send(client: Client, host: Any):
    page = client.get("/playground/?m=openai/o4-mini").content.decode()
    assert "Sign in to send" in page and "Host" in page
    response = send(client)
    assert response.status_code == 302 and "/account/sign-in/" in response["Location"]
    assert not LedgerEntry.objects.exists()


def test_the_page_itself_streams_its_answer(signed_in: Client, host: Any):
    response = send(signed_in)
    assert response.streaming and response["Cache-Control"] == "private, no-store"
    html = text_of(response)
    assert "".join(WORDS) in html and html.rstrip().endswith("</html>")
    entry = LedgerEntry.objects.get()
    assert entry.spent == Decimal("0.0006") and entry.way == "page"
    assert 'data-amount="0.000600000000"' in html
    assert "/estimate/?q=openai%2Fo4-mini&amp;requests=1&amp;input=100&amp;output=50" in html
    # The form comes back as it was sent.
    assert "canary-of-a-prompt</textarea>" in html


def test_lines_for_the_script(signed_in: Client, host: Any):
    lines = [
        json.loads(line) for line in text_of(send(signed_in, lines=True, p=[])).split("\n") if line
    ]
    # The server names the columns: with no box checked it chose the provider itself.
    assert lines[0] == {"i": 0, "name": "Host"}
    assert "".join(line.get("text", "") for line in lines) == "".join(WORDS)
    assert "First token" in lines[-1]["html"] and "<p>word word" in lines[-1]["html"]


def test_reasoning_stands_apart_from_the_answer(signed_in: Client, host: Any):
    host.answer = ScriptedAnswer(chat(["Four."], thoughts=["2 + ", "2 <b>"], usage=USAGE))
    html = text_of(send(signed_in))
    apart = '<details><summary>Reasoning</summary><div class="text">2 + 2 &lt;b&gt;</div></details>'
    assert f'{apart}<div class="text">Four.</div>' in html
    # What has ended is not busy: a screen reader leaves out what is.
    assert 'aria-busy="true"' not in html


def test_markup_of_an_answer_is_text(signed_in: Client, host: Any):
    host.answer = ScriptedAnswer(chat(["<script>alert(1)</script>", "<img src=x>"], usage=USAGE))
    html = text_of(send(signed_in))
    assert "<script>alert" not in html and "&lt;img src=x&gt;" in html
    lines = text_of(send(signed_in, lines=True)).strip().split("\n")
    assert "<script>" not in json.loads(lines[-1])["html"]
    assert "<img" not in json.loads(lines[-1])["html"]


def test_side_by_side_each_provider_has_its_answer(signed_in: Client, host: Any, monkeypatch: Any):
    model = make_model("openai/o5")
    for slug in ("one", "two", "three"):
        sell(model, make_provider(slug), input="1", output="10")
        monkeypatch.setenv(f"RATECARD_PROVIDER_{slug.upper()}_URL", f"{host.address}/v1")
        monkeypatch.setenv(f"{slug.upper()}_API_KEY", "k" * 20)
    html = text_of(send(signed_in, m="openai/o5", p=["one", "two", "three"]))
    shown = re.findall('class="answer" data-provider="([a-z]+)"', html)
    assert sorted(shown) == ["one", "three", "two"]
    assert html.count("".join(WORDS)) == 3 and html.count("First token") == 3
    assert LedgerEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompt": "  "}, "Write a prompt."),
        ({"prompt": "x" * 200_001}, "at most 200,000 are taken here"),
        ({"temperature": "NaN"}, "The temperature is a number from 0 to 2."),
        ({"output": str(10**12)}, "The output is a whole number"),
        ({"effort": "huge"}, "This effort is not one of the list."),
        ({"stop": "a\nb\nc\nd\ne"}, "At most 4 lines"),
        ({"m": "openai/unheard-of"}, "There is no model openai/unheard-of"),
        ({"m": "../../etc/passwd"}, "There is no model"),
        ({"m": ""}, "Choose a model that can be called."),
        ({"p": "azure"}, "azure cannot be called for this model."),
        ({"p": ["host", "a", "b", "c"]}, "Choose at most 3 providers."),
        ({"team": "others"}, "You are in no team of this name."),
        ({"image": SimpleUploadedFile("a.svg", b"<svg/>")}, "must be a PNG, JPEG, GIF or WebP"),
        ({"image": SimpleUploadedFile("a.png", PNG + b"\0" * (6 * 2**20))}, "larger than 5 MB"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_a_sentence(
    signed_in: Client, host: Any, fields: dict[str, Any], sentence: str
):
    response = send(signed_in, **{"system": "kept as it was", **fields})
    assert response.status_code == 400
    html = response.content.decode()
    assert sentence in html and "kept as it was</textarea>" in html
    assert not LedgerEntry.objects.exists() and not host.requests


def test_parameters_and_an_image_go_along(signed_in: Client, host: Any):
    image = SimpleUploadedFile("a.png", PNG)
    text_of(
        send(
            signed_in,
            image=image,
            system="Be brief.",
            temperature="0.5",
            output="50",
            effort="low",
            stop="END",
        )
    )
    (_, _, body), *_ = host.requests
    assert body["temperature"] == 0.5 and body["max_tokens"] == 50
    assert (body["reasoning_effort"], body["stop"]) == ("low", ["END"])
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert body["messages"][1]["content"][0]["image_url"]["url"].startswith("data:image/png")


def test_the_most_that_it_can_cost_is_shown_before(signed_in: Client, host: Any):
    fields = {"m": "openai/o4-mini", "p": "host", "prompt": "Count.", "output": "1000"}
    html = signed_in.post("/playground/most/", fields).content.decode()
    assert "At most" in html and "$5.00 that is left" in html
    assert not host.requests
    assert "before anything is sent" in signed_in.post("/playground/most/", {}).content.decode()


def test_an_exhausted_allowance_says_when_it_comes_back(signed_in: Client, host: Any, person: User):
    LedgerEntry.objects.create(
        user=person,
        way="page",
        began_at=timezone.now(),
        held=5,
        spent=5,
        outcome="ok",
        provider_slug="host",
        model_slug="m",
    )
    response = send(signed_in)
    assert response.status_code == 403
    assert "$5.00 comes back on" in response.content.decode()


def test_a_team_pays_and_its_viewers_cannot(signed_in: Client, host: Any, person: User):
    team = Team.objects.create(name="Search", slug="search")
    member = Membership.objects.create(team=team, user=person)
    text_of(send(signed_in, team="search"))
    assert LedgerEntry.objects.get().team == team
    member.role = TeamRole.VIEWER
    member.save()
    assert "cannot spend" in send(signed_in, team="search").content.decode()


def test_two_prompts_of_a_person_at_once_are_the_most(signed_in: Client, host: Any, person: User):
    for second in (0, 1):
        LedgerEntry.objects.create(
            user=person,
            way="page",
            held=0,
            provider_slug="host",
            model_slug="m",
            began_at=timezone.now() - timedelta(seconds=second),
        )
    response = send(signed_in)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "2 of your prompts are being answered" in response.content.decode()


def test_all_places_of_a_process_taken(signed_in: Client, host: Any):
    places = [take_place() for _ in range(MOST_OF_PROCESS)]
    try:
        assert send(signed_in).status_code == 503
    finally:
        for place in places:
            place.release()
    send(signed_in).close()
    assert LedgerEntry.objects.get().spent == 0


def test_a_page_that_cannot_be_drawn_keeps_neither_place_nor_money(
    signed_in: Client, host: Any, monkeypatch: Any
):
    def broken(*_: object, **__: object) -> Any:
        raise RuntimeError("no template")

    before = free_places()
    monkeypatch.setattr("web.views.playground.render_private", broken)
    with pytest.raises(RuntimeError, match="no template"):
        send(signed_in)
    entry = LedgerEntry.objects.get()
    assert (entry.outcome, entry.spent) == ("stopped", 0)
    assert not host.requests
    assert free_places() == before


def free_places() -> int:
    places = []
    while (place := take_place()) is not None:
        places.append(place)
    for place in places:
        place.release()
    return len(places)


def test_without_a_key_the_demonstration_answers(signed_in: Client, no_keys: None):
    sell(make_model(), make_provider("openai"), input="1", output="2")
    page = signed_in.get("/playground/").content.decode()
    assert "No provider has a key here yet" in page
    html = text_of(send(signed_in, m="", p="demo"))
    assert "No model was asked." in html
    assert LedgerEntry.objects.get().model_slug == "demo/echo"
    for address in ("/", "/providers/", "/models.csv", "/estimate/?input=1", "/sources/"):
        assert "demo/echo" not in signed_in.get(address, follow=True).getvalue().decode()


def test_the_most_that_is_shown_with_an_image_is_what_is_held(signed_in: Client, host: Any):
    fields = {"m": "openai/o4-mini", "p": "host", "prompt": "Count."}
    html = signed_in.post("/playground/most/", {**fields, "has_image": "1"}).content.decode()
    shown = re.findall(r"At most <span title=\"Exactly \$([\d.]+)", html)
    text_of(send(signed_in, prompt="Count.", image=SimpleUploadedFile("a.png", PNG)))
    assert [Decimal(amount) for amount in shown] == [LedgerEntry.objects.get().held]


def test_who_must_sign_in_comes_back_to_the_model(client: Client, host: Any):
    assert send(client)["Location"].endswith("?next=%2Fplayground%2F%3Fm%3Dopenai%252Fo4-mini")


def test_an_allowance_of_zero_switches_it_off(signed_in: Client, host: Any, settings: Any):
    settings.ALLOWANCE = Decimal(0)
    assert "The playground is off" in signed_in.get("/playground/").content.decode()
    assert send(signed_in).status_code == 403 and not host.requests


def test_a_form_of_the_model_page_says_that_it_is_off(signed_in: Client, host: Any, settings: Any):
    settings.ALLOWANCE = Decimal(0)
    part = signed_in.get(
        "/playground/?m=openai/o4-mini&part=form", headers={"HX-Request": "true"}
    ).content.decode()
    assert "its allowance to 0" in part and "<form" not in part


def test_a_forged_form_is_refused(person: User, host: Any):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    for address in ("/playground/", "/playground/most/"):
        assert client.post(address, {"m": "openai/o4-mini", "prompt": "x"}).status_code == 403
    assert not host.requests


def test_prompt_and_answer_are_kept_nowhere(signed_in: Client, host: Any, caplog: Any):
    host.answer = ScriptedAnswer(chat(["canary-of-an-answer"], usage=USAGE))
    text_of(send(signed_in))
    assert "canary" not in str([*LedgerEntry.objects.values()]) + caplog.text
