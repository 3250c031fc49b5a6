"""Raw answers: kept by their content, not read twice, and never an older one over a newer."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model, Provider, Source
from catalog.version import catalog_version
from pricing.models import Rate
from sources.base import FetchFailed, Parsed, WrongShape
from sources.kept_answers import answer_of
from sources.models import KeptAnswer, KeptPage, Refresh
from sources.refresh import Older, load, refresh
from sources.registry import SOURCES
from sources.retention import tidy_up
from sources.upstreams.models_dev.read import ModelsDev
from tests.factories import make_rate
from tests.sources.server import CATALOG, Page, Server

pytestmark = pytest.mark.django_db

MODELS_DEV = SOURCES["models-dev"]
DAY = datetime(2025, 4, 16, tzinfo=UTC)


def run(now: datetime | None = None, **options: Any) -> Any:
    return refresh(MODELS_DEV, now=now or timezone.now(), **options)


def body(updated: str = "2025-04-16", amount: str = "1.1", name: str = "o4-mini") -> bytes:
    text = json.dumps(CATALOG).replace('"input": 1.1', f'"input": {amount}')
    text = text.replace('"name": "o4-mini"', f'"name": "{name}"')
    dated = f'"last_updated": "{updated}", ' if updated else ""
    return text.replace('"last_updated": "2025-04-16", ', dated).encode()


def serve(upstream: Server, text: bytes, **headers: str) -> None:
    upstream.pages["/api.json"] = Page(text, headers=headers)


def source() -> Source:
    return Source.objects.get(slug="models-dev")


def rows() -> list[Any]:
    tables = (Endpoint, EndpointClaims, Model, Provider, Rate, Source)
    return [list(table.objects.order_by("id").values()) for table in tables]


def test_an_answer_is_kept_raw_and_not_read_twice(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(upstream, body(), ETag='"1"')
    run()
    kept = KeptAnswer.objects.get()
    assert (kept.is_applied, kept.as_of, source().as_of) == (True, DAY, DAY)
    assert dict(answer_of(kept).pages) == {"": body()}
    assert ModelsDev().parse(answer_of(kept)).as_of == DAY
    before, version = rows(), catalog_version()

    def parse(*args: Any) -> Parsed:
        raise AssertionError("read again")

    with monkeypatch.context() as patched:
        patched.setattr(ModelsDev, "parse", parse)
        assert run() == {}
    # Another process has the page, too: it is in the database.
    assert [status for _, status in upstream.answered] == [200, 304]
    last = Refresh.objects.first()
    assert last and (last.state, last.answer, last.as_of) == ("unchanged", kept, DAY)
    assert (rows(), catalog_version()) == (before, version)
    assert KeptPage.objects.get().checked_at == last.started_at
    # By other rules the same answer is another one.
    monkeypatch.setattr("sources.kept_answers.fingerprint", lambda name: "other rules")
    run()
    assert [row.state for row in Refresh.objects.all()] == ["done", "unchanged", "done"]
    assert [row.rules for row in KeptAnswer.objects.all()] == ["other rules"]


def test_the_time_of_the_last_check_is_written_now_and_then(upstream: Server) -> None:
    began = timezone.now() - timedelta(hours=1)
    upstream.pages["/api.json"].headers["Date"] = ""
    for minutes, checked in ((0, 0), (5, 0), (29, 0), (31, 31), (40, 31)):
        run(began + timedelta(minutes=minutes))
        assert source().fetched_at == began + timedelta(minutes=checked)
    upstream.pages["/api.json"].status = 500
    with pytest.raises(FetchFailed):
        run(began + timedelta(minutes=45))
    assert source().failing_since
    upstream.pages["/api.json"].status = 200
    run(began + timedelta(minutes=50))
    assert (source().failing_since, source().fetched_at) == (None, began + timedelta(minutes=50))


def test_what_the_catalog_does_not_hold_changes_nothing_of_it(upstream: Server) -> None:
    run()
    before = rows()
    described = body().replace(b'"id": "o4-mini"', b'"id": "o4-mini", "description": "Small"')
    serve(upstream, described)
    run()
    assert [row.state for row in Refresh.objects.all()] == ["unchanged", "done"]
    assert rows() == before
    # It takes the place of the answer that states the same; so does one in another order.
    (kept,) = KeptAnswer.objects.all()
    assert dict(answer_of(kept).pages)[""] == described
    assert {row.answer_id for row in Refresh.objects.all()} == {kept.id}


def test_an_older_answer_is_refused_by_its_own_date(upstream: Server) -> None:
    serve(upstream, body("2025-04-16"))
    run()
    before = rows()
    # Sent today, and unpacked today: the content counts.
    today = format_datetime(timezone.now() - timedelta(minutes=1), usegmt=True)
    serve(upstream, body("2025-04-10", "2"), **{"Last-Modified": today})
    with pytest.raises(Older, match="data of 2025-04-10 00:00, which is older than what is here"):
        run()
    failing = source()
    assert failing.failing_since and failing.as_of == DAY
    Source.objects.update(failing_since=None)
    assert rows() == before
    # Of the same day it is no older one, and its change is seen now.
    now = timezone.now()
    serve(upstream, body("2025-04-16", "2"))
    run(now)
    assert (source().as_of, source().stated_at) == (DAY, now)
    first, second = Rate.objects.filter(meter="input").order_by("valid_from")
    assert (first.valid_to, second.valid_from, second.origin) == (now, now, "change")
    serve(upstream, body("2025-05-01", "3"))
    run()
    assert source().as_of == datetime(2025, 5, 1, tzinfo=UTC)
    amounts = Rate.objects.filter(meter="input").order_by("valid_from")
    assert [row.amount for row in amounts] == [Decimal("1.1"), Decimal(2), Decimal(3)]
    # A date of the future is none.
    serve(upstream, body("2099-01-01", "4"))
    run()
    assert source().as_of <= timezone.now()


def test_without_dates_in_the_content_last_modified_counts(upstream: Server) -> None:
    changed = datetime(2026, 3, 1, 12, tzinfo=UTC)
    stamp = {"Last-Modified": format_datetime(changed, usegmt=True)}
    serve(upstream, body(""), **stamp)
    run()
    assert (source().as_of, KeptAnswer.objects.get().as_of) == (changed, changed)
    run()
    assert [status for _, status in upstream.answered] == [200, 304]
    older = {"Last-Modified": format_datetime(changed - timedelta(hours=1), usegmt=True)}
    serve(upstream, body("", "2"), **older)
    with pytest.raises(Older, match="data of 2026-03-01 11:00, which is older"):
        run()


def test_without_any_date_content_is_dated_by_its_first_sight(upstream: Server) -> None:
    upstream.pages["/api.json"].headers["Date"] = ""
    began = timezone.now() - timedelta(hours=3)
    for hours, amount, as_of in ((0, "1.1", 0), (1, "1.1", 0), (2, "2", 2), (3, "1.1", 3)):
        # An upstream may return to what it was: that is no older answer.
        serve(upstream, body("", amount), Date="")
        run(began + timedelta(hours=hours))
        assert source().as_of == began + timedelta(hours=as_of)
    assert [row.amount for row in Rate.objects.filter(meter="input", valid_to=None)] == [
        Decimal("1.1")
    ]


def test_an_install_whose_dates_were_those_of_the_fetch_goes_on(upstream: Server) -> None:
    run()
    KeptAnswer.objects.all().delete()
    Source.objects.update(as_of=timezone.now(), stated_at=timezone.now())
    serve(upstream, body("2025-04-20", "2"))
    run()
    assert source().as_of == datetime(2025, 4, 20, tzinfo=UTC)
    assert Rate.objects.get(meter="input", valid_to=None).amount == 2


def test_data_of_a_file_takes_the_place_of_the_answer(upstream: Server) -> None:
    run()
    parsed = ModelsDev().parse(answer_of(KeptAnswer.objects.get()))
    serve(upstream, body("2025-04-10"))
    load([parsed], now=timezone.now())
    assert not KeptAnswer.objects.filter(is_applied=True).exists()
    with pytest.raises(Older):
        run()
    serve(upstream, body("2025-04-16", "2"))
    run()
    assert KeptAnswer.objects.get(is_applied=True).as_of == DAY


def test_the_newest_answers_stay_and_the_one_that_is_applied(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.kept_answers.KEPT_ANSWERS", 2)
    for amount in range(1, 5):
        serve(upstream, body(amount=f"{1 + amount / 100}"))
        run()
    assert KeptAnswer.objects.count() == 2
    assert KeptAnswer.objects.get(is_applied=True) == KeptAnswer.objects.first()
    KeptPage.objects.update(checked_at=timezone.now() - timedelta(days=31))
    Refresh.objects.update(state="unchanged", started_at=timezone.now() - timedelta(days=8))
    Refresh.objects.filter(id=Refresh.objects.first().id).update(state="done")
    tidy_up(now=timezone.now())
    assert (KeptPage.objects.count(), Refresh.objects.count()) == (0, 1)


def test_a_dry_run_keeps_nothing(upstream: Server) -> None:
    upstream.pages["/api.json"].headers["ETag"] = '"1"'
    run(dry_run=True)
    assert not (KeptPage.objects.exists() or KeptAnswer.objects.exists())
    run()
    kept = rows()
    assert run(dry_run=True) == {}
    assert rows() == kept and Refresh.objects.count() == 1


def test_a_refresh_that_was_killed_after_its_fetch_is_completed(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.pages["/api.json"].headers["ETag"] = '"1"'
    with monkeypatch.context() as patched:
        patched.setattr("sources.refresh.reconcile", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run()
    assert not Endpoint.objects.exists()
    assert not KeptAnswer.objects.filter(is_applied=True).exists()
    assert run()["endpoints new"] == 1
    assert [status for _, status in upstream.answered] == [200, 304]


def test_a_price_that_was_announced_begins_though_the_answer_stays(upstream: Server) -> None:
    run()
    endpoint = Endpoint.objects.get()
    coming = make_rate(
        endpoint,
        "image_output",
        source=source(),
        announced=True,
        valid_from=timezone.now() + timedelta(minutes=5),
    )
    run()
    assert Refresh.objects.first().state == "unchanged"
    Rate.objects.filter(id=coming.id).update(valid_from=timezone.now())
    run()
    assert Refresh.objects.first().state == "done"
    assert source().as_of == DAY


def test_a_source_of_rules_is_read_again_when_there_are_other_endpoints(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = SOURCES["genai-prices"]
    assert rules.covers_others
    run()
    price = {"prices": {"input_mtok": 1, "output_mtok": 4}, "match": {"starts_with": "o4"}}
    models = [{"id": "o4", "name": "o4", **price}]
    upstream.pages["/data.json"] = Page(json.dumps([{"id": "openai", "models": models}]).encode())
    pytest.MonkeyPatch().setenv("RATECARD_SOURCE_GENAI_PRICES_URL", f"{upstream.address}/data.json")
    for state in ("done", "unchanged"):
        refresh(rules, now=timezone.now())
        assert Refresh.objects.first().state == state
    openai = CATALOG["openai"]
    models = openai["models"] | {"o4-max": {**openai["models"]["o4-mini"], "id": "o4-max"}}
    serve(upstream, json.dumps({"openai": {**openai, "models": models}}).encode())
    run()
    refresh(rules, now=timezone.now())
    assert Refresh.objects.first().state == "done"
    assert EndpointClaims.objects.filter(
        source__slug="genai-prices", endpoint__upstream_id="o4-max"
    ).exists()


HOSTILE = {
    "cut JSON": (body()[:-40], "not whole JSON"),
    "a web page": (b" <!DOCTYPE html><html>sign in</html>", "a web page instead of data"),
    "nothing": (b"", "an empty answer"),
    "ten million elements": (b"[" + b"0," * 10_000_000 + b"0]", "more than 16 MB"),
    "many elements": (b"[" + b"0," * 3_000_000 + b"0]", "more than 2,000,000 values"),
    "deep": (b"[" * 200_000, "not whole JSON"),
    "another shape": (b'{"a": 1}', "without a single provider"),
    "a number too long": (b'{"a": ' + b"9" * 5000 + b"}", "not whole JSON"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_answer_is_one_line_and_changes_nothing(what: str, upstream: Server) -> None:
    run()
    before = rows()
    text, reason = HOSTILE[what]
    serve(upstream, text)
    with pytest.raises((FetchFailed, WrongShape), match=reason):
        run()
    record = Refresh.objects.first()
    assert record and record.state == "failed"
    assert record.error.count("\n") == 0 and len(record.error) < 400
    Source.objects.update(failing_since=None)
    assert rows() == before
    assert KeptAnswer.objects.count() == 1
    serve(upstream, body())
    run()
    assert Refresh.objects.first().state == "unchanged"


@pytest.mark.parametrize("odd", ["NaN", "-1", "1e400", '"1.5"', "[1]", "true", "-Infinity"])
def test_an_odd_price_is_counted_and_takes_nothing_with_it(odd: str, upstream: Server) -> None:
    run()
    twice = CATALOG["openai"]["models"] | {"x" * 301: {"id": "x"}, "a\0b": {"id": "a\0b"}}
    text = json.dumps({"openai": {**CATALOG["openai"], "models": twice}})
    serve(upstream, text.replace('"input": 1.1', f'"input": {odd}').encode())
    run()
    last = Refresh.objects.first()
    assert last and last.state in ("done", "unchanged") and sum(last.not_expressed.values()) >= 2
    assert Endpoint.objects.get().missing_since is None
    assert not Rate.objects.filter(meter="input", amount__lt=0).exists()
