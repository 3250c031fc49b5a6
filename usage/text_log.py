"""CSV and JSON lines as rows of text, a block at a time. Pure."""

import csv
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from itertools import islice
from typing import Any

import polars as pl

from usage.blocks import EMPTY, BadRows, Block, LogError, brief, is_storable
from usage.columns import may_be_billed
from usage.documents import ExpandedFile, expanded
from usage.nested import LONGEST_JSON
from usage.spellings import CONTENT, meaning, plain
from usage.unpacked import UnpackedFile

_LONGEST_LINE = 64 * 2**20
# Of longer first lines, texts that no value is read from are left out of the sample.
_LONG_SAMPLE = 2 * 2**20
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_KEY = re.compile(rb'"([^"\\\n]{1,80})"\s*:')
# No tool has more keys; else names are values.
_MOST_LATE = 200
# Empty lines, and the line by which a spreadsheet states its separator.
_BEFORE_HEADER = re.compile(rb"(?:[ \t]*\r?\n)*(?:sep=.\r?\n)?")


class TextLog:
    """CSV or JSON lines."""

    def __init__(self, unpacked: UnpackedFile, start: bytes) -> None:
        mark = 3 if start.startswith(b"\xef\xbb\xbf") else 0
        start = start[mark:]
        self.is_json = start.lstrip()[:1] in (b"{", b"[")
        self.unpacked: UnpackedFile | ExpandedFile = unpacked
        if self.is_json:
            self.unpacked, start = expanded(unpacked, start)
            start = self._with_first_line(start)
        self.has_nul = b"\0" in start
        self.start = _without_nul(start)
        kind = "JSON" if isinstance(self.unpacked, ExpandedFile) else "JSON lines"
        self.name = (kind if self.is_json else "CSV") + (
            f", {unpacked.packing}" if unpacked.packing else ""
        )
        self.line = 1
        # Where the first row begins in the file, in bytes.
        self.first_row = mark
        if self.is_json:
            self.columns = self._keys()
            self.keys = frozenset(name.encode() for name in self.columns)
        else:
            self._read_header()

    def _with_first_line(self, start: bytes) -> bytes:
        """The start, read on to the end of its first line."""
        parts, size = [start], len(start)
        while b"\n" not in parts[-1] and (more := self.unpacked.block()):
            parts.append(more)
            size += len(more)
            if size > _LONGEST_LINE:
                raise LogError(f"Line 1 has more than {_LONGEST_LINE // 2**20} MB.")
        return b"".join(parts)

    @property
    def is_one_page(self) -> bool:
        """Whether it is a page of several of an API, without those after it."""
        return isinstance(self.unpacked, ExpandedFile) and self.unpacked.has_more

    @property
    def is_whole(self) -> bool:
        """Whether a row has no place of its own in the file, so that it is read in one part."""
        is_expanded = isinstance(self.unpacked, ExpandedFile)
        return bool(self.unpacked.packing) or is_expanded or self.has_nul

    def limit_to(self, begin: int, end: int, line: int) -> None:
        """Read only the rows from one byte of the file to another, the first of which is `line`."""
        assert isinstance(self.unpacked, UnpackedFile)
        self.unpacked.limit_to(begin, end)
        self.start, self.line = b"", line

    def _keys(self) -> list[str]:
        lines = self._first_lines().splitlines()
        records = [record for line in lines[:1000] if isinstance(record := _json(line), dict)]
        keys = dict.fromkeys(key for record in records for key in record)
        if not keys:
            raise LogError("The first lines hold no JSON object that names a column.")
        return list(filter(is_storable, keys))

    def _first_lines(self) -> bytes:
        cut = _last_end(self.start, quoted=not self.is_json) if self.unpacked.is_longer else 0
        if self.is_json and len(self.start) > _LONG_SAMPLE:
            return _TEXT.sub(_without_length, memoryview(self.start)[: cut or None])
        return self.start[:cut] if cut else self.start

    def _read_header(self) -> None:
        before = _BEFORE_HEADER.match(self.start)
        skipped = before[0] if before else b""
        self.start = self.start[len(skipped) :]
        end = _first_end(self.start)
        self.header = self.start[:end].rstrip(b"\r\n") + b"\n"
        self.start = self.start[end:]
        self.first_row += len(skipped) + end
        first = 1 + skipped.count(b"\n")
        line = _decoded(self.header, first).rstrip("\n")
        self.separator = max(",;\t|", key=line.count)
        try:
            self.columns = next(csv.reader([line], delimiter=self.separator))
        except csv.Error as error:
            raise LogError(f"The names of the columns cannot be read ({brief(error)}).") from error
        self.line = first + 1 + line.count("\n")
        twice = [name for name, count in Counter(self.columns).items() if count > 1]
        if twice:
            raise LogError(f"Two columns are called “{twice[0]}”.")
        if not any(_is_name(name) for name in self.columns):
            raise LogError("The first line does not name the columns.")

    def sample(self) -> pl.DataFrame:
        lines = self._first_lines()
        if not lines.strip():
            return self._nothing()
        return self._frame(lines, self.columns, self.line).frame.head(1000)

    def _nothing(self) -> pl.DataFrame:
        return pl.DataFrame({name: pl.Series([], dtype=pl.String) for name in self.columns})

    def progress(self) -> float:
        return self.unpacked.progress()

    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        """The rows of these columns, a block at a time."""
        used = [name for name in self.columns if name in columns]
        for block in self._whole_lines():
            if self.is_json:
                late = self._late(block)
                found = self._frame(block, [*used, *late], self.line)
                yield replace(found, frame=_without_texts(found.frame, late))
            else:
                yield self._frame(block, used, self.line)
            self.line += block.count(b"\n")

    def _late(self, block: bytes) -> list[str]:
        """Keys that no record of the sample has, of which some may be within a value."""
        # A search for each known key is quicker than one for all keys.
        known = sum(block.count(b'"%b":' % name) for name in self.keys)
        if not known or known != block.count(b'":'):
            new = sorted(set(_KEY.findall(block)) - self.keys)
            room = len(self.columns) + _MOST_LATE - len(self.keys)
            self.keys |= frozenset(new[: max(0, room)])
        there = (name.decode(errors="replace") for name in self.keys if b'"%b"' % name in block)
        late = (name for name in there if name not in self.columns and is_storable(name))
        return sorted(name for name in late if plain(name) not in CONTENT)

    def _whole_lines(self) -> Iterator[bytes]:
        left = self.start
        while True:
            more = _without_nul(self.unpacked.block())
            left += more
            cut = _last_end(left, quoted=not self.is_json) if more else len(left)
            if cut:
                block, left = left[:cut], left[cut:]
                yield from _ended(block, last=not more)
            if not more:
                return
            if len(left) > _LONGEST_LINE:
                raise LogError(
                    f"Line {self.line:,} or one after it is endless, or its quotes are not closed."
                )

    def _frame(self, block: bytes, used: Sequence[str], line: int) -> Block:
        if not block.isascii():
            _decoded(block, line)
        try:
            return (
                self._json_frame(block, used, line)
                if self.is_json
                else self._csv_frame(block, used, line)
            )
        except (pl.exceptions.PolarsError, csv.Error) as error:
            raise LogError(
                f"The lines from {line:,} on cannot be read ({brief(error)})."
            ) from error

    def _csv_frame(self, block: bytes, used: Sequence[str], line: int) -> Block:
        """Rows of text. Where not all have the header's number of fields, each is checked."""
        quoted, last = b'"' in block, self.columns[-1]
        try:
            frame = self._parsed(block, [*used, *(() if last in used else (last,))])
        except pl.exceptions.PolarsError:
            if self._is_even(block):
                raise
            return self._mended_csv(block, used, line)
        # Of a row that is too short the last field is empty. Without one, none is too long either
        # if the number of separators is right.
        separators = frame.height * (len(self.columns) - 1)
        sure = (
            not quoted
            and not frame[last].null_count()
            and block.count(self.separator.encode()) == separators
        )
        if not sure and not self._is_even(block):
            return self._mended_csv(block, used, line)
        if not quoted:
            return Block(frame, lambda row: line + row, BadRows())
        return Block(frame, lambda row: _csv_line(block, self.separator, line, row), BadRows())

    def _parsed(self, block: bytes, used: list[str]) -> pl.DataFrame:
        return pl.read_csv(
            self.header + block,
            columns=used,
            infer_schema=False,
            separator=self.separator,
            null_values=list(EMPTY),
        )

    def _is_even(self, block: bytes) -> bool:
        skeleton = re.sub(rb'"[^"]*"', b"", block) if b'"' in block else block
        keep = {10, 34, ord(self.separator)}
        skeleton = skeleton.translate(None, bytes(set(range(256)) - keep))
        return not skeleton.replace(self.separator.encode() * (len(self.columns) - 1) + b"\n", b"")

    def _mended_csv(self, block: bytes, used: Sequence[str], line: int) -> Block:
        bad, numbers, width = BadRows(), list[int](), len(self.columns)
        places = [self.columns.index(name) for name in used]
        cells: list[list[str | None]] = [[] for _ in used]
        for number, fields in _csv_rows(block, self.separator, line):
            row = fields if any(fields[width:]) else fields[:width]
            if len(row) != width:
                if row:
                    bad.add("more or fewer fields than columns", 1, [number])
                continue
            numbers.append(number)
            for column, place in zip(cells, places, strict=True):
                column.append(None if row[place] in EMPTY else row[place])
        series = {name: pl.Series(name, cells[i], pl.String) for i, name in enumerate(used)}
        return Block(pl.DataFrame(series), numbers.__getitem__, bad)

    def _json_frame(self, block: bytes, used: Sequence[str], line: int) -> Block:
        schema = dict.fromkeys(used, pl.String())
        try:
            frame = pl.read_ndjson(block, schema=schema)
            return Block(frame, lambda row: _json_line(block, line, row), BadRows())
        except pl.exceptions.PolarsError:
            bad = BadRows()
            sound: dict[int, bytes] = {}
            for number, text in enumerate(block.split(b"\n"), line):
                if isinstance(_json(text), dict):
                    sound[number] = text
                elif text.strip():
                    bad.add("no JSON object", 1, [number])
            frame = self._sound_json(sound, schema, bad)
            return Block(frame, list(sound).__getitem__, bad)

    def _sound_json(
        self, lines: dict[int, bytes], schema: dict[str, pl.String], bad: BadRows
    ) -> pl.DataFrame:
        """Lines that Python can read; removes those that Polars cannot, as half a surrogate."""
        try:
            return pl.read_ndjson(b"\n".join(lines.values()) + b"\n", schema=schema)
        except pl.exceptions.PolarsError:
            for number, text in list(lines.items()):
                try:
                    pl.read_ndjson(text + b"\n", schema=schema)
                except pl.exceptions.PolarsError:
                    bad.add("no JSON object", 1, [number])
                    del lines[number]
        if not lines:
            return self._nothing().select(list(schema))
        return pl.read_ndjson(b"\n".join(lines.values()) + b"\n", schema=schema)


def _without_texts(frame: pl.DataFrame, late: Collection[str]) -> pl.DataFrame:
    """The frame without those of the late keys that no record has, or that hold mere texts."""
    kept = [
        name
        for name in late
        if frame[name].null_count() < frame.height
        and (meaning(name) or may_be_billed(name, frame[name]))
    ]
    return frame.drop(set(late) - set(kept))


def _without_nul(text: bytes) -> bytes:
    """The text with U+FFFD for NUL, which neither JSON nor PostgreSQL holds."""
    return text.replace(b"\0", "�".encode())


def _ended(block: bytes, *, last: bool) -> Iterator[bytes]:
    if last:
        block = block.rstrip(b"\r\n")
        block += b"\n" if block else b""
    if block:
        yield block


def _without_length(text: re.Match[bytes]) -> bytes:
    return b'""' if text.end() - text.start() > LONGEST_JSON else text[0]


def _is_name(text: str) -> bool:
    return bool(text.strip()) and not re.fullmatch(r"[-+.\d:TZ /]*", text.strip())


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _decoded(text: bytes, line: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        at = line + text.count(b"\n", 0, error.start)
        raise LogError(f"Line {at:,} is not in UTF-8: save the log in that encoding.") from error


def _first_end(text: bytes) -> int:
    start = quotes = 0
    while (end := text.find(b"\n", start)) >= 0:
        quotes += text.count(b'"', start, end)
        start = end + 1
        if quotes % 2 == 0:
            return start
    return len(text)


def _last_end(text: bytes, *, quoted: bool) -> int:
    """The end of the last line that does not end within quotes; 0 for none."""
    end = text.rfind(b"\n")
    if not quoted or end < 0 or b'"' not in text:
        return end + 1
    quotes = text.count(b'"', 0, end)
    while quotes % 2:
        # No line that ends after the last quote can end outside of quotes.
        before = text.rfind(b"\n", 0, text.rfind(b'"', 0, end))
        if before < 0:
            return 0
        quotes -= text.count(b'"', before, end)
        end = before
    return end + 1


def _csv_rows(block: bytes, separator: str, line: int) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(2 * _LONGEST_LINE)
    reader = csv.reader(StringIO(block.decode(), newline=""), delimiter=separator)
    begins = line
    for row in reader:
        yield begins, row
        begins = line + reader.line_num


def _csv_line(block: bytes, separator: str, line: int, row: int) -> int:
    return next(islice(_csv_rows(block, separator, line), row, None))[0]


def _json_line(block: bytes, line: int, row: int) -> int:
    filled = (number for number, text in enumerate(block.split(b"\n"), line) if text.strip())
    return next(islice(filled, row, None))
