"""An editor's statements, and that no source undoes them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from catalog.models import Endpoint, EndpointClaims, Model, Override, ProviderClaims, Relink
from catalog.overrides import override, relink, standing, withdraw
from pricing.models import Headline
from sources.provider_winners import settle_providers
from sources.winners import settle, settle_models, settle_overridden
from tests.factories import (
    OBSERVED,
    found_by,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
)

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC)


@pytest.fixture
def endpoint() -> Endpoint:
    """An endpoint of whom a source states facts, in its columns already."""
    model = make_model()
    provider = make_provider("openai", creator=model.creator)
    endpoint = make_endpoint(model, provider, mode="")
    facts = {
        "name": "o4-mini",
        "context_window": 200_000,
        "max_output": 100_000,
        "released": "2025-04-16",
        "open_weights": False,
        "capabilities": {"reasoning": True, "vision": True},
        "lifecycle": "active",
    }
    EndpointClaims.objects.create(
        endpoint=endpoint, source=make_source(), facts=facts, stated_at=OBSERVED, digest=b""
    )
    resettle(endpoint)
    endpoint.refresh_from_db()
    return endpoint


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("ada")


def resettle(endpoint: Endpoint) -> None:
    settle([endpoint.id])
    settle_models([endpoint.model_id], Counter())


def state(subject: Any, editor: User, at: datetime = MONDAY, **values: Any) -> None:
    override(subject, values, by=editor, why="On their page.", at=at)


def end(subject: Any, editor: User) -> None:
    """Withdraw everything that stands on a subject, and let the sources decide."""
    statements = list(standing(subject))
    for statement in statements:
        withdraw(statement, by=editor, at=TUESDAY)
    settle_overridden(statements)
    subject.refresh_from_db()


ENDPOINT_FACTS = [
    ("context_window", 400_000),
    ("context_window", None),
    ("max_output", 1),
    ("capabilities", ["reasoning"]),
    ("capabilities", []),
    ("parameters", ["temperature", "top_p"]),
    ("lifecycle", "deprecated"),
    ("retired_on", "2027-01"),
    ("region", "eu"),
    ("training", "opt_out"),
    ("zdr", "on_request"),
    ("policy_url", "https://openai.example/policy"),
    ("policy_checked_on", "2026-11-01"),
]


@pytest.mark.parametrize(("field", "value"), ENDPOINT_FACTS)
def test_an_overridden_fact_of_an_endpoint_survives_settling_until_it_is_withdrawn(
    endpoint, editor, field, value
):
    before = getattr(endpoint, field), dict(endpoint.provenance)
    state(endpoint, editor, **{field: value})
    for _ in range(2):
        endpoint.refresh_from_db()
        assert getattr(endpoint, field) == value
        assert endpoint.provenance[field] == ["editor", "2026-11-16"]
        resettle(endpoint)
    end(endpoint, editor)
    assert (getattr(endpoint, field), endpoint.provenance) == before


MODEL_FACTS = [
    ("name", "o4 mini"),
    ("released", "2025-04"),
    ("open_weights", True),
    ("open_weights", None),
    ("context_window", 1_000_000),
    ("capabilities", ["vision"]),
    ("modalities_in", ["image", "text"]),
    ("lifecycle", "retired"),
    ("family", "o"),
    ("mode", "chat"),
    ("description", "A small model that thinks."),
]


@pytest.mark.parametrize(("field", "value"), MODEL_FACTS)
def test_an_overridden_fact_of_a_model_survives_settling_until_it_is_withdrawn(
    endpoint, editor, field, value
):
    model = Model.objects.get()
    before = getattr(model, field), dict(model.provenance)
    state(model, editor, **{field: value})
    for _ in range(2):
        model.refresh_from_db()
        assert getattr(model, field) == value
        assert model.provenance[field] == ["editor", "2026-11-16"]
        resettle(endpoint)
    end(model, editor)
    assert (getattr(model, field), model.provenance) == before


def test_facts_that_go_together_are_overridden_together(endpoint, editor):
    state(endpoint, editor, retention="days", retention_days=30)
    resettle(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.retention, endpoint.retention_days) == ("days", 30)
    end(endpoint, editor)
    assert (endpoint.retention, endpoint.retention_days) == ("unknown", None)


def test_settling_writes_nothing_where_an_override_holds_already(endpoint, editor):
    state(endpoint, editor, context_window=400_000, policy_checked_on="2026-11")
    state(Model.objects.get(), editor, name="o4 mini")
    counts = settle([endpoint.id])
    assert +counts == Counter()


def test_an_override_says_who_when_and_why(endpoint, editor):
    state(endpoint, editor, context_window=1)
    statement = Override.objects.get()
    assert (statement.endpoint, statement.field, statement.value) == (endpoint, "context_window", 1)
    assert (statement.by, statement.at, statement.why) == (editor, MONDAY, "On their page.")
    assert (statement.withdrawn_at, statement.withdrawn_by) == (None, None)


def test_a_second_override_of_a_field_ends_the_first_and_leaves_the_others(endpoint, editor):
    other = User.objects.create_user("bo")
    state(endpoint, editor, context_window=1, max_output=2)
    state(endpoint, other, TUESDAY, context_window=3)
    ended = Override.objects.get(value=1)
    assert (ended.withdrawn_at, ended.withdrawn_by) == (TUESDAY, other)
    assert {(row.field, row.value) for row in standing(endpoint)} == {
        ("context_window", 3),
        ("max_output", 2),
    }


def test_withdrawing_twice_keeps_the_first_withdrawal(endpoint, editor):
    state(endpoint, editor, context_window=1)
    statement = Override.objects.get()
    withdraw(statement, by=editor, at=MONDAY)
    withdraw(statement, by=User.objects.create_user("bo"), at=TUESDAY)
    statement.refresh_from_db()
    assert (statement.withdrawn_at, statement.withdrawn_by) == (MONDAY, editor)


def test_an_earlier_override_does_not_come_back_when_the_later_is_withdrawn(endpoint, editor):
    state(endpoint, editor, context_window=1)
    state(endpoint, editor, TUESDAY, context_window=2)
    end(endpoint, editor)
    assert endpoint.context_window == 200_000


def test_an_override_without_a_reason_is_refused_whole(endpoint, editor):
    with pytest.raises(IntegrityError, match="override_says_why"), transaction.atomic():
        override(endpoint, {"context_window": 1}, by=editor, why="", at=MONDAY)
    endpoint.refresh_from_db()
    assert endpoint.context_window == 200_000


def test_an_override_that_no_column_takes_is_refused_whole(endpoint, editor):
    with pytest.raises(IntegrityError, match="endpoint_days_are_counted"), transaction.atomic():
        state(endpoint, editor, retention="days")
    assert not Override.objects.exists()


def test_an_override_is_about_one_subject(endpoint, editor):
    given = {"field": "name", "value": "x", "by": editor, "why": "y"}
    for subjects in ({}, {"model": endpoint.model, "endpoint": endpoint}):
        with pytest.raises(IntegrityError, match="override_has_one_subject"), transaction.atomic():
            Override.objects.create(**subjects, **given)


def test_one_override_of_a_field_stands_at_a_time(endpoint, editor):
    given = {"endpoint": endpoint, "field": "region", "value": "eu", "by": editor, "why": "y"}
    Override.objects.create(**given, withdrawn_at=MONDAY)
    Override.objects.create(**given)
    with pytest.raises(IntegrityError, match="one_standing_override_a_endpoint_field"):
        Override.objects.create(**given)


def test_overrides_of_an_endpoint_leave_its_neighbours_alone(endpoint, editor):
    other = make_endpoint(endpoint.model, make_provider("azure"))
    state(endpoint, editor, context_window=1)
    settle([endpoint.id, other.id])
    other.refresh_from_db()
    assert other.context_window is None


def test_a_moved_endpoint_stays_where_an_editor_put_it(endpoint, editor):
    before, after = endpoint.model, make_model("openai/o4")
    relink(endpoint, after, by=editor, why="It is o4.", at=MONDAY)
    settle([endpoint.id])
    settle_models([before.id], Counter())
    endpoint.refresh_from_db()
    assert (endpoint.model, endpoint.linked_by) == (after, "editor")
    entry = Relink.objects.get()
    assert (entry.endpoint, entry.from_model, entry.to_model) == (endpoint, before, after)
    assert (entry.by, entry.at, entry.why) == (editor, MONDAY, "It is o4.")
    after.refresh_from_db()
    before.refresh_from_db()
    assert (after.context_window, before.context_window) == (200_000, None)


def test_a_move_without_a_reason_is_refused_whole(endpoint, editor):
    with pytest.raises(IntegrityError, match="relink_says_why"), transaction.atomic():
        relink(endpoint, make_model("openai/o4"), by=editor, why="", at=MONDAY)
    endpoint.refresh_from_db()
    assert endpoint.model.slug == "openai/o4-mini"


PROVIDER_FACTS = [
    ("name", "OpenAI Inc."),
    ("kind", "gateway"),
    ("docs_url", "https://docs.example"),
    ("status_url", "https://status.example"),
    ("headquarters", "IE"),
    ("env_names", ["OPENAI_KEY", "OTHER"]),
    ("env_names", []),
]


@pytest.mark.parametrize(("field", "value"), PROVIDER_FACTS)
def test_an_overridden_fact_of_a_provider_survives_settling_until_it_is_withdrawn(
    editor, field, value
):
    provider = make_provider("openai")
    facts = {"name": "OpenAI", "docs_url": "https://old.example", "env_names": ["OPENAI_API_KEY"]}
    ProviderClaims.objects.create(
        provider=provider, source=make_source(), facts=facts, stated_at=OBSERVED, digest=b""
    )
    settle_providers([provider.id])
    provider.refresh_from_db()
    assert (provider.name, provider.kind, provider.env_names) == (
        "OpenAI",
        "first-party",
        ["OPENAI_API_KEY"],
    )
    before = getattr(provider, field), dict(provider.provenance)
    state(provider, editor, **{field: value})
    settle_providers([provider.id])
    provider.refresh_from_db()
    assert getattr(provider, field) == value
    assert provider.provenance[field] == ["editor", "2026-11-16"]
    end(provider, editor)
    assert (getattr(provider, field), provider.provenance) == before


def test_a_provider_of_whom_no_source_speaks_gets_its_own_name_back(editor):
    provider = make_provider("nobody-knows")
    state(provider, editor, name="Somebody")
    end(provider, editor)
    assert (provider.name, provider.kind, provider.provenance) == (
        "nobody-knows",
        "inference-host",
        {},
    )


def test_the_headline_follows_what_a_provider_is_said_to_be(endpoint, editor):
    make_rate(endpoint, amount="1")
    state(endpoint.provider, editor, kind="plan")
    settle_overridden(standing(endpoint.provider))
    assert Headline.objects.get().standing == "plan"
    end(endpoint.provider, editor)
    assert Headline.objects.get().standing == "own"


def test_a_withdrawn_name_leaves_the_search(endpoint, editor):
    model = endpoint.model
    state(model, editor, name="Zebra")
    settle_overridden(standing(model))
    assert found_by("zebra") == [model.slug]
    end(model, editor)
    assert found_by("zebra") == []
