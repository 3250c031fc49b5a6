"""A recount of random logs in the shapes of tools, row by row: equal to the last digit.

The reader here knows each shape by itself, in the plainest Python: csv, json and Decimal. Set
RATECARD_RECOUNT_ROWS for more rows a shape than the usual ones.
"""

import csv
import json
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.known_names import known_names
from catalog.names import Names
from pricing.bulk import total
from pricing.price import price
from pricing.priced_endpoints import priced_endpoints
from pricing.rates import RateCard
from pricing.regime_plan import Plan
from pricing.usage import Usage
from usage.add_up import add_up
from usage.placement import meaning_of, place
from usage.price_log import plan_of, sizes_of
from usage.requests import REPEATED
from usage.sizes import Sizes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

ROWS = int(os.environ.get("RATECARD_RECOUNT_ROWS", "2500"))
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
OPENAI = (("gpt-5", "openai"), ("gpt-5-2025-08-07", "openai"), ("gpt-4o-mini", "openai"))
ANTHROPIC = (("claude-sonnet-4-5", "anthropic"), ("claude-sonnet-4-5-20250929", "anthropic"))
GOOGLE = (("gemini-2.5-pro", "google"), ("gemini-2.5-flash", "google"))
# Models of which a request may have more than 200,000 tokens.
LONG = ("claude-sonnet-4-5", "gemini-2.5-pro")
# One that does not reason.
QUICK = "gpt-4o-mini"

# A row as it is counted: its labels, its time, and its tokens, all of the input and output.
Label = tuple[str, str, str]
Counted = tuple[Label, datetime, dict[str, int]]


@dataclass(frozen=True)
class Catalog:
    """What logs are read and priced with."""

    names: Names
    cards: Mapping[int, RateCard]
    plan: Plan
    sizes: Sizes

    def card(self, model: str, provider: str, tier: str) -> RateCard:
        placement = place(meaning_of(self.names, model, provider), self.cards, tier)
        assert placement.endpoint is not None, placement.why
        return self.cards[placement.endpoint]


@pytest.fixture(scope="module")
def catalog(bundled_catalog: None, django_db_blocker: Any) -> Catalog:
    with django_db_blocker.unblock():
        endpoints = priced_endpoints(FIRST.date() + timedelta(days=28))
        names = known_names()
    cards = {endpoint.endpoint_id: endpoint.card for endpoint in endpoints.all}
    return Catalog(names, cards, plan_of(endpoints), sizes_of(endpoints))


def time_of(dice: random.Random) -> datetime:
    return FIRST + timedelta(milliseconds=dice.randrange(26 * 86_400_000))


def spelt_time(at: datetime, way: int) -> str:
    return (
        at.isoformat().replace("+00:00", "Z"),
        f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}",
        at.astimezone().isoformat(),
        str(round(at.timestamp() * 1000)),
        f"{at:%m/%d/%Y %I:%M:%S %p}",
        f"{at:%d.%m.%Y %H:%M:%S}",
    )[way]


def read_time(text: str, way: int) -> datetime:
    if way == 3:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if way == 4:
        return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)
    if way == 5:
        return datetime.strptime(text, "%d.%m.%Y %H:%M:%S").replace(tzinfo=UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def tokens_of(dice: random.Random, model: str) -> dict[str, int]:
    """Disjoint tokens; now and then of a long context, and none of a kind."""
    most = dice.choice((50, 5_000, 100_000 if model in LONG else 20_000))
    kinds = ("read", "short", "long", "written", "thought")
    some = {kind: dice.choice((0, 1, 1)) * dice.randrange(most) for kind in kinds}
    return some | {"plain": 1 + dice.randrange(most)} | ({"thought": 0} if model == QUICK else {})


def counts_of(plain: int, read: int, short: int, long: int, written: int, thought: int) -> Any:
    return {
        "input": plain + read + short + long,
        "cache_read": read,
        "cache_write": short,
        "cache_write_1h": long,
        "output": written + thought,
        "reasoning": thought,
    }


# ---- shapes: a writer and a reader each ----


def write_table(path: Path, dice: random.Random) -> None:
    """A generic table: names, numbers, separators and times are spelt in some way."""
    path.with_suffix(".way").write_text(str(way := dice.randrange(6)))
    comma = dice.choice((True, False))
    separators = {"plain": "", "comma": ",", "point": ".", "space": "\u202f", "tick": "'"}
    grouped = separators[dice.choice(tuple(separators))]
    names = [
        dice.choice(("timestamp", "Created At", "time", "startTime ")),
        dice.choice(("model", "Model Name", "model_id")),
        dice.choice(("provider", "Vendor", "provider_name")),
        dice.choice(("prompt_tokens", "Input Tokens", "tokens_in", "inputTokenCount")),
        dice.choice(("completion_tokens", "Output Tokens", "tokens_out", "outputTokenCount")),
        dice.choice(("cached_tokens", "Cached Input Tokens", "cache_read_tokens")),
        dice.choice(("reasoning_tokens", "thinking tokens", "tokens_reasoning")),
        dice.choice(("total_tokens", "Total Tokens")),
        "note",
    ]
    with path.open("w", newline="", encoding=dice.choice(("utf-8", "utf-8-sig"))) as file:
        writer = csv.writer(file, delimiter="," if comma else ";")
        writer.writerow(names)
        for _ in range(ROWS):
            model, provider = dice.choice((*OPENAI, *GOOGLE))
            some = tokens_of(dice, model) | {"short": 0, "long": 0}
            counted = counts_of(**some)
            numbers = [counted[name] for name in ("input", "output", "cache_read", "reasoning")]
            cells = [f"{number:,}".replace(",", grouped) for number in (*numbers, sum(numbers[:2]))]
            note = dice.choice(("", 'a "word"', "two\nlines", "1,5; é"))
            writer.writerow([spelt_time(time_of(dice), way), model, provider, *cells, note])


def read_table(path: Path) -> Iterator[Counted]:
    way = int(path.with_suffix(".way").read_text())
    with path.open(newline="", encoding="utf-8-sig") as file:
        header = file.readline()
        rows = csv.reader(file, delimiter=max(",;", key=header.count))
        for at, model, provider, *cells, _, _ in rows:
            numbers = [int("".join(filter(str.isdigit, cell))) for cell in cells]
            names = ("input", "output", "cache_read", "reasoning")
            yield (
                (model, provider, ""),
                read_time(at, way),
                dict(zip(names, numbers, strict=True)),
            )


def write_mixed(path: Path, dice: random.Random) -> None:
    """Responses of several APIs, one a line, with the times and providers beside them."""
    with path.open("w") as file:
        for _ in range(ROWS):
            model, provider = dice.choice((*OPENAI, *ANTHROPIC, *GOOGLE))
            some = tokens_of(dice, model)
            tier = dice.choice(("", "", "flex", "priority")) if model.startswith("gpt-5") else ""
            usage = USAGES[provider](dice, some)
            key = "usageMetadata" if provider == "google" else "usage"
            record: dict[str, Any] = {
                "created_at": spelt_time(time_of(dice), dice.randrange(2)),
                "model": model,
                "provider": provider,
                "service_tier": tier or dice.choice(("default", None, "auto")),
                key: usage,
            }
            if dice.random() < 0.3:
                record["latency_ms"] = dice.randrange(1000)
            file.write(json.dumps(record) + "\n")


def usage_of_openai(dice: random.Random, some: dict[str, int]) -> dict[str, Any]:
    some |= {"short": 0, "long": 0}
    counted = counts_of(**some)
    names = dice.choice((("prompt", "completion"), ("input", "output")))
    return {
        f"{names[0]}_tokens": counted["input"],
        f"{names[1]}_tokens": counted["output"],
        "total_tokens": counted["input"] + counted["output"],
        f"{names[0]}_tokens_details": {"cached_tokens": some["read"]},
        f"{names[1]}_tokens_details": {"reasoning_tokens": some["thought"]},
    }


def usage_of_anthropic(dice: random.Random, some: dict[str, int]) -> dict[str, Any]:
    some |= {"thought": 0}
    by_life = {
        "ephemeral_5m_input_tokens": some["short"],
        "ephemeral_1h_input_tokens": some["long"],
    }
    if not dice.randrange(3):
        some |= {"long": 0}
        by_life = {}
    return {
        "input_tokens": some["plain"],
        "cache_read_input_tokens": some["read"],
        "cache_creation_input_tokens": some["short"] + some["long"],
        "output_tokens": some["written"],
        **({"cache_creation": by_life} if by_life else {}),
        "server_tool_use": {"web_search_requests": dice.choice((0, 0, 3))},
    }


def usage_of_google(dice: random.Random, some: dict[str, int]) -> dict[str, Any]:
    some |= {"short": 0, "long": 0}
    return {
        "promptTokenCount": some["plain"] + some["read"],
        "cachedContentTokenCount": some["read"],
        "candidatesTokenCount": some["written"],
        "thoughtsTokenCount": some["thought"],
        "totalTokenCount": sum(some.values()),
    }


USAGES: dict[str, Callable[[random.Random, dict[str, int]], dict[str, Any]]] = {
    "openai": usage_of_openai,
    "anthropic": usage_of_anthropic,
    "google": usage_of_google,
}


def read_mixed(path: Path) -> Iterator[Counted]:
    for line in path.read_text().splitlines():
        record = json.loads(line)
        label = (record["model"], record["provider"], record["service_tier"] or "")
        label = (*label[:2], "" if label[2] in ("default", "auto") else label[2])
        yield label, read_time(record["created_at"], 0), counted_of(record)


def counted_of(record: dict[str, Any]) -> dict[str, int]:
    if found := record.get("usageMetadata"):
        return {
            "input": found["promptTokenCount"],
            "cache_read": found["cachedContentTokenCount"],
            "output": found["candidatesTokenCount"] + found["thoughtsTokenCount"],
            "reasoning": found["thoughtsTokenCount"],
        }
    found = record["usage"]
    if "cache_creation_input_tokens" in found:
        by_life = found.get("cache_creation", {})
        read, written = found["cache_read_input_tokens"], found["cache_creation_input_tokens"]
        long = by_life.get("ephemeral_1h_input_tokens", 0)
        return {
            "input": found["input_tokens"] + read + written,
            "cache_read": read,
            "cache_write": written - long,
            "cache_write_1h": long,
            "output": found["output_tokens"],
            "web_search": found["server_tool_use"]["web_search_requests"],
        }
    side = "prompt" if "prompt_tokens" in found else "input"
    other = "completion" if side == "prompt" else "output"
    return {
        "input": found[f"{side}_tokens"],
        "cache_read": found[f"{side}_tokens_details"]["cached_tokens"],
        "output": found[f"{other}_tokens"],
        "reasoning": found[f"{other}_tokens_details"]["reasoning_tokens"],
    }


def write_litellm(path: Path, dice: random.Random) -> None:
    header = "request_id,spend,total_tokens,prompt_tokens,completion_tokens,startTime,model"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header.split(","), "custom_llm_provider", "cache_hit", "metadata"])
        for number in range(ROWS):
            model, provider = dice.choice((*OPENAI, *ANTHROPIC))
            some = tokens_of(dice, model)
            some |= {"short": 0, "long": 0} if provider == "openai" else {"thought": 0}
            counted = counts_of(**some)
            usage = {
                "prompt_tokens": counted["input"],
                "completion_tokens": counted["output"],
                "prompt_tokens_details": {"cached_tokens": some["read"]},
                "completion_tokens_details": {"reasoning_tokens": some["thought"]},
            }
            if provider == "anthropic":
                usage["cache_read_input_tokens"] = some["read"]
                usage["cache_creation_input_tokens"] = some["short"] + some["long"]
                usage["prompt_tokens_details"]["cache_creation_token_details"] = {
                    "ephemeral_5m_input_tokens": some["short"],
                    "ephemeral_1h_input_tokens": some["long"],
                }
            total = counted["input"] + counted["output"]
            # Every tenth request is there twice, and counts once.
            for _ in range(2 if number % 10 == 0 else 1):
                at = spelt_time(FIRST + timedelta(minutes=number), 1)
                row = [f"r{number}", "0.5", total, counted["input"], counted["output"], at]
                metadata = json.dumps({"usage_object": usage, "status": "success"})
                writer.writerow([*row, f"{provider}/{model}", provider, "False", metadata])


def read_litellm(path: Path) -> Iterator[Counted]:
    with path.open(newline="") as file:
        rows = {row["request_id"]: row for row in csv.DictReader(file)}
    for row in rows.values():
        usage = json.loads(row["metadata"])["usage_object"]
        life = usage["prompt_tokens_details"].get("cache_creation_token_details", {})
        yield (
            (row["model"], row["custom_llm_provider"], ""),
            read_time(row["startTime"], 1),
            {
                "input": int(row["prompt_tokens"]),
                "output": int(row["completion_tokens"]),
                "cache_read": usage["prompt_tokens_details"]["cached_tokens"],
                "cache_write": life.get("ephemeral_5m_input_tokens", 0),
                "cache_write_1h": life.get("ephemeral_1h_input_tokens", 0),
                "reasoning": usage["completion_tokens_details"]["reasoning_tokens"],
            },
        )


def write_langfuse(path: Path, dice: random.Random) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "traceId", "startTime", "model", "usageDetails", "input", "output"])
        for number in range(ROWS):
            model, _ = dice.choice((*OPENAI, *ANTHROPIC))
            some = tokens_of(dice, model)
            is_openai = model.startswith("gpt")
            some |= {"short": 0, "long": 0} if is_openai else {"thought": 0, "long": 0}
            counted = counts_of(**some)
            # Some integrations leave the cached tokens out of the input, others do not.
            is_within = dice.choice((True, False))
            details = {
                "input": counted["input"] if is_within else some["plain"],
                "output": counted["output"] if is_within else some["written"],
                "total": counted["input"] + counted["output"],
            }
            parts = (
                {"input_cached_tokens": some["read"], "output_reasoning_tokens": some["thought"]}
                if is_openai
                else {
                    "cache_read_input_tokens": some["read"],
                    "cache_creation_input_tokens": some["short"],
                }
            )
            at = spelt_time(time_of(dice), 0)
            cells = [json.dumps(details | parts), "what is 2 + 2?", "4"]
            writer.writerow([f"o{number}", "t", at, model, *cells])


def read_langfuse(path: Path) -> Iterator[Counted]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            found = json.loads(row["usageDetails"])
            read = found.get("cache_read_input_tokens", found.get("input_cached_tokens", 0))
            written = found.get("cache_creation_input_tokens", 0)
            thought = found.get("output_reasoning_tokens", 0)
            is_within = found["input"] + found["output"] == found["total"]
            yield (
                (row["model"], "", ""),
                read_time(row["startTime"], 0),
                {
                    "input": found["input"] + (0 if is_within else read + written),
                    "output": found["output"] + (0 if is_within else thought),
                    "cache_read": read,
                    "cache_write": written,
                    "reasoning": thought,
                },
            )


def write_claude_code(path: Path, dice: random.Random) -> None:
    with path.open("w") as file:
        for number in range(ROWS // 2):
            model, _ = dice.choice(ANTHROPIC)
            usage = usage_of_anthropic(dice, tokens_of(dice, model))
            at = spelt_time(time_of(dice), 0)
            grown = usage["output_tokens"]
            for part in sorted(dice.sample(range(grown + 1), min(2, grown))):
                file.write(claude_line(number, model, at, usage | {"output_tokens": part}))
            file.write(json.dumps({"type": "summary", "summary": "x", "leafUuid": "y"}) + "\n")
            file.write(claude_line(number, model, at, usage))


def claude_line(number: int, model: str, at: str, usage: dict[str, Any]) -> str:
    answer = {"id": f"m{number}", "model": model, "content": [{"text": "x"}], "usage": usage}
    return json.dumps({"sessionId": "s", "uuid": "u", "timestamp": at, "message": answer}) + "\n"


def read_claude_code(path: Path) -> Iterator[Counted]:
    last: dict[str, Any] = {}
    for record in map(json.loads, path.read_text().splitlines()):
        if "message" in record:
            last[record["message"]["id"]] = record
    for record in last.values():
        answer = record["message"]
        label = (answer["model"], "", "")
        yield label, read_time(record["timestamp"], 0), counted_of(answer)


def write_spans(path: Path, dice: random.Random) -> None:
    with path.open("w") as file:
        for _ in range(ROWS // 10):
            spans = [span_of(dice) for _ in range(10)]
            scope = {"scope": {"name": "x"}, "spans": spans}
            file.write(json.dumps({"resourceSpans": [{"scopeSpans": [scope]}]}) + "\n")


def span_of(dice: random.Random) -> dict[str, Any]:
    model, provider = dice.choice((*OPENAI, *ANTHROPIC))
    counted = counts_of(**(tokens_of(dice, model) | {"short": 0, "long": 0, "thought": 0}))
    old = dice.choice((True, False))
    texts = {"gen_ai.system" if old else "gen_ai.provider.name": provider}
    texts["gen_ai.response.model"] = model
    numbers = {
        f"gen_ai.usage.{'prompt' if old else 'input'}_tokens": counted["input"],
        f"gen_ai.usage.{'completion' if old else 'output'}_tokens": counted["output"],
        "gen_ai.usage.cache_read.input_tokens": counted["cache_read"],
    }
    attributes = [{"key": name, "value": {"stringValue": text}} for name, text in texts.items()]
    attributes += [{"key": name, "value": {"intValue": str(n)}} for name, n in numbers.items()]
    nanos = round(time_of(dice).timestamp() * 1000) * 10**6
    return {"name": "chat", "kind": 3, "startTimeUnixNano": str(nanos), "attributes": attributes}


def read_spans(path: Path) -> Iterator[Counted]:
    for line in path.read_text().splitlines():
        for span in json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            found = {
                entry["key"].removeprefix("gen_ai."): next(iter(entry["value"].values()))
                for entry in span["attributes"]
            }
            provider = found.get("system") or found["provider.name"]
            wholes = (
                ("input", found.get("usage.prompt_tokens") or found.get("usage.input_tokens")),
                ("output", found.get("usage.completion_tokens", found.get("usage.output_tokens"))),
                ("cache_read", found["usage.cache_read.input_tokens"]),
            )
            at = datetime.fromtimestamp(int(span["startTimeUnixNano"]) // 10**6 / 1000, UTC)
            counts = {name: int(number) for name, number in wholes}
            yield (found["response.model"], provider, ""), at, counts


SHAPES = {
    "table": (write_table, read_table),
    "mixed responses": (write_mixed, read_mixed),
    "LiteLLM": (write_litellm, read_litellm),
    "Langfuse": (write_langfuse, read_langfuse),
    "Claude Code": (write_claude_code, read_claude_code),
    "OpenTelemetry": (write_spans, read_spans),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_recount_row_by_row_gives_the_same_amounts(
    shape: str, catalog: Catalog, tmp_path: Path
) -> None:
    write, read = SHAPES[shape]
    path = tmp_path / "log"
    write(path, random.Random(shape))
    log = add_up(path, catalog.plan, sizes=catalog.sizes)
    assert not log.aggregates.sums
    assert not {*log.bad.counts} - {REPEATED, "neither a model nor a count"}
    parts = log.aggregates.split("model", "provider", "tier")
    cards = {label: catalog.card(*label) for label in parts}
    amounts: dict[Label, Decimal] = defaultdict(Decimal)
    used: dict[str, int] = defaultdict(int)
    for label, at, counted in read(path):
        cost = price(cards[label], Usage.of(**counted), at=at, tier=label[2])
        assert cost.total is not None, (label, cost.unpriced)
        amounts[label] += cost.total
        for slug, number in counted.items():
            used[slug] += number
    assert {label: total(cards[label], part).amount for label, part in parts.items()} == amounts
    counted_all = {slug: int(number) for slug, number in log.aggregates.used.items() if number}
    assert counted_all.pop("request") == log.aggregates.rows
    assert counted_all == {slug: number for slug, number in used.items() if number}
