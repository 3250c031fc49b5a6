"""The filters of the model list: chips that set or clear one, and the choices of selects. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.provider_kinds import DIRECT, ProviderKind
from catalog.regions import choosable, region_name
from web.format.figures import money, plain, tokens
from web.params.models import (
    DEFAULTS,
    MODALITIES,
    NARROWING,
    SPEEDS,
    STAGES,
    ModelFilters,
)
from web.text.ratings import board_name

# All the kinds of providers that run models themselves, as one filter.
DIRECT_KINDS = tuple(kind.value for kind in DIRECT)
# The most used filters, in order: always in sight if they can match anything.
COMMON: tuple[tuple[str, Any], ...] = (
    *(("capability", slug) for slug in ("reasoning", "tool-use", "vision")),
    *((policy, True) for policy in ("zdr", "no_training", "open_weights")),
    ("context_min", 200_000),
    ("input_max", Decimal(1)),
    ("region", "eu"),
    ("kind", DIRECT_KINDS),
)
POLICIES = ("zdr", "no_training")
FLAGS = {
    "zdr": "Zero data retention",
    "no_training": "No training",
    "open_weights": "Open weights",
}
# The label and the unit of each bound's field.
_SPEED_FIELDS = {
    "latency_max": ("Latency, at most", "seconds"),
    "throughput_min": ("Throughput, at least", "tokens a second"),
    "uptime_min": ("Uptime, at least", "%, as 99.5"),
}
_AGES = {"7": "7 days", "30": "30 days", "90": "90 days", "180": "6 months", "365": "12 months"}


@dataclass(frozen=True, slots=True)
class Chip:
    """`query` is the target of a click: with the filter, or without it where it is `on`."""

    id: str
    label: str
    query: str
    on: bool


# Compared by identity, so that what is made with them can be cached by them.
@dataclass(frozen=True, slots=True, eq=False)
class FilterNames:
    """Names by slug. `policies` are the filters by data policy that some endpoint passes.

    `regions` are those of endpoints, `boards` the boards and categories with ratings, `speeds` the
    bounds of metrics with figures.
    """

    creators: Mapping[str, str]
    providers: Mapping[str, str]
    capabilities: Mapping[str, str]
    policies: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    speeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A box of the panel: the field `name` with `value`."""

    name: str
    value: str
    label: str
    on: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A field of the panel for the bound of a live metric."""

    name: str
    label: str
    unit: str
    value: str


@dataclass(frozen=True, slots=True)
class FilterSheet:
    """The boxes of the sheet by group, and the choices of its selects by value.

    `filters` are those that it states, without the others.
    """

    filters: ModelFilters
    capabilities: list[Tick]
    kinds: list[Tick]
    policies: list[Tick]
    regions: Mapping[str, str]
    boards: Mapping[str, str]
    modalities: Mapping[str, str]
    stages: Mapping[str, str]
    ages: Mapping[str, str]
    speeds: tuple[Bound, ...]

    def __hash__(self) -> int:
        return hash(self.filters)


@dataclass(frozen=True, slots=True)
class FilterBar:
    """Chips, and the sheet beside them.

    `creator` and `provider` are the names of the chosen ones, "" without. `clearable` is whether
    there is anything to clear.
    """

    chips: list[Chip]
    creator: str
    provider: str
    clearable: bool
    sheet: FilterSheet

    @property
    def fields(self) -> str:
        """What the form of the sheet and of the long selects asks for, in words."""
        return " ".join((*_LONG_SELECTS, *_SHEET))


_LONG_SELECTS = ("creator", "provider")
_SHEET = tuple(name for name in (*NARROWING, "via", "board") if name not in ("q", *_LONG_SELECTS))


def filter_bar(filters: ModelFilters, names: FilterNames) -> FilterBar:
    return FilterBar(
        chips=chips(filters, names),
        creator=names.creators.get(filters.creator, ""),
        provider=names.providers.get(filters.provider, ""),
        clearable=filters.cleared.pairs() != filters.pairs(),
        sheet=_sheet(ModelFilters(**{name: getattr(filters, name) for name in _SHEET}), names),
    )


@lru_cache(maxsize=64)
def _sheet(filters: ModelFilters, names: FilterNames) -> FilterSheet:
    policies = [policy for policy in POLICIES if policy in names.policies]
    regions = dict(choosable(names.regions))
    if filters.region:
        regions.setdefault(filters.region, region_name(filters.region))
    return FilterSheet(
        filters=filters,
        capabilities=[
            _tick(filters, "capability", slug, name) for slug, name in names.capabilities.items()
        ],
        kinds=[
            _tick(filters, "kind", kind.value, str(kind.label).capitalize())
            for kind in ProviderKind
        ],
        policies=[
            Tick(flag, "1", FLAGS[flag], on=getattr(filters, flag))
            for flag in (*policies, "open_weights")
        ],
        regions=regions,
        boards={board: board_name(board) for board in names.boards},
        modalities={value: label("modality", value, names) for value in MODALITIES},
        stages={value: label("lifecycle", value, names) for value in STAGES},
        ages=_ages(filters.released_within),
        speeds=tuple(
            Bound(name, *_SPEED_FIELDS[name], _written(getattr(filters, name)))
            for name in SPEEDS
            if name in names.speeds
        ),
    )


def _written(bound: Decimal | None) -> str:
    return "" if bound is None else plain(bound)


def chips(filters: ModelFilters, names: FilterNames) -> list[Chip]:
    common = [pair for pair in COMMON if _can_match(*pair, names)]
    others = [pair for pair in _set_filters(filters) if pair not in common]
    if _is_direct(filters):
        others = [pair for pair in others if pair[0] != "kind"]
    return [_chip(filters, name, value, names) for name, value in (*common, *others)]


def stated_labels(filters: ModelFilters, names: FilterNames) -> list[str]:
    """What is filtered by, in words, without the search."""
    return [label(*pair, names) for pair in _set_filters(filters) if pair[0] != "q"]


def label(name: str, value: Any, names: FilterNames) -> str:  # noqa: C901 - a case a filter
    match name:
        case "q":
            return f"“{value}”"
        case "creator":
            return f"By {names.creators.get(value, value)}"
        case "provider":
            return f"At {names.providers.get(value, value)}"
        case "capability":
            return names.capabilities.get(value, value)
        case "modality" | "lifecycle":
            return {"pdf": "PDF", "floating": "Floating ids"}.get(value, str(value.capitalize()))
        case "input_max" | "output_max":
            return f"{name.removesuffix('_max').capitalize()} ≤ {_bound(value)}/M"
        case "kind":
            return _kinds(value)
        case "region":
            return f"In {'the ' if value in ('eu', 'us') else ''}{region_name(value)}"
        case "via":
            return "Cheapest endpoint of each"
        case "board":
            return f"Rated on {board_name(value)}"
        case "rating_min":
            return f"Rating ≥ {plain(value)}"
        case "latency_max":
            return f"Latency ≤ {plain(value)} s"
        case "throughput_min":
            return f"Throughput ≥ {plain(value)} tps"
        case "uptime_min":
            return f"Uptime ≥ {plain(value)} %"
        case "context_min":
            return f"Context ≥ {tokens(value)}"
        case "released_within":
            return f"Released within {value:,} day{'s' if value > 1 else ''}"
    return FLAGS[name]


def _can_match(name: str, value: Any, names: FilterNames) -> bool:
    if name == "capability":
        return value in names.capabilities
    if name == "region":
        return value in choosable(names.regions)
    if name in SPEEDS:
        return name in names.speeds
    return name not in POLICIES or name in names.policies


def _set_filters(filters: ModelFilters) -> list[tuple[str, Any]]:
    """Each filter by name and value; the kinds of providers are one."""
    capabilities = [("capability", slug) for slug in filters.capability]
    names = [name for name in (*NARROWING, "via", "board") if name != "capability"]
    values = [(name, getattr(filters, name)) for name in names]
    return capabilities + [pair for pair in values if pair[1] != DEFAULTS[pair[0]]]


def _is_direct(filters: ModelFilters) -> bool:
    return set(filters.kind) == set(DIRECT_KINDS)


def _chip(filters: ModelFilters, name: str, value: Any, names: FilterNames) -> Chip:
    text = label(name, value, names)
    if name == "kind":
        ident, on = ("chip-direct" if value == DIRECT_KINDS else "chip-kind"), filters.kind == value
        on = on or (value == DIRECT_KINDS and _is_direct(filters))
        return Chip(ident, text, filters.query(kind=() if on else value), on)
    # An id keeps the keyboard's focus when htmx swaps the table around the chip.
    ident = f"chip-{name}-{value}" if name == "capability" else f"chip-{name}"
    return Chip(ident, text, filters.toggled(name, value), on=filters.has(name, value))


def _tick(filters: ModelFilters, name: str, value: str, text: str) -> Tick:
    return Tick(name, value, text, on=filters.has(name, value))


def _kinds(values: tuple[str, ...]) -> str:
    if values == DIRECT_KINDS:
        return "Direct providers"
    *kinds, last = (str(ProviderKind(kind).label) for kind in values)
    text = f"{', '.join(kinds)} or {last}" if kinds else last
    return text[0].upper() + text[1:]


def _ages(days: int | None) -> Mapping[str, str]:
    usual = not days or str(days) in _AGES
    return _AGES if usual else {**_AGES, str(days): f"{days:,} days"}


def _bound(amount: Decimal) -> str:
    """$1, not $1.00 as in tables."""
    return money(amount).removesuffix(".00")
