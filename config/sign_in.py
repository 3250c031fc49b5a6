"""Ways to sign in beside a password, from the environment: only what is set is shown."""

import re
from typing import Any
from urllib.parse import urlsplit

from environs import Env

from config.environment import refuse

# The provider's name in addresses: /account/by/oidc/.
OIDC, GITHUB, GOOGLE = "oidc", "github", "google"
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_TYPICAL = {"OAUTH_PKCE_ENABLED": True, "VERIFIED_EMAIL": False, "EMAIL_AUTHENTICATION": False}


def read_providers(env: Env, issuer: str, audience: str) -> dict[str, dict[str, Any]]:
    """allauth's SOCIALACCOUNT_PROVIDERS: an address is verified where the provider says so."""
    providers: dict[str, dict[str, Any]] = {}
    oidc = _client(env, "OIDC")
    if issuer and not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", issuer):
        refuse("RATECARD_OIDC_ISSUER is not an address: it must begin with https:// or http://.")
    if oidc and not issuer:
        refuse("RATECARD_OIDC_CLIENT_ID is set without RATECARD_OIDC_ISSUER. Set it, too.")
    if issuer and not (oidc or audience):
        refuse(
            "RATECARD_OIDC_ISSUER is set alone. Set RATECARD_OIDC_CLIENT_ID and "
            "RATECARD_OIDC_CLIENT_SECRET to sign in by it, or RATECARD_OIDC_AUDIENCE for tokens."
        )
    if oidc:
        app = {
            **oidc,
            "provider_id": OIDC,
            "name": urlsplit(issuer).hostname or issuer,
            "settings": {"server_url": issuer.rstrip("/")},
        }
        providers["openid_connect"] = {"APPS": [app], **_TYPICAL}
    if github := _client(env, "GITHUB"):
        providers["github"] = {"APPS": [github], "SCOPE": ["read:user", "user:email"], **_TYPICAL}
    if google := _client(env, "GOOGLE"):
        providers["google"] = {"APPS": [google], "SCOPE": ["profile", "email"], **_TYPICAL}
    return providers


def read_domains(env: Env) -> list[str]:
    """The domains whose verified addresses may sign up: each as it stands, not those below it."""
    domains = [
        domain.strip().lower() for domain in env.str("RATECARD_SIGNUP_DOMAINS", "").split(",")
    ]
    domains = [domain for domain in domains if domain]
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            refuse(
                "RATECARD_SIGNUP_DOMAINS has something that is no domain. "
                "Write domains with commas between: example.com,example.org."
            )
    return domains


def _client(env: Env, name: str) -> dict[str, Any] | None:
    values = {
        part: env.str(f"RATECARD_{name}_{part}", "").strip()
        for part in ("CLIENT_ID", "CLIENT_SECRET")
    }
    if not any(values.values()):
        return None
    for part, value in values.items():
        if not value:
            refuse(
                f"RATECARD_{name}_{part} is not set, though its other half is. Set both or none."
            )
    return {"client_id": values["CLIENT_ID"], "secret": values["CLIENT_SECRET"], "key": ""}
