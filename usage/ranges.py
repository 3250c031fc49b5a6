"""A usage log in parts that several processes read at once. Pure.

A part of a text begins at the start of a row, outside of quotes; a part of Parquet is a run of its
rows. What is packed, and a JSON document of many records, is read in one part.
"""

from itertools import pairwise
from pathlib import Path

from usage.blocks import Range
from usage.files import opened
from usage.parquet_log import ParquetLog

# A part is worth a process of its own from so many bytes, or rows of Parquet, on.
LEAST_BYTES = 32 * 2**20
LEAST_ROWS = 1_000_000
_CHUNK = 8 * 2**20
_LONGEST_ROW = 64 * 2**20


def ranges(path: Path, most: int, *, limit: int, least: int = 0) -> list[Range]:
    """At most that many parts of a log, of about equal size; none for a log in one part.

    `least` is the smallest part that is worth it, in bytes or rows. Raises LogError.
    """
    with opened(path, limit) as log:
        if isinstance(log, ParquetLog):
            number = min(most, log.rows // (least or LEAST_ROWS))
            edges = [log.rows * place // number for place in range(number + 1)] if number else []
            return [Range(begin, end) for begin, end in pairwise(edges)] if number > 1 else []
        begin, line, quoted = log.first_row, log.line, not log.is_json
        is_whole = log.is_whole
    size = path.stat().st_size
    number = min(most, (size - begin) // (least or LEAST_BYTES))
    if is_whole or number < 2:
        return []
    targets = [begin + (size - begin) * place // number for place in range(1, number)]
    edges_found = _edges(path, begin, line, targets, quoted=quoted)
    starts = [(begin, line), *edges_found]
    ends = [*(place for place, _ in edges_found), size]
    parts = zip(starts, ends, strict=True)
    return [Range(start, end, line) for (start, line), end in parts if end > start]


def _edges(
    path: Path, begin: int, line: int, targets: list[int], *, quoted: bool
) -> list[tuple[int, int]]:
    """The first start of a row at or after each target, and the number of its line."""
    found: list[tuple[int, int]] = []
    with path.open("rb") as file:
        file.seek(begin)
        place, quotes = begin, 0
        for target in targets:
            if place > target:
                continue
            while place < target and (chunk := file.read(min(_CHUNK, target - place))):
                quotes += chunk.count(b'"') if quoted else 0
                line += chunk.count(b"\n")
                place += len(chunk)
            read = 0
            while text := file.readline(_LONGEST_ROW):
                quotes += text.count(b'"') if quoted else 0
                line += text.endswith(b"\n")
                place += len(text)
                read += len(text)
                if text.endswith(b"\n") and quotes % 2 == 0:
                    found.append((place, line))
                    break
                if read > _LONGEST_ROW:
                    return found
    return found
