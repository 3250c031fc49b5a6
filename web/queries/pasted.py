"""What was pasted beside the estimate: a prompt as its input, and a reported usage with its price."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from catalog.models import Model
from pricing.meters import meter
from pricing.rates import State
from pricing.usage import PART_OF, Usage
from pricing.usage_report import Report
from web.estimate import Group, Itemised, cost_of, groups, itemised, total
from web.estimate_query import EstimateQuery
from web.filters import ModelFilters
from web.queries.addresses import near_spellings, slug_behind
from web.queries.offers import Offer, Offers, offers
from web.ranking import Ranker
from web.templatetags.format import money_exact, plain, thousands
from web.workload import FIELDS, Workload

LONGEST_NAME = 300
# Whose free endpoints count as well as others: who asks what a request cost wants to read "free" too.
_ALL = ModelFilters(plans=True)


def with_input(asked: EstimateQuery, tokens: int) -> str:
    """The query of an estimate with so many input tokens, without parts that are more than that together."""
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
    """What the request cost at an endpoint; `is_named` where the report names its very id."""

    offer: Offer
    total: Decimal
    state: State
    is_named: bool

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
class Priced:
    """A report and what it cost, where the model is one of ours; else `near` are models spelled nearly so.

    `lines` are those of `main`: the creator's own endpoint, or the cheapest. `query` fills the estimate,
    with the model on top; its form has no field for the meters `beyond`.
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
    apart: Sequence[Group] = ()
    main: Bill | None = None
    lines: Sequence[Itemised] = ()


def price_report(report: Report, spelling: str, now: datetime) -> Priced:
    """Price a report at every endpoint of the model that is spelled so, at the prices of now."""
    query, beyond = _filled(report)
    named = spelling.strip()[:LONGEST_NAME].replace("\0", "")
    priced = Priced(report, named, _quantities(report.usage), query, beyond)
    slug = _slug(named)
    if slug is None:
        return replace(priced, near=near_spellings(named) if named else ())
    name = Model.objects.values_list("name", flat=True).get(slug=slug)
    pinned = f"{query}&{urlencode([('pin', slug)])}"
    return _at_each(replace(priced, slug=slug, name=name, query=pinned), now)


def _slug(spelling: str) -> str | None:
    """The model of an id as a response names it: Google's may be a path to it."""
    for named in dict.fromkeys((spelling, spelling.rpartition("models/")[2])):
        if Model.objects.filter(slug=named.lower()).exists():
            return named.lower()
        if named and (slug := slug_behind(named)):
            return slug
    return None


def _at_each(priced: Priced, now: datetime) -> Priced:
    """The report, priced at every endpoint of its model: the cheapest first, and those without a price."""
    of = offers()
    ranker = Ranker(Offers(tuple(offer for offer in of.all if offer.model == priced.slug), of.edition))
    usage, tier = priced.report.usage, priced.report.tier
    ranking = ranker.rank(usage, now, tier, _ALL)
    once = Workload({"requests": 1}, tier=tier)
    costs = [(offer, cost_of(offer, usage, once, now)) for offer in ranking.ranked]
    bills = [
        Bill(offer, total(cost), cost.state, offer.upstream_id == priced.spelling) for offer, cost in costs
    ]
    main = min(range(len(bills)), key=lambda place: _outwardness(bills[place]), default=None)
    return replace(
        priced,
        bills=bills,
        apart=groups(ranking),
        main=None if main is None else bills[main],
        lines=() if main is None else itemised(costs[main][1], once, {}),
    )


def _outwardness(bill: Bill) -> tuple[bool, bool, bool]:
    """How far an endpoint is from the one that a report most likely is of."""
    return bill.offer.kind != "first-party", not bill.is_named, bill.offer.variant != {""}


def _quantities(usage: Usage) -> list[Quantity]:
    """Everything that was used: each whole with its parts below it."""
    wholes = [slug for slug in usage.counted if slug not in PART_OF and slug != "request"]
    found = []
    for whole in wholes:
        parts = [slug for slug in usage.counted if whole in PART_OF.get(slug, ())]
        found += [(whole, False), *((part, True) for part in parts)]
    return [Quantity(meter(slug).name, thousands(int(usage[slug])), part) for slug, part in found]


def _filled(report: Report) -> tuple[str, list[str]]:
    """The query that fills the estimate with one such request, and the meters that it has no field for.

    The form's parts of the input are apart from each other: a cached picture counts as cached.
    """
    usage = report.usage
    apart = {slug: usage.own.get(slug, Decimal(0)) for slug in ("input_image", "input_audio", "output_audio")}
    numbers = {
        each.name: apart.get(each.meter, usage[each.meter]) * each.per for each in FIELDS if each.meter
    }
    some = [(name, plain(number)) for name, number in numbers.items() if number or name == "reasoning"]
    tier = [("tier", report.tier)] if report.tier else []
    fields = {each.meter for each in FIELDS} | {"request"}
    beyond = [meter(slug).name for slug in usage.own if slug not in fields]
    return urlencode([("requests", "1"), *some, *tier]), beyond
