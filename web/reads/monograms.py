"""The monogram of every creator and provider: no two that a page may show together are alike."""

from catalog.models import Creator, Provider
from catalog.provider_kinds import DIRECT
from web.format.marks import initials, monograms
from web.http.page_cache import cached_summary


@cached_summary
def _monograms() -> dict[str, str]:
    """By slug; a first-party provider shares the one of its creator's slug.

    Creators come first, then direct providers, each by slug, so that a new one changes few.
    """
    names = dict(Creator.objects.order_by("slug").values_list("slug", "name"))
    providers = sorted(
        Provider.objects.values_list("slug", "name", "kind"),
        key=lambda provider: (provider[2] not in DIRECT, provider[0]),
    )
    for slug, name, _ in providers:
        names.setdefault(slug, name)
    return monograms(names)


def monogram(slug: str, name: str) -> str:
    return _monograms().get(slug) or initials(name)
