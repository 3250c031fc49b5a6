"""Cells of live figures: latency, throughput, uptime."""

from decimal import Decimal
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from msgspec.json import Decoder

from telemetry.origins import MADE_UP
from web.format.figures import plain
from web.format.sparkline import HEIGHT, WIDTH, path
from web.reads.live import LiveFigure, Measurement, TooFew
from web.text.live import FEW, UNMEASURED, amount_of, in_full

register = template.Library()
# The names of sources are few.
_escaped = lru_cache(escape)
_read_trend = Decoder(list[float | None]).decode


@register.simple_tag
@lru_cache(maxsize=32768)
def live(metric: str, measurement: Measurement | None, endpoint_id: int | None) -> SafeString:
    """A figure with its trend; source, window, samples and P95 show on hover and on focus, and are
    there for screen readers. An open page renews it by `data-endpoint`.

    Without samples the cell is a gap, never a zero. Lists have hundreds: Django's `format_html`
    and `escape` would take most of their time.
    """
    begin = f'<td class="num live" data-endpoint="{endpoint_id or ""}" data-metric="{metric}"'
    match measurement:
        case None:
            html = (
                f'{begin} data-samples="0" title="{UNMEASURED}"><span aria-hidden="true">—</span>'
                f'<span class="visually-hidden">{UNMEASURED.lower()}</span></td>'
            )
        case TooFew():
            html = (
                f'{begin} data-samples="{measurement.samples}"'
                f' data-source="{escape(measurement.source)}">'
                '<span class="live-value" tabindex="0"><span aria-hidden="true">—</span></span>'
                f'<span class="live-note">{escape(in_full(measurement))}</span>'
                f'<span class="sub" aria-hidden="true">{FEW}</span></td>'
            )
        case LiveFigure():
            html = f"{begin}{_figure(measurement)}</td>"
    return SafeString(html)


def _figure(figure: LiveFigure) -> str:
    data, shown = _value(figure.metric, figure.value)
    samples = "" if figure.samples is None else f' data-samples="{figure.samples}"'
    made_up = '<span class="sub made-up">demo</span>' if figure.origin == MADE_UP else ""
    source, note = _escaped(figure.source), in_full(figure)
    if figure.definition or source != figure.source:  # our own words have nothing to escape
        note = escape(note)
    return (
        f'{data} data-source="{source}"{samples}>{shown}'
        f'<span class="live-note">{note}</span>'
        f"{_drawn(figure.trend) if figure.trend else ''}{made_up}"
    )


# Figures have three digits, so that the same ones come again and again.
@lru_cache(maxsize=16384)
def _value(metric: str, value: Decimal) -> tuple[str, str]:
    number, _, unit = amount_of(metric, value).rpartition(" ")
    return (
        f' data-value="{plain(value)}"',
        f'<span class="live-value" tabindex="0">{number}<span class="unit"> {unit}</span></span>',
    )


# They change once an hour.
@lru_cache(maxsize=32768)
def _drawn(trend: bytes) -> str:
    """The last 24 hours beside a figure, whose text has nothing of them."""
    drawn = path(_read_trend(trend))
    if not drawn:
        return ""
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<path d="{drawn}"/></svg>'
    )
