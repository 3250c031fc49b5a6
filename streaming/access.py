"""Whether and how this install can call a provider: address, shape and key."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalog.models import Provider, Source
from streaming.addresses import ADDRESSES, SHAPES, USUAL
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE
from streaming.shape import ApiShape

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
# A part of a host or a path.
_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# A name that an environment may have, and that is not of this program.
_ENV = re.compile(r"(?!RATECARD_|SECRET_KEY$)[A-Z0-9][A-Z0-9_]*(?:KEY|TOKEN|PAT)")
_KEYS_OF_THE_TABLE = frozenset(name for _, names in ADDRESSES.values() for name in names)


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """How a provider is called. `key` is in no repr; it goes to `base` alone.

    With `is_set` a setting of this install names the address, which may then be in a private
    network.
    """

    provider: str
    name: str
    shape: ApiShape
    base: str
    key_name: str
    key: str = field(repr=False)
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class NoAccess:
    """Why a provider cannot be called, in one sentence, and the variables that are missing."""

    provider: str
    reason: str
    variables: tuple[str, ...] = ()


def provider_access(provider: Provider, *, with_key: bool = True) -> ApiAccess | NoAccess:
    """How this install calls a provider; without `with_key`, how it would call it with one.

    The address is that of RATECARD_PROVIDER_<SLUG>_URL, else an editor's, else that of the table;
    the key is read from the environment, now.
    """
    setting = f"RATECARD_PROVIDER_{_upper(provider.slug)}_URL"
    set_base = os.environ.get(setting, "").strip()
    base = set_base or _editors_base(provider) or ADDRESSES.get(provider.slug, ("", ()))[0]
    if not base:
        return NoAccess(provider.slug, _without_address(provider, setting), (setting,))
    missing = [name for name in _VARIABLE.findall(base) if not os.environ.get(name, "").strip()]
    key_names = _key_names(provider)
    key_name = next((name for name in key_names if os.environ.get(name, "").strip()), "")
    if not with_key:
        key_name = key_name or key_names[0]
    if missing or not key_name:
        wanted = (*missing, *(() if key_name else key_names[:1]))
        return NoAccess(
            provider.slug, f"{provider.name} is not called: set {_listed(wanted)}.", wanted
        )
    address = _VARIABLE.sub(lambda found: os.environ[found[1]].strip(), base).rstrip("/")
    key = os.environ.get(key_name, "").strip()
    if reason := _oddity(base, address, setting if set_base else "", key, key_name):
        return NoAccess(provider.slug, f"{provider.name} is not called: {reason}.")
    return ApiAccess(
        provider.slug,
        provider.name,
        _shape(provider.slug, address),
        address.removesuffix("/chat/completions"),
        key_name,
        key,
        is_set=bool(set_base),
    )


def _editors_base(provider: Provider) -> str:
    source, *_ = provider.provenance.get("api_base") or [""]
    return provider.api_base.strip() if source == Source.EDITOR else ""


def _without_address(provider: Provider, setting: str) -> str:
    stated = provider.api_base
    known = (
        f" Sources state {stated}, which is not checked: a key goes to no address that anybody may"
        " edit."
        if stated.isprintable() and stated and "${" not in stated
        else ""
    )
    return f"{provider.name} is not called: set {setting} to the base of its API.{known}"


def _key_names(provider: Provider) -> tuple[str, ...]:
    """The variables that may hold the key, the usual one first.

    Of names that sources state, those that the table has for another provider do not count.
    """
    own = f"{_upper(provider.slug)}_API_KEY"
    if provider.slug in ADDRESSES:
        return tuple(dict.fromkeys((*ADDRESSES[provider.slug][1], own)))
    stated = [
        name
        for name in provider.env_names
        if _ENV.fullmatch(name) and name not in _KEYS_OF_THE_TABLE
    ]
    return tuple(dict.fromkeys((*reversed(stated), own)))


def _oddity(base: str, address: str, setting: str, key: str, key_name: str) -> str:
    """What is wrong with an address or a key; never with the key in it."""
    for name in _VARIABLE.findall(base):
        if not _VALUE.fullmatch(os.environ[name].strip()):
            return f"{name} has signs that no address has"
    try:
        parts = urlsplit(address)
        is_address = bool(parts.hostname) and not parts.query and not parts.fragment
        is_plain = parts.scheme == "http" and bool(setting)
        _ = parts.port
    except ValueError:
        return f"{setting or 'its address'} is no address"
    if not is_address or not (parts.scheme == "https" or is_plain):
        return f"{setting or 'its address'} is no address with https://"
    if not (key.isascii() and key.isprintable() and " " not in key):
        return f"{key_name} is not a key, for it has spaces or other signs"
    return ""


def _shape(slug: str, address: str) -> ApiShape:
    shape = SHAPES.get(slug, USUAL)
    # Google has an API in OpenAI's words below its own.
    return COMPATIBLE if shape is GOOGLE and address.endswith("/openai") else shape


def _upper(slug: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", slug.upper())


def _listed(names: Collection[str]) -> str:
    return " and ".join(names)
