"""What rows state beside their counts: that they failed, money in parts of a dollar, own keys."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from pricing.regime_plan import Plan
from tests.factories import make_model, make_provider, sell, summarise
from usage.add_up import AddedLog, add_up
from usage.failed import NOT_BILLED
from usage.money import parts_of_a_dollar
from usage.preview import ONE_PAGE
from usage.spellings import is_no_use

AT = "2026-11-20T10:00:00Z"


def added(folder: Path, *rows: dict[str, Any]) -> AddedLog:
    path = folder / "log"
    usual = {"timestamp": AT, "model": "m", "prompt_tokens": 10, "completion_tokens": 1}
    path.write_text("\n".join(json.dumps({**usual, **row}) for row in rows))
    return add_up(path, Plan())


@pytest.mark.parametrize(
    ("stated", "fails"),
    [
        ({"status": "failure"}, True),
        ({"status": "Error: rate limited"}, True),
        ({"http_status": 503}, True),
        ({"status_code": "429"}, True),
        ({"response_status": 500.0}, True),
        ({"level": "ERROR"}, True),
        ({"error": "overloaded"}, True),
        ({"error": {"message": "overloaded", "code": "529"}}, True),
        ({"finish_reason_normalized": "error"}, True),
        ({"status": "success", "error": "retried once"}, False),
        ({"status": 200}, False),
        ({"status": "completed"}, False),
        ({"error": None}, False),
        ({"error": "{}"}, False),
        ({"level": "WARNING"}, False),
    ],
)
def test_a_failed_request_is_left_out_where_the_row_states_no_cost_of_it(
    tmp_path: Path, stated: dict[str, Any], *, fails: bool
) -> None:
    fine = {"cost": 0.5}
    log = added(tmp_path, fine, {**stated, "cost": 0}, {**stated, "cost": 0.25}, stated)
    assert log.bad.counts == ({NOT_BILLED: 1} if fails else {})
    assert log.failed == (2 if fails else 0)
    assert log.aggregates.rows == (3 if fails else 4)
    assert log.aggregates.billed[0] == Decimal("0.75")
    assert AddedLog.from_json(log.to_json(), Plan()).failed == log.failed


@pytest.mark.parametrize(
    ("column", "number", "dollars"),
    [
        ("cost_cents", 150, "1.5"),
        ("amount_cents", 150, "1.5"),
        ("costInCents", 0.02, "0.0002"),
        ("total_cost_cents", 3, "0.03"),
        ("cost_micros", 1_500_000, "1.5"),
        ("costMicroUsd", 20, "0.00002"),
        ("cost_usd_micros", 20, "0.00002"),
        ("price_microdollars", 20, "0.00002"),
        ("cost_microcents", 100_000_000, "1"),
        ("cost_nano_usd", 5_000_000_000, "5"),
        ("cost_in_usd_ticks", 318_319_000, "0.0318319"),
    ],
)
def test_money_is_read_in_the_unit_of_its_name(
    tmp_path: Path, column: str, number: float, dollars: str
) -> None:
    assert added(tmp_path, {column: number}).aggregates.billed == (Decimal(dollars), 1)
    within = added(tmp_path, {"usage": {column: number}})
    assert within.aggregates.billed == (Decimal(dollars), 1)


def test_money_of_an_unknown_unit_is_listed(tmp_path: Path) -> None:
    log = added(tmp_path, {"cost_credits": 7, "spend_minor": 12, "cost_ticks": 5, "cost_ms": 3})
    assert not log.aggregates.billed[1]
    assert {one.path: one.total for one in log.unread} == {
        "cost_credits": 7,
        "spend_minor": 12,
        "cost_ticks": 5,
    }
    assert parts_of_a_dollar("cost") == parts_of_a_dollar("costticks") == 1
    assert is_no_use("price_per_token") and is_no_use("percent")


@pytest.mark.django_db
def test_page_and_command_state_what_failed_and_why_a_cost_differs(tmp_path: Path) -> None:
    sell(make_model("openai/o4"), make_provider("openai"), input="1", output="2")
    sell(make_model(), make_provider("openai"), input="0.50", output="1")
    summarise()
    path = tmp_path / "log.csv"
    path.write_text(
        "at,model,provider,input_tokens,cost,status,is_byok,byok_usage_inference,cost_web_search\n"
        f"{AT},o4,openai,1000000,1.02,200,false,0,0.02\n"
        f"{AT},o4,openai,1000000,0,502,false,0,\n"
        f"{AT},o4-mini,openai,1000000,0.025,200,true,0.5,\n"
        f"{AT},o4-mini,openai,1000000,0.5,500,false,0,\n"
    )
    out = StringIO()
    call_command("price_usage", str(path), stdout=out)
    text = out.getvalue()
    assert "1 request failed and was not billed (line 3). 1 request failed and is priced" in text
    assert "Left out" not in text and "Not read" not in text
    assert "reason: searches: $0.02 of the stated cost is for web searches." in text
    assert "reason: own key: of 1 of 2 rows the stated cost is the gateway's fee alone." in text


@pytest.mark.parametrize("indent", [None, 1])
def test_a_page_of_several_is_named(tmp_path: Path, indent: int | None) -> None:
    row = {"timestamp": AT, "model": "m", "input_tokens": 5, "output_tokens": 1}
    path = tmp_path / "log"

    def notes(*pages: dict[str, Any]) -> tuple[str, ...]:
        path.write_text("\n".join(json.dumps(page, indent=indent) for page in pages))
        return add_up(path, Plan()).seen.notes

    page = {"object": "page", "data": [row]}
    assert notes({**page, "has_more": True}) == (ONE_PAGE,)
    assert notes({**page, "next_page": "page_AAAA"}) == (ONE_PAGE,)
    assert notes({**page, "has_more": False, "next_page": None}) == ()
    if not indent:
        assert notes({**page, "has_more": True}, {**page, "has_more": False}) == ()
        assert notes({**page, "has_more": True}, {**page, "has_more": True}) == (ONE_PAGE,)


@pytest.mark.django_db
def test_cursors_own_choice_is_no_model(tmp_path: Path) -> None:
    sell(make_model("openai/o4"), make_provider("openai"), input="1", output="2")
    sell(make_model("kilo/auto"), make_provider("kilo"), input="1", output="2")
    summarise()
    path = tmp_path / "log.csv"
    header = (
        "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,"
        "Output Tokens,Total Tokens,Cost"
    )
    path.write_text(
        f"{header}\n{AT},Included,auto,No,0,50,0,50,100,0.06\n"
        f"{AT},On-Demand,o4,No,0,1000000,0,0,1000000,1.00\n"
        f'{AT},"Errored, No Charge",o4,No,0,100,0,0,100,0\n'
    )
    out = StringIO()
    call_command("price_usage", str(path), stdout=out)
    text = out.getvalue()
    assert "Not placed: 1 row of auto: Cursor's own choice of a model" in text
    assert "1 request failed and was not billed (line 4)." in text
    # Elsewhere it may be the id of a router.
    path.write_text(f"at,model,input_tokens\n{AT},auto,5\n")
    out = StringIO()
    call_command("price_usage", str(path), stdout=out)
    assert "Cursor" not in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"num_search_queries": 2}, "sonar does not bill web search of a/m: 2 in the log."),
        ({"prompt_audio_seconds": 12}, "sonar does not bill audio in of a/m: 12 in the log."),
        ({"billed_units": {"images": 3}}, "sonar does not bill images in of a/m: 3 in the log."),
        # What others bill as well is unknown where no price of it is stated.
        ({"web_search_requests": 2}, ""),
    ],
)
def test_what_an_endpoint_does_not_bill_apart_leaves_the_rest_its_price(
    tmp_path: Path, counts: dict[str, Any], sentence: str
) -> None:
    sell(make_model("a/m"), make_provider("sonar"), input="1", output="2")
    summarise()
    path = tmp_path / "log"
    row = {"timestamp": AT, "model": "m", "provider": "sonar"}
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 500_000}
    path.write_text(json.dumps({**row, "usage": {**usage, **counts}}))
    out = StringIO()
    call_command("price_usage", str(path), at=AT, stdout=out)
    assert (sentence in out.getvalue()) and ("as it was run: $2.00" in out.getvalue()) == bool(
        sentence
    )


def test_the_size_of_searches_that_a_fee_may_depend_on_is_listed(tmp_path: Path) -> None:
    log = added(tmp_path, {"usage": {"search_context_size": "low"}}, {"search_context_size": "low"})
    assert [(one.path, one.rows) for one in log.unread] == [("search_context_size (low)", 2)]
