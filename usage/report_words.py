"""What page and command state about a priced log, in the same sentences. Pure.

All read a result as `usage.report_json` has it; `money` writes an amount of a currency.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from usage.requests import REPEATED

Money = Callable[[Decimal, str], str]
Result = Mapping[str, Any]
# Rows without a value in the column of owners.
NO_OWNER = "(none)"
# So many lines of a kind, and so many names in a sentence.
MOST_LINES = 20
_MOST_NAMES = 8
_MOST_MODELS = 3


def cost_in_words(cost: Mapping[str, Any], money: Money) -> str:
    """$7.25 to $14.00, and other currencies; empty for no price."""
    most = cost.get("most") or {}
    parts = []
    for currency, text in cost["amounts"].items():
        amount = money(Decimal(text), currency)
        upper = money(Decimal(most.get(currency, text)), currency)
        parts.append(amount if upper == amount else f"{amount} to {upper}")
    return " + ".join(parts)


def unstated_in_words(result: Result) -> str:
    """Rows that add up requests without their number, each of which counts as one request."""
    is_counted = "request" in result["log"].get("mapping", ())
    sums = 0 if is_counted else result.get("sums", 0)
    if not sums:
        return ""
    add = "adds" if sums == 1 else "add"
    return f"at least: {_count(sums, 'row')} {add} up requests without their number"


def requests_in_words(result: Result) -> str:
    """How many requests the log has, as far as its rows state that."""
    requests = _count(result.get("requests", result["rows"]), "request")
    return f"{requests} {unstated_in_words(result)}".rstrip()


def range_in_words(result: Result, money: Money) -> str:
    """Why the cost is a range; empty where it is none."""
    if not result["as_run"].get("most"):
        return ""
    rows = result.get("sums", 0)
    add = "adds up requests" if rows == 1 else "add up requests"
    return (
        f"{cost_in_words(result['as_run'], money)}: {_count(rows, 'row')} {add} whose length is not"
        " known, and long ones cost more."
    )


def billed_in_words(result: Result, money: Money) -> list[str]:
    """What the log states to have cost beside ours; nothing where it states no cost."""
    billed = result.get("billed")
    if not billed:
        return []
    if not billed["compared_rows"]:
        stated = money(Decimal(billed["amount"]), "USD")
        rows = _count(billed["rows"], "row")
        return [f"Billed {stated} for {rows}, as the log states it; none can be compared."]
    amounts = (
        f"Billed {money(Decimal(billed['compared_billed']), 'USD')}, "
        f"priced {_range(billed['compared_priced'], billed['compared_most'], money)}"
    )
    models = list(dict.fromkeys(part["model"] for part in billed["parts"] if not part["same"]))
    named = f": {', '.join(models)}" if len(models) <= _MOST_MODELS else ""
    if not billed["differing"]:
        sentences = [f"{amounts}: they agree."]
    elif len(models) == 1:
        sentences = [f"{amounts}; the difference is this model{named}."]
    else:
        sentences = [f"{amounts}; the difference is these {len(models):,} models{named}."]
    if billed["compared_rows"] < result["rows"]:
        sentences.append(
            f"Compared are {billed['compared_rows']:,} of {_count(result['rows'], 'row')}: those of"
            " models with a price here of which every row states a cost."
        )
    return sentences


def difference_in_words(part: Mapping[str, Any], money: Money) -> str:
    """$2.23 less than priced."""
    if part["same"]:
        return "none"
    difference = Decimal(part["difference"])
    return f"{money(abs(difference), 'USD')} {'more' if difference > 0 else 'less'} than priced"


def reason_in_words(part: Mapping[str, Any]) -> str:
    if part["same"]:
        return "agrees"
    return part["reason"] or "not known"


def repeated_in_words(result: Result) -> str:
    bad = next((bad for bad in result["bad"] if bad["reason"] == REPEATED), None)
    if bad is None:
        return ""
    repeat = "repeats a request and counts" if bad["rows"] == 1 else "repeat a request and count"
    return f"{_count(bad['rows'], 'row')} {repeat} once {lines_in_words(bad)}."


def sharing_in_words(result: Result) -> str:
    sharing = result.get("sharing", 0)
    if not sharing:
        return ""
    return f"{_count(sharing, 'row')} share a request id with different figures: each counts."


def left_out(result: Result) -> list[Mapping[str, Any]]:
    """Rows that are in no figure, by reason; those that repeat a request are none of them."""
    return [bad for bad in result["bad"] if bad["reason"] != REPEATED]


def lines_in_words(bad: Mapping[str, Any]) -> str:
    """(lines 2, 3, …)"""
    lines = ", ".join(f"{line:,}" for line in bad["lines"])
    more = ", …" if bad["rows"] > len(bad["lines"]) else ""
    return f"(line{'' if len(bad['lines']) == 1 else 's'} {lines}{more})"


def unread_in_words(result: Result) -> list[str]:
    """Numbers of the log that no field holds, and so are in no figure."""
    return [
        f"{one['path']}: {_count(one['rows'], 'row')}, {_number(one['total'])} in sum"
        for one in result.get("unread", ())
    ]


def own_api_in_words(result: Result) -> str:
    """Names that were placed without a provider in the log; empty for none."""
    placed: Sequence[Mapping[str, Any]] = result.get("by_own_api", ())
    if not placed:
        return ""
    rows = sum(one["rows"] for one in placed)
    at = list(dict.fromkeys(f"{one['name']} at {one['provider']}" for one in placed))
    more = f" and {len(at) - _MOST_NAMES:,} more" if len(at) > _MOST_NAMES else ""
    return (
        f"{_count(rows, 'row')} without a provider {'is' if rows == 1 else 'are'} priced at the own"
        f" API of the model's creator: {', '.join(at[:_MOST_NAMES])}{more}."
    )


def without_price_in_words(result: Result) -> str:
    """How many requests are in no total."""
    as_run = result["as_run"]
    missing = as_run.get("requests", as_run["rows"]) - as_run.get(
        "priced_requests", as_run["priced"]
    )
    if not missing:
        return ""
    return (
        f"{_count(missing, 'request')} went to a model or provider that has no price here, and "
        f"{'is' if missing == 1 else 'are'} in no total."
    )


def assumed_in_words(result: Result) -> str:
    assumed = result["as_run"]["assumed"]
    if not assumed:
        return ""
    day = (result.get("at") or "")[:10]
    are = "is older" if assumed == 1 else "are older"
    return (
        f"{_count(assumed, 'row')} {are} than any known price there, and priced as of"
        f" {day or 'today'}."
    )


def lines_of(result: Result, money: Money) -> Iterator[str]:
    """Everything above about how the log was read, as lines of text."""
    for bad in left_out(result):
        yield f"Left out: {_count(bad['rows'], 'row')}, {bad['reason']} {lines_in_words(bad)}."
    for sentence in (
        repeated_in_words(result),
        sharing_in_words(result),
        own_api_in_words(result),
    ):
        if sentence:
            yield sentence
    if unread := unread_in_words(result):
        yield "Not read, and in no figure: " + "; ".join(unread[:MOST_LINES]) + "."
    for name in result["unresolved"][:MOST_LINES]:
        called = f"{name['name']} at {name['provider']}" if name["provider"] else name["name"]
        yield f"Not placed: {_count(name['rows'], 'row')} of {called}: {name['why']}."
    for part in (result.get("billed") or {"parts": ()})["parts"][:MOST_LINES]:
        if not part["same"]:
            tier = f", {part['tier']}" if part["tier"] else ""
            yield (
                f"Billed {money(Decimal(part['billed']), 'USD')}, priced "
                f"{_range(part['priced'], part['most'], money)}: {part['model']}{tier}, "
                f"{difference_in_words(part, money)}; reason: {reason_in_words(part)}."
            )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _range(least: str, most: str, money: Money) -> str:
    return cost_in_words({"amounts": {"USD": least}, "most": {"USD": most}}, money)


def _number(total: float) -> str:
    return f"{total:,}" if isinstance(total, int) else f"{total:,.6g}"
