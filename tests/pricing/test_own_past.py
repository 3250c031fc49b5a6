"""What becomes of a price that jumps, by what else states it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Endpoint
from catalog.witnesses import witness
from pricing.models import Rate
from pricing.observed import Observed, Price
from pricing.rate_history import record_rates
from pricing.rates import StatedRate, stated
from pricing.slips import Watch
from pricing.terms import BASE, Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, make_source, sell

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, tzinfo=UTC)
BATCH = Terms(tier="batch")


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


def price(amount: str | None, meter: str = "input", **more: Any) -> StatedRate:
    return stated(meter, None if amount is None else Decimal(amount), **more)


@dataclass
class FakeClaimant:
    """A source that states these rates since a day, and something else before if it moved."""

    source: str
    rates: Sequence[StatedRate]
    since: int = 0
    has_moved: bool = False
    source_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.source_id = make_source(self.source).id

    @property
    def witness(self) -> str:
        return witness(self.source)

    def prices(self, meter: str, terms: Terms) -> list[Price]:
        alike = (rate for rate in self.rates if (rate.meter, rate.terms) == (meter, terms))
        return [(rate.state, rate.amount, rate.currency) for rate in alike]

    def began(self, meter: str, terms: Terms) -> datetime:
        return day(self.since)

    def moved(self, meter: str, terms: Terms) -> bool:
        return self.has_moved


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


def refresh(
    endpoint: Endpoint,
    *rates: StatedRate,
    on: int,
    source: str = "models-dev",
    others: Sequence[FakeClaimant] = (),
    moved: bool = True,
    watch: Watch = Watch.PAST,
) -> Mapping[str, int]:
    card = [Observed(rate, make_source(source).id, day(on)) for rate in rates]
    claims = [FakeClaimant(source, rates, on, has_moved=moved), *others]
    return +record_rates(
        {endpoint.id: card},
        as_of={endpoint.id: day(on)},
        claims={endpoint.id: claims},
        watch=watch,
    )


def published(endpoint: Endpoint, meter: str = "input", terms: Terms = BASE) -> str:
    """The state and the amount of the row without an end."""
    row = Rate.objects.published().get(
        endpoint=endpoint, meter=meter, terms=terms.to_json(), valid_to=None
    )
    return row.state if row.amount is None else f"{row.amount.normalize():f}"


@pytest.mark.parametrize(
    ("amount", "held"),
    [
        ("3", False),
        ("3.01", True),
        ("0.334", False),
        ("0.333", True),
        ("1000", True),
        ("0.001", True),
        ("0", True),
    ],
)
def test_a_jump_alone_waits_and_the_old_price_stays(endpoint, amount, held):
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price(amount), on=1) == ({"held": 1} if held else {"change": 1})
    assert published(endpoint) == ("1" if held else amount)
    assert refresh(endpoint, price(amount), on=2) == {}


def test_why_a_price_waits_is_said_by_its_factor(endpoint):
    refresh(endpoint, price("1.1"), price("4.4", "output"), on=0)
    refresh(endpoint, price("0.0011"), stated("output", None), on=1)
    assert dict(Rate.objects.filter(held=True).values_list("meter", "why")) == {
        "input": "held: 1/1,000 of what it was, which nothing else confirms",
        "output": "held: no price any more, which no other source states",
    }


@pytest.mark.parametrize(
    ("other", "amount", "held"),
    [
        ("litellm", "5", False),
        ("litellm", "7.5", False),
        ("litellm", "7.51", True),
        ("litellm", "1", True),
        ("pi-ai", "5", True),
    ],
)
def test_a_second_source_confirms_a_jump(endpoint, other, amount, held):
    refresh(endpoint, price("1"), on=0)
    second = FakeClaimant(other, [price(amount)], since=1, has_moved=True)
    assert ("held" in refresh(endpoint, price("5"), on=2, others=[second])) is held


@pytest.mark.parametrize(
    ("provider", "amount", "held"),
    [("azure", "5", False), ("azure", "1", True), ("openai", "5", True)],
)
def test_another_provider_that_publishes_about_the_new_price_confirms_it(
    endpoint, provider, amount, held
):
    other = make_endpoint(endpoint.model, make_provider(provider), upstream_id="other")
    make_rate(other, amount=amount)
    refresh(endpoint, price("1"), on=0)
    assert ("held" in refresh(endpoint, price("5"), on=1)) is held


def test_a_price_that_the_endpoint_has_under_other_terms_is_no_jump(endpoint):
    route = Terms(options=(("route", "novita/fp8"),))
    refresh(endpoint, price("1"), price("4", terms=route), on=0)
    assert refresh(endpoint, price("4"), price("4", terms=route), on=1) == {"change": 1}
    assert refresh(endpoint, price("4"), price("20", terms=route), on=2) == {"held": 1}


def test_prices_of_the_same_answer_confirm_nothing(endpoint):
    """A per-1,000 price typed as a per-token one, at all providers of a model at once."""
    providers = [make_provider(slug) for slug in ("azure", "groq", "together")]
    sold = [endpoint, *(make_endpoint(endpoint.model, provider) for provider in providers)]
    source = make_source().id
    for on, amount, counts in ((0, "1", {"first": 4}), (1, "0.001", {"held": 4})):
        cards = {one.id: [Observed(price(amount), source, day(on))] for one in sold}
        assert +record_rates(cards, as_of=dict.fromkeys(cards, day(on))) == counts


def test_a_new_endpoint_is_measured_by_what_is_published_not_by_its_own_answer(endpoint):
    for slug in ("azure", "groq", "together"):
        sell(endpoint.model, make_provider(slug), input="1")
    newcomers = [make_endpoint(endpoint.model, make_provider(f"new-{n}")) for n in range(9)]
    source = make_source().id
    cards = {one.id: [Observed(price("0.001"), source, day(1))] for one in newcomers}
    assert +record_rates(cards, as_of=dict.fromkeys(cards, day(1))) == {"held": 9}


def test_a_confirmed_price_confirms_those_that_move_by_the_same_factor(endpoint):
    refresh(endpoint, price("10"), price("1", "cache_read"), price("5", terms=BATCH), on=0)
    second = FakeClaimant("litellm", [price("2")], since=1, has_moved=True)
    card = (price("2"), price("0.2", "cache_read"), price("0.05", terms=BATCH))
    assert refresh(endpoint, *card, on=2, others=[second]) == {"change": 2, "held": 1}
    assert published(endpoint, terms=BATCH) == "5"


def test_a_fall_to_zero_is_confirmed_by_a_second_source_alone(endpoint):
    free = make_endpoint(endpoint.model, make_provider("azure"))
    make_rate(free, amount="0", state="free")
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price("0"), on=1) == {"held": 1}
    second = FakeClaimant("litellm", [price("0")], since=1)
    assert refresh(endpoint, price("0"), on=2, others=[second]) == {"correction": 1}
    assert published(endpoint) == "0"


def test_a_held_jump_is_published_once_another_source_states_it(endpoint):
    refresh(endpoint, price("1"), on=0)
    refresh(endpoint, price("5"), on=1)
    second = FakeClaimant("litellm", [price("5")], since=3, has_moved=True)
    assert refresh(endpoint, price("5"), on=3, others=[second]) == {"change": 1}
    assert published(endpoint) == "5"


def test_a_price_that_was_published_before_is_no_jump(endpoint):
    for on, amount in enumerate(("1", "2.5", "6")):
        refresh(endpoint, price(amount), on=on)
    assert refresh(endpoint, price("1"), on=3) == {"change": 1}


def test_a_new_tier_is_measured_by_the_base_price_that_stays(endpoint):
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price("0.001"), price("0.0005", terms=BATCH), on=1) == {"held": 2}


def test_a_source_that_begins_to_state_an_endpoint_takes_over_without_a_jump(endpoint):
    refresh(endpoint, price("1"), on=0)
    taken = refresh(endpoint, price("5"), on=1, source="genai-prices", moved=False)
    assert taken == {"correction": 1}
    assert published(endpoint) == "5"


def test_a_source_that_moves_is_held_whichever_source_the_old_price_is_from(endpoint):
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price("0.001"), on=1, source="litellm") == {"held": 1}


def test_a_floating_id_jumps_to_the_price_of_another_model(endpoint):
    Endpoint.objects.update(floating=True)
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price("9"), on=1) == {"change": 1}


def test_history_and_plans_are_no_jumps(endpoint):
    refresh(endpoint, price("1"), on=0)
    dated = (price("9", valid_to=day(-9)), price("1", valid_from=day(-9)))
    refresh(endpoint, *dated, on=1)
    assert not Rate.objects.filter(held=True).exists()
    plan = StatedRate("input", None, "included")
    assert refresh(endpoint, plan, on=2) == {"change": 1}


@pytest.mark.parametrize("watch", [Watch.USUAL, Watch.NOTHING])
def test_what_our_own_rules_change_is_no_jump_and_what_is_held_stays_so(endpoint, watch):
    refresh(endpoint, price("1"), on=0)
    refresh(endpoint, price("1000"), on=1)
    assert refresh(endpoint, price("1000"), on=2, watch=watch) == {}
    assert published(endpoint) == "1"
    assert refresh(endpoint, price("400"), on=3, watch=watch) == {"change": 1}


@pytest.mark.parametrize(("watch", "held"), [(Watch.USUAL, True), (Watch.NOTHING, False)])
def test_what_an_editor_has_accepted_is_not_measured_at_all(endpoint, watch, held):
    for slug in ("azure", "groq", "together"):
        sell(endpoint.model, make_provider(slug), input="1")
    assert ("held" in refresh(endpoint, price("1000"), on=1, watch=watch)) is held


# Change or correction


@pytest.mark.parametrize(
    ("since", "moved", "origin"),
    [(-5, False, "correction"), (-5, True, "correction"), (3, True, "change"), (9, True, "change")],
)
def test_a_source_that_learns_what_another_stated_all_along_corrects(
    endpoint, since, moved, origin
):
    refresh(endpoint, price("1"), on=0)
    other = FakeClaimant("litellm", [price("1.2")], since=since, has_moved=moved)
    assert refresh(endpoint, price("1.2"), on=5, others=[other]) == {origin: 1}


def test_a_change_that_another_source_sees_first_is_a_change(endpoint):
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, price("1.2"), on=5, source="litellm") == {"change": 1}
