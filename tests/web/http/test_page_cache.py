"""Public pages are made once per version of the catalog, and not at all for a 304."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Model
from pricing.models import Rate
from sources.models import Refresh
from tests.factories import make_model, make_rate, make_source, sell, summarise
from usage.models import UsageLog
from web.http.page_cache import PAGES, cached_each, cached_page, cached_read, cached_summary

PAGE = "/models/openai/o4-mini/"
GZIP = {"Accept-Encoding": "gzip"}


def title(response):
    return response.content.decode().partition("<h1>")[2].partition("</h1>")[0]


@pytest.fixture
def o4_mini():
    model = make_model()
    sell(model, input="1.10")
    summarise()
    return model


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_page_is_answered_by_one_query(client, o4_mini):
    first = client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        second = client.get(PAGE)
    (query,) = queries
    assert "FROM written" in query["sql"]
    assert second.content == first.content
    assert second.headers == first.headers


def make_usage_log():
    now = timezone.now()
    log = UsageLog.objects.create(name="log", size=1, created_at=now, expires_at=now)
    UsageLog.objects.filter(pk=log.pk).update(progress=0.5)


UNRELATED = {
    "a session": lambda: Session.objects.create(
        session_key="x", session_data="", expire_date=timezone.now()
    ),
    "a user": lambda: User.objects.create(username="x"),
    "a usage log": make_usage_log,
    "a failed refresh": lambda: Refresh.objects.create(source=make_source(), error="x"),
    "an update of no row": lambda: Model.objects.filter(slug="unknown").update(name="x"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", UNRELATED)
def test_an_unrelated_write_recomputes_no_page(client, o4_mini, write):
    make_source()
    addresses = ("/", PAGE, "/estimate/", "/providers/", "/providers/openai/", "/compare/")
    first = [client.get(address) for address in addresses]
    UNRELATED[write]()
    with CaptureQueriesContext(connection) as queries:
        second = [client.get(address) for address in addresses]
    assert len(queries) == len(addresses)
    assert [page.content for page in second] == [page.content for page in first]


@pytest.mark.django_db(transaction=True)
def test_a_change_shows_at_once(client, o4_mini):
    for name in ("a", "b", "c"):
        Model.objects.update(name=name)
        assert title(client.get(PAGE)) == name


@pytest.mark.django_db(transaction=True)
def test_a_change_by_another_process_shows_on_the_next_request(client, o4_mini):
    """psql stands for any program that knows nothing of pages."""
    assert 'data-amount="1.1"' in client.get(PAGE).content.decode()
    program = (
        "import sys, psycopg\n"
        "with psycopg.connect(sys.argv[1]) as connection:\n"
        "    connection.execute('UPDATE pricing_rate SET amount = 7')\n"
    )
    connection.ensure_connection()
    address = connection.connection.info.dsn
    password = connection.settings_dict["PASSWORD"]
    done = subprocess.run(
        [sys.executable, "-c", program, f"{address} password='{password}'"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert 'data-amount="7"' in client.get(PAGE).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_never_shows(client, o4_mini):
    before = title(client.get(PAGE))
    with transaction.atomic():
        Model.objects.update(name="draft")
        assert title(client.get(PAGE)) == "draft"
        Model.objects.update(name="second draft")
        assert title(client.get(PAGE)) == "second draft"
        transaction.set_rollback(True)
    assert title(client.get(PAGE)) == before


@pytest.mark.django_db(transaction=True)
def test_the_page_and_its_part_are_not_mixed_up(client, o4_mini):
    for _ in range(2):
        assert client.get("/").content.startswith(b"<!doctype html>")
        assert (
            client.get("/", headers={"HX-Request": "true"}).content.strip().startswith(b"<section")
        )
        assert b"No model for" in client.get("/?q=nothing").content


@pytest.mark.django_db
def test_nothing_is_kept_inside_a_transaction_that_has_written(client, o4_mini):
    client.get(PAGE)
    Model.objects.update(name="changed")
    assert title(client.get(PAGE)) == "changed"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_templates_may_be_edited(rf, settings):
    settings.DEBUG = True
    made = []
    view = cached_page(lambda request: made.append(1) or HttpResponse("page"))
    for _ in range(2):
        view(rf.get("/"))
    assert len(made) == 2


@pytest.mark.django_db
def test_a_page_is_compressed_where_that_is_accepted(client, o4_mini):
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
        ("gzip, deflate, br, zstd", True),
        ("gzip;q=1.000", True),
        # RFC 9110 leaves it to the server which coding it chooses for any: none, here.
        ("*", False),
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
def test_gzip_is_accepted_by_name_with_a_weight_above_zero(client, accepts, small):
    answer = client.get("/", headers={"Accept-Encoding": accepts})
    assert answer.has_header("Content-Encoding") is small


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_known_is_not_sent_again(client, o4_mini):
    first = client.get("/", headers=GZIP)
    again = client.get("/", headers={**GZIP, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    kept = ("ETag", "Cache-Control")
    assert [again[name] for name in kept] == [first[name] for name in kept]
    assert {*again["Vary"].split(", ")} == {*first["Vary"].split(", ")}
    for address, headers in (("/?sort=name", GZIP), ("/", {}), ("/", {**GZIP, "HX-Request": "1"})):
        other = client.get(address, headers={**headers, "If-None-Match": first["ETag"]})
        assert other.status_code == 200


@pytest.fixture
def made():
    """How often the page below was made."""
    return []


@pytest.fixture
def view(made):
    return cached_page(
        lambda request: made.append(1) or HttpResponse("page", status=int(request.GET["status"]))
    )


@pytest.mark.django_db(transaction=True)
def test_no_page_is_made_for_a_304(rf, view, made):
    etag = view(rf.get("/?status=200"))["ETag"]
    PAGES.clear()
    assert view(rf.get("/?status=200", headers={"If-None-Match": etag})).status_code == 304
    assert len(made) == 1
    assert view(rf.get("/?status=200", headers={"If-None-Match": '"other"'})).status_code == 200
    assert len(made) == 2


@pytest.mark.django_db(transaction=True)
def test_another_release_of_the_program_has_other_etags(rf, view, monkeypatch):
    first = view(rf.get("/?status=200"))["ETag"]
    monkeypatch.setattr("web.http.page_cache._program", lambda: "another")
    assert view(rf.get("/?status=200"))["ETag"] != first


@pytest.mark.django_db(transaction=True)
def test_what_is_no_page_has_no_etag_and_is_not_kept(rf, view, made):
    for headers in ({}, {"If-None-Match": "*"}):
        answer = view(rf.get("/?status=404", headers=headers))
        assert (answer.status_code, answer.has_header("ETag")) == (404, False)
    assert len(made) == 2
    assert view(rf.get("/?status=200", headers={"If-None-Match": "*"})).status_code == 304


@pytest.mark.django_db(transaction=True)
def test_a_page_lives_until_the_clock_changes_it(client, o4_mini, monkeypatch):
    begins = datetime(2031, 5, 1, 12, 0, 30, tzinfo=UTC)
    Rate.objects.update(valid_to=begins)
    make_rate(Rate.objects.get().endpoint, amount="7", valid_from=begins)
    shown = {}
    for seconds in (-60, -1, 0, 60):
        now = begins + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        shown[seconds] = client.get(PAGE)
    assert shown[-1]["ETag"] == shown[-60]["ETag"]
    assert shown[60]["ETag"] == shown[0]["ETag"] != shown[-1]["ETag"]
    assert 'data-amount="1.1"' in shown[-1].content.decode()
    assert 'data-amount="7"' in shown[0].content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_is_read_is_kept_until_it_is_written(o4_mini):
    reads = []
    by_name = cached_read(lambda name, now: reads.append(name) or len(reads), most=2)
    summary = cached_summary(lambda: reads.append("summary") or len(reads))
    assert [by_name("a"), by_name("a"), by_name("b"), summary(), summary()] == [1, 1, 2, 3, 3]
    Session.objects.all().delete()
    assert [by_name("a"), summary()] == [1, 3]
    Model.objects.update(name="another")
    assert [by_name("a"), summary()] == [4, 5]
    with transaction.atomic():
        Model.objects.update(name="a draft")
        assert [by_name("a"), by_name("a"), summary(), summary()] == [6, 7, 8, 9]
        transaction.set_rollback(True)
    assert [by_name("a"), summary()] == [4, 5]


@pytest.mark.django_db(transaction=True)
def test_each_of_what_is_read_is_kept_until_it_is_written(o4_mini):
    reads = []

    def read(keys, upper, now):
        reads.append("".join(keys))
        return {key: key.upper() if upper else key for key in keys if key != "x"}

    letters = cached_each(read, most=3)
    assert letters("ab", True) == {"a": "A", "b": "B"}
    assert letters("bca", True) == {"b": "B", "c": "C", "a": "A"}
    assert letters("ac", True) == {"a": "A", "c": "C"}
    assert letters("ax", False) == {"a": "a"}
    assert reads == ["ab", "c", "ax"]
    assert letters("bca", True) == {"b": "B", "c": "C", "a": "A"}
    assert reads.pop() == "a"  # the first of the four
    Model.objects.update(name="another")
    assert letters("bc", True) == {"b": "B", "c": "C"}
    assert reads.pop() == "bc"


@pytest.mark.django_db(transaction=True)
def test_large_pages_are_made_anew_each_time_and_push_out_no_others(rf, monkeypatch):
    monkeypatch.setattr(PAGES, "most", 300 * 1024)
    made = []
    view = cached_page(
        lambda request: made.append(1) or HttpResponse(b"x" * int(request.GET["size"]))
    )
    for address in ("/?size=100", "/?size=300000", "/?size=300000", "/?size=100"):
        assert len(view(rf.get(address)).content) == int(address.partition("=")[2])
    assert len(made) == 3
    assert PAGES.size < 10_000
