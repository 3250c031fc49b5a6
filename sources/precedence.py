"""Which claim wins: claims in, columns and rates out, each with its source and date. Pure.

The rule is docs/decisions/0001: an editor's override, then the more trusted source, then the
claim that began later. What follows from them for a model is in sources.model_facts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.claim_dates import Family
from pricing.price import BILLED_AS
from pricing.rates import StatedRate
from pricing.terms import DESCRIPTIVE, Band, Terms
from sources.statement import Columns, Fact, Facts, Provenance, Statement

Price = tuple[str, Decimal | None, str]
Sourced = tuple[StatedRate, Statement]
# What must come from one source.
MeterFamily = tuple[str, Family]
# The best first.
ClaimedRates = dict[Statement, list[StatedRate]]

# models.dev writes names and families as their creators do, where other sources derive them from
# ids, and gives limits to the token: genai-prices rounds 1,047,576 to a million, and of 335 outputs
# in which LiteLLM differs, 152 are the context again.
# LiteLLM follows the providers' days of retirement by the day, where a curated file has a copy.
# What such a source no longer lists counts as any other missing claim.
KNOWS_BEST = {
    "name": "models-dev",
    "family": "models-dev",
    "context_window": "models-dev",
    "max_input": "models-dev",
    "max_output": "models-dev",
    "retired_on": "litellm",
}
# What a provider's own API knows better still, of its own endpoints: its limits and their end.
_OWN_API_KNOWS = {"context_window", "max_input", "max_output", "retired_on"}
# As catalog.models.Source.Trust.PROVIDER, and the sources of that trust beside accounts.
OWN_API = 3
OWN_APIS = frozenset({"openrouter", "vercel", "huggingface"})
_QUARTER = timedelta(minutes=15)

# The capabilities that are modalities, and their modalities.
TAKES = {"vision": "image", "audio-input": "audio", "video-input": "video"}
MAKES = {"image-generation": "image", "audio-output": "audio", "video-generation": "video"}

ENDPOINT_FIELDS = (
    "mode",
    "context_window",
    "max_input",
    "max_output",
    "quantization",
    "region",
    "lifecycle",
    "deprecated_on",
    "retired_on",
    "retired_not_before",
    "released",
    "parameters",
)


def knows_best(source: str, field: str) -> bool:
    own = source in OWN_APIS or source.startswith("account-")
    return source == KNOWS_BEST.get(field) or (own and field in _OWN_API_KNOWS)


def _order(statement: Statement, began: datetime) -> tuple[bool, bool, int, datetime, str]:
    """The place of a claim among those of others, the winner last: when which was read is none."""
    return not statement.missing, not statement.vague, statement.trust, began, statement.source


def winning_facts(statements: Iterable[Statement]) -> dict[str, Fact]:
    """The winning fact of every stated field; capabilities one by one as `capability.<slug>`."""
    facts: dict[str, Fact] = {}
    best: dict[str, Statement] = {}
    parts = (part for statement in statements for part in _by_date(statement))
    for statement, began, stated in sorted(parts, key=lambda part: _order(*part[:2])):
        on = began.date().isoformat()
        for name, value in stated.items():
            url, checked = statement.evidence.get(name, ("", on))
            if name == "capabilities":
                for slug, has in value.items():
                    facts[f"capability.{slug}"] = Fact(has, statement.source, checked, url)
            elif name == "released" and (_is_held(value, statement) or _is_filled_up(value)):
                continue
            elif (
                name not in best
                or best[name].missing > statement.missing
                or (statement.trust >= OWN_API and name in _OWN_API_KNOWS)
            ):
                facts[name] = Fact(value, statement.source, checked, url)
                if statement.source == KNOWS_BEST.get(name):
                    best[name] = statement
    return facts


def _by_date(statement: Statement) -> Iterable[tuple[Statement, datetime, Mapping[str, Any]]]:
    """A statement's facts by the date since which it has stated them."""
    if not (statement.evidence or statement.since):
        return [(statement, statement.began(""), statement.facts)]
    # Most claims of a statement began on few days.
    instants: dict[str, datetime] = {}
    is_plain = not (statement.evidence or statement.missing)

    def began(claim: str) -> datetime:
        if not is_plain or claim not in statement.since:
            return statement.began(claim)
        text = statement.since[claim]
        if text not in instants:
            instants[text] = statement.began(claim)
        return instants[text]

    parts: dict[datetime, dict[str, Any]] = defaultdict(dict)
    for name, value in statement.facts.items():
        if name != "capabilities":
            parts[began(name)][name] = value
    for slug, has in statement.facts.get("capabilities", {}).items():
        part = parts[began(f"capability.{slug}")]
        part.setdefault("capabilities", {})[slug] = has
    return [(statement, at, facts) for at, facts in parts.items()]


def held_release(statement: Statement) -> str:
    """The release date of the future, as of its data, that a statement gives; "" for none."""
    released = str(statement.facts.get("released", ""))
    return released if _is_held(released, statement) else ""


def _is_held(released: str, statement: Statement) -> bool:
    return released > statement.checked("released").date().isoformat()


def _is_filled_up(released: str) -> bool:
    """Sources write a day that they do not know so: none of 143 such claims is of that day."""
    return released.endswith("-01-01")


def endpoint_columns(facts: Facts, makes: Sequence[str] = ()) -> tuple[Columns, Provenance]:
    """The columns of catalog.Endpoint. `makes` are the modalities that its model puts out.


    "Not before a day" is a promise: another source's retirement on that day is a misreading of it.
    An endpoint makes no images, sound or video if its model makes none: sources give text-only
    models the tools of a gateway. Vectors have no tokens: models.dev gives their length as output.
    """
    absent: set[str] = set()
    promise, end = facts.get("retired_not_before"), facts.get("retired_on")
    if promise and end and promise.value == end.value and promise.source != end.source:
        absent.add("retired_on")
    if makes:
        claims = {f"capability.{slug}" for slug, way in MAKES.items() if way not in makes}
        absent |= {claim for claim in claims if claim in facts and facts[claim].value}
    if "mode" in facts and facts["mode"].value == "embedding":
        absent.add("max_output")
    facts = {field: fact for field, fact in facts.items() if field not in absent}
    return fact_columns(facts, ENDPOINT_FIELDS, lacks=True)


def in_own_tier(rates: Iterable[StatedRate], tier: str) -> tuple[StatedRate, ...]:
    """The rates of an id that is sold in one tier alone: all of them are of that tier.

    Sources write them as a base card, since the id states the tier: `glm-5.3-flex`. A price that
    is stated for the tier by name counts first.
    """
    card = tuple(rates)
    if not tier:
        return card
    named = {(rate.meter, rate.terms) for rate in card}
    moved = [(rate, replace(rate.terms, tier=rate.terms.tier or tier)) for rate in card]
    return tuple(
        replace(rate, terms=terms)
        for rate, terms in moved
        if terms == rate.terms or (rate.meter, terms) not in named
    )


def rate_card(statements: Iterable[Statement]) -> list[Sourced]:
    """Every rate that holds at an endpoint, with the statement it comes from.

    Per meter, tier, region and options one source wins, and brings all of its bands, schedules and
    dated history: bands of two sources never mix. Three more rules: of equal trust, the same prices
    with bands that two sources state come before those without; a source of the same prices with
    finer schedules, or that alone states whether a search's content is billed, refines the winner;
    and a meter that is billed as another one unless it has a price of its own (reasoning as output)
    comes only from sources that agree on that other meter.
    """
    families = _families(statements)
    won: dict[MeterFamily, list[Sourced]] = {}
    for meter, under in sorted(families, key=lambda family: family[0] in BILLED_AS):
        whole = BILLED_AS.get(meter, ""), under
        claims = families[meter, under]
        if whole in won:
            claims = {
                statement: rates
                for statement, rates in claims.items()
                if _agrees(statement, families[whole], won[whole])
            }
        if len(claims) == 1:
            ((only, rates),) = claims.items()
            won[meter, under] = [(rate, only) for rate in _joined(rates)]
        elif claims:
            won[meter, under] = _refined(_winner(claims), claims, (meter, under))
    card = [sourced for rates in won.values() for sourced in rates]
    return [
        (rate, statement)
        for rate, statement in card
        if not (rate.terms.options and _is_told_fully(rate, card))
    ]


def _is_told_fully(rate: StatedRate, card: Iterable[Sourced]) -> bool:
    """Whether a rate under options has a twin that also states an allowance, or the like.

    The rate without options stays: it is the base card.
    """
    options = set(rate.terms.options)
    return any(
        options < set(other.terms.options)
        and {name for name, _ in set(other.terms.options) - options} <= DESCRIPTIVE
        and (other.meter, _price(other)) == (rate.meter, _price(rate))
        and replace(other.terms, options=()) == replace(rate.terms, options=())
        for other, _ in card
    )


def _families(statements: Iterable[Statement]) -> dict[MeterFamily, ClaimedRates]:
    families: dict[MeterFamily, ClaimedRates] = defaultdict(dict)
    for statement in statements:
        output = {
            rate.terms.family for rate in statement.rates if rate.meter == "output" and rate.amount
        }
        for rate in statement.rates:
            # Beside a priced output, a zero for reasoning means that it has no price of its own.
            if (rate.meter, rate.state) != ("reasoning", "free") or rate.terms.family not in output:
                families[rate.meter, rate.terms.family].setdefault(statement, []).append(rate)

    def in_order(family: MeterFamily) -> ClaimedRates:
        def rank(statement: Statement) -> tuple[Any, ...]:
            return _order(statement, statement.rates_began(*family))

        claims = families[family]
        if len(claims) == 1:
            return claims
        return {
            statement: claims[statement] for statement in sorted(claims, key=rank, reverse=True)
        }

    return {family: in_order(family) for family in families}


def _winner(claims: ClaimedRates) -> Statement:
    """The first that states an amount; of equal trust, one with bands that another states too."""
    first = _first(claims)
    card = _undated_prices(claims[first])
    longer: dict[frozenset[tuple[Terms, Price]], list[Statement]] = defaultdict(list)
    for other, rates in claims.items():
        prices = _undated_prices(rates)
        are_equal = _standing(other) == _standing(first)
        if are_equal and card < prices and all(terms.band for terms, _ in prices - card):
            longer[prices].append(other)
    has_bands = any(terms.band for terms, _ in card)
    seconded = (same for same in longer.values() if len(same) > 1 and not has_bands)
    return next(seconded, [first])[0]


def _undated_prices(rates: Iterable[StatedRate]) -> frozenset[tuple[Terms, Price]]:
    return frozenset((rate.terms, _price(rate)) for rate in rates if not rate.valid_to)


def _standing(statement: Statement) -> tuple[bool, bool, int]:
    return statement.missing, statement.vague, statement.trust


def _first(claims: ClaimedRates) -> Statement:
    """The first that states an amount; of equal trust, a source that dates the end of a price."""
    for statement, rates in claims.items():
        if any(rate.state != "unknown" for rate in rates):
            dates_the_end = (
                other
                for other, ended in claims.items()
                if _standing(other) == _standing(statement) and all(rate.valid_to for rate in ended)
            )
            is_dated = any(rate.valid_from or rate.valid_to for rate in rates)
            return statement if is_dated else next(dates_the_end, statement)
    return [*claims][-1]


def _agrees(statement: Statement, claims: ClaimedRates, won: Iterable[Sourced]) -> bool:
    card = [*won]
    return any(winner is statement for _, winner in card) or {
        (rate.terms, _price(rate)) for rate in claims.get(statement, ())
    } == {(rate.terms, _price(rate)) for rate, _ in card}


def _refined(winner: Statement, claims: ClaimedRates, family: MeterFamily) -> list[Sourced]:
    past = [rate for rate in claims[winner] if rate.valid_to]
    last = [rate for rate in claims[winner] if not rate.valid_to]
    starts = {rate.valid_from for rate in last}
    for other, rates in claims.items():
        # A refinement is still stated, and names the endpoint, if the winner is and does.
        may = other.missing <= winner.missing and other.vague <= winner.vague
        if len(starts) != 1 or other is winner or not may:
            continue
        if _refines(rates, last, winner.rates_began(*family)) or _adds_content(rates, last):
            dated = [replace(rate, valid_from=start) for rate in rates for start in starts]
            return [*((rate, winner) for rate in _joined(past)), *((rate, other) for rate in dated)]
    return [(rate, winner) for rate in _joined(claims[winner])]


def _adds_content(rates: Sequence[StatedRate], others: Sequence[StatedRate]) -> bool:
    """Whether undated rates have the same prices, and alone state if content is billed as input."""
    if any(rate.valid_from or rate.valid_to for rate in rates):
        return False
    if any(rate.content_billed_as_input is not None for rate in others):
        return False
    stated = any(rate.content_billed_as_input is not None for rate in rates)
    return stated and {(rate.terms, _price(rate)) for rate in rates} == {
        (other.terms, _price(other)) for other in others
    }


def _refines(rates: Sequence[StatedRate], others: Sequence[StatedRate], at: datetime) -> bool:
    """Whether undated rates have the same prices at the same hours of a day, and finer schedules.

    A source without weekdays states one day for all: one day of the week that is the same suffices.
    """
    if any(rate.valid_from or rate.valid_to for rate in rates):
        return False
    if _schedule_detail(rates) <= _schedule_detail(others):
        return False
    if {(rate.terms.band, _price(rate)) for rate in rates} != {
        (r.terms.band, _price(r)) for r in others
    }:
        return False
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    days = ([midnight + _QUARTER * (96 * day + n) for n in range(96)] for day in range(7))
    return any(
        all(_prices(rates, moment) == _prices(others, moment) for moment in day) for day in days
    )


def _schedule_detail(rates: Iterable[StatedRate]) -> int:
    """How fine schedules are: one point for weekdays, one for a named time zone."""
    schedules = [schedule for rate in rates for schedule in rate.terms.schedules]
    return any(len(set(s.weekdays)) < 7 for s in schedules) + any(
        s.timezone != "UTC" for s in schedules
    )


def _prices(rates: Iterable[StatedRate], at: datetime) -> dict[Band | None, Price]:
    scheduled = sorted(rates, key=lambda rate: bool(rate.terms.schedules))
    return {
        rate.terms.band: _price(rate)
        for rate in scheduled
        if not rate.terms.schedules or any(schedule.holds(at) for schedule in rate.terms.schedules)
    }


def _joined(rates: Sequence[StatedRate]) -> list[StatedRate]:
    if len(rates) == 1:
        return [*rates]
    joined: dict[Terms, list[StatedRate]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: (rate.valid_from is not None, rate.valid_from)):
        series = joined[rate.terms]
        if (
            series
            and series[-1].valid_to == rate.valid_from
            and rate.valid_from
            and _price(series[-1]) == _price(rate)
        ):
            series[-1] = replace(series[-1], valid_to=rate.valid_to)
        else:
            series.append(rate)
    return [rate for series in joined.values() for rate in series]


def _price(rate: StatedRate) -> Price:
    return rate.state, rate.amount, rate.currency


def fact_columns(facts: Facts, fields: Sequence[str], *, lacks: bool) -> tuple[Columns, Provenance]:
    columns = {field: facts[field].value for field in fields if field in facts}
    provenance = {field: facts[field].provenance for field in columns}
    states = {
        field.partition(".")[2]: fact
        for field, fact in facts.items()
        if field.startswith("capability.")
    }
    columns["capabilities"] = sorted(slug for slug, fact in states.items() if fact.value)
    if lacks:
        columns["lacks"] = sorted(slug for slug, fact in states.items() if not fact.value)
    provenance |= {f"capability.{slug}": fact.provenance for slug, fact in states.items()}
    return columns, provenance
