"""What a usage log cost, what it would cost elsewhere, and the best moves. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from catalog.provider_kinds import DIRECT
from catalog.rating_class import Intervals, is_at_least
from pricing.aggregates import Aggregates
from pricing.bulk import Total
from pricing.endpoint import PricedEndpoint
from pricing.media import Needs, lack_in_words, lacking
from pricing.price import exact_sum
from usage.blocks import BadRows
from usage.fields import Unread
from usage.placement import Placement
from usage.preview import Preview


@dataclass(frozen=True, slots=True)
class Daily:
    """A day's requests of one share, and what they cost at their own times.

    Where the prices of that day are not known, as before the catalog began, `cost` is at those that
    the report is for, and `assumed`.
    """

    day: date
    rows: int
    cost: Total | None
    assumed: bool = False
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """The requests of a log that went to one endpoint in one tier, or to a name that none goes by.

    `name` and `called` are the model and the provider as the log has them; `now` is what the share
    costs at the prices that the report is for. `billed` is what `billed_rows` of the rows state to
    have cost, in dollars, of which `billed_searches` are for searches; `own_key` rows are of the
    caller's own key; `sums` are rows that add up requests, `requests` all that are counted.
    """

    name: str
    called: str
    tier: str
    placement: Placement
    rows: int
    largest: int
    daily: tuple[Daily, ...]
    now: Total | None
    billed: Decimal = Decimal(0)
    billed_rows: int = 0
    billed_searches: Decimal = Decimal(0)
    own_key: int = 0
    requests: int = 0
    sums: int = 0

    @property
    def most(self) -> Mapping[str, Decimal]:
        return self.cost.most

    @property
    def cost(self) -> "CostSum":
        return cost_sum(self.name, self.daily)


@dataclass(frozen=True, slots=True)
class Move:
    """A share of the log somewhere else: what it costs there, and what is different there.

    `changes` are pairs of what and how: ("provider", "azure → deepinfra"), ("loses", "tools") …
    """

    share: Share
    to: PricedEndpoint
    now: Decimal
    then: Decimal
    currency: str
    same_model: bool
    changes: tuple[tuple[str, str], ...]

    @property
    def saving(self) -> Decimal:
        return exact_sum([self.now, self.then.copy_negate()])


@dataclass(frozen=True, slots=True)
class CostSum:
    """What a day or a model cost: the sum of the `priced` of all its `rows`.

    `assumed` are priced rows without known prices at their own time. `most` is what they cost if
    each request of a sum was as long as it may have been; empty where that makes no difference.
    `requests` and `priced_requests` are those of the rows, one for a sum that states no number.
    """

    key: str
    rows: int
    priced: int
    assumed: int
    amounts: Mapping[str, Decimal]
    most: Mapping[str, Decimal] = field(default_factory=dict)
    requests: int = 0
    priced_requests: int = 0


@dataclass(frozen=True, slots=True)
class OwnerCost:
    """What one user, team, key or project used of a model on a day."""

    owner: str
    model: str
    cost: CostSum


@dataclass(frozen=True, slots=True)
class BilledPart:
    """A share of the log of which every row states its cost: the sum, and ours, at least and most.

    `reason` is what would explain the difference; empty for none, or for none that is known.
    """

    name: str
    called: str
    tier: str
    model: str
    rows: int
    billed: Decimal
    priced: Decimal
    same: bool
    reason: str
    most: Decimal

    @property
    def difference(self) -> Decimal:
        return exact_sum([self.billed, self.priced.copy_negate()])


@dataclass(frozen=True, slots=True)
class UnbilledPart:
    """What a part of the log counts and its endpoint does not bill: `quantity` of a meter."""

    model: str
    provider: str
    meter: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """The part of a log that has a price in US dollars as it was run: `rows` for `amount`.

    `elsewhere` is what the very same part would cost at each endpoint that has a price for it.
    """

    rows: int
    amount: Decimal
    elsewhere: Mapping[int, Decimal]
    requests: int = 0


@dataclass(frozen=True)
class LogReport:
    """The result of pricing a log. Amounts are by currency.

    `at` is when the prices of `endpoints` and `moves` hold; `needed` is what an endpoint of all of
    it must be able to do. `moves` are to direct providers;
    `ratings` are the intervals of rated models. `unread` are numbers that no field holds, `sharing`
    how many rows share a request id with different figures, `failed` how many are of requests that
    failed and may have been billed, `billed` what the log states to have
    cost beside ours, `owners` the cost by owner, model and day, `unbilled` what its endpoints do
    not bill apart.
    """

    seen: Preview
    aggregates: Aggregates
    bad: BadRows
    at: datetime | None
    tier: str | None
    shares: tuple[Share, ...]
    days: tuple[CostSum, ...]
    models: tuple[CostSum, ...]
    endpoints: tuple[tuple[PricedEndpoint, Total], ...]
    compared: ComparedPart
    moves: tuple[Move, ...]
    moves_anywhere: tuple[Move, ...]
    ratings: Mapping[str, Intervals]
    largest: int
    needed: Needs
    unread: tuple[Unread, ...] = ()
    sharing: int = 0
    failed: int = 0
    billed: tuple[BilledPart, ...] = ()
    owners: tuple[OwnerCost, ...] = ()
    unbilled: tuple[UnbilledPart, ...] = ()

    @property
    def by_own_api(self) -> tuple[Share, ...]:
        """Shares without a provider in the log, at the own API of their model's creator."""
        return tuple(share for share in self.shares if share.placement.own_api)

    @property
    def as_run(self) -> CostSum:
        return cost_sum("", [daily for share in self.shares for daily in share.daily])

    def fits(self, endpoint: PricedEndpoint) -> bool:
        return endpoint.context is None or endpoint.context >= self.largest

    def ranked(self) -> list[tuple[PricedEndpoint, Total]]:
        able = [(one, cost) for one, cost in self.endpoints if not self.left_out(one, cost)]
        return sorted(able, key=lambda pair: (pair[1].currency != "USD", pair[1].amount))

    @cached_property
    def rated_models(self) -> tuple[str, ...]:
        """The rated models of the log, those of most requests first, also at unknown providers."""
        meant = [share.placement.model for share in self.shares]
        return tuple(dict.fromkeys(model for model in meant if model and model in self.ratings))

    def is_offered(self, endpoint: PricedEndpoint) -> bool:
        """Whether to move all of the log there unless others are wanted too.

        A direct provider, and a model of at least the class of each rated model of the log.
        """
        own = self.ratings.get(endpoint.model, {})
        return endpoint.kind in DIRECT and all(
            is_at_least(own, self.ratings[model]) for model in self.rated_models
        )

    def left_out(self, one: PricedEndpoint, cost: Total) -> str:
        """Why an endpoint is not ranked, in a few words; empty if it is. Room comes last."""
        if one.aside:
            return one.aside
        if lack := lacking(one, self.needed):
            return lack_in_words(*lack)
        if cost.no_tier:
            return "no such tier"
        if cost.amount is None:
            return cost.state
        if not cost.amount:
            return "free"
        return "" if self.fits(one) else "context too small"

    def reasons(self) -> dict[str, int]:
        found = Counter(self.left_out(one, cost) for one, cost in self.endpoints)
        return {why: count for why, count in sorted(found.items()) if why}


def cost_sum(key: str, costs: Sequence[Daily]) -> CostSum:
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    most: dict[str, list[Decimal]] = defaultdict(list)
    priced = [daily for daily in costs if daily.cost and daily.cost.amount is not None]
    for daily in priced:
        if daily.cost and daily.cost.amount is not None:
            amounts[daily.cost.currency].append(daily.cost.amount)
            most[daily.cost.currency].append(daily.cost.most or daily.cost.amount)
    return CostSum(
        key,
        rows=sum(daily.rows for daily in costs),
        priced=sum(daily.rows for daily in priced),
        assumed=sum(daily.rows for daily in priced if daily.assumed),
        amounts={currency: exact_sum(some) for currency, some in amounts.items()},
        most={
            currency: exact_sum(some)
            for currency, some in most.items()
            if some != amounts[currency]
        },
        requests=sum(daily.requests for daily in costs),
        priced_requests=sum(daily.requests for daily in priced),
    )


def joined_sum(key: str, sums: Sequence[CostSum]) -> CostSum:
    """What several sums come to."""
    currencies = dict.fromkeys(currency for one in sums for currency in one.amounts)
    with_range = {currency for one in sums for currency in one.most}
    return CostSum(
        key,
        rows=sum(one.rows for one in sums),
        priced=sum(one.priced for one in sums),
        assumed=sum(one.assumed for one in sums),
        amounts={
            currency: exact_sum(one.amounts.get(currency, Decimal(0)) for one in sums)
            for currency in currencies
        },
        most={
            currency: exact_sum(
                one.most.get(currency, one.amounts.get(currency, Decimal(0))) for one in sums
            )
            for currency in currencies
            if currency in with_range
        },
        requests=sum(one.requests for one in sums),
        priced_requests=sum(one.priced_requests for one in sums),
    )
