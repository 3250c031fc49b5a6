"""A month of requests priced on every endpoint of the catalog, beside reading the same file alone,
and beside genai-prices, which prices one request on one endpoint at a time."""

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from pathlib import Path

import django
import polars as pl
from genai_prices import Usage as TheirUsage
from genai_prices import calc_price
from genai_prices.data import providers

from bench.place import ROOT
from bench.report import ReportLine, at_least, at_most, count
from pricing.aggregates import Aggregates, aggregate, merge
from pricing.bulk import totals
from pricing.price import UnknownTier, price
from pricing.rate_cards import all_cards
from pricing.rates import RateCard
from pricing.regime_plan import Plan
from pricing.usage import Usage
from usage.add_up import joined
from usage.blocks import Range
from usage.preview import MOST_BYTES
from usage.ranges import ranges
from usage.reader import Reader
from usage.reader_tasks import AddUpTask, PreviewTask
from usage.requests import read

# What people run, with the provider they run it at; a few take most of the requests.
MODELS = (
    *(("gpt-5.4", "openai"), ("gpt-4.1-mini", "azure"), ("claude-sonnet-4-5", "anthropic")),
    *(("deepseek-chat", "deepseek"), ("gemini-2.5-pro", "google"), ("grok-4", "xai")),
    *(
        ("openai/gpt-oss-120b", "openrouter"),
        ("llama-3.3-70b-versatile", "groq"),
        ("o4-mini", "openai"),
    ),
)
ROWS = 1_000_000
TIMES = 10
SAMPLE = 500
_MONTH = datetime(2026, 11, 1, tzinfo=UTC)
_TODAY = datetime(2026, 11, 30, tzinfo=UTC)


def measure(home: Path) -> Iterator[ReportLine]:
    folder = home / "logs"
    folder.mkdir()
    log, small, large = folder / "log.csv", folder / "small.parquet", folder / "large.parquet"
    _write(log, small, large)
    theirs = _theirs()
    runs = {file: _alternate(file) for file in (log, large)}
    names = {log: (f"{ROWS:,} rows of CSV", 10), large: (f"{TIMES * ROWS:,} rows of Parquet", 10)}
    for file, (what, limit) in names.items():
        priced, read_alone = runs[file]
        yield at_most(
            f"usage: {what} × every endpoint",
            priced["seconds"],
            read_alone["seconds"],
            limit,
            name="reading",
            unit="s",
        )
    nested = folder / "nested.jsonl"
    _write_nested(nested)
    one, two = (min(_readers(nested, number) for _ in range(3)) for number in (1, 2))
    what = f"usage: two readers of {ROWS // 5:,} lines of JSON"
    yield at_most(what, two, one, 0.9, name="one reader", unit="s")
    memory, little = runs[large][0]["megabytes"], _run(small)["megabytes"]
    yield at_most(
        f"usage: the memory of {TIMES * ROWS:,} rows",
        memory,
        little,
        1.5,
        name=f"{ROWS:,} rows",
        unit="MB",
    )
    theirs = max(theirs, _theirs())
    for what, rows, file, least in (
        ("CSV", ROWS, log, 270_000),
        ("Parquet", TIMES * ROWS, large, 1_300_000),
    ):
        priced = runs[file][0]
        rate = rows * priced["endpoints"] / priced["seconds"]
        name = "genai-prices"
        yield at_least(f"rate: a request at an endpoint, {what}", rate, theirs, least, name=name)
    yield count("usage: totals that are not the sum of single prices", _differing(log), 0)


def _write(log: Path, small: Path, large: Path) -> None:
    frame = requests(ROWS)
    spelt = pl.col("created_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    frame.with_columns(spelt).write_csv(log)
    frame.write_parquet(small, row_group_size=500_000)
    pl.concat([frame] * TIMES).write_parquet(large, row_group_size=500_000)


def _write_nested(path: Path) -> None:
    """The same requests as responses, with the usage within each line."""
    with path.open("w") as file:
        for row in requests(ROWS // 5).iter_rows(named=True):
            usage = {
                "prompt_tokens": row["input_tokens"],
                "completion_tokens": row["output_tokens"],
                "prompt_tokens_details": {"cached_tokens": row["cached_tokens"]},
            }
            made = row["created_at"].isoformat()
            line = {"created_at": made, "model": row["model"], "provider": row["provider"]}
            file.write(json.dumps({**line, "usage": usage}) + "\n")


def requests(number: int) -> pl.DataFrame:
    """Requests of realistic lengths: many short, a few past every band. The same each time."""
    chance = random.Random(20261122)
    length = [int(chance.lognormvariate(8, 1.5)) for _ in range(number)]
    answer = [int(chance.lognormvariate(6, 1)) for _ in range(number)]
    asked = [MODELS[int(chance.random() ** 2 * len(MODELS))] for _ in range(number)]
    step = timedelta(days=29) / number
    return pl.DataFrame(
        {
            "created_at": [_MONTH + step * n for n in range(number)],
            "model": [model for model, _ in asked],
            "provider": [provider for _, provider in asked],
            "input_tokens": length,
            "cached_tokens": [n * chance.randrange(2) // 2 for n in length],
            "output_tokens": answer,
        }
    )


def _readers(log: Path, number: int) -> float:
    """Seconds in which so many child processes read and add up a log, as workers do."""
    cards = all_cards()
    plan = Plan.of(cards.values())
    parts: list[Range | None] = [*ranges(log, number, limit=MOST_BYTES, least=1)] or [None]
    with ExitStack() as open_readers, ThreadPoolExecutor(number) as threads:
        readers = [open_readers.enter_context(Reader(megabytes=1024)) for _ in parts]
        for reader in readers:  # started, as the worker's is by the time that it reads
            reader.preview(PreviewTask(log, MOST_BYTES), seconds=60)
        began = time.perf_counter()
        tasks = [AddUpTask(log, MOST_BYTES, plan, part=part) for part in parts]
        added = list(
            threads.map(
                lambda reader, task: reader.add_up(task, seconds=600, progress=lambda part: None),
                readers,
                tasks,
            )
        )
        joined(added, 0)
        return time.perf_counter() - began


def _alternate(log: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The fastest of three runs that price a log, and of three that read it alone, in turn."""
    runs = [(_run(log), _run(log, "--read-alone")) for _ in range(3)]
    priced, read_alone = zip(*runs, strict=True)
    return min(priced, key=itemgetter("seconds")), min(read_alone, key=itemgetter("seconds"))


def _run(log: Path, *options: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.usage", str(log), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def price_all(log: Path, cards: dict[int, RateCard]) -> Aggregates:
    plan = Plan.of(cards.values())
    added = merge([aggregate(batch.rows, plan) for batch in read(log)])
    totals(cards, added, at=_TODAY)
    return added


def _theirs() -> float:
    usage = TheirUsage(input_tokens=3000, cache_read_tokens=100, output_tokens=200)
    known = [(model.id, provider.id) for provider in providers for model in provider.models]
    for _ in range(2):  # the second time, what it remembers is warm
        began, priced = time.process_time(), 0
        for model, provider in known:
            with suppress(LookupError, ValueError):
                calc_price(usage, model, provider_id=provider)
                priced += 1
        seconds = time.process_time() - began
    return priced / seconds


def _differing(log: Path) -> float:
    """Totals that are not the sum of single prices, in a sample of requests and endpoints."""
    cards = all_cards()
    plan = Plan.of(cards.values())
    rows = next(read(log)).rows.sample(SAMPLE, seed=1)
    found = totals(cards, aggregate(rows, plan))
    usages = [
        (row["at"], Usage.of(**{slug: row[slug] for slug in ("input", "cache_read", "output")}))
        for row in rows.iter_rows(named=True)
    ]
    # All with bands or hours would take long: one in eight, and of the others one in a hundred.
    tricky = [
        key
        for key, card in cards.items()
        if any(rate.terms.band or rate.terms.schedules for rate in card.rates)
    ]
    picked = [*tricky[::8], *list(cards)[::100]]
    return sum(_one_by_one(cards[key], usages) != found[key].amount for key in picked)


def _one_by_one(card: RateCard, usages: list[tuple[datetime, Usage]]) -> Decimal | None:
    amounts = []
    for at, usage in usages:
        try:
            amounts.append(price(card, usage, at=at).total)
        except UnknownTier:
            return None
    return None if None in amounts else sum((a for a in amounts if a is not None), Decimal(0))


def _main(log: Path, *, read_alone: bool) -> None:
    django.setup()
    cards = all_cards()  # opens the connection, as in any process that has answered a request
    began = time.process_time()
    if read_alone:
        scan = pl.scan_csv if log.suffix == ".csv" else pl.scan_parquet
        frame = scan(log)
        frame.group_by("model", "provider").agg(pl.selectors.numeric().sum()).collect()
    else:
        cards = all_cards()
        price_all(log, cards)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"seconds": seconds, "megabytes": peak, "endpoints": len(cards)}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), read_alone="--read-alone" in sys.argv)
