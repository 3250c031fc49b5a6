"""llmledger's data: the changes of LiteLLM's cost map since 2023, and Arena's ratings. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sources.base import Answer, Parsed, Source, WrongShape
from sources.reading import read_json
from sources.upstreams.llmledger.fields import FEWEST_KEYS
from sources.upstreams.llmledger.history import read_histories
from sources.upstreams.llmledger.ratings import read_ratings


class LLMLedger(Source):
    slug = "llmledger"
    name = "llmledger"
    url = "https://github.com/pouriaetab/llmledger"
    licence = "MIT"

    def parse(self, answer: Answer) -> Parsed:
        data = _data(answer)
        missed: Counter[str] = Counter()
        try:
            as_of = datetime.fromisoformat(data["litellm"]["changed"])
            histories = read_histories(data, missed)
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
            raise WrongShape(f"llmledger's history does not read ({error!r}).") from error
        return Parsed(self.slug, as_of, (), not_expressed=missed, histories=histories)


class ArenaRatings(Source):
    slug = "arena"
    name = "Arena leaderboard"
    url = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset"
    licence = "CC BY 4.0"

    def parse(self, answer: Answer) -> Parsed:
        data = _data(answer)
        missed: Counter[str] = Counter()
        try:
            as_of = datetime.fromisoformat(data["ratings"]["date"]).replace(tzinfo=UTC)
            ratings = read_ratings(data["ratings"], missed)
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
            raise WrongShape(f"llmledger's ratings do not read ({error!r}).") from error
        return Parsed(self.slug, as_of, (), not_expressed=missed, ratings=ratings)


def _data(answer: Answer) -> Mapping[str, Any]:
    data = read_json(answer.body, "llmledger")
    if not isinstance(data, dict) or len(data.get("models", ())) < FEWEST_KEYS:
        raise WrongShape("This is not llmledger's data: it lists too few keys of LiteLLM's map.")
    return data
