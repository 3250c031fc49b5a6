"""Tables for spreadsheets and programs, in which no cell runs as a formula. Pure."""

import csv
from collections.abc import Iterable
from io import StringIO

# What a spreadsheet takes for the start of a formula; the wide signs are what Japanese and Chinese
# ones take.
_RUNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def inert(cell: str) -> str:
    """A text that no spreadsheet evaluates: a leading apostrophe where it looks like a formula.

    Some programs drop leading spaces, so these are skipped.
    """
    return f"'{cell}" if cell.startswith(_RUNS) or cell.lstrip().startswith(_RUNS) else cell
