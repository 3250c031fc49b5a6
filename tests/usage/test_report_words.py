"""What the command states about a log: sums, stated costs, repeats, numbers not read, owners."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pricing.terms import Band, Terms
from tests.factories import make_model, make_provider, make_rate, sell, summarise
from web.tables.usage_result import shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def models() -> None:
    """At $1 and $2, at $2 and $4 above 200,000 tokens of input; and one at half of the price."""
    long = make_model("openai/o4")
    endpoint = sell(long, make_provider("openai"), input="1", output="2")
    for meter, price in (("input", "2"), ("output", "4")):
        make_rate(endpoint, meter, price, terms=Terms(band=Band(200_000)))
    sell(make_model(), make_provider("openai"), input="0.50", output="1")
    summarise()


def run(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("price_usage", str(path), *arguments, stdout=out)
    return out.getvalue()


def log(tmp_path: Path, *lines: str, header: str) -> Path:
    path = tmp_path / "log.csv"
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


BILLED = (
    "2026-11-20T10:00:00Z,a,o4,openai,1000000,0,2.00,7,red",
    "2026-11-21T11:00:00Z,b,o4-mini,openai,1000000,0,0.45,0,blue",
    "2026-11-21T11:00:00Z,b,o4-mini,openai,1000000,0,0.45,0,blue",
    "2026-11-21T11:00:00Z,c,o4-mini,openai,1000000,0,0.45,5,",
    "2026-11-21T12:00:00Z,d,o4-mini,openai,-1,0,0.45,5,",
)
HEADER = "at,request_id,model,provider,input_tokens,output_tokens,cost,widgets,team"


def test_a_stated_cost_is_compared_and_each_difference_has_its_reason(tmp_path: Path) -> None:
    text = run(log(tmp_path, *BILLED, header=HEADER))
    assert "Billed $2.90, priced $3.00; the difference is this model: openai/o4-mini.\n" in text
    assert "openai/o4-mini, $0.10 less than priced; reason: discount: 10 % less all over." in text
    assert "Left out: 1 row, input is negative (line 6).\n" in text
    assert "1 row repeats a request and counts once (line 3).\n" in text
    assert "Not read, and in no figure: widgets: " in text
    other = log(tmp_path, *BILLED, BILLED[1].replace(",0,0.45", ",1,0.45"), header=HEADER)
    assert "2 rows share a request id with different figures: each counts.\n" in run(other)


def test_every_fact_is_in_the_json_too(tmp_path: Path) -> None:
    path = log(tmp_path, *BILLED, header=HEADER)
    found = json.loads(run(path, "--json", "--split", "team"))
    assert (found["requests"], found["sums"], found["repeated"]) == (3, 0, 1)
    assert [part["model"] for part in found["billed"]["parts"]]
    assert [one["path"] for one in found["unread"]] == ["widgets"]
    assert [one["key"] for one in found["split"]["owners"]] == ["red", "", "blue"]
    assert {one["owner"] for one in found["owners"]} == {"red", "blue", ""}


def test_a_split_prints_what_each_owner_cost_by_model(tmp_path: Path) -> None:
    text = run(log(tmp_path, *BILLED, header=HEADER), "--split", "team")
    lines = [" ".join(line.split()) for line in text.partition("By owner\n")[2].splitlines()]
    assert lines[:6] == [
        *("red 1 request $2.00", "openai/o4 1 request $2.00"),
        *("(none) 1 request $0.50", "openai/o4-mini 1 request $0.50"),
        *("blue 1 request $0.50", "openai/o4-mini 1 request $0.50"),
    ]
    with pytest.raises(CommandError, match="There is no column “nobody”"):
        run(log(tmp_path, *BILLED, header=HEADER), "--split", "nobody")


def test_rows_that_add_up_requests_cost_from_so_much_to_so_much(tmp_path: Path) -> None:
    header = "date,model,provider,input_tokens,output_tokens"
    text = run(log(tmp_path, "2026-11-20,o4,openai,3000000,0", header=header))
    assert "What it cost as it was run: $3.00 to $6.00\n" in text
    assert (
        "$3.00 to $6.00: 1 row adds up requests whose length is not known, and long ones cost more."
        in text
    )
    assert "1 request at least: 1 row adds up requests without their number" in text
    header = "date,requests,model,provider,input_tokens,output_tokens"
    text = run(log(tmp_path, "2026-11-20,12,o4,openai,30000,0", header=header))
    assert "1 row, 12 requests" in text


def test_the_mark_of_decimals_is_stated_where_numbers_have_two_readings(tmp_path: Path) -> None:
    header = "at;model;provider;input_tokens;cost"
    path = log(tmp_path, "2026-11-20T10:00:00Z;o4-mini;openai;1000;1.234", header=header)
    with pytest.raises(CommandError, match=r"“1\.234” may be two numbers"):
        run(path)
    assert "Billed $1.234, priced" in run(path, "--decimals", ".")
    assert "Billed $1,234.00, priced" in run(path, "--decimals", ",")


def test_a_stated_cost_within_the_range_of_a_sum_is_explained(tmp_path: Path) -> None:
    header = "date,model,provider,input_tokens,output_tokens,cost"
    text = run(log(tmp_path, "2026-11-20,o4,openai,3000000,0,4.5", header=header))
    assert "Billed $4.50, priced $3.00 to $6.00; the difference is this model: openai/o4." in text
    assert "$1.50 more than priced; reason: band: " in text


def test_requests_without_a_price_have_their_reason_on_page_and_command(tmp_path: Path) -> None:
    header = "at,model,provider,tier,characters,input_tokens"
    lines = (
        "2026-11-20T10:00:00Z,o4,openai,,500,0",
        "2026-11-20T10:00:00Z,o4,openai,,700,0",
        "2026-11-20T10:00:00Z,o4-mini,openai,priority,0,9",
        "2026-11-20T10:00:00Z,o4-mini,openai,,0,9",
    )
    path = log(tmp_path, *lines, header=header)
    text = run(path)
    page = shown(json.loads(run(path, "--json")))
    assert page.without_price == "3 requests have no price here, and are in no total."
    assert page.unpriced == [
        "2 requests of openai/o4 at openai: no price for characters in.",
        "1 request of openai/o4-mini at openai: openai states no price of it for “priority”.",
    ]
    assert all(f"  {sentence}\n" in text for sentence in (page.without_price, *page.unpriced))
    assert page.read_as == (
        "at = at; model = model; provider = provider; tier = tier; "
        "input = input_tokens; input_character = characters"
    )
    assert f"Read as: {page.read_as}.\n" in text


def test_what_is_billed_and_not_compared_is_stated_with_its_reason(tmp_path: Path) -> None:
    lines = (
        "2026-11-20T10:00:00Z,o4,openai,1000000,0,2.00",
        "2026-11-20T10:00:00Z,o4-mini,openai,1000000,0,0.50",
        "2026-11-20T10:00:00Z,o4-mini,openai,1000000,0,",
        "2026-11-20T10:00:00Z,no-such-model,openai,1000000,0,7.25",
    )
    header = "at,model,provider,input_tokens,output_tokens,cost"
    path = log(tmp_path, *lines, header=header)
    sentences = [
        "The log states a cost of $9.75 in all.",
        "Compared is 1 of 4 rows: billed $2.00, priced $2.00: they agree.",
        "Not compared: $7.25 of 1 row without a price here in US dollars; "
        "$0.50 of 2 rows of models of which not every row states a cost.",
    ]
    text = run(path)
    assert all(f"  {sentence}\n" in text for sentence in sentences)
    assert shown(json.loads(run(path, "--json"))).billed_sentences == sentences
    text = run(log(tmp_path, *lines[3:], header=header))
    assert "The log states a cost of $7.25 in all.\n  None of it is compared.\n" in text


def test_rows_of_one_model_are_told_apart_by_the_names_of_the_log(tmp_path: Path) -> None:
    lines = (
        "2026-11-20T10:00:00Z,o4,openai,1000000,0,2.00",
        "2026-11-20T10:00:00Z,openai/o4,openai,1000000,0,2.50",
        "2026-11-20T10:00:00Z,o4-mini,openai,1000000,0,0.50",
    )
    header = "at,model,provider,input_tokens,output_tokens,cost"
    path = log(tmp_path, *lines, header=header)
    rows = shown(json.loads(run(path, "--json"))).billed
    assert sorted((row.model, row.told) for row in rows) == [
        *(("openai/o4", "o4"), ("openai/o4", "openai/o4"), ("openai/o4-mini", "")),
    ]
    assert "openai/o4 (openai/o4), $0.50 more than priced" in run(path)
