"""Cells of the model list alone, and the options of its selects."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from pricing.meters import MILLION, meter
from web.format.figures import partial_date, plain, rate, tokens
from web.pages.model_list import ModelRow
from web.reads.headlines import LowerPrice
from web.reads.prices import Price
from web.reads.ratings import ListedRating
from web.tables.filter_chips import Tick
from web.templatetags.cells import (
    exact_amount,
    exact_limits,
    icons,
    price_in_full,
    price_text,
    shows_all,
)
from web.templatetags.live import live
from web.templatetags.marks import marks
from web.text.headlines import at_lower, with_standing
from web.text.prices import announced_in_full, announced_in_short

register = template.Library()

SELECTED = SafeString(" selected")
CHECKED = SafeString(" checked")
UNKNOWN = "Unknown: no source states it"


@register.simple_tag
def row_cells(row: ModelRow) -> SafeString:
    """The cells of a model's row, as far as it has these columns."""
    capabilities, released = icons(row.capabilities), partial_date(row.released) or "—"
    cells = {
        "rating": rated(row.rating),
        "context": window(row.context, row.max_input, row.max_output),
        "latency": live("latency", row.latency, row.endpoint_id),
        "throughput": live("throughput", row.throughput, row.endpoint_id),
        "uptime": live("uptime", row.uptime, row.endpoint_id),
        "prices": row_prices(row.prices, row.own, row.lower, row.provider, row.standing),
        "capabilities": format_html('<td class="can">{}</td>', capabilities),
        "providers": format_html(
            '<td class="by">{}</td>', marks(row.providers, row.provider_count)
        ),
        "released": format_html('<td class="date">{}</td>', released),
    }
    shown = {"prices", "providers", *row.columns}
    drawn = [cell for column, cell in cells.items() if column in shown]
    return mark_safe("".join(drawn))  # noqa: S308 - cells that are escaped


@lru_cache(maxsize=8192)
def window(context: int | None, max_input: int | None, output: int | None) -> SafeString:
    """Cell of a context window, or of the most input where the window is unknown.

    Lists are long: the text for screen readers takes no element of its own.
    """
    if context or not max_input:
        return _limits(context, output)
    exact = f"{max_input:,} tokens in; the whole context is not stated"
    return format_html(
        '<td class="num limits" title="{}">{}<span class="unit"> in</span>{}</td>',
        f"{exact}, {output:,} tokens out" if output else exact,
        tokens(max_input),
        format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
    )


def _limits(context: int | None, output: int | None) -> SafeString:
    exact = exact_limits(context, output)
    if not exact:
        return format_html(
            '<td class="num limits" title="{}" aria-label="{}">—</td>', UNKNOWN, UNKNOWN
        )
    return format_html(
        '<td class="num limits" title="{}"{}>{}{}</td>',
        exact,
        ""
        if shows_all(context or 0) and shows_all(output or 0)
        else format_html(' aria-label="{}"', exact),
        tokens(context) if context else "—",
        format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
    )


@lru_cache(maxsize=8192)
def rated(rating: ListedRating | None) -> SafeString:
    """Cell of a rating, with its interval and votes as hover text and for screen readers."""
    if rating is None:
        return mark_safe(
            '<td class="num rated faint" title="Not rated">'
            '<span aria-hidden="true">—</span><span class="visually-hidden">not rated</span></td>'
        )
    interval = f"between {rating.low:.0f} and {rating.high:.0f}, {rating.votes:,} votes"
    return format_html(
        '<td class="num rated" data-rating="{}" title="{}">{}'
        '<span class="visually-hidden">, {}</span></td>',
        plain(rating.rating),
        f"{rating.rating}, {interval}",
        f"{rating.rating:.0f}",
        interval,
    )


@lru_cache(maxsize=8192)
def row_prices(
    prices: tuple[Price, ...],
    own: Price | None,
    lower: LowerPrice | None,
    provider: str,
    standing: str,
) -> SafeString:
    """Price cells of a row, and below them in one line whose they are, and a lower price elsewhere.

    The price of another unit takes the first cell without an amount.
    """
    line = _terms(prices, lower, provider, standing)
    cells: list[SafeString] = []
    for figure in prices:
        shown, own = (figure, own) if own is None or figure.amount is not None else (own, None)
        cells.append(_price_cell(figure.meter, shown, line))
        line = SafeString()
    return mark_safe("".join(cells))  # noqa: S308 - cells that are escaped


def _price_cell(column: str, figure: Price, line: SafeString) -> SafeString:
    alone = replace(figure, where="", announced=None, agreed=None)
    return format_html(
        '<td class="num of-{}{}" data-meter="{}" data-state="{}"{}{} title="{}">{}{}</td>',
        column,
        "" if figure.meter == column else " own",
        figure.meter,
        figure.state,
        exact_amount(figure),
        exact_amount(figure.agreed, "data-yours") if figure.agreed else "",
        price_in_full(figure),
        price_text(alone),
        line,
    )


def _terms(
    prices: tuple[Price, ...], lower: LowerPrice | None, provider: str, standing: str
) -> SafeString:
    """at OpenAI · $4.00 from 1 Dec · from $0.43 at QiHang (gateway) ÷ 7"""
    if not provider:
        return SafeString()
    named = next((figure.where for figure in prices if figure.where), provider)
    where = with_standing(named, standing)
    coming = [figure for figure in prices if figure.announced]
    elsewhere, times = _elsewhere(lower)
    changes = [f"{announced_in_full(figure)}" for figure in coming]
    whole = [f"at {where}", *changes, f"{elsewhere} {times}".strip()]
    return format_html(
        '<span class="terms" title="{}"> <span>{}at {}{}{}</span>{}</span>',
        " · ".join(filter(None, whole)),
        _agreed(prices),
        where,
        _announced(coming),
        format_html(" · {}", elsewhere) if elsewhere else "",
        format_html(" <b>{}</b>", times) if times else "",
    )


def _agreed(prices: tuple[Price, ...]) -> SafeString:
    """yours $0.19 / $1.71 at OpenAI ·"""
    own = [figure.agreed for figure in prices if figure.agreed]
    if not own:
        return SafeString()
    amounts = " / ".join(
        "—" if price.amount is None else rate(price.amount, price.currency) for price in own
    )
    return format_html('<span class="yours">yours {} at {}</span> · ', amounts, own[0].where)


def _elsewhere(lower: LowerPrice | None) -> tuple[str, str]:
    """from $0.43 at QiHang (gateway), and ÷ 7 where it is that much lower."""
    if lower is None:
        return "", ""
    unit = "" if lower.meter.per == MILLION else lower.meter.short_unit
    return f"from {rate(lower.amount)}{unit} at {at_lower(lower)}", lower.times


def _announced(figures: list[Price]) -> SafeString:
    """· $4.00 / $20.00 from 1 Dec"""
    days = {figure.announced.begins for figure in figures if figure.announced}
    shown: list[SafeString] = []
    for figure in figures:
        coming = figure.announced
        if coming is None:
            continue
        amount, _, day = announced_in_short(coming).rpartition(" from ")
        name = "" if figure.meter == "input" or len(figures) > 1 else f"{meter(figure.meter).name} "
        last = figure is figures[-1] or len(days) > 1
        shown.append(
            format_html(
                '{}<span class="next" data-next="{}"{}>{}{}{}</span>',
                " / " if shown else " · ",
                coming.begins,
                exact_amount(coming, "data-next-amount"),
                name.lower(),
                amount,
                f" from {day}" if last else "",
            )
        )
    return mark_safe("".join(shown))  # noqa: S308 - parts that are escaped


@register.simple_tag
def options(names: Mapping[str, str], chosen: str) -> SafeString:
    return _options(tuple(names.items()), chosen)


@lru_cache(maxsize=256)
def _options(names: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if value == chosen else "", name) for value, name in names),
    )


@register.simple_tag
def ticks(boxes: Sequence[Tick]) -> SafeString:
    return format_html_join(
        "",
        '<label class="tick"><input type="checkbox" id="{}-{}" name="{}" value="{}"{}>{}</label>',
        (
            (box.name, box.value, box.name, box.value, CHECKED if box.on else "", box.label)
            for box in boxes
        ),
    )
