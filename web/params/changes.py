"""The query string of the page of changes, which its feeds take too. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from web.params.lists import ListQuery, read_pages
from web.params.values import Query, last_value, read_choice, read_flag, read_slug, shown

# In the order in which a day lists them.
KINDS = {
    "model": "New models",
    "announced": "Announced",
    "price": "Prices",
    "endpoint": "Availability",
    "lifecycle": "Lifecycle",
    "limit": "Limits",
    "capability": "Capabilities",
    "policy": "Data policy",
    "correction": "Corrections",
}
# A correction of the record is no change in the world: it shows where it is chosen.
CORRECTION = "correction"
_MODEL = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_MODEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesQuery(ListQuery):
    """Filters of changes; `since` and `until` are ISO days, both included.

    `kind` is empty for all kinds but corrections. `unfolded` shows what the list of models folds
    away, too.
    """

    creator: str = ""
    provider: str = ""
    model: str = ""
    kind: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    unfolded: bool = False

    @classmethod
    def from_query(cls, query: Query) -> "ChangesQuery":
        complaints: list[str] = []
        first, page = read_pages(query, complaints)
        return cls(
            creator=read_slug(last_value(query, "creator"), "creator", complaints),
            provider=read_slug(last_value(query, "provider"), "provider", complaints),
            model=_read_model(last_value(query, "model"), complaints),
            kind=_read_kinds(query.getlist("kind"), complaints),
            since=_read_day(last_value(query, "since"), complaints),
            until=_read_day(last_value(query, "until"), complaints),
            unfolded=read_flag(last_value(query, "all"), "all", complaints),
            first=first,
            page=page,
            complaints=tuple(complaints),
        )

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        wanted = self.changed(changes)
        stated = (
            ("creator", wanted.creator),
            ("provider", wanted.provider),
            ("model", wanted.model),
            *(("kind", kind) for kind in wanted.kind),
            ("since", wanted.since),
            ("until", wanted.until),
            ("all", "1" if wanted.unfolded else ""),
            ("from", str(wanted.first) if wanted.first < wanted.page else ""),
            ("page", str(wanted.page) if wanted.page > 1 else ""),
        )
        return [(name, value) for name, value in stated if value]

    @property
    def narrow(self) -> bool:
        return bool(self.pairs(unfolded=False))

    @property
    def of_feed(self) -> "ChangesQuery":
        """As a feed takes them: the newest, whatever the page."""
        return replace(self, first=1, page=1)

    @property
    def one_group(self) -> bool:
        """Whether all that matches is one day of one provider, creator or model."""
        one_day = bool(self.since) and self.since == self.until
        return one_day and bool(self.creator or self.provider or self.model)

    def of_kind(self, kind: str) -> bool:
        return kind in self.kind if self.kind else kind != CORRECTION


def _read_model(value: str, complaints: list[str]) -> str:
    slug = value.lower()
    if not value or (len(slug) <= _LONGEST_MODEL and _MODEL.fullmatch(slug)):
        return slug
    complaints.append(f"{shown(value)} is no model")
    return ""


def _read_kinds(values: Sequence[str], complaints: list[str]) -> tuple[str, ...]:
    kinds = [
        read_choice(value.strip(), KINDS, "kind of change", complaints)
        for value in values[: len(KINDS)]
    ]
    return tuple(dict.fromkeys(filter(None, kinds)))


def _read_day(value: str, complaints: list[str]) -> str:
    if not value:
        return ""
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    complaints.append(f"{shown(value)} is no day such as 2026-03-01")
    return ""
