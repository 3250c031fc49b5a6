"""Link a leaderboard's ratings to models, and keep them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from catalog.copy_rows import insert_rows
from catalog.matching.link import SEED, Spelling, link
from catalog.models import Alias, Model, Source
from catalog.ratings import Rating
from sources.base import StatedRating

_COLUMNS = (
    *("model", "board", "category", "name", "effort", "rating", "low", "high", "votes", "rank"),
    *("as_of", "source"),
)
_IDS = ("model_id", *_COLUMNS[1:-1], "source_id")
# What a name adds on how the model was run: effort, budget of thinking, the program around it.
_RUN = re.compile(
    r"(minimal|low|medium|high|xhigh|max|(non-)?thinking( \d+k)?|\d+k|instant|.* harness|.* api)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^)]*)\)")


def keep_ratings(ratings: Sequence[StatedRating], source: Source, *, as_of: date) -> Counter[str]:
    """Bring the ratings of a source to these; one of a model that is not here is counted."""
    counts: Counter[str] = Counter()
    models = _models(ratings)
    wanted: dict[tuple[object, ...], tuple[object, ...]] = {}
    for rating in ratings:
        model_id = models[rating]
        if model_id is None:
            counts["ratings of models that are not here"] += 1
            continue
        figures = rating.effort, rating.rating, rating.low, rating.high, rating.votes, rating.rank
        key = model_id, rating.board, rating.category, rating.name
        wanted[key] = (*key, *figures, as_of, source.id)
    gone = []
    for id_, *row in Rating.objects.filter(source=source).values_list("id", *_IDS):
        if wanted.get(tuple(row[:4])) == tuple(row):
            del wanted[tuple(row[:4])]
        else:
            gone.append(id_)
    Rating.objects.filter(id__in=gone).delete()
    if wanted:
        insert_rows(Rating, _COLUMNS, wanted.values())
    counts["ratings new"] += len(wanted)
    counts["ratings replaced or gone"] += len(gone)
    return +counts


def _models(ratings: Iterable[StatedRating]) -> dict[StatedRating, int | None]:
    """The model of each rating, by the matching rules; none is made for a rating.

    The leaderboard's own name comes first, since it may be of one snapshot: "DeepSeek-R1 (0528)".
    Then the name that the source joins it to counts.
    """
    ids = dict(Model.objects.values_list("slug", "id"))
    aliases = dict(SEED) | dict(
        Alias.objects.filter(by_editor=True).values_list("spelling", "model__slug")
    )
    spellings = {
        rating: (Spelling("", own_spelling(rating)), Spelling("", rating.model))
        for rating in ratings
    }
    links = link(
        {spelling for pair in spellings.values() for spelling in pair},
        aliases=aliases,
        decided={Spelling("", slug): slug for slug in ids},
    )
    return {
        rating: next((ids[slug] for one in pair if (slug := links[one].model) in ids), None)
        for rating, pair in spellings.items()
    }


def own_spelling(rating: StatedRating) -> str:
    """The leaderboard's name as an id of the creator, without how the model was run."""
    creator, slash, _ = rating.model.rpartition("/")
    name = _BRACKETS.sub(lambda match: f" {_without_run(match[1])}", rating.name)
    words = re.sub(r"[\s/,_]+", "-", name.strip()).lower().removesuffix(f"-{rating.effort}")
    return f"{creator}{slash}{words}"


def _without_run(text: str) -> str:
    return " ".join(part for part in text.split(", ") if not _RUN.fullmatch(part))
