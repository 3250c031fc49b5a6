"""The model list's query string as an object that can write itself back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.boards import BOARDS, CATEGORIES
from catalog.lifecycle import Lifecycle
from catalog.provider_kinds import ProviderKind
from catalog.search import search_words
from web.format.figures import plain
from web.params import past
from web.params.columns import Column, sortable
from web.params.lists import ListQuery, read_pages
from web.params.values import (
    Query,
    last_value,
    read_amount,
    read_choice,
    read_columns,
    read_days,
    read_flag,
    read_percent,
    read_search,
    read_seconds,
    read_slug,
    read_slugs,
    read_sort,
    read_speed,
    read_tokens,
)

COLUMNS = (
    Column("Model", "name"),
    Column("Rating", "-rating", numeric=True),
    Column("Context", "-context", numeric=True),
    Column("Latency", "latency", numeric=True),
    Column("Throughput", "-throughput", numeric=True),
    Column("Uptime", "-uptime", numeric=True),
    Column("Input", "input", numeric=True),
    Column("Output", "output", numeric=True),
    Column("Cache read", "cache_read", numeric=True),
    Column("Capabilities", "-capabilities"),
    Column("Providers", "-providers"),
    Column("Released", "-released"),
)
# The columns that a visitor may hide; the model's name always shows.
OPTIONAL = tuple(column.key for column in COLUMNS[1:])
# The order Top, which no column has: by rating, then direct providers, then newness.
TOP = "top"
SORTS = sortable(COLUMNS) | {TOP}
DEFAULT_SORT = TOP
# The order of a search unless another sort is asked for. No column, and so no value of `sort`.
RELEVANCE = "relevance"
MODALITIES = ("text", "image", "audio", "video", "pdf")
# Floating ids are no models: they have no stage of their own.
FLOATING = "floating"
STAGES = (*(stage.value for stage in Lifecycle), FLOATING)
# Whether a model's row is its headline, or its cheapest endpoint.
VIAS = ("direct", "any")
KINDS = tuple(kind.value for kind in ProviderKind)
RATING_BOARDS = (*BOARDS, *CATEGORIES)
# The board of a modality: people rate its models on it.
_BOARD_OF_MODALITY = {"image": "vision", "pdf": "document"}
# The bound of each live metric.
SPEEDS = {"latency_max": "latency", "throughput_min": "throughput", "uptime_min": "uptime"}
MOST_CAPABILITIES = 12
LONGEST_AGE = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFilters(ListQuery):
    """Filters, order, columns and pages of the model list.

    `input_max` and `output_max` are US dollars per million tokens, `context_min` is tokens,
    `released_within` is days. `latency_max` is seconds, `throughput_min` tokens a second,
    `uptime_min` percent. `via`, `kind`, `region`, `provider`, the data policy and how endpoints
    perform choose the endpoint whose row stands for a model. `board` is where ratings come from, ""
    for the board that fits; `rating_min` is a rating there. `unfolded` shows what lists fold away.
    `columns` are the visible ones, () for all. `at` is the past instant that prices are shown of,
    None for now: the estimate, which has these filters too, has its own.
    """

    q: str = ""
    creator: str = ""
    provider: str = ""
    capability: tuple[str, ...] = ()
    modality: str = ""
    input_max: Decimal | None = None
    output_max: Decimal | None = None
    context_min: int | None = None
    released_within: int | None = None
    zdr: bool = False
    no_training: bool = False
    open_weights: bool = False
    lifecycle: str = ""
    kind: tuple[str, ...] = ()
    region: str = ""
    rating_min: Decimal | None = None
    latency_max: Decimal | None = None
    throughput_min: Decimal | None = None
    uptime_min: Decimal | None = None
    via: str = VIAS[0]
    board: str = ""
    unfolded: bool = False
    columns: tuple[str, ...] = ()
    at: datetime | None = None
    sort: str = DEFAULT_SORT

    @classmethod
    def from_query(cls, query: Query) -> "ModelFilters":
        complaints: list[str] = []

        def value(name: str) -> str:
            return last_value(query, name)

        q = read_search(value("q"), complaints)
        filters = cls(
            q=q,
            creator=read_slug(value("creator"), "creator", complaints),
            provider=read_slug(value("provider"), "provider", complaints),
            capability=_read_capabilities(query.getlist("capability"), complaints),
            modality=read_choice(value("modality"), MODALITIES, "modality", complaints),
            input_max=read_amount(value("input_max"), "input price", complaints),
            output_max=read_amount(value("output_max"), "output price", complaints),
            context_min=read_tokens(value("context_min"), complaints),
            released_within=read_days(value("released_within"), LONGEST_AGE, complaints),
            zdr=read_flag(value("zdr"), "zdr", complaints),
            no_training=read_flag(value("no_training"), "no_training", complaints),
            open_weights=read_flag(value("open_weights"), "open_weights", complaints),
            lifecycle=read_choice(value("lifecycle"), STAGES, "stage of a model", complaints),
            kind=_read_kinds(query.getlist("kind"), complaints),
            region=read_slug(value("region"), "region", complaints),
            rating_min=read_amount(value("rating_min"), "rating", complaints),
            latency_max=read_seconds(value("latency_max"), "latency", complaints),
            throughput_min=read_speed(value("throughput_min"), "throughput", complaints),
            uptime_min=read_percent(value("uptime_min"), "uptime", complaints),
            via=read_choice(
                value("via"), VIAS, "way to choose endpoints, direct or any is", complaints
            )
            or VIAS[0],
            board=_read_board(value("board"), complaints),
            unfolded=read_flag(value("all"), "all", complaints),
            columns=read_columns(query.getlist("columns"), OPTIONAL, complaints),
            sort=read_sort(value("sort"), SORTS, default_sort(q), complaints),
        )
        first, page = read_pages(query, complaints)
        return replace(filters, first=first, page=page, complaints=tuple(complaints))

    def dated(self, text: str, now: datetime) -> "ModelFilters":
        """With the parameter `at`, or a complaint about it."""
        complaints = [*self.complaints]
        at = past.not_after(past.read_past(text, complaints), now, complaints)
        return replace(self, at=at, complaints=tuple(complaints))

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        wanted = self.changed(changes)
        defaults = {**DEFAULTS, "sort": default_sort(wanted.q), "first": wanted.page}
        pairs: list[tuple[str, str]] = []
        for name, default in defaults.items():
            value = getattr(wanted, name)
            if value == default or (name == "sort" and value == RELEVANCE):
                continue
            pairs += [(_PARAMETERS.get(name, name), text) for text in _written(name, value)]
        return pairs

    def has(self, name: str, value: Any) -> bool:
        """Whether a filter is set: ("capability", "vision"), ("zdr", True)."""
        own = getattr(self, name)
        return bool(value in own if name in REPEATABLE else own == value)

    def toggled(self, name: str, value: Any) -> str:
        if name in REPEATABLE:
            others = tuple(word for word in getattr(self, name) if word != value)
            return self.query(**{name: others if self.has(name, value) else (*others, value)})
        return self.query(**{name: DEFAULTS[name] if self.has(name, value) else value})

    @property
    def narrow(self) -> bool:
        return any(getattr(self, name) != DEFAULTS[name] for name in NARROWING)

    @property
    def cleared(self) -> "ModelFilters":
        return replace(self, **{name: DEFAULTS[name] for name in (*NARROWING, *_CHOOSING)})

    @property
    def rated_on(self) -> str:
        """The board or category of ratings: the chosen one, else what fits the modality."""
        fitting = _BOARD_OF_MODALITY.get(self.modality, BOARDS[0])
        return self.board or ("vision" if "vision" in self.capability else fitting)

    @property
    def chooses_endpoints(self) -> bool:
        """Whether a row may be another endpoint's than the headline's."""
        return self.via != VIAS[0] or self.chooses_among

    @property
    def cheapest(self) -> bool:
        """Whether a row is its model's cheapest endpoint, of all that there are."""
        return self.via != VIAS[0] and not self.chooses_among

    @property
    def chooses_among(self) -> bool:
        """Whether a row is an endpoint's among those that filters leave of its model."""
        chosen = (self.provider, self.kind, self.region, self.zdr, self.no_training)
        return any((*chosen, self.capability, self.context_min, *self.speeds))

    @property
    def speeds(self) -> tuple[Decimal | None, ...]:
        """The bounds of latency, throughput and uptime."""
        return tuple(getattr(self, name) for name in SPEEDS)

    @property
    def hidden(self) -> tuple[str, ...]:
        return tuple(name for name in OPTIONAL if self.columns and name not in self.columns)


# What each parameter is where the query string does not state it, in the order of writing.
_LAST = ("sort", "first", "page")
# What a row shows and which rows are folded, which narrow nothing.
_CHOOSING = ("via", "board", "unfolded")
_FIELDS = {field.name: field.default for field in fields(ModelFilters)}
NARROWING = tuple(
    name for name in _FIELDS if name not in (*_LAST, *_CHOOSING, "columns", "at", "complaints")
)
DEFAULTS: dict[str, Any] = {
    name: _FIELDS[name] for name in (*NARROWING, *_CHOOSING, "columns", "at", *_LAST)
}
REPEATABLE = ("capability", "kind")
_PARAMETERS = {"first": "from", "unfolded": "all"}
# The names of all parameters of a list.
PARAMETERS = frozenset(_PARAMETERS.get(name, name) for name in DEFAULTS)


@lru_cache(maxsize=256)
def default_sort(q: str) -> str:
    return RELEVANCE if search_words(q) else DEFAULT_SORT


def _written(name: str, value: Any) -> Iterable[str]:
    match value:
        case tuple():
            return (",".join(value),) if name == "columns" else value
        case datetime():
            return (past.written(value),)
        case Decimal():
            return (plain(value),)
        case True:
            return ("1",)
    return (str(value),)


def _read_capabilities(values: list[str], complaints: list[str]) -> tuple[str, ...]:
    slugs = read_slugs(values, MOST_CAPABILITIES, "capability", complaints)
    if len(values) > MOST_CAPABILITIES:
        complaints.append(f"only the first {MOST_CAPABILITIES} capabilities were read")
    return tuple(slugs)


def _read_kinds(values: list[str], complaints: list[str]) -> tuple[str, ...]:
    kinds = [
        read_choice(value.strip().replace("_", "-"), KINDS, "kind of provider", complaints)
        for value in values[: len(KINDS)]
    ]
    return tuple(dict.fromkeys(filter(None, kinds)))


def _read_board(value: str, complaints: list[str]) -> str:
    spelled = value.replace("-", "_").replace(" ", "_")
    return read_choice(spelled, RATING_BOARDS, "board or category of ratings", complaints)
