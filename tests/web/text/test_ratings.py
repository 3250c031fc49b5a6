from catalog.boards import BOARDS, CATEGORIES
from web.text.ratings import BOARD_NAMES, CATEGORY_NAMES, board_name


def test_every_board_and_category_has_one_name():
    assert (set(BOARD_NAMES), set(CATEGORY_NAMES)) == (set(BOARDS), set(CATEGORIES))
    choices = {"vision": "Vision", "legal": "Law", "longer_query": "Longer prompts"}
    assert {choice: board_name(choice) for choice in choices} == choices
