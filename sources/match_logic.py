"""Match logic: the rule by which one listing covers several ids of its provider. Pure.

{"equals" | "starts_with" | "ends_with" | "contains": text}, without regard to case, {"regex":
pattern}, searched in the id in lower case, and {"or" | "and": [logic, …]}.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

CLAUSES = ("equals", "starts_with", "ends_with", "contains", "regex")


# Whether match logic holds for an id in lower case.
Predicate = Callable[[str], bool]


def covers(matches: Mapping[str, Any], upstream_id: str) -> bool:
    """Whether match logic holds for an id; logic of another form holds for none."""
    return predicate(matches)(upstream_id.lower())


def predicate(matches: Mapping[str, Any]) -> Predicate:
    """Match logic as a function, for many ids."""
    for clause, wanted in matches.items():
        if clause in ("or", "and") and isinstance(wanted, list):
            parts = [predicate(part) if isinstance(part, dict) else _never for part in wanted]
            if clause == "or":
                return lambda text: any(holds(text) for holds in parts)
            return lambda text: bool(parts) and all(holds(text) for holds in parts)
        if clause in CLAUSES and isinstance(wanted, str):
            return _clause(clause, wanted)
    return _never


def _never(text: str) -> bool:
    return False


def _clause(clause: str, wanted: str) -> Predicate:
    lower = wanted.lower()
    match clause:
        case "equals":
            return lower.__eq__
        case "starts_with":
            return lambda text: text.startswith(lower)
        case "ends_with":
            return lambda text: text.endswith(lower)
        case "contains":
            return lambda text: lower in text
    try:
        pattern = re.compile(wanted)
    except re.error:
        return _never
    return lambda text: pattern.search(text) is not None


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
