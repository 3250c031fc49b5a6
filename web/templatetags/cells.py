"""Table cells that come in hundreds: each is rendered once and kept for its equals."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sources.logos.sprite import current_sprite
from web.format.figures import money_exact, plain, rate, tokens
from web.reads.prices import AgreedPrice, AnnouncedPrice, Dispute, Price
from web.tables.endpoint_cells import (
    CapabilitiesCell,
    CellContent,
    LifecycleCell,
    LimitsCell,
    LiveCell,
    PolicyCell,
    ReleaseCell,
    TextCell,
)
from web.templatetags.amounts import agreed
from web.templatetags.claims import disputed
from web.templatetags.live import live
from web.templatetags.stages import lifecycle, release
from web.text.prices import (
    BEST,
    CONTENT,
    CONTENT_IN_FULL,
    MEANINGS,
    WORDS,
    announced_in_full,
    announced_in_short,
    counted,
)

register = template.Library()
kept = lru_cache(maxsize=8192)
EMPTY = mark_safe("")


@register.simple_tag
def drawn(template_name: str, row: Hashable) -> SafeString:
    return drawn_all(template_name, (row,))


@register.simple_tag
def drawn_all(template_name: str, rows: Sequence[Hashable]) -> SafeString:
    if settings.DEBUG:
        drawn_rows = [_draw(template_name, row) for row in rows]
    else:
        sprite = current_sprite()
        logos = sprite.digest if sprite else ""
        drawn_rows = [_kept_row(template_name, row, logos) for row in rows]
    return mark_safe("".join(drawn_rows))  # noqa: S308 - escaped by the template


def _draw(template_name: str, row: Hashable) -> SafeString:
    html = get_template(template_name).render({"row": row})
    return mark_safe(html)  # noqa: S308 - escaped by the template


@lru_cache(maxsize=8192)
def _kept_row(template_name: str, row: Hashable, logos: str) -> SafeString:
    """A row with logos of the sprite with this digest."""
    return _draw(template_name, row)


@register.simple_tag
@kept
def price(figure: Price) -> SafeString:
    """A price cell, with the exact figure and its endpoint as hover text and for screen readers.

    On narrow screens, without hovering, the style sheet shows the endpoint from `data-at`.
    """
    return format_html(
        '<td class="num{}" data-meter="{}" data-state="{}"{}{} title="{}">{}{}</td>',
        " best" if figure.best else "",
        figure.meter,
        figure.state,
        exact_amount(figure),
        format_html(' data-at="{}"', figure.where)
        if figure.where and figure.state != "not_offered"
        else "",
        price_in_full(figure),
        price_text(figure),
        disputed(figure.dispute),
    )


@register.simple_tag
@kept
def prices(row: tuple[Price, ...]) -> SafeString:
    return mark_safe("".join(map(price, row)))  # noqa: S308 - cells that are escaped


@register.simple_tag
def cells(contents: Iterable[CellContent]) -> SafeString:
    return mark_safe("".join(map(_cell, contents)))  # noqa: S308 - cells that are escaped


def _cell(content: CellContent) -> SafeString:
    match content:
        case Price():
            return price(content)
        case LimitsCell(context, max_input, max_output, best, dispute):
            return limits(context, max_input, max_output, best=best, dispute=dispute)
        case LiveCell(metric, figure, endpoint_id):
            return live(metric, figure, endpoint_id)
        case PolicyCell(name, answer, aside):
            return policy(name, answer, aside)
        case CapabilitiesCell(capabilities):
            return format_html('<td class="can">{}</td>', icons(capabilities))
        case ReleaseCell(iso, own, dispute):
            return release(iso, own=own, dispute=dispute)
        case LifecycleCell(stage, since, retired_on, gone):
            return lifecycle(stage, since, retired_on, gone)
        case TextCell(text):
            return format_html("<td>{}</td>", text or "—")


def exact_amount(
    figure: Price | AnnouncedPrice | AgreedPrice, name: str = "data-amount"
) -> SafeString:
    """The exact amount for programs: US dollars only, which they take it for."""
    if figure.amount is None or figure.currency != "USD":
        return mark_safe("")
    return format_html(' {}="{}"', name, plain(figure.amount))


@register.simple_tag
@kept
def price_text(figure: Price) -> SafeString:
    if figure.state == "unknown":
        return format_html(
            '<span aria-hidden="true">—</span>{}{}',
            _aside(f"unknown{_spoken(figure.where)}"),
            announced(figure) + agreed(figure),
        )
    lines = (figure.under, CONTENT[figure.content_billed_as_input])
    below = format_html_join("", '<span class="sub">{}</span>', ((line,) for line in lines if line))
    below += announced(figure) + agreed(figure)
    best = BEST if figure.best else ""
    if figure.state != "priced" or figure.amount is None:
        word = _marked(WORDS[figure.state], best=figure.best)
        aside = _aside(_spoken(figure.where, best))
        return format_html('<span class="quiet">{}</span>{}{}', word, aside, below)
    short = rate(figure.amount, figure.currency)
    exactly = money_exact(figure.amount, figure.currency)
    aside = _aside(_spoken("" if short == exactly else f"exactly {exactly}", figure.where, best))
    amount = _marked(short, best=figure.best)
    return format_html(
        '{}<span class="unit">{}</span>{}{}', amount, figure.unit.short_unit, aside, below
    )


@register.simple_tag
@kept
def announced(figure: Price) -> SafeString:
    """The announced price below a current one: $4.00 from 1 Dec, its year for screen readers."""
    if figure.announced is None:
        return mark_safe("")
    in_full = announced_in_full(figure)
    return format_html(
        '<span class="sub next" title="Announced: {}" data-next="{}"{}>'
        '<span aria-hidden="true">{}</span><span class="visually-hidden">, announced: {}</span>'
        "</span>",
        in_full,
        figure.announced.begins,
        exact_amount(figure.announced, "data-next-amount"),
        announced_in_short(figure.announced),
        in_full,
    )


def _marked(text: str, *, best: bool) -> SafeString:
    """A figure; the style sheet underlines the best of a column."""
    return format_html("<b>{}</b>" if best else "{}", text)


def _spoken(*parts: str) -> str:
    return "".join(f", {part}" for part in parts if part)


@register.simple_tag
@kept
def exact_price(figure: Price) -> SafeString:
    if figure.state == "priced" and figure.amount is not None:
        exact = money_exact(figure.amount, figure.currency)
    else:
        exact = WORDS.get(figure.state, "Unknown")
    content = CONTENT[figure.content_billed_as_input]
    return format_html(
        '<span data-meter="{}" data-state="{}"{}>{}</span>{}{}',
        figure.meter,
        figure.state,
        exact_amount(figure),
        exact,
        format_html('<span class="sub">{}</span>', content) if content else "",
        announced(figure),
    )


@register.simple_tag
@kept
def fact(figure: Price, claims: SafeString = EMPTY) -> SafeString:
    """A price among the facts of a model, with its endpoint below and nowhere else."""
    endpoint = figure.where if figure.state != "not_offered" else ""
    return format_html(
        '<dd title="{}">{}{}{}</dd>',
        price_in_full(figure),
        price_text(replace(figure, where="")),
        format_html(" <small>{}</small>", endpoint) if endpoint else "",
        claims,
    )


@register.simple_tag
@kept
def limits_fact(
    context: int | None,
    output: int | None,
    *,
    max_input: int | None = None,
    claims: SafeString = EMPTY,
) -> SafeString:
    """The context window, or the most input where no source states the window."""
    max_input = None if context else max_input
    most = context or max_input
    exact = exact_limits(context, output, max_input=max_input)
    return format_html(
        "<dd{}>{}{}{}{}{}</dd>",
        format_html(' title="{}"', exact) if exact else "",
        tokens(most) if most else "—",
        mark_safe(" <small>in</small>") if max_input else "",
        format_html(" <small>{} out</small>", tokens(output)) if output else "",
        _rounded(context, output, max_input=max_input),
        claims,
    )


register.simple_tag(counted)


def price_in_full(figure: Price) -> str:
    """A sentence or two: $1.10 per million tokens, OpenAI. LiteLLM, Nov 12, 2026."""
    if figure.state == "priced" and figure.amount is not None:
        meaning = f"{money_exact(figure.amount, figure.currency)} per {counted(figure)}"
    else:
        meaning = MEANINGS[figure.state]
    meaning += CONTENT_IN_FULL[figure.content_billed_as_input]
    what = ", ".join(filter(None, (meaning, figure.under, figure.where)))
    best = BEST.capitalize() if figure.best else ""
    coming = announced_in_full(figure)
    parts = (what, best, figure.basis, f"Announced: {coming}" if coming else "")
    return ". ".join(filter(None, parts))


def _aside(text: str) -> SafeString:
    return format_html('<span class="visually-hidden">{}</span>', text) if text else mark_safe("")


@register.simple_tag
@kept
def limits(
    context: int | None,
    max_input: int | None,
    output: int | None,
    *,
    best: bool = False,
    dispute: Dispute | None = None,
) -> SafeString:
    """The context window, or the most input where no source states the window."""
    if context is None and max_input:
        return format_html(
            '<td class="num limits" title="{}">{}<span class="unit"> in</span>{}{}{}</td>',
            exact_limits(None, output, max_input=max_input),
            tokens(max_input),
            format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
            _rounded(None, output, max_input=max_input),
            disputed(dispute),
        )
    if context is None and output is None:
        return mark_safe(
            '<td class="num limits" title="Unknown: no source states it">'
            '<span aria-hidden="true">—</span>'
            '<span class="visually-hidden">unknown</span></td>'
        )
    return format_html(
        '<td class="num limits{}" title="{}">{}{}{}{}{}</td>',
        " best" if best else "",
        exact_limits(context, output),
        _marked(tokens(context) if context else "—", best=best),
        _aside(", the largest of the direct providers") if best else "",
        format_html('<span class="sub">{} out</span>', tokens(output)) if output else "",
        _rounded(context, output),
        disputed(dispute),
    )


def exact_limits(context: int | None, output: int | None, *, max_input: int | None = None) -> str:
    """200,000 tokens of context, 100,000 tokens out."""
    stated = (
        f"{context:,} tokens of context" if context else "",
        f"{max_input:,} tokens in, the whole context is not stated" if max_input else "",
        f"{output:,} tokens out" if output else "",
    )
    return ", ".join(filter(None, stated))


def _rounded(
    context: int | None, output: int | None, *, max_input: int | None = None
) -> SafeString:
    rounded = any(count and not shows_all(count) for count in (context, max_input, output))
    exact = exact_limits(context, output, max_input=max_input)
    return _aside(f", exactly {exact}" if rounded else "")


def shows_all(count: int) -> bool:
    """Whether the short form of a number of tokens is exact: 200K is, 131K may not be."""
    short = tokens(count)
    many = {"K": 1000, "M": 1_000_000}.get(short[-1], 1)
    return Decimal(short.rstrip("KM").replace(",", "")) * many == count


@register.simple_tag
@kept
def policy(name: str, answer: str, aside: str = "") -> SafeString:
    """Cell of a data policy. Unknown never looks like a yes."""
    if not answer:
        return format_html(
            '<td class="policy no" data-policy="{}" title="Unknown: no source states it">'
            '<span aria-hidden="true">—</span><span class="visually-hidden">unknown</span></td>',
            name,
        )
    looks = "yes" if answer.startswith("Yes") else "no" if answer == "No" else ""
    word, _, unless = answer.partition(", ")
    below = format_html('{}<span class="sub">{}</span>', _aside(", "), unless) if unless else ""
    return format_html(
        '<td class="policy {}" data-policy="{}"{}>{}{}{}</td>',
        looks,
        name,
        format_html(' title="{}"', f"{answer}. {aside}") if aside else "",
        word,
        below,
        _aside(f". {aside}" if aside else ""),
    )


@register.simple_tag
@kept
def icons(capabilities: tuple[tuple[str, str], ...]) -> SafeString:
    if not capabilities:
        return mark_safe('<span class="faint none" title="None stated">—</span>')
    symbols = format_html_join("", '<i class="icon {}" title="{}"></i>', capabilities)
    names = ", ".join(name for _, name in capabilities)
    return format_html('<span class="icons" role="img" aria-label="{}">{}</span>', names, symbols)
