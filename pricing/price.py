"""What a usage costs under a rate card: a line a meter, exact and unrounded. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from itertools import groupby, takewhile

from pricing.meters import SEARCHES, meter
from pricing.rates import PLACES, RateCard, State, StatedRate
from pricing.terms import DESCRIPTIVE, STANDARD, Band, Terms
from pricing.usage import PART_OF, Usage, counts

# Sums of money are exact or an error: 10^18 tokens at a price of 15 digits need half of these.
_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
_ROUNDED = Context(prec=80)

# Where the field lists no price of their own, these tokens are billed as those: reasoning is
# written like any other output, and an image that a model reads is counted in tokens of its input.
BILLED_AS = {
    "reasoning": "output",
    "input_image": "input",
    "search_content": "input",
    "cache_read_image": "cache_read",
    "cache_write_image": "cache_write",
}
# An endpoint that is stated to keep no cache, or to write none, reads these tokens as it reads any
# others.
_WITHOUT_A_CACHE = {
    **{
        f"cache_{action}{kind}": (f"cache_{action}", f"input{kind}")
        for action in ("read", "write")
        for kind in ("", "_audio", "_image", "_video")
    },
    **{f"cache_write_{life}": ("cache_write", "input") for life in ("1h", "12h")},
}
# Audio is counted in seconds. A price by the hour prices them too, and comes first: sources that
# convert one to the second round it.
_BY_THE_HOUR = {
    "audio_second_in": ("audio_hour_in", "audio_hour"),
    "audio_second": ("audio_hour_out",),
}
_SECONDS = 3600
# A fee that is not stated is not charged; of every other meter, what is not stated is unknown.
_ONLY_IF_STATED = {"request"}

Options = tuple[tuple[str, str], ...]
# The rates that hold for a request, by meter.
Held = Mapping[str, list[StatedRate]]


class UnknownTier(ValueError):
    """A service tier that the card does not state.

    It is refused, never priced as the standard tier.
    """

    def __init__(self, tier: str, stated_tiers: tuple[str, ...]) -> None:
        others = ", ".join(("standard", *stated_tiers))
        super().__init__(f"There is no “{tier}” tier here: {others} is what is stated.")
        self.tier = tier


@dataclass(frozen=True, slots=True)
class RequestTerms:
    """Under which terms a request is made: when, in which tier and region, with which options.

    `passed` are the bands that it is past; None where its usage tells.
    """

    at: datetime
    tier: str = ""
    region: str = ""
    options: Options = ()
    passed: Collection[Band] | None = None


@dataclass(frozen=True, slots=True)
class CostLine:
    """What a quantity of one meter costs. `amount` is exact, in the currency of the rate.

    `rate` is the row that applied; it may be another meter's, as when reasoning is billed as
    output. `inherited`: the tier, band or hours that apply to the request do not name this
    meter.
    """

    meter: str
    quantity: Decimal
    rate: StatedRate
    amount: Decimal
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A quantity that cannot be priced: its state, and options that its price depends on."""

    meter: str
    quantity: Decimal
    state: State
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a usage costs, a line for each meter (or each step of a marginal band), and what has no
    price."""

    lines: tuple[CostLine, ...]
    unpriced: tuple[Unpriced, ...] = ()

    @property
    def currency(self) -> str:
        currencies = {line.rate.currency for line in self.lines}
        return currencies.pop() if len(currencies) == 1 else "" if currencies else "USD"

    @property
    def total(self) -> Decimal | None:
        """The sum of the lines, exact; None where a meter has no price or currencies differ."""
        if self.unpriced or not self.currency:
            return None
        return exact_sum(line.amount for line in self.lines)

    @property
    def state(self) -> State:
        reasons: tuple[State, ...] = ("not_offered", "dynamic", "included", "unknown")
        for state in reasons:
            if any(unpriced.state == state for unpriced in self.unpriced):
                return state
        return "priced" if any(line.amount for line in self.lines) or not self.lines else "free"

    def times(self, requests: int | Decimal) -> "Cost":
        """The cost of this many identical requests. Raises ValueError below 0 and for NaN."""
        number = Decimal(requests)
        if not number.is_finite() or number < 0:
            raise ValueError(f"{requests} is not a number of requests")
        return Cost(
            tuple(
                replace(
                    line,
                    quantity=exact_product(line.quantity, number),
                    amount=_money(line.meter, exact_product(line.quantity, number), line.rate),
                )
                for line in self.lines
            ),
            tuple(
                replace(missed, quantity=exact_product(missed.quantity, number))
                for missed in self.unpriced
            ),
        )


def price(
    card: RateCard,
    usage: Usage,
    *,
    at: datetime,
    tier: str = "",
    region: str = "",
    options: Mapping[str, str] | None = None,
    passed: Collection[Band] | None = None,
) -> Cost:
    """Itemise what `usage` costs under `card` at an instant: exact, in the published currency.

    Of the rates of a meter that hold, the most specific applies: the requested tier's before the
    standard one, the requested region's before the one for everywhere, then options, the highest
    band passed, and hours before no hours. A meter that a tier or band does not name is inherited,
    each for itself. Every token counts once, under the narrowest meter that counts it. With
    `passed`, `usage` is that of requests which are past these bands and no others, and each band
    prices all of it. Raises UnknownTier for a tier that the card does not state, ValueError for an
    `at` without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    request = RequestTerms(
        at,
        "" if tier in STANDARD else tier,
        region,
        tuple(sorted((options or {}).items())),
        passed,
    )
    dated = tuple(rate for rate in card.rates if rate.holds_at(at))
    if request.tier and request.tier not in (tiers := RateCard(dated).tiers):
        raise UnknownTier(request.tier, tiers)
    held: dict[str, list[StatedRate]] = defaultdict(list)
    for rate in dated:
        if _holds(rate.terms, request, usage):
            held[rate.meter].append(rate)
    special = [r for rates in held.values() for r in rates if r.terms.band or r.terms.schedules]
    lines: list[CostLine] = []
    unpriced: list[Unpriced] = []
    for slug, chosen, part in _charged(held, usage, request):
        if chosen and chosen.amount is not None:
            inherited = _is_inherited(chosen, request, special)
            lines.append(CostLine(slug, part, chosen, _money(slug, part, chosen), inherited))
        elif chosen:
            unpriced.append(Unpriced(slug, part, chosen.state))
        elif slug not in _ONLY_IF_STATED or _is_stated(slug, dated, request, usage):
            unpriced.append(Unpriced(slug, part, "unknown", _depends_on(slug, dated, request)))
    return Cost(tuple(lines), tuple(unpriced))


def priced_under(meters: Iterable[str]) -> set[str]:
    """The meters with a rate that may matter to the price of these."""
    found, left = set[str](), list(meters)
    while left:
        if (slug := left.pop()) not in found:
            found.add(slug)
            left += [*PART_OF.get(slug, ()), *_BY_THE_HOUR.get(slug, ())]
            left += [*_WITHOUT_A_CACHE.get(slug, ()), BILLED_AS.get(slug, slug)]
            left += SEARCHES if slug == "search_content" else ()
    return found


def _holds(terms: Terms, request: RequestTerms, usage: Usage) -> bool:
    return (
        terms.tier in ("", request.tier)
        and terms.region in ("", request.region)
        and all(_is_met(name, word, request.options) for name, word in terms.options)
        and (terms.band is None or _is_past(terms.band, request, usage))
        and (not terms.schedules or any(schedule.holds(request.at) for schedule in terms.schedules))
    )


def _is_met(name: str, word: str, request: Options) -> bool:
    return (name, word) in request or (name in DESCRIPTIVE and name not in dict(request))


def _is_past(band: Band, request: RequestTerms, usage: Usage) -> bool:
    return is_passed(band, usage) if request.passed is None else band in request.passed


def is_passed(band: Band, usage: Usage) -> bool:
    """Whether a request is past a band's threshold; cached tokens count towards it."""
    counted = usage[band.meter]
    return counted > band.threshold if band.operator == "gt" else counted >= band.threshold


def _charged(
    held: Held, usage: Usage, request: RequestTerms
) -> Iterator[tuple[str, StatedRate | None, Decimal]]:
    """Each meter's quantities with the rate that prices them, None where no rate does."""
    for slug, quantity in usage.own.items():
        ranked = _ranked(slug, held)
        if slug == "search_content" and slug not in held:
            billed = _bills_content(held, usage)
            if billed is False:
                continue
            ranked = ranked if billed else []
        if len(ranked) == 1 and not ranked[0].terms.band:
            yield slug, ranked[0], quantity
            continue
        for chosen, part in _parts(ranked, slug, quantity, usage, request):
            yield slug, chosen, part


def _bills_content(held: Held, usage: Usage) -> bool | None:
    """Whether what the request's searches find is billed as input; None where not stated alike."""
    searches = [slug for slug in sorted(SEARCHES) if usage[slug]] or ["web_search"]
    answers = {_bills_content_of(held.get(slug, ())) for slug in searches}
    return answers.pop() if len(answers) == 1 else None


def _bills_content_of(rates: Iterable[StatedRate]) -> bool | None:
    for _, alike in groupby(sorted(rates, key=_rank), key=_rank):
        answers = {rate.content_billed_as_input for rate in alike} - {None}
        return answers.pop() if len(answers) == 1 else None
    return None


def _ranked(slug: str, held: Held) -> list[StatedRate]:
    rates = sorted(held.get(slug, ()), key=_rank)
    for by_the_hour in _BY_THE_HOUR.get(slug, ()):
        priced = (rate for rate in held.get(by_the_hour, ()) if rate.amount is not None)
        hourly = sorted(priced, key=_rank)
        if hourly and (not rates or _rank(hourly[0]) <= _rank(rates[0])):
            return hourly
    if slug in _WITHOUT_A_CACHE:
        cache, plain = _WITHOUT_A_CACHE[slug]
        kept = rates or sorted(held.get(cache, ()), key=_rank)
        if kept and kept[0].state == "not_offered":
            return _ranked(plain, held)
    return rates if rates or slug not in BILLED_AS else _ranked(BILLED_AS[slug], held)


def _rank(rate: StatedRate) -> tuple[bool, bool, int, int, bool]:
    terms = rate.terms
    chosen = sum(name not in DESCRIPTIVE for name, _ in terms.options)
    threshold = terms.band.threshold if terms.band else -1
    return not terms.tier, not terms.region, -chosen, -threshold, not terms.schedules


def _parts(
    ranked: list[StatedRate], slug: str, quantity: Decimal, usage: Usage, request: RequestTerms
) -> Iterator[tuple[StatedRate | None, Decimal]]:
    """How much of a meter's quantity each rate prices; None prices nothing.

    The first rate prices all of it, unless its band is marginal.
    """
    left = quantity
    for _, alike in groupby(ranked, key=_rank):
        rate = _only(list(alike))
        if rate is None:
            break
        is_whole = request.passed is not None
        part = left if is_whole else _past(rate.terms.band, slug, left, usage)
        if part:
            yield rate, part
        left -= part
        if not left:
            return
    yield None, left


def _only(alike: list[StatedRate]) -> StatedRate | None:
    if len({(rate.state, rate.amount, rate.currency) for rate in alike}) > 1:
        return None
    return min(alike, key=str) if len(alike) > 1 else alike[0]


def _past(band: Band | None, slug: str, left: Decimal, usage: Usage) -> Decimal:
    """How many of the first `left` tokens a band prices: those past it if it is marginal.

    Tokens that do not count towards the threshold, such as output, come last.
    """
    if band is None or band.applies == "whole_request" or not counts(slug, band.meter):
        return left
    before = takewhile(lambda other: other != slug, usage.own)
    position = sum((usage.own[other] for other in before if counts(other, band.meter)), Decimal(0))
    return min(left, max(Decimal(0), position + left - band.below))


def _is_inherited(rate: StatedRate, request: RequestTerms, special: list[StatedRate]) -> bool:
    """Whether the request's tier, band or hours have no rate of their own for the meter."""
    if rate.terms.tier != request.tier or not special:
        return rate.terms.tier != request.tier
    alike = [other for other in special if other.terms.family == rate.terms.family]
    banded = {other.meter for other in alike if other.terms.band}
    timed = {other.meter for other in alike if other.terms.schedules}
    return any(named and rate.meter not in named for named in (banded, timed))


def _is_stated(
    slug: str, dated: tuple[StatedRate, ...], request: RequestTerms, usage: Usage
) -> bool:
    return any(
        r.meter == slug and _holds(replace(r.terms, options=()), request, usage) for r in dated
    )


def _depends_on(slug: str, dated: tuple[StatedRate, ...], request: RequestTerms) -> tuple[str, ...]:
    meters = {slug, BILLED_AS.get(slug, slug)}
    options = {name for rate in dated if rate.meter in meters for name, _ in rate.terms.options}
    return tuple(sorted(options - dict(request.options).keys()))


def _money(slug: str, quantity: Decimal, rate: StatedRate) -> Decimal:
    """The price of a quantity: exact, for `per` is a power of ten.

    Seconds that are priced by the hour are rounded to the places of a stored amount.
    """
    assert rate.amount is not None
    amount, per = exact_product(quantity, rate.amount), Decimal(meter(rate.meter).per)
    if rate.meter in _BY_THE_HOUR.get(slug, ()):
        per_hour = _ROUNDED.divide(amount, per * _SECONDS)
        return per_hour.quantize(PLACES, context=_ROUNDED).normalize(_ROUNDED)
    return _EXACT.divide(amount, per).normalize(_EXACT)


def exact_product(one: Decimal, other: Decimal) -> Decimal:
    """The product of amounts of money. Raises Inexact where it would have to be rounded."""
    return _EXACT.multiply(one, other)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts of money. Raises Inexact where it would have to be rounded."""
    return reduce(_EXACT.add, amounts, Decimal(0))
