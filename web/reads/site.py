"""Catalog totals, sources and vocabulary, for every page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from catalog.data_policy import ZDR, Training
from catalog.freshness import is_stale
from catalog.lifecycle import in_lists_sql
from catalog.models import Capability, Endpoint, Provider, Source
from catalog.sql import rows
from sources.registry import fetched, local
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
    """`on` is the date of its data in words; `url` and `licence` may be empty."""

    slug: str
    name: str
    url: str
    licence: str
    on: str


@dataclass(frozen=True, slots=True)
class Site:
    """`sources` are those with dated data, newest first; `newest` is the newest date of those that
    are fetched.

    `fetched_at` is when the last of the sources in use gave an answer, None for a snapshot.
    `capabilities` is the vocabulary in order, slug to name; `explanations` are by slug too.
    `policies` are the filters by data policy that at least one endpoint passes.
    """

    models: int
    providers: int
    sources: tuple[SourceRecord, ...]
    newest: str
    fetched_at: datetime | None
    capabilities: dict[str, str]
    explanations: dict[str, str]
    policies: frozenset[str]

    def named(self, slugs: Iterable[str]) -> Named:
        """Capabilities by (slug, name), in the vocabulary's order, unknown ones last."""
        wanted = set(slugs)
        known = [(slug, name) for slug, name in self.capabilities.items() if slug in wanted]
        unknown = sorted(wanted - self.capabilities.keys())
        return (*known, *((slug, slug.replace("-", " ").capitalize()) for slug in unknown))

    def stale_since(self, now: datetime) -> str:
        """The day of the last good answer if that is too long ago, else ""."""
        if self.fetched_at is None or not is_stale(self.fetched_at, now):
            return ""
        return partial_date(self.fetched_at.date().isoformat())


_LISTED = f"""
SELECT count(*) AS models FROM catalog_model model
WHERE provider_count > 0 AND {in_lists_sql()}
"""  # noqa: S608 - put together from fixed words alone


def _count_listed() -> int:
    counted: list[dict[str, int]] = rows(dict, _LISTED, today=timezone.now().date().isoformat())
    return counted[0]["models"]


@cached_summary
def site() -> Site:
    in_use = Source.objects.filter(slug__in=[source.slug for source in fetched()])
    sources = tuple(
        SourceRecord(
            source.slug,
            source.name,
            source.url,
            source.licence,
            partial_date(source.as_of.date().isoformat()),
        )
        for source in Source.objects.filter(as_of__isnull=False).order_by("-as_of")
        if source.as_of
    )
    vocabulary = Capability.objects.all()
    return Site(
        models=_count_listed(),
        providers=Provider.objects.filter(
            Exists(Endpoint.objects.filter(provider=OuterRef("pk")))
        ).count(),
        sources=sources,
        newest=next((source.on for source in sources if source.slug not in local()), ""),
        fetched_at=in_use.aggregate(last=Max("fetched_at"))["last"],
        capabilities={word.slug: word.name for word in vocabulary},
        explanations={word.slug: word.explanation for word in vocabulary},
        policies=frozenset(
            name for name, passes in _POLICIES.items() if Endpoint.objects.filter(passes).exists()
        ),
    )
