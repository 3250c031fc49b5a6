"""Code that calls a model at a provider. Pure.

Code is written only from addresses and variables that sources state, and from what is known of
the packages that they name. Everything from outside is quoted for its language, or left out.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from catalog.suitability import TALKS
from web.text.api_access import (
    AZURE,
    BEDROCK,
    COMPATIBLE,
    PACKAGES,
    VARIABLE,
    Access,
    Package,
    address_of,
    call_of,
    is_anthropic,
    is_beyond_its_package,
    key_name,
    protocol_of,
    with_its_package,
)

PROMPT = "Why is the sky blue?"
SCENE = "A lighthouse at dusk"
THIS_SERVER = "this-server"
_OF_THIS_SERVER = (
    "This server calls a provider of the model that it has a key for: the cheapest for the request "
    "first, the next one where it fails. RATECARD_API_KEY is an API key of your account, and what "
    "a call costs is charged to your allowance."
)
_PACKAGE = re.compile(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+(/[a-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code under a title; `language` is javascript, python or shell."""

    title: str
    language: str
    code: str


def snippets(access: Access) -> list[Snippet]:
    access = with_its_package(access)
    address, call = address_of(access), call_of(access)
    every = [
        Snippet("AI SDK", "javascript", _ai_sdk(access, address, call)),
        Snippet("OpenAI client, Python", "python", _python(access, address, call)),
        Snippet("cURL", "shell", _curl(access, address, call)),
    ]
    return [snippet for snippet in every if snippet.code]


def this_server(model: str, site: str) -> Access:
    """The address for programs of this install, at `site`, which takes a model by its slug."""
    return Access(
        provider_slug=THIS_SERVER,
        provider="This server",
        upstream_id=model,
        mode="chat",
        api_base=f"{site.rstrip('/')}/v1",
        env_names=("RATECARD_API_KEY",),
        sdk=COMPATIBLE,
    )


def note(access: Access) -> str:
    """Reasons for the code left out, and open questions."""
    if access.provider_slug == THIS_SERVER:
        return _OF_THIS_SERVER
    access = with_its_package(access)
    named = [snippet.title for snippet in snippets(access)]
    sentences = (_why_less(access, named), *_open(access, named))
    return " ".join(filter(None, sentences))


def _why_less(access: Access, named: Sequence[str]) -> str:
    if not named:
        return _why_none(access)
    if "cURL" not in named:
        why = (
            PACKAGES[access.sdk].why.format(provider=access.provider)
            if access.sdk in PACKAGES
            else ""
        )
        return f"{why}, so only the AI SDK is shown." if why else ""
    if "OpenAI client, Python" not in named:
        provider = access.provider
        return (
            f"{provider} answers here as Anthropic’s API does, so there is no code for the OpenAI "
            "client."
        )
    if "AI SDK" in named:
        return ""
    if call_of(access) == "spoken":
        return (
            "Sound must be requested of this model, which the AI SDK does not do, so its code is "
            "left out."
        )
    if access.mode in (*TALKS, "embedding"):
        return f"No code for the AI SDK is known that gets this from {access.provider}."
    return f"For {_models(access)} the AI SDK’s call differs by version, so its code is left out."


def _why_none(access: Access) -> str:
    provider = access.provider
    if not access.mode:
        return "No source states what kind of model this is in its API, so there is no code for it."
    if access.mode == "realtime":
        return "A realtime model works over a connection that stays open: no short code shows that."
    if access.mode not in (*TALKS, "embedding"):
        return f"There is no code here for {_models(access)}: their APIs differ between providers."
    if not access.sdk and not access.api_base:
        return (
            f"No source states an address of {provider}, or that its API is like OpenAI’s: "
            "there is no code for it."
        )
    if is_beyond_its_package(access):
        return (
            f"{provider} serves this model in another way than most, for which no code is known "
            "here."
        )
    if access.mode == "completion" and protocol_of(access):
        return (
            f"This model only completes text, and no code is known that gets that from {provider}."
        )
    if access.mode == "embedding" and protocol_of(access) == "messages":
        return (
            f"{provider} answers here as Anthropic’s API does, which has no embeddings: "
            "there is no code for it."
        )
    return (
        f"No source states an address at which {provider} answers as OpenAI does: "
        "there is no code for it."
    )


def _models(access: Access) -> str:
    return "models that make speech" if access.mode == "speech" else f"{access.mode} models"


def _open(access: Access, named: Sequence[str]) -> Iterator[str]:
    known = access.sdk == COMPATIBLE or access.sdk in PACKAGES
    if access.sdk == AZURE and named:
        yield "Azure takes the name of your deployment in place of the id; it is often the same."
    if access.sdk == BEDROCK and named:
        yield (
            "Bedrock takes some models only by an id that begins with where they run, as us. or "
            "global."
        )
    if access.sdk and not known and _PACKAGE.fullmatch(access.sdk):
        yield (
            f"The AI SDK’s package for {access.provider} is {access.sdk}; its documentation has "
            "the code."
        )
    if access.mode == "embedding" and "AI SDK" in named:
        yield "The code for the AI SDK needs its version 6 or later."
    if is_anthropic(access) and "OpenAI client, Python" in named:
        yield (
            "Anthropic supports OpenAI’s client for trials; for lasting use it recommends its own "
            "API, which the other two use."
        )
    if access.speaks and access.mode in TALKS and named and call_of(access) != "spoken":
        yield (
            f"The answer may be sound: only {access.provider} documents whether it must be "
            "requested."
        )


# JavaScript -------------------------------------------------------------------------------------


def _ai_sdk(access: Access, address: str, call: str) -> str:
    package = PACKAGES.get(access.sdk)
    if access.sdk == COMPATIBLE and address and call in _OF_COMPATIBLE:
        settings = {
            "name": json.dumps(access.provider_slug),
            "baseURL": _js(address),
            "apiKey": f"process.env.{key_name(access.env_names, address)}",
        }
        return _sdk_call(
            access, "createOpenAICompatible", "provider", settings, _OF_COMPATIBLE[call]
        )
    if not package or (method := _method(package, call)) is None:
        return ""
    if not package.make:
        return _sdk_call(access, "", package.name, {}, method)
    key = f"process.env.{key_name(access.env_names, address)}"
    own = {"baseURL": _js(address)} if access.api_base and package.name != "openrouter" else {}
    return _sdk_call(access, package.make, package.name, {**own, "apiKey": key}, method)


_OF_COMPATIBLE = {"chat": "", "completion": ".completionModel", "embedding": ".embeddingModel"}


def _method(package: Package, call: str) -> str | None:
    """Method of an AI SDK provider; empty to call the provider itself, None where there is none."""
    if call == "embedding":
        return ".embeddingModel" if package.embeds else None
    if call in package.named:
        return f".{call}"
    return "" if call in ("chat", "messages") else None


def _sdk_call(access: Access, make: str, name: str, settings: dict[str, str], method: str) -> str:
    lines = [f"  {key}: {value}," for key, value in settings.items()]
    create = ["", f"const {name} = {make}({{", *lines, "})"] if make else []
    function, result, argument = _SDK_CALLS.get(method, ("generateText", "text", "prompt"))
    code = [
        f'import {{ {function} }} from "ai"',
        f'import {{ {make or name} }} from "{access.sdk}"',
        *create,
        "",
        f"const {{ {result} }} = await {function}({{",
        f"  model: {name}{method}({json.dumps(access.upstream_id, ensure_ascii=False)}),",
        f"  {argument}: {json.dumps(PROMPT)},",
        "})",
    ]
    return "\n".join(code)


_SDK_CALLS = {".embeddingModel": ("embed", "embedding", "value")}


def _js(address: str) -> str:
    if VARIABLE.search(address):
        filled = VARIABLE.sub(r"${process.env.\1}", address)
        return f"`{filled}`"
    return json.dumps(address)


# Python -----------------------------------------------------------------------------------------


def _python(access: Access, address: str, call: str) -> str:
    known_call = "chat" if is_anthropic(access) and call == "messages" else call
    if known_call not in _CALLS or not address:
        return ""
    key = f'os.environ["{key_name(access.env_names, address)}"]'
    method, arguments, show = _CALLS[known_call]
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


_MESSAGES_ARGUMENT = f'messages=[{{"role": "user", "content": {json.dumps(PROMPT)}}}]'
_INPUT_ARGUMENT = f"input={json.dumps(PROMPT)}"
_CALLS = {
    "chat": (
        "chat.completions.create",
        [_MESSAGES_ARGUMENT],
        "print(answer.choices[0].message.content)",
    ),
    "spoken": (
        "chat.completions.create",
        [
            'modalities=["text", "audio"]',
            'audio={"voice": "alloy", "format": "wav"}',
            _MESSAGES_ARGUMENT,
        ],
        "print(answer.choices[0].message.audio.transcript)",
    ),
    "responses": ("responses.create", [_INPUT_ARGUMENT], "print(answer.output_text)"),
    "completion": (
        "completions.create",
        [f"prompt={json.dumps(PROMPT)}"],
        "print(answer.choices[0].text)",
    ),
    "embedding": ("embeddings.create", [_INPUT_ARGUMENT], "print(answer.data[0].embedding)"),
    "moderation": ("moderations.create", [_INPUT_ARGUMENT], "print(answer.results[0].flagged)"),
    "image": (
        "images.generate",
        [f"prompt={json.dumps(SCENE)}"],
        "print(answer.data[0].b64_json or answer.data[0].url)",
    ),
    "speech": (
        "audio.speech.create",
        ['voice="alloy"', _INPUT_ARGUMENT],
        'answer.write_to_file("speech.mp3")',
    ),
}


def _py(address: str) -> str:
    if VARIABLE.search(address):
        filled = VARIABLE.sub(r"{os.environ['\1']}", address)
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
