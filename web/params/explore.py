"""The query string of the drawing of models as an object that can write itself back. Pure."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from web.params.columns import Column, sortable
from web.params.models import ModelFilters
from web.params.values import Query, last_value, read_choice, read_sort

# The price of a model: blended, 3 input : 1 output, or of one of the two.
PRICES = ("blend", "input", "output")
MEASURES = ("rating", "throughput", "latency")
COLUMNS = (
    Column("Model", "name"),
    Column("Price", "price", numeric=True),
    Column("Rating", "-rating", numeric=True),
)
# The frontier first, each part by rating: no column, and so no value of `sort`.
FRONTIER = "frontier"
_OWN = ("sort", "columns", "page", "from")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreQuery:
    """`x` is a price, `y` what it buys, `sort` the order of the table."""

    filters: ModelFilters = ModelFilters()  # noqa: RUF009 - frozen
    x: str = PRICES[0]
    y: str = MEASURES[0]
    sort: str = FRONTIER
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Query) -> "ExploreQuery":
        """Ignore unknown parameters; a bad value falls back and adds a complaint."""
        filters = ModelFilters.from_query(_OfFilters(query))
        complaints = list(filters.complaints)
        x = read_choice(last_value(query, "x"), PRICES, "price to draw", complaints)
        y = read_choice(last_value(query, "y"), MEASURES, "measure to draw", complaints)
        sort = read_sort(last_value(query, "sort"), sortable(COLUMNS), FRONTIER, complaints)
        return cls(
            filters=_shortest(filters),
            x=x or PRICES[0],
            y=y or MEASURES[0],
            sort=sort,
            complaints=tuple(complaints),
        )

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        wanted = replace(self, **changes)
        own = (("x", PRICES[0]), ("y", MEASURES[0]), ("sort", FRONTIER))
        stated = [(name, getattr(wanted, name)) for name, usual in own]
        usual = dict(own)
        return [
            *(pair for pair in stated if pair[1] != usual[pair[0]]),
            *wanted.filters.pairs(),
        ]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    @property
    def cleared(self) -> "ExploreQuery":
        """Without filters; the board of the ratings stays."""
        return replace(self, filters=replace(self.filters.cleared, board=self.filters.board))

    @property
    def board(self) -> str:
        return self.filters.rated_on

    def complaining(self, complaint: str, **changes: Any) -> "ExploreQuery":
        return replace(self, complaints=(*self.complaints, complaint), **changes)


def _shortest(filters: ModelFilters) -> ModelFilters:
    """The filters without a board that they lead to anyway: a form states it all the same."""
    usual = replace(filters, board="", complaints=())
    return usual if usual.rated_on == filters.rated_on else replace(filters, complaints=())


@dataclass(frozen=True, slots=True)
class _OfFilters:
    """A query without the order, the columns and the pages of the model list."""

    query: Query

    def getlist(self, name: str, /) -> list[str]:
        return [] if name in _OWN else self.query.getlist(name)
