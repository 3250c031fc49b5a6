import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Source
from sources.base import Answer, Listing, Parsed, WrongShape
from sources.reconcile import reconcile
from sources.registry import all_sources, enabled
from sources.upstreams.provider_models.read import MODELS, AccountModels, accounts
from tests.sources.server import Page, Server

NOW = datetime(2026, 11, 30, tzinfo=UTC)
OPENAI = AccountModels("openai", "OPENAI_API_KEY", "https://api.openai.com/v1")
CREATED = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())


def parse(*models: Any, bare: bool = False) -> Parsed:
    body = [*models] if bare else {"object": "list", "data": [*models]}
    return OPENAI.parse(Answer(NOW, {MODELS: json.dumps(body).encode()}))


def test_it_states_days_of_shutdown_and_limits_of_ids_that_others_list() -> None:
    parsed = parse(
        {"id": "o4-mini", "created": CREATED, "shutdown_date": "2027-01-31"},
        {"id": "gpt-5.4", "shutdown_date": None, "context_window": 0, "max_model_len": 4096},
        {"id": "gpt-5.4"},
        {"id": "ft:gpt-4.1:acme::7p4lURel"},
        {"id": 7},
    )
    assert {rule.ids[0]: rule.facts for rule in parsed.rules} == {
        "o4-mini": {"retired_on": "2027-01-31"},
        "gpt-5.4": {"context_window": 4096},
    }
    assert (parsed.listings, parsed.only_known) == ((), True)
    assert parsed.as_of == datetime(2026, 10, 1, tzinfo=UTC)
    assert parsed.not_expressed == {
        "fine-tuned model of the account": 1,
        "odd value of id": 1,
        "second listing of an id": 1,
    }
    assert len(parse({"id": "a"}, bare=True).rules) == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data": [1]}', b"<html>"])
def test_an_answer_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(WrongShape):
        OPENAI.parse(Answer(NOW, {MODELS: body}))


def test_a_source_is_there_for_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accounts({"OPENAI_API_KEY": " "}) == {}
    found = accounts(
        {
            "OPENAI_API_KEY": "sk-1",
            "RATECARD_PROVIDER_OPENAI_URL": "http://127.0.0.1:9/v1",
            "RATECARD_PROVIDER_MY_HOST_URL": "https://my.example/v1/",
            "MY_HOST_API_KEY": "sk-2",
            "RATECARD_PROVIDER_WITHOUT_URL": "https://without.example",
        }
    )
    assert {source.slug: (source.url, source.key_name) for source in found.values()} == {
        "account-openai": ("http://127.0.0.1:9/v1/", "OPENAI_API_KEY"),
        "account-my-host": ("https://my.example/v1/", "MY_HOST_API_KEY"),
    }
    assert found["account-openai"].name == "OpenAI, this account"
    monkeypatch.setenv("GROQ_API_KEY", "gsk-1")
    assert "account-groq" in all_sources()
    assert [source.slug for source in enabled(["account-groq"])] == ["account-groq"]


@pytest.mark.django_db
def test_what_an_account_reaches_is_stated_under_its_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Listing("openai", "o4-mini", {"retired_on": "2027-06-30"})
    reconcile([Parsed("models-dev", NOW, (listed,))], now=timezone.now())
    stated = [{"id": "o4-mini", "shutdown_date": "2027-01-31"}, {"id": "not-yet-public"}]
    server.pages["/v1/models"] = Page(json.dumps({"data": stated}).encode())
    with pytest.raises(CommandError, match="no source account-openai"):
        call_command("refresh_source", "account-openai")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("RATECARD_PROVIDER_OPENAI_URL", f"{server.address}/v1")
    call_command("refresh_source", "account-openai", verbosity=0)
    assert server.keys == ["Bearer sk-1"]
    (endpoint,) = Endpoint.objects.all()
    assert endpoint.retired_on == "2027-01-31"
    assert endpoint.provenance["retired_on"][0] == "account-openai"
    source = Source.objects.get(slug="account-openai")
    # The address of a setting may be private.
    assert (source.trust, source.url) == (Source.Trust.PROVIDER, "")
    assert EndpointClaims.objects.filter(source__slug="account-openai").count() == 1
