"""JSON documents that hold many records, as one JSON object a line. Pure.

A page of a usage API, an array, an export that is indented, and OpenTelemetry's files, of which
each line holds many spans.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from usage.blocks import LogError
from usage.nested import LONGEST_VALUE
from usage.unpacked import UnpackedFile

# A document is read whole; lines are read one at a time.
LONGEST_DOCUMENT = 32 * 2**20
_PIECE = 2**20
_DEEPEST = 8
# What holds the records of a page, and what belongs to a page rather than to its records.
_LISTS = ("data", "results", "buckets", "rows", "items", "records", "observations", "responses")
_NEXT = ("next_page", "next_page_token", "nextPageToken", "next_cursor", "nextCursor")
_OF_PAGES = frozenset({"object", "has_more", "first_id", "last_id", "meta", "id", *_NEXT})
_USAGES = ("usage", "usageMetadata", "usage_metadata", "usageDetails")
_SPANS = ("resourceSpans", "resource_spans")
# Spans that add up the spans below them.
_OUTER_OPERATIONS = frozenset({"invoke_agent", "create_agent", "execute_tool", "invoke_workflow"})

_INT64 = re.compile(r"-?\d{1,19}")

Record = dict[str, Any]


def records(
    value: Any, inherited: Mapping[str, Any] | None = None, depth: int = 0
) -> Iterator[Record]:
    """The records within a JSON value, each with the plain values of the pages around it."""
    around = inherited or {}
    if isinstance(value, list):
        for entry in value:
            if isinstance(entry, dict | list) and depth < _DEEPEST:
                yield from records(entry, around, depth + 1)
    elif isinstance(value, dict):
        if spans := next((value[name] for name in _SPANS if name in value), None):
            yield from _spans(spans)
            return
        if _is_wrapped(value):
            yield from records(value["data"], around, depth + 1)
            return
        name = _list_of(value)
        if not name:
            yield {**around, **value}
            return
        plain = {
            key: inner
            for key, inner in value.items()
            if not isinstance(inner, dict | list) and key not in _OF_PAGES and _is_short(inner)
        }
        yield from records(value[name], {**around, **plain}, depth + 1)


def has_more(value: Any) -> bool:
    """Whether a JSON value is a page of several and not the last, or the last of a list is one."""
    if isinstance(value, list):
        return bool(value) and has_more(value[-1])
    if not isinstance(value, dict) or not _has_records(value):
        return False
    return value.get("has_more") is True or any(value.get(name) for name in _NEXT)


def _is_short(value: Any) -> bool:
    """Whether a value may be that of each record of its page, however many these are."""
    return not isinstance(value, str) or len(value) <= LONGEST_VALUE


def _has_records(value: Mapping[str, Any]) -> bool:
    return bool(_list_of(value)) or _is_wrapped(value) or any(name in value for name in _SPANS)


def _is_wrapped(value: Mapping[str, Any]) -> bool:
    """Whether a value is an answer that holds its one record as `data`."""
    return list(value) == ["data"] and isinstance(value["data"], dict)


def _list_of(value: Mapping[str, Any]) -> str:
    """The name of the list that holds the records; empty where the value is one itself."""
    if any(isinstance(value.get(name), dict) for name in _USAGES):
        return ""
    for name in _LISTS:
        inner = value.get(name)
        if isinstance(inner, list) and all(isinstance(entry, dict) for entry in inner):
            return name
    return ""


def _spans(resources: Any) -> Iterator[Record]:
    """The spans of OpenTelemetry's JSON that used something themselves."""
    for resource in _dicts(resources):
        for scope in _dicts(resource.get("scopeSpans") or resource.get("scope_spans")):
            for span in _dicts(scope.get("spans")):
                attributes = dict(_attributes(span.get("attributes")))
                operation = str(attributes.get("ai.operationId", ""))
                is_outer = operation and ".do" not in operation
                if is_outer or attributes.get("gen_ai.operation.name") in _OUTER_OPERATIONS:
                    continue
                plain = {
                    key: inner for key, inner in span.items() if not isinstance(inner, dict | list)
                }
                yield {**plain, "attributes": attributes}


def _attributes(stated: Any) -> Iterator[tuple[str, Any]]:
    for entry in _dicts(stated):
        value = entry.get("value")
        if isinstance(entry.get("key"), str) and isinstance(value, dict) and len(value) == 1:
            ((kind, inner),) = value.items()
            if kind == "intValue":
                inner = int(inner) if _INT64.fullmatch(str(inner)) else None
            yield entry["key"], inner


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (
        (entry for entry in value if isinstance(entry, dict))
        if isinstance(value, list)
        else iter(())
    )


class ExpandedFile:
    """The records of an unpacked file's documents, as bytes of one JSON object a line.

    `has_more`: the file is a page of several, without those after it.
    """

    def __init__(
        self, unpacked: UnpackedFile, lines: Iterator[bytes], *, has_more: bool = False
    ) -> None:
        self.unpacked, self.lines, self.has_more = unpacked, lines, has_more
        self.packing, self.is_longer, self.count = unpacked.packing, True, 0

    def start(self) -> bytes:
        """The first bytes; `is_longer` is whether there may be more."""
        start = self.block()
        self.is_longer = len(start) >= _PIECE
        return start

    def block(self) -> bytes:
        parts, size = [], 0
        for line in self.lines:
            parts.append(line)
            size += len(line)
            if size >= _PIECE:
                break
        self.count += size
        self.unpacked.check(self.count)
        return b"\n".join(parts) + b"\n" if parts else b""

    def progress(self) -> float:
        return self.unpacked.progress()


def expanded(unpacked: UnpackedFile, start: bytes) -> tuple[UnpackedFile | ExpandedFile, bytes]:
    """The same file and its start, or those of its records where a line is not a record each.

    Raises LogError for an array that is too long or no JSON.
    """
    text = start.lstrip()
    first_line = text.partition(b"\n")[0]
    first = _json(first_line)
    if text[:1] == b"[" or (first is None and text[:1] == b"{"):
        start = _more(unpacked, start)
        whole = _json(start) if len(start) <= LONGEST_DOCUMENT else None
        if whole is None and text[:1] == b"{":
            return unpacked, start
        if whole is None:
            raise LogError(
                f"This is one JSON array of more than {LONGEST_DOCUMENT // 2**20} MB, or a broken "
                "one: write one object a line instead."
            )
        found = ExpandedFile(unpacked, map(_line, records(whole)), has_more=has_more(whole))
    elif isinstance(first, dict) and _has_records(first):
        # Of pages in lines, the last one tells, if it is there.
        last = first if not unpacked.is_longer else None
        if last and text.count(b"\n"):
            last = _json(text.rstrip().rpartition(b"\n")[2])
        found = ExpandedFile(unpacked, _of_lines(unpacked, start), has_more=has_more(last))
    else:
        return unpacked, start
    start = found.start()
    if not start:
        raise LogError("This is JSON without a record in it.")
    return found, start


def _more(unpacked: UnpackedFile, start: bytes) -> bytes:
    parts, size = [start], len(start)
    while size <= LONGEST_DOCUMENT and (more := unpacked.block()):
        parts.append(more)
        size += len(more)
    return b"".join(parts)


def _of_lines(unpacked: UnpackedFile, start: bytes) -> Iterator[bytes]:
    """The records of each line; a line that is no JSON as it is, to be counted."""
    left, more = start, start
    while more:
        *lines, left = left.split(b"\n")
        for line in lines:
            yield from _records_of(line)
        if len(left) > LONGEST_DOCUMENT:
            raise LogError(f"A line has more than {LONGEST_DOCUMENT // 2**20} MB.")
        more = unpacked.block()
        left += more
    yield from _records_of(left)


def _records_of(line: bytes) -> Iterator[bytes]:
    if line.strip():
        value = _json(line)
        yield from map(_line, records(value)) if isinstance(value, dict | list) else iter([line])


def _line(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode(errors="replace")


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
