import pytest

from web.provider_csv import HEADER, inert


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "o4-mini", "1.10", "a=b", "Azure", "us/o4-mini"])
def test_other_texts_stay_as_they_are(text):
    assert inert(text) == text


def test_no_two_columns_have_one_name():
    assert len(set(HEADER)) == len(HEADER)
