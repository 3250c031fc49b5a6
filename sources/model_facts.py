"""The facts of a model, from those of its endpoints; each keeps its source and date. Pure.

They come from its creator's own API. Where that states none, the other providers vote: one voice a
provider, however many endpoints of the model it has. See docs/decisions/0001.
"""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from catalog.dated_names import release_in_name
from catalog.known_providers import TRIAL_APIS, UNDATED
from catalog.model_names import model_name
from sources.precedence import KNOWS_BEST, MAKES, TAKES, fact_columns, knows_best
from sources.statement import Columns, Fact, Facts, Provenance

MODEL_FIELDS = (
    "derived_from",
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
_LIMITS = ("context_window", "max_input", "max_output")

# What an endpoint adds: of the model where its creator's API or most providers have it.
_OF_ENDPOINTS = {
    f"capability.{slug}"
    for slug in ("explicit-caching", "implicit-caching", "url-context", "web-search")
}

# In days: what separates two releases from two opinions on one.
_A_SEASON = 45
# So many providers that all contradict a crowd-edited claim about the creator's API outvote it.
_MANY = 3


@dataclass(slots=True)
class Voices:
    """The facts of a model's endpoints by provider, taken in with the plainest first."""

    own: list[Facts] = dataclasses.field(default_factory=list)
    by_provider: dict[str, Facts] = dataclasses.field(default_factory=dict)
    snapshots: list[Fact] = dataclasses.field(default_factory=list)

    def add(self, facts: Facts, *, provider: str, own: bool, snapshot: str) -> None:
        if own and provider not in TRIAL_APIS:
            self.own.append(facts)
        else:
            undated = {"released"} if provider in UNDATED else set()
            known = {field: fact for field, fact in facts.items() if field not in undated}
            self.by_provider[provider] = {**known, **self.by_provider.get(provider, {})}
        if snapshot and facts:
            self.snapshots.append(next(iter(facts.values()))._replace(value=snapshot, url=""))


def model_columns(
    own: Sequence[Facts],
    others: Sequence[Facts],
    *,
    fallback_name: str,
    snapshots: Sequence[Fact] = (),
) -> tuple[Columns, Provenance]:
    """The columns of catalog.Model.

    `own` are the facts of the creator's own endpoints, the best first; the first that states a
    field gives it. `others` are those of other providers, one row each: the middle one of their
    release dates, the answer of most on a capability, the commonest value of the rest. They may
    outvote a date, a limit or a capability that is stated of the creator's API. `snapshots` are the
    dates in the ids of its endpoints.
    """
    chosen = _own_facts(own)
    own_fields = set(chosen)
    _let_others_vote(chosen, others)
    _date_by_ids(chosen, snapshots, fallback_name)
    _agree_on_modalities(chosen, own_fields)
    ranked = _names_by_rank(own, others)
    name, origin = model_name([fact.value for fact in ranked], fallback_name)
    chosen.pop("name", None)
    chosen.update(("name", fact) for fact in reversed(ranked) if fact.value == origin)
    columns, provenance = fact_columns(chosen, MODEL_FIELDS, lacks=False)
    columns["name"] = name
    return columns, provenance


def _own_facts(own: Sequence[Facts]) -> dict[str, Fact]:
    chosen: dict[str, Fact] = {}
    for facts in own:
        for field, fact in facts.items():
            first = chosen.setdefault(field, fact)
            is_better = knows_best(fact.source, field) and not knows_best(first.source, field)
            if field in _LIMITS and is_better:
                chosen[field] = fact
    return chosen


def _let_others_vote(chosen: dict[str, Fact], others: Sequence[Facts]) -> None:
    by_field: dict[str, list[Fact]] = defaultdict(list)
    for facts in others:
        for field, fact in facts.items():
            by_field[field].append(fact)
    for field, stated in by_field.items():
        own = chosen.get(field)
        if field in _OF_ENDPOINTS and len(stated) * 2 <= len(others):
            continue
        if field == "released":
            chosen[field] = _released(own, stated)
        elif field.startswith("capability."):
            chosen[field] = _capability(own, stated)
        elif field in _LIMITS:
            chosen[field] = _limit(field, own, stated)
        elif own is None:
            chosen[field] = _commonest(stated)


def _names_by_rank(own: Sequence[Facts], others: Sequence[Facts]) -> list[Fact]:
    """The stated names: the creator's own well written ones, others' by number, then the rest."""
    names = [
        (is_own, facts["name"])
        for is_own, many in ((True, own), (False, others))
        for facts in many
        if "name" in facts
    ]
    counts = Counter(fact.value for _, fact in names)

    def rank(entry: tuple[bool, Fact]) -> tuple[bool, bool, int]:
        is_own, fact = entry
        is_written = fact.source == KNOWS_BEST["name"]
        return not (is_own and is_written), not is_written, -counts[fact.value]

    return [fact for _, fact in sorted(names, key=rank)]


def _commonest(stated: Sequence[Fact]) -> Fact:
    """The value that most state; of equally many the larger limit."""
    counts = Counter(repr(fact.value) for fact in stated)

    def rank(fact: Fact) -> tuple[Any, ...]:
        size = -fact.value if isinstance(fact.value, int) else 0
        return -counts[repr(fact.value)], size, repr(fact.value), fact.source, fact.on

    return min(stated, key=rank)


def _capability(own: Fact | None, others: Sequence[Fact]) -> Fact:
    """What the creator's API states, else what most providers do; a tie is a yes.

    A provider that states nothing counts for neither side: an endpoint may serve less than the
    model can. Of a crowd-edited claim about the creator's API, many others that contradict it, with
    none on its side, are the better witness: LiteLLM gives Gemma 2 vision.
    """
    if own:
        contradict = all(fact.value != own.value for fact in others) and len(others) >= _MANY
        if not contradict or own.source == KNOWS_BEST["name"]:
            return own
    yes = [fact for fact in others if fact.value]
    voices = yes if len(yes) * 2 >= len(others) else [fact for fact in others if not fact.value]
    return min(voices, key=lambda fact: (fact.source, fact.on))


def _limit(field: str, own: Fact | None, others: Sequence[Fact]) -> Fact:
    """The creator's limit, as the source that knows best gives it there or at most others.

    genai-prices gives the context of GPT-5 to all ids that begin so.
    """
    best = [fact for fact in others if knows_best(fact.source, field)] or others
    if own is None:
        return _commonest(best)
    if knows_best(own.source, field) or len(best) < _MANY:
        return own
    usual = _commonest(best)
    agree = sum(fact.value == usual.value for fact in best)
    return usual if agree * 2 > len(best) else own


def _released(own: Fact | None, others: Sequence[Fact]) -> Fact:
    """The creator's date, unless five others or more agree on one that is a season away.

    Then it is a slip, or the date of a newer model behind the same id: deepseek-v4-flash is V4.1
    by now.
    """
    # The lower median: half of the endpoints state this date or an earlier one.
    middle = sorted(others, key=lambda fact: (fact.value, fact.source))[(len(others) - 1) // 2]
    agree = [fact for fact in others if _days_between(fact, middle) <= _A_SEASON]
    if own and (
        len(others) < 5
        or len(agree) * 3 < len(others) * 2
        or _days_between(own, middle) <= _A_SEASON
    ):
        return own
    return middle


def _date_by_ids(chosen: dict[str, Fact], snapshots: Sequence[Fact], name: str) -> None:
    """Let dates in ids correct the release date, or give it.

    No model is released a season after a dated snapshot of it that several ids name. A dated name
    states the date of its snapshot, and so does whichever source lists it.
    """
    released = chosen.get("released")
    if released is None:
        if chosen and (day := release_in_name(name)):
            chosen["released"] = next(iter(chosen.values()))._replace(value=day, url="")
        return
    counts = Counter(fact.value for fact in snapshots)
    dated = [fact for fact in snapshots if counts[fact.value] > 1 and len(fact.value) == 10]
    first = min(dated, key=lambda fact: (fact.value, fact.source, fact.on), default=released)
    if _day_number(released.value) - _day_number(first.value) > _A_SEASON:
        chosen["released"] = first


def _days_between(one: Fact, other: Fact) -> int:
    """Days as if every month had 31, since upstreams write dates such as 30 February."""
    return abs(_day_number(one.value) - _day_number(other.value))


def _day_number(stated: str) -> int:
    year, month, day = (*map(int, stated.split("-")), 1, 1)[:3]
    return (year * 12 + month) * 31 + day


def _agree_on_modalities(chosen: dict[str, Fact], own: Set[str]) -> None:
    """Let the lists of modalities and the capabilities that are modalities agree.

    What a model makes is what its list states: a text-only model makes no images. What it takes is
    decided capability by capability, unless the creator states the list alone.
    """
    for field, ways in (("modalities_in", TAKES), ("modalities_out", MAKES)):
        for slug, way in ways.items():
            if (listed := chosen.get(field)) is None:
                break
            key = f"capability.{slug}"
            fact = chosen.get(key)
            if fact is not None and fact.value == (way in listed.value):
                continue
            if fact is None and way not in listed.value:
                continue
            if fact is None or ways is MAKES or (field in own and key not in own):
                chosen[key] = listed._replace(value=way in listed.value)
            else:
                ways_in = {*listed.value} ^ {way}
                chosen[field] = listed._replace(value=sorted(ways_in))
