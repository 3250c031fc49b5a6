"""The copies of fetched pages in the database, for the conditional requests of any process."""

from datetime import datetime, timedelta

from django.db.models import Q

from catalog.models import Source
from sources.models import KeptPage
from sources.page_copies import PageCopies, PageCopy

# Pages of models that are gone.
KEEP_PAGES = timedelta(days=30)
_FIELDS = (
    *("address", "conditions", "packed", "digest", "modified_at", "fetched_at", "checked_at"),
)


def page_copies(source: Source | None) -> PageCopies:
    """Those of a source; none for a source that has never been fetched."""
    pages = source.kept_pages.all() if source else ()
    return PageCopies({page.path: _copy(page) for page in pages})


def _copy(page: KeptPage) -> PageCopy:
    values = {name: getattr(page, name) for name in _FIELDS}
    return PageCopy(**{**values, "packed": bytes(page.packed)})


def keep_pages(source: Source, copies: PageCopies, before: PageCopies) -> None:
    """Write what a refresh made or dropped; of a page that is unchanged the date alone."""
    confirmed = {
        path
        for path in copies.made
        if (known := before.known.get(path)) and known.is_like(copies.known[path])
    }
    pages = [
        KeptPage(
            source=source,
            path=path,
            **{name: getattr(copies.known[path], name) for name in _FIELDS},
        )
        for path in sorted(copies.made - confirmed)
    ]
    KeptPage.objects.bulk_create(
        pages, update_conflicts=True, unique_fields=("source", "path"), update_fields=_FIELDS
    )
    if confirmed:
        checked_at = max(copies.known[path].checked_at for path in confirmed)
        source.kept_pages.filter(path__in=confirmed).update(checked_at=checked_at)
    if copies.dropped:
        source.kept_pages.filter(path__in=copies.dropped).delete()


def prune_pages(*, now: datetime) -> None:
    """Delete the pages of what no source lists any more, and those that a wrong clock has dated."""
    old = Q(checked_at__lt=now - KEEP_PAGES)
    KeptPage.objects.filter(old | Q(checked_at__gt=now + KEEP_PAGES)).delete()
