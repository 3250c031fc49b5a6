import re
from pathlib import Path

import pytest

from tests.web.tables.test_provider_table import row, table
from web.exports.endpoints import HEADER
from web.tables.endpoint_columns import COLUMNS, TABLE_COLUMNS
from web.tables.provider_query import OPTIONAL

STYLE_SHEET = Path(__file__).parents[3] / "static" / "ratecard.css"


def test_every_column_shows_somewhere_and_has_a_key_of_its_own():
    assert all(column.in_table or column.compared or column.csv for column in COLUMNS)
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)


def test_the_provider_table_has_a_cell_under_every_heading_but_the_provider():
    result = table([row()])
    (shown,) = result.direct
    assert len(shown.cells) == len(result.headings) - 1
    by_unit = table([row(per_unit=row(input="1").prices[0])])
    assert len(by_unit.direct[0].cells) == len(by_unit.headings) - 1 == len(TABLE_COLUMNS) - 1


def test_every_column_that_may_be_hidden_has_its_rule_in_the_style_sheet():
    hidden = set(re.findall(r'\[data-hides~="(\w+)"\] #providers', STYLE_SHEET.read_text()))
    assert hidden == set(OPTIONAL)


@pytest.mark.django_db
def test_every_column_of_the_file_is_made_by_a_column_of_endpoints():
    assert [name for column in COLUMNS for name, _ in column.csv] == list(HEADER)
    endpoint = row(input="1.5", web_search="free")
    line = {name: value(endpoint) for column in COLUMNS for name, value in column.csv}
    assert (line["input"], line["input_unit"], line["input_state"]) == ("1.5", "token", "priced")
    assert (line["output"], line["output_unit"], line["output_state"]) == ("", "", "unknown")
    assert line["per_unit_state"] == ""
