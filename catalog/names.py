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

from catalog.known_providers import DOMESTIC, OTHER_NAMES, TRIAL_APIS, kind_of
from catalog.matching.called import NO_SEPARATORS, SEPARATED, Called
from catalog.matching.link import SEED
from catalog.matching.serving import Fit, Serving
from catalog.matching.spelling import Identity, read
from catalog.matching.tables import HOSTS, ORGS, PLACES, words
from catalog.matching.written import OPENROUTER, ROUTING, THINKING, WrittenId, as_written
from catalog.resolution import (
    ALONE,
    BEGINS,
    FORM,
    LIKELIEST,
    NAMED,
    NO_OWN_API,
    NO_PROVIDER,
    NOT_AT_OWN_API,
    OWN_API,
    SEVERAL,
    UNKNOWN,
    Candidate,
    EndpointName,
    ProviderName,
    Resolution,
    group_of,
)

LONGEST_NAME = 300
_MOST_PARTS = 8
# Parts of a path that name the API through which a request goes.
_ROUTES = words(
    "chat completions converse converse-like converse_like gpt5-series gpt5_series invoke models "
    "o-series o_series openai-compatible publishers responses"
)


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
        stated = self.provider(provider_words)
        spelled = model_words.strip()
        if not spelled or len(spelled) > LONGEST_NAME or spelled.count("/") >= _MOST_PARTS:
            return Resolution(None, stated, UNKNOWN, NAMED if stated else "")
        written = as_written(spelled)
        name = written.name
        begins = None if stated else self._first_part(name)
        provider, provider_by = stated or begins, NAMED if stated else BEGINS
        form = written.provider if written.provider in self.providers else ""
        if form and self._is_through(form, written, provider):
            stated, begins, provider, provider_by = form, None, form, FORM
        if written.opaque:
            return Resolution(None, provider, written.opaque, provider_by if provider else "")
        ids, wider = self._all_forms(written, provider)
        listed = self._listed(ids, provider, provider_by, spelled)
        # One of our slugs is itself, whatever a provider of that name lists.
        if listed and (stated or listed.model == name or name not in self.models):
            by = "an id of the provider"
            return self._resolved(listed.model, by, listed.provider, provider_by, ids, listed)
        slug, by, matching = self._model([*ids, *wider], provider)
        if slug is None:
            return Resolution(None, stated, by, provider_by if stated else "")
        serving = {endpoint.provider for endpoint in self._of.get(slug, ())}
        if stated or begins in serving:
            return self._resolved(slug, by, provider, provider_by, ids, listed)
        if begins and not (name in self.models or name in self.aliases or name in self._by_id):
            if matching != name and self._owner(begins) not in ("", slug.partition("/")[0]):
                return Resolution(None, None, UNKNOWN)
            return self._resolved(slug, by, begins, BEGINS, ids, listed)
        if provider_words.strip():
            return self._resolved(slug, by, None, NO_PROVIDER, ids, None)
        alone = self._alone(slug, ids)
        listed = self._listed(ids, alone, ALONE, spelled)
        return self._resolved(slug, by, alone, ALONE if alone else "", ids, listed)

    def at_own_api(self, model_words: str) -> Resolution:
        """The meaning of a name at the own API of its model's creator; else at no provider."""
        meaning = self.resolve(model_words)
        own = self.own_apis(meaning.model or "")
        for provider in own:
            there = self.resolve(model_words, provider)
            if there.model == meaning.model and there.at_provider:
                return replace(there, provider_by=OWN_API)
        creator = (meaning.model or "").partition("/")[0]
        why = NOT_AT_OWN_API if creator in self._with_api else NO_OWN_API
        return replace(meaning, provider=None, provider_by=why)

    def own_apis(self, model: str) -> list[str]:
        """The own APIs of a model's creator that serve it, without trials, the usual one first."""
        creator = model.partition("/")[0]
        serving = {endpoint.provider for endpoint in self._of.get(model, ())}
        return sorted(
            (slug for slug in serving if self.is_own(slug, model) and slug not in TRIAL_APIS),
            key=lambda slug: (
                *(slug in DOMESTIC, kind_of(slug) != "first-party"),
                *(slug != creator, slug),
            ),
        )

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

    def _all_forms(self, written: WrittenId, provider: str | None) -> tuple[list[str], list[str]]:
        """Forms of a name that may be ids of the provider, and others that tell the model alone."""
        forms = self._forms(written.name, provider)
        wider = self._forms(written.base, provider) if written.base else []
        if provider != OPENROUTER:
            return forms, wider
        if written.variant in ROUTING:
            return [*forms, *wider], []
        if written.variant == THINKING:
            thinking = self._forms(f"{written.base}-{THINKING}", provider)
            return [*thinking, *forms], wider
        return forms, wider

    def _is_through(self, form: str, written: WrittenId, provider: str | None) -> bool:
        """Whether a request went to the provider that the form of its id shows.

        OpenRouter names the provider behind it, beside ids with a variant of its own.
        """
        if provider is None:
            return True
        is_behind = form == OPENROUTER and self.providers[provider].direct
        forms = self._forms(written.name, provider)
        return is_behind and not self._listed(forms, provider, NAMED, written.name)

    def _listed(
        self, forms: Sequence[str], provider: str | None, by: str, spelled: str
    ) -> EndpointName | None:
        """The provider's endpoint of the first form that is an id, in the case as it is spelled."""
        ids = (*forms[1:], forms[0]) if by == BEGINS else forms  # without the provider first
        keys = ((provider or "", form) for form in ids)
        alike = next((self._at[key] for key in keys if key in self._at), ())
        exact = (each for each in alike if spelled.endswith(each.upstream_id))
        return next(exact, alike[-1] if alike else None)

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

    def _alone(self, slug: str, forms: Sequence[str]) -> str | None:
        """The only provider with this id, unless it has the id from the creator's own API.

        Bare ids are: one that the own API lists by another date, and one that only a gateway
        still lists.
        """
        serving = self._of.get(slug, ())
        users = {each.provider for each in serving if each.upstream_id.lower() in forms}
        if len(users) != 1 or any(len(self._by_id.get(form, ())) > 1 for form in forms):
            return None
        (user,) = users
        if self.is_own(user, slug):
            return user
        if any("/" in form or ":" in form for form in forms):
            return user
        known = self.providers.get(user)
        if not (known and known.direct) and slug.partition("/")[0] in self._with_api:
            return None
        stated = Serving.stated_by(forms[-1], slug)
        own = (each for each in serving if self.is_own(each.provider, slug))
        fits = (stated.fit(self._served(each)) for each in own)
        is_own = any(fit and fit[0] in (Fit.SNAPSHOT, Fit.SERVING) for fit in fits)
        return None if is_own else user

    def _resolved(
        self,
        slug: str,
        by: str,
        provider: str | None,
        provider_by: str,
        forms: Sequence[str],
        listed: EndpointName | None,
    ) -> Resolution:
        stated, creator = Serving.stated_by(forms[-1], slug, provider or ""), slug.partition("/")[0]
        ranked: list[tuple[tuple[object, ...], Candidate]] = []
        for endpoint in self._of.get(slug, ()):
            upstream_id, there = endpoint.upstream_id.lower(), endpoint.provider == provider
            # Some providers list two endpoints by one name, with a path and without, or by case.
            is_other = there and listed is not None and endpoint.upstream_id != listed.upstream_id
            is_id = upstream_id in forms and not is_other
            fit = (Fit.ID, "") if is_id else stated.fit(self._served(endpoint))
            if fit is None or (by == LIKELIEST and not is_id):
                continue
            own = self.is_own(endpoint.provider, slug)
            known = self.providers.get(endpoint.provider)
            order = (
                *(group_of(fit[0], there=there, own=own), *fit),
                *(not own, endpoint.provider != creator, not (known and known.direct)),
                *(endpoint.gone, endpoint.provider),
                *(len(endpoint.upstream_id), endpoint.upstream_id),
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

    @cached_property
    def _with_api(self) -> set[str]:
        """Creators with an API of their own."""
        return {self._owner(provider) for provider in self.providers if provider not in TRIAL_APIS}

    # Indexes, each made when it is first needed -------------------------------------------------

    @cached_property
    def _servings(self) -> dict[int, Serving]:
        return {}

    @cached_property
    def _at(self) -> dict[tuple[str, str], list[EndpointName]]:
        found: dict[tuple[str, str], list[EndpointName]] = defaultdict(list)
        for endpoint in self.endpoints:
            found[endpoint.provider, endpoint.upstream_id.lower()].append(endpoint)
        return dict(found)

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
