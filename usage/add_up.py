"""A usage log read and added up, in the memory of a short one. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from pricing.aggregates import LABELS, Aggregates, aggregate, merge, nothing
from pricing.regime_plan import Plan
from usage.blocks import BadRows, LogError, Range
from usage.fields import Unread
from usage.preview import MOST_BYTES, NO_DEFAULTS, EveryRow, Preview, preview
from usage.repeats import Repeats
from usage.requests import read_as
from usage.sizes import NO_SIZES, Sizes

# So many sums are kept before they are joined, so that a log of any length takes the memory of a
# short one.
_JOINED_AT = 32
# A log with more models than there are, or with so many sums, has another column read as its model.
_MOST_NAMES = 10_000
_MOST_SUMS = 200_000
_MOST_UNREAD = 200


@dataclass(frozen=True)
class AddedLog:
    """How a log was read, its sums, the rows that were left out, and the numbers not read.

    `sharing` counted rows have a request id that another one has with different figures; `failed`
    ones are of requests that failed and do not state that they cost nothing.
    """

    seen: Preview
    aggregates: Aggregates
    bad: BadRows
    unread: tuple[Unread, ...] = ()
    sharing: int = 0
    failed: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "preview": self.seen.to_json(),
            "sums": b64encode(self.aggregates.dump()).decode(),
            "unread": [asdict(one) for one in self.unread],
            "counts": self.bad.counts,
            "lines": self.bad.lines,
            "sharing": self.sharing,
            "failed": self.failed,
        }

    @classmethod
    def from_json(cls, stated: Mapping[str, Any], plan: Plan) -> "AddedLog":
        return cls(
            Preview.from_json(stated["preview"]),
            Aggregates.load(plan, b64decode(stated["sums"])),
            BadRows(dict(stated["counts"]), dict(stated["lines"])),
            tuple(Unread(**one) for one in stated["unread"]),
            stated["sharing"],
            stated.get("failed", 0),
        )


def add_up(
    path: Path,
    plan: Plan,
    mapping: Mapping[str, str] | None = None,
    *,
    limit: int = MOST_BYTES,
    every: EveryRow = NO_DEFAULTS,
    sizes: Sizes = NO_SIZES,
    part: Range | None = None,
    ids: Path | None = None,
    progress: Callable[[float], None] = lambda part: None,
) -> AddedLog:
    """Read a log, or a part of it, and add it up for the rates of `plan`. Raises LogError.

    `every` applies to every row; for `sizes` see `usage.requests.read`. The ids of the requests are
    written to `ids`. `progress` is called with fractions of 1.
    """
    seen = preview(path, mapping, limit=limit, every=every)
    bad, unread = BadRows(), dict[str, Unread]()
    repeats = Repeats(grows=seen.kind.grows)
    parts, failed = [nothing(plan)], 0
    for batch in read_as(path, seen, limit=limit, sizes=sizes, part=part, repeats=repeats):
        parts.append(aggregate(batch.rows, plan))
        bad.join(batch.bad)
        failed += batch.failed
        for one in batch.unread:
            if one.path in unread or len(unread) < _MOST_UNREAD:
                unread[one.path] = one.joined(unread.get(one.path))
        progress(batch.progress)
        if len(parts) >= _JOINED_AT or sum(part.frame.height for part in parts) > _MOST_SUMS:
            parts = [_plausible(merge(parts), seen)]
    if ids:
        repeats.save(ids)
    added = _storable(_plausible(merge(parts), seen))
    return AddedLog(seen, added, bad, _most_first(unread), repeats.sharing, failed)


def joined(parts: Sequence[AddedLog], sharing: int) -> AddedLog:
    """The parts of one log, in their order, as that log. Raises LogError."""
    seen, bad, unread = parts[0].seen, BadRows(), dict[str, Unread]()
    for part in parts:
        bad.join(part.bad)
        for one in part.unread:
            unread[one.path] = one.joined(unread.get(one.path))
    added = _plausible(merge([part.aggregates for part in parts]), seen)
    failed = sum(part.failed for part in parts)
    return AddedLog(seen, added, bad, _most_first(unread), sharing, failed)


def _most_first(unread: Mapping[str, Unread]) -> tuple[Unread, ...]:
    found = sorted(unread.values(), key=lambda one: (-one.rows, one.path))
    return tuple(found[:_MOST_UNREAD])


def _storable(added: Aggregates) -> Aggregates:
    """The sums without NUL in a name, which PostgreSQL does not hold."""
    names = pl.col(*LABELS[1:]).str.replace_all("\0", "�", literal=True)
    return replace(added, frame=added.frame.with_columns(names))


def _plausible(added: Aggregates, seen: Preview) -> Aggregates:
    names = added.frame.select("model", "provider", "tier").n_unique()
    if names > _MOST_NAMES:
        raise LogError(
            f"The log names {names:,} models, providers and tiers, and {_MOST_NAMES:,} is the "
            f"limit: is “{seen.mapping['model'][0]}” its model?"
        )
    if added.frame.height > _MOST_SUMS:
        raise LogError(
            f"The log has more than {_MOST_SUMS:,} different days, models, providers, tiers and "
            "owners."
        )
    return added
