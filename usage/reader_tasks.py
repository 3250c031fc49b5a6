"""What the reader's process may be given to do. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pricing.regime_plan import Plan
from usage.blocks import Range
from usage.preview import NO_DEFAULTS, EveryRow
from usage.sizes import NO_SIZES, Sizes


@dataclass(frozen=True)
class PreviewTask:
    path: Path
    limit: int
    mapping: Mapping[str, str] | None = None
    every: EveryRow = NO_DEFAULTS
    complete: bool = True


@dataclass(frozen=True)
class AddUpTask:
    path: Path
    limit: int
    plan: Plan
    mapping: Mapping[str, str] | None = None
    every: EveryRow = NO_DEFAULTS
    sizes: Sizes = NO_SIZES
    part: Range | None = None
    ids: Path | None = None


@dataclass(frozen=True)
class RangesTask:
    """Divide a log into at most that many parts, each worth a process of its own or of `least`
    bytes or rows."""

    path: Path
    limit: int
    most: int
    least: int = 0


Task = PreviewTask | AddUpTask | RangesTask
