"""An endpoint's facts in the words of every table."""

from functools import lru_cache
from typing import Protocol

from catalog.lifecycle import Lifecycle
from catalog.provider_kinds import ProviderKind
from catalog.suitability import CONDITIONAL, DEFERRED
from web.format.figures import partial_date
from web.reads.endpoints import EndpointRecord

# The latest of a version under OpenRouter's tilde leads to whatever comes next. What the latest of
# a whole line is called by is a model of its own, which the tilde names plainly.
LEADS_ON = "leads to the newest"
# Trials, tiers sold by themselves, ids that are not sold to everybody, ids that lead to another
# model some day, fine-tunes: their prices are not the model's, as in `pricing.headline`.
APART = frozenset({"free", "ft", LEADS_ON, *DEFERRED, *CONDITIONAL})


def kind_in_words(endpoint: EndpointRecord) -> str:
    return ProviderKind(endpoint.kind).label


def why_gone(endpoint: EndpointRecord) -> str:
    """The reason if the endpoint is out of use, else empty."""
    if endpoint.missing_since:
        return f"Missing since {partial_date(endpoint.missing_since)}"
    if endpoint.stage == Lifecycle.RETIRED:
        return f"Retired {partial_date(endpoint.retired_on)}".strip()
    return ""


def first_seen(endpoint: EndpointRecord) -> str:
    """The first day of data or prices of an endpoint without a stated stage; else empty."""
    if endpoint.stage != Lifecycle.LISTED or not endpoint.listed_since:
        return ""
    return f"first seen {partial_date(endpoint.listed_since)}"


class Staged(Protocol):
    """A model on a day; its dates are empty where unknown."""

    @property
    def stage(self) -> str: ...
    @property
    def listed_since(self) -> str: ...
    @property
    def deprecated_on(self) -> str: ...
    @property
    def retired_on(self) -> str: ...
    @property
    def ends_on(self) -> str: ...


def stage_note(model: Staged, *, today: str) -> str:
    """The date of a model's stage, or of its end; a source may state a stage before its date."""
    if model.stage != Lifecycle.RETIRED:
        if model.retired_on and model.retired_on <= today:
            return f"its creator ended it {partial_date(model.retired_on)}"
        if end := model.retired_on or model.ends_on:
            return f"retires {partial_date(end)}"
    began = {
        Lifecycle.RETIRED: model.retired_on or model.ends_on,
        Lifecycle.DEPRECATED: model.deprecated_on,
        Lifecycle.LISTED: model.listed_since,
    }.get(Lifecycle(model.stage))
    if not began:
        return ""
    if began > today:
        return f"stated for {partial_date(began)}"
    if model.stage == Lifecycle.LISTED:
        return f"first seen {partial_date(began)}"
    if model.stage != Lifecycle.RETIRED:
        return f"since {partial_date(began)}"
    is_day = began.count("-") == 2
    return f"{'on' if is_day else 'in'} {partial_date(began)}"


def is_apart(endpoint: EndpointRecord) -> bool:
    is_other = not APART.isdisjoint(_variants(endpoint.variant, endpoint.upstream_id))
    return is_other or endpoint.floating


@lru_cache(maxsize=16384)
def _variants(stated: str, upstream_id: str) -> tuple[str, ...]:
    leads_on = {"latest": LEADS_ON} if upstream_id.startswith("~") else {}
    return tuple(dict.fromkeys(leads_on.get(name, name) for name in stated.split(",") if name))


class Variant(Protocol):
    """What distinguishes an endpoint from others of the same model and provider."""

    @property
    def upstream_id(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def variant(self) -> str: ...
    @property
    def snapshot(self) -> str: ...
    @property
    def quantization(self) -> str: ...


def variant(endpoint: Variant) -> str:
    """Region, then variants: what distinguishes endpoints of one model and provider.

    Each once; a snapshot that the id contains is left out.
    """
    dated = endpoint.snapshot.replace("-", "") in endpoint.upstream_id.replace("-", "")
    snapshot = "" if dated else endpoint.snapshot
    variants = ",".join(_variants(endpoint.variant, endpoint.upstream_id))
    return apart(endpoint.region, variants, snapshot, endpoint.quantization)


@lru_cache(maxsize=16384)
def apart(region: str, variants: str, *others: str) -> str:
    """`variants` are separated by commas."""
    return " · ".join(dict.fromkeys(filter(None, (region, *variants.split(","), *others))))


def endpoint_in_words(endpoint: EndpointRecord) -> str:
    return endpoint_name(
        endpoint.provider_name, endpoint.upstream_id, variant(endpoint), endpoint.model_slug
    )


@lru_cache(maxsize=16384)
def endpoint_name(provider: str, upstream_id: str, variant: str, model_slug: str) -> str:
    """The provider's name, with its id where that is not the model's plain name.

    And with its variants, unless the id shows them.
    """
    plain, last = model_slug.partition("/")[2], upstream_id.rpartition("/")[2]
    shown = "" if _squeezed(last) == _squeezed(plain) else upstream_id
    unshown = [
        part for part in variant.split(" · ") if part and _squeezed(part) not in _squeezed(shown)
    ]
    details = ", ".join(filter(None, (shown, *unshown)))
    return f"{provider} ({details})" if details else provider


def _squeezed(name: str) -> str:
    return name.lower().replace(".", "-").replace("_", "-")


class ProviderAddresses(Protocol):
    @property
    def terms_url(self) -> str: ...
    @property
    def privacy_url(self) -> str: ...
    @property
    def status_url(self) -> str: ...
    @property
    def docs_url(self) -> str: ...


def provider_links(provider: ProviderAddresses) -> tuple[tuple[str, str], ...]:
    """(address, name) of a provider's pages; only web pages are links."""
    further = ((provider.status_url, "Status"), (provider.docs_url, "Docs"))
    return (
        *policy_links(provider.terms_url, provider.privacy_url),
        *((url, name) for url, name in further if _is_page(url)),
    )


@lru_cache(maxsize=1024)
def policy_links(terms_url: str, privacy_url: str) -> tuple[tuple[str, str], ...]:
    """(address, name) of each; only web pages are links."""
    named = ((terms_url, "Terms"), (privacy_url, "Privacy"))
    return tuple((url, name) for url, name in named if _is_page(url))


def _is_page(url: str) -> bool:
    return url.startswith(("https://", "http://"))
