"""What editors decided of a statement of theirs after they made it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

# What was decided, the editor, when, and why: as JSON.
Decision = Sequence[str]
KEPT, WITHDRAWN = "kept", "withdrawn"


def with_decision(
    decisions: Any, what: str, *, by: object, at: datetime, why: str
) -> list[Decision]:
    """The decisions on record, none as None, and one more."""
    return [*(decisions or ()), [what, str(by), at.isoformat(), why]]
