"""API access of an endpoint: address, key, protocol and call, as sources state them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog.suitability import TALKS

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._~:/@%+=,-]|\$\{[A-Z][A-Z0-9_]*\})+")
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET = re.compile(r"(KEY|TOKEN|PAT|SECRET)$")
# anthropic.claude-sonnet-5, eu.anthropic.claude-sonnet-5: perhaps a region, the creator, the name.
_BEDROCK_ID = re.compile(r"([a-z-]+\.)?[a-z0-9]+\.[a-z][^/@]*")


@dataclass(frozen=True, slots=True)
class Access:
    """API access of an endpoint, as sources state it.

    `sdk` is the AI SDK's package for the provider. `mode` is chat, responses or completion (each
    where only that API takes the model), embedding, …; `speaks`: the model answers with sound.
    """

    provider_slug: str
    provider: str
    upstream_id: str
    mode: str
    api_base: str = ""
    env_names: tuple[str, ...] = ()
    sdk: str = ""
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the AI SDK.

    `make` creates a provider from a key; empty where the ready-made `name` reads the environment.
    `base` is the API's public address; empty where each customer has their own, and `why` names
    what it depends on. `named` are the APIs that must be called by name.
    """

    name: str
    make: str = ""
    protocol: str = "chat"
    base: str = ""
    why: str = ""
    named: tuple[str, ...] = ()
    embeds: bool = False


COMPATIBLE = "@ai-sdk/openai-compatible"
OPENAI = "@ai-sdk/openai"
ANTHROPIC = "@ai-sdk/anthropic"
BEDROCK = "@ai-sdk/amazon-bedrock"
AZURE = "@ai-sdk/azure"
VERTEX = "@ai-sdk/google-vertex"
_OF_GOOGLE_CLOUD = "The address of {provider} holds your project and location"
PACKAGES = {
    OPENAI: Package(
        "openai", "createOpenAI", base="https://api.openai.com/v1", named=TALKS, embeds=True
    ),
    ANTHROPIC: Package("anthropic", "createAnthropic", "messages", "https://api.anthropic.com/v1"),
    "@ai-sdk/google": Package(
        "google",
        "createGoogleGenerativeAI",
        base="https://generativelanguage.googleapis.com/v1beta/openai",
        embeds=True,
    ),
    "@ai-sdk/mistral": Package(
        "mistral", "createMistral", base="https://api.mistral.ai/v1", embeds=True
    ),
    "@ai-sdk/xai": Package("xai", "createXai", base="https://api.x.ai/v1", named=("responses",)),
    "@ai-sdk/groq": Package("groq", "createGroq", base="https://api.groq.com/openai/v1"),
    "@ai-sdk/cerebras": Package("cerebras", "createCerebras", base="https://api.cerebras.ai/v1"),
    "@ai-sdk/togetherai": Package(
        "togetherai", "createTogetherAI", base="https://api.together.xyz/v1", embeds=True
    ),
    "@ai-sdk/deepinfra": Package(
        "deepinfra", "createDeepInfra", base="https://api.deepinfra.com/v1/openai", embeds=True
    ),
    "@ai-sdk/perplexity": Package(
        "perplexity", "createPerplexity", base="https://api.perplexity.ai"
    ),
    "@ai-sdk/cohere": Package(
        "cohere", "createCohere", base="https://api.cohere.ai/compatibility/v1", embeds=True
    ),
    "@ai-sdk/gateway": Package(
        "gateway", "createGateway", base="https://ai-gateway.vercel.sh/v1", embeds=True
    ),
    "@ai-sdk/vercel": Package("vercel", "createVercel", base="https://api.v0.dev/v1"),
    "@openrouter/ai-sdk-provider": Package(
        "openrouter", "createOpenRouter", base="https://openrouter.ai/api/v1"
    ),
    BEDROCK: Package(
        "bedrock", why="The address of {provider} depends on your AWS region", embeds=True
    ),
    AZURE: Package(
        "azure",
        why="The address of {provider} is that of your own resource there",
        named=TALKS,
        embeds=True,
    ),
    VERTEX: Package("vertex", why=_OF_GOOGLE_CLOUD, embeds=True),
    f"{VERTEX}/anthropic": Package("vertexAnthropic", protocol="messages", why=_OF_GOOGLE_CLOUD),
}
# Modes certain of OpenAI's own API alone.
_OPENAIS = ("image", "speech", "moderation")


def takes(sdk: str, upstream_id: str) -> bool:
    """Whether an id has the form that the package's API takes; True where no form is known.

    Sources list models at Amazon Bedrock by other providers' ids too.
    """
    return sdk != BEDROCK or bool(_BEDROCK_ID.fullmatch(upstream_id))


def address_of(access: Access) -> str:
    """API base without a trailing slash; empty where none is stated or it is not safe to quote."""
    stated = access.api_base.strip().removesuffix("/").removesuffix("/chat/completions")
    if access.api_base:
        return stated if _ADDRESS.fullmatch(stated) else ""
    return PACKAGES[access.sdk].base if access.sdk in PACKAGES else ""


def call_of(access: Access) -> str:
    """Key of the tables of calls for this model; empty where no call is known."""
    protocol, mode = protocol_of(access), access.mode
    if not protocol:
        return ""
    if access.sdk == OPENAI and not access.api_base and mode in _OPENAIS:
        return mode
    if mode == "embedding":
        return "embedding" if protocol == "chat" else ""
    if protocol == "messages" or mode not in TALKS:
        return protocol if mode in TALKS else ""
    if mode == "completion":
        likewise = access.sdk == COMPATIBLE or "completion" in PACKAGES[access.sdk].named
        return "completion" if likewise else ""
    if mode == "responses":
        return "responses"
    return "spoken" if access.speaks and access.sdk == OPENAI else "chat"


def with_its_package(access: Access) -> Access:
    """Claude on Google Cloud has Anthropic's protocol, and an AI SDK package of its own."""
    claude = access.sdk == VERTEX and access.upstream_id.startswith("claude")
    return replace(access, sdk=f"{VERTEX}/anthropic") if claude else access


def is_beyond_its_package(access: Access) -> bool:
    if access.sdk == VERTEX:
        return access.mode in TALKS and not access.upstream_id.startswith("gemini")
    return access.sdk == AZURE and "claude" in access.upstream_id


def protocol_of(access: Access) -> str:
    if is_beyond_its_package(access):
        return ""
    if access.sdk == COMPATIBLE:
        return "chat"
    return PACKAGES[access.sdk].protocol if access.sdk in PACKAGES else ""


def is_anthropic(access: Access) -> bool:
    return access.sdk == ANTHROPIC and address_of(access) == PACKAGES[ANTHROPIC].base


def key_name(env_names: Sequence[str], address: str = "") -> str:
    """Environment variable of the API key, API_KEY by default; not one that the address uses."""
    in_address = VARIABLE.findall(address)
    names = [name for name in env_names if _ENV.fullmatch(name) and name not in in_address]
    return next((name for name in reversed(names) if _SECRET.search(name)), "API_KEY")
