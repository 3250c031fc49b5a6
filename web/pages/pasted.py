"""What was pasted beside the estimate:

a prompt as its input, and a reported usage with its price.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from catalog.known_names import known_names
from catalog.matching.serving import Fit
from catalog.models import Model
from catalog.names import Resolution
from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.price import Cost
from pricing.priced_endpoints import priced_endpoints
from pricing.ranking import Ranker, Ranking, Reason
from pricing.rates import State
from pricing.request import Request
from pricing.usage import PART_OF, Usage
from usage.placement import Likely, likely
from usage.responses import UsageReport
from web.format.figures import money_exact, plain, thousands
from web.params.estimate import EstimateQuery
from web.params.workload import FIELDS, Workload
from web.reads.addresses import near_spellings
from web.tables.cost_lines import Itemised, itemised, total
from web.tables.estimate import UnrankedGroup, groups

LONGEST_NAME = 300
# Why a provider has no total: where it is one provider that is asked for.
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
    """The query of an estimate with so many input tokens, without parts that are more than that
    together."""
    stated = asked.workload.pairs()
    parts = {each.name for each in FIELDS if each.whole == "input"}
    if sum(asked.workload.number(name) for name in parts) > tokens:
        stated = [(name, value) for name, value in stated if name not in parts]
    rest = asked.pairs()[len(asked.workload.pairs()) :]
    before = [pair for pair in stated if pair[0] == "requests"]
    after = [pair for pair in stated if pair[0] not in ("requests", "input")]
    return urlencode([*before, ("input", str(tokens)), *after, *rest])


@dataclass(frozen=True, slots=True)
class Bill:
    """What the request cost at an endpoint; `fit` is how it fits the model's name, if it does.

    `late` where no price of the time of the request is known, and it is priced as it would be now.
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
    """How much of a meter was used; `part` where it is a part of the one above."""

    name: str
    number: str
    part: bool


@dataclass(frozen=True, slots=True)
class PricedReport:
    """A report and what it cost, where the model is one of ours; else `near` are models spelled
    nearly so.

    `lines` are those of `main`, the endpoint that it most likely is of, or that was asked for;
    `why` says why there is none, and `elsewhere` that it is not where the report says. `at` is when
    the request was made, where that is known. `query` fills the estimate, with the model on top;
    its form has no field for the meters `beyond`.
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
    """Price a report at every endpoint of the model that is spelled so.

    At the prices of when it was made, else at those of now. `opened` is the key of the bill whose
    lines are asked for.
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
    """The report, priced at every endpoint of its model:

    the cheapest first, and those without a price. A tier that the model's name names is its tier.
    """
    everywhere = priced_endpoints(now.date()).in_use
    endpoints = [endpoint for endpoint in everywhere if endpoint.model == priced.slug]
    ranker = Ranker(endpoints)
    own = _own(priced.slug, {endpoint.provider for endpoint in endpoints})
    place = likely(meaning, endpoints, own)
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
    others = replace(ranking, apart={reason: left for reason, left in apart.items() if left})
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


def _once(priced: PricedReport) -> Workload:
    return Workload({"requests": 1}, tier=priced.report.tier)


# The lines that are shown -----------------------------------------------------------------------


def _with_lines(priced: PricedReport, place: Likely, others: Ranking, opened: str) -> PricedReport:
    """The lines of the bill that is asked for, else of the provider that the request most likely
    went to.

    That is the one that the report or the model's id names, else the model's creator; only of a
    model that its creator does not sell it is the cheapest. None replaces one without a price.
    """
    endpoints = [
        *(bill.endpoint for bill in priced.bills),
        *(endpoint for group in others.apart.values() for endpoint in group),
    ]
    providers = {endpoint.provider: endpoint.provider_name for endpoint in endpoints}
    named = known_names().provider(priced.report.provider)
    if priced.report.provider and named not in providers and providers:
        priced = replace(priced, elsewhere=priced.report.provider)
    given = {bill.endpoint.provider for bill in priced.bills if bill.state == "free"}
    sold = [bill for bill in priced.bills if bill.state != "free"]
    fitting = [bill for bill in sold if bill.fit is not None]
    free = given - {bill.endpoint.provider for bill in sold}
    own = (slug for slug in _own(priced.slug, providers) if slug not in free)
    usual = place.provider or (named if named in providers else "") or next(own, "")
    asked = [bill for bill in priced.bills if bill.key == opened]
    if asked or not usual:
        main = next(iter((*asked, *fitting)), None)
    else:
        there = [bill for bill in priced.bills if bill.endpoint.provider == usual]
        main = min((b for b in there if b.fit is not None), key=_likeliest, default=None)
    if main is None:
        return replace(priced, why=_why_none(usual, others))
    return replace(priced, main=main, lines=itemised(main.cost, _once(priced), {}))


def _likeliest(bill: Bill) -> tuple[Fit | None, bool, Decimal, str]:
    """How far an endpoint is from the one that a report of its provider most likely is of."""
    return bill.fit, bill.state == "free", bill.total, bill.endpoint.upstream_id


def _own(model: str, providers: Iterable[str]) -> list[str]:
    """Those of the providers that are the own API of the model's creator, its namesake first."""
    names, creator = known_names(), model.partition("/")[0]
    own = [provider for provider in providers if names.is_own(provider, model)]
    return sorted(
        own,
        key=lambda provider: (provider != creator, not names.providers[provider].direct, provider),
    )


def _why_none(provider: str, others: Ranking) -> str:
    """Why there are no lines of a provider, as a sentence; "" is any provider."""
    for reason, group in sorted(others.apart.items(), key=lambda each: each[0].kind not in _WHY):
        for endpoint in group:
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
    """Everything that was used: each whole with its parts below it."""
    wholes = [slug for slug in usage.counted if slug not in PART_OF and slug != "request"]
    found = []
    for whole in wholes:
        parts = [slug for slug in usage.counted if whole in PART_OF.get(slug, ())]
        found += [(whole, False), *((part, True) for part in parts)]
    return [Quantity(meter(slug).name, thousands(int(usage[slug])), part) for slug, part in found]


def _filled(report: UsageReport) -> tuple[str, list[str]]:
    """The query that fills the estimate with one such request, and the meters that it has no field
    for.

    The form's parts of the input are apart from each other: a cached picture counts as cached.
    """
    usage = report.usage
    apart = {
        slug: usage.own.get(slug, Decimal(0))
        for slug in ("input_image", "input_audio", "output_audio")
    }
    numbers = {
        each.name: apart.get(each.meter, usage[each.meter]) * each.per
        for each in FIELDS
        if each.meter
    }
    some = [
        (name, plain(number)) for name, number in numbers.items() if number or name == "reasoning"
    ]
    tier = [("tier", report.tier)] if report.tier else []
    fields = {each.meter for each in FIELDS} | {"request"}
    beyond = [meter(slug).name for slug in usage.own if slug not in fields]
    return urlencode([("requests", "1"), *some, *tier]), beyond
