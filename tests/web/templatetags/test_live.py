"""Cells of live figures: words of sources are escaped, our own need it not."""

from decimal import Decimal
from html import escape

import pytest

from web.reads.live import METRICS, LiveFigure
from web.templatetags.live import live
from web.text.live import in_full


def figure(metric="latency", **more):
    stated = {"source": "Own traffic", "window": "1h", "percentile": 50, "samples": 1234}
    return LiveFigure(metric, Decimal("0.817"), **{**stated, "as_of": "2026-11-30T14:05Z", **more})


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"source": "<i>A</i> & B"}, "&lt;i&gt;A&lt;/i&gt; &amp; B, 1 h"),
        ({"definition": '<script>"alert"</script>'}, "&lt;script&gt;&quot;alert&quot;"),
    ],
)
def test_words_of_a_source_are_escaped(stated, words):
    cell = live("latency", figure(**stated), 7)
    assert words in cell
    assert "<i>" not in cell and "<script>" not in cell


@pytest.mark.parametrize("metric", METRICS)
def test_our_own_words_have_nothing_to_escape(metric):
    bounds = {"p95": Decimal("2.5"), "low": Decimal("0.5"), "high": Decimal(1)}
    told = in_full(figure(metric, **bounds))
    assert escape(told) == told
    assert f'<span class="live-note">{told}</span>' in live(metric, figure(metric, **bounds), 7)


def test_a_trend_is_drawn_with_its_gaps_and_none_is_not():
    drawn = live("latency", figure(trend=b"[0.5,null,0.7,0.7]"), 7)
    assert '<path d="M0 ' in drawn and "h0M43" in drawn
    for trend in (b"", b"[]", b"[null,null]"):
        assert "<svg" not in live("latency", figure(trend=trend), 7)
