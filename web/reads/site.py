"""Catalog totals, sources and vocabulary, for every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from catalog.data_policy import ZDR, Training
from catalog.models import Capability, Endpoint, Model, Provider, Source
from web.format.figures import partial_date
from web.http.page_cache import cached_summary

# The filters of the model list by data policy.
_POLICIES = {
    "zdr": Q(zdr=ZDR.DEFAULT),
    "no_training": Q(training__in=(Training.NO, Training.OPT_IN)),
}

Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Site:
    """`sources` are (name, address, date); `newest` is the newest of these dates.

    `capabilities` is the vocabulary in order, slug to name; `explanations` are by slug too.
    `policies` are the filters by data policy that at least one endpoint passes.
    """

    models: int
    providers: int
    sources: tuple[tuple[str, str, str], ...]
    newest: str
    capabilities: dict[str, str]
    explanations: dict[str, str]
    policies: frozenset[str]

    def named(self, slugs: Iterable[str]) -> Named:
        """Capabilities by (slug, name), in the vocabulary's order, unknown ones last."""
        wanted = set(slugs)
        known = [(slug, name) for slug, name in self.capabilities.items() if slug in wanted]
        unknown = sorted(wanted - self.capabilities.keys())
        return (*known, *((slug, slug.replace("-", " ").capitalize()) for slug in unknown))


@cached_summary
def site() -> Site:
    sources = tuple(
        (source.name, source.url, partial_date(source.as_of.date().isoformat()))
        for source in Source.objects.filter(as_of__isnull=False).order_by("-as_of")
        if source.as_of
    )
    vocabulary = Capability.objects.all()
    return Site(
        models=Model.objects.listed().count(),
        providers=Provider.objects.filter(
            Exists(Endpoint.objects.filter(provider=OuterRef("pk")))
        ).count(),
        sources=sources,
        newest=sources[0][2] if sources else "",
        capabilities={word.slug: word.name for word in vocabulary},
        explanations={word.slug: word.explanation for word in vocabulary},
        policies=frozenset(
            name for name, passes in _POLICIES.items() if Endpoint.objects.filter(passes).exists()
        ),
    )
