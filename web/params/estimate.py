"""The estimate's query string as an object: workload, filters, and what is shown. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from pricing.typical_reasoning import MOST_TIMES, TIMES
from web.format.figures import plain
from web.params.models import PARAMETERS, SPEEDS, ModelFilters
from web.params.values import (
    NamedQuery,
    Query,
    last_value,
    read_choice,
    read_flag,
    shown,
    unknown_names,
)
from web.params.workload import Workload
from web.params.workload_fields import NAMES

PER = ("model", "endpoint")
MOST_PINS = 8
LONGEST_NAME = 320
# `plans` is of links of before `free`, `for` of the pages of long selects.
_OWN = ("per", "model", "typical_reasoning", "free", "plans", "pin", "open", "for")
KNOWN = frozenset((*NAMES, *PARAMETERS, *_OWN))
_TIMES = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class EstimateQuery:
    """`per` is model, one endpoint of each, or endpoint. `pins` are models kept on top.

    `model` is the only model whose endpoints are ranked, "" for all. `typical_reasoning` is how
    many tokens of reasoning an answer of one token is assumed to take where the workload states
    none: it orders, and is in no total. With `free`, endpoints free of charge are ranked. `opened`
    is the endpoint with visible lines, as provider/id. `complaints` exclude those of the workload,
    which has its own; `unknown` is a sentence on parameters that are not understood.
    """

    workload: Workload
    filters: ModelFilters
    per: str = "model"
    model: str = ""
    typical_reasoning: Decimal = TIMES
    free: bool = False
    pins: tuple[str, ...] = ()
    opened: str = ""
    complaints: tuple[str, ...] = ()
    unknown: str = ""

    @classmethod
    def from_query(cls, query: NamedQuery) -> "EstimateQuery":
        """A bad value falls back; it and unknown parameters add complaints."""
        complaints: list[str] = []
        filters = ModelFilters.from_query(_Unsorted(query))
        per = read_choice(
            last_value(query, "per"), PER, "way to count, model or endpoint is", complaints
        )
        pins = [_name(pin).lower() for pin in query.getlist("pin")[:MOST_PINS]]
        return cls(
            workload=Workload.from_query(query),
            filters=replace(filters, complaints=()),
            per=per or "model",
            model=_name(last_value(query, "model")).lower(),
            typical_reasoning=_read_times(last_value(query, "typical_reasoning"), complaints),
            # Links of before `free` have `plans`.
            free=read_flag(
                last_value(query, "free") or last_value(query, "plans"), "free", complaints
            ),
            pins=tuple(dict.fromkeys(filter(None, pins))),
            opened=_name(last_value(query, "open")),
            complaints=(*filters.complaints, *complaints),
            unknown=unknown_names(query, KNOWN),
        )

    def pairs(
        self, page: int = 1, first: int | None = None, **changes: Any
    ) -> list[tuple[str, str]]:
        asked = replace(self, **changes)
        return [*asked.workload.pairs(), *asked._rest(page, page if first is None else first)]

    def _rest(self, page: int, first: int) -> list[tuple[str, str]]:
        return [
            *([("per", self.per)] if self.per != "model" else []),
            *([("model", self.model)] if self.model else []),
            *self._assumed(),
            *([("free", "1")] if self.free else []),
            *self.filters.pairs(page=page, first=first),
            *(("pin", pin) for pin in self.pins),
            *([("open", self.opened)] if self.opened else []),
        ]

    def _assumed(self) -> list[tuple[str, str]]:
        if self.typical_reasoning == TIMES:
            return []
        return [("typical_reasoning", plain(self.typical_reasoning))]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    @property
    def assumed_reasoning(self) -> Decimal:
        """Typical reasoning, 0 where the workload states how much it reasons."""
        return Decimal(0) if "reasoning" in self.workload.numbers else self.typical_reasoning

    @property
    def assumes_reasoning(self) -> bool:
        return bool(self.assumed_reasoning and self.workload.number("output"))

    def here(self, **changes: Any) -> str:
        """The query with changes; the visible pages stay."""
        return self.query(page=self.filters.page, first=self.filters.first, **changes)

    @property
    def cleared(self) -> "EstimateQuery":
        return replace(self, filters=ModelFilters(), model="", opened="")

    @property
    def with_free(self) -> "EstimateQuery":
        return replace(self, free=True)

    @property
    def with_unrated(self) -> "EstimateQuery":
        return replace(self, filters=replace(self.filters, unfolded=True))

    @property
    def best_rated(self) -> "EstimateQuery":
        return replace(self, filters=replace(self.filters, unfolded=False))

    @property
    def at_any_speed(self) -> "EstimateQuery":
        unbound: dict[str, Any] = dict.fromkeys(SPEEDS)
        return replace(self, filters=replace(self.filters, **unbound))

    @property
    def anywhere(self) -> "EstimateQuery":
        return replace(self, filters=replace(self.filters, via="any"))

    @property
    def direct(self) -> "EstimateQuery":
        return replace(self, filters=replace(self.filters, via="direct"))

    @property
    def as_uncached(self) -> "EstimateQuery":
        return replace(self, workload=replace(self.workload, uncached=True))

    @property
    def links(self) -> "Links":
        return Links(self.here(pins=(), opened=""), self.pins, self.opened)

    def filled(self, fields: Sequence[tuple[str, str]]) -> str:
        """The query with the fields of another workload; its date and all the rest stay."""
        dated = [pair for pair in self.workload.pairs() if pair[0] == "at"]
        return urlencode([*fields, *dated, *self._rest(1, 1)])


@dataclass(frozen=True, slots=True)
class Links:
    """Queries that pin a model or open an endpoint; the `rest` of the query stays."""

    rest: str
    pins: tuple[str, ...]
    opened: str

    def pinning(self, model: str) -> str:
        others = tuple(pin for pin in self.pins if pin != model)
        return self._query(
            others if model in self.pins else (*others, model)[-MOST_PINS:], self.opened
        )

    def opening(self, endpoint: str) -> str:
        return self._query(self.pins, "" if self.opened == endpoint else endpoint)

    def _query(self, pins: tuple[str, ...], opened: str) -> str:
        pairs = [*(("pin", pin) for pin in pins), *([("open", opened)] if opened else [])]
        return f"{self.rest}&{urlencode(pairs)}" if pairs else self.rest


@dataclass(frozen=True, slots=True)
class _Unsorted:
    """A query without what only the model list has: its order and columns."""

    query: Query

    def getlist(self, name: str, /) -> list[str]:
        return [] if name in ("sort", "columns") else self.query.getlist(name)


def _read_times(text: str, complaints: list[str]) -> Decimal:
    """How many times as long as the answer; 1.5 or 1.5×."""
    written = text.removesuffix("×").removesuffix("x").strip()
    if not text:
        return TIMES
    if _TIMES.fullmatch(written) and Decimal(written) <= MOST_TIMES:
        return Decimal(written).normalize() + 0
    complaints.append(
        f"{shown(text)} is no typical reasoning, from 0 to {MOST_TIMES} times the output"
    )
    return TIMES


def _name(text: str) -> str:
    """A possible name: no id holds a NUL, and PostgreSQL takes none."""
    return text.replace("\0", "").strip()[:LONGEST_NAME]
