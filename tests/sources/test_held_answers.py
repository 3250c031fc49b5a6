"""Answers that change too much wait for an editor, and the catalog keeps the last good one."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model, Source
from pricing.models import Rate
from sources.held_answers import Held
from sources.models import KeptAnswer, Refresh
from sources.refresh import refresh
from sources.registry import SOURCES
from tests.sources.server import Page, Server

pytestmark = pytest.mark.django_db

HOSTS = ("host-one", "host-two", "host-three")


def catalog(hosts: tuple[str, ...] = HOSTS, *, times: str = "1", models: int = 10) -> Any:
    """An answer of models.dev: each of these hosts with so many models of two prices."""
    factor = Decimal(times)
    return {
        host: {
            "id": host,
            "name": host,
            "models": {
                f"acme/maker-{n}": {
                    "id": f"acme/maker-{n}",
                    "name": f"Maker {n}",
                    "cost": {
                        "input": float((n + 1) * factor),
                        "output": float(4 * (n + 1) * factor),
                    },
                }
                for n in range(models)
            },
        }
        for host in hosts
    }


def serve(upstream: Server, answer: Any) -> None:
    upstream.pages["/api.json"] = Page(json.dumps(answer).encode())


def run(**options: Any) -> Any:
    return refresh(SOURCES["models-dev"], now=timezone.now(), **options)


def rows() -> list[Any]:
    tables = (Endpoint, EndpointClaims, Model, Rate)
    return [list(table.objects.order_by("id").values()) for table in tables]


@pytest.fixture
def upstream(upstream: Server) -> Server:
    """models.dev with three hosts, of which the catalog has read the first answer."""
    serve(upstream, catalog())
    run()
    return upstream


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (catalog(times="0.001"), "60 of 60 prices are 1/1,000 of what they were"),
        (catalog(times="1000"), "60 of 60 prices are 1,000 × what they were"),
        (catalog(times="0"), "60 of 60 prices fell to zero or to none"),
        (catalog(HOSTS[:1]), "it lacks 20 of 30 endpoints"),
        (catalog(HOSTS[:1], models=0), "it lacks 30 of 30 endpoints"),
    ],
)
def test_an_answer_that_changes_too_much_changes_nothing(upstream, answer, reason):
    before, source = rows(), Source.objects.get(slug="models-dev")
    serve(upstream, answer)
    with pytest.raises(Held, match=f"The answer of models.dev is held for an editor: .*{reason}"):
        run(dry_run=True)
    assert Refresh.objects.count() == 1
    with pytest.raises(Held, match=reason):
        run()
    held = Refresh.objects.first()
    assert (held.state, held.as_of, held.counts) == ("held", None, {})
    assert reason in held.error
    assert held.difference["endpoints"] == 30
    assert rows() == before
    kept = Source.objects.get(slug="models-dev")
    assert (kept.as_of, kept.fetched_at) == (source.as_of, source.fetched_at)


def test_the_first_answer_after_a_snapshot_is_compared_with_it(upstream):
    Refresh.objects.all().delete()
    serve(upstream, catalog(times="0.001"))
    with pytest.raises(Held):
        run()


def test_the_same_content_again_waits_in_the_same_row(upstream):
    serve(upstream, catalog(times="0.001"))
    with pytest.raises(Held):
        run()
    first = Refresh.objects.first()
    serve(upstream, dict(reversed(catalog(times="0.001").items())))
    with pytest.raises(Held):
        run()
    again = Refresh.objects.get(state="held")
    assert (again.id, again.started_at) == (first.id, first.started_at)
    assert again.finished_at > first.finished_at
    assert again.counts == {"answers with this content": 2}


def test_a_newer_answer_takes_the_place_of_one_that_waits(upstream):
    serve(upstream, catalog(times="0.001"))
    with pytest.raises(Held):
        run()
    serve(upstream, catalog(times="0.002"))
    with pytest.raises(Held):
        run()
    assert [row.state for row in Refresh.objects.all()] == ["held", "superseded", "done"]
    serve(upstream, catalog())
    run()
    assert [row.state for row in Refresh.objects.all()][:2] == ["unchanged", "superseded"]


def test_what_an_upstream_changes_on_ordinary_days_is_not_held(upstream):
    answer = catalog()
    del answer["host-one"]["models"]["acme/maker-0"]
    for n in range(1, 6):
        answer["host-one"]["models"][f"acme/maker-{n}"]["cost"]["input"] = n + 1.25
    answer |= catalog(("host-four",))
    serve(upstream, dict(reversed(answer.items())))
    assert run()["endpoints new"] == 10
    assert Refresh.objects.first().state == "done"


def test_the_command_ends_with_one_sentence_and_other_sources_go_on(upstream, settings):
    serve(upstream, catalog(times="0"))
    settings.SOURCES = ["models-dev"]
    with pytest.raises(CommandError, match=r"models.dev is held for an editor: .* keeps the last"):
        call_command("refresh_source", "--all")
    assert Refresh.objects.get(source__slug="curated").state == "done"
    assert Source.objects.get(slug="models-dev").failing_since is None


def test_an_answer_that_was_rejected_is_refused_without_waiting_again(upstream):
    serve(upstream, catalog(times="0"))
    with pytest.raises(Held):
        run()
    Refresh.objects.filter(state="held").update(
        state="rejected", reviewed_at=timezone.now() - timedelta(days=1), why="Nothing is free."
    )
    with pytest.raises(Exception, match=r"was rejected by an editor on .* \(Nothing is free\.\)"):
        run()
    assert [row.state for row in Refresh.objects.all()] == ["failed", "rejected", "done"]


def by_other_rules() -> None:
    KeptAnswer.objects.update(rules="of an earlier version")


def test_what_our_own_rules_read_otherwise_is_not_held(upstream):
    """As if an earlier version had read the prices of models.dev in another unit."""
    EndpointClaims.objects.update(rates=[], digest=b"")
    Rate.objects.update(amount=F("amount") * 1000)
    by_other_rules()
    run()
    assert Rate.objects.filter(held=False, valid_to=None, amount=1).exists()
    assert not Rate.objects.filter(held=True).exists()
    assert Refresh.objects.first().state == "done"


def test_a_new_answer_is_compared_with_the_one_before_by_the_rules_of_today(upstream):
    EndpointClaims.objects.update(rates=[{"meter": "input", "amount": "1000"}], digest=b"")
    by_other_rules()
    answer = catalog()
    answer["host-one"]["models"]["acme/maker-0"]["cost"]["input"] = 2
    serve(upstream, answer)
    run()
    by_other_rules()
    serve(upstream, catalog(times="0.001"))
    with pytest.raises(Held):
        run()
