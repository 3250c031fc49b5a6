"""Ratings side by side: overall on each board, and in the categories that several models have."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from catalog.boards import OVERALL
from web.format.figures import partial_date, thousands
from web.reads.ratings import ComparedRating
from web.tables.comparison_rows import ComparedCell, ComparedGroup, ComparedRow
from web.text.ratings import BOARD_NAMES, CATEGORY_NAMES, rating_name

UNRATED = "Not rated on this board"
HIGHEST = "highest"
WITHIN = "highest, or within its interval,"

# Board and category.
Key = tuple[str, str]
Ratings = Mapping[Key, ComparedRating]


def rating_group(models: Sequence[Ratings], eligible: Sequence[bool]) -> ComparedGroup:
    """A row for each board. Only `eligible` models can be the best of a row."""
    boards = {board for ratings in models for board, category in ratings if category == OVERALL}
    keys = [(board, OVERALL) for board in sorted(boards, key=_board_place)]
    return ComparedGroup("Rating", _rows(keys, models, eligible), _as_of(models))


def category_group(models: Sequence[Ratings], eligible: Sequence[bool]) -> ComparedGroup:
    """A row for each category of a board in which at least two models are rated."""
    rated = [key for ratings in models for key in ratings if key[1] != OVERALL]
    keys = sorted({key for key in rated if rated.count(key) > 1}, key=_category_place)
    return ComparedGroup("Rating by category", _rows(keys, models, eligible), _as_of(models))


def _rows(
    keys: Sequence[Key], models: Sequence[Ratings], eligible: Sequence[bool]
) -> tuple[ComparedRow, ...]:
    return tuple(_row(key, [ratings.get(key) for ratings in models], eligible) for key in keys)


def _board_place(board: str) -> tuple[int, str]:
    return _place(board, BOARD_NAMES)


def _category_place(key: Key) -> tuple[tuple[int, str], tuple[int, str]]:
    board, category = key
    return _board_place(board), _place(category, CATEGORY_NAMES)


def _place(name: str, known: Mapping[str, str]) -> tuple[int, str]:
    return (list(known).index(name) if name in known else len(known)), name


def _as_of(models: Sequence[Ratings]) -> str:
    shown = [rating for ratings in models for rating in ratings.values()]
    sources = sorted({rating.source for rating in shown})
    dates = [rating.as_of for rating in shown]
    return f"{', '.join(sources)}, {partial_date(min(dates))}" if shown else ""


def _row(
    key: Key, ratings: Sequence[ComparedRating | None], eligible: Sequence[bool]
) -> ComparedRow:
    best = _best(ratings, eligible)
    cells = tuple(
        _cell(key, rating, best[place]) if rating else ComparedCell(title=UNRATED)
        for place, rating in enumerate(ratings)
    )
    return ComparedRow(rating_name(*key), cells, "all prompts" if key[1] == OVERALL else "")


def _cell(key: Key, rating: ComparedRating, best: str) -> ComparedCell:
    interval = f"{_whole(rating.low)}–{_whole(rating.high)}"
    votes = f"{thousands(rating.votes)} votes"
    return ComparedCell(
        _whole(rating.rating),
        note=f"{interval}, {votes}" if key[1] == OVERALL else "",
        title=f"{rating.rating:,} ({rating.low:,} to {rating.high:,}) from {votes}, "
        f"as {rating.name}",
        value=rating.rating,
        attributes=(("rating", str(rating.rating)), ("board", key[0]), ("category", key[1])),
        numeric=True,
        best=best,
    )


def _whole(rating: Decimal) -> str:
    return thousands(round(rating))


def _best(ratings: Sequence[ComparedRating | None], eligible: Sequence[bool]) -> list[str]:
    """Marks of the highest rating; one whose interval meets the interval of the highest shares it.

    None where all share it.
    """
    known = [rating for rating, may in zip(ratings, eligible, strict=True) if rating and may]
    top = max(known, key=lambda rating: rating.rating, default=None)
    if top is None or all(rating.high >= top.low for rating in known):
        return [""] * len(ratings)
    near = [
        bool(rating and may and rating.high >= top.low)
        for rating, may in zip(ratings, eligible, strict=True)
    ]
    word = HIGHEST if sum(near) == 1 else WITHIN
    return [word if marked else "" for marked in near]
