"""What a reported usage costs at each endpoint of its model, and where it most likely went."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from catalog.known_names import known_names
from catalog.known_providers import kind_of
from catalog.matching.serving import Fit
from catalog.resolution import Resolution
from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.price import Cost
from pricing.priced_endpoints import priced_endpoints
from pricing.ranking import Reason, cost_or_reason
from pricing.rates import State
from pricing.request import Request
from usage.placement import Likely, likely, without_charge
from usage.report_units import counted_at, exceeded_limit
from usage.responses import UsageReport
from usage.stated_cost import ComparedCost, compared_cost
from web.format.figures import money_exact, plain, thousands
from web.tables.cost_lines import total

LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class Bill:
    """Cost of the request at an endpoint; `fit` is how closely it matches the model's name.

    `late` is set where no price at the time of the request is known and today's price is used,
    `beyond` is a limit of the endpoint that the request exceeds; `unbilled` are meters of the
    report that the endpoint does not bill.
    """

    endpoint: PricedEndpoint
    request: Request
    cost: Cost
    fit: Fit | None
    late: bool
    beyond: Decimal | None = None
    unbilled: tuple[str, ...] = ()

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

    @property
    def notes(self) -> list[str]:
        limit = "" if self.beyond is None else thousands(int(self.beyond))
        names = ", ".join(meter(slug).name.lower() for slug in self.unbilled)
        return [
            *((f"does not bill: {names}",) if names else ()),
            *(("at the prices of now",) if self.late else ()),
            *((f"more than its stated limit of {limit} tokens",) if limit else ()),
            *(("no longer listed there",) if self.endpoint.gone else ()),
        ]


@dataclass(frozen=True, slots=True)
class Bills:
    """A report's costs, cheapest first, and the endpoints without one.

    `main` is the bill of the likeliest endpoint, or the opened one. `usual` is the provider where
    the request most likely went, "" for none; `elsewhere` a reported one that does not serve the
    model. `at` is the time of the request, if known. `tier` is the report's or that of the name.
    """

    sold: Sequence[Bill]
    apart: Mapping[Reason, Sequence[PricedEndpoint]]
    main: Bill | None
    usual: str
    elsewhere: str = ""
    at: datetime | None = None
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name at a provider means: endpoints that may have answered, and the likeliest."""

    name: tuple[str, str]
    model: str
    endpoints: Sequence[PricedEndpoint]
    place: Likely


@dataclass(slots=True)
class Biller:
    """Prices reports at an instant; keeps what names, models and alike reports have in common."""

    now: datetime
    _meant: dict[tuple[str, str], Meant] = field(default_factory=dict)
    _answered: dict[Hashable, PricedEndpoint] = field(default_factory=dict)
    _by_model: dict[str, list[PricedEndpoint]] = field(default_factory=dict)

    def meant(self, spelling: str, report: UsageReport) -> Meant:
        key = (spelling, report.provider)
        if (meant := self._meant.get(key)) is None:
            names = known_names()
            meaning = names.resolve(spelling, report.provider)
            if meaning.model is None and meaning.provider:
                bare = names.resolve(spelling)
                meaning = meaning if bare.model is None else bare
            own = names.own_apis(meaning.model or "")
            endpoints = self._of(meaning, own)
            place = likely(meaning, endpoints, own)
            billing = [
                replace(endpoint, card=without_charge(endpoint.card))
                if endpoint.endpoint_id in place.free
                else endpoint
                for endpoint in endpoints
            ]
            meant = self._meant[key] = Meant(key, meaning.model or "", billing, place)
        return meant

    def bills(self, report: UsageReport, meant: Meant, opened: str = "") -> Bills:
        """The report's cost at every endpoint of the model.

        Uses the prices at the time of the request, else today's. A tier in the model's name is the
        report's tier. `opened` is the key of the bill to itemise.
        """
        return self._billed(report, meant, meant.endpoints, opened)

    def main_bill(self, report: UsageReport, meant: Meant) -> Bills:
        """The report's cost where it most likely went, and where alike reports of the name went."""
        meters = tuple(report.usage.counted)
        key = (meant.name, report.tier, meters)
        if endpoint := self._answered.get(key):
            alone = self._billed(report, meant, [endpoint], "")
            if alone.main:
                return alone
        bills = self.bills(report, meant)
        if bills.main:
            self._answered[key] = bills.main.endpoint
        return bills

    def _billed(
        self,
        report: UsageReport,
        meant: Meant,
        endpoints: Sequence[PricedEndpoint],
        opened: str,
    ) -> Bills:
        place = meant.place
        report = replace(report, tier=report.tier or place.tier)
        at = report.made if report.made and report.made < self.now else None
        sold, apart = _sold(report, endpoints, place, at or self.now, late=False)
        if at:
            known = {bill.endpoint.endpoint_id for bill in sold}
            others = [each for each in endpoints if each.endpoint_id not in known]
            late, apart = _sold(report, others, place, self.now, late=True)
            sold += late
        bills = Bills(
            sorted(sold, key=lambda bill: bill.total), apart, None, "", at=at, tier=report.tier
        )
        return _with_main(bills, report, place, meant.model, opened)

    def _of(self, meaning: Resolution, own: Collection[str]) -> list[PricedEndpoint]:
        """The model's endpoints in use, and ended ones where the request most likely was answered.

        Those that were in use, of a model that no provider serves any more.
        """
        if not self._by_model:
            for endpoint in priced_endpoints(self.now.date()).all:
                self._by_model.setdefault(endpoint.model, []).append(endpoint)
        every = self._by_model.get(meaning.model or "", [])
        answering = {meaning.provider} if meaning.provider else {*own}
        return [each for each in every if not each.gone or each.provider in answering] or every


def named_as(spelling: str) -> str:
    return spelling.strip()[:LONGEST_NAME].replace("\0", "")


def _sold(
    report: UsageReport,
    endpoints: Sequence[PricedEndpoint],
    place: Likely,
    at: datetime,
    *,
    late: bool,
) -> tuple[list[Bill], dict[Reason, list[PricedEndpoint]]]:
    """The bills of all endpoints that price the usage, and the others by the reason.

    What was answered fits: a limit or a purpose that is stated leaves no endpoint out.
    """
    sold: list[Bill] = []
    apart: dict[Reason, list[PricedEndpoint]] = defaultdict(list)
    for endpoint in endpoints:
        fit = place.fits.get(endpoint.endpoint_id)
        is_meant = fit == Fit.ID and endpoint.provider == place.provider
        usage, unbilled = counted_at(report, endpoint)
        request = Request(usage, at, report.tier, options=report.options)
        found = Reason(endpoint.aside) if endpoint.aside and not is_meant else None
        cost = found or cost_or_reason(endpoint.card, request)
        if isinstance(cost, Reason):
            apart[cost].append(endpoint)
        else:
            beyond = exceeded_limit(endpoint, usage)
            sold.append(Bill(endpoint, request, cost, fit, late, beyond, unbilled))
    return sold, dict(apart)


def _with_main(bills: Bills, report: UsageReport, place: Likely, model: str, opened: str) -> Bills:
    """Add the bill of the provider that the request most likely went to, or the opened one.

    That is the one in the report or in the model's id, else the model's creator; the cheapest only
    if the creator does not sell the model. A provider without a price is not replaced by another.
    """
    providers = {
        *(bill.endpoint.provider for bill in bills.sold),
        *(endpoint.provider for endpoints in bills.apart.values() for endpoint in endpoints),
    }
    named = known_names().provider(report.provider)
    is_local = named is not None and kind_of(named) == "local"
    is_elsewhere = (
        report.provider and named not in providers and providers and not (place.free or is_local)
    )
    stated_free = {bill.endpoint.provider for bill in bills.sold if bill.state == "free"}
    sold = [bill for bill in bills.sold if bill.state != "free"]
    fitting = [bill for bill in sold if bill.fit is not None]
    free = stated_free - {bill.endpoint.provider for bill in sold}
    own = (slug for slug in known_names().own_apis(model) if slug in providers - free)
    usual = place.provider or (named if named in providers else "") or next(own, "")
    usual = named if is_local and named else usual
    wanted = [bill for bill in bills.sold if bill.key == opened]
    if wanted or not usual:
        main = wanted[0] if wanted else min(fitting, key=_likeliest, default=None)
    else:
        usual_bills = (
            bill for bill in bills.sold if bill.endpoint.provider == usual and bill.fit is not None
        )
        main = min(usual_bills, key=_likeliest, default=None)
    if main is not None:
        # It answered: what its limits are stated to be does not matter.
        answered = replace(main, beyond=None)
        bills = replace(bills, sold=[answered if bill == main else bill for bill in bills.sold])
        main = answered
    elsewhere = report.provider if is_elsewhere else ""
    return replace(bills, main=main, usual=usual, elsewhere=elsewhere)


def _likeliest(bill: Bill) -> tuple[Fit | None, bool, bool, Decimal, str]:
    endpoint = bill.endpoint
    return bill.fit, endpoint.gone, bill.state == "free", bill.total, endpoint.upstream_id


def compared_with_stated(report: UsageReport, bills: Bills) -> ComparedCost | None:
    main = bills.main
    if report.cost is None or main is None:
        return None
    upstream = known_names().provider(report.upstream) if report.upstream else None
    behind_first = sorted(bills.sold, key=lambda bill: bill.endpoint.provider != upstream)
    others = [
        (f"{bill.endpoint.provider_name} ({bill.endpoint.upstream_id})", bill.total)
        for bill in behind_first
        if bill.endpoint is not main.endpoint
    ]
    return compared_cost(report.cost, main.total, main.request, main.endpoint, others)
