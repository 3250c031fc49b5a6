"""Numbers as people and spreadsheets write them: 1,000,000 and 1.000.000 and 1 000 000 and 1e6.
Pure.

Which mark separates decimals is read off the log: a cell with both marks, with two groups, or with
a fraction that no count has shows it. Where no cell does, it must be stated.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

_SPACES = re.compile(r"(?<=\d)[ '’_\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
# Signs of dollars, the longest first.
_DOLLARS = ("US$", "USD", "$")
# Groups of two before the last three, as in India.
_BY_TWO = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_NEGATIVE = re.compile(r"\(([^-()]+)\)")
_QUANTITY = re.compile(r"[^\w]*\d[^A-Za-z]*[A-Za-z%]{0,3}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
MARKS = (".", ",")


def decimal_mark(cells: Iterable[str], *, whole: bool) -> set[str]:
    """The marks of decimals that these cells of one column show; `whole` numbers have none.

    Empty if no cell has a mark, or none shows what its mark is: see `is_open`.
    """
    shown: set[str] = set()
    for cell in map(_tidy, cells):
        marks = [letter for letter in cell if letter in MARKS]
        if not marks or not _is_number_like(cell):
            continue
        if len(set(marks)) == 2:
            shown.add(marks[-1])
        elif len(marks) > 1:
            shown.add(_other(marks[0]))
        elif cell.lstrip("+-").startswith("0") or not _GROUPED.fullmatch(cell):
            shown.add(marks[0])
        elif whole and not cell.endswith("000"):
            # Read as decimals, it would be no whole number.
            shown.add(_other(marks[0]))
    return shown


def is_open(cell: str) -> bool:
    """Whether one mark of a cell may separate thousands or decimals."""
    tidy = _tidy(cell)
    grouped = _GROUPED.fullmatch(tidy)
    return bool(grouped) and tidy.count(",") + tidy.count(".") == 1 and not tidy.startswith("0")


def is_quantity(cell: str) -> bool:
    """Whether a cell is about a number, though perhaps none that can be read: 1.2M, 50 %, € 3."""
    return bool(_QUANTITY.fullmatch(_tidy(cell)))


def number_of(cell: str, mark: str = "") -> Decimal | None:
    """The number that a cell means where `mark` separates decimals; None for any other text.

    Without a mark it is "." where the cell does not show another, and a cell that may be two
    numbers is a fraction.
    """
    text = _tidy(cell)
    mark = mark or _own_mark(text)
    groups = _other(mark)
    if groups in text:
        outer, _, inner = text.partition(mark)
        by_three = re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{groups}\d{{3}})+", outer)
        if not (by_three or _BY_TWO.fullmatch(outer)) or groups in inner:
            return None
        text = text.replace(groups, "")
    text = text.replace(mark, ".")
    return Decimal(text) if len(text) <= 60 and _NUMBER.fullmatch(text) else None


def _own_mark(text: str) -> str:
    marks = [letter for letter in text if letter in MARKS]
    if len(marks) < 2:
        return "."
    return marks[-1] if len(set(marks)) == 2 else _other(marks[0])


def _tidy(cell: str) -> str:
    """The cell without spaces, the sign of dollars, and what a spreadsheet or a ledger adds."""
    text = cell.strip()
    if formula := _FORMULA.fullmatch(text):
        text = formula[1].strip()
    if negative := _NEGATIVE.fullmatch(text):
        return "-" + _SPACES.sub("", _without_dollars(negative[1]))
    sign = text[:1] if text[:1] in ("+", "-") else ""
    return sign + _SPACES.sub("", _without_dollars(text.removeprefix(sign)))


def _without_dollars(text: str) -> str:
    text = text.strip()
    for sign in _DOLLARS:
        if text.startswith(sign) or text.endswith(sign):
            return text.removeprefix(sign).removesuffix(sign).strip()
    return text


def _is_number_like(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[\d.,]*\d(?:[eE][+-]?\d{1,3})?", cell))


def _other(mark: str) -> str:
    return "," if mark == "." else "."
