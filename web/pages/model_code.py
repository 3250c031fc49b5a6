"""Code that calls a model at one of its providers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from catalog.suitability import TALKS, writes
from web.reads.endpoints import EndpointRecord
from web.reads.model_facts import ModelFacts
from web.reads.provider_access import ProviderAccess
from web.text.api_access import Access, takes
from web.text.model_facts import is_text_model
from web.text.snippets import THIS_SERVER, Snippet, note, snippets, this_server


@dataclass(frozen=True, slots=True)
class ModelCode:
    """Code for one provider; `asked` is whether the visitor chose it.

    `choices` are all providers by (slug, name), and this server for what it can pass on.
    """

    chosen: Access
    asked: bool
    docs_url: str
    snippets: list[Snippet]
    note: str
    choices: tuple[tuple[str, str], ...]


def model_code(
    model: ModelFacts,
    endpoints: Sequence[EndpointRecord],
    access: Mapping[str, ProviderAccess],
    wanted: str,
) -> ModelCode | None:
    by_provider: dict[str, list[EndpointRecord]] = defaultdict(list)
    for endpoint in endpoints:
        if endpoint.provider_slug in access:
            by_provider[endpoint.provider_slug].append(endpoint)
    if not by_provider:
        return None
    first = {slug: _callable(endpoints, access[slug]) for slug, endpoints in by_provider.items()}
    chosen = first.get(wanted) or _usual(list(first.values()), access)
    provider = access[chosen.provider_slug]
    code = _access(chosen, provider, model)
    choices = tuple((slug, endpoint.provider_name) for slug, endpoint in first.items())
    docs_url = provider.docs_url
    talks = code.mode in TALKS and writes(model.slug, code.mode, model.modalities_out)
    if settings.ALLOWANCE and talks:
        own = this_server(model.slug, settings.PUBLIC_URL)
        choices = (*choices, (own.provider_slug, own.provider))
        if wanted == THIS_SERVER:
            code, docs_url = own, ""
    asked = wanted == code.provider_slug
    return ModelCode(code, asked, docs_url, snippets(code), note(code), choices)


def _callable(endpoints: Sequence[EndpointRecord], access: ProviderAccess) -> EndpointRecord:
    fit = (endpoint for endpoint in endpoints if takes(access.sdk or "", endpoint.upstream_id))
    return next(fit, endpoints[0])


def _usual(
    endpoints: Sequence[EndpointRecord], access: Mapping[str, ProviderAccess]
) -> EndpointRecord:
    """The headline's if it can be called, else the creator's own, else one with an API base."""

    def rank(endpoint: EndpointRecord) -> int:
        provider = access[endpoint.provider_slug]
        reachable = bool(provider.api_base or provider.sdk)
        if endpoint.place == 1 and reachable:
            return 0
        if endpoint.direct and endpoint.own and reachable:
            return 1
        if endpoint.direct and provider.api_base:
            return 2
        return 3 if reachable else 4

    return min(endpoints, key=rank)


def _access(endpoint: EndpointRecord, provider: ProviderAccess, model: ModelFacts) -> Access:
    # The API through which the creator sells a text model does not bind other providers: they chat.
    own = model.mode if endpoint.own else ""
    usual = own or ("chat" if is_text_model(model.mode, model.modalities_out) else model.mode)
    return Access(
        provider_slug=endpoint.provider_slug,
        provider=endpoint.provider_name,
        upstream_id=endpoint.upstream_id,
        mode=endpoint.mode or usual,
        api_base=provider.api_base,
        env_names=tuple(provider.env_names),
        sdk=provider.sdk or "",
        speaks="audio" in model.modalities_out,
    )
