"""Server-sent events out of the bytes of a stream, however they are cut. Pure."""

import re
from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"
# A return at the end of what has come may be the first half of a line end.
_LINE_END = re.compile(rb"\r\n|\n|\r(?=[^\n])")


class EventReader:
    """The data of each event, as text; comments, names, ids and empty events are passed over."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._data: list[bytes] = []
        self._begins = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The events that end in this chunk."""
        self._parts.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk and not self._parts[0].endswith(b"\r"):
            return
        *lines, rest = _LINE_END.split(b"".join(self._parts))
        self._parts = [rest]
        for line in lines:
            yield from self._read(line)

    def end(self) -> Iterator[str]:
        """The last event, of a stream that ends without an empty line."""
        for line in b"".join(self._parts).split(b"\r"):
            yield from self._read(line)
        yield from self._read(b"")

    def _read(self, line: bytes) -> Iterator[str]:
        if self._begins:
            line, self._begins = line.removeprefix(_BOM), False
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            yield data.decode(errors="replace")
