"""The laws of the arithmetic, held against whatever cards and usages Hypothesis thinks of."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pricing.meters import METERS
from pricing.price import UnknownTier, price
from pricing.rates import RateCard, StatedRate
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.usage import Usage

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
THRESHOLDS = (10, 100, 1000)
# A meter, and all that counts its tokens too.
LEAVES = {
    "input": (),
    "cache_read": ("input",),
    "cache_write": ("input",),
    "cache_write_1h": ("input",),
    "input_audio": ("input",),
    "cache_read_audio": ("cache_read", "input_audio", "input"),
    "output": (),
    "reasoning": ("output",),
    "output_audio": ("output",),
    "web_search": (),
    "page": (),
}
PROMPT = tuple(leaf for leaf, wholes in LEAVES.items() if leaf == "input" or "input" in wholes)

amounts = st.decimals(min_value="0.000000000001", max_value="999999.999999", places=12)
few = st.integers(0, 400)
many = st.integers(0, 10**17)


def usage_of(leaves):
    counted = dict.fromkeys(LEAVES, 0)
    for leaf, quantity in leaves.items():
        for meter in (leaf, *LEAVES[leaf]):
            counted[meter] += quantity
    return Usage.of(**counted)


def leaves(quantities):
    return st.fixed_dictionaries(dict.fromkeys(LEAVES, quantities))


@st.composite
def plain_cards(draw):
    """A rate for every meter, under no terms."""
    return RateCard(tuple(StatedRate(meter, draw(amounts)) for meter in LEAVES))


@st.composite
def terms(draw):
    operator, applies = (
        draw(st.sampled_from(("gt", "gte"))),
        draw(st.sampled_from(("whole_request", "marginal"))),
    )
    at = draw(st.sampled_from(THRESHOLDS))
    return Terms(
        tier=draw(st.sampled_from(("", "", "batch"))),
        band=draw(st.sampled_from((None, Band(at, operator, applies=applies)))),
        schedules=draw(
            st.sampled_from(
                ((), (Schedule((("11:00", "13:00"),)),), (Schedule((("13:00", "14:00"),)),))
            )
        ),
    )


@st.composite
def cards(draw):
    """A base rate for every meter, and further rates under terms of every kind, no two under the
    same."""
    base = [StatedRate(meter, draw(amounts)) for meter in LEAVES]
    under = draw(
        st.lists(st.tuples(st.sampled_from(list(LEAVES)), terms()), max_size=8, unique=True)
    )
    special = [
        StatedRate(meter, draw(amounts), terms=held) for meter, held in under if held != BASE
    ]
    return RateCard((*base, *special))


def price_at_noon(card, usage, tier=""):
    try:
        return price(card, usage, at=NOON, tier=tier)
    except UnknownTier:
        return price(card, usage, at=NOON)


quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
tiers = st.sampled_from(("", "batch"))


@quick
@given(plain_cards(), leaves(many))
def test_a_total_is_exact_to_the_last_digit(card, quantities):
    by_meter = {rate.meter: Fraction(rate.amount) / METERS[rate.meter].per for rate in card.rates}
    exact = sum((by_meter[leaf] * quantity for leaf, quantity in quantities.items()), Fraction(0))
    total = price(card, usage_of(quantities), at=NOON).total
    assert total is not None
    assert Fraction(total) == exact


def brute_force(card, quantities, tier):
    """Each token priced alone, by its place in the request and the rates that hold there."""
    prompt = [
        leaf
        for kind in ("cache_read", "cache_write", "")
        for leaf in sorted(PROMPT)
        if of_kind(leaf, kind)
    ]
    rest = [leaf for leaf in LEAVES if leaf not in PROMPT]
    size = sum(quantities[leaf] for leaf in PROMPT)
    total, place = Fraction(0), 0
    for leaf in (*prompt, *rest):
        for _ in range(quantities[leaf]):
            place += leaf in PROMPT
            total += token(card, leaf, tier, size, place if leaf in PROMPT else size)
    return total


def of_kind(leaf, kind):
    return leaf.startswith(kind) if kind else not leaf.startswith("cache")


def token(card, leaf, tier, size, place):
    held = [
        rate for rate in card.rates if rate.meter == leaf and there(rate.terms, tier, size, place)
    ]
    best = max(
        held, key=lambda r: (r.terms.tier != "", height(r.terms.band), bool(r.terms.schedules))
    )
    return Fraction(best.amount) / METERS[leaf].per


def there(held, tier, size, place):
    hours = {window for schedule in held.schedules for window in schedule.windows}
    return (
        held.tier in ("", tier) and hours != {("13:00", "14:00")} and past(held.band, size, place)
    )


def past(band, size, place):
    counted = size if band is None or band.applies == "whole_request" else place
    return (
        band is None
        or counted > band.threshold
        or (band.operator == "gte" and counted == band.threshold)
    )


def height(band):
    return band.threshold if band else -1


def apart(card):
    """Whether no two rates of a meter and tier are past the same threshold in different ways."""
    kinds = [
        (r.meter, r.terms.tier, height(r.terms.band), bool(r.terms.schedules)) for r in card.rates
    ]
    return len({*kinds}) == len(kinds)


@settings(quick, max_examples=200)
@given(cards(), leaves(few), tiers)
def test_every_token_is_priced_once_as_if_it_were_looked_up_alone(card, quantities, tier):
    assume(apart(card))
    tier = tier if tier in card.tiers else ""
    total = price(card, usage_of(quantities), at=NOON, tier=tier).total
    assert total is not None
    assert Fraction(total) == brute_force(card, quantities, tier)


@quick
@given(cards(), leaves(many), tiers)
def test_every_token_is_counted_once(card, quantities, tier):
    found = price_at_noon(card, usage_of(quantities), tier)
    counted = sum(line.quantity for line in found.lines) + sum(
        missed.quantity for missed in found.unpriced
    )
    assert counted == sum(quantities.values()) + sum(
        1 for missed in found.unpriced if missed.meter == "request"
    )
    for leaf, quantity in quantities.items():
        parts = [*found.lines, *found.unpriced]
        assert sum(part.quantity for part in parts if part.meter == leaf) == quantity


@quick
@given(cards(), leaves(few), tiers, st.integers())
def test_the_order_of_the_rates_makes_no_difference(card, quantities, tier, seed):
    shuffled = list(card.rates)
    Random(seed).shuffle(shuffled)
    usage = usage_of(quantities)
    assert price_at_noon(card, usage, tier) == price_at_noon(RateCard(tuple(shuffled)), usage, tier)


@quick
@given(cards(), leaves(few), st.sampled_from(list(LEAVES)), st.integers(1, 2000), tiers)
def test_more_of_a_meter_never_costs_less_where_no_rate_falls_past_a_band(
    card, quantities, leaf, more, tier
):
    """The condition: of every meter, what applies past a higher threshold is no lower than what
    applies below it, whatever the tier or the hour. Without it a request may be cheaper for being
    longer."""
    rising = RateCard(tuple(rise(rate, card) for rate in card.rates))
    longer = {**quantities, leaf: quantities[leaf] + more}
    before, after = (
        price_at_noon(rising, usage_of(each), tier).total for each in (quantities, longer)
    )
    assert before is not None and after is not None
    assert after >= before


def rise(rate, card):
    """The rate at an amount that grows with its threshold alone, whatever its tier or hours."""
    base = next(
        other.amount for other in card.rates if other.meter == rate.meter and other.terms == BASE
    )
    return replace(rate, amount=base * (2 + height(rate.terms.band)))


@quick
@given(cards(), leaves(few), leaves(few), tiers)
def test_requests_in_the_same_band_add_up(card, one, other, tier):
    """Two requests cost together what one of both sizes does, as long as all three are past the
    same bands.

    Whole-request bands only: a marginal band begins anew for every request.
    """
    whole = tuple(
        r for r in card.rates if r.terms.band is None or r.terms.band.applies == "whole_request"
    )
    both = {leaf: one[leaf] + other[leaf] for leaf in LEAVES}
    sizes = [sum(each[leaf] for leaf in PROMPT) for each in (one, other, both)]
    bands = {rate.terms.band for rate in whole if rate.terms.band}
    assume(all(len({past(band, size, size) for size in sizes}) == 1 for band in bands))
    totals = [
        price_at_noon(RateCard(whole), usage_of(each), tier).total for each in (one, other, both)
    ]
    assume(None not in totals)
    assert totals[0] + totals[1] == totals[2]


@quick
@given(cards(), leaves(few), tiers, st.integers(0, 10**9))
def test_many_alike_requests_cost_so_many_times_one(card, quantities, tier, number):
    found = price_at_noon(card, usage_of(quantities), tier)
    one, all_of_them = found.total, found.times(number).total
    assert (all_of_them is None) == (one is None)
    assert one is None or Fraction(all_of_them) == Fraction(one) * number


@quick
@given(cards(), leaves(few), tiers, st.data())
def test_a_total_never_leaves_out_what_has_no_price(card, quantities, tier, data):
    leaf = data.draw(st.sampled_from([leaf for leaf in LEAVES if leaf != "reasoning"]))
    silent = RateCard(tuple(rate for rate in card.rates if rate.meter != leaf))
    found = price_at_noon(silent, usage_of(quantities), tier)
    if quantities[leaf]:
        assert found.total is None
        assert leaf in {missed.meter for missed in found.unpriced}
    else:
        assert found == price_at_noon(
            card, usage_of(quantities), tier if tier in silent.tiers else ""
        )


@quick
@given(amounts, many)
def test_what_a_free_meter_counts_costs_nothing(amount, quantity):
    card = RateCard((StatedRate("input", amount), StatedRate("cache_read", Decimal(0), "free")))
    found = price(card, Usage.of(input=quantity, cache_read=quantity), at=NOON)
    assert found.total == 0
