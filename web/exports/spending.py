"""The ledger of a person or a team as CSV: a line a call, with exact amounts."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.utils.timezone import localtime

from web.format.figures import plain
from web.reads.spending import SpentEntry, Whose, all_entries

HEADINGS = (
    *("began_at", "model", "provider", "way", "charged_to", "key", "outcome"),
    *("input_tokens", "output_tokens", "held_usd", "spent_usd", "counted_by", "lines", "note"),
)
# Spreadsheets take what begins with these for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def spending_csv(whose: Whose) -> Iterator[str]:
    yield _line(HEADINGS)
    for entry in all_entries(whose):
        yield _line(_cells(entry))


def _cells(entry: SpentEntry) -> tuple[str, ...]:
    lines = "; ".join(
        f"{line.meter} {line.quantity} = {plain(line.amount)}" for line in entry.lines
    )
    return (
        localtime(entry.began_at).isoformat(timespec="seconds"),
        entry.model,
        entry.provider,
        entry.way,
        entry.charged_to,
        entry.key,
        entry.outcome,
        "" if entry.input_tokens is None else str(entry.input_tokens),
        "" if entry.output_tokens is None else str(entry.output_tokens),
        plain(entry.held),
        "" if entry.spent is None else plain(entry.spent),
        entry.counted_by,
        lines,
        entry.sentence,
    )


def _line(cells: tuple[str, ...]) -> str:
    text = StringIO()
    safe = [f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells]
    csv.writer(text, lineterminator="\r\n").writerow(safe)
    return text.getvalue()
