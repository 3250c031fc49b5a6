"""Providers and creators by what people call them. Pure."""

from collections.abc import Iterable, Mapping

# Spellings differ most in what separates their words.
SEPARATED = str.maketrans("_. ", "---")
NO_SEPARATORS = str.maketrans("", "", "-_. ")


class Called:
    """Slugs by what they and their names are without separators, where that means one alone."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._slugs = names.keys()
        self._by_slug = _unique((slug, slug) for slug in names)
        self._by_name = _unique((name.lower(), slug) for slug, name in names.items())

    def slug(self, spelling: str, other: str) -> str | None:
        bare = spelling.translate(NO_SEPARATORS)
        if bare in self._by_slug:
            return self._by_slug[bare]
        return other if other in self._slugs else self._by_name.get(bare)


def _unique(spellings: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for spelling, slug in spellings:
        bare = spelling.translate(NO_SEPARATORS)
        found[bare] = None if bare in found else slug
    return found
