"""A minute of many connections by wrk: no error, memory that stays, latencies that keep together.

Cached pages, random estimates and filters of the model list in turn. Without wrk (Debian: `wrk`)
there are no lines.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import children
from bench.place import serving_ours
from bench.report import ReportLine, at_most, count

WRK = shutil.which("wrk")
CONNECTIONS = 32
SECONDS = 60
# Until caches are full; then they only replace what they have.
WARM_UP = 20
WARM_REQUESTS = 3_000
MOST_WARM_UPS = 6
ESTIMATES = "2"
SCRIPT = """
local kept = {"/", "/models/openai/o4-mini/", "/providers/", "/estimate/", "/compare/"}
local words = {"gpt", "claude", "mini", "pro", "llama"}
local kinds = {
  function() return kept[math.random(#kept)] end,
  function()
    return "/estimate/?requests=" .. math.random(3000000) .. "&input=" .. math.random(200000)
      .. "&output=" .. math.random(50000)
  end,
  function()
    return "/?q=" .. words[math.random(#words)] .. "&input_max=" .. math.random(5000) / 100
  end,
}
wrk.headers["Accept-Encoding"] = "gzip"
math.randomseed(os.time())
function init(args)
  only = tonumber(args[1])
end
function request()
  return wrk.format("GET", kinds[only or math.random(#kinds)]())
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %d %f %f\\n", summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass(frozen=True)
class Run:
    requests: int
    errors: int
    p50: float
    p99: float


def measure(home: Path) -> Iterator[ReportLine]:
    if not WRK:
        return
    script = home / "soak.lua"
    script.write_text(SCRIPT)
    with serving_ours() as port:
        warm = 0
        for _ in range(MOST_WARM_UPS):
            if warm < WARM_REQUESTS:
                warm += _run(port, script, WARM_UP).requests
        with _started(port, script, SECONDS) as wrk:
            time.sleep(10)
            early = _megabytes()
            time.sleep(SECONDS - 11)
            late = _megabytes()
            mixed = _figures(wrk)
        estimates = _run(port, script, WARM_UP, ESTIMATES)
    yield count(f"soak: errors in {mixed.requests:,} requests", mixed.errors, 0)
    yield at_most("soak: memory after a minute", late, early, 1.05, name="10 s", unit="MB")
    yield at_most("soak: p99 of an estimate", estimates.p99, estimates.p50, 3, name="p50")


def _run(port: int, script: Path, seconds: int, *arguments: str) -> Run:
    with _started(port, script, seconds, *arguments) as wrk:
        return _figures(wrk)


def _started(port: int, script: Path, seconds: int, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(str(WRK), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"),
            *("-s", str(script), f"http://127.0.0.1:{port}/", "--", *arguments),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )


def _figures(wrk: subprocess.Popen[str]) -> Run:
    written, _ = wrk.communicate(timeout=2 * SECONDS)
    match = re.search(r"^figures (\d+) (\d+) (\S+) (\S+)$", written, re.MULTILINE)
    if match is None:
        raise AssertionError(written)
    return Run(int(match[1]), int(match[2]), float(match[3]), float(match[4]))


def _megabytes() -> float:
    """Resident memory of all servers of this process."""
    pids = [str(pid) for pid in children(os.getpid())]
    listed = ["ps", "-o", "rss=,comm=", "-p", ",".join(pids)]
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    return (
        sum(int(line.split()[0]) for line in lines if "wrk" not in line and "ps" not in line) / 1024
    )
