"""Pasted input of the estimate: a prompt's token count, or a reported usage with its price."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from catalog.known_names import known_names
from catalog.matching.serving import Fit
from catalog.models import Model
from catalog.resolution import Resolution
from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.price import Cost
from pricing.priced_endpoints import priced_endpoints
from pricing.ranking import Ranker, Ranking, Reason
from pricing.rates import State
from pricing.request import Request
from pricing.usage import PART_OF, Usage
from usage.placement import Likely, likely, without_charge
from usage.responses import UsageReport
from web.format.figures import money_exact, plain, thousands
from web.params.estimate import EstimateQuery
from web.params.workload import Workload
from web.params.workload_fields import FIELDS
from web.reads.addresses import near_spellings
from web.tables.cost_lines import Itemised, itemised, total
from web.tables.estimate import UnrankedGroup, groups

LONGEST_NAME = 300
# Reasons for the missing total of a provider, by kind.
_WHY = {
    "tier": "{} states no price for the {} tier",
    "unknown": "No source states the price of {} for {}",
    "not_offered": "{} does not sell {}",
    "included": "{} includes it in a plan, and does not bill it by use",
    "plan": "{} includes it in a plan, and does not bill it by use",
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
class Bill:
    """Cost of the request at an endpoint; `fit` is how closely it matches the model's name.

    `late` is set where no price at the time of the request is known and today's price is used.
    """

    endpoint: PricedEndpoint
    cost: Cost
    fit: Fit | None
    late: bool

    @property
    def total(self) -> Decimal:
        return total(self.cost)

    @property
    def state(self) -> State:
        return self.cost.state

    @property
    def key(self) -> str:
        return f"{self.endpoint.provider}/{self.endpoint.upstream_id}"

    @property
    def amount(self) -> str:
        return plain(self.total)

    @property
    def exactly(self) -> str:
        return money_exact(self.total)


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


def price_report(
    report: UsageReport, spelling: str, now: datetime, opened: str = ""
) -> PricedReport:
    """Price a report at every endpoint of the model with this spelling.

    Uses the prices at the time of the request, else today's. `opened` is the key of the bill to
    itemise.
    """
    query, beyond = _filled(report)
    named = spelling.strip()[:LONGEST_NAME].replace("\0", "")
    priced = PricedReport(report, named, _quantities(report.usage), query, beyond)
    meaning = known_names().resolve(named, report.provider)
    slug = meaning.model
    if slug is None:
        return replace(priced, near=near_spellings(named) if named else ())
    name = Model.objects.values_list("name", flat=True).get(slug=slug)
    pinned = f"{query}&{urlencode([('pin', slug)])}"
    return _at_each(replace(priced, slug=slug, name=name, query=pinned), meaning, now, opened)


def _at_each(priced: PricedReport, meaning: Resolution, now: datetime, opened: str) -> PricedReport:
    """Price the report at every endpoint of its model, cheapest first, then those without a price.

    A tier in the model's name is the report's tier.
    """
    own = known_names().own_apis(priced.slug)
    # Where the request most likely went, it was answered, though the endpoint has ended since.
    answering = {meaning.provider} if meaning.provider else {*own}
    endpoints = [
        endpoint
        for endpoint in priced_endpoints(now.date()).all
        if endpoint.model == priced.slug and (not endpoint.gone or endpoint.provider in answering)
    ]
    place = likely(meaning, endpoints, own)
    ranker = Ranker(
        [
            replace(endpoint, card=without_charge(endpoint.card))
            if endpoint.endpoint_id in place.free
            else endpoint
            for endpoint in endpoints
        ]
    )
    if place.tier and not priced.report.tier:
        priced = replace(priced, report=replace(priced.report, tier=place.tier))
    made = priced.report.made
    at = made if made and made < now else None
    bills, ranking = _bills(priced, ranker, place, now, late=at is not None)
    if at:
        then, _ = _bills(priced, ranker, place, at, late=False)
        known = {bill.key for bill in then}
        bills = sorted(
            (*then, *(bill for bill in bills if bill.key not in known)), key=lambda bill: bill.total
        )
    billed = {bill.endpoint.endpoint_id for bill in bills}
    apart = {
        reason: [endpoint for endpoint in endpoints if endpoint.endpoint_id not in billed]
        for reason, endpoints in ranking.apart.items()
    }
    others = replace(
        ranking, apart={reason: endpoints for reason, endpoints in apart.items() if endpoints}
    )
    priced = replace(priced, bills=bills, apart=groups(others), at=at)
    return _with_lines(priced, place, others, opened)


def _bills(
    priced: PricedReport, ranker: Ranker, place: Likely, at: datetime, *, late: bool
) -> tuple[list[Bill], Ranking]:
    request = Request(priced.report.usage, at, priced.report.tier)
    ranking = ranker.rank(request, free=True)
    bills = [
        Bill(
            endpoint,
            request.cost(endpoint.card),
            place.fits.get(endpoint.endpoint_id),
            late,
        )
        for endpoint in ranking.ranked
    ]
    return bills, ranking


# The lines that are shown -------------------------------------------------------------------------


def _with_lines(priced: PricedReport, place: Likely, others: Ranking, opened: str) -> PricedReport:
    """Add the lines of the opened bill, else of the provider that the request most likely went to.

    That is the one in the report or in the model's id, else the model's creator; the cheapest only
    if the creator does not sell the model. A provider without a price is not replaced by another.
    """
    providers = {
        *(bill.endpoint.provider for bill in priced.bills),
        *(endpoint.provider for endpoints in others.apart.values() for endpoint in endpoints),
    }
    named = known_names().provider(priced.report.provider)
    if priced.report.provider and named not in providers and providers and not place.free:
        priced = replace(priced, elsewhere=priced.report.provider)
    stated_free = {bill.endpoint.provider for bill in priced.bills if bill.state == "free"}
    sold = [bill for bill in priced.bills if bill.state != "free"]
    fitting = [bill for bill in sold if bill.fit is not None]
    free = stated_free - {bill.endpoint.provider for bill in sold}
    own = (slug for slug in known_names().own_apis(priced.slug) if slug in providers - free)
    usual = place.provider or (named if named in providers else "") or next(own, "")
    wanted = [bill for bill in priced.bills if bill.key == opened]
    if wanted or not usual:
        main = next(iter((*wanted, *fitting)), None)
    else:
        usual_bills = (
            bill
            for bill in priced.bills
            if bill.endpoint.provider == usual and bill.fit is not None
        )
        main = min(usual_bills, key=_likeliest, default=None)
    if main is None:
        return replace(priced, why=_why_none(usual, others))
    once = Workload({"requests": 1}, tier=priced.report.tier)
    return replace(priced, main=main, lines=itemised(main.cost, once, {}))


def _likeliest(bill: Bill) -> tuple[Fit | None, bool, Decimal, str]:
    return bill.fit, bill.state == "free", bill.total, bill.endpoint.upstream_id


def _why_none(provider: str, others: Ranking) -> str:
    groups = sorted(others.apart.items(), key=lambda group: group[0].kind not in _WHY)
    for reason, endpoints in groups:
        for endpoint in endpoints:
            if endpoint.provider == provider:
                return f"{_sentence(reason, endpoint.provider_name)}."
    return (
        ""
        if provider
        else "No provider is known to sell what was used, so there is nothing to itemise."
    )


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


def _quantities(usage: Usage) -> list[Quantity]:
    wholes = [slug for slug in usage.counted if slug not in PART_OF and slug != "request"]
    quantities = []
    for whole in wholes:
        parts = [slug for slug in usage.counted if whole in PART_OF.get(slug, ())]
        quantities += [(whole, False), *((part, True) for part in parts)]
    return [
        Quantity(meter(slug).name, thousands(int(usage[slug])), part) for slug, part in quantities
    ]


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
