"""Leaderboards of models, and the categories that they rate apart. Pure."""

# In the order in which a model's rating is taken from them.
BOARDS = ("text", "vision", "webdev", "document")
OVERALL = "overall"
# Categories of the board of texts, under the leaderboard's own names.
CATEGORIES = (
    *("coding", "math", "hard_prompts", "instruction_following", "expert", "creative_writing"),
    *("multi_turn", "longer_query", "writing", "software", "science", "medicine", "legal"),
    *("business", "media", "chinese", "french", "german", "japanese", "korean", "russian"),
    "spanish",
)


def board_and_category(value: str) -> tuple[str, str]:
    """The board and the category of a choice: a board's own name, or a category of texts."""
    return (value, OVERALL) if value in BOARDS else (BOARDS[0], value)
