"""One line for each thing that was measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`ours` beside `peer` where there is one; `held` says whether the target was reached."""

    what: str
    ours: str
    target: str
    held: bool
    peer: str = ""
    ratio: str = ""

    def __str__(self) -> str:
        verdict = "held" if self.held else "MISSED"
        return f"{self.what:<58} {self.ours:>14} {self.peer:>24} {self.ratio:>8}  {self.target:<9} {verdict}"


HEADING = f"{'':<58} {'ours':>14} {'peer':>24} {'ratio':>8}  target"


def at_most(what: str, figure: float, limit: float, unit: str) -> Line:
    return Line(what, f"{figure:,.2f} {unit}", f"≤ {limit:g} {unit}", figure <= limit)


def grown(what: str, small: float, large: float, limit: float) -> Line:
    """How much slower something is on more data; the smaller run is its own peer."""
    ratio = large / small
    peer = f"{small:.2f} ms before"
    return Line(what, f"{large:.2f} ms", f"≤ {limit:g}", ratio <= limit, peer, f"{ratio:.2f}")


def times_as_many(what: str, ours: float, peer: float, name: str, least: float) -> Line:
    ratio = ours / peer
    beside = f"{name} {peer:,.1f} /s"
    return Line(what, f"{ours:,.1f} /s", f"≥ {least:g}", ratio >= least, beside, f"{ratio:.1f}")
