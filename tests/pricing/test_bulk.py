"""A log priced as a whole costs what its requests cost one by one, to the last digit."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pricing.bulk import (
    BILLION,
    MOST_ROWS_AT_ONCE,
    Aggregates,
    Plan,
    aggregate,
    is_fractional,
    merge,
    nothing,
    own_columns,
    total,
    totals,
)
from pricing.rates import RateCard, StatedRate, UnknownTier, price
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
METERS = ("input", "output", "cache_read", "cache_write", "input_audio", "cache_read_audio", "reasoning",
          "web_search", "audio_hour", "request")  # fmt: skip


def rate(meter: str, amount: str | None, state: str = "priced", **fields: Any) -> StatedRate:
    terms = {key: fields.pop(key) for key in ("tier", "band", "region", "schedules", "options") if key in fields}
    return StatedRate(
        meter, None if amount is None else Decimal(amount), state, Terms(**terms) if terms else BASE, **fields
    )


def a_card(chance: random.Random, bands: tuple[Band, ...]) -> RateCard:
    """A card with a bit of everything; its amounts are primes over powers of ten, so that no two sums meet."""
    rates: list[StatedRate] = []
    for meter in METERS:
        if meter in ("input", "output") or chance.random() < 0.95:
            rates += _rates_of(chance, meter, bands)
    return RateCard(tuple(rates))


def _rates_of(chance: random.Random, meter: str, bands: tuple[Band, ...]) -> list[StatedRate]:
    amount = lambda: str(Decimal(chance.randrange(1, 99991)).scaleb(-chance.randrange(2, 9)))  # noqa: E731
    state = chance.choices(("priced", "free", "unknown", "included", "dynamic", "not_offered"), (300, 12, 1, 1, 1, 1))[0]
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
    return {
        "at": START + timedelta(seconds=chance.choice((chance.randrange(5 * 86400), 97631, 97630, 97629))),
        "model": "m", "provider": "p", "tier": "",
        "input": max(least, chance.choice((99, 100, 101, 102, 180, 250, 251, chance.randrange(400)))),
        "cache_read": cached + heard, "cache_read_audio": heard, "cache_write": written,
        "input_audio": audio + heard, "output": output,
        "reasoning": chance.randrange(output + 1) if chance.random() < 0.4 else 0,
        "web_search": chance.choice((0, 0, 1, 3)), "audio_hour": chance.choice((0, chance.randrange(BILLION))),
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


@pytest.mark.parametrize("bands", [BANDS, MARGINAL], ids=["bands", "marginal"])
@pytest.mark.parametrize("seed", range(30))
def test_a_log_costs_what_its_requests_cost_one_by_one(seed: int, bands: tuple[Band, ...]) -> None:
    chance = random.Random(seed)
    cards = {number: a_card(chance, bands) for number in range(12)}
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


def test_the_random_logs_have_prices_and_every_reason_for_none() -> None:
    states: Counter[str] = Counter()
    for seed in range(60):
        chance = random.Random(seed)
        cards = {number: a_card(chance, BANDS) for number in range(12)}
        added = aggregate(as_rows([a_request(chance) for _ in range(9)]), Plan.of(cards.values()))
        states.update(one.state for one in totals(cards, added).values())
    assert {"priced", "unknown", "dynamic", "included"} <= states.keys()
    assert states["priced"] > 250
