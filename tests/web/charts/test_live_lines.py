import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from web.charts.live_lines import (
    BOTTOM,
    FINE,
    NAME_HEIGHT,
    LiveChart,
    LiveLine,
    described,
    draw,
    value_scale,
)
from web.charts.scales import LogScale, hour_ticks

SVG = "{http://www.w3.org/2000/svg}"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def chart(*lines, metric="latency", count=10, step=timedelta(hours=1), first=NOON):
    named = tuple(
        LiveLine(f"Provider {group}", group, points) for group, points in enumerate(lines)
    )
    return LiveChart(metric, "Latency (P50) over 24h", first, step, count, named)


def parsed(drawn):
    return ElementTree.fromstring(
        drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def paths(drawn):
    """By class, the absolute corners of each subpath of the first line."""
    (group,) = parsed(drawn).findall(f".//{SVG}svg[@class='plot']/{SVG}g[@class='l0']")
    found = {}
    for path in group.findall(f"{SVG}path"):
        found[path.get("class", "")] = [corners(part) for part in path.get("d").split("M") if part]
    return found


def corners(subpath):
    start, kind, rest = re.fullmatch(r"(\d+ \d+)([lh])(.*)", subpath).groups()
    x, y = map(int, start.split())
    if kind == "h":
        return [(x, y)]
    numbers = [int(number) for number in re.findall(r"-?\d+", rest)]
    places = [(x, y)]
    for across, down in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + across, y + down
        places.append((x, y))
    return places


def values(places, top):
    return [(x, round((FINE - y) / FINE * top, 3)) for x, y in places]


def test_a_step_without_samples_is_a_gap_and_never_a_zero():
    drawn = draw(chart([(0, 1.5, 9), (1, 2.0, 9), (4, 1.0, 9), (6, 1.0, 9), (7, 0.5, 9)]))
    assert [values(part, 2) for part in paths(drawn)[""]] == [
        [(0, 1.5), (1, 2.0)],
        [(4, 1.0)],  # alone between gaps: a dot
        [(6, 1.0), (7, 0.5)],
    ]


@pytest.mark.parametrize(("samples", "kind"), [(4, "few"), (5, ""), (6, "")])
def test_a_point_of_few_samples_is_faint(samples, kind):
    drawn = paths(draw(chart([(0, 1.0, 9), (1, 1.0, 9), (2, 2.0, samples), (3, 1.0, 9)])))
    if kind:
        assert values(drawn["few"][0], 2) == [(1, 1.0), (2, 2.0), (3, 1.0)]
        assert values(drawn[""][0], 2) == [(0, 1.0), (1, 1.0)]
    else:
        assert values(drawn[""][0], 2) == [(0, 1.0), (1, 1.0), (2, 2.0), (3, 1.0)]
    alone = paths(draw(chart([(2, 1.0, samples)])))
    assert list(alone) == [kind]


def test_the_lines_of_a_point_between_others_are_drawn_once():
    points = [(n, 1.0 + n % 3, (9, 1)[n % 4 == 3]) for n in range(10) if n != 5]
    drawn = paths(draw(chart(points)))
    steps = [pair for parts in drawn.values() for part in parts for pair in pairwise(part)]
    assert len(steps) == len(set(steps)) == 7


@pytest.mark.parametrize(
    ("lowest", "begins"),
    [(1, 0.99), (0.99, 0.99), (0.9899, 0.98), (0.975, 0.96), (0.83, 0.8), (0.4, 0), (0, 0)],
)
def test_the_axis_of_uptime_begins_below_the_lowest_point(lowest, begins):
    scale, ticks = value_scale(chart([(0, 1.0, 9), (1, lowest, 9)], metric="uptime"))
    assert (scale.low, scale.high, ticks[0], ticks[-1]) == (begins, 1, begins, 1)


def test_other_axes_begin_at_zero():
    for drawn in (chart([(0, 812.5, 9)], metric="throughput"), chart([(0, 0.04, 9)]), chart()):
        scale, ticks = value_scale(drawn)
        assert scale.low == ticks[0] == 0
        assert scale.high == ticks[-1] >= max([0, *(line.points[0][1] for line in drawn.lines)])


@pytest.mark.parametrize(("highest", "is_log"), [(799, False), (800, False), (801, True)])
def test_lines_far_apart_are_on_a_logarithmic_scale(highest, is_log):
    drawn = chart([(0, 100, 9)], [(0, highest, 9), (1, highest, 9), (2, 9000, 9)])
    scale, ticks = value_scale(drawn)
    assert isinstance(scale, LogScale) == is_log
    assert (" data-log" in draw(drawn)) == is_log
    if is_log:
        assert 0 < ticks[0] < ticks[-1] <= 10**scale.high


def test_nothing_below_100_percent_is_drawn_at_it():
    drawn = draw(chart([(0, 1.0, 9), (1, 0.9999999, 9)], metric="uptime"))
    assert paths(drawn)[""] == [[(0, 0), (1, 1)]]


def test_names_are_at_the_ends_of_lines_and_apart():
    drawn = parsed(draw(chart(*([(0, 1.0, 9), (9, 1.0, 9)] for _ in range(8)))))
    names = [text for text in drawn.iter(f"{SVG}text") if (text.text or "").startswith("Prov")]
    assert len(names) == 8
    heights = sorted(float(text.get("y")) for text in names)
    assert all(low - high >= NAME_HEIGHT - 0.01 for high, low in pairwise(heights))
    assert heights[-1] <= BOTTOM + 4


def test_a_drawing_has_its_figures_as_its_label():
    lines = [[(0, 2.1, 9), (1, 2.9, 9), (2, 2.3, 9)], []]
    label = described(chart(*lines))
    assert label == "Latency (P50) over 24h: Provider 0 from 2.10 s to 2.90 s, last 2.30 s."
    root = parsed(draw(chart(*lines)))
    assert (root.get("role"), root.get("aria-label")) == ("img", label)
    assert not [text for text in root.itertext() if "Provider 1" in text]


def test_names_are_escaped():
    odd = LiveChart("latency", "a", NOON, timedelta(hours=1), 3, (LiveLine('<"&', 0, [(0, 1, 9)]),))
    assert '<"&' not in draw(odd)
    parsed(draw(odd))


def test_hours_are_labelled_and_midnight_has_its_day():
    first = NOON - timedelta(minutes=5)
    assert hour_ticks(first, first + timedelta(days=1)) == [
        (NOON, "12:00"),
        (NOON + timedelta(hours=6), "18:00"),
        (NOON + timedelta(hours=12), "Dec 1"),
        (NOON + timedelta(hours=18), "06:00"),
    ]
