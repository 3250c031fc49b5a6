"""A trend as the path of a small drawing. Pure."""

from collections.abc import Sequence

WIDTH, HEIGHT = 64, 18
# Room for the stroke.
_TOP, _BOTTOM = 2, 16
# What varies by less than this share of its largest value is drawn nearly flat, not as mountains.
_LEAST_SPAN = 0.25


def path(trend: Sequence[float | None]) -> str:
    """The `d` of a path over the whole width; a gap where a value is None, "" without any value.

    A value between two gaps is a dot: the stroke's round cap.
    """
    known = [value for value in trend if value is not None]
    if not known:
        return ""
    highest, lowest = max(known), min(known)
    span = max(highest - lowest, _LEAST_SPAN * highest) or 1
    middle = (highest + lowest) / 2
    step = WIDTH / max(1, len(trend) - 1)
    drawn: list[str] = []
    before: int | None = None
    for place, value in enumerate(trend):
        if value is None:
            before = None
            continue
        y = round((_TOP + _BOTTOM) / 2 - (value - middle) / span * (_BOTTOM - _TOP))
        drawn.append(f"{'M' if before is None else 'L'}{step * place:.0f} {y}")
        if before is None and (place + 1 == len(trend) or trend[place + 1] is None):
            drawn.append("h0")
        before = y
    return "".join(drawn)
