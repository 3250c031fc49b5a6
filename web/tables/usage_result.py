"""An uploaded usage log's result as its page shows it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from usage import report_words as words
from web.format.figures import money
from web.tables.usage_split import BilledRow, OwnerTable, billed_rows, owner_table
from web.tables.usage_sums import ShownSum, percent, shown_sum

MOST_SHOWN = 40
MOST_DAYS = 120
# Changes that a move shows in its own words.
_SHOWN_APART = ("provider", "id", "model")


@dataclass(frozen=True, slots=True)
class EndpointCost:
    """The cost of the whole log at an endpoint.

    `against` compares the requests that have a price as run with the same requests there, at the
    prices of the day of the report; `less` is whether they cost less there.
    """

    rank: int
    model: str
    provider: str
    upstream_id: str
    amount: Decimal
    currency: str
    against: str
    less: bool

    @property
    def exact(self) -> str:
        return f"{self.amount:f}"


@dataclass(frozen=True, slots=True)
class MoveChange:
    """A difference after a move; `worse` where something is lost."""

    what: str
    how: str
    worse: bool


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move of requests from one endpoint to another, with its saving and changes."""

    model: str
    provider: str
    tier: str
    requests: int
    to_model: str
    to_provider: str
    to_id: str
    now: Decimal
    then: Decimal
    saving: Decimal
    percent: int
    currency: str
    same_model: bool
    changes: tuple[MoveChange, ...]

    @property
    def loses(self) -> bool:
        return any(change.worse for change in self.changes)


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole page: the cost, cheaper endpoints, and requests without a price, with reasons.

    `anywhere` is whether gateways, resellers and models of a lower class are shown too; `rated` is
    how many rated models the log has.
    """

    anywhere: bool
    rated: int
    log: Mapping[str, Any]
    rows: int
    requests: int
    unstated: str
    read_as: str
    notes: Sequence[str]
    without_price: str
    unpriced: list[str]
    sentences: list[str]
    billed_sentences: list[str]
    billed: list[BilledRow]
    unread: list[str]
    split: OwnerTable | None
    bad: Sequence[Mapping[str, Any]]
    bad_rows: int
    period: str
    as_run: ShownSum
    as_now: ShownSum
    days: list[ShownSum]
    days_in_all: int
    models: list[ShownSum]
    models_in_all: int
    endpoints: list[EndpointCost]
    endpoints_in_all: int
    not_priced: list[tuple[str, int]]
    no_room: int
    moves: list[MoveRow]
    largest: int
    used: list[tuple[str, str]]
    compared_requests: int

    @property
    def saving(self) -> Decimal:
        return self.moves[0].saving if self.moves else Decimal(0)


def shown(result: Mapping[str, Any], *, anywhere: bool = False) -> Shown:
    """A kept result; one of before endpoints were marked as offered has all of them."""
    compared = result.get("compared") or {"rows": 0, "amount": "0"}
    whole = Decimal(compared["amount"])
    days = [shown_sum(row) for row in result["days"]]
    why: dict[str, int] = dict(result["endpoints_not_priced"])
    no_room = why.pop("context too small", 0)
    number = "endpoints_priced" if anywhere else "endpoints_offered"
    endpoints = [
        endpoint for endpoint in result["endpoints"] if anywhere or endpoint.get("offered", True)
    ]
    moves = result.get("moves_anywhere", result["moves"]) if anywhere else result["moves"]
    return Shown(
        anywhere=anywhere,
        rated=len(result.get("of_the_class_of", ())),
        log=result["log"],
        rows=result["rows"],
        requests=result.get("requests", result["rows"]),
        unstated=words.unstated_in_words(result),
        read_as=words.read_as_in_words(result),
        notes=result["log"].get("notes", ()),
        without_price=words.without_price_in_words(result),
        unpriced=words.unpriced_in_words(result)[: words.MOST_LINES],
        sentences=[sentence for sentence in _sentences(result) if sentence],
        billed_sentences=words.billed_in_words(result, money),
        billed=billed_rows(result),
        unread=words.unread_in_words(result),
        split=owner_table(result),
        bad=(bad := words.left_out(result)),
        bad_rows=sum(row["rows"] for row in bad),
        period=_period(result["first_day"], result["last_day"]),
        as_run=shown_sum(result["as_run"]),
        as_now=_now(result["shares"]),
        days=days[-MOST_DAYS:],
        days_in_all=result.get("days_in_all", len(days)),
        models=_models(result),
        models_in_all=len(result["models"]),
        endpoints=[
            _endpoint_cost(rank, endpoint, whole)
            for rank, endpoint in enumerate(endpoints[:MOST_SHOWN], 1)
        ],
        endpoints_in_all=result.get(number, result["endpoints_priced"]),
        not_priced=[
            (words.NOT_RANKED.get(kind, kind), count)
            for kind, count in sorted(why.items(), key=_largest)
        ],
        no_room=no_room,
        moves=[_move_row(move) for move in moves],
        largest=result["largest"],
        used=[(slug, number) for slug, number in result["used"].items()],
        compared_requests=compared.get("requests", compared["rows"]),
    )


def _largest(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _sentences(result: Mapping[str, Any]) -> Iterator[str]:
    """What is to know before any figure."""
    yield words.range_in_words(result, money)
    yield words.repeated_in_words(result)
    yield words.failed_in_words(result)
    yield words.sharing_in_words(result)
    yield from words.unbilled_in_words(result)[: words.MOST_LINES]
    yield words.own_api_in_words(result)
    yield words.chosen_in_words(result)
    yield words.assumed_in_words(result)


def _models(result: Mapping[str, Any]) -> list[ShownSum]:
    """The most expensive models with their share; an unknown name is no link."""
    known = {share["model"] for share in result["shares"]}
    rows = sorted((shown_sum(row) for row in result["models"]), key=_cost, reverse=True)
    whole = sum((_cost(row)[0] for row in rows), Decimal(0))
    return [
        replace(row, is_model=row.key in known, share=percent(_cost(row)[0], whole))
        for row in rows[:MOST_SHOWN]
    ]


def _cost(row: ShownSum) -> tuple[Decimal, int]:
    return row.dollars or Decimal(0), row.requests


def _now(shares: Sequence[Mapping[str, Any]]) -> ShownSum:
    """Cost of the log as run, at the prices of the day of the report."""
    priced = [share for share in shares if share["now"] and share["now"]["amount"] is not None]
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    most: dict[str, Decimal] = defaultdict(Decimal)
    for share in priced:
        now = share["now"]
        amounts[now["currency"]] += Decimal(now["amount"])
        most[now["currency"]] += Decimal(now.get("most") or now["amount"])
    requests, known = (
        sum(share.get("requests", share["rows"]) for share in some) for some in (shares, priced)
    )
    return ShownSum("", requests, known, 0, tuple(amounts.items()), most=most)


def _period(first: str | None, last: str | None) -> str:
    return "" if first is None else first if first == last else f"{first} to {last}"


def _endpoint_cost(rank: int, endpoint: Mapping[str, Any], whole: Decimal) -> EndpointCost:
    """`whole` is the cost, as run, of the part of the log that can be compared."""
    amount = Decimal(endpoint["amount"])
    part = Decimal(endpoint.get("compared") or 0)
    return EndpointCost(
        rank=rank,
        model=endpoint["model"],
        provider=endpoint["provider"],
        upstream_id=endpoint["upstream_id"],
        amount=amount,
        currency=endpoint["currency"],
        against=_against(part, whole),
        less=bool(part) and part < whole,
    )


def _against(amount: Decimal, whole: Decimal) -> str:
    if not whole or not amount:
        return ""
    share = round(100 * (amount - whole) / whole)
    return f"{abs(share):,} % {'less' if share < 0 else 'more'}" if share else "the same"


def _move_row(move: Mapping[str, Any]) -> MoveRow:
    now, then, saving = (Decimal(move[key]) for key in ("now", "then", "saving"))
    return MoveRow(
        model=move["model"],
        provider=move["provider"],
        tier=move["tier"],
        requests=move.get("requests", move["rows"]),
        to_model=move["to"]["model"],
        to_provider=move["to"]["provider"],
        to_id=move["to"]["upstream_id"],
        now=now,
        then=then,
        saving=saving,
        percent=round(100 * saving / now) if now else 0,
        currency=move["currency"],
        same_model=move["same_model"],
        changes=tuple(
            MoveChange(what, how, what == "loses")
            for what, how in move["changes"]
            if what not in _SHOWN_APART
        ),
    )
