"""The forms in which editors keep the catalog true: every fact they change is an override."""

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import (
    Alias,
    Creator,
    Endpoint,
    EndpointClaims,
    Model,
    Override,
    Provider,
    ProviderClaims,
    Relink,
)
from pricing.models import Headline
from sources.provider_winners import settle_providers
from sources.winners import settle, settle_models
from tests.factories import (
    OBSERVED,
    found_by,
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

NO_INLINES = {
    f"{inline}-{number}_FORMS": 0
    for inline in ("claims", "rates")
    for number in ("TOTAL", "INITIAL")
}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def endpoint() -> Endpoint:
    """o4-mini at OpenAI, with what a source states of all of it."""
    model = make_model()
    endpoint = make_endpoint(model, make_provider("openai", creator=model.creator), mode="")
    facts = {"name": "o4-mini", "context_window": 200_000, "released": "2025-04-16"}
    said = {"source": make_source(), "stated_at": OBSERVED, "digest": b""}
    EndpointClaims.objects.create(endpoint=endpoint, facts=facts, **said)
    about = {"name": "OpenAI", "docs_url": "https://docs.example"}
    ProviderClaims.objects.create(provider=endpoint.provider, facts=about, **said)
    refresh(endpoint)
    return Endpoint.objects.get()


def refresh(endpoint: Endpoint) -> None:
    """What every refresh does that touches an endpoint."""
    settle_providers([endpoint.provider_id])
    settle([endpoint.id])
    settle_models(Model.objects.values_list("id", flat=True), Counter())


def url(row: Any) -> str:
    return f"/admin/catalog/{row._meta.model_name}/{row.pk}/change/"


def add_url(model: type[Any]) -> str:
    return f"/admin/catalog/{model._meta.model_name}/add/"


def filled(client: Client, row: Any, **fields: Any) -> dict[str, Any]:
    """What a browser sends for the form of a row with these fields changed."""
    form = client.get(url(row)).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    text = {
        name: ",".join(value) if isinstance(value, list) else value for name, value in sent.items()
    }
    return {
        name: "" if value is None else value for name, value in (text | fields).items()
    } | NO_INLINES


def save(client: Client, row: Any, **fields: Any) -> None:
    response = client.post(url(row), filled(client, row, **fields))
    assert response.status_code == 302, errors(response)
    row.refresh_from_db()


def refused(client: Client, row: Any, **fields: Any) -> str:
    """The sentences that a form answers with."""
    return errors(client.post(url(row), filled(client, row, **fields)))


def errors(response: Any) -> str:
    assert response.status_code == 200
    lists = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', response.content.decode(), re.S)
    return unescape(re.sub(r"<[^>]+>", " ", " ".join(lists)))


def withdraw_all(client: Client) -> str:
    sent = {
        "action": "withdraw_selected",
        "why": "Their page has it by now.",
        "_selected_action": list(Override.objects.values_list("id", flat=True)),
    }
    response = client.post("/admin/catalog/override/", sent, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def standing() -> list[tuple[str, Any, str]]:
    rows = Override.objects.standing().order_by("field")
    return [(row.field, row.value, row.why) for row in rows]


@pytest.mark.parametrize(
    ("which", "field", "value", "before"),
    [
        ("model", "name", "o4 mini", "o4-mini"),
        ("model", "released", "2025-04", "2025-04-16"),
        ("model", "context_window", 1_000_000, 200_000),
        ("model", "context_window", None, 200_000),
        ("model", "description", "Small.", ""),
        ("model", "open_weights", True, None),
        ("model", "modalities_in", ["text", "image"], []),
        ("provider", "name", "OpenAI Inc.", "OpenAI"),
        ("provider", "kind", "gateway", "first-party"),
        ("provider", "docs_url", "", "https://docs.example"),
        ("provider", "env_names", ["ONE", "TWO"], []),
        ("endpoint", "context_window", 400_000, 200_000),
        ("endpoint", "retired_on", "2027-01", ""),
        ("endpoint", "zdr", "contract", "unknown"),
        ("endpoint", "capabilities", ["reasoning", "vision"], []),
    ],
)
def test_an_edited_fact_survives_refreshes_until_it_is_withdrawn(
    client, endpoint, which, field, value, before
):
    row = {"model": endpoint.model, "provider": endpoint.provider, "endpoint": endpoint}[which]
    row.refresh_from_db()
    assert getattr(row, field) == before
    sent = ",".join(value) if isinstance(value, list) else "" if value is None else value
    save(client, row, **{field: sent}, why="On their page.")
    assert getattr(row, field) == value
    assert standing() == [(field, value, "On their page.")]
    assert Override.objects.get().by.username == "ada"
    refresh(endpoint)
    row.refresh_from_db()
    assert getattr(row, field) == value
    assert "1 withdrawn" in withdraw_all(client)
    row.refresh_from_db()
    assert getattr(row, field) == before
    assert row.provenance.get(field, ["models-dev"])[0] == "models-dev"


def test_a_date_of_the_data_policy_is_kept_and_withdrawn(client, endpoint):
    facts = {
        "training": "no",
        "retention": "days",
        "retention_days": 30,
        "policy_checked_on": "2026-11-01",
    }
    save(client, endpoint, **facts, why="Their terms.")
    refresh(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.training, endpoint.retention, endpoint.retention_days) == ("no", "days", 30)
    assert str(endpoint.policy_checked_on) == "2026-11-01"
    assert "4 withdrawn" in withdraw_all(client)
    endpoint.refresh_from_db()
    assert (endpoint.training, endpoint.retention, endpoint.retention_days) == (
        "unknown",
        "unknown",
        None,
    )
    assert endpoint.policy_checked_on == ""


def test_a_removed_policy_of_a_provider_leaves_its_endpoints_and_stays_removed(client, endpoint):
    provider = endpoint.provider
    stated = {"training": "no", "retention": "days", "retention_days": 30, "zdr": "contract"}
    claims = ProviderClaims.objects.get()
    claims.facts |= stated
    claims.evidence = {name: ["https://openai.example/policy", "2026-08-30"] for name in stated}
    claims.save()
    refresh(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.retention_days, endpoint.zdr) == (30, "contract")
    provider.refresh_from_db()
    page = client.get(url(provider)).content.decode()
    assert "https://openai.example/policy" in page
    assert "2026-08-30" in page
    removed = {"retention": "unknown", "retention_days": "", "zdr": "unknown"}
    save(client, provider, **removed, why="Their page has no such sentence.")
    for _ in range(2):
        endpoint.refresh_from_db()
        provider.refresh_from_db()
        for row in (endpoint, provider):
            assert (row.training, row.retention, row.retention_days) == ("no", "unknown", None)
            assert (row.zdr, row.provenance["zdr"][0]) == ("unknown", "editor")
        refresh(endpoint)
    assert "3 withdrawn" in withdraw_all(client)
    endpoint.refresh_from_db()
    assert (endpoint.retention, endpoint.retention_days, endpoint.zdr) == ("days", 30, "contract")


def test_two_edits_in_a_row_keep_both_facts(client, endpoint):
    save(client, endpoint, context_window=1, why="one")
    save(client, endpoint, max_output=2, why="two")
    save(client, endpoint, context_window=3, why="three")
    assert standing() == [("context_window", 3, "three"), ("max_output", 2, "two")]
    refresh(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.context_window, endpoint.max_output) == (3, 2)
    assert Override.objects.count() == 3


@pytest.mark.parametrize("why", ["", "   "])
def test_a_changed_fact_without_a_reason_gets_a_sentence(client, endpoint, why):
    for row, fact in [
        (endpoint, {"context_window": 1}),
        (endpoint.model, {"name": "x"}),
        (endpoint.provider, {"name": "x"}),
    ]:
        assert "Say why: the change is kept with its reason." in refused(
            client, row, **fact, why=why
        )
    assert not Override.objects.exists()


def test_a_form_saved_as_it_is_states_nothing(client, endpoint):
    for row in (endpoint, endpoint.model, endpoint.provider):
        before = type(row).objects.values().get()
        save(client, row)
        assert type(row).objects.values().get() == before
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    "odd", ["2025-13", "2025-00", "2025-02-30", "25", "May 2025", "2025-1", "٢٠٢٥", "0000"]
)
def test_a_date_that_is_none_gets_a_sentence(client, endpoint, odd):
    said = refused(client, endpoint.model, released=odd, why="x")
    assert "A date is as precise as it is known: 2026, 2026-11 or 2026-11-30." in said
    assert "Constraint" not in said


@pytest.mark.parametrize("exact", ["2025", "2025-12", "2024-02-29"])
def test_a_date_is_as_precise_as_it_is_known(client, endpoint, exact):
    save(client, endpoint.model, released=exact, why="x")
    assert endpoint.model.released == exact


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ({"context_window": 0}, "A limit is above zero"),
        ({"context_window": -1}, "greater than or equal to 0"),
        ({"context_window": "9" * 30}, "less than or equal to"),
        ({"context_window": "many"}, "Enter a whole number."),
        ({"context_window": "NaN"}, "Enter a whole number."),
        ({"capabilities": "x" * 51}, "at most 50 characters"),
        ({"region": "eu\0"}, "Null characters are not allowed."),
        ({"lifecycle": "asleep"}, "Select a valid choice."),
        ({"policy_url": "their page"}, "Enter a valid URL."),
        ({"policy_checked_on": "2026-02-30"}, "A date is as precise as it is known"),
        (
            {"retention": "days"},
            "A number of days goes with the retention days, and with no other.",
        ),
        (
            {"retention_days": 30},
            "A number of days goes with the retention days, and with no other.",
        ),
        ({"model": ""}, "This field is required."),
        ({"model": 10**9}, "Select a valid choice."),
        ({"why": "x" * 501}, "at most 500 characters"),
    ],
)
def test_an_odd_fact_gets_a_sentence_and_states_nothing(client, endpoint, fact, sentence):
    said = refused(client, endpoint, **{"why": "x", **fact})
    assert sentence in said
    assert "Constraint" not in said
    assert not Override.objects.exists()


def test_the_ids_that_sources_know_a_row_by_stay(client, endpoint):
    save(client, endpoint, upstream_id="other", provider="", context_window=1, why="x")
    save(client, endpoint.model, slug="openai/other", name="x", why="x")
    save(client, endpoint.provider, slug="other", name="x", why="x")
    assert (endpoint.upstream_id, endpoint.provider.slug) == ("o4-mini", "openai")
    assert endpoint.model.slug == "openai/o4-mini"


def test_an_endpoint_is_moved_with_a_reason_and_a_record(client, endpoint):
    before, after = endpoint.model, make_model("openai/o4", creator=endpoint.model.creator)
    assert "Say why" in refused(client, endpoint, model=after.id)
    save(client, endpoint, model=after.id, why="It is o4.")
    assert (endpoint.model, endpoint.linked_by) == (after, "editor")
    assert Relink.objects.values_list("from_model", "to_model", "why").get() == (
        before.id,
        after.id,
        "It is o4.",
    )
    assert not Override.objects.exists()
    refresh(endpoint)
    for row in (endpoint, before, after):
        row.refresh_from_db()
    assert endpoint.model == after
    assert (before.context_window, after.context_window) == (None, 200_000)
    assert (before.provider_count, after.provider_count) == (0, 1)


def test_an_endpoint_is_moved_and_edited_at_once(client, endpoint):
    after = make_model("openai/o4", creator=endpoint.model.creator)
    save(client, endpoint, model=after.id, context_window=1, why="Both.")
    assert (endpoint.model, endpoint.context_window) == (after, 1)
    assert standing() == [("context_window", 1, "Both.")]
    refresh(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.model, endpoint.context_window) == (after, 1)


def test_a_moved_endpoint_may_move_back(client, endpoint):
    before, after = endpoint.model, make_model("openai/o4", creator=endpoint.model.creator)
    save(client, endpoint, model=after.id, why="It is o4.")
    save(client, endpoint, model=before.id, why="It is not.")
    assert endpoint.model == before
    assert Relink.objects.count() == 2


def test_the_list_follows_an_edit_at_once(client, endpoint):
    make_rate(endpoint, amount="1")
    save(client, endpoint.model, name="Zebra", why="x")
    assert found_by("zebra") == [endpoint.model.slug]
    assert Headline.objects.get().standing != "plan"
    save(client, endpoint.provider, kind="plan", why="x")
    assert Headline.objects.get().standing == "plan"
    withdraw_all(client)
    assert found_by("zebra") == []
    assert Headline.objects.get().standing != "plan"


def test_a_successor_is_a_fact_with_a_reason(client, endpoint):
    successor = make_model("openai/o5", creator=endpoint.model.creator)
    save(client, endpoint.model, successor=successor.id, why="the maker announced it")
    refresh(endpoint)
    endpoint.model.refresh_from_db()
    assert endpoint.model.successor == successor
    assert Override.objects.get().value == "openai/o5"
    assert endpoint.model.provenance["successor"][0] == "editor"
    withdraw_all(client)
    endpoint.model.refresh_from_db()
    assert endpoint.model.successor is None


def test_the_base_of_a_fine_tune_is_a_fact_with_a_reason(client, endpoint):
    base = make_model("openai/o5", creator=endpoint.model.creator)
    save(client, endpoint.model, derived_from=base.id, why="its card names it")
    refresh(endpoint)
    endpoint.model.refresh_from_db()
    assert endpoint.model.derived_from == base
    assert Override.objects.get().value == "openai/o5"
    assert endpoint.model.provenance["derived_from"][0] == "editor"
    withdraw_all(client)
    endpoint.model.refresh_from_db()
    assert endpoint.model.derived_from is None


def add(client: Client, model: type[Any], /, **fields: Any) -> Any:
    return client.post(add_url(model), {**fields, **NO_INLINES})


def test_a_model_a_provider_and_an_endpoint_are_added(client):
    assert add(client, Creator, slug="acme", name="Acme").status_code == 302
    acme = Creator.objects.get(slug="acme")
    usual = {"lifecycle": "active", "why": "New."}
    assert (
        add(
            client,
            Model,
            slug="acme/one",
            creator=acme.id,
            name="One",
            open_weights="unknown",
            **usual,
        )
    ).status_code == 302
    policy = {"training": "unknown", "retention": "unknown", "zdr": "unknown"}
    named = {"slug": "acme", "name": "Acme", "kind": "cloud", "why": "New."}
    assert add(client, Provider, **named, **policy).status_code == 302
    model, provider = Model.objects.get(), Provider.objects.get()
    given = {
        "provider": provider.id,
        "model": model.id,
        "upstream_id": "one",
        "context_window": 8192,
    }
    response = add(client, Endpoint, **given, **policy, **usual)
    assert response.status_code == 302, errors(response)
    endpoint = Endpoint.objects.get()
    refresh(endpoint)
    for row in (endpoint, model, provider):
        row.refresh_from_db()
    assert (endpoint.context_window, model.name, model.provider_count) == (8192, "One", 1)
    assert (provider.name, provider.kind) == ("Acme", "cloud")


def test_a_row_that_is_there_already_gets_a_sentence(client, endpoint):
    said = errors(add(client, Provider, slug="openai", name="x", kind="cloud", why="x"))
    assert "already exists" in said


@pytest.mark.parametrize(
    "slug", ["O4", "openai", "openai/", "/o4", "openai/o4 mini", "openai/\u202eo4"]
)
def test_a_slug_that_no_page_could_have_gets_a_sentence(client, endpoint, slug):
    given = {"creator": endpoint.model.creator_id, "name": "x", "lifecycle": "active", "why": "x"}
    said = errors(add(client, Model, slug=slug, open_weights="unknown", **given))
    assert "A model's slug is creator/name in lower case, such as openai/o4-mini." in said


def test_an_empty_form_gets_sentences(client):
    for model in (Creator, Model, Provider, Endpoint, Alias):
        assert "This field is required." in errors(add(client, model))


def test_an_alias_is_kept_in_lower_case_and_is_found(client, endpoint):
    sent = {"spelling": " O4-Mini-Fast ", "model": endpoint.model_id}
    assert add(client, Alias, **sent).status_code == 302
    alias = Alias.objects.get()
    assert (alias.spelling, alias.by_editor, alias.model) == ("o4-mini-fast", True, endpoint.model)
    assert found_by("mini fast") == [endpoint.model.slug]


def test_an_alias_may_be_billed_as_another_model_from_an_instant_on(client, endpoint):
    other = make_model("openai/o5", creator=endpoint.model.creator)
    sent = {"spelling": "o4-latest", "model": endpoint.model_id, "billed_as": other.id}
    assert "Billed as another model goes with the instant" in errors(add(client, Alias, **sent))
    when = {"billed_from_0": "2026-11-01", "billed_from_1": "00:00:00"}
    assert add(client, Alias, **sent, **when).status_code == 302
    assert Alias.objects.get().billed_as == other


@pytest.mark.parametrize(
    ("spelling", "sentence"),
    [
        ("", "This field is required."),
        ("o4 mini", "An alias is an id: it has no spaces."),
        ("o4\tmini", "An alias is an id: it has no spaces."),
        ("TAKEN", "already exists"),
        ("x" * 301, "at most 300 characters"),
        ("o4\0", "Null characters are not allowed."),
    ],
)
def test_an_odd_alias_gets_a_sentence(client, endpoint, spelling, sentence):
    Alias.objects.create(spelling="taken", model=endpoint.model)
    said = errors(add(client, Alias, spelling=spelling, model=endpoint.model_id))
    assert sentence in said
    assert "Constraint" not in said


def test_overrides_and_moves_are_neither_added_nor_changed_nor_deleted_by_hand(client, endpoint):
    save(client, endpoint, context_window=1, why="x")
    statement = Override.objects.get()
    assert client.get(add_url(Override)).status_code == 403
    assert client.get(add_url(Relink)).status_code == 403
    assert (
        client.post(f"/admin/catalog/override/{statement.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )
    client.post(url(statement), {"value": "7", "why": "y", "field": "region"})
    assert standing() == [("context_window", 1, "x")]


def test_withdrawing_again_withdraws_nothing(client, endpoint):
    save(client, endpoint, context_window=1, why="x")
    withdraw_all(client)
    before = Override.objects.values().get()
    assert "0 withdrawn" in withdraw_all(client)
    assert Override.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
def test_withdrawing_works_outside_a_test_s_transaction(client, endpoint):
    make_source("editor")  # which the flush of another such test took away
    save(client, endpoint.model, name="x", why="x")
    assert "1 withdrawn" in withdraw_all(client)
    endpoint.model.refresh_from_db()
    assert endpoint.model.name == "o4-mini"


def test_every_list_and_form_shows(client, endpoint):
    save(client, endpoint, context_window=1, why="x")
    after = make_model("openai/o4", creator=endpoint.model.creator)
    save(client, endpoint, model=after.id, why="x")
    Alias.objects.create(
        spelling="o4", model=after, billed_as=after, billed_from=timezone.now() - timedelta(days=1)
    )
    for model in (Creator, Model, Provider, Endpoint, Alias, Override, Relink):
        base = f"/admin/catalog/{model._meta.model_name}/"
        pages = [base, url(model.objects.first())]
        for page in (
            pages if model in (Override, Relink) else [*pages, f"{base}?q=o4", add_url(model)]
        ):
            assert client.get(page).status_code == 200, page
