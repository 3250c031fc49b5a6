"""Boards and categories of ratings in words, and their order. Pure."""

from catalog.boards import OVERALL, board_and_category

BOARD_NAMES = {
    "text": "Text",
    "vision": "Vision",
    "webdev": "Web development",
    "document": "Documents",
}
_TASKS = {
    "coding": "Coding",
    "software": "Software and IT",
    "math": "Math",
    "hard_prompts": "Hard prompts",
    "expert": "Expert prompts",
    "instruction_following": "Instructions",
    "multi_turn": "Multi-turn",
    "longer_query": "Longer prompts",
    "creative_writing": "Creative writing",
}
_FIELDS = {
    "business": "Business",
    "legal": "Law",
    "media": "Media",
    "medicine": "Medicine",
    "science": "Science",
    "writing": "Writing",
}
_LANGUAGES = {
    name: name.capitalize()
    for name in ("chinese", "french", "german", "japanese", "korean", "russian", "spanish")
}
CATEGORY_NAMES = {**_TASKS, **_FIELDS, **_LANGUAGES}
# Categories of the board of texts, by what they have in common.
CATEGORY_GROUPS = (
    ("Tasks", tuple(_TASKS)),
    ("Fields", tuple(_FIELDS)),
    ("Languages", tuple(_LANGUAGES)),
)


def rating_name(board: str, category: str) -> str:
    """Coding; a board's own name for all its prompts."""
    name = BOARD_NAMES.get(board, board.replace("_", " ").capitalize())
    if category == OVERALL:
        return name
    label = CATEGORY_NAMES.get(category, category.replace("_", " ").capitalize())
    return label if board == "text" else f"{label}, {name.lower()}"


def board_name(choice: str) -> str:
    """The name of a board, or of a category of texts."""
    return rating_name(*board_and_category(choice))
