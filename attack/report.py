"""One line per promise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """A promise with the figures of this run, and what broke it: empty if it was kept."""

    what: str
    figures: str
    broken: tuple[str, ...] = ()

    def __str__(self) -> str:
        verdict = "BROKEN" if self.broken else "kept"
        lines = [f"{verdict:<6}  {self.what:<48}  {self.figures}"]
        return "\n".join([*lines, *(f"        {line}" for line in self.broken)])
