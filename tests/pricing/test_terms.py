import pytest

from pricing.terms import BASE, Band, Schedule, Terms, checked_terms

EVERYTHING = Terms(
    tier="batch",
    band=Band(200_000, "gte", basis="total_input", applies="marginal"),
    region="eu-west-1",
    schedules=(
        Schedule((("01:00", "04:00"), ("22:00", "00:30"))),
        Schedule((("00:00", "00:00"),), weekdays=(6, 7), timezone="Asia/Shanghai"),
    ),
    options=(("quality", "hd"), ("size", "1024x1024")),
)


@pytest.mark.parametrize(
    "terms",
    [
        BASE,
        Terms(tier="flex"),
        Terms(region="eu"),
        Terms(band=Band(272_000)),
        Terms(schedules=(Schedule((("16:30", "00:30"),)),)),
        Terms(options=(("size", "512x512"),)),
        EVERYTHING,
    ],
)
def test_terms_read_back_as_they_were_written(terms):
    assert Terms.from_json(terms.to_json()) == terms
    assert checked_terms(terms.to_json()) == terms


def test_the_base_card_is_an_empty_object():
    assert BASE.to_json() == {}
    assert Terms.from_json({}) == BASE


def test_terms_are_written_in_full():
    assert EVERYTHING.to_json() == {
        "tier": "batch",
        "band": {
            "threshold": 200_000,
            "operator": "gte",
            "basis": "total_input",
            "applies": "marginal",
        },
        "region": "eu-west-1",
        "schedules": [
            {
                "windows": [["01:00", "04:00"], ["22:00", "00:30"]],
                "weekdays": [1, 2, 3, 4, 5, 6, 7],
                "timezone": "UTC",
            },
            {"windows": [["00:00", "00:00"]], "weekdays": [6, 7], "timezone": "Asia/Shanghai"},
        ],
        "options": {"quality": "hd", "size": "1024x1024"},
    }


def test_the_order_of_options_makes_no_difference():
    one, other = {"size": "1k", "quality": "hd"}, {"quality": "hd", "size": "1k"}
    assert Terms.from_json({"options": one}) == Terms.from_json({"options": other})


def test_bands_and_schedules_are_of_the_family_of_their_tier_region_and_options():
    assert Terms(band=Band(1), schedules=(Schedule(()),)).family == BASE.family
    assert len({BASE.family, Terms(tier="batch").family, Terms(region="eu").family}) == 3


def test_a_band_may_be_written_by_its_threshold_alone():
    assert checked_terms({"band": {"threshold": 200_000}}) == Terms(band=Band(200_000))


HOURS = {"windows": [["01:00", "04:00"]], "weekdays": [1], "timezone": "UTC"}


@pytest.mark.parametrize(
    "written",
    [
        None,
        [],
        "batch",
        7,
        {"teir": "batch"},
        {"tier": 1},
        {"tier": ["batch"]},
        {"tier": "ba\0tch"},
        {"tier": "\ud800"},
        {"region": {}},
        {"band": 200_000},
        {"band": {}, "tier": None},
        {"band": {"limit": 200_000}},
        {"band": {"threshold": "200000"}},
        {"band": {"threshold": 200_000.5}},
        {"band": {"threshold": True}},
        {"band": {"threshold": 0}},
        {"band": {"threshold": -1}},
        {"band": {"threshold": 10**40}},
        {"band": {"threshold": 1, "operator": "lt"}},
        {"band": {"threshold": 1, "applies": "sometimes"}},
        {"band": {"threshold": 1, "basis": "total\0input"}},
        {"schedules": HOURS},
        {"schedules": [{}]},
        {"schedules": [{**HOURS, "windows": [["1:00", "4:00"]]}]},
        {"schedules": [{**HOURS, "windows": [["01:00", "24:30"]]}]},
        {"schedules": [{**HOURS, "windows": [["01:00"]]}]},
        {"schedules": [{**HOURS, "windows": [[1, 4]]}]},
        {"schedules": [{**HOURS, "weekdays": []}]},
        {"schedules": [{**HOURS, "weekdays": [0]}]},
        {"schedules": [{**HOURS, "weekdays": [8]}]},
        {"schedules": [{**HOURS, "weekdays": ["Mon"]}]},
        {"schedules": [{**HOURS, "timezone": "Mars/Base"}]},
        {"schedules": [{**HOURS, "timezone": "../../etc/passwd"}]},
        {"schedules": [{**HOURS, "timezone": None}]},
        {"options": ["size"]},
        {"options": {"size": 512}},
    ],
)
def test_terms_of_another_shape_are_refused(written):
    with pytest.raises(ValueError, match="terms"):
        checked_terms(written)
