"""Files of usage logs as rows of text: CSV, JSON lines and Parquet, also packed as .gz or .zst.
Pure.

What a file is, is read off its first bytes. It is read a block at a time, so that a log larger than
the memory streams, what it unpacks to is bounded, and a reader may stop between two blocks. Nothing
is written but a packed Parquet, unpacked to a file that is gone when it has been read.
"""

import csv
import gzip
import json
import os
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import SEEK_END, BufferedReader, StringIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import zstandard

# Large enough to be read by all cores, small enough that its memory is used again for the next.
_BLOCK = 8 * 2**20
_START = 2**20
_CHUNK = 2**20
_LONGEST_LINE = 64 * 2**20
_ROWS_AT_ONCE = 500_000
_FED = 4096
# No log has more columns, nor longer names for them.
_MOST_COLUMNS = 1000
_LONGEST_NAME = 500
# What a cell holds where it holds nothing.
EMPTY = ("", "null", "NULL", "None", "\\N", "NaN")
# So many line numbers are kept of each kind of bad row.
KEPT = 10


class LogError(ValueError):
    """A log that cannot be read; the message is one sentence."""


@dataclass
class BadRows:
    """How many rows were left out, for which reasons, and the line numbers of the first of each."""

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def room(self, reason: str) -> int:
        """How many more line numbers of a reason are kept."""
        return KEPT - len(self.lines.get(reason, ()))

    def add(self, reason: str, count: int, lines: Sequence[int]) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + count
        kept = self.lines.setdefault(reason, [])
        kept += lines[: self.room(reason)]

    def join(self, other: "BadRows") -> None:
        for reason, count in other.counts.items():
            self.add(reason, count, other.lines[reason])


@dataclass(frozen=True)
class Block:
    """Some rows as text or as Parquet has them, and the line each is on."""

    frame: pl.DataFrame
    line_of: Callable[[int], int]
    bad: BadRows


class _Unpacked:
    """The bytes of a file, unpacked as they are read, and no more than `limit` of them."""

    def __init__(self, file: BufferedReader, limit: int) -> None:
        self.file, self.limit, self.count = file, limit, 0
        self.size = max(1, file.seek(0, SEEK_END))
        file.seek(0)
        magic = file.peek(4)[:4]
        self.packing = (
            "gzip" if magic[:2] == b"\x1f\x8b" else "zstd" if magic == b"\x28\xb5\x2f\xfd" else ""
        )
        self.stream: Any = file
        if self.packing == "gzip":
            self.stream = gzip.GzipFile(fileobj=file)
        elif self.packing == "zstd":
            self.stream = _Zstd(file)

    def read(self, number: int) -> bytes:
        """That many bytes, or all that are left.

        Raises LogError where it is damaged, or beyond the limit.
        """
        try:
            body = self._all_of(number)
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            raise LogError(f"The file is damaged or ends too early ({error}).") from error
        self.count += len(body)
        if self.count > self.limit:
            raise LogError(
                f"The log is larger than {self.limit / 10**6:,.0f} MB unpacked, which is the limit."
            )
        return body

    def _all_of(self, number: int) -> bytes:
        parts, left = [], number
        while left and (part := self.stream.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def progress(self) -> float:
        return min(1.0, self.file.tell() / self.size)


class _Zstd:
    """A zstd file as it is unpacked: frame after frame, and an error where the last is cut off.

    What so few bytes are packed from is no more than fits into memory, whatever they are.
    """

    def __init__(self, file: BufferedReader) -> None:
        self.file = file
        self.frame: Any = None
        self.packed, self.ready, self.place = b"", b"", 0

    def read(self, number: int) -> bytes:
        while self.place == len(self.ready):
            self.packed = self.packed or self.file.read(_FED)
            if not self.packed:
                if self.frame:
                    raise EOFError("the last frame is not whole")
                return b""
            self.ready, self.place = self._unpacked(), 0
        part = self.ready[self.place : self.place + number]
        self.place += len(part)
        return part

    def _unpacked(self) -> bytes:
        self.frame = self.frame or zstandard.ZstdDecompressor().decompressobj()
        found: bytes = self.frame.decompress(self.packed)
        self.packed = self.frame.unused_data if self.frame.eof else b""
        self.frame = None if self.frame.eof else self.frame
        return found


@contextmanager
def opened(path: Path, limit: int) -> Iterator["_Text | _Parquet"]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise LogError(f"{path.name} cannot be opened: {error.strerror}.") from error
    with file:
        unpacked = _Unpacked(file, limit)
        start = unpacked.read(_START)
        if start[:4] == b"PAR1":
            with _unpacked_path(path, unpacked, start) as plain_path:
                yield _plausible(_Parquet(plain_path, limit))
        else:
            _refuse(start)
            yield _plausible(_Text(unpacked, start))


@contextmanager
def _unpacked_path(path: Path, unpacked: _Unpacked, start: bytes) -> Iterator[Path]:
    """A Parquet is read from its end, so a packed one has to be unpacked before."""
    if not unpacked.packing:
        yield path
        return
    # Beside the log, where there is room for such files, and where one is found that was left.
    folder = path.parent if os.access(path.parent, os.W_OK) else None
    with tempfile.NamedTemporaryFile(prefix="ratecard-log-", dir=folder) as whole:
        try:
            while start:
                whole.write(start)
                start = unpacked.read(_BLOCK)
            whole.flush()
        except OSError as error:
            raise LogError(f"The log cannot be unpacked: {error.strerror}.") from error
        yield Path(whole.name)


Log = TypeVar("Log", "_Text", "_Parquet")


def _plausible(log: Log) -> Log:
    """A log with the columns of a log, not with as many as a file can name."""
    if len(log.columns) > _MOST_COLUMNS:
        raise LogError(
            f"The log has {len(log.columns):,} columns, and {_MOST_COLUMNS:,} is the limit."
        )
    if any(len(name) > _LONGEST_NAME for name in log.columns):
        raise LogError(f"The name of a column has more than {_LONGEST_NAME} characters.")
    return log


def _refuse(start: bytes) -> None:
    """Say of what is no text in UTF-8 what it is."""
    if not start.strip():
        raise LogError("The file is empty.")
    if start[:4] == b"PK\x03\x04":
        raise LogError("This is a zip (or a spreadsheet): unpack it, or save it as CSV.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[:100].count(0) > 10:
        raise LogError("The text is in UTF-16 or no text at all: save it as UTF-8.")
    if b"\0" in start:
        raise LogError(
            "This is no text, and no Parquet either: CSV, JSON lines and Parquet can be read."
        )


class _Text:
    """CSV or JSON lines."""

    def __init__(self, unpacked: _Unpacked, start: bytes) -> None:
        self.unpacked, self.start = unpacked, start.removeprefix(b"\xef\xbb\xbf")
        self.is_longer = len(start) >= _START
        first = self.start.lstrip()[:1]
        if first == b"[":
            raise LogError("This is one JSON array: write one object a line instead.")
        self.is_json = first == b"{"
        self.name = ("JSON lines" if self.is_json else "CSV") + (
            f", {unpacked.packing}" if unpacked.packing else ""
        )
        self.line = 1
        if self.is_json:
            self.columns = self._keys()
        else:
            self._read_header()

    def _keys(self) -> list[str]:
        lines = self._first_lines().splitlines()
        records = [record for line in lines[:1000] if isinstance(record := _json(line), dict)]
        return list(dict.fromkeys(key for record in records for key in record))

    def _first_lines(self) -> bytes:
        """The first megabyte up to its last whole line."""
        cut = _last_end(self.start, quoted=not self.is_json) if self.is_longer else 0
        return self.start[:cut] if cut else self.start

    def _read_header(self) -> None:
        end = _first_end(self.start)
        self.header = self.start[:end].rstrip(b"\r\n") + b"\n"
        self.start = self.start[end:]
        line = _decoded(self.header, 1).rstrip("\n")
        self.separator = max(",;\t|", key=line.count)
        try:
            self.columns = next(csv.reader([line], delimiter=self.separator))
        except csv.Error as error:
            raise LogError(f"The names of the columns cannot be read ({_brief(error)}).") from error
        self.line = 2 + line.count("\n")
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

    def blocks(self, paths: Sequence[str]) -> Iterator[Block]:
        used = [
            name
            for name in self.columns
            if name in paths or any(p.startswith(f"{name}.") for p in paths)
        ]
        for block in self._whole_lines():
            yield self._frame(block, used, self.line)
            self.line += block.count(b"\n")

    def _whole_lines(self) -> Iterator[bytes]:
        """The text in blocks that end where a line does."""
        left = self.start
        while True:
            more = self.unpacked.read(_BLOCK)
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
        if b"\0" in block:
            raise LogError(f"There is a NUL after line {line:,}: this is no text.")
        try:
            return (
                self._json_frame(block, used, line)
                if self.is_json
                else self._csv_frame(block, used, line)
            )
        except (pl.exceptions.PolarsError, csv.Error) as error:
            raise LogError(
                f"The lines from {line:,} on cannot be read ({_brief(error)})."
            ) from error

    def _csv_frame(self, block: bytes, used: Sequence[str], line: int) -> Block:
        """Rows of text.

        All must have as many fields as the header; else each is looked at by itself.
        """
        quoted, last = b'"' in block, self.columns[-1]
        try:
            frame = self._parsed(block, [*used, *(() if last in used else (last,))])
        except pl.exceptions.PolarsError:
            if self._is_even(block):
                raise
            return self._mended_csv(block, used, line)
        # Of a row that is too short the last field is empty. Without one, none is too long either
        # if the number of separators is right.
        sure = not quoted and not frame[last].null_count() and self._has_fields(block, frame.height)
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

    def _has_fields(self, block: bytes, rows: int) -> bool:
        return block.count(self.separator.encode()) == rows * (len(self.columns) - 1)

    def _is_even(self, block: bytes) -> bool:
        """Whether each row has as many fields as the header: told by what is left without texts."""
        skeleton = re.sub(rb'"[^"]*"', b"", block) if b'"' in block else block
        keep = {10, 34, ord(self.separator)}
        skeleton = skeleton.translate(None, bytes(set(range(256)) - keep))
        return not skeleton.replace(self.separator.encode() * (len(self.columns) - 1) + b"\n", b"")

    def _mended_csv(self, block: bytes, used: Sequence[str], line: int) -> Block:
        bad, numbers, width = BadRows(), list[int](), len(self.columns)
        places = [self.columns.index(name) for name in used]
        cells: list[list[str | None]] = [[] for _ in used]
        for number, row in _csv_rows(block, self.separator, line):
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
            bad, sound, numbers = BadRows(), list[bytes](), list[int]()
            for number, text in enumerate(block.split(b"\n"), line):
                if isinstance(_json(text), dict):
                    sound.append(text)
                    numbers.append(number)
                elif text.strip():
                    bad.add("no JSON object", 1, [number])
            frame = (
                pl.read_ndjson(b"\n".join(sound) + b"\n", schema=schema)
                if sound
                else self._nothing()
            )
            return Block(frame, numbers.__getitem__, bad)


def _ended(block: bytes, *, last: bool) -> Iterator[bytes]:
    """A block whose last line has an end; at the end of the file, without the empty lines there."""
    if last:
        block = block.rstrip(b"\r\n")
        block += b"\n" if block else b""
    if block:
        yield block


def _is_name(text: str) -> bool:
    return bool(text.strip()) and not re.fullmatch(r"[-+.\d:TZ /]*", text.strip())


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _brief(error: Exception) -> str:
    return str(error).split("\n", 1)[0].strip().rstrip(".")[:200]


def _decoded(text: bytes, line: int) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        at = line + text.count(b"\n", 0, error.start)
        raise LogError(f"Line {at:,} is not in UTF-8: save the log in that encoding.") from error


def _first_end(text: bytes) -> int:
    """Where the first line ends that does not end within quotes."""
    end = -1
    while (end := text.find(b"\n", end + 1)) >= 0:
        if text.count(b'"', 0, end) % 2 == 0:
            return end + 1
    return len(text)


def _last_end(text: bytes, *, quoted: bool) -> int:
    """Where the last line ends that does not end within quotes; 0 if none does."""
    end = text.rfind(b"\n")
    if not quoted or end < 0 or b'"' not in text:
        return end + 1
    quotes = text.count(b'"', 0, end)
    while quotes % 2:
        before = text.rfind(b"\n", 0, end)
        if before < 0:
            return 0
        quotes -= text.count(b'"', before, end)
        end = before
    return end + 1


def _csv_rows(block: bytes, separator: str, line: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a block, each with the line it begins on."""
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


class _Parquet:
    """A Parquet file; its rows are counted from 1."""

    def __init__(self, path: Path, limit: int) -> None:
        self.name, self.done = "Parquet", 0
        with _damaged():
            self.scan = pl.scan_parquet(path, glob=False)
            self.columns = self.scan.collect_schema().names()
            self.rows = int(self.scan.select(pl.len()).collect().item())
        if self.rows > limit // 8:
            raise LogError(f"The log has {self.rows:,} rows, and {limit // 8:,} is the limit.")
        if not self.rows:
            raise LogError("The file is empty.")

    def sample(self) -> pl.DataFrame:
        with _damaged():
            return self.scan.head(1000).collect()

    def progress(self) -> float:
        return min(1.0, self.done / self.rows)

    def blocks(self, paths: Sequence[str]) -> Iterator[Block]:
        used = [
            name
            for name in self.columns
            if name in paths or any(p.startswith(f"{name}.") for p in paths)
        ]
        with _damaged():
            # A slice at a time: a group of rows may hold millions in a few bytes.
            for first in range(0, self.rows, _ROWS_AT_ONCE):
                frame = self.scan.select(used).slice(first, _ROWS_AT_ONCE).collect()
                self.done = first + frame.height
                yield Block(frame, lambda row, first=first: first + 1 + row, BadRows())  # type: ignore[misc]


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise LogError(
            f"The Parquet file is damaged or ends too early ({_brief(error)})."
        ) from error
