"""Totals, units and objects of a usage log: what contains what, and what is no meter."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricing.regime_plan import Plan
from usage.add_up import AddedLog, add_up
from usage.blocks import LogError
from usage.documents import records
from usage.nested import BROKEN, flat, leaves
from usage.parts import CONTRADICTED, WRITES_DIFFER, Beside, settled
from usage.requests import ONLY_TOTAL
from usage.response_shapes import SPELLINGS as REPORTED
from usage.sizes import NO_SIZES, Sizes, sums
from usage.spellings import NOT_OF_LOGS, meaning
from usage.text_log import _LONGEST_LINE

AT = "2026-11-20T10:00:00Z"


def added(folder: Path, body: str | bytes, sizes: Sizes = NO_SIZES) -> AddedLog:
    path = folder / "log"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return add_up(path, Plan(), sizes=sizes)


def used(log: AddedLog) -> dict[str, int]:
    counted = log.aggregates.used
    return {slug: int(number) for slug, number in counted.items() if number and slug != "request"}


def line(**counts: Any) -> str:
    return json.dumps({"timestamp": AT, "model": "m", "provider": "p", **counts}) + "\n"


# ---- totals ----


def reading(counts: dict[str, int], *, beside: bool = False) -> tuple[dict[str, Any], list[str]]:
    rows = pl.DataFrame({slug: pl.Series([n], dtype=pl.Int64) for slug, n in counts.items()})
    read, flaws = settled(rows, Beside(pl.Series([beside]), pl.Series([False])))
    found = {slug: n for slug, n in read.row(0, named=True).items() if n}
    return found, [reason for reason, flaw in flaws.items() if flaw.any()]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # All of the tokens, and what is left of them for the output.
        ({"input": 70, "total": 100}, {"input": 70, "output": 30}),
        ({"output": 30, "total": 100}, {"input": 70, "output": 30}),
        ({"total": 100}, {"input": 100}),
        # A total of nothing beside counts is none.
        ({"input": 70, "output": 30, "total": 0}, {"input": 70, "output": 30}),
        # Within, and beside.
        ({"input": 70, "output": 30, "cache_read": 20, "total": 100}, {"input": 70, "output": 30}),
        ({"input": 70, "output": 30, "cache_read": 20, "total": 120}, {"input": 90, "output": 30}),
        ({"input": 70, "output": 30, "reasoning": 9, "total": 109}, {"input": 70, "output": 39}),
        # What tools put into the prompt is input.
        ({"input": 70, "output": 30, "input_of_tools": 5, "total": 105}, {"input": 75}),
        ({"input_of_tools": 5}, {"input": 5}),
        # By their life, and the others.
        (
            {"input": 70, "cache_write_all": 30, "cache_write_1h": 10},
            {"cache_write": 20, "cache_write_1h": 10},
        ),
        ({"input": 70, "cache_write_all": 30}, {"cache_write": 30}),
        ({"input": 70, "cache_write_all": 0, "cache_write": 12}, {"cache_write": 12}),
        ({"input_rest": 70, "cache_read": 20}, {"input": 90, "cache_read": 20}),
        # Cached audio is in the cached and in the audio tokens.
        (
            {"input": 70, "output": 30, "total": 100}
            | {"cache_read": 40, "input_audio": 50, "cache_read_audio": 25},
            {"input": 70, "output": 30},
        ),
        (
            {"input": 70, "output": 30, "total": 165}
            | {"cache_read": 40, "input_audio": 50, "cache_read_audio": 25},
            {"input": 135, "output": 30},
        ),
    ],
)
def test_what_contains_what_is_settled(counts: dict[str, int], expected: dict[str, int]) -> None:
    found, flaws = reading(counts)
    assert expected.items() <= found.items() and not flaws


def test_parts_that_are_too_many_to_be_within_are_beside_though_the_total_leaves_them_out() -> None:
    counts = {"input": 70, "output": 30, "cache_read": 900, "total": 100}
    assert reading(counts, beside=True)[0]["input"] == 970
    assert reading(counts)[1] == [CONTRADICTED]


def test_a_total_or_writes_that_contradict_are_flaws() -> None:
    assert reading({"input": 70, "output": 30, "cache_read": 20, "total": 99})[1] == [CONTRADICTED]
    lives = {"cache_write": 10, "cache_write_1h": 10}
    assert reading({"input": 70, "cache_write_all": 30} | lives)[1] == [WRITES_DIFFER]
    more = {"input": 700, "output": 5, "cache_write_all": 100, "cache_write_1h": 200}
    assert reading(more)[1] == reading(more | {"total": 705})[1] == [WRITES_DIFFER]
    apart, flaws = reading(more | {"cache_read": 4, "total": 1009}, beside=True)
    assert (apart["input"], apart["cache_write"], flaws) == (1004, 100, [])


def test_pages_of_documents_are_read_as_where_they_are_pasted(tmp_path: Path) -> None:
    read = added(tmp_path, line(usage_info={"pages_processed": 29, "doc_size_bytes": 124_000}))
    assert used(read) == {"page": 29} and not read.unread


def test_a_total_alone_is_no_input_of_a_model_that_bills_output(tmp_path: Path) -> None:
    body = line(model="Writer", total_tokens=9) + line(model="vectors", total_tokens=5)
    log = added(tmp_path, body, Sizes(writers=frozenset({"writer"})))
    assert used(log) == {"input": 5} and log.bad.lines == {ONLY_TOTAL: [1]}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"provider": "openai"}, 1000),
        ({"model": "openai/gpt-5-mini", "provider": "gateway"}, 1000),
        ({"model": "gpt-5"}, 1000),
        ({"model": "gemini-3.5-flash"}, 1000),
        ({"model": "claude-sonnet-4-5"}, 1800),
        ({"model": "claude-sonnet-4-5", "provider": "google-vertex"}, 1800),
        ({"model": "o"}, 1800),
        # A total shows it, whichever it is.
        ({"provider": "openai", "total_tokens": 1810}, 1800),
        ({"model": "claude-sonnet-4-5", "total_tokens": 1010}, 1000),
    ],
)
def test_openai_and_google_count_cached_tokens_within_the_input(
    names: dict[str, Any], expected: int, tmp_path: Path
) -> None:
    usage = {"input_tokens": 1000, "output_tokens": 10, "cache_read_input_tokens": 800}
    for more in ({}, {"prompt": "x"}):
        assert used(added(tmp_path, line(**usage, **names, **more)))["input"] == expected
    # Also where the shape is no known one.
    nested = {"usage": usage} | names
    assert used(added(tmp_path, line(**nested)))["input"] == expected


def test_a_count_that_another_column_contradicts_is_listed(tmp_path: Path) -> None:
    log = added(
        tmp_path,
        line(prompt_tokens=250, input_tokens=100, completion_tokens=7, output_tokens=7)
        + line(prompt_tokens=250, input_tokens=250)
        + line(prompt_tokens=0, input_tokens=40, output_tokens=0)
        + line(prompt_tokens=90, input_tokens=30, output_tokens=1),
    )
    assert used(log)["input"] == 250 + 250 + 40 + 90
    assert {one.path: (one.rows, one.total) for one in log.unread} == {"input_tokens": (2, 130)}


def test_the_rest_of_a_count_beside_all_of_it_contradicts_nothing(tmp_path: Path) -> None:
    cached = {"cache_read_input_tokens": 20, "cache_creation_input_tokens": 5}
    log = added(
        tmp_path,
        line(prompt_tokens=100, input_tokens=75, output_tokens=1, **cached)
        + line(prompt_tokens=100, input_tokens=80, output_tokens=1, **cached)
        + line(completion_tokens=13, output_tokens=10, reasoning_tokens=3),
    )
    assert used(log)["output"] == 2 + 13 and not log.unread


def test_a_field_of_a_pasted_usage_is_the_same_field_in_a_log() -> None:
    renamed = {"written": "cache_write_all", "written_5m": "cache_write"}
    for slug, spelt in REPORTED.items():
        for path in spelt:
            # Sums are those of lists by modality and of what Google's tools put into the prompt.
            if " + " in path or slug in NOT_OF_LOGS or path in NOT_OF_LOGS:
                continue
            for led_to in (path, f"usage.{path}", f"response.body.usage.{path}"):
                found = meaning(led_to)
                assert found and found[0] == renamed.get(slug, slug), led_to


def test_documents_are_pictures_and_searches_and_code_are_counted(tmp_path: Path) -> None:
    parts = [{"modality": m, "tokenCount": n} for m, n in (("IMAGE", 20), ("DOCUMENT", 30))]
    answered = [{"modality": "AUDIO", "tokenCount": 9}]
    google = {"promptTokenCount": 100, "responseTokenCount": 9}
    details = {"promptTokensDetails": parts, "responseTokensDetails": answered}
    calls = {"code_interpreter_calls": 2, "web_search_calls": 3}
    log = added(
        tmp_path,
        line(usageMetadata=google | details)
        + line(usage={"prompt_tokens": 5, "server_side_tool_usage_details": calls})
        + line(usage={"input_tokens": 7, "cache_details": [{"ttl": "12h", "inputTokens": 4}]}),
    )
    found = used(log)
    assert (found["input_image"], found["output_audio"]) == (50, 9)
    assert (found["code_execution"], found["web_search"], found["cache_write_12h"]) == (2, 3, 4)
    assert not log.unread


# ---- units beside tokens ----


def test_seconds_and_characters_beside_tokens_are_no_meters_and_are_listed(tmp_path: Path) -> None:
    body = line(input_tokens=5, seconds=1.5, characters=20) + line(seconds=60)
    log = added(tmp_path, body + line(characters=7) + line(input_tokens=5, audio_seconds=2))
    assert used(log) == {"input": 10, "audio_second_in": 62, "input_character": 7}
    assert {one.path: (one.rows, one.total) for one in log.unread} == {
        "seconds": (1, 1.5),
        "characters": (1, 20),
    }


def test_the_longest_request_is_by_the_name_of_its_model() -> None:
    rows = pl.DataFrame({"model": ["Short", "long", "other"], "input": [90, 90, 90]})
    none = pl.Series([False] * 3)
    by_name = sums(rows, none, Sizes({"short": 80, "long": 100}, most=85))
    assert by_name["summed"].to_list() == [True, False, True]
    assert "summed" not in sums(rows, none, Sizes({"short": 90}, most=90)).columns


# ---- objects, lists and documents ----


def test_lists_of_objects_are_read_as_text_and_as_parquet_has_them(tmp_path: Path) -> None:
    details = [{"ttl": "5m", "inputTokens": 3}, {"ttl": "1h", "inputTokens": 4}]
    usage = {"inputTokens": 10, "cacheWriteInputTokens": 7, "cacheDetails": details}
    log = added(tmp_path, line(**usage))
    expected = {"input": 17, "cache_write": 3, "cache_write_1h": 4}
    assert used(log) == expected
    frame = pl.DataFrame({"timestamp": [AT], "model": ["m"], **{k: [v] for k, v in usage.items()}})
    frame.write_parquet(tmp_path / "parquet")
    assert used(add_up(tmp_path / "parquet", Plan())) == expected


def test_only_numbers_flags_and_short_texts_are_leaves() -> None:
    value = {"a": {"b": 1, "c": True, "d": "x" * 400, "e": None, "content": {"f": 1}}, "g": [1, 2]}
    assert dict(leaves(value, "u")) == {"u.a.b": "1", "u.a.c": "true"}
    listed = [{"type": "A", "n": 2}, {"type": "a", "n": 3}, {"n": 0.5}]
    assert dict(leaves(listed, "u")) == {"u[a].n": "5", "u[].n": "0.5"}
    deep: Any = 1
    for _ in range(40):
        deep = {"a": deep}
    assert not dict(leaves(deep, "u"))


def test_what_a_column_holds_is_beside_it_and_content_is_not() -> None:
    frame = flat(pl.DataFrame({"usage": ['{"n": 5}', "{broken", None], "prompt": ['{"n": 6}'] * 3}))
    assert frame.columns == ["usage", "prompt", "usage.n", f"usage {BROKEN}"]
    assert frame["usage.n"].to_list() == ["5", None, None]
    assert frame[f"usage {BROKEN}"].to_list() == [None, 1, None]


def test_a_record_has_the_values_of_the_pages_around_it() -> None:
    bucket = {"object": "bucket", "start_time": 5, "results": [{"n": 1}, {"n": 2}]}
    page = {"object": "page", "data": [bucket, bucket | {"results": []}], "has_more": False}
    assert list(records(page)) == [{"start_time": 5, "n": 1}, {"start_time": 5, "n": 2}]
    assert list(records({"data": {"n": 1}})) == [{"n": 1}]
    assert list(records([[{"n": 1}], 5])) == [{"n": 1}]
    answer = {"usage": {"n": 1}, "data": [{"embedding": [1]}]}
    assert list(records(answer)) == [answer]


def test_a_generation_of_openrouter_is_billed_there(tmp_path: Path) -> None:
    generation = {
        "id": "gen-1",
        "created_at": AT,
        "model": "openai/gpt-5",
        "provider_name": "OpenAI",
        "tokens_prompt": 90,
        "native_tokens_prompt": 100,
        "native_tokens_completion": 50,
        "total_cost": 0.5,
        "usage": 0.5,
    }
    answer = json.dumps({"data": generation}) + "\n"
    log = added(tmp_path, answer + answer.replace("gen-1", "gen-2") + answer)
    assert log.seen.shape == "OpenRouter generations" and log.seen.provider == "openrouter"
    assert used(log) == {"input": 200, "output": 100}
    assert log.aggregates.billed[1] == 2 and not log.unread


def test_a_first_line_of_any_length_is_read_up_to_the_longest(tmp_path: Path) -> None:
    long = line(input_tokens=5, pad="x" * 40_000_000)
    assert used(added(tmp_path, long + line(input_tokens=2))) == {"input": 7}
    with pytest.raises(LogError, match="Line 1 has more than 64 MB"):
        added(tmp_path, line(input_tokens=5, pad="x" * (_LONGEST_LINE + 2**20)))
