"""Which model, provider and endpoints a name means: in addresses, logs, reports and comparisons.

Pure: no Django, no database. A name is an upstream's id, one of our slugs, an alias, or any of them
behind a provider's name or a route, as LiteLLM and gateways write them
(`bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0`). Nothing is guessed by likeness.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from catalog.known_providers import OTHER_NAMES
from catalog.matching.called import NO_SEPARATORS, SEPARATED, Called
from catalog.matching.link import SEED
from catalog.matching.serving import WHY, Fit, Serving
from catalog.matching.spelling import Identity, read
from catalog.matching.tables import HOSTS, ORGS, PLACES, words

LONGEST_NAME = 300
_MOST_PARTS = 8
# Parts of a path that name the API through which a request goes.
_ROUTES = words(
    "chat completions converse converse-like converse_like gpt5-series gpt5_series invoke models "
    "o-series o_series openai-compatible publishers responses"
)

UNKNOWN = "no model of the catalog goes by this name"
SEVERAL = "several models go by this name"
# An endpoint of another id of such a model may be one of another model.
LIKELIEST = "an id of several models, of this one at most providers"
NAMED = "the provider is named"
BEGINS = "the name begins with the provider"
OWN_ALONE = "only the creator's own API uses this id"


class EndpointName(Protocol):
    """What an endpoint is called. `variant` are its serving words, without empty ones."""

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
    def region(self) -> str: ...
    @property
    def snapshot(self) -> str: ...
    @property
    def gone(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ProviderName:
    """A provider's name, the creator of its own API, and whether it is direct."""

    name: str
    creator: str = ""
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """An endpoint that a name may mean.

    `tier` are serving words of the name that the endpoint does not list: the request is of that
    tier if the endpoint's card states it, and else not of this endpoint.
    """

    endpoint: EndpointName
    fit: Fit
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name means, as far as known, and by which rules.

    `candidates` are endpoints of the model: first those of the provider by their fit, then others
    that use this very id, then the creator's own, then the rest; direct providers first.
    """

    model: str | None
    provider: str | None
    model_by: str = ""
    provider_by: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def at_provider(self) -> tuple[Candidate, ...]:
        """The candidates of the provider that fit the name best and equally."""
        there = [each for each in self.candidates if each.endpoint.provider == self.provider]
        return tuple(
            each for each in there if (each.fit, each.tier) == (there[0].fit, there[0].tier)
        )

    @property
    def reason(self) -> str:
        fit = [WHY[each.fit] for each in self.at_provider[:1]]
        return "; ".join(filter(None, (self.model_by, self.provider_by, *fit)))


@dataclass(frozen=True)
class Names:
    """Every name in the catalog: of endpoints, models, aliases, providers and creators.

    `aliases` lead from a spelling in lower case to a slug, `creators` from a slug to a name.
    """

    endpoints: Sequence[EndpointName] = ()
    models: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, ProviderName] = field(default_factory=dict)
    creators: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, model_words: str, provider_words: str = "") -> Resolution:
        """The meaning of a model's name, at the provider that is named beside it or in it."""
        name = model_words.strip().lower()
        stated = self.provider(provider_words)
        if not name or len(name) > LONGEST_NAME or name.count("/") >= _MOST_PARTS:
            return Resolution(None, stated, UNKNOWN, NAMED if stated else "")
        begins = None if stated else self._first_part(name)
        forms = self._forms(name, stated or begins)
        provider_by = NAMED if stated else BEGINS
        listed = self._listed(forms, stated or begins, provider_by)
        # One of our slugs is itself, whatever a provider of that name lists.
        if listed and (stated or listed.model == name or name not in self.models):
            by = "an id of the provider"
            return self._resolved(listed.model, by, listed.provider, provider_by, forms)
        slug, by, form = self._model(forms, stated or begins)
        if slug is None:
            return Resolution(None, stated, by, NAMED if stated else "")
        serving = {endpoint.provider for endpoint in self._of.get(slug, ())}
        if stated or begins in serving:
            return self._resolved(slug, by, stated or begins, provider_by, forms)
        if begins and not (name in self.models or name in self.aliases or name in self._by_id):
            if form != name and self._owner(begins) not in ("", slug.partition("/")[0]):
                return Resolution(None, None, UNKNOWN)
            return self._resolved(slug, by, begins, BEGINS, forms)
        own = None if provider_words.strip() else self._own_alone(slug, forms)
        return self._resolved(slug, by, own, OWN_ALONE if own else "", forms)

    def provider(self, spelling: str) -> str | None:
        lower = spelling.strip().lower()
        other = OTHER_NAMES.get(lower) or OTHER_NAMES.get(lower.translate(SEPARATED), "")
        return self._provider_words.slug(lower, other)

    def creator(self, spelling: str, known_as: Mapping[str, str] | None = None) -> str | None:
        """The slug of a creator: by slug, by the names of `known_as`, or by its name."""
        lower = spelling.strip().lower()
        return self._creator_words.slug(lower, (known_as or {}).get(lower.translate(SEPARATED), ""))

    def is_own(self, provider: str, model: str) -> bool:
        return self._owner(provider) == model.partition("/")[0]

    # The model ----------------------------------------------------------------------------------

    def _first_part(self, name: str) -> str | None:
        first, slash, rest = name.partition("/")
        return self.provider(first) if slash and rest else None

    def _forms(self, name: str, provider: str | None) -> list[str]:
        forms = [name]
        if provider and self._first_part(name) == provider:
            forms.append(name.partition("/")[2])
        for form in tuple(forms):
            parts = form.split("/")
            if "models" in parts[:-1]:
                parts = parts[parts.index("models") + 1 :]
                forms.append("/".join(parts))
            while len(parts) > 1 and parts[0] in _ROUTES:
                parts = parts[1:]
                forms.append("/".join(parts))
        return list(dict.fromkeys(filter(None, forms)))

    def _listed(self, forms: Sequence[str], provider: str | None, by: str) -> EndpointName | None:
        ids = (*forms[1:], forms[0]) if by == BEGINS else forms  # without the provider first
        keys = ((provider or "", form) for form in ids)
        return next((self._at[key] for key in keys if key in self._at), None)

    def _model(self, forms: Sequence[str], provider: str | None) -> tuple[str | None, str, str]:
        why = UNKNOWN
        for form in forms:
            slug, by = self._model_of(form, provider)
            if slug:
                return slug, by, form
            why = by or why
        return None, why, ""

    def _model_of(self, name: str, provider: str | None) -> tuple[str | None, str]:
        if name in self.models:
            return name, "a slug"
        if (alias := self.aliases.get(name) or SEED.get(name, "")) in self.models:
            return alias, "an alias"
        if users := self._by_id.get(name):
            return self._most_used(name, users)
        creator, _, rest = name.partition("/")
        if found := self._of_creator(creator, rest):
            return (found[0], "an id of its creator") if len(found) == 1 else (None, SEVERAL)
        *parts, last = name.split("/")
        users = self._by_id.get(last, Counter())
        if len(users) == 1 and self._leads_to(parts, alone := next(iter(users))):
            return alone, "an id of one model"
        slug = self._read_as(name, provider)
        if slug and self._leads_to(parts, slug):
            return slug, "the words and numbers of its slug"
        return None, ""

    def _most_used(self, name: str, users: Counter[str]) -> tuple[str, str]:
        if len(users) == 1:
            return next(iter(users)), "an id of one model"
        slug = self._read_as(name, None)
        if slug and slug in users:
            return slug, "an id of several models, with the words and numbers of this one's slug"
        return min(users, key=lambda slug: (-users[slug], slug)), LIKELIEST

    def _of_creator(self, creator: str, rest: str) -> list[str]:
        """The models that `creator/id` may mean, whatever the separators.

        Equal separators come before different or missing ones ("gpt4o"), and the creator's own ids
        before other providers'.
        """
        whole = f"{creator}/{rest}"
        bare_rest, bare_whole = rest.translate(NO_SEPARATORS), whole.translate(NO_SEPARATORS)
        if creator not in self.creators or not bare_rest:
            return []
        separated = {rest.translate(SEPARATED), whole.translate(SEPARATED)}
        spelled = [
            (each.model, each.upstream_id.lower(), self._owner(each.provider) == creator)
            for bare in (bare_rest, bare_whole)
            for each in self._by_bare_id.get(bare, ())
        ]
        spelled = [each for each in spelled if each[2] or each[0].startswith(f"{creator}/")]
        spelled += [(slug, slug, True) for slug in self._by_bare_slug.get(bare_whole, ())]
        close = {slug for slug, text, _ in spelled if text.translate(SEPARATED) in separated}
        found = close or {slug for slug, _, _ in spelled}
        own = {slug for slug, _, is_own in spelled if is_own}
        return sorted(found & own or found)

    def _read_as(self, name: str, provider: str | None) -> str | None:
        """The model with a slug that reads like the name; a date must be one that its ids state."""
        if " " in name:
            return None
        for identity in (read(provider or "", name).identity, read("", name).identity):
            undated = self._by_identity.get(replace(identity, snapshot=""))
            dates = {endpoint.snapshot for endpoint in self._of.get(undated or "", ())}
            if slug := self._by_identity.get(identity) or (identity.snapshot in dates and undated):
                return slug
        return None

    def _leads_to(self, parts: Sequence[str], slug: str) -> bool:
        serving = {endpoint.provider for endpoint in self._of.get(slug, ())}
        for part in parts:
            provider = self.provider(part)
            creator = ORGS.get(part.translate(SEPARATED)) or (part if part in self.creators else "")
            if creator not in ("", slug.partition("/")[0]) and provider not in serving:
                return False
            is_place = PLACES.fullmatch(part) is not None
            if not (creator or provider or is_place or part in HOSTS or part in _ROUTES):
                return False
        return True

    # The provider and its endpoints -------------------------------------------------------------

    def _own_alone(self, slug: str, forms: Sequence[str]) -> str | None:
        users = {e.provider for e in self._of.get(slug, ()) if e.upstream_id.lower() in forms}
        creator = slug.partition("/")[0]
        is_shared = any(len(self._by_id.get(form, ())) > 1 for form in forms)
        if is_shared or not all(self.is_own(user, slug) for user in users):
            return None
        return min(users, key=lambda user: (user != creator, user), default=None)

    def _resolved(
        self, slug: str, by: str, provider: str | None, provider_by: str, forms: Sequence[str]
    ) -> Resolution:
        stated, creator = Serving.stated_by(forms[-1], slug, provider or ""), slug.partition("/")[0]
        listed = self._listed(forms, provider, provider_by)
        ranked: list[tuple[tuple[object, ...], Candidate]] = []
        for endpoint in self._of.get(slug, ()):
            upstream_id, there = endpoint.upstream_id.lower(), endpoint.provider == provider
            # Some providers list two endpoints by one name, with a path and without.
            is_other = there and listed is not None and upstream_id != listed.upstream_id.lower()
            is_id = upstream_id in forms and not is_other
            fit = (Fit.ID, "") if is_id else stated.fit(self._served(endpoint))
            if fit is None or (by == LIKELIEST and not is_id):
                continue
            own = self.is_own(endpoint.provider, slug)
            known = self.providers.get(endpoint.provider)
            order = (
                *(_group(fit[0], there=there, own=own), *fit, endpoint.gone),
                *(not own, endpoint.provider != creator, not (known and known.direct)),
                *(endpoint.provider, len(endpoint.upstream_id), endpoint.upstream_id),
            )
            ranked.append((order, Candidate(endpoint, *fit)))
        candidates = tuple(candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0]))
        return Resolution(slug, provider, by, provider_by, candidates)

    def _owner(self, provider: str) -> str:
        known = self.providers.get(provider)
        return (known.creator if known else "") or (provider if provider in self.creators else "")

    def _served(self, endpoint: EndpointName) -> Serving:
        if (serving := self._servings.get(endpoint.endpoint_id)) is None:
            serving = Serving.of(endpoint.variant, endpoint.region, endpoint.snapshot)
            self._servings[endpoint.endpoint_id] = serving
        return serving

    # Indexes, each made when it is first needed -------------------------------------------------

    @cached_property
    def _servings(self) -> dict[int, Serving]:
        return {}

    @cached_property
    def _at(self) -> dict[tuple[str, str], EndpointName]:
        return {(each.provider, each.upstream_id.lower()): each for each in self.endpoints}

    @cached_property
    def _of(self) -> dict[str, list[EndpointName]]:
        found: dict[str, list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.model].append(endpoint)
        return dict(found)

    @cached_property
    def _by_id(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for endpoint in self.endpoints:
            found[endpoint.upstream_id.lower()][endpoint.model] += 1
        return dict(found)

    @cached_property
    def _by_bare_id(self) -> dict[str, list[EndpointName]]:
        found: dict[str, list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.upstream_id.lower().translate(NO_SEPARATORS)].append(endpoint)
        return dict(found)

    @cached_property
    def _by_bare_slug(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for slug in self._of:
            found[slug.translate(NO_SEPARATORS)].append(slug)
        return dict(found)

    @cached_property
    def _by_identity(self) -> dict[Identity, str]:
        return {read("", slug).identity: slug for slug in sorted(self.models, reverse=True)}

    @cached_property
    def _provider_words(self) -> Called:
        return Called({slug: provider.name for slug, provider in self.providers.items()})

    @cached_property
    def _creator_words(self) -> Called:
        return Called(self.creators)


def _group(fit: Fit, *, there: bool, own: bool) -> int:
    usable = fit < Fit.TIER
    groups = (
        there and fit == Fit.ID,
        there and usable,
        fit == Fit.ID,
        there,
        own and usable,
        usable,
    )
    return groups.index(True) if True in groups else len(groups)
