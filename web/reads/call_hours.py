"""The calls of an hour. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallHour:
    """`place` counts hours from the first one of a window."""

    place: int
    succeeded: int
    failed: int

    @property
    def calls(self) -> int:
        return self.succeeded + self.failed
