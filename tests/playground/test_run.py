"""Calls of a provider on 127.0.0.1: what comes, what is charged, and what is kept."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.payers import Payer
from playground.demo import ENDPOINT as DEMO
from playground.endpoints import CallableEndpoint, endpoints_of, has_key
from playground.ledger import NotHeld
from playground.models import LedgerEntry
from playground.run import CallEnd, CallEvent, PromptRun, Silence
from streaming.prompts import Prompt, message
from telemetry.models import CallOrigin, InboxRow
from telemetry.packing import unpack
from tests.called import USAGE, WORDS
from tests.factories import make_model, make_provider, make_rate, sell
from tests.streaming.provider_server import ProviderServer, ScriptedAnswer, chat, event
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = LedgerEntry.Way.PAGE
SECRET = "canary-of-a-prompt"


def prompt(max_output: int = 100) -> Prompt:
    return Prompt("o4-mini", (message("user", f"Count. {SECRET}"),), max_output)


@pytest.fixture
def endpoint(server: ProviderServer) -> CallableEndpoint:
    sell(make_model(), make_provider("host"), input="1", output="10")
    [called], reasons = endpoints_of("openai/o4-mini", timezone.now())
    assert reasons == []
    return called


def run(
    payer: Payer, endpoint: CallableEndpoint, **options: Any
) -> tuple[str, LedgerEntry, list[CallEvent | CallEnd | Silence]]:
    with PromptRun(payer, [(endpoint, prompt())], PAGE, **options) as calls:
        events = [*calls]
    text = "".join(e.stamped.meaning.answer for e in events if isinstance(e, CallEvent))
    [entry] = LedgerEntry.objects.all()
    return text, entry, events


def counted() -> list[Any]:
    rows = InboxRow.objects.order_by("id")
    assert {row.origin for row in rows} <= {CallOrigin.PLAYGROUND}
    return [unpack(row.packed) for row in rows]


def test_a_call_costs_what_the_provider_reports_line_by_line(payer: Payer, endpoint: Any):
    text, entry, events = run(payer, endpoint)
    assert text == "".join(WORDS)
    # 100 × $1 + 50 × $10 a million.
    assert (entry.spent, entry.outcome, entry.counted_by) == (Decimal("0.0006"), "ok", "provider")
    assert entry.held > entry.spent and entry.sentence == ""
    assert [(line["meter"], line["quantity"], line["amount"]) for line in entry.lines] == [
        ("input", "100", "0.0001"),
        ("output", "50", "0.0005"),
    ]
    assert (entry.input_tokens, entry.output_tokens) == (100, 50)
    assert entry.first and entry.first >= 0.02 and entry.throughput and entry.ended_at
    assert isinstance(events[-1], CallEnd) and events[-1].result.spent == entry.spent
    [calls] = counted()
    assert calls.names == (("host", "o4-mini"),) and [*calls.outcome] == [0]
    assert SECRET not in str(LedgerEntry.objects.values())


@pytest.mark.parametrize(
    ("answer", "outcome", "spent", "counted_by"),
    [
        (ScriptedAnswer(status=500), "failed", "0", ""),
        (ScriptedAnswer(status=429), "refused", "0", ""),
        (ScriptedAnswer(status=401), "refused", "0", ""),
        (ScriptedAnswer([(0, b"<html>")], 200, {"Content-Type": "text/html"}), "refused", "0", ""),
        (
            ScriptedAnswer([(0, event({"error": {"code": 502, "message": "Bad"}}))]),
            "failed",
            "0",
            "",
        ),
        (ScriptedAnswer(chat(WORDS)), "ok", None, "ratecard"),
        (ScriptedAnswer(chat(WORDS)[:5]), "failed", None, "ratecard"),
        (
            ScriptedAnswer(chat(WORDS, usage={**USAGE, "completion_tokens": 10**12})),
            "ok",
            None,
            "ratecard",
        ),
        (
            ScriptedAnswer(chat(WORDS, usage={**USAGE, "prompt_tokens": -5})),
            "ok",
            None,
            "ratecard",
        ),
    ],
)
def test_nothing_is_charged_that_was_not_used(
    payer: Payer,
    endpoint: Any,
    server: ProviderServer,
    answer: ScriptedAnswer,
    outcome: str,
    spent: str | None,
    counted_by: str,
):
    server.answer = answer
    _, entry, _ = run(payer, endpoint)
    assert (entry.outcome, entry.counted_by) == (outcome, counted_by)
    assert entry.spent is not None
    if spent is not None:
        assert entry.spent == Decimal(spent)
    else:
        assert Decimal("0.00001") < entry.spent < entry.held
        assert "counted by Ratecard" in entry.sentence
    if outcome != "ok":
        assert entry.sentence


def test_what_is_used_beyond_the_hold_is_not_charged(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer(
        chat(WORDS, usage={"prompt_tokens": 100, "completion_tokens": 1100})
    )
    _, entry, _ = run(payer, endpoint)
    assert entry.spent == entry.held and "More was used than was allowed" in entry.sentence


def test_a_reader_that_leaves_ends_the_call_and_pays_for_what_came(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer(chat(["word "] * 2000, between=0.02, usage=USAGE))
    threads = threading.active_count()
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        for place, _ in enumerate(calls):
            if place > 10:
                break
    assert server.gone.wait(5)
    [entry] = LedgerEntry.objects.all()
    assert (entry.outcome, entry.counted_by) == ("stopped", "ratecard")
    assert 0 < entry.spent < entry.held
    wait_until(lambda: threading.active_count() <= threads)


def test_a_silent_provider_gives_ticks_and_what_was_sent_is_paid(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer([(3, b": wait\n\n")] * 10)
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        first = next(iter(calls))
    assert isinstance(first, Silence)
    [entry] = LedgerEntry.objects.all()
    assert (entry.outcome, entry.output_tokens) == ("stopped", 0)
    assert entry.spent == Decimal(entry.input_tokens) / 10**6
    assert counted() == []


def test_a_run_that_is_never_read_costs_nothing(payer: Payer, endpoint: Any):
    with PromptRun(payer, [(endpoint, prompt())], PAGE):
        pass
    assert LedgerEntry.objects.get().spent == 0


def test_three_calls_side_by_side_are_held_together(
    payer: Payer, endpoint: Any, server: ProviderServer, settings: Any
):
    with PromptRun(payer, [(endpoint, prompt())] * 3, PAGE) as calls:
        events = [*calls]
    assert {e.place for e in events if isinstance(e, CallEvent)} == {0, 1, 2}
    assert [result.spent for result in calls.results] == [Decimal("0.0006")] * 3
    held = LedgerEntry.objects.values_list("held", flat=True)[0]
    settings.ALLOWANCE = held * 3 + Decimal("0.0018") - Decimal("0.000001")
    with pytest.raises(NotHeld, match="comes back on"):
        PromptRun(payer, [(endpoint, prompt())] * 3, PAGE)
    assert LedgerEntry.objects.count() == 3 and len(server.requests) == 3


def test_a_slow_reader_makes_the_provider_wait(payer: Payer, endpoint: Any, server: ProviderServer):
    server.answer = ScriptedAnswer(chat(["x" * 1000] * 3000, usage=USAGE))
    with PromptRun(payer, [(endpoint, prompt(5000))], PAGE) as calls:
        reading = iter(calls)
        next(reading)
        wait_until(lambda: calls._queue.full())
        assert calls._queue.qsize() <= 64
        assert sum(1 for _ in reading) >= 3000


def test_an_endpoint_without_a_bound_is_not_offered_and_says_why(server: ProviderServer):
    model = make_model()
    make_rate(sell(model, make_provider("host"), input="1"), "output", None, state="unknown")
    called, [reason] = endpoints_of("openai/o4-mini", timezone.now())
    assert called == [] and "no price that a limit could be kept with" in reason.reason


def test_an_endpoint_without_a_key_says_which_variable_to_set(no_keys: None):
    sell(make_model(), make_provider("openai"), input="1", output="2")
    called, [reason] = endpoints_of("openai/o4-mini", timezone.now())
    assert (called, reason.variables) == ([], ("OPENAI_API_KEY",))
    assert not has_key()


def test_the_demonstration_says_that_no_model_was_asked(payer: Payer, no_keys: None):
    text, entry, _ = run(payer, DEMO)
    assert text.startswith("No model was asked.")
    assert (entry.provider_slug, entry.model_slug, entry.provider) == ("demo", "demo/echo", None)
    assert entry.spent > 0 and entry.outcome == "ok"
    assert counted() == []


def test_the_connection_is_given_back_before_the_first_event(payer: Payer, endpoint: Any):
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        reading = iter(calls)
        next(reading)
        assert connection.connection is None


def test_an_amount_in_another_currency_has_no_bound(payer: Payer, server: ProviderServer):
    endpoint = sell(make_model(), make_provider("host"))
    for meter in ("input", "output"):
        make_rate(endpoint, meter, "1", currency="CNY")
    called, [reason] = endpoints_of("openai/o4-mini", timezone.now())
    assert called == [] and "CNY" in reason.reason
