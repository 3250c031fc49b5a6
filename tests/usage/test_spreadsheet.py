import pytest

from usage.spreadsheet import as_csv, inert


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")']
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "o4-mini", "1.10", "a=b", "Azure", "us/o4-mini"])
def test_other_texts_stay_as_they_are(text):
    assert inert(text) == text


def test_a_table_quotes_what_needs_it_and_lets_nothing_run():
    assert as_csv([["model", "price"], ["=1+1", "1,000"]]) == 'model,price\r\n\'=1+1,"1,000"\r\n'
