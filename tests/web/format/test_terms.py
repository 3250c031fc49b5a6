import pytest

from pricing.terms import BASE, Band, Schedule, Terms
from web.format.terms import in_words


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (BASE, "Standard"),
        (Terms(tier="batch"), "Batch"),
        (Terms(band=Band(272_000)), "Over 272,000 input tokens"),
        (Terms(band=Band(200_000, "gte")), "From 200,000 input tokens"),
        (Terms(band=Band(128_000, basis="output_tokens")), "Over 128,000 output tokens"),
        (
            Terms(band=Band(200_000, applies="marginal")),
            "Over 200,000 input tokens for the tokens past it",
        ),
        (Terms(tier="flex", band=Band(272_000)), "Flex, over 272,000 input tokens"),
        (Terms(region="eu"), "In eu"),
        (Terms(options=(("quality", "hd"), ("size", "1024x1024"))), "Quality hd, size 1024x1024"),
        (Terms(schedules=(Schedule((("16:30", "00:30"),)),)), "16:30–00:30 UTC"),
        (
            Terms(schedules=(Schedule((("01:00", "04:00"), ("06:00", "10:00")), (1, 2, 3, 4, 5)),)),
            "01:00–04:00 and 06:00–10:00 UTC Mon–Fri",
        ),
        (
            Terms(schedules=(Schedule((("00:00", "00:00"),), (6, 7), "Asia/Shanghai"),)),
            "All day Sat, Sun Asia/Shanghai",
        ),
        (
            Terms(
                schedules=(
                    Schedule((("14:00", "00:00"),), (1, 2, 3, 4, 5)),
                    Schedule((("00:00", "00:00"),), (6, 7)),
                )
            ),
            "14:00–00:00 UTC Mon–Fri, all day Sat, Sun UTC",
        ),
        (Terms(schedules=(Schedule((("09:00", "09:00"),), (6,)),)), "09:00–09:00 UTC Sat"),
    ],
)
def test_terms_in_words(terms, words):
    assert in_words(terms) == words
