"""The bytes of a usage log, unpacked as they are read from a plain, .gz or .zst file. Pure."""

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END, BufferedReader
from pathlib import Path
from typing import Any

import zstandard

from usage.blocks import LogError

# Large enough to be read by all cores, small enough that its memory is used again for the next.
_BLOCK = 8 * 2**20
# The first bytes of a file decide what it is.
_START = 2**20
_CHUNK = 2**20
_FED = 4096
# So much of the disk stays free, in bytes: a database may be on it, too.
LEFT_FREE = 2**30
_OPEN_FILES = Path("/proc/self/fd")


class UnpackedFile:
    """The bytes of a file, unpacked as they are read, and no more than `limit` of them."""

    def __init__(self, file: BufferedReader, limit: int) -> None:
        self.file, self.limit, self.count, self.is_longer = file, limit, 0, True
        self.size = max(1, file.seek(0, SEEK_END))
        self.begin, self.end = 0, self.size
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

    def limit_to(self, begin: int, end: int) -> None:
        """From here on, read the bytes of a file that is not packed from `begin` to `end`."""
        self.file.seek(begin)
        self.begin, self.end, self.count = begin, end, 0

    def start(self) -> bytes:
        """The first bytes; `is_longer` is whether there may be more."""
        start = self.read(_START)
        self.is_longer = len(start) >= _START
        return start

    def block(self) -> bytes:
        return self.read(_BLOCK)

    def read(self, number: int) -> bytes:
        """That many bytes, or all that are left.

        Raises LogError where it is damaged, or beyond the limit.
        """
        try:
            body = self._all_of(number)
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            raise LogError(f"The file is damaged or ends too early ({error}).") from error
        self.count += len(body)
        self.check(self.count)
        return body

    def check(self, size: int) -> None:
        """Raise LogError where what the file holds is larger than may be."""
        if size > self.limit:
            raise LogError(
                f"The log is larger than {self.limit / 10**6:,.0f} MB unpacked, which is the limit."
            )

    def _all_of(self, number: int) -> bytes:
        parts, left = [], number
        if not self.packing:
            left = min(left, self.end - self.file.tell())
        while left > 0 and (part := self.stream.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def progress(self) -> float:
        return min(1.0, (self.file.tell() - self.begin) / max(1, self.end - self.begin))


class _Zstd:
    """A zstd file as it is unpacked: frame after frame, and an error where the last is cut off.

    `zstandard`'s own stream reader ends without an error there. It is fed so few bytes at a time
    that what they unpack to fits into memory, whatever they are.
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
def unpacked_path(path: Path, unpacked: UnpackedFile, start: bytes) -> Iterator[Path]:
    """The path of the whole file, unpacked: Parquet is read from its end."""
    if not unpacked.packing:
        yield path
        return
    # Beside the log, where there is room for such files. Without a name, where the system can open
    # such a file: it then ends with this process, which may be killed.
    folder = path.parent if os.access(path.parent, os.W_OK) else None
    is_nameless = _OPEN_FILES.is_dir()
    temporary = tempfile.TemporaryFile if is_nameless else tempfile.NamedTemporaryFile
    with temporary(prefix="ratecard-log-", dir=folder) as whole:
        try:
            while start:
                if shutil.disk_usage(whole.fileno()).free < LEFT_FREE:
                    raise LogError("The log cannot be unpacked: the disk has too little space.")
                whole.write(start)
                start = unpacked.block()
            whole.flush()
        except OSError as error:
            raise LogError(f"The log cannot be unpacked: {error.strerror}.") from error
        yield _OPEN_FILES / str(whole.fileno()) if is_nameless else Path(whole.name)
