"""The forms in which editors state prices: what they write, and what they answer to odd input."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims
from pricing.edit import unstated_held
from pricing.models import Rate
from pricing.rates import stated
from pricing.terms import Band, Terms
from sources.winners import settle
from tests.factories import (
    OBSERVED,
    current_rates,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
)
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]

LIST, ADD = "/admin/pricing/rate/", "/admin/pricing/rate/add/"


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


@pytest.fixture
def editor() -> User:
    return User.objects.create_superuser("ada")


@pytest.fixture
def client(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def form(endpoint: Endpoint, /, **fields: Any) -> dict[str, Any]:
    """What a browser sends for a new price."""
    usual = {
        "endpoint": endpoint.id,
        "meter": "input",
        "state": "priced",
        "amount": "1.5",
        "currency": "USD",
        "origin": "correction",
        "why": "On their page.",
    }
    return {**usual, **fields}


def change_form(**fields: Any) -> dict[str, Any]:
    """What a browser sends for another price in place of one."""
    return {
        "state": "priced",
        "amount": "2",
        "currency": "USD",
        "origin": "change",
        "why": "They raised it.",
        **fields,
    }


def errors(response: Any) -> str:
    """The sentences that a refused form shows."""
    assert response.status_code == 200
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)
    return unescape(re.sub(r"<[^>]+>", " ", " ".join(lists)))


def saved(response: Any) -> None:
    assert response.status_code == 302, errors(response)


def url(rate: Rate) -> str:
    return f"{LIST}{rate.pk}/change/"


def act(client: Client, action: str, *rates: Rate) -> str:
    """Run an action on the list, and give its message."""
    ids = [rate.pk for rate in rates]
    sent = {"action": action, "_selected_action": ids, "why": "Their page has it."}
    response = client.post(LIST, sent, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def test_a_price_that_an_editor_adds(client, editor, endpoint):
    saved(client.post(ADD, form(endpoint)))
    row = Rate.objects.get()
    assert (row.endpoint, row.meter, row.amount, row.per) == (
        endpoint,
        "input",
        Decimal("1.5"),
        1_000_000,
    )
    assert (row.by, row.why, row.source.slug) == (editor, "On their page.", "editor")
    assert (row.origin, row.valid_to) == ("first", None)


@pytest.mark.parametrize(
    ("sent", "amount", "state"),
    [
        ({"state": "free", "amount": ""}, Decimal(0), "free"),
        ({"state": "free", "amount": "0"}, Decimal(0), "free"),
        ({"state": "unknown", "amount": ""}, None, "unknown"),
        ({"state": "not_offered", "amount": ""}, None, "not_offered"),
        ({"amount": "0.000000000001"}, Decimal("1e-12"), "priced"),
        ({"amount": "1e3"}, Decimal(1000), "priced"),
    ],
)
def test_every_state_can_be_stated(client, endpoint, sent, amount, state):
    saved(client.post(ADD, form(endpoint, **sent)))
    assert Rate.objects.values_list("amount", "state").get() == (amount, state)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {}),
        ({"tier": "batch"}, {"tier": "batch"}),
        ({"band": "200000"}, Terms(band=Band(200_000)).to_json()),
        ({"band": "200000", "operator": "gte"}, Terms(band=Band(200_000, "gte")).to_json()),
    ],
)
def test_a_price_under_terms(client, endpoint, sent, kept):
    saved(client.post(ADD, form(endpoint, **sent)))
    assert Rate.objects.get().terms == kept


def test_meters_and_tiers_on_record_are_choices(client, endpoint):
    sent = form(endpoint, meter="gpu_hour_2", currency="EUR", tier="slow")
    assert "Select a valid choice." in errors(client.post(ADD, sent))
    make_rate(endpoint, "gpu_hour_2", terms=Terms(tier="slow"), currency="EUR")
    page = client.get(ADD).content.decode()
    for shown in ("gpu_hour_2", "slow", "Input, per 1,000,000 tokens"):
        assert shown in page, shown
    saved(client.post(ADD, sent))
    row = Rate.objects.get(source__slug="editor")
    assert (row.meter, row.per, row.currency, row.terms) == (
        *("gpu_hour_2", 1, "EUR"),
        {"tier": "slow"},
    )


@pytest.mark.parametrize(("amount", "words"), [("1100", "1,000 ×"), ("0.0011", "1/1,000 of")])
def test_a_price_far_from_the_one_before_is_saved_when_it_is_confirmed(
    client, endpoint, amount, words
):
    before = make_rate(endpoint, amount="1.10")
    page = client.get(url(before)).content.decode()
    assert "per 1,000,000 tokens" in page
    assert page.index("the provider changed it") < page.index("a correction")
    refused = client.post(url(before), change_form(amount=amount))
    assert f"This is {words} what it was: tick to confirm." in errors(refused)
    assert 'type="checkbox" name="sure"' in refused.content.decode()
    added = client.post(ADD, form(endpoint, amount=amount))
    assert "tick to confirm" in errors(added)
    saved(client.post(url(before), change_form(amount=amount, sure="on")))
    gone = client.post(url(Rate.objects.get(valid_to=None)), change_form(amount="", state="free"))
    assert "It had a price until now, and has none: tick to confirm." in errors(gone)


def test_a_first_price_far_from_what_is_usual_is_asked_about(client, endpoint):
    for slug, amount in (("azure", "1.30"), ("groq", "1.40"), ("vertex", "1.50")):
        make_rate(make_endpoint(endpoint.model, make_provider(slug)), amount=amount)
    refused = client.post(ADD, form(endpoint, amount="1400"))
    assert "what is usual: tick to confirm." in errors(refused)
    saved(client.post(ADD, form(endpoint, amount="1.40")))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"amount": "0"}, "A price is above zero; a zero is the state free."),
        ({"amount": "-1"}, "A price is above zero; a zero is the state free."),
        ({"amount": ""}, "A price is above zero; a zero is the state free."),
        (
            {"amount": "0", "state": "unknown"},
            "There is no amount when the state is unknown: leave it empty.",
        ),
        (
            {"amount": "1", "state": "not_offered"},
            "There is no amount when the state is not offered: leave it empty.",
        ),
        ({"amount": "1", "state": "free"}, "What is free costs zero: leave the amount empty."),
        ({"amount": "0.0000000000001"}, "Ensure that there are no more than 12 decimal places."),
        ({"amount": "NaN"}, "Enter a number."),
        ({"amount": "Infinity"}, "Enter a number."),
        ({"amount": "ten"}, "Enter a number."),
        ({"amount": "1e500"}, "Ensure that there are no more than"),
        ({"amount": "9" * 13}, "Ensure that there are no more than"),
        ({"amount": "999999999999.999999999999"}, "No price is that large."),
        ({"amount": "1\x00"}, "Enter a number."),
        ({"state": "cheap"}, "Select a valid choice."),
        ({"why": ""}, "Say why: the price is kept with its reason."),
        ({"why": "  "}, "Say why: the price is kept with its reason."),
        ({"why": "x" * 501}, "Ensure this value has at most 500 characters"),
        ({"meter": ""}, "This field is required."),
        ({"meter": "in put"}, "Select a valid choice."),
        ({"meter": "<script>"}, "Select a valid choice."),
        ({"meter": "in\x00put"}, "Select a valid choice."),
        ({"meter": "m" * 41}, "Select a valid choice."),
        ({"currency": "$"}, "Select a valid choice."),
        ({"currency": "DOLLAR"}, "Select a valid choice."),
        ({"endpoint": ""}, "This field is required."),
        ({"endpoint": "0"}, "Select a valid choice."),
        ({"endpoint": "9" * 40}, "Select a valid choice."),
        ({"origin": "first"}, "Select a valid choice."),
        ({"content_billed_as_input": "true"}, "Only a search finds content: leave this unknown."),
    ],
)
def test_odd_input_gets_a_sentence_and_writes_nothing(client, endpoint, sent, sentence):
    assert sentence in errors(client.post(ADD, form(endpoint, **sent)))
    assert not Rate.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"tier": "x" * 200},
        {"tier": "b\x00"},
        {"band": "-5"},
        {"band": "NaN"},
        {"band": "9" * 5000},
        {"operator": "lt", "band": "5"},
        {"windows": "9-17"},
        {"windows": "25:00-26:00"},
        {"weekdays": ["1"]},
        {"weekdays": ["8"], "windows": "01:00-04:00"},
        {"windows": "01:00-04:00", "timezone": "Nowhere/At all"},
        {"options": "size"},
        {"region": "\x00"},
    ],
)
def test_terms_that_do_not_read_get_a_sentence(client, endpoint, sent):
    assert errors(client.post(ADD, form(endpoint, **sent)))
    assert not Rate.objects.exists()


def test_an_empty_form_gets_sentences(client):
    assert "This field is required." in errors(client.post(ADD, {}))


def test_a_price_that_an_editor_changes(client, editor, endpoint):
    before = make_rate(endpoint, amount="1")
    saved(client.post(url(before), change_form()))
    before.refresh_from_db()
    row = Rate.objects.get(by=editor)
    assert before.valid_to == row.valid_from
    assert (row.amount, row.origin, row.why) == (2, "change", "They raised it.")
    assert (row.endpoint, row.meter, row.terms) == (endpoint, "input", {})


def test_an_editor_states_that_what_a_search_finds_is_billed_too(client, endpoint):
    said = {"true": True, "false": False, "unknown": None}
    saved(client.post(ADD, form(endpoint, meter="web_search", content_billed_as_input="true")))
    for sent in ("false", "unknown", "true"):
        (row,) = Rate.objects.filter(valid_to=None)
        saved(client.post(url(row), change_form(content_billed_as_input=sent)))
        (row,) = Rate.objects.filter(valid_to=None)
        assert row.content_billed_as_input is said[sent]
    plain = make_rate(make_endpoint(make_model("openai/o3")))
    refused = client.post(url(plain), change_form(content_billed_as_input="true"))
    assert "Only a search finds content" in errors(refused)


def test_a_change_keeps_the_terms_whatever_is_sent(client, endpoint):
    before = make_rate(endpoint, terms=Terms(tier="batch"))
    saved(client.post(url(before), change_form(terms="{}", meter="output", endpoint="0")))
    assert (
        Rate.objects.filter(meter="input", terms={"tier": "batch"}, valid_to=None).get().amount == 2
    )


def test_two_changes_in_a_row(client, endpoint):
    saved(client.post(url(make_rate(endpoint, amount="1")), change_form(amount="2")))
    standing = Rate.objects.get(valid_to=None)
    saved(client.post(url(standing), change_form(amount="3")))
    rows = Rate.objects.order_by("id")
    assert [(row.amount, row.valid_to is None) for row in rows] == [
        (1, False),
        (2, False),
        (3, True),
    ]


def test_a_price_that_has_ended_is_not_changed(client, endpoint):
    ended = make_rate(endpoint, valid_to=OBSERVED)
    assert "This price has ended" in errors(client.post(url(ended), change_form()))
    assert Rate.objects.count() == 1


def test_a_change_where_another_price_is_announced(client, endpoint):
    soon = timezone.now() + timedelta(days=5)
    make_rate(endpoint, amount="1", valid_to=soon)
    announced = make_rate(endpoint, amount="4", valid_from=soon, announced=True)
    saved(client.post(ADD, form(endpoint, amount="2")))
    assert current_rates(soon).get().amount == 2
    announced.refresh_from_db()
    assert announced.valid_to == soon


def test_a_change_without_a_reason_gets_a_sentence(client, endpoint):
    rate = make_rate(endpoint, why="an earlier reason")
    page = client.get(url(rate)).content.decode()
    assert "an earlier reason" not in page
    assert "Say why" in errors(client.post(url(rate), change_form(why="")))


def test_the_forms_and_the_list_show(client, endpoint):
    rate = make_rate(endpoint, terms=Terms(tier="batch"))
    make_rate(endpoint, amount="900", held=True)
    for path in (
        LIST,
        f"{LIST}?q=o4-mini",
        f"{LIST}?held__exact=1",
        f"{LIST}?all=",
        ADD,
        url(rate),
    ):
        assert client.get(path).status_code == 200, path
    assert "Batch" in client.get(url(rate)).content.decode()


REVIEW = f"{LIST}review/"


def decide(client: Client, decision: str, *rates: Rate, why: str = "On their page.") -> str:
    """Decide of ticked rows, and give the message."""
    sent = {decision: "ticked", "rate": [rate.pk for rate in rates], "why": why}
    response = client.post(REVIEW, sent, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def test_held_prices_are_published_with_a_reason(client, editor, endpoint):
    before = make_rate(endpoint, amount="1", valid_from=OBSERVED - timedelta(days=9))
    held = make_rate(endpoint, amount="900", valid_from=OBSERVED, held=True, why="held: 900 ×")
    assert decide(client, "publish", before, held, why=" ") == (
        "Give a reason first: it is kept with the decision."
    )
    assert Rate.objects.waiting().exists()
    assert decide(client, "publish", before, held) == "1 published."
    before.refresh_from_db()
    held.refresh_from_db()
    assert (before.valid_to, held.held, held.by) == (OBSERVED, False, editor)
    assert held.why == "On their page; held: 900 ×"
    assert held.decided_at


def test_a_rejected_price_stays_on_record_and_may_still_be_published(client, editor, endpoint):
    held = make_rate(endpoint, amount="900", held=True)
    assert decide(client, "reject", held) == "1 rejected."
    assert (Rate.objects.waiting().count(), Rate.objects.rejected().count()) == (0, 1)
    assert "Nothing waits." in client.get(REVIEW).content.decode()
    assert "$900" in client.get(f"{REVIEW}?show=rejected").content.decode()
    assert decide(client, "reject", held) == "0 rejected."
    assert decide(client, "publish", held) == "1 published."


def test_the_review_shows_old_new_and_what_others_charge(client, endpoint):
    make_rate(endpoint, amount="1.25")
    for slug, amount in (("azure", "1.30"), ("groq", "1.40"), ("vertex", "1.50")):
        make_rate(make_endpoint(endpoint.model, make_provider(slug)), amount=amount)
    held = make_rate(endpoint, amount="900", held=True, why="held: 720 × what it was")
    page = client.get(REVIEW).content.decode()
    for shown in ("$1.25", "$900.00", "$1.40", "median of 3 providers", "720 × what it was"):
        assert shown in page, shown
    assert "Nothing waits." in client.get(f"{REVIEW}?provider=azure").content.decode()
    for name in ("publish", "reject"):
        answer = client.post(
            REVIEW, {name: held.pk, "why": ""}, headers={"accept": "application/json"}
        )
        assert (answer.status_code, "Give a reason" in answer.json()["said"]) == (409, True)
    sent = {"reject": held.pk, "why": "No."}
    answer = client.post(REVIEW, sent, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"said": "1 rejected."})


def test_a_review_of_odd_rows_is_refused(client, endpoint):
    held = make_rate(endpoint, amount="900", held=True)
    assert client.post(REVIEW, {"publish": "x", "why": "y"}).status_code == 400
    assert decide(client, "publish") == "Tick the prices first."
    assert client.post(REVIEW, {"why": "y"}).status_code == 302
    viewer = User.objects.create_user("eve", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_rate"))
    client.force_login(viewer)
    assert "Publish" not in client.get(REVIEW).content.decode()
    assert client.post(REVIEW, {"publish": held.pk, "why": "y"}).status_code == 403
    assert Rate.objects.waiting().exists()


def test_a_stale_held_price_is_published_into_history(client, endpoint):
    make_rate(endpoint, amount="1", valid_to=OBSERVED)
    make_rate(endpoint, amount="2", valid_from=OBSERVED)
    held = make_rate(endpoint, amount="900", valid_from=OBSERVED - timedelta(days=3), held=True)
    decide(client, "publish", held)
    order = Rate.objects.order_by(F("valid_from").asc(nulls_first=True))
    assert [row.amount for row in order] == [1, 900, 2]


def claim(endpoint: Endpoint, amount: str, source: str = "models-dev") -> None:
    """A source's card of one input price."""
    EndpointClaims.objects.create(
        endpoint=endpoint,
        source=make_source(source),
        rates=[stated("input", Decimal(amount)).to_json()],
        stated_at=OBSERVED,
        digest=b"",
    )


def current() -> Decimal | None:
    return current_rates(timezone.now()).get(meter="input").amount


def test_an_editors_price_survives_settling_until_it_is_withdrawn(client, endpoint):
    claim(endpoint, "1.1")
    settle([endpoint.id])
    assert current() == Decimal("1.1")
    saved(client.post(url(Rate.objects.get()), change_form(amount="3")))
    settle([endpoint.id])
    assert current() == 3
    standing = Rate.objects.get(valid_to=None)
    assert "1 withdrawn" in act(client, "withdraw", standing)
    assert current() == Decimal("1.1")
    assert Rate.objects.get(valid_to=None).source.slug == "models-dev"
    count = Rate.objects.count()
    settle([endpoint.id])
    assert Rate.objects.count() == count


def test_only_editors_prices_that_stand_are_withdrawn(client, endpoint):
    rate = make_rate(endpoint)
    assert "0 withdrawn" in act(client, "withdraw", rate)
    rate.refresh_from_db()
    assert rate.valid_to is None


@pytest.mark.django_db(transaction=True)
def test_actions_work_outside_a_test_s_transaction(client, endpoint):
    make_source("editor")  # which the flush of another such test took away
    claim(endpoint, "1.1")
    saved(client.post(ADD, form(endpoint, amount="7")))
    act(client, "withdraw", Rate.objects.get())
    assert current() == Decimal("1.1")


def test_nobody_deletes_a_price(client, endpoint):
    rate = make_rate(endpoint)
    assert client.post(f"{LIST}{rate.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()


def test_who_may_only_view_changes_nothing(endpoint):
    rate = make_rate(endpoint)
    viewer = User.objects.create_user("eve", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_rate"))
    client = Client()
    client.force_login(viewer)
    assert client.get(url(rate)).status_code == 200
    assert client.post(url(rate), change_form()).status_code == 403
    act(client, "withdraw", rate)
    assert Rate.objects.get().valid_to is None


def test_held_prices_that_their_source_no_longer_states_are_cleared(client, endpoint):
    source = make_source()
    held = make_rate(endpoint, "input", "900", held=True)
    other = make_rate(endpoint, "output", "900", held=True)
    claims = EndpointClaims.objects.create(
        endpoint=endpoint,
        source=source,
        rates=[stated("output", Decimal(900)).to_json(), stated("input", Decimal(1)).to_json()],
        stated_at=OBSERVED,
        digest=b"",
    )
    assert [*unstated_held()] == [held.id]
    page = client.get(REVIEW).content.decode()
    assert page.count("no longer stated since 2026-11-12") == 1
    assert "Clear 1 no longer stated" in " ".join(page.split())
    said = client.post(REVIEW, {"clear": "unstated", "why": "Gone."}, follow=True)
    assert "1 cleared." in said.content.decode()
    held.refresh_from_db()
    assert (held.origin, held.held, held.why) == ("withdrawn", True, "Gone")
    assert [*Rate.objects.waiting()] == [other]
    EndpointClaims.objects.filter(id=claims.id).update(missing_since=timezone.now())
    assert [*unstated_held()] == [other.id]
