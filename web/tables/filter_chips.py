"""The filters of the model list as chips: each a link that sets it, or takes it off. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web.format.figures import money, tokens
from web.params.models import NARROWING, ModelFilters

# What people filter by most, always in this order and in sight, where there is anything to find by
# it.
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
    "plans": "Plans count as lowest",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """`query` is where a click leads; `on` says that the filter is set, and that the click takes it
    off."""

    id: str
    label: str
    query: str
    on: bool


@dataclass(frozen=True, slots=True)
class Names:
    """How slugs are called. `policies` are the filters by data policy that some endpoint passes."""

    creators: Mapping[str, str]
    providers: Mapping[str, str]
    capabilities: Mapping[str, str]
    policies: frozenset[str] = frozenset()


def chips(filters: ModelFilters, names: Names) -> list[Chip]:
    """The common filters where they always stand, then every other one that is set."""
    common = [pair for pair in COMMON if _leads_somewhere(*pair, names)]
    others = [pair for pair in _set(filters) if pair not in common]
    return [_chip(filters, name, value, names) for name, value in (*common, *others)]


def more_chips(filters: ModelFilters, names: Names) -> list[Chip]:
    """The capabilities that are neither common nor set, and the data policies that nobody states
    yet."""
    capabilities = [
        ("capability", slug) for slug in names.capabilities if ("capability", slug) not in COMMON
    ]
    unstated = [(policy, True) for policy in POLICIES if policy not in names.policies]
    rest = [pair for pair in (*capabilities, *unstated) if not filters.states(*pair)]
    return [_chip(filters, name, value, names) for name, value in rest]


def _leads_somewhere(name: str, value: Any, names: Names) -> bool:
    if name == "capability":
        return value in names.capabilities
    return name not in POLICIES or name in names.policies


def _set(filters: ModelFilters) -> list[tuple[str, Any]]:
    capabilities = [("capability", slug) for slug in filters.capability]
    names = [name for name in (*NARROWING, "plans") if name != "capability"]
    values = [(name, getattr(filters, name)) for name in names]
    return [
        *capabilities,
        *((name, value) for name, value in values if value not in (None, "", False)),
    ]


def _chip(filters: ModelFilters, name: str, value: Any, names: Names) -> Chip:
    on = filters.states(name, value)
    # An id keeps the keyboard where it was when the table around it is swapped.
    ident = f"chip-{name}-{value}" if name == "capability" else f"chip-{name}"
    return Chip(ident, label(name, value, names), filters.toggled(name, value), on)


def label(name: str, value: Any, names: Names) -> str:
    """A filter in two or three words."""
    said: dict[str, Any] = {
        "q": lambda: f"“{value}”",
        "creator": lambda: f"By {names.creators.get(value, value)}",
        "provider": lambda: f"At {names.providers.get(value, value)}",
        "capability": lambda: names.capabilities.get(value, value),
        "modality": lambda: "PDF" if value == "pdf" else value.capitalize(),
        "input_max": lambda: f"Input ≤ {_price(value)}/M",
        "output_max": lambda: f"Output ≤ {_price(value)}/M",
        "context_min": lambda: f"Context ≥ {tokens(value)}",
        "released_within": lambda: f"Released within {value:,} day{'s' if value > 1 else ''}",
        "lifecycle": lambda: value.capitalize(),
    }
    return FLAGS[name] if name in FLAGS else str(said[name]())


def _price(amount: Decimal) -> str:
    """$1 rather than $1.00: a bound is no figure of a table."""
    return money(amount).removesuffix(".00")
