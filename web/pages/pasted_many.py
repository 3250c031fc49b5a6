"""Several reported usages in rows: what each costs where it most likely went, and the sums."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pricing.meters import meter
from pricing.price import exact_sum
from pricing.usage import PART_OF
from usage.responses import Reports, UsageReport
from usage.stated_cost import ComparedCost, is_same
from web.format.figures import money_exact, plain
from web.pages.pasted import quantity_text, why_none
from web.pages.pasted_bills import Biller, Bills, Meant, compared_with_stated, named_as

MOST_SHOWN = 200
_SOURCES = {"array": "an array", "page": "a page", "stream": "a stream"}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A usage of several. `amount` is None where it has no price, and `why`."""

    place: int
    report: UsageReport
    spelling: str
    slug: str
    name: str
    provider: str
    provider_name: str
    tier: str
    amount: Decimal | None
    why: str
    billed: ComparedCost | None

    @property
    def state(self) -> str:
        return "unknown" if self.amount is None else "priced" if self.amount else "free"

    @property
    def plain(self) -> str:
        return "" if self.amount is None else plain(self.amount)

    @property
    def exactly(self) -> str:
        return "" if self.amount is None else money_exact(self.amount)

    @property
    def used(self) -> str:
        return _used(self.report.usage.counted)


@dataclass(slots=True)
class ModelSum:
    """The usages of one model at one provider, added up; those without a price are counted."""

    first: ReportRow
    amounts: list[Decimal] = field(default_factory=list)
    requests: int = 0
    unpriced: int = 0
    quantities: dict[str, Decimal] = field(default_factory=dict)

    def add(self, row: ReportRow) -> None:
        self.requests += 1
        for slug, number in row.report.usage.counted.items():
            self.quantities[slug] = self.quantities.get(slug, Decimal(0)) + number
        if row.amount is None:
            self.unpriced += 1
        else:
            self.amounts.append(row.amount)

    @property
    def used(self) -> str:
        return _used(self.quantities)

    @property
    def amount(self) -> Decimal:
        return exact_sum(self.amounts)

    @property
    def plain(self) -> str:
        return plain(self.amount)

    @property
    def exactly(self) -> str:
        return money_exact(self.amount)


@dataclass(frozen=True, slots=True)
class PricedReports:
    """Usages in the order of the text, the first of them in rows; `total` is of all with a price.

    `not_priced` are fields without a meter and how often each is there. `billed` is the sum of the
    stated costs of the `billed_rows`, and `priced_of_those` ours of the same.
    """

    reports: Reports
    rows: Sequence[ReportRow]
    count: int
    sums: Sequence[ModelSum]
    total: Decimal
    unpriced: int
    not_priced: Sequence[tuple[str, int]]
    billed: Decimal | None
    billed_rows: int
    priced_of_those: Decimal

    @property
    def amount(self) -> str:
        return plain(self.total)

    @property
    def exactly(self) -> str:
        return money_exact(self.total)

    @property
    def is_same(self) -> bool:
        return self.billed is not None and is_same(self.billed, self.priced_of_those)

    @property
    def source(self) -> str:
        return _SOURCES.get(self.reports.kind, self.reports.kind)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def price_reports(reports: Reports, spelling: str, now: datetime) -> PricedReports:
    """Price each usage where it most likely went; `spelling` is the model of those without one."""
    biller = Biller(now)
    rows = [
        _row(biller, place, report, spelling) for place, report in enumerate(reports.reports, 1)
    ]
    sums: dict[tuple[str, str, str], ModelSum] = {}
    for row in rows:
        key = (row.slug or row.spelling, row.provider, row.tier)
        sums.setdefault(key, ModelSum(row)).add(row)
    left = Counter(path for report in reports.reports for path in report.not_priced)
    stated = [row for row in rows if row.report.cost is not None and row.amount is not None]
    return PricedReports(
        reports,
        rows[:MOST_SHOWN],
        len(rows),
        sorted(sums.values(), key=lambda each: (-each.amount, each.first.place)),
        exact_sum(row.amount for row in rows if row.amount is not None),
        sum(row.amount is None for row in rows),
        left.most_common(40),
        exact_sum(row.report.cost.amount for row in stated if row.report.cost) if stated else None,
        len(stated),
        exact_sum(row.amount for row in stated if row.amount is not None),
    )


def _row(biller: Biller, place: int, report: UsageReport, spelling: str) -> ReportRow:
    named = named_as(report.model or spelling)
    meant = biller.meant(named, report)
    slug = meant.model
    bills = biller.main_bill(report, meant) if slug else None
    main = bills.main if bills else None
    return ReportRow(
        place,
        report,
        named,
        slug,
        meant.endpoints[0].model_name if meant.endpoints else slug,
        main.endpoint.provider if main else "",
        main.endpoint.provider_name if main else "",
        bills.tier if bills else report.tier,
        main.total if main else None,
        "" if main else _why(named, bills),
        _compared(biller, report, meant, bills) if bills and place <= MOST_SHOWN else None,
    )


def _compared(
    biller: Biller, report: UsageReport, meant: Meant, bills: Bills
) -> ComparedCost | None:
    compared = compared_with_stated(report, bills)
    if compared is None or compared.is_same:
        return compared
    # The bill where alike reports went has no others to compare with.
    return compared_with_stated(report, replace(biller.bills(report, meant), main=bills.main))


def _why(named: str, bills: Bills | None) -> str:
    if bills is None:
        return f"No model here goes by “{named}”" if named else "It names no model"
    return (
        why_none(bills.usual, bills.apart).removesuffix(".")
        or "No provider is known to serve it now"
    )


def _used(counted: Mapping[str, Decimal]) -> str:
    wholes = (slug for slug in counted if slug not in PART_OF and slug != "request")
    return ", ".join(f"{meter(slug).name} {quantity_text(counted[slug])}" for slug in wholes)
