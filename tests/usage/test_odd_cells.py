"""Cells that no request has: a row with one is left out with its reason, and the rest is priced."""

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attack import hostile_logs as bombs
from pricing.regime_plan import Plan
from usage.add_up import AddedLog, add_up
from usage.blocks import LogError
from usage.preview import FIELDS, Preview, preview
from usage.reader import Reader
from usage.reader_tasks import AddUpTask, PreviewTask

AT = "2026-11-20T10:00:00Z"
NO_NUMBER = "input is not a whole number"
NO_TIME = "no time that can be read"
OUTSIDE = "a time outside of 2015 to 2100"
LIMIT = 10**9


def added(folder: Path, body: bytes, mapping: dict[str, str] | None = None) -> AddedLog:
    path = folder / "log"
    path.write_bytes(body)
    return add_up(path, Plan(), mapping, limit=LIMIT)


def parquet(**columns: Any) -> bytes:
    """Two requests; the columns of the second may be odd."""
    frame = {"at": [AT, AT], "model": ["m", "m"], "input": [7, 7]} | columns
    return bombs.parquet(pl.DataFrame(frame))


@pytest.mark.parametrize(
    "number",
    [
        *("1e9999999", "-1e9999999", "1e400", "NaN.", "nan", "Infinity", "-inf"),
        *("9" * 200, "0x10", "1.5", "--1", "+", "1e", "½"),
    ],
)
@pytest.mark.parametrize("is_json", [False, True])
def test_what_is_no_whole_number_is_left_out(tmp_path, number, is_json):
    rows = [(AT, "m", "7"), (AT, "m", number)]
    if is_json:
        body = "".join(
            json.dumps(dict(zip(("at", "model", "input"), row, strict=True))) + "\n" for row in rows
        )
    else:
        body = "at,model,input\n" + "".join(",".join(row) + "\n" for row in rows)
    log = added(tmp_path, body.encode())
    assert log.bad.counts == {NO_NUMBER: 1}
    assert log.aggregates.used == {"request": 1, "input": 7}


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("9" * 10_000, "input has more than 300 characters"),
        ("-5", "input is negative"),
        ("1000000000001", "input is beyond any request"),
        (str(2**63 - 1), "input is beyond any request"),
        (str(2**64), NO_NUMBER),
        ("1e15", "input is beyond any request"),
        (str(-(2**63)), "input is negative"),
    ],
)
def test_a_count_that_no_request_has_is_left_out(tmp_path, number, reason):
    log = added(tmp_path, f"at,model,input\n{AT},m,7\n{AT},m,{number}\n".encode())
    assert (log.bad.counts, log.aggregates.rows) == ({reason: 1}, 1)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("0000-01-01T00:00:00Z", OUTSIDE),
        ("0001-01-01T00:00:00Z", OUTSIDE),
        ("99999-01-01T00:00:00Z", NO_TIME),
        ("9" * 19, NO_TIME),
        ("9" * 18, OUTSIDE),
        ("2026-11-20T10:00:00" + "Z" * 400, "at has more than 300 characters"),
        ("2026-11-20T10:00:00." + "1" * 200, ""),
        ("NaN-inf", NO_TIME),
        ("2026-02-30T10:00:00Z", NO_TIME),
        ("2026-11-20T25:61:61Z", NO_TIME),
    ],
)
@pytest.mark.parametrize("is_first", [False, True])
def test_a_time_that_no_request_has_is_left_out(tmp_path, at, reason, is_first):
    times = (at, AT) if is_first else (AT, at)
    log = added(tmp_path, "".join(("at,model,input\n", *(f"{at},m,7\n" for at in times))).encode())
    if reason:
        assert (log.bad.counts, log.aggregates.rows) == ({reason: 1}, 1)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**62, -(2**62), 0, 253402300800 * 10**6])
@pytest.mark.parametrize("zone", ["", "Asia/Tokyo"])
def test_instants_beyond_pythons_are_left_out(tmp_path, unit, number, zone):
    usual = int(datetime(2026, 11, 20).timestamp() * {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit])
    at = pl.Series([usual, number]).cast(pl.Datetime(unit, zone or None))
    log = added(tmp_path, parquet(at=at))
    assert (log.bad.counts, log.aggregates.rows) == ({OUTSIDE: 1}, 1)


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31), 0, -719_529])
def test_dates_beyond_pythons_are_left_out(tmp_path, number):
    at = pl.Series([20_777, number], dtype=pl.Int32).cast(pl.Date)
    assert added(tmp_path, parquet(at=at)).bad.counts == {OUTSIDE: 1}


READ = {
    "categorical": pl.Series(["m", None], dtype=pl.Categorical),
    "enum": pl.Series(["m", "n"], dtype=pl.Enum(["m", "n"])),
    "boolean": pl.Series([True, None]),
    "null": pl.Series([None, None], dtype=pl.Null),
    "decimal": pl.Series(["7", "9" * 30]).cast(pl.Decimal(38, 2)),
    "uint64": pl.Series([7, 2**64 - 1], dtype=pl.UInt64),
    "int128": pl.Series([7, 2**100], dtype=pl.Int128),
    "float": pl.Series([7.0, float("nan")]),
    "infinity": pl.Series([7.0, float("inf")]),
    "date": pl.Series([date(2026, 11, 20)] * 2),
    "datetime": pl.Series([datetime(2026, 11, 20)] * 2),
    "text": pl.Series(["m", "\0\u202e\x1b"]),
    "long text": pl.Series(["m", "x" * 2**20]),
}
UNREAD = {
    "list": pl.Series([[1], [2]]),
    "array": pl.Series([[1], [2]], dtype=pl.Array(pl.Int64, 1)),
    "struct": pl.Series([{"a": 1}, {"a": 2}]),
    "list of structs": pl.Series([[{"key": "a", "value": 1}]] * 2),
    "binary": pl.Series([b"\xff\x00", b"m"]),
    "duration": pl.Series([timedelta(1)] * 2),
    "time": pl.Series([time(10)] * 2),
}


@pytest.mark.parametrize("field", ["at", "model", "provider", "tier", "input", "audio_second_in"])
@pytest.mark.parametrize("kind", READ)
def test_a_column_of_any_plain_type_is_read_or_its_rows_are_left_out(tmp_path, field, kind):
    body = parquet(**{field: READ[kind]})
    log = added(tmp_path, body)
    assert log.aggregates.rows + log.bad.total == 2
    assert seen(tmp_path / "log").columns


@pytest.mark.parametrize("field", ["at", "model", "provider", "tier", "input", "audio_second_in"])
@pytest.mark.parametrize("kind", UNREAD)
def test_a_column_that_no_field_is_read_from_is_passed_over_and_refused(tmp_path, field, kind):
    body = parquet(**{field: UNREAD[kind]})
    (tmp_path / "log").write_bytes(body)
    assert field not in seen(tmp_path / "log").mapping
    mapping = {name: name for name in ("at", "model", "input", field)}
    with pytest.raises(LogError, match=r"^The column “.*” holds .*, which no field is read from"):
        added(tmp_path, body, mapping)


def seen(path: Path) -> Preview:
    return preview(path, limit=LIMIT, complete=False)


def test_a_nul_in_a_name_becomes_a_character_that_postgresql_can_hold(tmp_path):
    line = json.dumps({"at": AT, "model": "a\0b", "provider": "c\0", "input": 7}) + "\n"
    for body in (line.encode(), parquet(model=["a\0b", "m"], provider=["c\0", "x"])):
        log = added(tmp_path, body)
        assert "a�b" in log.aggregates.frame["model"].to_list()
        assert "\0" not in json.dumps(seen(tmp_path / "log").to_json(), ensure_ascii=False)


CSV = b"at,model,input\n"
CSV_ROW = f"{AT},m,7\n".encode()
JSON_ROW = json.dumps({"at": AT, "model": "m", "input": 7}).encode() + b"\n"
# More rows than the first bytes of a file hold, which decide what it is.
MANY = 200_000


@pytest.mark.parametrize("before", [0, 1, MANY])
@pytest.mark.parametrize(("start", "row"), [(CSV, CSV_ROW), (b"", JSON_ROW)])
def test_a_raw_nul_in_a_text_is_shown_as_another_character(tmp_path, start, row, before):
    odd = [row.replace(b"m", b"a\0b", 1) if row is CSV_ROW else row.replace(b'"m"', b'"a\0b"')]
    odd.append(row.replace(b"7", b'"7\0"') if row is JSON_ROW else row.replace(b"7", b"7\0"))
    log = added(tmp_path, start + row * before + b"".join(odd) + row)
    line = before + (2 if start else 1)
    assert log.aggregates.rows == before + 2
    assert set(log.aggregates.frame["model"]) == {"a�b", "m"}
    assert log.bad.counts == {NO_NUMBER: 1}
    assert log.bad.lines == {NO_NUMBER: [line + 1]}
    if not before:
        assert dict(log.seen.first[0])["model"] == "a�b"


def test_a_raw_nul_in_the_name_of_a_column_is_shown_as_another_character(tmp_path):
    log = added(tmp_path, b"at,model,in\0put,input\n" + CSV_ROW.replace(b"7", b"1,7"))
    assert (log.seen.columns[2], log.aggregates.used["input"]) == ("in�put", 7)
    log = added(tmp_path, JSON_ROW.replace(b"{", b'{"in\0put": 1, '))
    assert ("in�put" in log.seen.columns, log.aggregates.used["input"]) == (True, 7)


def test_bytes_that_are_no_text_late_in_a_log_are_named_by_their_line(tmp_path):
    with pytest.raises(LogError, match=f"^Line {MANY + 3:,} is not in UTF-8"):
        added(tmp_path, CSV + CSV_ROW * MANY + b"\0\0\n\0\xff\n" + CSV_ROW)


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01" + bytes(range(128, 256)) * 30


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (PNG, "This is no text"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(32, 256)) * 30, "This is no text"),
        (b"SQLite format 3\0" + b"\x10\0\x01\x01" + b"\0" * 80, "The text is in UTF-16 or no text"),
        (
            "at,model,input\n2026-11-20,ｍ,1\n".encode("utf-16-le"),
            "The text is in UTF-16 or no text",
        ),
        (CSV + CSV_ROW * 5 + b"\0" * 300 + CSV_ROW, "This is no text"),
    ],
    ids=["png", "jpeg", "sqlite", "utf-16", "zeroes"],
)
def test_a_file_of_many_nuls_or_other_bytes_is_no_text(tmp_path, body, sentence):
    with pytest.raises(LogError, match=f"^{sentence}"):
        added(tmp_path, body)


def test_a_letter_at_the_end_of_the_first_bytes_may_be_cut(tmp_path):
    text = CSV + CSV_ROW.replace(b"m", b"a\0")
    for shift in range(3):
        rows = CSV_ROW.replace(b"m", b"x" * shift + "é".encode() * 100) * 6_000
        assert added(tmp_path, text + rows).aggregates.rows == 6_001


@pytest.mark.parametrize("name", ["in\0put", "\0"])
def test_a_column_whose_name_has_a_nul_is_not_there(tmp_path, name):
    log = added(tmp_path, parquet(**{name: [1, 1]}))
    assert log.seen.columns == ("at", "model", "input")
    with pytest.raises(LogError, match="There is no column"):
        added(tmp_path, parquet(), {"at": "at", "model": "model", "input": name})


def test_half_a_surrogate_pair_is_left_out_with_its_line_alone(tmp_path):
    good = json.dumps({"at": AT, "model": "m", "input": 7})
    lines = [good, good.replace('"m"', '"\\ud800"'), good, good.replace('"at"', '"\\udfff":1,"at"')]
    log = added(tmp_path, "\n".join(lines).encode())
    assert log.bad.lines == {"no JSON object": [4]}
    assert log.aggregates.rows_by("model") == {"m": 2, "�": 1}
    assert log.seen.columns == ("at", "model", "input")


def test_a_line_of_json_that_is_deep_is_left_out_alone(tmp_path):
    good = json.dumps({"at": AT, "model": "m", "input": 7}).encode() + b"\n"
    for depth in (5_000, 100_000):
        log = added(tmp_path, good + bombs.deep_json(depth) + good)
        assert log.bad.lines == {"no JSON object": [2]}, depth
        assert log.aggregates.rows == 2
    log = added(tmp_path, bombs.deep_json(100_000) + good)
    assert (log.bad.lines, log.aggregates.rows) == ({"no JSON object": [1]}, 1)


@pytest.mark.parametrize(
    "path", ["meta.a\\", "meta.a]", "meta.$[?(@.a)]", "meta.", "meta..", "meta.\0"]
)
def test_a_path_that_cannot_be_followed_is_empty_or_refused(tmp_path, path):
    body = json.dumps({"at": AT, "model": "m", "input": 7, "meta": {"a": 1}}).encode()
    try:
        log = added(tmp_path, body, {"at": "at", "model": "model", "input": path})
    except LogError as error:
        assert str(error).endswith(".")
    else:
        assert log.aggregates.rows + log.bad.total == 1


@pytest.mark.parametrize(
    "body",
    [
        "at,model,input\n2026-11-20,m,1\n".encode("utf-16"),
        "at,model,input\n2026-11-20,m,1\n".encode("utf-16-le"),
        "at,model,input\n2026-11-20,m,1\n".encode("utf-32"),
        b"at,model,input\n2026-11-20,\xff\xfe,1\n",
        b"\xef\xbb\xbf\xff",
        b"at,,\n1,2,3\n",
        b"at,at\n1,2\n",
        b'"' + b"\n" * 10**6,
        b'"' * 10**6,
        b"[" * 10**6,
        b"{" * 10**6,
        b"{}",
        b'{"":1}\n',
        b"PAR1" + b"\0" * 100 + b"PAR1",
        b"\x28\xb5\x2f\xfd" + b"\xff" * 100,
        b"\x1f\x8b" + b"\xff" * 100,
        gzip.compress(b"", mtime=0),
        bombs.packed_twice(),
        bombs.wide_window(),
        bombs.deep_lists(50),
        bombs.deep_structs(50),
        bombs.new_keys(50, 50),
    ],
    ids=range(22),
)
def test_what_is_no_log_is_a_sentence(tmp_path, body):
    with pytest.raises(LogError) as refused:
        added(tmp_path, body)
    assert str(refused.value).endswith(".") and len(str(refused.value)) < 1000


def test_names_of_columns_are_bounded_together(tmp_path):
    columns = [f"{'x' * 400}{n}" for n in range(300)]
    with pytest.raises(LogError, match="The names of the columns have 120,"):
        added(tmp_path, ",".join(columns).encode() + b"\n")


def test_a_preview_holds_little_of_long_cells(tmp_path):
    body = parquet(**{f"c{n}": ["x" * 10_000] * 2 for n in range(900)})
    (tmp_path / "log").write_bytes(body)
    assert len(json.dumps(seen(tmp_path / "log").to_json())) < 300_000


@pytest.mark.parametrize("make", [bombs.long_text, bombs.long_category])
@pytest.mark.parametrize("field", ["at", "model", "input", "prompt"])
def test_a_long_text_in_every_row_takes_the_memory_of_one(tmp_path, make, field):
    """Of 16 GB: in a process that may have 300 MB."""
    path = tmp_path / "log"
    path.write_bytes(make(field))
    mapping = {name: name for name in ("at", "model", "input")}
    if field in FIELDS:
        mapping[field] = field
    with Reader(megabytes=300) as reader:
        assert reader.preview(PreviewTask(path, LIMIT, mapping), seconds=20).columns
        task = AddUpTask(path, LIMIT, Plan(), mapping)
        log = reader.add_up(task, seconds=20, progress=lambda part: None)
    if field == "prompt":
        assert log.aggregates.rows == 200_000
    else:
        assert log.bad.counts == {f"{field} has more than 300 characters": 200_000}


# ---- anything ----

TEXTS = st.text(max_size=8) | st.sampled_from(
    [AT, "m", "7", "1e400", "NaN", "-1", "", "\0", "9" * 40, "2026-11-20", '"', "{", "0"]
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
SERIES: list[Callable[[], st.SearchStrategy[pl.Series]]] = [
    lambda: st.lists(TEXTS | st.none(), min_size=3, max_size=3).map(
        lambda cells: pl.Series(cells, dtype=pl.String)
    ),
    *(
        lambda dtype=dtype: st.lists(NUMBERS | st.none(), min_size=3, max_size=3).map(
            lambda cells: pl.Series(cells, dtype=pl.Int64).cast(dtype, strict=False)
        )
        for dtype in (
            *(pl.Int8, pl.Int64, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Boolean),
            *(pl.Datetime("us"), pl.Datetime("ms"), pl.Datetime("ns", "UTC"), pl.Duration("us")),
            *(pl.Date, pl.Time, pl.Decimal(38, 3)),
        )
    ),
    lambda: st.lists(st.binary(max_size=5), min_size=3, max_size=3).map(pl.Series),
    lambda: st.lists(st.fixed_dictionaries({"a": NUMBERS, "b": TEXTS}), min_size=3, max_size=3).map(
        pl.Series
    ),
]
NAMES = st.sampled_from(["at", "model", "input", "output", "request", "tier", "metadata", "x"])


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    names = {"at", "model", "input"} | draw(st.sets(NAMES | st.text(max_size=3), max_size=4))
    usual = {"at": [AT] * 3, "model": ["m"] * 3, "input": [1, 2, 3]}
    return pl.DataFrame(
        {
            name: pl.Series(usual[name])
            if name in usual and draw(st.booleans())
            else draw(st.sampled_from(SERIES).flatmap(lambda make: make()))
            for name in names
        }
    )


def survives(folder: Path, body: bytes) -> None:
    path = folder / "log"
    path.write_bytes(body)
    for read in (seen, lambda path: add_up(path, Plan(), limit=LIMIT)):
        try:
            read(path)
        except LogError as error:
            assert str(error).endswith((".", "?"))
            str(error).encode()


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(["parquet", "csv", "jsonl"]))
def test_any_table_is_a_sentence_or_sums(tmp_path_factory, table, form):
    folder = tmp_path_factory.mktemp("any")
    if form == "parquet":
        body = bombs.parquet(table)
    else:
        write = table.select(pl.selectors.string() | pl.selectors.numeric())
        body = (write.write_csv() if form == "csv" else write.write_ndjson()).encode()
    survives(folder, body)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.binary(max_size=40) | TEXTS.map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from([b"", bombs.HEADER, b'{"at": 1}\n', b"PAR1", b"\x1f\x8b"]),
    st.sampled_from([b",", b"\n", b""]),
)
def test_any_bytes_are_a_sentence_or_sums(tmp_path_factory, parts, start, between):
    survives(tmp_path_factory.mktemp("any"), start + between.join(parts))
