"""Values of usage logs that are odd or hostile: nothing is dropped, and nothing breaks."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.aggregates import Plan
from usage.add_up import AddedLog, add_up
from usage.blocks import LogError
from usage.numbers import decimal_mark, number_of
from usage.sizes import MOST, window_of
from usage.spellings import is_no_use


def added(folder: Path, text: str, **options: int) -> AddedLog:
    path = folder / "log"
    path.write_text(text)
    return add_up(path, Plan(), **options)


def unread(log: AddedLog) -> dict[str, tuple[int, float]]:
    return {one.path: (one.rows, one.total) for one in log.unread}


@pytest.mark.parametrize(
    "name",
    [
        *("number_of_images", "code_execution_requests", "code_interpreter_sessions"),
        *("audio_duration_seconds", "batch_input_tokens", "priorityInputTokens", "cost_eur"),
    ],
)
def test_a_quantity_is_not_hidden_by_another_word_of_its_name(name: str) -> None:
    assert not is_no_use(name)


@pytest.mark.parametrize(
    "name",
    [
        *("latency_ms", "max_tokens", "tokens_per_second", "time_to_first_token", "status_code"),
        *("cost_web_search", "duration_seconds", "page_number", "avg_tokens", "top_p"),
    ],
)
def test_settings_and_speeds_are_no_quantities(name: str) -> None:
    assert is_no_use(name)


def test_costs_in_another_currency_are_told_and_not_compared(tmp_path: Path) -> None:
    log = added(
        tmp_path,
        "at,model,input,cost,currency\n"
        "2026-11-20T10:00:00Z,m,1,3.10,EUR\n"
        "2026-11-20T10:00:00Z,m,1,2.05,USD\n"
        "2026-11-20T10:00:00Z,m,1,1.00,\n",
    )
    assert log.aggregates.billed == (Decimal("3.05"), 2)
    assert unread(log) == {"cost (EUR)": (1, 3.1)}


def test_a_cost_that_may_be_two_numbers_is_told(tmp_path: Path) -> None:
    rows = ["2026-11-20T10:00:00Z,m,1,2"] * 1200
    log = added(tmp_path, "\n".join(["at,model,input,cost", *rows, rows[0][:-1] + "1.234"]))
    assert log.aggregates.billed == (Decimal(2400), 1200)
    assert unread(log) == {"cost (may be two numbers, or none)": (1, 1.0)}


def test_json_that_is_cut_off_is_told(tmp_path: Path) -> None:
    whole, cut = '"{""tokens_of_x"": 5}"', '"{""cache_read_input_tokens"": 800"'
    row = "2026-11-20T10:00:00Z,m,1,{}\n"
    log = added(tmp_path, "at,model,input,metadata\n" + row.format(whole) + row.format(cut))
    assert unread(log) == {
        "metadata.tokens_of_x": (1, 5.0),
        "metadata (cut off, or too long to be read)": (1, 1.0),
    }


def test_sums_by_day_may_be_written_at_midnight(tmp_path: Path) -> None:
    days = [f"2026-11-{day} 00:00:00,m,900000" for day in (20, 21)]
    assert added(tmp_path, "\n".join(["at,model,input", *days])).aggregates.sums == 2
    one = added(tmp_path, "at,model,input\n2026-11-20 00:00:00,m,9\n2026-11-20 10:00:00,m,9\n")
    assert one.aggregates.sums == 0


def test_numbers_beyond_every_quantity_do_no_harm(tmp_path: Path) -> None:
    rows = [
        {"at": "2026-11-20T10:00:00Z", "model": "m", "input": 1, "foo": 1e308, "bar": [{"n": n}]}
        for n in (10**30, 1.5, -(10**30))
    ]
    log = added(tmp_path, "\n".join(map(json.dumps, rows)))
    assert (log.aggregates.rows, unread(log)) == (3, {"bar[].n": (1, 1.5)})
    assert window_of("9" * 299) == (0, MOST)
    assert window_of("9" * 400 + "k") == (0, MOST)


def test_a_long_cell_takes_no_time() -> None:
    # The time of a quadratic search here would be minutes.
    assert number_of("1" + " " * 200_000 + "x") is None


def test_a_fraction_below_one_shows_its_mark() -> None:
    assert decimal_mark(["0.123", "1.234"], whole=False) == {"."}
    assert decimal_mark(["0,123", "1,234"], whole=False) == {","}


def test_values_of_a_page_that_are_long_are_not_repeated(tmp_path: Path) -> None:
    record = {"model": "m", "input": 1, "at": "2026-11-20T10:00:00Z"}
    page = {"note": "x" * 300_000, "object": "page", "data": [record] * 3000}
    assert added(tmp_path, json.dumps(page), limit=10**6).aggregates.rows == 3000
    many = {"note": "x" * 300, "object": "page", "data": [record] * 3000}
    with pytest.raises(LogError, match="larger than 1 MB unpacked"):
        added(tmp_path, json.dumps(many), limit=10**6)


def test_odd_integers_of_opentelemetry_are_left_out(tmp_path: Path) -> None:
    def span(value: str) -> dict[str, object]:
        stated = {"gen_ai.response.model": {"stringValue": "m"}, "n": {"intValue": value}}
        stated["gen_ai.usage.input_tokens"] = {"intValue": "7"}
        attributes = [{"key": key, "value": inner} for key, inner in stated.items()]
        return {"startTimeUnixNano": "1795168800000000000", "attributes": attributes}

    spans = [span(value) for value in ("--5", "9" * 5000, "3")]
    text = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    log = added(tmp_path, text)
    assert (log.aggregates.rows, log.aggregates.used["input"]) == (3, Decimal(21))


@pytest.mark.parametrize(
    ("row", "total", "expected"),
    [
        ("5000,2000,50", 7050, 7000),
        ("5000,2000,50", 5050, 5000),
        ("5000,2000,50", 0.05, 5000),
    ],
)
def test_a_total_by_its_numbers_decides_too(
    row: str, total: float, expected: int, tmp_path: Path
) -> None:
    text = f"at,model,input,cached,output,total\n2026-11-20T10:00:00Z,m,{row},{total}\n"
    assert added(tmp_path, text).aggregates.used["input"] == expected


def test_fast_mode_is_a_tier_and_a_place_of_its_own_is_told(tmp_path: Path) -> None:
    log = added(
        tmp_path,
        "at,model,input,speed,inference_geo\n"
        "2026-11-20T10:00:00Z,m,1,fast,us\n"
        "2026-11-20T10:00:00Z,m,1,standard,global\n"
        "2026-11-20T10:00:00Z,m,1,71.5,\n",
    )
    assert sorted(log.aggregates.frame["tier"]) == ["", "fast"]
    assert unread(log) == {"inference_geo (us)": (1, 1.0)}


def test_a_column_of_objects_is_no_model(tmp_path: Path) -> None:
    rows = [{"at": "2026-11-20T10:00:00Z", "model": {"name": "m"}, "model_id": "x", "input": 1}]
    log = added(tmp_path, "\n".join(map(json.dumps, rows)))
    assert log.seen.mapping["model"] == ("model_id",)
