"""What a page says of itself to search engines, and to whoever is sent its link. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """`path` is the page's one address, with its query where that makes another page of it."""

    title: str
    description: str
    path: str
