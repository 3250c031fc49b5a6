from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from pricing.choices import cost_range
from pricing.endpoint import PricedEndpoint
from pricing.price import UnknownTier, price
from pricing.ranking import Ranker, Reason, Scope
from pricing.rates import STATES, RateCard, StatedRate
from pricing.request import Request
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.typical_reasoning import reasons, with_reasoning
from pricing.usage import Usage

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
TOKENS = Usage.of(input=3_000, output=600)


def endpoint(model="a/m", provider="host", rates=(), **fields):
    usual = {
        "endpoint_id": 0,
        "upstream_id": model.partition("/")[2],
        "variant": frozenset(),
        "region": "",
        "snapshot": "",
        "mode": "chat",
        "context": None,
        "max_input": None,
        "max_output": None,
        "capabilities": frozenset(),
        "stated_capabilities": frozenset(),
        "lacks": frozenset(),
        "zdr": "",
        "training": "",
        "provider_name": provider.title(),
        "kind": "inference-host",
        "model_name": model,
        "creator": model.partition("/")[0],
        "creator_name": model.partition("/")[0].title(),
        "modalities_in": frozenset(),
        "modalities_out": frozenset(),
        "open_weights": None,
        "released": "",
        "stage": "active",
        "search_text": "",
        "gone": False,
    }
    return PricedEndpoint(
        model=model, provider=provider, card=RateCard(tuple(rates)), **{**usual, **fields}
    )


def sold(**amounts):
    return tuple(StatedRate(slug, Decimal(amount)) for slug, amount in amounts.items())


def ranked(endpoints, usage=TOKENS, *, at=NOW, tier="", **options):
    return Ranker(endpoints).rank(Request(usage, at, tier), **options)


def names(endpoints):
    return [f"{each.provider}/{each.model}" for each in endpoints]


def why(ranking):
    return {reason: names(who) for reason, who in ranking.apart.items()}


# The order --------------------------------------------------------------------------------------


def random_rates(random):
    """A card as odd as they come: bands of both operators, tiers, hours, dates, states, gaps."""

    def rate(slug, terms=BASE, **dates):
        (state,) = random.choices(STATES, [40, 2, 1, 1, 1, 1])
        amount = {"priced": Decimal(random.randint(1, 4_000)) / 100, "free": Decimal(0)}.get(state)
        return StatedRate(
            slug, amount, state, terms, random.choices(["USD", "EUR"], [30, 1])[0], **dates
        )

    threshold, operator = random.choice([1_000, 200_000, 272_000]), random.choice(["gt", "gte"])
    band = Band(threshold, operator, applies=random.choice(["whole_request", "marginal"]))
    hours = Schedule((("01:00", "13:00"),), random.choice([(1, 2, 3, 4, 5), (6, 7)]))
    begins = NOW + timedelta(days=random.randint(-3, 3))
    rates = []
    for slug in ("input", "output", "cache_read", "reasoning", "web_search", "request"):
        if random.random() < (0.95 if slug in ("input", "output") else 0.3):
            if random.random() < 0.1:
                rates += [rate(slug, valid_to=begins), rate(slug, valid_from=begins)]
            else:
                rates.append(rate(slug))
            for terms in (
                Terms(band=band),
                Terms(tier="batch"),
                Terms(schedules=(hours,)),
                Terms("flex", band),
            ):
                if random.random() < 0.15:
                    rates.append(rate(slug, terms))
    return tuple(rates)


def random_usage(random):
    whole, answer = (
        random.choice([0, 1, 999, 1_001, 200_000, 272_000, 272_001]),
        random.choice([0, 1, 5_000]),
    )
    parts = {
        "cache_read": random.choice([0, whole // 2, whole]),
        "reasoning": random.choice([0, 0, answer // 2, answer]),
        "web_search": random.choice([0, 0, Decimal("0.25")]),
    }
    return Usage.of(input=whole or 1, output=answer, **{slug: n for slug, n in parts.items() if n})


def alone(endpoints, usage, at, tier):
    """What each endpoint asks for a request, priced alone, of those that have a total in US
    dollars."""
    found = {}
    for each in endpoints:
        try:
            cost = price(each.card, usage, at=at, tier=tier)
        except UnknownTier:
            continue
        if cost.total is not None and cost.currency == "USD" and cost.state == "priced":
            found[each] = cost.total
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_order_is_that_of_pricing_each_endpoint_alone(seed):
    random = Random(seed)
    endpoints = [
        endpoint(
            f"a/m{n % 60}", f"p{n}", random_rates(random), capabilities=frozenset({"reasoning"})
        )
        for n in range(240)
    ]
    ranker = Ranker(endpoints)
    for _ in range(25):
        usage = random_usage(random)
        at, tier = (
            NOW + timedelta(hours=random.randint(-90, 90)),
            random.choice(["", "", "batch", "flex"]),
        )
        costs = alone(endpoints, usage, at, tier)
        ranking = ranker.rank(Request(usage, at, tier))
        assert set(ranking.ranked) == set(costs)
        assert [costs[each] for each in ranking.ranked] == sorted(costs.values())
        cheapest = {}
        for each in ranking.ranked:
            cheapest.setdefault(each.model, each)
        assert ranking.per_model == list(cheapest.values())
        assert ranking.costs == pytest.approx(
            [float(costs[each]) for each in ranking.per_model], rel=1e-9
        )
        apart = [each for who in ranking.apart.values() for each in who]
        assert len(apart) == len(set(apart))
        assert {*apart, *ranking.ranked} == set(endpoints)


def test_among_equals_the_order_of_the_offers_holds():
    endpoints = [endpoint("a/x", f"p{n}", sold(input="1.1", output="3.3")) for n in range(9)]
    endpoints.insert(4, endpoint("a/y", "less", sold(input="1.1", output="3.299999")))
    ranking = ranked(endpoints)
    assert [each.provider for each in ranking.ranked] == ["less", *(f"p{n}" for n in range(9))]
    assert names(ranking.per_model) == ["less/a/y", "p0/a/x"]


def test_a_band_can_turn_the_order_round():
    banded = (
        *sold(input="1", output="1"),
        StatedRate("input", Decimal(4), terms=Terms(band=Band(272_000))),
    )
    endpoints = [
        endpoint("a/banded", rates=banded),
        endpoint("a/flat", rates=sold(input="2", output="1")),
    ]
    below, above = Usage.of(input=272_000, output=1), Usage.of(input=272_001, output=1)
    ranker = Ranker(endpoints)
    for _ in range(2):  # the second time from what is kept
        assert names(ranker.rank(Request(below, NOW)).ranked) == ["host/a/banded", "host/a/flat"]
        assert names(ranker.rank(Request(above, NOW)).ranked) == ["host/a/flat", "host/a/banded"]


# What is not ranked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "plan"}, Reason("plan")),
        ({"kind": "local"}, Reason("local")),
        ({"variant": frozenset({"batch"})}, Reason("deferred")),
        ({"variant": frozenset({"eu", "flex"})}, Reason("deferred")),
        ({"mode": "embedding"}, Reason("purpose")),
        ({"modalities_out": frozenset({"image"})}, Reason("purpose")),
        ({"context": 3_599}, Reason("small")),
        ({"max_input": 2_999}, Reason("small")),
        ({"max_output": 599}, Reason("small")),
    ],
)
def test_an_endpoint_that_cannot_serve_is_apart_with_its_reason(fields, reason):
    rates = sold(input="1", output="1")
    ranking = ranked([endpoint("a/this", rates=rates, **fields), endpoint("a/other", rates=rates)])
    assert names(ranking.ranked) == ["host/a/other"]
    assert why(ranking) == {reason: ["host/a/this"]}


@pytest.mark.parametrize(
    "fields", [{"context": 3_600}, {"max_input": 3_000}, {"max_output": 600}, {}]
)
def test_a_request_that_just_fits_is_ranked_and_unknown_limits_are_not_held_against_anybody(fields):
    assert len(ranked([endpoint(rates=sold(input="1", output="1"), **fields)]).ranked) == 1


@pytest.mark.parametrize(
    ("rates", "reason"),
    [
        ((), Reason("unknown", "input")),
        (sold(input="1"), Reason("unknown", "output")),
        ((*sold(input="1"), StatedRate("output", None, "unknown")), Reason("unknown", "output")),
        ((*sold(input="1"), StatedRate("output", None, "dynamic")), Reason("dynamic")),
        ((*sold(input="1"), StatedRate("output", None, "included")), Reason("included")),
        (
            (*sold(input="1"), StatedRate("output", None, "not_offered")),
            Reason("not_offered", "output"),
        ),
        (
            (*sold(input="1"), StatedRate("output", Decimal(1), currency="CNY")),
            Reason("currency", ""),
        ),
        (
            tuple(StatedRate(s, Decimal(1), currency="CNY") for s in ("input", "output")),
            Reason("currency", "CNY"),
        ),
    ],
)
def test_what_has_no_total_is_never_ranked(rates, reason):
    ranking = ranked([endpoint(rates=rates)])
    assert (ranking.ranked, ranking.per_model, ranking.costs) == ([], [], [])
    assert why(ranking) == {reason: ["host/a/m"]}


def test_free_endpoints_are_apart_unless_they_are_asked_for():
    free = tuple(StatedRate(slug, Decimal(0), "free") for slug in ("input", "output"))
    endpoints = [
        endpoint("a/sold", rates=sold(input="1", output="1")),
        endpoint("a/free", rates=free),
    ]
    assert why(ranked(endpoints)) == {Reason("free"): ["host/a/free"]}
    with_free = ranked(endpoints, free=True)
    assert (names(with_free.ranked), with_free.apart) == (["host/a/free", "host/a/sold"], {})


def test_an_unknown_tier_is_apart_and_never_priced_as_standard():
    batch = (*sold(input="2", output="2"), StatedRate("input", Decimal(1), terms=Terms("batch")))
    endpoints = [
        endpoint("a/has", rates=batch),
        endpoint("a/lacks", rates=sold(input="1", output="1")),
    ]
    ranking = ranked(endpoints, tier="batch")
    assert names(ranking.ranked) == ["host/a/has"]
    assert why(ranking) == {Reason("tier", "batch"): ["host/a/lacks"]}


@pytest.mark.parametrize(
    ("usage", "able", "what"),
    [
        (
            Usage.of(input=9, output=9, reasoning=3),
            {"capabilities": frozenset({"reasoning"})},
            "reasoning",
        ),
        (Usage.of(input=9, input_image=3), {"capabilities": frozenset({"vision"})}, "vision"),
        (Usage.of(input=9, input_audio=3), {"modalities_in": frozenset({"audio"})}, "audio-input"),
        (
            Usage.of(input=9, output=9, output_audio=3),
            {"modalities_out": frozenset({"audio", "text"})},
            "audio-output",
        ),
    ],
)
def test_what_a_workload_needs_must_be_stated(usage, able, what):
    rates = sold(input="1", output="1", input_audio="1", output_audio="1")
    ranking = ranked(
        [endpoint("a/able", rates=rates, **able), endpoint("a/not", rates=rates)], usage
    )
    assert names(ranking.ranked) == ["host/a/able"]
    assert why(ranking) == {Reason("capability", what): ["host/a/not"]}


def test_an_answer_that_is_all_reasoning_is_an_answer_too():
    able = {"capabilities": frozenset({"reasoning"}), "mode": "embedding"}
    ranking = ranked(
        [endpoint(rates=sold(input="1", output="1"), **able)],
        Usage.of(input=9, output=9, reasoning=9),
    )
    assert why(ranking) == {Reason("purpose"): ["host/a/m"]}


def test_vectors_are_ranked_where_no_answer_is_asked_for():
    assert (
        len(ranked([endpoint(rates=sold(input="1"), mode="embedding")], Usage.of(input=9)).ranked)
        == 1
    )


def test_a_model_that_is_named_for_vectors_is_not_ranked_for_answers():
    ranking = ranked([endpoint("a/embed-v4.0", rates=sold(input="1", output="1"), mode="chat")])
    assert why(ranking) == {Reason("purpose"): ["host/a/embed-v4.0"]}


# The filters ------------------------------------------------------------------------------------


def test_filters_leave_out_what_is_ranked_and_what_is_apart_alike():
    endpoints = [
        endpoint("a/x", "one", sold(input="1", output="1")),
        endpoint("a/x", "two", sold(input="1", output="1")),
        endpoint("a/y", "one"),
        endpoint("a/y", "two"),
    ]
    ranking = ranked(endpoints, among=lambda one: one.provider == "two")
    assert names(ranking.ranked) == ["two/a/x"]
    assert why(ranking) == {Reason("unknown", "input"): ["two/a/y"]}


def test_a_catalog_without_endpoints_ranks_none():
    ranking = ranked([])
    assert (ranking.ranked, ranking.per_model, ranking.apart) == ([], [], {})


@dataclass(frozen=True)
class AtLeast:
    context: int

    def __call__(self, endpoint):
        return (endpoint.context or 0) >= self.context


def test_what_is_kept_of_old_regimes_is_bounded_and_right():
    endpoints = [endpoint(f"a/m{n}", rates=sold(input=str(n + 1), output="1")) for n in range(5)]
    ranker = Ranker(endpoints)
    for n in range(200):
        among = AtLeast(n) if n % 2 else None
        assert len(ranker.rank(Request(Usage.of(input=n + 1), NOW), among=among).ranked) in (0, 5)
    assert len(ranker._masks._answers) <= 48


# What a ranking per model takes -----------------------------------------------------------------


def places(*, kept=()):
    endpoints = [
        endpoint("a/own", "a", sold(input="5"), kind="first-party", place=1),
        endpoint("a/own", "host", sold(input="2"), place=2),
        endpoint("a/own", "gate", sold(input="1"), kind="gateway", place=3),
        endpoint("a/gated", "gate", sold(input="1"), kind="gateway", place=1),
        endpoint("a/unrated", "host", sold(input="1"), place=1),
    ]
    scope = Scope(direct=True, rated=frozenset({"a/own", "a/gated"}), keep=frozenset(kept))
    return ranked(endpoints, Usage.of(input=1), scope=scope)


def test_a_model_is_ranked_at_its_headline_and_the_rest_is_counted():
    ranking = places()
    assert names(ranking.per_model) == ["a/a/own"]
    assert why(ranking) == {
        Reason("unrated"): ["host/a/unrated"],
        Reason("indirect"): ["gate/a/gated"],
    }
    assert len(ranking.ranked) == 5
    kept = places(kept=["a/unrated", "a/gated", "no/such"])
    assert set(names(kept.per_model)) == {"a/a/own", "gate/a/gated", "host/a/unrated"}
    assert why(kept) == {}


def test_the_headline_that_cannot_serve_a_workload_gives_way_to_the_next_in_place():
    endpoints = [
        endpoint("a/m", "first", sold(input="5"), place=1, context=10),
        endpoint("a/m", "cheap", sold(input="1"), place=3),
        endpoint("a/m", "next", sold(input="9"), place=2),
        endpoint("a/m", "unknown", sold(input="1")),
    ]
    ranking = ranked(endpoints, Usage.of(input=11), scope=Scope())
    assert names(ranking.per_model) == ["next/a/m"]


def test_where_no_rated_model_can_serve_the_workload_all_others_are_ranked():
    endpoints = [
        endpoint("a/m", rates=sold(input="1")),
        endpoint("a/rated", rates=sold(output="1")),
    ]
    scope = Scope(rated=frozenset({"a/rated", "no/such"}))
    assert names(ranked(endpoints, Usage.of(input=1), scope=scope).per_model) == ["host/a/m"]


# Typical reasoning ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "order"),
    [("0", ["a/thinks", "a/answers"]), ("1", ["a/answers", "a/thinks"])],
)
def test_a_model_that_reasons_is_ranked_with_typical_reasoning(times, order):
    thinks = frozenset({"reasoning"})
    endpoints = [
        endpoint("a/answers", "host", sold(input="1", output="5")),
        endpoint("a/thinks", "host", sold(input="1", output="3"), capabilities=thinks),
    ]
    ranking = ranked(endpoints, Usage.of(input=10, output=10), reasoning=Decimal(times))
    assert [each.model for each in ranking.per_model] == order
    assert min(ranking.costs) == pytest.approx(40e-6 if times == "0" else 60e-6)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_with_reasoning_is_that_of_pricing_it_alone(seed):
    random = Random(100 + seed)
    thinks = [frozenset({"reasoning"}), frozenset()]
    endpoints = [
        endpoint(f"a/m{n}", f"p{n}", random_rates(random), capabilities=thinks[n % 2])
        for n in range(120)
    ]
    ranker = Ranker(endpoints)
    for _ in range(15):
        usage = random_usage(random)
        if usage["reasoning"]:
            continue
        request = Request(usage, NOW)
        thinking = with_reasoning(request, Decimal("1.5")) or request
        costs = alone(endpoints, usage, NOW, "")
        typical = alone(endpoints, thinking.usage, NOW, "")
        costs |= {each: typical[each] for each in costs if reasons(each) and each in typical}
        ranking = ranker.rank(request, reasoning=Decimal("1.5"))
        assert [costs[each] for each in ranking.ranked] == sorted(costs.values())


def test_typical_reasoning_is_a_whole_number_of_tokens_and_none_without_an_answer():
    request = Request(Usage.of(input=10, output=5), NOW)
    thinking = with_reasoning(request, Decimal("1.5"))
    assert thinking.usage["reasoning"] == 8
    assert thinking.usage["output"] == 13
    assert with_reasoning(request, Decimal(0)) is None
    assert with_reasoning(Request(Usage.of(input=10), NOW), Decimal(1)) is None


# Units beyond tokens ----------------------------------------------------------------------------


def painter(model, *rates):
    return endpoint(model, mode="image", modalities_out=frozenset({"image"}), rates=rates)


def of_size(size, amount):
    return StatedRate("image", Decimal(amount), terms=Terms(options=(("size", size),)))


def test_images_are_ranked_at_endpoints_that_make_them_alone_at_their_lowest_price():
    endpoints = [
        endpoint("a/chat", rates=sold(input="1", output="1", image="0.00001")),
        painter("a/flat", *sold(image="0.01")),
        painter("a/sized", of_size("1k", "0.005"), of_size("2k", "0.05")),
        painter("a/unpriced", *sold(input="1")),
    ]
    found = ranked(endpoints, Usage.of(image=1))
    assert names(found.ranked) == ["host/a/sized", "host/a/flat"]
    assert found.choices == {"size": ("1k", "2k")}
    assert why(found) == {
        Reason("makes", "image"): ["host/a/chat"],
        Reason("unknown", "image"): ["host/a/unpriced"],
    }
    large = Request(Usage.of(image=1), NOW, options=(("size", "2k"),))
    assert names(Ranker(endpoints).rank(large).ranked) == ["host/a/flat", "host/a/sized"]
    other = Ranker(endpoints).rank(Request(Usage.of(image=1), NOW, options=(("size", "9k"),)))
    assert names(other.ranked) == ["host/a/flat"]
    assert why(other)[Reason("option", "size")] == ["host/a/sized"]


def test_the_order_is_by_the_lowest_cost_of_a_combination_of_options():
    def at(meter, amount, word):
        return StatedRate(meter, Decimal(amount), terms=Terms(options=(("resolution", word),)))

    endpoints = [
        painter("a/flat", *sold(image_in="0.02", image="0.08")),
        painter(
            "a/crossed",
            *(at("image_in", "0.01", "1k"), at("image_in", "0.09", "2k")),
            *(at("image", "0.10", "1k"), at("image", "0.05", "2k")),
        ),
    ]
    for taken, made, cheapest in ((1, 1, "flat"), (0, 1, "crossed"), (1, 9, "crossed")):
        request = Request(Usage.of(image_in=taken, image=made), NOW)
        found = Ranker(endpoints).rank(request)
        assert names(found.ranked)[0] == f"host/a/{cheapest}"
        lowest = [float(cost_range(one.card, request).least.total) for one in found.ranked]
        assert lowest == pytest.approx(found.costs)
        assert lowest == sorted(lowest)


def test_no_choice_is_offered_that_only_unfit_endpoints_have():
    fee = StatedRate("request", Decimal(5), terms=Terms(options=(("search_context", "low"),)))
    endpoints = [endpoint("a/s", rates=(*sold(input="1"), fee)), painter("a/p", *sold(image="1"))]
    assert ranked(endpoints, Usage.of(image=1)).choices == {}
    ended = endpoint("a/s", rates=(*sold(input="1"), replace(fee, valid_to=NOW)))
    assert ranked([ended], Usage.of(input=1)).choices == {}
    assert ranked(endpoints, Usage.of(input=1)).choices == {"search_context": ("low",)}
