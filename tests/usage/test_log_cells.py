"""Numbers, dates and columns of a usage log as people, spreadsheets and tools write them."""

import gc
import json
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from operator import add
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pricing.regime_plan import Plan
from usage.add_up import AddedLog, add_up
from usage.blocks import BadRows, Block, LogError
from usage.cells import instants_of
from usage.dates import DAY_FIRST, MONTH_FIRST, date_of, order_of
from usage.numbers import is_quantity, number_of
from usage.preview import preview
from usage.repeats import Repeats, have_same, overlapping, sharing_in
from usage.requests import NO_REQUEST, REPEATED, read
from usage.sizes import window_of
from usage.spellings import is_beside_input, is_no_use, is_sum, meaning

AT = "2026-11-20T10:00:00Z"
HEADER = "timestamp,model,provider,input_tokens,output_tokens"


def added(folder: Path, text: str) -> AddedLog:
    path = folder / "log"
    path.write_text(text)
    return add_up(path, Plan())


def used(log: AddedLog) -> dict[str, int]:
    counted = log.aggregates.used
    return {slug: int(number) for slug, number in counted.items() if number and slug != "request"}


def lines_of(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# ---- numbers ----


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ('="1234567"', 1234567),
        ("12,34,567", 1234567),
        ("1'234'567", 1234567),
        ("1_234_567", 1234567),
        ("1\u202f234\u00a0567", 1234567),
        ("1.234.567,0", 1234567),
        ("1.234567E+06", 1234567),
        ("$1,234.50", Decimal("1234.50")),
        ("-$0.50", Decimal("-0.50")),
        ("($0.50)", Decimal("-0.50")),
        ("0.50 USD", Decimal("0.50")),
        ("US$ 0.50", Decimal("0.50")),
        ("+5", 5),
        ("1,23,45", None),
        ("1,2345,678", None),
        ("50%", None),
        ("1.2M", None),
        ("€1.25", None),
        ("(-1)", None),
        ("=1+1", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_it_is_written_or_not_at_all(cell: str, number: Decimal | None) -> None:
    assert number_of(cell) == number


def test_a_cell_about_a_number_is_told_from_words() -> None:
    about = ("1.2M", "12k", "50 %", "€1.25", "(1000)", '="12"', "~ 5")
    words = ("hello", "2 cats and 3 dogs", "", "gpt-5", "none")
    assert all(map(is_quantity, about)) and not any(map(is_quantity, words))


@pytest.mark.parametrize("cell", ["50%", "1.2M", "12k", "(1000)", "€5"])
def test_a_column_of_odd_numbers_is_no_column_of_nothing(tmp_path: Path, cell: str) -> None:
    log = added(tmp_path, f"{HEADER}\n{AT},gpt-5,openai,{cell},7\n")
    (reason,) = log.bad.counts
    assert reason.startswith("input is") and log.bad.lines[reason] == [2]
    assert log.aggregates.rows == 0


def test_a_cost_in_another_currency_is_compared_with_no_price_and_noted(tmp_path: Path) -> None:
    log = added(tmp_path, f"{HEADER},cost\n{AT},gpt-5,openai,5,7,€1.25\n{AT},gpt-5,openai,5,7,$1\n")
    assert log.aggregates.billed == (Decimal(1), 1)
    assert "“€1.25” is no amount in dollars" in log.seen.notes[0]


# ---- dates ----


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("18.11.2026", datetime(2026, 11, 18, tzinfo=UTC)),
        ("7.4.2026 9:05", datetime(2026, 4, 7, 9, 5, tzinfo=UTC)),
        ("11/18/2026, 10:00:01 AM", datetime(2026, 11, 18, 10, 0, 1, tzinfo=UTC)),
        ("18/11/2026 12:00 a.m.", datetime(2026, 11, 18, tzinfo=UTC)),
        ("18-11-2026 12:30 PM", datetime(2026, 11, 18, 12, 30, tzinfo=UTC)),
        ("2026/4/7 10:00+02:00", datetime(2026, 4, 7, 8, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 10:00:00 Z", datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ("18-Nov-2026", datetime(2026, 11, 18, tzinfo=UTC)),
        ("November 18, 2026", datetime(2026, 11, 18, tzinfo=UTC)),
        ("11/11/2026", datetime(2026, 11, 11, tzinfo=UTC)),
        ("11/12/2026", None),
        ("13/13/2026", None),
        ("31.11.2026", None),
        ("11/18/26", datetime(2026, 11, 18, tzinfo=UTC)),
        ("18-Nov-26 9:05", datetime(2026, 11, 18, 9, 5, tzinfo=UTC)),
        ("Nov 18, 26", datetime(2026, 11, 18, tzinfo=UTC)),
        ("11/12/26", None),
        ("11/18/026", None),
        ("18 Foo 2026", None),
        ("18 Nov 2026 13:00 PM", None),
        ("18 Nov 2026 25:00", None),
        ("November", None),
    ],
)
def test_a_date_is_read_as_it_is_written_or_not_at_all(text: str, at: datetime | None) -> None:
    assert date_of(text) == at


def test_the_order_of_day_and_month_is_read_off_the_column() -> None:
    assert order_of(["11/12/2026", "11/18/2026"]) == (MONTH_FIRST, "")
    assert order_of(["11/12/2026", "18/11/2026"]) == (DAY_FIRST, "")
    assert order_of(["11/12/2026 10:00", "3/4/2026"])[0] == ""
    assert order_of(["11/18/2026", "18/11/2026", "3/4/2026"]) == ("", "3/4/2026")
    assert order_of(["11/11/2026", "5.4.2026", "2026-11-12", "x"]) == ("", "")
    # Of years with two digits, the first number may be the year.
    assert order_of(["11/12/26", "11/30/26"]) == (MONTH_FIRST, "")
    assert order_of(["30/11/26"]) == (DAY_FIRST, "")
    assert order_of(["11/12/26"]) == ("", "11/12/26")
    assert order_of(["26-11-30"]) == ("", "26-11-30")
    assert order_of(["26/11/29", "26/11/30"]) == ("", "26/11/29")
    assert order_of(["29-11-26", "30-11-26"]) == (DAY_FIRST, "")
    assert date_of("11/12/2026", MONTH_FIRST) == datetime(2026, 11, 12, tzinfo=UTC)
    assert date_of("11/12/2026", DAY_FIRST) == datetime(2026, 12, 11, tzinfo=UTC)
    assert date_of("18/11/2026", MONTH_FIRST) is None


def test_a_day_that_may_be_two_is_refused_and_a_later_one_settles_it(tmp_path: Path) -> None:
    rows = f"{HEADER}\n11/12/2026,gpt-5,openai,5,7\n"
    with pytest.raises(LogError, match="“11/12/2026” may be two days"):
        added(tmp_path, rows)
    log = added(tmp_path, rows + "11/30/2026,gpt-5,openai,5,7\n")
    assert [str(day) for day in log.aggregates.rows_by("day")] == ["2026-11-12", "2026-11-30"]
    # A day alone is a sum of requests.
    assert log.aggregates.sums == 2
    short = added(tmp_path, (rows + "11/30/2026,gpt-5,openai,5,7\n").replace("/2026", "/26"))
    assert short.aggregates.rows_by("day") == log.aggregates.rows_by("day")
    assert short.aggregates.sums == 2


# ---- columns ----


def test_names_of_columns_that_tools_and_queries_write() -> None:
    expected = {
        "sum(prompt_tokens)": "input",
        "SUM(output_tokens)": "output",
        "total_prompt_tokens": "input",
        "n_generated_tokens_total": "output",
        "tokens.cached": "cache_read",
        "# Requests": "request",
        "number of requests": "request",
        "count(*)": "request",
        "attributes.llm.model_name": "model",
        "attributes.meta.model_name": "model",
        "extra.metadata.ls_model_name": "model",
        "attributes.metrics.output_tokens": "output",
        "input.inputTokenCount": "input",
        "TimeGenerated": "at",
        "cache_creation_1h": "cache_write_1h",
        "usage_object.prompt_tokens_details.web_search_requests": "web_search",
        "attributes.ai.model.provider": "provider",
        "attributes.llm.cost.total": "billed",
        "metadata.additional_usage_values.cache_read_input_tokens": "cache_read",
    }
    assert {path: (meaning(path) or ("",))[0] for path in expected} == expected
    assert is_sum("sum(prompt_tokens)") and not is_sum("prompt_tokens")
    # OpenTelemetry's cached tokens are within the input; Anthropic's are beside it.
    assert not is_beside_input("attributes.gen_ai.usage.cache_creation.input_tokens")
    assert is_beside_input("usage.cache_creation.ephemeral_5m_input_tokens")
    irrelevant = ("costDetails.input", "kind", "tokens_per_second", "batch_size", "failed_requests")
    assert all(map(is_no_use, irrelevant)) and not is_no_use("usage.frobs")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("over 200,000", (200_000, 10**12)),
        ("0-200,000", (0, 200_000)),
        ("≤200.000", (0, 200_000)),
        ("200k–1M", (200_000, 1_000_000)),
        ("1.5M+", (1_500_000, 10**12)),
        ("long", None),
    ],
)
def test_a_window_is_read_however_it_is_spelt(text: str, window: tuple[int, int] | None) -> None:
    assert window_of(text) == window


def test_cached_tokens_of_opentelemetry_are_within_its_input(tmp_path: Path) -> None:
    usage = {"input_tokens": 3100, "output_tokens": 500}
    attributes = {f"gen_ai.usage.{name}": number for name, number in usage.items()}
    new = {"gen_ai.usage.cache_read.input_tokens": 2000}
    new |= {"gen_ai.usage.cache_creation.input_tokens": 100}
    old = {"gen_ai.usage.cache_read_input_tokens": 2000}
    for cached in (new, old):
        row = {"time": AT, "gen_ai.request.model": "claude-sonnet-4-5", **attributes, **cached}
        counts = used(added(tmp_path, lines_of(row)))
        assert (counts["input"], counts["cache_read"]) == (3100, 2000)


def test_a_number_with_separators_in_an_unknown_column_is_unread_too(tmp_path: Path) -> None:
    log = added(tmp_path, f'{HEADER},widgets\n{AT},m,p,5,7,"1,234,567"\n{AT},m,p,5,7,3\n')
    assert [(one.path, one.rows, one.total) for one in log.unread] == [("widgets", 2, 1234570)]


@pytest.mark.parametrize(
    ("start", "line"), [("\n\r\n", 4), ("sep=,\n", 3), ("\ufeff\n", 3), ("", 2)]
)
def test_what_is_before_the_header_is_passed_over(tmp_path: Path, start: str, line: int) -> None:
    log = added(tmp_path, f"{start}{HEADER}\n{AT},m,p,x,7\n{AT},m,p,5,7\n")
    assert log.bad.lines == {"input is not a whole number": [line]}
    assert used(log) == {"input": 5, "output": 7}


def test_empty_fields_beyond_the_columns_are_nothing(tmp_path: Path) -> None:
    log = added(tmp_path, f"{HEADER}\n{AT},m,p,5,7,\n{AT},m,p,5,7,,,\n{AT},m,p,5,7,1\n")
    assert used(log) == {"input": 10, "output": 14}
    assert log.bad.lines == {"more or fewer fields than columns": [4]}


def test_a_usage_that_no_record_of_the_sample_has_is_read(tmp_path: Path) -> None:
    first = {"created": 1795168800, "model": "gpt-5", "prompt_tokens": 3, "completion_tokens": 2}
    late = {
        "created": 1795168800,
        "model": "gemini-2.5-pro",
        "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 10},
    }
    log = added(tmp_path, lines_of(*[first] * 1200, late))
    assert used(log) == {"input": 3700, "output": 2410} and not log.bad.total


def test_a_number_that_no_record_of_the_sample_has_is_listed(tmp_path: Path) -> None:
    row = {"created": 1795168800, "model": "m", "usage": {"input_tokens": 3, "output_tokens": 2}}
    others = [
        {**row, "sprockets": 5, "text": "7 of them"},
        {**row, "extra": {"sprockets": 2, "cogs": 1.5}, "note": None},
        {**row, "messages": [{"cogs": 9}], "latency_ms": 12},
        {"created": 1795168800, "model": "m", "input_tokens": 30, "output_tokens": 20, "spend": 1},
    ]
    for indent in (None, 1):
        body = lines_of(*[row] * 1200, *others)
        if indent:
            body = json.dumps([*[row] * 1200, *others], indent=indent)
        log = added(tmp_path, body.replace('": ', '" : '))
        found = {one.path: (one.rows, one.total) for one in log.unread}
        assert found == {"sprockets": (1, 5), "extra.sprockets": (1, 2), "extra.cogs": (1, 1.5)}
        assert used(log) == {"input": 3639, "output": 2426}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (lines_of({"start_time": 1, "amount": {"value": 1}, "line_item": "x"}), "OpenAI costs"),
        ("start_time,amount_value,line_item\n1,2,x\n", "OpenAI exported costs"),
        ("amount,cost_type,token_type\n1,tokens,x\n", "Anthropic costs"),
        ("cost_usd,cost_type,token_type\n1,tokens,x\n", "Anthropic Console costs"),
        ("start_time,usage_bytes\n1,2\n", "OpenAI vector stores"),
    ],
)
def test_a_log_without_counts_is_refused_by_name(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "log").write_text(text)
    with pytest.raises(LogError, match=f"known as {name}: it states"):
        preview(tmp_path / "log")


# ---- repeats ----


def test_an_id_is_one_of_a_provider_and_model() -> None:
    rows = pl.DataFrame(
        {
            "request_id": ["a", "a", "a", "b", "", None],
            "provider": ["openai", "openai", "azure", "openai", "", ""],
            "model": ["m", "m", "m", "m", "m", "m"],
            "at": [1, 1, 1, 1, 1, 1],
            "tier": ["", "", "", "", "", ""],
        }
    )
    for grows in (True, False):
        repeats = Repeats(grows=grows)
        assert repeats.among(rows, {}, ()).to_list() == [True, False, False, False, False, False]
        assert repeats.among(rows.head(4), {}, ()).to_list() == [True, True, True, True]
        flawed = pl.Series([False, True])
        two = rows.head(2).with_columns(request_id=pl.lit("c"))
        assert repeats.among(two, {"odd": flawed}, ()).to_list() == [False, False]


def test_rows_that_share_an_id_with_other_figures_count_each(tmp_path: Path) -> None:
    rows = [
        *(f"{AT},gpt-5,openai,{tokens},10,r" for tokens in (100, 200, 100)),
        "2026-11-20T10:00:05Z,gpt-5,openai,100,10,r",
        f"{AT},gpt-5,openai,100,10,s",
    ]
    path = tmp_path / "log.csv"
    path.write_text("\n".join([f"{HEADER},request_id", *rows]) + "\n")
    log = add_up(path, Plan())
    assert (used(log)["input"], log.sharing, log.bad.counts) == (500, 3, {REPEATED: 1})
    # However the rows come in blocks, also where a block has a column that others have not.
    frame = pl.DataFrame(
        {"request_id": ["r"] * 3, "provider": "", "model": "m", "tier": "", "at": 0}
        | {"input": [1, 2, 1], "image": [0, 0, 0]}
    )
    apart = Repeats()
    found = [
        apart.among(part, {}, [name for name in part.columns if name in ("input", "image")])
        for part in (frame.head(1).drop("image"), frame[1:2], frame[2:3])
    ]
    assert ([one.item() for one in found], apart.sharing) == ([False, False, True], 2)


def test_parts_of_a_log_have_a_request_twice_only_with_the_same_figures(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path, tokens in zip(paths, (1, 2, 1), strict=True):
        log = path.with_suffix(".csv")
        log.write_text(f"{HEADER},request_id\n{AT},gpt-5,openai,{tokens},1,r\n")
        add_up(log, Plan(), ids=path)
    assert (have_same(paths[:2]), sharing_in(paths[:2])) == (False, 2)
    assert have_same(paths)


def message(identity: str, output: int, model: str = "claude-sonnet-4-5") -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": output}
    answer = {"id": identity, "model": model, "usage": usage}
    return {"sessionId": "s", "uuid": "u", "timestamp": AT, "message": answer}


def test_the_last_row_of_a_growing_message_counts_also_in_another_block(tmp_path: Path) -> None:
    before = [message(f"a{number}", 1) | {"pad": "x" * 1200} for number in range(9000)]
    # Grows at about where the first eight megabytes end, and at every row around.
    grown = [message("m", size) | {"pad": "x" * 20_000} for size in range(1, 200)]
    path = tmp_path / "log"
    for first in (5000, 6000, 7000):
        path.write_text(lines_of(*before[:first], *grown))
        batches = list(read(path))
        assert sum(batch.rows["output"].sum() for batch in batches) == first + 199
        repeated = [line for batch in batches for line in batch.bad.lines.get(REPEATED, ())]
        assert repeated[:3] == [first + 1, first + 2, first + 3]


def test_no_block_of_a_growing_log_outlives_the_rows_that_it_holds() -> None:
    made: list[weakref.ref[Block]] = []
    lines: list[weakref.ref[Any]] = []

    def blocks() -> Iterator[Block]:
        for number in range(12):
            ids = [f"{number} {row}" for row in range(600)]
            source = partial(add, 600 * number + 1)
            block = Block(pl.DataFrame({"id": ids, "n": range(600)}), source, BadRows())
            made.append(weakref.ref(block))
            lines.append(weakref.ref(source))
            yield block

    rows, alive = 0, []
    for block in overlapping(blocks(), ["id"]):
        assert [block.line_of(row) for row in (0, block.frame.height - 1)] == [
            *(rows + 1, rows + block.frame.height),
        ]
        rows += block.frame.height
        gc.collect()
        alive.append([sum(one() is not None for one in refs) for refs in (made, lines)])
    assert rows == 12 * 600
    assert max(blocks for blocks, _ in alive) <= 2
    assert max(sources for _, sources in alive) <= 3


def test_a_request_whose_rows_begin_well_before_the_last_ones_is_whole(tmp_path: Path) -> None:
    # About as many rows after the first one as are kept for the next block.
    path = tmp_path / "log"
    for between in (3, 497, 498, 499, 500, 900):
        others = [message(f"a{number}", 1) for number in range(between)]
        path.write_text(lines_of(message("m", 1), *others, message("m", 70)))
        assert sum(batch.rows["output"].sum() for batch in read(path)) == between + 70


def test_a_message_of_the_tool_itself_is_no_request(tmp_path: Path) -> None:
    log = added(tmp_path, lines_of(message("a", 5), message("b", 0, "<synthetic>")))
    assert log.aggregates.rows == 1 and log.bad.lines == {NO_REQUEST: [2]}


@pytest.mark.parametrize("fraction", ["", ".5", ".25", ".250000", ".2500000"])
@pytest.mark.parametrize("odd", ["61", "+5", " 5", "-1", "ab", "5."])
def test_times_written_alike_are_read_one_by_one(fraction: str, odd: str, tmp_path: Path) -> None:
    minute = "2026-11-20T10:00:"
    good = [f"{minute}{second:02}{fraction}Z" for second in range(60)]
    times = instants_of(pl.Series([*good, f"{minute}{odd}{fraction}Z", None]))
    meant = [datetime.fromisoformat(cell.replace("0000Z", "Z")) for cell in good]
    assert times.head(60).to_list() == meant
    assert times.tail(2).to_list() == [None, None]
