"""What the columns can hold: a listing beyond that is skipped, or its row would fail the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Model as Table

from catalog.matching.link import Link
from catalog.models import Creator, Endpoint, Model, Provider
from pricing.models import Rate
from sources.base import Listing, ProviderListing
from sources.model_facts import MODEL_FIELDS
from sources.precedence import ENDPOINT_FIELDS


def _longest(table: type[Table], names: Iterable[str]) -> dict[str, int]:
    longest = {}
    for name in names:
        field: Any = table._meta.get_field(name)
        limit = getattr(getattr(field, "base_field", field), "max_length", None)
        if limit is not None:
            longest[name] = limit
    return longest


_PROVIDER = _longest(Provider, [field.name for field in Provider._meta.concrete_fields])
_ENDPOINT = _longest(Endpoint, ("upstream_id", "capabilities", *ENDPOINT_FIELDS))
_LISTING = {
    "provider": _PROVIDER["slug"],
    **_longest(Model, MODEL_FIELDS),
    **_ENDPOINT,
    **_longest(Rate, ("meter", "currency")),
}
_LINK = {
    "model": _longest(Model, ("slug",))["slug"],
    "creator": _longest(Creator, ("slug",))["slug"],
    **_longest(Endpoint, ("variant", "snapshot")),
}


def beyond_columns(listing: Listing) -> str:
    """Why no row can hold a listing, as a clause; "" for one that fits."""
    texts = {"provider": listing.provider, "upstream_id": listing.upstream_id, **listing.facts}
    if reason := _beyond(texts, _LISTING):
        return reason
    for rate in listing.rates:
        if reason := _beyond({"meter": rate.meter, "currency": rate.currency}, _LISTING):
            return reason
    return ""


def provider_beyond_columns(listing: ProviderListing) -> str:
    return _beyond({"slug": listing.slug, **listing.facts}, _PROVIDER)


def link_beyond_columns(link: Link) -> str:
    return _beyond({**asdict(link), "creator": link.model.partition("/")[0]}, _LINK)


def _beyond(texts: Mapping[str, Any], longest: Mapping[str, int]) -> str:
    for name, value in texts.items():
        limit = longest.get(name)
        if limit is None:
            continue
        if isinstance(value, str):
            length = len(value)
        elif isinstance(value, list | dict):
            length = max((len(word) for word in value if isinstance(word, str)), default=0)
        else:
            continue
        if length > limit:
            return f"{name} of {length} characters, and {limit} fit"
    return ""
