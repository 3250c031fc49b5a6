"""A log priced as a whole costs what its requests cost one by one, to the last digit."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pricing.aggregates import (
    BILLION,
    MOST_ROWS_AT_ONCE,
    Aggregates,
    aggregate,
    is_fractional,
    merge,
    nothing,
    own_columns,
)
from pricing.bulk import total, totals, totals_by
from pricing.price import UnknownTier, price
from pricing.rates import RateCard, StatedRate
from pricing.regime_plan import Plan
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.usage import PART_OF, OddUsage, Usage

NIGHT = Schedule((("22:00", "02:00"),), (5, 6), "Asia/Shanghai")
PEAK = Schedule((("01:00", "04:00"), ("06:00", "10:00")))
BERLIN = Schedule((("08:10", "18:05"),), (1, 2, 3, 4, 5), "Europe/Berlin")
START = datetime(2026, 10, 23, tzinfo=UTC)  # the clocks of Berlin change two days later
TURN = datetime(2026, 10, 24, 3, 7, 11, tzinfo=UTC)
BANDS = (
    Band(100, "gt"),
    Band(100, "gte"),
    Band(101, "gte"),
    Band(250, "gt"),
    Band(60, "gt", "output"),
    Band(40, "gte", "cache_read"),
)
MARGINAL = (
    Band(100, "gt", applies="marginal"),
    Band(180, "gte", applies="marginal"),
    Band(250, "gt"),
)
METERS = ("input", "output", "cache_read", "cache_write", "input_audio", "cache_read_audio",
          "reasoning", "web_search", "audio_hour", "request")  # fmt: skip


def rate(meter: str, amount: str | None, state: str = "priced", **fields: Any) -> StatedRate:
    terms = {
        key: fields.pop(key)
        for key in ("tier", "band", "region", "schedules", "options")
        if key in fields
    }
    return StatedRate(
        meter,
        None if amount is None else Decimal(amount),
        state,
        Terms(**terms) if terms else BASE,
        **fields,
    )


def a_card(chance: random.Random, bands: tuple[Band, ...]) -> RateCard:
    """A card with a bit of everything; its amounts have up to thirteen digits."""
    rates: list[StatedRate] = []
    for meter in METERS:
        if meter in ("input", "output") or chance.random() < 0.95:
            rates += _rates_of(chance, meter, bands)
    return RateCard(tuple(rates))


def _rates_of(chance: random.Random, meter: str, bands: tuple[Band, ...]) -> list[StatedRate]:
    amount = lambda: str(Decimal(chance.randrange(1, 99991)).scaleb(-chance.randrange(2, 9)))  # noqa: E731
    state = chance.choices(
        ("priced", "free", "unknown", "included", "dynamic", "not_offered"), (300, 12, 1, 1, 1, 1)
    )[0]
    base = {"priced": lambda: rate(meter, amount()), "free": lambda: rate(meter, "0", "free")}
    found = [base.get(state, lambda: rate(meter, None, state))()]
    for band in chance.sample(bands, chance.randrange(0, 4)):
        found.append(rate(meter, amount(), band=band))
    for schedule in chance.sample((NIGHT, PEAK, BERLIN), chance.randrange(0, 2)):
        found.append(rate(meter, amount(), schedules=(schedule,)))
    if chance.random() < 0.2:
        found.append(rate(meter, amount(), tier="batch"))
    if chance.random() < 0.1:
        found.append(rate(meter, amount(), options=(("size", "big"),)))
    if chance.random() < 0.2:
        was, now = found[0], rate(meter, amount(), valid_from=TURN)
        found[0] = StatedRate(was.meter, was.amount, was.state, valid_to=TURN)
        found.append(now)
    return found


def a_request(chance: random.Random) -> dict[str, Any]:
    audio = chance.choice((0, 0, chance.randrange(40)))
    heard = chance.randrange(audio + 1)
    cached = chance.choice((0, 39, 40, 41, chance.randrange(200)))
    written = chance.choice((0, chance.randrange(30)))
    least = cached + heard + written + audio
    output = chance.choice((0, 59, 60, 61, chance.randrange(300)))
    seconds = chance.choice((chance.randrange(5 * 86400), 97631, 97630, 97629))
    return {
        "at": START + timedelta(seconds=seconds),
        "model": "m", "provider": "p", "tier": "",
        "input": max(
            least, chance.choice((99, 100, 101, 102, 180, 250, 251, chance.randrange(400)))
        ),
        "cache_read": cached + heard, "cache_read_audio": heard, "cache_write": written,
        "input_audio": audio + heard, "output": output,
        "reasoning": chance.randrange(output + 1) if chance.random() < 0.4 else 0,
        "web_search": chance.choice((0, 0, 1, 3)),
        "audio_hour": chance.choice((0, chance.randrange(BILLION))),
        "request": 1,
    }  # fmt: skip


def as_rows(requests: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(requests).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def one_by_one(card: RateCard, requests: list[dict[str, Any]], **terms: Any) -> Decimal | None:
    """The plain way: each request by itself, and the sum of them; None where one has no price."""
    whole = Decimal(0)
    for request in requests:
        used = {m: Decimal(request[m]) / (BILLION if is_fractional(m) else 1) for m in METERS}
        when = {"at": request["at"], "tier": request["tier"]} | terms
        amount = price(card, Usage.of(**used), **when).total
        if amount is None:
            return None
        whole += amount
    return whole


@pytest.mark.parametrize("seed", range(30))
def test_a_log_costs_what_its_requests_cost_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    cards = {number: a_card(chance, BANDS) for number in range(12)}
    requests = [a_request(chance) for _ in range(chance.randrange(1, 40))]
    added = aggregate(as_rows(requests), Plan.of(cards.values()))
    found = totals(cards, added)
    assert {key: one.amount for key, one in found.items()} == {
        key: one_by_one(card, requests) for key, card in cards.items()
    }
    at = START + timedelta(days=1)
    then = totals(cards, added, at=at)
    assert {key: one.amount for key, one in then.items()} == {
        key: one_by_one(card.at(at), requests) for key, card in cards.items()
    }


def test_marginal_bands_are_exact_or_not_priced_at_all() -> None:
    exact = withheld = 0
    for seed in range(60):
        chance = random.Random(seed)
        cards = {number: a_card(chance, MARGINAL) for number in range(12)}
        requests = [a_request(chance) for _ in range(chance.randrange(1, 12))]
        found = totals(cards, aggregate(as_rows(requests), Plan.of(cards.values())))
        for key, card in cards.items():
            plain = one_by_one(card, requests)
            assert found[key].amount in (plain, None)
            exact += found[key].amount is not None
            withheld += found[key].amount != plain
    assert exact > 200
    assert withheld < exact / 20


def test_margins_that_cannot_be_told_apart_have_no_total() -> None:
    margin = Band(100, "gt", applies="marginal")
    base = (rate("input", "1"), rate("output", "1"))
    for cached, odd in (
        (0, (rate("input", "2", band=margin), rate("output", "2", band=Band(50, "gt", "output")))),
        (0, (rate("input", "2", band=margin), rate("input", "3", band=Band(100, "gte")))),
        (9, (rate("cache_read", "2", band=margin), rate("cache_read", None, "not_offered"))),
    ):
        card = RateCard((*base, *odd))
        whole = aggregate(
            as_rows([one_request(input=500, cache_read=cached, output=60)]), Plan.of([card])
        )
        assert (total(card, whole).amount, total(card, whole).state) == (None, "unknown")
    sound = RateCard((*base, rate("input", "2", band=margin)))
    whole = aggregate(
        as_rows([one_request(input=500, output=60), one_request(input=100)]), Plan.of([sound])
    )
    assert total(sound, whole).amount == Decimal("0.0001") + Decimal("0.0008") + Decimal(
        "0.00006"
    ) + Decimal("0.0001")


def test_rates_of_what_no_request_uses_change_no_total() -> None:
    margin, later = Band(100, "gt", applies="marginal"), Band(50, "gt", "output")
    sound = (rate("input", "1"), rate("input", "2", band=margin), rate("output", "1"))
    others = (rate("web_search", "3", band=later), rate("page", None, "unknown"))
    cards = {1: RateCard(sound), 2: RateCard((*sound, *others)), 3: RateCard(others)}
    whole = aggregate(as_rows([one_request(input=500, output=60)]), Plan.of(cards.values()))
    found = totals(cards, whole)
    assert found[1] == found[2] == totals({2: cards[2]}, whole)[2]
    assert found[1].amount == Decimal("0.0001") + Decimal("0.0008") + Decimal("0.00006")
    assert found[3].missing == ("input", "output")
    assert totals_by("model", cards[2], whole) == {"m": found[1]}


def test_the_random_logs_have_prices_and_every_reason_for_none() -> None:
    states: Counter[str] = Counter()
    for seed in range(60):
        chance = random.Random(seed)
        cards = {number: a_card(chance, BANDS) for number in range(12)}
        added = aggregate(as_rows([a_request(chance) for _ in range(9)]), Plan.of(cards.values()))
        states.update(one.state for one in totals(cards, added).values())
    assert {"priced", "unknown", "dynamic", "included"} <= states.keys()
    assert states["priced"] > 250


# ---- sums ----


def some(seed: int = 1, number: int = 200) -> tuple[dict[int, RateCard], list[dict[str, Any]]]:
    chance = random.Random(seed)
    cards = {key: a_card(chance, (*BANDS, *MARGINAL) if key % 2 else BANDS) for key in range(20)}
    return cards, [a_request(chance) for _ in range(number)]


def test_parts_of_a_log_add_up_to_the_whole_in_any_order() -> None:
    cards, requests = some()
    plan = Plan.of(cards.values())
    parts = [aggregate(as_rows(requests[i::7]), plan) for i in range(7)]
    random.Random(2).shuffle(parts)
    merged = merge([merge(parts[:3]), nothing(plan), merge(parts[3:])])
    whole = aggregate(as_rows(requests), plan)
    assert totals(cards, merged) == totals(cards, whole)
    assert (merged.rows, merged.largest, merged.used) == (whole.rows, whole.largest, whole.used)


def test_sums_travel_to_another_process() -> None:
    cards, requests = some()
    plan = Plan.of(cards.values())
    whole = aggregate(as_rows(requests), plan)
    again = Aggregates.load(Plan.of(cards.values()), whole.dump())
    assert set(again.meters) == set(whole.meters)
    assert totals(cards, again) == totals(cards, whole)


def test_sums_under_different_plans_do_not_add_up() -> None:
    cards, requests = some()
    whole = aggregate(as_rows(requests), Plan.of(cards.values()))
    with pytest.raises(ValueError, match="different plans"):
        merge([whole, nothing(Plan())])


def test_parts_with_other_meters_add_up() -> None:
    card = RateCard((rate("input", "1"), rate("output", "2"), rate("web_search", "10")))
    plan = Plan.of([card])
    rows = as_rows([one_request(input=10), one_request(input=20)])
    searches = as_rows([one_request(web_search=3)])
    merged = merge([aggregate(rows, plan), aggregate(searches, plan)])
    assert total(card, merged).amount == Decimal("0.00003") + Decimal("0.03")


def one_request(**used: Any) -> dict[str, Any]:
    return {"at": START, "model": "m", "provider": "p", "tier": "", "request": 1} | used


def test_the_columns_count_every_token_once_as_a_usage_does() -> None:
    _, requests = some(number=50)
    own = own_columns(METERS)
    found = as_rows(requests).select(one.alias(slug) for slug, one in own.items())
    for row, request in zip(found.iter_rows(named=True), requests, strict=True):
        usage = Usage.of(**{slug: request[slug] for slug in METERS})
        assert {slug: n for slug, n in row.items() if n} == usage.own
    assert next(iter(own)).startswith("cache_read")


def test_billions_of_tokens_in_each_row_do_not_overflow() -> None:
    card = RateCard((rate("input", "0.000000000001"),))
    rows = as_rows([one_request(input=10**12)]).select(pl.all().repeat_by(1_000_000).explode())
    parts = [aggregate(rows, Plan.of([card]))] * 30
    assert total(card, merge(parts)).amount == Decimal(30 * 10**18).scaleb(-18)


def test_more_rows_than_fit_are_refused() -> None:
    rows = pl.DataFrame({"request": pl.Series([1]).new_from_index(0, MOST_ROWS_AT_ONCE + 1)})
    with pytest.raises(ValueError, match="more than can be added up at once"):
        aggregate(rows, Plan())


def test_an_empty_log_costs_nothing() -> None:
    cards, _ = some()
    assert {one.amount for one in totals(cards, nothing(Plan.of(cards.values()))).values()} <= {
        Decimal(0),
        None,
    }
    assert nothing(Plan()).rows == 0


# ---- terms ----


def test_the_band_is_told_to_the_token() -> None:
    card = RateCard((rate("input", "1"), rate("input", "2", band=Band(272_000))))
    for tokens, dollars in ((271_999, "0.271999"), (272_000, "0.272"), (272_001, "0.544002")):
        whole = aggregate(as_rows([one_request(input=tokens)]), Plan.of([card]))
        assert total(card, whole).amount == Decimal(dollars)


def test_a_row_of_several_requests_is_judged_by_their_average() -> None:
    card = RateCard(
        (rate("input", "1"), rate("input", "2", band=Band(100)), rate("request", "1000"))
    )
    below = aggregate(as_rows([one_request(input=1000, request=10)]), Plan.of([card]))
    above = aggregate(as_rows([one_request(input=1001, request=10)]), Plan.of([card]))
    assert total(card, below).amount == Decimal("0.001") + 10
    assert total(card, above).amount == Decimal("0.002002") + 10
    assert (below.rows, below.largest) == (1, 100)


def test_a_tier_that_the_card_does_not_state_is_refused_by_name() -> None:
    batched = RateCard((rate("input", "2"), rate("input", "1", tier="batch")))
    plain = RateCard((rate("input", "2"),))
    rows = as_rows([one_request(input=500_000), one_request(input=500_000, tier="batch")])
    whole = aggregate(rows, Plan.of([batched, plain]))
    found = totals({1: batched, 2: plain}, whole)
    assert found[1].amount == Decimal("1.5")
    assert (found[2].amount, found[2].no_tier) == (None, "batch")
    assert total(batched, whole, tier="batch").amount == Decimal(1)
    assert total(plain, whole, tier="").amount == Decimal(2)
    with pytest.raises(UnknownTier):
        price(plain, Usage.of(input=1), at=START, tier="batch")


def test_a_total_without_a_price_for_every_meter_is_none_and_says_which() -> None:
    card = RateCard((rate("input", "1"),))
    whole = aggregate(
        as_rows([one_request(input=10, output=0), one_request(input=10, output=5)]), Plan()
    )
    found = total(card, whole)
    assert (found.amount, found.state, found.missing) == (None, "unknown", ("output",))


def test_a_total_in_two_currencies_is_none() -> None:
    card = RateCard((rate("input", "1"), rate("output", "1", currency="CNY")))
    whole = aggregate(as_rows([one_request(input=10, output=5)]), Plan())
    assert total(card, whole).amount is None


def test_prices_of_another_day_keep_each_request_at_its_own_hour() -> None:
    night = Schedule((("00:00", "06:00"),))
    card = RateCard(
        (
            rate("input", "10", valid_to=TURN),
            rate("input", "4", valid_from=TURN),
            rate("input", "1", schedules=(night,), valid_from=TURN),
        )
    )
    requests = [one_request(input=10**6, at=START + timedelta(hours=hour)) for hour in (5, 6)]
    whole = aggregate(as_rows(requests), Plan.of([card]))
    assert total(card, whole).amount == 20
    assert total(card, whole, at=TURN).amount == 5
    assert total(card, whole, at=TURN - timedelta(microseconds=1)).amount == 20


def test_days_and_providers_are_told_apart() -> None:
    card = RateCard((rate("input", "1"),))
    requests = [
        one_request(input=10**6 * n, at=START + timedelta(days=n), provider=f"p{n % 2}")
        for n in (1, 2, 3)
    ]
    whole = aggregate(as_rows(requests), Plan.of([card]))
    assert {day.day: one.amount for day, one in totals_by("day", card, whole).items()} == {
        24: 1,
        25: 2,
        26: 3,
    }
    assert {key: one.amount for key, one in totals_by("provider", card, whole).items()} == {
        "p0": 2,
        "p1": 4,
    }
    assert {key: part.rows for (key,), part in whole.split("provider").items()} == {
        "p0": 1,
        "p1": 2,
    }


def test_a_part_larger_than_its_whole_is_no_usage() -> None:
    with pytest.raises(OddUsage):
        Usage.of(input=1, cache_read=2)
    assert PART_OF["cache_read"] == ("input",)
