import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricing.price import price
from pricing.rates import RateCard
from pricing.terms import BASE, Band, Schedule, Terms
from pricing.usage import Usage
from sources.base import Answer, FetchFailed, Listing, Parsed, WrongShape
from sources.http import open_http
from sources.reading import FieldReader
from sources.upstreams.openrouter.prices import read_rates
from sources.upstreams.openrouter.read import (
    MODELS,
    PROVIDERS_PAGE,
    WITHOUT_RETENTION,
    OpenRouter,
    routes_path,
)
from tests.sources.server import Page, Server

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CREATED = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())
PRICING = {"prompt": "0.000002", "completion": "0.00001", "input_cache_read": "0.0000002"}


def model(id_: str = "acme/one", **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "canonical_slug": f"{id_}-20261102",
        "name": "Acme: One",
        "created": CREATED,
        "context_length": 262144,
        "hugging_face_id": None,
        "architecture": {"input_modalities": ["text", "file"], "output_modalities": ["text"]},
        "pricing": PRICING,
        "top_provider": {"max_completion_tokens": 32768, "is_moderated": False},
        "supported_parameters": ["tools", "temperature", "temperature"],
        "expiration_date": None,
        **more,
    }


def route(tag: str, pricing: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "tag": tag,
        "model_id": "acme/one",
        "pricing": pricing or {**PRICING, "discount": 0},
        "quantization": "fp8",
        "max_prompt_tokens": None,
        "latency_last_30m": None,
        "throughput_last_30m": None,
        **more,
    }


def pages(
    *models: Any, routes: Any = (), without_retention: Any = None, providers: Any = ()
) -> dict[str, bytes]:
    stated = {MODELS: models, routes_path("acme/one"): {"endpoints": routes}}
    stated[PROVIDERS_PAGE] = providers
    if without_retention is not None:
        stated[WITHOUT_RETENTION] = without_retention
    return {path: json.dumps({"data": data}).encode() for path, data in stated.items()}


def parse(*models: Any, **more: Any) -> Parsed:
    return OpenRouter().parse(Answer(NOW, pages(*(models or [model()]), **more)))


def listing(*models: Any, **more: Any) -> Listing:
    (only,) = parse(*models, **more).listings
    return only


def amounts(rates: Any, terms: Terms = BASE) -> dict[str, str]:
    return {rate.meter: str(rate.amount or rate.state) for rate in rates if rate.terms == terms}


def test_prices_are_exact_and_per_the_meter_s_unit() -> None:
    reading = FieldReader()
    rates = read_rates(
        {
            "prompt": "0.00000005726",
            "completion": "0.00000011452",
            "input_cache_write": "0.00000008333333333333334",
            "input_cache_write_1h": "1e-7",
            "web_search": "0.014",
            "request": "0",
            "internal_reasoning": "0",
            "discount": 0.591,
        },
        reading,
    )
    assert amounts(rates) == {
        "input": "0.05726",
        "output": "0.11452",
        "cache_write": "0.083333333333",
        "cache_write_1h": "0.1",
        "web_search": "14",
    }
    # The discount has been taken; zeros for what is not sold are no prices.
    assert reading.not_expressed == {
        "discount, which the price has already": 1,
        "price of zero: internal_reasoning": 1,
        "price of zero: request": 1,
    }


@pytest.mark.parametrize("odd", ["-2", "NaN", "Infinity", "1_0", "٣", "", "1" * 50, True, [], {}])
def test_an_odd_price_is_counted_and_the_rest_stays(odd: Any) -> None:
    reading = FieldReader()
    rates = read_rates({"prompt": odd, "completion": "0.00001"}, reading)
    assert amounts(rates) == {"output": "10"}
    assert sum(reading.not_expressed.values()) == (0 if odd in ([], {}) else 1)


def test_minus_one_depends_on_the_request_and_two_zeros_are_free() -> None:
    assert amounts(read_rates({"prompt": "-1", "completion": "-1"}, FieldReader())) == {
        "input": "dynamic",
        "output": "dynamic",
    }
    free = listing(model(pricing={"prompt": "0", "completion": "0"}))
    assert amounts(free.rates) == {"input": "free", "output": "free"}
    vectors = {"input_modalities": ["text"], "output_modalities": ["embeddings"]}
    embedding = listing(
        model(architecture=vectors, pricing={"prompt": "0.00000002", "completion": "0"})
    )
    assert amounts(embedding.rates) == {"input": "0.02", "output": "not_offered"}
    assert embedding.facts["mode"] == "embedding"
    assert "modalities_out" not in embedding.facts


@pytest.mark.parametrize(
    ("field", "stated", "meter", "amount"),
    [
        ("image", "0.000002", "input_image", "2"),
        ("image", "0.001238", "image_in", "0.001238"),
        ("image_output", "0.00012", "output_image", "120"),
        ("image_output", "0.04", "image", "0.04"),
    ],
)
def test_a_price_of_images_is_of_tokens_or_of_pictures(
    field: str, stated: str, meter: str, amount: str
) -> None:
    rates = read_rates({**PRICING, field: stated}, FieldReader())
    assert amounts(rates)[meter] == amount


def test_overrides_are_bands_hours_and_weekdays() -> None:
    overrides = [
        {"min_prompt_tokens": 200000, "prompt": "0.000004"},
        {"utc_start": 100, "utc_end": 1030, "utc_days": ["monday", "friday"], "prompt": "0.000003"},
        {"utc_days": ["sunday"], "completion": "0.000005"},
        {"utc_start": 1400, "utc_end": 0, "prompt": "0.000002"},  # as at all hours
        {"min_prompt_tokens": 200000, "prompt": "0.000005"},  # the later one counts
        {"moon": "full", "prompt": "0.1"},
        {"utc_start": 2500, "utc_end": 0, "prompt": "0.1"},
    ]
    reading = FieldReader()
    rates = read_rates({**PRICING, "overrides": overrides}, reading)
    special = {rate.terms: (rate.meter, str(rate.amount)) for rate in rates if rate.terms != BASE}
    assert special == {
        Terms(band=Band(200000)): ("input", "5"),
        Terms(schedules=(Schedule((("01:00", "10:30"),), (1, 5)),)): ("input", "3"),
        Terms(schedules=(Schedule((("00:00", "00:00"),), (7,)),)): ("output", "5"),
    }
    assert reading.not_expressed["odd value of overrides"] == 2


def test_an_id_is_one_endpoint_and_a_route_with_another_price_an_option_of_it() -> None:
    banded = {**PRICING, "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000004"}]}
    only = listing(
        model(pricing=banded),
        routes=[
            route("acme", banded),
            route("acme/flex", {**PRICING, "prompt": "0.000001"}),
            route("other/fp8", {"prompt": "0.000002", "completion": "0.000008"}),
            route("other/flex", {**banded, "prompt": "0.0000005"}),
        ],
    )
    assert (only.provider, only.upstream_id) == ("openrouter", "acme/one")
    assert amounts(only.rates) == {"input": "2", "output": "10", "cache_read": "0.2"}
    assert amounts(only.rates, Terms(tier="flex")) == {"input": "1"}
    # The route has no long-context price: its own input price holds there too.
    by_other = Terms(options=(("route", "other/fp8"),))
    assert amounts(only.rates, by_other) == {
        "input": "2",
        "output": "8",
        "cache_read": "unknown",
    }
    card, long = RateCard(only.rates), Usage({"input": Decimal(300_000)})
    assert price(card, long, at=NOW).total == Decimal("1.2")
    assert price(card, long, at=NOW, options={"route": "other/fp8"}).total == Decimal("0.6")
    # A tier of another route is that route's, and not the tier of the endpoint.
    assert amounts(only.rates, Terms(options=(("route", "other/flex"),)))["input"] == "0.5"


def test_facts_are_those_of_all_routes() -> None:
    shown = listing(
        routes=[
            route("acme", supports_implicit_caching=False, max_prompt_tokens=200000),
            route("other", supports_implicit_caching=True),
        ]
    )
    assert shown.facts == {
        "name": "One",
        "context_window": 262144,
        "max_input": 200000,
        "max_output": 32768,
        "modalities_in": ["pdf", "text"],
        "modalities_out": ["text"],
        "capabilities": {
            "tool-use": True,
            "structured-output": False,
            "reasoning": False,
            "vision": False,
            "audio-input": False,
            "video-input": False,
            "file-input": True,
            "image-generation": False,
            "audio-output": False,
            "video-generation": False,
            "implicit-caching": True,
        },
        "parameters": ["temperature", "tools"],
        "quantization": "fp8",
    }


def test_a_day_of_removal_is_one_of_retirement_and_a_floating_id_leads_on() -> None:
    assert listing(model(expiration_date="2026-12-31")).facts["retired_on"] == "2026-12-31"
    assert "retired_on" not in listing(model(expiration_date="2098-12-31")).facts
    latest = model("~acme/latest", alias_target={"name": "Acme: One", "slug": "acme/one"})
    assert listing(latest).facts["leads_to"] == "acme/one"


@pytest.mark.parametrize(
    ("tags", "stated"),
    [(["acme", "other"], "default"), (["acme"], None), (["x"], "no"), ([], None)],
)
def test_zero_retention_is_stated_where_it_holds_for_all_routes_or_none(
    tags: list[str], stated: str | None
) -> None:
    without = [{"model_id": "acme/one-20261102", "tag": tag} for tag in tags]
    facts = listing(routes=[route("acme"), route("other")], without_retention=without).facts
    assert facts.get("zdr") == stated
    assert facts.get("policy_basis") == ("gateway_agreement" if stated else None)


def test_figures_are_of_openrouter_s_traffic_at_each_provider() -> None:
    measured = route(
        "z-ai/fp8",
        uptime_last_30m=99.5,
        uptime_last_5m=None,
        uptime_last_1d=100,
        latency_last_30m={"p50": 817, "p99": 53242.44000000004},
        throughput_last_30m={"p50": 35},
        perf_last_30m_by_workload={"text_generation": {"request_count": 1250}},
    )
    parsed = parse(routes=[measured])
    assert [
        (figure.metric, figure.percentile, str(figure.value), figure.window, figure.samples)
        for figure in parsed.figures
    ] == [
        ("uptime", None, "0.995", "30m", None),
        ("uptime", None, "1", "1d", None),
        ("latency", 50, "0.817", "30m", 1250),
        ("latency", 99, "53.24244", "30m", 1250),
        ("throughput", 50, "35", "30m", 1250),
    ]
    assert {(f.provider, f.upstream_id, f.at, f.route) for f in parsed.figures} == {
        ("openrouter", "acme/one", "zai", "z-ai/fp8")
    }


@pytest.mark.parametrize(
    "stated",
    [
        {"latency_last_30m": {"p50": 0.25, "p90": 2.5}},
        {"latency_last_30m": {"p50": 600_000}},
        {"throughput_last_30m": {"p50": -1}},
        {"uptime_last_5m": 100.5},
        {"uptime_last_1d": "99"},
        {"latency_last_30m": [1]},
        {"throughput_last_30m": {"p50": "fast", "median": 3}},
    ],
)
def test_an_implausible_figure_is_counted_and_left_out(stated: dict[str, Any]) -> None:
    parsed = parse(routes=[route("acme", **stated)])
    assert parsed.figures == ()
    assert any("odd" in name or "latency" in name for name in parsed.not_expressed)


def test_providers_known_here_get_addresses_and_seats() -> None:
    stated = [
        {
            "slug": "together",
            "name": "Together",
            "headquarters": "US",
            "privacy_policy_url": "https://together.example/privacy",
            "terms_of_service_url": "javascript:alert(1)",
            "status_page_url": None,
        },
        {"slug": "nobody-here", "headquarters": "US"},
        {"slug": "mistral", "headquarters": "France"},
    ]
    (only,) = parse(providers=stated).providers
    assert (only.slug, only.facts) == (
        "togetherai",
        {"privacy_url": "https://together.example/privacy", "headquarters": "US"},
    )


def test_the_data_is_as_of_the_newest_model_that_is_not_of_the_future() -> None:
    later = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
    parsed = parse(model(), model("acme/two", created=later), model("acme/three", created=0))
    assert parsed.as_of == datetime(2026, 11, 2, tzinfo=UTC)
    assert parse(model(created=None)).as_of == NOW


def test_an_odd_row_is_skipped_and_counted() -> None:
    parsed = parse(
        model(), model(), model("x" * 301), model("nul\x00"), model("acme/two", pricing="free")
    )
    assert [row.upstream_id for row in parsed.listings] == ["acme/one", "acme/two"]
    assert parsed.not_expressed["second listing of an id"] == 1
    assert parsed.not_expressed["odd value of id"] == 2


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": {}}', b'{"data": []}', b"<html>", b""])
def test_an_answer_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(WrongShape):
        OpenRouter().parse(Answer(NOW, {MODELS: body}))


@pytest.fixture
def mirror(server: Server) -> Server:
    stated = pages(model(), model("acme/one:free"), model("~acme/latest"), routes=[route("acme")])
    for path, body in stated.items():
        server.pages[f"/api/v1/{path}"] = Page(body)
    return server


def fetch(server: Server, base: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    monkeypatch.setenv("RATECARD_SOURCE_OPENROUTER_URL", f"{server.address}{base}")
    with open_http(OpenRouter(), now=NOW) as client:
        return OpenRouter().fetch(client, now=NOW)


@pytest.mark.parametrize("base", ["/api/v1", "/api/v1/"])
def test_the_address_is_a_base_and_every_id_has_a_page_but_a_floating_one(
    base: str, mirror: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = fetch(mirror, base, monkeypatch)
    assert {path for path, _ in mirror.answered} == {
        "/api/v1/models?output_modalities=all",
        "/api/v1/providers",
        "/api/v1/endpoints/zdr",
        "/api/v1/models/acme/one/endpoints",
        "/api/v1/models/acme/one%3Afree/endpoints",
    }
    # Pages that are not there are left out, and the rest is read.
    assert len(OpenRouter().parse(answer).listings) == 3


def test_a_key_goes_with_every_request_and_an_odd_one_is_not_written_anywhere(
    mirror: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(mirror, "/api/v1", monkeypatch)
    assert {*mirror.keys} == {None}
    mirror.keys.clear()
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret")
    fetch(mirror, "/api/v1", monkeypatch)
    assert {*mirror.keys} == {"Bearer sk-or-secret"}
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-secret\n sk-other")
    with pytest.raises(FetchFailed, match="OPENROUTER_API_KEY") as caught:
        fetch(mirror, "/api/v1", monkeypatch)
    assert "secret" not in str(caught.value)
