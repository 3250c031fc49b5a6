"""What a page says of itself to search engines, and to whoever is sent its link. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """`path` is the page's one address, with its query where that makes another page of it.

    What is not `indexed` is for people alone: search engines follow its links and do not list it.
    """

    title: str
    description: str
    path: str
    indexed: bool = True


def head_of_list(title: str, description: str, path: str, query: str, page: int) -> Head:
    """The head of one page of a list that `query` searches, filters, sorts and pages.

    Every page of the plain list is worth finding, by a title of its own. Of searches, filters and
    orders there is no end, and they hold nothing else: Google's advice on paging and filters is to
    keep them out.
    """
    plain = query in ("", f"page={page}")
    if page > 1:
        title, description = f"{title}, page {page:,}", f"Page {page:,}. {description}"
    return Head(title, description, f"{path}?{query}" if query else path, indexed=plain)
