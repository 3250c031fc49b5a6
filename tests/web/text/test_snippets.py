import ast
import json
import shlex
import subprocess

import pytest

from web.text.api_access import BEDROCK, COMPATIBLE, Access, key_name, takes
from web.text.snippets import note, snippets

NASTY = "a'b\"c`d$(touch x)\\\n<script>é😀"


def access(**stated):
    usual = {"provider_slug": "host", "provider": "Host", "upstream_id": "o4-mini", "mode": "chat"}
    return Access(**{**usual, **stated})


def code(result):
    return {snippet.title: snippet.code for snippet in snippets(result)}


HOST = access(api_base="https://api.host.example/v1", env_names=("HOST_API_KEY",), sdk=COMPATIBLE)


def test_a_provider_that_speaks_like_openai_has_all_three():
    result = code(HOST)
    assert result["AI SDK"].splitlines() == [
        'import { generateText } from "ai"',
        'import { createOpenAICompatible } from "@ai-sdk/openai-compatible"',
        "",
        "const provider = createOpenAICompatible({",
        '  name: "host",',
        '  baseURL: "https://api.host.example/v1",',
        "  apiKey: process.env.HOST_API_KEY,",
        "})",
        "",
        "const { text } = await generateText({",
        '  model: provider("o4-mini"),',
        '  prompt: "Why is the sky blue?",',
        "})",
    ]
    assert 'base_url="https://api.host.example/v1"' in result["OpenAI client, Python"]
    assert 'api_key=os.environ["HOST_API_KEY"]' in result["OpenAI client, Python"]
    assert "client.chat.completions.create(" in result["OpenAI client, Python"]
    assert shlex.split(result["cURL"].replace("\\\n", ""))[:5] == [
        *("curl", "https://api.host.example/v1/chat/completions"),
        *("-H", "Authorization: Bearer $HOST_API_KEY", "-H"),
    ]


@pytest.mark.parametrize(
    ("sdk", "titles"),
    [
        ("@ai-sdk/openai", ["AI SDK", "OpenAI client, Python", "cURL"]),
        ("@ai-sdk/groq", ["AI SDK", "OpenAI client, Python", "cURL"]),
        ("@ai-sdk/anthropic", ["AI SDK", "OpenAI client, Python", "cURL"]),
        ("@ai-sdk/amazon-bedrock", ["AI SDK"]),
        ("@ai-sdk/azure", ["AI SDK"]),
        ("@ai-sdk/google-vertex/anthropic", ["AI SDK"]),
        ("a-package-nobody-knows", []),
        (COMPATIBLE, []),
        ("", []),
    ],
)
def test_without_an_api_base_there_is_only_what_the_package_is_known_for(sdk, titles):
    assert list(code(access(sdk=sdk))) == titles


OPENAI = {"sdk": "@ai-sdk/openai", "env_names": ("OPENAI_API_KEY",)}


@pytest.mark.parametrize(
    ("mode", "method", "call", "path", "body"),
    [
        ("chat", "chat", "chat.completions.create", "chat/completions", {"model", "messages"}),
        ("responses", "responses", "responses.create", "responses", {"model", "input"}),
        ("completion", "completion", "completions.create", "completions", {"model", "prompt"}),
        ("embedding", "embeddingModel", "embeddings.create", "embeddings", {"model", "input"}),
    ],
)
def test_code_for_openai_uses_the_api_that_takes_the_model(mode, method, call, path, body):
    result = code(access(mode=mode, **OPENAI))
    assert f'openai.{method}("o4-mini")' in result["AI SDK"]
    assert "baseURL" not in result["AI SDK"]
    assert f"client.{call}(" in result["OpenAI client, Python"]
    ast.parse(result["OpenAI client, Python"])
    words = shlex.split(result["cURL"].replace("\\\n", ""))
    assert words[1] == f"https://api.openai.com/v1/{path}"
    assert json.loads(words[-1]).keys() == body


def test_code_for_a_model_that_speaks_requests_sound():
    stated = access(speaks=True, **OPENAI)
    result = code(stated)
    assert list(result) == ["OpenAI client, Python", "cURL"]
    call = ast.parse(result["OpenAI client, Python"]).body[3].value
    assert [word.arg for word in call.keywords] == ["model", "modalities", "audio", "messages"]
    assert json.loads(shlex.split(result["cURL"].replace("\\\n", ""))[-1])["audio"]["voice"]
    assert "Sound must be requested" in note(stated)
    elsewhere = access(speaks=True, sdk=COMPATIBLE, api_base="https://h.example/v1")
    assert "modalities" not in code(elsewhere)["OpenAI client, Python"]
    assert "The answer may be sound" in note(elsewhere)


@pytest.mark.parametrize(
    ("mode", "call", "path"),
    [
        ("image", "images.generate", "images/generations"),
        ("speech", "audio.speech.create", "audio/speech"),
        ("moderation", "moderations.create", "moderations"),
    ],
)
def test_what_is_certain_of_openai_itself_is_shown_of_nobody_else(mode, call, path):
    stated = access(mode=mode, **OPENAI)
    result = code(stated)
    assert list(result) == ["OpenAI client, Python", "cURL"]
    assert f"client.{call}(" in result["OpenAI client, Python"]
    ast.parse(result["OpenAI client, Python"])
    assert shlex.split(result["cURL"].replace("\\\n", ""))[1] == f"https://api.openai.com/v1/{path}"
    assert "differs by version" in note(stated)
    assert code(access(mode=mode, api_base="https://h.example/v1", sdk=COMPATIBLE)) == {}
    assert code(access(mode=mode, api_base="https://h.example/v1", sdk="@ai-sdk/openai")) == {}


def test_code_for_a_provider_like_openai_uses_responses_or_completions_where_no_other_way_is_left():
    host = {"api_base": "https://h.example/v1", "sdk": COMPATIBLE}
    completing = code(access(mode="completion", **host))
    assert 'provider.completionModel("o4-mini")' in completing["AI SDK"]
    assert "client.completions.create(" in completing["OpenAI client, Python"]
    responding = access(mode="responses", **host)
    assert list(code(responding)) == ["OpenAI client, Python", "cURL"]
    assert "/v1/responses" in code(responding)["cURL"]
    assert note(responding) == "No code for the AI SDK is known that gets this from Host."
    assert code(access(mode="completion", sdk="@ai-sdk/groq")) == {}
    assert "only completes text" in note(access(mode="completion", sdk="@ai-sdk/groq"))


def test_code_for_azure_names_the_api_that_takes_the_model():
    for mode in ("chat", "responses", "completion"):
        assert f'azure.{mode}("o4-mini")' in code(access(mode=mode, sdk="@ai-sdk/azure"))["AI SDK"]


def test_a_clouds_package_is_not_shown_for_models_that_it_does_not_lead_to():
    vertex = {"sdk": "@ai-sdk/google-vertex"}
    assert 'vertex("gemini-3-pro")' in code(access(upstream_id="gemini-3-pro", **vertex))["AI SDK"]
    claude = code(access(upstream_id="claude-opus-5@default", **vertex))["AI SDK"]
    assert 'import { vertexAnthropic } from "@ai-sdk/google-vertex/anthropic"' in claude
    others = (
        access(upstream_id="meta/llama-4-maas", **vertex),
        access(upstream_id="claude-opus-5", sdk="@ai-sdk/azure"),
    )
    for other in others:
        assert code(other) == {}
        assert note(other).startswith("Host serves this model in another way than most")


def test_anthropic_itself_answers_openais_client_too():
    stated = access(sdk="@ai-sdk/anthropic", env_names=("ANTHROPIC_API_KEY",), provider="Anthropic")
    result = code(stated)
    assert 'base_url="https://api.anthropic.com/v1"' in result["OpenAI client, Python"]
    assert "client.chat.completions.create(" in result["OpenAI client, Python"]
    assert "https://api.anthropic.com/v1/messages" in result["cURL"]
    assert note(stated).startswith("Anthropic supports OpenAI’s client for trials")


def test_code_for_an_api_like_anthropics_uses_its_own_protocol():
    stated = access(
        sdk="@ai-sdk/anthropic", api_base="https://m.example/anthropic/v1", env_names=("M_API_KEY",)
    )
    result = code(stated)
    assert list(result) == ["AI SDK", "cURL"]
    assert 'baseURL: "https://m.example/anthropic/v1"' in result["AI SDK"]
    words = shlex.split(result["cURL"].replace("\\\n", ""))
    assert words[1] == "https://m.example/anthropic/v1/messages"
    assert "x-api-key: $M_API_KEY" in words
    assert json.loads(words[-1])["max_tokens"] > 0


@pytest.mark.parametrize(
    "stated",
    ["https://h.example/v1", "https://h.example/v1/", "https://h.example/v1/chat/completions"],
)
def test_an_address_never_ends_twice(stated):
    result = code(access(api_base=stated, sdk=COMPATIBLE))
    assert 'curl "https://h.example/v1/chat/completions"' in result["cURL"]
    assert 'baseURL: "https://h.example/v1"' in result["AI SDK"]


def test_variables_in_an_address_are_read_from_the_environment():
    result = code(
        access(
            api_base="https://h.example/${HOST_ACCOUNT_ID}/v1",
            env_names=("HOST_ACCOUNT_ID", "HOST_API_KEY"),
            sdk=COMPATIBLE,
        )
    )
    assert "baseURL: `https://h.example/${process.env.HOST_ACCOUNT_ID}/v1`" in result["AI SDK"]
    assert (
        "base_url=f\"https://h.example/{os.environ['HOST_ACCOUNT_ID']}/v1\""
        in result["OpenAI client, Python"]
    )
    assert 'curl "https://h.example/${HOST_ACCOUNT_ID}/v1/chat' in result["cURL"]
    ast.parse(result["OpenAI client, Python"])


@pytest.mark.parametrize(
    "address",
    [
        "https://h.example/$(rm -rf ~)",
        "https://h.example/`id`",
        'https://h.example/"; id; "',
        "https://h.example/${lower}",
        "https://h.example/\nv1",
        "https://h.example/{os.system('id')}",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "h.example/v1",
    ],
)
def test_an_address_that_code_cannot_hold_is_left_out(address):
    assert code(access(api_base=address, sdk=COMPATIBLE)) == {}


def test_an_id_is_quoted_for_each_language():
    result = code(access(upstream_id=NASTY, api_base="https://h.example/v1", sdk=COMPATIBLE))
    call = ast.parse(result["OpenAI client, Python"]).body[3].value
    assert {word.arg: word.value for word in call.keywords}["model"].value == NASTY
    words = subprocess.run(
        ["sh", "-c", result["cURL"].replace("curl", "printf '%s\\0'", 1)],
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    assert json.loads(words[-2])["model"] == NASTY
    quoted = result["AI SDK"].partition("provider(")[2].partition("),\n  prompt")[0]
    assert json.loads(quoted) == NASTY


@pytest.mark.parametrize(
    ("names", "address", "key"),
    [
        ((), "", "API_KEY"),
        (("OPENAI_API_KEY",), "", "OPENAI_API_KEY"),
        (("CF_ACCOUNT_ID", "CF_API_KEY"), "https://x/${CF_ACCOUNT_ID}", "CF_API_KEY"),
        (("CF_API_TOKEN", "CF_ACCOUNT_ID"), "", "CF_API_TOKEN"),
        (("X_KEY", "X_ENDPOINT"), "", "X_KEY"),
        (("CLARIFAI_PAT",), "", "CLARIFAI_PAT"),
        (("PROJECT", "LOCATION"), "", "API_KEY"),
        (("X;rm -rf_KEY", 'a"_KEY'), "", "API_KEY"),
    ],
)
def test_the_key_is_the_variable_that_holds_one(names, address, key):
    assert key_name(names, address) == key


def test_embeddings_have_their_own_code_and_other_modes_none():
    result = code(access(mode="embedding", api_base="https://h.example/v1", sdk=COMPATIBLE))
    assert result["AI SDK"].startswith('import { embed } from "ai"')
    assert "const { embedding } = await embed({" in result["AI SDK"]
    assert 'model: provider.embeddingModel("o4-mini"),\n  value: "' in result["AI SDK"]
    assert "client.embeddings.create(" in result["OpenAI client, Python"]
    assert "https://h.example/v1/embeddings" in result["cURL"]
    without = access(mode="embedding", sdk="@ai-sdk/groq")
    assert list(code(without)) == ["OpenAI client, Python", "cURL"]
    assert "No code for the AI SDK is known" in note(without)
    for mode in ("image", "video", "speech", "rerank", ""):
        assert code(access(mode=mode, api_base="https://h.example/v1", sdk=COMPATIBLE)) == {}


def test_a_note_names_what_the_code_leaves_open():
    assert note(HOST) == ""
    assert "deployment" in note(access(sdk="@ai-sdk/azure"))
    assert "venice-ai-sdk-provider" in note(access(sdk="venice-ai-sdk-provider"))
    assert "script" not in note(access(sdk="<script>"))


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (
            {},
            "No source states an address of Host, or that its API is like OpenAI’s: there is no "
            "code",
        ),
        (
            {"api_base": "javascript:alert(1)"},
            "No source states an address at which Host answers as OpenAI does",
        ),
        ({"sdk": COMPATIBLE}, "No source states an address at which Host answers as OpenAI does"),
        (
            {"sdk": "@ai-sdk/anthropic", "api_base": "https://h.example/v1"},
            "Host answers here as Anthropic’s API does, so there is no code for",
        ),
        (
            {"sdk": "@ai-sdk/amazon-bedrock"},
            "The address of Host depends on your AWS region, so only the AI",
        ),
        (
            {"sdk": "@ai-sdk/azure"},
            "The address of Host is that of your own resource there, so only the AI",
        ),
        (
            {"sdk": "@ai-sdk/google-vertex", "upstream_id": "gemini"},
            "The address of Host holds your project and location",
        ),
        ({"mode": "image", "sdk": "@ai-sdk/groq"}, "There is no code here for image models"),
        (
            {"mode": "realtime", "sdk": "@ai-sdk/openai"},
            "A realtime model works over a connection",
        ),
        (
            {"mode": "embedding", "sdk": "@ai-sdk/openai"},
            "The code for the AI SDK needs its version 6",
        ),
        (
            {"mode": "embedding", "sdk": "@ai-sdk/anthropic"},
            "Host answers here as Anthropic’s API does, which has no embeddings",
        ),
        ({"mode": ""}, "No source states what kind of model"),
    ],
)
def test_a_note_gives_the_reason_for_less_code(stated, why):
    assert note(access(**stated)).startswith(why)


@pytest.mark.parametrize(
    ("upstream_id", "taken"),
    [
        ("anthropic.claude-opus-4-5-20251101-v1:0", True),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("ai21.jamba-1-5-large-v1:0", True),
        ("deepseek.v3.2", True),
        ("claude-opus-4-5", False),
        ("claude-opus-4.5", False),
        ("us-gov-west-1/anthropic.claude-opus-5", False),
        ("anthropic.claude-haiku-4-5@20251001", False),
    ],
)
def test_bedrock_takes_ids_that_name_the_creator(upstream_id, taken):
    assert takes(BEDROCK, upstream_id) is taken
    assert takes(COMPATIBLE, upstream_id)
    assert takes("", upstream_id)
