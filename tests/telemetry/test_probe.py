"""Probes of a provider on 127.0.0.1: what is called, what it costs, and what is kept of it."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from catalog.known_names import known_names
from catalog.models import Endpoint, Provider
from pricing.models import Headline
from streaming.addresses import ADDRESSES
from telemetry import tasks
from telemetry.fold import fold
from telemetry.measured import renew
from telemetry.models import CallOrigin, InboxRow, LiveRow, Measured, ProbeRun
from telemetry.naming import endpoint_of
from telemetry.packing import PackedCalls, unpack
from telemetry.probe import probe_endpoint
from telemetry.probe_budget import LONGEST_RUN, NotProbed, delete_old_runs, hold, spent_on
from telemetry.probed_endpoints import begin_due, due_endpoints, probe_choice, workload
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell
from tests.streaming.provider_server import (
    ProviderServer,
    ScriptedAnswer,
    chat,
    event,
    serving_provider,
)

pytestmark = pytest.mark.django_db

KEY = "sk-canary-0123456789abcdef"
WORDS = ["word "] * 40
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
JSON = {"Content-Type": "application/json"}
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    for _, names in ADDRESSES.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    with serving_provider() as state:
        monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", f"{state.address}/v1")
        monkeypatch.setenv("HOST_API_KEY", KEY)
        state.answer = ScriptedAnswer(chat(WORDS, first=0.02, between=0.01, usage=USAGE))
        yield state


def host() -> Provider:
    return make_provider("host")


def endpoint(slug: str = "openai/o4-mini", **prices: str) -> Endpoint:
    return sell(make_model(slug), host(), **(prices or {"input": "1", "output": "10"}))


def counted() -> list[PackedCalls]:
    rows = InboxRow.objects.order_by("id")
    assert {row.origin for row in rows} <= {CallOrigin.PROBE}
    return [unpack(row.packed) for row in rows]


def test_a_probe_counts_and_costs_what_the_provider_reports(server: ProviderServer):
    run = probe_endpoint(endpoint().id, now=timezone.now())
    assert (run.outcome, run.sentence, run.status) == ("ok", "", 200)
    # 100 × $1 + 50 × $10 a million.
    assert run.spent == Decimal("0.0006")
    assert run.held > run.spent
    assert run.first and run.first >= 0.02 and run.first_answer == run.first
    # 49 tokens after the first, in 39 pauses of 10 ms, or more on a busy machine.
    assert run.throughput and 0 < run.throughput < 49 / 0.3
    [calls] = counted()
    assert calls.names == (("host", "o4-mini"),)
    assert [*calls.outcome] == [0]
    assert calls.latency[0] == pytest.approx(run.first)
    assert calls.throughput[0] == pytest.approx(run.throughput)
    assert (calls.input_tokens[0], calls.output_tokens[0]) == (100, 50)
    path, headers, body = server.requests[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["max_tokens"]) == ("o4-mini", 200)
    assert len(body["messages"][0]["content"].split()) == 150


def test_each_prompt_is_another_and_no_parameter_is_sent_that_is_not_known(
    server: ProviderServer,
):
    plain = endpoint()
    known = make_endpoint(
        make_model("a/b", capabilities=["reasoning"]), host(), parameters=["temperature"]
    )
    for meter in ("input", "output"):
        make_rate(known, meter)
    for each in (plain, plain, known):
        probe_endpoint(each.id, now=timezone.now())
    first, second, third = (body for _, _, body in server.requests)
    assert first["messages"] != second["messages"]
    assert "temperature" not in first and third["temperature"] == 0
    assert third["max_tokens"] == 1000


@pytest.mark.parametrize(
    ("answer", "outcome", "spent", "sentence"),
    [
        (ScriptedAnswer(status=500), "failed", "0", "Host answered 500."),
        (
            ScriptedAnswer(
                [(0, json.dumps({"error": {"message": f"Bad key {KEY}"}}).encode())], 401, JSON
            ),
            "refused",
            "0",
            "Host refused the key in HOST_API_KEY (401).",
        ),
        (ScriptedAnswer(status=429), "refused", "0", "Host limits this key’s rate (429)."),
        (ScriptedAnswer(status=404), "refused", "0", "Host answered 404."),
        # What broke off or has no usage may have cost anything: the whole hold counts.
        (ScriptedAnswer(chat(WORDS)[:5]), "failed", None, "Host broke off its answer"),
        (
            ScriptedAnswer([*chat(WORDS)[:5], (0, event({"choices": [], "usage": USAGE}))]),
            "failed",
            None,
            "Host broke off its answer",
        ),
        (ScriptedAnswer(chat(WORDS)), "ok", None, "It reported no usage: the whole hold counts."),
        (
            ScriptedAnswer(
                chat(WORDS, usage={**USAGE, "completion_tokens": 10**12, "total_tokens": None})
            ),
            "ok",
            None,
            "The usage that it reported is not possible.",
        ),
    ],
)
def test_what_goes_wrong(
    server: ProviderServer, answer: ScriptedAnswer, outcome: str, spent: str | None, sentence: str
):
    server.answer = answer
    run = probe_endpoint(endpoint().id, now=timezone.now())
    run.refresh_from_db()
    assert (run.outcome, run.spent) == (outcome, run.held if spent is None else Decimal(spent))
    assert run.sentence.startswith(sentence) and KEY not in run.sentence
    [calls] = counted()
    assert [*calls.outcome] == [("ok", "failed", "refused").index(outcome)]
    assert calls.output_tokens[0] == (run.output_tokens or 0)


def test_too_short_an_answer_has_a_latency_alone(server: ProviderServer):
    short = {"prompt_tokens": 100, "completion_tokens": 19}
    server.answer = ScriptedAnswer(chat(WORDS, between=0.01, usage=short))
    run = probe_endpoint(endpoint().id, now=timezone.now())
    assert run.first and run.throughput is None and run.output_tokens == 19


def test_more_than_was_allowed_is_paid_and_said(server: ProviderServer):
    server.answer = ScriptedAnswer(
        chat(WORDS, usage={"prompt_tokens": 100, "completion_tokens": 700})
    )
    run = probe_endpoint(endpoint().id, now=timezone.now())
    assert run.spent == Decimal("0.0071") > run.held
    assert run.sentence == "It used more than the request allowed."


def test_a_network_that_may_be_ones_own_counts_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", "http://127.0.0.1:9/v1")
    sold = endpoint()
    run = probe_endpoint(sold.id, now=timezone.now())
    assert (run.outcome, run.spent) == ("unreached", 0)
    assert "Host could not be reached" in run.sentence and not counted()
    # Another provider answered: it is not this machine's network.
    ProbeRun.objects.create(
        provider=make_provider("other"), began_at=timezone.now(), held=0, outcome="ok", status=200
    )
    run = probe_endpoint(sold.id, now=timezone.now())
    assert run.outcome == "failed" and len(counted()) == 1


@pytest.mark.parametrize(
    ("prices", "fields", "reason"),
    [
        ({"input": "1"}, {}, "It has no price that a limit could be kept with: output unknown."),
        ({}, {"mode": "embedding"}, "It does not answer with text."),
        ({}, {"mode": "responses"}, "It is sold through an API of another kind: responses."),
        ({}, {"variant": "batch"}, "It is not compared with others: deferred."),
        ({}, {"variant": "online"}, "It may search, for a fee"),
        ({}, {"missing_since": NOW}, "Its provider is not called, or it is retired."),
    ],
)
def test_what_is_not_probed_has_a_reason(
    server: ProviderServer, prices: dict[str, str], fields: dict[str, Any], reason: str
):
    sold = endpoint(**prices)
    Endpoint.objects.filter(id=sold.id).update(**fields)
    with pytest.raises(NotProbed, match=r"^It") as refused:
        probe_endpoint(sold.id, now=timezone.now())
    assert str(refused.value).startswith(reason)
    assert not server.requests and not ProbeRun.objects.exists()


def test_prices_in_another_currency_hold_no_budget(server: ProviderServer):
    sold = make_endpoint(make_model(), host())
    for meter in ("input", "output"):
        make_rate(sold, meter, currency="CNY")
    with pytest.raises(NotProbed, match="priced in CNY"):
        probe_endpoint(sold.id, now=timezone.now())


def test_the_dearest_of_cache_reasoning_and_hours_is_held(server: ProviderServer):
    plain = endpoint()
    dear = endpoint("a/b", input="1", output="10", cache_write="2", reasoning="80")
    for each in (plain, dear):
        probe_endpoint(each.id, now=timezone.now())
    of_plain, of_dear = ProbeRun.objects.order_by("id")
    assert of_dear.held > 3 * of_plain.held


def test_a_budget_is_that_of_a_day_and_a_provider(settings: Any):
    sold, other = endpoint(), make_provider("other")
    ids = sold.id, sold.provider_id
    run = hold(*ids, Decimal("0.6"), Decimal(1), NOW)
    with pytest.raises(NotProbed, match=r"Another probe of its provider is running"):
        hold(*ids, Decimal("0.1"), Decimal(1), NOW)
    hold(sold.id, other.id, Decimal("0.6"), Decimal(1), NOW)
    # Killed: after a while it blocks no other probe, and its hold stays until the day is over.
    later = NOW + LONGEST_RUN
    with pytest.raises(NotProbed, match=r"\$0.6 of \$1, and a probe may cost \$0.41\."):
        hold(*ids, Decimal("0.41"), Decimal(1), later)
    assert spent_on(sold.provider_id, later) == Decimal("0.6")
    assert hold(*ids, Decimal("0.4"), Decimal(1), later).held == Decimal("0.4")
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    with pytest.raises(NotProbed, match="budget"):
        hold(*ids, Decimal("0.1"), Decimal(1), midnight - timedelta(seconds=1))
    assert hold(*ids, Decimal(1), Decimal(1), midnight)
    ProbeRun.objects.filter(id=run.id).update(outcome="ok", spent=Decimal("0.1"))
    assert spent_on(sold.provider_id, NOW) == Decimal("0.5")
    delete_old_runs(NOW + timedelta(days=30, hours=12))
    assert [kept.began_at for kept in ProbeRun.objects.all()] == [midnight]


def test_what_is_probed_first_and_when(settings: Any, server: ProviderServer):
    settings.PROBE_ENDPOINTS = 2
    plain, headline, busy = (endpoint(f"a/{name}") for name in ("plain", "headline", "busy"))
    Headline.objects.create(model=headline.model, endpoint=headline, standing="own", top=1)
    Measured.objects.create(
        endpoint=busy, origin=CallOrigin.TRAFFIC, uptime_samples=7, newest_at=NOW
    )
    unpriced = endpoint("a/unpriced", input="1")
    choice = probe_choice(NOW)
    assert [each.model for each, _ in choice.endpoints] == ["a/busy", "a/headline"]
    assert [*choice.access] == ["host"]
    settings.PROBE_ENDPOINTS = 9
    choice = probe_choice(NOW)
    assert [each.model for each, _ in choice.refused] == [unpriced.model.slug]
    assert len(choice.endpoints) == 3

    def due(at: datetime) -> list[str]:
        return [each.model for each in due_endpoints(at, Random(1))]

    def ran(probed: Endpoint, at: datetime, **fields: Any) -> None:
        ProbeRun.objects.create(
            provider=host(),
            endpoint=probed,
            began_at=at,
            held=0,
            outcome="ok",
            **fields,
        )

    dated = make_endpoint(headline.model, host(), upstream_id="headline-2026-01-01")
    for meter in ("input", "output"):
        make_rate(dated, meter)
    assert len(probe_choice(NOW).endpoints) == 3 < len(probe_choice(NOW, every=True).endpoints)
    assert due(NOW) == ["a/busy"]  # one at a time of a provider, none probed yet
    ran(busy, NOW)
    assert due(NOW) == ["a/headline"]
    ran(headline, NOW + timedelta(minutes=5))
    ran(plain, NOW + timedelta(minutes=10))
    assert due(NOW + timedelta(minutes=45)) == []
    assert due(NOW + timedelta(minutes=75)) == ["a/busy"]
    # An endpoint that this account may not call is left alone for a day, after a wrong key all are.
    ProbeRun.objects.filter(endpoint=busy).update(outcome="refused", status=404)
    assert due(NOW + timedelta(hours=2)) == ["a/headline"]
    assert due(NOW + timedelta(hours=25)) != []
    ProbeRun.objects.filter(endpoint=plain).update(outcome="refused", status=401)
    assert due(NOW + timedelta(minutes=65)) == []


def test_a_budget_lasts_the_day_and_holds_enough_samples_of_each(
    settings: Any, server: ProviderServer
):
    settings.PROBE_BUDGET = Decimal("0.10")
    # Six probes of at most 200 tokens are more than $0.10, and some $0.01.
    dear, cheap = (
        endpoint("a/dear", input="1", output="84"),
        endpoint("a/b", input="0.001", output="9"),
    )
    choice = probe_choice(NOW)
    assert [each.model for each, _ in choice.endpoints] == ["a/b"]
    [(refused, reason)] = choice.refused
    assert refused.id == dear.id and reason.startswith("6 probes of it may cost $0.1")
    # Half of the day is over at noon, and a tenth may be spent before.
    ProbeRun.objects.create(
        provider=host(), began_at=NOW, held=1, spent=Decimal("0.06"), outcome="ok"
    )
    assert [each.id for each in due_endpoints(NOW, Random(1))] == [cheap.id]
    ProbeRun.objects.update(spent=Decimal("0.061"))
    assert [*due_endpoints(NOW, Random(1))] == []
    assert [*due_endpoints(NOW + timedelta(minutes=20), Random(1))] != []


def test_a_turn_begins_probes_by_chance_within_it(settings: Any, server: ProviderServer):
    sold = endpoint()
    begun: list[tuple[list[int], dict[str, float]]] = []
    begin_due(timezone.now(), lambda arguments, **options: begun.append((arguments, options)))
    [(arguments, options)] = begun
    assert arguments == [sold.id] and 0 <= options["countdown"] < options["expires"] < 300
    settings.PROBE_BUDGET = Decimal(0)
    begin_due(timezone.now(), lambda *_, **__: begun.append(([], {})))
    assert len(begun) == 1 and not server.requests
    tasks.probe(sold.id)  # without a budget nothing is called
    assert not ProbeRun.objects.exists()
    settings.PROBE_BUDGET = Decimal(1)
    tasks.probe(sold.id)
    assert ProbeRun.objects.get().outcome == "ok"


def test_without_a_key_nothing_is_called(monkeypatch: pytest.MonkeyPatch, server: ProviderServer):
    monkeypatch.delenv("HOST_API_KEY")
    endpoint()
    assert [*due_endpoints(timezone.now(), Random(1))] == []
    with pytest.raises(CommandError, match="No provider has a key"):
        call_command("probe")


def test_the_command(capsys: pytest.CaptureFixture[str], server: ProviderServer):
    endpoint()
    endpoint("a/unpriced", input="1")
    make_provider("groq")
    call_command("probe", "--list")
    listed = capsys.readouterr().out
    assert "Probed about every 60 minutes: 150 words in, at most 200 tokens out" in listed
    assert "  openai/o4-mini@host\n  not a/unpriced@host: It has no price" in listed
    assert "Groq is not called: set GROQ_API_KEY." in listed and not server.requests
    call_command("probe")
    call_command("probe", "openai/o4-mini@host", "@host", "a/unpriced@host")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and lines[0].startswith("openai/o4-mini at Host: first token 0.")
    assert lines[0].endswith("tokens/s, $0.000600.") and "not probed. It has no" in lines[4]
    with pytest.raises(CommandError, match="set GROQ_API_KEY"):
        call_command("probe", "x/y@groq")
    with pytest.raises(CommandError, match="There is no endpoint x/y@host in use"):
        call_command("probe", "x/y@host")


def test_the_key_is_nowhere(
    server: ProviderServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    sold = endpoint()
    body = json.dumps({"error": {"message": f"{KEY} {KEY[:6]}***{KEY[-4:]}"}}).encode()
    answers = [
        *(ScriptedAnswer([(0, body)], status, JSON) for status in (400, 401, 403, 429, 500)),
        ScriptedAnswer(chat([KEY], usage=USAGE)),
    ]
    with caplog.at_level(logging.DEBUG):
        for answer in answers:
            server.answer = answer
            probe_endpoint(sold.id, now=timezone.now())
    texts = [caplog.text, "".join(capfd.readouterr())]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM \"{table}\" t")
            texts += cursor.fetchone()
    for part in (KEY, KEY[:6], KEY[-6:]):
        assert not any(part in text for text in texts)


def test_names_of_probes_mean_their_endpoints():
    sold = endpoint()
    assert endpoint_of(known_names(), "host", sold.upstream_id) == sold.id


METRICS = ("latency", "throughput", "uptime")


def test_five_probes_are_figures_of_tables():
    sold = endpoint()
    for _ in range(5):
        probe_endpoint(sold.id, now=timezone.now())
    fold(timezone.now())
    renew(timezone.now())
    row = LiveRow.objects.get(endpoint=sold)
    latency = row.details["latency"]
    assert (latency["source"], latency["samples"], latency["window"]) == ("Own probes", 5, "1d")
    assert row.latency and row.throughput and row.uptime == 1
    assert {row.details[metric]["definition"] for metric in METRICS} == {workload().definition}
    # A model that shows what it thinks before its answer.
    ProbeRun.objects.update(first=0.2, first_answer=1.5)
    renew(timezone.now())
    row.refresh_from_db()
    assert row.details["latency"]["definition"] == (
        f"To the first token of the answer 1.5 s, the median of 5. {workload().definition}"
    )
    assert row.details["uptime"]["definition"] == workload().definition
    ProbeRun.objects.filter(pk=ProbeRun.objects.first().pk).delete()
    renew(timezone.now())
    row.refresh_from_db()
    assert row.details["latency"]["definition"] == workload().definition


# Holds of several threads and processes ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_hundred_holds_at_once_never_exceed_a_budget_by_a_cent():
    sold = endpoint()
    budget, refused = Decimal("5.00"), []

    def spend(number: int) -> None:
        for attempt in range(10):
            try:
                # Of another moment each, so that none waits for the one before to end.
                began = NOW + timedelta(seconds=number) + attempt * 5 * LONGEST_RUN
                most = Decimal("0.07") + Decimal(number) / 1000
                run = hold(sold.id, sold.provider_id, most, budget, began)
                ProbeRun.objects.filter(id=run.id).update(outcome="ok", spent=most)
            except NotProbed as reason:
                refused.append(str(reason))
        connection.close()

    threads = [threading.Thread(target=spend, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = spent_on(sold.provider_id, NOW)
    assert Decimal("4.90") < total <= budget
    assert any("budget" in reason for reason in refused)


KILLED = """
import os, sys
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.utils import timezone
from telemetry.probe import probe_endpoint
probe_endpoint(int(sys.argv[2]), now=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_probe_leaves_its_hold(server: ProviderServer):
    sold = endpoint()
    server.answer = ScriptedAnswer(chat(WORDS)[:3], hangs=60)
    name = connection.settings_dict["NAME"]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, name, str(sold.id)], env=os.environ, cwd=sys.path[0]
    )
    waiting = threading.Event()
    for _ in range(600):
        if server.sent_at or process.poll() is not None:
            break
        waiting.wait(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = ProbeRun.objects.get()
    assert (run.outcome, run.spent) == ("", None) and run.held > 0
    assert spent_on(sold.provider_id, timezone.now()) == run.held
    with pytest.raises(NotProbed, match="is running"):
        probe_endpoint(sold.id, now=timezone.now())
    assert not InboxRow.objects.exists()
