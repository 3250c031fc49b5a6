"""One line per promise."""

from dataclasses import dataclass

MOST_SHOWN = 20


@dataclass(frozen=True)
class Promise:
    """A promise with the figures of this run, and what broke it: empty if it was kept."""

    what: str
    figures: str
    broken: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = "BROKEN" if self.broken else "kept"
        lines = [f"{verdict:<6}  {self.what:<48}  {self.figures}", *self.broken[:MOST_SHOWN]]
        if len(self.broken) > MOST_SHOWN:
            lines.append(f"… and {len(self.broken) - MOST_SHOWN} more")
        return "\n        ".join(lines)
