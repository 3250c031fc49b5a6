"""Which model a spelling means.

The links in payloads/model_links*.json come from models.dev (MIT).
"""

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.matching.link import SEED, Link, Spelling, link, read

LINKS = Path(__file__).parents[2] / "payloads" / "model_links.json"


def known_links() -> dict[Spelling, str]:
    rows = json.loads(LINKS.read_text())
    return {Spelling(row["provider"], row["upstream_id"]): row["model"] for row in rows}


def links_of_gateways() -> dict[Spelling, str]:
    """What gateways that name their hosts list, of September 2026: ids such as `runware/glm-5.2`.

    A dated name is given as the undated one; ids that always lead to the newest model are given as
    that one.
    """
    rows = json.loads((LINKS.parent / "model_links_of_gateways.json").read_text())
    return {Spelling(provider, upstream_id): slug for provider, upstream_id, slug in rows}


def model(provider: str, upstream_id: str) -> str:
    spelling = Spelling(provider, upstream_id)
    return link([spelling])[spelling].model


def models(*listed: tuple[str, str], **options) -> list[str]:
    spellings = [Spelling(*row) for row in listed]
    links = link(spellings, **options)
    return [links[spelling].model for spelling in spellings]


def pairwise(
    ours: Mapping[Spelling, str], truth: Mapping[Spelling, str]
) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of spellings in one cluster."""

    def pairs(clusters: Counter) -> int:
        return sum(n * (n - 1) // 2 for n in clusters.values())

    both = pairs(Counter((ours[s], truth[s]) for s in truth))
    precision = both / pairs(Counter(ours[s] for s in truth))
    recall = both / pairs(Counter(truth.values()))
    return precision, recall, 2 * precision * recall / (precision + recall)


# ---- the score ----


def test_the_known_links_are_found_again():
    truth = known_links()
    ours = {spelling: found.model for spelling, found in link(truth).items()}
    precision, recall, f1 = pairwise(ours, truth)
    assert len(truth) == 848
    assert precision >= 0.995
    assert recall >= 0.995
    assert f1 >= 0.995


def test_the_links_of_gateways_that_name_their_hosts_are_found_again():
    truth = links_of_gateways()
    precision, recall, f1 = pairwise({s: found.model for s, found in link(truth).items()}, truth)
    assert len(truth) == 886
    assert precision >= 0.99
    assert recall >= 0.95
    assert f1 >= 0.97


@pytest.mark.parametrize("seed", range(6))
def test_half_of_the_providers_alone_link_as_well_as_all(seed: int):
    truth = known_links()
    providers = sorted({spelling.provider for spelling in truth})
    half = set(random.Random(seed).sample(providers, len(providers) // 2))
    part = {spelling: found for spelling, found in truth.items() if spelling.provider in half}
    precision, _, f1 = pairwise({s: found.model for s, found in link(part).items()}, part)
    assert precision >= 0.99
    assert f1 >= 0.98


def test_the_score_falls_when_two_models_are_taken_for_one():
    truth = {Spelling("a", "x"): "m1", Spelling("b", "x"): "m1", Spelling("c", "y"): "m2"}
    assert pairwise(dict.fromkeys(truth, "one"), truth)[0] == pytest.approx(1 / 3)


# ---- the same model ----


@pytest.mark.parametrize(
    ("provider", "upstream_id", "slug"),
    [
        ("openai", "o4-mini", "openai/o4-mini"),
        ("azure", "o4-mini", "openai/o4-mini"),
        ("openrouter", "openai/o4-mini", "openai/o4-mini"),
        ("vercel", "openai/o4-mini", "openai/o4-mini"),
        ("openrouter", "openai/o4-mini-high", "openai/o4-mini"),
        ("openai", "o4-mini-2025-04-16", "openai/o4-mini"),
        ("azure", "eu/o4-mini-2025-04-16", "openai/o4-mini"),
        ("amazon-bedrock", "us.anthropic.claude-opus-4-6-v1", "anthropic/claude-opus-4.6"),
        ("venice", "openai-gpt-52", "openai/gpt-5.2"),
        ("databricks", "databricks-gpt-5-2", "openai/gpt-5.2"),
        ("gitlab", "duo-chat-opus-4-5", "anthropic/claude-opus-4.5"),
        ("fireworks-ai", "accounts/fireworks/models/kimi-k2p6", "moonshotai/kimi-k2.6"),
        ("clarifai", "moonshotai/chat-completion/models/Kimi-K2_6", "moonshotai/kimi-k2.6"),
        ("kimi-for-coding", "k2p6", "moonshotai/kimi-k2.6"),
        ("sap-ai-core", "anthropic--claude-3-haiku", "anthropic/claude-3-haiku"),
        ("github-copilot", "claude-opus-41", "anthropic/claude-opus-4.1"),
        ("anthropic", "claude-sonnet-4-0", "anthropic/claude-sonnet-4"),
        ("google-vertex", "claude-sonnet-4@20250514", "anthropic/claude-sonnet-4"),
        ("helicone", "claude-4.5-sonnet", "anthropic/claude-sonnet-4.5"),
        ("amazon-bedrock", "us-east-1/anthropic.claude-v2:1", "anthropic/claude-v2.1"),
        ("aihubmix", "coding-xiaomi-mimo-v2.5", "xiaomi/mimo-v2.5"),
        ("cloudflare-workers-ai", "@cf/zai-org/glm-5.2", "zhipuai/glm-5.2"),
        ("nvidia", "minimaxai/minimax-m2.5", "minimax/minimax-m2.5"),
        ("amazon-bedrock", "deepseek.r1-v1:0", "deepseek/deepseek-r1"),
        ("scaleway", "devstral-2-123b-instruct-2512", "mistral/devstral-2512"),
        ("azure", "standard/1024-x-1024/dall-e-3", "openai/dall-e-3"),
        (
            "amazon-bedrock",
            "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0",
            "amazon/nova-canvas",
        ),
        ("digitalocean", "openai-gpt-image-1", "openai/gpt-image-1"),
        ("google-vertex", "imagen-4.0-generate-001", "google/imagen-4.0-generate"),
        ("deepgram", "nova-3", "deepgram/nova-3"),
        ("deepgram", "streaming/nova-3", "deepgram/nova-3"),
        ("cloudflare-workers-ai", "@cf/deepgram/nova-3", "deepgram/nova-3"),
        ("volcengine", "deepseek-v4-pro-ga-260813", "deepseek/deepseek-v4-pro-0813"),
        ("nace", "drex-v2.0", "nace/drex-v2.0"),
        ("amazon-bedrock", "amazon.nova-pro-v1:0", "amazon/nova-pro"),
        ("voyage", "rerank-2.5", "voyage/rerank-2.5"),
        ("ollama-cloud", "deepseek-v4-flash:0731", "deepseek/deepseek-v4-flash-0731"),
        ("vercel", "openai/gpt-5.4-fast", "openai/gpt-5.4"),
        ("tempr", "xiaomi-mimo/mimo-v2.6-flash", "xiaomi/mimo-v2.6-flash"),
        ("inferx", "Qwen3.6-35B-A3B-fp8-no-thinking", "alibaba/qwen3.6-35b-a3b"),
        ("morph", "morph-glm53flash", "zhipuai/glm-5.3-flash"),
        ("morph", "morph-dsv41flash", "deepseek/deepseek-v4.1-flash"),
        ("openrouter", "ricursiveai/ripple-65b-preview", "ricursive-ai/ripple-65b-preview"),
        ("azure", "whisper", "openai/whisper-1"),
        ("requesty", "bedrock/claude-sonnet-4-5@eu-central-1", "anthropic/claude-sonnet-4.5"),
        ("requesty", "azure/gpt-4.1@swedencentral", "openai/gpt-4.1"),
        ("sap-ai-core", "aws--anthropic--claude-4-sonnet", "anthropic/claude-sonnet-4"),
        ("amazon-bedrock", "us.anthropic.claude-opus-4-6-v1:0:200k", "anthropic/claude-opus-4.6"),
        ("poe", "Llama-3.1-70B-T", "meta/llama-3.1-70b"),
        ("kilo", "stealth/qwen3.6-plus", "alibaba/qwen3.6-plus"),
        ("kilo", "stealth/space-bunny-alpha", "stealth/space-bunny-alpha"),
        (
            "perplexity",
            "llama-3.1-sonar-large-128k-online",
            "perplexity/llama-3.1-sonar-large-128k-online",
        ),
        ("azure", "model_router", "microsoft/model-router"),
        ("azure", "doc-intelligence/prebuilt-read", "microsoft/prebuilt-read"),
        ("amazon-polly", "neural", "amazon/polly-neural"),
        ("umans-ai-coding-plan", "umans-coder", "umans-ai/umans-coder"),
        ("nobody-knows-it", "auto", "nobody-knows-it/auto"),
        ("nobody-knows-it", "plover-9b", "unknown/plover-9b"),
    ],
)
def test_a_spelling_means_its_model(provider: str, upstream_id: str, slug: str):
    assert model(provider, upstream_id) == slug


def test_the_brands_of_a_line_do_not_make_other_models_of_it():
    seeds = (
        "bytedance/dola-seed-2.0-pro",
        "volcengine/doubao-seed-2-0-pro",
        "bytedance-seed/seed-2.0-pro",
    )
    assert set(models(*(("a-gateway", seed) for seed in seeds))) == {"bytedance/seed-2.0-pro"}


def test_llama_is_one_model_in_every_spelling():
    found = models(
        ("cloudflare-workers-ai", "@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
        ("evroc", "nvidia/Llama-3.3-70B-Instruct-FP8"),
        ("huggingface", "meta-llama/Llama-3.3-70B-Instruct"),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct:free"),
        ("togetherai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
        ("groq", "llama-3.3-70b-versatile"),
        ("amazon-bedrock", "meta.llama3-3-70b-instruct-v1:0"),
        ("fireworks-ai", "accounts/fireworks/models/llama-v3p3-70b-instruct"),
        ("ovhcloud", "Meta-Llama-3_3-70B-Instruct"),
    )
    assert set(found) == {"meta/llama-3.3-70b-instruct"}


# ---- not the same model ----


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("openai", "gpt-5.4"), ("openai", "gpt-4.5")),
        (("openai", "text-embedding-3-small"), ("openai", "text-embedding-3-large")),
        (("openai", "gpt-4o"), ("openai", "gpt-4o-audio-preview")),
        (("openai", "gpt-5-mini"), ("openai", "gpt-5-nano")),
        (("openai", "gpt-5.2"), ("openai", "gpt-5.2-codex")),
        (("huggingface", "Qwen/Qwen3-14B"), ("wandb", "OpenPipe/Qwen3-14B-Instruct")),
        (("huggingface", "Qwen/Qwen3-8B"), ("huggingface", "Qwen/Qwen3-32B")),
        (("openrouter", "moonshotai/kimi-k2"), ("openrouter", "moonshotai/kimi-k2-thinking")),
        (("openrouter", "z-ai/glm-4.6"), ("openrouter", "z-ai/glm-4.6v")),
        (("openrouter", "minimax/minimax-m2.5"), ("vercel", "minimax/minimax-m2.5-highspeed")),
        (("deepgram", "nova-2"), ("amazon-bedrock", "amazon.nova-2-lite-v1:0")),
        (
            ("amazon-bedrock", "amazon.titan-embed-text-v1"),
            ("amazon-bedrock", "amazon.titan-embed-text-v2:0"),
        ),
        (("tavily", "search"), ("linkup", "search")),
        (("xai", "grok-4.20-0309-reasoning"), ("xai", "grok-4.20-0309-non-reasoning")),
    ],
)
def test_two_models_stay_apart(one: tuple[str, str], other: tuple[str, str]):
    first, second = models(one, other)
    assert first != second


def test_a_closed_model_of_the_creators_own_api_is_not_the_sized_one_beside_it():
    assert models(("zhipuai", "glm-4"), ("openrouter", "z-ai/glm-4-32b")) == [
        "zhipuai/glm-4",
        "zhipuai/glm-4-32b",
    ]


def test_a_line_named_by_tiers_is_not_the_sized_model_beside_it():
    listed = ("nano-gpt", "glm-4"), ("nano-gpt", "glm-4-plus"), ("openrouter", "z-ai/glm-4-32b")
    assert len(set(models(*listed))) == 3


# ---- who made it ----


@pytest.mark.parametrize(
    ("provider", "upstream_id", "slug"),
    [
        (
            "nano-gpt",
            "gemma-4-26b-a4b-it-opusdistill",
            "community/gemma-4-26b-a4b-it-opusdistill",
        ),
        ("nano-gpt", "qwen/qwen3.8-27b-uncensored", "community/qwen3.8-27b-uncensored"),
        ("refuseless", "glm-5.3-abliterated", "community/glm-5.3-abliterated"),
        (
            "nano-gpt",
            "huihui-ai/Llama-3.3-70B-Instruct-abliterated",
            "huihui-ai/llama-3.3-70b-instruct-abliterated",
        ),
        (
            "nano-gpt",
            "failspy/Meta-Llama-3-70B-Instruct-abliterated-v3.5",
            "failspy/llama-3-70b-instruct-abliterated-v3.5",
        ),
        ("openrouter", "llama-3-lumimaid-70b", "neversleep/llama-3-lumimaid-70b"),
        ("doubleword", "Qwen/Qwen3.5-35B-A3B-FP8-dottxt", "dottxt/qwen3.5-35b-a3b-dottxt"),
        ("openrouter", "moonshotai/moonlight-16b-a3b", "moonshotai/moonlight-16b-a3b"),
        ("anthropic", "claude-fable-5", "anthropic/claude-fable-5"),
    ],
)
def test_a_fine_tune_is_by_its_tuner_or_the_community(provider: str, upstream_id: str, slug: str):
    assert model(provider, upstream_id) == slug


def test_a_bare_name_of_several_words_joins_the_only_organisation_that_lists_it():
    named, bare = ("vercel", "atria/atria-dawn-preview"), ("llmgateway", "atria-dawn-preview")
    assert models(named, bare) == ["atria/atria-dawn-preview"] * 2
    assert models(bare) == ["llmgateway/atria-dawn-preview"]
    assert models(("kilo", "openrouter/auto"), ("morph", "auto")) == [
        "openrouter/auto",
        "morph/auto",
    ]


# ---- what only the corpus can tell ----


def test_a_name_without_its_only_size_is_the_sized_one():
    found = models(
        ("ollama-cloud", "nemotron-3-super"),
        ("amazon-bedrock", "nvidia.nemotron-super-3-120b"),
        ("openrouter", "nvidia/nemotron-3-super-120b-a12b:free"),
    )
    assert set(found) == {"nvidia/nemotron-3-super-120b-a12b"}


def test_a_name_without_its_size_stays_alone_where_there_are_two_sizes():
    found = models(
        ("a", "nvidia/nemotron-9-pico"),
        ("b", "nvidia/nemotron-9-pico-3b"),
        ("c", "nvidia/nemotron-9-pico-8b"),
    )
    assert len(set(found)) == 3


def test_the_only_snapshot_folds_into_the_undated_name():
    found = models(
        ("openai", "gpt-4.1"),
        ("helicone", "gpt-4.1-2025-04-14"),
        ("anthropic", "claude-opus-4-20250514"),
    )
    assert found == ["openai/gpt-4.1", "openai/gpt-4.1", "anthropic/claude-opus-4"]


def test_several_snapshots_stay_apart_from_each_other_and_the_undated_name():
    ids = ["gpt-4o", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"]
    assert models(*(("openai", upstream_id) for upstream_id in ids)) == [
        f"openai/{upstream_id}" for upstream_id in ids
    ]


def test_a_date_that_one_provider_states_against_five_does_not_unfold_the_other():
    slip = ("amazon-bedrock", "anthropic.claude-3-5-haiku-20240620-v1:0")
    hosts = [
        (provider, "claude-3-5-haiku-20241022")
        for provider in ("anthropic", "azure", "poe", "vercel", "kilo")
    ]
    found = models(slip, ("openrouter", "anthropic/claude-3.5-haiku"), *hosts)
    assert found[0] == "anthropic/claude-3.5-haiku-20240620"
    assert set(found[1:]) == {"anthropic/claude-3.5-haiku"}


def test_a_slip_that_an_alias_mends_unfolds_nothing():
    slip = ("amazon-bedrock", "anthropic.claude-3-7-sonnet-20240620-v1:0")
    dated, plain = (
        ("abacus", "claude-3-7-sonnet-20250219"),
        ("anthropic", "claude-3-7-sonnet-latest"),
    )
    assert models(slip, dated, plain) == ["anthropic/claude-3.7-sonnet"] * 3


def test_the_latest_of_a_version_is_that_version_and_the_latest_of_a_line_is_not_its_first():
    assert (
        models(("openai", "gpt-5-chat-latest"), ("azure", "gpt-5-chat"))
        == ["openai/gpt-5-chat"] * 2
    )
    assert models(
        ("google", "gemini-pro"), ("google", "gemini-pro-latest"), ("kilo", "gemini-pro-latest")
    ) == [
        "google/gemini-pro",
        "google/gemini-pro-latest",
        "google/gemini-pro-latest",
    ]


def test_a_slug_is_written_as_most_providers_write_it_not_as_most_regions_do():
    regions = [
        ("amazon-bedrock", f"{at}/meta.llama3-8b-instruct-v1:0")
        for at in ("us-west-1", "eu-west-1")
    ]
    others = [("kilo", "meta-llama/llama-3-8b-instruct"), ("poe", "llama-3-8b-instruct")]
    assert models(*regions, *others) == ["meta/llama-3-8b-instruct"] * 4


def test_dates_within_a_week_are_one_release():
    found = models(
        ("openai", "gpt-5.5-2026-04-23"), ("azure", "gpt-5.5-2026-04-24"), ("openai", "gpt-5.5")
    )
    assert set(found) == {"openai/gpt-5.5"}


def test_preview_may_be_left_out_while_google_sells_only_the_preview():
    preview, resold = ("google", "gemini-9-pro-preview"), ("kilo", "google/gemini-9-pro")
    assert models(preview, resold) == ["google/gemini-9-pro-preview"] * 2
    assert models(preview, resold, ("google", "gemini-9-pro"))[:2] == [
        "google/gemini-9-pro-preview",
        "google/gemini-9-pro",
    ]


def test_a_name_listed_with_and_without_instruct_is_the_base_model_without():
    listed = [
        ("fireworks-ai", f"accounts/fireworks/models/qwen2p5-7b{tail}")
        for tail in ("", "-instruct")
    ]
    assert models(*listed) == ["alibaba/qwen2.5-7b-base", "alibaba/qwen2.5-7b-instruct"]


def test_a_name_that_nobody_claims_joins_the_one_creator_who_has_it():
    found = models(("nano-gpt", "anubis-70b-v1"), ("poe", "TheDrummer/Anubis-70B-v1"))
    assert found == ["thedrummer/anubis-70b"] * 2


# Three creators' models under their own names, one fine-tune, and the creators' own lists.
SERVED = [
    ("gateway", "ploverhost/glm-5.2"),
    ("gateway", "ploverhost/gpt-oss-120b"),
    ("gateway", "ploverhost/Kimi-K2.6"),
    ("gateway", "ploverhost/qwen3-14b-poet"),
]
MADE = [
    ("zai", "glm-5.2"),
    ("groq", "openai/gpt-oss-120b"),
    ("moonshotai", "kimi-k2.6"),
    ("a", "qwen3-14b"),
]


def test_an_unknown_organisation_with_three_creators_models_only_serves_them():
    assert models(*SERVED, *MADE)[:4] == [
        "zhipuai/glm-5.2",
        "openai/gpt-oss-120b",
        "moonshotai/kimi-k2.6",
        "ploverhost/qwen3-14b-poet",
    ]


@pytest.mark.parametrize("lacking", range(3))
def test_an_unknown_organisation_with_the_models_of_two_may_have_tuned_them(lacking: int):
    two = [row for place, row in enumerate(SERVED) if place != lacking]
    found = models(*two, *MADE)
    assert [slug for slug in found if slug.startswith("ploverhost/")] == found[:3]
    without = [row for place, row in enumerate(MADE) if place != lacking]
    assert all(slug.startswith("ploverhost/") for slug in models(*SERVED, *without)[:4])


def test_what_an_organisation_was_given_before_stays_when_it_turns_out_to_serve():
    stored = {
        Spelling("old", "ploverhost/glm-5.2"): "ploverhost/glm-5.2",
        Spelling("zai", "glm-5.2"): "z/glm",
    }
    found = link([Spelling(*row) for row in [*SERVED, *MADE]] + list(stored), decided=stored)
    assert found[Spelling("old", "ploverhost/glm-5.2")].model == "ploverhost/glm-5.2"
    assert found[Spelling("gateway", "ploverhost/glm-5.2")].model == "z/glm"


def test_a_slug_does_not_take_a_size_that_few_write():
    bare = [("a", "meta/muse-spark-open"), ("b", "meta/muse-spark-open")]
    sized = ("c", "meta-models/Muse-Spark-Open-816B-A42B")
    assert models(*bare, sized) == ["meta/muse-spark-open"] * 3
    assert models(bare[0], sized) == ["meta/muse-spark-open-816b-a42b"] * 2


# ---- variant, snapshot, slug ----


@pytest.mark.parametrize(
    ("provider", "upstream_id", "variant", "snapshot"),
    [
        ("openrouter", "openai/o4-mini-high", "high", ""),
        ("openrouter", "openai/o4-mini", "", ""),
        ("helicone", "gpt-4.1-mini-2025-04-14", "", "2025-04-14"),
        ("openrouter", "cohere/command-r-08-2024", "", "2024-08"),
        ("nano-gpt", "claude-opus-4-5-20251101:thinking", "thinking", "2025-11-01"),
        ("nano-gpt", "claude-opus-4-thinking:1024", "1024,thinking", ""),
        ("vercel", "openai/gpt-5.4-fast", "fast", ""),
        ("cortecs", "llama-3.3-70b-instruct-fp8-dynamic", "dynamic,fp8", ""),
        ("amazon-bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0", "", "2025-10-01"),
        ("azure", "hd/1024-x-1792/dall-e-3", "1024-x-1792,hd", ""),
        ("openai", "ft:gpt-4o-2024-08-06", "ft", "2024-08-06"),
    ],
)
def test_what_an_endpoint_is_within_its_model(
    provider: str, upstream_id: str, variant: str, snapshot: str
):
    spelling = Spelling(provider, upstream_id)
    found = link([spelling])[spelling]
    assert (found.variant, found.snapshot, found.by) == (variant, snapshot, "rule")


def test_every_slug_is_safe_in_a_url():
    odd = [
        Spelling("p", text)
        for text in ("", "/", "Ünï cødé", "a b/c+d(e)", "..", "x" * 500, "@cf/", "~a/b", ":", "%00")
    ]
    for found in link([*known_links(), *odd]).values():
        assert re.fullmatch(r"[a-z0-9._-]+/[a-z0-9._-]+", found.model)


def test_a_slug_reads_back_as_the_model_it_names():
    links = link(known_links())
    slugs = {found.model for found in links.values()}
    again = link([Spelling("", slug) for slug in slugs] + list(links))
    assert all(again[Spelling("", slug)].model == slug for slug in slugs)


def test_the_order_of_the_spellings_does_not_matter():
    spellings = list(known_links())
    straight = link(spellings)
    random.Random(1).shuffle(spellings)
    assert link(spellings) == straight


# ---- aliases and decisions ----


def test_an_alias_of_an_editor_links_a_house_name():
    spelling = Spelling("umans-ai-coding-plan", "umans-coder")
    rows = {**SEED, "umans-coder": "moonshotai/kimi-k2.6"}
    assert link([spelling], aliases=rows)[spelling] == Link("moonshotai/kimi-k2.6", "", "", "alias")


def test_an_alias_beats_the_rules_and_reaches_every_spelling_of_the_name():
    rows = {"mistral/mistral-large-3": "mistral/mistral-large-2512"}
    found = models(
        ("mistral", "mistral-large-2512"),
        ("a", "mistralai/Mistral-Large-3-FP8"),
        ("b", "mistral-large-3:675b"),
        aliases=rows,
    )
    assert set(found) == {"mistral/mistral-large-2512"}


def test_an_alias_of_a_providers_id_moves_that_id_only_there():
    rows = {"nan:gemma4": "google/gemma-4-26b-a4b-it"}
    found = models(("nan", "Gemma4"), ("greenpt", "gemma4"), ("x", "gemma-4-31b"), aliases=rows)
    assert found[:2] == ["google/gemma-4-26b-a4b-it", "google/gemma4"]


def test_an_alias_of_an_id_moves_that_id_only():
    rows = {"databricks-claude-sonnet-4": "anthropic/claude-sonnet-4.5"}
    found = models(
        ("databricks", "databricks-claude-sonnet-4"), ("anthropic", "claude-sonnet-4"), aliases=rows
    )
    assert found == ["anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4"]


def test_every_seed_alias_leads_to_a_slug_that_reads_back_as_itself():
    for slug in SEED.values():
        assert link([Spelling("", slug)])[Spelling("", slug)].model == slug


def test_a_stored_link_stays_and_new_spellings_of_its_identity_join_it():
    old, new = Spelling("openai", "gpt-5.2"), Spelling("venice", "openai-gpt-52")
    found = link([old, new], decided={old: "openai/gpt-five-two"})
    assert found[old] == Link("openai/gpt-five-two", "", "", "decided")
    assert found[new] == Link("openai/gpt-five-two", "", "", "rule")


def test_a_new_spelling_joins_the_slug_that_most_of_its_identity_were_given():
    stored = {Spelling("a", "xiaomi-mimo/mimo-v2.6"): "an-old-rule/mimo-v2.6"}
    stored |= {Spelling(p, "xiaomi/mimo-v2.6"): "xiaomi/mimo-v2.6" for p in ("b", "c")}
    new = Spelling("d", "mimo-v2.6")
    assert link([new], decided=stored)[new].model == "xiaomi/mimo-v2.6"


def test_a_stored_link_outlives_a_change_of_the_corpus():
    dated = Spelling("openai", "gpt-9-2027-01-01")
    decided = {dated: link([dated])[dated].model}
    later = [dated, Spelling("openai", "gpt-9-2027-06-01"), Spelling("azure", "gpt-9-2027-01-01")]
    found = link(later, decided=decided)
    assert [found[s].model for s in later] == [
        "openai/gpt-9",
        "openai/gpt-9-2027-06-01",
        "openai/gpt-9",
    ]


def test_storing_all_links_changes_none_of_them():
    first = link(known_links())
    stored = {spelling: found.model for spelling, found in first.items()}
    again = link(stored, decided=stored)
    assert {spelling: found.model for spelling, found in again.items()} == stored
    assert {found.by for found in again.values()} == {"decided"}


def test_an_alias_to_a_stored_slug_is_followed_to_the_letter():
    stored, new = Spelling("a", "plover-9b"), Spelling("b", "house-special")
    found = link(
        [stored, new], aliases={"house-special": "birds/Plover"}, decided={stored: "birds/Plover"}
    )
    assert found[new].model == "birds/Plover"


def test_no_new_model_takes_a_decided_slug():
    moved, new = Spelling("a", "grok-4"), Spelling("b", "gpt-7")
    found = link([moved, new], decided={moved: "openai/gpt-7-mini"})
    assert found[new].model == "openai/gpt-7"
    assert found[moved].model == "openai/gpt-7-mini"


def test_reading_one_spelling_needs_no_corpus():
    identity = read("amazon-bedrock", "nvidia.nemotron-nano-3-30b").identity
    assert (identity.creator, identity.numbers, identity.size) == ("nvidia", ("3",), "30b")


def test_a_gateways_prefix_for_coding_is_a_word_of_how_it_is_served() -> None:
    spelled = read("aihubmix", "coding-glm-5.3")
    assert (spelled.name, spelled.variant) == ("glm-5.3", "coding")
    assert read("kimi-code-plan", "kimi-for-coding").variant == ""
