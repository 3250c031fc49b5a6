import pytest

from web.charts.scales import LinearScale, LogScale


def test_equal_values_are_in_the_middle_with_values_on_the_axis_around_them():
    for kind, value in ((LogScale, 3), (LinearScale, 1500)):
        scale = kind.around([value, value], 0, 100)
        assert scale.at(value) == 50
        assert 2 <= len(scale.ticks(8)) <= 8


@pytest.mark.parametrize("value", [0.0001, 0.9, 1, 1.01, 2.01, 5.01, 9.99, 123456])
def test_a_short_logarithmic_scale_has_at_least_two_round_values(value):
    scale = LogScale.around([value], 0, 100)
    ticks = scale.ticks(12)
    assert 2 <= len(ticks) <= 4
    assert all(0 <= scale.at(tick) <= 100 for tick in ticks)


@pytest.mark.parametrize("most", [3, 4, 5, 6, 8, 12])
@pytest.mark.parametrize("values", [[0.01, 40], [1, 2], [0.001, 5000], [7, 7.1]])
def test_there_are_at_most_so_many_values_on_an_axis(values, most):
    for scale in (LogScale.around(values, 0, 100), LinearScale.around(values, 0, 100)):
        ticks = scale.ticks(most)
        assert 1 <= len(ticks) <= most
        assert ticks == sorted(set(ticks))


def test_a_scale_may_run_the_other_way():
    scale = LinearScale.around([10, 20], 100, 0)
    assert 100 > scale.at(10) > scale.at(20) > 0
    assert LinearScale.around([0], 0, 100).at(0) == 50


def test_ratings_have_round_values():
    assert LinearScale.around([1093.8, 1523.9], 0, 100).ticks(6) == [1100, 1200, 1300, 1400, 1500]
