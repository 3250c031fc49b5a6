"""One line per figure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportLine:
    """`ours` beside the `reference` of the same run; `held` when the ratio is within the target."""

    what: str
    ours: str
    target: str
    held: bool
    reference: str = ""
    ratio: str = ""

    def __str__(self) -> str:
        verdict = "held" if self.held else "MISSED"
        return (
            f"{self.what:<56} {self.ours:>14} {self.reference:>26} {self.ratio:>9}"
            f"  {self.target:<8} {verdict}"
        )


HEADING = f"{'':<56} {'ours':>14} {'measured beside':>26} {'ratio':>9}  target"


def at_most(
    what: str, ours: float, reference: float, limit: float, *, name: str, unit: str = "ms"
) -> ReportLine:
    """A figure that is to be small, as a multiple of the reference."""
    ratio = ours / reference
    return ReportLine(
        what,
        ours=f"{ours:,.2f} {unit}",
        target=f"≤ {limit:g} ×",
        held=ratio <= limit,
        reference=f"{name} {reference:,.2f} {unit}",
        ratio=f"{ratio:,.2f} ×",
    )


def at_least(what: str, ours: float, reference: float, least: float, *, name: str) -> ReportLine:
    ratio = ours / reference
    return ReportLine(
        what,
        ours=f"{_short(ours)} /s",
        target=f"≥ {_short(least)} ×",
        held=ratio >= least,
        reference=f"{name} {_short(reference)} /s",
        ratio=f"{_short(ratio)} ×",
    )


def _short(number: float) -> str:
    """Three significant figures: 23.6, 706, 9.42 k, 8.89 G."""
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.3g}"


def count(what: str, figure: float, limit: float, unit: str = "") -> ReportLine:
    """A count or a size: the same on every machine, so it has an absolute limit."""
    return ReportLine(
        what,
        ours=f"{figure:,.4g} {unit}".rstrip(),
        target=f"≤ {limit:g} {unit}".rstrip(),
        held=figure <= limit,
    )
