import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sources.base import Answer, Parsed, WrongShape
from sources.upstreams.huggingface.read import MODELS, HuggingFace

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def route(provider: str, **more: Any) -> dict[str, Any]:
    return {
        "provider": provider,
        "status": "live",
        "context_length": 65536,
        "pricing": {"input": 0.42, "output": 3},
        "is_free": False,
        "supports_tools": True,
        "supports_structured_output": False,
        **more,
    }


def parse(*routes: Any, id_: str = "Acme/One-27B") -> Parsed:
    architecture = {"input_modalities": ["text", "image"], "output_modalities": ["text"]}
    model = {"id": id_, "owned_by": "Acme", "architecture": architecture, "providers": routes}
    return HuggingFace().parse(Answer(NOW, {MODELS: json.dumps({"data": [model]}).encode()}))


def prices(parsed: Parsed) -> dict[str, list[str]]:
    return {
        listing.upstream_id: [str(rate.amount or rate.state) for rate in listing.rates]
        for listing in parsed.listings
    }


def test_a_provider_behind_the_router_is_a_part_of_the_id() -> None:
    other = route("novita", pricing={"input": 0.5, "output": 3}, context_length=1000000)
    assert prices(parse(route("groq"), other)) == {
        "Acme/One-27B": [],
        "Acme/One-27B:groq": ["0.42", "3"],
        "Acme/One-27B:novita": ["0.5", "3"],
    }
    # The router chooses among equal prices.
    assert prices(parse(route("groq"), route("novita")))["Acme/One-27B"] == ["0.42", "3"]


def test_facts() -> None:
    parsed = parse(route("groq"), route("novita", context_length=1000000, supports_tools=False))
    whole, first, _ = parsed.listings
    assert first.facts["context_window"] == 65536
    assert whole.facts["context_window"] == 1000000
    assert whole.facts["capabilities"] == {
        "vision": True,
        "audio-input": False,
        "video-input": False,
        "image-generation": False,
        "audio-output": False,
        "video-generation": False,
        "tool-use": True,
        "structured-output": False,
    }


def test_a_route_that_does_not_serve_is_not_listed() -> None:
    parsed = parse(route("groq"), route("novita", status="offline"))
    assert [*prices(parsed)] == ["Acme/One-27B", "Acme/One-27B:groq"]
    assert parsed.not_expressed["route that is not live"] == 1


def test_free_is_what_is_stated_to_be_free() -> None:
    zeros = {"input": 0, "output": 0}
    assert prices(parse(route("groq", pricing=zeros)))["Acme/One-27B:groq"] == ["unknown"] * 2
    free = parse(route("groq", pricing=zeros, is_free=True))
    assert prices(free)["Acme/One-27B:groq"] == ["free", "free"]
    assert prices(parse(route("groq", pricing=None, is_free=True)))["Acme/One-27B"] == ["free"] * 2


def test_figures_have_no_window() -> None:
    parsed = parse(route("novita", first_token_latency_ms=120.0, throughput=32.28))
    assert [
        (f.metric, f.percentile, str(f.value), f.window, f.at, f.upstream_id)
        for f in parsed.figures
    ] == [
        ("latency", None, "0.12", "", "novita-ai", "Acme/One-27B:novita"),
        ("throughput", None, "32.28", "", "novita-ai", "Acme/One-27B:novita"),
    ]
    assert parse(route("novita", first_token_latency_ms=0.3)).figures == ()


def test_an_answer_of_another_shape_is_refused() -> None:
    for body in (b'{"data": []}', b'{"data": [{"id": "a/b", "providers": []}]}', b"[]"):
        with pytest.raises(WrongShape):
            HuggingFace().parse(Answer(NOW, {MODELS: body}))
    assert parse(route("groq"), id_="a/b").as_of == NOW
