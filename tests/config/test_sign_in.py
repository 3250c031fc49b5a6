"""Ways to sign in, from the environment: whole, or one sentence."""

import pytest
from environs import Env

from config.sign_in import read_domains, read_providers

CLIENT = {"CLIENT_ID": "cl1ent", "CLIENT_SECRET": "s3cret"}


@pytest.fixture
def env(monkeypatch):
    def set_to(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"RATECARD_{name}", value)
        return Env()

    return set_to


def client(name):
    return {f"{name}_{part}": value for part, value in CLIENT.items()}


def test_nothing_is_offered_until_it_is_set(env):
    assert read_providers(env(), "", "") == {}
    assert read_domains(env()) == []


def test_what_is_set_is_offered(env):
    known = read_providers(
        env(**client("OIDC"), **client("GITHUB"), **client("GOOGLE")), "https://id.example/a/", ""
    )
    assert list(known) == ["openid_connect", "github", "google"]
    (app,) = known["openid_connect"]["APPS"]
    assert app["settings"]["server_url"] == "https://id.example/a"
    assert app["name"] == "id.example" and app["secret"] == "s3cret"
    assert all(provider["OAUTH_PKCE_ENABLED"] for provider in known.values())
    assert not any(provider["EMAIL_AUTHENTICATION"] for provider in known.values())


@pytest.mark.parametrize("name", ["OIDC", "GITHUB", "GOOGLE"])
@pytest.mark.parametrize("part", CLIENT)
def test_half_of_a_client_is_refused_without_its_value(env, name, part):
    with pytest.raises(SystemExit, match=f"RATECARD_{name}_") as refused:
        read_providers(env(**{f"{name}_{part}": CLIENT[part]}), "https://id.example", "tokens")
    assert "Set both or none" in str(refused.value) and CLIENT[part] not in str(refused.value)


def test_an_issuer_needs_a_use_and_a_client_an_issuer(env):
    with pytest.raises(SystemExit, match="RATECARD_OIDC_ISSUER is set alone"):
        read_providers(env(), "https://id.example", "")
    assert read_providers(env(), "https://id.example", "audience") == {}
    with pytest.raises(SystemExit, match="without RATECARD_OIDC_ISSUER"):
        read_providers(env(**client("OIDC")), "", "")


@pytest.mark.parametrize("issuer", ["id.example", "ftp://id.example", "https://a@b", "https://a b"])
def test_an_issuer_is_an_address(env, issuer):
    with pytest.raises(SystemExit, match="not an address"):
        read_providers(env(**client("OIDC")), issuer, "")


def test_domains_are_whole_names(env):
    assert read_domains(env(SIGNUP_DOMAINS=" Example.com, b.example ,")) == [
        "example.com",
        "b.example",
    ]
    for odd in ("@example.com", "*.example.com", "localhost", "a..b", "x@y.example", ".com"):
        with pytest.raises(SystemExit, match="no domain"):
            read_domains(env(SIGNUP_DOMAINS=odd))
