"""The address for programs: official clients, fallbacks, prices, and what is refused."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openai
import pytest
from django.test import Client
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import Key, KeyKind
from playground.models import LedgerEntry
from telemetry.models import InboxRow
from tests.called import KEY, USAGE, WORDS
from tests.factories import make_model, make_provider, make_rate, sell
from tests.streaming.provider_server import (
    ProviderServer,
    ScriptedAnswer,
    chat,
    event,
    generated,
    messages,
    serving_provider,
)
from web.http.streams import MOST_OF_PROCESS, take_place

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = [{"role": "user", "content": "Count. canary-of-a-prompt"}]
ADDRESS = "/v1/chat/completions"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, no_keys: None) -> Iterator[dict[str, ProviderServer]]:
    """Three providers of one model, each with an API of another shape, the cheapest first."""
    with ExitStack() as stack:
        found = {}
        for slug, key in (
            ("host", "HOST_API_KEY"),
            ("anthropic", "ANTHROPIC_API_KEY"),
            ("google", "GEMINI_API_KEY"),
        ):
            state = found[slug] = stack.enter_context(serving_provider())
            monkeypatch.setenv(f"RATECARD_PROVIDER_{slug.upper()}_URL", f"{state.address}/v1")
            monkeypatch.setenv(key, KEY)
        found["host"].answer = ScriptedAnswer(chat(WORDS, usage=USAGE))
        found["anthropic"].answer = ScriptedAnswer(messages(WORDS, output=50))
        found["google"].answer = ScriptedAnswer(
            generated(WORDS, promptTokenCount=100, candidatesTokenCount=50)
        )
        model = make_model(modalities_in=["text", "image"])
        for place, slug in enumerate(found):
            sell(model, make_provider(slug), input=str(1 + place), output=str(10 + place))
        yield found


@pytest.fixture
def secret() -> str:
    return make_key(KeyKind.API, "ci")[1]


@pytest.fixture
def asks(client: Client, secret: str) -> Any:
    def ask(body: Any = None, **options: Any) -> Any:
        fields = {"model": "openai/o4-mini", "messages": QUESTION, **options}
        return client.post(
            ADDRESS,
            json.dumps(fields) if body is None else body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    return ask


def official(live_server: Any, secret: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{live_server.url}/v1", api_key=secret, max_retries=0)


@pytest.mark.parametrize("provider", ["host", "anthropic", "google"])
def test_the_official_client_gets_an_answer_of_each_shape(
    servers: Any, secret: str, live_server: Any, provider: str
):
    with official(live_server, secret) as client:
        answer = client.chat.completions.create(
            model=f"openai/o4-mini@{provider}", messages=QUESTION, max_tokens=300
        )
        chunks = [
            *client.chat.completions.create(
                model=f"openai/o4-mini@{provider}",
                messages=QUESTION,
                stream=True,
                stream_options={"include_usage": True},
            )
        ]
    assert answer.choices[0].message.content == "".join(WORDS)
    assert answer.choices[0].finish_reason == "stop"
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert streamed == "".join(WORDS)
    assert chunks[-1].usage.completion_tokens == answer.usage.completion_tokens == 50
    entries = LedgerEntry.objects.order_by("id")
    assert [entry.provider_slug for entry in entries] == [provider] * 2
    assert [Decimal(str(answer.usage.cost))] * 2 == [entry.spent for entry in entries]
    assert InboxRow.objects.count() == 2


def test_the_list_of_models_names_their_providers(servers: Any, secret: str, live_server: Any):
    with official(live_server, secret) as client:
        [model] = client.models.list().data
    assert model.id == "openai/o4-mini" and model.owned_by == "openai"
    assert set(model.providers) == {"host", "anthropic", "google"}


def test_tools_go_there_and_back_in_each_shape(servers: Any, asks: Any):
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
    calls = [{"index": 0, "id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}]
    servers["host"].answer = ScriptedAnswer(
        [
            (0, event({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]})),
            (0, event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}], "usage": USAGE})),
        ]
    )
    block = {"type": "tool_use", "id": "c1", "name": "add", "input": {}}
    part = {"type": "input_json_delta", "partial_json": '{"a": 1}'}
    servers["anthropic"].answer = ScriptedAnswer(
        [
            (0, event({"type": "message_start", "message": {"usage": {"input_tokens": 9}}})),
            (0, event({"type": "content_block_start", "index": 1, "content_block": block})),
            (0, event({"type": "content_block_delta", "index": 1, "delta": part})),
            (
                0,
                event(
                    {
                        "type": "message_delta",
                        "delta": {"stop_reason": "tool_use"},
                        "usage": {"output_tokens": 5},
                    }
                ),
            ),
            (0, event({"type": "message_stop"})),
        ]
    )
    call = {"functionCall": {"name": "add", "args": {"a": 1}}}
    servers["google"].answer = ScriptedAnswer(
        [
            (
                0,
                event(
                    {
                        "candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}],
                        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 5},
                    }
                ),
            )
        ]
    )
    for provider in servers:
        answer = asks(tools=[tool], model=f"openai/o4-mini@{provider}").json()
        [choice] = answer["choices"]
        [made] = choice["message"]["tool_calls"]
        assert choice["finish_reason"] == "tool_calls"
        assert (made["type"], made["function"]["name"]) == ("function", "add")
        assert json.loads(made["function"]["arguments"]) == {"a": 1} and made["id"]
        follow_up = [
            *QUESTION,
            choice["message"],
            {"role": "tool", "tool_call_id": made["id"], "content": "3"},
        ]
        streamed = asks(
            tools=[tool], model=f"openai/o4-mini@{provider}", messages=follow_up, stream=True
        )
        assert b'"add"' in b"".join(streamed.streaming_content)
        assert "3" in json.dumps(servers[provider].requests[-1][2])


@pytest.mark.parametrize(
    "answer",
    [
        ScriptedAnswer(status=429),
        ScriptedAnswer(status=500),
        ScriptedAnswer(status=401),
        ScriptedAnswer([(0, b"<html>")], 200, {"Content-Type": "text/html"}),
        ScriptedAnswer([(0, event({"error": {"code": 503, "message": "Busy"}}))]),
        ScriptedAnswer(chat(WORDS)[:1]),
    ],
)
def test_a_failure_before_the_first_token_leads_to_the_next_provider(
    servers: Any, asks: Any, answer: ScriptedAnswer
):
    servers["host"].answer = answer
    response = asks()
    assert response.status_code == 200
    assert response.headers["x-ratecard-provider"] == "anthropic"
    assert response.headers["x-ratecard-attempts"] == "2"
    first, second = LedgerEntry.objects.order_by("id")
    assert (first.provider_slug, first.spent) == ("host", 0)
    assert f"{second.spent.normalize():f}" == response.headers["x-ratecard-cost"]
    # It failed a moment ago, and is tried last.
    assert asks().headers["x-ratecard-attempts"] == "1"


def test_a_mistake_of_the_callers_own_is_handed_back(servers: Any, asks: Any):
    body = json.dumps({"error": {"message": "temperature is too hot"}}).encode()
    servers["host"].answer = ScriptedAnswer([(0, body)], 400, {"Content-Type": "application/json"})
    response = asks()
    assert response.status_code == 400
    assert "too hot" in response.json()["error"]["message"]
    assert not servers["anthropic"].requests


def test_nothing_is_tried_again_after_the_first_token(servers: Any, asks: Any):
    servers["host"].answer = ScriptedAnswer(chat(WORDS)[:5])
    body = b"".join(asks(stream=True).streaming_content)
    assert b'"error"' in body and body.endswith(b"data: [DONE]\n\n")
    assert not servers["anthropic"].requests
    assert LedgerEntry.objects.get().counted_by == "ratecard"
    assert asks(provider={"only": ["host"]}).status_code == 502


def test_all_failing_names_each(servers: Any, asks: Any):
    for server in servers.values():
        server.answer = ScriptedAnswer(status=503)
    response = asks()
    assert response.status_code == 502
    error = response.json()["error"]
    assert error["type"] == "provider_error"
    assert all(slug in error["message"] for slug in servers)


@pytest.mark.parametrize(
    ("options", "providers"),
    [
        ({}, ["host"]),
        ({"provider": {"order": ["google"]}}, ["google"]),
        ({"provider": {"only": ["Google"]}}, ["google"]),
        ({"provider": {"ignore": ["host"]}}, ["anthropic"]),
        ({"provider": {"max_price": {"completion": 10.5}}}, ["host"]),
        ({"providerOptions": {"gateway": {"order": ["anthropic", "host"]}}}, ["anthropic"]),
        ({"provider": {"sort": "price"}}, ["host"]),
    ],
)
def test_preferences_in_the_words_of_others(
    servers: Any, asks: Any, options: Any, providers: list[str]
):
    assert asks(**options).headers["x-ratecard-provider"] == providers[0]


def test_an_unknown_policy_is_none(servers: Any, asks: Any):
    for preference in ({"zdr": True}, {"data_collection": "deny"}, {"only": ["nobody"]}):
        response = asks(provider=preference)
        assert response.status_code == 404 and "host" in response.json()["error"]["message"]


BAD = {
    "no JSON": ("{", 400),
    "deep": ("[" * 100_000, 400),
    "a list": ("[]", 400),
    "NaN": ('{"model": "openai/o4-mini", "temperature": NaN}', 400),
    "no model": ("{}", 400),
    "no messages": ('{"model": "openai/o4-mini"}', 400),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_body_that_is_no_request(servers: Any, asks: Any, kind: str):
    body, status = BAD[kind]
    response = asks(body)
    assert response.status_code == status
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"model": 5}, "model"),
        ({"model": "../../etc/passwd\n"}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "x", "content": "a"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0]"),
        ({"n": 3}, "n"),
        ({"temperature": 10}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"stream": "yes"}, "stream"),
        ({"max_tokens": 10**12}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"stop": 5}, "stop"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"provider": "azure"}, "provider"),
        ({"provider": {"order": "azure"}}, "provider.order"),
        ({"provider": {"sort": "luck"}}, "provider.sort"),
        ({"provider": {"max_price": {"prompt": "x"}}}, "provider.max_price"),
        ({"providerOptions": []}, "providerOptions"),
        ({"stream_options": 1}, "stream_options"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_name(
    servers: Any, asks: Any, options: Any, param: str
):
    response = asks(**options)
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (400, param)
    assert error["message"].endswith(".") and not LedgerEntry.objects.exists()


@pytest.mark.parametrize("model", ["openai/unheard-of", "../../v1/files", "a" * 299])
def test_an_unknown_model_is_not_found(servers: Any, asks: Any, model: str):
    response = asks(model=model)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


def test_a_model_without_a_key_says_which_variable_to_set(no_keys: None, asks: Any):
    sell(make_model(), make_provider("openai"), input="1", output="2")
    response = asks()
    assert response.status_code == 404
    assert "OPENAI_API_KEY" in response.json()["error"]["message"]


def test_the_allowance_is_a_quota_and_says_when_it_comes_back(servers: Any, asks: Any):
    Key.objects.update(limit=Decimal("0.001"))
    response = asks(max_tokens=1000)
    assert response.status_code == 429
    error = response.json()["error"]
    assert error["code"] == "insufficient_quota" and "limit of this key" in error["message"]
    assert not LedgerEntry.objects.exists()


def test_images_go_where_they_are_taken(servers: Any, asks: Any):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    question = [{"role": "user", "content": [{"type": "text", "text": "What?"}, image]}]
    for provider in servers:
        response = asks(messages=question, model=f"openai/o4-mini@{provider}")
        assert response.status_code == 200
        assert "QUJD" in json.dumps(servers[provider].requests[-1][2])
    remote = {"type": "image_url", "image_url": {"url": "https://images.example/a.png"}}
    refused = asks(messages=[{"role": "user", "content": [remote]}], model="openai/o4-mini@google")
    assert refused.status_code == 400 and "its data alone" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 401),
        ("Bearer", 401),
        ("Basic abc", 401),
        ("Bearer rc_api_wrong", 401),
        ("Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.", 401),
    ],
)
def test_a_wrong_key_is_refused(client: Client, servers: Any, header: str, status: int):
    response = client.post(
        ADDRESS, "{}", content_type="application/json", headers={"Authorization": header}
    )
    assert response.status_code == status
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_ingest_key_and_an_expired_key_are_refused(client: Client, servers: Any):
    _, ingest = make_key(KeyKind.INGEST, "gateway")
    key, expired = make_key(KeyKind.API, "ci")
    key.expires_at = timezone.now() - timedelta(seconds=1)
    key.save()
    for secret, status in ((ingest, 403), (expired, 401)):
        headers = {"Authorization": f"Bearer {secret}"}
        response = client.post(ADDRESS, "{}", content_type="application/json", headers=headers)
        assert response.status_code == status
        assert client.get("/v1/models", headers=headers).status_code == status


def test_methods_types_and_sizes(client: Client, secret: str):
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(ADDRESS, headers=headers).status_code == 405
    assert client.options(ADDRESS).headers["Access-Control-Allow-Origin"] == "*"
    plain = client.post(ADDRESS, "{}", content_type="text/plain", headers=headers)
    assert plain.status_code == 415
    large = client.post(
        ADDRESS, b" " * (21 * 2**20), content_type="application/json", headers=headers
    )
    assert large.status_code == 413


def test_when_all_places_are_taken_it_says_when_to_come_back(servers: Any, asks: Any):
    places = [take_place() for _ in range(MOST_OF_PROCESS)]
    try:
        response = asks()
        assert response.status_code == 503 and response.headers["Retry-After"] == "10"
    finally:
        for place in places:
            place.release()
    assert asks().status_code == 200
    assert b"".join(asks(stream=True).streaming_content)
    places = [take_place() for _ in range(MOST_OF_PROCESS)]
    assert all(places)
    for place in places:
        place.release()


def test_a_client_that_leaves_ends_the_call(servers: Any, secret: str, live_server: Any):
    servers["host"].answer = ScriptedAnswer(chat(["word "] * 2000, between=0.02, usage=USAGE))
    with official(live_server, secret) as client:
        stream = client.chat.completions.create(
            model="openai/o4-mini", messages=QUESTION, stream=True
        )
        next(iter(stream))
        stream.close()
    assert servers["host"].gone.wait(5)


def test_no_calls_where_the_allowance_is_zero(servers: Any, asks: Any, settings: Any):
    settings.ALLOWANCE = Decimal(0)
    assert asks().status_code == 403


def test_prompt_and_answer_are_kept_nowhere(servers: Any, asks: Any, caplog: Any):
    servers["host"].answer = ScriptedAnswer(chat(["canary-of-an-answer"], usage=USAGE))
    asks()
    kept = str([*LedgerEntry.objects.values(), *InboxRow.objects.values()]) + caplog.text
    assert "canary" not in kept


def test_halves_of_surrogate_pairs_do_no_harm(servers: Any, asks: Any):
    servers["host"].answer = ScriptedAnswer(chat(["a\ud83d", "b"], usage=USAGE))
    assert asks().json()["choices"][0]["message"]["content"] == "a�b"
    assert asks(messages=[{"role": "user", "content": "\ud83d"}]).status_code == 200


def test_an_endpoint_of_no_bound_is_passed_over(servers: Any, asks: Any):
    model = make_model("openai/o5")
    make_rate(sell(model, make_provider("host"), input="1"), "output", None, state="unknown")
    assert asks(model="openai/o5").status_code == 404
