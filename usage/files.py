"""Files of usage logs as rows: CSV, JSON lines and Parquet, also packed as .gz or .zst. Pure.

What a file is, is read off its first bytes. It is read a block at a time, so that a log larger than
the memory streams, what it unpacks to is bounded, and a reader may stop between two blocks. Nothing
is written but a packed Parquet, unpacked to a file that is deleted when it has been read, and on
Linux when its reader is killed.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from usage.blocks import LogError, Range
from usage.parquet_log import ParquetLog
from usage.text_log import TextLog
from usage.unpacked import UnpackedFile, unpacked_path

# A text may hold a NUL here and there; in so many of its first bytes, no more than a tenth.
_FIRST = 4096
# No log has more columns, nor longer names for them.
_MOST_COLUMNS = 1000
_LONGEST_NAME = 500
_LONGEST_NAMES = 100_000
# Files that are often taken for logs, and what to do with them.
_OTHERS = (
    (re.compile(rb"PK\x03\x04"), "a zip (or a spreadsheet): unpack it, or save it as CSV"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "a spreadsheet or a document of Office: save it as CSV"),
    (re.compile(rb"%PDF-"), "a PDF: export the usage as CSV, JSON lines or Parquet"),
    (re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE), "a web page, and no log"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive: unpack it"),
)


@contextmanager
def opened(path: Path, limit: int, part: Range | None = None) -> Iterator[TextLog | ParquetLog]:
    """A log as rows, or only a part of it. Raises LogError."""
    with _log_at(path, limit) as log:
        if part:
            log.limit_to(part.begin, part.end, part.line)
        yield log


@contextmanager
def _log_at(path: Path, limit: int) -> Iterator[TextLog | ParquetLog]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise LogError(f"{path.name} cannot be opened: {error.strerror}.") from error
    with file:
        unpacked = UnpackedFile(file, limit)
        start = unpacked.start()
        if start[:4] == b"PAR1":
            with unpacked_path(path, unpacked, start) as plain_path:
                yield _plausible(ParquetLog(plain_path, limit))
        else:
            _refuse(start)
            yield _plausible(TextLog(unpacked, start))


Log = TypeVar("Log", TextLog, ParquetLog)


def _plausible(log: Log) -> Log:
    if len(log.columns) > _MOST_COLUMNS:
        raise LogError(
            f"The log has {len(log.columns):,} columns, and {_MOST_COLUMNS:,} is the limit."
        )
    if any(len(name) > _LONGEST_NAME for name in log.columns):
        raise LogError(f"The name of a column has more than {_LONGEST_NAME} characters.")
    length = sum(map(len, log.columns))
    if length > _LONGEST_NAMES:
        raise LogError(
            f"The names of the columns have {length:,} characters, and {_LONGEST_NAMES:,} is the "
            "limit."
        )
    return log


def _refuse(start: bytes) -> None:
    if not start.strip():
        raise LogError("The file is empty.")
    if kind := next((kind for mark, kind in _OTHERS if mark.match(start)), ""):
        raise LogError(f"This is {kind}.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[:100].count(0) > 10:
        raise LogError("The text is in UTF-16 or no text at all: save it as UTF-8.")
    if b"\0" in start and (_has_many_nuls(start[:_FIRST]) or not _is_utf8(start)):
        raise LogError(
            "This is no text, and no Parquet either: CSV, JSON lines and Parquet can be read."
        )


def _has_many_nuls(text: bytes) -> bool:
    return text.count(0) * 10 > len(text)


def _is_utf8(start: bytes) -> bool:
    """Whether it is UTF-8; the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True
