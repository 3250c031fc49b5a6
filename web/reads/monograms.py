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
        self._by_name: dict[tuple[str, str], str] = {}

    def text(self, slug: str, name: str) -> str:
        by_name = self._by_name
        if (slug, name) not in by_name:
            called = [*_called(), (slug, name)]
            names: dict[str, str] = {}
            for one, its_name in called:
                names.setdefault(one, its_name)
            texts = monograms(names)
            # One assignment: threads share it.
            by_name = self._by_name = {pair: texts[pair[0]] for pair in called}
        return by_name[slug, name]


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
