"""Every name in the catalog, and what it is looked up by. Pure.

The indexes are each made when first needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from catalog.known_providers import API_WORDS, DOMESTIC, OTHER_NAMES, TRIAL_APIS, kind_of
from catalog.matching.called import NO_SEPARATORS, SEPARATED, Called
from catalog.matching.serving import Serving
from catalog.matching.spelling import Identity, read
from catalog.matching.written import undated
from catalog.resolution import EndpointName, ProviderName


@dataclass(frozen=True, slots=True)
class Served:
    """An endpoint with what decides its place among the candidates of a name.

    Of equal fits come first by `standing` the creator's own API and direct providers, then by
    `order` what is in use.
    """

    endpoint: EndpointName
    upstream_id: str
    undated: str
    own: bool
    serving: Serving
    standing: tuple[bool, ...]
    order: tuple[object, ...]


@dataclass(frozen=True)
class NameIndex:
    """Names of endpoints, models, aliases, providers and creators.

    `aliases` lead from a spelling in lower case to a slug, `creators` from a slug to a name.
    """

    endpoints: Sequence[EndpointName] = ()
    models: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, ProviderName] = field(default_factory=dict)
    creators: Mapping[str, str] = field(default_factory=dict)

    def provider(self, spelling: str) -> str | None:
        lower = spelling.strip().lower()
        first, _, last = lower.rpartition(".")
        if last in API_WORDS:
            lower = first
        other = OTHER_NAMES.get(lower) or OTHER_NAMES.get(lower.translate(SEPARATED), "")
        return self._provider_words.slug(lower, other)

    def creator(self, spelling: str, known_as: Mapping[str, str] | None = None) -> str | None:
        """The slug of a creator: by slug, by the names of `known_as`, or by its name."""
        lower = spelling.strip().lower()
        return self._creator_words.slug(lower, (known_as or {}).get(lower.translate(SEPARATED), ""))

    def owner(self, provider: str) -> str:
        known = self.providers.get(provider)
        return (known.creator if known else "") or (provider if provider in self.creators else "")

    def is_own(self, provider: str, model: str) -> bool:
        return self.owner(provider) == model.partition("/")[0]

    def own_apis(self, model: str) -> list[str]:
        """The own APIs of a model's creator that serve it, without trials, the usual one first."""
        creator = model.partition("/")[0]
        return sorted(
            (slug for slug in self.serving(model) - TRIAL_APIS if self.is_own(slug, model)),
            key=lambda slug: (
                *(slug in DOMESTIC, kind_of(slug) != "first-party"),
                *(slug != creator, slug),
            ),
        )

    def serving(self, model: str) -> set[str]:
        return {each.endpoint.provider for each in self.served(model)}

    def users(self, upstream_id: str) -> set[str]:
        """The providers with an endpoint of this id, in lower case."""
        return {each.provider for each in self.endpoints_by_id.get(upstream_id, ())}

    def served(self, model: str) -> list[Served]:
        if (found := self._served.get(model)) is None:
            found = [self._serve(endpoint) for endpoint in self.endpoints_of.get(model, ())]
            self._served[model] = found
        return found

    def _serve(self, endpoint: EndpointName) -> Served:
        creator = endpoint.model.partition("/")[0]
        own = self.is_own(endpoint.provider, endpoint.model)
        known = self.providers.get(endpoint.provider)
        words = endpoint.variant, endpoint.region, endpoint.snapshot
        serving = self._servings.setdefault(words, Serving.of(*words))
        upstream_id = endpoint.upstream_id
        standing = not own, endpoint.provider != creator, not (known and known.direct)
        order = endpoint.gone, endpoint.provider, len(upstream_id), upstream_id
        return Served(
            endpoint, upstream_id.lower(), undated(upstream_id), own, serving, standing, order
        )

    @cached_property
    def _served(self) -> dict[str, list[Served]]:
        return {}

    @cached_property
    def _servings(self) -> dict[tuple[frozenset[str], str, str], Serving]:
        return {}

    @cached_property
    def endpoints_at(self) -> dict[tuple[str, str], list[EndpointName]]:
        """By provider and id in lower case."""
        found: dict[tuple[str, str], list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.provider, endpoint.upstream_id.lower()].append(endpoint)
        return dict(found)

    @cached_property
    def endpoints_of(self) -> dict[str, list[EndpointName]]:
        found: dict[str, list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.model].append(endpoint)
        return dict(found)

    @cached_property
    def endpoints_by_id(self) -> dict[str, list[EndpointName]]:
        found: dict[str, list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.upstream_id.lower()].append(endpoint)
        return dict(found)

    @cached_property
    def models_by_id(self) -> dict[str, Counter[str]]:
        return {
            upstream_id: Counter(each.model for each in endpoints)
            for upstream_id, endpoints in self.endpoints_by_id.items()
        }

    @cached_property
    def endpoints_by_bare_id(self) -> dict[str, list[EndpointName]]:
        """By id without separators."""
        found: dict[str, list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.upstream_id.lower().translate(NO_SEPARATORS)].append(endpoint)
        return dict(found)

    @cached_property
    def models_by_bare_slug(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for slug in self.endpoints_of:
            found[slug.translate(NO_SEPARATORS)].append(slug)
        return dict(found)

    @cached_property
    def models_by_identity(self) -> dict[Identity, str]:
        return {read("", slug).identity: slug for slug in sorted(self.models, reverse=True)}

    @cached_property
    def creators_with_api(self) -> set[str]:
        return {self.owner(provider) for provider in self.providers if provider not in TRIAL_APIS}

    @cached_property
    def _provider_words(self) -> Called:
        return Called({slug: provider.name for slug, provider in self.providers.items()})

    @cached_property
    def _creator_words(self) -> Called:
        return Called(self.creators)
