"""A process that is killed in the middle of an answer."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.payers import Payer
from playground.limits import spendings
from playground.models import LedgerEntry
from tests.called import USAGE, WORDS
from tests.database import database_address
from tests.factories import make_model, make_provider, sell
from tests.streaming.provider_server import ProviderServer, ScriptedAnswer, chat

CALLS = """
import sys
import django
django.setup()
from django.utils import timezone
from accounts.payers import Payer
from playground.endpoints import endpoints_of
from playground.models import LedgerEntry
from playground.run import CallEvent, PromptRun
from streaming.prompts import Prompt, message
[endpoint], _ = endpoints_of("openai/o4-mini", timezone.now())
prompt = Prompt("o4-mini", (message("user", "Count."),), 100)
with PromptRun(Payer(int(sys.argv[1]), None), [(endpoint, prompt)], LedgerEntry.Way.PAGE) as run:
    for item in run:
        if isinstance(item, CallEvent) and item.stamped.meaning.answer:
            print("a token", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_leaves_a_hold_that_counts_and_says_so(
    payer: Payer, person: Any, server: ProviderServer, client: Client
):
    sell(make_model(), make_provider("host"), input="1", output="10")
    server.answer = ScriptedAnswer(chat(WORDS, between=0.2, usage=USAGE))
    process = subprocess.Popen(
        [sys.executable, "-c", CALLS, str(payer.user_id)],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_address(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "a token\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process.stdout.close()
    assert server.gone.wait(10)
    entry = LedgerEntry.objects.get()
    assert (entry.spent, entry.outcome, entry.ended_at) == (None, "", None)
    [own] = spendings(payer, timezone.now())
    assert own.counted == own.held == entry.held > 0
    client.force_login(person)
    assert "not settled" in client.get("/account/").content.decode()
