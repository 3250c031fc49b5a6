"""Refreshes and the state of sources, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.freshness import SourceState
from web.format.figures import instant

_STATES = {
    "running": "running",
    "done": "applied",
    "unchanged": "unchanged",
    "failed": "failed",
    "held": "held for an editor",
    "older": "refused as older",
    "superseded": "held or refused, then replaced by a newer answer",
    "accepted": "accepted by an editor",
    "rejected": "rejected by an editor",
    "rolled_back": "rolled back by an editor",
}
# What refreshes count (sources.winners, pricing.rate_history), as far as visitors care.
_COUNTS = (
    ("models new", "new models"),
    ("endpoints new", "new endpoints"),
    ("endpoints missing", "endpoints no longer listed"),
    ("endpoints back", "endpoints listed again"),
    ("rates first", "new prices"),
    ("rates change", "changed prices"),
    ("rates correction", "corrected prices"),
    ("rates held", "prices held for an editor"),
    ("claims changed", "changed claims"),
    ("claims no longer made", "claims no longer made"),
)


@dataclass(frozen=True, slots=True)
class NoteInWords:
    text: str
    warns: bool = False


def run_state(state: str, *, came_in_a_file: bool) -> str:
    if came_in_a_file and state == "done":
        return "loaded from a file"
    return _STATES.get(state, state)


def counts_in_words(counts: Mapping[str, int]) -> tuple[str, ...]:
    """12 new prices, 3 changed prices."""
    return tuple(f"{counts[name]:,} {words}" for name, words in _COUNTS if counts.get(name))


def share_in_words(part: int, whole: int) -> str:
    """2.3 %, < 0.1 %; "" of nothing. Never 0 % of more than none, nor 100 % of less than all."""
    if not whole:
        return ""
    if part in (0, whole):
        return "100 %" if part else "0 %"
    percent = 100 * part / whole
    if percent < 0.1:
        return "< 0.1 %"
    return "> 99.9 %" if percent > 99.9 else f"{percent:.1f} %"


def standing_of(
    source: SourceState, *, scheduled: bool, is_local: bool, is_overdue: bool, is_held: bool
) -> NoteInWords:
    if is_local:
        return NoteInWords("comes with the program")
    if not scheduled:
        return NoteInWords("comes with the snapshot")
    if is_held:
        return NoteInWords("an answer is held for an editor", warns=True)
    if source.failing_since:
        return NoteInWords(f"failing since {instant(source.failing_since)}", warns=True)
    if source.fetched_at is None:
        return NoteInWords("never fetched here", warns=is_overdue)
    return NoteInWords("not refreshed on schedule" if is_overdue else "up to date", is_overdue)
