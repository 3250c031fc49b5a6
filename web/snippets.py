"""Code that asks a model at a provider. Pure: what is stated of the provider in, code out.

Only what is known to be true is written: the addresses and variables that the sources state, and what the
packages that they name are known for. Everything that comes from outside is quoted for the language it
stands in, or left out.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

PROMPT = "Why is the sky blue?"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._~:/@%+=,-]|\$\{[A-Z][A-Z0-9_]*\})+")
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET = re.compile(r"(KEY|TOKEN|PAT|SECRET)$")
_PACKAGE = re.compile(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+(/[a-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Access:
    """How an endpoint is reached, as the sources state it: the id there, the provider's API base, the names
    of its environment variables, and the AI SDK's package for it. `mode` is chat, embedding, …"""

    provider_slug: str
    provider: str
    upstream_id: str
    mode: str
    api_base: str = ""
    env_names: tuple[str, ...] = ()
    sdk: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code under a title; `language` is javascript, python or shell."""

    title: str
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Package:
    """What a package of the AI SDK is known for.

    `make` creates a provider from a key; where it is empty the ready-made `name` reads the environment by
    itself. `speaks` is the protocol of its API, `base` its public address: empty where each customer has
    one of their own.
    """

    name: str
    make: str = ""
    speaks: str = "chat"
    base: str = ""


COMPATIBLE = "@ai-sdk/openai-compatible"
_PACKAGES = {
    "@ai-sdk/openai": Package("openai", "createOpenAI", "responses", "https://api.openai.com/v1"),
    "@ai-sdk/anthropic": Package("anthropic", "createAnthropic", "messages", "https://api.anthropic.com/v1"),
    "@ai-sdk/google": Package(
        "google",
        "createGoogleGenerativeAI",
        base="https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    "@ai-sdk/mistral": Package("mistral", "createMistral", base="https://api.mistral.ai/v1"),
    "@ai-sdk/xai": Package("xai", "createXai", base="https://api.x.ai/v1"),
    "@ai-sdk/groq": Package("groq", "createGroq", base="https://api.groq.com/openai/v1"),
    "@ai-sdk/cerebras": Package("cerebras", "createCerebras", base="https://api.cerebras.ai/v1"),
    "@ai-sdk/togetherai": Package("togetherai", "createTogetherAI", base="https://api.together.xyz/v1"),
    "@ai-sdk/deepinfra": Package("deepinfra", "createDeepInfra", base="https://api.deepinfra.com/v1/openai"),
    "@ai-sdk/perplexity": Package("perplexity", "createPerplexity", base="https://api.perplexity.ai"),
    "@ai-sdk/cohere": Package("cohere", "createCohere", base="https://api.cohere.ai/compatibility/v1"),
    "@ai-sdk/gateway": Package("gateway", "createGateway", base="https://ai-gateway.vercel.sh/v1"),
    "@ai-sdk/vercel": Package("vercel", "createVercel", base="https://api.v0.dev/v1"),
    "@openrouter/ai-sdk-provider": Package(
        "openrouter", "createOpenRouter", base="https://openrouter.ai/api/v1"
    ),
    "@ai-sdk/amazon-bedrock": Package("bedrock", speaks=""),
    "@ai-sdk/azure": Package("azure", speaks=""),
    "@ai-sdk/google-vertex": Package("vertex", speaks=""),
    "@ai-sdk/google-vertex/anthropic": Package("vertexAnthropic", speaks=""),
}
_TALKS = ("chat", "responses", "completion")


def snippets(access: Access) -> list[Snippet]:
    """The code that is known to ask this endpoint: none where nothing is stated of the way there."""
    address, speaks = _address(access), _protocol(access)
    found = [
        Snippet("AI SDK", "javascript", _ai_sdk(access, address)) if access.mode in _TALKS else None,
        Snippet("OpenAI client, Python", "python", _python(access, address, speaks)),
        Snippet("cURL", "shell", _curl(access, address, speaks)),
    ]
    return [snippet for snippet in found if snippet and snippet.code]


def note(access: Access) -> str:
    """Which code is left out and why, and what the rest leaves open; empty where there is nothing to say."""
    return " ".join(filter(None, (_why_less(access), _open(access))))


def _why_less(access: Access) -> str:
    who, named = access.provider, {snippet.title for snippet in snippets(access)}
    if not access.mode:
        return "No source states what kind of model this is to those who ask it, so there is no code for it."
    if access.mode not in (*_TALKS, "embedding"):
        return (
            f"There is no code here for {access.mode} models: how they are asked differs between providers."
        )
    if not named and not access.sdk and not access.api_base:
        said = f"No source states an address of {who}, or that its API is like OpenAI’s"
        return f"{said}: there is no code for it."
    if not named:
        return f"No source states an address at which {who} answers as OpenAI does: there is no code for it."
    if _speaks(access) == "messages":
        return f"{who} answers here as Anthropic’s API does, so there is no code for the OpenAI client."
    if "cURL" not in named:
        return f"{who} has no address that is the same for all its customers, so only the AI SDK is shown."
    return ""


def _open(access: Access) -> str:
    known = access.sdk == COMPATIBLE or access.sdk in _PACKAGES
    if access.sdk == "@ai-sdk/azure":
        return "Azure takes the name of your deployment where the id stands; it is often the same."
    if access.sdk and not known and _PACKAGE.fullmatch(access.sdk):
        return f"The AI SDK’s package for {access.provider} is {access.sdk}; its documentation says how."
    return ""


def _address(access: Access) -> str:
    """The API base without a slash at its end; empty where none is stated, or none that code may hold."""
    stated = access.api_base.strip().removesuffix("/").removesuffix("/chat/completions")
    if access.api_base:
        return stated if _ADDRESS.fullmatch(stated) else ""
    return _PACKAGES[access.sdk].base if access.sdk in _PACKAGES else ""


def _protocol(access: Access) -> str:
    """chat, responses or messages; embeddings go the way of chat. Empty where it is not known."""
    if access.mode == "embedding":
        return "embeddings" if _speaks(access) in ("chat", "responses") else ""
    return _speaks(access) if access.mode in _TALKS else ""


def _speaks(access: Access) -> str:
    if access.sdk == COMPATIBLE:
        return "chat"
    return _PACKAGES[access.sdk].speaks if access.sdk in _PACKAGES else ""


def key_name(env_names: Sequence[str], address: str = "") -> str:
    """The variable that holds the key: not one that the address names. API_KEY where none is stated."""
    in_address = _VARIABLE.findall(address)
    names = [name for name in env_names if _ENV.fullmatch(name) and name not in in_address]
    return next((name for name in reversed(names) if _SECRET.search(name)), "API_KEY")


# JavaScript -------------------------------------------------------------------------------------


def _ai_sdk(access: Access, address: str) -> str:
    package = _PACKAGES.get(access.sdk)
    if access.sdk == COMPATIBLE and address:
        settings = {
            "name": json.dumps(access.provider_slug),
            "baseURL": _js(address),
            "apiKey": f"process.env.{key_name(access.env_names, address)}",
        }
        return _ask_sdk(access, "createOpenAICompatible", "provider", settings)
    if package and package.make:
        key = f"process.env.{key_name(access.env_names, address)}"
        own = {"baseURL": _js(address)} if access.api_base and package.name != "openrouter" else {}
        return _ask_sdk(access, package.make, package.name, {**own, "apiKey": key})
    return _ask_sdk(access, "", package.name, {}) if package else ""


def _ask_sdk(access: Access, make: str, name: str, settings: dict[str, str]) -> str:
    lines = [f"  {key}: {value}," for key, value in settings.items()]
    create = ["", f"const {name} = {make}({{", *lines, "})"] if make else []
    code = [
        'import { generateText } from "ai"',
        f'import {{ {make or name} }} from "{access.sdk}"',
        *create,
        "",
        "const { text } = await generateText({",
        f"  model: {name}({json.dumps(access.upstream_id, ensure_ascii=False)}),",
        f"  prompt: {json.dumps(PROMPT)},",
        "})",
    ]
    return "\n".join(code)


def _js(address: str) -> str:
    """An address as JavaScript: a template where it holds variables."""
    if _VARIABLE.search(address):
        filled = _VARIABLE.sub(r"${process.env.\1}", address)
        return f"`{filled}`"
    return json.dumps(address)


# Python -----------------------------------------------------------------------------------------


def _python(access: Access, address: str, speaks: str) -> str:
    if speaks not in _CALLS or not address:
        return ""
    key = f'os.environ["{key_name(access.env_names, address)}"]'
    call, argument, show = _CALLS[speaks]
    code = [
        "import os",
        "",
        "from openai import OpenAI",
        "",
        "client = OpenAI(",
        f"    base_url={_py(address)},",
        f"    api_key={key},",
        ")",
        f"answer = client.{call}(",
        f"    model={json.dumps(access.upstream_id, ensure_ascii=False)},",
        f"    {argument},",
        ")",
        f"print({show})",
    ]
    return "\n".join(code)


_CALLS = {
    "chat": (
        "chat.completions.create",
        f'messages=[{{"role": "user", "content": {json.dumps(PROMPT)}}}]',
        "answer.choices[0].message.content",
    ),
    "responses": ("responses.create", f"input={json.dumps(PROMPT)}", "answer.output_text"),
    "embeddings": ("embeddings.create", f"input={json.dumps(PROMPT)}", "answer.data[0].embedding"),
}


def _py(address: str) -> str:
    """An address as Python: an f-string where it holds variables."""
    if _VARIABLE.search(address):
        filled = _VARIABLE.sub(r"{os.environ['\1']}", address)
        return f'f"{filled}"'
    return json.dumps(address)


# Shell ------------------------------------------------------------------------------------------


def _curl(access: Access, address: str, speaks: str) -> str:
    if speaks not in _PATHS or not address:
        return ""
    key = key_name(access.env_names, address)
    secret = f'"x-api-key: ${key}"' if speaks == "messages" else f'"Authorization: Bearer ${key}"'
    version = ['  -H "anthropic-version: 2023-06-01" \\'] if speaks == "messages" else []
    body = {"model": access.upstream_id, **_BODIES[speaks]}
    code = [
        f'curl "{address}/{_PATHS[speaks]}" \\',
        f"  -H {secret} \\",
        *version,
        '  -H "Content-Type: application/json" \\',
        f"  -d {quote(json.dumps(body, ensure_ascii=False, indent=2))}",
    ]
    return "\n".join(code)


_MESSAGES = [{"role": "user", "content": PROMPT}]
_PATHS = {
    "chat": "chat/completions",
    "responses": "responses",
    "messages": "messages",
    "embeddings": "embeddings",
}
_BODIES: dict[str, dict[str, object]] = {
    "chat": {"messages": _MESSAGES},
    "responses": {"input": PROMPT},
    "messages": {"max_tokens": 1024, "messages": _MESSAGES},
    "embeddings": {"input": PROMPT},
}
