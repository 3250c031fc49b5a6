"""Match logic: the rule by which one listing covers several ids of its provider. Pure.

{"equals" | "starts_with" | "ends_with" | "contains": text}, without regard to case, {"regex":
pattern}, searched in the id in lower case, and {"or" | "and": [logic, …]}.
"""

import re
from collections.abc import Mapping
from typing import Any

CLAUSES = ("equals", "starts_with", "ends_with", "contains", "regex")


def covers(matches: Mapping[str, Any], upstream_id: str) -> bool:
    """Whether match logic holds for an id; logic of another form holds for none."""
    text = upstream_id.lower()
    for clause, wanted in matches.items():
        if clause in ("or", "and") and isinstance(wanted, list):
            holds = any if clause == "or" else all
            return bool(wanted) and holds(
                isinstance(part, dict) and covers(part, text) for part in wanted
            )
        if clause in CLAUSES and isinstance(wanted, str):
            return _holds(clause, wanted, text)
    return False


def _holds(clause: str, wanted: str, text: str) -> bool:
    match clause:
        case "equals":
            return text == wanted.lower()
        case "starts_with":
            return text.startswith(wanted.lower())
        case "ends_with":
            return text.endswith(wanted.lower())
        case "contains":
            return wanted.lower() in text
    try:
        return re.search(wanted, text) is not None
    except re.error:
        return False


def named_ids(matches: Mapping[str, Any]) -> set[str]:
    named = {str(matches["equals"]).lower()} if "equals" in matches else set()
    return named.union(*(named_ids(part) for part in matches.get("or", ())))


def understood(logic: Any, depth: int = 8) -> tuple[dict[str, Any] | None, int]:
    """The part of match logic that can hold, and how many parts cannot: None without any.

    An `or` does without what is not understood, an `and` does not.
    """
    clause, wanted = "", None
    if isinstance(logic, dict) and len(logic) == 1:
        ((clause, wanted),) = logic.items()
    if clause in ("or", "and") and isinstance(wanted, list) and wanted and depth:
        parts = [understood(part, depth - 1) for part in wanted]
        kept = [part for part, _ in parts if part]
        odd = sum(number for _, number in parts)
        whole = len(kept) == len(parts)
        return {clause: kept} if whole or (kept and clause == "or") else None, odd
    printable = isinstance(wanted, str) and wanted.isprintable()
    if clause in CLAUSES and printable and (clause != "regex" or _compiles(str(wanted))):
        return {clause: wanted}, 0
    return None, 1


def _compiles(pattern: str) -> bool:
    try:
        return re.compile(pattern) is not None
    except (re.error, RecursionError, OverflowError):
        return False
