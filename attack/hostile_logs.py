"""Usage logs of a hostile visitor: small files that unpack to gigabytes, or are odd without end."""

import gzip
import json
from collections.abc import Callable
from io import BytesIO

import polars as pl
import zstandard

HEADER = b"at,model,provider,input,output\n"
ROW = b"2026-11-20T10:00:00Z,o4-mini,openai,1000,100\n"


def _rows(number: int, **columns: pl.Series) -> pl.DataFrame:
    plain = pl.DataFrame(
        {"at": ["2026-11-20T10:00:00Z"], "model": ["o4-mini"], "provider": ["openai"], "input": [1]}
    )
    repeated = {
        name: pl.Series(name, plain[name], dtype=pl.Categorical).new_from_index(0, number)
        if plain[name].dtype == pl.String
        else plain[name].new_from_index(0, number)
        for name in plain.columns
    }
    return pl.DataFrame({**repeated, **columns})


def parquet(frame: pl.DataFrame, row_group_size: int | None = None) -> bytes:
    body = BytesIO()
    frame.write_parquet(body, compression="zstd", row_group_size=row_group_size)
    return body.getvalue()


def long_text(column: str = "model", length: int = 80_000, rows: int = 200_000) -> bytes:
    """One text of 80,000 characters, 200,000 times: 16 GB in a few KB."""
    # Without the schema that names it a category, its dictionary is read as text.
    return long_category(column, length, rows).replace(b"ARROW:schema", b"OTHER:schema")


def long_category(column: str = "model", length: int = 80_000, rows: int = 200_000) -> bytes:
    text = pl.Series(column, ["x" * length], dtype=pl.Categorical).new_from_index(0, rows)
    return parquet(_rows(rows, **{column: text}))


def many_rows(rows: int = 50_000_000) -> bytes:
    return parquet(_rows(rows), row_group_size=rows)


def long_lists(items: int = 20_000_000) -> bytes:
    numbers = pl.Series([0]).new_from_index(0, items)
    return parquet(_rows(1, model=pl.Series("model", [numbers])))


def deep_lists(depth: int = 200) -> bytes:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return parquet(_rows(1, model=pl.Series("model", [value])))


def deep_structs(depth: int = 200) -> bytes:
    value: object = 1
    for _ in range(depth):
        value = {"a": value}
    return parquet(_rows(1, model=pl.Series("model", [value])))


def wide(columns: int = 100_000) -> bytes:
    return parquet(pl.DataFrame({f"c{n}": [1] for n in range(columns)}))


def packed_twice() -> bytes:
    return gzip.compress(gzip.compress(HEADER + ROW * 100_000))


def packed(body: bytes, times: int, *, way: str, start: bytes = b"") -> bytes:
    """`start`, then `body` that many times, packed: gigabytes in a few KB or MB."""
    out = BytesIO()
    chunk = body * max(1, 2**20 // len(body))
    number = max(1, times * len(body) // len(chunk))
    if way == "gzip":
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
            file.write(start)
            for _ in range(number):
                file.write(chunk)
    else:
        packer = zstandard.ZstdCompressor(level=3).compressobj()
        out.write(packer.compress(start))
        for _ in range(number):
            out.write(packer.compress(chunk))
        out.write(packer.flush())
    return out.getvalue()


def endless_line(size: int = 4 * 10**9, way: str = "zstd") -> bytes:
    return packed(b"x", size, way=way, start=HEADER + b"2026-11-20T10:00:00Z,")


def open_quotes(size: int = 4 * 10**9, way: str = "zstd") -> bytes:
    return packed(b"x,y\n", size // 4, way=way, start=HEADER + b'2026-11-20T10:00:00Z,"')


def endless_json(size: int = 4 * 10**9, way: str = "zstd") -> bytes:
    return packed(b"x", size, way=way, start=b'{"at": "')


def wide_window(window_log: int = 31) -> bytes:
    """A zstd frame with a window of 2 GB in its header."""
    settings = zstandard.ZstdCompressionParameters.from_level(3, window_log=window_log)
    packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    return packer.compress(HEADER + ROW * 1000) + packer.flush()


def many_keys(keys: int = 100_000) -> bytes:
    row = {"at": "2026-11-20T10:00:00Z", "model": "o4-mini", "input": 1}
    return json.dumps(row | {f"k{n}": n for n in range(keys)}).encode() + b"\n"


def new_keys(lines: int = 10_000, keys: int = 50) -> bytes:
    """Other keys in each line."""
    row = {"at": "2026-11-20T10:00:00Z", "model": "o4-mini", "input": 1}
    made = (row | {f"k{n}-{m}": m for m in range(keys)} for n in range(lines))
    return b"".join(json.dumps(line).encode() + b"\n" for line in made)


def deep_json(depth: int = 100_000) -> bytes:
    line = b'{"at": "2026-11-20T10:00:00Z", "model": "o4-mini", "input": 1, "meta": '
    return line + b'{"a":' * depth + b"1" + b"}" * depth + b"}\n"


def long_cell(size: int = 60 * 2**20) -> bytes:
    return HEADER + ROW.replace(b"o4-mini", b"x" * size) + ROW


BOMBS: dict[str, Callable[[], bytes]] = {
    "long-text.parquet": long_text,
    "long-unread-text.parquet": lambda: long_text("prompt"),
    "long-category.parquet": long_category,
    "long-time.parquet": lambda: long_text("at"),
    "long-count.parquet": lambda: long_text("input"),
    "many-rows.parquet": many_rows,
    "long-lists.parquet": long_lists,
    "deep-lists.parquet": deep_lists,
    "deep-structs.parquet": deep_structs,
    "wide.parquet": wide,
    "packed-twice.gz": packed_twice,
    "endless-line.csv.zst": endless_line,
    "endless-line.csv.gz": lambda: endless_line(way="gzip"),
    "open-quotes.csv.zst": open_quotes,
    "endless.jsonl.zst": endless_json,
    "rows.csv.zst": lambda: packed(ROW, 4 * 10**9 // len(ROW), way="zstd", start=HEADER),
    "wide-window.csv.zst": wide_window,
    "many-keys.jsonl": many_keys,
    "new-keys.jsonl": new_keys,
    "deep.jsonl": deep_json,
    "long-cell.csv": long_cell,
}
