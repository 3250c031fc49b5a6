"""Changes of LiteLLM's cost map as price histories."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricing.past_rates import PriceHistory
from pricing.terms import Band, Terms
from sources.upstreams.llmledger.history import read_histories
from sources.upstreams.llmledger.ratings import effort_of, read_ratings

COMMITS = [f"{n:x}" * 12 for n in range(10)]
INPUT, OUTPUT = "input_cost_per_token", "output_cost_per_token"
ADDED = ["2025-01-03", "added", "", None, None, "", 0]


def price(day: str, field: str, old: Any, new: Any, flag: str = "", commit: int = 1) -> list[Any]:
    amounts = (None if amount is None else Decimal(amount) for amount in (old, new))
    return [day, "price", field, *amounts, flag, commit]


def histories(
    rows: dict[str, list[list[Any]]], host: str = "deepseek", **last: str
) -> tuple[PriceHistory, ...]:
    prices: dict[str, Decimal | None] = dict.fromkeys(("input", "output", "cache_read"))
    prices |= {"cache_write": None} | {name: Decimal(amount) for name, amount in last.items()}
    models = [{"key": key, "host": host, **prices} for key in rows]
    data = {"models": models, "events": rows, "sources": COMMITS}
    return read_histories(data, Counter())


def past(events: list[list[Any]], **last: str) -> list[tuple[Any, ...]]:
    (history,) = histories({"deepseek/deepseek-chat": events}, **last)
    return [
        (
            rate.meter,
            str(rate.amount),
            str(rate.begin.date()),
            str(rate.end.date()) if rate.end else None,
            rate.origin,
            int(rate.evidence[-1], 16),
        )
        for rate in history.rates
    ]


def test_a_price_holds_from_the_change_that_made_it_until_the_next() -> None:
    events = [
        ADDED,
        price("2025-02-07", INPUT, "1.4e-07", "2.7e-07"),
        price("2026-01-13", INPUT, "2.7e-07", "2.8e-07", commit=2),
    ]
    assert past(events, input="0.28") == [
        ("input", "0.14", "2025-01-03", "2025-02-07", "first", 0),
        ("input", "0.27", "2025-02-07", "2026-01-13", "change", 1),
        ("input", "0.28", "2026-01-13", None, "change", 2),
    ]


def test_an_amount_has_the_digits_that_it_was_written_with() -> None:
    events = [ADDED, price("2025-02-07", INPUT, "2.7500000000000004e-07", "0.000000300000001")]
    assert [rate[1] for rate in past(events)] == ["0.275", "0.300000001"]


def test_a_price_that_never_changed_holds_since_its_key_was_listed() -> None:
    assert past([ADDED], input="0.28", output="0") == [
        ("input", "0.28", "2025-01-03", None, "first", 0)
    ]


def test_a_zero_of_the_map_is_no_price() -> None:
    events = [ADDED, price("2025-02-07", INPUT, "0.0", "2.7e-07", "likely")]
    assert past(events) == [("input", "0.27", "2025-02-07", None, "first", 1)]


def test_a_slip_of_units_never_held() -> None:
    events = [ADDED, price("2025-01-07", INPUT, "0.0001", "1e-08", "unit")]
    assert past(events) == [
        ("input", "100", "2025-01-03", "2025-01-03", "correction", 1),
        ("input", "0.01", "2025-01-03", None, "correction", 1),
    ]


def test_a_price_that_was_undone_never_held() -> None:
    events = [
        ADDED,
        price("2025-03-01", INPUT, "1e-05", "1.1e-05", "reverted"),
        price("2025-03-02", INPUT, "1.1e-05", "1e-05", "reverted", commit=2),
        price("2025-03-01", OUTPUT, "5e-05", None, "reverted"),
        price("2025-03-02", OUTPUT, None, "5e-05", "reverted", commit=2),
    ]
    assert past(events, input="10", output="50") == [
        ("input", "10", "2025-01-03", None, "first", 0),
        ("input", "11", "2025-03-01", "2025-03-01", "correction", 2),
        ("output", "50", "2025-01-03", None, "first", 0),
    ]


def test_many_times_the_price_between_two_corrections_never_held() -> None:
    events = [
        ADDED,
        price("2025-10-07", INPUT, "3e-06", "3.3e-05", "likely"),
        price("2025-10-11", INPUT, "3.3e-05", "3.3e-06", "likely", commit=2),
    ]
    assert past(events) == [
        ("input", "3", "2025-01-03", "2025-10-11", "first", 0),
        ("input", "33", "2025-10-07", "2025-10-07", "correction", 2),
        ("input", "3.3", "2025-10-11", None, "correction", 2),
    ]


def test_a_likely_correction_is_no_change_by_the_provider() -> None:
    events = [ADDED, price("2025-01-05", INPUT, "1e-05", "1e-06", "likely")]
    assert [rate[4] for rate in past(events)] == ["first", "correction"]


@pytest.mark.parametrize("flag", ["", "bulk"])
def test_a_removal_that_was_undone_is_no_change_of_price(flag: str) -> None:
    gap = [
        ["2025-06-01", "removed", "", None, None, flag, 3],
        ["2025-06-02", "added", "", None, None, "", 4],
    ]
    before = price("2025-02-07", INPUT, "1e-06", "2e-06")
    after = price("2025-08-01", INPUT, "2e-06", "3e-06", commit=2)
    assert past([ADDED, before, *gap, after]) == [
        ("input", "1", "2025-01-03", "2025-02-07", "first", 0),
        ("input", "2", "2025-02-07", "2025-08-01", "change", 1),
        ("input", "3", "2025-08-01", None, "change", 2),
    ]
    # Without a change before the gap, the price of that time is not known.
    assert past([ADDED, *gap, after])[0] == ("input", "2", "2025-06-02", "2025-08-01", "first", 4)


def test_bands_and_tiers_have_pasts_of_their_own_and_other_meters_are_named() -> None:
    events = [
        ADDED,
        price("2025-02-07", f"{INPUT}_above_200k_tokens", None, "2e-06"),
        price("2025-02-08", f"{INPUT}_above_200k_tokens", "2e-06", None),
        price("2025-02-07", "output_cost_per_image", None, "0.04"),
        ["2025-03-01", "deprecation", "deprecation_date", None, "2026-01-01", "", 2],
    ]
    (history,) = histories({"deepseek/deepseek-chat": events}, input="1")
    band = Terms(band=Band(200_000))
    assert [(rate.terms, rate.amount, rate.end is None) for rate in history.rates] == [
        (Terms(), 1, True),
        (band, 2, False),
    ]
    assert history.moved == {"input", "*"}
    assert history.listed == datetime(2025, 1, 3, tzinfo=UTC)


def test_an_endpoint_has_one_history_and_a_key_with_options_has_none() -> None:
    found = histories(
        {
            "gpt-5.4": [["2026-03-06", *ADDED[1:]]],
            "azure/gpt-5.4": [["2026-03-05", *ADDED[1:]]],
            "hd/1024-x-1024/dall-e-3": [ADDED],
        },
        host="azure",
        input="1",
    )
    assert [(one.upstream_id, one.listed.day) for one in found] == [("gpt-5.4", 5)]


def test_a_history_is_read_back_as_it_was_written() -> None:
    events = [
        ADDED,
        price("2025-01-07", INPUT, "0.0001", "1e-08", "unit"),
        price("2025-02-07", f"{INPUT}_batches", None, "5e-09"),
    ]
    (history,) = histories({"deepseek/deepseek-chat": events})
    assert PriceHistory.from_json(history.to_json()) == history


def test_ratings_have_a_board_a_category_and_the_name_that_was_rated() -> None:
    row = ["zhipu / glm-5.3", "GLM-5.3 (Max)", Decimal("1470.5"), 1466, Decimal("1475"), 24035, 40]
    alone = ["other / zephyr-7b-beta", "Zephyr 7B Beta", 1051, 1043, 1059, 10826, 240]
    of_nothing = ["Unjoined", "Unjoined", 1000, 990, 1010, 5, 241]
    missed: Counter[str] = Counter()
    ratings = read_ratings({"tasks": {"webdev": [row], "coding": [alone, of_nothing]}}, missed)
    assert [(one.model, one.board, one.category, one.effort) for one in ratings] == [
        ("zephyr-7b-beta", "text", "coding", ""),
        ("zhipuai/glm-5.3", "webdev", "overall", "max"),
    ]
    glm = ratings[1]
    assert (glm.rating, glm.low, glm.high) == (Decimal("1470.5"), 1466, 1475)
    assert (glm.name, glm.votes, glm.rank) == ("GLM-5.3 (Max)", 24035, 40)
    assert missed == {"rating of no maker": 1}


@pytest.mark.parametrize(
    ("name", "model", "effort"),
    [
        ("Claude Opus 5.5 (High)", "claude-opus-5.5", "high"),
        ("GPT-5.4 (xHigh, Codex Harness)", "gpt-5.4", "xhigh"),
        ("claude-opus-4-6-high", "claude-opus-4.6", "high"),
        ("Qwen3.8-Max", "qwen3.8-max", ""),
        ("Magistral Medium (2506)", "magistral-medium", ""),
        ("Claude Sonnet 4 (Thinking 32K, 20250514)", "claude-sonnet-4", ""),
    ],
)
def test_an_effort_is_how_a_model_was_run_and_no_part_of_its_name(
    name: str, model: str, effort: str
) -> None:
    assert effort_of(name, model) == effort
