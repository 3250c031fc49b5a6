import ast
import json
import shlex
import subprocess

import pytest

from web.snippets import COMPATIBLE, Access, key_name, note, snippets

NASTY = "a'b\"c`d$(touch x)\\\n<script>é😀"


def access(**stated):
    usual = {"provider_slug": "host", "provider": "Host", "upstream_id": "o4-mini", "mode": "chat"}
    return Access(**{**usual, **stated})


def code(found):
    return {snippet.title: snippet.code for snippet in snippets(found)}


HOST = access(api_base="https://api.host.example/v1", env_names=("HOST_API_KEY",), sdk=COMPATIBLE)


def test_a_provider_that_speaks_like_openai_has_all_three():
    found = code(HOST)
    assert found["AI SDK"].splitlines() == [
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
    assert 'base_url="https://api.host.example/v1"' in found["OpenAI client, Python"]
    assert 'api_key=os.environ["HOST_API_KEY"]' in found["OpenAI client, Python"]
    assert "client.chat.completions.create(" in found["OpenAI client, Python"]
    assert shlex.split(found["cURL"].replace("\\\n", ""))[:5] == [
        *("curl", "https://api.host.example/v1/chat/completions"),
        *("-H", "Authorization: Bearer $HOST_API_KEY", "-H"),
    ]


@pytest.mark.parametrize(
    ("sdk", "titles"),
    [
        ("@ai-sdk/openai", ["AI SDK", "OpenAI client, Python", "cURL"]),
        ("@ai-sdk/groq", ["AI SDK", "OpenAI client, Python", "cURL"]),
        ("@ai-sdk/anthropic", ["AI SDK", "cURL"]),
        ("@ai-sdk/amazon-bedrock", ["AI SDK"]),
        ("@ai-sdk/azure", ["AI SDK"]),
        ("a-package-nobody-knows", []),
        (COMPATIBLE, []),
        ("", []),
    ],
)
def test_without_an_api_base_there_is_only_what_the_package_is_known_for(sdk, titles):
    assert list(code(access(sdk=sdk))) == titles


def test_openai_itself_is_asked_for_responses():
    found = code(access(sdk="@ai-sdk/openai", env_names=("OPENAI_API_KEY",)))
    assert 'openai("o4-mini")' in found["AI SDK"]
    assert "baseURL" not in found["AI SDK"]
    assert "client.responses.create(" in found["OpenAI client, Python"]
    assert found["cURL"].startswith('curl "https://api.openai.com/v1/responses"')


def test_an_api_like_anthropics_is_asked_its_own_way():
    stated = access(
        sdk="@ai-sdk/anthropic", api_base="https://m.example/anthropic/v1", env_names=("M_API_KEY",)
    )
    found = code(stated)
    assert 'baseURL: "https://m.example/anthropic/v1"' in found["AI SDK"]
    words = shlex.split(found["cURL"].replace("\\\n", ""))
    assert words[1] == "https://m.example/anthropic/v1/messages"
    assert "x-api-key: $M_API_KEY" in words
    assert json.loads(words[-1])["max_tokens"] > 0


@pytest.mark.parametrize(
    "stated", ["https://h.example/v1", "https://h.example/v1/", "https://h.example/v1/chat/completions"]
)
def test_an_address_never_ends_twice(stated):
    found = code(access(api_base=stated, sdk=COMPATIBLE))
    assert 'curl "https://h.example/v1/chat/completions"' in found["cURL"]
    assert 'baseURL: "https://h.example/v1"' in found["AI SDK"]


def test_variables_in_an_address_are_read_from_the_environment():
    found = code(
        access(
            api_base="https://h.example/${HOST_ACCOUNT_ID}/v1",
            env_names=("HOST_ACCOUNT_ID", "HOST_API_KEY"),
            sdk=COMPATIBLE,
        )
    )
    assert "baseURL: `https://h.example/${process.env.HOST_ACCOUNT_ID}/v1`" in found["AI SDK"]
    assert (
        "base_url=f\"https://h.example/{os.environ['HOST_ACCOUNT_ID']}/v1\"" in found["OpenAI client, Python"]
    )
    assert 'curl "https://h.example/${HOST_ACCOUNT_ID}/v1/chat' in found["cURL"]
    ast.parse(found["OpenAI client, Python"])


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
    found = code(access(upstream_id=NASTY, api_base="https://h.example/v1", sdk=COMPATIBLE))
    call = ast.parse(found["OpenAI client, Python"]).body[3].value
    assert {word.arg: word.value for word in call.keywords}["model"].value == NASTY
    words = subprocess.run(
        ["sh", "-c", found["cURL"].replace("curl", "printf '%s\\0'", 1)], capture_output=True, check=True
    ).stdout.split(b"\0")
    assert json.loads(words[-2])["model"] == NASTY
    quoted = found["AI SDK"].partition("provider(")[2].partition("),\n  prompt")[0]
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


def test_embeddings_are_asked_for_as_such_and_other_modes_not_at_all():
    found = code(access(mode="embedding", api_base="https://h.example/v1", sdk=COMPATIBLE))
    assert list(found) == ["OpenAI client, Python", "cURL"]
    assert "client.embeddings.create(" in found["OpenAI client, Python"]
    assert "https://h.example/v1/embeddings" in found["cURL"]
    for mode in ("image", "video", "speech", "rerank", ""):
        assert code(access(mode=mode, api_base="https://h.example/v1", sdk=COMPATIBLE)) == {}


def test_what_the_code_leaves_open_is_said():
    assert note(HOST) == ""
    assert "deployment" in note(access(sdk="@ai-sdk/azure"))
    assert "venice-ai-sdk-provider" in note(access(sdk="venice-ai-sdk-provider"))
    assert "script" not in note(access(sdk="<script>"))


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (
            {},
            "No source states an address of Host, or that its API is like OpenAI’s: there is no code",
        ),
        (
            {"api_base": "javascript:alert(1)"},
            "No source states an address at which Host answers as OpenAI does",
        ),
        ({"sdk": COMPATIBLE}, "No source states an address at which Host answers as OpenAI does"),
        ({"sdk": "@ai-sdk/anthropic"}, "Host answers here as Anthropic’s API does, so there is no code for"),
        ({"sdk": "@ai-sdk/amazon-bedrock"}, "Host has no address that is the same for all its customers"),
        ({"mode": "image", "sdk": "@ai-sdk/openai"}, "There is no code here for image models"),
        ({"mode": ""}, "No source states what kind of model"),
    ],
)
def test_why_there_is_less_code_than_elsewhere_is_said(stated, why):
    assert note(access(**stated)).startswith(why)
