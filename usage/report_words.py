"""What page and command state about a priced log, in the same sentences. Pure.

All read a result as `usage.report_json` has it; `money` writes an amount of a currency.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pricing.meters import meter, meter_order
from pricing.terms import STANDARD
from usage.failed import NOT_BILLED
from usage.requests import REPEATED

Money = Callable[[Decimal, str], str]
Result = Mapping[str, Any]
# Rows without a value in the column of owners.
NO_OWNER = "(none)"
# So many lines of a kind, and so many names in a sentence.
MOST_LINES = 20
_MOST_NAMES = 8
_MOST_MODELS = 3
# Fields of a log before its meters.
_LABELS = ("at", "model", "provider", "tier", "owner", "billed")
# Reasons of endpoints without a rank, as predicates: “9,006 …”; others are words already.
NOT_RANKED = {
    "context too small": "have no room for the longest request",
    "deferred": "answer later (batch, flex)",
    "conditional": "are not sold to everybody",
    "floating": "have floating ids, which lead to another model some day",
    "plan": "are part of a plan",
    "local": "run on your own machine",
    "free": "are free, within limits",
    "included": "are included in a plan",
    "unknown": "state no price for what the log uses",
    "not_offered": "do not offer what the log uses",
    "dynamic": "have a price that differs by request",
    "no such tier": "have no such tier",
}
# Why a part of what a log states to have cost is not compared.
_NOT_COMPARED = {
    "price": "without a price here in US dollars",
    "cost": "of models of which not every row states a cost",
}


def counted(number: int, noun: str) -> str:
    """1 request; 1,200 requests."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
    return f"at least: {counted(sums, 'row')} {add} up requests without their number"


def requests_in_words(result: Result) -> str:
    """How many requests the log has, as far as its rows state that."""
    requests = counted(result.get("requests", result["rows"]), "request")
    return f"{requests} {unstated_in_words(result)}".rstrip()


def range_in_words(result: Result, money: Money) -> str:
    """Why the cost is a range; empty where it is none."""
    if not result["as_run"].get("most"):
        return ""
    rows = result.get("sums", 0)
    add = "adds up requests" if rows == 1 else "add up requests"
    return (
        f"{cost_in_words(result['as_run'], money)}: {counted(rows, 'row')} {add} whose length is"
        " not known, and long ones cost more."
    )


def billed_in_words(result: Result, money: Money) -> list[str]:
    """What the log states to have cost beside ours; nothing where it states no cost."""
    billed = result.get("billed")
    if not billed:
        return []
    is_whole = billed["compared_rows"] == result["rows"]
    stated = money(Decimal(billed["amount"]), "USD")
    sentences = [] if is_whole else [f"The log states a cost of {stated} in all."]
    if billed["compared_rows"]:
        sentences.append(_compared_in_words(result, money, is_whole=is_whole))
    else:
        sentences.append("None of it is compared.")
    if apart := billed.get("apart"):
        parts = "; ".join(
            f"{money(Decimal(part['amount']), 'USD')} of {counted(part['rows'], 'row')} "
            f"{_NOT_COMPARED[part['why']]}"
            for part in apart
        )
        sentences.append(f"Not compared: {parts}.")
    return sentences


def _compared_in_words(result: Result, money: Money, *, is_whole: bool) -> str:
    billed = result["billed"]
    amounts = (
        f"Billed {money(Decimal(billed['compared_billed']), 'USD')}, "
        f"priced {_range(billed['compared_priced'], billed['compared_most'], money)}"
    )
    if not is_whole:
        are = "is" if billed["compared_rows"] == 1 else "are"
        rows = f"{billed['compared_rows']:,} of {counted(result['rows'], 'row')}"
        amounts = f"Compared {are} {rows}: {amounts.replace('B', 'b', 1)}"
    models = list(dict.fromkeys(part["model"] for part in billed["parts"] if not part["same"]))
    named = f": {', '.join(models)}" if len(models) <= _MOST_MODELS else ""
    if not billed["differing"]:
        return f"{amounts}: they agree."
    if len(models) == 1:
        return f"{amounts}; the difference is this model{named}."
    return f"{amounts}; the difference is these {len(models):,} models{named}."


def told_apart(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    """What distinguishes each part of a log from others of its model: its own names, and tier."""
    names: dict[str, set[str]] = defaultdict(set)
    called: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        names[part["model"]].add(part["name"])
        called[part["model"]].add(part["called"])
    labels = []
    for part in parts:
        words = [part["name"]] if len(names[part["model"]]) > 1 else []
        if len(called[part["model"]]) > 1:
            words.append(f"at {part['called']}" if part["called"] else "without a provider")
        labels.append(", ".join(filter(None, (*words, part["tier"]))))
    return labels


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
    return f"{counted(bad['rows'], 'row')} {repeat} once {lines_in_words(bad)}."


def sharing_in_words(result: Result) -> str:
    sharing = result.get("sharing", 0)
    if not sharing:
        return ""
    return f"{counted(sharing, 'row')} share a request id with different figures: each counts."


def failed_in_words(result: Result) -> str:
    """Requests that failed: those that were not billed, and those that are priced."""
    bad = next((bad for bad in result["bad"] if bad["reason"] == NOT_BILLED), None)
    sentences = []
    if bad:
        were = "was" if bad["rows"] == 1 else "were"
        failed = counted(bad["rows"], "request")
        sentences.append(f"{failed} failed and {were} not billed {lines_in_words(bad)}.")
    if priced := result.get("failed", 0):
        are = "is" if priced == 1 else "are"
        sentences.append(
            f"{counted(priced, 'request')} failed and {are} priced by what the log counts:"
            " providers bill what they report, also of these."
        )
    return " ".join(sentences)


def left_out(result: Result) -> list[Mapping[str, Any]]:
    """Rows that are in no figure, by reason, but for those that have a sentence of their own: what
    repeats a request, and what failed and was not billed."""
    return [bad for bad in result["bad"] if bad["reason"] not in (REPEATED, NOT_BILLED)]


def lines_in_words(bad: Mapping[str, Any]) -> str:
    """(lines 2, 3, …)"""
    lines = ", ".join(f"{line:,}" for line in bad["lines"])
    more = ", …" if bad["rows"] > len(bad["lines"]) else ""
    return f"(line{'' if len(bad['lines']) == 1 else 's'} {lines}{more})"


def unread_in_words(result: Result) -> list[str]:
    """Numbers of the log that no field holds, and so are in no figure."""
    return [
        f"{one['path']}: {counted(one['rows'], 'row')}, {_number(one['total'])} in sum"
        for one in result.get("unread", ())
    ]


def unbilled_in_words(result: Result) -> list[str]:
    """What endpoints do not bill apart, and so is not in their price."""
    return [
        f"{part['provider']} does not bill {meter(part['meter']).name.lower()} of {part['model']}: "
        f"{Decimal(part['quantity']).normalize():,f} in the log."
        for part in result.get("unbilled", ())
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
        f"{counted(rows, 'row')} without a provider {'is' if rows == 1 else 'are'} priced at the"
        f" own API of the model's creator: {', '.join(at[:_MOST_NAMES])}{more}."
    )


def chosen_in_words(result: Result) -> str:
    """Names of which the user chose the model; empty for none."""
    placed: Sequence[Mapping[str, Any]] = result.get("by_choice", ())
    if not placed:
        return ""
    read = [f"{one['name']} is {one['model']} at {one['provider']}" for one in placed]
    read = list(dict.fromkeys(read))
    more = f" and {len(read) - _MOST_NAMES:,} more" if len(read) > _MOST_NAMES else ""
    return f"By choice, {', '.join(read[:_MOST_NAMES])}{more}."


def without_price_in_words(result: Result) -> str:
    """How many requests are in no total."""
    as_run = result["as_run"]
    missing = as_run.get("requests", as_run["rows"]) - as_run.get(
        "priced_requests", as_run["priced"]
    )
    if not missing:
        return ""
    have = "has no price here, and is" if missing == 1 else "have no price here, and are"
    return f"{counted(missing, 'request')} {have} in no total."


def unpriced_in_words(result: Result) -> list[str]:
    """4 requests of a model at a provider: no price for characters in.

    Those of names that lead to no endpoint are “Not placed”.
    """
    found: Counter[str] = Counter()
    for share in result["shares"]:
        now, cost = share["now"], share.get("cost")
        if cost and now and now["amount"] is None:
            of = f"{share['model']} at {share['provider']}: {_why_unpriced(share)}."
            found[of] += cost["requests"] - cost["priced_requests"]
    return [f"{counted(number, 'request')} of {of}" for of, number in found.items() if number]


def _why_unpriced(share: Mapping[str, Any]) -> str:
    now = share["now"]
    if now["no_tier"]:
        return f"{share['provider']} states no price of it for “{now['no_tier']}”"
    if now["state"] == "included":
        return "it is included in a plan"
    if now["state"] == "dynamic":
        return "its price depends on the request"
    if not now["missing"]:
        return "no price in one currency" if now["state"] == "priced" else "no price"
    meters = ", ".join(meter(slug).name.lower() for slug in now["missing"])
    if now["state"] == "not_offered":
        return f"{share['provider']} does not sell {meters}"
    tier = "" if share["tier"] in ("", *STANDARD) else f" in the “{share['tier']}” tier"
    return f"no price for {meters}{tier}"


def assumed_in_words(result: Result) -> str:
    assumed = result["as_run"]["assumed"]
    if not assumed:
        return ""
    day = (result.get("at") or "")[:10]
    are = "is older" if assumed == 1 else "are older"
    return (
        f"{counted(assumed, 'row')} {are} than any known price there, and priced as of"
        f" {day or 'today'}."
    )


def read_as_in_words(result: Result) -> str:
    """at = created; input = prompt_tokens or usage.input_tokens."""
    mapping: Mapping[str, Sequence[str]] = result["log"].get("mapping", {})
    labels = [name for name in _LABELS if name in mapping]
    names = [*labels, *sorted({*mapping} - {*labels}, key=meter_order)]
    return "; ".join(f"{name} = {' or '.join(mapping[name])}" for name in names)


def lines_of(result: Result, money: Money) -> Iterator[str]:
    """Everything above about how the log was read, as lines of text."""
    for bad in left_out(result):
        yield f"Left out: {counted(bad['rows'], 'row')}, {bad['reason']} {lines_in_words(bad)}."
    for sentence in (
        repeated_in_words(result),
        failed_in_words(result),
        sharing_in_words(result),
        own_api_in_words(result),
        chosen_in_words(result),
    ):
        if sentence:
            yield sentence
    yield from unbilled_in_words(result)[:MOST_LINES]
    if unread := unread_in_words(result):
        yield "Not read, and in no figure: " + "; ".join(unread[:MOST_LINES]) + "."
    for name in result["unresolved"][:MOST_LINES]:
        called = f"{name['name']} at {name['provider']}" if name["provider"] else name["name"]
        yield f"Not placed: {counted(name['rows'], 'row')} of {called}: {name['why']}."
    parts = (result.get("billed") or {"parts": ()})["parts"]
    for part, label in list(zip(parts, told_apart(parts), strict=True))[:MOST_LINES]:
        if not part["same"]:
            told = f" ({label})" if label else ""
            yield (
                f"Billed {money(Decimal(part['billed']), 'USD')}, priced "
                f"{_range(part['priced'], part['most'], money)}: {part['model']}{told}, "
                f"{difference_in_words(part, money)}; reason: {reason_in_words(part)}."
            )


def _range(least: str, most: str, money: Money) -> str:
    return cost_in_words({"amounts": {"USD": least}, "most": {"USD": most}}, money)


def _number(total: float) -> str:
    return f"{total:,}" if isinstance(total, int) else f"{total:,.6g}"
