"""The order of the model list in words. Pure."""

from web.format.figures import day_in_full
from web.params.models import RELEVANCE, TOP, ModelFilters

# By column: what is first ascending, and what descending.
_ENDS = {
    "rating": ("lowest", "highest"),
    "context": ("smallest", "largest"),
    "latency": ("shortest", "longest"),
    "throughput": ("slowest", "fastest"),
    "uptime": ("least", "most"),
    "capabilities": ("fewest", "most"),
    "providers": ("fewest", "most"),
}
_PRICES = {"input": "input", "output": "output", "cache_read": "cache reads"}


def order_in_words(filters: ModelFilters, *, board: str, as_of: str) -> str:
    """By Arena rating, 20 October 2026: `board` is a name to add, `as_of` "" without ratings."""
    column = filters.column
    last = " first" if filters.descending else ""
    if filters.sort == RELEVANCE:
        return "by how well the name matches"
    if column == TOP and not as_of:
        return f"by direct providers and newness{', the least' + last if last else ''}"
    if column in (TOP, "rating"):
        lowest = filters.descending if column == TOP else not filters.descending
        rated = f"by Arena rating{f' on {board}' if board else ''}"
        day = f", {day_in_full(as_of)}" if as_of else ""
        return f"{rated}{day}{', the lowest first' if lowest else ''}"
    if column in _PRICES:
        shown = _whose(filters)
        return f"by price of {_PRICES[column]}: {shown}{', the highest first' if last else ''}"
    if column == "released":
        return f"by release, the {'newest' if filters.descending else 'oldest'} first"
    if column in _ENDS:
        return f"by {column}, the {_ENDS[column][filters.descending]} first"
    return "by name, from Z to A" if filters.descending else "by name"


def _whose(filters: ModelFilters) -> str:
    """The endpoint whose prices a row shows."""
    if filters.via == "any":
        return "the cheapest endpoint’s"
    return "the chosen endpoint’s" if filters.chooses_endpoints else "the headline’s"
