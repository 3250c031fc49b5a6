import gzip

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Model
from tests.factories import make_model, sell, summarise
from tests.waiting import undisturbed


def title(response):
    return response.content.decode().partition("<h1>")[2].partition("</h1>")[0]


@pytest.fixture
def o4_mini():
    model = make_model()
    sell(model, input="1.10")
    summarise()
    return model


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_page_is_answered_by_one_question(client, o4_mini):
    def twice():
        first = client.get("/models/openai/o4-mini/")
        with CaptureQueriesContext(connection) as queries:
            return first, client.get("/models/openai/o4-mini/"), list(queries)

    first, second, queries = undisturbed(twice)
    assert [query["sql"] for query in queries] == ["SELECT pg_current_snapshot()::text"]
    assert second.content == first.content
    assert second.headers == first.headers


@pytest.mark.django_db(transaction=True)
def test_a_change_shows_at_once(client, o4_mini):
    for name in ("a", "b", "c"):
        Model.objects.update(name=name)
        assert title(client.get("/models/openai/o4-mini/")) == name


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_never_shows(client, o4_mini):
    before = title(client.get("/models/openai/o4-mini/"))
    with transaction.atomic():
        Model.objects.update(name="draft")
        transaction.set_rollback(True)
    assert title(client.get("/models/openai/o4-mini/")) == before


@pytest.mark.django_db(transaction=True)
def test_the_page_and_its_part_are_not_mixed_up(client, o4_mini):
    for _ in range(2):
        assert client.get("/").content.startswith(b"<!doctype html>")
        assert (
            client.get("/", headers={"HX-Request": "true"}).content.strip().startswith(b"<section")
        )
        assert b"No model for" in client.get("/?q=nothing").content


@pytest.mark.django_db
def test_nothing_is_remembered_inside_a_transaction(client, o4_mini):
    client.get("/models/openai/o4-mini/")
    Model.objects.update(name="changed")
    assert title(client.get("/models/openai/o4-mini/")) == "changed"


@pytest.mark.django_db
def test_a_page_is_compressed_for_who_takes_that(client, o4_mini):
    plain, small = client.get("/"), client.get("/", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert "Accept-Encoding" in plain["Vary"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", [("gzip", "", "gzip", ""), ("", "gzip", "", "gzip")])
def test_a_kept_page_is_sent_in_the_encoding_that_each_request_accepts(client, o4_mini, order):
    answers = {"gzip": [], "": []}
    for accepted in order:
        headers = {"Accept-Encoding": accepted} if accepted else {}
        answers[accepted].append(client.get("/models/openai/o4-mini/", headers=headers))
    small, plain = answers["gzip"], answers[""]
    assert [answer.get("Content-Encoding") for answer in small + plain] == [
        "gzip",
        "gzip",
        None,
        None,
    ]
    assert {gzip.decompress(answer.content) for answer in small} == {plain[0].content}
    assert plain[1].content == plain[0].content
    assert small[0]["ETag"] == small[1]["ETag"] == plain[0]["ETag"].removesuffix('"') + '-gzip"'
    assert plain[1]["ETag"] == plain[0]["ETag"]


@pytest.mark.django_db(transaction=True)
def test_the_etag_of_one_encoding_does_not_answer_for_the_other(client, o4_mini):
    plain = client.get("/")
    for accepted, status in (("gzip", 200), ("", 304)):
        headers = {"Accept-Encoding": accepted, "If-None-Match": plain["ETag"]}
        assert client.get("/", headers=headers).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accepts", "small"),
    [
        ("gzip;q=0.5", True),
        ("GZIP ; q=0.001, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=nan", False),
        ("identity, br", False),
        ("xgzip", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        (";,;=,q=", False),
        ("", False),
    ],
)
def test_who_takes_gzip_is_told_by_its_weight(client, accepts, small):
    answer = client.get("/", headers={"Accept-Encoding": accepts})
    assert answer.has_header("Content-Encoding") is small


@pytest.mark.django_db
def test_a_page_that_is_known_is_not_sent_again(client, o4_mini):
    first = client.get("/", headers={"Accept-Encoding": "gzip"})
    again = client.get("/", headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(
        "/?sort=name", headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]}
    )
    assert other.status_code == 200
