"""Which providers can be called: addresses that nobody else may edit, and keys of one's own."""

import re
from collections import Counter

import pytest

from catalog.models import Provider
from streaming.access import ApiAccess, NoAccess, provider_access
from streaming.addresses import ADDRESSES, SHAPES
from streaming.anthropic_shape import ANTHROPIC
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE, OPENAI
from tests.factories import make_provider

KEY = "sk-canary-0123456789abcdef"


def provider(slug: str, **fields: object) -> Provider:
    return Provider(slug=slug, name=slug.title(), **fields)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, names in ADDRESSES.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)


def access_of(asked: Provider) -> ApiAccess:
    access = provider_access(asked)
    assert isinstance(access, ApiAccess), access
    return access


def reason_of(asked: Provider) -> str:
    access = provider_access(asked)
    assert isinstance(access, NoAccess), access
    assert KEY not in repr(access)
    return access.reason


def test_the_table_has_addresses_with_tls_and_a_key_of_one_provider_each():
    for slug, (base, names) in ADDRESSES.items():
        assert re.fullmatch(r"https://[^/]+(/[^/]+)*", base), slug
        assert names and all(re.fullmatch(r"[A-Z0-9_]+", name) for name in names), slug
    assert max(Counter(name for _, names in ADDRESSES.values() for name in names).values()) == 1
    assert SHAPES.keys() <= ADDRESSES.keys()


def test_a_provider_of_the_table_needs_its_key_alone(monkeypatch: pytest.MonkeyPatch):
    missing = provider_access(provider("openai"))
    assert missing == NoAccess(
        "openai", "Openai is not called: set OPENAI_API_KEY.", ("OPENAI_API_KEY",)
    )
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY} ")
    access = access_of(provider("openai", api_base="https://evil.example/v1"))
    assert (access.base, access.shape, access.key) == ("https://api.openai.com/v1", OPENAI, KEY)
    assert (access.key_name, access.is_set) == ("OPENAI_API_KEY", False)
    assert KEY not in repr(access)


def test_each_shape(monkeypatch: pytest.MonkeyPatch):
    for name in ("ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GROQ_API_KEY"):
        monkeypatch.setenv(name, KEY)
    assert access_of(provider("anthropic")).shape is ANTHROPIC
    assert access_of(provider("google")).shape is GOOGLE
    assert access_of(provider("groq")).shape is COMPATIBLE
    monkeypatch.setenv("RATECARD_PROVIDER_GOOGLE_URL", "https://g.example/v1beta/openai/")
    access = access_of(provider("google"))
    assert (access.base, access.shape) == ("https://g.example/v1beta/openai", COMPATIBLE)


def test_a_setting_names_the_address_of_any_provider(monkeypatch: pytest.MonkeyPatch):
    host = provider("my-host.ai", env_names=["MYHOST_ID", "MYHOST_TOKEN"])
    assert "set RATECARD_PROVIDER_MY_HOST_AI_URL" in reason_of(host)
    monkeypatch.setenv("RATECARD_PROVIDER_MY_HOST_AI_URL", "http://10.0.0.7:8000/v1/")
    assert reason_of(host).endswith("set MYHOST_TOKEN.")
    monkeypatch.setenv("MY_HOST_AI_API_KEY", KEY)
    assert access_of(host).key_name == "MY_HOST_AI_API_KEY"
    monkeypatch.setenv("MYHOST_TOKEN", KEY)
    access = access_of(host)
    assert (access.base, access.key_name) == ("http://10.0.0.7:8000/v1", "MYHOST_TOKEN")
    assert access.is_set and access.shape is COMPATIBLE


def test_an_address_that_sources_state_gets_no_key_and_an_editors_does(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("HOST_API_KEY", KEY)
    stated = {"api_base": "https://host.example/v1"}
    reason = reason_of(provider("host", **stated, provenance={"api_base": ["models-dev", "x"]}))
    assert "https://host.example/v1, which is not checked" in reason
    edited = provider("host", **stated, provenance={"api_base": ["editor", "x"]})
    assert access_of(edited).base == "https://host.example/v1"
    assert not access_of(edited).is_set


def test_a_key_of_another_provider_is_not_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", "https://host.example/v1")
    host = provider("host", env_names=["OPENAI_API_KEY", "SECRET_KEY", "RATECARD_KEY"])
    assert reason_of(host).endswith("set HOST_API_KEY.")


def test_variables_of_an_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_API_KEY", KEY)
    assert reason_of(provider("azure")).endswith("set AZURE_RESOURCE_NAME.")
    monkeypatch.setenv("AZURE_RESOURCE_NAME", "mine")
    assert access_of(provider("azure")).base == "https://mine.openai.azure.com/openai/v1"
    monkeypatch.setenv("AZURE_RESOURCE_NAME", "evil.example/x?")
    assert "AZURE_RESOURCE_NAME has signs" in reason_of(provider("azure"))


@pytest.mark.parametrize(
    "address",
    ["host.example", "ftp://host.example", "http://", "https://h/v1?x=1", "https://h:port/v1"],
)
def test_an_odd_address_is_named(monkeypatch: pytest.MonkeyPatch, address: str):
    monkeypatch.setenv("HOST_API_KEY", KEY)
    monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", address)
    assert "RATECARD_PROVIDER_HOST_URL is no address" in reason_of(provider("host"))


@pytest.mark.parametrize("key", ["two words", "sk-é", "sk\n-x"])
def test_an_odd_key_is_not_shown(monkeypatch: pytest.MonkeyPatch, key: str):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    reason = reason_of(provider("openai"))
    assert "OPENAI_API_KEY is not a key" in reason and key not in reason


@pytest.mark.django_db
def test_a_provider_of_the_database(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    assert access_of(make_provider("groq")).name == "Groq"
