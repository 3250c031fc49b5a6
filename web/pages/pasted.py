"""What was pasted beside the estimate:

a prompt as its input, and a reported usage with its price.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import F, Q

from catalog.models import Model, Provider
from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.price import Cost
from pricing.priced_endpoints import priced_endpoints
from pricing.ranking import Ranker, Ranking, Reason
from pricing.rates import State
from pricing.request import Request
from pricing.usage import PART_OF, Usage
from usage.names import CALLED
from usage.responses import Report
from web.format.figures import money_exact, plain, thousands
from web.params.estimate import EstimateQuery
from web.params.workload import FIELDS, Workload
from web.reads.addresses import near_spellings, slug_behind
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
    """What the request cost at an endpoint; `is_named` where the report names its very id.

    `late` where no price of the time of the request is known, and it is priced as it would be now.
    """

    endpoint: PricedEndpoint
    cost: Cost
    is_named: bool
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

    report: Report
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


def price_report(report: Report, spelling: str, now: datetime, opened: str = "") -> PricedReport:
    """Price a report at every endpoint of the model that is spelled so.

    At the prices of when it was made, else at those of now. `opened` is the key of the bill whose
    lines are asked for.
    """
    query, beyond = _filled(report)
    named = spelling.strip()[:LONGEST_NAME].replace("\0", "")
    priced = PricedReport(report, named, _quantities(report.usage), query, beyond)
    slug = _slug(named)
    if slug is None:
        return replace(priced, near=near_spellings(named) if named else ())
    name = Model.objects.values_list("name", flat=True).get(slug=slug)
    pinned = f"{query}&{urlencode([('pin', slug)])}"
    return _at_each(replace(priced, slug=slug, name=name, query=pinned), now, opened)


def _slug(spelling: str) -> str | None:
    """The model of an id as a response names it: Google's may be a path to it."""
    for named in dict.fromkeys((spelling, spelling.rpartition("models/")[2])):
        if Model.objects.filter(slug=named.lower()).exists():
            return named.lower()
        if named and (slug := slug_behind(named)):
            return slug
    return None


def _at_each(priced: PricedReport, now: datetime, opened: str) -> PricedReport:
    """The report, priced at every endpoint of its model:

    the cheapest first, and those without a price.
    """
    endpoints = priced_endpoints(now.date()).in_use
    ranker = Ranker([endpoint for endpoint in endpoints if endpoint.model == priced.slug])
    made = priced.report.made
    at = made if made and made < now else None
    bills, ranking = _bills(priced, ranker, now, late=at is not None)
    if at:
        then, _ = _bills(priced, ranker, at, late=False)
        known = {bill.key for bill in then}
        bills = sorted(
            (*then, *(bill for bill in bills if bill.key not in known)), key=lambda bill: bill.total
        )
    billed = {bill.endpoint.endpoint_id for bill in bills}
    apart = {
        why: [endpoint for endpoint in who if endpoint.endpoint_id not in billed]
        for why, who in ranking.apart.items()
    }
    others = replace(ranking, apart={why: who for why, who in apart.items() if who})
    return _with_lines(replace(priced, bills=bills, apart=groups(others), at=at), others, opened)


def _bills(
    priced: PricedReport, ranker: Ranker, at: datetime, *, late: bool
) -> tuple[list[Bill], Ranking]:
    request = Request(priced.report.usage, at, priced.report.tier)
    ranking = ranker.rank(request, free=True)
    bills = [
        Bill(
            endpoint,
            request.cost(endpoint.card),
            endpoint.upstream_id == priced.spelling,
            late,
        )
        for endpoint in ranking.ranked
    ]
    return bills, ranking


def _once(priced: PricedReport) -> Workload:
    return Workload({"requests": 1}, tier=priced.report.tier)


# Whose lines are shown ------------------------------------------------------------------------------


def _with_lines(priced: PricedReport, others: Ranking, opened: str) -> PricedReport:
    """The lines of the bill that is asked for, else of the provider that the request most likely
    went to.

    That is who the report names, else the model's creator; only of a model that its creator does
    not sell it is the cheapest who does. Who has no price is never stood in for.
    """
    everybody = [
        *(bill.endpoint for bill in priced.bills),
        *(one for who in others.apart.values() for one in who),
    ]
    hosts = {endpoint.provider: endpoint.provider_name for endpoint in everybody}
    named = _called(priced.report.provider, hosts)
    if priced.report.provider and not named and hosts:
        priced = replace(priced, elsewhere=priced.report.provider)
    given = {bill.endpoint.provider for bill in priced.bills if bill.state == "free"}
    sold = [bill for bill in priced.bills if bill.state != "free"]
    free = given - {bill.endpoint.provider for bill in sold}
    usual = named or next(
        (slug for slug in _own(priced.slug) if slug in hosts and slug not in free), ""
    )
    asked = [bill for bill in priced.bills if bill.key == opened]
    if asked or not usual:
        main = next(iter((*asked, *sold)), None)
    else:
        main = min(
            (b for b in priced.bills if b.endpoint.provider == usual), key=_plainest, default=None
        )
    if main is None:
        return replace(priced, why=_why_none(usual, others))
    return replace(priced, main=main, lines=itemised(main.cost, _once(priced), {}))


def _called(name: str, hosts: Mapping[str, str]) -> str:
    """The provider among these that goes by a name, as OpenRouter and others spell it; empty for
    none."""
    plain_name = re.sub(r"[ _]+", "-", name.strip().lower())
    meant = _bare(CALLED.get(plain_name, plain_name))
    return next(
        (slug for slug, title in hosts.items() if meant and meant in (_bare(slug), _bare(title))),
        "",
    )


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _own(model: str) -> list[str]:
    """The providers that are the model's creator, the one that is called like it first."""
    creator = Model.objects.filter(slug=model).values("creator")
    own = Provider.objects.filter(
        Q(creator__in=creator) | Q(slug__in=creator.values("creator__slug"))
    )
    rows = own.annotate(of=F("creator__slug")).values_list("slug", "kind", "of")
    return [
        row[0]
        for row in sorted(rows, key=lambda row: (row[0] != row[2], row[1] != "first-party", row[0]))
    ]


def _plainest(bill: Bill) -> tuple[bool, bool, bool, Decimal, str]:
    """How far an endpoint is from the one that a report of its provider most likely is of.

    Among those that are alike, regions ask for more than what is asked for anywhere.
    """
    endpoint = bill.endpoint
    given = bill.state == "free"
    return not bill.is_named, given, bool(endpoint.variant), bill.total, endpoint.upstream_id


def _why_none(provider: str, others: Ranking) -> str:
    """Why there are no lines of a provider, as a sentence; of nobody where none is asked for."""
    for reason, who in sorted(others.apart.items(), key=lambda each: each[0].kind not in _WHY):
        for endpoint in who:
            if endpoint.provider == provider:
                return f"{_sentence(reason, endpoint.provider_name)}."
    return (
        "" if provider else "Nobody is known to sell what was used, so there is nothing to itemise."
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


def _filled(report: Report) -> tuple[str, list[str]]:
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
