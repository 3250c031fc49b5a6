import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

import pytest

from pricing.rates import stated
from sources import http
from sources.base import Answer, FetchFailed, Http, Listing, Parsed, Source
from sources.http import KEPT, PARALLEL, open_http
from sources.upstreams.models_dev.read import ModelsDev
from tests.sources.server import Page, Server

NOW = datetime(2026, 11, 30, tzinfo=UTC)


class PageAModel(Source):
    """A source with a list of models at its address, and the prices of each at another."""

    slug = "page-a-model"
    name = "Page a model"
    url = "https://models.example/v1/models"
    licence = "MIT"

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        models = http.get()
        paths = [f"models/{quote(id_)}/endpoints" for id_ in json.loads(models)]
        return Answer(now, {"": models, **http.get_each(paths)})

    def parse(self, answer: Answer) -> Parsed:
        listings = []
        for id_ in json.loads(answer.body):
            if page := answer.pages.get(f"models/{quote(id_)}/endpoints"):
                price = json.loads(page, parse_float=Decimal)
                listings.append(Listing("acme", id_, {}, (stated("input", price),)))
        return Parsed(self.slug, answer.as_of, tuple(listings))


@pytest.fixture
def fetch(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[Source], Answer]:
    """Fetch a source from the server, at /v1/models."""

    def fetch(source: Source) -> Answer:
        name = source.slug.upper().replace("-", "_")
        monkeypatch.setenv(f"RATECARD_SOURCE_{name}_URL", f"{server.address}/v1/models")
        with open_http(source) as client:
            return source.fetch(client, now=NOW)

    return fetch


Fetch = Callable[[Source], Answer]


def sell(server: Server, **models: str) -> None:
    server.pages["/v1/models"] = Page(json.dumps([*models]).encode())
    for id_, price in models.items():
        server.pages[f"/v1/models/{quote(id_)}/endpoints"] = Page(price.encode())


def test_a_source_of_one_address_needs_no_fetch_of_its_own(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"{}")
    assert fetch(ModelsDev()) == Answer(NOW, {"": b"{}"})


def test_a_source_may_have_a_page_for_each_of_its_models(server: Server, fetch: Fetch) -> None:
    sell(server, **{"a/one:free": "0", "a/two words": "1.10"})
    parsed = PageAModel().parse(fetch(PageAModel()))
    assert [(listing.upstream_id, listing.rates[0].amount) for listing in parsed.listings] == [
        ("a/one:free", Decimal(0)),
        ("a/two words", Decimal("1.1")),
    ]


@pytest.mark.parametrize("number", [PARALLEL - 1, PARALLEL, PARALLEL + 1, 50])
def test_every_page_arrives_whatever_their_number(
    number: int, server: Server, fetch: Fetch
) -> None:
    sell(server, **{f"m{n}": str(n) for n in range(number)})
    parsed = PageAModel().parse(fetch(PageAModel()))
    amounts = [listing.rates[0].amount for listing in parsed.listings]
    assert amounts == [Decimal(n) for n in range(number)]


@pytest.mark.parametrize("status", [404, 410])
def test_one_page_of_many_may_be_gone(status: int, server: Server, fetch: Fetch) -> None:
    sell(server, one="1", two="2")
    server.pages["/v1/models/two/endpoints"].status = status
    assert [ls.upstream_id for ls in PageAModel().parse(fetch(PageAModel())).listings] == ["one"]


def test_a_page_that_fails_fails_the_answer_in_one_sentence(server: Server, fetch: Fetch) -> None:
    sell(server, **{f"m{n}": "1" for n in range(500)})
    server.pages["/v1/models/m1/endpoints"].status = 503
    with pytest.raises(FetchFailed) as failed:
        fetch(PageAModel())
    path = "/v1/models/m1/endpoints"
    assert str(failed.value) == f"Page a model answered 503 at {server.address}{path}."
    # What waits is cancelled.
    assert len(server.answered) < 250


def test_the_sources_own_address_may_not_be_gone(server: Server, fetch: Fetch) -> None:
    with pytest.raises(FetchFailed, match="answered 404"):
        fetch(PageAModel())


def test_an_unchanged_page_is_not_sent_again(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"{}", headers={"ETag": '"1"'})
    first, second = fetch(ModelsDev()), fetch(ModelsDev())
    assert [status for _, status in server.answered] == [200, 304]
    assert first == second
    server.pages["/v1/models"] = Page(b"[]", headers={"ETag": '"2"'})
    assert fetch(ModelsDev()).body == b"[]"


def test_a_page_without_a_validator_is_not_kept(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"{}")
    fetch(ModelsDev())
    assert not KEPT


def test_a_redirect_is_not_followed(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"", 302, {"Location": "/"})
    with pytest.raises(FetchFailed, match="answered 302"):
        fetch(ModelsDev())


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False)])
def test_an_answer_has_a_largest_size(
    size: int, fits: bool, server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST", 1000)
    server.pages["/v1/models"] = Page(b"x" * size)
    if fits:
        assert len(fetch(ModelsDev()).body) == size
    else:
        with pytest.raises(FetchFailed, match="sent more than"):
            fetch(ModelsDev())


def test_an_answer_has_a_longest_time(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", -1)
    server.pages["/v1/models"] = Page(b"{}")
    with pytest.raises(FetchFailed, match="took longer than"):
        fetch(ModelsDev())


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x", "http://[::1", "ftp://x", "no address"]
)
def test_a_source_that_cannot_be_reached_is_one_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", address)
    refused = pytest.raises(FetchFailed, match=r"models\.dev could not be read at .+\.")
    with open_http(ModelsDev()) as client, refused:
        client.get()
