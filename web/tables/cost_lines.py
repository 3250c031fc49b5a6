"""An itemised total: a line for each meter that is billed. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from pricing.meters import meter, plural
from pricing.price import Cost, CostLine
from pricing.rates import StatedRate
from pricing.terms import STANDARD
from web.format.figures import money_exact, plain, thousands
from web.format.terms import in_words
from web.params.workload import Workload

SECONDS = 3600


def total(cost: Cost) -> Decimal:
    """The total of a ranked endpoint's cost, which has one."""
    assert cost.total is not None
    return cost.total


@dataclass(frozen=True, slots=True)
class Itemised:
    """One line of a cost; `why` are the terms of the rate, `basis` its source and date."""

    meter: str
    name: str
    quantity: str
    rate: str
    amount: Decimal
    formula: str
    why: str
    basis: str
    applied: StatedRate

    @property
    def rate_amount(self) -> str:
        return plain(self.applied.amount or Decimal(0))

    @property
    def plain(self) -> str:
        return plain(self.amount)


def itemised(cost: Cost, workload: Workload, basis: dict[StatedRate, str]) -> list[Itemised]:
    """Lines of the cost of one request, each amount multiplied for all of the requests.

    `basis` is the source and date by rate.
    """
    amounts = (line.amount for line in cost.times(workload.requests).lines)
    return [
        _item(line, amount, workload, basis)
        for line, amount in zip(cost.lines, amounts, strict=True)
    ]


def _item(
    line: CostLine, amount: Decimal, workload: Workload, basis: dict[StatedRate, str]
) -> Itemised:
    unit = meter(line.rate.meter)
    assert line.rate.amount is not None
    # An hourly rate prices seconds.
    hourly = unit.unit == "hour" and meter(line.meter).unit == "second"
    units_per_price = SECONDS if hourly else unit.per
    per = f" / {thousands(units_per_price)}" if units_per_price > 1 else ""
    number = plain(line.quantity)
    if "." not in number:
        number = thousands(int(line.quantity))
    counts = meter(line.meter).unit if hourly else unit.unit
    counted_unit = dict(line.rate.terms.options).get("billed_by", counts)
    quantity = f"{number} {counted_unit if line.quantity == 1 else plural(counted_unit)}"
    return Itemised(
        meter=line.meter,
        name=meter(line.meter).name,
        quantity=quantity,
        rate=money_exact(line.rate.amount, line.rate.currency) + unit.short_unit,
        amount=amount,
        formula=" × ".join(
            (thousands(workload.requests), quantity, f"{money_exact(line.rate.amount)}{per}")
        ),
        why=_terms(line, workload),
        basis=basis.get(line.rate, ""),
        applied=line.rate,
    )


def _terms(line: CostLine, workload: Workload) -> str:
    parts = [in_words(line.rate.terms)]
    if line.rate.content_billed_as_input and not workload.number("search_content"):
        parts.append("what it finds is billed as input on top, and is not in the total")
    elif line.rate.content_billed_as_input is False:
        parts.append("what it finds is included")
    if line.rate.meter != line.meter and meter(line.rate.meter).unit == "hour":
        parts.append("priced by the hour")
    elif line.rate.meter != line.meter:
        parts.append(f"billed as {meter(line.rate.meter).name.lower()}")
    if line.inherited:
        tier = workload.tier not in STANDARD and not line.rate.terms.tier
        parts.append(
            f"inherited: the {workload.tier} tier names no other"
            if tier
            else "inherited: the band names no other"
        )
    return ", ".join(parts)
