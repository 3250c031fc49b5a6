"""Catalog totals, sources and vocabulary, for every page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.data_policy import ZDR, Training
from catalog.freshness import SourceState
from catalog.lifecycle import in_lists_sql
from catalog.models import Capability, Endpoint, Provider, Source
from catalog.sql import rows
from sources.registry import fetched, upstreams
from web.format.figures import partial_date
from web.http.page_cache import cached_summary

# The filters of the model list by data policy.
_POLICIES = {
    "zdr": Q(zdr=ZDR.DEFAULT),
    "no_training": Q(training__in=(Training.NO, Training.OPT_IN)),
}

Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """`as_of` is the ISO date of its data, and `on` the same in words.

    `checked` is the day of the last successful fetch in words, "" without one; `url` and `licence`
    may be empty, too. `upstream` is whether the catalog rests on it, and it can be refreshed.
    """

    slug: str
    name: str
    url: str
    licence: str
    as_of: str
    on: str
    checked: str
    upstream: bool

    @property
    def note(self) -> str:
        """MIT, as of Nov 20, 2026, checked Nov 30, 2026."""
        as_of = f"as of {self.on}" if self.on != self.checked else ""
        checked = f"checked {self.checked}" if self.checked else ""
        return ", ".join(filter(None, (self.licence, as_of, checked)))


@dataclass(frozen=True, slots=True)
class Site:
    """`sources` are those with dated data, newest first; `refreshed` the state of those that the
    schedule fetches.

    `capabilities` is the vocabulary in order, slug to name; `explanations` are by slug too.
    `policies` are the filters by data policy that at least one endpoint passes.
    """

    models: int
    providers: int
    sources: tuple[SourceRecord, ...]
    refreshed: tuple[SourceState, ...]
    capabilities: dict[str, str]
    explanations: dict[str, str]
    policies: frozenset[str]

    def named(self, slugs: Iterable[str]) -> Named:
        """Capabilities by (slug, name), in the vocabulary's order, unknown ones last."""
        wanted = set(slugs)
        known = [(slug, name) for slug, name in self.capabilities.items() if slug in wanted]
        unknown = sorted(wanted - self.capabilities.keys())
        return (*known, *((slug, slug.replace("-", " ").capitalize()) for slug in unknown))

    @property
    def as_of(self) -> str:
        """The oldest date of the data that the catalog rests on, in words; "" without data."""
        return self.as_of_sources([source.name for source in self.sources])

    def as_of_sources(self, names: Collection[str]) -> str:
        """`iso_as_of` in words."""
        return partial_date(self.iso_as_of(names))

    def iso_as_of(self, names: Collection[str]) -> str:
        """The oldest date of the data of these sources; "" where none has a date.

        A curated or one-off set of data counts only where a page rests on nothing else: what it
        gives has its own date beside it.
        """
        named = [source for source in self.sources if source.name in names]
        dates = [source.as_of for source in named if source.upstream]
        return min(dates or [source.as_of for source in named], default="")


_LISTED = f"""
SELECT count(*) AS models FROM catalog_model model
WHERE provider_count > 0 AND {in_lists_sql()}
"""  # noqa: S608 - put together from fixed words alone


def _count_listed() -> int:
    counted: list[dict[str, int]] = rows(dict, _LISTED, today=timezone.now().date().isoformat())
    return counted[0]["models"]


def _day(at: datetime | None) -> str:
    return partial_date(at.date().isoformat()) if at else ""


@cached_summary
def site() -> Site:
    rests_on, scheduled = upstreams(), {source.slug for source in fetched()}
    dated = [
        (source, source.as_of)
        for source in Source.objects.filter(as_of__isnull=False).order_by("-as_of", "name")
        if source.as_of
    ]
    sources = tuple(
        SourceRecord(
            source.slug,
            source.name,
            source.url,
            source.licence,
            as_of.date().isoformat(),
            _day(as_of),
            _day(source.fetched_at) if source.slug in rests_on else "",
            source.slug in rests_on,
        )
        for source, as_of in dated
    )
    refreshed = tuple(
        SourceState(source.name, as_of, source.read_at, source.fetched_at, source.failing_since)
        for source, as_of in dated
        if source.slug in scheduled
    )
    vocabulary = Capability.objects.all()
    return Site(
        models=_count_listed(),
        providers=Provider.objects.filter(
            Exists(Endpoint.objects.filter(provider=OuterRef("pk")))
        ).count(),
        sources=sources,
        refreshed=refreshed,
        capabilities={word.slug: word.name for word in vocabulary},
        explanations={word.slug: word.explanation for word in vocabulary},
        policies=frozenset(
            name for name, passes in _POLICIES.items() if Endpoint.objects.filter(passes).exists()
        ),
    )
