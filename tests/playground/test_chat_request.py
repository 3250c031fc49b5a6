"""A request of chat completions, read and checked."""

from typing import Any

import pytest

from playground.chat_request import MOST_OUTPUT, BadRequest, read_request

USUAL = {"model": "openai/o4-mini", "messages": [{"role": "user", "content": "a"}]}


def read(**fields: Any) -> Any:
    return read_request({**USUAL, **fields})


def test_a_plain_request_has_no_limit_no_options_and_no_stream():
    request = read()
    assert (request.model, request.provider, request.max_output) == ("openai/o4-mini", "", None)
    assert not request.options and not request.streams and not request.wants_usage


def test_a_provider_may_be_named_beside_the_model():
    request = read(model=" openai/o4-mini@Azure ")
    assert (request.model, request.preference.only) == ("openai/o4-mini", ("azure",))


@pytest.mark.parametrize(
    "fields",
    [
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream": True, "usage": {"include": True}},
    ],
)
def test_usage_is_wanted_in_openais_word_and_in_openrouters(fields: Any):
    request = read(**fields)
    assert request.streams and request.wants_usage


def test_options_go_on_and_what_is_read_here_does_not():
    request = read(
        temperature=0.5,
        seed=7,
        n=1,
        service_tier="default",
        stream=False,
        provider={"sort": "price"},
        reasoning={"effort": "low"},
        top_p=None,
    )
    assert request.options == {"temperature": 0.5, "seed": 7, "reasoning_effort": "low"}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_on_the_output_is_a_whole_number(name: str):
    for limit in (1, MOST_OUTPUT):
        assert read(**{name: limit}).max_output == limit
    for limit in (0, MOST_OUTPUT + 1, -1, 1.5, "9", True):
        with pytest.raises(BadRequest) as error:
            read(**{name: limit})
        assert error.value.param == name


@pytest.mark.parametrize(
    "name",
    [
        *("audio", "best_of", "models", "plugins", "prediction", "route", "web_search_options"),
        *("n", "modalities", "service_tier"),
    ],
)
def test_what_no_limit_on_tokens_bounds_is_refused(name: str):
    with pytest.raises(BadRequest) as error:
        read(**{name: [1, "audio"]})
    assert error.value.param == name and str(error.value).endswith(".")


@pytest.mark.parametrize("body", [None, 5, "a", [], [USUAL]])
def test_a_body_that_is_no_object_is_refused(body: object):
    with pytest.raises(BadRequest):
        read_request(body)
