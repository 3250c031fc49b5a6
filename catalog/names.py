"""Which model, provider and endpoints a name means: in addresses, logs, reports and comparisons.

Pure: no Django, no database. A name is an upstream's id, one of our slugs, an alias, or any of them
behind a provider's name or a route, as LiteLLM and gateways write them
(`bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0`). Nothing is guessed by likeness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.known_providers import (
    ANOTHER_API,
)
from catalog.matching.called import NO_SEPARATORS, SEPARATED
from catalog.matching.link import SEED
from catalog.matching.serving import Fit, Serving
from catalog.matching.spelling import read
from catalog.matching.tables import HOSTS, ORGS, PLACES, words
from catalog.matching.written import OPENROUTER, ROUTING, THINKING, WrittenId, as_written, undated
from catalog.name_index import NameIndex
from catalog.resolution import (
    ALONE,
    ANOTHERS,
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
_ALIKE, _SERVING = (Fit.ALIKE, ""), (Fit.SERVING, "")


@dataclass(frozen=True, slots=True)
class _Named:
    """A name at a provider, as far as known, and by which rule.

    `ids` are forms of the name that may be ids of the provider, `wider` tell the model alone.
    `listed` is the endpoint of the provider with one of the ids.
    """

    written: WrittenId
    provider: str | None
    by: str
    ids: Sequence[str]
    wider: Sequence[str]
    listed: EndpointName | None
    elsewhere: bool


@dataclass(frozen=True)
class Names(NameIndex):
    """Every name in the catalog, and the rules by which one means a model and a provider."""

    def resolve(
        self, model_words: str, provider_words: str = "", *, elsewhere: bool = True
    ) -> Resolution:
        """The meaning of a model's name, at the provider that is named beside it or in it.

        Without `elsewhere` only endpoints of the provider are candidates, which is faster.
        """
        stated, spelled = self.provider(provider_words), model_words.strip()
        if not spelled or len(spelled) > LONGEST_NAME or spelled.count("/") >= _MOST_PARTS:
            return Resolution(None, stated, UNKNOWN, NAMED if stated else "")
        named = self._named(spelled, stated, elsewhere=elsewhere)
        if named.written.opaque:
            return Resolution(None, named.provider, named.written.opaque, named.by)
        name, is_sure = named.written.name, named.by in (NAMED, FORM)
        listed = named.listed
        # One of our slugs is itself, whatever a provider of that name lists.
        if listed and (is_sure or listed.model == name or name not in self.models):
            return self._resolved(listed.model, "an id of the provider", named)
        slug, by, matching = self._model([*named.ids, *named.wider], named.provider)
        if slug is None:
            return Resolution(None, *((named.provider, by, named.by) if is_sure else (None, by)))
        if is_sure or named.provider in self.serving(slug):
            return self._resolved(slug, by, named)
        is_name = name in self.models or name in self.aliases or name in self.endpoints_by_id
        if named.provider and not is_name:
            if matching != name and self.owner(named.provider) not in ("", slug.partition("/")[0]):
                return Resolution(None, None, UNKNOWN)
            return self._resolved(slug, by, named)
        if provider_words.strip():
            return self._resolved(slug, by, self._at(named, None, NO_PROVIDER, spelled))
        alone = self._alone(slug, named.ids)
        return self._resolved(slug, by, self._at(named, alone, ALONE if alone else "", spelled))

    def at_own_api(self, model_words: str) -> Resolution:
        """The meaning of a name at the own API of its model's creator; else at no provider."""
        meaning = self.resolve(model_words, elsewhere=False)
        model = meaning.model or ""
        if self._is_anothers_id(model, model_words.strip().lower()):
            return replace(meaning, provider=None, provider_by=ANOTHERS)
        for provider in self.own_apis(model):
            there = self.resolve(model_words, provider, elsewhere=False)
            if there.model == meaning.model and there.at_provider:
                return replace(there, provider_by=OWN_API)
        has_api = model.partition("/")[0] in self.creators_with_api
        return replace(
            meaning, provider=None, provider_by=NOT_AT_OWN_API if has_api else NO_OWN_API
        )

    def _named(self, spelled: str, stated: str | None, *, elsewhere: bool) -> _Named:
        written = as_written(spelled)
        provider = stated or self._first_part(written.name)
        by = NAMED if stated else BEGINS if provider else ""
        form = written.provider if written.provider in self.providers else ""
        if form and self._is_through(form, written, provider):
            provider, by = form, FORM
        named = self._at(_Named(written, None, "", (), (), None, elsewhere), provider, by, spelled)
        another = ANOTHER_API.get(provider or "", "")
        there = None if named.listed else self._listed(named.ids, another, by, spelled)
        return replace(named, provider=another, listed=there) if there else named

    def _at(self, named: _Named, provider: str | None, by: str, spelled: str) -> _Named:
        ids, wider = self._all_forms(named.written, provider)
        listed = self._listed(ids, provider, by, spelled)
        return _Named(named.written, provider, by, ids, wider, listed, named.elsewhere)

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
            users = {user for each in self._forms(written.name, None) for user in self.users(each)}
            return form in users or not users
        is_behind = form == OPENROUTER and self.providers[provider].direct
        forms = self._forms(written.name, provider)
        return is_behind and not self._listed(forms, provider, NAMED, written.name)

    def _listed(
        self, forms: Sequence[str], provider: str | None, by: str, spelled: str
    ) -> EndpointName | None:
        """The provider's endpoint of the first form that is an id, in the case as it is spelled."""
        ids = (*forms[1:], forms[0]) if by == BEGINS else forms  # without the provider first
        keys = ((provider or "", form) for form in ids)
        alike = next((self.endpoints_at[key] for key in keys if key in self.endpoints_at), ())
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
        if users := self.models_by_id.get(name):
            return self._most_used(name, users)
        creator, _, rest = name.partition("/")
        if found := self._of_creator(creator, rest):
            return (found[0], "an id of its creator") if len(found) == 1 else (None, SEVERAL)
        *parts, last = name.split("/")
        users = self.models_by_id.get(last, Counter())
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
            (each.model, each.upstream_id.lower(), self.owner(each.provider) == creator)
            for bare in (bare_rest, bare_whole)
            for each in self.endpoints_by_bare_id.get(bare, ())
        ]
        spelled = [each for each in spelled if each[2] or each[0].startswith(f"{creator}/")]
        spelled += [(slug, slug, True) for slug in self.models_by_bare_slug.get(bare_whole, ())]
        close = {slug for slug, text, _ in spelled if text.translate(SEPARATED) in separated}
        found = close or {slug for slug, _, _ in spelled}
        own = {slug for slug, _, is_own in spelled if is_own}
        return sorted(found & own or found)

    def _read_as(self, name: str, provider: str | None) -> str | None:
        """The model with a slug that reads like the name; a date must be one that its ids state."""
        if " " in name:
            return None
        for identity in (read(provider or "", name).identity, read("", name).identity):
            any_date = self.models_by_identity.get(replace(identity, snapshot=""))
            dates = {endpoint.snapshot for endpoint in self.endpoints_of.get(any_date or "", ())}
            if slug := self.models_by_identity.get(identity) or (
                identity.snapshot in dates and any_date
            ):
                return slug
        return None

    def _leads_to(self, parts: Sequence[str], slug: str) -> bool:
        serving = self.serving(slug)
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

        A bare id is from there where the own API lists it by another date, and where only a gateway
        still lists it.
        """
        users = {user for form in forms for user in self.users(form)}
        if len(users) != 1 or any(len(self.models_by_id.get(form, ())) > 1 for form in forms):
            return None
        (user,) = users
        if self.is_own(user, slug) or any("/" in form or ":" in form for form in forms):
            return user
        known = self.providers.get(user)
        if not (known and known.direct) and slug.partition("/")[0] in self.creators_with_api:
            return None
        return None if self._is_owns_id(slug, forms) else user

    def _is_owns_id(self, slug: str, forms: Sequence[str]) -> bool:
        """Whether an own API of the model's creator lists the id, by another date or for a tier."""
        marks = Serving.stated_by(forms[-1], slug).words
        plain = [form.removesuffix(f"-{mark}") for form in forms for mark in marks]
        spelled = {undated(form) for form in (*forms, *plain)}
        return any(each.own and each.undated in spelled for each in self.served(slug))

    def _is_anothers_id(self, slug: str, name: str) -> bool:
        """Whether direct providers list a bare id, and no own API of the model's creator does."""
        known = (self.providers.get(user) for user in self.users(name))
        is_listed = any(each is not None and each.direct for each in known)
        return is_listed and "/" not in name and not self._is_owns_id(slug, [name])

    def _resolved(self, slug: str, by: str, named: _Named) -> Resolution:
        provider, listed = named.provider, named.listed
        stated = Serving.stated_by(named.ids[-1], slug, provider or "")
        last = named.ids[-1].rpartition("/")[2]
        dateless = undated(named.ids[-1])
        fits: dict[int, tuple[Fit, str] | None] = {}
        ranked: list[tuple[tuple[object, ...], Candidate]] = []
        for each in self.served(slug):
            there = each.endpoint.provider == provider
            if not (there or named.elsewhere):
                continue
            # Some providers list two endpoints by one name, with a path and without, or by case.
            is_other = there and listed and each.endpoint.upstream_id != listed.upstream_id
            if each.upstream_id in named.ids and not is_other:
                fit: tuple[Fit, str] | None = (Fit.ID, "")
            elif by == LIKELIEST:
                continue
            elif (served := id(each.serving)) in fits:
                fit = fits[served]
            else:
                fit = fits[served] = stated.fit(each.serving)
            if fit == _ALIKE and each.upstream_id == last:
                fit = (Fit.USUAL, "")
            elif fit == _SERVING and each.undated == dateless:
                fit = (Fit.DATED, "")
            if fit is not None:
                same_date = fit[0] == Fit.ID or each.serving.snapshot == stated.snapshot
                group = group_of(fit[0], there=there, own=each.own)
                order = (group, *fit, *each.standing, not same_date, *each.order)
                ranked.append((order, Candidate(each.endpoint, *fit, same_date)))
        candidates = tuple(candidate for _, candidate in sorted(ranked, key=lambda pair: pair[0]))
        return Resolution(slug, provider, by, named.by, candidates)
