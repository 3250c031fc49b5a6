"""How exactly a probe measures: its time to the first token and its rate, beside what servers of
three shapes note of their own, in a process apart."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.place import ROOT
from bench.report import ReportLine, count
from streaming.access import ApiAccess
from streaming.anthropic_shape import ANTHROPIC
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE
from streaming.prompts import Prompt, message
from streaming.shape import ApiShape
from streaming.stream import StreamedCall

# Seconds to the first token, tokens a second, tokens, and how often.
CASES = ((0.05, 2000, 1000, 5), (0.2, 500, 300, 3), (1.0, 100, 100, 3), (5.0, 10, 25, 1))
MOST_SECONDS, MOST_SHARE = 0.005, 0.03


def measure(home: Path) -> Iterator[ReportLine]:
    with _served() as (address, notes):
        _errors(address, notes, COMPATIBLE, "0.05-100-10")  # what a first call loads
        for first, rate, tokens, times in CASES:
            errors = [
                _errors(address, notes, shape, f"{first}-{rate}-{tokens}")
                for shape in (COMPATIBLE, ANTHROPIC, GOOGLE)
                for _ in range(times)
            ]
            of_first, of_rate = zip(*errors, strict=True)
            yield count(
                f"probe: first token after {first:g} s, error",
                statistics.median(of_first) * 1000,
                max(MOST_SECONDS, MOST_SHARE * first) * 1000,
                "ms",
            )
            yield count(
                f"probe: {rate:,} tokens/s, error",
                statistics.median(of_rate) * 100,
                MOST_SHARE * 100,
                "%",
            )


def _errors(address: str, notes: IO[str], shape: ApiShape, model: str) -> tuple[float, float]:
    """Of the time to the first token in seconds, of the rate as a share."""
    access = ApiAccess("bench", "Bench", shape, address, "BENCH_API_KEY", "key", is_set=True)
    with StreamedCall(access, Prompt(model, (message("user", "Count."),), 2000)) as call:
        for _ in call:
            pass
    summary = call.summary
    first, rate = map(float, notes.readline().split())
    assert summary.first is not None and summary.throughput is not None, summary
    return abs(summary.first - first), abs(summary.throughput / rate - 1)


@contextmanager
def _served() -> Iterator[tuple[str, IO[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.model_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1", process.stdout
    finally:
        process.terminate()
        process.wait()
