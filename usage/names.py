"""Which model, provider and endpoint the names in a log mean. Pure: no Django, no database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from catalog.matching.link import SEED, Identity, read
from pricing.rates import RateCard


class Served(Protocol):
    """An endpoint, and what a decision about it needs to know. A context of None is not known.

    `lacks` are capabilities that are stated to be absent, `aside` is why nobody would send a
    workload there (see `catalog.suitability`), and `writes` says whether text comes out.
    """

    @property
    def endpoint_id(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def upstream_id(self) -> str: ...
    @property
    def variant(self) -> frozenset[str]: ...
    @property
    def context(self) -> int | None: ...
    @property
    def capabilities(self) -> frozenset[str]: ...
    @property
    def lacks(self) -> frozenset[str]: ...
    @property
    def aside(self) -> str: ...
    @property
    def writes(self) -> bool: ...
    @property
    def card(self) -> RateCard: ...


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name in a log means, as far as it can be told; `why` says what is missing to an
    endpoint."""

    model: str | None
    provider: str | None
    endpoint: int | None = None
    why: str = ""


# What gateways and SDKs call providers whose slug here is another word.
CALLED = {
    "aws": "amazon-bedrock",
    "aws-bedrock": "amazon-bedrock",
    "azure-ai": "azure",
    "azure-openai": "azure",
    "bedrock": "amazon-bedrock",
    "bedrock-converse": "amazon-bedrock",
    "cohere-chat": "cohere",
    "dashscope": "alibaba",
    "fireworks": "fireworks-ai",
    "gcp": "google-vertex",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-cloud": "google-vertex",
    "google-gemini": "google",
    "moonshot": "moonshotai",
    "novita": "novita-ai",
    "text-completion-openai": "openai",
    "together": "togetherai",
    "together-ai": "togetherai",
    "vertex": "google-vertex",
    "vertex-ai": "google-vertex",
    "vertexai": "google-vertex",
    "x-ai": "xai",
}


@dataclass(frozen=True)
class Names:
    """The names that endpoints, aliases and models go by.

    `aliases` are spellings of models -> slug; `providers` are further names of providers -> slug,
    in lower case. `gone` are endpoints that a log may name, but that nobody can move to any more.
    """

    served: tuple[Served, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()

    @cached_property
    def offered(self) -> tuple[Served, ...]:
        return tuple(one for one in self.served if one.endpoint_id not in self.gone)

    @cached_property
    def tiers(self) -> tuple[str, ...]:
        """The service tiers that anybody states a price for, beside the standard one."""
        cards = {id(one.card): one.card for one in self.served}.values()
        return tuple(sorted({tier for card in cards for tier in card.tiers}))

    def meaning(self, model: str, provider: str = "") -> Meant:
        """What a log means by a model and a provider, which may be a part of the model's name."""
        name, host = model.strip().lower(), self.provider(provider)
        if not host and "/" in name:
            first, _, rest = name.partition("/")
            within = self.provider(first)
            if within and (self._at.get((within, rest)) or not self._at_all.get(name)):
                name, host = rest, within
        elif (
            host and self.provider(name.partition("/")[0]) == host and (host, name) not in self._at
        ):
            name = name.partition("/")[2] or name
        return self._placed(name, host)

    def provider(self, name: str) -> str | None:
        """The slug of a provider, by its slug or a name of it."""
        plain = name.strip().lower().replace("_", "-").replace(" ", "-")
        called = self.providers.get(name.strip().lower()) or CALLED.get(plain, plain)
        return called if called in self._hosts else self._spaceless.get(plain.replace("-", ""))

    def _placed(self, name: str, host: str | None) -> Meant:
        exact = self._at.get((host or "", name), [])
        slug = exact[0].model if exact else self._model(name)
        if not slug:
            return Meant(None, host, why="no model of the catalog goes by this name")
        if not host:
            return Meant(slug, None, why="the provider is not known")
        found = exact or self._of.get((host, slug), [])
        plain = [one for one in found if not any(one.variant)]
        for some in (found, plain):
            if some and len({one.card.rates for one in some}) == 1:
                return Meant(slug, host, some[0].endpoint_id)
        why = (
            f"{len(found)} endpoints of {host} fit" if found else f"{host} is not known to serve it"
        )
        return Meant(slug, host, why=why)

    def _model(self, name: str) -> str | None:
        """By alias, slug or id, else by what the name says, as the catalog itself links endpoints."""
        if slug := self.aliases.get(name) or SEED.get(name):
            return slug
        if name in self._slugs:
            return name
        known = self._at_all.get(name) or self._at_all.get(name.rpartition("/")[2], frozenset())
        if len(known) == 1:
            return next(iter(known))
        found = self._read.get(read("", name).identity)
        return found if found and (not known or found in known) else None

    @cached_property
    def _at(self) -> dict[tuple[str, str], list[Served]]:
        places: dict[tuple[str, str], list[Served]] = defaultdict(list)
        for one in self.served:
            places[one.provider, one.upstream_id.lower()].append(one)
        return dict(places)

    @cached_property
    def _of(self) -> dict[tuple[str, str], list[Served]]:
        places: dict[tuple[str, str], list[Served]] = defaultdict(list)
        for one in self.served:
            places[one.provider, one.model].append(one)
        return dict(places)

    @cached_property
    def _at_all(self) -> dict[str, frozenset[str]]:
        """By an id that any provider uses, the models that it means there."""
        meant: dict[str, set[str]] = defaultdict(set)
        for one in self.served:
            meant[one.upstream_id.lower()].add(one.model)
        return {name: frozenset(slugs) for name, slugs in meant.items()}

    @cached_property
    def _slugs(self) -> frozenset[str]:
        return frozenset(one.model for one in self.served)

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(one.provider for one in self.served)

    @cached_property
    def _spaceless(self) -> dict[str, str]:
        """Providers by their slug and name without separators: “DeepInfra” is deepinfra."""
        return {slug.replace("-", ""): slug for slug in self._hosts} | {
            name.lower().replace("-", "").replace(" ", ""): slug
            for name, slug in self.providers.items()
            if slug in self._hosts
        }

    @cached_property
    def _read(self) -> dict[Identity, str]:
        return {read("", slug).identity: slug for slug in sorted(self._slugs, reverse=True)}
