"""Arena's ratings by category, as llmledger joins them to makers and names. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sources.base import StatedRating

# Boards of their own; every other category is one of the text board.
_BOARDS = {"document", "vision", "webdev"}
# The end of a name in Arena's own spelling, and in that of an id.
_EFFORT = re.compile(
    r"\((minimal|low|medium|high|xhigh|max)\)$|-(low|medium|high|xhigh|max)$", re.I
)


def read_ratings(data: Mapping[str, Any], missed: Counter[str]) -> tuple[StatedRating, ...]:
    ratings = []
    for category, rows in data["tasks"].items():
        board = category if category in _BOARDS else "text"
        for joined, name, rating, low, high, votes, rank in rows:
            maker, found, model = joined.partition(" / ")
            if not (found and maker and model):
                missed["rating of no maker"] += 1
                continue
            ratings.append(
                StatedRating(
                    model=f"{maker}/{model}",
                    board=board,
                    category="overall" if category in _BOARDS else category,
                    name=name,
                    effort=effort_of(name),
                    rating=Decimal(rating),
                    low=Decimal(low),
                    high=Decimal(high),
                    votes=int(votes),
                    rank=int(rank),
                )
            )
    return tuple(sorted(ratings, key=lambda one: (one.model, one.board, one.category)))


def effort_of(name: str) -> str:
    """The reasoning effort in a name: "Claude Opus 5.5 (High)", "claude-opus-4-6-high"."""
    match = _EFFORT.search(name)
    return (match[1] or match[2]).lower() if match else ""
