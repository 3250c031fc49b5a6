"""Record what LiteLLM's own calculator charges for a dozen usages of every key of its cost map.

    uv run --no-project --with litellm==VERSION python tests/pricing/record_litellm.py

VERSION is that of sources/bundle/packages.py. LiteLLM brings fifty packages of 240 MB and takes ten
seconds to import, so its answers are kept: tests/payloads/litellm/costs.json.gz. It reads the cost
map that is in the package.
"""

import gzip
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from litellm import _internal_context
from litellm.litellm_core_utils.llm_cost_calc.tool_call_cost_tracking import (
    StandardBuiltInToolCostTracking,
)
from litellm.types.utils import Usage

FILE = Path(__file__).parents[1] / "payloads" / "litellm" / "costs.json.gz"
# A Wednesday, outside of every off-peak window, and inside some.
INSTANTS = {
    "": datetime(2026, 12, 2, 9, tzinfo=UTC),
    "off-peak": datetime(2026, 12, 2, 18, tzinfo=UTC),
}
TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority"}
SIZES = ("low", "medium", "high")

# Our meters, a part counted in its whole too, as the fields of their usage.
PROMPT = {
    "cache_read": "cached_tokens",
    "cache_write": "cache_creation_tokens",
    "input_audio": "audio_tokens",
    "input_image": "image_tokens",
    "input_video": "video_tokens",
}
COMPLETION = {
    "reasoning": "reasoning_tokens",
    "output_audio": "audio_tokens",
    "output_image": "image_tokens",
}
LIFE = {"cache_write_1h": "ephemeral_1h_input_tokens"}

TEXT = {"input": 10_000, "output": 1_000}
# Asked where a row states one of the fields, in its tiers or bands too.
ASKED = {
    "cache_read_input_token_cost": {**TEXT, "cache_read": 6_000},
    "cache_creation_input_token_cost": {**TEXT, "cache_write": 4_000},
    "cache_creation_input_token_cost_above_1hr": {**TEXT, "cache_write_1h": 4_000},
    "input_cost_per_audio_token": {**TEXT, "input_audio": 3_000},
    "input_cost_per_image_token": {**TEXT, "input_image": 3_000},
    "input_cost_per_video_token": {**TEXT, "input_video": 3_000},
    "output_cost_per_audio_token": {**TEXT, "output_audio": 600},
    "output_cost_per_image_token": {**TEXT, "output_image": 600},
    "output_cost_per_reasoning_token": {**TEXT, "output": 3_000, "reasoning": 2_000},
    "supports_reasoning": {**TEXT, "output": 2_500, "reasoning": 2_000},
}
NO_TEXT_OUT = {"decisions", "embedding", "extraction", "moderation", "rerank"}


def usages(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The usages to ask of a row: quantities by meter, with a tier, a time or a size of search."""
    if row.get("mode") in NO_TEXT_OUT:
        asked = [{"input": 10_000}]
        tiers = ["batch"] if row.get("input_cost_per_token_batches") is not None else []
    else:
        asked = quantities(row)
        tiers = [tier for tier, mark in TIERS.items() if any(mark in field for field in row)]
    yield from ({"counts": counts} for counts in asked)
    yield from ({"counts": counts, "tier": tier} for tier in tiers for counts in asked)
    if row.get("off_peak_pricing"):
        yield from ({"counts": counts, "at": "off-peak"} for counts in asked)
    if row.get("search_context_cost_per_query"):
        yield from ({"counts": {**TEXT, "web_search": 2}, "size": size} for size in SIZES)


def quantities(row: Mapping[str, Any]) -> list[dict[str, int]]:
    fields = {field for field, value in row.items() if value}
    fields |= {field for tier in row.get("tiered_pricing") or () for field in tier}
    asked = [TEXT, *(counts for field, counts in ASKED.items() if field in fields)]
    for threshold in thresholds(row):
        for whole in (threshold, threshold + 1):
            asked.append({"input": whole, "output": 1_000})
            if "cache_read_input_token_cost" in fields:
                asked.append({"input": whole, "output": 1_000, "cache_read": whole // 4})
            if "output_cost_per_reasoning_token" in fields:
                asked.append({"input": whole, "output": 1_000, "reasoning": 400})
    return asked


def thresholds(row: Mapping[str, Any]) -> list[int]:
    kilos = {found[1] for field in row if (found := re.search(r"_above_(\d+)k_tokens", field))}
    tiers = row.get("tiered_pricing") or ()
    lows = {int(tier["range"][0]) for tier in tiers if "range" in tier}
    return sorted({int(kilo) * 1_000 for kilo in kilos} | lows - {0})


def cost(key: str, asked: Mapping[str, Any]) -> float:
    """LiteLLM's price in US dollars."""
    provider = named(key)[1]
    usage = their_usage(asked["counts"])
    token = _internal_context._billing_time.set(INSTANTS[asked.get("at", "")])
    tier = asked.get("tier", "")
    batch = {"call_type": "retrieve_batch"} if tier == "batch" else {}
    try:
        parts = litellm.cost_per_token(
            model=key,
            custom_llm_provider=provider,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            usage_object=usage,
            service_tier=tier if tier and not batch else None,
            **batch,
        )
        return sum(parts) + searches(key, provider, asked, usage)
    finally:
        _internal_context._billing_time.reset(token)


def named(key: str) -> tuple[str, str]:
    """The model and the provider that LiteLLM reads a key as, else the row's own provider."""
    try:
        model, provider, _, _ = litellm.get_llm_provider(key)
    except litellm.BadRequestError:
        return key, litellm.model_cost[key]["litellm_provider"]
    return model, provider


def searches(key: str, provider: str, asked: Mapping[str, Any], usage: Usage) -> float:
    if "size" not in asked:
        return 0.0
    return StandardBuiltInToolCostTracking.get_cost_for_built_in_tools(
        model=key,
        response_object=litellm.ModelResponse(model=key),
        usage=usage,
        custom_llm_provider=provider,
        standard_built_in_tools_params={
            "web_search_options": {"search_context_size": asked["size"]}
        },
    )


def their_usage(counts: Mapping[str, int]) -> Usage:
    prompt: dict[str, Any] = {field: counts[m] for m, field in PROMPT.items() if m in counts}
    life = {field: counts[meter] for meter, field in LIFE.items() if meter in counts}
    if life:
        prompt |= {
            "cache_creation_tokens": sum(life.values()),
            "cache_creation_token_details": life,
        }
    if "web_search" in counts:
        prompt["web_search_requests"] = counts["web_search"]
    completion = {field: counts[m] for m, field in COMPLETION.items() if m in counts}
    output = counts.get("output", 0)
    return Usage(
        prompt_tokens=counts["input"],
        completion_tokens=output,
        total_tokens=counts["input"] + output,
        prompt_tokens_details=prompt or None,
        completion_tokens_details=completion or None,
        **(
            {"server_tool_use": {"web_search_requests": counts["web_search"]}}
            if "web_search" in counts
            else {}
        ),
    )


def answers() -> Iterator[dict[str, Any]]:
    for key, row in sorted(litellm.model_cost.items()):
        tokens = ("input_cost_per_token", "output_cost_per_token", "tiered_pricing")
        if key == "sample_spec" or "alias_of" in row or not any(row.get(field) for field in tokens):
            continue
        found: dict[str, Any] = {"key": key, "provider": row["litellm_provider"], "costs": []}
        try:
            provider = named(key)[1]
            meant = litellm.get_model_info(key, provider)["key"]
        except Exception as error:
            found["refused"] = str(error).split("\n")[0][:200]
            yield found
            continue
        if meant != key:
            found["priced_as"] = meant
        for asked in usages(row):
            try:
                found["costs"].append([asked, f"{cost(key, asked):.12g}"])
            except Exception as error:
                found["costs"].append([asked, None, str(error).split("\n")[0][:200]])
        yield found


def main() -> None:
    recorded = {
        "litellm": version("litellm"),
        "instants": {name: instant.isoformat() for name, instant in INSTANTS.items()},
        "answers": list(answers()),
    }
    FILE.parent.mkdir(parents=True, exist_ok=True)
    body = json.dumps(recorded, separators=(",", ":"), sort_keys=True).encode()
    FILE.write_bytes(gzip.compress(body, 9, mtime=0))


if __name__ == "__main__":
    main()
