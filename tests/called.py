"""Fixtures: a provider on 127.0.0.1 that this install can call, and people who call it."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from accounts.payers import Payer
from tests.streaming.provider_server import ProviderServer, ScriptedAnswer, chat, serving_provider

KEY = "sk-canary-0123456789abcdef"
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
WORDS = ["word "] * 40


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, no_keys: None) -> Iterator[ProviderServer]:
    with serving_provider() as state:
        monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", f"{state.address}/v1")
        monkeypatch.setenv("HOST_API_KEY", KEY)
        state.answer = ScriptedAnswer(chat(WORDS, first=0.02, between=0.01, usage=USAGE))
        yield state


@pytest.fixture
def person() -> User:
    return User.objects.create_user("pat", password="a long pass phrase")


@pytest.fixture
def payer(person: User) -> Payer:
    return Payer(person.pk, None, name="pat")
