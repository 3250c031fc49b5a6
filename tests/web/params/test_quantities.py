import pytest

from web.params.quantities import milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", 90_000),
        ("90s", 90_000),
        ("90 s", 90_000),
        ("90 sec", 90_000),
        ("1 second", 1_000),
        ("0.5", 500),
        ("12.345", 12_345),
        ("1 min", 60_000),
        ("1.5 min", 90_000),
        ("2 minutes", 120_000),
        ("2m", 120_000),
        ("0.1 min", 6_000),
        ("1 h", 3_600_000),
        ("0.001 hours", 3_600),
        ("1:30", 90_000),
        ("90:00", 5_400_000),
        ("1:00:01.5", 3_601_500),
        ("3,600", 3_600_000),
        ("0", 0),
    ],
)
def test_a_length_of_time_is_kept_to_the_millisecond(text, expected):
    assert milliseconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "−1 min",
        "abc",
        "1:60",
        "1:2",
        "3k",
        "1e3",
        "NaN",
        "0.0001",
        "1 d",
        "9" * 50,
        "min",
        "1\0",
    ],
)
def test_what_is_no_length_of_time_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"^(A length|To the millisecond)"):
        milliseconds(text)
