"""The listing of each endpoint, and the model that each endpoint serves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from catalog.copy_rows import insert_rows, update_rows
from catalog.known_creators import CREATORS
from catalog.known_providers import FIRST_PARTY, PROVIDERS, kind_of
from catalog.matching.floating import is_floating
from catalog.matching.link import SEED, Link, Spelling, link
from catalog.matching.nearest import Doubt, doubts
from catalog.models import Alias, Creator, Endpoint, Model, Provider
from sources.base import EndpointRule, Listing, Parsed
from sources.leads import BY_LEAD
from sources.limits import link_beyond_columns
from sources.match_logic import Predicate, named_ids, predicate
from sources.renamed_models import creator_of, merge_models, rename_models
from sources.rule_dates import RuleDates, joined_dates
from sources.rules import covering_rules, joined_rules

# An endpoint's key: the provider's slug and the id that its API takes.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EndpointListing:
    """What a source states of an endpoint.

    `by_rule`: a rule covers the id, and the source lists no such endpoint. `by_pattern`: the rule
    was made for another id and covers this one too. `dates` are those of a rule.
    """

    listing: Listing
    by_pattern: bool = False
    by_rule: bool = False
    dates: RuleDates | None = None


# By source, the listing of each endpoint.
Stated = dict[str, dict[Key, EndpointListing]]


def stated_by(answers: Iterable[Parsed], dates: Mapping[int, RuleDates]) -> Stated:
    """Per source, the listing of each endpoint: of those that exist, and of those that it lists.

    A listing with match logic covers every known id of its provider that matches, and makes none
    known; of several the first counts, as its source defines. Rules add up (`EndpointRule`).
    `dates` are those of the rules, by identity.
    """
    known: dict[str, set[str]] = defaultdict(set)
    for provider, upstream_id in Endpoint.objects.values_list("provider__slug", "upstream_id"):
        known[provider].add(upstream_id)
    for parsed in answers:
        for listing in parsed.listings:
            if listing.matches is None:
                known[listing.provider].add(listing.upstream_id)
    return {
        parsed.source: stated_by_rules(parsed, known, dates)
        | {
            (ls.provider, ls.upstream_id): EndpointListing(ls)
            for ls in parsed.listings
            if ls.matches is None
        }
        for parsed in answers
    }


def stated_by_rules(
    parsed: Parsed, known: Mapping[str, Set[str]], dates: Mapping[int, RuleDates]
) -> dict[Key, EndpointListing]:
    """What the rules of a source state of known ids, by provider."""
    return _by_rules(parsed.rules, known, dates) | _by_match_logic(parsed.listings, known, dates)


def _by_match_logic(
    listings: Sequence[Listing], known: Mapping[str, Set[str]], dates: Mapping[int, RuleDates]
) -> dict[Key, EndpointListing]:
    stated = {}
    matchers: dict[str, list[tuple[Predicate, Listing]]] = defaultdict(list)
    for listing in listings:
        if listing.matches is not None:
            matchers[listing.provider].append((predicate(listing.matches), listing))
    for provider, candidates in matchers.items():
        for upstream_id in sorted(known.get(provider, ())):
            lower = upstream_id.lower()
            first = next((listing for holds, listing in candidates if holds(lower)), None)
            if first:
                named = {first.upstream_id.lower()} | named_ids(first.matches or {})
                stated[provider, upstream_id] = EndpointListing(
                    first,
                    by_pattern=lower not in named,
                    by_rule=True,
                    dates=dates.get(id(first)),
                )
    return stated


def _by_rules(
    rules: Sequence[EndpointRule], known: Mapping[str, Set[str]], dates: Mapping[int, RuleDates]
) -> dict[Key, EndpointListing]:
    by_provider: dict[str, list[EndpointRule]] = defaultdict(list)
    for rule in rules:
        by_provider[rule.provider].append(rule)
    stated = {}
    for provider, candidates in by_provider.items():
        # One listing for all the endpoints that the same rules cover.
        joined: dict[tuple[int, ...], EndpointListing] = {}
        for upstream_id, covering in covering_rules(candidates, known.get(provider, ())).items():
            places = tuple(id(rule) for rule in covering)
            if places not in joined:
                joined[places] = EndpointListing(
                    joined_rules(covering), by_rule=True, dates=joined_dates(covering, dates)
                )
            stated[provider, upstream_id] = joined[places]
    return stated


def add_providers(stated: Stated, counts: Counter[str]) -> None:
    """Add the providers of listings: one of which only its addresses are stated serves nothing."""
    known = set(Provider.objects.values_list("slug", flat=True))
    slugs = {provider for listings in stated.values() for provider, _ in listings}
    _name_creators(known)
    for slug in sorted(slugs - known):
        creator = FIRST_PARTY.get(slug)
        Provider.objects.create(
            slug=slug,
            name=PROVIDERS[slug][0] if slug in PROVIDERS else slug,
            kind=kind_of(slug),
            creator=creator_of(creator) if creator else None,
        )
        counts["providers new"] += 1


def _name_creators(known: Set[str]) -> None:
    for provider in Provider.objects.filter(creator=None, slug__in=known & FIRST_PARTY.keys()):
        provider.creator = creator_of(FIRST_PARTY[provider.slug])
        provider.save(update_fields=["creator"])


@dataclass(frozen=True, slots=True)
class Linked:
    """Ids of endpoints by key, why those without one do not fit, and what the rules moved.

    `new` are the keys of endpoints that are new; `left` are models, by id, that others moved from.
    `doubts` are those of all links that the rules decide; None where they were not decided anew.
    """

    ids: dict[Key, int]
    beyond: dict[Key, str]
    new: frozenset[Key] = frozenset()
    moved: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    doubts: Mapping[Spelling, Doubt] | None = None


def link_endpoints(stated: Stated, now: datetime, counts: Counter[str], *, anew: bool) -> Linked:
    """Give every listed endpoint a row, linked to its model.

    Links are decided over the whole corpus when it grows, or the rules are applied `anew`: they
    do not depend on what was listed first. An editor's stays always.
    """
    keys = {key for listings in stated.values() for key, row in listings.items() if not row.by_rule}
    present = set(Endpoint.objects.values_list("provider__slug", "upstream_id"))
    new = sorted(keys - present)
    if not (new or anew):
        return Linked(_endpoint_ids(), {})
    spellings = [Spelling(*key) for key in (*present, *new)]
    aliases = dict(Alias.objects.filter(by_editor=True).values_list("spelling", "model__slug"))
    if aliases:
        left = _departures(link(spellings))
        aliases = {key: _goal(left.get(slug)) or slug for key, slug in aliases.items()}
    links = link(spellings, aliases={**SEED, **aliases})
    moved, left_models = _move_endpoints(links, now, counts)
    beyond: dict[Key, str] = {}
    fitting: dict[Key, Link] = {}
    for key in new:
        decision = links[Spelling(*key)]
        if reason := link_beyond_columns(decision):
            beyond[key] = reason
        else:
            fitting[key] = decision
    _add_models({decision.model for decision in fitting.values()}, now, counts)
    _add_endpoints(fitting, now)
    counts["endpoints new"] += len(fitting)
    fit = frozenset(fitting)
    return Linked(
        *(_endpoint_ids(), beyond, fit, frozenset(moved), frozenset(left_models)), doubts(links)
    )


def _endpoint_ids() -> dict[Key, int]:
    rows = Endpoint.objects.values_list("id", "provider__slug", "upstream_id")
    return {(provider, upstream_id): id_ for id_, provider, upstream_id in rows}


# Endpoints linked by the rules: links of editors stay, and those of endpoints without a source.
_LINKED_BY_RULES = Endpoint.objects.exclude(linked_by__in=("editor", BY_LEAD)).exclude(claims=None)


def _departures(links: Mapping[Spelling, Link]) -> dict[str, Counter[str]]:
    """The models that the endpoints of a model go to, by slug, for those that all of them leave."""
    goals: dict[str, Counter[str]] = defaultdict(Counter)
    for provider, upstream_id, slug in _LINKED_BY_RULES.values_list(
        "provider__slug", "upstream_id", "model__slug"
    ):
        wanted = links[Spelling(provider, upstream_id)]
        goals[slug][slug if link_beyond_columns(wanted) else wanted.model] += 1
    return {slug: found for slug, found in goals.items() if slug not in found}


def _goal(found: Counter[str] | None) -> str:
    return min(found, key=lambda slug: (-found[slug], slug)) if found else ""


def _move_endpoints(
    links: Mapping[Spelling, Link], now: datetime, counts: Counter[str]
) -> tuple[set[int], set[int]]:
    """Move endpoints to the models that the rules give them now; models without any are merged.

    The ids of the endpoints, and of the models that they left.
    """
    rows: dict[int, Link] = {}
    departed: set[int] = set()
    for id_, model_id, provider, upstream_id, *present in _LINKED_BY_RULES.values_list(
        *("id", "model_id", "provider__slug", "upstream_id"),
        *("model__slug", "variant", "snapshot", "linked_by"),
    ):
        wanted = links[Spelling(provider, upstream_id)]
        decision = [wanted.model, wanted.variant, wanted.snapshot, wanted.by]
        if present != decision and not link_beyond_columns(wanted):
            rows[id_] = wanted
            departed.add(model_id)
    left = {slug: _goal(found) for slug, found in _departures(links).items()}
    rename_models(left)
    _add_models({wanted.model for wanted in rows.values()}, now, counts)
    model_ids = dict(Model.objects.values_list("slug", "id"))
    columns = ("model", "variant", "snapshot", "linked_by")
    update_rows(
        Endpoint,
        columns,
        [
            (id_, model_ids[wanted.model], wanted.variant, wanted.snapshot, wanted.by)
            for id_, wanted in rows.items()
        ],
    )
    counts["endpoints linked anew"] += len(rows)
    return rows.keys() | merge_models(left, now), departed


def _add_models(slugs: set[str], now: datetime, counts: Counter[str]) -> None:
    new = sorted(slugs - set(Model.objects.values_list("slug", flat=True)))
    names = sorted(
        {slug.partition("/")[0] for slug in new}
        - set(Creator.objects.values_list("slug", flat=True))
    )
    Creator.objects.bulk_create(
        Creator(slug=slug, name=CREATORS.get(slug) or slug) for slug in names
    )
    creators = dict(Creator.objects.values_list("slug", "id"))
    insert_rows(
        Model,
        ("slug", "creator", "name", "created_at"),
        ((slug, creators[slug.partition("/")[0]], slug.partition("/")[2], now) for slug in new),
    )
    counts["models new"] += len(new)


def _add_endpoints(links: Mapping[Key, Link], now: datetime) -> None:
    provider_ids = dict(Provider.objects.values_list("slug", "id"))
    model_ids = dict(Model.objects.values_list("slug", "id"))
    rows = []
    for (provider, upstream_id), decision in links.items():
        subject = (provider_ids[provider], upstream_id, model_ids[decision.model])
        served = (decision.variant, decision.snapshot, is_floating(upstream_id))
        rows.append((*subject, *served, decision.by, now))
    insert_rows(
        Endpoint,
        (
            *("provider", "upstream_id", "model", "variant", "snapshot", "floating", "linked_by"),
            "first_seen",
        ),
        rows,
    )
