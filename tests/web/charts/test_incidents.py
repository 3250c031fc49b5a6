import pytest

from web.charts.incidents import BAD, FEW, FINE, WORSE, Incident, draw_strip, incidents, kind_of
from web.reads.call_hours import CallHour


@pytest.mark.parametrize(
    ("succeeded", "failed", "kind"),
    [
        (100, 0, FINE),
        (990, 10, FINE),
        (989, 11, BAD),
        (950, 50, BAD),
        (949, 51, WORSE),
        (0, 5, WORSE),
        (0, 4, FEW),
        (4, 0, FEW),
        (5, 0, FINE),
    ],
)
def test_an_hour_is_of_the_kind_of_its_share_that_succeeded(succeeded, failed, kind):
    assert kind_of(CallHour(0, succeeded, failed)) == kind


def test_hours_that_follow_each_other_are_one_incident():
    hours = [
        CallHour(3, 97, 3),
        CallHour(4, 50, 50),
        CallHour(6, 90, 10),  # after a silent hour
        CallHour(7, 100, 0),
        CallHour(8, 1, 3),  # too few
    ]
    assert incidents(hours) == [Incident(6, 1, 100, 10, 0.9), Incident(3, 2, 200, 53, 0.5)]
    assert incidents([]) == []


def test_silence_is_a_gap_of_the_strip():
    hours = [CallHour(0, 9, 0), CallHour(1, 9, 0), CallHour(2, 0, 0), CallHour(4, 0, 9)]
    drawn = draw_strip(hours, 6)
    assert '<path class="fine" d="M0 24v-8h2V24z"/>' in drawn
    assert '<path class="worse" d="M4 24v-24h1V24z"/>' in drawn
    assert drawn.count("<path") == 2
    assert "Of 6 hours 2 with 99 % success or more, 0 under 99 %, 1 under 95 %," in drawn
    assert "and 3 without any." in drawn
