"""Code that asks a model at a provider. Pure: what is stated of the provider in, code out.

Only what is known to be true is written: the addresses and variables that the sources state, and
what the packages that they name are known for. Everything that comes from outside is quoted for the
language it stands in, or left out.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from catalog.suitability import TALKS

PROMPT = "Why is the sky blue?"
SCENE = "A lighthouse at dusk"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9._~:/@%+=,-]|\$\{[A-Z][A-Z0-9_]*\})+")
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET = re.compile(r"(KEY|TOKEN|PAT|SECRET)$")
# anthropic.claude-sonnet-5, eu.anthropic.claude-sonnet-5: who made it, perhaps behind where it is
# answered.
_BEDROCK_ID = re.compile(r"([a-z-]+\.)?[a-z0-9]+\.[a-z][^/@]*")
_PACKAGE = re.compile(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+(/[a-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Access:
    """How an endpoint is reached, as the sources state it: the id there, the provider's API base,
    the names of its environment variables, and the AI SDK's package for it. `mode` is chat,
    responses (no other API takes the model), completion (likewise), embedding, …; `speaks` says
    that the model answers with sound."""

    provider_slug: str
    provider: str
    upstream_id: str
    mode: str
    api_base: str = ""
    env_names: tuple[str, ...] = ()
    sdk: str = ""
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code under a title; `language` is javascript, python or shell."""

    title: str
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Package:
    """What a package of the AI SDK is known for.

    `make` creates a provider from a key; where it is empty the ready-made `name` reads the
    environment by itself. `protocol` is that of its API, `base` its public address: empty where
    each customer has one of their own, and `why` tells what that address depends on. `named` are
    the APIs that it is told by name: without one it chooses, and not every model answers to its
    choice. `embeds` is for those with vectors.
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
_OF_GOOGLE_CLOUD = "The address of {who} holds your project and location"
_PACKAGES = {
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
    BEDROCK: Package("bedrock", why="The address of {who} depends on your AWS region", embeds=True),
    AZURE: Package(
        "azure",
        why="The address of {who} is that of your own resource there",
        named=TALKS,
        embeds=True,
    ),
    VERTEX: Package("vertex", why=_OF_GOOGLE_CLOUD, embeds=True),
    f"{VERTEX}/anthropic": Package("vertexAnthropic", protocol="messages", why=_OF_GOOGLE_CLOUD),
}
# What is certain of OpenAI's own API alone.
_OPENAIS = ("image", "speech", "moderation")


def snippets(access: Access) -> list[Snippet]:
    """The code that is known to ask this endpoint:

    none where nothing is stated of the way there.
    """
    access = _by_its_package(access)
    address, call = _address(access), _call(access)
    found = [
        Snippet("AI SDK", "javascript", _ai_sdk(access, address, call)),
        Snippet("OpenAI client, Python", "python", _python(access, address, call)),
        Snippet("cURL", "shell", _curl(access, address, call)),
    ]
    return [snippet for snippet in found if snippet.code]


def takes(sdk: str, upstream_id: str) -> bool:
    """Whether an id has the form that is taken where this package of the AI SDK leads; True where
    none is known. Sources list models at Amazon Bedrock by their names elsewhere too."""
    return sdk != BEDROCK or bool(_BEDROCK_ID.fullmatch(upstream_id))


def note(access: Access) -> str:
    """Which code is left out and why, and what the rest leaves open; empty where there is nothing
    to say."""
    access = _by_its_package(access)
    named = [snippet.title for snippet in snippets(access)]
    said = (_why_less(access, named), *_open(access, named))
    return " ".join(filter(None, said))


def _why_less(access: Access, named: Sequence[str]) -> str:
    if not named:
        return _why_none(access)
    if "cURL" not in named:
        why = (
            _PACKAGES[access.sdk].why.format(who=access.provider) if access.sdk in _PACKAGES else ""
        )
        return f"{why}, so only the AI SDK is shown." if why else ""
    if "OpenAI client, Python" not in named:
        who = access.provider
        return f"{who} answers here as Anthropic’s API does, so there is no code for the OpenAI client."
    if "AI SDK" in named:
        return ""
    if _call(access) == "spoken":
        return "This model must be asked for sound, which the AI SDK does not do, so its code is left out."
    if access.mode in (*TALKS, "embedding"):
        return f"No code for the AI SDK is known that asks {access.provider} for this."
    return f"For {_models(access)} the AI SDK’s call differs by version, so its code is left out."


def _why_none(access: Access) -> str:
    who = access.provider
    if not access.mode:
        return "No source states what kind of model this is to those who ask it, so there is no code for it."
    if access.mode == "realtime":
        return "A realtime model is talked to over a connection that stays open: no short code shows that."
    if access.mode not in (*TALKS, "embedding"):
        return f"There is no code here for {_models(access)}: how they are asked differs between providers."
    if not access.sdk and not access.api_base:
        said = f"No source states an address of {who}, or that its API is like OpenAI’s"
        return f"{said}: there is no code for it."
    if _is_beyond(access):
        return f"{who} serves this model in another way than most, for which no code is known here."
    if access.mode == "completion" and _protocol(access):
        return f"This model only completes text, and no code is known that asks {who} for that."
    if access.mode == "embedding" and _protocol(access) == "messages":
        return f"{who} answers here as Anthropic’s API does, which has no embeddings: there is no code for it."
    return f"No source states an address at which {who} answers as OpenAI does: there is no code for it."


def _models(access: Access) -> str:
    return "models that make speech" if access.mode == "speech" else f"{access.mode} models"


def _open(access: Access, named: Sequence[str]) -> Iterator[str]:
    """What is left to the reader."""
    known = access.sdk == COMPATIBLE or access.sdk in _PACKAGES
    if access.sdk == AZURE and named:
        yield "Azure takes the name of your deployment where the id stands; it is often the same."
    if access.sdk == BEDROCK and named:
        yield "Bedrock takes some models only by an id that begins with where they run, as us. or global."
    if access.sdk and not known and _PACKAGE.fullmatch(access.sdk):
        yield f"The AI SDK’s package for {access.provider} is {access.sdk}; its documentation says how."
    if access.mode == "embedding" and "AI SDK" in named:
        yield "The code for the AI SDK needs its version 6 or later."
    if _is_anthropic(access) and "OpenAI client, Python" in named:
        yield (
            "Anthropic answers OpenAI’s client so that its models can be tried; it advises its own API, which"
            " the other two ask, for what is to last."
        )
    if access.speaks and access.mode in TALKS and named and _call(access) != "spoken":
        yield f"The answer may be sound: whether that must be asked for is told by {access.provider} alone."


def _address(access: Access) -> str:
    """The API base without a slash at its end; empty where none is stated, or none that code may
    hold."""
    stated = access.api_base.strip().removesuffix("/").removesuffix("/chat/completions")
    if access.api_base:
        return stated if _ADDRESS.fullmatch(stated) else ""
    return _PACKAGES[access.sdk].base if access.sdk in _PACKAGES else ""


def _call(access: Access) -> str:
    """Which call asks this model: a key of the tables below. Empty where none is known."""
    protocol, mode = _protocol(access), access.mode
    if not protocol:
        return ""
    if access.sdk == OPENAI and not access.api_base and mode in _OPENAIS:
        return mode
    if mode == "embedding":
        return "embedding" if protocol == "chat" else ""
    if protocol == "messages" or mode not in TALKS:
        return protocol if mode in TALKS else ""
    if mode == "completion":
        likewise = access.sdk == COMPATIBLE or "completion" in _PACKAGES[access.sdk].named
        return "completion" if likewise else ""
    if mode == "responses":
        return "responses"
    return "spoken" if access.speaks and access.sdk == OPENAI else "chat"


def _by_its_package(access: Access) -> Access:
    """Google's cloud answers for Claude as Anthropic does, and the AI SDK has a package for that."""
    claude = access.sdk == VERTEX and access.upstream_id.startswith("claude")
    return replace(access, sdk=f"{VERTEX}/anthropic") if claude else access


def _is_beyond(access: Access) -> bool:
    """Whether a cloud sells a model of somebody else's to which its package of the AI SDK does not
    lead."""
    if access.sdk == VERTEX:
        return access.mode in TALKS and not access.upstream_id.startswith("gemini")
    return access.sdk == AZURE and "claude" in access.upstream_id


def _protocol(access: Access) -> str:
    if _is_beyond(access):
        return ""
    if access.sdk == COMPATIBLE:
        return "chat"
    return _PACKAGES[access.sdk].protocol if access.sdk in _PACKAGES else ""


def _is_anthropic(access: Access) -> bool:
    """Whether this is Anthropic itself, and not one who answers as it does."""
    return access.sdk == ANTHROPIC and _address(access) == _PACKAGES[ANTHROPIC].base


def key_name(env_names: Sequence[str], address: str = "") -> str:
    """The variable that holds the key: not one that the address names.

    API_KEY where none is stated.
    """
    in_address = _VARIABLE.findall(address)
    names = [name for name in env_names if _ENV.fullmatch(name) and name not in in_address]
    return next((name for name in reversed(names) if _SECRET.search(name)), "API_KEY")


# JavaScript -------------------------------------------------------------------------------------


def _ai_sdk(access: Access, address: str, call: str) -> str:
    package = _PACKAGES.get(access.sdk)
    if access.sdk == COMPATIBLE and address and call in _OF_COMPATIBLE:
        settings = {
            "name": json.dumps(access.provider_slug),
            "baseURL": _js(address),
            "apiKey": f"process.env.{key_name(access.env_names, address)}",
        }
        return _ask_sdk(
            access, "createOpenAICompatible", "provider", settings, _OF_COMPATIBLE[call]
        )
    if not package or (method := _method(package, call)) is None:
        return ""
    if not package.make:
        return _ask_sdk(access, "", package.name, {}, method)
    key = f"process.env.{key_name(access.env_names, address)}"
    own = {"baseURL": _js(address)} if access.api_base and package.name != "openrouter" else {}
    return _ask_sdk(access, package.make, package.name, {**own, "apiKey": key}, method)


_OF_COMPATIBLE = {"chat": "", "completion": ".completionModel", "embedding": ".embeddingModel"}


def _method(package: Package, call: str) -> str | None:
    """What is called on a provider of the AI SDK; empty where it is called itself, None where
    nothing is."""
    if call == "embedding":
        return ".embeddingModel" if package.embeds else None
    if call in package.named:
        return f".{call}"
    return "" if call in ("chat", "messages") else None


def _ask_sdk(access: Access, make: str, name: str, settings: dict[str, str], method: str) -> str:
    lines = [f"  {key}: {value}," for key, value in settings.items()]
    create = ["", f"const {name} = {make}({{", *lines, "})"] if make else []
    ask, found, given = _ASKED_FOR.get(method, ("generateText", "text", "prompt"))
    code = [
        f'import {{ {ask} }} from "ai"',
        f'import {{ {make or name} }} from "{access.sdk}"',
        *create,
        "",
        f"const {{ {found} }} = await {ask}({{",
        f"  model: {name}{method}({json.dumps(access.upstream_id, ensure_ascii=False)}),",
        f"  {given}: {json.dumps(PROMPT)},",
        "})",
    ]
    return "\n".join(code)


_ASKED_FOR = {".embeddingModel": ("embed", "embedding", "value")}


def _js(address: str) -> str:
    """An address as JavaScript: a template where it holds variables."""
    if _VARIABLE.search(address):
        filled = _VARIABLE.sub(r"${process.env.\1}", address)
        return f"`{filled}`"
    return json.dumps(address)


# Python -----------------------------------------------------------------------------------------


def _python(access: Access, address: str, call: str) -> str:
    asked = "chat" if _is_anthropic(access) and call == "messages" else call
    if asked not in _CALLS or not address:
        return ""
    key = f'os.environ["{key_name(access.env_names, address)}"]'
    method, arguments, show = _CALLS[asked]
    code = [
        "import os",
        "",
        "from openai import OpenAI",
        "",
        "client = OpenAI(",
        f"    base_url={_py(address)},",
        f"    api_key={key},",
        ")",
        f"answer = client.{method}(",
        f"    model={json.dumps(access.upstream_id, ensure_ascii=False)},",
        *(f"    {argument}," for argument in arguments),
        ")",
        show,
    ]
    return "\n".join(code)


_ASKED = f'messages=[{{"role": "user", "content": {json.dumps(PROMPT)}}}]'
_GIVEN = f"input={json.dumps(PROMPT)}"
_CALLS = {
    "chat": ("chat.completions.create", [_ASKED], "print(answer.choices[0].message.content)"),
    "spoken": (
        "chat.completions.create",
        ['modalities=["text", "audio"]', 'audio={"voice": "alloy", "format": "wav"}', _ASKED],
        "print(answer.choices[0].message.audio.transcript)",
    ),
    "responses": ("responses.create", [_GIVEN], "print(answer.output_text)"),
    "completion": (
        "completions.create",
        [f"prompt={json.dumps(PROMPT)}"],
        "print(answer.choices[0].text)",
    ),
    "embedding": ("embeddings.create", [_GIVEN], "print(answer.data[0].embedding)"),
    "moderation": ("moderations.create", [_GIVEN], "print(answer.results[0].flagged)"),
    "image": (
        "images.generate",
        [f"prompt={json.dumps(SCENE)}"],
        "print(answer.data[0].b64_json or answer.data[0].url)",
    ),
    "speech": (
        "audio.speech.create",
        ['voice="alloy"', _GIVEN],
        'answer.write_to_file("speech.mp3")',
    ),
}


def _py(address: str) -> str:
    """An address as Python: an f-string where it holds variables."""
    if _VARIABLE.search(address):
        filled = _VARIABLE.sub(r"{os.environ['\1']}", address)
        return f'f"{filled}"'
    return json.dumps(address)


# Shell ------------------------------------------------------------------------------------------


def _curl(access: Access, address: str, call: str) -> str:
    if call not in _PATHS or not address:
        return ""
    key = key_name(access.env_names, address)
    secret = f'"x-api-key: ${key}"' if call == "messages" else f'"Authorization: Bearer ${key}"'
    version = ['  -H "anthropic-version: 2023-06-01" \\'] if call == "messages" else []
    file = ["  --output speech.mp3 \\"] if call == "speech" else []
    body = {"model": access.upstream_id, **_BODIES[call]}
    code = [
        f'curl "{address}/{_PATHS[call]}" \\',
        f"  -H {secret} \\",
        *version,
        '  -H "Content-Type: application/json" \\',
        *file,
        f"  -d {quote(json.dumps(body, ensure_ascii=False, indent=2))}",
    ]
    return "\n".join(code)


_MESSAGES = [{"role": "user", "content": PROMPT}]
_PATHS = {
    "chat": "chat/completions",
    "spoken": "chat/completions",
    "responses": "responses",
    "completion": "completions",
    "messages": "messages",
    "embedding": "embeddings",
    "moderation": "moderations",
    "image": "images/generations",
    "speech": "audio/speech",
}
_BODIES: dict[str, dict[str, object]] = {
    "chat": {"messages": _MESSAGES},
    "spoken": {
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "wav"},
        "messages": _MESSAGES,
    },
    "responses": {"input": PROMPT},
    "completion": {"prompt": PROMPT},
    "messages": {"max_tokens": 1024, "messages": _MESSAGES},
    "embedding": {"input": PROMPT},
    "moderation": {"input": PROMPT},
    "image": {"prompt": SCENE},
    "speech": {"voice": "alloy", "input": PROMPT},
}
