"""What a kept result says on its page. Pure."""

from decimal import Decimal
from typing import Any

import pytest

from web.tables.usage_result import MOST_DAYS, MOST_SHOWN, MoveChange, shown
from web.templatetags.amounts import amount


def row(key: str, rows: int = 10, priced: int | None = None, **amounts: str) -> dict[str, Any]:
    priced = rows if priced is None else priced
    return {"key": key, "rows": rows, "priced": priced, "assumed": 0, "amounts": amounts}


def share(model: str, amount: str | None, rows: int = 10, currency: str = "USD") -> dict[str, Any]:
    now = {"amount": amount, "currency": currency, "state": "priced", "missing": [], "no_tier": ""}
    return {"model": model, "rows": rows, "now": now}


def endpoint(
    provider: str, amount: str, currency: str = "USD", compared: str | None = None
) -> dict[str, Any]:
    return {
        "model": "a/b",
        "provider": provider,
        "upstream_id": "b",
        "amount": amount,
        "currency": currency,
        "compared": compared,
    }


def move(*changes: tuple[str, str]) -> dict[str, Any]:
    return {
        "model": "a/b",
        "provider": "here",
        "tier": "",
        "rows": 10,
        "to": endpoint("there", "0.5"),
        "now": "2",
        "then": "0.5",
        "saving": "1.5",
        "currency": "USD",
        "same_model": True,
        "changes": [list(change) for change in changes],
    }


def result(**more: Any) -> dict[str, Any]:
    return {
        "log": {},
        "rows": 10,
        "bad": [],
        "first_day": "2026-11-20",
        "last_day": "2026-11-21",
        "as_run": row("", USD="2"),
        "shares": [share("a/b", "2")],
        "days": [row("2026-11-20", USD="2")],
        "models": [row("a/b", USD="2")],
        "compared": {"rows": 10, "amount": "2"},
        "endpoints": [],
        "endpoints_priced": 0,
        "endpoints_not_priced": {},
        "moves": [],
        "unresolved": [],
        "largest": 100,
        "used": {"input": "5"},
        **more,
    }


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-20", "2026-11-21", "2026-11-20 to 2026-11-21"),
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        (None, None, ""),
    ],
)
def test_the_period_is_a_day_or_from_day_to_day(first, last, expected) -> None:
    assert shown(result(first_day=first, last_day=last)).period == expected


def test_todays_cost_is_that_of_the_shares_with_a_price() -> None:
    page = shown(
        result(
            shares=[
                share("a/b", "2.5"),
                share("a/c", "1", currency="CNY"),
                share("a/d", None, rows=7),
                {"model": None, "rows": 4, "now": None},
            ]
        )
    )
    assert dict(page.as_now.amounts) == {"USD": Decimal("2.5"), "CNY": Decimal(1)}
    assert page.as_now.missing == 11


@pytest.mark.parametrize(
    ("cost", "expected", "less"),
    [
        ("1", "50 % less", True),
        ("2", "the same", False),
        ("30", "1,400 % more", False),
        ("2.001", "the same", False),
    ],
)
def test_an_endpoint_is_held_against_the_log_as_it_was_run(cost, expected, less) -> None:
    (ranked,) = shown(result(endpoints=[endpoint("x", "77", compared=cost)])).endpoints
    assert (ranked.rank, ranked.against, ranked.less) == (1, expected, less)


def test_nothing_is_compared_with_other_money_or_with_a_log_without_any_price() -> None:
    yuan = result(endpoints=[endpoint("x", "1", "CNY")])
    nothing = {"rows": 0, "amount": "0"}
    unknown = result(compared=nothing, endpoints=[endpoint("x", "1", compared="1")])
    for each in (yuan, unknown):
        (ranked,) = shown(each).endpoints
        assert (ranked.against, ranked.less) == ("", False)


def test_a_result_that_was_kept_before_there_was_a_comparison_shows_none() -> None:
    old = result(endpoints=[{k: v for k, v in endpoint("x", "1").items() if k != "compared"}])
    del old["compared"]
    assert (shown(old).endpoints[0].against, shown(old).compared_requests) == ("", 0)


def test_a_lack_of_room_is_counted_apart_and_the_rest_in_words_most_first() -> None:
    page = shown(
        result(
            endpoints_not_priced={"context too small": 9000, "plan": 2, "unknown": 300, "new": 1}
        )
    )
    assert page.no_room == 9000
    assert page.not_priced == [
        ("state no price for what the log uses", 300),
        ("are part of a plan", 2),
        ("new", 1),
    ]


def test_a_move_that_loses_something_is_marked() -> None:
    sound, worse = shown(
        result(
            moves=[
                move(("provider", "here → there"), ("context", "1 → 2")),
                move(("loses", "tools"), ("gains", "vision")),
            ]
        )
    ).moves
    assert (sound.loses, sound.percent) == (False, 75)
    assert sound.changes == (MoveChange("context", "1 → 2", worse=False),)
    assert worse.loses
    assert [change.worse for change in worse.changes] == [True, False]


def test_models_stand_by_what_they_cost_and_unknown_names_are_no_links() -> None:
    page = shown(
        result(
            models=[row("mystery", 99, 0), row("a/b", 5, USD="1"), row("a/c", 1, USD="3")],
            shares=[share("a/b", "1"), share("a/c", "3"), {"model": None, "rows": 99, "now": None}],
        )
    )
    assert [(model.key, model.is_model, model.share) for model in page.models] == [
        ("a/c", True, 75.0),
        ("a/b", True, 25.0),
        ("mystery", False, 0),
    ]


def test_long_tables_are_cut_and_say_how_long_they_are() -> None:
    days = [row(f"2026-{1 + n // 28:02}-{1 + n % 28:02}", USD="1") for n in range(MOST_DAYS + 30)]
    page = shown(result(models=[row(f"m{n}", USD="1") for n in range(99)], days=days))
    assert (len(page.models), page.models_in_all) == (MOST_SHOWN, 99)
    assert (len(page.days), page.days_in_all) == (MOST_DAYS, MOST_DAYS + 30)
    assert page.days[-1].key == days[-1]["key"]


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        ("1.5", "USD", "$1.50"),
        (
            "4715.02051315",
            "USD",
            '<span title="Exactly $4,715.02051315">$4,715.02'
            '<span class="visually-hidden">, exactly $4,715.02051315</span></span>',
        ),
        ("2", "CNY", "CNY 2.00"),
        (
            "2.001",
            "<b>",
            '<span title="Exactly &lt;b&gt; 2.001">&lt;b&gt; 2.00'
            '<span class="visually-hidden">, exactly &lt;b&gt; 2.001</span></span>',
        ),
    ],
)
def test_an_amount_is_read_to_the_cent_and_exactly(value, currency, expected) -> None:
    assert amount(Decimal(value), currency) == expected
