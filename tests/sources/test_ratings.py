"""Ratings of a leaderboard are linked to models by the matching rules, and kept."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from catalog.models import Alias, Rating
from sources.base import StatedRating
from sources.ratings import keep_ratings, own_spelling
from tests.factories import make_model, make_source

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 20)
OPUS = StatedRating(
    model="anthropic/claude-opus-5.5",
    board="text",
    category="overall",
    name="Claude Opus 5.5 (High)",
    effort="high",
    rating=Decimal("1508.8"),
    low=Decimal("1501.8"),
    high=Decimal("1515.7"),
    votes=9496,
    rank=3,
)


def keep(*ratings: StatedRating, as_of: date = DAY) -> Counter[str]:
    return keep_ratings(ratings, make_source("arena"), as_of=as_of)


def test_a_rating_is_kept_with_its_name_and_effort_and_written_once() -> None:
    model = make_model("anthropic/claude-opus-5.5")
    assert keep(OPUS) == {"ratings new": 1}
    kept = Rating.objects.get()
    assert (kept.model, kept.name, kept.effort) == (model, "Claude Opus 5.5 (High)", "high")
    assert (kept.rating, kept.votes, kept.as_of) == (Decimal("1508.8"), 9496, DAY)
    assert keep(OPUS) == {}
    later = replace(OPUS, rating=Decimal("1510"))
    assert keep(later, as_of=date(2026, 11, 1)) == {
        "ratings new": 1,
        "ratings replaced or gone": 1,
    }
    assert Rating.objects.get().rating == 1510
    assert keep() == {"ratings replaced or gone": 1}


def test_no_model_is_made_or_guessed_for_a_rating() -> None:
    make_model("anthropic/claude-opus-5")
    assert keep(OPUS) == {"ratings of models that are not here": 1}
    assert not Rating.objects.exists()


def test_an_editors_alias_links_a_rating() -> None:
    model = make_model("anthropic/opus")
    Alias.objects.create(model=model, spelling=OPUS.model, by_editor=True)
    keep(OPUS)
    assert Rating.objects.get().model == model


def test_a_rated_snapshot_is_its_own_model_where_there_is_one() -> None:
    one, other = make_model("deepseek/deepseek-r1"), make_model("deepseek/deepseek-r1-0528")
    rating = replace(OPUS, model="deepseek/deepseek-r1", name="DeepSeek-R1", effort="")
    keep(rating, replace(rating, name="DeepSeek-R1 (0528)"))
    assert dict(Rating.objects.values_list("name", "model")) == {
        "DeepSeek-R1": one.id,
        "DeepSeek-R1 (0528)": other.id,
    }


@pytest.mark.parametrize(
    ("model", "name", "effort", "spelling"),
    [
        (OPUS.model, OPUS.name, "high", "anthropic/claude-opus-5.5"),
        ("openai/gpt-5.4", "GPT-5.4 (High, Codex Harness)", "high", "openai/gpt-5.4"),
        ("anthropic/x", "claude-opus-4-6-high", "high", "anthropic/claude-opus-4-6"),
        ("moonshot/kimi-k2", "Kimi K2 Preview (0905)", "", "moonshot/kimi-k2-preview-0905"),
        ("xai/grok-4-fast", "Grok 4 Fast (Reasoning)", "", "xai/grok-4-fast-reasoning"),
        ("zephyr-7b-beta", "Zephyr 7B Beta", "", "zephyr-7b-beta"),
    ],
)
def test_a_name_is_spelled_without_how_the_model_was_run(
    model: str, name: str, effort: str, spelling: str
) -> None:
    assert own_spelling(replace(OPUS, model=model, name=name, effort=effort)) == spelling
