"""What a workload costs at each of the endpoints that are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pricing.announced import next_cost_change
from pricing.choices import cost_range
from pricing.endpoint import PricedEndpoint
from pricing.media import lacking, needs
from pricing.meters import meter
from pricing.price import Cost, UnknownTier
from pricing.ranking import Reason
from web.format.figures import instant, money, money_exact, tokens
from web.params.workload import Workload
from web.params.workload_fields import FIELDS
from web.reads.endpoints import EndpointRecord
from web.tables.comparison_prices import price_attributes
from web.tables.comparison_rows import UNSTATED, ComparedCell, ComparedRow
from web.text.announced import change_in_words
from web.text.estimate import why_not_ranked
from web.text.facts import listed

# Reasons for the lack of a total, by `Cost.state`.
_NO_TOTAL: dict[str, str] = {
    "unknown": "no price of {}",
    "not_offered": "{} not offered",
    "dynamic": "{} varies",
    "included": "in a plan",
}


@dataclass(frozen=True, slots=True)
class WorkloadCost:
    """The cost of a workload at an endpoint; `refused` is the reason if it cannot take it.

    Where an option of its price is left open, it is the lowest; `most` is the highest then.
    `unfit` is what an endpoint cannot make, take or read.
    `undated` are meters without a price at the workload's time that have one at another, `change`
    is what an announced price makes of the cost, in words.
    """

    cost: Cost | None
    refused: str = ""
    undated: frozenset[str] = frozenset()
    change: str = ""
    most: Cost | None = None
    unfit: str = ""


def workload_cost(endpoint: PricedEndpoint, workload: Workload, now: datetime) -> WorkloadCost:
    """The cost of all requests of a workload. Raises OddUsage where it was not understood."""
    request, card = workload.request(now), endpoint.card
    lack = lacking(endpoint, needs(request.usage))
    if lack and lack[0] in ("makes", "takes", "work"):
        why = why_not_ranked(Reason(*lack))
        return WorkloadCost(None, why, unfit=f"does{why.removeprefix('Do')}")
    try:
        found = cost_range(card, request)
    except UnknownTier as refusal:
        return WorkloadCost(None, str(refusal))
    cost, request = found.least, found.request
    missing = {unpriced.meter for unpriced in cost.unpriced if unpriced.state == "unknown"}
    undated = frozenset(slug for slug in missing if card.is_dated(slug, request.at))
    change = next_cost_change(card, request, now)
    words = change_in_words(change, now.date()) if change else ""
    most = found.most.times(workload.requests) if found.is_open else None
    return WorkloadCost(cost.times(workload.requests), undated=undated, change=words, most=most)


def workload_rows(
    endpoints: Sequence[EndpointRecord],
    costs: Sequence[WorkloadCost | None],
    workload: Workload | None,
) -> tuple[ComparedRow, ...]:
    if workload is None or workload.complaints:
        return ()
    cells = [
        _total(endpoint, cost, workload) for endpoint, cost in zip(endpoints, costs, strict=True)
    ]
    # Endpoints out of use, or too small for the request, do not count.
    able = [
        cell
        for cell, endpoint in zip(cells, endpoints, strict=True)
        if endpoint.in_use and not cell.note
    ]
    amounts = {cell.value[1] for cell in able}
    lowest = min(amounts) if len(amounts) > 1 else None
    marked = (
        replace(
            cell,
            best="lowest" if cell in able and cell.value[1] == lowest else "",
            note=", ".join(filter(None, (cell.note, cost.change if cost else ""))),
        )
        for cell, cost in zip(cells, costs, strict=True)
    )
    label = f"{'Daily' if workload.every == 'day' else 'Monthly'} cost of this workload"
    return (ComparedRow(label, tuple(marked), _in_short(workload)),)


def _in_short(workload: Workload) -> str:
    sizes = [
        f"{tokens(workload.number(name))} {word}"
        for name, word in (("input", "in"), ("output", "out"))
        if workload.number(name) or not workload.beyond_text
    ]
    sizes += [
        f"{field.label}: {field.shown(number)}{' s' if field.duration else ''}"
        for field in FIELDS
        if field.beyond_text and (number := workload.number(field.name))
    ]
    sizes += [f"{name.replace('_', ' ')} {word}" for name, word in workload.options.items()]
    conditions = (
        workload.tier,
        f"prices as of {instant(workload.at)}" if workload.at else "",
        "cached tokens without a price billed as input" if workload.uncached else "",
    )
    return ", ".join(filter(None, (f"{workload.requests:,} requests", *sizes, *conditions)))


def _total(
    endpoint: EndpointRecord, priced: WorkloadCost | None, workload: Workload
) -> ComparedCell:
    if priced is None or priced.cost is None:
        refused = priced.refused if priced else UNSTATED
        if priced and priced.unfit:
            return _no_total("not_offered", refused, priced.unfit)
        return _no_total("unknown", refused, "no such tier" if priced else "no price")
    cost = priced.cost
    if cost.total is None or cost.currency != "USD":
        missing = listed(
            meter(unpriced.meter).name.lower()
            for unpriced in cost.unpriced
            if unpriced.state == cost.state
        )
        note = _NO_TOTAL[cost.state].format(missing) if missing else "not in US dollars"
        if priced.undated:
            note = f"{note} then"
        return _no_total(cost.state if missing else "unknown", f"No total: {note}", note)
    needed = workload.number("input") + workload.number("output")
    up_to = priced.most.total if priced.most else None
    overflows = endpoint.context is not None and needed > endpoint.context
    return ComparedCell(
        money(cost.total) if cost.total else "Free",
        note=", ".join(
            filter(
                None,
                (
                    f"up to {money(up_to)} by its options" if up_to else "",
                    "more than its context" if overflows else "",
                ),
            )
        ),
        title=money_exact(cost.total),
        value=(cost.state, cost.total),
        attributes=price_attributes("total", cost.state, cost.total, "USD"),
        numeric=True,
    )


def _no_total(state: str, title: str, note: str) -> ComparedCell:
    attributes = price_attributes("total", state, None, "USD")
    return ComparedCell("", note, title, (state, None, note), attributes=attributes)
