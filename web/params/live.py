"""The query string of live figures by endpoint. Pure."""

from dataclasses import dataclass

from web.params.values import Query, last_value

# As many as a list shows at most, and its page beside it.
MOST = 600
_LONGEST = 8 * MOST


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """`endpoints` are ids, the parameter `e`: 12,15. `source` is whose figures, "" for the usual
    choice.
    """

    endpoints: tuple[int, ...] = ()
    source: str = ""

    @classmethod
    def from_query(cls, query: Query) -> "LiveQuery":
        stated = ",".join(query.getlist("e"))[:_LONGEST].split(",")
        ids = (int(word) for word in stated if word.isascii() and word.isdigit() and len(word) < 10)
        return cls(tuple(sorted({*ids})[:MOST]), last_value(query, "live")[:100])
