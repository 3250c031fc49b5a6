"""Requests that failed, by what their rows state. Pure.

A provider bills what it reports to have used, also of a request that failed. Only a row that states
a cost of nothing was not billed.
"""

import polars as pl

# LiteLLM: failure. Langfuse: a level of ERROR. OpenRouter: a finish reason of error. Cursor:
# Errored, No Charge. Others: an HTTP status.
_FAILED = r"^(failure|failed|fail|error|errored|exception|timeout)\b"
_HTTP_ERROR = r"^[45]\d\d(\.0)?$"
_FINE = r"^(success|succeeded|successful|ok|complete|completed|[123]\d\d(\.0)?)$"
_NO_ERROR = ("", "{}", "[]", "0", "false", "no", "none", "null")
NOT_BILLED = "failed and not billed"


def failed(rows: pl.DataFrame) -> pl.Series | None:
    """Which rows are requests that failed: by their status, else by a stated error."""
    stated = [name for name in ("status", "error") if name in rows.columns]
    if not stated:
        return None
    status, error = (
        pl.col(name).fill_null("").str.strip_chars().str.to_lowercase()
        if name in stated
        else pl.lit("")
        for name in ("status", "error")
    )
    by_status = status.str.contains(_FAILED) | status.str.contains(_HTTP_ERROR)
    by_error = ~error.is_in(_NO_ERROR) & ~status.str.contains(_FINE)
    found = rows.select((by_status | by_error).alias("failed")).to_series()
    return found if len(found) == rows.height and found.any() else None


def not_billed(rows: pl.DataFrame, is_failed: pl.Series) -> pl.Series:
    """Which of the failed rows state that they cost nothing."""
    if "billed" not in rows.columns:
        return pl.Series([False]).new_from_index(0, rows.height)
    return is_failed & (rows["billed"] == 0).fill_null(value=False)
