"""Usage logs: their shapes, times and bad rows, and files that are no logs."""

import gzip
import json
import random
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard

from usage import parquet_log, text_log, unpacked
from usage.blocks import BadRows, LogError
from usage.formats import SHAPES, known_shape
from usage.preview import FIELDS, EveryRow, preview
from usage.requests import read

PLAIN = "at,model,provider,input,cache_read,output\n2026-11-20T10:00:00Z,gpt-5.4,openai,100,40,7\n"


def write(folder: Path, text: str | bytes, name: str = "log") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows_of(path: Path, mapping: dict[str, str] | None = None) -> list[dict[str, Any]]:
    return [row for batch in read(path, mapping) for row in batch.rows.iter_rows(named=True)]


def bad_of(path: Path) -> BadRows:
    bad = BadRows()
    for batch in read(path):
        bad.join(batch.bad)
    return bad


def csv_of(header: str, *lines: str) -> str:
    return "\n".join((header, *lines)) + "\n"


def jsonl_of(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# ---- shapes ----


def test_our_own_names_are_read_as_they_are(tmp_path: Path) -> None:
    seen = preview(write(tmp_path, PLAIN))
    assert (seen.format, seen.shape, seen.notes, seen.unused) == ("CSV", "", (), ())
    assert seen.mapping == {
        name: (name,) for name in ("at", "model", "provider", "input", "output", "cache_read")
    }
    assert rows_of(write(tmp_path, PLAIN)) == [
        {
            "at": datetime(2026, 11, 20, 10, tzinfo=UTC),
            "model": "gpt-5.4",
            "provider": "openai",
            "tier": "",
            "owner": "",
            "input": 100,
            "output": 7,
            "cache_read": 40,
            "request": 1,
        }
    ]


def test_every_field_of_every_shape_is_a_field() -> None:
    assert {name for shape in SHAPES for name in shape.fields} <= set(FIELDS)
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "LiteLLM spend logs",
            csv_of(
                "request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,"
                "custom_llm_provider,cache_hit,metadata",
                "a,chat,0.01,130,100,30,2026-11-20 10:00:00.5,2026-11-20 10:00:03,"
                "azure/gpt-4.1,azure,None,"
                '"{""usage_object"": {""prompt_tokens_details"": {""cached_tokens"": 64}, '
                '""completion_tokens_details"": {""reasoning_tokens"": 8}}}"',
            ),
            {"model": "azure/gpt-4.1", "provider": "azure", "input": 100, "cache_read": 64,
             "output": 30, "reasoning": 8},
        ),
        (
            "LiteLLM daily spend",
            csv_of(
                "date,model,custom_llm_provider,prompt_tokens,completion_tokens,cache_read_input_tokens,spend,"
                "api_requests",
                "2026-11-20,gpt-4.1,openai,1000,100,200,0.1,12",
            ),
            {"provider": "openai", "input": 1000, "cache_read": 200, "request": 12},
        ),
        (
            "OpenRouter activity",
            csv_of(
                "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,"
                "tokens_cached,model_permaslug,provider_name,variant",
                "gen-1,2026-11-20 10:00:00.040,0.01,500,60,20,300,"
                "anthropic/claude-4.5-sonnet,Anthropic,",
            ),
            {"provider": "openrouter", "input": 500, "output": 60, "reasoning": 20,
             "cache_read": 300},
        ),
        (
            "OpenRouter daily activity",
            jsonl_of(
                {"date": "2026-11-20 00:00:00", "model": "x", "model_permaslug": "openai/gpt-5.4",
                 "provider_name": "OpenAI", "requests": 4, "prompt_tokens": 50,
                 "completion_tokens": 9, "reasoning_tokens": 3}
            ),
            {"model": "openai/gpt-5.4", "provider": "openrouter", "request": 4, "input": 50,
             "reasoning": 3},
        ),
        (
            "Langfuse observations",
            jsonl_of(
                {"id": "o", "traceId": "t", "type": "GENERATION",
                 "startTime": "2026-11-20T10:00:00.000Z", "providedModelName": "gpt-5-mini",
                 "usageDetails": {"input": 36, "input_cached_tokens": 64, "output": 12,
                                  "output_reasoning_tokens": 8, "total": 120}}
            ),
            {"model": "gpt-5-mini", "input": 100, "cache_read": 64, "output": 20, "reasoning": 8},
        ),
        (
            "Helicone requests",
            csv_of(
                "request_id,request_created_at,model,provider,prompt_tokens,completion_tokens,"
                "prompt_cache_read_tokens,prompt_cache_write_tokens,cost",
                "r,2026-11-20T10:00:00Z,claude-sonnet-4-5,ANTHROPIC,10,20,70,30,0.2",
            ),
            {"input": 110, "cache_read": 70, "cache_write": 30, "output": 20,
             "provider": "ANTHROPIC"},
        ),
        (
            "OpenAI usage",
            csv_of(
                "start_time,end_time,model,batch,input_tokens,output_tokens,input_cached_tokens,"
                "num_model_requests",
                "1795168800,1795255200,gpt-4.1-mini,true,1000,100,400,25",
            ),
            {"provider": "openai", "tier": "batch", "input": 1000, "cache_read": 400,
             "request": 25},
        ),
        (
            "Anthropic usage",
            jsonl_of(
                {"starting_at": "2026-11-20T00:00:00Z", "model": "claude-4",
                 "service_tier": "priority", "uncached_input_tokens": 5,
                 "cache_read_input_tokens": 15, "output_tokens": 3,
                 "cache_creation": {"ephemeral_5m_input_tokens": 20,
                                    "ephemeral_1h_input_tokens": 10},
                 "server_tool_use": {"web_search_requests": 2}}
            ),
            {"input": 50, "cache_read": 15, "cache_write": 20, "cache_write_1h": 10,
             "tier": "priority", "web_search": 2, "provider": "anthropic"},
        ),
        (
            "Anthropic responses",
            jsonl_of(
                {"timestamp": "2026-11-20T10:00:00Z", "model": "claude-opus-4-5", "input_tokens": 4,
                 "cache_read_input_tokens": 6, "cache_creation_input_tokens": 10,
                 "output_tokens": 3}
            ),
            {"input": 20, "cache_read": 6, "cache_write": 10, "output": 3},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)  # fmt: skip
def test_a_known_shape_is_recognised_and_read(
    name: str, text: str, expected: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    assert preview(path).shape == name
    (row,) = rows_of(path)
    assert {key: row[key] for key in expected} == expected
    assert row["at"].date() == date(2026, 11, 20)


def test_a_shape_is_known_however_its_columns_are_written() -> None:
    assert (
        known_shape(["Start Time", "PROMPT_TOKENS", "completion-tokens", "Spend"]).name
        == "LiteLLM spend logs"
    )
    assert known_shape(["input", "output"]).name == ""


def test_a_preview_names_what_is_not_used_and_what_is_assumed(tmp_path: Path) -> None:
    seen = preview(
        write(
            tmp_path,
            csv_of("timestamp,model,prompt_tokens,user", "2026-11-20 10:00:00,gpt-4.1,5,eve"),
        )
    )
    assert seen.unused == ("user",)
    assert list(seen.first[0].values()) == ["2026-11-20 10:00:00", "gpt-4.1", "5", "eve"]
    assert seen.notes == ("Times state no zone: they are read as UTC.",)
    assert json.loads(json.dumps(seen.to_json()))["mapping"]["input"] == ["prompt_tokens"]


def test_the_caller_says_what_a_column_means(tmp_path: Path) -> None:
    path = write(tmp_path, csv_of("when,which,in,out", "2026-11-20T10:00:00Z,gpt-4.1,5,6"))
    mapping = {"at": "when", "model": "which", "input": "in", "output": "out"}
    assert rows_of(path, mapping)[0]["output"] == 6
    with pytest.raises(
        LogError, match=r"^There is no column “inn”: the columns are when, which, in, out\.$"
    ):
        preview(path, mapping | {"input": "inn"})
    with pytest.raises(LogError, match="There is no field “inputs”"):
        preview(path, mapping | {"inputs": "in"})


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            "at,input,output",
            "No column holds the model: the columns are at, input, output.",
        ),
        (
            "model,input,output",
            "No column holds the time of a request: the columns are model, input, output.",
        ),
        (
            "at,model,text",
            "No column counts what was used, such as input_tokens: "
            "the columns are at, model, text.",
        ),
    ],
)
def test_a_missing_column_is_named(header: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(LogError) as error:
        preview(write(tmp_path, csv_of(header, "1,2,3")))
    assert str(error.value) == says


def test_what_is_said_of_every_row_stands_for_the_columns_that_are_missing(tmp_path: Path) -> None:
    path = write(tmp_path, csv_of("model,input,output", "gpt-4.1,5,6", "gpt-4.1,7,8"))
    at = datetime(2026, 10, 1, tzinfo=UTC)
    (batch,) = read(path, every=EveryRow("openai", at))
    assert batch.rows.select("at", "provider").unique().rows() == [(at, "openai")]
    assert (batch.rows.height, batch.bad.counts) == (2, {})


def test_an_instant_of_every_row_is_nothing_to_a_log_with_times_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    every = EveryRow("azure", datetime(2026, 10, 1, tzinfo=UTC))
    (batch,) = read(path, every=every)
    assert batch.rows.select("at", "provider").rows() == [
        (datetime(2026, 11, 20, 10, tzinfo=UTC), "azure")
    ]
    assert preview(path, every=every).at is None


# ---- cells ----


@pytest.mark.parametrize(
    "spelt",
    [
        *("2026-11-20T10:00:05.25Z", "2026-11-20T10:00:05.250", "2026-11-20 10:00:05.250000"),
        *(
            "2026-11-20 10:00:05.25+00",
            "2026-11-20T12:00:05.250+02:00",
            "2026-11-20 10:00:05.25 UTC",
        ),
        *("1795168805250", "1795168805.25", "1795168805250000", "2026-11-20T10:00:05.250000000Z"),
    ],
)
def test_a_time_is_read_however_it_is_spelt(spelt: str, tmp_path: Path) -> None:
    meant = datetime(2026, 11, 20, 10, 0, 5, 250_000, tzinfo=UTC)
    others = ("2026-11-20T10:00:00Z", "1795168800", "2026-11-20 10:00:00+01:00")
    assert rows_of(write(tmp_path, csv_of("at,model,input", f"{spelt},m,1")))[0]["at"] == meant
    for first in others:  # whatever the rows before it look like
        text = csv_of("at,model,input", f"{first},m,1", f"{spelt},m,1")
        assert rows_of(write(tmp_path, text))[1]["at"] == meant


def test_times_by_the_minute_are_those_of_the_standard_library(tmp_path: Path) -> None:
    chance = random.Random(5)
    start = datetime(2024, 2, 28, tzinfo=UTC)
    meant = [start + timedelta(microseconds=chance.randrange(3 * 10**14)) for _ in range(500)]
    text = csv_of("at,model,input", *(f"{at:%Y-%m-%dT%H:%M:%S.%f}Z,m,1" for at in meant))
    assert [row["at"] for row in rows_of(write(tmp_path, text))] == meant


def test_a_number_is_whole_however_it_is_written(tmp_path: Path) -> None:
    text = csv_of(
        "at,model,input,output", *(f"2026-11-20,m,{n},1" for n in ("150.0", "1.5e2", " 150", "150"))
    )
    assert [row["input"] for row in rows_of(write(tmp_path, text))] == [150] * 4


def test_a_meter_with_fractions_is_counted_in_billionths(tmp_path: Path) -> None:
    path = write(tmp_path, csv_of("at,model,audio_hour,video_second", "2026-11-20,m,0.25,3"))
    assert {key: rows_of(path)[0][key] for key in ("audio_hour", "video_second")} == {
        "audio_hour": 250_000_000,
        "video_second": 3_000_000_000,
    }


def test_tiers_go_by_one_name(tmp_path: Path) -> None:
    tiers = ("", "default", "auto", "Standard", "null", "Batch", "priority")
    path = write(
        tmp_path, csv_of("at,model,input,tier", *(f"2026-11-20,m,1,{tier}" for tier in tiers))
    )
    assert [row["tier"] for row in rows_of(path)] == [""] * 5 + ["batch", "priority"]


# ---- bad rows ----


def test_bad_rows_are_counted_with_their_lines_and_left_out(tmp_path: Path) -> None:
    lines = [
        "2026-11-20,m,10,2,5,1",
        ",m,10,2,5,1",
        "yesterday,m,10,2,5,1",
        "1970-01-20,m,10,2,5,1",
        "2026-11-20,,10,2,5,1",
        "2026-11-20,m,-10,2,5,1",
        "2026-11-20,m,ten,2,5,1",
        "2026-11-20,m,10.5,2,5,1",
        "2026-11-20,m,10,11,5,1",
        "2026-11-20,m,10,2,5,6",
        "2026-11-20,m,,,,",
        "2026-11-20,m,1000000000001,2,5,1",
        "2026-11-20,m,10,2,5",
        "2026-11-20,m,10,2,5,1,9",
        "2026-11-20,m,10,,5,",
        "2026-11-20,m,99999999999999999999,2,5,1",
    ]
    path = write(tmp_path, csv_of("at,model,input,cache_read,output,reasoning", *lines))
    assert bad_of(path).lines == {
        "more or fewer fields than columns": [14, 15],
        "no time that can be read": [3, 4],
        "a time outside of 2015 to 2100": [5],
        "no model": [6],
        "input is negative": [7],
        "input is not a whole number": [8, 9, 17],
        "the parts of input are more than all of it": [10],
        "the parts of output are more than all of it": [11],
        "nothing was counted": [12],
        "input is beyond any request": [13],
    }
    assert bad_of(path).total == 14
    assert [(row["input"], row["cache_read"], row["reasoning"]) for row in rows_of(path)] == [
        (10, 2, 1),
        (10, 0, 0),
    ]


def test_every_row_is_read_or_counted_whatever_is_in_it(tmp_path: Path) -> None:
    chance = random.Random(3)
    cells = (
        "2026-11-20",
        "m",
        "1",
        "-1",
        "",
        "x",
        "9e9",
        '"a ""b"", c"',
        '"two\nlines"',
        "1,2",
        "é",
        "\t",
    )
    for case in range(150):
        number = chance.randrange(1, 12)
        rows = [",".join(chance.choice(cells) for _ in range(4)) for _ in range(number)]
        path = write(tmp_path, csv_of("at,model,input,output", "2026-11-20,m,1,1", *rows))
        batches = list(read(path))
        read_rows = sum(batch.rows.height for batch in batches)
        blank = sum(not row.strip("\r\n") for row in rows)
        assert read_rows + sum(batch.bad.total for batch in batches) == number + 1 - blank, case


def test_a_gateways_own_answers_are_left_out_by_name(tmp_path: Path) -> None:
    header = "startTime,model,prompt_tokens,completion_tokens,spend,cache_hit"
    path = write(tmp_path, csv_of(header, "2026-11-20,m,1,1,0,True", "2026-11-20,m,1,1,0,False"))
    assert bad_of(path).counts == {"answered from the gateway's own cache": 1}
    assert len(rows_of(path)) == 1


def test_lines_are_those_of_the_file_though_fields_have_lines_within(tmp_path: Path) -> None:
    path = write(
        tmp_path, csv_of("at,model,input,note", '2026-11-20,m,1,"a\nb\n"', "2026-11-20,m,-1,x")
    )
    assert bad_of(path).lines == {"input is negative": [5]}


def test_lines_of_json_that_do_not_read_are_counted(tmp_path: Path) -> None:
    good = json.dumps({"at": "2026-11-20", "model": "m", "input": 1})
    path = write(
        tmp_path,
        f"{good}\n\n{{broken\n[1]\n{good}\n" + json.dumps({"at": "2026-11-20", "input": 1}) + "\n",
    )
    assert bad_of(path).lines == {"no JSON object": [3, 4], "no model": [6]}
    assert len(rows_of(path)) == 2


def test_only_the_first_lines_of_a_reason_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path, csv_of("at,model,input", *["2026-11-20,m,-1"] * 1000))
    assert bad_of(path).counts == {"input is negative": 1000}
    assert bad_of(path).lines == {"input is negative": list(range(2, 12))}


# ---- files ----


def many(number: int) -> str:
    return csv_of(
        "at,model,input,output",
        *(f"2026-11-20T10:00:00Z,model-{n % 3},{n},1" for n in range(number)),
    )


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"]
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_formats_and_packings_are_told_by_their_bytes(kind: str, pack: Any, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"at": ["2026-11-20T10:00:00Z"] * 3, "model": ["m"] * 3, "input": [1, 2, -3]}
    )
    text = {"csv": frame.write_csv, "jsonl": frame.write_ndjson}.get(kind)
    if text:
        text(tmp_path / "plain")
    else:
        frame.write_parquet(tmp_path / "plain")
    path = write(tmp_path, pack((tmp_path / "plain").read_bytes()), "no-extension")
    assert [row["input"] for row in rows_of(path)] == [1, 2]
    assert bad_of(path).counts == {"input is negative": 1}
    assert preview(path).format.startswith(
        {"csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet"}[kind]
    )


def test_a_log_is_read_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_BLOCK", 1000), ("_START", 100), ("_CHUNK", 64)):
        monkeypatch.setattr(unpacked, name, size)
    path = write(tmp_path, many(500))
    batches = list(read(path))
    assert len(batches) > 10
    assert [row["input"] for batch in batches for row in batch.rows.iter_rows(named=True)] == list(
        range(500)
    )
    parts = [batch.progress for batch in batches]
    assert parts == sorted(parts) and parts[-1] == 1.0
    bad = csv_of("at,model,input,note", *('2026-11-20,m,-1,"x\ny"' for _ in range(100)))
    assert bad_of(write(tmp_path, bad)).lines == {"input is negative": list(range(2, 22, 2))}


def test_a_sound_log_is_never_looked_at_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(text_log.TextLog, "_mended_csv")
    header, row = PLAIN.splitlines(keepends=True)
    path = write(tmp_path, header + row * 40_000)
    assert len(preview(path).first) == 5
    assert sum(batch.rows.height for batch in read(path)) == 40_000


def test_a_parquet_is_read_slice_by_slice_however_its_rows_are_grouped(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(parquet_log, "_ROWS_AT_ONCE", 10)
    counts = [-1 if n in (0, 9, 10, 24) else n for n in range(25)]
    frame = pl.DataFrame({"at": ["2026-11-20"] * 25, "model": ["m"] * 25, "input": counts})
    for size in (1, 7, 25):
        frame.write_parquet(tmp_path / "log", row_group_size=size)
        batches = list(read(tmp_path / "log"))
        assert [batch.rows.height for batch in batches] == [8, 9, 4]
        assert bad_of(tmp_path / "log").lines == {"input is negative": [1, 10, 11, 25]}


def test_types_of_parquet_are_taken_as_they_are(tmp_path: Path) -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=2)))
    frame = pl.DataFrame(
        {
            "at": [at, at],
            "model": ["m", "m"],
            "input": [1.0, 2.5],
            "output": pl.Series([1, None], dtype=pl.UInt8),
            "usageDetails": [{"input": 1}, {"input": 2}],
        }
    )
    frame.write_parquet(tmp_path / "log")
    rows = rows_of(
        tmp_path / "log",
        {"at": "at", "model": "model", "input": "usageDetails.input", "output": "output"},
    )
    assert [(row["input"], row["output"]) for row in rows] == [(1, 1), (2, 0)]
    assert rows[0]["at"] == at
    assert bad_of(tmp_path / "log").lines == {"input is not a whole number": [2]}


def utf16() -> bytes:
    return PLAIN.encode("utf-16")


def truncated_parquet() -> bytes:
    path = Path(unpacked.tempfile.mkdtemp()) / "whole"
    pl.DataFrame(
        {"at": ["2026-11-20"] * 99, "model": ["m"] * 99, "input": list(range(99))}
    ).write_parquet(path)
    body = path.read_bytes()
    path.unlink()
    path.parent.rmdir()
    return body[: len(body) // 2]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "The file is empty."),
        (b"\n\n  \n", "The file is empty."),
        (gzip.compress(b"", mtime=0), "The file is empty."),
        (utf16(), "The text is in UTF-16 or no text at all: save it as UTF-8."),
        (
            PLAIN.replace("gpt-5.4", "modèle").encode("latin-1"),
            "Line 2 is not in UTF-8: save the log in that encoding.",
        ),
        (
            b"PK\x03\x04" + bytes(50),
            "This is a zip (or a spreadsheet): unpack it, or save it as CSV.",
        ),
        (
            b"\x89PNG\r\n\0\0\1",
            "This is no text, and no Parquet either: CSV, JSON lines and Parquet can be read.",
        ),
        (b"%PDF-1.7\n\0\0\1", "This is a PDF: export the usage as CSV, JSON lines or Parquet."),
        (b'[{"at": 1}]', "No column holds the model: the columns are at."),
        (b"at,model,input,input\n1,2,3,4\n", "Two columns are called “input”."),
        (b"1,2,3\n4,5,6\n", "The first line does not name the columns."),
        (
            gzip.compress(PLAIN.encode() * 50, mtime=0)[:-20],
            "The file is damaged or ends too early",
        ),
        (
            gzip.compress(PLAIN.encode() * 50, mtime=0)[:20] + bytes(30),
            "The file is damaged or ends too early",
        ),
        (
            zstandard.compress(PLAIN.encode() * 50)[:-9] + bytes(9),
            "The file is damaged or ends too early",
        ),
        (zstandard.compress(PLAIN.encode() * 50)[:-9], "The file is damaged or ends too early"),
        (
            zstandard.compress(random.Random(1).randbytes(9).hex().encode())[:9],
            "The file is damaged or",
        ),
        (
            b'at,model,input,<b>x</b>"\n2026-11-20,m,1,1\n',
            "The names of the columns cannot be read",
        ),
        (
            ",".join(["at", "model", *map(str, range(9000))]).encode(),
            "The log has 9,002 columns, and 1,000",
        ),
        (b"at,model,input," + b"x" * 501, "The name of a column has more than 500 characters."),
        (truncated_parquet(), "The Parquet file is damaged or ends too early"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(body: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(LogError) as error:
        list(read(write(tmp_path, body)))
    assert str(error.value).startswith(says)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"^none cannot be opened: No such file or directory\.$"):
        preview(tmp_path / "none")


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"]
)
def test_no_more_is_unpacked_than_the_limit(pack: Any, tmp_path: Path) -> None:
    path = write(tmp_path, pack(PLAIN.encode() + b"\n" * 20_000_000))
    with pytest.raises(LogError, match="The log is larger than 10 MB unpacked, which is the limit"):
        list(read(path, limit=10**7))


def test_a_line_without_an_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_log, "_LONGEST_LINE", 2**22)
    path = write(tmp_path, PLAIN + '2026-11-20,"' + "x" * 2**24)
    with pytest.raises(
        LogError, match="Line 3 or one after it is endless, or its quotes are not closed"
    ):
        list(read(path))


def test_zstd_is_read_frame_after_frame(tmp_path: Path) -> None:
    header, row = PLAIN.encode().splitlines(keepends=True)
    skipped = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    frames = [
        zstandard.compress(header),
        skipped,
        *(zstandard.compress(row * 20_000) for _ in range(3)),
    ]
    assert len(rows_of(write(tmp_path, b"".join(frames)))) == 60_000


def test_a_packed_parquet_leaves_nothing_behind(tmp_path: Path) -> None:
    frame = pl.DataFrame({"at": ["2026-11-20"] * 3, "model": ["m"] * 3, "input": [1, 2, 3]})
    frame.write_parquet(tmp_path / "plain")
    path = write(tmp_path, gzip.compress((tmp_path / "plain").read_bytes()))
    assert len(rows_of(path)) == 3
    with pytest.raises(LogError):
        list(read(path, limit=100))
    assert next(read(path)).rows.height  # a reader that stops in the middle
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log", "plain"]


def test_what_a_packed_parquet_unpacks_to_leaves_space_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, gzip.compress(b"PAR1" + b"x" * 2**22))
    monkeypatch.setattr(unpacked, "LEFT_FREE", 10**18)
    with pytest.raises(LogError, match="the disk has too little space"):
        list(read(path))
    assert [each.name for each in tmp_path.iterdir()] == ["log"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the file has a name")
def test_a_reader_that_is_killed_leaves_nothing_of_a_packed_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame({"at": ["2026-11-20"], "model": ["m"], "input": [1]})
    frame.write_parquet(tmp_path / "plain")
    path = write(tmp_path, gzip.compress((tmp_path / "plain").read_bytes()))
    program = """
import os, signal, sys
from pathlib import Path
from usage.files import opened
with opened(Path(sys.argv[1]), 10**6) as log:
    assert log.rows == 1
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log", "plain"]


def test_a_name_with_wildcards_is_that_one_file(tmp_path: Path) -> None:
    frame = pl.DataFrame({"at": ["2026-11-20"], "model": ["m"], "input": [1]})
    frame.write_parquet(tmp_path / "a[1]*.parquet")
    frame.write_parquet(tmp_path / "a1.parquet")
    assert len(rows_of(tmp_path / "a[1]*.parquet")) == 1
