"""Providers that misbehave, in each shape, and readers that leave: never more than was used."""

import gc
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.payers import Payer
from playground.endpoints import CallableEndpoint, endpoints_of
from playground.ledger import NotHeld
from playground.models import LedgerEntry
from playground.run import CallEnd, CallEvent, PromptRun
from streaming.prompts import Prompt, message
from streaming.summary import StreamLimits
from telemetry.models import InboxRow
from telemetry.packing import unpack
from tests.called import KEY, USAGE, WORDS
from tests.factories import make_model, make_provider, make_rate, sell
from tests.streaming.provider_server import (
    DIES,
    ProviderServer,
    ScriptedAnswer,
    chat,
    event,
    generated,
    messages,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = LedgerEntry.Way.PAGE
IMPATIENT = StreamLimits(connect=2, first=0.4, between=0.4, total=5)
PROVIDERS = {"host": "HOST", "anthropic": "ANTHROPIC", "google": "GEMINI"}
WHOLE = {
    "host": chat(WORDS, usage=USAGE),
    "anthropic": messages(WORDS, output=50),
    "google": generated(WORDS, promptTokenCount=20, candidatesTokenCount=50),
}


def prompt(max_output: int = 100) -> Prompt:
    return Prompt("o4-mini", (message("user", "Count to forty."),), max_output)


def called(server: ProviderServer, monkeypatch: pytest.MonkeyPatch, slug: str) -> CallableEndpoint:
    variable = slug.upper()
    monkeypatch.setenv(f"RATECARD_PROVIDER_{variable}_URL", f"{server.address}/v1")
    monkeypatch.setenv(f"{PROVIDERS[slug]}_API_KEY", KEY)
    sell(make_model(), make_provider(slug), input="1", output="10")
    [endpoint], reasons = endpoints_of("openai/o4-mini", timezone.now())
    assert reasons == []
    return endpoint


@pytest.fixture
def endpoint(server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> CallableEndpoint:
    return called(server, monkeypatch, "host")


def entry_of(payer: Payer, endpoint: CallableEndpoint, **options: Any) -> LedgerEntry:
    with PromptRun(payer, [(endpoint, prompt())], PAGE, **options) as calls:
        assert isinstance([*calls][-1], CallEnd)
    return LedgerEntry.objects.get()


@pytest.mark.parametrize("slug", PROVIDERS)
@pytest.mark.parametrize("how", ["whole", "hangs", "dies", "silent", "refuses"])
def test_each_shape_is_charged_for_what_came(
    payer: Payer, server: ProviderServer, monkeypatch: pytest.MonkeyPatch, slug: str, how: str
):
    endpoint = called(server, monkeypatch, slug)
    whole = WHOLE[slug]
    server.answer = {
        "whole": ScriptedAnswer(whole),
        "hangs": ScriptedAnswer(whole[: len(whole) // 2], hangs=3),
        "dies": ScriptedAnswer([*whole[: len(whole) // 2], (0.05, DIES)]),
        "silent": ScriptedAnswer(hangs=3),
        "refuses": ScriptedAnswer([(0, event({"error": {"message": "Slow down"}}))], 429),
    }[how]
    entry = entry_of(payer, endpoint, limits=IMPATIENT)
    assert entry.spent is not None and entry.ended_at is not None
    paid = (entry.input_tokens or 0) * 1 + (entry.output_tokens or 0) * 10
    assert entry.spent == Decimal(paid) / 10**6 <= entry.held
    expected = {"whole": "ok", "refuses": "refused"}.get(how, "failed")
    assert entry.outcome == expected
    if how == "whole":
        assert (entry.output_tokens, entry.counted_by) == (50, "provider")
    elif how in ("hangs", "dies"):
        assert 5 < (entry.output_tokens or 0) < 50 and entry.counted_by == "ratecard"
        assert "counted by Ratecard" in entry.sentence
    else:
        assert entry.spent == 0 and entry.counted_by == ""


@pytest.mark.parametrize("count", [10**12, -1, float("nan"), float("inf"), 1e308, "many", None, {}])
def test_a_count_that_cannot_be_is_neither_charged_nor_a_sample(
    payer: Payer, endpoint: Any, server: ProviderServer, count: object
):
    usage = {"prompt_tokens": 100, "completion_tokens": count}
    server.answer = ScriptedAnswer(chat(WORDS, between=0.02, usage=usage))
    entry = entry_of(payer, endpoint)
    assert (entry.outcome, entry.counted_by) == ("ok", "ratecard")
    assert 20 < (entry.output_tokens or 0) < 100 and entry.spent and entry.spent < entry.held
    assert entry.throughput is None
    [row] = InboxRow.objects.all()
    assert "e+" not in str(unpack(row.packed))


def test_parts_without_a_price_of_their_own_cost_plain_tokens(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    parts = {"audio_tokens": 5, "cached_tokens": 60}
    server.answer = ScriptedAnswer(chat(WORDS, usage={**USAGE, "prompt_tokens_details": parts}))
    entry = entry_of(payer, endpoint)
    assert entry.spent == Decimal("0.0006") < entry.held
    assert "Without a price of its own here" in entry.sentence


def test_cached_tokens_cost_their_own_price(payer: Payer, server: ProviderServer):
    sold = sell(make_model(), make_provider("host"), input="1", output="10")
    make_rate(sold, "cache_read", "0.1")
    [endpoint], _ = endpoints_of("openai/o4-mini", timezone.now())
    parts = {"cached_tokens": 60}
    server.answer = ScriptedAnswer(chat(WORDS, usage={**USAGE, "prompt_tokens_details": parts}))
    entry = entry_of(payer, endpoint)
    # 40 × $1 + 60 × $0.10 + 50 × $10 a million.
    assert (entry.spent, entry.cached_tokens) == (Decimal("0.000546"), 60)


def test_tool_calls_are_output_too(payer: Payer, endpoint: Any, server: ProviderServer):
    function = {"name": "look_up", "arguments": '{"city": "Paris and everything around it"}'}
    tool = {"index": 0, "id": "a", "type": "function", "function": function}
    end = {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}
    server.answer = ScriptedAnswer(
        [
            (0, event({"choices": [{"delta": {"tool_calls": [tool]}}]})),
            (0, event(end)),
            (0, b"data: [DONE]\n\n"),
        ]
    )
    entry = entry_of(payer, endpoint)
    assert (entry.outcome, entry.counted_by) == ("ok", "ratecard")
    assert 5 < (entry.output_tokens or 0) < 40


def test_an_empty_answer_costs_its_input(payer: Payer, endpoint: Any, server: ProviderServer):
    server.answer = ScriptedAnswer(chat([]))
    entry = entry_of(payer, endpoint)
    assert (entry.outcome, entry.output_tokens) == ("ok", 0)
    assert entry.spent == Decimal(entry.input_tokens or 0) / 10**6 > 0


def test_a_reader_that_leaves_at_once_ends_the_call_before_it_answers(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer(hangs=5)
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        reading = iter(calls)
        next(reading)
        wait_until(lambda: bool(server.requests))
        began = time.monotonic()
    assert time.monotonic() - began < 4
    entry = LedgerEntry.objects.get()
    assert (entry.outcome, InboxRow.objects.count()) == ("stopped", 0)


def test_what_waits_for_its_reader_was_used_too(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer([*chat(WORDS[:30])[:-2]], hangs=5)
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        reading = iter(calls)
        next(reading)
        wait_until(lambda: calls._queue.qsize() >= 30)
    entry = LedgerEntry.objects.get()
    assert entry.outcome == "stopped" and 29 <= (entry.output_tokens or 0) <= 61


def test_a_reader_that_leaves_after_the_last_piece_pays_what_is_reported(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    server.answer = ScriptedAnswer(chat(WORDS, usage=USAGE))
    with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
        for item in calls:
            if isinstance(item, CallEvent) and item.stamped.meaning.usage:
                wait_until(lambda: calls._queue.qsize() == 1)
                break
    entry = LedgerEntry.objects.get()
    assert (entry.outcome, entry.counted_by) == ("ok", "provider")
    assert entry.spent == Decimal("0.0006")


def test_two_tabs_race_for_the_last_of_an_allowance(
    payer: Payer, endpoint: Any, server: ProviderServer, settings: Any
):
    settings.ALLOWANCE = endpoint.most(prompt(), timezone.now())

    def tab(_: int) -> bool:
        try:
            with PromptRun(payer, [(endpoint, prompt())], PAGE) as calls:
                return isinstance([*calls][-1], CallEnd)
        except NotHeld as refusal:
            assert "comes back on" in str(refusal)
            return False
        finally:
            connection.close()

    server.answer = ScriptedAnswer(chat(WORDS, between=0.02, usage=USAGE))
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tab, range(2))) == [False, True]
    assert len(server.requests) == 1


def test_a_stream_takes_little_memory_and_leaves_no_thread(
    payer: Payer, endpoint: Any, server: ProviderServer
):
    entry_of(payer, endpoint)  # what a first call loads
    threads = threading.active_count()
    server.answer = ScriptedAnswer(chat(["x" * 1000] * 5000, usage=USAGE))
    gc.collect()
    tracemalloc.start()
    try:
        with PromptRun(payer, [(endpoint, prompt(6000))], PAGE) as calls:
            reading = iter(calls)
            next(reading)
            wait_until(calls._queue.full)
            held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2**20
    wait_until(lambda: threading.active_count() <= threads)
