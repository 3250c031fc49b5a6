"""Pasted input of the estimate: a prompt's token count, or a reported usage with its price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from catalog.known_names import known_names
from catalog.known_providers import kind_of
from catalog.models import Model
from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.ranking import Reason
from pricing.usage import PART_OF, Usage
from usage.responses import UsageReport
from usage.stated_cost import ComparedCost
from web.format.figures import plain, thousands
from web.pages.pasted_bills import Bill, Biller, compared_with_stated, named_as
from web.params.estimate import EstimateQuery
from web.params.workload import Workload
from web.params.workload_fields import FIELDS
from web.reads.addresses import near_spellings
from web.tables.cost_lines import Itemised, itemised
from web.tables.estimate import UnrankedGroup, groups

# Reasons for the missing total of a provider, by kind.
_WHY = {
    "tier": "{} states no price for the {} tier",
    "unknown": "No source states the price of {} for {}",
    "not_offered": "{} does not sell {}",
    "included": "{} includes it in a plan, and does not bill it by use",
    "plan": "{} includes it in a plan, and does not bill it by use",
    "local": "{} runs on a machine of your own: it has no price by use",
    "dynamic": "The price of {} depends on the request",
    "small": "The request does not fit the limits that are stated for {}",
    "currency": "{} is priced in {}, which is not converted",
}


def with_input(asked: EstimateQuery, tokens: int) -> str:
    """The estimate's query with this many input tokens; drops parts that would exceed them."""
    stated = asked.workload.pairs()
    parts = {field.name for field in FIELDS if field.whole == "input"}
    if sum(asked.workload.number(name) for name in parts) > tokens:
        stated = [(name, value) for name, value in stated if name not in parts]
    rest = asked.pairs()[len(asked.workload.pairs()) :]
    before = [pair for pair in stated if pair[0] == "requests"]
    after = [pair for pair in stated if pair[0] not in ("requests", "input")]
    return urlencode([*before, ("input", str(tokens)), *after, *rest])


@dataclass(frozen=True, slots=True)
class Quantity:
    """Used amount of a meter; `part` if it counts a part of the one above."""

    name: str
    number: str
    part: bool


@dataclass(frozen=True, slots=True)
class PricedReport:
    """A report and its price, if the model is known; else `near` are models of similar spelling.

    `main` is the likeliest endpoint or the opened one, `lines` are its cost lines; `why` is the
    reason if there are none, `elsewhere` a reported provider that does not serve the model. `at` is
    the time of the request, if known. `query` fills the estimate with the model pinned; its form
    has no field for the meters `beyond`.
    """

    report: UsageReport
    spelling: str
    quantities: list[Quantity]
    query: str
    beyond: list[str]
    slug: str = ""
    name: str = ""
    near: Sequence[tuple[str, str]] = ()
    bills: Sequence[Bill] = ()
    apart: Sequence[UnrankedGroup] = ()
    main: Bill | None = None
    lines: Sequence[Itemised] = ()
    why: str = ""
    elsewhere: str = ""
    at: datetime | None = None
    billed: ComparedCost | None = None


def price_report(
    report: UsageReport, spelling: str, now: datetime, opened: str = ""
) -> PricedReport:
    """Price a report at every endpoint of the model with this spelling.

    Uses the prices at the time of the request, else today's. `opened` is the key of the bill to
    itemise.
    """
    query, beyond = _filled(report)
    named = named_as(spelling)
    priced = PricedReport(report, named, quantities_of(report.usage), query, beyond)
    biller = Biller(now)
    meant = biller.meant(named, report)
    slug = meant.model
    if not slug:
        return replace(priced, near=near_spellings(named) if named else ())
    bills = biller.bills(report, meant, opened)
    main = bills.main
    return replace(
        priced,
        report=replace(report, tier=bills.tier),
        slug=slug,
        name=Model.objects.values_list("name", flat=True).get(slug=slug),
        query=f"{query}&{urlencode([('pin', slug)])}",
        bills=bills.sold,
        apart=groups(bills.apart),
        main=main,
        lines=itemised(main.cost, Workload({"requests": 1}, tier=bills.tier), {}) if main else (),
        why="" if main else why_none(bills.usual, bills.apart),
        elsewhere=bills.elsewhere,
        at=bills.at,
        billed=compared_with_stated(report, bills),
    )


def why_none(provider: str, apart: Mapping[Reason, Sequence[PricedEndpoint]]) -> str:
    known_first = sorted(apart.items(), key=lambda group: group[0].kind not in _WHY)
    for reason, endpoints in known_first:
        for endpoint in endpoints:
            if endpoint.provider == provider:
                return f"{_sentence(reason, endpoint.provider_name)}."
    if not provider:
        return "No provider is known to sell what was used, so there is nothing to itemise."
    if kind_of(provider) == "local":
        return f"{_WHY['local'].format(known_names().providers[provider].name)}."
    return ""


def _sentence(reason: Reason, name: str) -> str:
    what = (
        meter(reason.what).name.lower()
        if reason.kind in ("unknown", "not_offered")
        else reason.what
    )
    if reason.kind == "unknown":
        return _WHY["unknown"].format(what, name)
    return _WHY.get(reason.kind, "{} does not serve such a request").format(
        name, what or "several currencies"
    )


def quantities_of(usage: Usage) -> list[Quantity]:
    wholes = [slug for slug in usage.counted if slug not in PART_OF and slug != "request"]
    quantities = []
    for whole in wholes:
        parts = [slug for slug in usage.counted if whole in PART_OF.get(slug, ())]
        quantities += [(whole, False), *((part, True) for part in parts)]
    return [
        Quantity(meter(slug).name, quantity_text(usage[slug]), part) for slug, part in quantities
    ]


def quantity_text(quantity: Decimal) -> str:
    return thousands(int(quantity)) if quantity == int(quantity) else plain(quantity)


def _filled(report: UsageReport) -> tuple[str, list[str]]:
    """Query that fills the estimate with one such request, and the meters without a field.

    The form's parts of the input do not overlap: a cached picture counts as cached.
    """
    usage = report.usage
    apart = {
        slug: usage.own.get(slug, Decimal(0))
        for slug in ("input_image", "input_audio", "output_audio")
    }
    numbers = {
        field: apart.get(field.meter, usage[field.meter]) * field.per
        for field in FIELDS
        if field.meter
    }
    stated = [
        (field.name, field.text(number))
        for field, number in numbers.items()
        if number or field.name == "reasoning"
    ]
    tier = [("tier", report.tier)] if report.tier else []
    counted = {field.meter for field in FIELDS} | {"request"}
    beyond = [meter(slug).name for slug in usage.own if slug not in counted]
    return urlencode([("requests", "1"), *stated, *tier]), beyond
