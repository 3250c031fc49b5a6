from web.exports.endpoints import HEADER


def test_no_two_columns_have_one_name():
    assert len(set(HEADER)) == len(HEADER)
