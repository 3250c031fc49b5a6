"""What is known: of all endpoints, of a provider's, of the largest beside each other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from pricing.meters import meter
from web.format.figures import partial_date
from web.pages.head import Head, head_of_list
from web.params.values import shown
from web.reads.coverage import SEARCH_CONTENT, Coverage, ServingProvider, StatedFact, coverage
from web.reads.endpoint_prices import COLUMN_METERS
from web.reads.site import SourceRecord, site

LARGEST = 12
# A fact's name in the catalog, and in words.
Facts = tuple[tuple[str, str], ...]
_ENDPOINT_FACTS: tuple[tuple[str, Facts], ...] = (
    ("Limits", (("context_window", "Context"), ("max_output", "Max output"))),
    (
        "Prices",
        (
            *((slug, meter(slug).name.partition(",")[0]) for slug in COLUMN_METERS),
            (SEARCH_CONTENT, "Search content"),
        ),
    ),
    (
        "Provider",
        (
            ("terms_url", "Terms"),
            ("privacy_url", "Privacy"),
            ("status_url", "Status page"),
            ("docs_url", "Documentation"),
            ("headquarters", "Headquarters"),
        ),
    ),
    (
        "Data policy",
        (("zdr", "ZDR"), ("training", "No training"), ("retention", "Data retention")),
    ),
    ("Dates", (("released", "Release date"), ("lifecycle", "Lifecycle"))),
)
_MODEL_FACTS: Facts = (
    ("released", "Release date"),
    ("knowledge_cutoff", "Knowledge cutoff"),
    ("context_window", "Context"),
    ("modalities_in", "Input"),
    ("modalities_out", "Output"),
    ("open_weights", "Open weights"),
    ("lifecycle", "Lifecycle"),
    ("rating", "Rating"),
)


@dataclass(frozen=True, slots=True)
class KnownShare:
    """How many of `among` have a fact; `sources` are (name, count, oldest date) of each source."""

    fact: str
    label: str
    known: int
    among: int
    sources: tuple[tuple[str, int, str], ...] = ()
    oldest: str = ""

    @property
    def percent(self) -> str:
        """Whole percents, never 100 % of less than all nor 0 % of more than none."""
        if not self.among:
            return "—"
        if 0 < self.known < self.among:
            share = 100 * self.known / self.among
            return "< 1 %" if share < 1 else "> 99 %" if share > 99 else f"{share:.0f} %"
        return "100 %" if self.known else "0 %"

    @property
    def oldest_date(self) -> str:
        return partial_date(self.oldest)


@dataclass(frozen=True, slots=True)
class FactGroup:
    name: str
    shares: tuple[KnownShare, ...]


@dataclass(frozen=True, slots=True)
class ComparedShares:
    """A fact's share at each of the largest providers."""

    label: str
    shares: tuple[KnownShare, ...]


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """`provider` is the one that it is about, None for all of them."""

    provider: ServingProvider | None
    endpoints: int
    groups: tuple[FactGroup, ...]
    largest: tuple[ServingProvider, ...]
    compared: tuple[tuple[str, tuple[ComparedShares, ...]], ...]
    models: tuple[KnownShare, ...]
    model_count: int
    sources: tuple[SourceRecord, ...]
    complaints: tuple[str, ...]


def coverage_page(slug: str) -> CoveragePage:
    """Of a provider by slug; of all where it is empty, or serves nothing."""
    known = coverage()
    provider = next((one for one in known.providers if one.slug == slug), None)
    complaint = f"{shown(slug)} is no provider that serves anything"
    largest = _largest(known)
    everywhere = provider is None
    return CoveragePage(
        provider=provider,
        endpoints=provider.endpoints if provider else _endpoints(known.providers),
        groups=_groups(known, [provider] if provider else known.providers),
        largest=largest,
        compared=_compared(known, largest) if everywhere else (),
        models=_of_models(known) if everywhere else (),
        model_count=known.models,
        sources=site().sources,
        complaints=(complaint,) if slug and everywhere else (),
    )


def coverage_head(page: CoveragePage) -> Head:
    name = page.provider.name if page.provider else ""
    return head_of_list(
        f"What is known of {name}" if name else "What is known",
        f"The share of {f'{name}’s' if name else 'all'} endpoints with a stated price, limit, "
        "policy or date, by source, with the oldest date.",
        reverse("coverage"),
        f"provider={page.provider.slug}" if page.provider else "",
        1,
    )


def shares_by_scope() -> Iterator[tuple[str, KnownShare]]:
    """Every share of all endpoints, as ("", share), and of the largest providers by slug."""
    known = coverage()
    scopes = [("", known.providers), *((one.slug, [one]) for one in _largest(known))]
    for slug, providers in scopes:
        for group in _groups(known, providers):
            yield from ((slug, share) for share in group.shares)


def _largest(known: Coverage) -> tuple[ServingProvider, ...]:
    return tuple(provider for provider in known.providers if provider.direct)[:LARGEST]


def _endpoints(providers: Iterable[ServingProvider]) -> int:
    return sum(provider.endpoints for provider in providers)


def _facts() -> tuple[tuple[str, Facts], ...]:
    capabilities = tuple((f"capability.{slug}", name) for slug, name in site().capabilities.items())
    return (*_ENDPOINT_FACTS, ("Capabilities", capabilities))


def _groups(known: Coverage, providers: Sequence[ServingProvider]) -> tuple[FactGroup, ...]:
    ids = {provider.id for provider in providers}
    facts = _by_fact(fact for fact in known.facts if fact.provider_id in ids)
    unsold = Counter[str]()
    for (provider_id, slug), count in known.unsold.items():
        unsold[slug] += count if provider_id in ids else 0
    endpoints = _endpoints(providers)

    def share(fact: str, label: str) -> KnownShare:
        among = endpoints - unsold[fact]
        if fact == SEARCH_CONTENT:
            among = sum(stated.endpoints for stated in facts["web_search"])
        return _share(fact, label, facts[fact], among, known.sources)

    return tuple(
        FactGroup(name, tuple(share(fact, label) for fact, label in group))
        for name, group in _facts()
    )


def _compared(
    known: Coverage, largest: Sequence[ServingProvider]
) -> tuple[tuple[str, tuple[ComparedShares, ...]], ...]:
    by_provider = [_groups(known, [provider]) for provider in largest]
    return tuple(
        (
            groups[0].name,
            tuple(
                ComparedShares(shares[0].label, shares)
                for shares in zip(*(group.shares for group in groups), strict=True)
            ),
        )
        for groups in zip(*by_provider, strict=True)
    )


def _of_models(known: Coverage) -> tuple[KnownShare, ...]:
    facts = _by_fact(known.model_facts)
    return tuple(
        _share(fact, label, facts[fact], known.models, known.sources)
        for fact, label in _MODEL_FACTS
    )


def _by_fact(facts: Iterable[StatedFact]) -> Mapping[str, list[StatedFact]]:
    by_fact: dict[str, list[StatedFact]] = defaultdict(list)
    for fact in facts:
        by_fact[fact.fact].append(fact)
    return by_fact


def _share(
    fact: str,
    label: str,
    stated: Sequence[StatedFact],
    among: int,
    names: Mapping[str, str],
) -> KnownShare:
    by_source = Counter[str]()
    oldest: dict[str, str] = {}
    for one in stated:
        name = names.get(one.source, one.source)
        by_source[name] += one.endpoints
        oldest[name] = min(filter(None, (oldest.get(name, ""), one.oldest)), default="")
    ordered = sorted(by_source, key=lambda name: (-by_source[name], name))
    return KnownShare(
        fact,
        label,
        known=by_source.total(),
        among=among,
        sources=tuple((name, by_source[name], oldest[name]) for name in ordered),
        oldest=min(filter(None, oldest.values()), default=""),
    )
