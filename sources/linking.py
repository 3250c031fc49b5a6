"""Which listing speaks for which endpoint, and which model each endpoint serves."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from catalog import known_providers as providers
from catalog.copy_rows import insert_rows
from catalog.matching import link as matching
from catalog.models import Alias, Creator, Endpoint, Model, Provider
from sources.base import Listing, Parsed
from sources.match_logic import covers, named_ids

# An endpoint's key: the provider's slug and the id that its API takes.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A listing, and whether it covers the endpoint by a pattern instead of naming it."""

    listing: Listing
    by_pattern: bool = False


def spoken_for(answers: Sequence[Parsed]) -> dict[str, dict[Key, Spoken]]:
    """Per source, the listing that speaks for each endpoint (provider slug, upstream id).

    A listing with match logic speaks for every id at its provider that it matches, the first such
    listing winning, as its source defines. One that matches none stands for its own id, unless it
    is a bare rule.
    """
    known: dict[str, set[str]] = defaultdict(set)
    for provider, upstream_id in Endpoint.objects.values_list("provider__slug", "upstream_id"):
        known[provider].add(upstream_id)
    for answer in answers:
        for listing in answer.listings:
            if listing.matches is None:
                known[listing.provider].add(listing.upstream_id)
    return {answer.source: _speakers(answer.listings, known) for answer in answers}


def _speakers(listings: Sequence[Listing], known: Mapping[str, set[str]]) -> dict[Key, Spoken]:
    claimed = {(ls.provider, ls.upstream_id): Spoken(ls) for ls in listings if ls.matches is None}
    matchers: dict[str, list[Listing]] = defaultdict(list)
    for listing in listings:
        if listing.matches is not None:
            matchers[listing.provider].append(listing)
    for provider, candidates in matchers.items():
        heard: set[int] = set()
        for upstream_id in sorted(known.get(provider, ())):
            speaker = next((ls for ls in candidates if covers(ls.matches or {}, upstream_id)), None)
            if speaker:
                claimed[provider, upstream_id] = Spoken(speaker, not _names(speaker, upstream_id))
                heard.add(id(speaker))
        for listing in candidates:
            if id(listing) not in heard and covers(listing.matches or {}, listing.upstream_id):
                claimed.setdefault((provider, listing.upstream_id), Spoken(listing))
    return claimed


def _names(listing: Listing, upstream_id: str) -> bool:
    """Whether a listing means this very id, as its own or in an `equals` of its match logic."""
    wanted = upstream_id.lower()
    return listing.upstream_id.lower() == wanted or wanted in named_ids(listing.matches or {})


def add_providers(
    answers: Sequence[Parsed], claimed: Mapping[str, Mapping[Key, Spoken]], counts: Counter[str]
) -> None:
    known = set(Provider.objects.values_list("slug", flat=True))
    slugs = {provider for listings in claimed.values() for provider, _ in listings}
    slugs |= {provider.slug for answer in answers for provider in answer.providers}
    _name_creators(known)
    for slug in sorted(slugs - known):
        creator = providers.FIRST_PARTY.get(slug)
        Provider.objects.create(
            slug=slug,
            name=providers.PROVIDERS[slug][0] if slug in providers.PROVIDERS else slug,
            kind=providers.kind_of(slug),
            creator=_creator(creator) if creator else None,
        )
        counts["providers new"] += 1


def _name_creators(known: Set[str]) -> None:
    """Say whose own API a provider is that was added before anybody knew."""
    for provider in Provider.objects.filter(
        creator=None, slug__in=known & providers.FIRST_PARTY.keys()
    ):
        provider.creator = _creator(providers.FIRST_PARTY[provider.slug])
        provider.save(update_fields=["creator"])


def _creator(slug: str) -> Creator:
    name = providers.CREATORS.get(slug) or slug
    return Creator.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def link_endpoints(
    claimed: Mapping[str, Mapping[Key, Spoken]], now: datetime, counts: Counter[str]
) -> dict[Key, int]:
    """Give every claimed endpoint a row, linked to its model; a link once decided stays."""
    keys = {key for listings in claimed.values() for key in listings}
    decided = {
        matching.Spelling(provider, upstream_id): slug
        for provider, upstream_id, slug in Endpoint.objects.values_list(
            "provider__slug", "upstream_id", "model__slug"
        )
    }
    new = sorted(key for key in keys if matching.Spelling(*key) not in decided)
    if new:
        aliases = dict(matching.SEED) | dict(
            Alias.objects.filter(by_editor=True).values_list("spelling", "model__slug")
        )
        spellings = [*decided, *(matching.Spelling(*key) for key in new)]
        links = matching.link(spellings, aliases=aliases, decided=decided)
        _add_models({links[matching.Spelling(*key)].model for key in new}, now, counts)
        _add_endpoints(new, links, now)
        counts["endpoints new"] += len(new)
    return {
        (provider, upstream_id): id_
        for id_, provider, upstream_id in Endpoint.objects.values_list(
            "id", "provider__slug", "upstream_id"
        )
    }


def _add_models(slugs: set[str], now: datetime, counts: Counter[str]) -> None:
    new = sorted(slugs - set(Model.objects.values_list("slug", flat=True)))
    names = sorted(
        {slug.partition("/")[0] for slug in new}
        - set(Creator.objects.values_list("slug", flat=True))
    )
    Creator.objects.bulk_create(
        Creator(slug=slug, name=providers.CREATORS.get(slug) or slug) for slug in names
    )
    creators = dict(Creator.objects.values_list("slug", "id"))
    insert_rows(
        Model,
        ("slug", "creator", "name", "created_at"),
        ((slug, creators[slug.partition("/")[0]], slug.partition("/")[2], now) for slug in new),
    )
    counts["models new"] += len(new)


def _add_endpoints(
    keys: Sequence[Key], links: Mapping[matching.Spelling, matching.Link], now: datetime
) -> None:
    provider_ids = dict(Provider.objects.values_list("slug", "id"))
    model_ids = dict(Model.objects.values_list("slug", "id"))
    found = [(key, links[matching.Spelling(*key)]) for key in keys]
    insert_rows(
        Endpoint,
        ("provider", "upstream_id", "model", "variant", "snapshot", "linked_by", "first_seen"),
        (
            (
                *(provider_ids[provider], upstream_id, model_ids[link.model]),
                *(link.variant, link.snapshot, link.by, now),
            )
            for (provider, upstream_id), link in found
        ),
    )
