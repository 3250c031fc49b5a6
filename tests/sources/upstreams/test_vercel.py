import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pricing.terms import BASE, Band, Terms
from sources.base import Answer, Listing, Parsed, WrongShape
from sources.http import open_http
from sources.upstreams.vercel.read import MODELS, Vercel, routes_path
from tests.sources.server import Page, Server

NOW = datetime(2026, 11, 30, tzinfo=UTC)
RELEASED = int(datetime(2026, 3, 5, tzinfo=UTC).timestamp())
PRICING = {"input": "0.0000025", "output": "0.000015", "input_cache_read": "0.00000025"}


def model(id_: str = "acme/one", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "object": "model",
        "created": RELEASED - 1000,
        "released": RELEASED,
        "owned_by": "acme",
        "name": "One",
        "type": "language",
        "context_window": 200000,
        "max_tokens": 0,
        "tags": ["tool-use", "vision", "sings"],
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "temperature": True,
        "reasoning_options": [{"type": "toggle"}, {"type": "effort"}],
        "knowledge": "2025-04",
        "pricing": PRICING,
        **more,
    }


def route(name: str, pricing: dict[str, Any], **more: Any) -> dict[str, Any]:
    unsold = dict.fromkeys(("request", "image", "web_search", "internal_reasoning"), "0")
    return {"provider_name": name, "pricing": {**unsold, **pricing, "discount": 0}, **more}


def parse(*models: Any, routes: Any = ()) -> Parsed:
    pages = {MODELS: models or [model()], routes_path("acme/one"): {"endpoints": routes}}
    bodies = {path: json.dumps({"data": data}).encode() for path, data in pages.items()}
    return Vercel().parse(Answer(NOW, bodies))


def listing(*models: Any, **more: Any) -> Listing:
    (only,) = parse(*models, **more).listings
    return only


def amounts(rates: Any, terms: Terms = BASE) -> dict[str, str]:
    return {rate.meter: str(rate.amount or rate.state) for rate in rates if rate.terms == terms}


def test_prices_have_bands_service_tiers_and_regions() -> None:
    tiers = [{"cost": "0.0000025", "min": 0, "max": 272001}, {"cost": "0.000005", "min": 272001}]
    round_tiers = [{"cost": "0.0000005", "min": 200000}, {"cost": "0.1", "min": "many"}]
    rates = listing(
        model(
            pricing={
                **PRICING,
                "web_search": "0.01",
                "maps_search": "0",
                "input_tiers": tiers,
                "input_cache_read_tiers": round_tiers,
                "service_tiers": {"flex": {"input": "0.00000125"}},
                "regional": {"eu": {"input": "0.00000275"}},
            }
        )
    ).rates
    assert amounts(rates) == {
        "input": "2.5",
        "output": "15",
        "cache_read": "0.25",
        "web_search": "10",
    }
    assert amounts(rates, Terms(band=Band(272000))) == {"input": "5"}
    assert amounts(rates, Terms(band=Band(200000, "gte"))) == {"cache_read": "0.5"}
    assert amounts(rates, Terms(tier="flex")) == {"input": "1.25"}
    assert amounts(rates, Terms(region="eu")) == {"input": "2.75"}


def test_pictures_and_seconds_are_priced_by_their_options() -> None:
    out = {"input": ["text"], "output": ["image"]}
    by_size = [{"cost": "0.04", "size": "1024x1024", "quality": "hd"}, {"cost": "0"}]
    images = listing(
        model(type="image", modalities=out, pricing={"image_dimension_quality_pricing": by_size})
    )
    options = (("quality", "hd"), ("size", "1024x1024"))
    assert amounts(images.rates, Terms(options=options)) == {"image": "0.04"}
    assert images.facts["mode"] == "image"
    by_second = [{"cost_per_second": "0.4", "resolution": "1080p", "audio": True}]
    videos = listing(model(type="video", pricing={"video_duration_pricing": by_second}))
    options = (("audio", "true"), ("resolution", "1080p"))
    assert amounts(videos.rates, Terms(options=options)) == {"video_second": "0.4"}


def test_a_zero_of_vercel_s_is_no_price() -> None:
    trial = listing(model(pricing={"input": "0", "output": "0"}))
    assert amounts(trial.rates) == {"input": "unknown", "output": "unknown"}
    vectors = {"input": ["text"], "output": ["text"]}
    embedding = listing(
        model(type="embedding", modalities=vectors, pricing={"input": "0.00000002", "output": "0"})
    )
    assert amounts(embedding.rates) == {"input": "0.02", "output": "not_offered"}
    assert "modalities_out" not in embedding.facts


def test_a_route_with_another_price_is_an_option() -> None:
    pricing = {**PRICING, "input_tiers": [{"cost": "0.000005", "min": 272001}]}
    same = {"prompt": "0.0000025", "completion": "0.000015", "input_cache_read": "0.00000025"}
    rates = listing(
        model(pricing=pricing),
        routes=[route("acme", same), route("azure", {**same, "completion": "0.00002"})],
    ).rates
    by_route = {rate.terms.options: rate for rate in rates if rate.terms.options}
    assert {(rate.meter, str(rate.amount)) for rate in by_route.values()} == {("output", "20")}
    assert [*by_route] == [(("route", "azure"),)]


def test_facts() -> None:
    stated = listing(
        model(deprecated_at=1788220800000, zdr=False, no_training=True),
        routes=[{"provider_name": "acme", "quantization": "fp8"}],
    )
    assert stated.facts == {
        "name": "One",
        "context_window": 200000,
        "modalities_in": ["image", "text"],
        "modalities_out": ["text"],
        "capabilities": {
            "vision": True,
            "audio-input": False,
            "video-input": False,
            "file-input": False,
            "image-generation": False,
            "audio-output": False,
            "video-generation": False,
            "tool-use": True,
        },
        "parameters": ["reasoning", "reasoning_effort", "temperature"],
        "knowledge_cutoff": "2025-04",
        "released": "2026-03-05",
        "deprecated_on": "2026-09-01",
        "quantization": "fp8",
        "zdr": "no",
        "training": "no",
        "policy_basis": "gateway_agreement",
    }


def test_figures_are_of_vercel_s_traffic_at_each_provider() -> None:
    measured = {
        "provider_name": "vertexAnthropic",
        "uptime_last_15m": None,
        "uptime_last_1h": 99.8806,
        "latency_last_1h": {"p50": 817, "p95": 2305.85},
        "throughput_last_1h": {"p50": 93.5},
    }
    figures = parse(routes=[measured]).figures
    assert [(f.metric, f.percentile, str(f.value), f.window) for f in figures] == [
        ("uptime", None, "0.998806", "1h"),
        ("latency", 50, "0.817", "1h"),
        ("latency", 95, "2.30585", "1h"),
        ("throughput", 50, "93.5", "1h"),
    ]
    assert {(f.provider, f.upstream_id, f.at, f.route) for f in figures} == {
        ("vercel", "acme/one", "google-vertex", "vertexAnthropic")
    }


def test_odd_answers() -> None:
    parsed = parse(model(), model(), model("x" * 301), model("acme/two", pricing=[], tags="x"))
    assert [row.upstream_id for row in parsed.listings] == ["acme/one", "acme/two"]
    assert parsed.as_of == datetime(2026, 3, 5, tzinfo=UTC)
    for body in (b'{"data": []}', b"<html>", b"[]"):
        with pytest.raises(WrongShape):
            Vercel().parse(Answer(NOW, {MODELS: body}))


def test_each_model_has_a_page(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.pages["/v1/models"] = Page(json.dumps({"data": [model()]}).encode())
    monkeypatch.setenv("RATECARD_SOURCE_VERCEL_URL", f"{server.address}/v1/models")
    with open_http(Vercel(), now=NOW) as client:
        answer = Vercel().fetch(client, now=NOW)
    assert [path for path, _ in server.answered] == ["/v1/models", "/v1/models/acme/one/endpoints"]
    assert len(Vercel().parse(answer).listings) == 1
