"""A row that does not read changes nothing of what its source stated before; the others count."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims
from pricing.models import Rate
from sources.base import FetchFailed, WrongShape
from sources.guard import MOST_ENDED
from sources.http import FAILING
from sources.models import Refresh
from sources.refresh import refresh
from sources.registry import all_sources
from tests.sources.server import Page, Server
from tests.sources.upstreams.litellm import FILLER

pytestmark = pytest.mark.django_db

Prices = dict[str, Any]
# Of another model, at a price of its own: by both gateways' names.
ANOTHERS = json.dumps(
    {
        "data": {
            "id": "acme/m-99",
            "endpoints": [
                {
                    "tag": "a",
                    "provider_name": "a",
                    "pricing": {"prompt": "91", "completion": "92", "input": "91", "output": "92"},
                }
            ],
        }
    }
).encode()
# By source, its pages where these ids cost so much in and four times as much out.
Build = Callable[[Prices], dict[str, Any]]


def numbers(**names: str) -> Callable[[Any], dict[str, Any]]:
    def card(price: Any) -> dict[str, Any]:
        return {names["input"]: price, names["output"]: 4}

    return card


def models_dev(prices: Prices) -> dict[str, Any]:
    card = numbers(input="input", output="output")
    models = {id_: {"id": id_, "name": id_, "cost": card(price)} for id_, price in prices.items()}
    return {"": {"host": {"id": "host", "models": models}}}


def litellm(prices: Prices) -> dict[str, Any]:
    card = numbers(input="input_cost_per_token", output="output_cost_per_token")
    return {
        "": FILLER
        | {
            f"groq/{id_}": {"litellm_provider": "groq", "mode": "chat", **card(price)}
            for id_, price in prices.items()
        }
    }


def genai_prices(prices: Prices) -> dict[str, Any]:
    card = numbers(input="input_mtok", output="output_mtok")
    models = [{"id": id_, "prices": card(price)} for id_, price in prices.items()]
    return {"": [{"id": "groq", "name": "Groq", "models": models}]}


def strings(price: Any) -> Any:
    return f"{price}" if isinstance(price, int) else price


def openrouter(prices: Prices) -> dict[str, Any]:
    pages: dict[str, Any] = {"providers": {"data": []}, "endpoints/zdr": {"data": []}}
    models = []
    for id_, price in prices.items():
        card = {"prompt": strings(price), "completion": "4"}
        models.append({"id": id_, "name": id_, "pricing": card})
        pages[f"models/{id_}/endpoints"] = {"data": {"endpoints": [{"tag": "a", "pricing": card}]}}
    return {"models?output_modalities=all": {"data": models}, **pages}


def vercel(prices: Prices) -> dict[str, Any]:
    pages: dict[str, Any] = {}
    models = []
    for id_, price in prices.items():
        models.append({"id": id_, "name": id_, "pricing": {"input": strings(price), "output": "4"}})
        card = {"prompt": strings(price), "completion": "4"}
        route = {"provider_name": "a", "pricing": card}
        pages[f"models/{id_}/endpoints"] = {"data": {"endpoints": [route]}}
    return {"models": {"data": models}, **pages}


def huggingface(prices: Prices) -> dict[str, Any]:
    card = numbers(input="input", output="output")
    models = [
        {"id": id_, "providers": [{"provider": "novita", "status": "live", "pricing": card(price)}]}
        for id_, price in prices.items()
    ]
    return {"models": {"data": models}}


SOURCES: dict[str, Build] = {
    "models-dev": models_dev,
    "litellm": litellm,
    "genai-prices": genai_prices,
    "openrouter": openrouter,
    "vercel": vercel,
    "huggingface": huggingface,
}
GOOD: Prices = {f"acme/m-{n}": n + 1 for n in range(60)}
ODD = ("NaN", "1,5", [1], {"a": 1}, True, -7, "-0.5", "1e999", "١")


def serve(server: Server, slug: str, pages: dict[str, Any]) -> None:
    for path, page in pages.items():
        body = page if isinstance(page, bytes) else json.dumps(page).encode()
        server.pages[f"/{slug}/{path}"] = Page(body)


@pytest.fixture
def server(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    for slug in SOURCES:
        name = f"RATECARD_SOURCE_{slug.upper().replace('-', '_')}_URL"
        monkeypatch.setenv(name, f"{server.address}/{slug}/")
    return server


def run(slug: str, **options: Any) -> Refresh:
    refresh(all_sources()[slug], now=timezone.now(), **options)
    record = Refresh.objects.first()
    assert record
    return record


def prices(upstream_id: str) -> list[Any]:
    rates = Rate.objects.filter(endpoint__upstream_id=upstream_id).order_by("id")
    return [*rates.values_list("meter", "state", "amount", "valid_to", "held")]


def stated(upstream_id: str) -> list[Any]:
    rows = EndpointClaims.objects.filter(endpoint__upstream_id=upstream_id)
    return [*rows.values_list("facts", "rates", "stated_at", "missing_since")]


@pytest.mark.parametrize("slug", SOURCES)
def test_an_odd_price_leaves_its_row_as_it_was_and_is_named(slug: str, server: Server) -> None:
    build = SOURCES[slug]
    serve(server, slug, build(GOOD))
    run(slug)
    odd = {f"acme/m-{n}": value for n, value in enumerate(ODD)}
    before = [(prices(id_), stated(id_)) for id_ in odd]
    assert all(len(rates) == 2 for rates, _ in before)
    serve(server, slug, build(GOOD | odd | {"acme/m-40": 60, "acme/new": ODD[0]}))
    record = run(slug)
    assert [(prices(id_), stated(id_)) for id_ in odd] == before
    assert len(prices("acme/m-40")) == 3
    named = " ".join(what for what in record.counts if what.startswith("skipped of "))
    assert named.count("what was stated before stays") == record.counts["rows skipped"]
    assert all(f"{id_}: odd value of" in named for id_ in odd)
    # A new row counts as far as it reads.
    assert "acme/new" not in named
    assert prices("acme/new")[0][0] == "output"
    assert not Endpoint.objects.exclude(missing_since=None).exists()
    assert run(slug).counts["rows skipped"] == record.counts["rows skipped"]


@pytest.mark.parametrize("slug", ["genai-prices", "openrouter", "vercel", "huggingface"])
def test_an_id_that_is_listed_twice_stays_as_it_was(slug: str, server: Server) -> None:
    serve(server, slug, SOURCES[slug](GOOD))
    run(slug)
    before = prices("acme/m-3"), stated("acme/m-3")
    pages = SOURCES[slug](GOOD | {"acme/m-3": 9})
    (path, again), *_ = SOURCES[slug](GOOD).items()
    rows, more = pages[path], again
    if slug == "genai-prices":
        rows, more = rows[0]["models"], more[0]["models"]
    else:
        rows, more = rows["data"], more["data"]
    for order in (1, -1):
        rows += more
        rows[:] = rows[::order]
        serve(server, slug, pages)
        record = run(slug)
        assert (prices("acme/m-3"), stated("acme/m-3")) == before
        assert any("acme/m-3: listed twice" in what for what in record.counts)
        # What is listed twice alike reads as once.
        assert record.counts["rows skipped"] == (2 if slug == "huggingface" else 1)


@pytest.mark.parametrize("slug", ["models-dev", "litellm"])
def test_a_name_that_json_has_twice_stays_as_it_was(slug: str, server: Server) -> None:
    serve(server, slug, SOURCES[slug](GOOD))
    run(slug)
    id_ = "acme/m-3" if slug == "models-dev" else "groq/acme/m-3"
    before = prices("acme/m-3"), stated("acme/m-3")
    assert before[0]
    ((path, page),) = SOURCES[slug](GOOD).items()
    body = json.dumps(page)
    row = body[body.index(f'"{id_}": ') :]
    row = row[: row.index("}" if slug == "litellm" else "}}") + (1 if slug == "litellm" else 2)]
    other = row.replace(": 4,", ": 9,").replace(": 4}", ": 9}")
    assert other != row
    for twice in (f"{row}, {other}", f"{other}, {row}"):
        server.pages[f"/{slug}/{path}"] = Page(body.replace(row, twice).encode())
        record = run(slug)
        assert (prices("acme/m-3"), stated("acme/m-3")) == before
        assert any("acme/m-3: listed twice" in what for what in record.counts)
    server.pages[f"/{slug}/{path}"] = Page(body.replace(row, f"{row}, {row}").encode())
    assert not any("listed twice" in what for what in run(slug).counts)


def test_what_is_no_row_stays_as_it_was(server: Server) -> None:
    serve(server, "models-dev", models_dev(GOOD))
    run("models-dev")
    before = prices("acme/m-3"), stated("acme/m-3")
    for junk in (None, [1], "gone", 7):
        pages = models_dev(GOOD)
        pages[""]["host"]["models"]["acme/m-3"] = junk
        serve(server, "models-dev", pages)
        record = run("models-dev")
        assert (prices("acme/m-3"), stated("acme/m-3")) == before
        assert any("acme/m-3: no model" in what for what in record.counts)


def test_a_provider_that_does_not_read_stays_as_it_was(server: Server) -> None:
    others = {f"acme/o-{n}": 1 for n in range(200)}
    small = {f"acme/m-{n}": 1 for n in range(20)}
    pages = {"": models_dev(others)[""] | {"small": models_dev(small)[""]["host"]}}
    serve(server, "models-dev", pages)
    run("models-dev")
    before = prices("acme/m-3"), stated("acme/m-3")
    pages[""]["small"] = {"id": "small", "models": [1]}
    serve(server, "models-dev", pages)
    record = run("models-dev")
    assert (prices("acme/m-3"), stated("acme/m-3")) == before
    assert record.counts["rows skipped"] == 20


@pytest.mark.parametrize("slug", ["openrouter", "vercel"])
def test_a_page_of_routes_without_any_list_leaves_its_model_as_it_was(
    slug: str, server: Server
) -> None:
    serve(server, slug, SOURCES[slug](GOOD))
    run(slug)
    before = prices("acme/m-3"), stated("acme/m-3")
    path = f"/{slug}/models/acme/m-3/endpoints"
    for body in (
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"data": null}',
        b'{"data": {"endpoints": 7}}',
        b'{"data": {"endpoints": [{"tag": "a", "pri',
        ANOTHERS,
    ):
        server.pages[path] = Page(body)
        record = run(slug)
        assert (prices("acme/m-3"), stated("acme/m-3")) == before
        assert any("acme/m-3: odd value of" in what for what in record.counts), body


def test_an_older_name_has_the_page_and_the_price_of_the_newer_one(server: Server) -> None:
    pages = routed(20)
    pages["models/acme/m-3/endpoints"]["data"]["id"] = "acme/m-3.1"
    serve(server, "openrouter", pages)
    record = run("openrouter")
    assert not any("page of another model" in what for what in record.counts)
    assert Decimal(7_000_000) in {
        rate.amount for rate in Rate.objects.filter(endpoint__upstream_id="acme/m-3")
    }


@pytest.mark.parametrize("body", [b'{"data": ', ANOTHERS], ids=["truncated", "another's"])
def test_broken_pages_in_numbers_are_no_answer(body: bytes, server: Server) -> None:
    serve(server, "openrouter", routed(30))
    run("openrouter")
    before = [*Rate.objects.order_by("id").values()]
    for n in range(4):
        server.pages[f"/openrouter/models/acme/m-{n}/endpoints"] = Page(body)
    with pytest.raises(WrongShape, match=r"OpenRouter gave 4 of 30 pages of routes that are not"):
        run("openrouter")
    assert [*Rate.objects.order_by("id").values()] == before


def routed(number: int) -> dict[str, Any]:
    """So many models, each with a route of its own price."""
    pages = openrouter({f"acme/m-{n}": n + 1 for n in range(number)})
    for path in pages:
        if path.endswith("/endpoints"):
            card = {"prompt": "7", "completion": "8"}
            pages[path]["data"]["endpoints"].append({"tag": "b", "pricing": card})
    return pages


def test_pages_that_are_gone_in_numbers_are_not_believed(server: Server) -> None:
    serve(server, "openrouter", routed(30))
    run("openrouter")
    before = [*Rate.objects.order_by("id").values()]
    gone = [f"/openrouter/models/acme/m-{n}/endpoints" for n in range(FAILING)]
    for path in gone:
        server.pages[path].status = 404
    with pytest.raises(FetchFailed, match=r"OpenRouter has no longer 10 of 32 pages, such as"):
        run("openrouter")
    assert [*Rate.objects.order_by("id").values()] == before
    server.pages[gone[0]].status = 200
    run("openrouter")
    assert Rate.objects.exclude(valid_to=None).exists()


def test_routes_that_end_in_numbers_wait_for_an_editor(server: Server) -> None:
    serve(server, "openrouter", routed(30))
    run("openrouter")
    number = 30 * 2 * MOST_ENDED // 100
    pages = routed(30)
    for n in range(number + 1):
        pages[f"models/acme/m-{n}/endpoints"]["data"]["endpoints"] = []
    serve(server, "openrouter", pages)
    with pytest.raises(FetchFailed, match=r"of 119 prices are no longer stated"):
        run("openrouter")
    pages = routed(30)
    pages["models/acme/m-0/endpoints"]["data"]["endpoints"] = []
    serve(server, "openrouter", pages)
    assert run("openrouter").counts["rates closed"] == 2


def test_an_account_whose_list_shrinks_waits_for_an_editor(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk")
    monkeypatch.setenv("RATECARD_SOURCE_ACCOUNT_GROQ_URL", f"{server.address}/account/")
    serve(server, "genai-prices", genai_prices(GOOD))
    run("genai-prices")
    rows = [{"id": id_, "context_window": 8000} for id_ in GOOD]
    serve(server, "account", {"models": {"data": rows}})
    run("account-groq")
    before = [*EndpointClaims.objects.order_by("id").values()]
    for junk in ([{}], [{"id": 7}], [{"id": "x" * 301}]):
        serve(server, "account", {"models": {"data": junk}})
        with pytest.raises(WrongShape, match="without a single model"):
            run("account-groq")
    for left in (rows[:1], rows[:53]):
        serve(server, "account", {"models": {"data": left}})
        with pytest.raises(FetchFailed, match="it lacks"):
            run("account-groq")
    assert [*EndpointClaims.objects.order_by("id").values()] == before
    serve(server, "account", {"models": {"data": rows[:56]}})
    refresh(all_sources()["account-groq"], now=timezone.now() + timedelta(seconds=1))
    assert EndpointClaims.objects.filter(source__slug="account-groq").count() == 56
