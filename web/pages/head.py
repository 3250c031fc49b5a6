"""Title, description and address of a page, for search engines and previews of links. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """`path` is the canonical address, with its query where that is a page of its own.

    If not `indexed`, search engines follow the links only.
    """

    title: str
    description: str
    path: str
    indexed: bool = True


def head_of_list(title: str, description: str, path: str, query: str, page: int) -> Head:
    """Head of one page of a list that `query` searches, filters, sorts and pages.

    Pages of the plain list are indexed, each under its own title. Searches, filters and orders are
    endless and add nothing: Google's advice on faceted navigation is to keep them out.
    """
    plain = query in ("", f"page={page}")
    if page > 1:
        title, description = f"{title}, page {page:,}", f"Page {page:,}. {description}"
    return Head(title, description, f"{path}?{query}" if query else path, indexed=plain)
