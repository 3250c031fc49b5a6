"""The monogram of every creator and provider: no two that a page may show together are alike."""

from catalog.models import Creator, Provider
from catalog.provider_kinds import DIRECT
from web.format.marks import monograms


class _Given:
    """The monograms of this process, read again for a slug or a name that is new to it.

    A page has a mark in each row: to ask for the catalog's version each time is a query a row.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._texts: dict[str, str] = {}

    def text(self, slug: str, name: str) -> str:
        if (slug, name) not in self._seen or slug not in self._texts:
            called = [*_called(), (slug, name)]
            names: dict[str, str] = {}
            for one, its_name in called:
                names.setdefault(one, its_name)
            # Before the names that they are of: another thread may look in between.
            self._texts = monograms(names)
            self._seen.update(called)
        return self._texts[slug]


def _called() -> list[tuple[str, str]]:
    """Slugs and names: creators, then direct providers, then the rest, so a new one changes few.

    A first-party provider has the monogram of its creator's slug.
    """
    providers = sorted(
        Provider.objects.values_list("slug", "name", "kind"),
        key=lambda provider: (provider[2] not in DIRECT, provider[0]),
    )
    creators = Creator.objects.order_by("slug").values_list("slug", "name")
    return [*creators, *((slug, name) for slug, name, _ in providers)]


_GIVEN = _Given()
monogram = _GIVEN.text
forget_monograms = _GIVEN.forget
