"""The address for programs: what it adds to a call, and calls a CPU second beside LiteLLM's proxy.

A model that answers at once is called directly, through this program, and through the proxy, whose
configuration is the exported one without telemetry. Every answer is streamed, over connections that
stay open. The CPU time is that of the servers with their PostgreSQL, without client and model. The
proxy is in `LITELLM_PROXY`, installed as docs/gateway.md has it; without it that line is left out.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from io import StringIO
from pathlib import Path
from statistics import median
from threading import Thread

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from bench.cpu import children
from bench.instant_model import TOKENS
from bench.place import serving, serving_ours
from bench.report import ReportLine, at_least, count
from config.embedded import watcher
from playground.endpoints import called_endpoints

LITELLM = os.environ.get("LITELLM_PROXY", "")
PROVIDER = "groq"
ALONE, WARMING, CONNECTIONS, CALLS = 200, 40, 4, 800
MASTER_KEY = "sk-master-of-the-benchmark"
ADDRESS = "/v1/chat/completions"


def measure(home: Path) -> Iterator[ReportLine]:
    with ExitStack() as stack:
        model_port = stack.enter_context(
            serving(sys.executable, "-m", "bench.instant_model", "{port}", path="/")
        )
        os.environ |= {
            f"RATECARD_PROVIDER_{PROVIDER.upper()}_URL": f"http://127.0.0.1:{model_port}/v1",
            f"{PROVIDER.upper()}_API_KEY": "sk-of-the-benchmark",
            "RATECARD_PROVIDER_DAY_USD": "10000",
            "LITELLM_MASTER_KEY": MASTER_KEY,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        model = called_endpoints(timezone.now())[0].model
        secret = make_key(KeyKind.API, "bench")[1]
        before = {*children(os.getpid())}
        port = stack.enter_context(serving_ours())
        ours = {*children(os.getpid())} - before
        direct, through = _in_turn(model_port, port, model, secret)
        yield count("gateway: added to a call, p50", (through - direct) * 1000, 10, "ms")
        rate = _calls_a_cpu_second(port, model, secret, lambda: {*ours, *_sessions()})
        if not LITELLM:
            print("  (no LITELLM_PROXY: nothing to measure calls a CPU second beside)")
            return
        config = home / "litellm.yaml"
        written = StringIO()
        call_command("export", "litellm-proxy", "--model", model, stdout=written)
        config.write_text(written.getvalue().replace('callbacks: ["otel"]', "callbacks: []"))
        before = {*children(os.getpid())}
        proxy = stack.enter_context(
            serving(
                *(LITELLM, "--config", str(config), "--host", "127.0.0.1", "--port", "{port}"),
                path="/health/liveliness",
            )
        )
        theirs = {*children(os.getpid())} - before
        peer = _calls_a_cpu_second(proxy, model, MASTER_KEY, lambda: theirs)
        name = "LiteLLM’s proxy"
        yield at_least("gateway: calls, per CPU second", rate, peer, 0.5, name=name)


def _in_turn(model_port: int, port: int, model: str, secret: str) -> tuple[float, float]:
    """The median seconds of a call, directly and through this program."""
    direct, through = HTTPConnection("127.0.0.1", model_port), HTTPConnection("127.0.0.1", port)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(WARMING):
        _call(through, model, secret)
    for _ in range(ALONE):
        for connection, seconds in zip((direct, through), times, strict=True):
            began = time.perf_counter()
            _call(connection, model, secret)
            seconds.append(time.perf_counter() - began)
    return median(times[0]), median(times[1])


def _calls_a_cpu_second(
    port: int, model: str, secret: str, processes: Callable[[], set[int]]
) -> float:
    _many(port, model, secret, WARMING)
    before = _cpu_seconds(processes())
    _many(port, model, secret, CALLS)
    after = _cpu_seconds(processes())
    return CALLS / sum(seconds - before.get(pid, 0) for pid, seconds in after.items())


def _many(port: int, model: str, secret: str, calls: int) -> None:
    failures: list[BaseException] = []

    def call() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            for _ in range(calls // CONNECTIONS):
                _call(connection, model, secret)
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=call) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _call(connection: HTTPConnection, model: str, secret: str) -> None:
    fields = {
        "model": model,
        "messages": [{"role": "user", "content": "Count to twenty."}],
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection.request("POST", ADDRESS, json.dumps(fields), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or f"{TOKENS - 1} ".encode() not in body:
        raise AssertionError(f"{answer.status} {body[:500]!r}")


def _sessions() -> set[int]:
    postmaster = watcher.postmaster(settings.HOME / "postgres")
    return {*children(postmaster)} if postmaster else set()


def _cpu_seconds(processes: set[int]) -> Mapping[int, float]:
    ticks = os.sysconf("SC_CLK_TCK")
    seconds = {}
    for pid in processes:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        seconds[pid] = (int(fields[11]) + int(fields[12])) / ticks
    return seconds
