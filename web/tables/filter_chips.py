"""The filters of the model list: chips that set or clear one, and the choices of selects. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.provider_kinds import ProviderKind
from web.format.figures import money, plain, tokens
from web.params.models import MODALITIES, NARROWING, REPEATABLE, STAGES, ModelFilters

# The most used filters, in order: always in sight if they can match anything.
COMMON: tuple[tuple[str, Any], ...] = (
    *(("capability", slug) for slug in ("reasoning", "tool-use", "vision", "file-input")),
    *((policy, True) for policy in ("zdr", "no_training", "open_weights")),
    ("context_min", 128_000),
    ("input_max", Decimal(1)),
)
POLICIES = ("zdr", "no_training")
FLAGS = {
    "zdr": "Zero data retention",
    "no_training": "No training",
    "open_weights": "Open weights",
}


_AGES = {"7": "7 days", "30": "30 days", "90": "90 days", "180": "6 months", "365": "12 months"}


@dataclass(frozen=True, slots=True)
class Chip:
    """`query` is the target of a click: with the filter, or without it where it is `on`."""

    id: str
    label: str
    query: str
    on: bool


@dataclass(frozen=True, slots=True)
class FilterNames:
    """Names by slug. `policies` are the filters by data policy that some endpoint passes."""

    creators: Mapping[str, str]
    providers: Mapping[str, str]
    capabilities: Mapping[str, str]
    policies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FilterBar:
    """`more` are chips that fold away, `modalities`, `stages` and `ages` choices by value.

    `creator` and `provider` are the names of the chosen ones, "" without.
    """

    chips: list[Chip]
    more: list[Chip]
    creator: str
    provider: str
    modalities: Mapping[str, str]
    stages: Mapping[str, str]
    ages: Mapping[str, str]


def filter_bar(filters: ModelFilters, names: FilterNames) -> FilterBar:
    return FilterBar(
        chips=chips(filters, names),
        more=more_chips(filters, names),
        creator=names.creators.get(filters.creator, ""),
        provider=names.providers.get(filters.provider, ""),
        modalities={value: label("modality", value, names) for value in MODALITIES},
        stages={value: label("lifecycle", value, names) for value in STAGES},
        ages=_ages(filters.released_within),
    )


def chips(filters: ModelFilters, names: FilterNames) -> list[Chip]:
    common = [pair for pair in COMMON if _can_match(*pair, names)]
    others = [pair for pair in _set_filters(filters) if pair not in common]
    return [_chip(filters, name, value, names) for name, value in (*common, *others)]


def more_chips(filters: ModelFilters, names: FilterNames) -> list[Chip]:
    """Capabilities neither common nor set, and data policies that no endpoint passes yet."""
    capabilities = [("capability", slug) for slug in names.capabilities]
    unstated = [(policy, True) for policy in POLICIES if policy not in names.policies]
    rest = [pair for pair in capabilities if pair not in COMMON] + unstated
    return [
        _chip(filters, name, value, names) for name, value in rest if not filters.has(name, value)
    ]


def stated_labels(filters: ModelFilters, names: FilterNames) -> list[str]:
    """What is filtered by, in words, without the search; all kinds are one label."""
    stated = [pair for pair in _set_filters(filters) if pair[0] not in ("q", "kind")]
    labels = [label(*pair, names) for pair in stated]
    if filters.kind:
        *kinds, last = (ProviderKind(kind).label for kind in filters.kind)
        text = f"{', '.join(kinds)} or {last}" if kinds else last
        labels.append(text[0].upper() + text[1:])
    return labels


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
            return f"Kind: {ProviderKind(value).label}"
        case "region":
            return f"Region: {value.upper() if len(value) < 5 else value}"
        case "rating_min":
            return f"Rating ≥ {plain(value)}"
        case "context_min":
            return f"Context ≥ {tokens(value)}"
        case "released_within":
            return f"Released within {value:,} day{'s' if value > 1 else ''}"
    return FLAGS[name]


def _can_match(name: str, value: Any, names: FilterNames) -> bool:
    if name == "capability":
        return value in names.capabilities
    return name not in POLICIES or name in names.policies


def _set_filters(filters: ModelFilters) -> list[tuple[str, Any]]:
    repeated = [(name, word) for name in REPEATABLE for word in getattr(filters, name)]
    values = [(name, getattr(filters, name)) for name in NARROWING if name not in REPEATABLE]
    return repeated + [pair for pair in values if pair[1] not in (None, "", False)]


def _chip(filters: ModelFilters, name: str, value: Any, names: FilterNames) -> Chip:
    # An id keeps the keyboard's focus when htmx swaps the table around the chip.
    ident = f"chip-{name}-{value}" if name in REPEATABLE else f"chip-{name}"
    text, query = label(name, value, names), filters.toggled(name, value)
    return Chip(ident, text, query, on=filters.has(name, value))


def _ages(days: int | None) -> Mapping[str, str]:
    usual = not days or str(days) in _AGES
    return _AGES if usual else {**_AGES, str(days): f"{days:,} days"}


def _bound(amount: Decimal) -> str:
    """$1, not $1.00 as in tables."""
    return money(amount).removesuffix(".00")
