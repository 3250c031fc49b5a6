"""An older answer waits for an editor, and one that lost its newest entries is no older one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.models import Endpoint, Source
from pricing.models import Rate
from sources.fetching import Older
from sources.held_answers import Held
from sources.models import Refresh
from sources.refresh import refresh
from sources.registry import SOURCES
from sources.review import accept, reject
from sources.withdrawals import LASTING
from tests.sources.server import Server
from tests.sources.test_held_answers import serve
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = pytest.mark.django_db

NEWEST, BEFORE = datetime(2026, 8, 20, tzinfo=UTC), datetime(2026, 8, 19, tzinfo=UTC)
WHY = "They withdrew it."


def answer(count: int = 20, *, newest: str = "2026-08-20", **others: Any) -> Any:
    """An answer of models.dev: of its models the first has the newest date."""
    dates = [newest, *["2026-08-19"] * (count - 1)]
    models = {
        f"acme/maker-{n}": {
            "id": f"acme/maker-{n}",
            "name": f"Maker {n}",
            "last_updated": day,
            "cost": {"input": n + 1, "output": 4 * (n + 1)},
            "limit": {"context": 128_000},
        }
        for n, day in enumerate(dates)
    }
    for n, fields in others.items():
        models[f"acme/maker-{n[1:]}"].update(fields)
    return {"host": {"id": "host", "name": "host", "models": models}}


def without_newest(**others: Any) -> Any:
    stated = answer(**others)
    del stated["host"]["models"]["acme/maker-0"]
    return stated


def run(after: timedelta = timedelta()) -> Any:
    return refresh(SOURCES["models-dev"], now=timezone.now() + after)


def source() -> Source:
    return Source.objects.get(slug="models-dev")


def missing() -> list[str]:
    rows = Endpoint.objects.exclude(missing_since=None)
    return [*rows.order_by("upstream_id").values_list("upstream_id", flat=True)]


@pytest.fixture
def upstream(upstream: Server) -> Server:
    serve(upstream, answer())
    run()
    return upstream


@pytest.fixture
def decided() -> dict[str, Any]:
    return {"by": User.objects.create_superuser("ada"), "why": WHY, "now": timezone.now()}


def refuse(upstream: Server, stated: Any) -> Refresh:
    serve(upstream, stated)
    with pytest.raises(Older, match="data of 2026-08-19 00:00, which is older than what is here"):
        run()
    return Refresh.objects.get(state="older")


def test_an_older_answer_waits_with_its_reason_and_is_accepted(upstream, decided, capsys):
    cheaper = answer(newest="2026-08-19", _0={"cost": {"input": 1, "output": 5}})
    refused = refuse(upstream, cheaper)
    assert "older than what is here" in refused.error
    assert (refused.difference["changed"], source().as_of) == (1, NEWEST)
    assert refuse(upstream, cheaper).id == refused.id
    assert Refresh.objects.get(state="older").counts == {"answers with this content": 2}
    call_command("review_refresh")
    assert "older than what is here" in capsys.readouterr().out
    client = Client()
    client.force_login(decided["by"])
    assert "Older answer of models.dev" in client.get("/admin/").content.decode()
    page = client.get(f"/admin/sources/refresh/{refused.id}/review/").content.decode()
    assert "Accept all" in page
    assert "sets the date of the source’s data back" in page
    accept(refused, **decided)
    assert source().as_of == BEFORE
    assert source().failing_since is None
    output = Rate.objects.published().get(
        valid_to=None, meter="output", endpoint__upstream_id="acme/maker-0"
    )
    assert output.amount == 5
    assert run() == {}
    serve(upstream, answer(newest="2026-08-19"))
    run()
    assert Refresh.objects.first().state == "done"


def test_a_rejected_older_answer_fails_and_waits_no_more(upstream, decided):
    stated = answer(newest="2026-08-19")
    reject(refuse(upstream, stated), **decided)
    with pytest.raises(Older):
        run()
    assert [row.state for row in Refresh.objects.all()][:2] == ["failed", "rejected"]


def test_an_older_answer_waits_until_a_newer_one_is_applied(upstream):
    refused = refuse(upstream, answer(newest="2026-08-19"))
    other = refuse(upstream, answer(newest="2026-08-19", _0={"name": "Other"}))
    assert other.id != refused.id
    serve(upstream, answer(newest="2026-08-21"))
    run()
    assert [row.state for row in Refresh.objects.all()] == ["done", *["superseded"] * 2, "done"]


def test_an_answer_that_lost_its_newest_entry_and_went_on_is_no_older_one(upstream):
    serve(upstream, answer(newest="2026-08-20", _5={"last_updated": "2026-08-18"}))
    run()
    serve(upstream, without_newest())
    run()
    assert (source().as_of, missing()) == (BEFORE, ["acme/maker-0"])
    # The guard of removals still applies.
    serve(upstream, answer(newest="2026-08-21"))
    run()
    fewer = answer(count=12, newest="2026-08-19", _5={"last_updated": "2026-08-20"})
    del fewer["host"]["models"]["acme/maker-0"]
    serve(upstream, fewer)
    with pytest.raises(Held, match="it lacks 9 of 20 endpoints"):
        run()


def test_without_a_newer_date_the_same_must_be_stated_for_hours(upstream):
    refuse(upstream, without_newest())
    Source.objects.update(fetched_at=timezone.now() - LASTING - timedelta(minutes=1))
    serve(upstream, without_newest(_5={"name": "Another"}))
    with pytest.raises(Older):
        run()
    serve(upstream, without_newest())
    run()
    assert (source().as_of, missing()) == (BEFORE, ["acme/maker-0"])


def test_an_answer_that_changes_too_many_facts_is_held(upstream, decided):
    stated = answer(newest="2026-08-21")
    for model in stated["host"]["models"].values():
        model["limit"]["context"] = 128
    serve(upstream, stated)
    with pytest.raises(Held, match="20 of 20 limits are 1/1,000 of what they were"):
        run()
    held = Refresh.objects.get(state="held")
    client = Client()
    client.force_login(decided["by"])
    review = f"/admin/sources/refresh/{held.id}/review/"
    page = client.get(review).content.decode()
    for shown in ("Other limits", "20 of 20", "Context window", "128,000"):
        assert shown in page, shown
    page = client.get(f"{review}?provider=host").content.decode()
    assert "Context window: 128,000 → 128" in page
    row = "host\tacme/maker-3"
    client.post(review, {"decision": "accept_rows", "row": row, "why": WHY})
    limits = Endpoint.objects.filter(context_window=128).values_list("upstream_id", flat=True)
    assert [*limits] == ["acme/maker-3"]
