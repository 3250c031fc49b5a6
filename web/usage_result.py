"""What an uploaded usage log came to, as its page shows it. Pure: the kept result in, figures out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web.templatetags.format import money, money_exact, thousands

MOST_SHOWN = 40
MOST_DAYS = 120
WIDTH, HEIGHT, FOOT = 720, 120, 16


@dataclass(frozen=True, slots=True)
class Sum:
    """What a day or a model cost: as many requests as are priced, of how many."""

    key: str
    rows: int
    priced: int
    assumed: int
    amounts: tuple[tuple[str, Decimal], ...]

    @property
    def total(self) -> str:
        """The amounts by currency, in full; a dash where nothing is priced."""
        return " + ".join(money_exact(amount, currency) for currency, amount in self.amounts) or "—"

    @property
    def missing(self) -> int:
        return self.rows - self.priced

    @property
    def dollars(self) -> Decimal | None:
        return dict(self.amounts).get("USD")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the whole log would cost at an endpoint."""

    rank: int
    model: str
    provider: str
    upstream_id: str
    amount: Decimal
    currency: str
    against: str

    @property
    def exact(self) -> str:
        return f"{self.amount:f}"


@dataclass(frozen=True, slots=True)
class Step:
    """A move: what is asked where now, where it would be asked, and what that saves and changes."""

    model: str
    provider: str
    rows: int
    to_model: str
    to_provider: str
    to_id: str
    now: Decimal
    then: Decimal
    saving: Decimal
    percent: int
    currency: str
    same_model: bool
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole page: what it cost, what would cost less, and what could not be priced and why."""

    log: Mapping[str, Any]
    rows: int
    bad: Sequence[Mapping[str, Any]]
    bad_rows: int
    period: str
    as_run: Sum
    as_now: Sum
    days: list[Sum]
    models: list[Sum]
    offers: list[Offer]
    offers_in_all: int
    not_priced: list[tuple[str, int]]
    moves: list[Step]
    unresolved: Sequence[Mapping[str, Any]]
    drawing: str
    largest: int
    used: list[tuple[str, str]]

    @property
    def saving(self) -> Decimal:
        """What the best move saves."""
        return self.moves[0].saving if self.moves else Decimal(0)


def shown(result: Mapping[str, Any]) -> Shown:
    """The kept result, read."""
    as_now = _now(result["shares"])
    days = [_sum(row) for row in result["days"]]
    return Shown(
        log=result["log"],
        rows=result["rows"],
        bad=result["bad"],
        bad_rows=sum(each["rows"] for each in result["bad"]),
        period=_period(result["first_day"], result["last_day"]),
        as_run=_sum(result["as_run"]),
        as_now=as_now,
        days=days[-MOST_DAYS:],
        models=[_sum(row) for row in result["models"][:MOST_SHOWN]],
        offers=[_offer(n + 1, each, as_now) for n, each in enumerate(result["endpoints"][:MOST_SHOWN])],
        offers_in_all=result["endpoints_priced"],
        not_priced=sorted(result["endpoints_not_priced"].items(), key=lambda pair: -pair[1]),
        moves=[_step(each) for each in result["moves"]],
        unresolved=result["unresolved"][:MOST_SHOWN],
        drawing=draw(days[-MOST_DAYS:]),
        largest=result["largest"],
        used=[(slug, number) for slug, number in result["used"].items()],
    )


def _sum(row: Mapping[str, Any]) -> Sum:
    amounts = tuple((currency, Decimal(amount)) for currency, amount in row["amounts"].items())
    return Sum(row["key"], row["rows"], row["priced"], row.get("assumed", 0), amounts)


def _now(shares: Sequence[Mapping[str, Any]]) -> Sum:
    """What the log would cost as it was run at the prices of the day of the report."""
    priced = [share for share in shares if share["now"] and share["now"]["amount"] is not None]
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for share in priced:
        amounts[share["now"]["currency"]] += Decimal(share["now"]["amount"])
    rows, known = (sum(share["rows"] for share in some) for some in (shares, priced))
    return Sum("", rows, known, 0, tuple(amounts.items()))


def _period(first: str | None, last: str | None) -> str:
    return "" if first is None else first if first == last else f"{first} to {last}"


def _offer(rank: int, each: Mapping[str, Any], as_now: Sum) -> Offer:
    amount = Decimal(each["amount"])
    whole = as_now.dollars if not as_now.missing and each["currency"] == "USD" else None
    return Offer(
        rank=rank,
        model=each["model"],
        provider=each["provider"],
        upstream_id=each["upstream_id"],
        amount=amount,
        currency=each["currency"],
        against=_against(amount, whole),
    )


def _against(amount: Decimal, whole: Decimal | None) -> str:
    """How much less or more than the log as it was run, where all of that has a price."""
    if not whole or not amount:
        return ""
    share = round(100 * (amount - whole) / whole)
    return f"{abs(share)} % {'less' if share < 0 else 'more'}" if share else "the same"


def _step(each: Mapping[str, Any]) -> Step:
    now, then, saving = (Decimal(each[key]) for key in ("now", "then", "saving"))
    return Step(
        model=each["model"],
        provider=each["provider"],
        rows=each["rows"],
        to_model=each["to"]["model"],
        to_provider=each["to"]["provider"],
        to_id=each["to"]["upstream_id"],
        now=now,
        then=then,
        saving=saving,
        percent=round(100 * saving / now) if now else 0,
        currency=each["currency"],
        same_model=each["same_model"],
        changes=tuple((what, how) for what, how in each["changes"]),
    )


def draw(days: Sequence[Sum]) -> str:
    """What each day cost in US dollars, as columns of an SVG."""
    costs = [day.dollars or Decimal(0) for day in days]
    most = max(costs, default=Decimal(0))
    if not most:
        return ""
    step = min(40.0, WIDTH / len(days))
    columns = "".join(
        f'<rect x="{n * step + step * 0.1:.1f}" y="{HEIGHT - height:.1f}" width="{step * 0.8:.1f}" '
        f'height="{height:.1f}"><title>{day.key}: {money(day.dollars or Decimal(0))}, '
        f"{thousands(day.rows)} requests</title></rect>"
        for n, day in enumerate(days)
        for height in [float((day.dollars or Decimal(0)) / most) * (HEIGHT - 14)]
    )
    labels = (
        f'<text x="0" y="{HEIGHT + FOOT}">{days[0].key}</text>'
        f'<text x="{max(160.0, step * len(days)):.0f}" y="{HEIGHT + FOOT}" class="end">{days[-1].key}</text>'
        f'<text x="0" y="10">{money(most)}</text>'
    )
    return (
        f'<svg class="days" viewBox="0 0 {WIDTH} {HEIGHT + FOOT + 4}" role="img" '
        f'aria-label="Cost of each day, {days[0].key} to {days[-1].key}">{columns}{labels}</svg>'
    )
