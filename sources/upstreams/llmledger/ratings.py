"""Arena's ratings by category, as llmledger joins them to makers and names. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sources.base import StatedRating
from sources.upstreams.llmledger.fields import MAKERS

# Boards of their own; every other category is one of the text board.
_BOARDS = {"document", "vision", "webdev"}
_EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")


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
                    model="/".join(filter(None, (MAKERS.get(maker, maker), model))),
                    board=board,
                    category="overall" if category in _BOARDS else category,
                    name=name,
                    effort=effort_of(name, model),
                    rating=Decimal(rating),
                    low=Decimal(low),
                    high=Decimal(high),
                    votes=int(votes),
                    rank=int(rank),
                )
            )
    return tuple(sorted(ratings, key=lambda one: (one.model, one.board, one.category)))


def effort_of(name: str, model: str) -> str:
    """The reasoning effort in a name: "Claude Opus 5.5 (High)", "claude-opus-4-6-high".

    A word that the model's own name ends in is none: "Qwen3.8-Max".
    """
    brackets = re.search(r"\(([^)]*)\)$", name)
    words = brackets[1].lower().split(", ") if brackets else [name.lower().rpartition("-")[2]]
    found = next((word for word in words if word in _EFFORTS), "")
    return "" if model.lower().endswith(found) else found
