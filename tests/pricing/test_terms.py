from datetime import UTC, datetime

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


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-11-20T21:59:59.999999", False),  # a Friday
        ("2026-11-20T22:00:00", True),
        ("2026-11-20T23:59:59.999999", True),
        ("2026-11-21T00:00:00", True),
        ("2026-11-21T05:59:59.999999", True),
        ("2026-11-21T06:00:00", False),
        ("2026-11-21T22:00:00", False),
        ("2026-11-20T05:00:00", False),  # the night of Thursday
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_it_starts_on(moment, holds):
    assert Schedule((("22:00", "06:00"),), weekdays=(5,)).holds(at(moment)) is holds


@pytest.mark.parametrize(
    ("moment", "holds"), [("2026-11-22T23:30", True), ("2026-11-23T00:30", True)]
)
def test_the_night_of_sunday_runs_into_monday(moment, holds):
    assert Schedule((("23:00", "01:00"),), weekdays=(7,)).holds(at(moment)) is holds
    assert Schedule((("23:00", "01:00"),), weekdays=(1,)).holds(at(moment)) is not holds


@pytest.mark.parametrize("window", [("00:00", "00:00"), ("09:30", "09:30")])
def test_a_window_that_ends_where_it_starts_is_a_whole_day(window):
    every_day = Schedule((window,))
    assert all(every_day.holds(at(f"2026-11-22T{hour:02}:29:59")) for hour in range(24))


def test_a_window_without_an_end_of_day_is_half_open():
    evening = Schedule((("16:30", "00:00"),), weekdays=(7,))
    assert evening.holds(at("2026-11-22T23:59:59.999999"))
    assert not evening.holds(at("2026-11-23T00:00:00"))


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2026-03-28T01:59:59", True),  # 02:59 in Berlin, a day before the clocks go forward
        ("2026-03-28T02:00:00", False),
        ("2026-03-29T00:59:59", False),
        ("2026-03-29T01:00:00", False),  # 02:00 became 03:00: the hour is not there
        ("2026-10-25T00:00:00", True),  # 02:00 in summer
        ("2026-10-25T00:59:59", True),
        ("2026-10-25T01:00:00", True),  # and 02:00 again in winter
        ("2026-10-25T01:59:59", True),
        ("2026-10-25T02:00:00", False),
    ],
)
def test_a_window_is_read_off_the_clocks_of_its_zone_when_they_change(moment, holds):
    night = Schedule((("02:00", "03:00"),), timezone="Europe/Berlin")
    assert night.holds(at(moment)) is holds


def test_a_window_follows_the_sun_of_its_zone_through_the_year():
    office = Schedule((("09:00", "17:00"),), weekdays=(1, 2, 3, 4, 5), timezone="America/New_York")
    assert [office.holds(at(f"2026-{month}T13:30")) for month in ("01-12", "07-13")] == [
        False,
        True,
    ]
    assert [office.holds(at(f"2026-{month}T21:30")) for month in ("01-12", "07-13")] == [
        True,
        False,
    ]


def test_a_schedule_without_windows_never_holds():
    assert not Schedule(()).holds(at("2026-11-22T12:00"))
