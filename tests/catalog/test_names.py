"""What a name means: every form in which logs, reports, addresses and comparisons write one."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from catalog.matching.serving import Fit
from catalog.names import LONGEST_NAME, Names
from catalog.resolution import (
    LIKELIEST,
    NO_OWN_API,
    NOT_AT_OWN_API,
    OWN_API,
    ProviderName,
)


@dataclass(frozen=True)
class Listed:
    """An endpoint as a test lists it; its id is its place in the list."""

    endpoint_id: int
    model: str
    provider: str
    upstream_id: str
    variant: frozenset[str] = frozenset()
    region: str = ""
    snapshot: str = ""
    gone: bool = False


def listed(*rows: tuple[str, ...]) -> tuple[Listed, ...]:
    """Endpoints of (model, provider, id, serving words, region, snapshot)."""
    return tuple(
        Listed(place, model, provider, upstream_id, frozenset("".join(more[:1]).split()), *more[1:])
        for place, (model, provider, upstream_id, *more) in enumerate(rows)
    )


GPT, SONNET, LLAMA, R1 = (
    "openai/gpt-7",
    "anthropic/claude-sonnet-7.5",
    "meta/llama-7-70b",
    "deepseek/r7",
)
CATALOG = listed(
    (GPT, "openai", "gpt-7"),
    (GPT, "openai", "gpt-7-2026-04-14", "", "", "2026-04-14"),
    (GPT, "azure", "gpt-7"),
    (GPT, "azure", "eu/gpt-7", "eu", "eu"),
    (GPT, "azure", "global-standard/gpt-7", "global-standard", "global"),
    (GPT, "openrouter", "openai/gpt-7"),
    (GPT, "openrouter", "openai/gpt-7:batch", "batch"),
    ("openai/gpt-7-mini", "helicone", "gpt-7-mini-house"),
    ("openai/gpt-7-mini", "openai", "gpt-7-mini"),
    ("openai/gpt-7-audio", "openai", "gpt-7-audio"),
    ("openai/gpt-7-audio", "openrouter", "openai/gpt-7-audio"),
    (SONNET, "anthropic", "claude-sonnet-7-5"),
    (SONNET, "anthropic", "claude-sonnet-7-5-20260929", "", "", "2026-09-29"),
    (SONNET, "amazon-bedrock", "anthropic.claude-sonnet-7-5-20260929-v1:0", "", "", "2026-09-29"),
    (
        SONNET,
        "amazon-bedrock",
        "us.anthropic.claude-sonnet-7-5-20260929-v1:0",
        "",
        "us",
        "2026-09-29",
    ),
    (SONNET, "google-vertex", "claude-sonnet-7-5@20260929", "", "", "2026-09-29"),
    (SONNET, "openrouter", "anthropic/claude-sonnet-7.5"),
    (SONNET, "openrouter", "anthropic/claude-sonnet-7.5:batch", "batch"),
    (LLAMA, "groq", "llama-7-70b-versatile", "versatile"),
    (LLAMA, "helicone", "llama-7-70b-versatile", "versatile"),
    (LLAMA, "deepinfra", "meta-llama/Llama-7-70B"),
    (LLAMA, "deepinfra", "meta-llama/Llama-7-70B-Turbo", "turbo"),
    (LLAMA, "fireworks-ai", "accounts/fireworks/models/llama-7-70b"),
    (LLAMA, "cerebras", "llama-7-70b-fp8", "fp8"),
    (R1, "deepseek", "r7"),
    (R1, "openrouter", "deepseek/r7"),
    (R1, "openrouter", "r7:free", "free"),
    (R1, "chutes", "deepseek-ai/R7"),
    (SONNET, "amazon-bedrock", "claude-sonnet-7-5"),
    ("google/gemini-7", "google", "gemini-7"),
    ("google/gemini-7", "google-vertex", "gemini-7"),
    ("nobody/one", "groq", "shared"),
    ("nobody/two", "chutes", "shared"),
    ("nobody/two", "deepinfra", "shared"),
)
PROVIDERS = {
    "amazon-bedrock": ProviderName("Amazon Bedrock", "amazon"),
    "anthropic": ProviderName("Anthropic", "anthropic"),
    "azure": ProviderName("Azure", "microsoft"),
    "cerebras": ProviderName("Cerebras"),
    "chutes": ProviderName("Chutes"),
    "deepinfra": ProviderName("Deep Infra"),
    "deepseek": ProviderName("DeepSeek", "deepseek"),
    "fireworks-ai": ProviderName("Fireworks AI"),
    "google": ProviderName("Google", "google"),
    "google-vertex": ProviderName("Vertex", "google"),
    "groq": ProviderName("Groq"),
    "helicone": ProviderName("Helicone", direct=False),
    "openai": ProviderName("OpenAI", "openai"),
    "openrouter": ProviderName("OpenRouter", direct=False),
}
CREATORS = {
    slug: slug.title()
    for slug in ["amazon", "anthropic", "deepseek", "google", "meta", "microsoft", "openai"]
}


def names(endpoints: Iterable[Listed] = CATALOG, **aliases: str) -> Names:
    endpoints = tuple(endpoints)
    models = frozenset(endpoint.model for endpoint in endpoints)
    known = {spelling.replace("__", "-"): slug for spelling, slug in aliases.items()}
    return Names(endpoints, models, known, PROVIDERS, CREATORS)


KNOWN = names(house__model=GPT)

OPAQUE = "an AWS resource whose name holds no model's id"
NO_SLUG, SLUG, ALIAS = "no model of the catalog goes by this name", "a slug", "an alias"
AT, ONE = "an id of the provider", "an id of one model"
OF_CREATOR, READ = "an id of its creator", "the words and numbers of its slug"
STATED, BEGINS = "the provider is named", "the name begins with the provider"
NOWHERE = "no provider of the catalog goes by the name beside it"
ALONE, FORM = "only this provider uses this id", "only this provider writes ids in this form"


@pytest.mark.parametrize(
    ("model", "provider", "means", "at", "upstream_id", "tier", "by"),
    [
        # A provider and its id, its slug, an alias, or what the id says.
        ("gpt-7", "openai", GPT, "openai", "gpt-7", "", (AT, STATED)),
        (" GPT-7 ", "OpenAI", GPT, "openai", "gpt-7", "", (AT, STATED)),
        ("openai/gpt-7", "openai", GPT, "openai", "gpt-7", "", (AT, STATED)),
        ("house-model", "azure", GPT, "azure", "gpt-7", "", (ALIAS, STATED)),
        ("gpt-7-2026-04-14", "openai", GPT, "openai", "gpt-7-2026-04-14", "", (AT, STATED)),
        ("gpt-7-2026-04-14", "azure", GPT, "azure", "gpt-7", "", (ONE, STATED)),
        ("gpt-7-2026-04-15", "openai", None, "openai", "", "", (NO_SLUG, STATED)),
        ("gpt-7.1", "openai", None, "openai", "", "", (NO_SLUG, STATED)),
        ("gpt-7", "groq", GPT, "groq", "", "", (ONE, STATED)),
        ("gpt-7", "Nowhere", GPT, None, "", "", (ONE, NOWHERE)),
        ("shared", "chutes", "nobody/two", "chutes", "shared", "", (AT, STATED)),
        ("shared", "groq", "nobody/one", "groq", "shared", "", (AT, STATED)),
        ("shared", "openai", "nobody/two", "openai", "", "", (LIKELIEST, STATED)),
        ("shared", "", "nobody/two", None, "", "", (LIKELIEST, "")),
        # Permaslugs of a gateway.
        ("anthropic/claude-7.5-sonnet-20260929", "openrouter", SONNET, "openrouter",
         "anthropic/claude-sonnet-7.5", "", (READ, STATED)),
        ("openai/gpt-7-2026-04-14", "openrouter", GPT, "openrouter", "openai/gpt-7", "",
         (OF_CREATOR, STATED)),
        # Free and batch variants are endpoints of their own.
        ("deepseek/r7:free", "openrouter", R1, "openrouter", "r7:free", "", (OF_CREATOR, STATED)),
        ("deepseek/r7", "openrouter", R1, "openrouter", "deepseek/r7", "", (AT, STATED)),
        ("gpt-7-batch", "openrouter", GPT, "openrouter", "openai/gpt-7:batch", "", (READ, STATED)),
        # Serving words that no endpoint lists may name a tier.
        ("gpt-7-priority", "openai", GPT, "openai", "gpt-7", "priority", (READ, STATED)),
        ("gpt-7-batch", "openai", GPT, "openai", "gpt-7", "batch", (READ, STATED)),
        ("gpt-7:free", "openai", GPT, "openai", "gpt-7", "free", (READ, STATED)),
        ("claude-sonnet-7-5-fast", "anthropic", SONNET, "anthropic", "claude-sonnet-7-5", "fast",
         (READ, STATED)),
        ("claude-sonnet-7-5-thinking", "anthropic", SONNET, "anthropic", "claude-sonnet-7-5", "",
         (READ, STATED)),
        ("llama-7-70b", "cerebras", LLAMA, "cerebras", "llama-7-70b-fp8", "",
         ("the words and numbers of its slug", STATED)),
        ("llama-7-70b-turbo", "deepinfra", LLAMA, "deepinfra", "meta-llama/Llama-7-70B-Turbo", "",
         (READ, STATED)),
        # The name itself begins with the provider, as LiteLLM writes it.
        ("azure/eu/gpt-7", "", GPT, "azure", "eu/gpt-7", "", (AT, BEGINS)),
        ("azure/global/gpt-7", "", GPT, "azure", "global-standard/gpt-7", "", (ONE, BEGINS)),
        ("azure/us/gpt-7", "", GPT, "azure", "", "", (ONE, BEGINS)),
        ("azure_ai/gpt-7", "", GPT, "azure", "gpt-7", "", (AT, BEGINS)),
        ("openai/responses/gpt-7", "", GPT, "openai", "gpt-7", "", (AT, BEGINS)),
        ("openrouter/openai/gpt-7", "", GPT, "openrouter", "openai/gpt-7", "", (AT, BEGINS)),
        ("bedrock/us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", SONNET, "amazon-bedrock",
         "us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", (AT, BEGINS)),
        ("bedrock/converse/us.anthropic.claude-sonnet-7-5-20260929-v1:0", "bedrock", SONNET,
         "amazon-bedrock", "us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", (AT, STATED)),
        ("bedrock/invoke/anthropic.claude-sonnet-7-5-20260929-v1:0", "bedrock_converse", SONNET,
         "amazon-bedrock", "anthropic.claude-sonnet-7-5-20260929-v1:0", "", (AT, STATED)),
        ("bedrock/us.anthropic.claude-sonnet-7-5", "", SONNET, "amazon-bedrock",
         "us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", (READ, BEGINS)),
        ("bedrock/eu-west-3/anthropic.claude-sonnet-7-5-20260929-v1:0", "", SONNET,
         "amazon-bedrock", "anthropic.claude-sonnet-7-5-20260929-v1:0", "", (ONE, BEGINS)),
        ("bedrock/apac.anthropic.claude-sonnet-7-5-20260929-v1:0", "", SONNET, "amazon-bedrock",
         "", "", (READ, BEGINS)),
        ("vertex_ai/claude-sonnet-7-5@20260929", "", SONNET, "google-vertex",
         "claude-sonnet-7-5@20260929", "", (AT, BEGINS)),
        ("vertex_ai/gemini-7", "", "google/gemini-7", "google-vertex", "gemini-7", "",
         (AT, BEGINS)),
        ("gemini/gemini-7", "", "google/gemini-7", "google", "gemini-7", "", (AT, BEGINS)),
        ("projects/p/locations/eu/publishers/google/models/gemini-7", "vertex", "google/gemini-7",
         "google-vertex", "gemini-7", "", (AT, STATED)),
        ("fireworks_ai/accounts/fireworks/models/llama-7-70b", "", LLAMA, "fireworks-ai",
         "accounts/fireworks/models/llama-7-70b", "", (AT, BEGINS)),
        ("groq/gpt-7", "", GPT, "groq", "", "", (ONE, BEGINS)),
        # Our own slugs, and ids that only the creator's own API uses.
        (SONNET, "", SONNET, "anthropic", "claude-sonnet-7-5", "", (SLUG, BEGINS)),
        (GPT, "", GPT, "openai", "gpt-7", "", (AT, BEGINS)),
        (LLAMA, "", LLAMA, None, "", "", (SLUG, "")),
        ("gpt-7-mini", "", "openai/gpt-7-mini", "openai", "gpt-7-mini", "", (ONE, ALONE)),
        ("gpt-7-audio", "", "openai/gpt-7-audio", "openai", "gpt-7-audio", "", (ONE, ALONE)),
        ("gpt-7", "", GPT, None, "", "", (ONE, "")),
        ("llama-7-70b-versatile", "", LLAMA, None, "", "", (ONE, "")),
        ("models/gemini-7", "", "google/gemini-7", None, "", "", (ONE, "")),
        # Ids that one provider alone uses, and forms that one provider alone writes.
        ("deepseek-ai/R7", "", R1, "chutes", "deepseek-ai/R7", "", (ONE, ALONE)),
        ("llama-7-70b-fp8", "", LLAMA, "cerebras", "llama-7-70b-fp8", "", (ONE, ALONE)),
        ("gpt-7-mini-house", "", "openai/gpt-7-mini", None, "", "", (ONE, "")),
        ("us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", SONNET, "amazon-bedrock",
         "us.anthropic.claude-sonnet-7-5-20260929-v1:0", "", (AT, FORM)),
        ("apac.anthropic.claude-sonnet-7-5-20260929-v1:0", "", SONNET, "amazon-bedrock", "", "",
         (READ, FORM)),
        ("accounts/fireworks/models/llama-7-70b", "", LLAMA, "fireworks-ai",
         "accounts/fireworks/models/llama-7-70b", "", (AT, FORM)),
        ("claude-sonnet-7-5@20260929", "", SONNET, "google-vertex", "claude-sonnet-7-5@20260929",
         "", (AT, FORM)),
        ("projects/p/locations/eu/publishers/google/models/gemini-7", "", "google/gemini-7",
         "google-vertex", "gemini-7", "", (AT, FORM)),
        ("us.anthropic.claude-sonnet-7-5-20260929-v1:0", "anthropic", SONNET, "anthropic", "", "",
         (ONE, STATED)),
        # Resources of AWS.
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-7-5-20260929-v1:0",
         "", SONNET, "amazon-bedrock", "us.anthropic.claude-sonnet-7-5-20260929-v1:0", "",
         (AT, FORM)),
        ("bedrock/converse/arn:aws:bedrock:eu-west-3::foundation-model/"
         "anthropic.claude-sonnet-7-5-20260929-v1:0", "bedrock", SONNET, "amazon-bedrock",
         "anthropic.claude-sonnet-7-5-20260929-v1:0", "", (ONE, STATED)),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/x7", "", None,
         "amazon-bedrock", "", "", (OPAQUE, FORM)),
        # Variants of OpenRouter's: a free one is a tier, a route is none.
        ("anthropic/claude-sonnet-7.5:free", "", SONNET, "openrouter",
         "anthropic/claude-sonnet-7.5", "free", (READ, FORM)),
        ("anthropic/claude-sonnet-7.5:free", "Anthropic", SONNET, "openrouter",
         "anthropic/claude-sonnet-7.5", "free", (READ, FORM)),
        ("anthropic/claude-sonnet-7.5:nitro", "openrouter", SONNET, "openrouter",
         "anthropic/claude-sonnet-7.5", "", (AT, STATED)),
        ("openrouter/openai/gpt-7:online", "", GPT, "openrouter", "openai/gpt-7", "",
         (AT, BEGINS)),
        ("openai/gpt-7:floor", "helicone", GPT, "helicone", "", "", (READ, STATED)),
        ("openai/gpt-7:thinking", "openrouter", GPT, "openrouter", "openai/gpt-7", "",
         (READ, STATED)),
        # Fine-tunes have the price of their base's, or none.
        ("ft:gpt-7-2026-04-14:house::x1", "openai", GPT, "openai", "gpt-7-2026-04-14", "ft",
         (READ, STATED)),
        ("openai/ft:gpt-7-mini:house:name:x1", "", "openai/gpt-7-mini", "openai", "gpt-7-mini",
         "ft", (READ, BEGINS)),
        ("gpt-7.ft-0a1b", "azure", GPT, "azure", "gpt-7", "ft", (READ, STATED)),
        # A path that leads elsewhere, and what is no name.
        ("anthropic/gpt-7", "", None, None, "", "", (NO_SLUG, "")),
        ("elsewhere/openai/gpt-7", "", None, None, "", "", (NO_SLUG, "")),
        ("openai/gpt-7/x", "", None, None, "", "", (NO_SLUG, "")),
        ("gpt 7", "openai", None, "openai", "", "", (NO_SLUG, STATED)),
        ("", "openai", None, "openai", "", "", (NO_SLUG, STATED)),
        ("/", "", None, None, "", "", (NO_SLUG, "")),
        ("\0", "", None, None, "", "", (NO_SLUG, "")),
    ],
)  # fmt: skip
def test_a_name_means_an_endpoint_for_reasons(
    model: str,
    provider: str,
    means: str | None,
    at: str | None,
    upstream_id: str,
    tier: str,
    by: tuple[str, str],
) -> None:
    meaning = KNOWN.resolve(model, provider)
    first = [(each.endpoint.upstream_id, each.tier) for each in meaning.at_provider[:1]]
    assert (meaning.model, meaning.provider) == (means, at)
    assert first == ([(upstream_id, tier)] if upstream_id else [])
    assert (meaning.model_by, meaning.provider_by) == by


def order(model: str, provider: str = "") -> list[tuple[str, str, Fit]]:
    found = KNOWN.resolve(model, provider).candidates
    return [(each.endpoint.provider, each.endpoint.upstream_id, each.fit) for each in found]


def test_providers_that_use_the_very_id_come_first_and_direct_ones_before_gateways() -> None:
    assert order("llama-7-70b-versatile") == [
        ("groq", "llama-7-70b-versatile", Fit.ID),
        ("helicone", "llama-7-70b-versatile", Fit.ID),
        ("deepinfra", "meta-llama/Llama-7-70B", Fit.ALIKE),
        ("fireworks-ai", "accounts/fireworks/models/llama-7-70b", Fit.ALIKE),
        ("cerebras", "llama-7-70b-fp8", Fit.ONLY),
        ("deepinfra", "meta-llama/Llama-7-70B-Turbo", Fit.ONLY),
    ]


def test_the_named_provider_comes_first_then_the_very_id_then_the_creators_own() -> None:
    assert [place[:2] for place in order("gpt-7", "openrouter")] == [
        ("openrouter", "openai/gpt-7"),
        ("openai", "gpt-7"),
        ("azure", "gpt-7"),
        ("openai", "gpt-7-2026-04-14"),
        ("azure", "eu/gpt-7"),
        ("azure", "global-standard/gpt-7"),
    ]


def test_a_free_variant_is_openrouters_which_names_the_provider_behind_it() -> None:
    found = KNOWN.resolve("deepseek/r7:free", "Chutes").candidates
    assert [(each.endpoint.provider, each.tier) for each in found] == [
        ("openrouter", ""),
        ("openrouter", "free"),
        ("deepseek", "free"),
        ("chutes", "free"),
    ]


def test_the_own_apis_of_a_creator_serve_everybody_and_first_under_its_own_name() -> None:
    slugs = ("alibaba", "alibaba-cn", "zhipuai", "zai", "llama", "amazon-bedrock", "nova")
    creators = {"zai": "zhipuai", "alibaba-cn": "alibaba", "llama": "meta", "nova": "amazon"}
    apis = Names(
        listed(
            *(("alibaba/q", slug, "q") for slug in slugs[:2]),
            *(("zhipuai/g", slug, "g") for slug in slugs[2:4]),
            ("meta/l", "llama", "l"),
            *(("amazon/n", slug, "n") for slug in slugs[5:]),
        ),
        providers={
            **{slug: ProviderName(slug, creators.get(slug, slug)) for slug in slugs},
            "amazon-bedrock": ProviderName("Bedrock", "amazon"),
        },
    )
    assert apis.own_apis("alibaba/q") == ["alibaba", "alibaba-cn"]
    assert apis.own_apis("zhipuai/g") == ["zai", "zhipuai"]
    assert apis.own_apis("amazon/n") == ["nova", "amazon-bedrock"]
    assert apis.own_apis("meta/l") == []


@pytest.mark.parametrize(
    ("model", "at", "by"),
    [
        ("gpt-7", "openai", OWN_API),
        ("gpt-7-priority", "openai", OWN_API),
        ("gemini-7", "google", OWN_API),
        (LLAMA, None, NO_OWN_API),
        ("eu/gpt-7", None, NOT_AT_OWN_API),
    ],
)
def test_a_name_without_a_provider_may_be_at_the_own_api_of_its_creator(
    model: str, at: str | None, by: str
) -> None:
    meaning = KNOWN.at_own_api(model)
    assert (meaning.provider, meaning.provider_by) == (at, by)
    assert bool(meaning.at_provider) == (at is not None)


def test_of_equal_fits_those_with_the_names_id_or_date_come_first() -> None:
    dates = {"gpt-7": "", "gpt-7-2026-04-14": "2026-04-14", "blue-latest": ""}
    several = names(listed(*((GPT, "openai", each, "", "", date) for each, date in dates.items())))
    for name, first in (
        ("gpt-7-2026-04-14-priority", "gpt-7-2026-04-14"),
        ("openai/GPT_7", "gpt-7"),
    ):
        assert several.resolve(name, "openai").at_provider[0].endpoint.upstream_id == first


def test_ids_that_differ_in_case_alone_are_two_and_the_case_decides() -> None:
    two = names(listed((GPT, "azure", "GPT-7"), (GPT, "azure", "gpt-7")))
    for spelled in ("GPT-7", "gpt-7"):
        meaning = two.resolve(f"azure/{spelled}")
        assert [each.endpoint.upstream_id for each in meaning.at_provider] == [spelled]


def test_free_batch_and_flex_endpoints_are_meant_by_their_word_alone() -> None:
    everywhere = {upstream_id for _, upstream_id, _ in order(SONNET) + order(GPT) + order(R1)}
    assert not {each for each in everywhere if each.endswith((":batch", ":free"))}


def test_equal_endpoints_of_a_provider_are_all_candidates() -> None:
    two = names(listed((GPT, "groq", "gpt-7-a"), (GPT, "groq", "gpt-7-b")))
    assert [each.endpoint.upstream_id for each in two.resolve(GPT, "groq").at_provider] == [
        "gpt-7-a",
        "gpt-7-b",
    ]


def test_an_endpoint_in_use_comes_before_one_that_is_gone() -> None:
    gone = Listed(9, GPT, "groq", "a", gone=True)
    both = names((gone, Listed(10, GPT, "groq", "b")))
    assert [each.endpoint.upstream_id for each in both.resolve(GPT, "groq").at_provider] == [
        "b",
        "a",
    ]


def test_a_slug_is_its_model_though_a_provider_of_that_name_lists_another_by_the_id() -> None:
    tuned = names(listed(("groq/gpt-7", "openrouter", "x"), (GPT, "groq", "gpt-7")))
    assert tuned.resolve("groq/gpt-7").model == "groq/gpt-7"
    assert tuned.resolve("groq/gpt-7", "groq").model == GPT


FIREWORKS = listed(
    ("deepseek/r7", "fireworks-ai", "accounts/fireworks/models/r7"),
    ("deepseek/r7", "fireworks-ai", "r7"),
    ("deepseek/r7", "fireworks-ai", "fireworks-ai/r7"),
)


@pytest.mark.parametrize(
    ("model", "provider", "means"),
    [
        ("accounts/fireworks/models/r7", "fireworks-ai", "accounts/fireworks/models/r7"),
        ("fireworks_ai/accounts/fireworks/models/r7", "", "accounts/fireworks/models/r7"),
        ("r7", "fireworks-ai", "r7"),
        ("fireworks-ai/r7", "", "r7"),
        ("fireworks-ai/r7", "fireworks-ai", "fireworks-ai/r7"),
    ],
)
def test_an_id_with_a_path_is_not_the_one_without(model: str, provider: str, means: str) -> None:
    meaning = names(FIREWORKS).resolve(model, provider)
    assert [each.endpoint.upstream_id for each in meaning.at_provider] == [means]


@pytest.mark.parametrize("name", ["auto", "auto-free"])
def test_an_id_of_several_models_names_no_provider(name: str) -> None:
    routers = names(listed(("google/auto", "google", name), ("openai/auto", "openai", name)))
    assert routers.resolve(name).model == "google/auto"
    assert routers.resolve(name).provider is None


def test_the_reason_names_every_rule() -> None:
    assert KNOWN.resolve("gpt-7-priority", "openai").reason == (
        "the words and numbers of its slug; the provider is named; "
        "the same but for words that may name a tier"
    )


@pytest.mark.parametrize("length", [LONGEST_NAME - 1, LONGEST_NAME, LONGEST_NAME + 1])
def test_a_name_is_as_long_as_an_id_may_be(length: int) -> None:
    upstream_id = "x" * length
    known = names(listed((GPT, "groq", upstream_id)))
    assert (known.resolve(upstream_id, "groq").model == GPT) == (length <= LONGEST_NAME)


def test_names_of_ten_thousand_parts_are_none() -> None:
    assert KNOWN.resolve("/".join(["openai"] * 10_000)).model is None


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("openai", "openai"),
        (" Open_AI ", "openai"),
        ("Deep Infra", "deepinfra"),
        ("bedrock", "amazon-bedrock"),
        ("Vertex AI", "google-vertex"),
        ("vertex_ai-anthropic_models", "google-vertex"),
        ("google-vertex-anthropic", "google-vertex"),
        ("together_ai", None),
        ("elsewhere", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_provider_goes_by_its_slug_its_name_and_what_others_call_it(
    spelling: str, slug: str | None
) -> None:
    assert KNOWN.provider(spelling) == slug


def test_a_name_that_two_providers_share_is_neither() -> None:
    twins = {"a-1": ProviderName("Twin"), "a-2": ProviderName("twin")}
    known = Names(providers=twins)
    assert (known.provider("twin"), known.provider("a1")) == (None, "a-1")


def test_a_creator_goes_by_its_slug_and_name_and_by_what_it_publishes_under() -> None:
    assert (KNOWN.creator("Open AI"), KNOWN.creator("meta-llama")) == ("openai", None)
    assert KNOWN.creator("meta-llama", {"meta-llama": "meta"}) == "meta"


def test_no_catalog_knows_no_names() -> None:
    meaning = Names().resolve("gpt-7", "openai")
    assert (meaning.model, meaning.provider, meaning.candidates) == (None, None, ())
